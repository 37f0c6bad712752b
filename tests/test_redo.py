"""`story redo`: out of two ledgers of one story, with real merges, pulls, rebases and squashes."""

from __future__ import annotations

import pytest
from conftest import PEOPLE, Desk

from newsroom_cli.redoing import sides

SLUG = "council-budget"
PEOPLE_TOML = "".join(
    f'[[people]]\nname = "{name}"\nemails = ["{name.lower()}@gazette.example"]\nroles = {roles}\n'
    for name, roles in (("Reporter", '["reporter"]'), ("Editor", '["editor"]'), ("Chief", '["editor", "chief"]'),
                        ("Deputy", '["editor"]'))
)  # fmt: skip


def _desk(desk: Desk) -> None:
    desk.write("newsroom.toml", PEOPLE_TOML)
    desk.commit("people")
    desk.at("review")


@pytest.fixture
def desk(made) -> Desk:
    """A story in review on `main`; the working tree is on the branch `mine`."""
    desk = made("redo", _desk)
    desk.git("switch", "--quiet", "-c", "mine")
    return desk


def on(desk: Desk, branch: str, *moves: tuple[str, ...]) -> None:
    """Take moves on a branch; each is (who, verb, options…)."""
    desk.git("switch", "--quiet", branch)
    for who, verb, *rest in moves:
        desk.story(verb, SLUG, *rest, who=who)


def rewrite(desk: Desk, old: str, new: str, who: str) -> None:
    desk.change(desk.path_of(SLUG), old, new)
    desk.story("save", SLUG, who=who)


def merge(desk: Desk, branch: str = "main", exit: int = 1) -> None:
    desk.tick()
    desk.git("merge", "--quiet", "--no-edit", branch, exit=exit)


def actions(desk: Desk) -> list[str]:
    return [f"{one['action']} {one['by'].split(' ')[0]}" for one in desk.entries(SLUG)[2:]]


def conclude(desk: Desk, *, who: str = "Reporter") -> None:
    desk.tick()
    assert desk.git("ls-files", "--unmerged") == ""
    desk.git("commit", "--quiet", "--no-edit", who=who)


def in_order(desk: Desk) -> None:
    """The tree, and what merging it into main brings, have no error; every entry is attributed."""
    assert desk.rules(exit=0) == []
    assert desk.rules("--base", "main", exit=0) == []


NOTED = ("-m", "As agreed.")


def test_two_approve_the_same_story_and_the_bases_stays(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"))
    merge(desk)
    said = desk.story("redo", SLUG, who="Editor").err
    assert f"{SLUG}: not made again: approve. {SLUG}: There is no approve from edit." in said
    assert "Go on: git commit --no-edit" in said
    conclude(desk)
    assert actions(desk) == ["approve Chief"]
    in_order(desk)
    assert "nothing to redo" in desk.story("redo", SLUG, who="Editor").err


def test_the_lost_side_is_where_it_says(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"))
    merge(desk)
    said = desk.story("redo", SLUG, who="Editor").err
    conclude(desk)
    where = next(line for line in said.splitlines() if "stays in git" in line).rpartition("git show ")[2]
    assert PEOPLE["Editor"] in desk.git("show", where)


def test_my_entries_are_made_again_a_commit_each_once_the_merge_is_made(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    merge(desk)
    said = desk.story("redo", SLUG, who="Editor").err
    assert f"Then: story redo {SLUG} (makes publish again, a commit each)" in said
    conclude(desk)
    assert actions(desk) == ["approve Chief"]
    said = desk.story("redo", SLUG, who="Editor").err
    assert "made again: publish (publish)" in said
    assert actions(desk) == ["approve Chief", "publish Editor"]
    assert desk.git("log", "-1", "--format=%an %s") == f"Editor publish: {SLUG} (edit → publish)"
    in_order(desk)
    assert "nothing to redo" in desk.story("redo", SLUG, who="Editor").err


def test_several_of_my_entries_are_a_commit_each(desk):
    on(desk, "main", ("Chief", "send-back", *NOTED), ("Reporter", "submit"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    merge(desk)
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    head = desk.head
    desk.story("redo", SLUG, who="Editor")
    assert actions(desk)[-2:] == ["approve Editor", "publish Editor"]
    assert desk.git("rev-list", "--count", f"{head}..HEAD") == "2"
    in_order(desk)


@pytest.mark.parametrize("mine_is_longer", [True, False])
def test_the_longer_stays_where_it_holds_the_other(desk, mine_is_longer):
    on(desk, "main", ("Chief", "approve"))
    desk.git("switch", "--quiet", "--orphan", "copy")
    desk.git("checkout", "main", "--", ".")
    desk.commit("squashed", who="Deputy")
    on(desk, "main" if mine_is_longer else "copy", ("Chief", "publish"))
    desk.git("switch", "--quiet", "main")
    desk.git("merge", "--quiet", "--no-edit", "--allow-unrelated-histories", "copy", exit=1)
    said = desk.story("redo", SLUG, who="Chief").err
    assert "made again" not in said
    conclude(desk)
    assert actions(desk) == ["approve Chief", "publish Chief"]
    assert desk.rules(exit=0) == []


def test_going_on_after_a_squash_of_the_branch(desk):
    """The branch was squashed into main by another; its owner goes on and merges main."""
    on(desk, "mine", ("Editor", "approve"))
    desk.git("switch", "--quiet", "main")
    desk.git("merge", "--quiet", "--squash", "mine")
    desk.commit("Council budget (#12)", who="Chief")
    rewrite(desk, "on Monday", "on Monday evening", "Chief")
    on(desk, "mine", ("Editor", "publish"))
    desk.git("merge", "--quiet", "--no-edit", "main", exit=1)
    error = desk.refused("redo", SLUG, who="Editor")
    assert "words do not fit" in error, "published words are not those that were signed"
    desk.git("checkout", "--ours", "--", desk.path_of(SLUG))
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    assert actions(desk) == ["approve Editor", "publish Editor"]
    assert desk.rules(exit=0) == []


def test_a_squash_that_brought_more_than_the_branch_had(desk):
    on(desk, "mine", ("Editor", "approve"))
    desk.git("switch", "--quiet", "main")
    desk.git("merge", "--quiet", "--squash", "mine")
    desk.commit("Council budget", who="Chief")
    on(desk, "main", ("Chief", "require", "chief"))
    on(desk, "mine", ("Editor", "publish"))
    merge(desk)
    said = desk.story("redo", SLUG, who="Editor").err
    assert "makes publish again" in said
    conclude(desk)
    desk.story("redo", SLUG, who="Editor")
    assert actions(desk) == ["approve Editor", "require Chief", "publish Editor"]
    assert desk.entries(SLUG)[-1]["to"] == "edit", "the chief has still to sign"
    in_order(desk)


def test_a_role_asked_for_is_asked_for_again(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "require", "chief"), ("Editor", "require", "reporter"),
       ("Editor", "require", "chief", "--drop"))  # fmt: skip
    merge(desk)
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    desk.story("redo", SLUG, who="Editor")
    assert [one["set"] for one in desk.entries(SLUG)[3:]] == [
        {"require": ["chief"]}, {"require": ["chief", "reporter"]}, {"require": ["reporter"]},
    ]  # fmt: skip
    in_order(desk)


def test_other_peoples_entries_are_dropped_and_named(desk):
    on(desk, "main", ("Chief", "send-back", *NOTED), ("Reporter", "submit"))
    on(desk, "mine", ("Deputy", "approve"), ("Editor", "publish"))
    merge(desk)
    said = desk.story("redo", SLUG, who="Editor").err
    assert f"{SLUG}: dropped: approve by Deputy; Deputy makes it again." in said
    assert "not made again: publish" in said
    conclude(desk)
    assert actions(desk) == ["send-back Chief", "submit Reporter"]
    in_order(desk)


def test_on_the_shared_branch_what_is_shared_stays(desk, tmp_path):
    desk.git("clone", "--quiet", "--bare", ".", str(tmp_path / "hub.git"))
    desk.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    on(desk, "main", ("Chief", "approve"))
    desk.git("push", "--quiet", "-u", "origin", "main")
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    desk.git("switch", "--quiet", "main")
    merge(desk, "mine")
    desk.story("redo", SLUG, who="Editor")
    conclude(desk, who="Editor")
    assert actions(desk) == ["approve Chief"]
    desk.story("redo", SLUG, who="Editor")
    assert actions(desk) == ["approve Chief", "publish Editor"]
    assert desk.rules("--base", "origin/main", exit=0) == []


def test_pull_of_what_somebody_else_pushed(desk, tmp_path):
    hub = tmp_path / "hub.git"
    desk.git("clone", "--quiet", "--bare", ".", str(hub))
    desk.git("switch", "--quiet", "main")
    desk.git("remote", "add", "origin", str(hub))
    desk.git("push", "--quiet", "-u", "origin", "main")
    other = Desk(tmp_path / "other", desk.now)
    desk.git("clone", "--quiet", "--branch", "main", str(hub), str(other.root))
    other.story("approve", SLUG, who="Chief")
    other.git("push", "--quiet")
    on(desk, "main", ("Editor", "approve"), ("Editor", "publish"))
    desk.git("pull", "--quiet", "--no-rebase", "--no-edit", exit=1)
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    desk.story("redo", SLUG, who="Editor")
    assert actions(desk) == ["approve Chief", "publish Editor"]
    assert desk.rules("--base", "origin/main", exit=0) == []


# Rebase and cherry-pick


def go_on(desk: Desk, *verb: str, exit: int = 0) -> None:
    desk.git("-c", "core.editor=true", *(verb or ("rebase",)), "--continue", who="Editor", exit=exit)


def test_rebase_makes_each_entry_again_in_its_own_commit(desk):
    on(desk, "main", ("Chief", "send-back", *NOTED), ("Reporter", "submit"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    desk.git("rebase", "--quiet", "main", exit=1, who="Editor")
    said = desk.story("redo", SLUG, who="Editor").err
    assert "made again: approve (edit)" in said
    assert "Go on: git rebase --continue" in said
    go_on(desk, exit=1)
    desk.story("redo", SLUG, who="Editor")
    go_on(desk)
    assert actions(desk) == ["send-back Chief", "submit Reporter", "approve Editor", "publish Editor"]
    assert desk.git("log", "--format=%an", "main..HEAD") == "Editor\nEditor"
    in_order(desk)
    assert "nothing to redo" in desk.story("redo", SLUG, who="Editor").err


def test_rebase_over_the_same_move_drops_it(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    desk.git("rebase", "--quiet", "main", exit=1, who="Editor")
    assert "not made again: approve" in desk.story("redo", SLUG, who="Editor").err
    go_on(desk, exit=1)
    desk.story("redo", SLUG, who="Editor")
    go_on(desk)
    assert actions(desk) == ["approve Chief", "publish Editor"]
    in_order(desk)


def test_rebase_drops_somebody_elses_entry_and_names_them(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Deputy", "approve"), ("Editor", "publish"))
    desk.git("rebase", "--quiet", "main", exit=1, who="Editor")
    assert "dropped: approve by Deputy; Deputy makes it again" in desk.story("redo", SLUG, who="Editor").err
    go_on(desk, exit=1)
    desk.story("redo", SLUG, who="Editor")
    go_on(desk)
    assert actions(desk) == ["approve Chief", "publish Editor"]
    in_order(desk)


def test_redo_in_a_linked_worktree(desk, tmp_path):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"))
    desk.git("switch", "--quiet", "main")
    desk.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "mine")
    linked = Desk(tmp_path / "linked", desk.now)
    merge(linked)
    linked.story("redo", SLUG, who="Editor")
    conclude(linked)
    assert actions(linked) == ["approve Chief"]


def test_rebase_onto_ones_own_squash(desk):
    on(desk, "mine", ("Editor", "approve"))
    desk.git("switch", "--quiet", "main")
    desk.git("merge", "--quiet", "--squash", "mine")
    desk.commit("squashed", who="Chief")
    on(desk, "main", ("Chief", "require", "chief"))
    on(desk, "mine", ("Editor", "publish"))
    desk.git("rebase", "--quiet", "main", exit=1, who="Editor")
    while (desk.root / ".git/rebase-merge").exists():
        desk.story("redo", SLUG, who="Editor")
        go_on(desk, exit=None)
    assert actions(desk) == ["approve Editor", "require Chief", "publish Editor"]
    in_order(desk)


def test_cherry_pick_of_ones_own_move(desk):
    on(desk, "main", ("Chief", "send-back", *NOTED), ("Reporter", "submit"))
    on(desk, "mine", ("Editor", "approve"))
    desk.git("switch", "--quiet", "-c", "picked", "main")
    desk.git("cherry-pick", "mine", exit=1, who="Editor")
    assert "Go on: git cherry-pick --continue" in desk.story("redo", SLUG, who="Editor").err
    go_on(desk, "cherry-pick")
    assert actions(desk)[-1] == "approve Editor"
    in_order(desk)


def test_a_revert_takes_no_move_back(desk):
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    desk.git("revert", "--no-edit", "HEAD~1", exit=1)
    assert "undo the move by its verb" in desk.refused("redo", SLUG, who="Editor")


# The text


def test_words_both_sides_changed_elsewhere_are_merged(desk):
    rewrite(desk, "Two libraries", "Three libraries", "Editor")
    on(desk, "mine", ("Editor", "approve"))
    desk.git("switch", "--quiet", "main")
    rewrite(desk, "section: local", "section: city", "Chief")
    on(desk, "main", ("Chief", "approve"))
    desk.git("switch", "--quiet", "mine")
    merge(desk)
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    text = desk.read(desk.path_of(SLUG))
    assert "Three libraries" in text
    assert "section: city" in text
    in_order(desk)


def test_text_that_conflicts_too_is_settled_by_a_person_first(desk):
    rewrite(desk, "on Monday", "on Tuesday", "Editor")
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    desk.git("switch", "--quiet", "main")
    rewrite(desk, "on Monday", "on Friday", "Chief")
    on(desk, "main", ("Chief", "approve"))
    desk.git("switch", "--quiet", "mine")
    merge(desk)
    error = desk.refused("redo", SLUG, who="Editor")
    assert "its text conflicts too" in error
    assert "Settle the words" in error
    settled = desk.git("show", f"main:{desk.path_of(SLUG)}").replace("on Friday", "on Thursday") + "\n"
    desk.write(desk.path_of(SLUG), settled)
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    assert "on Thursday" in desk.read(desk.path_of(SLUG))
    error = desk.refused("redo", SLUG, who="Editor")
    assert "not those of your publish" in error
    assert "--yes" in error
    desk.story("redo", SLUG, "--yes", who="Editor")
    assert actions(desk) == ["approve Chief", "publish Editor"]
    in_order(desk)


# Afterwards


def test_markers_that_were_committed(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    merge(desk)
    desk.git("checkout", "--theirs", "--", desk.path_of(SLUG))
    desk.commit("merged")
    assert "ledger-line" in desk.rules()
    desk.story("redo", SLUG, who="Editor")
    assert actions(desk) == ["approve Chief", "publish Editor"]
    in_order(desk)


def test_a_union_merge_of_two_ledgers(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    desk.write(".git/info/attributes", ".newsroom/** merge=union\n")
    merge(desk)
    desk.git("checkout", "--theirs", "--", desk.path_of(SLUG))
    desk.commit("merged")
    assert "ledger-chain" in desk.rules()
    desk.story("redo", SLUG, who="Editor")
    assert actions(desk) == ["approve Chief", "publish Editor"]
    in_order(desk)


def test_a_merge_settled_by_hand_for_their_side(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    merge(desk)
    desk.git("checkout", "--theirs", "--", ".")
    desk.commit("merged")
    desk.story("redo", SLUG, who="Editor")
    assert actions(desk) == ["approve Chief", "publish Editor"]
    in_order(desk)


def test_a_merge_settled_by_hand_for_my_side(desk):
    """The base's entries are gone: they come back, and mine are made again."""
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    merge(desk)
    desk.git("checkout", "--ours", "--", ".")
    desk.commit("merged")
    assert "ledger-rewritten" in desk.rules("--base", "main")
    desk.story("redo", SLUG, who="Editor")
    assert actions(desk) == ["approve Chief", "publish Editor"]
    in_order(desk)


def test_on_a_protected_branch_its_own_side_stays(desk):
    desk.git("switch", "--quiet", "main")
    desk.write("newsroom.toml", PEOPLE_TOML + '[trust]\nprotected = ["main"]\n')
    desk.commit("protected")
    desk.git("switch", "--quiet", "-C", "mine")
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"))
    desk.git("switch", "--quiet", "main")
    merge(desk, "mine")
    desk.story("redo", SLUG, who="Editor")
    conclude(desk, who="Editor")
    assert actions(desk) == ["approve Chief"]
    assert "nothing to redo" in desk.story("redo", SLUG, who="Editor").err


def test_what_is_not_ones_right_any_more_is_refused(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    merge(desk)
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    desk.write("newsroom.toml", PEOPLE_TOML.replace('"Editor"\nemails = ["editor@', '"Editor"\nemails = ["left@'))
    desk.commit("people")
    assert "nothing to redo" in desk.story("redo", SLUG, who="Deputy").err
    assert "is not on the roster" in desk.refused("redo", SLUG, who="Editor")


# Nothing, and no


@pytest.mark.parametrize("state", ["draft", "review", "edit", "publish"])
def test_nothing_to_redo_is_said_and_exits_0(newsroom, state):
    newsroom.at(state)
    before = newsroom.everything()
    assert newsroom.story("redo", SLUG).err == f"{SLUG}: nothing to redo.\n"
    assert newsroom.everything() == before


def test_a_clean_merge_of_somebody_elses_moves_needs_no_redo(desk):
    on(desk, "main", ("Chief", "approve"))
    desk.git("switch", "--quiet", "mine")
    desk.write("other.txt", "x\n")
    desk.commit("other", "other.txt")
    merge(desk, exit=0)
    assert "nothing to redo" in desk.story("redo", SLUG, who="Editor").err


def test_during_a_merge_that_leaves_the_story_alone_there_is_nothing_to_redo(desk):
    desk.write("other.txt", "x\n")
    desk.commit("other")
    desk.git("switch", "--quiet", "main")
    desk.write("other.txt", "y\n")
    desk.commit("other")
    merge(desk, "mine")
    assert "nothing to redo" in desk.story("redo", SLUG, who="Editor").err


def test_a_ledger_broken_by_hand_is_no_conflict(desk):
    desk.change(desk.ledger_of(SLUG), '"seq":2', '"seq":9')
    desk.commit()
    assert "no merge explains it" in desk.refused("redo", SLUG, who="Editor")


def test_a_ledger_removed_on_one_side_is_for_a_person(newsroom):
    newsroom.at("draft")
    newsroom.git("switch", "--quiet", "-c", "mine")
    path, ledger = newsroom.path_of(SLUG), newsroom.ledger_of(SLUG)
    newsroom.story("submit", SLUG)
    newsroom.git("switch", "--quiet", "main")
    newsroom.story("delete", SLUG)
    newsroom.git("switch", "--quiet", "mine")
    merge(newsroom)
    assert f"git add {ledger}" in newsroom.refused("redo", path)


def test_other_conflicts_come_first(desk):
    desk.git("switch", "--quiet", "main")
    desk.write("other.txt", "x\n")
    desk.commit("other")
    on(desk, "main", ("Chief", "approve"))
    desk.git("switch", "--quiet", "mine")
    desk.write("other.txt", "y\n")
    desk.commit("other")
    on(desk, "mine", ("Editor", "approve"))
    merge(desk)
    assert "Go on: settle other.txt, then: git commit --no-edit" in desk.story("redo", SLUG, who="Editor").err


@pytest.mark.parametrize("afterwards", [False, True])
def test_dry_run_shows_and_writes_nothing(desk, afterwards):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    merge(desk)
    if afterwards:
        desk.story("redo", SLUG, who="Editor")
        conclude(desk)
    before = desk.everything()
    said = desk.story("redo", SLUG, "--dry-run", who="Editor").out
    assert ("Would commit" if afterwards else "Would stage") in said
    assert desk.everything() == before


def test_what_cannot_be_staged_leaves_everything_as_it_was(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"))
    merge(desk)
    desk.write(".git/index.lock", "")
    desk.refused("redo", SLUG, who="Editor", exit=3)


def test_uncommitted_words_are_saved_first(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    merge(desk)
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    desk.change(desk.path_of(SLUG), "on Monday", "on Friday")
    assert "uncommitted changes" in desk.refused("redo", SLUG, who="Editor")


def test_two_texts_between_marks():
    text = b"a\n<<<<<<< HEAD\nb\n||||||| x\nc\n=======\nd\n>>>>>>> main\ne\n"
    assert sides(text) == (b"a\nb\ne\n", b"a\nd\ne\n")
    assert sides(b"a\n") == (b"a\n", b"a\n")
