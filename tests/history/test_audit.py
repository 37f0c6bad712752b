"""`story audit`: what a whole history proves, judged commit by commit of the protected line."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from attacks.forging import ROSTER, forge
from conftest import BODY, PICTURE, Desk, Said


def audited(desk: Desk, *args: str, exit: int = 0, **more: Any) -> dict[str, Any]:
    return desk.story("audit", "--json", *args, exit=exit, **more).json


def marks(desk: Desk, *args: str, exit: int = 0) -> list[tuple[str, str]]:
    """What an audit found: rule and weight, in its order."""
    return [(one["rule"], one["severity"]) for one in audited(desk, *args, exit=exit)["findings"]]


def strengths(desk: Desk, slug: str = "council-budget") -> list[str]:
    (story,) = [one for one in audited(desk)["stories"] if one["slug"] == slug]
    return [one["strength"] for one in story["entries"]]


def on_a_branch(desk: Desk, name: str, *moves: tuple[str, ...]) -> None:
    """Make moves on a branch that begins at `main`, and come back to `main`; each is (who, *arguments)."""
    desk.git("switch", "--quiet", "-c", name, "main")
    for who, *arguments in moves:
        desk.story(*arguments, who=who)
    desk.git("switch", "--quiet", "main")


# What it reports


def test_every_entry_has_its_commit_and_strength_as_in_the_log(gazette):
    gazette.at("publish")
    found = audited(gazette)
    (story,) = found["stories"]
    assert [{k: v for k, v in one.items() if k != "landed"} for one in story["entries"]] == gazette.story(
        "log", "council-budget", "--json"
    ).json
    assert all(one["landed"] == one["commit"] for one in story["entries"])
    assert found["strengths"] == {"recorded": 0, "attributed": 4, "signed": 0}
    assert (found["revision"], found["commits"]) == (gazette.head, 5)
    assert (story["slug"], story["path"]) == ("council-budget", gazette.path_of("council-budget"))


def test_screen_says_who_brought_what_and_how_sure_that_is(gazette):
    gazette.at("review")
    said = gazette.story("audit")
    rows = said.out.splitlines()
    assert rows[0].split() == ["council-budget", "Council", "passes", "the", "budget"]
    assert rows[2].split()[:4] == ["2", "submit", "review", "Reporter"]
    assert rows[2].split()[5] == "attributed"
    assert said.err.endswith("3 commits, 2 entries (2 attributed): nothing found\n")


def test_entry_of_a_merged_branch_names_its_commit_and_the_merge(gazette):
    gazette.at("review")
    on_a_branch(gazette, "budget", ("Editor", "approve", "council-budget"))
    made = gazette.git("rev-parse", "budget")
    gazette.git("merge", "--quiet", "--no-ff", "-m", "merged", "budget", who="Chief")
    entry = audited(gazette)["stories"][0]["entries"][-1]
    assert (entry["commit"], entry["landed"], entry["strength"]) == (made, gazette.head, "attributed")


def test_story_whose_ledger_is_all_that_is_left_is_shown_as_gone(gazette):
    gazette.at("review")
    gazette.git("rm", "--quiet", gazette.path_of("council-budget"))
    gazette.commit("withdrawn for good")
    assert audited(gazette)["stories"][0]["path"] is None
    assert "(gone)" in gazette.story("audit").out


def test_nothing_to_audit_is_success(gazette):
    assert audited(gazette)["stories"] == []
    assert gazette.story("audit").err.endswith("1 commit, 0 entries: nothing found\n")


def test_any_revision_may_be_audited_and_head_is_the_default(gazette):
    gazette.at("publish")
    gazette.change(gazette.path_of("council-budget"), "Monday", "Tuesday")
    gazette.commit("typo")
    assert marks(gazette, "HEAD~1") == []
    assert marks(gazette, exit=1) == [("published-words-changed", "error")]


def test_protected_branch_is_the_default_where_the_configuration_names_it(gazette):
    gazette.write("newsroom.toml", '[trust]\nprotected = ["main"]\n')
    gazette.commit("configuration")
    gazette.at("publish")
    gazette.git("switch", "--quiet", "-c", "other")
    gazette.change(gazette.path_of("council-budget"), "Monday", "Tuesday")
    gazette.commit("typo")
    assert gazette.story("audit").err.startswith("audited main (")
    assert marks(gazette, "HEAD", exit=1) == [("published-words-changed", "error")]


def test_bare_repository_is_audited_too(gazette, tmp_path):
    gazette.at("publish")
    gazette.git("clone", "--quiet", "--bare", str(gazette.root), str(tmp_path / "bare.git"))
    assert audited(Desk(tmp_path / "bare.git", now=gazette.now))["strengths"]["attributed"] == 4


def test_working_tree_does_not_count(gazette):
    gazette.at("publish")
    gazette.change(gazette.path_of("council-budget"), "Monday", "Tuesday")
    assert marks(gazette) == []


# Honest flows


def test_trunk_of_three_people_who_pull_and_push_is_in_order(gazette, tmp_path):
    gazette.git("clone", "--quiet", "--bare", str(gazette.root), str(tmp_path / "host.git"))
    desks = {}
    for who in ("Reporter", "Editor", "Chief"):
        gazette.git("clone", "--quiet", str(tmp_path / "host.git"), str(tmp_path / who))
        desks[who] = Desk(tmp_path / who, now=gazette.now)

    def pull(who: str) -> None:
        desks[who].git("pull", "--quiet", "--no-rebase", "--no-edit", who=who)

    def take(who: str, *move: str) -> None:
        """Make a move without having looked at what the others did, then pull and push."""
        desks[who].now = max(one.now for one in desks.values())
        desks[who].story(*move, who=who)
        pull(who)
        desks[who].git("push", "--quiet", who=who)

    desks["Reporter"].at("draft")
    take("Reporter", "submit", "council-budget")
    take("Chief", "new", "Flood", "--slug", "flood")
    pull("Editor")
    take("Reporter", "new", "Frost", "--slug", "frost")
    take("Editor", "approve", "council-budget")
    pull("Chief")
    take("Reporter", "new", "Ice", "--slug", "ice")
    take("Chief", "publish", "council-budget")
    pull("Editor")
    assert desks["Editor"].git("rev-list", "--merges", "--count", "HEAD") != "0"
    assert marks(desks["Editor"]) == []
    assert strengths(desks["Editor"]) == ["attributed"] * 4


def test_branch_per_story_merged_is_in_order(gazette):
    gazette.git("switch", "--quiet", "-c", "budget")
    gazette.at("publish")
    gazette.git("switch", "--quiet", "main")
    on_a_branch(gazette, "flood", ("Reporter", "new", "Flood", "--slug", "flood"))
    for branch in ("budget", "flood"):
        gazette.git("merge", "--quiet", "--no-ff", "-m", f"Merge {branch}", branch, who="Chief")
    assert marks(gazette) == []
    assert strengths(gazette) == ["attributed"] * 4


def test_squash_by_another_is_recorded_and_no_finding(gazette):
    gazette.git("switch", "--quiet", "-c", "budget")
    gazette.at("publish")
    gazette.git("switch", "--quiet", "main")
    gazette.git("merge", "--quiet", "--squash", "budget")
    gazette.git("commit", "--quiet", "-m", "Budget (#7)", who="Chief")
    assert marks(gazette) == []
    assert strengths(gazette) == ["recorded"] * 4


def test_rebase_by_another_committer_keeps_attribution(gazette):
    gazette.git("switch", "--quiet", "-c", "budget")
    gazette.at("publish")
    gazette.git("switch", "--quiet", "main")
    gazette.write("other.txt", "x\n")
    gazette.commit("meanwhile")
    gazette.git("rebase", "--quiet", "main", "budget", who="Chief")
    gazette.git("switch", "--quiet", "main")
    gazette.git("merge", "--quiet", "--ff-only", "budget", who="Chief")
    assert marks(gazette) == []
    assert strengths(gazette) == ["attributed"] * 4


def test_branch_updated_from_the_base_in_between_is_in_order(gazette):
    gazette.at("review")
    gazette.git("switch", "--quiet", "-c", "budget")
    gazette.story("approve", "council-budget", who="Editor")
    gazette.git("switch", "--quiet", "main")
    gazette.write("newsroom.toml", 'name = "Gazette"\n[rules]\ntitle-length = "off"\n')
    gazette.commit("configuration", who="Chief")
    gazette.at("draft", "flood", title="Flood")
    gazette.git("switch", "--quiet", "budget")
    gazette.git("merge", "--quiet", "--no-edit", "main", who="Editor")
    gazette.story("publish", "council-budget", who="Editor")
    gazette.git("switch", "--quiet", "main")
    gazette.git("merge", "--quiet", "--no-ff", "-m", "Merge budget", "budget", who="Chief")
    assert marks(gazette) == [("judges-changed", "info")]
    assert strengths(gazette) == ["attributed"] * 4


def test_words_changed_by_the_editor_between_moves_are_in_order(gazette):
    gazette.at("edit")
    gazette.change(gazette.path_of("council-budget"), "Monday", "Tuesday")
    gazette.story("save", "council-budget", who="Chief")
    gazette.change(gazette.path_of("council-budget"), "Tuesday", "Sunday")
    gazette.story("save", "council-budget", who="Deputy")
    gazette.story("publish", "council-budget", "--yes", who="Editor")
    assert marks(gazette, "--require", "attributed") == []


def test_send_back_and_a_second_round_are_in_order(gazette):
    gazette.at("review")
    gazette.story("send-back", "council-budget", "--note", "Call the mayor.", who="Editor")
    gazette.change(gazette.path_of("council-budget"), "Monday", "Tuesday")
    gazette.story("submit", "council-budget")
    gazette.story("approve", "council-budget", who="Editor")
    assert marks(gazette) == []


def test_month_folder_moved_slug_renamed_and_draft_deleted_are_in_order(gazette):
    gazette.at("publish")
    gazette.at("draft", "flood", title="Flood")
    gazette.at("draft", "frost", title="Frost")
    gazette.story("delete", "flood")
    gazette.git("mv", gazette.path_of("frost"), "stories/2025/11/ice.md")
    gazette.change("stories/2025/11/ice.md", "slug: frost", "slug: ice")
    gazette.commit("renamed")
    gazette.git("mv", "stories/2025/11", "stories/old")
    gazette.commit("moved")
    assert marks(gazette) == []
    assert [one["slug"] for one in audited(gazette)["stories"]] == ["council-budget", "ice"]


def test_typing_error_that_broke_a_draft_and_was_mended_is_a_warning(gazette):
    gazette.at("review")
    path = gazette.path_of("council-budget")
    gazette.change(path, "title: Council", "title: Budget: Council")
    gazette.commit("quick")
    assert marks(gazette, exit=1) == [("yaml-syntax", "error")]
    gazette.change(path, "title: Budget: Council", "title: The Council")
    gazette.commit("mended")
    assert marks(gazette) == [("yaml-syntax", "warning")]
    assert audited(gazette)["findings"][0]["healed"] == gazette.head


def test_story_adopted_after_a_hand_written_draft_is_in_order(gazette, make_story):
    gazette.at("draft", "flood", title="Flood")
    gazette.write("stories/by-hand.md", make_story(slug="by-hand"))
    gazette.commit("by hand")
    gazette.story("adopt", "stories/by-hand.md")
    assert marks(gazette) == []


def test_lifted_four_eyes_are_a_warning_until_somebody_acknowledges_it(gazette):
    gazette.at("review")
    gazette.story("approve", "council-budget", "--override", "Alone tonight.")
    assert marks(gazette) == [("override-unacknowledged", "warning")]
    gazette.story("ack", "council-budget", who="Editor")
    assert marks(gazette) == []


def test_pictures_of_a_published_story_are_in_order(gazette):
    gazette.write("stories/2025/11/hall.png", PICTURE)
    gazette.at("publish", "hall", title="The hall", body=f"{BODY}\n![Hall](hall.png)\n")
    gazette.write("stories/2025/11/other.png", PICTURE + b"x")
    gazette.commit("a picture nobody names")
    assert marks(gazette) == []


# History before the ledger


def _imported(desk: Desk, make_story) -> None:
    desk.write("stories/2019/old.md", make_story(title="Old", date="2019-01-02T10:00:00Z", state="publish"))
    desk.write("stories/2019/other.md", make_story(title="Other", version="3"))
    desk.commit("an old site")
    desk.change("stories/2019/old.md", "Monday", "Tuesday")
    desk.commit("edited as sites are")
    desk.at("review", "flood", title="Flood")


def test_history_before_the_first_ledger_is_no_error(gazette, make_story):
    _imported(gazette, make_story)
    assert marks(gazette) == []
    gazette.change("stories/2019/old.md", "Tuesday", "Sunday")
    gazette.git("mv", "stories/2019/other.md", "stories/other.md")
    gazette.commit("edited and moved later")
    assert marks(gazette) == []


def test_old_file_whose_state_is_set_by_hand_later_is_found(gazette, make_story):
    _imported(gazette, make_story)
    gazette.write("stories/2019/other.md", make_story(title="Other", version="3", state="publish"))
    gazette.commit("by hand")
    assert marks(gazette, exit=1) == [("record-by-hand", "error")]


def test_first_commit_with_ledgers_is_judged_by_the_configuration_it_brings(newsroom):
    newsroom.at("publish")
    newsroom.git("checkout", "--quiet", "--orphan", "imported")
    newsroom.write("newsroom.toml", ROSTER)
    newsroom.commit("all in one")
    assert marks(newsroom) == []
    newsroom.write("newsroom.toml", ROSTER.replace('roles = ["editor"]', 'roles = ["reporter"]'))
    newsroom.git("add", "--all")
    newsroom.git("commit", "--quiet", "--amend", "--no-edit")
    assert set(marks(newsroom, exit=1)) == {("not-entitled", "error")}


# The judges of the time


def test_entry_is_judged_by_the_roster_of_its_time(gazette):
    gazette.write("newsroom.toml", ROSTER)
    gazette.commit("roster", who="Chief")
    gazette.at("publish")
    gazette.write("newsroom.toml", ROSTER.replace('roles = ["editor"]', 'roles = ["photographer"]'))
    gazette.commit("the Editor takes pictures now", who="Chief")
    assert marks(gazette) == [("judges-changed", "info")]


def test_entry_is_judged_by_the_pipeline_of_its_time(gazette):
    gazette.at("publish")
    row = 'action = "approve"\nfrom = ["review"]\nto = "edit"\nby = ["chief"]\nsets = ["editor"]\n'
    gazette.write("newsroom.toml", f"[[pipeline.moves]]\n{row}")
    gazette.commit("a chief approves now", who="Chief")
    gazette.change(gazette.path_of("council-budget"), "slug: council-budget", "slug: council-budget\ndue: 2025-12-01")
    gazette.commit("touched")
    assert marks(gazette) == [("judges-changed", "info")]


def test_mailmap_and_other_settings_that_change_alone_are_told(gazette):
    gazette.at("draft")
    gazette.write(".mailmap", "Reporter <reporter@gazette.example> <me@home.example>\n")
    gazette.commit("mailmap")
    gazette.write("newsroom.toml", 'name = "Gazette"\n')
    gazette.commit("a name judges nobody")
    assert marks(gazette) == [("judges-changed", "info")]


def test_configuration_that_could_not_be_read_for_a_while_is_a_warning(gazette):
    gazette.at("draft")
    gazette.write("newsroom.toml", "nmae = 1\n")
    gazette.commit("broken")
    gazette.write("newsroom.toml", 'name = "x"\n')
    broken = gazette.head
    gazette.commit("mended")
    (found,) = audited(gazette)["findings"]
    assert (found["rule"], found["severity"], found["commit"]) == ("configuration-unreadable", "warning", broken)


# What is too weak


def _squashed(desk: Desk) -> None:
    desk.at("review")
    desk.story("approve", "council-budget", who="Editor")
    desk.story("publish", "council-budget", who="Editor")
    desk.git("reset", "--quiet", "--soft", "HEAD~2")
    desk.git("commit", "--quiet", "-m", "squashed", who="Chief")


def test_weak_entries_are_errors_where_more_is_required(gazette):
    _squashed(gazette)
    assert marks(gazette) == []
    weak = audited(gazette, "--require", "attributed", exit=1)["findings"]
    assert [(one["rule"], one["line"], one["commit"]) for one in weak] == [
        ("entry-not-attributed", 3, gazette.head),
        ("entry-not-attributed", 4, gazette.head),
    ]


def test_configuration_asks_for_strength_from_its_commit_on(gazette):
    _squashed(gazette)
    gazette.write("newsroom.toml", '[trust]\nrequire = "attributed"\n')
    gazette.commit("configuration")
    assert marks(gazette) == [("judges-changed", "info")]
    gazette.at("review", "flood", title="Flood")
    gazette.git("reset", "--quiet", "--soft", "HEAD~2")
    gazette.git("commit", "--quiet", "-m", "squashed", who="Chief")
    assert ("entry-not-attributed", "error") in marks(gazette, "--require", "recorded", exit=1)


def test_strength_that_is_none_is_wrong_usage(gazette):
    assert "There is no strength strong" in gazette.refused("audit", "--require", "strong", exit=2)


# Where it cannot run


def cannot(desk: Desk, *args: str, **more: Any) -> str:
    return desk.refused("audit", *args, exit=3, **more)


def test_shallow_clone_is_not_audited(gazette, tmp_path):
    gazette.at("review")
    gazette.git("clone", "--quiet", "--depth", "1", f"file://{gazette.root}", str(tmp_path / "shallow"))
    assert "shallow" in cannot(Desk(tmp_path / "shallow", now=gazette.now))


def test_log_in_a_shallow_clone_says_that_its_commits_may_be_others(gazette, tmp_path):
    gazette.at("review")
    gazette.git("clone", "--quiet", "--depth", "1", f"file://{gazette.root}", str(tmp_path / "shallow"))
    slug = min(gazette.root.glob("stories/**/*.md")).stem
    assert "git fetch --unshallow" in Desk(tmp_path / "shallow", now=gazette.now).story("log", slug).err
    assert gazette.story("log", slug).err == ""


def test_graft_file_is_not_audited(gazette):
    gazette.at("review")
    (gazette.root / ".git/info").mkdir(exist_ok=True)
    (gazette.root / ".git/info/grafts").write_text(f"{gazette.head}\n")
    assert "graft" in cannot(gazette)


@pytest.mark.parametrize("what", ["HEAD:{story}", "HEAD:{ledger}", "HEAD~1^{{tree}}", "HEAD~1"])
def test_missing_object_is_not_audited(gazette, what):
    gazette.at("publish")
    name = what.format(story=gazette.path_of("council-budget"), ledger=gazette.ledger_of("council-budget"))
    object_id = gazette.git("rev-parse", name)
    (gazette.root / ".git/objects" / object_id[:2] / object_id[2:]).unlink()
    said = gazette.story("audit", exit=3)
    assert "Error: " in said.err
    assert said.out == ""


def test_replaced_objects_do_not_count(gazette):
    gazette.at("publish")
    path = gazette.path_of("council-budget")
    gazette.change(path, "Monday", "Tuesday")
    gazette.commit("quietly")
    gazette.git("replace", "HEAD", "HEAD~1")
    assert marks(gazette, exit=1) == [("published-words-changed", "error")]


def test_name_of_a_branch_and_a_tag_is_not_audited(gazette):
    gazette.git("tag", "main")
    assert "refs/tags/main" in cannot(gazette, "main")


def test_revision_that_is_none_or_an_option_is_not_audited(gazette):
    assert "There is no revision nowhere here." in cannot(gazette, "nowhere")
    assert "There is no revision --all here." in cannot(gazette, "--", "--all")


def test_repository_without_a_commit_is_not_audited(newsroom):
    assert "There is no commit here yet." in cannot(newsroom)


def test_ledger_of_a_newer_format_is_not_audited(gazette):
    gazette.at("review")
    ledger = gazette.ledger_of("council-budget")
    gazette.write(ledger, gazette.read(ledger) + '{"v":2}\n')
    gazette.commit("from the future")
    assert "ledger format 2" in gazette.story("audit", exit=3).err


def test_git_not_found_is_said(gazette, tmp_path):
    (tmp_path / "empty").mkdir()
    said = gazette.process("audit", exit=3, env={"PATH": str(tmp_path / "empty")})
    assert "git was not found" in said.err


# What it costs


def _processes(desk: Desk, trace: Path) -> int:
    """How many git processes an audit starts, as git itself traces them."""
    shutil.rmtree(trace, ignore_errors=True)
    trace.mkdir()
    desk.story("audit", env={"GIT_TRACE2_EVENT": str(trace)})
    return sum(
        json.loads(row)["event"] == "start" for file in os.scandir(trace) for row in Path(file).read_text().splitlines()
    )


def test_number_of_processes_does_not_grow_with_the_history(gazette, tmp_path):
    gazette.at("publish")
    few = _processes(gazette, tmp_path / "trace")
    for number in range(8):
        gazette.at("review", f"story-{number}", title=f"Story {number}")
    assert _processes(gazette, tmp_path / "trace") == few > 0


def test_terminal_is_told_how_far_it_is(monkeypatch, capsys):
    from newsroom_cli.report import audit

    reached = audit.make_ticker()
    monkeypatch.setattr(audit.sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(audit.time, "monotonic", iter([1e9, 1e9 + 0.5, 1e9 + 2]).__next__)
    for done in (1, 2, 3):
        reached(done, 10)
    assert capsys.readouterr().err == "Audited 1 of 10 commits …\nAudited 3 of 10 commits …\n"


def test_titles_cannot_drive_a_runner(gazette):
    gazette.at("review", title="##[error]Red")
    said: Said = gazette.story("audit")
    assert "# #[error]Red" in said.out
    assert "##[" not in said.all + gazette.story("audit", "--json").out


def test_names_cannot_drive_a_terminal(gazette):
    """A ledger of somebody else's hand has in `by` and `action` whatever they like."""
    gazette.at("review", "council-budget")
    ledger = gazette.ledger_of("council-budget")
    text = gazette.read(ledger)
    gazette.write(ledger, text.replace('"by":"Reporter ', '"by":"Re\u202eporter '))
    gazette.git("commit", "--quiet", "--amend", "--no-edit", "--all")
    said: Said = gazette.story("audit", exit=None)
    assert "porter" in said.out
    assert "\u202e" not in said.all


def test_how_an_entry_came_here_is_shown_and_proves_nothing(gazette):
    gazette.at("review", "council-budget")
    ledger = gazette.ledger_of("council-budget")
    *above, last = gazette.read(ledger).splitlines(keepends=True)
    gazette.write(ledger, "".join([*above, last.replace("}\n", ',"via":"import:docx sha256:0f"}\n')]))
    gazette.git("commit", "--quiet", "--amend", "--no-edit", "--all")
    assert "\n     via import:docx sha256:0f\n" in gazette.story("log", "council-budget").out
    shown = gazette.story("log", "council-budget", "--json").json[-1]
    assert (shown["via"], shown["strength"]) == ("import:docx sha256:0f", "attributed")
    gazette.story("approve", "council-budget", who="Editor")
    assert audited(gazette)["findings"] == []


# Whose it is, and what is put right


def test_words_saved_on_the_line_beside_a_branch_are_not_left_out_by_its_entries(gazette):
    gazette.at("review")
    gazette.change(gazette.path_of("council-budget"), "Two libraries", "Three libraries")
    gazette.story("save", "council-budget", who="Chief")
    gazette.git("switch", "--quiet", "-c", "budget")
    gazette.story("approve", "council-budget", who="Editor")
    gazette.git("switch", "--quiet", "main")
    gazette.change(gazette.path_of("council-budget"), "on Monday", "on Tuesday")
    gazette.story("save", "council-budget", who="Stringer")
    gazette.git("merge", "--quiet", "--no-ff", "-m", "merged", "budget", who="Chief")
    assert marks(gazette) == []


def test_finding_of_a_merged_branch_is_told_once_of_the_commit_that_brought_it(gazette):
    gazette.write("newsroom.toml", ROSTER)
    gazette.commit("roster", who="Chief")
    gazette.at("review")
    gazette.git("switch", "--quiet", "-c", "budget")
    forge(gazette, "council-budget", by="Reporter", commit_as="Reporter")
    made = gazette.head
    gazette.git("switch", "--quiet", "main")
    gazette.git("merge", "--quiet", "--no-ff", "-m", "merged", "budget", who="Chief")
    found = audited(gazette, exit=1)["findings"]
    assert {(one["rule"], one["commit"]) for one in found} == {("four-eyes", made), ("not-entitled", made)}


def test_ledger_damaged_in_the_middle_and_mended_is_put_right(gazette):
    gazette.at("review")
    ledger = gazette.ledger_of("council-budget")
    whole = gazette.read(ledger)
    gazette.write(ledger, whole.replace('"action":"new"', '"action": "new"'))
    gazette.commit("reformatted")
    gazette.write(ledger, whole)
    back = gazette.commit("as it was")
    found = audited(gazette, exit=None)["findings"]
    assert {one["healed"] for one in found} == {back}


def test_ledger_of_which_a_part_alone_is_put_back_is_not_put_right(gazette):
    gazette.at("edit")
    path, ledger = gazette.path_of("council-budget"), gazette.ledger_of("council-budget")
    rows, text = gazette.read(ledger).splitlines(keepends=True), gazette.read(path)
    gazette.write(ledger, rows[0])
    gazette.commit("cut")
    gazette.write(ledger, "".join(rows[:2]))
    gazette.commit("a part is back")
    cut = [one for one in audited(gazette, exit=1)["findings"] if one["rule"] == "ledger-rewritten"]
    assert [one["healed"] for one in cut] == [None]
    gazette.write(ledger, "".join(rows))
    gazette.write(path, text)
    whole = gazette.commit("all of it")
    cut = [one for one in audited(gazette, exit=None)["findings"] if one["rule"] == "ledger-rewritten"]
    assert [one["healed"] for one in cut] == [whole]


def test_configuration_that_breaks_together_with_a_draft_by_hand_is_an_error(gazette, make_story):
    gazette.at("draft")
    gazette.write("newsroom.toml", "nmae = 1\n")
    gazette.write("stories/by-hand.md", make_story())
    gazette.commit("broken")
    gazette.write("newsroom.toml", 'name = "x"\n')
    gazette.commit("mended")
    assert marks(gazette, exit=1) == [("configuration-unreadable", "error")]


def test_typing_error_mended_on_a_branch_before_it_is_merged_is_in_order(gazette):
    gazette.at("review")
    gazette.git("switch", "--quiet", "-c", "budget")
    path = gazette.path_of("council-budget")
    gazette.change(path, "title: Council", "title: Budget: Council")
    gazette.commit("quick")
    gazette.change(path, "title: Budget: Council", "title: The Council")
    gazette.commit("mended")
    gazette.git("switch", "--quiet", "main")
    gazette.git("merge", "--quiet", "--no-ff", "-m", "merged", "budget", who="Chief")
    assert marks(gazette) == []


def test_everybody_who_changed_the_words_step_by_step_is_asked_for_at_the_next_entry(gazette):
    slug = gazette.at("review")
    for who, old, new in (("Stringer", "on Monday", "on Tuesday"), ("Deputy", "in spring", "in May")):
        gazette.change(gazette.path_of(slug), old, new)
        gazette.story("save", slug, who=who)
    gazette.story("approve", slug, who="Editor")
    assert marks(gazette) == []
    ledger = gazette.ledger_of(slug)
    gazette.change(ledger, '"writers":["Stringer <stringer@gazette.example>",', '"writers":[')
    gazette.git("commit", "--quiet", "--all", "--amend", "--no-edit", who="Editor")
    assert marks(gazette, exit=1) == [("writers-incomplete", "error")]
    gazette.change(ledger, '"writers":["Deputy <deputy@gazette.example>"],', "")
    gazette.git("commit", "--quiet", "--all", "--amend", "--no-edit", who="Editor")
    assert {one["line"] for one in audited(gazette, exit=1)["findings"]} == {3}
    assert len(audited(gazette, exit=1)["findings"]) == 2
