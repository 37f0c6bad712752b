"""Who is who, and who may do what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import CHIEF_EDITOR, EDITOR, REPORTER, ROSTER, STRANGER, judges

from newsroom_cli.model import Ident, ascii_lower
from newsroom_cli.people.policy import parse_mailmap

DESK = (
    ROSTER
    + '\n[[people]]\nname = "Sport Editor"\nemails = ["sport@gazette.example"]\nroles = ["editor"]\nsections = ["sport"]\n'
)


@pytest.mark.parametrize(
    "text, name, email",
    [
        ("Ana Ruiz <ana@gazette.example>", "Ana Ruiz", "ana@gazette.example"),
        ("  Ana Ruiz   < ana@gazette.example > ", "Ana Ruiz", "ana@gazette.example"),
        ("Ana Ruiz", "Ana Ruiz", ""),
        ("李伟 <li@gazette.example>", "李伟", "li@gazette.example"),
        ("<ana@gazette.example>", "", "ana@gazette.example"),
        ("Ana <>", "Ana", ""),
        ("O'Neil, Ana (desk)", "O'Neil, Ana (desk)", ""),
        ("ana@gazette.example", "ana@gazette.example", ""),
    ],
)
def test_a_person_is_read_as_git_writes_them(text, name, email):
    assert Ident.parse(text) == Ident(name, email)


@pytest.mark.parametrize(
    "text", ["", "   ", "<>", "< >", "Ana <a@x.example", "Ana a@x.example>", "A <a> <b>", "A <a b>", "A <a> b"]
)
def test_what_is_no_person_is_refused(text):
    with pytest.raises(ValueError, match="is not a name"):
        Ident.parse(text)


def test_a_person_is_written_as_read():
    assert str(Ident("Ana", "ana@gazette.example")) == "Ana <ana@gazette.example>"
    assert str(Ident("Ana")) == "Ana"


@pytest.mark.parametrize(
    "email, folded",
    [
        ("Ana@Gazette.EXAMPLE", "ana@gazette.example"),
        ("  a@x ", "a@x"),
        ("İK@x", "İk@x"),
        ("Ａ\u212a@x", "Ａ\u212a@x"),
        ("ÄÖ@x", "ÄÖ@x"),
    ],
)
def test_only_ascii_letters_are_lowered_in_an_email(email, folded):
    assert ascii_lower(email) == folded


@pytest.mark.parametrize(
    "text, aliases",
    [
        ("Ana <ana@gazette.example> <old@home.example>", {"old@home.example": "ana@gazette.example"}),
        ("Ana <Ana@Gazette.example> Old Name <OLD@home.example>", {"old@home.example": "ana@gazette.example"}),
        ("<ana@gazette.example> <old@home.example>", {"old@home.example": "ana@gazette.example"}),
        ("<ana@gazette.example> <old@home.example> # why", {"old@home.example": "ana@gazette.example"}),
        ("Proper Name <ana@gazette.example>", {}),
        ("# Ana <ana@gazette.example> <old@home.example>", {}),
        ("nonsense\n\n<<>>\n", {}),
        ("", {}),
        ("A <a@x> <b@x>\r\nC <c@x> <d@x>\r\n", {"b@x": "a@x", "d@x": "c@x"}),
    ],
)
def test_a_mailmap_maps_commit_addresses_to_proper_ones(text, aliases):
    assert parse_mailmap(text) == aliases


@given(st.text(max_size=80))
def test_any_mailmap_is_read_without_complaint(text):
    assert all(key == ascii_lower(key) for key in parse_mailmap(text))


@pytest.mark.parametrize(
    "one, other, same",
    [
        ("Reporter <reporter@gazette.example>", "Reporter <reporter@gazette.example>", True),
        ("Reporter <reporter@gazette.example>", "Somebody <REPORTER@GAZETTE.example>", True),
        ("Reporter <reporter@gazette.example>", "R <reporter@home.example>", True),
        ("Reporter <reporter@gazette.example>", "R <old@elsewhere.example>", True),
        ("Reporter <reporter@gazette.example>", "Reporter", True),
        ("R <reporter@home.example>", "Reporter", True),
        ("Reporter <reporter@gazette.example>", "Editor <editor@gazette.example>", False),
        ("Reporter <reporter@gazette.example>", "Reporter <stranger@elsewhere.example>", False),
        ("Reporter <reporter@gazette.example>", "Reporter <rеporter@gazette.example>", False),
        ("Reporter <reporter@gazette.example>", "Reporter <reporter\u200b@gazette.example>", False),
        ("Stranger <a@elsewhere.example>", "Stranger <b@elsewhere.example>", False),
        ("Stranger <a@elsewhere.example>", "Other <A@elsewhere.example>", True),
        ("Stranger <a@elsewhere.example>", "Stranger", True),
        ("Stranger", "Stranger", True),
        ("Stranger", "Other", False),
    ],
)
def test_people_are_compared_by_address_through_roster_and_mailmap(one, other, same):
    who = judges(ROSTER, "Reporter <reporter@gazette.example> <old@elsewhere.example>\n")
    assert who.same(Ident.parse(one), Ident.parse(other)) is same
    assert who.same(Ident.parse(other), Ident.parse(one)) is same
    assert who.is_among(Ident.parse(one), [EDITOR, Ident.parse(other)]) is (same or one.startswith("Editor"))


def test_a_mailmap_entry_counts_without_a_roster_too():
    who = judges("", "<reporter@gazette.example> <Old@home.example>\n")
    assert who.same(REPORTER, Ident("R", "OLD@home.example"))
    assert not judges().same(REPORTER, Ident("R", "old@home.example"))


def test_a_mailmap_chain_leads_to_the_roster():
    who = judges(ROSTER, "X <reporter@home.example> <older@home.example>\n")
    assert who.person(Ident("X", "older@home.example")).name == "Reporter"


def test_a_mailmap_takes_no_address_from_its_person_on_the_roster():
    who = judges(ROSTER, "Editor <editor@gazette.example> <reporter@gazette.example>\n")
    assert who.person(REPORTER).name == "Reporter"
    assert not who.same(REPORTER, EDITOR)


def test_a_name_two_people_have_is_nobody():
    twice = ROSTER + '\n[[people]]\nname = "Editor"\nemails = ["second@gazette.example"]\nroles = []\n'
    assert judges(twice).person(Ident("Editor")) is None
    assert judges(twice).person(Ident("Editor", "second@gazette.example")).roles == ()


@pytest.mark.parametrize(
    "person, role, section, may",
    [
        (REPORTER, "reporter", "local", True),
        (REPORTER, "editor", "local", False),
        (EDITOR, "editor", "local", True),
        (EDITOR, "editor", "", True),
        (EDITOR, "desk-chief", "local", False),
        (Ident("E", "EDITOR@home.example"), "editor", "local", True),
        (Ident("Sport Editor", "sport@gazette.example"), "editor", "sport", True),
        (Ident("Sport Editor", "sport@gazette.example"), "editor", "local", False),
        (Ident("Sport Editor", "sport@gazette.example"), "editor", "", False),
        (STRANGER, "editor", "local", False),
        (STRANGER, "reporter", "local", False),
        (Ident("Editor", "fake@elsewhere.example"), "editor", "local", False),
    ],
)
def test_with_a_roster_the_roles_decide(person, role, section, may):
    assert judges(DESK).may_give(person, role, section=section) is may


def test_without_a_roster_anybody_may_give_any_role():
    assert judges().may_give(STRANGER, "chief-editor", section="sport")
    assert judges().roles(STRANGER) is None
    assert not judges().has_roster


def test_who_may_sign_is_named():
    assert judges(DESK).who_may(["editor"], section="sport") == ("Editor", "Desk Chief", "Chief Editor", "Sport Editor")
    assert judges(DESK).who_may(["editor"], section="local") == ("Editor", "Desk Chief", "Chief Editor")
    assert judges(DESK).who_may(["nobody"]) == ()
    assert judges(DESK).roles(EDITOR) == ("editor",)
    assert judges(DESK).roles(STRANGER) == ()


@pytest.mark.parametrize(
    "toml, person, may",
    [
        ("", STRANGER, True),
        (ROSTER, EDITOR, False),
        (ROSTER, CHIEF_EDITOR, False),
        (ROSTER + "[trust]\noverride = ['chief-editor']", CHIEF_EDITOR, True),
        (ROSTER + "[trust]\noverride = ['chief-editor']", EDITOR, False),
        (ROSTER + "[trust]\noverride = ['chief-editor']", STRANGER, False),
    ],
)
def test_four_eyes_are_lifted_by_those_the_configuration_names(toml, person, may):
    assert judges(toml).may_override(person) is may
