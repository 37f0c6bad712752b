"""A language is one file of marks; what is wrong with it is seen where it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsroom_cli.rules.text import profiles
from newsroom_cli.rules.text.profiles import EVERY, PROFILES, parse_profile, signs_of
from newsroom_cli.rules.text.views import View

KINDS = ("days", "caption", "byline", "editor", "lead", "crumbs", "furniture")
GERMAN = "name = 'German'\n[byline]\nphrases = 'Von'\nsigns = ['Von ']\n"


def test_every_language_is_a_file_of_its_name():
    files = {path.stem for path in Path(profiles.__file__).parent.glob("*.toml")}
    assert files == {*PROFILES, "every"}
    assert {"de", "en", "es", "fr", "ru", "uk", "zh"} <= files


@pytest.mark.parametrize("tag", [*PROFILES, "every"])
def test_every_mark_has_signs_and_a_pattern_without_a_part_left_open(tag):
    profile = EVERY if tag == "every" else PROFILES[tag]
    marks = [mark for kind in KINDS for mark in profile.marks[kind]]
    assert marks
    for mark in marks:
        assert all(mark.signs)
        assert "%" not in mark.pattern.pattern


def test_usual_pattern_is_put_around_phrases():
    (mark,) = parse_profile(GERMAN).marks["byline"]
    rows = [(row.line, match[1]) for row, match in mark.rows_in(View("Worte.\n\nVon Ada Berg\n"))]
    assert rows == [(2, "Ada Berg")]


def test_pattern_of_its_own_may_name_parts_of_its_file():
    text = "name = 'A'\n[parts]\nday = 'mon|tue'\n[days]\npattern = '^(?:%day%)$'\nsigns = ['mon', 'tue']\n"
    (mark,) = parse_profile(text).marks["days"]
    assert [row.text for row, _ in mark.rows_in(View("mon\nwed\ntue\n"))] == ["mon", "tue"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (GERMAN.replace("[byline]", "[bylines]"), TypeError),
        (GERMAN.replace("signs", "sign"), KeyError),
        (GERMAN.replace("name = 'German'\n", ""), TypeError),
        (GERMAN + "[[furniture]]\nphrases = 'Teilen'\nsigns = ['Teilen']\n", KeyError),
        (GERMAN.replace("'Von'", "'%nobody%'"), KeyError),
    ],
)
def test_file_that_says_something_else_is_no_profile(text, wrong):
    with pytest.raises(wrong):
        parse_profile(text)


def test_signs_of_furniture_that_states_rights_are_among_those_of_all():
    assert "ights reserved" in signs_of("rights")
    assert signs_of("rights") < signs_of("furniture")
