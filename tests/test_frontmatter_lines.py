"""Front matter read line by line says what YAML says of it, or leaves it to YAML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsroom_cli.errors import Unreadable
from newsroom_cli.frontmatter.lines import fields_of
from newsroom_cli.frontmatter.reading import decode, parse, read
from newsroom_cli.model import Finding, Story

HERE = Path(__file__).parent
STORIES = (HERE / "cases", HERE.parent / "newsroom_cli", HERE.parent.parent / "shared" / "corpus")
_PIECES = (
    *("a", "B7", "0x1F", "2026-11-23T18:00:00+08:00", "12:30:00", "no", "null", "~", "é", "议会", "😀", "\u00a0"),
    *(
        " ",
        "  ",
        ": ",
        ":",
        " #",
        "#",
        ", ",
        ",",
        "[",
        "]",
        "[]",
        "{",
        "}",
        "[a, b]",
        "'",
        '"',
        "''",
        '""',
        "\\",
        "\\n",
    ),
    *(
        "-",
        "- ",
        "?",
        "? ",
        "!",
        "&",
        "*",
        "|",
        ">",
        "%",
        "@",
        "`",
        "=",
        "<<",
        "...",
        "---",
        "Ana Ruiz <ana@x.example>",
    ),
    *("\t", "\r", "\u2028", "\u0085", "\ufeff", "\u202e", "\u007f", "\ufffe", "\ufdd0", "\u3000", "\u0301"),
)
TEXTS = st.lists(st.sampled_from(_PIECES), max_size=5).map("".join)
KEYS = st.sampled_from(("a", "title", "tags", "lang", "null", "Null", "a-b", "a b", "über", "<<", "1", "", "k" * 1100))
LINES = st.one_of(
    st.builds("{}:{}{}".format, KEYS, st.sampled_from(("", " ", "  ", "\t")), TEXTS),
    st.builds("{}: [{}]".format, KEYS, st.lists(TEXTS, max_size=3).map(", ".join)),
    st.builds("{}: {}{}{}".format, KEYS, st.sampled_from("'\""), TEXTS, st.sampled_from("'\"")),
    st.builds("{}- {}".format, st.sampled_from(("", " ", "  ", "   ")), TEXTS),
    st.builds("{}- {}:{}".format, st.sampled_from(("", "  ")), KEYS, TEXTS),
    st.builds("{}{}:{}{}".format, st.sampled_from(("  ", "    ", "   ")), KEYS, st.sampled_from(("", " ")), TEXTS),
    st.builds("{}# {}".format, st.sampled_from(("", " ", "  ")), TEXTS),
    st.sampled_from(("tags:", "a:", "", "  ", "...", "---", "%YAML 1.1", "<<<<<<< HEAD", "=======")),
    TEXTS,
)
FRONTS = st.lists(LINES, max_size=6)


def told(read_one: Callable[[], Story]) -> Story | list[Finding]:
    """A story, or what is said of one that cannot be read."""
    try:
        return read_one()
    except Unreadable as error:
        return list(error.findings)


def agree(text: str) -> bool:
    """Whether a story is read by its lines, or not at all, as YAML reads it."""
    found = told(lambda: read("stories/a.md", text.encode()))
    return found == told(lambda: parse("stories/a.md", decode("stories/a.md", text.encode()))[0])


def by_lines(text: str) -> tuple[dict[str, Any], dict[str, int]] | None:
    """What the lines say between a story's fences."""
    return fields_of(text, 4, text.index("\n---\n", 3) + 1)


@settings(max_examples=700, deadline=None)
@given(FRONTS)
@example(["a: b", "- c"])
@example(["a:", "- c", "  - d"])
@example(["a:", "  - c", "- d"])
@example(["a: b", "", "c: d"])
@example(["a:", "- b: c", "  d: e", "- f:"])
@example(["a:", "  - b:", "    d: e", "    b: f"])
@example(["a:", "  - b", "    d: e"])
@example(["a: null", "- b: c"])
@example(["a:", "- b:", "  - c"])
@example(["a:", "- b: c", "   d: e"])
def test_a_story_is_read_by_its_lines_as_yaml_reads_it(lines: list[str]) -> None:
    text = "".join(("---\n", *(f"{line}\n" for line in lines), "---\n\nText.\n"))
    assert agree(text)


@settings(max_examples=500, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=12), st.integers(0, 1500))
def test_any_character_of_a_value_is_read_as_yaml_reads_it(value: str, spaces: int) -> None:
    for line in (f"a: {value}", f"a: b{value}", f"a: 'b{value}'", f"a: [b, {value}]", f"a:\n- b{value}{'x' * spaces}"):
        text = f"---\n{line}\nz: end\n---\n\nText.\n"
        assert agree(text)


def test_stories_are_read_as_yaml_reads_them() -> None:
    known = 0
    for path in (path for folder in STORIES for path in sorted(folder.rglob("*.md"))):
        content = path.read_bytes()
        found = told(lambda content=content: read("stories/a.md", content))
        assert found == told(lambda content=content: parse("stories/a.md", decode("stories/a.md", content))[0]), path
        known += isinstance(found, Story) and "\n---\n" in found.text and by_lines(found.text) is not None
    assert known > 100


@pytest.mark.parametrize(
    ("front", "fields"),
    [
        ("title: Council passes the budget\n", {"title": "Council passes the budget"}),
        ("date: 2026-11-23T18:00:00+08:00\n", {"date": "2026-11-23T18:00:00+08:00"}),
        ("title: '议会: 预算'\nb: \"c # d\"\n", {"title": "议会: 预算", "b": "c # d"}),
        ("tags: [a, b c,d]\nempty: []\n", {"tags": ["a", "b c", "d"], "empty": []}),
        (
            "images:\n  - src: a.jpg\n    alt: 'A: b'\n  - src: b.jpg\nb:\n- c: [d, e]\n  f:  # none\n",
            {"images": [{"src": "a.jpg", "alt": "A: b"}, {"src": "b.jpg"}], "b": [{"c": ["d", "e"], "f": None}]},
        ),
        ("# first\ntags:\n  - a\n  - ~\nb:\n- c\n", {"tags": ["a", None], "b": ["c"]}),
        (
            "date:  # written by story publish\na:\nb: null\nc: 'null'\n",
            {"date": None, "a": None, "b": None, "c": "null"},
        ),
    ],
)
def test_what_most_stories_have_needs_no_yaml(front: str, fields: dict[str, Any]) -> None:
    text = f"---\n{front}---\n\nText.\n"
    found = by_lines(text)
    assert found is not None
    assert found[0] == fields
    assert agree(text)


@pytest.mark.parametrize(
    "front",
    [
        "",
        "\n",
        "a: b: c\n",
        "a: b #c\n",
        "a: 'it''s'\n",
        'a: "\\u0041"\n',
        "a: |\n  b\n",
        "a: b\n  c\n",
        "a: {b: c}\n",
        "a: [b, [c]]\n",
        "a: [b: c]\n",
        "a: [b, ]\n",
        "a: &b c\n",
        "a: *b\n",
        "a: !b c\n",
        "a: b\na: c\n",
        "null: b\n",
        "a: b\r\n",
        "a:\tb\n",
        "a: b\t\n",
        "a: b \n",
        "a: b:\n",
        "<<: b\n",
        "- a\n",
        "a\n",
        "a:\n  b: c\n",
        "a: \x07\n",
        "a: b\u2028c\n",
        "a: b\u0085c\n",
        "a: b\ufeffc\n",
        "a: b\u202ec\n",
        "a: b\x7f\n",
        "a: b\uffff\n",
    ],
)
def test_everything_else_is_left_to_yaml(front: str) -> None:
    assert fields_of(front, 0, len(front)) is None
