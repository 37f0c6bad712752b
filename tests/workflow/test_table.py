"""Every verb in every state, under every flag, by everybody: what it does, or which refusal it meets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from making import AT, DESK_CHIEF, EDITOR, REPORTER, ROSTER, STRANGER, after, begun, forged, judges, take

from newsroom_cli.errors import NoSuchMove, NotYourRight
from newsroom_cli.model import Severity
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.ledger import Held
from newsroom_cli.record.record_effects import Completion, as_required, effects
from newsroom_cli.times import format_ledger_time
from newsroom_cli.verify.change import StoryChange, check_change
from newsroom_cli.verify.objections import address_maker
from newsroom_cli.verify.standing import check_record

NOW, NOON, LATE = 60, 120, 180
"""Minutes of the clock: when everything is tried, when embargo and schedule end, and a while after."""
MIDDAY = format_ledger_time(AT + timedelta(minutes=NOON))

WAY = {"draft": (), "review": ("submit",), "edit": ("submit", "approve"), "publish": ("submit", "approve", "publish")}
FLAGS = {
    "-": (),
    "held": (("hold", {}),),
    "spiked": (("spike", {}),),
    "embargo": (("embargo", {"embargo": MIDDAY}),),
    "planned": (("schedule", {"publish_at": MIDDAY}),),
    "pl+held": (("schedule", {"publish_at": MIDDAY}), ("hold", {})),
    "back": (("publish", {}), ("unpublish", {})),
    "killed": (("kill", {"notice": "Withdrawn."}),),
}
PLACES = [
    *((state, flag) for state in ("draft", "review", "edit") for flag in ("-", "held", "spiked", "embargo")),
    *(("edit", flag) for flag in ("planned", "pl+held", "back")),
    *(("publish", flag) for flag in ("-", "killed")),
]
"""Wherever a story can be; `pl` is planned for a time, `back` taken back from readers. No verb leads anywhere else."""

VERBS = {
    "submit": ({}, NOW),
    "withdraw": ({}, NOW),
    "approve": ({}, NOW),
    "send-back": ({}, NOW),
    "publish": ({}, NOW),
    "publish late": ({}, LATE),
    "ack": ({}, NOW),
    "require": ({}, NOW),
    "hold": ({}, NOW),
    "resume": ({}, NOW),
    "spike": ({}, NOW),
    "restore": ({}, NOW),
    "embargo": ({"embargo": format_ledger_time(AT + timedelta(minutes=NOON - 1))}, NOW),
    "embargo longer": ({"embargo": format_ledger_time(AT + timedelta(days=1))}, NOW),
    "embargo lift": ({}, NOW),
    "schedule": ({"publish_at": format_ledger_time(AT + timedelta(days=2))}, NOW),
    "schedule early": ({"publish_at": format_ledger_time(AT + timedelta(minutes=NOON - 1))}, NOW),
    "deschedule": ({}, NOW),
    "release": ({}, NOW),
    "release late": ({}, LATE),
    "correct": ({"kind": "correction", "notice": "On Tuesday."}, NOW),
    "unpublish": ({}, NOW),
    "kill": ({"notice": "Withdrawn."}, NOW),
}
WHO = {"reporter": REPORTER, "editor": EDITOR, "stranger": STRANGER}

KEY = """
A cell has a sign for the story's reporter, an editor and a stranger, in this order.
D R E P  it leads there      +  it is done and the state stays      =  nothing is to be done
.  there is no such move from here      !  it is not their right
"""
WITH_ROSTER = """
               draft   draft   draft   draft   review  review  review  review  edit    edit    edit    edit    edit    edit    edit    publish publish
               -       held    spiked  embargo -       held    spiked  embargo -       held    spiked  embargo planned pl+held back    -       killed
submit         RR!     RR!     ...     RR!     =..     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...
withdraw       ...     ...     ...     ...     D!!     D!!     ...     D!!     ...     ...     ...     ...     ...     ...     ...     ...     ...
approve        ...     ...     ...     ...     !E!     !E!     ...     !E!     ...     ...     ...     ...     ...     ...     ...     ...     ...
send-back      ...     ...     ...     ...     !D!     !D!     ...     !D!     !D!     !D!     ...     !D!     ...     ...     !D!     ...     ...
publish        ...     ...     ...     ...     ...     ...     ...     ...     !P!     ...     ...     ...     !P!     ...     !P!     ...     ...
publish late   ...     ...     ...     ...     ...     ...     ...     ...     !P!     ...     ...     !P!     !P!     ...     !P!     ...     ...
ack            ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===
require        !+!     !+!     ...     !+!     !+!     !+!     ...     !+!     !+!     !+!     ...     !+!     !+!     !+!     !+!     !+!     ...
hold           !+!     ...     ...     !+!     !+!     ...     ...     !+!     !+!     ...     ...     !+!     !+!     ...     !+!     ...     ...
resume         ...     !+!     ...     ...     ...     !+!     ...     ...     ...     !+!     ...     ...     ...     !+!     ...     ...     ...
spike          !+!     !+!     ...     !+!     !+!     !+!     ...     !+!     !+!     !+!     ...     !+!     !+!     !+!     !+!     ...     ...
restore        ...     ...     !+!     ...     ...     ...     !+!     ...     ...     ...     !+!     ...     ...     ...     ...     ...     ...
embargo        !+!     !+!     ...     ...     !+!     !+!     ...     ...     !+!     !+!     ...     ...     !+!     !+!     !+!     ...     ...
embargo longer !+!     !+!     ...     !+!     !+!     !+!     ...     !+!     !+!     !+!     ...     !+!     ...     ...     !+!     ...     ...
embargo lift   ===     ===     ...     !+!     ===     ===     ...     !+!     ===     ===     ...     !+!     ===     ===     ===     ...     ...
schedule       ...     ...     ...     ...     ...     ...     ...     ...     !+!     ...     ...     !+!     !+!     ...     !+!     ...     ...
schedule early ...     ...     ...     ...     ...     ...     ...     ...     !+!     ...     ...     ...     !+!     ...     !+!     ...     ...
deschedule     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     !+!     !+!     ...     ...     ...
release        ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...
release late   ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     PPP     ...     ...     ...     ...
correct        ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     !+!     ...
unpublish      ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     !E!     ...
kill           ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     !+!     ...
"""
WITHOUT_ROSTER = """
               draft   draft   draft   draft   review  review  review  review  edit    edit    edit    edit    edit    edit    edit    publish publish
               -       held    spiked  embargo -       held    spiked  embargo -       held    spiked  embargo planned pl+held back    -       killed
submit         RRR     RRR     ...     RRR     =..     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...
withdraw       ...     ...     ...     ...     DDD     DDD     ...     DDD     ...     ...     ...     ...     ...     ...     ...     ...     ...
approve        ...     ...     ...     ...     !EE     !EE     ...     !EE     ...     ...     ...     ...     ...     ...     ...     ...     ...
send-back      ...     ...     ...     ...     DDD     DDD     ...     DDD     DDD     DDD     ...     DDD     ...     ...     DDD     ...     ...
publish        ...     ...     ...     ...     ...     ...     ...     ...     !PP     ...     ...     ...     !PP     ...     !PP     ...     ...
publish late   ...     ...     ...     ...     ...     ...     ...     ...     !PP     ...     ...     !PP     !PP     ...     !PP     ...     ...
ack            ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===     ===
require        !++     !++     ...     !++     !++     !++     ...     !++     !++     !++     ...     !++     !++     !++     !++     !++     ...
hold           +++     ...     ...     +++     +++     ...     ...     +++     +++     ...     ...     +++     +++     ...     +++     ...     ...
resume         ...     +++     ...     ...     ...     +++     ...     ...     ...     +++     ...     ...     ...     +++     ...     ...     ...
spike          +++     +++     ...     +++     +++     +++     ...     +++     +++     +++     ...     +++     +++     +++     +++     ...     ...
restore        ...     ...     +++     ...     ...     ...     +++     ...     ...     ...     +++     ...     ...     ...     ...     ...     ...
embargo        +++     +++     ...     ...     +++     +++     ...     ...     +++     +++     ...     ...     +++     +++     +++     ...     ...
embargo longer +++     +++     ...     +++     +++     +++     ...     +++     +++     +++     ...     +++     ...     ...     +++     ...     ...
embargo lift   ===     ===     ...     +++     ===     ===     ...     +++     ===     ===     ...     +++     ===     ===     ===     ...     ...
schedule       ...     ...     ...     ...     ...     ...     ...     ...     !++     ...     ...     !++     !++     ...     !++     ...     ...
schedule early ...     ...     ...     ...     ...     ...     ...     ...     !++     ...     ...     ...     !++     ...     !++     ...     ...
deschedule     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     +++     +++     ...     ...     ...
release        ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...
release late   ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     PPP     ...     ...     ...     ...
correct        ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     !++     ...
unpublish      ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     EEE     ...
kill           ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     ...     +++     ...
"""
TABLES = {"with": (judges(ROSTER), WITH_ROSTER), "without": (judges(), WITHOUT_ROSTER)}


def step_to(held: Held, verb: str, by: Policy, who=DESK_CHIEF, **more) -> Held:
    return after(held, take(held, verb, who, by, **{"note": "As agreed.", **more}))


def story_at(state: str, flag: str, by: Policy) -> Held:
    """A story of the reporter's that somebody else of the desk took there."""
    held = begun(by)
    for verb in WAY[state]:
        held = step_to(held, verb, by, REPORTER if verb == "submit" else DESK_CHIEF)
    for verb, terms in FLAGS[flag]:
        held = step_to(held, verb, by, terms=terms)
    return held


def tried(held: Held, verb: str, who, by: Policy):
    """What an action comes to: its sign, and the step where there is one."""
    terms, minute = VERBS[verb]
    if verb == "correct":
        held = held._replace(assets={"map.png": "0" * 40})
    more = {"role": "desk-chief"} if verb == "require" else {}
    try:
        step = take(held, verb.split(maxsplit=1)[0], who, by, note="As agreed.", terms=terms, minute=minute, **more)
    except NoSuchMove:
        return ".", None
    except NotYourRight:
        return "!", None
    if step.entry is None:
        return "=", None
    return (step.entry.to[0].upper() if step.entry.completes else "+"), step


def drawn(by: Policy) -> str:
    """The table as it is."""
    head = [f"{'':15}" + "".join(f"{name:8}" for name in names) for names in zip(*PLACES, strict=True)]
    rows = []
    for verb in VERBS:
        cells = ["".join(tried(story_at(*place, by), verb, who, by)[0] for who in WHO.values()) for place in PLACES]
        rows.append(f"{verb:15}" + "".join(f"{cell:8}" for cell in cells))
    return "\n".join(line.rstrip() for line in (*head, *rows))


def cells(table: str) -> dict[tuple[str, tuple[str, str]], str]:
    """A table as {(verb, place): signs}."""
    states, flags, *rows = (line[15:].split() for line in table.strip("\n").splitlines())
    names = [line[:15].strip() for line in table.strip("\n").splitlines()[2:]]
    places = list(zip(states, flags, strict=True))
    return {
        (verb, place): signs
        for verb, row in zip(names, rows, strict=True)
        for place, signs in zip(places, row, strict=True)
    }


def names_of(written) -> str:
    """The keys an entry sets, with a minus behind those it clears."""
    return " ".join(f"{key}{'-' if value is None else ''}" for key, value in written.items())


EFFECTS = {
    "submit": [""],
    "withdraw": [""],
    "approve": ["editor"],
    "send-back": ["", "editor-"],
    "publish": [
        "draft- editor date lastmod version address",
        "draft- editor date lastmod version address publish_at-",
        "draft- editor lastmod version pubstatus-",
    ],
    "require": ["require"],
    "hold": ["pubstatus hold", "hold"],
    "resume": ["pubstatus- hold-"],
    "spike": ["pubstatus", "pubstatus publish_at-"],
    "restore": ["pubstatus-"],
    "embargo": ["embargo", "embargo-"],
    "schedule": ["editor publish_at"],
    "deschedule": ["publish_at-"],
    "release": ["draft- date lastmod version address publish_at-"],
    "correct": ["lastmod version corrections"],
    "unpublish": ["draft pubstatus"],
    "kill": ["draft pubstatus"],
}
"""What a verb sets and clears, by where the story was: a date is set once, a key that is not there is not cleared."""


@pytest.mark.parametrize("name", TABLES)
def test_the_table_has_every_verb_in_every_place_for_everybody(name):
    by, table = TABLES[name]
    found = cells(table)
    assert set(found) == {(verb, place) for verb in VERBS for place in PLACES}
    assert {len(signs) for signs in found.values()} == {len(WHO)}
    begins = {move.action for move in by.settings.pipeline.moves if move.begins}
    assert {verb.split()[0] for verb in VERBS} | begins == set(by.settings.pipeline.actions)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("place", PLACES, ids="/".join)
def test_every_verb_does_what_the_table_says(name, place):
    by, table = TABLES[name]
    held, said = story_at(*place, by), cells(table)
    for verb in VERBS:
        for sign, who in zip(said[verb, place], WHO.values(), strict=True):
            got, step = tried(held, verb, who, by)
            assert got == sign, (verb, who.name)
            if step is None:
                assert sign == "=" or forgery_is_found(held, verb, who, by, right=sign == "."), (verb, who.name)
                continue
            assert names_of(step.entry.set) in EFFECTS[step.entry.action], verb
            assert step.entry.set.get("state") is None
            new = after(held._replace(assets=dict(step.entry.assets)), step)
            assert errors(held, new, by, VERBS[verb][1]) == [], (verb, who.name)


def errors(old: Held, new: Held, by: Policy, minute: int) -> list[str]:
    """The rules that the verifier finds broken by a change of one story at a minute of the clock."""
    now = AT + timedelta(minutes=minute)
    seen = dict.fromkeys(range(1, len(new.ledger.entries) + 1), "attributed")
    found = [
        *check_record(new, by, now=now),
        *check_change(StoryChange(old, new, strengths=seen), by, require="recorded", now=now),
    ]
    return [one.rule for one in found if one.severity is Severity.ERROR]


def forgery_is_found(held: Held, verb: str, who, by: Policy, *, right: bool) -> bool:
    """Whether the entry of a refused action, well made but for that, is found; `right`: whoever makes it may."""
    action, (terms, minute) = verb.split(maxsplit=1)[0], VERBS[verb]
    pipeline, record, at = by.settings.pipeline, held.ledger.record, format_ledger_time(AT + timedelta(minutes=minute))
    row = pipeline.move(action, held.ledger.state)
    told = {"action": action, "by": str(DESK_CHIEF if right else who), "at": at, "terms": terms, "note": "As agreed."}
    if row is not None:
        row = as_required(pipeline, row, record)
        role = None if row.by == ("@anyone",) else "editor" if row.by[0].startswith("@") else row.places[0][-1]
        roles = ["desk-chief"] if verb == "require" else None
        address = address_maker(held.story, by.settings)
        written = effects(pipeline, row, Completion(record, [told["by"]], at, terms, roles, address))
        told |= {"role": role, "to": row.end(held.ledger.state), "set": written}
    else:
        told |= {"role": "editor", "to": "publish"}
    return bool(set(errors(held, forged(held, **told), by, minute)) - {"record-by-hand"})  # the file was left alone


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("verb", ["hold", "resume", "spike", "restore", "schedule", "deschedule", "kill"])
def test_a_verb_said_twice_by_one_person_is_done_once(name, verb):
    by, table = TABLES[name]
    place = next(place for (one, place), signs in cells(table).items() if one == verb and signs[1] != ".")
    held = story_at(*place, by)
    step = take(held, verb, EDITOR, by, note="As agreed.", terms=VERBS[verb][0], minute=NOW)
    again = take(after(held, step), verb, EDITOR, by, note="As agreed.", terms=VERBS[verb][0], minute=NOW + 1)
    assert (again.entry, again.ledger) == (None, step.ledger)


@pytest.mark.parametrize("flag", ["killed", "spiked"])
def test_what_is_over_says_so_before_anything_else(flag):
    by = judges(ROSTER)
    held = story_at("publish" if flag == "killed" else "edit", flag, by)
    verb, terms = ("correct", VERBS["correct"][0]) if flag == "killed" else ("embargo", VERBS["embargo"][0])
    with pytest.raises(NoSuchMove, match="was killed" if flag == "killed" else "is spiked"):
        take(held, verb, STRANGER, by, terms=terms, minute=NOW)


PEOPLE_OF_THREE = "".join(
    f'[[people]]\nname = "{name}"\nemails = ["{name.lower()}@gazette.example"]\nroles = ["{role}"]\n'
    for name, role in (("Reporter", "reporter"), ("Editor", "editor"))
)
COMMANDS = {
    "-": (),
    "held": (("hold", "--note", "As agreed."),),
    "spiked": (("spike", "--note", "As agreed."),),
    "embargo": (("embargo", "2025-12-24T18:00:00+00:00"),),
    "planned": (("publish", "--at", "2025-12-24T18:00:00+00:00"),),
    "pl+held": (("publish", "--at", "2025-12-24T18:00:00+00:00"), ("hold", "--note", "As agreed.")),
    "back": (("publish",), ("unpublish", "--note", "As agreed.")),
    "killed": (("kill", "--note", "As agreed.", "--notice", "Withdrawn."),),
}


@pytest.mark.parametrize("place", PLACES, ids="/".join)
def test_an_update_is_begun_by_a_reporter_where_readers_have_the_story(newsroom, place):
    state, flag = place
    slug = newsroom.at(state)
    for verb, *more in COMMANDS[flag]:
        newsroom.story(verb, slug, *more, who="Editor")
    newsroom.write("newsroom.toml", PEOPLE_OF_THREE)
    newsroom.commit("configure", who="Chief")
    is_there = place == ("publish", "-")
    newsroom.story("update", slug, "More of it", "--dry-run", exit=0 if is_there else 1)
    for who in ("Editor", "Stringer"):
        said = newsroom.refused("update", slug, "More of it", who=who)
        assert (
            ("is not" in said and "reporter" in said.lower()) if is_there else "update" not in said.partition("\n")[0]
        )
