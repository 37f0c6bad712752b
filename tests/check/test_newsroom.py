"""`story check`: every way a story, its record or its pictures may not be in order, found at its place."""

from __future__ import annotations

import json
import os
import re
import unicodedata

import pytest
from conftest import BODY, PEOPLE, PICTURE, Desk


def finding(newsroom: Desk, rule: str, *args: str, exit: int = 1) -> dict:
    """The one finding of a rule."""
    found = [one for one in newsroom.findings(*args, exit=exit) if one["rule"] == rule]
    assert len(found) == 1, found
    return found[0]


def line_of(newsroom: Desk, path: str, start: str) -> int:
    return next(n for n, line in enumerate(newsroom.read(path).split("\n"), 1) if line.startswith(start))


# The summary and the options


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_check_always_says_how_many_of_how_many(newsroom, form):
    assert newsroom.story("check", "--format", form).err == "checked 0 of 0 stories: nothing found\n"
    newsroom.at("publish", "fire")
    newsroom.at("draft", "flood")
    assert newsroom.story("check", "--format", form).err == "checked 2 of 2 stories: 1 info\n"
    newsroom.change(newsroom.path_of("flood"), "state: draft", "state: review")
    said = newsroom.story("check", "--format", form, exit=1)
    assert said.err == "checked 2 of 2 stories: 1 error, 1 info\n"
    said = newsroom.story("check", "stories/2025/11/fire.md", "--format", form)
    assert said.err == "checked 1 of 2 stories: nothing found\n"


def test_json_has_the_shape_it_promises(newsroom):
    newsroom.at("publish", "fire")
    newsroom.change(newsroom.path_of("fire"), "version: 1", "version: 2")
    report = newsroom.story("check", "--format", "json", "--ignore", "no-roster", exit=1).json
    assert list(report) == ["checked", "of", "findings"]
    assert (report["checked"], report["of"]) == (1, 1)
    (found,) = report["findings"]
    assert list(found) == ["rule", "severity", "path", "line", "column", "key", "message", "hint"]
    assert (found["rule"], found["severity"], found["path"]) == ("record-by-hand", "error", "stories/2025/11/fire.md")
    assert (found["line"], found["column"], found["key"]) == (line_of(newsroom, found["path"], "version"), 1, "version")


def test_json_of_no_finding_is_json_too(newsroom):
    assert newsroom.story("check", "--format", "json").json == {"checked": 0, "of": 0, "findings": []}


def test_text_is_a_line_a_finding_with_its_help_below(newsroom):
    newsroom.at("publish", "fire")
    newsroom.change(newsroom.path_of("fire"), "version: 1", "version: 2")
    lines = newsroom.story("check", "--ignore", "no-roster", exit=1).out.splitlines()
    path = "stories/2025/11/fire.md"
    assert lines[0].startswith(f"{path}:{line_of(newsroom, path, 'version')}:1: error[record-by-hand]: version says 2")
    assert lines[1:3] == ["  14 | version: 2", "     | ^^^^^^^"]
    assert lines[3].startswith("  help: ")
    assert len(lines) == 4


def test_findings_are_sorted_by_path_line_and_rule(newsroom, make_story):
    for name in ("b", "a", "c"):
        newsroom.write(f"stories/{name}.md", make_story(lang="xx_", titel="x", date="2025-14-07"))
    found = [(one["path"], one["line"], one["rule"]) for one in newsroom.findings()]
    assert len(found) >= 9
    assert found == sorted(found)


@pytest.mark.parametrize(
    "args",
    [("--format", "xml"), ("--require", "much"), ("--base", "main", "stories")],
    ids=["format", "strength", "both"],
)
def test_wrong_usage_of_check(newsroom, args):
    newsroom.at("draft")
    newsroom.refused("check", *args, exit=2)


def test_path_that_is_no_story_could_not_be_checked(newsroom):
    newsroom.at("draft")
    assert "There is no story at stories/nothing.md" in newsroom.refused("check", "stories/nothing.md", exit=3)
    assert "outside the repository" in newsroom.refused("check", "..", exit=3)


def test_check_of_a_slug_names_the_path(newsroom):
    newsroom.story("new", "Council passes the budget", "--slug", "council-budget")
    path = newsroom.path_of("council-budget")
    assert f"story check {path}" in newsroom.refused("check", "council-budget", exit=3)


def test_paths_are_those_of_the_folder_one_stands_in(newsroom):
    newsroom.at("draft", "fire")
    newsroom.at("draft", "flood")
    assert "checked 2 of 2" in newsroom.story("check", ".", cwd=newsroom.root / "stories/2025").err
    assert "checked 1 of 2" in newsroom.story("check", "11/fire.md", cwd=newsroom.root / "stories/2025").err
    assert "checked 2 of 2" in newsroom.story("check", "stories/").err
    assert "checked 2 of 2" in newsroom.story("check", cwd=newsroom.root / "stories").err


def test_check_works_as_a_process_of_its_own(newsroom):
    newsroom.at("publish", "fire")
    assert newsroom.process("check").err == "checked 1 of 1 stories: 1 info\n"
    newsroom.change(newsroom.path_of("fire"), "version: 1", "version: 2")
    assert "error[record-by-hand]" in newsroom.process("check", exit=1).out


# Metadata by state


def test_draft_may_lack_what_later_states_need(newsroom):
    newsroom.story("new", "Fire")
    assert newsroom.findings(exit=0) == []


@pytest.mark.parametrize(
    "key, rule",
    [
        ("title", "required-title"),
        ("reporter", "required-reporter"),
        ("lang", "lang-missing"),
        ("section", "required-section"),
        ("description", "required-description"),
        ("source", "source-empty"),
    ],
)
@pytest.mark.parametrize("how", ["empty", "gone", "blank"])
def test_key_a_state_requires_is_found_missing_and_empty(newsroom, key, rule, how):
    slug = newsroom.at("review")
    path = newsroom.path_of(slug)
    text = re.sub(
        rf"^{key}:.*\n",
        {"empty": f"{key}:\n", "gone": "", "blank": f'{key}: "  "\n'}[how],
        newsroom.read(path),
        flags=re.MULTILINE,
    )
    newsroom.write(path, text)
    found = finding(newsroom, rule)
    assert found["line"] == (1 if how == "gone" else line_of(newsroom, path, key))
    assert f"{key} is {'missing' if how == 'gone' else 'empty'}; required from" in found["message"]
    assert f"story save {slug}" in found["hint"]


def test_all_findings_are_told_at_once(newsroom):
    slug = newsroom.at("review")
    path = newsroom.path_of(slug)
    newsroom.write(path, re.sub(r"^(section|description|source):.*\n", "", newsroom.read(path), flags=re.MULTILINE))
    assert newsroom.rules() == ["required-description", "required-section", "source-empty"]


@pytest.mark.parametrize("table", ["rules", "rules.states.edit", "rules.sections.local"])
@pytest.mark.parametrize(
    "rule",
    ["required", "required-section", "record-by-hand", "ledger-chain", "not-a-file", "yaml-syntax", "four-eyes"],
)
def test_required_keys_and_the_record_can_be_neither_silenced_nor_lowered(newsroom, rule, table):
    newsroom.write("newsroom.toml", f'[{table}]\n{rule} = "off"\n')
    said = newsroom.story("check", exit=3).err
    assert f"nobody can weigh {rule} otherwise" in said
    assert "Take the line out." in said


def test_weight_that_a_fixed_rule_has_may_be_written_down(newsroom):
    newsroom.write("newsroom.toml", '[rules]\nfour-eyes = "error"\noverride-unacknowledged = "warning"\n')
    assert newsroom.rules(exit=0) == []


def test_weight_that_a_fixed_rule_has_is_the_one_that_is_listed(newsroom):
    newsroom.write("newsroom.toml", '[rules]\nnot-adopted = "info"\n')
    assert newsroom.rules(exit=0) == []
    newsroom.write("newsroom.toml", '[rules]\nnot-adopted = "error"\n')
    assert "nobody can weigh not-adopted otherwise" in newsroom.story("check", exit=3).err


def test_rule_that_a_states_table_names_counts_there(newsroom):
    slug = newsroom.at("draft", description="Taxes stay flat, TK.")
    assert newsroom.rules(exit=0) == []
    newsroom.write("newsroom.toml", '[rules.states.draft]\nplaceholder-left = "error"\n')
    assert newsroom.rules() == ["placeholder-left"]
    newsroom.write("newsroom.toml", '[rules.states.draft]\nplaceholder-left = "off"\n')
    assert newsroom.rules(exit=0) == []
    newsroom.write("newsroom.toml", '[rules.states.edit]\nplaceholder-left = "warning"\n')
    assert newsroom.rules(exit=0) == []
    assert newsroom.path_of(slug)


def test_weight_of_a_rule_is_the_newsrooms_by_state_and_section(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story(description="x" * 161))
    assert finding(newsroom, "description-length", exit=0)["severity"] == "warning"
    newsroom.write("newsroom.toml", '[rules]\ndescription-length = "error"\n')
    assert finding(newsroom, "description-length")["severity"] == "error"
    newsroom.write(
        "newsroom.toml", '[rules]\ndescription-length = "error"\n[rules.states.draft]\ndescription-length = "off"\n'
    )
    assert "description-length" not in [one["rule"] for one in newsroom.findings(exit=0)]
    newsroom.write(
        "newsroom.toml", '[rules.sections.local]\ndescription-length = "info"\n[limits]\ndescription = 170\n'
    )
    assert "description-length" not in [one["rule"] for one in newsroom.findings(exit=0)]


# The ledger's agreement


@pytest.mark.parametrize(
    "old, new, key, verb",
    [
        ("state: publish", "state: edit", "state", "story"),
        (r"editor: .*", "editor: Chief <chief@gazette.example>", "editor", "approve"),
        (r"date: .*", "date: 2025-11-23T10:00:00+00:00", "date", "publish"),
        (r"lastmod: .*", "lastmod: 2025-11-23T10:00:00+00:00", "lastmod", ""),
        (r"version: .*", "version: 2", "version", ""),
        (r"version: .*\n", "", "version", ""),
        (r"state: publish", "state: publish\ndraft: true", "draft", ""),
        (r"state: publish", "state: publish\npubstatus: withheld", "pubstatus", ""),
        (r"state: publish", "state: publish\nembargo: until-further-notice", "embargo", ""),
    ],
)
def test_record_key_written_by_hand_is_found_at_its_line_with_the_way_out(newsroom, old, new, key, verb):
    slug = newsroom.at("publish")
    path = newsroom.path_of(slug)
    text, times = re.subn(rf"^{old}", new, newsroom.read(path), flags=re.MULTILINE)
    assert times == 1
    newsroom.write(path, text)
    found = finding(newsroom, "record-by-hand")
    assert (found["key"], found["path"]) == (key, path)
    assert found["line"] == (line_of(newsroom, path, key) if new else 1)
    assert "only `story` writes it" in found["message"]
    assert verb in found["hint"]
    newsroom.commit()
    assert set(newsroom.rules()) - {"required-version", "date-before-first-entry"} == {"record-by-hand"}


def test_state_written_by_hand_names_the_verbs(newsroom):
    slug = newsroom.at("draft")
    newsroom.change(newsroom.path_of(slug), "state: draft", "state: publish")
    found = finding(newsroom, "record-by-hand")
    assert "state says publish, the ledger draft" in found["message"]
    for verb in ("submit", "approve", "publish"):
        assert verb in found["hint"]


def test_same_instant_in_another_zone_is_no_finding(newsroom):
    slug = newsroom.at("publish")
    path = newsroom.path_of(slug)
    date = re.search(r"^date: (\S+)", newsroom.read(path), re.MULTILINE)[1]
    newsroom.change(path, f"date: {date}", f"date: {date.replace('T10:', 'T18:').replace('+00:00', '+08:00')}")
    assert newsroom.rules(exit=0) == []


def test_unknown_state_is_named_with_the_nearest(newsroom, make_story):
    slug = newsroom.at("publish")
    newsroom.change(newsroom.path_of(slug), "state: publish", "state: publishd")
    found = finding(newsroom, "unknown-state")
    assert "Did you mean publish?" in found["hint"]
    newsroom.write("stories/by-hand.md", make_story(state="live"))
    assert {one["path"] for one in newsroom.findings() if one["rule"] == "unknown-state"} == {
        newsroom.path_of(slug),
        "stories/by-hand.md",
    }


def test_hand_written_draft_is_only_news(newsroom, make_story):
    newsroom.write("stories/by-hand.md", make_story())
    (found,) = newsroom.findings(exit=0)
    assert (found["rule"], found["severity"]) == ("not-adopted", "info")
    assert found["hint"] == "story adopt stories/by-hand.md"


@pytest.mark.parametrize("state", ["publish", "edit", "review"])
def test_hand_written_story_that_claims_a_state_is_found(newsroom, make_story, state):
    newsroom.write("stories/by-hand.md", make_story(state=state))
    assert "record-by-hand" in newsroom.rules()
    assert "story adopt stories/by-hand.md" in finding(newsroom, "record-by-hand")["hint"]


def test_id_that_leads_to_no_ledger_is_found(newsroom, make_story):
    newsroom.write("stories/by-hand.md", make_story(id="20251124-aaaaaaaa", state="publish"))
    assert "ledger-missing" in newsroom.rules()


# Published words and pictures


@pytest.mark.parametrize(
    "old, new",
    [
        ("Monday", "Tuesday"),
        ("title: Council", "title: City council"),
        ("section: local", "section: sport"),
        ("\nTwo libraries reopen in spring.\n", "\n"),
        ("source: Harbour Gazette", "source: Harbour Gazette\nsubtitle: New"),
    ],
    ids=["a word", "title", "section", "a paragraph", "unknown key"],
)
@pytest.mark.parametrize("committed", [False, True], ids=["in the tree", "committed"])
def test_published_words_that_changed_are_found_with_the_way_out(newsroom, old, new, committed):
    slug = newsroom.at("publish")
    path = newsroom.path_of(slug)
    newsroom.change(path, old, new)
    if committed:
        newsroom.commit()
    found = finding(newsroom, "published-words-changed")
    assert found["path"] == path
    assert PEOPLE["Editor"] in found["message"]
    assert "git restore" in found["hint"]
    assert newsroom.rules() == ["published-words-changed"]


def follow(newsroom: Desk, slug: str, hint: str) -> None:
    """Do what a hint says: restore its paths from the commit that the story's log names."""
    signed = newsroom.story("log", slug, "--json").json[-1]["commit"]
    command = re.search(r"git restore --source=COMMIT [^;,]+", hint)[0].rstrip(".")
    newsroom.git(*command.replace("COMMIT", signed).split()[1:])


def test_way_out_of_changed_words_really_is_one(newsroom):
    slug = newsroom.at("publish")
    newsroom.change(newsroom.path_of(slug), "Monday", "Tuesday")
    newsroom.commit()
    follow(newsroom, slug, finding(newsroom, "published-words-changed")["hint"])
    assert newsroom.rules(exit=0) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("lang: en", "lang:   'en'   # English"),
        lambda text: text.replace("source: Harbour Gazette\n", "").replace(
            "---\nid", "---\nsource: Harbour Gazette\nid"
        ),
        lambda text: text.replace("lang: en\n", "lang: en\nempty:\ndue: 2026-01-01\nassignee: Ana\n"),
    ],
    ids=["CRLF", "no final newline", "quotes", "order", "empty and desk keys"],
)
def test_published_story_that_was_only_reformatted_is_in_order(newsroom, change):
    slug = newsroom.at("publish")
    newsroom.write(newsroom.path_of(slug), change(newsroom.read(newsroom.path_of(slug))))
    assert newsroom.rules(exit=0) == []


def published_with_a_picture(newsroom: Desk) -> str:
    newsroom.write("stories/2025/11/hall.png", PICTURE)
    return newsroom.at("publish", body=f"{BODY}\n![Hall](hall.png)\n")


@pytest.mark.parametrize("committed", [False, True], ids=["in the tree", "committed"])
def test_published_picture_that_was_replaced_is_found(newsroom, committed):
    slug = published_with_a_picture(newsroom)
    newsroom.write("stories/2025/11/hall.png", PICTURE + b"other")
    if committed:
        newsroom.commit()
    found = finding(newsroom, "published-picture-changed")
    assert found["path"] == newsroom.path_of(slug)
    assert "hall.png is not the one" in found["message"]


@pytest.mark.parametrize("committed", [False, True], ids=["in the tree", "committed"])
def test_published_picture_that_is_gone_is_found(newsroom, committed):
    published_with_a_picture(newsroom)
    (newsroom.root / "stories/2025/11/hall.png").unlink()
    if committed:
        newsroom.commit()
    assert "hall.png is missing" in finding(newsroom, "published-picture-changed")["message"]


def test_published_picture_replaced_by_a_link_is_found(newsroom, tmp_path):
    published_with_a_picture(newsroom)
    (tmp_path / "same.png").write_bytes(PICTURE)
    (newsroom.root / "stories/2025/11/hall.png").unlink()
    (newsroom.root / "stories/2025/11/hall.png").symlink_to(tmp_path / "same.png")
    newsroom.commit()
    assert "published-picture-changed" in newsroom.rules()


def test_way_out_of_a_changed_picture_really_is_one(newsroom):
    slug = published_with_a_picture(newsroom)
    newsroom.write("stories/2025/11/hall.png", PICTURE + b"other")
    newsroom.commit()
    follow(newsroom, slug, finding(newsroom, "published-picture-changed")["hint"])
    assert (newsroom.root / "stories/2025/11/hall.png").read_bytes() == PICTURE


def test_published_story_moved_to_another_folder_is_in_order(newsroom):
    slug = newsroom.at("publish")
    (newsroom.root / "stories/archive").mkdir()
    newsroom.git("mv", newsroom.path_of(slug), "stories/archive/council-budget.md")
    newsroom.commit()
    assert newsroom.rules(exit=0) == []


# The ledger itself


def ledger_edited(newsroom: Desk, change) -> tuple[str, str]:
    """A story in edit whose ledger's lines were changed; its slug and its ledger's path."""
    slug = newsroom.at("edit")
    path = newsroom.ledger_of(slug)
    newsroom.write(path, change(newsroom.read(path)))
    newsroom.commit()
    return slug, path


def lines(change):
    return lambda text: "".join(change(text.splitlines(keepends=True)))


@pytest.mark.parametrize(
    "change, rule, line",
    [
        (lines(lambda rows: [rows[0], "not json\n", rows[2]]), "ledger-line", 2),
        (lines(lambda rows: [rows[0], rows[1][:40] + "\n", rows[2]]), "ledger-line", 2),
        (lambda text: text[:-20], "ledger-line", 3),
        (lambda text: text[:-1], "ledger-line", 3),
        (lines(lambda rows: [rows[0], rows[2], rows[1]]), "ledger-chain", 2),
        (lines(lambda rows: rows[1:]), "ledger-chain", 1),
        (lines(lambda rows: [rows[0], rows[2]]), "ledger-chain", 2),
        (lines(lambda rows: [rows[0], rows[1], rows[1], rows[2]]), "ledger-chain", 3),
        (lines(lambda rows: [rows[0].replace("Reporter", "Stringer"), *rows[1:]]), "ledger-chain", 2),
        (lines(lambda rows: [rows[0], rows[1].replace('"to":"review"', '"to":"edit"'), rows[2]]), "ledger-chain", 3),
        (lines(lambda rows: [rows[0], "\n", *rows[1:]]), "ledger-line", 2),
        (lines(lambda rows: [rows[0].replace(",", ", ", 1), *rows[1:]]), "ledger-line", 1),
        (lambda text: text.replace("\n", "\r\n"), "ledger-line", 1),
        (lambda text: "\ufeff" + text, "ledger-line", 1),
        (lambda text: text.replace('"action":"new"', '"action":"new","extra":1'), "ledger-line", 1),
        (lambda text: text.replace("T10:00:01Z", "T25:00:01Z"), "ledger-line", 1),
        (lambda _: "", "ledger-line", 1),
        (lambda _: "[]\n", "ledger-line", 1),
        (lambda _: "\x00\x01\n", "ledger-line", 1),
        (lambda _: "[" * 50_000 + "\n", "ledger-line", 1),
    ],
    ids=[
        *("no json", "cut line", "cut off", "no final newline", "reordered", "first gone", "one gone", "one twice"),
        *("edited person", "edited state", "empty line", "spaces", "CRLF", "BOM", "unknown field", "no such time"),
        *("empty", "a list", "control characters", "deep"),
    ],
)
def test_ledger_that_is_not_what_story_wrote_is_found_at_its_line(newsroom, change, rule, line):
    slug, path = ledger_edited(newsroom, change)
    found = [one for one in newsroom.findings() if one["path"] == path]
    assert [(one["rule"], one["line"]) for one in found] == [(rule, line)]
    assert "git log -p" in found[0]["hint"]
    newsroom.refused("publish", slug, who="Chief")


def test_ledger_that_lost_its_last_entry_disagrees_with_the_story(newsroom):
    ledger_edited(newsroom, lines(lambda rows: rows[:-1]))
    assert newsroom.rules() == ["record-by-hand"]


def test_ledger_of_another_story_is_found(newsroom):
    first, second = newsroom.at("review", "fire"), newsroom.at("review", "flood")
    newsroom.write(newsroom.ledger_of(first), newsroom.read(newsroom.ledger_of(second)))
    newsroom.commit()
    assert finding(newsroom, "ledger-foreign")["path"] == newsroom.ledger_of(first)


@pytest.mark.parametrize("state", ["draft", "review", "publish"])
def test_ledger_that_was_removed_is_found_with_the_way_back(newsroom, state):
    slug = newsroom.at(state)
    path = newsroom.ledger_of(slug)
    newsroom.git("rm", "--quiet", path)
    newsroom.commit()
    found = finding(newsroom, "ledger-missing")
    assert found["path"] == newsroom.path_of(slug)
    command = re.search(r"git restore \S+ \S+?(?=[;,]|$)", found["hint"])[0]
    newsroom.git(*command.split()[1:])
    assert newsroom.rules(exit=0) == []


def test_ledger_lost_from_the_working_tree_is_found_with_the_last_one_there_is(newsroom):
    slug = newsroom.at("review")
    path = newsroom.ledger_of(slug)
    (newsroom.root / path).unlink()
    assert finding(newsroom, "ledger-missing")["hint"] == f"Bring it back: git restore --source=HEAD {path}"


def test_ledger_that_later_commits_do_not_know_is_found_where_it_was_last(newsroom):
    slug = newsroom.at("review")
    path, entries = newsroom.ledger_of(slug), newsroom.entries(slug)
    newsroom.git("rm", "--quiet", path)
    newsroom.commit()
    newsroom.write("notes.txt", "later\n")
    newsroom.commit("later")
    newsroom.git(*re.search(r"git (restore \S+ \S+)", finding(newsroom, "ledger-missing")["hint"])[1].split())
    assert newsroom.entries(slug) == entries


def test_ledger_of_another_format_version_cannot_be_checked(newsroom):
    slug = newsroom.at("edit")
    newsroom.change(newsroom.ledger_of(slug), '{"v":1,', '{"v":2,')
    said = newsroom.story("check", exit=3).err
    assert "ledger format 2" in said


def test_ledger_that_is_a_link_is_found(newsroom, tmp_path):
    slug = newsroom.at("edit")
    ledger = newsroom.root / newsroom.ledger_of(slug)
    ledger.rename(tmp_path / "elsewhere")
    ledger.symlink_to(tmp_path / "elsewhere")
    newsroom.commit()
    assert finding(newsroom, "not-a-file")["path"] == newsroom.ledger_of(slug)


def test_entry_of_the_future_is_found_beyond_ten_minutes(newsroom):
    newsroom.at("draft")
    early = newsroom.now
    newsroom.tick(9 * 60)
    newsroom.story("submit", "council-budget")
    at = early.strftime("%Y-%m-%dT%H:%M:%SZ")
    newsroom.story("check", "--now", at)
    newsroom.tick(5 * 60)
    newsroom.story("approve", "council-budget", who="Editor")
    said = newsroom.story("check", "--now", at, exit=1)
    assert "error[entry-time]" in said.out
    assert "still to come" in said.out


def test_entry_before_its_predecessor_is_found_beyond_ten_minutes(newsroom):
    slug = newsroom.at("review")
    newsroom.refused("approve", slug, "--now", "2025-11-24T09:49:00Z", who="Editor")
    newsroom.story("approve", slug, "--now", "2025-11-24T09:51:00Z", who="Editor")
    newsroom.story("check")


# Stories that are gone, and twins


def test_published_story_that_was_removed_is_found_with_the_way_back(newsroom):
    slug = newsroom.at("publish")
    newsroom.git("rm", "--quiet", newsroom.path_of(slug))
    newsroom.commit()
    found = finding(newsroom, "story-removed")
    assert "git restore" in found["hint"]
    assert found["severity"] == "error"


def test_unpublished_story_may_go(newsroom):
    slug = newsroom.at("edit")
    newsroom.git("rm", "--quiet", newsroom.path_of(slug))
    newsroom.commit()
    assert newsroom.rules(exit=0) == []


@pytest.mark.parametrize(
    "one, other",
    [
        ("a/fire", "b/fire"),
        ("fire", "FIRE"),
        ("a/café", "b/" + unicodedata.normalize("NFD", "café")),
        ("a/straße", "b/strasse"),
    ],
    ids=["same", "case", "form", "folded"],
)
def test_two_stories_of_one_slug_are_both_found(newsroom, make_story, one, other):
    newsroom.write(f"stories/{one}.md", make_story())
    newsroom.write(f"stories/{other}.md", make_story())
    found = [x for x in newsroom.findings() if x["rule"] == "duplicate-slug"]
    assert sorted(x["path"] for x in found) == sorted([f"stories/{one}.md", f"stories/{other}.md"])
    assert f"stories/{one}.md" in next(x["message"] for x in found if x["path"] == f"stories/{other}.md")


def test_checking_one_path_still_sees_its_twin(newsroom, make_story):
    newsroom.write("stories/a/fire.md", make_story())
    newsroom.write("stories/b/fire.md", make_story())
    found = [one for one in newsroom.findings("stories/a") if one["rule"] == "duplicate-slug"]
    assert [one["path"] for one in found] == ["stories/a/fire.md"]


def test_alias_that_is_another_storys_slug_is_found_on_both(newsroom, make_story):
    """Also where both were judged before, and where one of them alone is asked for."""
    newsroom.write("stories/fire.md", make_story())
    newsroom.write("stories/flood.md", make_story(aliases="[/2024/fire.html]"))
    newsroom.commit()
    for _ in ("judged", "known"):
        found = [one for one in newsroom.findings() if one["rule"] == "duplicate-slug"]
        assert [one["path"] for one in found] == ["stories/fire.md", "stories/flood.md"]
    for path, key in (("stories/fire.md", "slug"), ("stories/flood.md", "aliases")):
        found = [one for one in newsroom.findings(path) if one["rule"] == "duplicate-slug"]
        assert [(one["path"], one["key"]) for one in found] == [(path, key)]


def test_two_stories_of_one_id_are_both_found(newsroom):
    slug = newsroom.at("publish")
    newsroom.write("stories/copy.md", newsroom.read(newsroom.path_of(slug)).replace(f"slug: {slug}", "slug: copy"))
    found = [one for one in newsroom.findings() if one["rule"] == "duplicate-id"]
    assert sorted(one["path"] for one in found) == ["stories/2025/11/council-budget.md", "stories/copy.md"]


def test_slug_that_is_not_the_files_name_is_found(newsroom):
    slug = newsroom.at("draft")
    newsroom.git("mv", newsroom.path_of(slug), "stories/other.md")
    assert "slug is council-budget, but the file is named other.md" in finding(newsroom, "slug-file-name")["message"]


# Files that are none


def test_story_that_is_a_link_is_found_and_not_followed(newsroom, tmp_path, make_story):
    newsroom.at("draft")
    (tmp_path / "secret.md").write_text(make_story(title="Secret: x", lang="[secret]"))
    (newsroom.root / "stories/link.md").symlink_to(tmp_path / "secret.md")
    found = finding(newsroom, "not-a-file")
    assert (found["path"], found["message"]) == ("stories/link.md", "this is a symbolic link, not a regular file.")
    assert "ecret" not in json.dumps(newsroom.findings())


@pytest.mark.parametrize("target", ["nowhere", "/etc/passwd", "link.md", "."])
def test_link_to_anything_is_only_a_link(newsroom, target):
    newsroom.at("draft")
    (newsroom.root / "stories/link.md").symlink_to(target)
    assert newsroom.rules() == ["not-a-file"]
    newsroom.commit()
    assert newsroom.rules() == ["not-a-file"]


def test_folder_that_is_a_link_is_found_and_not_entered(newsroom, tmp_path, make_story):
    newsroom.at("draft")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.md").write_text(make_story())
    (newsroom.root / "stories/linked").symlink_to(tmp_path / "outside")
    assert "secret" not in newsroom.story("check", "--format", "json", exit=None).all
    assert newsroom.rules() == ["not-a-file"]


@pytest.mark.parametrize("folder", ["stories", ".newsroom", ".newsroom/ledger"])
def test_stories_or_ledgers_that_are_a_link_are_not_followed(newsroom, tmp_path, folder):
    newsroom.at("publish")
    (newsroom.root / folder).rename(tmp_path / "elsewhere")
    (newsroom.root / folder).symlink_to(tmp_path / "elsewhere")
    assert newsroom.story("check", exit=None).exit != 0


def test_folder_named_like_a_story_is_found(newsroom):
    newsroom.at("draft")
    (newsroom.root / "stories/folder.md").mkdir()
    found = finding(newsroom, "not-a-file")
    assert (found["path"], found["message"]) == ("stories/folder.md", "this is a folder, not a regular file.")


def test_pipe_named_like_a_story_is_found_and_not_waited_for(newsroom):
    newsroom.at("draft")
    os.mkfifo(newsroom.root / "stories/pipe.md")
    assert finding(newsroom, "not-a-file")["path"] == "stories/pipe.md"


@pytest.mark.parametrize("name", ["fire.markdown", "fire.MD", "fire.Md", "fire.mdx"])
def test_file_that_looks_like_a_story_but_is_not_read_is_found(newsroom, make_story, name):
    newsroom.write(f"stories/{name}", make_story())
    assert "git mv" in finding(newsroom, "story-file-name")["hint"]


BROKEN = {
    "no front matter": (b"Just words.\n", "front-matter-missing", 1),
    "empty": (b"", "front-matter-missing", 1),
    "unclosed": (b"---\ntitle: x\n\nWords.\n", "front-matter-unclosed", 1),
    "BOM": (b"\xef\xbb\xbf---\ntitle: x\n---\n", "byte-order-mark", 1),
    "not UTF-8": (b"---\ntitle: caf\xe9\n---\n", "not-utf-8", 2),
    "NUL": (b"---\ntitle: x\n---\na\0b\n", "nul-byte", 4),
    "UTF-16": ("---\ntitle: x\n---\n".encode("utf-16"), "not-utf-8", 1),
    "twice": (b"---\ntitle: x\ntitle: y\n---\n", "duplicate-key", 3),
    "list": (b"---\n- a\n- b\n---\n", "front-matter-not-keys", 2),
    "scalar": (b"---\njust text\n---\n", "yaml-syntax", 2),
    "alias": (b"---\ntitle: &a x\nslug: *a\n---\n", "yaml-alias", 2),
    "tab": (b"---\ntitle: x\nimages:\n\t- a\n---\n", "yaml-syntax", 4),
    "conflict": (b"---\ntitle: x\n<<<<<<< HEAD\nlang: en\n=======\nlang: de\n>>>>>>> b\n---\n", "conflict-marker", 3),
    "conflict in the words": (b"---\ntitle: x\n---\na\n<<<<<<< HEAD\nb\n>>>>>>> x\n", "conflict-marker", 5),
    "no such day": (b"---\ntitle: x\ndate: 2025-14-07\n---\n", "date-incomplete", 3),
    "colon": (b"---\ntitle: x\ndescription: a: b\n---\n", "yaml-syntax", 3),
    "TOML": (b"+++\ntitle = 'x'\n+++\n", "front-matter-missing", 1),
    "lone CR": (b"---\rtitle: x\r---\r", "line-ends", 1),
    "escape": (b'---\ntitle: "a\\e[31mb"\n---\n', "control-character", 2),
    "deep": (b"---\na: " + b"[" * 5000 + b"\n---\n", "yaml-syntax", 2),
}


@pytest.mark.parametrize("what", BROKEN)
def test_malformed_story_is_a_finding_at_its_line(newsroom, what):
    content, rule, line = BROKEN[what]
    newsroom.write("stories/odd.md", content)
    assert (rule, line) in [
        (one["rule"], one["line"]) for one in newsroom.findings() if one["path"] == "stories/odd.md"
    ]
    assert all(one["message"] for one in newsroom.findings())


@pytest.mark.parametrize(
    "line",
    ["content: x", "handler: x", "no: x", "2024: x", "lang: no", "time: 12:30", "'': x", "null_: 1", "metadata: x"],
)
def test_odd_but_honest_front_matter_is_no_fault(newsroom, make_story, line):
    key, _, value = line.partition(": ")
    newsroom.write("stories/odd.md", make_story(**{key: value}))
    newsroom.story("submit", "odd")
    newsroom.story("approve", "odd", who="Editor")
    assert newsroom.story("show", "odd", "--json").json["fields"][key.strip("'")] == value
    assert newsroom.rules(exit=0) == []


# GitHub's annotations

ANNOTATION = re.compile(
    r"::(?:error|warning|notice) file=(?P<file>[^,:]*),line=(?P<line>\d+),col=\d+,title=[a-z-]+::(?P<text>[^\r\n]+)"
)


def test_annotation_names_level_file_line_column_and_rule(newsroom, make_story):
    newsroom.write("stories/by-hand.md", make_story())
    slug = newsroom.at("publish")
    newsroom.change(newsroom.path_of(slug), "version: 1", "version: 2")
    line = line_of(newsroom, newsroom.path_of(slug), "version")
    out = newsroom.story("check", "--format", "github", "--ignore", "no-roster", exit=1).out.splitlines()
    assert len(out) == 2
    assert out[0].startswith(
        f"::error file={newsroom.path_of(slug)},line={line},col=1,title=record-by-hand::version says 2, the ledger 1;"
    )
    assert out[1].startswith("::notice file=stories/by-hand.md,line=1,col=1,title=not-adopted::")


_CONTROL = "\x00-\x09\x0b-\x1f\x7f-\x9f"
UNPRINTABLE = {"text": f"[{_CONTROL}\u2028\u202e]", "github": f"[{_CONTROL}\u2028\u202e]", "json": f"[{_CONTROL}]"}

HOSTILE = [
    '"a\\n::error::injected"',
    '"a\\r\\n##[error]injected"',
    "'##[command]injected'",
    "'::add-mask::x'",
    '"a%0A::warning::x"',
    "'[/red] $(id) `id`'",
    '"a\\u2028::error::x"',
    "'" + "x" * 10_000 + "'",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("key", ["section", "lang", "state", "slug", "version", "titel"])
def test_words_of_a_story_command_no_runner(newsroom, make_story, text, key):
    newsroom.write("newsroom.toml", '[sections]\nlocal = "Local news"\n')
    keys = {key: text, "title": text} if key != "titel" else {"title": text, f"titel{'x'}": text}
    newsroom.write("stories/hostile.md", make_story(**keys))
    for form in ("text", "github", "json"):
        said = newsroom.story("check", "--format", form, exit=None)
        assert "##[" not in said.all
        assert not re.search(UNPRINTABLE[form], said.all)
        if form == "github":
            assert all(ANNOTATION.fullmatch(line) for line in said.out.splitlines())
        else:
            assert not re.search(r"^\s*::", said.all, re.MULTILINE)


@pytest.mark.parametrize(
    "name",
    [
        "a,b",
        "a:b",
        "a%0Ab",
        "a::error::b",
        "##[error]x",
        "a\nb",
        "a\x1b[31mb",
        "::error::x",
        "a b",
        "a\u202eb",
        "a\r\nb",
    ],
)
def test_names_of_files_command_no_runner(newsroom, make_story, name):
    newsroom.write(f"stories/{name}.md", make_story())
    for form in ("text", "github", "json"):
        said = newsroom.story("check", "--format", form, exit=1)
        assert "##[" not in said.all
        assert not re.search(UNPRINTABLE[form], said.all)
        if form == "github":
            assert all(ANNOTATION.fullmatch(line) for line in said.out.splitlines())
    assert "slug-shape" in newsroom.rules()
    newsroom.story("list")


def test_file_name_that_is_not_utf8_is_no_fault(newsroom, make_story):
    newsroom.write(os.fsdecode(b"stories/caf\xe9.md"), make_story())
    for args in (
        ("check",),
        ("check", "--format", "json"),
        ("check", "--format", "github"),
        ("list",),
        ("list", "--json"),
    ):
        newsroom.process(*args, exit=1 if args[0] == "check" else 0)
    newsroom.commit()
    newsroom.process("check", exit=1)


# Many


def test_many_stories_are_checked_on_every_core_with_the_same_result(newsroom, make_story):
    for number in range(450):
        newsroom.write(f"stories/{number % 9}/story-{number}.md", make_story(lang="xx_" if number % 90 == 0 else "en"))
    said = newsroom.process("check", "--format", "json", exit=1)
    assert "checked 450 of 450 stories: 5 errors, 451 infos" in said.err
    found = [one["path"] for one in said.json["findings"] if one["severity"] == "error"]
    assert found == sorted(f"stories/{n % 9}/story-{n}.md" for n in range(0, 450, 90))
    bad = newsroom.root / "stories/0/story-0.md"
    bad.write_bytes(b"---\ntitle: \xff\n---\n")
    assert "not-utf-8" in newsroom.process("check", exit=1).out


def test_check_for_a_later_state_says_what_is_still_missing(newsroom):
    newsroom.story("new", "Fire", "--slug", "fire")
    assert newsroom.rules(exit=0) == []
    found = newsroom.findings("--for", "review")
    assert [one["rule"] for one in found] == ["required-section", "required-description", "source-empty", "body-empty"]
    assert newsroom.story("check", "--for", "limbo", exit=2).err.startswith("Error: There is no state limbo.")


def test_findings_can_be_narrowed_to_some_rules(newsroom):
    newsroom.story("new", "Fire", "--slug", "fire")
    newsroom.fill("fire", description="x" * 161, lang="not a language")
    everything = [one["rule"] for one in newsroom.findings()]
    assert everything == ["lang-unknown", "description-length"]
    assert [one["rule"] for one in newsroom.findings("--select", "lang-unknown")] == ["lang-unknown"]
    assert [one["rule"] for one in newsroom.findings("--ignore", "lang-unknown", exit=0)] == ["description-length"]


def test_required_keys_stay_whatever_is_selected(newsroom):
    newsroom.story("new", "Fire", "--slug", "fire")
    found = newsroom.findings("--for", "review", "--select", "lang-unknown", "--ignore", "source-empty")
    assert [one["rule"] for one in found] == ["required-section", "required-description", "source-empty", "body-empty"]


@pytest.mark.parametrize("level, exit", [("error", 0), ("warning", 1), ("never", 0)])
def test_fail_level_says_what_makes_the_answer_no(newsroom, level, exit):
    newsroom.story("new", "Fire", "--slug", "fire")
    newsroom.fill("fire", description="x" * 161)
    said = newsroom.story("check", "--fail-level", level, exit=exit)
    assert "warning[description-length]" in said.out
    assert "checked 1 of 1 stories: 1 warning" in said.err


def test_fail_level_never_lets_errors_pass_and_still_says_them(newsroom):
    newsroom.write("stories/2025/11/fire.md", "no front matter\n")
    said = newsroom.story("check", "--fail-level", "never")
    assert "error[front-matter-missing]" in said.out


def test_statistics_count_findings_by_rule(newsroom):
    newsroom.story("new", "Fire", "--slug", "fire")
    newsroom.story("new", "Flood", "--slug", "flood")
    newsroom.fill("flood")
    said = newsroom.story("check", "--for", "review", "--statistics", "--ignore", "no-roster", exit=1)
    assert said.out.splitlines() == [
        "     1  error    body-empty",
        "     1  error    required-description",
        "     1  error    required-section",
        "     1  error    source-empty",
    ]


def test_concise_findings_are_one_line_each(newsroom):
    newsroom.write("stories/2025/11/fire.md", "no front matter\n")
    said = newsroom.story("check", "--format", "concise", "--ignore", "no-roster", exit=1)
    assert said.out == "stories/2025/11/fire.md:1:1: error[front-matter-missing] there is no front matter.\n"


def test_damaged_text_is_an_error_unless_the_newsroom_says_otherwise(newsroom):
    gloss = "全區(qū)安全生產(chǎn)工作會議在武進(jìn)召開，各部門總結(jié)經(jīng)驗，落實責任。" * 3
    newsroom.write("stories/2025/11/fire.md", f"---\ntitle: 安全\nreporter: 記者\nlang: zh-Hant\n---\n\n{gloss}\n")
    assert newsroom.rules(exit=0) == []
    assert "pinyin-gloss" in newsroom.rules("--for", "review")
    newsroom.write("newsroom.toml", '[rules]\npinyin-gloss = "off"\n')
    assert "pinyin-gloss" not in newsroom.rules("--for", "review")
