"""docs/security.md and the attacks it lists are the same: every attack has its row, every row its test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs/security.md").read_text("utf-8")
NAMED = set(re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", PAGE))
ATTACKS = sorted((TESTS / "attacks").glob("test_*.py"))


def named_in(path: Path) -> set[str]:
    body = ast.parse(path.read_text("utf-8")).body
    return {one.name for one in body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.name)
def test_every_attack_stands_in_the_table(path):
    named = {name for file, name in NAMED if file == path.name}
    assert named == named_in(path)


def test_table_names_files_that_are_there_or_none_of_their_tests():
    there = {path.name for path in ATTACKS}
    assert {file for file, name in NAMED if name} <= there
    assert len(there) >= 7
