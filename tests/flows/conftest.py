"""A newsroom with a remote."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Desk

from flows.house import House


def _begin(desk: Desk) -> None:
    desk.write("README.md", "# Harbour Gazette\n")
    desk.commit("begin")
    desk.at("review", "council-budget")


@pytest.fixture
def house(made, tmp_path: Path) -> House:
    """A remote whose `main` holds a story in review."""
    first = made("house", _begin)
    first.git("clone", "--quiet", "--bare", str(first.root), str(tmp_path / "remote.git"))
    house = House(tmp_path, now=first.now)
    _ = house["Reporter"], house["Editor"]
    return house
