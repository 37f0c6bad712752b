"""One entry: who may begin a story, whose turn it is, and what is said to who signs out of turn."""

from __future__ import annotations

import pytest
from making import (
    CHIEF_EDITOR,
    DESK_CHIEF,
    EDITOR,
    READY,
    REPORTER,
    ROSTER,
    THREE_REVIEWS,
    act,
    begun,
    forged,
    in_edit,
    judges,
    read,
    walked,
)

from newsroom_cli.errors import NotYourRight
from newsroom_cli.model import Ident
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.ledger import Held
from newsroom_cli.verify.objections import Objection, SignOffContext, object_to
from newsroom_cli.workflow.advance import begin

REPORTERS_BEGIN = ROSTER + "[[pipeline.moves]]\naction = 'new'\nfrom = []\nto = 'draft'\nby = ['reporter']\n"


def objected(held: Held, policy: Policy, **over) -> list[Objection]:
    """Everything against one more entry behind a story's own."""
    entry = forged(held, **over).ledger.entries[-1]
    context = SignOffContext(policy, (REPORTER,), "local", story=held.story)
    return list(object_to(entry, held.ledger.entries, held.ledger.record, context))


@pytest.mark.parametrize("maker, may", [(REPORTER, True), (EDITOR, False)])
def test_a_story_is_begun_by_those_whom_its_row_names(maker, may):
    policy = judges(REPORTERS_BEGIN)
    if may:
        assert begun(policy, maker=maker).ledger.state == "draft"
        return
    with pytest.raises(NotYourRight, match="is not a reporter"):
        begin(read(READY), "x.jsonl", act("new", maker, policy), assets={})


def test_who_signs_out_of_turn_is_told_whose_turn_it_is_and_of_no_other_terms():
    policy = judges(ROSTER + THREE_REVIEWS)
    held = walked(in_edit(policy), ("publish", CHIEF_EDITOR), by=policy)
    (wrong,) = objected(held, policy, action="publish", by=str(DESK_CHIEF), role="editor")
    assert (wrong.rule, wrong.message) == ("sign-off-order", "publish is next signed by desk-chief, not by editor.")
    assert wrong.hint == f"Desk-chief: {DESK_CHIEF.name}."


def test_who_is_in_no_roster_may_not_sign_and_the_hint_names_who_may():
    policy = judges(ROSTER)
    held = walked(begun(policy), ("submit", REPORTER), by=policy)
    stranger = str(Ident("Stranger", "stranger@elsewhere.example"))
    (wrong,) = objected(
        held, policy, action="approve", to="edit", by=stranger, role="editor", set={"editor": [stranger]}
    )
    assert (wrong.rule, wrong.message) == ("not-entitled", f"{stranger} is not on the roster.")
    assert wrong.hint == f"Editor: {EDITOR.name}, {DESK_CHIEF.name}, {CHIEF_EDITOR.name}."
