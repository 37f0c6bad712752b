"""What rules look for is found in one pass, and asking only those whose signs are there loses nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import judges, read

from newsroom_cli import rules
from newsroom_cli.errors import Unreadable
from newsroom_cli.record.ledger import Held
from newsroom_cli.rules import signs

CASES = sorted((Path(__file__).parents[1] / "cases").glob("*/*/input.md"))
EVERY = tuple(one for family in rules.families().values() for one in family if one.flaws)
ALL = frozenset().union(*(one.signs for one in EVERY))
STRINGS = frozenset(one for one in ALL if isinstance(one, bytes))
SIGNS = sorted(STRINGS - {signs.BEYOND_ASCII})
PIECES = st.sampled_from(
    [*(one.decode("utf-8", "replace") for one in SIGNS), " ", "\n", "\n\n", "word ", "字", "記(jì)者 ", "（", ">"]
)
SETTINGS = judges("").settings


def everything(text: str, state: str) -> list:
    story = read(text.encode("utf-8", "surrogatepass"))
    return list(rules.check(story, rules.RuleContext.of(Held(story), SETTINGS, state)))


@pytest.fixture
def unasked(monkeypatch):
    """Every rule asked about every story, whatever its signs."""

    def asked(text: str, state: str) -> list:
        with monkeypatch.context() as patched:
            patched.setattr(signs, "signs_in_story", lambda story, wanted: ALL)
            return everything(text, state)

    return asked


@pytest.mark.parametrize("path", CASES, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_signs_keep_no_rule_from_what_it_finds(path, unasked):
    text = path.read_bytes().decode("utf-8", "replace")
    try:
        found = everything(text, "publish")
    except Unreadable:
        return
    assert found == unasked(text, "publish")


@given(st.lists(PIECES, max_size=40).map("".join))
def test_signs_are_those_a_text_holds(text):
    raw = text.encode()
    assert signs.signs_in_text(text, STRINGS) == {one for one in SIGNS if one in raw} | (
        {signs.BEYOND_ASCII} if len(raw) > len(text) else set()
    )


@given(st.lists(PIECES, max_size=30).map("".join))
def test_signs_keep_no_rule_from_any_text(text):
    whole = f"---\ntitle: A\nlang: zh\n---\n\n{text}\n"
    try:
        found = everything(whole, "publish")
    except Unreadable:
        return
    asked = signs.signs_in_story
    signs.signs_in_story = lambda story, wanted: ALL
    try:
        assert found == everything(whole, "publish")
    finally:
        signs.signs_in_story = asked


def test_sign_across_two_pieces_is_found():
    assert b"orem ipsum" in signs.signs_in_text("x" * (signs._PIECE - 5) + "orem ipsum" + "x" * 10, STRINGS)


def test_no_sign_is_longer_than_pieces_overlap():
    assert max(map(len, SIGNS)) <= signs._LONGEST


def test_nobody_but_the_registry_knows_of_the_scanner():
    package = Path(rules.__file__).parents[1]
    knows = [
        path.stem for path in package.rglob("*.py") if re.search(r"import signs|rules\.signs", path.read_text("utf-8"))
    ]
    assert knows == ["registry"]
