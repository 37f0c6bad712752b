"""The roster, and who somebody is in it, on a screen and in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap
from typing import Any

from newsroom_cli.actions.roster import RosterChange
from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Ident
from newsroom_cli.people.new_person import untakeable_actions
from newsroom_cli.people.policy import Policy
from newsroom_cli.report.commits import put_diff
from newsroom_cli.report.screen import columns, put, put_json, say, width
from newsroom_cli.settings.settings import Person, Settings
from newsroom_cli.times import format_local, format_with_offset
from newsroom_cli.views.stories import Row
from newsroom_cli.workflow import rights

_LIST = 44
"""Columns of a list of actions, so that the whole fits sixty."""

NO_ROSTER = "There is no roster: anybody may give any role, but nobody passes their own story."


def put_people(settings: Settings, *, at: datetime, as_json: bool) -> None:
    """Print everybody on the roster, by name."""
    people = sorted(settings.people, key=lambda one: (one.name.casefold(), one.emails))
    if as_json:
        put_json([_person_json(one, settings, at) for one in people])
        return
    if not people:
        say(NO_ROSTER)
        say("Begin one: story people add NAME --email E --role ROLE")
    for number, one in enumerate(people):
        if number:
            put()
        put(make_visible(one.name))
        for line in columns(_rows(one, settings, at), limit=width()):
            put(line)


def _rows(one: Person, settings: Settings, at: datetime) -> list[tuple[str, str]]:
    rows = [("emails" if not number else "", email) for number, email in enumerate(one.emails)]
    rows += [("roles", ", ".join(one.roles) or "none"), ("sections", ", ".join(one.sections) or "all")]
    rows += [("logins" if not number else "", make_visible(login)) for number, login in enumerate(one.logins)]
    for key in one.keys:
        rows.append(("key", key.public.fingerprint))
        times = (("from", key.valid_from), ("until", key.valid_until))
        said = ", ".join(f"{name} {format_local(when, settings.timezone)}" for name, when in times if when)
        rows += [("", part) for part in said.split(", ") if part]
        if not key.is_valid(at):
            rows.append(("", "not valid now"))
    return rows


def _person_json(one: Person, settings: Settings, at: datetime) -> dict[str, Any]:
    keys = [
        {
            "key": key.key,
            "fingerprint": key.public.fingerprint,
            "valid_from": _time(key.valid_from, settings),
            "valid_until": _time(key.valid_until, settings),
            "valid": key.is_valid(at),
        }
        for key in one.keys
    ]
    return {
        "name": one.name,
        "emails": list(one.emails),
        "roles": list(one.roles),
        "sections": list(one.sections),
        "keys": keys,
        "logins": list(one.logins),
    }


def _time(moment: datetime | None, settings: Settings) -> str | None:
    return format_with_offset(moment, settings.timezone) if moment else None


def put_change(change: RosterChange) -> None:
    """Print the commit a change of the roster would make: message and differences."""
    if change.write is None:
        return
    put(f"Would commit {make_visible(change.path)}:")
    put(f"    {make_visible(change.write.message.rstrip())}")
    put_diff(change.path, change.before.replace("\r\n", "\n"), change.text.replace("\r\n", "\n"))


def say_consequences(change: RosterChange, judges: Policy) -> None:
    """Say what a changed roster means, how it gets to the others, and who may pass it."""
    if not change.after.people:
        say("That was the last person: without a roster anybody may give any role.")
    elif not judges.has_roster:
        say("From now on roles decide: whoever is not on the roster may write drafts, and moves no story.")
    if lacking := untakeable_actions(change.after):
        say(f"Nobody on the roster may {', '.join(map(make_visible, lacking))}: story people add")
    say("The roster judges stories: share it in a pull request of its own, without stories.")
    roles = judges.settings.trust.judges
    if roles:
        names = ", ".join(judges.who_may(roles)) or "nobody on the roster"
        say(f"Who may pass it ({make_visible(', '.join(roles))}): {make_visible(names)}.")
    else:
        say("[trust] judges names no role for it: say there who may change the roster.")


@dataclass(frozen=True)
class Standing:
    """Who acts here and what they may: all that `story whoami` shows; `stories` is None where they were not read."""

    actor: Ident
    judges: Policy
    setup: rights.Setup
    at: datetime
    stories: Sequence[tuple[Row, list[str]]] | None = None

    @property
    def person(self) -> Person | None:
        """The person of the roster."""
        return self.judges.person(self.actor)

    @property
    def signing(self) -> rights.Signing:
        """Whether they can sign, and have to."""
        return rights.Signing.of(self.setup, self.person, self.judges.settings, at=self.at)


def put_standing(one: Standing, *, as_json: bool) -> None:
    """Print who somebody is here, what they may do, and what waits for them."""
    if as_json:
        put_json(_standing_json(one))
        return
    put(make_visible(str(one.actor)))
    for line in columns(_standing_rows(one), limit=width()):
        put(line)
    if one.setup.key:
        put(f"key  {one.setup.key.fingerprint}")
    if one.judges.has_roster and one.person is None:
        say(f"Only people on the roster act on stories: story people add … --email {make_visible(one.actor.email)}")
    if one.signing.is_needed and one.signing.next_step:
        say(f"To sign: {one.signing.next_step}")
    if one.stories is None:
        return
    if not one.stories:
        say("No story waits for you.")
        return
    put()
    table = [
        (row.path.rsplit("/", 1)[-1].removesuffix(".md"), row.state, ", ".join(todo), _on(row))
        for row, todo in one.stories
    ]
    for line in columns([("SLUG", "STATE", "NEXT", ""), *table], limit=width()):
        put(line)


def _on(row: Row) -> str:
    return f"[on {row.branch}]" if row.branch else ""


def _standing_rows(one: Standing) -> Iterable[tuple[str, str]]:
    judges, person = one.judges, one.person
    if not judges.has_roster:
        yield from (("roster", "there is none"), ("roles", "any, never on your own story"))
    elif person is None:
        yield from (("roster", "you are not on it"), ("roles", "none"))
    else:
        yield from (("roster", person.name), ("roles", ", ".join(person.roles) or "none"))
        yield "sections", ", ".join(person.sections) or "all"
    yield "anybody", "new, adopt, edit, save, release"
    by_role = rights.actions_by_role(judges, one.actor)
    for role, actions in by_role.items():
        yield from _wrapped(f"as {role}", ", ".join(actions))
    barred = [action for action in rights.not_on_own(judges.settings) if any(action in one for one in by_role.values())]
    if barred:
        yield from _wrapped("own story", f"not {', '.join(barred)}")
    if by_role:
        yield "override", "yes, with a reason" if judges.may_override(one.actor) else "no"
    asked = "asked for" if one.signing.is_needed else "not asked for"
    yield "signing", f"{asked}; {'not ready' if one.signing.missing else 'ready'}"
    if one.signing.missing:
        yield "", one.signing.missing


def _wrapped(head: str, text: str) -> Iterable[tuple[str, str]]:
    """A row whose text goes on below itself."""
    rows = wrap(text, _LIST, break_on_hyphens=False)
    return [(head if not number else "", row) for number, row in enumerate(rows)]


def _standing_json(one: Standing) -> dict[str, Any]:
    judges, person, signing = one.judges, one.person, one.signing
    roles = judges.roles(one.actor)
    stories = [{**row.as_json(), "actions": actions} for row, actions in one.stories or ()]
    return {
        "identity": str(one.actor),
        "roster": judges.has_roster,
        "person": person.name if person else None,
        "roles": None if roles is None else list(roles),
        "sections": list(person.sections) if person else [],
        "actions": rights.actions_by_role(judges, one.actor),
        "not_on_own": rights.not_on_own(judges.settings),
        "override": judges.may_override(one.actor),
        "signing": {
            "required": signing.is_needed,
            "ready": not signing.missing,
            "key": one.setup.key.text if one.setup.key else None,
            "missing": signing.missing or None,
            "next": signing.next_step or None,
        },
        "stories": None if one.stories is None else stories,
    }
