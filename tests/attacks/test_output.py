"""Titles, notes, names and paths that would write on a runner's page, or silence it."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from conftest import story_text

from attacks.forging import forge, on_the_commits, on_the_merge_checkout
from newsroom_cli.report.findings.excerpt import window

WORDS = [
    "::error file=a.md,line=1::forged",
    "::stop-commands::pause",
    "::add-mask::council",
    "##[error]forged",
    "##vso[task.complete result=Succeeded;]",
    "%0A::error::forged",
    "\x1b[2J\x1b[1;31mgone",
    "\x9b31m",
    "\u202egnorw",
    "\u2028::error::forged",
    "a\r::error::forged",
    "a\n::error::forged",
    "a\n::endgroup::",
    "[red]markup[/red]",
]


def clean(said, number):
    """Every line of the result is our own annotation, and nothing else speaks to runner or terminal."""
    lines = said.out.split("\n")
    assert lines.pop() == ""
    assert len(lines) == number, said.out
    for line in lines:
        assert re.match(r"::(error|warning|notice) (file=[^:,]+,line=\d+,col=\d+,)?title=[\w ()-]+::", line), line
        assert "::stop-commands::" not in line[2:].split("::", 1)[0]
    for text in (said.out, said.err):
        assert "##[" not in text
        assert "##vso[" not in text
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text)
    assert not [line for line in said.err.splitlines() if line.startswith("::")]


def both(desk):
    """The change is caught, and what is printed of it is clean, as annotations and as text."""
    found = on_the_commits(desk)
    assert found.exit == 1, found.all
    weights = Counter(one["severity"] for one in found.json["findings"])
    number = sum(min(10, times) for times in weights.values())  # GitHub shows no more of a kind
    clean(on_the_commits(desk, form="github"), number)
    clean(on_the_merge_checkout(desk, form="github"), number)
    said = on_the_commits(desk, form="text")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said.all)
    assert not [line for line in said.all.splitlines() if line.startswith(("::", "##"))]


def test_runners_commands_in_a_path_and_a_title_are_broken_in_json(newsroom):
    for word in ("##vso[task.complete]", "##[error]x"):
        newsroom.write(f"stories/{word}.md", f"---\ntitle: '{word}'\n---\nWords.\n")
    for form in ("json", "gitlab"):
        said = newsroom.story("check", "--format", form, exit=None)
        assert json.loads(said.out)
        assert "##" not in said.all


@pytest.mark.parametrize("word", ["##vso[task.complete]", "##[error]x"])
@pytest.mark.parametrize("at", range(7))
def test_runners_command_in_an_excerpt_is_broken_wherever_its_mark_is(word, at):
    shown = window(word, at, word[at], room=40).text
    assert shown == f"# #{word[2:]}"


@pytest.mark.parametrize("title", ["a ##[x]\nline", "::a\r\n::error::b", "::a\x1b[31m red", "##[x]\u202e"])
def test_title_with_a_control_character_beside_a_runners_command_is_refused(newsroom, title):
    newsroom.story("init")
    assert "control characters" in newsroom.refused("new", title, exit=2)


def quoted(text):
    return '"' + "".join(f"\\x{ord(c):02x}" if ord(c) < 0xA0 else f"\\u{ord(c):04x}" for c in text) + '"'


@pytest.mark.parametrize("words", WORDS)
def test_title_or_any_key_that_forges_or_mutes_annotations(base, words):
    keys = ("title", "state", "section", "reporter", "lang", "date")
    base.write("stories/evil.md", story_text(**dict.fromkeys(keys, quoted(words))))
    base.write("stories/evil-too.md", story_text(id=quoted(words), state="publish"))
    base.commit()
    both(base)


@pytest.mark.parametrize("words", WORDS)
def test_note_that_forges_or_mutes_annotations(base, words):
    forge(base, "council-budget", by="Editor", commit_as="Reporter", note=words, override=words)
    both(base)


@pytest.mark.parametrize("words", [one for one in WORDS if "\n" not in one and "\r" not in one])
def test_name_or_action_that_forges_or_mutes_annotations(base, words):
    forge(
        base,
        "council-budget",
        by=f"{words.replace('<', '')} <x@gazette.example>",
        commit_as="Reporter",
        action=words,
        role=words,
    )
    both(base)


@pytest.mark.parametrize("words", [one for one in WORDS if "/" not in one])
def test_path_that_forges_or_mutes_annotations(base, words):
    base.write(f"stories/{words}.md", story_text(state="publish"))
    base.commit()
    both(base)


@pytest.mark.parametrize("words", WORDS)
def test_configuration_that_forges_or_mutes_annotations(base, words):
    base.write("newsroom.toml", f"{quoted(words).replace(chr(92) + 'x', chr(92) + 'u00')} = 1\n")
    base.commit()
    said = on_the_commits(base, form="github")
    assert said.exit == 3
    assert said.out == ""
    clean(said, 0)
