"""Words that go out too early, are corrected in silence, or come back from the dead."""

from __future__ import annotations

import pytest
from conftest import PEOPLE

from attacks.forging import (
    ROSTER,
    caught,
    caught_among_others,
    forge,
    on_main,
    passes,
    published_by,
    settled,
)
from newsroom_cli.story.frontmatter import content_hash, read_story

SLUG, PUBLIC = "council-budget", "harbour-fire"
FAR, FARTHER = "2099-01-05T10:00:00Z", "2099-02-05T10:00:00Z"
TOLD = {"kind": "correction", "notice": "Three, not two."}


def in_edit(base, *moves, who="Editor"):
    """`main` with the story in edit, and more moves made on it; the branch begins there."""
    on_main(base, "approve", SLUG, who="Editor")
    for move in moves:
        on_main(base, move[0], SLUG, *move[1:], who=who)
    base.git("switch", "--quiet", "-C", "change", "main")
    return base


def publication(base, slug=SLUG, **over):
    return {"action": "publish", "to": "publish", "set": published_by(base, slug), **over}


def released(base, at):
    return {
        "action": "release",
        "to": "publish",
        "role": None,
        "set": {**published_by(base, date=at, lastmod=at), "publish_at": None},
    }


def counted(base, number, *before, **over):
    """What a correction sets, a second from now."""
    when = published_by(base)["date"]
    row = {"number": len(before) + 1, "version": number, "date": when, **TOLD, **over}
    return {"lastmod": when, "version": number, "corrections": [*before, row]}


def hash_of(base, slug):
    """The content hash of a story as its file stands."""
    path = base.path_of(slug)
    return content_hash(read_story(path, base.read(path).encode()))


# Before the time


@pytest.mark.parametrize("key", ["embargo", "publish_at"])
@pytest.mark.parametrize("how", ["taken out", "set to the past"])
def test_time_taken_out_or_changed_by_hand(base, key, how):
    move = ("embargo", FAR) if key == "embargo" else ("publish", "--at", FAR)
    in_edit(base, move)
    path = base.path_of(SLUG)
    rows = base.read(path).splitlines(keepends=True)
    new = f"{key}: 2020-01-01T00:00:00Z\n" if how == "set to the past" else ""
    base.write(path, "".join(new if row.startswith(f"{key}:") else row for row in rows))
    base.commit(who="Editor")
    caught(base, "record-by-hand")


@pytest.mark.parametrize(
    "stop",
    [("embargo", FAR), ("embargo", "--until-further-notice"), ("hold", "--note", "law"), ("spike", "--note", "no")],
)
def test_publication_of_a_story_that_is_stopped(base, stop):
    in_edit(base, stop)
    forge(base, SLUG, by="Editor", commit_as="Editor", **publication(base))
    caught_among_others(base, "entry-without-row")


def test_embargo_shortened_without_being_lifted(base):
    in_edit(base, ("embargo", FARTHER))
    terms = {"embargo": FAR}
    forge(base, SLUG, by="Editor", commit_as="Editor", action="embargo", to="edit", terms=terms, set=terms)
    caught(base, "entry-set")


def test_embargo_of_other_terms_than_it_sets(base):
    in_edit(base)
    over = {"terms": {"embargo": FARTHER}, "set": {"embargo": FAR}}
    forge(base, SLUG, by="Editor", commit_as="Editor", action="embargo", to="edit", **over)
    caught(base, "entry-set")


def test_release_before_its_time(base):
    in_edit(base, ("publish", "--at", FAR))
    forge(base, SLUG, by="Stringer", commit_as="Stringer", **released(base, FAR))
    caught(base, "entry-without-row")


def test_release_that_says_it_is_later_than_it_is(base):
    in_edit(base, ("publish", "--at", FAR))
    forge(base, SLUG, by="Stringer", commit_as="Stringer", at=FAR, **released(base, FAR))
    caught(base, "entry-time")


def test_release_of_other_words_than_were_scheduled(base):
    in_edit(base, ("publish", "--at", "2025-11-24T10:30:00Z"))
    base.now = base.now.replace(minute=40)
    base.change(base.path_of(SLUG), "Two libraries", "No libraries")
    base.commit("words", who="Stringer")
    made = released(base, "2025-11-24T10:30:00Z")
    content = hash_of(base, SLUG)
    forge(base, SLUG, by="Stringer", commit_as="Stringer", content=content, writers=[PEOPLE["Stringer"]], **made)
    caught(base, "entry-without-row")


def test_release_of_the_words_that_were_scheduled_is_as_good_as_made(base):
    in_edit(base, ("publish", "--at", "2025-11-24T10:30:00Z"))
    base.now = base.now.replace(minute=40)
    forge(base, SLUG, by="Stringer", commit_as="Stringer", **released(base, "2025-11-24T10:30:00Z"))
    passes(base)


def test_release_dated_otherwise_than_planned(base):
    in_edit(base, ("publish", "--at", "2025-11-24T10:30:00Z"))
    base.now = base.now.replace(minute=40)
    forge(base, SLUG, by="Stringer", commit_as="Stringer", **released(base, "2025-11-24T10:05:00Z"))
    caught(base, "entry-set")


def test_schedule_by_one_who_may_not_publish(base):
    settled(base, ROSTER)
    in_edit(base)
    terms = {"publish_at": FAR}
    forge(base, SLUG, by="Reporter", commit_as="Reporter", action="schedule", to="edit", terms=terms, set=terms)
    caught_among_others(base, "not-entitled")


def test_update_that_goes_out_before_its_original(base):
    """Its original is in review; the entry is right in itself."""
    base.at("edit", "more", title="More of it", update_of=base.id_of(SLUG))
    forge(base, "more", by="Editor", commit_as="Editor", **publication(base, "more"))
    caught(base, "update-before-original")


# Corrections


def corrected(base, *keys, number=2, told=None, **over):
    """Forge a correction; of what it sets only some `keys` where they are named, with another row where it is `told`."""
    base.change(base.path_of(PUBLIC), "Two libraries", "Three libraries")
    base.commit("words", who="Editor")
    made = {"action": "correct", "to": "publish", "content": hash_of(base, PUBLIC), "writers": [PEOPLE["Editor"]]}
    sets = counted(base, number, **(told or {}))
    made["set"] = {key: sets[key] for key in keys or sets}
    forge(base, PUBLIC, by="Editor", commit_as="Editor", **{**made, "terms": TOLD, **over})


def test_correction_made_well_is_as_good_as_made(base):
    corrected(base)
    passes(base)


@pytest.mark.parametrize(
    "terms", [{"kind": "correction"}, {"notice": "Three."}, {"kind": "secret", "notice": "Three."}, {}]
)
def test_correction_without_its_notice_or_kind(base, terms):
    told = {"kind": terms.get("kind"), "notice": terms.get("notice")}
    corrected(base, terms=terms, told=told)
    caught(base, "entry-set")


def test_correction_that_tells_readers_something_else_than_was_signed(base):
    corrected(base, told={"notice": "Nothing of note."})
    caught(base, "entry-set")


def test_correction_that_counts_no_version(base):
    corrected(base, "corrections")
    caught_among_others(base, "entry-set")


def test_correction_that_leaves_out_an_earlier_one(base):
    base.change(base.path_of(PUBLIC), "on Monday", "on Tuesday")
    base.story("correct", PUBLIC, "--notice", "On Tuesday.", "--yes", who="Editor")
    corrected(base, number=3)
    caught(base, "entry-set")


def test_correction_by_the_reporter(base):
    base.change(base.path_of(PUBLIC), "Two libraries", "Three libraries")
    base.commit("words")
    content = hash_of(base, PUBLIC)
    made = {"action": "correct", "to": "publish", "content": content, "writers": [PEOPLE["Reporter"]], "terms": TOLD}
    forge(base, PUBLIC, by="Reporter", commit_as="Reporter", set=counted(base, 2), **made)
    caught(base, "four-eyes")


def test_correction_of_the_date_line(base):
    base.change(base.path_of(PUBLIC), "lang: en", "lang: en\ndateline: HARBOUR")
    base.commit("words", who="Editor")
    content = hash_of(base, PUBLIC)
    made = {"action": "correct", "to": "publish", "content": content, "writers": [PEOPLE["Editor"]], "terms": TOLD}
    forge(base, PUBLIC, by="Editor", commit_as="Editor", set=counted(base, 2), **made)
    caught(base, "dateline-changed")


# After the end


def killed(base):
    on_main(base, "kill", PUBLIC, "--note", "court", "--notice", "Withdrawn.", "--yes", who="Editor")
    base.git("switch", "--quiet", "-C", "change", "main")
    return base


@pytest.mark.parametrize(
    "old, new",
    [("pubstatus: canceled\n", ""), ("pubstatus: canceled", "pubstatus: usable"), ("draft: true", "draft: false")],
)
def test_kill_undone_by_hand(base, old, new):
    killed(base).change(base.path_of(PUBLIC), old, new)
    base.commit(who="Editor")
    caught(base, "record-by-hand")


@pytest.mark.parametrize(
    "over",
    [
        {"action": "restore", "to": "publish", "set": {"pubstatus": None}},
        {"action": "unpublish", "to": "edit", "set": {"pubstatus": "withheld"}, "note": "alive"},
        {"action": "publish", "to": "publish", "set": {"version": 2, "draft": None, "pubstatus": None}},
        {"action": "resume", "to": "publish", "set": {"pubstatus": None}},
    ],
    ids=lambda over: over["action"],
)
def test_kill_undone_by_an_entry(base, over):
    forge(killed(base), PUBLIC, by="Editor", commit_as="Editor", **over)
    caught(base, "entry-without-row")


def test_killed_story_edited(base):
    killed(base).change(base.path_of(PUBLIC), "Two libraries", "Three libraries")
    base.commit("words", who="Editor")
    caught(base, "published-words-changed")


def test_killed_story_corrected(base):
    killed(base).change(base.path_of(PUBLIC), "Two libraries", "Three libraries")
    base.commit("words", who="Editor")
    made = {"action": "correct", "to": "publish", "writers": [PEOPLE["Editor"]], "terms": TOLD}
    forge(base, PUBLIC, by="Editor", commit_as="Editor", set=counted(base, 2), **made)
    caught_among_others(base, "entry-without-row")


def test_kill_without_a_word_to_readers(base):
    made = {"action": "kill", "to": "publish", "note": "court", "set": {"draft": True, "pubstatus": "canceled"}}
    forge(base, PUBLIC, by="Editor", commit_as="Editor", **made)
    caught(base, "entry-set")
