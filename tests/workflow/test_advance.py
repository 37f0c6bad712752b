"""Moves: who may take a story where, what is written then, and the three kinds of no."""

from __future__ import annotations

import contextlib
import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
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
    STRANGER,
    THREE_REVIEWS,
    act,
    after,
    begun,
    in_edit,
    judges,
    names,
    published,
    read,
    rewritten,
    take,
    walked,
)

from newsroom_cli.errors import CannotRun, NoSuchMove, NotReady, NotYourRight, Refusal, StoryError, WrongUsage
from newsroom_cli.model import Ident, Severity
from newsroom_cli.record import ledger
from newsroom_cli.record.entries import serialise
from newsroom_cli.record.ledger import Held
from newsroom_cli.story import frontmatter
from newsroom_cli.verify.standing import check_record
from newsroom_cli.workflow.advance import advance, begin
from newsroom_cli.workflow.case import Case

LATER = AT + timedelta(days=1)
REVIEWS = judges(ROSTER + THREE_REVIEWS)
DRAFTED: list[tuple[str, Ident]] = []
SUBMITTED = [("submit", REPORTER)]
APPROVED = [*SUBMITTED, ("approve", EDITOR)]
PUBLISHED = [*APPROVED, ("publish", EDITOR)]


def in_order(held: Held, by=None) -> bool:
    """Whether the story's record has no error in it, a day later."""
    return not [one for one in check_record(held, by or judges(), now=LATER) if one.severity is Severity.ERROR]


def refused(kind: type[StoryError], held: Held, action: str, actor: Ident, by=None, **more) -> StoryError:
    """The refusal of an action; nothing of the story may have changed."""
    text, content = held.story.text, held.ledger.content
    with pytest.raises(StoryError) as caught:
        take(held, action, actor, by, **more)
    assert type(caught.value) is kind
    assert (held.story.text, held.ledger.content) == (text, content)
    return caught.value


# The way of a story


def test_a_first_entry_is_written_with_the_draft():
    held = begun()
    first = held.ledger.entries[0]
    assert (first.action, first.to, first.from_, first.by, first.role) == ("new", "draft", None, str(REPORTER), None)
    assert first.content == frontmatter.content_hash(held.story)
    assert held.story.fields["state"] == "draft"
    assert held.story.fields["draft"] == "true"
    assert in_order(held)


@pytest.mark.parametrize("actor, role", [(REPORTER, "reporter"), (EDITOR, "editor")])
def test_without_a_roster_only_a_storys_own_reporter_hands_it_in_as_one(actor, role):
    assert take(begun(), "submit", actor).entry.role == role


def test_a_story_goes_from_new_to_publish():
    held = published()
    assert [(one.action, one.from_, one.to, one.role) for one in held.ledger.entries] == [
        ("new", None, "draft", None),
        ("submit", "draft", "review", "reporter"),
        ("approve", "review", "edit", "editor"),
        ("publish", "edit", "publish", "editor"),
    ]
    assert held.story.text == READY.replace("slug: council-budget\n", "slug: council-budget\nstate: publish\n").replace(
        f"reporter: {REPORTER}\n", f"reporter: {REPORTER}\neditor: {EDITOR}\n"
    ).replace(
        "source: Harbour Gazette\n",
        "source: Harbour Gazette\ndate: 2026-11-23T10:03:00+00:00\nlastmod: 2026-11-23T10:03:00+00:00\nversion: 1\n"
        "address: /local/2026/11/council-budget/\n",
    )
    assert in_order(held)
    assert ledger.parse(LEDGER, held.ledger.content).entries == held.ledger.entries


def test_a_move_changes_no_word_and_no_hash():
    before = begun()
    held = published()
    assert held.story.body == before.story.body
    assert {one.content for one in held.ledger.entries} == {frontmatter.content_hash(before.story)}


def test_times_in_the_file_are_the_newsrooms():
    shanghai = judges('timezone = "Asia/Shanghai"')
    held = walked(begun(shanghai), *PUBLISHED, by=shanghai)
    assert held.story.fields["date"] == "2026-11-23T18:03:00+08:00"
    assert held.ledger.entries[3].set["date"] == "2026-11-23T10:03:00Z"
    assert in_order(held, shanghai)


def test_a_story_sent_back_and_approved_again_names_its_last_editors_only():
    held = walked(begun(), *APPROVED, ("send-back", CHIEF_EDITOR))
    assert "editor" not in held.story.fields
    held = walked(held, ("submit", REPORTER), ("approve", DESK_CHIEF), ("publish", CHIEF_EDITOR))
    assert held.story.fields["editor"] == [str(DESK_CHIEF), str(CHIEF_EDITOR)]
    assert in_order(held)


def test_an_entry_holds_who_changed_the_words_the_pictures_and_the_note():
    held = begun(assets={"b.jpg": "2", "a.jpg": "1"})
    step = take(held, "submit", REPORTER, note="Please read.", writers=(STRANGER, REPORTER))
    assert step.entry.writers == (str(STRANGER), str(REPORTER))
    assert list(step.entry.assets.items()) == [("a.jpg", "1"), ("b.jpg", "2")]
    assert step.entry.note == "Please read."
    assert step.entry.at == "2026-11-23T10:01:00Z"


def test_editing_is_for_edit_and_the_moves_before_stand():
    held = rewritten(in_edit(), "on Monday", "on Tuesday")
    step = take(held, "publish", EDITOR)
    assert step.entry.content == frontmatter.content_hash(held.story)
    assert in_order(after(held, step))


# No such state or action, no such move from here


@pytest.mark.parametrize("action", ["vanish", "", "Publish", "publsh"])
def test_an_unknown_action_is_wrong_usage_and_the_known_are_named(action):
    error = refused(WrongUsage, in_edit(), action, EDITOR)
    assert "publish" in error.hint
    assert error.status == 2


@pytest.mark.parametrize(
    "steps, action, ways",
    [
        (DRAFTED, "approve", "submit (to review)"),
        (DRAFTED, "publish", "submit (to review)"),
        (DRAFTED, "withdraw", "submit (to review)"),
        (SUBMITTED, "publish", "approve (to edit)"),
        (APPROVED, "withdraw", "publish (to publish)"),
        (PUBLISHED, "submit", "From publish there is: correct, unpublish (to edit), kill."),
        (PUBLISHED, "send-back", "From publish there is: correct, unpublish (to edit), kill."),
        (PUBLISHED, "approve", "From publish there is: correct, unpublish (to edit), kill."),
    ],
)
def test_a_move_that_is_not_there_is_refused_with_those_that_are(steps, action, ways):
    error = refused(NoSuchMove, walked(begun(), *steps), action, CHIEF_EDITOR, note="x")
    assert f"There is no {action} from" in error.message
    assert ways in error.hint
    assert error.status == 1


def test_a_missing_move_is_said_before_a_missing_right():
    refused(NoSuchMove, begun(), "publish", REPORTER)
    refused(NoSuchMove, begun(judges(ROSTER)), "publish", STRANGER, judges(ROSTER))


@pytest.mark.parametrize(
    "steps, action, actor",
    [
        (SUBMITTED, "submit", REPORTER),
        (APPROVED, "approve", EDITOR),
        (APPROVED, "approve", Ident("E", "EDITOR@gazette.example")),
        (PUBLISHED, "publish", EDITOR),
        ([*SUBMITTED, ("withdraw", REPORTER)], "withdraw", REPORTER),
        ([*SUBMITTED, ("send-back", EDITOR)], "send-back", EDITOR),
    ],
)
def test_doing_again_what_one_just_did_is_nothing_to_do(steps, action, actor):
    held = walked(begun(), *steps)
    step = take(held, action, actor, note="Again.")
    assert step.entry is None
    assert (step.story, step.ledger) == (held.story, held.ledger)


@pytest.mark.parametrize(
    "steps, action, actor",
    [
        (SUBMITTED, "submit", EDITOR),
        (APPROVED, "approve", CHIEF_EDITOR),
        (APPROVED, "submit", REPORTER),
        (PUBLISHED, "publish", CHIEF_EDITOR),
        (PUBLISHED, "approve", EDITOR),
    ],
)
def test_doing_again_what_somebody_else_did_is_no_such_move(steps, action, actor):
    refused(NoSuchMove, walked(begun(), *steps), action, actor)


@pytest.mark.parametrize("note", ["", "   ", "\n\t"])
def test_a_required_note_left_out_is_wrong_usage(note):
    error = refused(WrongUsage, in_edit(), "send-back", EDITOR, note=note)
    assert "--note" in error.hint


def test_a_story_without_a_ledger_cannot_move():
    with pytest.raises(CannotRun) as caught:
        advance(Case.of(Held(read(READY))), act("submit", REPORTER))
    assert "story adopt" in caught.value.hint
    with pytest.raises(CannotRun):
        advance(Case.of(Held(None, begun().ledger)), act("submit", REPORTER))


# Not your right: roles


@pytest.mark.parametrize(
    "steps, action, actor, who",
    [
        (DRAFTED, "submit", STRANGER, "Reporter"),
        (SUBMITTED, "approve", STRANGER, "Editor, Desk Chief, Chief Editor"),
        (SUBMITTED, "approve", REPORTER, "Editor, Desk Chief, Chief Editor"),
        (SUBMITTED, "withdraw", EDITOR, "Reporter"),
        (SUBMITTED, "send-back", REPORTER, "Editor, Desk Chief, Chief Editor"),
        (APPROVED, "publish", REPORTER, "Editor, Desk Chief, Chief Editor"),
        (APPROVED, "publish", Ident("Editor", "editor@elsewhere.example"), "Editor, Desk Chief, Chief Editor"),
    ],
)
def test_with_a_roster_the_roles_decide_and_the_refusal_names_who_has_them(steps, action, actor, who):
    roster = judges(ROSTER)
    error = refused(NotYourRight, walked(begun(roster), *steps, by=roster), action, actor, roster, note="x")
    assert who in error.hint
    assert error.status == 1


@pytest.mark.parametrize(
    "actor, role",
    [
        (REPORTER, "reporter"),
        (EDITOR, "editor"),
        (Ident("R", "Reporter@Home.example"), "reporter"),
        (DESK_CHIEF, "editor"),
    ],
)
def test_somebody_signs_with_the_first_role_they_have(actor, role):
    roster = judges(ROSTER)
    assert take(begun(roster), "submit", actor, roster).entry.role == role


def test_without_a_roster_the_storys_reporter_signs_as_reporter_and_anybody_else_as_editor():
    assert take(begun(), "submit", REPORTER).entry.role == "reporter"
    assert take(begun(), "submit", STRANGER).entry.role == "editor"


def test_an_editor_of_another_section_may_not_approve():
    sport = judges(
        ROSTER + '[[people]]\nname = "Sport"\nemails = ["s@gazette.example"]\nroles = ["editor"]\nsections = ["sport"]'
    )
    held = walked(begun(sport), *SUBMITTED, by=sport)
    error = refused(NotYourRight, held, "approve", Ident("Sport", "s@gazette.example"), sport)
    assert "Sport" not in error.hint


# Not your right: four eyes


OWN = [
    ("the same", REPORTER, ""),
    ("upper case", Ident("Reporter", "REPORTER@Gazette.Example"), ""),
    ("another name", Ident("Somebody Else", "reporter@gazette.example"), ""),
    ("a mailmap alias", Ident("R", "old@elsewhere.example"), "<reporter@gazette.example> <old@elsewhere.example>\n"),
    (
        "a mailmap alias in upper case",
        Ident("R", "OLD@elsewhere.example"),
        "<reporter@gazette.example> <old@elsewhere.example>\n",
    ),
]


@pytest.mark.parametrize("actor, mailmap", [row[1:] for row in OWN], ids=[row[0] for row in OWN])
@pytest.mark.parametrize("steps, action", [(SUBMITTED, "approve"), (APPROVED, "publish")])
def test_reporter_cannot_approve_or_publish_own_story(actor, mailmap, steps, action):
    desk = judges("", mailmap)
    error = refused(NotYourRight, walked(begun(desk), *steps, by=desk), action, actor, desk)
    assert "their own story" in error.message


def test_reporter_cannot_approve_own_story_by_another_address_of_the_roster():
    both = judges(ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]'))
    held = walked(begun(both), *SUBMITTED, by=both)
    for address in ("reporter@gazette.example", "reporter@home.example", "Reporter@HOME.example"):
        error = refused(NotYourRight, held, "approve", Ident("X", address), both)
        assert "Editor, Desk Chief, Chief Editor" in error.hint


def test_whoever_made_the_first_entry_cannot_approve_though_another_is_named_reporter():
    held = walked(begun(maker=EDITOR), ("submit", REPORTER))
    refused(NotYourRight, held, "approve", EDITOR)
    assert take(held, "approve", CHIEF_EDITOR).entry


def test_every_named_reporter_is_one():
    text = READY.replace(f"reporter: {REPORTER}", f"reporter: [{REPORTER}, {STRANGER}]")
    held = walked(begun(text=text), *SUBMITTED)
    refused(NotYourRight, held, "approve", STRANGER)


def test_a_reporter_named_without_an_address_is_whoever_has_the_name():
    text = READY.replace(f"reporter: {REPORTER}", "reporter: Stranger")
    held = walked(begun(text=text, maker=EDITOR), ("submit", EDITOR))
    refused(NotYourRight, held, "approve", STRANGER)


def test_look_alike_addresses_are_other_people():
    held = walked(begun(), *SUBMITTED)
    assert take(held, "approve", Ident("Reporter", "rеporter@gazette.example")).entry
    assert take(held, "approve", Ident("Reporter", "reporter@gazettе.example")).entry


def test_whoever_signed_as_reporter_counts_as_one():
    held = walked(begun(), *SUBMITTED, ("withdraw", STRANGER), ("submit", REPORTER))
    assert held.ledger.entries[2].role == "reporter"
    refused(NotYourRight, held, "approve", STRANGER)


def test_an_editor_may_approve_and_publish_somebody_elses_story():
    assert in_order(published())


def test_earlier_signers_may_be_kept_from_publishing():
    desk = judges(
        "[[pipeline.moves]]\naction='publish'\nfrom=['edit']\nto='publish'\nby=['editor']\n"
        "not_by=['reporter', 'earlier-signers']\nsets=['date','version','lastmod','editor']\n"
    )
    held = walked(begun(desk), *APPROVED, by=desk)
    refused(NotYourRight, held, "publish", EDITOR, desk)
    assert take(held, "publish", CHIEF_EDITOR, desk).entry


def test_earlier_signers_are_all_who_signed_not_the_last_alone():
    desk = judges(
        "[[pipeline.moves]]\naction='approve'\nfrom=['review']\nto='edit'\nby=['editor', 'desk-chief']\n"
        "not_by=['reporter']\nsets=['editor']\n"
        "[[pipeline.moves]]\naction='publish'\nfrom=['edit']\nto='publish'\nby=['editor']\n"
        "not_by=['reporter', 'earlier-signers']\nsets=['date','version','lastmod','editor']\n"
    )
    held = walked(begun(desk), *SUBMITTED, ("approve", EDITOR), ("approve", DESK_CHIEF), by=desk)
    assert held.story.fields["state"] == "edit"
    refused(NotYourRight, held, "publish", DESK_CHIEF, desk)
    refused(NotYourRight, held, "publish", EDITOR, desk)


AUTHORS = (
    "[[pipeline.moves]]\naction='approve'\nfrom=['review']\nto='edit'\nby=['editor', 'desk-chief']\n"
    "not_by=['text-authors']\nsets=['editor']\n"
)


def test_text_authors_may_be_kept_from_signing_what_they_wrote():
    desk = judges(AUTHORS)
    held = walked(begun(desk), *SUBMITTED, by=desk)
    error = refused(NotYourRight, held, "approve", EDITOR, desk, writers=(EDITOR,))
    assert "changed its words" in error.message
    assert take(held, "approve", EDITOR, desk, writers=(CHIEF_EDITOR,)).entry


def test_text_authors_are_those_since_the_last_completed_move():
    desk = judges(AUTHORS)
    held = after(held := begun(desk), take(held, "submit", REPORTER, desk, writers=(EDITOR,)))
    held = after(held, take(held, "approve", EDITOR, desk, writers=(CHIEF_EDITOR,)))
    refused(NotYourRight, held, "approve", CHIEF_EDITOR, desk)
    assert take(held, "approve", DESK_CHIEF, desk).entry.completes


# Lifting four eyes


def test_without_a_roster_anybody_may_lift_four_eyes_with_a_reason():
    held = walked(begun(), *SUBMITTED)
    step = take(held, "approve", REPORTER, override="alone tonight")
    assert step.entry.override == "alone tonight"
    assert step.entry.completes
    record = list(check_record(after(held, step), judges(), now=LATER))
    assert names(record) == ["override-unacknowledged"]
    assert record[0].severity is Severity.WARNING
    assert "alone tonight" in record[0].message
    assert "story ack council-budget" in record[0].hint


OVERRIDING = judges(
    ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]')
    + "[trust]\noverride = ['chief-editor', 'reporter']\n"
)
NO_OVERRIDE = judges(ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]'))


def test_with_a_roster_four_eyes_are_lifted_by_the_roles_configured_for_it():
    held = walked(begun(OVERRIDING), *SUBMITTED, by=OVERRIDING)
    assert take(held, "approve", REPORTER, OVERRIDING, override="alone tonight").entry


def test_with_a_roster_that_names_none_nobody_lifts_four_eyes():
    held = walked(begun(NO_OVERRIDE), *SUBMITTED, by=NO_OVERRIDE)
    error = refused(NotYourRight, held, "approve", REPORTER, NO_OVERRIDE, override="alone tonight")
    assert "[trust] override" in error.hint


def test_an_override_lifts_four_eyes_and_gives_no_role():
    roster = judges(ROSTER + "[trust]\noverride = ['reporter']\n")
    held = walked(begun(roster), *SUBMITTED, by=roster)
    error = refused(NotYourRight, held, "approve", REPORTER, roster, override="alone tonight")
    assert "not an editor" in error.message


@pytest.mark.parametrize("reason", [" ", "\n"])
def test_a_blank_reason_lifts_nothing(reason):
    held = walked(begun(), *SUBMITTED)
    with pytest.raises((WrongUsage, NotYourRight)):
        take(held, "approve", REPORTER, override=reason)


def test_an_override_is_acknowledged_by_somebody_else_once():
    held = walked(begun(), *SUBMITTED)
    held = after(held, take(held, "approve", REPORTER, override="alone tonight"))
    for maker in (REPORTER, Ident("R", "REPORTER@gazette.example")):
        refused(NotYourRight, held, "ack", maker)
    step = take(held, "ack", EDITOR)
    assert (step.entry.from_, step.entry.to, dict(step.entry.set)) == ("edit", "edit", {})
    held = after(held, step)
    assert names(check_record(held, judges(), now=LATER)) == []
    assert take(held, "ack", CHIEF_EDITOR).entry is None
    assert take(held, "ack", EDITOR).entry is None


def test_acknowledging_what_was_never_lifted_is_nothing_to_do():
    assert take(in_edit(), "ack", CHIEF_EDITOR).entry is None


def test_with_a_roster_an_override_is_acknowledged_by_whom_it_is_for():
    held = walked(begun(OVERRIDING), *SUBMITTED, by=OVERRIDING)
    held = after(held, take(held, "approve", REPORTER, OVERRIDING, override="alone tonight"))
    error = refused(NotYourRight, held, "ack", EDITOR, OVERRIDING)
    assert "Chief Editor" in error.hint
    assert take(held, "ack", CHIEF_EDITOR, OVERRIDING).entry.role == "chief-editor"


def test_with_a_roster_that_names_none_nobody_acknowledges():
    held = walked(begun(), *SUBMITTED)
    held = after(held, take(held, "approve", REPORTER, override="alone tonight"))
    error = refused(NotYourRight, held, "ack", CHIEF_EDITOR, NO_OVERRIDE)
    assert "[trust] override" in error.hint


@pytest.mark.parametrize("action", ["approve", "ack"])
def test_the_refusal_names_the_roles_and_the_people_that_lift_four_eyes(action):
    only_chief = judges(
        ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]')
        + "[trust]\noverride = ['chief-editor']\n"
    )
    held = walked(begun(), *SUBMITTED)
    if action == "ack":
        held = after(held, take(held, "approve", REPORTER, override="alone tonight"))
        error = refused(NotYourRight, held, "ack", EDITOR, only_chief)
    else:
        error = refused(NotYourRight, held, "approve", REPORTER, only_chief, override="alone tonight")
    assert {"approve": "chief-editor (Chief Editor).", "ack": "Chief-editor: Chief Editor."}[action] in error.hint


def test_two_people_may_acknowledge_each_others_overrides():
    held = walked(begun(), *SUBMITTED)
    held = after(held, take(held, "approve", REPORTER, override="alone tonight"))
    held = after(held, take(held, "publish", REPORTER, override="still alone"))
    assert names(check_record(held, judges(), now=LATER)) == ["override-unacknowledged"] * 2
    held = after(held, take(held, "ack", EDITOR))
    assert names(check_record(held, judges(), now=LATER)) == []


# Not ready


def test_every_finding_of_the_story_as_it_would_be_comes_at_once():
    bare = READY.replace("section: local\n", "").replace("source: Harbour Gazette", "source:")
    bare = bare.replace("\nThe council passed the budget on Monday.\n", "")
    error = refused(NotReady, begun(text=bare), "submit", REPORTER)
    assert sorted(names(error.findings)) == ["body-empty", "required-section", "source-empty"]
    assert "council-budget is not ready for review" in error.message
    assert [one.place for one in error.findings] == sorted(one.place for one in error.findings)


def test_what_publishing_writes_is_not_missing_before_it():
    assert take(in_edit(), "publish", EDITOR).story.holds("date")


def test_warnings_come_along_and_stop_nothing():
    held = begun(text=READY.replace("Taxes stay flat; two libraries reopen.", "x" * 161))
    step = take(held, "submit", REPORTER)
    assert names(step.warnings) == ["description-length"]


def test_a_missing_picture_stops_a_story_behind_the_draft():
    text = READY.replace("source:", "images: [{src: hall.jpg, alt: a, credit: b}]\nsource:")
    held = begun(text=text)
    assert names(refused(NotReady, held, "submit", REPORTER).findings) == ["image-missing"]
    there = Held(held.story, held.ledger, {"hall.jpg": "1"})
    assert take(there, "submit", REPORTER).entry.assets == {"hall.jpg": "1"}
    error = refused(NotReady, there, "submit", REPORTER, loose=frozenset({"hall.jpg"}))
    assert names(error.findings) == ["image-uncommitted"]


@pytest.mark.parametrize(
    "old, new",
    [
        ("state: edit", "state: publish"),
        ("state: edit", "state: draft"),
        (f"editor: {EDITOR}", f"editor: {CHIEF_EDITOR}"),
        ("draft: true", "draft: false"),
        (f"id: {STORY_ID}", "id: 20261123-aaaaaaaa"),
    ],
)
def test_nothing_is_added_to_a_record_that_is_not_in_order(old, new):
    error = refused(NotReady, rewritten(in_edit(), old, new), "publish", EDITOR)
    assert "not in order" in error.message
    assert names(error.findings) == ["record-by-hand"]


def test_nothing_is_added_to_a_broken_ledger():
    held = in_edit()
    broken = ledger.parse(LEDGER, held.ledger.content.replace(b'"action":"submit"', b'"action":"sudmit"'))
    with pytest.raises(Refusal):
        take(Held(held.story, broken), "publish", EDITOR)


# Sign-offs by several: three reviews by three people


def test_three_reviews_are_three_people_in_their_order():
    held = in_edit(REVIEWS)
    first = take(held, "publish", EDITOR, REVIEWS)
    assert (first.entry.from_, first.entry.to, first.entry.role) == ("edit", "edit", "editor")
    assert first.waiting == ("desk-chief", "chief-editor")
    assert dict(first.entry.set) == {}
    assert first.story.fields["state"] == "edit"
    held = after(held, first)
    second = take(held, "publish", DESK_CHIEF, REVIEWS)
    assert second.waiting == ("chief-editor",)
    assert second.entry.role == "desk-chief"
    held = after(held, second)
    last = take(held, "publish", CHIEF_EDITOR, REVIEWS)
    assert (last.entry.to, last.entry.role, last.waiting) == ("publish", "chief-editor", ())
    held = after(held, last)
    assert held.story.fields["editor"] == [str(EDITOR), str(DESK_CHIEF), str(CHIEF_EDITOR)]
    assert held.story.metadata.version == 1
    assert "draft" not in held.story.fields
    assert in_order(held, REVIEWS)


def test_a_sign_off_that_completes_nothing_leaves_the_storys_text_alone():
    held = in_edit(REVIEWS)
    assert take(held, "publish", EDITOR, REVIEWS).story.text == held.story.text


@pytest.mark.parametrize(
    "signed, actor, next_role",
    [
        ([], Ident("Reporter", "reporter@gazette.example"), "editor"),
        ([EDITOR], STRANGER, "desk-chief"),
        ([EDITOR, DESK_CHIEF], STRANGER, "chief-editor"),
    ],
)
def test_only_the_next_role_may_sign(signed, actor, next_role):
    held = walked(in_edit(REVIEWS), *(("publish", one) for one in signed), by=REVIEWS)
    error = refused(NotYourRight, held, "publish", actor, REVIEWS)
    assert next_role.replace("-", " ") in (error.message + error.hint).lower().replace("-", " ")


@pytest.mark.parametrize("actor", [EDITOR, DESK_CHIEF])
def test_a_sign_off_out_of_order_is_refused_and_names_who_is_next(actor):
    strict = judges(
        ROSTER.replace('roles = ["editor", "desk-chief"]', 'roles = ["desk-chief"]').replace(
            'roles = ["editor", "desk-chief", "chief-editor"]', 'roles = ["chief-editor"]'
        )
        + THREE_REVIEWS
    )
    held = in_edit(strict)
    if actor is EDITOR:
        held = walked(held, ("publish", EDITOR), by=strict)
        error = refused(NotYourRight, held, "publish", CHIEF_EDITOR, strict)
        assert "Desk Chief" in error.hint
    else:
        error = refused(NotYourRight, held, "publish", DESK_CHIEF, strict)
        assert "Editor" in error.hint


def test_somebody_with_several_roles_gives_the_first_one_open_and_only_once():
    held = in_edit(REVIEWS)
    first = take(held, "publish", CHIEF_EDITOR, REVIEWS)
    assert first.entry.role == "editor"
    held = after(held, first)
    assert take(held, "publish", CHIEF_EDITOR, REVIEWS).entry is None
    held = walked(held, ("publish", DESK_CHIEF), by=REVIEWS)
    error = refused(NotYourRight, held, "publish", CHIEF_EDITOR, REVIEWS)
    assert "signed this publish already" in error.message


def test_one_person_under_another_address_is_still_one():
    held = walked(in_edit(REVIEWS), ("publish", EDITOR), by=REVIEWS)
    step = take(held, "publish", Ident("E", "EDITOR@home.example"), REVIEWS)
    assert step.entry is None


def test_without_a_roster_three_reviews_still_need_three_people():
    desk = judges(THREE_REVIEWS)
    held = walked(in_edit(desk), ("publish", EDITOR), ("publish", DESK_CHIEF), by=desk)
    refused(NotYourRight, held, "publish", EDITOR, desk)
    refused(NotYourRight, held, "publish", REPORTER, desk)
    held = walked(held, ("publish", STRANGER), by=desk)
    assert held.story.fields["state"] == "publish"
    assert in_order(held, desk)


def test_a_change_of_words_lapses_the_sign_offs_given_so_far():
    held = walked(in_edit(REVIEWS), ("publish", EDITOR), ("publish", DESK_CHIEF), by=REVIEWS)
    held = rewritten(held, "on Monday", "on Tuesday")
    step = take(held, "publish", EDITOR, REVIEWS)
    assert step.waiting == ("desk-chief", "chief-editor"), "the first place is open again"
    held = walked(after(held, step), ("publish", DESK_CHIEF), ("publish", CHIEF_EDITOR), by=REVIEWS)
    assert held.story.fields["state"] == "publish"
    assert in_order(held, REVIEWS)


def test_a_change_of_a_picture_lapses_them_too():
    text = READY.replace("source:", "images: [{src: hall.jpg, alt: a, credit: b}]\nsource:")
    held = in_edit(REVIEWS, text=text, assets={"hall.jpg": "1"})
    held = walked(held, ("publish", EDITOR), by=REVIEWS)
    held = Held(held.story, held.ledger, {"hall.jpg": "2"})
    assert take(held, "publish", EDITOR, REVIEWS).waiting == ("desk-chief", "chief-editor")


def test_words_put_back_as_they_were_count_again():
    held = walked(in_edit(REVIEWS), ("publish", EDITOR), by=REVIEWS)
    back = rewritten(rewritten(held, "on Monday", "on Tuesday"), "on Tuesday", "on Monday")
    assert take(back, "publish", DESK_CHIEF, REVIEWS).waiting == ("chief-editor",)


def test_a_story_sent_back_needs_all_three_again():
    held = walked(in_edit(REVIEWS), ("publish", EDITOR), ("publish", DESK_CHIEF), ("send-back", EDITOR), by=REVIEWS)
    held = walked(held, *APPROVED, by=REVIEWS)
    assert take(held, "publish", EDITOR, REVIEWS).waiting == ("desk-chief", "chief-editor")


def test_a_story_that_is_not_ready_is_refused_at_the_first_sign_off():
    held = rewritten(in_edit(REVIEWS), "source: Harbour Gazette", "source:")
    assert names(refused(NotReady, held, "publish", EDITOR, REVIEWS).findings) == ["source-empty"]


def test_four_eyes_hold_at_every_place():
    both = judges(ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "chief-editor"]') + THREE_REVIEWS)
    held = walked(in_edit(both), ("publish", EDITOR), ("publish", DESK_CHIEF), by=both)
    error = refused(NotYourRight, held, "publish", REPORTER, both)
    assert "their own story" in error.message


# Beginning


def test_a_story_that_lacks_what_a_draft_needs_is_not_taken_in():
    with pytest.raises(NotReady) as caught:
        begin(
            read(READY.replace("title: Council passes the 2027 budget", "title:")),
            LEDGER,
            act("new", REPORTER),
            assets={},
        )
    assert names(caught.value.findings) == ["required-title"]


def test_an_adopted_story_begins_like_a_new_one():
    made = begin(read(READY), LEDGER, act("adopt", EDITOR, note="from the old site"), assets={"a.jpg": "1"})
    assert (made.entry.action, made.entry.note, dict(made.entry.assets)) == (
        "adopt",
        "from the old site",
        {"a.jpg": "1"},
    )
    assert made.ledger.content == serialise(made.entry)
    assert made.story.fields["state"] == "draft"


def test_crlf_and_a_missing_final_newline_survive_the_whole_way():
    text = READY.removesuffix("\n").replace("\n", "\r\n")
    held = published(text=text)
    assert "\n" not in held.story.text.replace("\r\n", "")
    assert not held.story.text.endswith("\n")
    assert held.story.fields == published().story.fields
    assert held.ledger.content == published().ledger.content


# Properties

ACTIONS = ["submit", "withdraw", "approve", "send-back", "publish", "ack"]
PEOPLE = [REPORTER, EDITOR, DESK_CHIEF, CHIEF_EDITOR, STRANGER]
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.sampled_from(PEOPLE), st.sampled_from(["", "alone tonight"])), max_size=9
)


@given(STEPS, st.sampled_from([judges(), judges(ROSTER), REVIEWS, OVERRIDING]))
def test_whatever_is_tried_the_record_stays_in_order_and_no_reporter_passes_their_own(steps, by):
    held = begun(by)
    for action, actor, override in steps:
        with contextlib.suppress(Refusal, WrongUsage):
            held = after(held, take(held, action, actor, by, note="x", override=override))
    assert in_order(held, by)
    again = ledger.parse(LEDGER, held.ledger.content)
    assert (again.entries, again.findings) == (held.ledger.entries, ())
    for one in held.ledger.entries:
        if one.action in {"approve", "publish"}:
            assert one.override or not by.same(one.actor, REPORTER)
    for one, other in itertools.pairwise(held.ledger.entries):
        assert other.from_ == one.to


def test_an_action_without_a_row_from_here_says_so_whatever_a_story_updates():
    with pytest.raises(NoSuchMove):
        take(begun(), "publish", EDITOR, original="20261101-aaaaaaaa")


def test_words_that_differ_from_those_signed_stop_what_neither_corrects_nor_takes_back():
    public = rewritten(published(), "Monday", "Tuesday")
    with pytest.raises(NotReady):
        take(public, "require", EDITOR, role="legal")
    assert take(public, "unpublish", EDITOR, note="Wrong figures.").entry is not None


def test_a_role_that_every_publication_asks_for_is_not_asked_for_again():
    said = refused(NoSuchMove, in_edit(REVIEWS), "require", DESK_CHIEF, REVIEWS, role="chief-editor")
    assert "publish asks for chief-editor of every story" in said.message
    assert take(in_edit(judges(ROSTER)), "require", DESK_CHIEF, judges(ROSTER), role="chief-editor").entry is not None
