"""Newsrooms to attack."""

from __future__ import annotations

import pytest
from conftest import Desk

from attacks.forging import begin, begin_line, begin_with_a_picture


@pytest.fixture
def base(made) -> Desk:
    """`main` with a story in review and a published one; the working tree is on the branch `change`."""
    return made("base", begin)


@pytest.fixture
def pictured(made) -> Desk:
    """The same with a published story that has a picture."""
    return made("pictured", begin_with_a_picture)


@pytest.fixture
def line(made) -> Desk:
    """The protected branch, with a story in review and a published one."""
    return made("line", begin_line)
