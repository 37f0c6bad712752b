"""Attacks by push: each is refused by the hook, over the network, with its reason on the pusher's terminal."""

from __future__ import annotations

import json
import re

import pytest
from conftest import PEOPLE
from serving import served_folder, served_newsroom  # noqa: F401  fixtures

from attacks.forging import forge

# What a push brings


def test_record_key_set_by_hand(served):
    served.desk.change(served.desk.path_of("council-budget"), "state: review", "state: edit")
    served.desk.commit(who="Editor")
    assert "record-by-hand" in served.refused("main").rules


def test_record_key_of_a_public_story_set_by_hand(served):
    served.desk.change(served.desk.path_of("harbour-fire"), "version: 1", "version: 2")
    served.desk.commit(who="Editor")
    assert served.refused("main").rules == {"record-by-hand"}


def test_self_approval(served):
    served.desk.git("switch", "--quiet", "-C", "main")
    served.desk.story("new", "Flood", "--slug", "flood", who="Editor")
    served.desk.fill("flood", reporter=PEOPLE["Editor"])
    served.desk.story("submit", "flood", who="Editor")
    forge(served.desk, "flood", by="Editor", commit_as="Editor")
    assert served.refused("main").rules == {"four-eyes"}


def test_self_approval_under_another_case_of_the_address(served):
    forge(served.desk, "council-budget", by="R <REPORTER@Gazette.Example>", commit_as="R <REPORTER@Gazette.Example>")
    assert {"four-eyes", "not-entitled"} <= served.refused("main").rules


def test_approval_by_nobody_of_the_roster(served):
    forge(served.desk, "council-budget", by="Stringer", commit_as="Stringer")
    assert served.refused("main").rules == {"not-entitled"}


def test_entry_in_anothers_name(served):
    forge(served.desk, "council-budget", by="Editor", commit_as="Reporter")
    pushed = served.refused("main")
    assert pushed.rules == {"entry-not-attributed"}
    assert any(PEOPLE["Editor"] in line for line in pushed.told)


def test_quiet_edit_after_publication(served):
    path = served.desk.path_of("harbour-fire")
    served.desk.change(path, "Monday", "Tuesday")
    served.desk.commit("typo", who="Editor")
    pushed = served.refused("main")
    assert pushed.rules == {"published-words-changed"}
    assert pushed.told[0].startswith(f"{path}:")
    assert pushed.told[-2:] == [
        "Error: main does not take this push.",
        "Hint: Mend it and push again. To see it at home: git fetch, then story check --base origin/main",
    ]


def test_ledger_truncated(served):
    path = served.desk.ledger_of("harbour-fire")
    served.desk.write(path, "".join(served.desk.read(path).splitlines(keepends=True)[:-1]))
    served.desk.commit(who="Editor")
    assert "ledger-rewritten" in served.refused("main").rules


def test_ledger_rewritten_with_a_chain_of_its_own(served):
    path, story = served.desk.ledger_of("council-budget"), served.desk.path_of("council-budget")
    first = json.loads(served.desk.read(path).splitlines()[0])
    first["by"] = PEOPLE["Editor"]
    served.desk.write(path, json.dumps(first, ensure_ascii=False, separators=(",", ":")) + "\n")
    served.desk.change(story, "state: review", "state: draft")
    served.desk.commit()
    assert "ledger-rewritten" in served.refused("main").rules


def test_ledger_removed_with_its_story(served):
    paths = served.desk.ledger_of("harbour-fire"), served.desk.path_of("harbour-fire")
    served.desk.git("rm", "--quiet", *paths)
    served.desk.commit(who="Editor")
    assert {"ledger-removed", "story-removed"} <= served.refused("main").rules


def test_several_entries_in_one_commit(served):
    served.desk.story("approve", "council-budget", who="Editor")
    served.desk.story("publish", "council-budget", who="Editor")
    served.desk.git("reset", "--quiet", "--soft", "origin/main")
    served.desk.git("commit", "--quiet", "-m", "both", who="Editor")
    assert served.refused("main").rules == {"entry-not-attributed"}


def test_forged_move_hidden_in_a_merge(served):
    desk = served.desk
    desk.git("switch", "--quiet", "-c", "side")
    desk.write("x.txt", "x\n")
    desk.commit()
    desk.git("switch", "--quiet", "main")
    desk.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
    desk.change(desk.path_of("harbour-fire"), "Monday", "Tuesday")
    desk.git("add", "--all")
    desk.git("commit", "--quiet", "-m", "Merge branch 'side'", who="Editor")
    assert served.refused("main").rules == {"published-words-changed"}


# The judges


def test_judges_together_with_stories(served):
    served.desk.write("newsroom.toml", served.desk.read("newsroom.toml").replace('"reporter"]', '"editor"]'))
    served.desk.commit(who="Chief")
    forge(served.desk, "council-budget", by="Stringer", commit_as="Stringer")
    assert {"judges-with-stories", "not-entitled"} <= served.refused("main").rules


def entitled(served, roles: str = '["chief-editor"]') -> None:
    """Let the base say who may change the judges."""
    served.desk.change("newsroom.toml", "[trust]\n", f"[trust]\njudges = {roles}\n")
    served.desk.commit("who judges", who="Chief")
    served.taken("main")


def test_roster_changed_by_somebody_who_may_not(served):
    entitled(served)
    served.desk.change("newsroom.toml", 'roles = ["reporter"]', 'roles = ["reporter", "editor"]')
    served.desk.commit("me too", who="Reporter")
    pushed = served.refused("main")
    assert pushed.rules == {"judges-not-entitled"}
    assert any("Chief" in line for line in pushed.told)


def test_roster_of_before_brought_back_by_a_merge(served):
    """The merge takes the roster of its own side, and none of its commits touches the file."""
    desk = served.desk
    entitled(served)
    desk.git("switch", "--quiet", "-c", "old")
    desk.write("x.txt", "x\n")
    desk.commit()
    desk.git("switch", "--quiet", "main")
    desk.change("newsroom.toml", 'roles = ["editor"]', 'roles = ["stringer"]')
    desk.commit("off the desk", who="Chief")
    served.taken("main")
    desk.git("switch", "--quiet", "old")
    desk.git("merge", "--quiet", "-s", "ours", "--no-edit", "main", who="Editor")
    assert served.refused("old:main").rules == {"judges-not-entitled"}


def test_mailmap_that_makes_somebody_the_editor(served):
    entitled(served)
    served.desk.write(".mailmap", f"{PEOPLE['Editor']} <reporter@gazette.example>\n")
    served.desk.commit()
    assert served.refused("main").rules == {"judges-not-entitled", "configuration-strands"}


def test_judges_change_and_its_undo_do_not_cover_a_story(served):
    """Trust lowered, an entry forged, trust put back, in three commits of one push."""
    text = served.desk.read("newsroom.toml")
    served.desk.change("newsroom.toml", "[trust]\n", '[trust]\nrequire = "recorded"\n')
    served.desk.commit(who="Reporter")
    forge(served.desk, "council-budget", by="Editor", commit_as="Reporter")
    served.desk.write("newsroom.toml", text)
    served.desk.commit(who="Reporter")
    assert served.refused("main").rules == {"entry-not-attributed"}


def test_configuration_that_cannot_be_read(served):
    served.desk.write("newsroom.toml", "[trust\n")
    served.desk.commit(who="Chief")
    assert any(line.startswith("Error: newsroom.toml:") for line in served.refused("main").told)


# The refs


def test_force_push(served):
    served.desk.git("commit", "--quiet", "--amend", "-m", "another")
    pushed = served.refused("--force", "main")
    assert any("forced push" in line for line in pushed.told)


def test_history_replaced_by_one_without_the_ledgers(served):
    served.desk.git("switch", "--quiet", "--orphan", "other")
    served.desk.write("README.md", "nothing\n")
    served.desk.commit()
    assert any("forced push" in line for line in served.refused("--force", "other:main").told)


def test_branch_deletion(served):
    served.git("config", "receive.denyDeleteCurrent", "ignore")
    pushed = served.refused(":main")
    assert any("cannot be deleted" in line for line in pushed.told)


def test_branch_that_the_configuration_protects(served):
    served.desk.change("newsroom.toml", "[trust]\n", '[trust]\nprotected = ["main", "archive"]\n')
    served.desk.commit(who="Chief")
    served.taken("main")
    served.taken("main:archive")
    served.desk.change(served.desk.path_of("harbour-fire"), "Monday", "Tuesday")
    served.desk.commit(who="Editor")
    assert served.refused("main:archive").rules == {"published-words-changed"}
    assert any("cannot be deleted" in line for line in served.refused(":archive").told)


def test_pushed_configuration_that_protects_nothing(served):
    served.desk.change("newsroom.toml", "[trust]\n", '[trust]\nprotected = ["elsewhere"]\n')
    served.desk.commit(who="Chief")
    served.taken("main")
    served.desk.change(served.desk.path_of("harbour-fire"), "Monday", "Tuesday")
    served.desk.commit(who="Editor")
    assert served.refused("main").rules == {"published-words-changed"}


def test_forged_push_beside_an_honest_one_takes_neither(served):
    desk = served.desk
    desk.git("switch", "--quiet", "-c", "honest")
    desk.story("approve", "council-budget", who="Editor")
    desk.git("switch", "--quiet", "main")
    desk.change(desk.path_of("harbour-fire"), "Monday", "Tuesday")
    desk.commit(who="Editor")
    assert served.refused("honest", "main").rules == {"published-words-changed"}


def test_two_protected_branches_forged_at_once_are_both_named(served):
    desk = served.desk
    desk.change("newsroom.toml", "[trust]\n", '[trust]\nprotected = ["archive"]\n')
    desk.commit(who="Chief")
    served.taken("main")
    served.taken("main:archive")
    desk.change(desk.path_of("harbour-fire"), "Monday", "Tuesday")
    desk.commit(who="Editor")
    told = served.refused("main", "main:archive").told
    assert {"Error: main does not take this push.", "Error: archive does not take this push."} <= set(told)


def live(served):
    """The branch `live` is protected, and not there yet; the clone stands on it."""
    desk = served.desk
    desk.change("newsroom.toml", "[trust]\n", '[trust]\nprotected = ["main", "live"]\n')
    desk.commit("configuration", who="Chief")
    served.taken("main")
    desk.git("switch", "--quiet", "-c", "live")
    return desk


def test_new_protected_branch_that_brings_its_own_judges(served):
    desk = live(served)
    desk.change("newsroom.toml", '["reporter"]', '["reporter", "editor"]')
    forge(desk, "council-budget", by="Editor", commit_as="Reporter")
    assert {"judges-with-stories", "entry-not-attributed"} <= served.refused("live").rules


def test_new_protected_branch_with_a_forged_move(served):
    desk = live(served)
    served.taken("live:live")
    served.git("update-ref", "-d", "refs/heads/live")
    forge(desk, "council-budget", by="Editor", commit_as="Reporter")
    assert served.refused("live").rules == {"entry-not-attributed"}


def test_new_protected_branch_of_before_the_judges_changed(served):
    live(served)
    told = served.refused("live~1:refs/heads/live").told
    assert any("before its judges changed" in line for line in told)


def test_new_protected_branch_with_a_history_of_its_own(served):
    desk = live(served)
    desk.git("switch", "--quiet", "--orphan", "other")
    desk.write("newsroom.toml", "")
    desk.commit("begin")
    assert any("no history in common" in line for line in served.refused("other:live").told)


def test_another_name_of_the_protected_branch(served):
    served.git("symbolic-ref", "refs/heads/live", "refs/heads/main")
    served.desk.change(served.desk.path_of("harbour-fire"), "Monday", "Tuesday")
    served.desk.commit(who="Editor")
    assert any("another name of main" in line for line in served.refused("main:live").told)


def test_protected_branch_in_other_letters(served):
    """Where file names ignore case, `Main` and `main` are one file."""
    served.desk.change(served.desk.path_of("harbour-fire"), "Monday", "Tuesday")
    served.desk.commit(who="Editor")
    assert any("in its writing alone" in line for line in served.refused("main:refs/heads/Main").told)


def test_replacement_of_the_published_words(served):
    desk = served.desk
    old = desk.git("rev-parse", f"HEAD:{desk.path_of('harbour-fire')}")
    new = desk.git("hash-object", "-w", "--stdin", stdin="other words\n")
    desk.git("update-ref", f"refs/replace/{old}", new)
    assert any("other objects" in line for line in served.refused(f"refs/replace/{old}").told)


@pytest.mark.parametrize("name", ["refs/tags/main", "refs/heads/refs/heads/main", "refs/tags/refs/heads/main"])
def test_name_that_would_mean_two_things(served, name):
    """With a branch `refs/heads/main` on the server nobody could push to `main` any more."""
    assert any("mean two things" in line for line in served.refused(f"main:{name}").told)
    served.git("update-ref", name, "main")
    served.taken(f":{name}")


@pytest.mark.parametrize("name", ["refs/tags/main", "refs/heads/origin/main"])
def test_name_that_means_two_things_already(served, name):
    """The hook judges ids, whatever else is called so on its server."""
    desk = served.desk
    desk.change(desk.path_of("harbour-fire"), "Monday", "Tuesday")
    desk.commit(who="Editor")
    served.git("fetch", "--quiet", str(desk.root), f"main:{name}")
    assert served.refused("main:refs/heads/main").rules == {"published-words-changed"}
    desk.git("reset", "--quiet", "--hard", "HEAD~1")
    desk.story("approve", "council-budget", who="Editor")
    served.taken("main:refs/heads/main")


def test_first_push_of_a_forged_newsroom(served):
    """Where nothing is there yet all of it is judged, by the configuration it brings."""
    served.git("update-ref", "-d", "refs/heads/main")
    served.desk.change(served.desk.path_of("harbour-fire"), "Monday", "Tuesday")
    served.desk.commit(who="Editor")
    assert served.refused("main").rules == {"published-words-changed"}


# The terminal


def test_title_that_would_write_on_the_terminal(served):
    desk = served.desk
    path = desk.path_of("harbour-fire")
    title = re.search(r"^title: .*$", desk.read(path), re.MULTILINE)[0]
    desk.change(path, title, "title: Fire\x1b[2K\x1b[1A main is in order")
    desk.commit(who="Editor")
    pushed = served.refused("main")
    assert "control-character" in pushed.rules
    assert any("Fire\\x1b[2K" in line for line in pushed.told)
    assert "\x1b[1A" not in pushed.err
