"""A change of configuration and whom it leaves behind: two policies and a few stories, no git."""

from __future__ import annotations

import pytest
from making import (
    CHIEF_EDITOR,
    DESK_CHIEF,
    EDITOR,
    REPORTER,
    ROSTER,
    THREE_REVIEWS,
    begun,
    in_edit,
    judges,
    published,
    walked,
)

from newsroom_cli.model import Severity
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.verify.strands import PolicyChange, StoryStanding, find_left_behind, standing_of

FLASH = """
[pipeline.states.flash]
public = true

[[pipeline.moves]]
action = "flash"
from = ["{}"]
to = "flash"
by = {}
sets = ["editor", "date", "version", "lastmod"]
"""
TWO = [
    StoryStanding("review"),
    StoryStanding("edit", (EDITOR, DESK_CHIEF)),
    StoryStanding("edit", (DESK_CHIEF, EDITOR, DESK_CHIEF)),
]


def said(before: Policy, after: Policy, stories: list[StoryStanding] | None = None) -> list[str]:
    found = list(find_left_behind(PolicyChange(before, after, "newsroom.toml"), lambda: stories or []))
    expected = ("configuration-strands", Severity.ERROR, "newsroom.toml", 1, 1)
    assert {(one.rule, one.severity, one.path, one.line, one.column) for one in found} <= {expected}
    return [one.message for one in found]


def person(name: str, *emails: str) -> str:
    return f'[[people]]\nname = "{name}"\nemails = {list(emails)}\n'


def test_stories_that_stand_in_a_state_that_goes_are_counted():
    own = judges().settings.pipeline
    assert "review" in own.names
    after = judges("""
        [pipeline.states.draft]
        initial = true
        [pipeline.states.desk]
        [pipeline.states.publish]
        public = true
        [[pipeline.moves]]
        action = "submit"
        from = ["draft"]
        to = "desk"
        by = ["reporter"]
        [[pipeline.moves]]
        action = "publish"
        from = ["desk"]
        to = "publish"
        by = ["editor"]
    """)
    assert said(judges(), after, TWO) == [
        "1 story stands in review, which goes.",
        "2 stories stand in edit, which goes.",
    ]
    assert said(judges(), after, [StoryStanding("draft"), StoryStanding("publish")]) == []


def test_stories_in_a_state_that_readers_see_no_longer_or_from_now_on_are_counted():
    closed = judges(
        "[pipeline.states.edit]\npublic = true\n[pipeline.states.publish]\npublic = false\n" + LEAVES_PUBLISH
    )
    found = said(judges(), closed, [StoryStanding("edit"), StoryStanding("publish")])
    assert found[0] == "1 story stands in edit, which becomes public, with words that nobody signed for readers."
    assert "1 story stands in publish, which is public no longer" in found[1]
    assert "nobody would see edits" in found[1]


LEAVES_PUBLISH = """
[[pipeline.moves]]
action = "approve"
from = ["review"]
to = "publish"
by = ["editor"]
[[pipeline.moves]]
action = "publish"
from = ["publish"]
to = "edit"
by = ["editor"]
"""


def test_stories_are_not_looked_up_where_the_change_can_strand_none():
    def never() -> list[StoryStanding]:
        raise AssertionError

    others = [f'{ROSTER}\n[rules]\ntitle-length = "off"\n', ROSTER + person("New", "new@gazette.example")]
    others += [ROSTER.replace("Desk Chief", "Chief of the desk"), ROSTER.replace(', "reporter@home.example"', "")]
    for other in others:
        assert list(find_left_behind(PolicyChange(judges(ROSTER), judges(other), "newsroom.toml"), never)) == []


def test_who_is_entitled_is_warned_and_given_the_count():
    after = judges(
        ROSTER.replace('"editor@home.example"', '"x@home.example"').replace(
            '"reporter@home.example"', '"editor@home.example"'
        )
    )
    (found,) = find_left_behind(PolicyChange(judges(ROSTER), after, "newsroom.toml", is_entitled=True), list)
    assert found.severity is Severity.WARNING
    assert "[trust] judges" not in found.hint
    (found,) = find_left_behind(PolicyChange(judges(ROSTER), after, "newsroom.toml"), list)
    assert "[trust] judges" in found.hint


@pytest.mark.parametrize(
    "before, after, moved",
    [
        ((("A", "a@x", "s@x"), ("B", "b@x")), (("A", "a@x"), ("B", "b@x", "s@x")), ["s@x moves from A to B"]),
        ((("A", "a@x"), ("B", "b@x")), (("A", "b@x"), ("B", "a@x")), ["a@x moves from A to B", "b@x moves from B to A"]),
        ((("A", "a@x", "s@x"),), (("A", "a@x"), ("N", "s@x")), ["s@x moves from A to N"]),
        ((("W", "a@x", "s@x"), ("W", "b@x")), (("W", "a@x"), ("W", "b@x", "s@x")), ["s@x moves from W to W"]),
        ((("A", "a@x"),), (("N", "a@x"),), []),
        ((("A", "a@x", "s@x"),), (("N", "s@x"),), []),
        ((("A", "a@x"),), (("A", "n@x"),), []),
        ((("A", "a@x"), ("B", "b@x")), (("B", "b@x"),), []),
        ((("A", "a@x"), ("B", "b@x")), (("B", "b@x", "a@x"),), []),
        ((), (("A", "a@x"),), []),
    ],
)  # fmt: skip
def test_an_address_that_moves_between_people_is_found_and_a_person_who_changes_is_not(before, after, moved):
    old, new = (judges("".join(person(*one) for one in people)) for people in (before, after))
    assert [message.partition(":")[0] for message in said(old, new)] == moved


def test_an_address_that_a_mailmap_moves_from_one_person_to_another_is_found():
    old, new = (judges(ROSTER, f"<{email}> <s@elsewhere.example>\n") for email in (REPORTER.email, EDITOR.email))
    assert [one.partition(":")[0] for one in said(old, new)] == ["s@elsewhere.example moves from Reporter to Editor"]


def test_a_mailmap_that_takes_an_address_of_the_roster_is_found_once():
    line = "Editor <editor@gazette.example> <reporter@home.example>\n"
    (found,) = said(judges(ROSTER), judges(ROSTER, line))
    assert found.startswith(".mailmap gives reporter@home.example, an address of Reporter, to editor@gazette.example")
    assert said(judges(ROSTER, line), judges(ROSTER, f"{line}# words\n")) == []
    assert said(judges("", line), judges(ROSTER, line)) == [found]
    assert said(judges(ROSTER), judges(ROSTER, "<reporter@gazette.example> <reporter@home.example>\n")) == []


def test_people_who_become_one_while_sign_offs_of_both_wait_are_found_with_the_stories():
    joined = judges(ROSTER.replace('"editor@home.example"', '"desk@gazette.example"').replace(DESK, ""))
    (found,) = said(judges(ROSTER), joined, TWO)
    assert "become one person while sign-offs of both wait on 2 stories" in found
    assert said(judges(ROSTER), joined, [StoryStanding("edit", (EDITOR, CHIEF_EDITOR))]) == []
    assert said(judges(ROSTER), joined) == []
    mapped = judges("", f"<{EDITOR.email}> <{DESK_CHIEF.email}>\n")
    assert "sign-offs of both wait on 2 stories" in said(judges(), mapped, TWO)[0]


DESK = """[[people]]
name = "Desk Chief"
emails = ["desk@gazette.example"]
roles = ["editor", "desk-chief"]
"""


@pytest.mark.parametrize("start", ["edit", "publish"])
def test_a_second_public_state_asks_for_as_many_as_the_first(start):
    base = judges(THREE_REVIEWS)
    weak, strong = (judges(THREE_REVIEWS + FLASH.format(start, by)) for by in (["editor"], ["editor", "a", "b"]))
    (found,) = said(base, weak)
    assert found.startswith("flash leads to flash, which is public")
    assert "1 of the 3 people" in found
    assert said(base, strong) == []
    assert said(weak, weak) == []
    assert said(judges(FLASH.format(start, ["editor"])), weak) == [found]
    assert said(judges(), judges(FLASH.format(start, ["editor"]))) == []


@pytest.mark.parametrize(
    "held, standing",
    [
        (begun(), StoryStanding("draft")),
        (in_edit(), StoryStanding("edit")),
        (published(), StoryStanding("publish")),
        (walked(in_edit(judges(THREE_REVIEWS)), ("publish", CHIEF_EDITOR), ("publish", DESK_CHIEF), by=judges(THREE_REVIEWS)),
         StoryStanding("edit", (CHIEF_EDITOR, DESK_CHIEF))),
        (walked(in_edit(), ("hold", EDITOR)), StoryStanding("edit")),
    ],
)  # fmt: skip
def test_a_story_stands_in_its_ledgers_state_with_the_sign_offs_that_wait(held, standing):
    assert standing_of(held.ledger) == standing


def test_a_ledger_that_cannot_be_read_stands_nowhere():
    assert standing_of(Ledger("x")) is None


THREE_APPROVE = """
[[pipeline.moves]]
action = "approve"
from = ["review"]
to = "edit"
by = ["editor", "a", "b"]
"""
REISSUE = """
[[pipeline.moves]]
action = "reissue"
from = ["publish"]
to = "flash"
by = ["editor", "a", "b"]
sets = ["editor", "date", "version", "lastmod"]
"""


@pytest.mark.parametrize("more", [THREE_APPROVE, REISSUE])
def test_rows_that_do_not_take_a_story_to_its_readers_first_say_nothing_of_how_many_publish(more):
    flash = FLASH.format("edit", ["editor"])
    assert said(judges(), judges(more + flash)) == []
