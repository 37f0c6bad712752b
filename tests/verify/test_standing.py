"""One tree: what is told of a story's record, who signed what is public, and where everything stands."""

from __future__ import annotations

from datetime import timedelta

from making import (
    AT,
    CHIEF_EDITOR,
    EDITOR,
    STRANGER,
    after,
    in_edit,
    judges,
    names,
    published,
    rewritten,
    take,
    the_one,
)
from signers import sign

from newsroom_cli.model import Finding
from newsroom_cli.record import ledger
from newsroom_cli.record.entries import serialise
from newsroom_cli.record.ledger import Held
from newsroom_cli.verify.standing import check_record

LATER = AT + timedelta(days=1)
NOON, EVENING = "2026-11-23T12:00:00Z", "2026-11-23T18:00:00Z"


def said(held: Held, *, now=LATER) -> list[Finding]:
    """Everything one tree's story and ledger say against themselves."""
    return list(check_record(held, judges(), now=now))


def test_an_entry_exactly_ten_minutes_ahead_of_the_checkers_clock_is_in_order():
    held = published()
    last = held.ledger.entries[-1].moment
    assert said(held, now=last - timedelta(minutes=10)) == []
    assert names(said(held, now=last - timedelta(minutes=10, seconds=1))) == ["entry-time"]


def test_a_signature_of_other_bytes_is_found_in_the_tree_itself():
    held = published()
    *lines, last = held.ledger.content.splitlines(keepends=True)
    forged = held.ledger.entries[-1]._replace(sig=sign(last.replace(b"publish", b"perish"), "Editor"))
    content = b"".join([*lines, serialise(forged)])
    finding = the_one(said(Held(held.story, ledger.parse(held.ledger.path, content))))
    assert (finding.rule, finding.line) == ("signature-wrong", 4)


def test_what_was_written_by_hand_is_told_as_it_stands_there():
    held = rewritten(published(), f"editor: {EDITOR}", f"editor: [{{desk: night}}, {EDITOR}]")
    assert f'editor says [{{"desk": "night"}}, "{EDITOR}"]' in the_one(said(held)).message


def test_words_that_went_out_by_themselves_are_those_of_whoever_scheduled_them():
    held = after(in_edit(), take(in_edit(), "schedule", CHIEF_EDITOR, terms={"publish_at": NOON}))
    held = after(held, take(held, "release", STRANGER, minute=121))
    found = the_one(said(rewritten(held, "on Monday", "on Tuesday")))
    assert found.message == f"the published words are not those {CHIEF_EDITOR} signed."


def test_of_two_times_a_story_was_scheduled_for_the_later_entry_counts():
    held = after(in_edit(), take(in_edit(), "schedule", EDITOR, terms={"publish_at": EVENING}))
    held = after(held, take(held, "schedule", EDITOR, terms={"publish_at": NOON}))
    assert take(held, "release", STRANGER, minute=121).entry.set["date"] == NOON
    changed = rewritten(held, "on Monday", "on Tuesday")
    assert f"scheduled for {NOON}" in the_one(said(changed, now=AT + timedelta(hours=1))).message
