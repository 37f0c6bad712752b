"""The smallest histories of faults that random ones showed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from attacks.forging import begin_line, entry_of, findings_of, forge, line_of
from attacks.test_audit import audited, errors
from conftest import PICTURE, Desk, Said, story_text
from flows.house import House, Seat, found_nothing
from receiving import at_the_hook

from histories.drawing import begin
from histories.newsrooms import Ways
from histories.ways_out import WayOut


@pytest.fixture
def line(made) -> Desk:
    """The protected branch, with a story in review and a published one."""
    return made("line", begin_line)


@pytest.fixture
def pictured(made) -> Desk:
    """The same with a roster, and a picture in the published story."""
    return made("histories", begin)


@pytest.fixture
def house(made, tmp_path) -> House:
    """An honest newsroom's remote, with stories in every state."""
    first = made(Ways().name, Ways().begin)
    first.git("clone", "--quiet", "--bare", str(first.root), str(tmp_path / "remote.git"))
    return House(tmp_path, now=first.now)


def leads_out(seat: Seat, *how: str) -> None:
    """`git merge` or `git rebase` of what others landed stops; what git and `story` say leads out of it."""
    seat.git("fetch", "--quiet", "origin")
    seat.git(*how, "origin/main", exit=1)
    WayOut(seat, random.Random(1)).go()
    found_nothing(seat.story("check", "--base", "refs/remotes/origin/main", exit=None))


def refusal(house: House, seat: Seat) -> str:
    """Return why the remote's hook does not take what somebody has as `main`; empty where it does."""
    old, new = seat.git("rev-parse", "refs/remotes/origin/main", "HEAD").split()
    said = at_the_hook(seat, Path(house.remote), old=old, new=new)
    assert said.exit == 0 or "Go on from the branch: git pull --rebase" in said.all, said.all
    return said.all if said.exit else ""


def on_the_last_step(desk: Desk) -> Said:
    """`story check --base` on the commit HEAD, as an update of its parent."""
    return desk.story("check", "--base", "HEAD^1", "--format", "json", exit=None)


def test_second_file_of_an_id_without_a_ledger_is_found(line):
    line.write("stories/first.md", story_text(id="20251124-aaaaaaaa"))
    line.commit("by hand")
    line.write("stories/second.md", story_text(id="20251124-aaaaaaaa"))
    line.commit("by hand again")
    assert "duplicate-id" in findings_of(on_the_last_step(line), "error")


def test_published_picture_swapped_twice_is_found_both_times(pictured):
    for light in (b"light", b"dark"):
        pictured.write("stories/2025/11/hall.png", PICTURE + light)
        pictured.commit("better light")
        assert findings_of(on_the_last_step(pictured), "error") == {"published-picture-changed"}


def test_picture_put_back_accuses_nobody_of_words_changed_before(pictured):
    pictured.write("stories/2025/11/hall.png", PICTURE + b"light")
    pictured.commit("better light")
    pictured.change(pictured.path_of("harbour-fire"), "Monday", "Tuesday")
    words = pictured.commit("typo")
    pictured.write("stories/2025/11/hall.png", PICTURE)
    pictured.commit("as it was")
    assert errors(pictured) == [("published-words-changed", words)]


def test_words_of_a_revert_are_its_authors(line):
    """The verb names whoever reverted a correction as the writer, and both judges ask for them."""
    path = line.path_of("harbour-fire")
    line.change(path, "Monday", "Tuesday")
    line.story("correct", "harbour-fire", "--notice", "It was Tuesday.", "--yes", who="Editor")
    line.git("revert", "--no-edit", "HEAD", who="Deputy")
    line.change(path, "Two libraries", "Three libraries")
    line.story("correct", "harbour-fire", "--notice", "It was Monday.", "--yes", who="Editor")
    assert [rule for rule, _ in errors(line)] == ["ledger-rewritten"]
    assert findings_of(on_the_last_step(line), "error") == set()


@pytest.mark.parametrize("how", ["removed", "damaged"])
def test_ledger_put_back_as_it_was_is_no_error_of_that_step(line, how):
    line.story("approve", "council-budget", who="Editor")
    line.change(line.path_of("council-budget"), "Monday", "Tuesday")
    line.story("save", "council-budget")
    ledger = line.ledger_of("council-budget")
    whole = line.read(ledger)
    if how == "removed":
        (line.root / ledger).unlink()
    else:
        line.write(ledger, whole + "not a line\n")
    line.commit(how)
    line.write(ledger, whole)
    line.commit("back", who="Chief")
    assert findings_of(on_the_last_step(line), "error") == set()
    assert [one for one in audited(line, exit=None) if one["landed"] == line.head] == []


def test_what_came_since_a_ledger_was_cut_is_not_lost_by_putting_it_back(line):
    ledger = line.ledger_of("council-budget")
    whole = line.read(ledger)
    line.write(ledger, whole.splitlines(keepends=True)[0])
    line.change(line.path_of("council-budget"), "state: review", "state: draft")
    line.commit("cut")
    line.story("spike", "council-budget", "--note", "Nobody wants it.", who="Editor")
    line.write(ledger, whole)
    line.git("restore", "--source=HEAD~2", line.path_of("council-budget"))
    back = line.commit("back")
    assert "ledger-rewritten" in findings_of(on_the_last_step(line), "error")
    assert ("ledger-rewritten", back) in errors(line)


def test_forged_entry_that_nothing_follows_is_taken_out_again(line):
    forge(line, "council-budget", by="Editor", commit_as="Editor", prev="sha256:" + "1" * 64)
    line.git("revert", "--no-edit", "HEAD", who="Chief")
    assert findings_of(on_the_last_step(line), "error") == set()


def test_removal_of_one_copy_judges_the_one_that_is_left(line):
    path = line.path_of("harbour-fire")
    line.write("stories/zoo/harbour-fire.md", line.read(path).replace("Monday", "Tuesday"))
    line.commit("copied")
    (line.root / path).unlink()
    line.commit("the copy stays")
    assert "published-words-changed" in findings_of(on_the_last_step(line), "error")


def test_ledger_that_comes_without_its_story_is_held_against_it(line):
    ledger = line.ledger_of("council-budget")
    first = line.read(ledger).splitlines(keepends=True)[0]
    (line.root / ledger).unlink()
    line.commit("removed")
    line.write(ledger, first)
    line.commit("a part is back", who="Chief")
    assert "record-by-hand" in findings_of(on_the_last_step(line), "error")


def test_entry_of_a_story_that_cannot_be_read_names_its_file(line):
    entry = line_of(entry_of(line, "council-budget", by="Editor"))
    line.change(line.path_of("council-budget"), "title: ", "  title: ")
    line.commit("damaged")
    ledger = line.ledger_of("council-budget")
    line.write(ledger, line.read(ledger) + entry)
    line.commit("approved", who="Editor")
    assert "yaml-syntax" in findings_of(on_the_last_step(line), "error")


def test_part_of_a_removed_ledger_that_is_put_back_keeps_what_was_proven(line):
    ledger = line.ledger_of("council-budget")
    first = line.read(ledger).splitlines(keepends=True)[0]
    line.write(ledger, first)
    line.commit("cut")
    (line.root / ledger).unlink()
    line.commit("removed")
    line.write(ledger, first)
    back = line.commit("back", who="Chief")
    asked = audited(line, "--require", "attributed", exit=None)
    assert [one["rule"] for one in asked if one["landed"] == back and one["severity"] == "error"] == []


def test_picture_that_comes_back_as_another_beside_a_new_story_is_found(pictured):
    (pictured.root / "stories/2025/11/hall.png").unlink()
    pictured.commit("removed")
    pictured.write("stories/2025/11/hall.png", PICTURE + b"dark")
    path = pictured.path_of("council-budget")
    pictured.write(path, f"{pictured.read(path)}\n![Hall](hall.png)\n")
    pictured.commit("another")
    assert "published-picture-changed" in findings_of(on_the_last_step(pictured), "error")


@pytest.mark.parametrize("how", [("merge",), ("rebase",), ("merge", "-X", "no-renames")], ids=" ".join)
def test_story_renamed_while_somebody_killed_it_gets_its_name_back(house, how):
    editor, deputy = house["Editor"], house["Deputy"]
    deputy.branch("renamed")
    deputy.story("correct", "publish-1", "--rename", "other", "--notice", "It has another name.", "--yes")
    editor.story("kill", "publish-1", "--note", "Wrong.", "--notice", "It was wrong.", "--yes")
    editor.git("push", "--quiet", "origin", "main")
    leads_out(deputy, *how)
    assert not list(deputy.root.glob("stories/**/other.md"))


UNSEEN = "find-renames=100%"
"""What has git take a story that was renamed for one removed and another one added, as it does with a short text."""


@pytest.mark.parametrize("goes_on", ["published", "taken back"])
@pytest.mark.parametrize(
    "how", [("merge",), ("rebase",), ("merge", "-X", UNSEEN), ("rebase", "-X", UNSEEN)], ids=" ".join
)
def test_story_that_main_renamed_keeps_the_name_it_has_there(house, how, goes_on):
    editor, deputy = house["Editor"], house["Deputy"]
    deputy.branch("corrected")
    deputy.change(deputy.path_of("publish-1"), "Monday", "Tuesday")
    deputy.story("correct", "publish-1", "--notice", "It was Tuesday.", "--yes")
    editor.story("correct", "publish-1", "--rename", "other", "--notice", "It has another name.", "--yes")
    if goes_on == "taken back":
        editor.story("unpublish", "other", "--note", "Wrong.")
        editor.story("send-back", "other", "--note", "Wrong.")
    editor.git("push", "--quiet", "origin", "main")
    leads_out(deputy, *how)
    names = {path.stem for path in deputy.root.glob("stories/**/*.md")}
    assert "other" in names
    assert "publish-1" not in names
    assert ("Tuesday" in deputy.read(deputy.path_of("other"))) == (goes_on == "taken back")


def test_line_that_turns_is_refused_where_an_audit_would_ask_for_what_gave_way_beside_it(house):
    """Somebody else's move gave way in a merge of a branch: that is no loss, until a pull makes `main` the side."""
    editor, chief, deputy, reporter = (house[who] for who in ("Editor", "Chief", "Deputy", "Reporter"))
    reporter.story("new", "The harbour floods", "--slug", "flood")
    editor.branch("work")
    editor.story("approve", "review-1")
    editor.push()
    chief.git("fetch", "--quiet", "origin")
    chief.git("switch", "--quiet", "work")
    chief.story("hold", "review-1", "--note", "Wait.")
    deputy.story("send-back", "review-1", "--note", "More of it.")
    deputy.push()
    leads_out(chief, "merge", "--no-edit")
    chief.push()
    host = house.runner()
    host.git("merge", "--quiet", "--no-ff", "-m", "Merge work", "origin/work")
    host.push()
    house.runner().story("audit")

    reporter.git("pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main")
    found_nothing(reporter.story("check", "--base", "refs/remotes/origin/main", exit=None))
    assert "error[ledger-rewritten]: a merge left out approve by Editor" in refusal(house, reporter)
    reporter.git("pull", "--quiet", "--rebase", "origin", "main")
    found_nothing(reporter.story("check", "--base", "refs/remotes/origin/main", exit=None))
    assert refusal(house, reporter) == ""
    reporter.push()
    house.runner().story("audit")


def test_branch_pushed_as_the_line_is_refused_where_moves_gave_way_in_its_merge(house):
    """The merge itself is the turn: what gave way in it was on the line that it makes."""
    editor, chief, deputy = (house[who] for who in ("Editor", "Chief", "Deputy"))
    editor.branch("work")
    editor.story("approve", "review-1")
    editor.push()
    chief.git("fetch", "--quiet", "origin")
    chief.git("switch", "--quiet", "work")
    deputy.story("send-back", "review-1", "--note", "More of it.")
    deputy.push()
    leads_out(chief, "merge", "--no-edit")
    assert "error[ledger-rewritten]" in refusal(house, chief)
    assert [row["rule"] for row in audited(chief, exit=1) if row["severity"] == "error"] == ["ledger-rewritten"]
    chief.git("rebase", "--quiet", "origin/main", exit=None)
    WayOut(chief, random.Random(1)).go()
    assert refusal(house, chief) == ""
    chief.story("audit")
