"""`story list`, `show` and `log`: looking, in a working tree, on a detached HEAD and in a bare repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BODY, PEOPLE, Desk
from rich.cells import cell_len

from newsroom_cli.repository.files import WorkingTree, story_paths

LIST_KEYS = ["id", "slug", "path", "title", "state", "reporter", "editor", "section", "flags", "since"]


def _desk(desk: Desk) -> None:
    desk.at("publish", "fire", title="Fire in the harbour")
    desk.at("edit", "flood", title="Flood", section="sport")
    desk.at("review", "feast", title="Feast", section="culture")
    desk.story("new", "Famine", "--slug", "famine", "--reporter", PEOPLE["Stringer"], who="Chief")


@pytest.fixture
def desk(made) -> Desk:
    """A desk with one story in each state, by different people in different sections."""
    return made("desk", _desk)


def slugs(said) -> list[str]:
    return [row["slug"] for row in said.json]


# story list


def test_list_is_in_the_order_of_the_pipeline_then_by_path(desk):
    desk.at("review", "accident", title="Accident")
    assert slugs(desk.story("list", "--json")) == ["famine", "accident", "feast", "flood", "fire"]


def test_list_json_has_the_keys_it_promises(desk):
    for row in desk.story("list", "--json").json:
        assert list(row)[: len(LIST_KEYS)] == LIST_KEYS
    row = desk.story("list", "--json").json[-1]
    assert {key: row[key] for key in LIST_KEYS} == {
        "id": desk.id_of("fire"),
        "slug": "fire",
        "path": "stories/2025/11/fire.md",
        "title": "Fire in the harbour",
        "state": "publish",
        "reporter": [PEOPLE["Reporter"]],
        "editor": [PEOPLE["Editor"]],
        "section": "local",
        "flags": [],
        "since": desk.entries("fire")[-1]["at"],
    }


def test_list_shows_one_story_a_line_with_state_people_and_title(desk):
    lines = desk.story("list").out.splitlines()
    assert len(lines) == 5
    assert lines[0].split() == ["STATE", "SLUG", "REPORTER", "EDITOR", "TITLE"]
    assert re.fullmatch(r"publish +fire +Reporter +Editor +Fire in the harbour", lines[-1])
    assert re.fullmatch(r"draft +famine +Stringer +- +Famine", lines[1])


@pytest.mark.parametrize(
    "options, expected",
    [
        (("--state", "review"), ["feast"]),
        (("--state", "publish"), ["fire"]),
        (("--section", "sport"), ["flood"]),
        (("--section", "weather"), []),
        (("--reporter", "Stringer"), ["famine"]),
        (("--reporter", "stringer@gazette.example"), ["famine"]),
        (("--reporter", "S. <STRINGER@gazette.example>"), ["famine"]),
        (("--reporter", "Nobody"), []),
        (("--editor", "Editor"), ["flood", "fire"]),
        (("--editor", "Chief"), []),
        (("--editor", "editor@gazette.example", "--state", "edit"), ["flood"]),
        (("--reporter", "Reporter", "--section", "culture"), ["feast"]),
    ],
)
def test_list_filters(desk, options, expected):
    assert slugs(desk.story("list", *options, "--json")) == expected


def test_list_of_an_unknown_state_is_wrong_usage_and_names_the_states(desk):
    said = desk.refused("list", "--state", "publishd", exit=2)
    assert "There is no state publishd." in said
    assert "draft, review, edit, publish" in said


@pytest.mark.parametrize("option", ["--reporter", "--editor"])
def test_list_of_what_is_no_person_is_wrong_usage(desk, option):
    assert "not a person" in desk.refused("list", option, "<", exit=2)


def test_list_of_nothing(newsroom):
    assert newsroom.story("list", "--json").json == []
    assert "publish" not in newsroom.story("list").out


def test_list_flags_what_is_not_in_order_and_goes_on(desk, make_story, tmp_path):
    desk.write("stories/broken.md", "---\ntitle: a: b\n---\n")
    desk.write("stories/by-hand.md", make_story())
    desk.write(desk.ledger_of("flood"), desk.read(desk.ledger_of("flood"))[:-5])
    (desk.root / "stories/link.md").symlink_to(tmp_path / "nowhere")
    flags = {row["slug"]: row["flags"] for row in desk.story("list", "--json").json}
    assert flags["broken"] == ["unreadable"]
    assert flags["by-hand"] == ["not taken in"]
    assert flags["flood"] == ["ledger broken"]
    assert flags["link"] == ["unreadable"]
    assert flags["fire"] == []
    assert "[ledger broken]" in desk.story("list").out


def test_list_tells_a_lost_ledger_from_a_story_not_taken_in(desk):
    (desk.root / desk.ledger_of("flood")).unlink()
    flags = {row["slug"]: row["flags"] for row in desk.story("list", "--json").json}
    assert flags["flood"] == ["ledger missing"]


def test_list_goes_on_past_a_folder_named_like_a_story(desk):
    (desk.root / "stories/folder.md").mkdir()
    flags = {row["slug"]: row["flags"] for row in desk.story("list", "--json").json}
    assert flags["folder"] == ["unreadable"]
    assert flags["fire"] == []


def test_list_goes_on_past_a_ledger_that_is_a_link(desk, tmp_path):
    ledger = desk.root / desk.ledger_of("flood")
    ledger.rename(tmp_path / "elsewhere")
    ledger.symlink_to(tmp_path / "elsewhere")
    assert {row["slug"] for row in desk.story("list", "--json").json} == {"fire", "flood", "feast", "famine"}


# show


def test_show_says_what_the_story_is_and_what_it_still_needs(newsroom):
    newsroom.story("new", "Fire", "--slug", "fire")
    out = newsroom.story("show", "fire").out
    assert out.startswith("Fire\n")
    assert re.search(r"^state +draft$", out, re.MULTILINE) or "state" in out
    assert re.search(r"^for review +still needs description, section, source, words$", out, re.MULTILINE)
    newsroom.fill("fire")
    out = newsroom.story("show", "fire").out
    assert re.search(r"^for review +complete$", out, re.MULTILINE)
    assert re.search(r"^for publish +complete$", out, re.MULTILINE)


def test_show_json_has_the_row_the_fields_and_the_body(desk):
    row = desk.story("show", "fire", "--json").json
    assert list(row)[: len(LIST_KEYS)] == LIST_KEYS
    assert row["body"] == f"\n{BODY}"
    assert row["fields"]["version"] == "1"
    assert row["words"] == len(BODY.split())
    assert row["missing"] == {}


def test_show_by_path_and_by_slug_is_the_same(desk):
    assert desk.story("show", "stories/2025/11/fire.md", "--json").json == desk.story("show", "fire", "--json").json


def test_show_counts_chinese_words_as_readers_do(newsroom):
    newsroom.story("new", "会议", "--slug", "meeting")
    newsroom.fill("meeting", body="武进区召开会议。\n")
    assert newsroom.story("show", "meeting", "--json").json["words"] == 7


def test_show_of_a_story_that_cannot_be_read_names_the_line(desk):
    desk.write("stories/broken.md", "---\ntitle: a: b\n---\n")
    assert "stories/broken.md:2:9: error[yaml-syntax]" in desk.refused("show", "broken")


@pytest.mark.parametrize("verb", ["show", "log"])
def test_misspelt_slug_is_refused_with_a_suggestion(desk, verb):
    assert "Did you mean flood?" in desk.refused(verb, "floood")
    assert "story list" in desk.refused(verb, "zzz")


@pytest.mark.parametrize("verb", ["show", "log"])
def test_ambiguous_slug_names_all_and_a_path_decides(desk, make_story, verb):
    desk.write("stories/old/fire.md", make_story())
    said = desk.refused(verb, "fire")
    assert "stories/2025/11/fire.md" in said
    assert "stories/old/fire.md" in said
    desk.story(verb, "stories/2025/11/fire.md")


# log


def test_log_shows_who_what_when_here_and_in_utc_with_note_and_commit(newsroom):
    newsroom.write("newsroom.toml", 'timezone = "Asia/Shanghai"\n')
    newsroom.commit("configuration")
    slug = newsroom.at("review")
    newsroom.story("send-back", slug, "-m", "Who says so?\nAsk twice.", who="Editor")
    out = newsroom.story("log", slug).out
    head = newsroom.head[:8]
    assert re.search(r"^ +3  send-back +review → draft +2025-11-24 18:00 \+0800 \(10:00 UTC\)$", out, re.MULTILINE)
    assert f"     {PEOPLE['Editor']} as editor  [{head}, attributed]\n" in out
    assert "     > Who says so?\n     > Ask twice.\n" in out
    assert re.search(r"^ +1  new +draft +2025-11-24", out, re.MULTILINE)


def test_log_json_is_the_entries_with_commit_and_strength(desk):
    log = desk.story("log", "fire", "--json").json
    lines = desk.entries("fire")
    assert [{k: v for k, v in entry.items() if k in line} for entry, line in zip(log, lines, strict=True)] == lines
    for entry in log:
        assert newsroom_subject(desk, entry["commit"]).startswith(f"{entry['action']}: fire")
        assert entry["strength"] == "attributed"


def newsroom_subject(desk: Desk, commit: str) -> str:
    return desk.git("show", "-s", "--format=%s", commit)


def test_log_says_recorded_of_entries_squashed_into_one_commit(newsroom):
    newsroom.write("README.md", "x\n")
    base = newsroom.commit("begin")
    slug = newsroom.at("publish")
    newsroom.git("reset", "--soft", base)
    newsroom.git("commit", "--quiet", "-m", "squashed")
    log = newsroom.story("log", slug, "--json").json
    assert {(entry["strength"], entry["commit"]) for entry in log} == {("recorded", newsroom.head)}


def test_log_says_recorded_of_an_entry_that_another_person_committed(newsroom):
    slug = newsroom.at("edit")
    newsroom.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit", who="Reporter")
    log = newsroom.story("log", slug, "--json").json
    assert [entry["strength"] for entry in log] == ["attributed", "attributed", "recorded"]


def test_log_knows_one_person_by_the_mailmap(newsroom):
    slug = newsroom.at("edit")
    newsroom.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit", who="E. <private@home.example>")
    newsroom.write(".mailmap", f"{PEOPLE['Editor']} <private@home.example>\n")
    assert newsroom.story("log", slug, "--json").json[-1]["strength"] == "attributed"


def test_log_says_of_an_entry_that_it_is_not_committed(newsroom):
    slug = newsroom.at("edit")
    newsroom.git("reset", "--quiet", "--soft", "HEAD~1")
    log = newsroom.story("log", slug, "--json").json
    assert (log[-1]["commit"], log[-1]["strength"]) == (None, "recorded")
    assert "[not committed]" in newsroom.story("log", slug).out


def test_log_of_a_broken_ledger_names_the_line(desk):
    desk.write(desk.ledger_of("fire"), desk.read(desk.ledger_of("fire")).replace('"note"', '"nota"')[:-1])
    said = desk.refused("log", "fire")
    assert f"{desk.ledger_of('fire')}:4:1: error[ledger-line]" in said


def test_log_of_a_hand_written_story_names_adopt(desk, make_story):
    desk.write("stories/by-hand.md", make_story())
    assert "story adopt stories/by-hand.md" in desk.refused("log", "by-hand")


def test_log_finds_the_commits_after_the_story_was_renamed_and_moved(desk):
    (desk.root / "stories/archive").mkdir()
    desk.git("mv", "stories/2025/11/fire.md", "stories/archive/fire.md")
    desk.commit("moved")
    assert [entry["strength"] for entry in desk.story("log", "fire", "--json").json] == ["attributed"] * 4


# Bare repositories and a detached HEAD


@pytest.fixture
def bare(desk: Desk, tmp_path) -> Desk:
    desk.git("clone", "--quiet", "--bare", str(desk.root), str(tmp_path / "bare.git"))
    return Desk(tmp_path / "bare.git", now=desk.now)


def test_reading_verbs_work_in_a_bare_repository(desk, bare):
    assert bare.story("list", "--json").json == desk.story("list", "--json").json
    assert bare.story("show", "fire", "--json").json == desk.story("show", "fire", "--json").json
    assert bare.story("log", "fire", "--json").json == desk.story("log", "fire", "--json").json
    assert bare.story("check").err == "checked 4 of 4 stories: 1 info\n"


def test_show_by_path_works_in_a_bare_repository(bare):
    assert bare.story("show", "stories/2025/11/fire.md", "--json").json["slug"] == "fire"


def test_pictures_are_found_in_a_bare_repository(newsroom, tmp_path):
    newsroom.write("stories/2025/11/hall.png", b"png")
    newsroom.at("publish", "fire", body=f"{BODY}\n![Hall](hall.png)\n")
    newsroom.git("clone", "--quiet", "--bare", str(newsroom.root), str(tmp_path / "bare.git"))
    bare = Desk(tmp_path / "bare.git", now=newsroom.now)
    bare.story("check")
    assert bare.story("show", "fire", "--json").json["missing"] == {}


def test_empty_bare_repository_has_no_stories(tmp_path, newsroom):
    newsroom.git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "bare.git"))
    bare = Desk(tmp_path / "bare.git")
    assert bare.story("list", "--json").json == []
    assert "checked 0 of 0 stories" in bare.story("check").err


def test_reading_verbs_work_on_a_detached_head(desk):
    desk.git("switch", "--quiet", "--detach", "HEAD~1")
    assert slugs(desk.story("list", "--json")) == ["feast", "flood", "fire"]
    desk.story("show", "fire")
    desk.story("log", "fire")
    desk.story("check")


def test_reading_verbs_work_during_a_merge(desk):
    desk.git("switch", "--quiet", "-c", "other", "HEAD~1")
    desk.write("other.txt", "x\n")
    desk.commit()
    desk.git("merge", "--quiet", "--no-commit", "--no-ff", "main")
    desk.story("list")
    desk.story("show", "fire")
    desk.story("log", "fire")


# Other branches


@pytest.fixture
def clone(desk: Desk, tmp_path) -> Desk:
    """A clone whose origin has a branch `move` that is not merged."""
    desk.git("switch", "--quiet", "-c", "move")
    desk.story("publish", "flood", who="Chief")
    desk.story("new", "Frost", "--slug", "frost")
    desk.git("switch", "--quiet", "main")
    desk.git("clone", "--quiet", str(desk.root), str(tmp_path / "clone"))
    return Desk(tmp_path / "clone", now=desk.now)


def test_list_shows_stories_of_unmerged_remote_branches_with_the_branch(clone):
    rows = {(row["slug"], row["branch"]): row for row in clone.story("list", "--json").json}
    assert rows[("frost", "origin/move")]["state"] == "draft"
    assert rows[("flood", "origin/move")]["state"] == "publish"
    assert rows[("flood", "origin/move")]["since"] > rows[("flood", None)]["since"]
    assert rows[("flood", None)]["state"] == "edit"
    assert len(rows) == 6
    assert re.search(r"draft +frost .*\[on origin/move\]$", clone.story("list").out, re.MULTILINE)


def test_list_here_leaves_other_branches_out(clone):
    assert {row["branch"] for row in clone.story("list", "--here", "--json").json} == {None}


def test_list_filters_other_branches_too(clone):
    assert slugs(clone.story("list", "--state", "publish", "--json")) == ["fire", "flood"]


def test_list_shows_each_remote_branch_once_though_origin_has_a_head(desk, tmp_path):
    desk.git("clone", "--quiet", str(desk.root), str(tmp_path / "clone"))
    clone = Desk(tmp_path / "clone", now=desk.now)
    desk.story("new", "Frost", "--slug", "frost")
    clone.git("fetch", "--quiet")
    assert clone.git("symbolic-ref", "refs/remotes/origin/HEAD") == "refs/remotes/origin/main"
    rows = [row for row in clone.story("list", "--json").json if row["slug"] == "frost"]
    assert [row["branch"] for row in rows] == ["origin/main"]


def test_list_forgets_a_branch_that_was_merged(clone):
    clone.git("merge", "--quiet", "origin/move")
    assert {row["branch"] for row in clone.story("list", "--json").json} == {None}


def test_list_survives_what_other_branches_hold(desk, tmp_path):
    desk.git("switch", "--quiet", "-c", "odd")
    desk.write("stories/broken.md", "---\ntitle: a: b\n---\n")
    (desk.root / "stories/link.md").symlink_to("/etc/passwd")
    desk.commit()
    desk.git("switch", "--quiet", "--orphan", "unrelated")
    desk.write("stories/alone.md", "---\ntitle: Alone\n---\nx\n")
    desk.commit()
    desk.git("switch", "--quiet", "main")
    desk.git("clone", "--quiet", str(desk.root), str(tmp_path / "clone"))
    rows = Desk(tmp_path / "clone", now=desk.now).story("list", "--json").json
    assert {row["slug"] for row in rows} >= {"fire", "broken", "link"}


# What it looks like


TITLES = {
    "meeting": "武进区召开二○二七年财政预算工作会议并作出部署安排",
    "council": "Совет " * 15,
    "plain": "Word " * 15,
}


@pytest.fixture
def wide(newsroom: Desk) -> Desk:
    for slug, title in TITLES.items():
        newsroom.story("new", title, "--slug", slug, "--reporter", "武进日报记者 <reporter@gazette.example>")
    return newsroom


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_list_fits_a_terminal_also_with_chinese_titles(wide, columns):
    code, said = wide.terminal("list", columns=columns)
    lines = said.rstrip("\n").split("\n")
    assert code == 0
    assert len(lines) == 4
    assert max(cell_len(line) for line in lines) <= columns
    assert any(line.split()[1].startswith("meeting") and "武进" in line for line in lines)
    assert any("…" in line for line in lines) is (columns < 200)


def test_list_in_a_pipe_is_whole_plain_and_aligned(wide):
    said = wide.process("list")
    assert "\x1b" not in said.out
    lines = said.out.splitlines()
    for title in TITLES.values():
        assert any(title.strip() in line for line in lines)
    starts = {
        cell_len(line[: line.index(word)]) for line, word in zip(lines[1:], ("Совет", "武进区", "Word"), strict=True)
    }
    assert starts == {cell_len(lines[0][: lines[0].index("TITLE")])}


def test_reader_that_closes_the_pipe_early_is_no_fault(wide):
    process = subprocess.Popen(
        [sys.executable, "-m", "newsroom_cli", "show", "plain"],
        cwd=wide.root,
        env=wide.whole_environment("Reporter"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    with process:
        err = process.stderr.read().decode()
    assert "Traceback" not in err
    assert "fault" not in err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_terminal_that_knows_no_unicode_is_no_fault(wide, encoding):
    env = {"PYTHONIOENCODING": encoding, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for args in (("list",), ("show", "meeting"), ("log", "meeting"), ("list", "--json"), ("check",)):
        wide.process(*args, env=env)


def test_json_with_hostile_words_is_json_and_commands_nothing(newsroom):
    title = "a ##[error]b ::error::c [/red]"
    slug = newsroom.story("new", title, "--json").json["slug"]
    for args in (("list",), ("show", slug)):
        out = newsroom.story(*args, "--json").out
        assert "##[" not in out
        assert title in json.dumps(json.loads(out))


def test_json_holds_no_control_character_as_it_is(newsroom):
    newsroom.at("draft", "fire", body="a\x9b31mb\x1b[2Jc\x07\n")
    out = newsroom.story("show", "fire", "--json").out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", out)
    assert json.loads(out)["body"] == "\na\x9b31mb\x1b[2Jc\x07\n"


def test_version_and_help(newsroom):
    assert re.fullmatch(r"story \d+\.\d+\.\d+\n", newsroom.story("--version").out)
    said = newsroom.story("--help").out
    for verb in ("init", "new", "adopt", "edit", "save", "delete", "submit", "withdraw", "approve", "send-back"):
        assert re.search(rf"^ +{verb} +[A-Z]", said, re.MULTILINE)
    assert "--now" not in newsroom.story("approve", "--help").out


def test_reading_changes_nothing_in_the_repository(desk):
    before, index = desk.everything(), (desk.root / ".git/index").read_bytes()
    os.utime(desk.root / "stories/2025/11/fire.md")
    for args in (("list",), ("show", "fire"), ("log", "fire"), ("check",)):
        desk.story(*args)
    assert (desk.root / ".git/index").read_bytes() == index
    assert desk.everything() == before


def test_list_and_show_are_of_the_time_they_are_asked_for(newsroom):
    newsroom.at("draft")
    newsroom.story("embargo", "council-budget", "2026-01-05T10:00:00Z", who="Editor")
    for now, flags in (("2026-01-05T09:59:59Z", ["embargoed"]), ("2026-01-05T10:00:00Z", [])):
        assert newsroom.story("list", "--now", now, "--json").json[0]["flags"] == flags
        assert newsroom.story("show", "council-budget", "--now", now, "--json").json["flags"] == flags
        assert newsroom.story("whoami", "--stories", "--now", now, "--json").json["stories"][0]["flags"] == flags


def test_stories_are_listed_and_neither_a_link_nor_a_folder_called_as_one_is_entered(tmp_path):
    root = Path(os.path.realpath(tmp_path))
    for path in (
        "stories/a.md",
        "stories/2026/11.2/a.md",
        "stories/2026/b-a.md",
        "stories/b.md/a.md",
        "elsewhere/a.md",
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("---\n", "utf-8")
    (root / "stories/linked").symlink_to(root / "elsewhere", target_is_directory=True)
    (root / "stories/.a.md.swp").symlink_to(root / "gone")
    tree = WorkingTree(root)
    assert story_paths(tree) == [
        "stories/2026/11.2/a.md",
        "stories/2026/b-a.md",
        "stories/a.md",
        "stories/b.md",
        "stories/linked",
    ]
