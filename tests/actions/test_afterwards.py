"""What happens beside and after publication: each verb with real git, and the sequences that go wrong elsewhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from conftest import roster

from newsroom_cli.story.frontmatter import read_story
from newsroom_cli.times import format_ledger_time, parse_typed

SLUG = "council-budget"
LATER = "2026-01-05T18:00:00+08:00"
LATER_UTC = "2026-01-05T10:00:00Z"
AFTER = "2026-01-05T10:20:00Z"


def fields(newsroom, slug=SLUG):
    path = newsroom.path_of(slug)
    return read_story(path, newsroom.read(path).encode()).fields


def one_commit(newsroom, *args, who="Editor", **options):
    """Run a verb that makes exactly one commit with one entry, after which everything is in order."""
    count, entries = newsroom.git("rev-list", "--count", "HEAD"), len(newsroom.entries(SLUG))
    said = newsroom.story(*args, who=who, **options)
    assert int(newsroom.git("rev-list", "--count", "HEAD")) == int(count) + 1
    assert len(newsroom.entries(SLUG)) == entries + 1
    assert not newsroom.git("status", "--porcelain")
    return said


@pytest.mark.parametrize(
    ("stop", "way_out", "status", "flag"),
    [("hold", "resume", "withheld", "held"), ("spike", "restore", "canceled", "spiked")],
)
@pytest.mark.parametrize("state", ["draft", "review", "edit"])
def test_a_story_is_stopped_and_goes_on_where_it_was(newsroom, state, stop, way_out, status, flag):
    newsroom.at(state)
    assert newsroom.story(stop, SLUG, who="Editor", exit=2).err
    one_commit(newsroom, stop, SLUG, "--note", "the lawyer reads it")
    assert (fields(newsroom)["pubstatus"], fields(newsroom)["state"]) == (status, state)
    assert newsroom.story("list", "--spiked", "--json").json[0]["flags"] == [flag]
    assert f"story {way_out} {SLUG}" in newsroom.story("why", SLUG, exit=1).out
    if state == "edit":
        assert f"story {way_out} {SLUG}" in newsroom.refused("publish", SLUG, who="Editor")
        assert f"story {way_out} {SLUG}" in newsroom.refused("publish", SLUG, "--at", LATER, who="Editor")
    one_commit(newsroom, way_out, SLUG)
    assert "pubstatus" not in fields(newsroom)
    assert fields(newsroom)["state"] == state
    assert newsroom.rules(exit=0) == []


def test_a_spiked_story_leaves_the_list_unless_asked_for(newsroom):
    newsroom.at("draft")
    newsroom.story("spike", SLUG, "--note", "no news", who="Editor")
    assert newsroom.story("list", "--json").json == []
    assert [one["slug"] for one in newsroom.story("list", "--spiked", "--json").json] == [SLUG]


def test_a_hold_that_was_there_is_there_after_restore(newsroom):
    newsroom.at("edit")
    for verb in (("hold", "--note", "law"), ("spike", "--note", "no news"), ("restore",)):
        newsroom.story(verb[0], SLUG, *verb[1:], who="Editor")
    assert fields(newsroom)["pubstatus"] == "withheld"
    assert f"story resume {SLUG}" in newsroom.refused("publish", SLUG, who="Editor")


def test_an_embargo_keeps_a_story_until_its_time(newsroom):
    newsroom.at("edit")
    said = one_commit(newsroom, "embargo", SLUG, LATER)
    assert LATER_UTC in said.err
    assert newsroom.entries(SLUG)[-1]["terms"] == {"embargo": LATER_UTC}
    assert "--lift" in newsroom.refused("publish", SLUG, who="Editor")
    assert "before its embargo ends" in newsroom.refused("publish", SLUG, "--at", "2026-01-05T09:59:00Z", who="Editor")
    newsroom.story("publish", SLUG, "--now", LATER, who="Editor")
    assert fields(newsroom)["state"] == "publish"


def test_an_embargo_is_refused_in_the_past_and_on_a_public_story(newsroom):
    newsroom.at("edit")
    assert "past" in newsroom.refused("embargo", SLUG, "2020-01-01T00:00:00Z", who="Editor", exit=2)
    newsroom.story("publish", SLUG, who="Editor")
    newsroom.refused("embargo", SLUG, LATER, who="Editor")


def test_an_embargo_until_further_notice_is_lifted(newsroom):
    newsroom.at("edit")
    one_commit(newsroom, "embargo", SLUG, "--until-further-notice")
    newsroom.refused("publish", SLUG, "--now", "2026-06-01T00:00:00Z", who="Editor")
    one_commit(newsroom, "embargo", SLUG, "--lift")
    one_commit(newsroom, "publish", SLUG)


def test_a_scheduled_story_goes_out_at_its_time_and_not_before(newsroom):
    newsroom.at("edit")
    said = one_commit(newsroom, "publish", SLUG, "--at", LATER)
    assert LATER_UTC in said.err
    assert fields(newsroom)["state"] == "edit"
    assert f"story deschedule {SLUG}" in newsroom.refused("save", SLUG)
    early = newsroom.story("release", who="Stringer")
    assert "Nothing is due. Next: council-budget" in early.err
    newsroom.refused("release", SLUG, who="Stringer")
    one_commit(newsroom, "release", "--due", "--now", AFTER, who="Stringer")
    published = fields(newsroom)
    assert published["state"] == "publish"
    assert published["date"] == "2026-01-05T10:00:00+00:00"
    assert "publish_at" not in published
    head = newsroom.head
    assert "Nothing is scheduled." in newsroom.story("release", "--now", AFTER, who="Stringer").err
    assert newsroom.head == head


def test_approval_of_a_story_for_later_does_not_publish_it(newsroom):
    newsroom.at("review")
    newsroom.story("embargo", SLUG, LATER, who="Editor")
    newsroom.story("approve", SLUG, who="Editor")
    assert fields(newsroom)["state"] == "edit"
    assert fields(newsroom).get("version") is None


def test_a_release_that_fails_keeps_the_schedule_and_lets_the_others_go(newsroom):
    newsroom.at("edit")
    newsroom.at("edit", "library-opens", title="Library opens")
    for slug in (SLUG, "library-opens"):
        newsroom.story("publish", slug, "--at", LATER, who="Editor")
    newsroom.change(newsroom.path_of(SLUG), "Two libraries", "Three libraries")
    newsroom.commit("late words")
    assert "its schedule is void: the words changed since it was signed" in newsroom.story("why", SLUG, exit=1).out
    said = newsroom.story("release", "--now", AFTER, who="Stringer", exit=1)
    assert "the words changed" in said.err
    assert fields(newsroom)["publish_at"]
    assert fields(newsroom, "library-opens")["state"] == "publish"


def test_a_schedule_is_taken_back(newsroom):
    newsroom.at("edit")
    newsroom.story("publish", SLUG, "--at", LATER, who="Editor")
    newsroom.refused("send-back", SLUG, "--note", "no", who="Editor")
    one_commit(newsroom, "deschedule", SLUG)
    assert "publish_at" not in fields(newsroom)
    newsroom.refused("release", SLUG, "--now", AFTER)


def test_a_correction_takes_the_change_along(newsroom):
    newsroom.at("publish")
    first = fields(newsroom)["date"]
    nothing = newsroom.story("correct", SLUG, "--notice", "Three, not two.", "--yes", who="Editor")
    assert "nothing to correct" in nothing.err
    newsroom.change(newsroom.path_of(SLUG), "Two libraries", "Three libraries")
    assert "story correct" in newsroom.refused("save", SLUG, who="Editor")
    newsroom.refused("correct", SLUG, who="Editor", exit=2)
    said = one_commit(newsroom, "correct", SLUG, "--notice", "Three, not two.", "--yes")
    assert "Readers will see:\n  Three, not two." in said.err
    now = fields(newsroom)
    assert (str(now["version"]), now["date"]) == ("2", first)
    assert now["corrections"][0]["notice"] == "Three, not two."
    assert newsroom.rules(exit=0) == []


def test_a_correction_after_a_lapsed_embargo(newsroom):
    newsroom.at("edit")
    newsroom.story("embargo", SLUG, LATER, who="Editor")
    newsroom.story("publish", SLUG, "--now", AFTER, who="Editor")
    newsroom.change(newsroom.path_of(SLUG), "Two libraries", "Three libraries")
    late = ("--now", "2026-01-05T10:21:00Z")
    newsroom.story("correct", SLUG, "--notice", "Three.", "--yes", *late, who="Editor")
    assert str(fields(newsroom)["version"]) == "2"


def test_a_correction_leaves_the_date_line(newsroom):
    newsroom.at("publish")
    newsroom.change(newsroom.path_of(SLUG), "lang: en", "lang: en\ndateline: HARBOUR")
    assert "dateline" in newsroom.refused("correct", SLUG, "--notice", "Where it was.", "--yes", who="Editor")


def test_versions_count_on_through_correct_unpublish_and_publish(newsroom):
    newsroom.at("publish")
    first = fields(newsroom)["date"]
    newsroom.change(newsroom.path_of(SLUG), "Two libraries", "Three libraries")
    newsroom.story("correct", SLUG, "--notice", "Three.", "--yes", who="Editor")
    one_commit(newsroom, "unpublish", SLUG, "--note", "the source took it back")
    gone = fields(newsroom)
    assert (gone["state"], gone["pubstatus"], gone["draft"]) == ("edit", "withheld", "true")
    one_commit(newsroom, "publish", SLUG)
    back = fields(newsroom)
    assert (str(back["version"]), back["date"]) == ("3", first)
    assert "pubstatus" not in back
    assert newsroom.rules(exit=0) == []


def test_nothing_comes_after_kill(newsroom):
    newsroom.at("publish")
    newsroom.refused("kill", SLUG, "--note", "court order", who="Editor", exit=2)
    said = one_commit(newsroom, "kill", SLUG, "--note", "court order", "--notice", "This story was withdrawn.", "--yes")
    assert "Readers will see:" in said.err
    killed = fields(newsroom)
    assert (killed["state"], killed["pubstatus"], killed["draft"]) == ("publish", "canceled", "true")
    newsroom.change(newsroom.path_of(SLUG), "Two libraries", "Three libraries")
    assert "was killed" in newsroom.refused("save", SLUG, who="Editor")
    assert "was killed" in newsroom.refused("correct", SLUG, "--notice", "x", "--yes", who="Editor")
    newsroom.git("checkout", "-q", "--", ".")
    for verb in (("publish",), ("unpublish", "--note", "n"), ("send-back", "--note", "n")):
        newsroom.refused(verb[0], SLUG, *verb[1:], who="Editor")


def test_kill_and_unpublish_are_told_apart_in_the_log(newsroom):
    newsroom.at("publish")
    newsroom.story("unpublish", SLUG, "--note", "early", who="Editor")
    newsroom.story("publish", SLUG, who="Editor")
    newsroom.story("kill", SLUG, "--note", "court", "--notice", "Withdrawn.", "--yes", who="Editor")
    log = newsroom.story("log", SLUG).out
    assert "unpublish  publish → edit" in log
    assert "kill       publish " in log
    assert "notice: Withdrawn." in log


def test_readers_notice_is_agreed_to_on_a_terminal(newsroom):
    newsroom.at("publish")
    head = newsroom.head
    args = ("kill", SLUG, "--note", "court", "--notice", "Withdrawn.")
    code, screen = newsroom.terminal(*args, who="Editor", answer="n\n")
    assert code == 1
    assert "Readers will see:" in screen
    assert newsroom.head == head


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("2026-01-05 18:00", LATER_UTC),
        ("2026-01-05T18:00", LATER_UTC),
        ("2026-01-05T18:00:00+08:00", LATER_UTC),
        ("2026-01-05T10:00:00Z", LATER_UTC),
    ],
)
def test_a_time_is_read_in_the_newsrooms_zone(newsroom, said, means):
    newsroom.write("newsroom.toml", 'timezone = "Asia/Shanghai"\n')
    newsroom.commit("configure")
    newsroom.at("edit")
    newsroom.story("embargo", SLUG, said, who="Editor")
    assert newsroom.entries(SLUG)[-1]["terms"] == {"embargo": means}


NOON = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "zone", "means"),
    [
        ("18:00", "Asia/Shanghai", "2026-03-08T10:00:00Z"),
        ("9:30", "Asia/Shanghai", "2026-03-08T01:30:00Z"),
        ("2026-03-09 00:00", "Asia/Shanghai", "2026-03-08T16:00:00Z"),
        ("2026-03-08T01:59", "America/New_York", "2026-03-08T06:59:00Z"),
    ],
)
def test_a_time_of_day_is_todays_in_the_zone(said, zone, means):
    assert format_ledger_time(parse_typed(said, ZoneInfo(zone), NOON)) == means


@pytest.mark.parametrize(
    ("said", "readings"),
    [
        ("2026-03-08 02:30", ("2026-03-08T03:30:00-04:00", "2026-03-08T01:30:00-05:00")),
        ("2026-11-01 01:30", ("2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00")),
    ],
)
def test_a_time_clocks_skip_or_show_twice_is_refused_with_both_readings(said, readings):
    with pytest.raises(ValueError, match="clocks change") as refused:
        parse_typed(said, ZoneInfo("America/New_York"), NOON)
    assert all(one in str(refused.value) for one in readings)


@pytest.mark.parametrize("said", ["", "soon", "25:00", "2026-02-30 10:00", "18", "١٨:٠٠"])
def test_what_is_no_time_is_refused(said):
    with pytest.raises(ValueError, match="time"):
        parse_typed(said, ZoneInfo("Asia/Shanghai"), NOON)


TAKING = {
    "unpublish": ("--note", "who wrote this?"),
    "kill": ("--note", "court", "--notice", "Withdrawn.", "--yes"),
}


def quietly_changed(newsroom, *, picture=False):
    """A public story whose words, or picture, were changed with git alone."""
    if picture:
        newsroom.write("stories/2025/11/hall.png", "A")
        images = "[{src: hall.png, alt: The hall, credit: The Gazette}]"
        newsroom.at("edit", images=images)
        newsroom.commit("picture") if newsroom.git("status", "--porcelain") else None
        newsroom.story("publish", SLUG, who="Editor")
        newsroom.write("stories/2025/11/hall.png", "B")
    else:
        newsroom.at("publish")
        newsroom.change(newsroom.path_of(SLUG), "Two libraries", "No libraries")
    signed = newsroom.head
    newsroom.commit("quietly")
    assert newsroom.rules() == ["published-picture-changed" if picture else "published-words-changed"]
    return signed


@pytest.mark.parametrize("verb", TAKING)
@pytest.mark.parametrize("picture", [False, True])
def test_a_quietly_changed_story_is_taken_from_readers(newsroom, verb, picture):
    quietly_changed(newsroom, picture=picture)
    base = newsroom.head
    one_commit(newsroom, verb, SLUG, *TAKING[verb])
    assert newsroom.rules(exit=0) == []
    assert newsroom.rules("--base", base, exit=0) == []
    assert newsroom.story("verify-published").exit == 0


def test_a_killed_story_is_held_to_the_words_it_was_killed_with(newsroom):
    quietly_changed(newsroom)
    one_commit(newsroom, "kill", SLUG, *TAKING["kill"])
    newsroom.change(newsroom.path_of(SLUG), "No libraries", "Two libraries")
    newsroom.refused("save", SLUG)
    newsroom.commit("quietly")
    assert newsroom.rules() == ["published-words-changed"]


def test_what_was_signed_is_put_back_by_save(newsroom):
    signed = quietly_changed(newsroom)
    (found,) = newsroom.findings()
    assert found["hint"].endswith(f"then: story save {SLUG}")
    newsroom.refused("save", SLUG)
    newsroom.git("restore", f"--source={signed}", newsroom.path_of(SLUG))
    assert f"story save {SLUG}" in newsroom.refused("unpublish", SLUG, "--note", "n", who="Editor")
    newsroom.story("save", SLUG)
    assert not newsroom.git("status", "--porcelain")
    assert newsroom.rules(exit=0) == []


def test_a_story_taken_back_goes_out_with_another_date_line(newsroom):
    newsroom.at("publish", dateline="HARBOUR")
    base = newsroom.head
    newsroom.story("unpublish", SLUG, "--note", "wrong town", who="Editor")
    newsroom.change(newsroom.path_of(SLUG), "dateline: HARBOUR", "dateline: HILLTOWN")
    newsroom.story("save", SLUG)
    newsroom.story("publish", SLUG, "--yes", who="Editor")
    assert newsroom.rules("--base", base, exit=0) == []


def test_changes_of_a_public_story_are_not_sent_to_save(newsroom):
    newsroom.at("publish")
    newsroom.change(newsroom.path_of(SLUG), "Two libraries", "Three libraries")
    for verb in (("unpublish", "--note", "n"), ("kill", "--note", "n", "--notice", "Withdrawn.", "--yes")):
        said = newsroom.refused(verb[0], SLUG, *verb[1:], who="Editor")
        assert "story save" not in said
        assert f"git restore {newsroom.path_of(SLUG)}" in said
    assert "story correct" in newsroom.story("why", SLUG, exit=1).out


def test_corrections_set_by_hand_are_put_back_as_one_line(newsroom):
    newsroom.at("publish")
    newsroom.change(newsroom.path_of(SLUG), "Two libraries", "Three libraries")
    newsroom.story("correct", SLUG, "--notice", "Three: not two.", "--yes", who="Editor")
    path = newsroom.path_of(SLUG)
    newsroom.change(path, "Three: not two.", "Nothing of note.")
    (found,) = [
        one
        for one in newsroom.story("check", "--format", "json", exit=1).json["findings"]
        if one["key"] == "corrections"
    ]
    line = found["hint"].split("`")[1]
    text = newsroom.read(path)
    front, _, body = text.partition("\n---\n")
    kept = front[: front.index("\ncorrections:")]
    newsroom.write(path, f"{kept}\n{line}\n---\n{body}")
    assert newsroom.rules(exit=0) == []


THREE = f"""
{roster(Reporter="reporter", Editor="editor", Chief="editor chief")}
[[pipeline.moves]]
action = "publish"
from = ["edit"]
to = "publish"
by = ["editor", "chief"]
not_by = ["reporter"]
sets = ["editor", "date", "version", "lastmod"]
"""


def test_why_says_who_has_yet_to_sign_a_correction(newsroom):
    newsroom.write("newsroom.toml", THREE)
    newsroom.commit("configure")
    newsroom.at("edit")
    newsroom.story("publish", SLUG, "--at", LATER, who="Editor")
    newsroom.story("publish", SLUG, "--at", LATER, who="Chief")
    newsroom.story("release", "--now", AFTER, who="Stringer")
    newsroom.change(newsroom.path_of(SLUG), "Two libraries", "Three libraries")
    late = ("--now", "2026-01-05T10:30:00Z")
    newsroom.story("correct", SLUG, "--notice", "Three.", "--yes", *late, who="Editor")
    said = newsroom.story("why", SLUG, *late, exit=1).out
    assert "sign-off  correct as chief (signed: Editor): Chief\n" in said
    assert "record" not in said
    (found,) = newsroom.story("check", "--format", "json", *late, exit=1).json["findings"]
    assert "those Chief <chief@gazette.example> signed" in found["message"]
    newsroom.story("correct", SLUG, "--notice", "Three.", "--yes", *late, who="Chief")
    assert newsroom.story("why", SLUG, *late).exit == 0


def two_at_once(newsroom, theirs):
    """A correction on the branch `mine`, and on `main` another entry behind the same ledger; that is being merged."""
    newsroom.at("publish")
    newsroom.git("branch", "mine")
    theirs()
    newsroom.git("switch", "-q", "mine")
    newsroom.change(newsroom.path_of(SLUG), "Two libraries", "Three libraries")
    newsroom.story("correct", SLUG, "--notice", "Three.", "--yes", who="Chief")
    newsroom.git("merge", "-q", "main", who="Chief", exit=1)


def test_a_correction_that_meets_a_kill_gives_way(newsroom):
    kill = ("kill", SLUG, "--note", "court", "--notice", "Withdrawn.", "--yes")
    two_at_once(newsroom, lambda: newsroom.story(*kill, who="Editor"))
    path = newsroom.path_of(SLUG)
    said = newsroom.story("redo", SLUG, who="Chief", exit=1)
    assert f"git checkout --theirs -- {path}" in said.err
    newsroom.git("checkout", "-q", "--theirs", "--", path)
    assert "not made again: correct" in newsroom.story("redo", SLUG, who="Chief").err
    newsroom.git("commit", "-q", "--no-edit", who="Chief")
    assert newsroom.rules(exit=0) == []
    assert newsroom.entries(SLUG)[-1]["action"] == "kill"
    assert "was killed" in newsroom.refused("correct", SLUG, "--notice", "x", "--yes", who="Chief")


def test_of_two_corrections_at_once_one_is_made_anew(newsroom):
    def theirs():
        newsroom.change(newsroom.path_of(SLUG), "on Monday", "on Tuesday")
        newsroom.story("correct", SLUG, "--notice", "On Tuesday.", "--yes", who="Editor")

    two_at_once(newsroom, theirs)
    path = newsroom.path_of(SLUG)
    newsroom.story("redo", SLUG, who="Chief", exit=1)
    newsroom.git("checkout", "-q", "--theirs", "--", path)
    newsroom.story("redo", SLUG, who="Chief")
    newsroom.git("commit", "-q", "--no-edit", who="Chief")
    newsroom.change(path, "Two libraries", "Three libraries")
    newsroom.story("correct", SLUG, "--notice", "Three.", "--yes", who="Chief")
    assert [one["notice"] for one in fields(newsroom)["corrections"]] == ["On Tuesday.", "Three."]
    assert newsroom.rules(exit=0) == []


def test_a_story_in_conflict_is_not_called_gone(newsroom):
    kill = ("kill", SLUG, "--note", "court", "--notice", "Withdrawn.", "--yes")
    two_at_once(newsroom, lambda: newsroom.story(*kill, who="Editor"))
    rules = newsroom.rules(exit=1)
    assert "conflict-marker" in rules
    assert "story-removed" not in rules


def test_a_killed_story_may_leave_its_file(newsroom):
    newsroom.at("publish")
    newsroom.git("branch", "before")
    newsroom.git("rm", "-q", newsroom.path_of(SLUG))
    newsroom.commit("gone")
    assert newsroom.rules(exit=1) == ["story-removed"]
    newsroom.git("reset", "-q", "--hard", "before")
    newsroom.story("kill", SLUG, "--note", "court", "--notice", "Withdrawn.", "--yes", who="Editor")
    newsroom.git("branch", "-f", "before")
    newsroom.git("rm", "-q", newsroom.path_of(SLUG))
    newsroom.commit("gone")
    assert newsroom.rules(exit=0) == []
    assert newsroom.rules("--base", "before", exit=0) == []
    assert newsroom.story("verify-published", "--json").json == []


def test_an_embargo_is_made_again_on_the_same_terms(newsroom):
    newsroom.at("edit")
    newsroom.git("branch", "mine")
    newsroom.story("hold", SLUG, "--note", "law", who="Editor")
    newsroom.git("switch", "-q", "mine")
    newsroom.story("embargo", SLUG, LATER, who="Chief")
    newsroom.git("merge", "-q", "main", who="Chief", exit=1)
    newsroom.story("redo", SLUG, who="Chief")
    newsroom.git("commit", "-q", "--no-edit", who="Chief")
    newsroom.story("redo", SLUG, who="Chief")
    assert newsroom.entries(SLUG)[-1]["terms"] == {"embargo": LATER_UTC}
    assert newsroom.rules(exit=0) == []


def test_a_story_past_its_time_is_marked(newsroom):
    newsroom.at("publish", expires="2025-11-24T10:00:00+00:00")
    newsroom.at("publish", "fair", title="The fair", expires="2999-01-01T00:00:00+00:00")
    flags = {one["slug"]: one["flags"] for one in newsroom.story("list", "--json").json}
    assert flags == {SLUG: ["expired"], "fair": []}


def test_a_release_whose_commit_is_refused_lets_the_others_go(newsroom):
    newsroom.at("edit")
    newsroom.at("edit", "library-opens", title="Library opens")
    for slug in (SLUG, "library-opens"):
        newsroom.story("publish", slug, "--at", LATER, who="Editor")
    hook = newsroom.write(".git/hooks/pre-commit", f"#!/bin/sh\n! git diff --cached --name-only | grep -q {SLUG}\n")
    hook.chmod(0o755)
    before = newsroom.read(newsroom.path_of(SLUG))
    said = newsroom.story("release", "--now", AFTER, who="Stringer", exit=3)
    assert "did not make the commit" in said.err
    assert newsroom.read(newsroom.path_of(SLUG)) == before
    assert fields(newsroom, "library-opens")["state"] == "publish"
    hook.unlink()
    newsroom.story("release", "--now", AFTER, who="Stringer")
    assert fields(newsroom)["state"] == "publish"


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("publish_at:", '"publish_at":', 0),
        ("publish_at:", "publish_at :", 0),
        ("publish_at:", "? publish_at\n:", 1),
        (f"publish_at: {LATER_UTC.replace('Z', '+00:00')}\n", "", 1),
    ],
)
def test_what_is_due_is_known_by_its_ledger_however_the_file_says_it(newsroom, old, new, status):
    newsroom.at("edit")
    newsroom.at("edit", "library-opens", title="Library opens")
    for slug in (SLUG, "library-opens"):
        newsroom.story("publish", slug, "--at", LATER, who="Editor")
    newsroom.change(newsroom.path_of(SLUG), old, new)
    newsroom.commit("by hand")
    said = newsroom.story("release", "--due", "--now", AFTER, who="Stringer", exit=status)
    assert SLUG in said.err
    assert fields(newsroom, "library-opens")["state"] == "publish"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
        lambda path: path.write_bytes(b"<<<<<<< HEAD\n" + path.read_bytes()),
        lambda path: path.write_bytes(b""),
    ],
)
def test_a_due_story_whose_ledger_cannot_be_read_is_refused_loudly(newsroom, spoil):
    newsroom.at("edit")
    newsroom.at("edit", "library-opens", title="Library opens")
    for slug in (SLUG, "library-opens"):
        newsroom.story("publish", slug, "--at", LATER, who="Editor")
    spoil(newsroom.root / newsroom.ledger_of(SLUG))
    newsroom.commit("by hand")
    said = newsroom.story("release", "--due", "--now", AFTER, who="Stringer", exit=1)
    assert SLUG in said.err
    assert fields(newsroom, "library-opens")["state"] == "publish"


def test_an_update_under_way_is_known_however_the_file_says_it(newsroom):
    newsroom.at("publish")
    newsroom.story("update", SLUG, "The day after")
    newsroom.change(newsroom.path_of("the-day-after"), "update_of:", '"update_of":')
    newsroom.story("save", "the-day-after")
    assert "update under way: the-day-after" in newsroom.refused("update", SLUG, "Two days after")


def test_an_update_does_not_come_back_beside_another(newsroom):
    newsroom.at("publish")
    newsroom.story("update", SLUG, "The day after")
    newsroom.story("spike", "the-day-after", "--note", "no news", who="Editor")
    newsroom.story("update", SLUG, "Two days after")
    assert "another of the same story is under way: two-days" in newsroom.refused(
        "restore", "the-day-after", who="Editor"
    )
    newsroom.story("spike", "two-days-after", "--note", "no news", who="Editor")
    newsroom.story("restore", "the-day-after", who="Editor")


@pytest.mark.parametrize(("who", "says"), [("Stringer", "is not on the roster"), ("Editor", "is not a reporter")])
def test_an_update_is_begun_by_a_reporter_of_the_roster(newsroom, who, says):
    newsroom.write("newsroom.toml", THREE)
    newsroom.commit("configure")
    newsroom.at("publish")
    newsroom.story("publish", SLUG, who="Chief")
    said = newsroom.refused("update", SLUG, "The day after", who=who)
    assert says in said
    assert "Reporter: Reporter" in said
    newsroom.story("update", SLUG, "The day after")
    assert newsroom.rules("--base", "HEAD~1", exit=0) == []


def test_an_update_begun_without_the_role_is_found_by_its_first_entry(newsroom):
    newsroom.at("publish")
    base = newsroom.head
    newsroom.story("update", SLUG, "The day after", who="Stringer")
    update = newsroom.head
    newsroom.git("reset", "-q", "--hard", base)
    newsroom.write("newsroom.toml", THREE)
    roster = newsroom.commit("configure")
    newsroom.git("cherry-pick", update, who="Stringer")
    assert newsroom.rules("--base", roster) == ["not-entitled"]


def test_an_embargo_never_ends_before_its_second_and_not_beyond_the_calendar(newsroom):
    newsroom.at("edit")
    assert "beyond" in newsroom.refused("embargo", SLUG, "9999-12-31T23:59:59-12:00", who="Editor", exit=2)
    newsroom.story("embargo", SLUG, "2026-01-05T10:00:00.9Z", who="Editor")
    assert newsroom.entries(SLUG)[-1]["terms"] == {"embargo": "2026-01-05T10:00:01Z"}


@pytest.mark.parametrize("state", ["draft", "publish"])
@pytest.mark.parametrize("staged", [True, False])
def test_a_renamed_story_does_not_leave_its_old_file_behind(newsroom, state, staged):
    newsroom.at(state)
    old = newsroom.path_of(SLUG)
    new = old.replace(SLUG, "budget")
    if staged:
        newsroom.git("mv", old, new)
    else:
        (newsroom.root / old).rename(newsroom.root / new)
    newsroom.change(new, f"slug: {SLUG}", f"slug: budget\naliases: [{SLUG}]")
    verb = ("submit", "budget") if state == "draft" else ("correct", "budget", "--notice", "A new address.", "--yes")
    who = "Reporter" if state == "draft" else "Editor"
    said = newsroom.refused(*verb, who=who)
    if state == "draft":
        newsroom.refused("save", "budget")
    commands = said.rpartition("try again: ")[2].strip()
    for command in commands.split("; "):
        newsroom.git(*command.removeprefix("git ").split(), who=who)
    newsroom.story(*verb, who=who)
    assert not newsroom.git("status", "--porcelain")
    assert newsroom.git("ls-files", "stories") == new
    assert newsroom.rules(exit=0) == []


def test_show_has_every_time_and_what_readers_were_told(newsroom):
    newsroom.write("newsroom.toml", 'timezone = "Asia/Shanghai"\n')
    newsroom.commit("configure")
    newsroom.at("publish", expires="2026-03-01T00:00:00Z")
    for kind in ("correction", "clarification"):
        newsroom.change(newsroom.path_of(SLUG), "libraries", f"{kind} libraries")
        newsroom.story("correct", SLUG, "--kind", kind, "--notice", f"Of {kind}.", who="Editor")
    shown = [line.split(maxsplit=1) for line in newsroom.story("show", SLUG).out.splitlines()]
    found = dict(shown[1:])
    assert found["expires"] == "2026-03-01T08:00:00+08:00"
    assert found["lastmod"].startswith("2025-11-24T18:00:")
    told = [value for name, value in shown[1:] if name == "correction"]
    assert [re.sub("T.*08:00| (?= )", "", one) for one in told] == [
        "1 correction, version 2, 2025-11-24: Of correction.", "2 clarification, version 3, 2025-11-24: Of clarification."
    ]  # fmt: skip
    newsroom.story("unpublish", SLUG, "--note", "wrong", who="Editor")
    newsroom.story("embargo", SLUG, "--until-further-notice", who="Editor")
    out = newsroom.story("show", SLUG).out
    assert re.search(r"^pubstatus +withheld$", out, re.MULTILINE)
    assert re.search(r"^embargo +until-further-notice$", out, re.MULTILINE)


def test_a_schedule_that_is_void_is_marked(newsroom):
    newsroom.at("edit")
    newsroom.story("publish", SLUG, "--at", LATER, who="Editor")
    assert newsroom.story("list", "--json").json[0]["flags"] == ["scheduled"]
    newsroom.change(newsroom.path_of(SLUG), "Two libraries", "Three libraries")
    newsroom.commit("late words")
    for verb in (("list",), ("show", SLUG)):
        assert "[scheduled, schedule void]" in newsroom.story(*verb).out


def test_a_killed_story_is_not_deleted_and_not_to_be_unpublished(newsroom):
    newsroom.at("publish")
    newsroom.story("kill", SLUG, "--note", "court", "--notice", "Withdrawn.", who="Editor")
    said = newsroom.refused("delete", SLUG)
    assert f"git rm {newsroom.path_of(SLUG)}" in said
    assert "unpublish" not in said
