"""`story redo`: out of two ledgers of one story, with real merges, pulls, rebases and squashes."""

from __future__ import annotations

import pytest
from conftest import PEOPLE, Desk, roster
from signers import configure, signing_newsroom, signing_roster, write_key

from newsroom_cli.workflow.replay import has_marks, split_sides

SLUG = "council-budget"
PEOPLE_TOML = roster(Reporter="reporter", Editor="editor", Chief="editor chief", Deputy="editor")


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
    said = desk.story("redo", SLUG, "--yes", who="Editor").err
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
    desk.story("redo", SLUG, "--yes", who="Editor")
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
    desk.story("redo", SLUG, "--yes", who="Editor")
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
    desk.story("redo", SLUG, "--yes", who="Editor")
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
    desk.story("redo", SLUG, "--yes", who="Editor")
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
    desk.story("redo", SLUG, "--yes", who="Editor")
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
    desk.story("redo", SLUG, "--yes", who="Editor")
    go_on(desk)
    assert actions(desk) == ["approve Chief", "publish Editor"]
    in_order(desk)


def test_rebase_drops_somebody_elses_entry_and_names_them(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Deputy", "approve"), ("Editor", "publish"))
    desk.git("rebase", "--quiet", "main", exit=1, who="Editor")
    assert "dropped: approve by Deputy; Deputy makes it again" in desk.story("redo", SLUG, who="Editor").err
    go_on(desk, exit=1)
    desk.story("redo", SLUG, "--yes", who="Editor")
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
        desk.story("redo", SLUG, "--yes", who="Editor")
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
    desk.story("redo", SLUG, "--yes", who="Editor")
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
    desk.story("redo", SLUG, "--yes", who="Editor")
    assert actions(desk) == ["approve Chief", "publish Editor"]
    in_order(desk)


def test_a_merge_settled_by_hand_for_their_side(desk):
    on(desk, "main", ("Chief", "approve"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    merge(desk)
    desk.git("checkout", "--theirs", "--", ".")
    desk.commit("merged")
    desk.story("redo", SLUG, "--yes", who="Editor")
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
    desk.story("redo", SLUG, "--yes", who="Editor")
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


# What is proven, and what leads to readers


def forge(desk: Desk, *verbs: str, author: str = "Reporter") -> None:
    """Moves in the editor's name that somebody else committed, or gave out for the editor's, without a signature."""
    judging = desk.read("newsroom.toml")
    for verb in verbs:
        keyring, desk.keyring = desk.keyring, None
        desk.write("newsroom.toml", PEOPLE_TOML)
        desk.story(verb, SLUG, who="Editor")
        desk.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit", who=author)
        desk.write("newsroom.toml", judging)
        desk.keyring = keyring


@pytest.fixture
def signed(newsroom, tmp_path) -> Desk:
    """A story in review on `main` of a newsroom that signs; the working tree is on the branch `mine`."""
    signing_newsroom(newsroom, tmp_path)
    newsroom._at("review", SLUG, title="Council passes the budget")
    newsroom.git("switch", "--quiet", "-c", "mine")
    return newsroom


def conflict_on_main(desk: Desk) -> None:
    """The branch `mine` is merged into `main`, which the story moved on as well."""
    on(desk, "main", ("Chief", "send-back", *NOTED), ("Reporter", "submit"))
    desk.tick()
    desk.git("merge", "--quiet", "--no-edit", "mine", exit=1, who="Editor")


def nothing_is_made(desk: Desk) -> None:
    said = desk.story("redo", SLUG, who="Editor").err
    assert f"{SLUG}: not made again: approve in your name" in said
    assert f"{SLUG}: not made again: publish in your name" in said
    assert "makes" not in said
    conclude(desk)
    head = desk.head
    said = desk.story("redo", SLUG, "--yes", who="Editor").err
    assert "approve in your name" in said
    assert desk.head == head
    assert actions(desk) == ["send-back Chief", "submit Reporter"]


def test_moves_in_my_name_that_somebody_else_committed_are_named_and_not_made(desk):
    forge(desk, "approve", "publish")
    conflict_on_main(desk)
    nothing_is_made(desk)


def test_where_the_newsroom_signs_unsigned_moves_in_my_name_are_not_made(signed):
    forge(signed, "approve", "publish", author="Editor")
    conflict_on_main(signed)
    nothing_is_made(signed)


def test_a_branch_that_drops_signing_proves_nothing_by_it(signed, tmp_path):
    hub_of(signed, tmp_path)
    configure(signed, PEOPLE_TOML)
    forge(signed, "approve", "publish", author="Editor")
    conflict_on_main(signed)
    nothing_is_made(signed)


def made_twice(desk: Desk) -> None:
    """A merge on `mine` that waits for the editor's own approve and publish to be made again."""
    on(desk, "main", ("Chief", "send-back", *NOTED), ("Reporter", "submit"))
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    merge(desk)
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)


def test_a_move_to_readers_is_shown_and_needs_a_yes(desk):
    made_twice(desk)
    error = desk.refused("redo", SLUG, who="Editor")
    assert f"{SLUG}: to be made again: approve (review → edit)" in error
    assert f"{SLUG}: to be made again: publish (edit → publish)" in error
    assert "publish leads to readers" in error
    assert f"story redo {SLUG} --yes" in error
    desk.story("redo", SLUG, "--yes", who="Editor")
    assert actions(desk)[-2:] == ["approve Editor", "publish Editor"]


@pytest.mark.parametrize("answer, number", [("n\n", 0), ("y\n", 2)])
def test_on_a_terminal_it_asks(desk, answer, number):
    made_twice(desk)
    status, said = desk.terminal("redo", SLUG, who="Editor", answer=answer)
    assert "Make it again?" in said
    assert (status, len(actions(desk)) - 2) == (0 if number else 1, number), said


def test_a_move_that_stays_inside_needs_no_yes(desk):
    on(desk, "main", ("Chief", "send-back", *NOTED), ("Reporter", "submit"))
    on(desk, "mine", ("Editor", "approve"))
    merge(desk)
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    desk.story("redo", SLUG, who="Editor")
    assert actions(desk)[-1] == "approve Editor"


# Signed anew


@pytest.mark.parametrize("how", ["rebase", "cherry-pick"])
def test_what_is_made_again_in_a_rebase_is_signed(signed, how):
    on(signed, "main", ("Chief", "send-back", *NOTED), ("Reporter", "submit"))
    on(signed, "mine", ("Editor", "approve"))
    if how == "rebase":
        signed.git("rebase", "--quiet", "main", exit=1, who="Editor")
    else:
        signed.git("switch", "--quiet", "-c", "picked", "main")
        signed.git("cherry-pick", "mine", exit=1, who="Editor")
    signed.story("redo", SLUG, who="Editor")
    go_on(signed, how)
    assert signed.entries(SLUG)[-1]["sig"]
    assert signed.story("log", SLUG, "--json").json[-1]["strength"] == "signed"
    in_order(signed)


def test_without_a_key_a_rebase_is_not_settled(signed):
    on(signed, "main", ("Chief", "send-back", *NOTED), ("Reporter", "submit"))
    on(signed, "mine", ("Editor", "approve"))
    signed.git("rebase", "--quiet", "main", exit=1, who="Editor")
    signed.keyring = None
    assert "No key is set up" in signed.refused("redo", SLUG, who="Editor", exit=3)


# Whose side stays


def hub_of(desk: Desk, tmp_path) -> None:
    """A remote whose `main` the desk's `main` follows; its HEAD is known here."""
    desk.git("clone", "--quiet", "--bare", ".", str(tmp_path / "hub.git"))
    desk.git("--git-dir", str(tmp_path / "hub.git"), "symbolic-ref", "HEAD", "refs/heads/main")
    desk.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    desk.git("push", "--quiet", "-u", "origin", "main")


def test_a_branch_that_was_pushed_is_not_what_stays(desk, tmp_path):
    hub_of(desk, tmp_path)
    on(desk, "main", ("Chief", "approve"))
    desk.git("push", "--quiet", "origin", "main")
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    desk.git("push", "--quiet", "-u", "origin", "mine")
    merge(desk, "origin/main")
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    assert actions(desk) == ["approve Chief"]
    desk.story("redo", SLUG, "--yes", who="Editor")
    assert actions(desk) == ["approve Chief", "publish Editor"]
    assert desk.rules("--base", "origin/main", exit=0) == []


@pytest.mark.parametrize("head", [True, False])
def test_protected_is_what_the_remote_says(desk, tmp_path, head):
    """Its HEAD where that is known here; the usual names do not matter then."""
    desk.git("branch", "--move", "main", "trunk")
    hub = tmp_path / "hub.git"
    desk.git("clone", "--quiet", "--bare", ".", str(hub))
    desk.git("remote", "add", "origin", str(hub))
    desk.git("push", "--quiet", "-u", "origin", "trunk")
    if head:
        desk.git("remote", "set-head", "origin", "trunk")
    on(desk, "trunk", ("Chief", "approve"))
    desk.git("push", "--quiet", "origin", "trunk")
    on(desk, "mine", ("Editor", "approve"), ("Editor", "publish"))
    desk.git("switch", "--quiet", "trunk")
    merge(desk, "mine")
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    assert actions(desk) == (["approve Chief"] if head else ["approve Editor", "publish Editor"])


def test_a_fork_that_merges_what_it_was_taken_from_gives_way(desk, tmp_path):
    for name, who in (("upstream", "Chief"), ("origin", "Editor")):
        desk.git("switch", "--quiet", "-C", name, "mine")
        desk.story("approve", SLUG, who=who)
        desk.git("clone", "--quiet", "--bare", ".", str(tmp_path / f"{name}.git"))
        desk.git("remote", "add", name, str(tmp_path / f"{name}.git"))
        desk.git("push", "--quiet", "--force", name, f"{name}:main")
    desk.git("switch", "--quiet", "-C", "main", "origin")
    merge(desk, "upstream/main")
    desk.story("redo", SLUG, who="Editor")
    conclude(desk)
    assert actions(desk) == ["approve Chief"]


def two_protected(desk: Desk) -> None:
    """A newsroom that protects `main` and `release`; each has approved the story."""
    desk.git("switch", "--quiet", "main")
    desk.write("newsroom.toml", PEOPLE_TOML + '[trust]\nprotected = ["main", "release"]\n')
    desk.commit("protected")
    desk.git("switch", "--quiet", "-c", "release")
    on(desk, "release", ("Editor", "approve"))
    on(desk, "main", ("Chief", "approve"), ("Chief", "require", "chief"))


def test_two_protected_branches_that_each_moved_the_story_are_not_joined(desk):
    two_protected(desk)
    desk.git("switch", "--quiet", "release")
    on(desk, "release", ("Editor", "send-back", *NOTED))
    lost = desk.git("log", "-2", "--format=%h", "--reverse", "release").split()
    desk.git("switch", "--quiet", "main")
    merge(desk, "release")
    error = desk.refused("redo", SLUG, who="Editor")
    assert "main and release are both protected" in error
    assert "git merge --abort" in error
    assert f"git cherry-pick {' '.join(lost)}" in error
    desk.git("merge", "--abort")
    desk.git("cherry-pick", *lost, who="Editor", exit=1)
    desk.story("redo", SLUG, who="Editor")
    desk.git("cherry-pick", "--skip", who="Editor", exit=1)
    desk.story("redo", SLUG, who="Editor")
    go_on(desk, "cherry-pick")
    assert actions(desk) == ["approve Chief", "require Chief", "send-back Editor"]
    assert desk.rules("--base", "HEAD~1", exit=0) == []


# Judges that changed while a branch waited


def test_a_key_that_was_replaced_has_a_way_out(signed):
    on(signed, "mine", ("Editor", "approve"))
    signed.git("switch", "--quiet", "main")
    write_key(signed.keyring, "Editor")
    from signers import public

    configure(signed, signing_roster().replace(public("Editor"), public("Editor 2")))
    signed.git("switch", "--quiet", "mine")
    merge(signed, exit=0)
    assert signed.rules("--base", "main") == ["signature-wrong"]
    (write_key(signed.keyring, "Editor 2")).replace(signed.keyring / "Editor")
    (signed.keyring / "Editor 2.pub").replace(signed.keyring / "Editor.pub")
    error = signed.refused("redo", SLUG, who="Editor")
    assert "its signature is by a key" in error
    signed.story("redo", SLUG, "--yes", who="Editor")
    assert actions(signed) == ["approve Editor"]
    in_order(signed)
    assert "nothing to redo" in signed.story("redo", SLUG, who="Editor").err


def test_the_first_entry_of_a_story_is_made_anew_too(signed):
    signed.story("new", "Harbour reopens", "--slug", "harbour")
    signed.fill("harbour")
    signed.story("submit", "harbour")
    signed.git("switch", "--quiet", "main")
    from signers import public

    configure(signed, signing_roster().replace(public("Reporter"), public("Reporter 2")))
    signed.git("switch", "--quiet", "mine")
    merge(signed, exit=0)
    (write_key(signed.keyring, "Reporter 2")).replace(signed.keyring / "Reporter")
    (signed.keyring / "Reporter 2.pub").replace(signed.keyring / "Reporter.pub")
    before = signed.id_of("harbour")
    signed.story("redo", "harbour", "--yes")
    assert [one["action"] for one in signed.entries("harbour")] == ["new", "submit"]
    assert signed.id_of("harbour") == before
    in_order(signed)


def test_moves_of_a_person_gone_are_asked_for_again(desk):
    on(desk, "mine", ("Deputy", "approve"), ("Editor", "publish"))
    desk.git("switch", "--quiet", "main")
    desk.write("newsroom.toml", PEOPLE_TOML.replace('"Deputy"', '"Newcomer"').replace("deputy@", "new@"))
    desk.commit("people", who="Chief")
    desk.git("switch", "--quiet", "mine")
    merge(desk, exit=0)
    assert "not-entitled" in desk.rules("--base", "main")
    error = desk.refused("redo", SLUG, who="Editor")
    assert "approve by Deputy is taken out" in error
    said = desk.story("redo", SLUG, "--yes", who="Editor").err
    assert "dropped: approve by Deputy; Deputy may not make it any more." in said
    assert "To ask: Editor, Chief, Newcomer." in said
    assert "not made again: publish" in said
    assert actions(desk) == []
    in_order(desk)
    desk.story("approve", SLUG, who="Chief")
    in_order(desk)


def test_others_make_their_own_entries_anew(signed):
    on(signed, "mine", ("Deputy", "approve"))
    signed.git("switch", "--quiet", "main")
    from signers import public

    configure(signed, signing_roster().replace(public("Deputy"), public("Deputy 2")))
    signed.git("switch", "--quiet", "mine")
    merge(signed, exit=0)
    said = signed.story("redo", SLUG, who="Editor").err
    assert "approve by Deputy: its signature is by a key" in said
    assert f"Deputy runs story redo {SLUG}" in said
    assert "nothing to redo" in said


def test_an_honest_sign_off_on_a_picture_is_none_to_redo(newsroom):
    newsroom.write("newsroom.toml", PEOPLE_TOML)
    newsroom.commit("people")
    newsroom.write("stories/2025/11/hall.png", b"not a real picture")
    newsroom.at("review", body="The hall is full.\n\n![Hall](hall.png)\n")
    newsroom.git("switch", "--quiet", "-c", "mine")
    newsroom.story("approve", SLUG, who="Editor")
    assert "nothing to redo" in newsroom.story("redo", SLUG, who="Editor").err


# Words that changed before the push


def unseen(desk: Desk, tmp_path) -> None:
    """The reporter pushed new words while the editor approved the old ones, and the editor has rebased."""
    hub_of(desk, tmp_path)
    desk.git("switch", "--quiet", "main")
    other = Desk(tmp_path / "other", desk.now)
    desk.git("clone", "--quiet", "--branch", "main", str(tmp_path / "hub.git"), str(other.root))
    rewrite(other, "in spring", "in late spring", "Reporter")
    other.git("push", "--quiet")
    desk.tick(60)
    desk.story("approve", SLUG, who="Editor")
    desk.tick()
    desk.git("pull", "--quiet", "--rebase", who="Editor")


def test_a_sign_off_on_words_that_are_nowhere_is_made_on_todays(desk, tmp_path):
    unseen(desk, tmp_path)
    error = desk.refused("redo", SLUG, who="Editor")
    assert "its words or pictures are not those of your approve: 1 word changed, by Reporter" in error
    said = desk.story("redo", SLUG, "--yes", who="Editor").err
    assert "made again: approve (edit)" in said
    entry = desk.entries(SLUG)[-1]
    assert (entry["action"], entry["writers"]) == ("approve", [PEOPLE["Reporter"]])
    assert desk.rules("--base", "origin/main", exit=0) == []
    assert desk.story("log", SLUG, "--json").json[-1]["strength"] == "attributed"
    assert "nothing to redo" in desk.story("redo", SLUG, who="Editor").err
    desk.git("push", "--quiet")
    assert [one for one in desk.story("audit", "--json").json["findings"] if one["severity"] == "error"] == []


def test_where_the_newsroom_signs_it_is_signed_anew(signed, tmp_path):
    unseen(signed, tmp_path)
    signed.story("redo", SLUG, "--yes", who="Editor")
    assert signed.story("log", SLUG, "--json").json[-1]["strength"] == "signed"
    assert signed.git("rev-list", "--count", "origin/main..HEAD") == "1"
    assert signed.rules("--base", "origin/main", exit=0) == []


def test_dry_run_shows_what_would_be_signed_and_leaves_the_branch(desk, tmp_path):
    unseen(desk, tmp_path)
    before = desk.everything()
    said = desk.story("redo", SLUG, "--dry-run", who="Editor")
    assert "Would commit" in said.out
    assert "1 word changed, by Reporter" in said.err
    assert desk.everything() == before


def test_a_second_sign_off_behind_it_is_made_again_too(desk, tmp_path):
    unseen(desk, tmp_path)
    desk.story("publish", SLUG, "--yes", who="Editor")
    desk.story("redo", SLUG, "--yes", who="Editor")
    assert actions(desk) == ["approve Editor", "publish Editor"]
    assert desk.git("rev-list", "--count", "origin/main..HEAD") == "2"
    assert desk.rules("--base", "origin/main", exit=0) == []
    assert "nothing to redo" in desk.story("redo", SLUG, who="Editor").err


def test_what_was_committed_behind_it_stays(desk, tmp_path):
    unseen(desk, tmp_path)
    desk.write("other.txt", "x\n")
    desk.commit("another matter", "other.txt", who="Editor")
    rewrite(desk, "on Monday", "on Tuesday", "Editor")
    desk.write("loose.txt", "not committed\n")
    desk.story("redo", SLUG, "--yes", who="Editor")
    assert desk.read("other.txt") == "x\n"
    assert "on Tuesday" in desk.read(desk.path_of(SLUG))
    assert desk.git("log", "--format=%s", "origin/main..").split("\n") == [
        f"approve: {SLUG} (review → edit)", f"save: {SLUG}", "another matter",
    ]  # fmt: skip
    assert desk.git("status", "--short") == "?? loose.txt"
    assert desk.entries(SLUG)[-1]["writers"] == [PEOPLE["Reporter"], PEOPLE["Editor"]]
    assert desk.rules("--base", "origin/main", exit=0) == []


def test_on_a_branch_that_was_pushed_nothing_is_rewritten(desk, tmp_path):
    unseen(desk, tmp_path)
    desk.git("switch", "--quiet", "-c", "budget")
    desk.git("push", "--quiet", "-u", "origin", "budget")
    desk.story("redo", SLUG, "--yes", who="Editor")
    assert desk.git("rev-list", "--count", "origin/budget..HEAD") == "1"
    desk.git("push", "--quiet")
    assert actions(desk) == ["approve Editor"]
    assert desk.rules("--base", "origin/main", exit=0) == []


def test_what_is_on_the_protected_branch_stays(desk, tmp_path):
    unseen(desk, tmp_path)
    desk.git("push", "--quiet")
    assert "nothing to redo" in desk.story("redo", SLUG, who="Editor").err


def test_a_key_that_does_not_sign_leaves_everything_as_it_was(signed, tmp_path):
    unseen(signed, tmp_path)
    signed.keyring = None
    assert "No key is set up" in signed.refused("redo", SLUG, "--yes", who="Editor", exit=3)


def test_a_hook_that_refuses_leaves_everything_as_it_was(desk, tmp_path):
    unseen(desk, tmp_path)
    hook = desk.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert "did not make the commit" in desk.refused("redo", SLUG, "--yes", who="Editor", exit=3)


# A draft that is gone


def deleted(newsroom: Desk) -> tuple[str, str]:
    """A draft that `main` deleted while the branch `mine` wrote on it."""
    newsroom.at("draft")
    path, ledger = newsroom.path_of(SLUG), newsroom.ledger_of(SLUG)
    newsroom.git("switch", "--quiet", "-c", "mine")
    rewrite(newsroom, "on Monday", "on Tuesday", "Reporter")
    newsroom.git("switch", "--quiet", "main")
    newsroom.story("delete", SLUG)
    newsroom.git("switch", "--quiet", "mine")
    return path, ledger


@pytest.mark.parametrize("how", ["merge", "rebase"])
def test_a_draft_the_other_side_deleted_is_gone(newsroom, how):
    path, _ = deleted(newsroom)
    newsroom.git(how, "--quiet", "main", exit=1)
    error = newsroom.refused("redo", SLUG)
    assert f"{SLUG} was deleted on the other side, with its ledger." in error
    assert "JSON" not in error
    assert f"git rm {path}" in error
    newsroom.git("rm", "--quiet", path)
    go_on(newsroom, exit=None) if how == "rebase" else conclude(newsroom)
    assert newsroom.rules(exit=0) == []


def test_a_draft_the_other_side_deleted_may_come_back(newsroom):
    path, ledger = deleted(newsroom)
    newsroom.git("merge", "--quiet", "main", exit=1)
    way = f"git checkout {newsroom.git('rev-parse', '--short', 'HEAD')} -- {ledger} {path}"
    assert way in newsroom.refused("redo", SLUG)
    newsroom.git("rm", "--quiet", path)
    conclude(newsroom)
    newsroom.git(*way.split()[1:])
    newsroom.git("commit", "--quiet", "-m", "restored")
    assert "on Tuesday" in newsroom.read(path)
    assert newsroom.rules(exit=0) == []
    assert newsroom.rules("--base", "main", exit=0) == []


def test_a_draft_deleted_in_a_merge_is_gone(newsroom):
    path, _ = deleted(newsroom)
    newsroom.git("merge", "--quiet", "main", exit=1)
    newsroom.commit("merged")
    error = newsroom.refused("redo", SLUG)
    assert f"{SLUG} was deleted, with its ledger" in error
    assert f"git rm {path}" in error


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
    assert f"git rm {ledger} {path}" in newsroom.refused("redo", path)


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
    assert split_sides(text) == (b"a\nb\ne\n", b"a\nd\ne\n")
    assert split_sides(b"a\n") == (b"a\n", b"a\n")


@pytest.mark.parametrize(
    "text, marked",
    [
        (b"a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> theirs\n", True),
        (b">>>>>>> theirs\r\n", True),
        (b"<<<<<<<", True),
        (b"A title\n=======\n\n||||||| a table\n", False),
        (b"<<<<<<<< eight\n <<<<<<< indented\n>>>>>>>x\n", False),
    ],
)
def test_marks_of_a_conflict_are_told_from_a_title_that_is_underlined(text, marked):
    assert has_marks(text) is marked
