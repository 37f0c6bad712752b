"""Ways of `story check`: mending, a baseline, standard input, silence with a reason, and verdicts that are kept."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import timedelta

import pytest

from newsroom_cli.repository.files import WorkingTree

GLOSS = "全區(qū)安全生產(chǎn)工作會議在武進(jìn)召開，各部門總結(jié)經(jīng)驗，落實責任。" * 3
LONG = "x" * 121


def draft(newsroom, slug="council-budget", **keys):
    newsroom.story("new", "Council passes the budget", "--slug", slug)
    newsroom.fill(slug, **keys)
    newsroom.story("save", slug)
    return newsroom.path_of(slug)


# Mending


def test_fix_changes_the_named_line_alone_and_twice_is_once(newsroom):
    path = draft(newsroom)
    newsroom.change(path, "description:", "desciption:")
    before = newsroom.read(path).split("\n")
    said = newsroom.story("check", "--fix")
    after = newsroom.read(path).split("\n")
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert [(a.partition(":")[0], b.partition(":")[0]) for a, b in changed] == [("desciption", "description")]
    assert "Mended 1 story; save them: story save SLUG" in said.err
    assert "Mended" not in newsroom.story("check", "--fix").err
    assert newsroom.read(path).split("\n") == after


def test_fix_keeps_line_ends_and_a_missing_last_one(newsroom):
    path = draft(newsroom)
    text = newsroom.read(path).replace("description:", "desciption:").replace("\n", "\r\n").rstrip("\r\n")
    newsroom.write(path, text)
    newsroom.story("check", "--fix", exit=None)
    assert (newsroom.root / path).read_bytes() == text.replace("desciption:", "description:").encode()


def test_diff_shows_what_fix_would_do_and_changes_nothing(newsroom):
    path = draft(newsroom)
    newsroom.change(path, "description:", "desciption:")
    before = newsroom.everything()
    said = newsroom.story("check", "--diff", exit=1)
    assert newsroom.everything() == before
    assert re.search(r"^-desciption: .*\n\+description: ", said.out, re.MULTILINE)
    newsroom.change(path, "desciption:", "description:")
    assert newsroom.story("check", "--diff").out == ""


def test_fix_leaves_a_public_story_as_it_was_signed(newsroom):
    slug = newsroom.at("publish")
    newsroom.change(newsroom.path_of(slug), "description:", "desciption:")
    text = newsroom.read(newsroom.path_of(slug))
    assert "is public and stays as its publisher signed it" in newsroom.story("check", "--fix", exit=1).err
    assert newsroom.read(newsroom.path_of(slug)) == text


def test_fix_that_cannot_write_mends_nothing(newsroom):
    for slug in ("one", "two"):
        path = draft(newsroom, slug)
        newsroom.change(path, "description:", "desciption:")
    folder = (newsroom.root / path).parent
    folder.chmod(0o555)
    try:
        before = [newsroom.read(newsroom.path_of(slug)) for slug in ("one", "two")]
        if not _is_root():
            newsroom.story("check", "--fix", exit=3)
            assert [newsroom.read(newsroom.path_of(slug)) for slug in ("one", "two")] == before
    finally:
        folder.chmod(0o755)


def _is_root() -> bool:
    import os

    return os.geteuid() == 0


# The baseline


def test_baseline_lets_old_findings_be_and_finds_new_ones(newsroom):
    path = draft(newsroom, title=LONG)
    assert newsroom.rules() == ["title-length"]
    said = newsroom.story("check", "--write-baseline")
    assert "Wrote 1 finding to .newsroom/baseline.jsonl. Commit it on its own." in said.err
    assert json.loads(newsroom.read(".newsroom/baseline.jsonl")) == [path, "title-length", "title"]
    assert newsroom.rules(exit=0) == []
    newsroom.change(path, "slug: council-budget\n", "slug: council-budget\n# a line more\n")
    assert newsroom.rules(exit=0) == []
    newsroom.change(path, "section: local", "section: local\nurgency: high")
    assert newsroom.rules() == ["wrong-type"]


def test_baseline_cannot_hold_what_cannot_be_silenced(newsroom):
    slug = newsroom.at("publish")
    newsroom.change(newsroom.path_of(slug), "on Monday", "on Tuesday")
    assert "1 cannot be let be" in newsroom.story("check", "--write-baseline").err
    assert "published-words-changed" in newsroom.rules()
    forged = json.dumps([newsroom.path_of(slug), "published-words-changed", ""])
    newsroom.write(".newsroom/baseline.jsonl", forged + "\n")
    assert "published-words-changed" in newsroom.rules()


@pytest.mark.parametrize("line", ["{", '["a"]', '["a","b",1]', "[" * 100_000, '{"a":1}'])
def test_broken_baseline_stops_the_check(newsroom, line):
    draft(newsroom)
    newsroom.write(".newsroom/baseline.jsonl", line + "\n")
    assert "story check --write-baseline" in newsroom.story("check", exit=3).err


def test_baseline_of_the_base_counts_and_does_not_change_with_stories(newsroom):
    path = draft(newsroom)
    newsroom.git("branch", "base")
    newsroom.change(path, "title: Council passes the budget", f"title: {LONG}")
    newsroom.story("check", "--write-baseline")
    newsroom.commit("both")
    assert newsroom.rules("--base", "base", "--require", "recorded") == ["judges-with-stories", "title-length"]


# Standard input


def test_story_on_stdin_is_judged_at_its_path(newsroom):
    path = draft(newsroom)
    text = newsroom.read(path).replace("title: Council passes the budget", f"title: {LONG}")
    said = newsroom.process("check", "-", "--stdin-filename", path, "--format", "concise", stdin=text, exit=1)
    assert said.out.startswith(f"{path}:3:1: error[title-length]")
    assert "checked 1 of 1 stories" in said.err
    assert newsroom.rules(exit=0) == []


def test_story_on_stdin_that_is_not_there_yet_is_compared_with_the_others(newsroom):
    path = draft(newsroom)
    other = path.replace("council-budget", "other")
    said = newsroom.process("check", "-", "--stdin-filename", other, stdin=newsroom.read(path), exit=1)
    assert "error[duplicate-id]" in said.out


@pytest.mark.parametrize(
    "args",
    [("-",), ("-", "--stdin-filename", "README.md"), ("-", "x", "--stdin-filename", "stories/a.md"),
     ("--stdin-filename", "stories/a.md"), ("-", "--fix", "--stdin-filename", "stories/a.md")],
)  # fmt: skip
def test_stdin_used_wrongly_is_wrong_usage(newsroom, args):
    draft(newsroom)
    newsroom.process("check", *args, stdin="x", exit=2)


# Silence


def test_reason_silences_a_finding_and_nothing_else(newsroom):
    path = draft(newsroom, title=LONG)
    newsroom.change(path, "section:", "check-ignore: {title-length: it is a quotation}\nsection:")
    assert newsroom.findings(exit=0) == []


@pytest.mark.parametrize(
    "value, says",
    [("title-length", "is not a table"), ("{title-length: }", "without a reason"), ("{required: x}", "cannot be"),
     ("{four-eyes: x}", "cannot be"), ("{required-title: x}", "cannot be"), ("{not-a-rule: x}", "no rule")],
)  # fmt: skip
def test_silence_that_may_not_be_is_an_error(newsroom, value, says):
    path = draft(newsroom)
    newsroom.change(path, "section:", f"check-ignore: {value}\nsection:")
    (one,) = [one for one in newsroom.findings() if one["severity"] == "error"]
    assert one["rule"] == "check-ignore"
    assert says in one["message"]


def test_silence_that_is_not_needed_is_a_warning(newsroom):
    path = draft(newsroom)
    newsroom.change(path, "section:", "check-ignore: {title-length: it is a quotation}\nsection:")
    (one,) = newsroom.findings(exit=0)
    assert (one["rule"], one["severity"], one["key"]) == ("check-ignore-unused", "warning", "check-ignore")


# Formats that are chosen


def test_github_is_chosen_in_its_actions_with_a_summary(newsroom, tmp_path):
    draft(newsroom, title=LONG)
    summary = tmp_path / "summary.md"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    assert newsroom.story("check", env=env, exit=1).out.startswith("::error file=")
    assert "title-length" in summary.read_text("utf-8")
    assert "\nstories/" in newsroom.story("check", "--format", "concise", env=env, exit=1).out


# Verdicts that are kept


def verdicts(newsroom):
    return newsroom.root / ".git/story-verdicts"


def kept(newsroom) -> list[str]:
    return sorted(json.loads(verdicts(newsroom).read_bytes().split(b"\n", 1)[1]))


def test_second_check_reads_no_story_that_did_not_change(newsroom, monkeypatch):
    paths = [draft(newsroom, slug) for slug in ("one", "two")]
    before = newsroom.story("check")
    assert kept(newsroom) == paths
    from newsroom_cli.check import story as judging

    read = []
    judge = judging.judge_file
    monkeypatch.setattr(judging, "judge_file", lambda path, *rest: read.append(path) or judge(path, *rest))
    again = newsroom.story("check")
    assert (again.out, again.err) == (before.out, before.err)
    assert read == []
    newsroom.change(paths[0], "section: local", "section: sport")
    newsroom.story("check")
    assert read == paths[:1]


def test_check_of_one_story_reads_none_whose_verdict_is_kept_and_sees_who_else_has_its_slug(newsroom, monkeypatch):
    one, two, three = (draft(newsroom, slug) for slug in ("one", "two", "three"))
    newsroom.change(two, "section: local", "section: local\naliases: [one]")
    twin = "stories/elsewhere/one.md"
    (newsroom.root / twin).parent.mkdir()
    newsroom.git("mv", three, twin)
    newsroom.commit()
    before = newsroom.story("check", one, exit=1)
    assert kept(newsroom) == [one]
    newsroom.story("check", exit=1)
    read = []
    reads = WorkingTree.read
    monkeypatch.setattr(WorkingTree, "read", lambda tree, path: read.append(path) or reads(tree, path))
    again = newsroom.story("check", one, exit=1)
    assert (again.out, again.err) == (before.out, before.err)
    assert again.out.count("error[duplicate-slug]") == 2
    assert not {one, two, twin}.intersection(read)


@pytest.mark.parametrize("broken", [("title: ", "title: ["), ("section: local", "<<<<<<< HEAD")])
def test_check_of_one_story_sees_its_id_in_another_that_cannot_be_read_and_whose_verdict_is_kept(newsroom, broken):
    one, two = (draft(newsroom, slug) for slug in ("one", "two"))
    newsroom.change(two, f"id: {newsroom.id_of('two')}", f"id: {newsroom.id_of('one')}")
    newsroom.change(two, *broken)
    newsroom.commit()
    newsroom.story("check", exit=1)
    assert kept(newsroom) == [one, two]
    again = newsroom.story("check", one, exit=1)
    verdicts(newsroom).unlink()
    assert newsroom.story("check", one, exit=1).out == again.out
    assert "error[duplicate-id]" in again.out


def test_an_alias_counts_of_a_story_whose_ledger_cannot_be_read(newsroom):
    one, two = (draft(newsroom, slug) for slug in ("one", "two"))
    newsroom.change(two, "section: local", "section: local\naliases: [one]")
    ledger = newsroom.root / newsroom.ledger_of("two")
    ledger.rename(newsroom.root / "moved.jsonl")
    ledger.symlink_to(newsroom.root / "moved.jsonl")
    newsroom.commit()
    assert "error[duplicate-slug]" in newsroom.story("check", one, exit=1).out
    newsroom.story("check", exit=1)
    assert "error[duplicate-slug]" in newsroom.story("check", one, exit=1).out


def test_findings_of_a_kept_verdict_are_those_of_a_fresh_one(newsroom):
    draft(newsroom, title=LONG)
    newsroom.at("review", "wujin", title="武进区部署安全生产工作")
    fresh = newsroom.story("check", "--format", "json", exit=1)
    assert verdicts(newsroom).is_file()
    assert newsroom.story("check", "--format", "json", exit=1).json == fresh.json


@pytest.mark.parametrize("change", ["rules", "ledger", "picture", "removed picture", "flags"])
def test_kept_verdict_falls_with_what_it_depends_on(newsroom, change):
    newsroom.write("stories/2025/11/hall.jpg", b"one")
    slug = newsroom.at("publish", images="[{src: hall.jpg, alt: The hall, credit: Desk}]")
    assert newsroom.rules(exit=0) == []
    if change == "rules":
        newsroom.write("newsroom.toml", "[limits]\ntitle = 5\n")
        assert newsroom.rules() == ["title-length"]
    if change == "ledger":
        newsroom.change(newsroom.ledger_of(slug), '"approve"', '"Approve"')
        assert "ledger-chain" in newsroom.rules()
    if change == "picture":
        newsroom.write("stories/2025/11/hall.jpg", b"two")
        assert "published-picture-changed" in newsroom.rules()
    if change == "removed picture":
        (newsroom.root / "stories/2025/11/hall.jpg").unlink()
        assert "image-missing" in newsroom.rules()
    if change == "flags":  # git is told not to look at the file any more
        newsroom.git("update-index", "--assume-unchanged", newsroom.path_of(slug))
        newsroom.change(newsroom.path_of(slug), "on Monday", "on Tuesday")
        assert "published-words-changed" in newsroom.rules()


def test_entry_of_the_future_is_found_whatever_was_kept(newsroom):
    newsroom.at("review")
    assert newsroom.rules(exit=0) == []
    assert "entry-time" in newsroom.rules("--now", "2020-01-01T00:00:00Z")


def test_link_that_led_somewhere_is_followed_again(newsroom):
    newsroom.at("review", "target")
    newsroom.at("review", "source", body="See [the other](target.md).\n")
    assert newsroom.rules(exit=0) == []
    (newsroom.root / newsroom.path_of("target")).unlink()
    assert "link-missing" in newsroom.rules()


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff" * 100, b"x y\n{}", b"[" * 100_000])
def test_broken_verdicts_are_made_anew_without_a_word(newsroom, content):
    draft(newsroom, title=LONG)
    fresh = newsroom.story("check", exit=1)
    good = verdicts(newsroom).read_bytes()
    verdicts(newsroom).write_bytes(content)
    assert newsroom.story("check", exit=1) == fresh
    assert verdicts(newsroom).read_bytes() == good


def test_verdict_that_was_edited_is_not_believed(newsroom):
    draft(newsroom, title=LONG)
    newsroom.story("check", exit=1)
    text = verdicts(newsroom).read_bytes()
    verdicts(newsroom).write_bytes(text.replace(b"title-length", b"other-length"))
    assert newsroom.rules() == ["title-length"]


def test_check_works_where_nothing_can_be_kept(newsroom):
    draft(newsroom)
    verdicts(newsroom).mkdir()
    assert newsroom.rules(exit=0) == []


def test_check_leaves_index_and_files_alone(newsroom):
    draft(newsroom)
    before = newsroom.everything()
    newsroom.story("check")
    newsroom.story("check")
    assert newsroom.everything() == before


def at_time(newsroom, moment):
    found = newsroom.story("check", "--now", moment, "--format", "json", exit=None).json["findings"]
    return [one["rule"] for one in found if one["severity"] == "error"]


def test_what_a_clock_that_is_behind_finds_is_not_kept(newsroom):
    newsroom.at("publish")
    assert at_time(newsroom, "2025-11-24T09:00:00Z") == ["entry-time"] * 4
    assert at_time(newsroom, "2025-11-24T09:00:00Z") == ["entry-time"] * 4
    assert at_time(newsroom, "2025-11-24T12:00:00Z") == []


def test_verdict_of_later_does_not_hide_a_time_still_to_come(newsroom):
    """Under an embargo clocks may not differ at all."""
    slug = newsroom.at("edit")
    newsroom.story("embargo", slug, "2025-11-24T18:00:00Z", who="Editor")
    newsroom.story("hold", slug, "--note", "Wait.", who="Editor")
    before = (newsroom.now - timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert at_time(newsroom, "2025-11-24T12:00:00Z") == []
    assert "entry-time" in at_time(newsroom, before)


# A sparse checkout


@pytest.mark.parametrize("kept", ["docs", "stories", ".newsroom"])
def test_stories_that_a_sparse_checkout_leaves_out_are_not_passed(newsroom, kept):
    newsroom.write("docs/a.txt", "x\n")
    newsroom.at("review")
    newsroom.commit()
    newsroom.git("sparse-checkout", "set", kept)
    said = newsroom.refused("check", exit=3)
    assert "left out of this sparse checkout" in said
    assert "git sparse-checkout disable" in said
    newsroom.git("sparse-checkout", "add", "stories", ".newsroom")
    assert newsroom.rules(exit=0) == []


# Which findings are shown


@pytest.mark.parametrize("option", ["--select", "--ignore"])
@pytest.mark.parametrize("asked", ["sorce-empty", "source-empty,sorce-empty"])
def test_name_of_no_rule_is_wrong_usage(newsroom, option, asked):
    said = newsroom.refused("check", option, asked, exit=2)
    assert "There is no rule sorce-empty." in said
    assert "Did you mean source-empty?" in said


@pytest.mark.parametrize("asked", [["title-length,relative-date"], ["title-length", "relative-date"]])
def test_rules_are_named_at_once_or_one_by_one(newsroom, asked):
    slug = newsroom.at("review")
    newsroom.change(newsroom.path_of(slug), "title: Council", f"title: {'Long ' * 40}Council")
    newsroom.change(newsroom.path_of(slug), "in spring.", "tomorrow.")
    options = [word for one in asked for word in ("--select", one)]
    assert {one["rule"] for one in newsroom.findings(*options)} == {"title-length", "relative-date"}
    options = [word for one in asked for word in ("--ignore", one)]
    assert not {"title-length", "relative-date"} & {one["rule"] for one in newsroom.findings(*options, exit=0)}


def test_strength_without_a_base_is_wrong_usage(newsroom):
    assert "--require goes with --base." in newsroom.refused("check", "--require", "attributed", exit=2)


def findings_of(newsroom, *args: str) -> list[dict[str, str]]:
    """What a check finds beside that there is no roster."""
    return newsroom.story(*args, "--ignore", "no-roster", "--format", "json", exit=None).json["findings"]


def in_months(newsroom) -> list[str]:
    """Two stories whose ledgers are committed in the folder of their month, as they were kept once."""
    paths = []
    for slug in (newsroom.at("review"), newsroom.at("draft", "flood", title="Flood")):
        ledger = newsroom.ledger_of(slug)
        month = ledger.rsplit("/", 2)[0]
        newsroom.git("mv", ledger, month)
        paths.append(f"{month}/{ledger.rsplit('/', 1)[1]}")
    newsroom.git("commit", "--quiet", "-m", "as it was")
    return sorted(paths)


def test_ledgers_in_the_folder_of_a_month_are_one_finding(newsroom):
    paths = in_months(newsroom)
    for args in (["check"], ["check", newsroom.path_of("flood"), newsroom.path_of("council-budget")],
                 ["check", "--base", "HEAD~1"]):  # fmt: skip
        found = [one for one in findings_of(newsroom, *args) if one["rule"] in ("ledger-stray", "ledger-missing")]
        assert [(one["rule"], one["path"]) for one in found] == [("ledger-stray", paths[0])]
        assert "this ledger and 1 more are in the folder of a month" in found[0]["message"]


def test_hint_moves_all_ledgers_into_the_folders_of_their_days(newsroom):
    in_months(newsroom)
    said = newsroom.story("approve", "council-budget", who="Editor", exit=1)
    assert "The ledger of council-budget is in the folder of its month." in said.err
    hints = [one["hint"] for one in findings_of(newsroom, "check") if one["rule"] == "ledger-stray"]
    other = newsroom.write(".newsroom/ledger/2025/11/note-of-somebody.jsonl", "left alone\n")
    subprocess.run(["sh", "-ec", hints[0].removeprefix("Move them: ")], cwd=newsroom.root, check=True)
    other.unlink()
    newsroom.git("commit", "--quiet", "-m", "days")
    assert findings_of(newsroom, "check") == []
    assert (newsroom.root / newsroom.ledger_of("flood")).is_file()
    newsroom.story("approve", "council-budget", who="Editor")


def test_ledger_in_the_folder_of_a_month_is_found_where_no_story_claims_it(newsroom):
    paths = in_months(newsroom)
    newsroom.git("rm", "--quiet", newsroom.path_of("flood"), newsroom.path_of("council-budget"))
    newsroom.git("commit", "--quiet", "-m", "gone")
    (one,) = [one for one in findings_of(newsroom, "check") if one["rule"] == "ledger-stray"]
    assert one["path"] == paths[0]
