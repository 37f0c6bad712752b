"""What an update asks for beside the files it changes: the story of a ledger, copies, what was there before a cut."""

from __future__ import annotations

import pytest
from attacks.forging import ROSTER, begin, forge, on_main, settled
from conftest import PEOPLE, Desk, story_text

from newsroom_cli.story import frontmatter


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


# What the commits say


def test_words_changed_beside_a_sign_off_and_put_back_are_told_of_nobody(base):
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    path = base.path_of("council-budget")
    for old, new in (("on Monday", "on Tuesday"), ("on Tuesday", "on Monday")):
        base.change(path, old, new)
        base.story("save", "council-budget", who="Stringer")
    base.git("switch", "--quiet", "change")
    assert base.findings("--base", "main", exit=0) == []


@pytest.mark.parametrize("names", ["in another story", "in this one"])
def test_whom_the_story_named_as_reporter_in_an_earlier_push_counts_and_whom_another_named_does_not(base, names):
    base.git("switch", "--quiet", "main")
    slug = "harbour-wall" if names == "in another story" else "council-budget"
    if slug == "harbour-wall":
        base.at("draft", slug, title="The wall")
    path = base.path_of(slug)
    base.change(path, f"reporter: {PEOPLE['Reporter']}", f"reporter: [{PEOPLE['Reporter']}, {PEOPLE['Editor']}]")
    base.story("save", slug)
    base.change(path, f"reporter: [{PEOPLE['Reporter']}, {PEOPLE['Editor']}]", f"reporter: {PEOPLE['Reporter']}")
    base.change(base.path_of("council-budget"), "on Monday", "on Tuesday")
    base.commit("saved by hand")
    base.git("switch", "--quiet", "-C", "change")
    budget = base.path_of("council-budget")
    content = frontmatter.content_hash(frontmatter.read_story(budget, base.read(budget).encode()))
    by = {"by": "Editor", "commit_as": "Editor", "writers": [PEOPLE["Reporter"]]}
    forge(base, "council-budget", content=content, **by)
    assert base.rules("--base", "main", exit=None) == (["four-eyes"] if slug == "council-budget" else [])


def test_entry_cut_and_put_back_under_a_story_that_stays_is_told_of_the_commit_that_cut_it(base):
    ledger = base.ledger_of("council-budget")
    whole = base.read(ledger)
    base.write(ledger, whole.splitlines(keepends=True)[0])
    base.commit("cut")
    base.write(ledger, whole)
    base.commit("back")
    assert base.rules("--base", "main") == ["ledger-rewritten"]


def test_approval_that_a_merge_leaves_out_is_told_at_its_line(base):
    base.write("notes.txt", "x\n")
    base.commit("notes")
    on_main(base, "approve", "council-budget", who="Editor")
    old = base.git("rev-parse", "main")
    base.git("merge", "--quiet", "--no-edit", "-s", "ours", "main")
    base.git("branch", "--quiet", "-f", "main", "change")
    (told,) = base.story("audit", "main", "--json", exit=1).json["findings"]
    assert (told["rule"], told["line"], told["commit"]) == ("ledger-rewritten", 3, base.head)
    assert old[:8] in told["hint"]


@pytest.mark.parametrize("merged, into", [("side", "change"), ("change", "side")])
def test_of_a_sign_off_words_are_told_that_changed_beside_it_and_none_before_or_behind_it(base, merged, into):
    path = base.path_of("council-budget")
    base.git("switch", "--quiet", "-c", "side", "main")
    base.change(path, "Two libraries", "Three libraries")
    base.story("save", "council-budget", who="Chief")
    base.git("switch", "--quiet", "change")
    base.change(path, "on Monday", "on Tuesday")
    base.story("save", "council-budget", who="Stringer")
    base.story("approve", "council-budget", who="Editor")
    base.change(path, "on Tuesday", "late on Tuesday")
    base.story("save", "council-budget", who="Deputy")
    base.git("switch", "--quiet", into)
    base.git("merge", "--quiet", "--no-ff", "--no-edit", merged)
    (told,) = base.findings("--base", "main", exit=0)
    assert told["rule"] == "words-changed-beside"
    assert told["message"].endswith(f"is of other words: beside it they were changed by {PEOPLE['Chief']}.")
