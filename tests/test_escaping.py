"""Text from outside is harmless where it is printed."""

from __future__ import annotations

import shlex
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom_cli.escaping import make_visible, shell_quote

DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    "text, shown",
    [
        ("Council passes budget", "Council passes budget"),
        ("武进区召开会议", "武进区召开会议"),
        ("[/red] stays as typed", "[/red] stays as typed"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\x00b", "a\\x00b"),
        ("a\x7fb\x9bc", "a\\x7fb\\x9bc"),
        ("a\rb", "a\\rb"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("left\u202etfel", "left\\u202etfel"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("\ufeffa", "\\ufeffa"),
        ("a\udc80b", "a\\udc80b"),
        ("👩‍👩‍👧 family", "👩‍👩‍👧 family"),
    ],
)
def test_text_is_shown_on_one_line_without_control_characters(text, shown):
    assert make_visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "::error::x",
        "::add-mask::x",
        "##[error]x",
        "title ##[command]rm",
        "###[group]",
        "##[##[",
        "\n::error::x",
        "\t::error::x",
        "  ::error::x",
        ":::error::",
    ],
)
def test_text_can_not_give_a_ci_runner_commands(text):
    shown = make_visible(text)
    assert not shown.lstrip().startswith("::"), "a runner trims a line before it looks for its commands"
    assert "##[" not in shown


def test_two_colons_inside_a_line_stay():
    assert make_visible("std::string, and 12::30") == "std::string, and 12::30"


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_no_text_gets_a_control_or_direction_character_through(text):
    shown = make_visible(text)
    assert not [one for one in shown if unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} or one in DIRECTION]
    assert len(shown.splitlines()) <= 1
    assert not shown.startswith("::")
    assert "##[" not in shown


@given(st.text(st.characters(categories=["L", "N", "Zs"]), max_size=100))
def test_letters_digits_and_spaces_are_shown_as_they_are(text):
    assert make_visible(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50))
def test_what_is_quoted_is_one_word_of_a_shell(text):
    assert shlex.split(shell_quote(text)) == [text]


@pytest.mark.parametrize("text", ["stories/2026/11/council-budget.md", "stories/武進.md", "été"])
def test_paths_and_slugs_that_a_shell_takes_are_not_quoted(text):
    assert shell_quote(text) == text
