"""The faults that `make mutants` puts into the code: each is one change of a span, and the same are drawn again."""

from __future__ import annotations

import ast
import importlib
import itertools
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "mutation"


@pytest.fixture
def script(monkeypatch):
    """Load a script of `tests/mutation`."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(SCRIPTS)])
    return importlib.import_module


def made(script, text: str) -> set[str]:
    """Every mutant of a text, whole."""
    source = text.encode()
    return {one.apply_to(source).decode() for one in script("mutants").mutants_of("a.py", source)}


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("x = a < b", {"x = a <= b"}),
        ("x = a == (b)", {"x = a != (b)"}),
        ("x = a not  in b", {"x = a in b"}),
        ("x = (a) and b", {"x = (a) or b", "x = ((b))", "x = ((a))"}),
        ("x = a or 2", {"x = a and 2", "x = ((2))", "x = ((a))", "x = a or 3", "x = a or 1"}),
        ("x = not é", {"x = (é)"}),
        ("x = any(a)", {"x = all(a)"}),
        ("x = a.startswith(b)", {"x = a.endswith(b)"}),
        ("x = a.get(b, c)", {"x = a.get(b)"}),
        ("x = a - b", {"x = a + b"}),
        ("x = True", {"x = False"}),
        ("x = [a for a in b if c]", {"x = [a for a in b if (not (c))]", "x = [a for a in b if True]"}),
        ("if a:\n    b()", {"if (not (a)):\n    b()", "if a:\n    pass"}),
        ("def f() -> 1:\n    if a:\n        raise b\n    return c",
         {"def f() -> 1:\n    if (not (a)):\n        raise b\n    return c",
          "def f() -> 1:\n    if a:\n        pass\n    return c"}),
        ("def f():\n    'words'\n    yield a", {"def f():\n    'words'\n    yield from ()"}),
        ("a[b] = c", {"pass"}),
        ("a |= b", {"pass"}),
        ("x: int | None = f'{a + 1}'", set()),
    ],
)  # fmt: skip
def test_a_mutant_is_one_change(script, text, wanted):
    assert made(script, text) == wanted


def test_the_same_mutants_are_drawn_again_from_every_room_and_all_compile(script):
    mutate = script("mutate")
    drawn = mutate.draw(mutate.ROOMS, 3, 1)
    assert drawn == mutate.draw(mutate.ROOMS, 3, 1)
    assert [room for room, _ in drawn] == [room for room in mutate.ROOMS for _ in range(3)]
    for _, mutant in drawn:
        source = (mutate.PACKAGE / mutant.path).read_bytes()
        assert ast.dump(ast.parse(mutant.apply_to(source))) != ast.dump(ast.parse(source))


def test_every_file_of_tests_that_is_named_is_there(script):
    mutate = script("mutate")
    for name in {*mutate.OTHERS, *itertools.chain(*mutate.TESTS.values(), *mutate.PROCESSES.values())}:
        assert mutate.find_files(name), name
    assert all((mutate.PACKAGE / path).is_file() for path in mutate.PROCESSES)


def test_what_cannot_change_an_answer_has_its_reason(script):
    assert all(script("mutate").known_equivalents().values())


def test_what_cannot_change_an_answer_is_in_the_code(script):
    mutate = script("mutate")
    texts = [" ".join(path.read_text("utf-8").split()) for path in mutate.PACKAGE.rglob("*.py")]
    for name, before, _ in mutate.known_equivalents():
        within = f"def {name.rpartition('.')[2]}(" if name else ""
        assert any(within in text and before in text for text in texts), (name, before)
