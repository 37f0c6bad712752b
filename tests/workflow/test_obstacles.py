"""What is in a story's way, and what a person can do about it now, without git."""

from __future__ import annotations

from datetime import timedelta

import pytest
from making import (
    AT,
    CHIEF_EDITOR,
    DESK_CHIEF,
    EDITOR,
    LEDGER,
    READY,
    REPORTER,
    ROSTER,
    STORY_ID,
    THREE_REVIEWS,
    begun,
    front,
    in_edit,
    judges,
    published,
    read,
    rewritten,
    take,
    walked,
)

from newsroom_cli.model import Ident
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Held
from newsroom_cli.workflow.case import Case
from newsroom_cli.workflow.obstacles import actions_open_to, ahead, flaws_ahead

LATER = AT + timedelta(hours=1)
DESK = judges(ROSTER)
REVIEWS = judges(ROSTER + THREE_REVIEWS)
DUE = {"publish_at": "2026-11-29T00:00:00Z"}
NOTICE = {"kind": "correction", "notice": "On Tuesday."}


def after(held: Held, action: str, who: Ident, by: Policy, **more) -> Held:
    step = take(held, action, who, by, **more)
    return Held(step.story, step.ledger, held.assets)


def in_the_way(held: Held, by: Policy = DESK, target: str = "publish") -> list[str]:
    return [obstacle.message for obstacle in ahead(Case.of(held), by, target, at=LATER)]


def open_to(who: Ident, held: Held, by: Policy = DESK) -> list[str]:
    return actions_open_to(who, Case.of(held), by, at=LATER)


# In the way


def test_a_time_that_somebody_began_to_sign_stays_begun_when_the_story_is_held():
    held = after(in_edit(REVIEWS), "schedule", EDITOR, REVIEWS, terms=DUE)
    held = after(held, "hold", DESK_CHIEF, REVIEWS, note="The lawyer reads it.")
    told = in_the_way(held, REVIEWS)
    assert told[0].startswith("is on hold")
    assert told[1] == "schedule for 2026-11-29T00:00:00+00:00 as desk-chief (signed: Editor)"


def test_a_correction_that_somebody_began_waits_for_the_others_and_one_that_is_made_for_nobody():
    held = walked(in_edit(REVIEWS), *(("publish", who) for who in (EDITOR, DESK_CHIEF, CHIEF_EDITOR)), by=REVIEWS)
    held = rewritten(held, "on Monday", "on Tuesday")
    held = after(held, "correct", EDITOR, REVIEWS, terms=NOTICE)
    assert in_the_way(held, REVIEWS)[0] == "correct as desk-chief (signed: Editor)"
    for who in (DESK_CHIEF, CHIEF_EDITOR):
        held = after(held, "correct", who, REVIEWS, terms=NOTICE)
    assert in_the_way(held, REVIEWS) == []


def test_who_lifted_four_eyes_is_not_asked_to_acknowledge_it():
    by = judges(ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "chief-editor", "editor"]')
                + '[trust]\noverride = ["chief-editor"]\n')  # fmt: skip
    held = walked(begun(by), ("submit", REPORTER), by=by)
    held = after(held, "approve", REPORTER, by, override="Alone tonight.")
    (waiting,) = [one for one in ahead(Case.of(held), by, "publish", at=LATER) if one.kind == "override"]
    assert waiting.who == ("Chief Editor",)


def test_a_story_with_an_id_whose_ledger_is_gone_is_not_told_to_be_taken_in():
    gone = Held(front("title: A", f"id: {STORY_ID}"))
    assert not any("not taken in yet" in message for message in in_the_way(gone))
    assert in_the_way(gone)[0].startswith("the story has an id but no ledger")


def test_an_override_that_nobody_acknowledged_yet_stops_no_further_move():
    held = walked(begun(), ("submit", REPORTER))
    held = after(held, "approve", REPORTER, judges(), override="Alone tonight.")
    assert take(held, "publish", EDITOR).entry.to == "publish"


def test_what_a_story_lacks_on_its_way_is_told_though_it_stands_before_that():
    held = begun(text=READY.replace("section: local\n", ""))
    assert {flaw.key for flaw in flaws_ahead(Case.of(held), judges(), "publish", at=LATER)} == {"section"}
    assert flaws_ahead(Case.of(held), judges(), "draft", at=LATER) == []


# What a person can do now


@pytest.mark.parametrize(
    "held, who, actions",
    [
        (begun(DESK), REPORTER, ["submit"]),
        (begun(DESK), EDITOR, []),
        (walked(begun(DESK), ("submit", REPORTER), by=DESK), REPORTER, []),
        (walked(begun(DESK), ("submit", REPORTER), by=DESK), EDITOR, ["approve"]),
        (in_edit(DESK), EDITOR, ["publish"]),
        (published(DESK), EDITOR, []),
    ],
)
def test_what_takes_a_story_on_is_open_to_those_whose_right_it_is(held, who, actions):
    assert open_to(who, held) == actions


def test_an_action_of_several_rows_is_open_once():
    by = judges(
        ROSTER
        + "[[pipeline.moves]]\naction='approve'\nfrom=['review']\nto='edit'\nby=['editor']\nsets=['editor']\n"
        + "[[pipeline.moves]]\naction='approve'\nfrom=['edit']\nto='publish'\nby=['editor']\n"
        + "sets=['editor', 'date', 'version', 'lastmod']\n"
    )
    assert open_to(EDITOR, walked(begun(by), ("submit", REPORTER), by=by), by) == ["approve"]


def test_of_a_story_without_a_ledger_or_with_a_broken_one_nothing_is_open():
    assert open_to(REPORTER, Held(read(READY))) == []
    held = in_edit(DESK)
    assert open_to(EDITOR, Held(held.story, ledger.parse(LEDGER, held.ledger.content + b"not a line\n"))) == []
