"""Honest ways to land the same words, and the ways out of what went wrong: none leaves an error behind."""

from __future__ import annotations

import pytest
from attacks.forging import ROSTER, begin, begin_line, findings_of, settled
from attacks.test_audit import audited, errors
from conftest import PEOPLE, Desk

JUDGED = ROSTER.replace("[trust]", '[trust]\njudges = ["chief-editor"]')


@pytest.fixture
def line(made) -> Desk:
    """The protected branch, with a story in review and a published one."""
    return made("line", begin_line)


@pytest.fixture
def base(made) -> Desk:
    """The same; the working tree is on the branch `change`."""
    return made("base", begin)


def test_move_that_is_nobody_elses_yes_may_be_of_words_that_a_rebase_left_nowhere(line):
    line.at("draft", "flood", title="Flood")
    line.git("switch", "--quiet", "-c", "mine")
    line.story("submit", "flood")
    line.git("switch", "--quiet", "main")
    line.change(line.path_of("flood"), "Monday", "Tuesday")
    line.story("save", "flood", who="Stringer")
    line.git("rebase", "--quiet", "main", "mine")
    assert findings_of(line.story("check", "--base", "main", "--format", "json")) == set()
    line.git("switch", "--quiet", "-C", "main")
    assert [(one["rule"], one["severity"]) for one in audited(line, exit=0)] == [("words-not-seen", "info")]


WAYS = ["squash", "rebase", "cherry-pick", "amend", "merge"]


@pytest.mark.parametrize("moves", ["submit-mend-save", "approve-save"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("where", ["trunk", "branch"])
def test_honest_way_is_no_error(line, moves, way, where):
    if moves == "submit-mend-save":
        line.at("draft", "flood", title="Flood")
    slug, start = ("flood", line.head) if moves == "submit-mend-save" else ("council-budget", line.head)
    line.git("switch", "--quiet", "-c", "work")
    if moves == "submit-mend-save":
        line.change(line.path_of(slug), "Monday", "Tuesday")
        line.story("submit", slug)
    else:
        line.story("approve", slug, who="Editor")
    line.change(line.path_of(slug), "Two libraries", "Three libraries")
    line.story("save", slug)
    landed(line, way, start)
    if where == "branch":
        line.git("switch", "--quiet", "main")
        line.git("merge", "--quiet", "--no-ff", "-m", "merged", "work", who="Chief")
    else:
        line.git("branch", "--quiet", "-f", "main", "work")
        line.git("switch", "--quiet", "main")
    said = line.story("check", "--base", start, "--require", "recorded", "--format", "json", exit=None)
    weak = {"entry-not-attributed"} if way in ("squash", "amend") else set()
    assert findings_of(said, "error") <= weak, said.all
    assert errors(line, exit=0) == []


def landed(desk: Desk, way: str, start: str) -> None:
    """Bring the branch `work` onto what `main` became meanwhile, one way or another."""
    if way == "squash":
        desk.git("reset", "--quiet", "--soft", start)
        desk.git("commit", "--quiet", "-m", "squashed", who="Chief")
    elif way == "amend":
        desk.git("commit", "--quiet", "--amend", "--reset-author", "-m", "mine", who="Chief")
    else:
        desk.git("switch", "--quiet", "main")
        desk.write("notes.txt", "meanwhile\n")
        desk.commit("meanwhile")
        desk.git("switch", "--quiet", "work")
        if way == "merge":
            desk.git("merge", "--quiet", "--no-edit", "main")
        elif way == "rebase":
            desk.git("rebase", "--quiet", "main", who="Chief")
        else:
            desk.git("switch", "--quiet", "--detach", "main")
            desk.git("cherry-pick", f"{start}..work", who="Chief")
            desk.git("switch", "--quiet", "-C", "work")


def test_pull_with_rebase_of_two_peoples_words_accuses_nobody(line):
    line.at("draft", "flood", title="Flood")
    line.git("switch", "--quiet", "-c", "mine")
    line.change(line.path_of("flood"), "Two libraries", "Three libraries")
    line.story("save", "flood")
    line.story("submit", "flood")
    line.git("switch", "--quiet", "main")
    line.change(line.path_of("flood"), "Monday", "Tuesday")
    line.story("save", "flood", who="Stringer")
    line.git("rebase", "--quiet", "main", "mine")
    assert findings_of(line.story("check", "--base", "main", "--format", "json")) == set()
    line.git("switch", "--quiet", "-C", "main")
    assert errors(line, exit=0) == []


def test_published_words_restored_and_saved_end_in_a_green_audit(line):
    path = line.path_of("harbour-fire")
    line.change(path, "Monday", "Tuesday")
    commit = line.commit("typo", who="Editor")
    line.git("restore", "--source=HEAD~1", path)
    line.story("save", "harbour-fire")
    (found,) = audited(line, exit=0)
    assert (found["rule"], found["severity"], found["commit"]) == ("published-words-changed", "info", commit)


def test_published_words_corrected_afterwards_end_in_a_green_audit(line):
    line.change(line.path_of("harbour-fire"), "Monday", "Tuesday")
    line.commit("typo", who="Editor")
    line.story("correct", "harbour-fire", "--notice", "It was Tuesday.", "--yes", who="Editor")
    assert errors(line, exit=0) == []


def test_judges_changed_by_whom_they_name_are_in_force_from_then_on(base):
    settled(base, JUDGED)
    base.git("switch", "--quiet", "main")
    base.change("newsroom.toml", 'roles = ["reporter"]', 'roles = ["reporter", "editor"]')
    base.commit("me too")
    base.change("newsroom.toml", "[trust]", "[trust]\narchive = []")
    base.commit("as it is", who="Chief")
    base.story("new", "Flood", "--slug", "flood", "--reporter", PEOPLE["Stringer"], who="Chief")
    base.fill("flood", reporter=PEOPLE["Stringer"])
    base.story("save", "flood", who="Chief")
    base.story("submit", "flood", who="Editor")
    base.story("approve", "flood", who="Reporter")
    assert [rule for rule, _ in errors(base)] == ["judges-not-entitled"]
