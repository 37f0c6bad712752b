"""Moves: one commit of exactly a story and its ledger, made by somebody entitled, or a refusal that says why."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time

import pytest
from conftest import BODY, PEOPLE, PICTURE, WAY, Desk, roster

ROSTER = """
[[people]]
name = "Reporter"
emails = ["reporter@gazette.example", "old.reporter@gazette.example"]
roles = ["reporter"]

[[people]]
name = "Editor"
emails = ["editor@gazette.example"]
roles = ["editor"]
sections = ["local"]

[[people]]
name = "Deputy"
emails = ["deputy@gazette.example"]
roles = ["editor", "desk-chief"]

[[people]]
name = "Chief"
emails = ["chief@gazette.example"]
roles = ["chief-editor"]

[trust]
override = ["chief-editor"]
"""
THREE_REVIEWS = f"""
[[pipeline.moves]]
action = "publish"
from = ["edit"]
to = "publish"
by = ["editor", "desk-chief", "chief-editor"]
not_by = ["reporter", "earlier-signers"]
sets = ["editor", "date", "version", "lastmod"]

{roster(Reporter="reporter", Passer="editor", Editor="editor", Deputy="desk-chief", Chief="chief-editor")}"""
DESK_OF_TWO = """
[[people]]
name = "Reporter"
emails = ["reporter@gazette.example"]
roles = ["reporter"]

[[people]]
name = "Editor"
emails = ["editor@gazette.example"]
roles = ["editor"]
"""
PASSER = "Passer <passer@gazette.example>"


def configured(newsroom: Desk, text: str) -> Desk:
    newsroom.write("newsroom.toml", text)
    newsroom.commit("configuration", who="Chief")
    return newsroom


# The way


def test_story_goes_the_whole_way_and_says_so(newsroom):
    slug = newsroom.at("draft")
    said = newsroom.story("submit", slug)
    assert f"Submitted {slug}: draft → review ({newsroom.head[:7]})." in said.err
    assert said.out == ""
    said = newsroom.story("approve", slug, who="Editor")
    assert f"Approved {slug}: review → edit ({newsroom.head[:7]})." in said.err
    said = newsroom.story("publish", slug, who="Chief")
    assert f"Published {slug}: edit → publish ({newsroom.head[:7]})." in said.err
    assert newsroom.rules(exit=0) == []
    assert newsroom.git("status", "--porcelain") == ""


@pytest.mark.parametrize("signers", [("Editor", "Deputy"), ("Editor", "Deputy", "Chief")])
def test_sign_offs_of_three_reviews_stand_when_the_newsroom_goes_back_to_one(newsroom, signers):
    configured(newsroom, THREE_REVIEWS)
    slug = newsroom.at("review")
    newsroom.story("approve", slug, who=PASSER)
    for who in signers:
        newsroom.story("publish", slug, who=who)
    configured(newsroom, THREE_REVIEWS[THREE_REVIEWS.index("[[people]]") :])
    assert newsroom.rules(exit=0) == []
    if len(signers) < 3:
        newsroom.story("publish", slug, who="Editor")
        assert newsroom.rules("--base", "HEAD~1", exit=0) == []
    assert newsroom.rules(exit=0) == []


def test_publishing_writes_date_version_lastmod_and_takes_draft_away(newsroom):
    slug = newsroom.at("edit")
    assert "\ndraft: true\n" in newsroom.read(newsroom.path_of(slug))
    newsroom.story("publish", slug, who="Chief")
    text, when = newsroom.read(newsroom.path_of(slug)), newsroom.now.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    assert re.search(rf"^date: {re.escape(when)}\b", text, re.MULTILINE)
    assert re.search(rf"^lastmod: {re.escape(when)}\b", text, re.MULTILINE)
    assert re.search(r"^version: 1\b", text, re.MULTILINE)
    assert re.search(r"^state: publish\b", text, re.MULTILINE)
    assert "draft:" not in text


def test_editor_is_recorded_at_approve_and_its_publisher_joins(newsroom):
    slug = newsroom.at("edit")
    assert re.search(rf"^editor: {re.escape(PEOPLE['Editor'])}", newsroom.read(newsroom.path_of(slug)), re.MULTILINE)
    newsroom.story("publish", slug, who="Chief")
    row = newsroom.story("show", slug, "--json").json
    assert row["editor"] == [PEOPLE["Editor"], PEOPLE["Chief"]]


def test_times_in_the_file_are_in_the_newsrooms_zone_and_in_the_ledger_in_utc(newsroom):
    configured(newsroom, 'timezone = "Asia/Shanghai"\n')
    slug = newsroom.at("publish")
    local = newsroom.now.strftime("2025-11-24T18:%M:%S+08:00")
    assert f"\ndate: {local}" in newsroom.read(newsroom.path_of(slug))
    assert newsroom.entries(slug)[-1]["at"] == newsroom.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert newsroom.rules(exit=0) == []


def test_ledger_holds_every_move_with_who_role_and_hash(newsroom):
    slug = newsroom.at("publish")
    entries = newsroom.entries(slug)
    assert [(e["action"], e.get("from"), e["to"], e["by"], e.get("role")) for e in entries] == [
        ("new", None, "draft", PEOPLE["Reporter"], None),
        ("submit", "draft", "review", PEOPLE["Reporter"], "reporter"),
        ("approve", "review", "edit", PEOPLE["Editor"], "editor"),
        ("publish", "edit", "publish", PEOPLE["Editor"], "editor"),
    ]
    assert entries[1]["writers"] == [PEOPLE["Reporter"]]
    assert entries[1]["content"] == entries[3]["content"] != entries[0]["content"]


@pytest.mark.parametrize("number", range(len(WAY)))
def test_each_move_is_one_commit_of_exactly_story_and_ledger_by_its_maker(newsroom, number):
    slug = newsroom.at("publish")
    commits = newsroom.git("log", "--reverse", "--format=%H").split("\n")
    assert len(commits) == len(WAY)
    one, who = commits[number], ("Reporter", "Reporter", "Editor", "Editor")[number]
    assert newsroom.files_of(one) == sorted([newsroom.ledger_of(slug), newsroom.path_of(slug)])
    assert newsroom.git("show", "-s", "--format=%an <%ae>|%cn <%ce>", one) == f"{PEOPLE[who]}|{PEOPLE[who]}"
    action = ("new", "submit", "approve", "publish")[number]
    trailers = newsroom.git("show", "-s", "--format=%(trailers:only,unfold)", one).split("\n")
    assert trailers == [f"Story: {newsroom.id_of(slug)}", f"Action: {action}"]
    assert newsroom.git("show", "-s", "--format=%s", one).startswith(f"{action}: {slug}")


def test_small_diffs_a_move_changes_only_the_lines_it_must(newsroom):
    slug = newsroom.at("review")
    newsroom.story("approve", slug, who="Editor")
    added, removed, path = newsroom.git("show", "--format=", "--numstat", "HEAD", "--", "stories").split("\t")
    assert (added, removed, path) == ("2", "1", newsroom.path_of(slug))


def test_submit_takes_the_reporters_uncommitted_text_along(newsroom):
    newsroom.story("new", "Council passes the budget", "--slug", "council-budget")
    newsroom.fill("council-budget")
    newsroom.story("submit", "council-budget")
    assert "Two libraries reopen" in newsroom.git("show", f"HEAD:{newsroom.path_of('council-budget')}")
    assert newsroom.git("status", "--porcelain") == ""


def test_withdraw_takes_a_story_back_and_submit_sends_it_again(newsroom):
    slug = newsroom.at("review")
    assert "review → draft" in newsroom.story("withdraw", slug).err
    assert "draft → review" in newsroom.story("submit", slug).err
    assert [entry["action"] for entry in newsroom.entries(slug)] == ["new", "submit", "withdraw", "submit"]


@pytest.mark.parametrize("state", ["review", "edit"])
def test_send_back_returns_a_story_with_its_reason_and_forgets_the_editor(newsroom, state):
    slug = newsroom.at(state)
    newsroom.story("send-back", slug, "--note", "Who says so?", who="Editor")
    row = newsroom.story("show", slug, "--json").json
    assert (row["state"], row["editor"], row["fields"]["draft"]) == ("draft", [], "true")
    assert newsroom.entries(slug)[-1]["note"] == "Who says so?"
    assert newsroom.rules(exit=0) == []
    newsroom.story("submit", slug)
    newsroom.story("approve", slug, who="Chief")
    assert newsroom.story("show", slug, "--json").json["editor"] == [PEOPLE["Chief"]]


def test_moves_work_from_a_subfolder_and_by_path(newsroom):
    slug = newsroom.at("draft")
    folder = (newsroom.root / newsroom.path_of(slug)).parent
    newsroom.story("submit", slug, cwd=folder)
    newsroom.story("approve", newsroom.path_of(slug), who="Editor")
    newsroom.story("publish", f"./../{folder.name}/{slug}.md", who="Editor", cwd=folder)
    assert newsroom.entries(slug)[-1]["to"] == "publish"


def test_real_process_moves_a_story_with_the_real_clock(newsroom):
    newsroom.now = newsroom.now.replace(year=2024)
    slug = newsroom.at("review")
    done = subprocess.run(
        [sys.executable, "-m", "newsroom_cli", "approve", slug],
        cwd=newsroom.root,
        env=newsroom.whole_environment("Editor"),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "Approved council-budget: review → edit" in done.stderr
    at = time.mktime(time.strptime(newsroom.entries(slug)[-1]["at"], "%Y-%m-%dT%H:%M:%SZ"))
    assert abs(at - time.time()) < 120


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n\n"])
def test_line_ends_and_the_final_newline_stay_through_every_move(newsroom, make_story, ends, last):
    body = "First.\n---\nAfter a rule.\n\n    indented" + last
    newsroom.write("stories/lines.md", make_story(body=body, title="Lines").replace("\n", ends))
    for move, who in (("submit", "Reporter"), ("approve", "Editor"), ("publish", "Editor")):
        newsroom.story(move, "lines", who=who)
    raw = (newsroom.root / "stories/lines.md").read_bytes().decode()
    assert raw.endswith(f"---\n\n{body}".replace("\n", ends))
    assert (raw.count("\r\n") == raw.count("\n")) is (ends == "\r\n")
    assert newsroom.rules(exit=0) == []


def test_line_ends_that_git_would_not_commit_are_no_change(newsroom):
    slug = newsroom.at("review")
    path, ledger = newsroom.path_of(slug), newsroom.ledger_of(slug)
    newsroom.write(".gitattributes", "stories/**/*.md text eol=lf\n")
    newsroom.git("add", ".gitattributes")
    newsroom.git("commit", "--quiet", "-m", "line ends")
    newsroom.change(path, "\n", "\r\n")
    before = newsroom.git("rev-parse", "HEAD")
    assert "nothing to do" in newsroom.story("save", slug).err
    assert "nothing to do" in newsroom.story("edit", slug, env=newsroom.editor("true")).err
    assert newsroom.git("rev-parse", "HEAD") == before
    newsroom.story("approve", slug, who="Editor")
    assert newsroom.git("show", "--name-only", "--format=", "HEAD").splitlines() == [ledger, path]
    newsroom.change(path, "Two libraries", "Three libraries")
    assert "uncommitted changes" in newsroom.refused("publish", slug, who="Chief")


def test_comments_order_and_quotes_stay_through_every_move(newsroom):
    front = "# of the desk\ntags: [ budget,  'council' ]   # two\nsource: \"Harbour: Gazette\"\nlang: no\ntime: 12:30\n"
    front += f"title: 'It''s passed'\nreporter: {PEOPLE['Reporter']}\nsection: local\ndescription: |\n  One.\n  ---\n"
    newsroom.write("stories/kept.md", f"---\n{front}---\n{BODY}")
    for move, who in (("submit", "Reporter"), ("approve", "Editor"), ("publish", "Editor")):
        newsroom.story(move, "kept", who=who)
    text = newsroom.read("stories/kept.md")
    for line in front.splitlines():
        assert f"\n{line}\n" in text
    assert newsroom.story("show", "kept", "--json").json["fields"]["time"] == "12:30"


# Everything else stays as it was


def test_other_work_staged_dirty_and_untracked_stays_exactly_as_it_was(newsroom):
    for name in ("staged", "dirty", "both", "gone", "mode", "renamed"):
        newsroom.write(f"{name}.txt", "one\n")
    newsroom.commit("others")
    slug = newsroom.at("review")
    newsroom.write("staged.txt", "two\n")
    newsroom.write("both.txt", "two\n")
    newsroom.write("added.txt", "new\n")
    newsroom.git("add", "staged.txt", "both.txt", "added.txt")
    newsroom.write("both.txt", "three\n")
    newsroom.write("dirty.txt", "two\n")
    newsroom.write("untracked.txt", "new\n")
    newsroom.git("rm", "--quiet", "gone.txt")
    newsroom.git("mv", "renamed.txt", "other.txt")
    newsroom.git("update-index", "--chmod=+x", "mode.txt")
    newsroom.write("intended.txt", "later\n")
    newsroom.git("add", "--intent-to-add", "intended.txt")
    look = (("status", "--porcelain=v2", "--untracked-files=all"), ("diff",), ("diff", "--cached"))
    before = [newsroom.git(*one) for one in look]
    newsroom.story("approve", slug, who="Editor")
    assert [newsroom.git(*one) for one in look] == before
    assert newsroom.files_of() == sorted([newsroom.ledger_of(slug), newsroom.path_of(slug)])


def test_another_story_that_is_dirty_is_left_alone(newsroom):
    slug, other = newsroom.at("review"), newsroom.at("draft", "harbour-fire")
    newsroom.fill(other, body="Changed.\n")
    before = newsroom.read(newsroom.path_of(other))
    newsroom.story("approve", slug, who="Editor")
    assert newsroom.read(newsroom.path_of(other)) == before
    assert newsroom.git("status", "--porcelain").split() == ["M", newsroom.path_of(other)]


def test_partly_staged_story_is_submitted_as_the_file_stands(newsroom):
    newsroom.story("new", "Council passes the budget", "--slug", "council-budget")
    path = newsroom.path_of("council-budget")
    newsroom.fill("council-budget", body="Staged words.\n")
    newsroom.git("add", path)
    newsroom.fill("council-budget", body="Final words.\n")
    newsroom.story("submit", "council-budget")
    assert newsroom.git("show", f"HEAD:{path}").endswith("Final words.")
    assert newsroom.git("status", "--porcelain") == ""


KINDS = {
    "index v4": (("update-index", "--index-version", "4"),),
    "many files": (("config", "feature.manyFiles", "true"),),
    "split index": (("update-index", "--split-index"),),
    "hostile configuration": tuple(
        ("config", key, value)
        for key, value in {
            "color.ui": "always",
            "status.showUntrackedFiles": "no",
            "status.short": "true",
            "status.relativePaths": "true",
            "core.quotePath": "true",
            "core.commentChar": "S",
            "commit.cleanup": "strip",
            "commit.verbose": "true",
            "commit.status": "false",
            "diff.noprefix": "true",
            "diff.renames": "copies",
            "diff.mnemonicPrefix": "true",
            "log.showSignature": "true",
            "log.follow": "true",
            "log.decorate": "full",
            "log.mailmap": "true",
            "log.diffMerges": "first-parent",
            "format.pretty": "oneline",
            "i18n.logOutputEncoding": "ISO-8859-1",
            "i18n.commitEncoding": "ISO-8859-1",
            "core.abbrev": "12",
            "merge.renames": "true",
            "push.default": "nothing",
            "core.logAllRefUpdates": "false",
        }.items()
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_moves_do_not_depend_on_how_the_repository_is_kept(newsroom, kind):
    newsroom.write("README.md", "# Gazette\n")
    newsroom.commit("begin")
    for one in KINDS[kind]:
        newsroom.git(*one)
    newsroom.git("branch", "base")
    slug = newsroom.at("publish", title="Café — 武进")
    assert newsroom.rules("--base", "base", exit=0) == []
    assert [one["strength"] for one in newsroom.story("log", slug, "--json").json] == ["attributed"] * 4
    assert newsroom.git("-c", "status.showUntrackedFiles=all", "status", "--porcelain") == ""
    assert newsroom.git("show", "-s", "--format=%(trailers:key=Action,valueonly)").strip() == "publish"


def test_moves_work_in_a_sha256_repository(tmp_path):
    desk = Desk(tmp_path / "sha256")
    desk.root.mkdir()
    desk.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    desk.write("README.md", "# Gazette\n")
    desk.commit("begin")
    desk.git("branch", "base")
    desk.write("stories/2025/11/hall.png", PICTURE)
    slug = desk.at("publish", body=f"{BODY}\n![Hall](hall.png)\n")
    assert len(desk.entries(slug)[-1]["assets"]["hall.png"]) == 64
    assert desk.rules("--base", "base", exit=0) == []


def test_sparse_index_stays_sparse(newsroom):
    for number in range(3):
        newsroom.write(f"archive{number}/deep/file.txt", "old\n")
    newsroom.commit("archive")
    slug = newsroom.at("review")
    newsroom.git("sparse-checkout", "set", "--cone", "--sparse-index", "stories", ".newsroom")
    before = newsroom.git("ls-files", "--sparse", "--", "archive0", "archive1", "archive2")
    assert before == "archive0/\narchive1/\narchive2/"
    newsroom.story("approve", slug, who="Editor")
    assert newsroom.git("ls-files", "--sparse", "--", "archive0", "archive1", "archive2") == before
    assert newsroom.files_of() == sorted([newsroom.ledger_of(slug), newsroom.path_of(slug)])


def test_moves_work_in_a_linked_worktree(newsroom, tmp_path):
    slug = newsroom.at("review")
    newsroom.git("worktree", "add", "--quiet", "-b", "desk", str(tmp_path / "linked"))
    linked = Desk(tmp_path / "linked", now=newsroom.now)
    linked.story("approve", slug, who="Editor")
    assert linked.git("rev-parse", "--abbrev-ref", "HEAD") == "desk"
    assert linked.entries(slug)[-1]["action"] == "approve"
    assert [entry["action"] for entry in newsroom.entries(slug)][-1] == "submit"


def test_inherited_git_variables_do_not_lead_astray(newsroom, tmp_path):
    slug = newsroom.at("review")
    other = Desk.begin(tmp_path / "other")
    astray = {
        "GIT_DIR": str(other.root / ".git"),
        "GIT_WORK_TREE": str(other.root),
        "GIT_INDEX_FILE": str(tmp_path / "index"),
        "GIT_PREFIX": "stories/",
    }
    newsroom.process("approve", slug, who="Editor", env=astray)
    assert newsroom.entries(slug)[-1]["action"] == "approve"
    assert not (tmp_path / "index").exists()


# Refusals: no such action, no such move, not your right, not ready


def test_unknown_action_is_wrong_usage(newsroom):
    assert "frobnicate" in newsroom.story("frobnicate", "x", exit=2).err


@pytest.mark.parametrize(
    "state, move",
    [
        ("draft", "approve"),
        ("draft", "publish"),
        ("draft", "withdraw"),
        ("review", "publish"),
        ("edit", "withdraw"),
        ("publish", "approve"),
        ("publish", "submit"),
        ("publish", "withdraw"),
    ],
)
def test_no_such_move_from_here_names_the_moves_there_are(newsroom, state, move):
    slug = newsroom.at(state)
    said = newsroom.refused(move, slug, who="Chief")
    assert f"There is no {move} from {state}." in said
    ways = {
        "draft": "From draft there is: submit (to review).",
        "review": "From review there is: withdraw (to draft), approve (to edit), send-back (to draft).",
        "edit": "From edit there is: send-back (to draft), publish (to publish).",
        "publish": "From publish there is: correct, unpublish (to edit), kill.",
    }
    assert ways[state] in said


def test_send_back_from_a_draft_or_from_publish_is_no_such_move(newsroom):
    slug = newsroom.at("draft")
    assert "There is no send-back from draft." in newsroom.refused("send-back", slug, "-m", "no", who="Editor")


@pytest.mark.parametrize("state, move", [("review", "approve"), ("edit", "publish")])
def test_reporter_cannot_pass_their_own_story(newsroom, state, move):
    slug = newsroom.at(state)
    said = newsroom.refused(move, slug)
    assert f"{PEOPLE['Reporter']} is its reporter, and nobody can {move} their own story." in said
    assert "Ask another person" in said


@pytest.mark.parametrize(
    "again", ["Somebody Else <REPORTER@Gazette.Example>", "R. <reporter@gazette.example>"], ids=["case", "name"]
)
def test_reporter_is_known_by_the_address_whatever_its_case_and_name(newsroom, again):
    slug = newsroom.at("review")
    assert "their own story" in newsroom.refused("approve", slug, who=again)


def test_look_alike_addresses_are_different_people(newsroom):
    slug = newsroom.at("review")
    newsroom.story("approve", slug, who="Reporter <repоrter@gazette.example>")  # a Cyrillic о
    assert newsroom.entries(slug)[-1]["to"] == "edit"


def test_maker_of_the_first_entry_cannot_approve_though_somebody_else_reports(newsroom):
    newsroom.story("new", "Fire", "--slug", "fire", "--reporter", PEOPLE["Stringer"], who="Editor")
    newsroom.fill("fire")
    newsroom.story("submit", "fire", who="Stringer")
    assert "their own story" in newsroom.refused("approve", "fire", who="Editor")
    newsroom.story("approve", "fire", who="Chief")


def test_every_one_of_several_reporters_is_barred(newsroom):
    newsroom.story("new", "Fire", "--slug", "fire", "--reporter", PEOPLE["Reporter"], "--reporter", PEOPLE["Stringer"])
    newsroom.fill("fire")
    newsroom.story("submit", "fire")
    for who in ("Reporter", "Stringer"):
        assert "their own story" in newsroom.refused("approve", "fire", who=who)


def test_reporter_who_took_their_name_out_of_the_file_is_still_barred(newsroom):
    newsroom.story("new", "Fire", "--slug", "fire")
    newsroom.fill("fire")
    newsroom.story("submit", "fire")
    newsroom.change(newsroom.path_of("fire"), f"reporter: {PEOPLE['Reporter']}", f"reporter: {PEOPLE['Stringer']}")
    newsroom.story("save", "fire")
    assert "their own story" in newsroom.refused("approve", "fire")


def test_another_address_of_one_person_is_that_person_by_mailmap(newsroom):
    newsroom.write(".mailmap", f"{PEOPLE['Reporter']} <private@home.example>\n")
    newsroom.commit("mailmap", who="Chief")
    slug = newsroom.at("review")
    assert "their own story" in newsroom.refused("approve", slug, who="R. <private@home.example>")


def test_story_with_gaps_is_refused_with_every_gap_at_its_line(newsroom):
    newsroom.story("new", "Council passes the budget", "--slug", "council-budget")
    path = newsroom.path_of("council-budget")
    said = newsroom.refused("submit", "council-budget")
    assert "council-budget is not ready for review." in said
    for key in ("section", "description", "source"):
        line = newsroom.read(path).split("\n").index(next(x for x in newsroom.read(path).split("\n") if key in x)) + 1
        assert re.search(rf"{re.escape(path)}:{line}:1: error\[\S+\]: {key} is empty; required from review", said)
    assert "the story has no words." in said


def test_publishing_is_refused_with_what_publish_requires(newsroom):
    slug = newsroom.at("edit", images="[{src: https://gazette.example/a.jpg, caption: Hall}]")
    said = newsroom.refused("publish", slug, who="Editor")
    assert "has no alt; required from publish" in said
    assert "has no credit; required from publish" in said


def test_rules_judge_the_story_as_it_would_be_after_the_move(newsroom):
    configured(newsroom, '[pipeline.states.publish]\nrequires = ["date", "lastmod", "version", "dateline"]\n')
    slug = newsroom.at("edit")
    said = newsroom.refused("publish", slug, who="Editor")
    assert "dateline is empty; required from publish" in said
    assert not re.search(r"\b(date|lastmod|version|editor) is (missing|empty)", said)


@pytest.mark.parametrize("state, move", [("review", "approve"), ("review", "send-back"), ("edit", "publish")])
def test_desk_moves_refuse_uncommitted_text_and_say_how_to_save_it(newsroom, state, move):
    slug = newsroom.at(state)
    newsroom.change(newsroom.path_of(slug), "Monday", "Tuesday")
    more = ("--note", "Why?") if move == "send-back" else ()
    said = newsroom.refused(move, slug, *more, who="Editor")
    assert "has uncommitted changes" in said
    assert f"story save {slug}" in said


def test_ledger_with_uncommitted_changes_is_refused(newsroom):
    slug = newsroom.at("review")
    newsroom.write(newsroom.ledger_of(slug), newsroom.read(newsroom.ledger_of(slug)) + "{}\n")
    assert "ledger" in newsroom.refused("approve", slug, who="Editor")


def test_story_whose_record_is_not_in_order_does_not_move(newsroom):
    slug = newsroom.at("review")
    newsroom.change(newsroom.path_of(slug), "state: review", "state: edit")
    newsroom.commit()
    said = newsroom.refused("publish", slug, who="Editor")
    assert "record-by-hand" in said
    assert "state says edit, the ledger review" in said


@pytest.mark.parametrize("note", [(), ("--note", ""), ("--note", "  \n ")], ids=["none", "empty", "blank"])
def test_send_back_without_a_reason_is_wrong_usage(newsroom, note):
    slug = newsroom.at("review")
    assert "needs a note" in newsroom.refused("send-back", slug, *note, who="Editor", exit=2)


@pytest.mark.parametrize("reason", ["", "   "])
def test_blank_override_is_wrong_usage(newsroom, reason):
    slug = newsroom.at("review")
    assert "--override needs a reason" in newsroom.refused("approve", slug, "--override", reason, exit=2)


def test_time_that_is_none_is_wrong_usage(newsroom):
    slug = newsroom.at("review")
    assert "--now" in newsroom.refused("approve", slug, "--now", "yesterday", who="Editor", exit=2)


# Again


def test_same_move_again_by_the_same_person_is_done_already(newsroom):
    slug = newsroom.at("edit")
    before = newsroom.everything()
    said = newsroom.story("approve", slug, who="Editor")
    assert f"{slug} is in edit already; nothing to do." in said.err
    assert newsroom.everything() == before


@pytest.mark.parametrize("state, move, who", [("review", "submit", "Reporter"), ("publish", "publish", "Editor")])
def test_no_op_changes_nothing_and_exits_0(newsroom, state, move, who):
    slug = newsroom.at(state)
    before = newsroom.everything()
    assert "nothing to do" in newsroom.story(move, slug, who=who).err
    assert newsroom.everything() == before


def test_same_move_again_by_somebody_else_is_no_such_move(newsroom):
    slug = newsroom.at("edit")
    assert "There is no approve from edit." in newsroom.refused("approve", slug, who="Chief")


# Several at once


def test_several_slugs_each_get_a_commit_and_a_line(newsroom):
    slugs = [newsroom.at("review", name, title=name) for name in ("fire", "flood", "feast")]
    count = int(newsroom.git("rev-list", "--count", "HEAD"))
    said = newsroom.story("approve", *slugs, who="Editor")
    assert [f"Approved {slug}: review → edit" in said.err for slug in slugs] == [True] * 3
    assert int(newsroom.git("rev-list", "--count", "HEAD")) == count + 3
    for number, slug in enumerate(reversed(slugs)):
        assert newsroom.files_of(f"HEAD~{number}") == sorted([newsroom.ledger_of(slug), newsroom.path_of(slug)])
    assert all(one[-1]["strength"] == "attributed" for one in (newsroom.story("log", s, "--json").json for s in slugs))


def test_several_slugs_those_that_may_go_go_and_the_refused_are_named(newsroom):
    good, own = newsroom.at("review", "fire", title="Fire"), "own"
    newsroom.story("new", "Own", "--slug", own, who="Editor")
    newsroom.fill(own)
    newsroom.story("submit", own, who="Editor")
    said = newsroom.story("approve", own, good, "no-such-story", who="Editor", exit=1)
    assert f"Approved {good}: review → edit" in said.err
    assert "nobody can approve their own story" in said.err
    assert "There is no story no-such-story." in said.err
    assert newsroom.entries(own)[-1]["action"] == "submit"
    assert newsroom.entries(good)[-1]["action"] == "approve"


def test_slug_given_twice_is_moved_once(newsroom):
    slug = newsroom.at("review")
    count = int(newsroom.git("rev-list", "--count", "HEAD"))
    newsroom.story("approve", slug, slug, newsroom.path_of(slug), who="Editor")
    assert int(newsroom.git("rev-list", "--count", "HEAD")) == count + 1
    assert newsroom.rules(exit=0) == []


def test_wrong_usage_among_several_writes_nothing_at_all(newsroom):
    slugs = [newsroom.at("review", name, title=name) for name in ("fire", "flood")]
    newsroom.refused("send-back", *slugs, who="Editor", exit=2)


# --dry-run


@pytest.mark.parametrize(
    "state, move, who",
    [
        ("draft", "submit", "Reporter"),
        ("review", "withdraw", "Reporter"),
        ("review", "approve", "Editor"),
        ("review", "send-back", "Editor"),
        ("edit", "publish", "Editor"),
    ],
)
def test_dry_run_shows_the_commit_and_writes_nothing(newsroom, state, move, who):
    slug = newsroom.at(state)
    note = ("--note", "Who says so?") if move == "send-back" else ()
    before = newsroom.everything()
    said = newsroom.story(move, slug, "--dry-run", *note, who=who)
    assert newsroom.everything() == before
    assert said.out.startswith(f"Would commit {newsroom.ledger_of(slug)}, {newsroom.path_of(slug)}:")
    assert f"    {move}: {slug} ({state} → " in said.out
    assert f"    Action: {move}" in said.out
    assert f"+++ b/{newsroom.path_of(slug)}" in said.out
    assert re.search(r"^\+state: \w+$", said.out, re.MULTILINE)
    shown = said.out.split("\n    Story:")[0]
    newsroom.story(move, slug, *note, who=who)
    assert newsroom.git("show", "-s", "--format=%s") in shown


def test_dry_run_of_a_refused_move_says_no_all_the_same(newsroom):
    slug = newsroom.at("review")
    newsroom.refused("approve", slug, "--dry-run")


def test_dry_run_shows_hostile_words_harmless(newsroom):
    slug = newsroom.at("review")
    newsroom.fill(slug, description='"::error::x \\u2028 ##[error]y"', body="\x1b[31m::error::red\n##[error]no\n")
    newsroom.write("newsroom.toml", '[rules]\ncontrol-character-in-text = "off"\n')
    newsroom.story("save", slug)
    newsroom.story("withdraw", slug)
    newsroom.fill(slug, body="\x1b[2J\n::error::done\n##[error]other\n")
    said = newsroom.story("submit", slug, "--dry-run")
    assert "\x1b" not in said.all
    assert "##[" not in said.all
    assert not re.search(r"^\s*::", said.all, re.MULTILINE)


# Notes


def test_note_with_newlines_and_a_forged_trailer_is_only_a_note(newsroom):
    slug = newsroom.at("review")
    note = "Fine.\n\nStory: 20200101-aaaaaaaa\nAction: publish\n\n---\nSigned-off-by: Chief <chief@gazette.example>"
    newsroom.story("approve", slug, "--note", note, who="Editor")
    assert newsroom.entries(slug)[-1]["note"] == note
    trailers = newsroom.git("show", "-s", "--format=%(trailers:only,unfold)").split("\n")
    assert trailers == [f"Story: {newsroom.id_of(slug)}", "Action: approve"]
    assert len(newsroom.read(newsroom.ledger_of(slug)).splitlines()) == 3
    assert "> Story: 20200101-aaaaaaaa" in newsroom.story("log", slug).out
    assert newsroom.rules(exit=0) == []


@pytest.mark.parametrize(
    "note", ["# a comment", "\x1b[31mred\x07", "::error::x", "##[error]x", "[/red]", "-v", "审核通过"]
)
def test_note_of_any_kind_is_kept_and_shown_harmless(newsroom, note):
    slug = newsroom.at("review")
    newsroom.story("approve", slug, f"--note={note}", who="Editor")
    assert newsroom.entries(slug)[-1]["note"] == note
    said = newsroom.story("log", slug)
    assert "\x1b" not in said.out
    assert "##[" not in said.out
    assert "\x1b" not in newsroom.git("show", "-s", "--format=%B")
    assert newsroom.story("log", slug, "--json").json[-1]["note"] == note


@pytest.mark.parametrize("move", ["submit", "approve", "publish"])
def test_note_is_kept_with_every_move(newsroom, move):
    slug = newsroom.at(WAY[WAY.index({"submit": "draft", "approve": "review", "publish": "edit"}[move])])
    newsroom.story(move, slug, "-m", "Checked by telephone.", who="Reporter" if move == "submit" else "Editor")
    assert newsroom.entries(slug)[-1]["note"] == "Checked by telephone."
    assert "> Checked by telephone." in newsroom.git("show", "-s", "--format=%B")


# Words that changed since the last move


def changed_in_edit(newsroom: Desk) -> str:
    slug = newsroom.at("edit")
    newsroom.change(newsroom.path_of(slug), "on Monday", "late on Tuesday")
    newsroom.story("save", slug, who="Stringer")
    return slug


def test_publishing_changed_words_off_a_terminal_asks_for_yes_and_says_whose(newsroom):
    slug = changed_in_edit(newsroom)
    said = newsroom.refused("publish", slug, who="Editor")
    assert f"2 words changed since approve, by {PEOPLE['Stringer']}" in said
    assert "--yes" in said


def test_publishing_changed_words_with_yes_goes_and_records_the_writers(newsroom):
    slug = changed_in_edit(newsroom)
    said = newsroom.story("publish", slug, "--yes", who="Editor")
    assert "2 words changed since approve" in said.err
    assert newsroom.entries(slug)[-1]["writers"] == [PEOPLE["Stringer"]]
    assert newsroom.rules(exit=0) == []


def test_dry_run_of_publishing_changed_words_needs_no_yes(newsroom):
    slug = changed_in_edit(newsroom)
    before = newsroom.everything()
    assert "2 words changed" in newsroom.story("publish", slug, "--dry-run", who="Editor").err
    assert newsroom.everything() == before


def test_changed_key_is_named(newsroom):
    slug = newsroom.at("edit")
    newsroom.change(newsroom.path_of(slug), "title: Council", "title: City council")
    newsroom.story("save", slug)
    assert "the key title changed since approve" in newsroom.refused("publish", slug, who="Editor")


def test_changed_keys_are_named_and_what_story_writes_is_none_of_them(newsroom):
    slug = newsroom.at("review")
    path = newsroom.path_of(slug)
    newsroom.change(path, "title: Council", "title: City council")
    newsroom.change(path, "lang: en", "lang: en\nlabel: Budget")
    newsroom.change(path, "on Monday", "on Sunday")
    newsroom.story("save", slug)
    newsroom.story("approve", slug, who="Editor")
    newsroom.change(path, "title: City council", "title: The council")
    newsroom.change(path, "label: Budget\n", "due: 2025-12-01\n")
    newsroom.change(path, "on Sunday", "on Friday")
    newsroom.story("save", slug)
    said = newsroom.refused("publish", slug, who="Editor")
    assert f"1 word and the keys label, title changed since approve, by {PEOPLE['Reporter']}" in said


def test_changed_picture_asks_too(newsroom):
    newsroom.write("stories/2025/11/hall.png", PICTURE)
    slug = newsroom.at("edit", body=f"{BODY}\n![Hall](hall.png)\n")
    newsroom.write("stories/2025/11/hall.png", PICTURE + b"2")
    newsroom.story("save", slug, who="Stringer")
    said = newsroom.refused("publish", slug, who="Editor")
    assert f"pictures changed since approve, by {PEOPLE['Stringer']}" in said
    newsroom.story("publish", slug, "--yes", who="Editor")
    assert newsroom.rules(exit=0) == []


def test_reformatting_asks_nothing(newsroom):
    slug = newsroom.at("edit")
    newsroom.change(newsroom.path_of(slug), "lang: en", 'lang: "en"  # language')
    newsroom.story("save", slug)
    newsroom.story("publish", slug, who="Editor")


@pytest.mark.parametrize("answer, exit, state", [("y\n", 0, "publish"), ("n\n", 1, "edit"), ("\n", 1, "edit")])
def test_publishing_changed_words_on_a_terminal_asks(newsroom, answer, exit, state):
    slug = changed_in_edit(newsroom)
    code, said = newsroom.terminal("publish", slug, who="Editor", answer=answer)
    assert (code, newsroom.entries(slug)[-1]["to"]) == (exit, state), said
    assert "2 words changed since approve" in said


# Overrides


def test_override_lifts_four_eyes_and_is_recorded_printed_warned_and_listed(newsroom):
    slug = newsroom.at("review")
    said = newsroom.story("approve", slug, "--override", "Nobody else is in.")
    assert "Four eyes were lifted: Nobody else is in." in said.err
    assert newsroom.entries(slug)[-1]["override"] == "Nobody else is in."
    assert "> Four eyes lifted: Nobody else is in." in newsroom.git("show", "-s", "--format=%B")
    (finding,) = newsroom.findings(exit=0)
    assert (finding["rule"], finding["severity"]) == ("override-unacknowledged", "warning")
    assert f"story ack {slug}" in finding["hint"]
    assert newsroom.story("list", "--json").json[0]["flags"] == ["override"]
    assert "four eyes lifted: Nobody else is in." in newsroom.story("log", slug).out


def test_who_hands_in_for_a_reporter_cannot_pass_it_and_the_reporters_own_submit_is_the_way_out(newsroom):
    slug = newsroom.at("draft")
    newsroom.story("submit", slug, who="Editor")
    refused = newsroom.refused("approve", slug, who="Editor")
    assert "Editor <editor@gazette.example> handed it in" in refused
    assert "or it goes back (withdraw or send-back) and its reporter hands it in." in refused
    newsroom.story("withdraw", slug)
    newsroom.story("submit", slug)
    newsroom.story("approve", slug, who="Editor")
    newsroom.story("publish", slug, who="Editor")
    assert newsroom.rules(exit=0) == []


def test_who_handed_in_for_a_reporter_sends_it_back_and_passes_the_reporters_own_submit(newsroom):
    configured(newsroom, DESK_OF_TWO)
    slug = newsroom.at("draft")
    newsroom.story("submit", slug, who="Editor")
    assert "handed it in" in newsroom.refused("approve", slug, who="Editor")
    newsroom.story("send-back", slug, "--note", "Hand it in yourself.", who="Editor")
    newsroom.story("submit", slug)
    newsroom.story("approve", slug, who="Editor")
    newsroom.story("publish", slug, who="Editor")
    assert newsroom.rules(exit=0) == []


def test_refusal_of_a_verb_without_an_override_offers_none(newsroom):
    slug = newsroom.at("review")
    assert "--override" not in newsroom.refused("require", slug, "legal")
    assert "--override" in newsroom.refused("approve", slug)


def test_storys_own_reporter_is_not_named_as_an_editor_to_ask(newsroom):
    configured(newsroom, DESK_OF_TWO.replace('["reporter"]', '["reporter", "editor"]'))
    slug = newsroom.at("review")
    refused = newsroom.refused("approve", slug, who="Stringer")
    assert "Hint: Editor: Editor.\n" in refused


def test_words_changed_before_a_sign_off_that_came_on_top_are_told_with_their_writer(newsroom):
    slug = newsroom.at("review")
    newsroom.git("switch", "--quiet", "-c", "desk")
    newsroom.story("approve", slug, who="Editor")
    newsroom.git("switch", "--quiet", "main")
    newsroom.change(newsroom.path_of(slug), "on Monday", "on Tuesday night")
    newsroom.story("save", slug, who="Stringer")
    newsroom.git("switch", "--quiet", "desk")
    newsroom.git("rebase", "--quiet", "main", who="Editor")
    asked = newsroom.refused("publish", slug, who="Editor")
    assert "2 words changed since approve, by Stringer <stringer@gazette.example>" in asked
    newsroom.story("publish", slug, "--yes", who="Editor")
    assert newsroom.entries(slug)[-1]["writers"] == ["Stringer <stringer@gazette.example>"]
    assert newsroom.rules(exit=0) == []


def test_override_stays_until_another_person_acknowledges_it(newsroom):
    slug = newsroom.at("review")
    newsroom.story("approve", slug, "--override", "Nobody else is in.")
    assert "somebody else has to acknowledge it" in newsroom.refused("ack", slug)
    newsroom.story("publish", slug, "--override", "Still alone.")
    assert len(newsroom.findings(exit=0)) == 2
    said = newsroom.story("ack", slug, who="Chief")
    assert f"Acknowledged {slug}: still publish" in said.err
    assert newsroom.findings(exit=0) == []
    assert newsroom.story("list", "--json").json[0]["flags"] == []
    assert "four eyes lifted: Still alone." in newsroom.story("log", slug).out
    assert newsroom.files_of() == [newsroom.ledger_of(slug)]


def test_ack_with_nothing_to_acknowledge_does_nothing(newsroom):
    slug = newsroom.at("edit")
    before = newsroom.everything()
    assert "has no override to acknowledge" in newsroom.story("ack", slug, who="Chief").err
    assert newsroom.everything() == before


def test_with_a_roster_only_the_roles_configured_may_override(newsroom):
    configured(newsroom, ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]'))
    slug = newsroom.at("review")
    said = newsroom.refused("approve", slug, "--override", "In a hurry.")
    assert "--override is for: chief-editor" in said


def test_with_a_roster_the_role_configured_overrides_and_another_of_them_acknowledges(newsroom):
    text = ROSTER.replace('roles = ["chief-editor"]', 'roles = ["chief-editor", "editor"]')
    text = text.replace('roles = ["editor", "desk-chief"]', 'roles = ["chief-editor"]')
    configured(newsroom, text)
    newsroom.story("new", "Fire", "--slug", "fire", who="Chief")
    newsroom.fill("fire")
    newsroom.story("submit", "fire", who="Chief")
    newsroom.story("approve", "fire", "--override", "Election night.", who="Chief")
    assert "chief-editor" in newsroom.refused("ack", "fire", who="Editor").lower()
    newsroom.story("ack", "fire", who="Deputy")
    assert newsroom.findings(exit=0) == []


# Rosters


def test_person_without_the_role_is_refused_and_told_who_has_it(newsroom):
    configured(newsroom, ROSTER)
    slug = newsroom.at("review")
    said = newsroom.refused("approve", slug, who="Chief")
    assert f"{PEOPLE['Chief']} is not an editor" in said
    assert "Editor: Editor, Deputy." in said


def test_stranger_to_the_roster_may_do_nothing(newsroom):
    configured(newsroom, ROSTER)
    slug = newsroom.at("review")
    assert "is not on the roster" in newsroom.refused("approve", slug, who="Stringer")
    assert "is not" in newsroom.refused("withdraw", slug, who="Stringer")


def test_editor_of_another_section_is_refused_and_told_who_has_it(newsroom):
    configured(newsroom, ROSTER)
    slug = newsroom.at("review", section="sport")
    said = newsroom.refused("approve", slug, who="Editor")
    assert "is not an editor" in said
    assert "Editor: Deputy." in said
    newsroom.story("approve", slug, who="Deputy")


def test_old_address_of_a_person_on_the_roster_is_that_person(newsroom):
    configured(newsroom, ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]'))
    slug = newsroom.at("review")
    said = newsroom.refused("approve", slug, who="R. <Old.Reporter@gazette.example>")
    assert "their own story" in said


def test_with_a_roster_a_role_counts_as_what_it_is(newsroom):
    configured(newsroom, ROSTER)
    slug = newsroom.at("review")
    newsroom.story("approve", slug, who="Deputy")
    assert newsroom.entries(slug)[-1]["role"] == "editor"
    assert newsroom.rules(exit=0) == []


# Three reviews by three people (三審三校)


def three_reviews(newsroom: Desk) -> str:
    configured(newsroom, THREE_REVIEWS)
    newsroom.story("new", "Council passes the budget", "--slug", "council-budget")
    newsroom.fill("council-budget")
    newsroom.story("submit", "council-budget")
    newsroom.story("approve", "council-budget", who=PASSER)
    return "council-budget"


def test_whoever_is_still_to_sign_is_not_the_storys_own_reporter(newsroom):
    slug = three_reviews(newsroom)
    newsroom.change(newsroom.path_of(slug), "reporter: Reporter", f"reporter:\n  - {PEOPLE['Chief']}\n  - Reporter")
    newsroom.story("save", slug)
    said = newsroom.story("publish", slug, "--yes", who="Editor")
    assert "Still to sign: desk-chief (Deputy), chief-editor (nobody else on the roster)." in said.err


def test_three_people_sign_in_order_and_the_last_publishes(newsroom):
    slug = three_reviews(newsroom)
    said = newsroom.story("publish", slug, who="Editor")
    assert f"{slug}: still edit" in said.err
    assert "Still to sign: desk-chief (Deputy), chief-editor (Chief)." in said.err
    assert "state: edit" in newsroom.read(newsroom.path_of(slug))
    assert "Still to sign: chief-editor (Chief)." in newsroom.story("publish", slug, who="Deputy").err
    said = newsroom.story("publish", slug, who="Chief")
    assert "edit → publish" in said.err
    assert [entry["role"] for entry in newsroom.entries(slug)[3:]] == ["editor", "desk-chief", "chief-editor"]
    row = newsroom.story("show", slug, "--json").json
    assert row["editor"] == [PASSER, PEOPLE["Editor"], PEOPLE["Deputy"], PEOPLE["Chief"]]
    assert newsroom.rules(exit=0) == []


def test_sign_off_that_completes_no_move_is_not_said_to_be_published(newsroom):
    slug = three_reviews(newsroom)
    said = newsroom.story("publish", slug, who="Editor")
    assert f"Published {slug}" not in said.err


def test_sign_off_that_completes_no_move_is_one_commit_and_the_check_is_green(newsroom):
    slug = three_reviews(newsroom)
    newsroom.story("publish", slug, who="Editor")
    assert newsroom.files_of() == [newsroom.ledger_of(slug)]
    assert newsroom.rules(exit=0) == []


@pytest.mark.parametrize("who", ["Chief", "Deputy"])
def test_sign_off_out_of_order_is_refused_and_names_who_is_next(newsroom, who):
    slug = three_reviews(newsroom)
    assert "Editor: Editor." in newsroom.refused("publish", slug, who=who)


def test_earlier_signer_cannot_sign_the_publication(newsroom):
    slug = three_reviews(newsroom)
    assert "signed an earlier move of it" in newsroom.refused("publish", slug, who=PASSER)


def test_sign_off_again_by_the_same_person_is_done_already(newsroom):
    slug = three_reviews(newsroom)
    newsroom.story("publish", slug, who="Editor")
    before = newsroom.everything()
    assert "nothing to do" in newsroom.story("publish", slug, who="Editor").err
    assert newsroom.everything() == before


def test_one_person_with_all_roles_cannot_sign_for_two(newsroom):
    configured(newsroom, THREE_REVIEWS.replace('roles = ["desk-chief"]', 'roles = ["editor", "desk-chief"]'))
    newsroom.story("new", "Fire", "--slug", "fire")
    newsroom.fill("fire")
    newsroom.story("submit", "fire")
    newsroom.story("approve", "fire", who=PASSER)
    newsroom.story("publish", "fire", who="Deputy")
    newsroom.story("publish", "fire", who="Deputy")
    assert len(newsroom.entries("fire")) == 4
    refused = newsroom.refused("publish", "fire", who="Editor")
    assert "Desk-chief: nobody else on the roster (story people add)." in refused


def test_change_of_words_lapses_the_sign_offs_before_it(newsroom):
    slug = three_reviews(newsroom)
    newsroom.story("publish", slug, who="Editor")
    newsroom.change(newsroom.path_of(slug), "Monday", "Tuesday")
    newsroom.story("save", slug, who="Reporter")
    assert "Editor: Editor." in newsroom.refused("publish", slug, "--yes", who="Deputy")
    for who in ("Editor", "Deputy", "Chief"):
        newsroom.story("publish", slug, "--yes", who=who)
    assert newsroom.entries(slug)[-1]["to"] == "publish"
    assert newsroom.rules(exit=0) == []


def test_send_back_between_the_sign_offs_starts_anew(newsroom):
    slug = three_reviews(newsroom)
    newsroom.story("publish", slug, who="Editor")
    newsroom.story("send-back", slug, "-m", "Not yet.", who="Editor")
    newsroom.story("submit", slug)
    newsroom.story("approve", slug, who=PASSER)
    assert "Editor: Editor." in newsroom.refused("publish", slug, who="Deputy")


def test_desk_of_its_own_states_and_actions_goes_the_whole_way(newsroom):
    configured(
        newsroom,
        """
[pipeline.states.idea]
initial = true
requires = ["id", "title", "slug", "state", "reporter", "lang"]
[pipeline.states.copydesk]
requires = ["section", "editor"]
[pipeline.states.live]
public = true
requires = ["date", "lastmod", "version"]
[[pipeline.moves]]
action = "submit"
from = ["idea"]
to = "copydesk"
by = ["reporter|editor"]
sets = ["editor"]
[[pipeline.moves]]
action = "send-back"
from = ["copydesk"]
to = "idea"
by = ["editor"]
note = "required"
[[pipeline.moves]]
action = "publish"
from = ["copydesk"]
to = "live"
by = ["editor"]
not_by = ["reporter"]
sets = ["editor", "date", "version", "lastmod"]
""",
    )
    newsroom.story("new", "Fire", "--slug", "fire")
    newsroom.fill("fire")
    newsroom.story("submit", "fire")
    assert "state: copydesk" in newsroom.read(newsroom.path_of("fire"))
    assert "From copydesk there is: send-back (to idea), publish (to live)." in newsroom.refused(
        "submit", "fire", who="Chief"
    )
    assert "There is no action withdraw." in newsroom.refused("withdraw", "fire", exit=2)
    newsroom.story("publish", "fire", who="Editor")
    assert newsroom.story("list", "--state", "live", "--json").json[0]["slug"] == "fire"
    assert newsroom.rules(exit=0) == []


# Sharing


def test_move_says_how_it_is_shared_until_it_is(newsroom, tmp_path):
    slug = newsroom.at("draft")
    assert "Not shared yet: git remote add origin ADDRESS" in newsroom.story("submit", slug).err
    newsroom.git("init", "--quiet", "--bare", str(tmp_path / "origin.git"))
    newsroom.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    assert "Not shared yet: git push -u origin main" in newsroom.story("submit", slug).err
    newsroom.git("push", "--quiet", "-u", "origin", "main")
    assert "Not shared yet" not in newsroom.story("submit", slug).err
    assert "Not shared yet: git push\n" in newsroom.story("approve", slug, who="Editor").err
    newsroom.git("update-ref", "-d", "refs/remotes/origin/main")
    assert "Not shared yet: git push -u origin main" in newsroom.story("publish", slug, who="Editor").err


HOOK = "#!/bin/sh\ngit rm --quiet --cached -- {}\n"


@pytest.mark.parametrize("what", ["story", "ledger"])
def test_hook_that_leaves_a_file_out_of_the_commit_leaves_everything_as_it_was(newsroom, what):
    slug = newsroom.at("review")
    path = newsroom.path_of(slug) if what == "story" else newsroom.ledger_of(slug)
    hook = newsroom.root / ".git/hooks/pre-commit"
    hook.write_text(HOOK.format(path), "utf-8")
    hook.chmod(0o755)
    before = newsroom.head
    assert f"A hook changed {path}" in newsroom.story("approve", slug, who="Editor", exit=3).err
    assert newsroom.head == before
    assert newsroom.story("show", slug, "--json").json["state"] == "review"
    assert newsroom.git("status", "--porcelain") == ""


# What may go


def test_killed_story_keeps_its_record_and_its_file_alone_may_go(newsroom):
    slug = newsroom.at("publish")
    newsroom.story("kill", slug, "--note", "Wrong.", "--notice", "Withdrawn.", "--yes", who="Editor")
    assert f"Its file alone may go: git rm {newsroom.path_of(slug)}" in newsroom.refused("delete", slug)


def test_story_that_was_renamed_by_hand_is_committed_under_its_new_name_first(newsroom):
    slug = newsroom.at("review")
    path = newsroom.path_of(slug)
    text = newsroom.read(path).replace(f"slug: {slug}", "slug: budget").replace("on Monday", "on Tuesday")
    (newsroom.root / path).unlink()
    newsroom.write("stories/2025/11/budget.md", text)
    assert f"budget is {path} in the last commit" in newsroom.refused("save", "budget")
    newsroom.commit("renamed")
    newsroom.change("stories/2025/11/budget.md", "on Tuesday", "on Friday")
    newsroom.story("save", "budget")


# Stories written by hand


def test_submit_takes_a_hand_written_story_in_first(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story(title="Fire"))
    said = newsroom.story("submit", "fire")
    assert "Submitted fire: draft → review" in said.err
    assert [entry["action"] for entry in newsroom.entries("fire")] == ["adopt", "submit"]
    assert newsroom.git("log", "--reverse", "--format=%s").split("\n") == [
        "adopt: fire",
        "submit: fire (draft → review)",
    ]
    assert [len(newsroom.files_of(one)) for one in ("HEAD~1", "HEAD")] == [2, 2]
    assert newsroom.rules(exit=0) == []


def test_refused_submit_of_a_hand_written_story_takes_nothing_in(newsroom, make_story):
    newsroom.write("README.md", "# Gazette\n")
    newsroom.commit("begin")
    newsroom.write("stories/fire.md", make_story(title="Fire", section=None))
    assert "section is missing" in newsroom.refused("submit", "fire")


def test_approve_of_a_hand_written_story_names_adopt(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story(title="Fire"))
    newsroom.commit()
    assert "story adopt stories/fire.md" in newsroom.refused("approve", "fire", who="Editor")


def test_json_lines_of_a_ledger_are_exactly_compact(newsroom):
    slug = newsroom.at("publish", title="会议 — «наука» ☕")
    for line in newsroom.read(newsroom.ledger_of(slug)).splitlines():
        entry = json.loads(line)
        assert line == json.dumps(entry, ensure_ascii=False, separators=(",", ":"))


# Other files


TWIN = {"draft": ("submit", "Reporter"), "edit": ("publish", "Editor")}


@pytest.mark.parametrize("state", TWIN)
@pytest.mark.parametrize("twin", ["council-budget", "Council-Budget"])
def test_second_story_of_a_slug_goes_no_further(newsroom, make_story, state, twin):
    verb, who = TWIN[state]
    path = newsroom.path_of(newsroom.at(state))
    newsroom.write(f"stories/other/{twin}.md", make_story())
    newsroom.commit()
    said = newsroom.refused(verb, path, who=who)
    assert f"its slug is also that of stories/other/{twin}.md." in said
    newsroom.git("mv", f"stories/other/{twin}.md", "stories/other/libraries.md")
    newsroom.commit()
    newsroom.story(verb, path, who=who)


@pytest.mark.parametrize("state", TWIN)
def test_alias_that_is_anothers_slug_goes_no_further(newsroom, make_story, state):
    verb, who = TWIN[state]
    slug = newsroom.at(state, aliases="[/2024/flood.html]")
    newsroom.write("stories/flood.md", make_story())
    newsroom.commit()
    assert "its alias flood is the slug of stories/flood.md." in newsroom.refused(verb, slug, who=who)


@pytest.mark.parametrize("state", TWIN)
def test_slug_that_is_anothers_alias_goes_no_further(newsroom, make_story, state):
    verb, who = TWIN[state]
    slug = newsroom.at(state)
    newsroom.write("stories/flood.md", make_story(aliases="[/2024/Council%2Dbudget/]"))
    newsroom.commit()
    assert "its slug is an alias of stories/flood.md." in newsroom.refused(verb, slug, who=who)


def test_what_takes_a_story_from_readers_does_not_ask_for_other_files(newsroom, make_story):
    slug = newsroom.at("publish")
    newsroom.write("stories/flood.md", make_story(aliases="[/council-budget]"))
    newsroom.commit()
    newsroom.story("kill", slug, "--note", "Wrong.", "--notice", "This was wrong.", who="Editor")


def test_hand_written_story_that_gets_another_name_is_no_twin_of_itself(newsroom, make_story):
    newsroom.write("stories/Big Fire.md", make_story(title="Fire"))
    newsroom.story("submit", "Big Fire")
    assert newsroom.rules(exit=0) == []


LINKED = "The figures are [here](figures.md).\n"


@pytest.mark.parametrize("state", ["draft", "review", "edit"])
def test_link_that_leads_nowhere_goes_no_further(newsroom, state):
    verb, who = {"review": ("approve", "Editor"), **TWIN}[state]
    slug = newsroom.at(state)
    path = newsroom.path_of(slug)
    newsroom.write(path, newsroom.read(path) + LINKED)
    newsroom.story("save", slug)
    said = newsroom.refused(verb, slug, *(["--yes"] if verb == "publish" else []), who=who)
    assert "the link leads to figures.md, which is not there." in said
    newsroom.write(f"{path.rpartition('/')[0]}/figures.md", "---\ntitle: Figures\n---\n\nFigures.\n")
    newsroom.commit()
    newsroom.story(verb, slug, *(["--yes"] if verb == "publish" else []), who=who)


def test_story_whose_link_was_lost_can_be_taken_from_readers(newsroom):
    slug = newsroom.at("draft")
    path = newsroom.path_of(slug)
    newsroom.write(path, newsroom.read(path) + LINKED.replace("figures.md", "../../../README.md"))
    newsroom.write("README.md", "# Gazette\n")
    newsroom.commit()
    for verb, who in (("submit", "Reporter"), ("approve", "Editor"), ("publish", "Editor")):
        newsroom.story(verb, slug, who=who)
    newsroom.git("rm", "--quiet", "README.md")
    newsroom.commit()
    newsroom.story("unpublish", slug, "--note", "Its source is gone.", who="Editor")
