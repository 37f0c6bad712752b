"""What a completed move sets and clears, key by key, and what a story's own required roles make of a row."""

from __future__ import annotations

import pytest

from newsroom_cli.record.entries import Entry
from newsroom_cli.record.record_effects import (
    Completion,
    as_required,
    change_required_roles,
    complete,
    corrections_of,
    effects,
    required_roles,
)
from newsroom_cli.settings.pipeline import Move, PipelineTable, default, parse

ROWS = default()
AT, EARLIER = "2026-11-23T10:02:11Z", "2026-11-20T08:00:00Z"
HASH = "sha256:" + "0" * 64
ANA, BEA = "Ana <ana@gazette.example>", "Bea <bea@gazette.example>"


def row(action: str, state: str | None) -> Move:
    move = ROWS.move(action, state)
    assert move is not None
    return move


def changes(action: str, state: str | None, record=None, **done):
    given = {"state": state, **(record or {})} if state else dict(record or {})
    return effects(ROWS, row(action, state), Completion(given, done.pop("signers", [ANA]), AT, **done))


def entry(action: str, by: str = ANA) -> Entry:
    return Entry(1, "20261123T100211000000Z-0000", action, "draft", by, AT, HASH)


# The roles one story requires


@pytest.mark.parametrize(
    ("kept", "roles"),
    [
        ({}, ()),
        ({"require": None}, ()),
        ({"require": "legal"}, ()),
        ({"require": ["legal", "", 7, "chief-editor"]}, ("legal", "chief-editor")),
    ],
)
def test_required_roles_are_the_words_of_a_list(kept, roles):
    assert required_roles(kept) == roles


def test_a_row_for_readers_asks_for_the_required_roles_behind_its_own():
    record = {"require": ["legal", "editor", "chief-editor"]}
    assert as_required(ROWS, row("publish", "edit"), record).by == ("editor", "legal", "chief-editor")
    assert as_required(ROWS, row("schedule", "edit"), record).by == ("editor", "legal", "chief-editor")
    assert as_required(ROWS, row("correct", "publish"), record).by == ("editor", "legal", "chief-editor")


@pytest.mark.parametrize(("action", "state"), [("approve", "review"), ("hold", "edit"), ("unpublish", "publish")])
def test_a_row_that_signs_no_words_for_readers_asks_for_nobody_more(action, state):
    assert as_required(ROWS, row(action, state), {"require": ["legal"]}) is row(action, state)


def test_a_row_that_anybody_takes_stays_everybodys():
    release = row("release", "edit")
    assert release.by == ("@anyone",)
    assert as_required(ROWS, release, {"require": ["legal"]}) is release


@pytest.mark.parametrize("record", [{}, {"require": None}, {"require": ["editor"]}])
def test_a_row_that_lacks_no_role_stays_as_it_is(record):
    assert as_required(ROWS, row("publish", "edit"), record) is row("publish", "edit")


@pytest.mark.parametrize(
    ("roles", "drop", "after"),
    [
        (None, False, ["legal"]),
        (["chief-editor"], False, ["chief-editor", "legal"]),
        (["legal"], False, None),
        (None, True, None),
        (["chief-editor"], True, None),
        (["legal"], True, []),
        (["legal", "chief-editor"], True, ["chief-editor"]),
    ],
)
def test_a_role_is_asked_for_once_and_dropped_where_it_is_asked_for(roles, drop, after):
    assert change_required_roles({"require": roles}, "legal", drop=drop) == after


# What rows set and clear


def test_the_first_entry_makes_a_draft():
    assert changes("new", None) == changes("adopt", None) == {"draft": True}


def test_an_approval_makes_its_signers_editors_once_behind_those_there_are():
    assert changes("approve", "review", signers=[BEA, ANA, BEA]) == {"editor": [BEA, ANA]}
    assert changes("approve", "review", {"editor": [ANA]}, signers=[BEA, ANA]) == {"editor": [ANA, BEA]}
    assert changes("approve", "review", {"editor": [ANA]}) == {}
    assert changes("approve", "review", {"editor": ANA}, signers=[BEA]) == {"editor": [BEA]}


def test_what_comes_back_to_the_initial_state_has_no_editor():
    assert changes("send-back", "edit", {"editor": [ANA]}) == {"editor": None}
    assert changes("withdraw", "review", {"editor": [ANA]}) == {"editor": None}


def test_a_first_publication_dates_and_counts_and_ends_the_draft():
    after = changes("publish", "edit", {"draft": True}, address=lambda at: f"/{at[:4]}/")
    assert after == {
        "editor": [ANA],
        "date": AT,
        "lastmod": AT,
        "version": 1,
        "address": "/2026/",
        "draft": None,
    }


def test_a_second_publication_keeps_date_and_address_and_counts_on():
    record = {"date": EARLIER, "version": 2, "address": "/old/", "pubstatus": "withheld", "editor": [ANA]}
    after = changes("publish", "edit", record, address=lambda at: "/new/")
    assert after == {"lastmod": AT, "version": 3, "pubstatus": None}


def test_a_version_that_is_no_number_counts_from_the_beginning():
    assert changes("correct", "publish", {"version": "many"})["version"] == 1


def test_what_was_planned_counts_from_its_time_on():
    record = {"publish_at": EARLIER, "draft": True}
    after = changes("release", "edit", record, signers=[ANA])
    assert (after["date"], after["lastmod"], after["publish_at"]) == (EARLIER, EARLIER, None)
    assert changes("publish", "edit", record)["lastmod"] == AT


def test_a_time_is_planned_and_taken_off():
    planned = changes("schedule", "edit", {"editor": [ANA]}, terms={"publish_at": EARLIER})
    assert planned == {"publish_at": EARLIER}
    assert changes("deschedule", "edit", {"publish_at": EARLIER}) == {"publish_at": None}
    assert changes("embargo", "edit", terms={"embargo": EARLIER}) == {"embargo": EARLIER}
    assert changes("embargo", "edit", {"embargo": EARLIER}) == {"embargo": None}


def test_a_correction_is_numbered_with_its_version_time_kind_and_notice():
    first = {"number": 1, "version": 2, "date": EARLIER, "kind": "update", "notice": "More."}
    record = {"version": 2, "date": EARLIER, "address": "/a/", "corrections": [first]}
    terms = {"kind": "correction", "notice": "It was Monday."}
    after = changes("correct", "publish", record, terms=terms)
    second = {"number": 2, "version": 3, "date": AT, **terms}
    assert after == {"version": 3, "lastmod": AT, "corrections": [first, second]}
    assert corrections_of({"corrections": "many"}) == []


@pytest.mark.parametrize(
    ("known", "signed", "made", "after"),
    [
        ("/a/", None, "/b/", "same"),
        ("/a/", "/b/", "/b/", "/b/"),
        ("/a/", "/c/", "/b/", None),
        (None, None, "/b/", "/b/"),
        (None, "/b/", "/b/", "/b/"),
    ],
)
def test_an_address_changes_only_to_what_was_signed_and_what_the_story_is_called(known, signed, made, after):
    record = {"version": 1, "date": EARLIER, **({"address": known} if known else {})}
    terms = {"address": signed} if signed else {}
    changed = changes("correct", "publish", record, terms=terms, address=lambda _: made)
    assert changed.get("address", "same") == after


def test_an_address_is_made_of_the_time_a_story_first_went_public():
    asked = []
    changes("publish", "edit", {"date": EARLIER}, address=lambda at: asked.append(at) or "/a/")
    changes("publish", "edit", address=lambda at: asked.append(at) or "/a/")
    assert asked == [EARLIER, AT]


def test_required_roles_are_those_said_else_those_there_are():
    assert changes("require", "edit", roles=["legal"]) == {"require": ["legal"]}
    assert changes("require", "edit", {"require": ["legal"]}, roles=[]) == {"require": None}
    assert changes("require", "edit", {"require": ["legal"]}) == {}


@pytest.mark.parametrize(
    ("action", "state", "record", "after"),
    [
        ("hold", "edit", {}, "withheld"),
        ("resume", "edit", {"hold": True, "pubstatus": "withheld"}, None),
        ("resume", "edit", {"hold": True, "version": 1, "pubstatus": "withheld"}, "same"),
        ("spike", "edit", {}, "canceled"),
        ("restore", "edit", {"pubstatus": "canceled"}, None),
        ("restore", "edit", {"pubstatus": "canceled", "hold": True}, "withheld"),
        ("restore", "edit", {"pubstatus": "canceled", "version": 1}, "withheld"),
        ("unpublish", "publish", {"version": 1}, "withheld"),
        ("kill", "publish", {"version": 1}, "canceled"),
        ("publish", "edit", {"version": 1, "pubstatus": "withheld"}, None),
        ("publish", "edit", {"version": 1}, "same"),
        ("send-back", "edit", {"version": 1, "pubstatus": "withheld"}, "same"),
    ],
)
def test_a_story_is_withheld_while_it_is_held_or_taken_back(action, state, record, after):
    assert changes(action, state, record).get("pubstatus", "same") == after


def test_keys_are_set_in_the_order_entries_write_them():
    after = changes("publish", "edit", {"draft": True, "pubstatus": "withheld"})
    assert list(after) == ["draft", "editor", "date", "lastmod", "version", "pubstatus"]


# A whole entry


def test_an_entry_leads_where_its_row_does_with_everybody_who_signed():
    begun = complete(entry("adopt"), row("adopt", None), {}, ROWS)
    assert (begun.to, dict(begun.set)) == ("draft", {"draft": True})
    signed = [entry("approve", BEA), entry("approve")]
    made = complete(entry("approve"), row("approve", "review"), {"state": "review"}, ROWS, signed=signed)
    assert (made.to, dict(made.set)) == ("edit", {"editor": [BEA, ANA]})
    held = complete(entry("hold"), row("hold", "review"), {"state": "review"}, ROWS)
    assert held.to == "review"


def test_an_own_pipeline_that_begins_in_another_state_is_followed():
    own = parse(
        PipelineTable(
            states={"idea": {"initial": True}, "out": {"public": True}},
            moves=({"action": "run", "from": ["idea"], "to": "out", "by": ["editor"], "sets": ["version"]},),
        )
    )
    move = own.move("run", "idea")
    assert move is not None
    assert effects(own, move, Completion({}, [ANA], AT)) == {"version": 1}
    assert complete(entry("run"), move, {"state": "idea"}, own).to == "out"
