"""Two ledgers of one story, without git: which one stays, and whose entries are made again on it."""

from __future__ import annotations

import pytest
from making import DESK_CHIEF, EDITOR, REPORTER, STRANGER, act, begun, in_edit, published, rewritten, take, walked

from newsroom_cli.model import Ident
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Held
from newsroom_cli.workflow.case import Case
from newsroom_cli.workflow.replay import Settlement, replay_entries, settle, take_out

EVERY = range(1, 9)


def settled(base: Held, other: Held, who: Ident, *, proven=EVERY, known: int = 0) -> Settlement:
    return settle(base.ledger, other.ledger, act=act("redo", who), proven=proven, known=known)


def taken_out(whole: Held, number: int, who: Ident, *, proven=EVERY) -> Settlement:
    return take_out(whole.ledger, number, act=act("redo", who), proven=proven)


def moves(entries: tuple[Entry, ...]) -> list[tuple[str, Ident]]:
    return [(entry.action, entry.actor) for entry in entries]


def noted(held: Held, action: str, who: Ident) -> Held:
    """A story with one more entry, which has a note of its own."""
    step = take(held, action, who, note="On the other side.")
    return Held(step.story, step.ledger, held.assets)


SUBMITTED = walked(begun(), ("submit", REPORTER))


@pytest.mark.parametrize("base, other", [(SUBMITTED, in_edit()), (in_edit(), SUBMITTED), (in_edit(), in_edit())])
def test_of_two_ledgers_of_which_one_holds_the_other_the_longer_stays_and_nothing_is_lost(base, other):
    assert settled(base, other, EDITOR) == Settlement(in_edit().ledger)


def test_what_the_other_side_has_is_ones_own_somebody_elses_or_nobodys_proven():
    other = walked(noted(begun(), "submit", REPORTER), ("approve", EDITOR), ("publish", EDITOR))
    base = walked(SUBMITTED, ("approve", DESK_CHIEF))
    found = settled(base, other, EDITOR, proven={3})
    assert found.kept == base.ledger
    assert moves(found.mine) == [("approve", EDITOR)]
    assert moves(found.unproven) == [("publish", EDITOR)]
    assert moves(found.others) == [("submit", REPORTER)]


def test_a_move_that_one_has_made_again_already_is_not_made_twice_and_the_next_of_its_kind_is():
    other = walked(noted(begun(), "submit", REPORTER), ("withdraw", REPORTER), ("submit", REPORTER))
    assert moves(settled(SUBMITTED, other, REPORTER).mine) == [("withdraw", REPORTER), ("submit", REPORTER)]


def test_somebody_elses_move_is_not_taken_for_the_same_move_of_ones_own():
    base, other = walked(SUBMITTED, ("approve", EDITOR)), walked(SUBMITTED, ("approve", DESK_CHIEF))
    assert moves(settled(base, other, EDITOR).others) == [("approve", DESK_CHIEF)]


def test_what_was_there_before_the_two_parted_is_nobodys_to_make_again():
    other = walked(noted(begun(), "submit", REPORTER), ("approve", EDITOR))
    assert moves(settled(SUBMITTED, other, EDITOR, known=2).mine) == [("approve", EDITOR)]
    assert settled(SUBMITTED, other, EDITOR, known=2).others == ()


@pytest.mark.parametrize("number", [1, 2, 4])
def test_an_entry_is_taken_out_with_all_behind_it(number):
    found = taken_out(published(), number, EDITOR)
    assert len(found.kept.entries) == number - 1
    assert not found.kept.findings
    assert [entry.seq for entry in (*found.others, *found.mine)] == [*range(number, 5)]
    assert taken_out(published(), number, STRANGER).mine == ()


def test_a_correction_of_words_that_are_not_here_is_told_and_not_made_again():
    changed = rewritten(published(), "on Monday", "on Tuesday")
    step = take(changed, "correct", EDITOR, terms={"kind": "correction", "notice": "On Tuesday."})
    replay = replay_entries(Case.of(published()), [step.entry], lost=step.ledger, act=act("redo", EDITOR))
    ((entry, reason),) = replay.refused
    assert (entry, replay.remade) == (step.entry, ())
    assert reason.message == "The words it was made for are not here; write them and sign anew."
    again = replay_entries(Case.of(changed), [step.entry], lost=step.ledger, act=act("redo", EDITOR, minute=9))
    assert [one.signs_other_words for one in again.remade] == [False]
    assert again.refused == ()
