"""Stories, people, judges and acts for the tests of the pure layers: no git, no files, no clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from newsroom_cli.model import Finding, Ident, Story
from newsroom_cli.people.policy import Policy, parse_mailmap
from newsroom_cli.record import ledger
from newsroom_cli.record.entries import Entry, serialise
from newsroom_cli.record.ledger import Held
from newsroom_cli.settings.settings import parse
from newsroom_cli.story import frontmatter
from newsroom_cli.workflow.advance import Act, Step, advance, begin
from newsroom_cli.workflow.case import Case

REPORTER = Ident("Reporter", "reporter@gazette.example")
EDITOR = Ident("Editor", "editor@gazette.example")
DESK_CHIEF = Ident("Desk Chief", "desk@gazette.example")
CHIEF_EDITOR = Ident("Chief Editor", "chief@gazette.example")
STRANGER = Ident("Stranger", "stranger@elsewhere.example")

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
STORY_ID = "20261123-k3v9w2q8"
PATH = "stories/2026/11/council-budget.md"
LEDGER = f".newsroom/ledger/2026/11/23/{STORY_ID}.jsonl"

READY = f"""\
---
id: {STORY_ID}
title: Council passes the 2027 budget
slug: council-budget
reporter: {REPORTER}
lang: en
section: local
description: Taxes stay flat; two libraries reopen.
source: Harbour Gazette
---

The council passed the budget on Monday.
"""

ROSTER = """
[[people]]
name = "Reporter"
emails = ["reporter@gazette.example", "reporter@home.example"]
roles = ["reporter"]

[[people]]
name = "Editor"
emails = ["editor@gazette.example", "editor@home.example"]
roles = ["editor"]

[[people]]
name = "Desk Chief"
emails = ["desk@gazette.example"]
roles = ["editor", "desk-chief"]

[[people]]
name = "Chief Editor"
emails = ["chief@gazette.example"]
roles = ["editor", "desk-chief", "chief-editor"]
"""

THREE_REVIEWS = """
[[pipeline.moves]]
action = "publish"
from = ["edit"]
to = "publish"
by = ["editor", "desk-chief", "chief-editor"]
not_by = ["reporter"]
sets = ["date", "version", "lastmod", "editor"]
"""

THREE_PEOPLE = THREE_REVIEWS.replace('["reporter"]', '["reporter", "earlier-signers"]')
"""Three reviews by people none of whom signed before: the shape that 三審三校 has."""


def read(text: str | bytes, path: str = PATH) -> Story:
    return frontmatter.read_story(path, text if isinstance(text, bytes) else text.encode())


def front(*lines: str, body: str = "\nWords.\n", path: str = PATH) -> Story:
    """A story of just these front matter lines."""
    return read("---\n" + "".join(f"{line}\n" for line in lines) + "---\n" + body, path)


def judges(toml: str = "", mailmap: str = "") -> Policy:
    return Policy(parse(toml, path="newsroom.toml"), parse_mailmap(mailmap))


def act(action: str, actor: Ident, by: Policy | None = None, *, minute: int = 0, **more) -> Act:
    return Act(action, actor, AT + timedelta(minutes=minute), by or judges(), **more)


def begun(
    by: Policy | None = None, *, text: str = READY, maker: Ident = REPORTER, assets: Mapping[str, str] | None = None
) -> Held:
    """A draft with its first entry."""
    made = begin(read(text), LEDGER, act("new", maker, by), assets=assets or {})
    return Held(made.story, made.ledger, assets or {})


AROUND = ("writers", "reporters", "loose", "public", "original", "rival", "is_there", "shared")
"""What a case knows beside the story itself."""


def take(held: Held, action: str, actor: Ident, by: Policy | None = None, **more) -> Step:
    """One action, a minute after the entry before it."""
    minute = len(held.ledger.entries) if held.ledger else 0
    known = {name: more.pop(name) for name in AROUND if name in more}
    return advance(replace(Case.of(held), **known), act(action, actor, by, **{"minute": minute, **more}))


def after(held: Held, step: Step) -> Held:
    return Held(step.story, step.ledger, held.assets)


def walked(held: Held, *steps: tuple[str, Ident], by: Policy | None = None) -> Held:
    """A story taken through several actions; each has a note."""
    for action, actor in steps:
        held = after(held, take(held, action, actor, by, note="As agreed."))
    return held


def in_edit(by: Policy | None = None, **begin_with) -> Held:
    return walked(begun(by, **begin_with), ("submit", REPORTER), ("approve", EDITOR), by=by)


def published(by: Policy | None = None, **begin_with) -> Held:
    return walked(in_edit(by, **begin_with), ("publish", EDITOR), by=by)


def rewritten(held: Held, old: str, new: str) -> Held:
    """The same story with other words in its file."""
    assert held.story is not None
    assert old in held.story.text
    return Held(read(held.story.text.replace(old, new), held.story.path), held.ledger, held.assets)


def entry_of(line: bytes, **over: object) -> Entry:
    """The entry of a line, read without looking at what is right, with other values by their names in a line."""
    fields = {**json.loads(line), **over}
    fields.pop("v")
    return Entry(**{"from_" if name == "from" else name: value for name, value in fields.items()})


def forged(held: Held, **over) -> Held:
    """The story's ledger with one more line, well chained, that no verb wrote; the file is left alone."""
    assert held.story is not None
    assert held.ledger is not None
    seq, prev = held.ledger.next_link()
    state = held.ledger.state
    told = {
        "seq": seq,
        "prev": prev,
        "story": STORY_ID,
        "action": "submit",
        "from_": state,
        "to": state,
        "by": str(REPORTER),
        "at": "2026-11-23T10:30:00Z",
        "content": frontmatter.content_hash(held.story),
        "assets": dict(held.assets),
    }
    line = serialise(Entry(**{**told, **over}))
    return Held(held.story, ledger.parse(LEDGER, held.ledger.content + line), held.assets)


def names(findings) -> list[str]:
    """The rules of findings, in the order they came."""
    return [one.rule for one in findings]


def the_one(findings: list[Finding] | tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]
