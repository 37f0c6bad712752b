"""Real documents, where a folder of them lies beside the repository: reading is strict, editing is small."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from making import judges

from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Finding, Severity, Story
from newsroom_cli.rules import RuleContext
from newsroom_cli.rules.damage import DAMAGE
from newsroom_cli.story.frontmatter import content_hash, edit, read_story

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
ENOUGH = 200
"""How many readable documents make the measure worth something."""

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="no ../shared/corpus beside the repository")


def documents() -> list[Path]:
    return sorted(path for path in CORPUS.rglob("*.md") if path.name != "README.md")


@cache
def readable() -> dict[str, Story]:
    stories = {}
    for path in documents():
        name = path.relative_to(CORPUS).as_posix()
        try:
            stories[name] = read_story(name, path.read_bytes())
        except Unreadable:
            continue
    return stories


def one_line_more(before: str, after: str, line: str) -> bool:
    """Whether a text is the other with just this line put in."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    places = [at for at, one in enumerate(new) if one.rstrip("\r\n") == line]
    return any(new[:at] + new[at + 1 :] == old for at in places)


def findings_of(path: Path) -> tuple[Finding, ...]:
    try:
        read_story(path.name, path.read_bytes())
    except Unreadable as error:
        return error.findings
    return ()


def test_every_document_is_a_story_or_exactly_one_finding_in_it():
    for path in documents():
        found = findings_of(path)
        assert len(found) == (path.relative_to(CORPUS).as_posix() not in readable()), path.name
        for finding in found:
            assert 1 <= finding.line <= path.read_bytes().count(b"\n") + 1, path.name
            assert finding.hint, path.name


def test_there_are_enough_documents_to_say_something():
    assert len(readable()) >= ENOUGH


@pytest.mark.parametrize("key, value, line", [("state", "draft", "state: draft"), ("x-desk", "local", "x-desk: local")])
def test_adding_a_key_to_a_real_document_changes_exactly_one_line(key, value, line):
    wrong = []
    for name, story in readable().items():
        if key in story.fields:
            continue
        after = edit(story, {key: value})
        if not one_line_more(story.text, after.text, line) or after.fields != {**story.fields, key: value}:
            wrong.append(name)
    assert wrong == []


def test_taking_a_key_away_again_gives_the_document_back():
    for name, story in readable().items():
        if "x-desk" not in story.fields:
            assert edit(edit(story, {"x-desk": "local"}), {"x-desk": None}).text == story.text, name


def test_a_record_key_or_other_line_ends_do_not_change_a_real_documents_hash():
    for name, story in readable().items():
        told = content_hash(story)
        if "pubstatus" not in story.fields:
            assert content_hash(edit(story, {"pubstatus": "withheld"})) == told, name
        if "\r" not in story.text:
            assert content_hash(read_story(name, story.text.replace("\n", "\r\n").encode())) == told, name


def test_no_clean_document_is_called_damaged():
    around = RuleContext(judges().settings, "publish")
    clean = {name: story for name, story in readable().items() if not name.startswith("broken/")}
    wrong = [
        (name, rule.id)
        for name, story in clean.items()
        for rule in DAMAGE
        for flaw in (rule.flaws(story, around) if rule.flaws else ())
        if rule.weight(flaw) is Severity.ERROR
    ]
    assert wrong == []
