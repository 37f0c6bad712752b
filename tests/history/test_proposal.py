"""What an update asks for beside the files it changes: the story of a ledger, copies, what was there before a cut."""

from __future__ import annotations

import pytest
from attacks.forging import ROSTER, begin, settled
from conftest import Desk, story_text


@pytest.fixture
def base(made) -> Desk:
    """`main` with a story in review and a published one; the working tree is on the branch `change`."""
    return made("base", begin)


def landed(desk: Desk, message: str) -> None:
    """Commit to `main` what lies here, pushed past every check, and begin the branch `change` again from there."""
    desk.git("switch", "--quiet", "-C", "main")
    desk.commit(message)
    desk.git("switch", "--quiet", "-C", "change")


def test_who_goes_on_from_a_ledger_that_somebody_cut_is_not_accused_of_the_cut(base):
    ledger = base.ledger_of("council-budget")
    base.write(ledger, base.read(ledger).splitlines(keepends=True)[0])
    base.change(base.path_of("council-budget"), "state: review", "state: draft")
    landed(base, "cut")
    base.story("submit", "council-budget")
    base.story("approve", "council-budget", who="Editor")
    base.git("reset", "--quiet", "--soft", "main")
    base.git("commit", "--quiet", "-m", "squashed")
    assert base.rules("--base", "main", "--require", "recorded", exit=0) == []


def test_note_that_copies_a_storys_front_matter_does_not_stand_for_the_story(base):
    ledger, text = base.ledger_of("council-budget"), base.read(base.path_of("council-budget"))
    first = base.read(ledger).splitlines(keepends=True)[0]
    (base.root / ledger).unlink()
    landed(base, "removed")
    base.write(ledger, first)
    base.write("notes/council-budget.txt", text)
    base.commit("a part is back")
    assert "record-by-hand" in base.rules("--base", "main")


def test_copy_that_comes_with_a_move_of_its_original_is_a_second_file_of_one_id(base):
    base.write(
        "stories/copy.md", base.read(base.path_of("council-budget")).replace("slug: council-budget", "slug: copy")
    )
    base.commit("copied")
    base.story("approve", "council-budget", who="Editor")
    base.git("restore", "--source=main", "--staged", "--worktree", base.path_of("council-budget"))
    base.commit("the file as it was")
    assert "duplicate-id" in base.rules("--base", "main")


def test_words_of_a_copy_are_held_against_the_ledger_they_claim(base):
    path = base.path_of("harbour-fire")
    base.write("stories/zoo/harbour-fire.md", base.read(path).replace("Monday", "Tuesday"))
    base.commit("copied")
    rows = [(one["rule"], one["path"]) for one in base.findings("--base", "main")]
    assert ("published-words-changed", "stories/zoo/harbour-fire.md") in rows


def test_judges_do_not_change_together_with_a_draft_written_by_hand(base):
    settled(base, ROSTER)
    base.write("newsroom.toml", ROSTER.replace('roles = ["editor"]', 'roles = ["editor", "reporter"]'))
    base.write("stories/by-hand.md", story_text())
    base.commit("both", who="Chief")
    assert "judges-with-stories" in base.rules("--base", "main")


def test_story_whose_file_was_taken_out_comes_back_with_its_next_move(base):
    path = base.path_of("council-budget")
    text = base.read(path)
    base.git("rm", "--quiet", path)
    landed(base, "taken out")
    base.write(path, text.replace("on Monday", "on Tuesday"))
    base.story("save", "council-budget")
    base.story("approve", "council-budget", who="Editor")
    assert base.rules("--base", "main", exit=0) == []


def test_first_line_of_a_draft_rewritten_and_put_back_is_told_of_the_commit_that_did_it(base):
    base.git("switch", "--quiet", "main")
    base.at("draft", "flood", title="Flood")
    base.git("switch", "--quiet", "-C", "change")
    ledger = base.ledger_of("flood")
    whole = base.read(ledger)
    base.write(ledger, whole.replace('"action":"new"', '"action":"adopt"'))
    base.commit("rewritten")
    base.write(ledger, whole)
    base.commit("back")
    assert base.rules("--base", "main") == ["ledger-rewritten"]


def test_base_of_a_repository_without_a_commit_is_not_compared(newsroom):
    assert "There is no commit here yet." in newsroom.refused("check", "--base", "main", exit=3)
