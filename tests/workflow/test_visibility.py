"""What readers may see of a story at an instant: listed, by its address alone, a notice, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from making import AT, EDITOR, LEDGER, READY, REPORTER, after, begun, in_edit, judges, published, read, rewritten, take

from newsroom_cli.model import Ident
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Held
from newsroom_cli.settings.pipeline import default
from newsroom_cli.times import format_ledger_time
from newsroom_cli.workflow import visibility
from newsroom_cli.workflow.visibility import Sight

NOON = AT + timedelta(hours=2)
BEFORE, THEN, LATER = NOON - timedelta(seconds=1), NOON, NOON + timedelta(days=1)
LISTED, BY_ADDRESS, TOMBSTONE, NOTHING = Sight.LISTED, Sight.BY_ADDRESS, Sight.TOMBSTONE, Sight.NOTHING


def done(held: Held, action: str, who: Ident = EDITOR, **more) -> Held:
    return after(held, take(held, action, who, **{"note": "As agreed.", **more}))


def embargoed() -> Held:
    return done(in_edit(), "embargo", terms={"embargo": format_ledger_time(NOON)})


def scheduled() -> Held:
    return done(in_edit(), "schedule", terms={"publish_at": format_ledger_time(NOON)})


def killed() -> Held:
    return done(published(), "kill", terms={"notice": "Withdrawn."})


def unpublished(*, notice: str = "") -> Held:
    return done(published(), "unpublish", terms={"notice": notice} if notice else {})


def handed_in_again(notice: str) -> Held:
    """A story that went all the way back, with a notice, and is under way once more."""
    back = done(unpublished(notice=notice), "send-back")
    return done(back, "submit", REPORTER)


def corrected() -> Held:
    changed = rewritten(published(), "on Monday", "on Tuesday")
    return done(changed, "correct", terms={"kind": "correction", "notice": "On Tuesday."})


EXPIRING = READY.replace("lang: en", f"lang: en\nexpires: {NOON.isoformat()}")

SEEN = {
    "draft": (begun, NOTHING, NOTHING, NOTHING),
    "in edit": (in_edit, NOTHING, NOTHING, NOTHING),
    "published": (published, LISTED, LISTED, LISTED),
    "corrected": (corrected, LISTED, LISTED, LISTED),
    "embargoed": (embargoed, NOTHING, NOTHING, NOTHING),
    "out after its embargo": (lambda: done(embargoed(), "publish", minute=120), NOTHING, LISTED, LISTED),
    "withheld": (lambda: done(in_edit(), "hold"), NOTHING, NOTHING, NOTHING),
    "spiked": (lambda: done(in_edit(), "spike"), NOTHING, NOTHING, NOTHING),
    "scheduled": (scheduled, NOTHING, NOTHING, NOTHING),
    "released": (lambda: done(scheduled(), "release", minute=120 + 1440), NOTHING, LISTED, LISTED),
    "expiring": (lambda: published(text=EXPIRING), LISTED, BY_ADDRESS, BY_ADDRESS),
    "killed": (killed, TOMBSTONE, TOMBSTONE, TOMBSTONE),
    "unpublished": (unpublished, NOTHING, NOTHING, NOTHING),
    "unpublished with a notice": (lambda: unpublished(notice="It is checked again."), TOMBSTONE, TOMBSTONE, TOMBSTONE),
    "spiked after that": (lambda: done(unpublished(notice="Gone."), "spike"), TOMBSTONE, TOMBSTONE, TOMBSTONE),
    "handed in again after that": (lambda: handed_in_again("It is checked again."), TOMBSTONE, TOMBSTONE, TOMBSTONE),
    "published again": (lambda: done(unpublished(notice="Wait."), "publish"), LISTED, LISTED, LISTED),
}


@pytest.mark.parametrize("how", SEEN)
def test_what_readers_see_before_at_and_after_a_time(how):
    made, *seen = SEEN[how]
    held = made()
    assert [visibility.find_sight(held, default(), at) for at in (BEFORE, THEN, LATER)] == seen
    assert bool(visibility.find_notice(held, default())) is (TOMBSTONE in seen)


@pytest.mark.parametrize("hours", [-11, 0, 8, 14])
def test_a_time_is_the_same_in_every_zone(hours):
    there = timezone(timedelta(hours=hours))
    held = done(embargoed(), "publish", minute=120)
    assert visibility.find_sight(held, default(), BEFORE.astimezone(there)) is NOTHING
    assert visibility.find_sight(held, default(), THEN.astimezone(there)) is LISTED


def test_six_in_shanghai_is_ten_utc():
    held = published(text=READY.replace("lang: en", "lang: en\nexpires: 2026-11-23T18:00:00+08:00"))
    ten = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert visibility.find_sight(held, default(), ten) is not LISTED
    assert visibility.find_sight(held, default(), ten - timedelta(seconds=1)) is NOTHING  # it was published at 10:03


def test_words_or_pictures_nobody_signed_are_not_shown():
    assert visibility.find_sight(rewritten(published(), "on Monday", "on Sunday"), default(), NOON) is NOTHING
    assert visibility.find_sight(published()._replace(assets={"a.jpg": "0" * 40}), default(), NOON) is NOTHING


@pytest.mark.parametrize(
    "line", ["state: publish", "pubstatus: usable", "embargo: 2020-01-01T00:00:00Z", "date: 2020-01-01T00:00:00Z"]
)
def test_keys_set_by_hand_show_nothing(line):
    held = in_edit()
    key = line.partition(":")[0]
    rows = [row for row in held.story.text.splitlines() if not row.startswith(f"{key}:")]
    text = "\n".join([rows[0], line, *rows[1:]]) + "\n"
    assert visibility.find_sight(Held(read(text), held.ledger, held.assets), default(), NOON) is NOTHING


def test_a_story_without_its_record_is_not_shown():
    held = published()
    assert visibility.find_sight(Held(held.story), default(), NOON) is NOTHING
    broken = ledger.parse(LEDGER, held.ledger.content[:-20])
    assert visibility.find_sight(Held(held.story, broken), default(), NOON) is NOTHING
    longer = ledger.parse(LEDGER, held.ledger.content + b"not a line\n")
    assert visibility.find_sight(Held(held.story, longer), default(), NOON) is NOTHING
    assert visibility.find_sight(Held(None, held.ledger), default(), NOON) is NOTHING


def test_a_killed_story_whose_file_is_gone_still_has_its_notice():
    held = Held(None, killed().ledger)
    assert visibility.find_sight(held, default(), NOON) is TOMBSTONE
    assert visibility.find_notice(held, default()) == "Withdrawn."


def test_any_pipeline_decides_which_states_readers_see():
    own = judges(
        "[pipeline.states.raw]\ninitial = true\n[pipeline.states.out]\npublic = true\n"
        '[[pipeline.moves]]\naction = "submit"\nfrom = ["raw"]\nto = "out"\nby = ["reporter|editor"]\nsets = ["date", "version", "lastmod"]\n'
    )
    held = begun(own)
    assert visibility.find_sight(held, own.settings.pipeline, NOON) is NOTHING
    held = after(held, take(held, "submit", REPORTER, own))
    assert visibility.find_sight(held, own.settings.pipeline, NOON) is LISTED
