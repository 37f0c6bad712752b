"""`story require`: one more role for one story, given with the verb every sign-off is given with."""

from __future__ import annotations

import pytest
from conftest import PEOPLE, Desk, roster
from making import (
    AT,
    CHIEF_EDITOR,
    DESK_CHIEF,
    EDITOR,
    REPORTER,
    ROSTER,
    STRANGER,
    THREE_REVIEWS,
    after,
    begun,
    forged,
    in_edit,
    judges,
    names,
    published,
    read,
    rewritten,
    take,
    walked,
)

from newsroom_cli.errors import NoSuchMove, NotYourRight, StoryError, WrongUsage
from newsroom_cli.model import Ident, Severity
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Held
from newsroom_cli.record.record_effects import required_roles
from newsroom_cli.verify.change import StoryChange, check_change
from newsroom_cli.verify.standing import check_record

LAWYER = Ident("Lawyer", "lawyer@gazette.example")
LEGAL = '\n[[people]]\nname = "Lawyer"\nemails = ["lawyer@gazette.example"]\nroles = ["legal"]\n'
DESK = judges(ROSTER + LEGAL)
REVIEWS = judges(ROSTER + LEGAL + THREE_REVIEWS)
EARLIER = judges(
    ROSTER
    + LEGAL
    + "[[pipeline.moves]]\naction='publish'\nfrom=['edit']\nto='publish'\nby=['editor']\n"
    + "not_by=['reporter', 'earlier-signers']\nsets=['date','version','lastmod','editor']\n"
)

CHIEF_PUBLISHES = judges(
    ROSTER
    + LEGAL
    + "[[pipeline.moves]]\naction='publish'\nfrom=['edit']\nto='publish'\nby=['chief-editor']\n"
    + "not_by=['reporter']\nsets=['date','version','lastmod','editor']\n"
)
TWO_WAYS_OUT = judges(
    ROSTER
    + LEGAL
    + "[[pipeline.moves]]\naction='publish'\nfrom=['edit']\nto='publish'\nby=['editor','legal']\n"
    + "not_by=['reporter']\nsets=['date','version','lastmod','editor']\n"
    + "[[pipeline.moves]]\naction='rush'\nfrom=['review']\nto='publish'\nby=['editor']\n"
    + "not_by=['reporter']\nsets=['date','version','lastmod','editor']\n"
)
"""Two rows that make words public; a lawyer signs one of them anyhow."""


def ask(held: Held, actor: Ident = EDITOR, by=DESK, *, role: str = "legal", **more) -> Held:
    return after(held, take(held, "require", actor, by, role=role, **more))


def refusal(kind: type[StoryError], held: Held, action: str, actor: Ident, by=DESK, **more) -> StoryError:
    with pytest.raises(StoryError) as caught:
        take(held, action, actor, by, **more)
    assert type(caught.value) is kind, caught.value.message
    return caught.value


def judged(before: Held, held: Held, by=DESK) -> list[str]:
    """What the verifier says of a change, and of the tree it leads to."""
    found = [
        *check_change(StoryChange(before, held), by, require="recorded", now=AT.replace(day=24)),
        *check_record(held, by, now=AT.replace(day=24)),
    ]
    return sorted({one.rule for one in found if one.severity is Severity.ERROR})


# Asking


def test_a_role_asked_for_is_an_entry_of_its_own_that_moves_nothing():
    held = in_edit(DESK)
    step = take(held, "require", EDITOR, DESK, role="legal", note="It names a company.")
    entry = step.entry
    assert (entry.action, entry.from_, entry.to, entry.role) == ("require", "edit", "edit", "editor")
    assert dict(entry.set) == {"require": ["legal"]}
    assert entry.note == "It names a company."
    assert step.story.text == held.story.text, "no file shows it"
    assert step.waiting == ()
    assert judged(held, after(held, step)) == []


def test_publish_then_needs_the_role_and_its_giver_uses_the_verb_of_every_sign_off():
    held = ask(before := in_edit(DESK))
    first = take(held, "publish", EDITOR, DESK)
    assert (first.entry.to, first.waiting) == ("edit", ("legal",))
    last = take(held := after(held, first), "publish", LAWYER, DESK)
    assert (last.entry.to, last.entry.role, last.waiting) == ("publish", "legal", ())
    assert last.story.fields["editor"] == [str(EDITOR), str(LAWYER)]
    assert judged(before, after(held, last)) == []


@pytest.mark.parametrize("state", [[], [("submit", REPORTER)], [("submit", REPORTER), ("approve", EDITOR)]])
def test_a_role_can_be_asked_for_in_every_state_and_stands_until_it_is_taken_back(state):
    held = ask(walked(begun(DESK), *state, by=DESK))
    assert held.ledger.record["require"] == ["legal"]
    way = [("submit", REPORTER), ("approve", EDITOR)][len(state) :]
    held = walked(held, *way, ("send-back", EDITOR), ("submit", REPORTER), ("approve", EDITOR), by=DESK)
    assert take(held, "publish", EDITOR, DESK).waiting == ("legal",)


def test_where_others_publish_an_editor_takes_no_role_back_and_asks_for_none():
    before = in_edit(CHIEF_PUBLISHES)
    asked = forged(before, action="require", by=str(EDITOR), role="editor", set={"require": ["legal"]})
    assert judged(before, asked, CHIEF_PUBLISHES) == ["sign-off-order"]
    held = ask(before, CHIEF_EDITOR, CHIEF_PUBLISHES)
    assert judged(before, held, CHIEF_PUBLISHES) == []
    dropped = forged(held, action="require", by=str(EDITOR), role="editor", set={"require": None})
    assert judged(held, dropped, CHIEF_PUBLISHES) == ["sign-off-order"]
    refused = refusal(NotYourRight, held, "require", EDITOR, CHIEF_PUBLISHES, role="legal", drop=True)
    assert "is not a chief-editor" in refused.message


def test_of_two_ways_out_the_one_that_has_the_role_anyhow_asks_for_it_once():
    held = ask(in_edit(TWO_WAYS_OUT), by=TWO_WAYS_OUT)
    first = take(held, "publish", EDITOR, TWO_WAYS_OUT)
    assert (first.entry.to, first.waiting) == ("edit", ("legal",))
    last = take(after(held, first), "publish", LAWYER, TWO_WAYS_OUT)
    assert (last.entry.to, last.waiting) == ("publish", ())
    assert judged(held, after(after(held, first), last), TWO_WAYS_OUT) == []


def test_of_two_ways_out_the_one_without_the_role_needs_it_once_it_is_asked_for():
    before = walked(begun(TWO_WAYS_OUT), ("submit", REPORTER), by=TWO_WAYS_OUT)
    assert take(before, "rush", EDITOR, TWO_WAYS_OUT).entry.to == "publish"
    held = ask(before, by=TWO_WAYS_OUT)
    first = take(held, "rush", EDITOR, TWO_WAYS_OUT)
    assert (first.entry.to, first.waiting) == ("review", ("legal",))
    last = take(after(held, first), "rush", LAWYER, TWO_WAYS_OUT)
    assert (last.entry.to, last.waiting) == ("publish", ())
    assert judged(held, after(after(held, first), last), TWO_WAYS_OUT) == []


def test_a_role_that_is_not_asked_for_is_not_taken_back_and_those_that_are_are_named():
    before = in_edit(DESK)
    assert refusal(NoSuchMove, before, "require", EDITOR, role="legal", drop=True).hint.endswith("its rows: none.")
    held = ask(ask(before), role="desk-chief")
    assert refusal(NoSuchMove, held, "require", CHIEF_EDITOR, role="editor", drop=True).hint.endswith(
        "its rows: legal, desk-chief."
    )


@pytest.mark.parametrize(
    "written, roles", [(None, ()), ("legal", ()), ({"legal": 1}, ()), (["legal", "", 1, None, ["x"]], ("legal",))]
)
def test_what_is_no_role_is_asked_of_nobody(written, roles):
    assert required_roles({"require": written}) == roles


def test_only_what_makes_words_public_needs_it():
    held = ask(begun(DESK))
    held = walked(held, ("submit", REPORTER), ("approve", EDITOR), by=DESK)
    assert held.story.fields["state"] == "edit"


def test_it_is_taken_back_by_name():
    held = ask(ask(in_edit(DESK)), CHIEF_EDITOR, role="desk-chief")
    assert held.ledger.record["require"] == ["legal", "desk-chief"]
    held = ask(held, DESK_CHIEF, drop=True)
    assert held.ledger.record["require"] == ["desk-chief"]
    held = ask(held, role="desk-chief", drop=True)
    assert "require" not in held.ledger.record
    assert held.ledger.entries[-1].set == {"require": None}
    assert take(held, "publish", EDITOR, DESK).entry.completes


# Who may


@pytest.mark.parametrize("actor", [STRANGER, LAWYER, REPORTER])
@pytest.mark.parametrize("drop", [False, True])
def test_it_is_for_whoever_may_publish(actor, drop):
    held = ask(in_edit(DESK)) if drop else in_edit(DESK)
    error = refusal(NotYourRight, held, "require", actor, role="legal", drop=drop)
    assert "Editor" in error.hint


def test_nobody_takes_a_role_back_from_their_own_story():
    both = judges(ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]') + LEGAL)
    held = ask(in_edit(both), by=both)
    assert "its reporter" in refusal(NotYourRight, held, "require", REPORTER, both, role="legal", drop=True).message


def test_without_a_roster_anybody_but_the_reporter_asks_and_anybody_else_gives():
    desk = judges()
    refusal(NotYourRight, in_edit(desk), "require", REPORTER, desk, role="legal")
    held = walked(ask(in_edit(desk), by=desk), ("publish", EDITOR), by=desk)
    refusal(NotYourRight, held, "publish", REPORTER, desk)
    assert take(held, "publish", STRANGER, desk).entry.role == "legal"


def test_whoever_asked_for_a_role_has_signed_nothing_by_it():
    held = ask(in_edit(EARLIER), CHIEF_EDITOR, EARLIER)
    assert take(held, "publish", CHIEF_EDITOR, EARLIER).waiting == ("legal",)
    refusal(NotYourRight, held, "publish", EDITOR, EARLIER)


# What may be asked


def test_a_role_nobody_has_is_refused_with_those_there_are():
    error = refusal(WrongUsage, in_edit(DESK), "require", EDITOR, role="legl")
    assert error.hint == "Roles are chief-editor, desk-chief, editor, legal, reporter."


@pytest.mark.parametrize("role", ["", " ", "a b", "editor|legal", "@override", "x" * 41, "a\nb"])
def test_what_is_no_role_is_refused(role):
    for by in (DESK, judges()):
        refusal(WrongUsage, in_edit(by), "require", EDITOR, by, role=role)


def test_a_role_the_row_names_is_not_asked_for_twice():
    error = refusal(NoSuchMove, in_edit(REVIEWS), "require", EDITOR, REVIEWS, role="desk-chief")
    assert "publish asks for desk-chief of every story" in error.message


@pytest.mark.parametrize("drop", [False, True])
def test_asking_again_is_nothing_to_do_for_whoever_asked_and_refused_for_others(drop):
    held = ask(in_edit(DESK))
    held = ask(held, drop=True) if drop else held
    assert take(held, "require", EDITOR, DESK, role="legal", drop=drop).entry is None
    error = refusal(NoSuchMove, held, "require", CHIEF_EDITOR, role="legal", drop=drop)
    assert error.message == f"council-budget {'does not ask' if drop else 'asks'} for legal" + (
        "." if drop else f" already by {EDITOR}."
    )


def test_signing_again_after_another_asked_for_a_role_is_nothing_to_do():
    held = ask(walked(in_edit(REVIEWS), ("publish", EDITOR), by=REVIEWS), CHIEF_EDITOR, REVIEWS)
    assert take(held, "publish", EDITOR, REVIEWS).entry is None


def test_what_was_never_asked_for_cannot_be_taken_back():
    refusal(NoSuchMove, in_edit(DESK), "require", EDITOR, role="legal", drop=True)


def test_a_role_whose_people_left_can_be_taken_back():
    held = ask(in_edit(DESK))
    assert take(held, "require", EDITOR, judges(ROSTER), role="legal", drop=True).entry


# In order, and what lapses


@pytest.mark.parametrize(
    "signed, actor, next_people",
    [([], LAWYER, "Editor"), ([EDITOR], CHIEF_EDITOR, "Lawyer"), ([EDITOR], DESK_CHIEF, "Lawyer")],
)
def test_out_of_order_is_refused_and_names_who_is_next(signed, actor, next_people):
    held = walked(ask(in_edit(DESK)), *(("publish", one) for one in signed), by=DESK)
    assert next_people in refusal(NotYourRight, held, "publish", actor).hint


def test_a_role_asked_for_comes_behind_the_reviews_and_leaves_those_given():
    held = walked(in_edit(REVIEWS), ("publish", EDITOR), by=REVIEWS)
    held = ask(held, CHIEF_EDITOR, REVIEWS)
    step = take(held, "publish", DESK_CHIEF, REVIEWS)
    assert step.waiting == ("chief-editor", "legal")
    held = walked(after(held, step), ("publish", CHIEF_EDITOR), ("publish", LAWYER), by=REVIEWS)
    assert held.story.fields["state"] == "publish"


@pytest.mark.parametrize("completing", [EDITOR, CHIEF_EDITOR])
def test_where_the_last_open_role_is_taken_back_an_editor_completes_the_move(completing):
    held = before = walked(ask(in_edit(DESK)), ("publish", EDITOR), by=DESK)
    held = ask(held, drop=True)
    assert held.story.fields["state"] == "edit", "taking a role back publishes nothing"
    step = take(held, "publish", completing, DESK)
    assert step.entry.to == "publish"
    assert judged(before, after(held, step)) == []


def test_a_sign_off_for_a_role_taken_back_fills_no_other_place():
    held = ask(ask(in_edit(DESK)), role="chief-editor")
    held = walked(held, ("publish", EDITOR), ("publish", LAWYER), by=DESK)
    held = ask(held, CHIEF_EDITOR, drop=True)
    assert take(held, "publish", CHIEF_EDITOR, DESK).entry.role == "chief-editor"


SIGNED = walked(ask(in_edit(DESK)), ("publish", EDITOR), by=DESK)


@pytest.mark.parametrize(
    "held, counts",
    [
        (SIGNED, True),
        (rewritten(SIGNED, "section: local", "section:   'local'"), True),
        (rewritten(SIGNED, "lang: en\n", "lang: en\nurgency:\n"), True),
        (rewritten(SIGNED, "lang: en\nsection: local\n", "section: local\nlang: en\n"), True),
        (rewritten(SIGNED, "on Monday.\n", "on Monday."), True),
        (Held(read(SIGNED.story.text.replace("\n", "\r\n")), SIGNED.ledger, {}), True),
        (rewritten(SIGNED, "lang: en\n", "lang: en\ndue: 2026-12-01\n"), True),
        (rewritten(SIGNED, "on Monday", "on monday"), False),
        (rewritten(SIGNED, "lang: en\n", "lang: en\nurgency: 3\n"), False),
        (Held(SIGNED.story, SIGNED.ledger, {"hall.jpg": "1"}), False),
    ],
    ids=["same", "quotes", "empty key", "order", "final newline", "CRLF", "desk key", "word", "key", "picture"],
)  # fmt: skip
def test_a_sign_off_lapses_when_words_or_pictures_change_and_only_then(held, counts):
    if counts:
        assert take(held, "publish", LAWYER, DESK).entry.completes
    else:
        refusal(NotYourRight, held, "publish", LAWYER)
        assert take(held, "publish", EDITOR, DESK).waiting == ("legal",)


def test_other_peoples_entries_lapse_no_sign_off():
    held = ask(SIGNED, CHIEF_EDITOR, role="chief-editor")
    assert take(held, "publish", LAWYER, DESK).waiting == ("chief-editor",)


# What the verifier says


@pytest.mark.parametrize(
    "over",
    [
        {"set": {}},
        {"set": {"require": []}},
        {"set": {"require": "legal"}},
        {"set": {"require": ["legal", "desk-chief"]}},
        {"set": {"require": ["legal", "legal"]}},
        {"set": {"require": ["nobody-has-this"]}},
        {"set": {"require": ["a b"]}},
        {"set": {"require": ["@override"]}},
        {"set": {"require": [5]}},
        {"set": {"require": {"a": "legal"}}},
        {"set": {"require": ["legal"], "version": 1}},
        {"set": {"require": None}},
    ],
)
def test_an_entry_that_asks_wrongly_is_found(over):
    before = in_edit(DESK)
    told = {"action": "require", "by": str(EDITOR), "role": "editor", **over}
    assert "entry-set" in judged(before, forged(before, **told))


@pytest.mark.parametrize("actor, role, rules", [
    (STRANGER, "editor", ["not-entitled"]),
    (LAWYER, "editor", ["not-entitled"]),
    (LAWYER, "legal", ["sign-off-order"]),
    (REPORTER, "editor", ["four-eyes", "not-entitled"]),
])  # fmt: skip
def test_a_role_taken_back_by_one_who_may_not_is_found(actor, role, rules):
    before = ask(in_edit(DESK))
    taken = forged(before, action="require", by=str(actor), role=role, set={"require": None})
    assert judged(before, taken) == rules


def test_publishing_without_the_role_is_found():
    before = ask(in_edit(DESK))
    wanted = {"draft": None, "editor": [str(EDITOR)], "date": "2026-11-23T10:30:00Z", "version": 1,
              "lastmod": "2026-11-23T10:30:00Z"}  # fmt: skip
    held = forged(before, action="publish", to="publish", by=str(EDITOR), role="editor", set=wanted)
    assert "entry-state" in judged(before, held)
    assert "entry-state" in names(check_record(held, judges(), now=AT.replace(day=24))), "in the tree alone too"


@pytest.mark.parametrize("action", ["publish", "approve", "ack"])
def test_another_verb_takes_no_role_back(action):
    before = ask(in_edit(DESK))
    held = forged(before, action=action, by=str(EDITOR), role="editor", set={"require": None})
    assert judged(before, held) != []


def test_a_public_story_may_be_asked_for_a_role_before_its_next_version():
    held = before = published(DESK)
    held = ask(held, CHIEF_EDITOR)
    assert judged(before, held) == []
    assert ledger.parse(held.ledger.path, held.ledger.content).record["require"] == ["legal"]


# Through the command

PEOPLE_TOML = roster(Reporter="reporter", Editor="editor", Chief="editor legal", Deputy="legal")


def _desk(desk: Desk) -> None:
    desk.write("newsroom.toml", PEOPLE_TOML)
    desk.commit("people")
    desk.at("edit")


@pytest.fixture
def desk(made) -> Desk:
    """A roster with two who may sign for the law, and a story in edit."""
    return made("required", _desk)


def test_one_commit_says_what_was_asked(desk):
    said = desk.story("require", "council-budget", "legal", "--note", "Names a company.", who="Editor")
    assert said.err.startswith("Asked for legal: council-budget: still edit (")
    assert desk.files_of() == [desk.ledger_of("council-budget")]
    assert desk.git("log", "-1", "--format=%s%n%an") == "require: council-budget\nEditor"
    assert desk.rules(exit=0) == []


def test_who_is_still_to_sign_is_said_by_role_and_name(desk):
    desk.story("require", "council-budget", "legal", who="Editor")
    said = desk.story("publish", "council-budget", who="Editor")
    assert "Signed (publish) council-budget: still edit" in said.err
    assert "Still to sign: legal (Chief, Deputy)." in said.err
    assert "Published" in desk.story("publish", "council-budget", who="Deputy").err
    assert desk.rules(exit=0) == []


def test_whoever_signed_one_place_is_named_for_no_other(desk):
    desk.story("require", "council-budget", "legal", who="Editor")
    assert "Still to sign: legal (Deputy)." in desk.story("publish", "council-budget", who="Chief").err
    assert "council-budget has your sign-off (publish) already; nothing to do." in desk.story(
        "publish", "council-budget", who="Chief").err  # fmt: skip


def test_words_changed_before_an_earlier_sign_off_are_their_writers(desk):
    desk.story("require", "council-budget", "legal", who="Editor")
    desk.change(desk.path_of("council-budget"), "on Monday", "on Tuesday")
    desk.story("save", "council-budget")
    desk.story("publish", "council-budget", who="Editor")
    said = desk.story("publish", "council-budget", "--yes", who="Deputy")
    assert f"1 word changed since approve, by {PEOPLE['Reporter']}." in said.err


def test_asking_twice_says_so_and_writes_nothing(desk):
    desk.story("require", "council-budget", "legal", who="Editor")
    head = desk.head
    assert "asks for legal already; nothing to do" in desk.story(
        "require", "council-budget", "legal", who="Editor").err  # fmt: skip
    assert desk.head == head
    assert "No longer asked for legal" in desk.story("require", "council-budget", "legal", "--drop", who="Chief").err
    assert "no longer asks for legal" in desk.story(
        "require", "council-budget", "legal", "--drop", who="Chief").err  # fmt: skip


@pytest.mark.parametrize("args, exit, who", [
    (("legl",), 2, "Editor"), (("legal",), 1, "Reporter"), (("legal",), 1, "Deputy"), (("editor",), 1, "Editor"),
    (("legal", "--drop"), 1, "Editor"),
])  # fmt: skip
def test_refusals_write_nothing(desk, args, exit, who):
    desk.refused("require", "council-budget", *args, exit=exit, who=who)


def test_dry_run_shows_the_entry(desk):
    before = desk.everything()
    said = desk.story("require", "council-budget", "legal", "--dry-run", who="Editor")
    assert '"set":{"require":["legal"]}' in said.out
    assert desk.everything() == before


def test_a_no_op_save_and_a_reformatted_file_lapse_nothing(desk):
    desk.story("require", "council-budget", "legal", who="Editor")
    desk.story("publish", "council-budget", who="Editor")
    assert "nothing to do" in desk.story("save", "council-budget").err
    desk.change(desk.path_of("council-budget"), "section: local", "section: 'local'  # the city")
    desk.story("save", "council-budget")
    assert "Published" in desk.story("publish", "council-budget", who="Deputy").err
    assert PEOPLE["Deputy"] in desk.read(desk.path_of("council-budget"))


def test_a_word_changed_between_two_sign_offs_lapses_the_first(desk):
    desk.story("require", "council-budget", "legal", who="Editor")
    desk.story("publish", "council-budget", who="Editor")
    desk.change(desk.path_of("council-budget"), "on Monday", "on Tuesday")
    desk.story("save", "council-budget")
    assert "next signed by editor" in desk.refused("publish", "council-budget", who="Deputy")
    said = desk.story("publish", "council-budget", "--yes", who="Chief")
    assert "Still to sign: legal" in said.err
