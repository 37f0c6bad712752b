"""The terms signed with a move: a time, an embargo, an address, a notice; each flaw of them, and none where there is none."""

from __future__ import annotations

from datetime import UTC

import pytest
from making import AT, judges

from newsroom_cli.record.conditions import check_terms
from newsroom_cli.record.stops import UNTIL_FURTHER_NOTICE as FOR_GOOD

PIPELINE = judges().settings.pipeline
SOON, LATER, LATEST = "2026-11-24T10:00:00Z", "2026-11-25T10:00:00Z", "2026-11-26T10:00:00Z"


def flaws(action: str, state: str, terms: dict, **record) -> list[str]:
    move = PIPELINE.move(action, state)
    assert move is not None
    return [flaw.says for flaw in check_terms(move, terms, {"state": state, **record}, AT, UTC)]


@pytest.mark.parametrize(
    "new, known, says",
    [
        ("/local/2026/11/budget/", "/local/2026/11/council-budget/", []),
        ("/local/2026/11/budget/", "/local/2026/11/budget/", ["leaves the address /local/2026/11/budget/ as it is"]),
        ("budget", "/local/2026/11/budget/", ["says budget, which is not an address"]),
        (7, "/local/2026/11/budget/", ["says 7, which is not an address"]),
    ],
)
def test_a_rename_gives_another_address(new, known, says):
    terms = {"kind": "correction", "notice": "The story has another name.", "address": new}
    assert flaws("correct", "publish", terms, address=known) == says


def test_an_address_among_the_terms_of_a_move_that_takes_none_is_said_once():
    terms = {"publish_at": SOON, "address": "/local/2026/11/budget/"}
    assert flaws("schedule", "edit", terms, address="/local/2026/11/budget/") == ["takes no address"]


@pytest.mark.parametrize(
    "until, embargo, planned, said",
    [
        (SOON, None, None, ""),
        (SOON, None, LATER, ""),
        (LATER, None, LATER, ""),
        (LATEST, None, LATER, "ends after the time it is scheduled for"),
        (FOR_GOOD, None, LATER, "ends after the time it is scheduled for"),
        (FOR_GOOD, LATER, None, ""),
        (LATEST, LATER, None, ""),
        (LATER, LATER, None, ""),
        (SOON, LATER, None, "ends before the embargo there is"),
        (SOON, FOR_GOOD, None, "ends before the embargo there is"),
    ],
)
def test_an_embargo_is_judged_by_the_one_in_force_and_by_the_schedule(until, embargo, planned, said):
    (flaw,) = flaws("embargo", "edit", {"embargo": until}, embargo=embargo, publish_at=planned) or [""]
    assert flaw.startswith(said)
    assert bool(flaw) == bool(said)


def test_a_story_is_scheduled_for_a_time_and_never_until_further_notice():
    assert flaws("schedule", "edit", {"publish_at": FOR_GOOD}) == [
        f"says {FOR_GOOD}, which is not a time as ledgers write it"
    ]


@pytest.mark.parametrize(
    "terms, says",
    [
        ({"kind": "correction", "notice": "On Tuesday."}, []),
        ({"kind": "correction"}, ["needs a notice"]),
        ({"kind": "correction", "notice": " "}, ["needs a notice"]),
        ({"kind": "correction", "notice": 7}, ["needs a notice"]),
        ({"notice": "On Tuesday."}, ["needs a kind"]),
        ({"kind": " ", "notice": "On Tuesday."}, ["needs a kind"]),
        ({"kind": ["correction"], "notice": "On Tuesday."}, ["needs a kind"]),
        ({"kind": "erratum", "notice": "On Tuesday."}, ["is of no kind erratum"]),
        ({}, ["needs a kind", "needs a notice"]),
    ],
)
def test_what_a_correction_lacks_is_said_once(terms, says):
    assert flaws("correct", "publish", terms) == says


@pytest.mark.parametrize(
    "notice, says", [("Wait.", []), ("", ["has an empty notice"]), (None, ["has an empty notice"])]
)
def test_a_notice_that_may_be_left_out_is_not_left_empty(notice, says):
    assert flaws("unpublish", "publish", {"notice": notice}) == says
    assert flaws("unpublish", "publish", {}) == []


def test_an_embargo_is_lifted_where_there_is_one_and_by_its_own_action_alone():
    assert flaws("embargo", "edit", {}, embargo=SOON) == []
    assert flaws("embargo", "edit", {}) == ["lifts an embargo that is not there"]
    assert flaws("schedule", "edit", {"publish_at": LATER}) == []
