"""`story check --base`: what merging a change would bring, judged by the base's roster, pipeline and rules."""

from __future__ import annotations

import re
from typing import Any

import pytest
from attacks.forging import begin, hide, on_main, settled
from conftest import PEOPLE, Desk


@pytest.fixture
def base(made) -> Desk:
    """`main` with a story in review and a published one; the working tree is on the branch `change`."""
    return made("base", begin)


def judged(desk: Desk, *args: str, exit: int = 1) -> list[str]:
    return desk.rules("--base", "main", *args, exit=exit)


def found(desk: Desk, rule: str, *args: str) -> dict[str, Any]:
    rows = [one for one in desk.findings("--base", "main", *args) if one["rule"] == rule]
    assert len(rows) == 1, rows
    return rows[0]


# What passes


def test_honest_pull_request_passes(base):
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Chief")
    base.at("publish", "flood", title="Flood")
    said = base.story("check", "--base", "main")
    assert said.err == "checked 2 of 3 stories: nothing found\n"
    assert said.out == ""


def test_one_move_passes_and_only_its_story_is_checked(base):
    base.story("approve", "council-budget", who="Editor")
    assert base.story("check", "--base", "main").err == "checked 1 of 2 stories: nothing found\n"


def test_nothing_changed_is_success(base):
    assert base.story("check", "--base", "main").err == "checked 0 of 2 stories: nothing found\n"
    assert base.story("check", "--base", "HEAD").err == "checked 0 of 2 stories: nothing found\n"


def test_change_of_other_files_is_success(base):
    base.write("README.md", "# Other\n")
    base.write("notes/x.md", "no story\n")
    base.commit()
    assert base.story("check", "--base", "main").err == "checked 0 of 2 stories: nothing found\n"


def test_branch_behind_its_base_passes(base):
    on_main(base, "approve", "council-budget", who="Editor")
    assert judged(base, exit=0) == []
    base.story("new", "Flood", "--slug", "flood")
    assert judged(base, exit=0) == []


def test_hosts_merge_checkout_is_judged_against_its_first_parent(base):
    stale = base.git("rev-parse", "main")
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.story("new", "Flood", "--slug", "flood")
    base.story("new", "Frost", "--slug", "frost")
    base.git("reset", "--quiet", "--soft", "HEAD~2")
    base.git("commit", "--quiet", "-m", "a squash of two, checked when it was merged", who="Chief")
    base.git("switch", "--quiet", "--detach", "main")
    base.git("merge", "--quiet", "--no-ff", "-m", "Merge change into main", "change", who="Chief")
    base.git("update-ref", "refs/remotes/origin/main", "main")
    on_host = {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_BASE_REF": "main"}
    assert base.story("check", "--base", stale, env=on_host).err == "checked 1 of 4 stories: nothing found\n"
    assert base.story("check", "--base", "main", env=on_host).err == "checked 1 of 4 stories: nothing found\n"
    gitlab = {"CI_MERGE_REQUEST_EVENT_TYPE": "merged_result", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
    assert base.story("check", "--base", stale, env=gitlab).err == "checked 1 of 4 stories: nothing found\n"
    assert "entry-not-attributed" in base.story("check", "--base", stale, exit=1).out


def test_merge_of_ones_own_does_not_pass_for_the_hosts(base):
    """A pull request whose last commit is a merge does not choose its own base."""
    base.git("switch", "--quiet", "-c", "evil")
    base.change(base.path_of("council-budget"), "state: review", "state: edit")
    base.commit("by hand")
    base.git("switch", "--quiet", "change")
    base.write("x.txt", "x\n")
    base.commit()
    base.git("switch", "--quiet", "evil")
    base.git("merge", "--quiet", "--no-edit", "change")
    assert base.git("rev-parse", "HEAD^2") == base.git("rev-parse", "change")
    assert "record-by-hand" in judged(base)


def test_squash_passes_as_recorded_and_not_as_attributed(base):
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Editor")
    base.git("reset", "--quiet", "--soft", "main")
    base.git("commit", "--quiet", "-m", "squashed", who="Chief")
    assert judged(base) == ["entry-not-attributed"]
    assert judged(base, "--require", "recorded", exit=0) == []


def test_option_may_ask_more_than_the_base_configures(base):
    settled(base, '[trust]\nrequire = "recorded"\n')
    base.story("approve", "council-budget", who="Editor")
    base.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit", who="Chief")
    assert judged(base, exit=0) == []
    assert judged(base, "--require", "attributed") == ["entry-not-attributed"]


def test_trouble_that_the_base_has_already_is_not_the_changes(base):
    base.git("switch", "--quiet", "main")
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.commit("quietly")
    base.git("switch", "--quiet", "-C", "change")
    base.story("approve", "council-budget", who="Editor")
    assert judged(base, exit=0) == []


def test_base_may_be_any_name_of_a_commit(base, tmp_path):
    base.story("approve", "council-budget", who="Editor")
    commit = base.git("rev-parse", "main")
    base.git("tag", "v1", "main")
    for name in (commit, commit[:10], "refs/heads/main", "v1", "HEAD~1", "main^{commit}"):
        assert base.rules("--base", name, exit=0) == []
    base.git("clone", "--quiet", "--branch", "change", str(base.root), str(tmp_path / "clone"))
    clone = Desk(tmp_path / "clone", now=base.now)
    assert clone.rules("--base", "origin/main", exit=0) == []


def test_base_is_checked_in_a_bare_repository_too(base, tmp_path):
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.commit()
    base.git("clone", "--quiet", "--bare", "--branch", "change", str(base.root), str(tmp_path / "bare.git"))
    assert Desk(tmp_path / "bare.git", now=base.now).rules("--base", "main") == ["published-words-changed"]


def test_working_tree_does_not_count(base):
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.write("newsroom.toml", "unknown = 1\n")
    assert judged(base, exit=0) == []


# What by hand was written


def test_hand_written_draft_is_no_error(base, make_story):
    base.write("stories/by-hand.md", make_story())
    base.commit()
    assert judged(base, exit=0) == []


def test_missing_metadata_is_found_in_what_the_change_brings(base):
    base.change(base.path_of("council-budget"), "section: local\n", "")
    base.commit()
    assert found(base, "required-section")["path"] == base.path_of("council-budget")


# The ledger only grows


@pytest.mark.parametrize("with_story", [False, True])
def test_ledger_that_is_removed_is_found(base, with_story):
    paths = [base.ledger_of("council-budget"), *([base.path_of("council-budget")] if with_story else [])]
    ledger = paths[0]
    base.git("rm", "--quiet", *paths)
    base.commit()
    removed = found(base, "ledger-removed")
    assert removed["path"] == ledger
    assert "git restore" in removed["hint"]


def test_published_story_that_is_removed_is_found_with_the_way_back(base):
    path = base.path_of("harbour-fire")
    base.git("rm", "--quiet", path)
    base.commit(who="Editor")
    removed = found(base, "story-removed")
    assert f"git restore --source=BASE {path}" in removed["hint"]


def test_story_never_public_may_go_and_its_ledger_stays(base):
    base.git("rm", "--quiet", base.path_of("council-budget"))
    base.commit()
    assert judged(base, exit=0) == []


# Who may


def test_other_settings_may_change_together_with_stories(base):
    base.write(
        "newsroom.toml", 'name = "Gazette"\nlanguage = "de"\n[sections]\nlocal = "Local"\n[limits]\ntitle = 100\n'
    )
    base.commit("settings", who="Chief")
    base.story("new", "Flood", "--slug", "flood")
    assert judged(base, exit=0) == []


# Conflicts


def test_two_moves_of_one_story_conflict_and_the_hint_says_how_to_go_on(base):
    base.story("approve", "council-budget", who="Editor")
    on_main(base, "approve", "council-budget", who="Chief")
    said = base.story("check", "--base", "main", "--format", "json", exit=1)
    rows = {one["path"]: one for one in said.json["findings"]}
    assert {one["rule"] for one in rows.values()} == {"merge-conflict"}
    hint = rows[base.ledger_of("council-budget")]["hint"]
    assert "Merge the base into the branch, then: story redo SLUG" in hint
    assert "Two protected branches are not merged: git cherry-pick" in hint
    assert re.search(r"checked 0 of \d+ stories: \d errors?", said.err)


def test_conflict_elsewhere_is_a_finding_too(base):
    base.write("README.md", "# One\n")
    base.commit()
    base.git("switch", "--quiet", "main")
    base.write("README.md", "# Other\n")
    base.commit()
    base.git("switch", "--quiet", "change")
    assert found(base, "merge-conflict")["path"] == "README.md"


# When it cannot be known


def test_unreadable_story_is_a_finding(base):
    base.write(base.path_of("council-budget"), "---\ntitle: a: b\n---\n")
    base.commit()
    assert found(base, "yaml-syntax")["path"] == "stories/2025/11/council-budget.md"


# What it looks like


def test_annotations_of_a_change(base):
    path = base.path_of("council-budget")
    base.change(path, "state: review", "state: publish")
    base.commit()
    lines = base.story("check", "--base", "main", "--format", "github", exit=1).out.splitlines()
    number = base.read(path).splitlines().index("state: publish") + 1
    assert any(
        one.startswith(f"::error file={path},line={number},col=1,title=record-by-hand::state says") for one in lines
    )
    assert all(one.startswith(("::error file=", "::warning file=", "::notice file=")) for one in lines)


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_check_of_a_base_always_says_how_many_of_how_many(base, form):
    assert base.story("check", "--base", "main", "--format", form).err == "checked 0 of 2 stories: nothing found\n"
    base.story("approve", "council-budget", who="Editor")
    assert base.story("check", "--base", "main", "--format", form).err == "checked 1 of 2 stories: nothing found\n"


def test_check_of_a_base_works_as_a_process_of_its_own(base):
    base.story("approve", "council-budget", who="Editor")
    assert base.process("check", "--base", "main").err == "checked 1 of 2 stories: nothing found\n"
    base.change(base.path_of("council-budget"), "state: edit", "state: publish")
    base.commit()
    assert "error[record-by-hand]" in base.process("check", "--base", "main", exit=1).out


def test_tag_that_is_named_like_the_base_does_not_hide_the_change(base):
    base.git("update-ref", "refs/remotes/origin/main", "main")
    hide(base)
    assert "record-by-hand" in base.story("check", "--base", "origin/main", exit=1).out
    base.git("tag", "origin/main", "HEAD")
    said = base.refused("check", "--base", "origin/main", exit=3)
    assert "--base refs/remotes/origin/main" in said
    assert "record-by-hand" in base.story("check", "--base", "refs/remotes/origin/main", exit=1).out


def test_merge_at_the_head_of_a_branch_is_not_taken_for_the_hosts(base):
    base.git("update-ref", "refs/remotes/origin/main", "main")
    base.git("branch", "side")
    hide(base)
    base.git("switch", "--quiet", "side")
    base.commit("nothing") if base.git("status", "--porcelain") else base.git("commit", "--allow-empty", "-qm", "x")
    base.git("switch", "--quiet", "change")
    base.git("merge", "--quiet", "--no-ff", "-m", "looks like the host's", "side")
    on_host = {"GITHUB_REF": "refs/pull/1/merge", "GITHUB_BASE_REF": "main"}
    assert "record-by-hand" in base.story("check", "--base", "origin/main", env=on_host, exit=1).out


def test_log_goes_through_merges(base):
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.story("new", "Flood", "--slug", "flood")
    base.git("merge", "--quiet", "--no-ff", "-m", "merge", "change")
    assert [one["strength"] for one in base.story("log", "council-budget", "--json").json] == ["attributed"] * 3


def test_words_saved_beside_an_entry_are_not_of_its_writers(base):
    base.git("switch", "--quiet", "-c", "ana", "main")
    base.change(base.path_of("council-budget"), "Two libraries", "Three libraries")
    base.story("save", "council-budget", who="Stringer")
    base.git("switch", "--quiet", "change")
    base.story("approve", "council-budget", who="Editor")
    base.git("merge", "--quiet", "--no-ff", "-m", "merge", "ana")
    assert judged(base, exit=0) == []


def test_writer_before_a_folder_was_moved_is_still_named_and_the_mover_is_none(base):
    base.change(base.path_of("council-budget"), "Two libraries", "Three libraries")
    base.story("save", "council-budget", who="Stringer")
    (base.root / "stories/2025/12").mkdir()
    base.git("mv", base.path_of("council-budget"), "stories/2025/12/council-budget.md")
    base.git("commit", "--quiet", "-m", "december", who="Chief")
    base.story("approve", "council-budget", who="Editor")
    assert base.entries("council-budget")[-1]["writers"] == [PEOPLE["Stringer"]]
    assert judged(base, exit=0) == []


BY_SECTION = """
[[people]]
name = "Reporter"
emails = ["reporter@gazette.example"]
roles = ["reporter"]

[[people]]
name = "Editor"
emails = ["editor@gazette.example"]
roles = ["editor"]
sections = ["local"]

[[people]]
name = "Deputy"
emails = ["deputy@gazette.example"]
roles = ["editor"]
sections = ["sport"]
"""


def test_story_that_changes_its_section_is_judged_by_the_section_each_entry_signed(newsroom):
    newsroom.write("newsroom.toml", BY_SECTION)
    newsroom.commit("roster")
    slug = newsroom.at("review")
    newsroom.git("switch", "--quiet", "-c", "change")
    newsroom.story("approve", slug, who="Editor")
    newsroom.change(newsroom.path_of(slug), "section: local", "section: sport")
    newsroom.story("save", slug)
    newsroom.change(newsroom.path_of(slug), "on Monday", "on Tuesday")
    newsroom.story("save", slug)
    newsroom.story("publish", slug, "--yes", who="Deputy")
    newsroom.change(newsroom.path_of(slug), "section: sport", "section: culture")
    newsroom.commit("culture")
    newsroom.git("revert", "--no-edit", "HEAD")
    assert newsroom.story("check", "--base", "main").exit == 0
    newsroom.git("switch", "--quiet", "main")
    newsroom.git("merge", "--quiet", "--no-ff", "--no-edit", "change", who="Editor")
    found = newsroom.story("audit", "--json", exit=None).json["findings"]
    assert [one for one in found if one["rule"] == "not-entitled"] == []
