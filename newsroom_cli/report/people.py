"""The roster, and who somebody is in it, on a screen and in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from textwrap import wrap
from typing import Any

from newsroom_cli.actions.roster import RosterChange
from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Ident
from newsroom_cli.people.new_person import untakeable_actions
from newsroom_cli.people.policy import Policy
from newsroom_cli.report.commits import put_diff
from newsroom_cli.report.screen import print_line, put_json, put_table, say
from newsroom_cli.repository.layout import slug_of
from newsroom_cli.settings.settings import Person, Settings
from newsroom_cli.times import format_local, format_with_offset
from newsroom_cli.views.stories import Row
from newsroom_cli.workflow import rights

_LIST = 44
"""Columns of a list of actions, so that the whole fits sixty."""

NO_ROSTER = "There is no roster: anybody may give any role, but nobody passes their own story."


def put_people(settings: Settings, *, at: datetime, as_json: bool) -> None:
    """Print everybody on the roster, by name."""
    people = sorted(settings.people, key=lambda person: (person.name.casefold(), person.emails))
    if as_json:
        put_json([_person_json(person, settings, at) for person in people])
        return
    if not people:
        say(NO_ROSTER)
        say("Begin one: story people add NAME --email E --role ROLE")
    for number, person in enumerate(people):
        if number:
            print_line()
        print_line(make_visible(person.name))
        put_table(_person_rows(person, settings, at))


def _person_rows(person: Person, settings: Settings, at: datetime) -> list[tuple[str, str]]:
    rows = [("emails" if not number else "", email) for number, email in enumerate(person.emails)]
    rows += [("roles", ", ".join(person.roles) or "none"), ("sections", ", ".join(person.sections) or "all")]
    rows += [("logins" if not number else "", make_visible(login)) for number, login in enumerate(person.logins)]
    for key in person.keys:
        rows.append(("key", key.public.fingerprint))
        times = (("from", key.valid_from), ("until", key.valid_until))
        rows += [("", f"{name} {format_local(when, settings.timezone)}") for name, when in times if when]
        if not key.is_valid(at):
            rows.append(("", "not valid now"))
    return rows


def _person_json(person: Person, settings: Settings, at: datetime) -> dict[str, Any]:
    keys = [
        {
            "key": key.key,
            "fingerprint": key.public.fingerprint,
            "valid_from": _format_moment(key.valid_from, settings),
            "valid_until": _format_moment(key.valid_until, settings),
            "valid": key.is_valid(at),
        }
        for key in person.keys
    ]
    return {
        "name": person.name,
        "emails": list(person.emails),
        "roles": list(person.roles),
        "sections": list(person.sections),
        "keys": keys,
        "logins": list(person.logins),
    }


def _format_moment(moment: datetime | None, settings: Settings) -> str | None:
    return format_with_offset(moment, settings.timezone) if moment else None


def put_change(change: RosterChange) -> None:
    """Print the commit a change of the roster would make: message and differences."""
    if change.write is None:
        return
    print_line(f"Would commit {make_visible(change.path)}:")
    print_line(f"    {make_visible(change.write.message.rstrip())}")
    before, after = (files[change.path] or b"" for files in (change.write.expects, change.write.files))
    put_diff(change.path, _read_lines(before), _read_lines(after))


def _read_lines(content: bytes) -> str:
    return content.decode("utf-8").replace("\r\n", "\n")


def say_consequences(change: RosterChange, policy: Policy) -> None:
    """Say what a changed roster means, how it gets to the others, and who may pass it."""
    if not change.after.people:
        say("That was the last person: without a roster anybody may give any role.")
    elif not policy.has_roster:
        say("From now on roles decide: whoever is not on the roster may write drafts, and moves no story.")
    if lacking := untakeable_actions(change.after):
        say(f"Nobody on the roster may {', '.join(map(make_visible, lacking))}: story people add")
    say("The roster judges stories: share it in a pull request of its own, without stories.")
    roles = policy.settings.trust.judges
    if roles:
        names = ", ".join(policy.who_may(roles)) or "nobody on the roster"
        say(f"Who may pass it ({make_visible(', '.join(roles))}): {make_visible(names)}.")
    else:
        say("[trust] judges names no role for it: say there who may change the roster.")


@dataclass(frozen=True)
class Standing:
    """Who acts here and what they may: all that `story whoami` shows; `stories` is None where they were not read."""

    actor: Ident
    policy: Policy
    setup: rights.Setup
    at: datetime
    stories: Sequence[tuple[Row, list[str]]] | None = None

    @cached_property
    def person(self) -> Person | None:
        """The person of the roster."""
        return self.policy.person(self.actor)

    @cached_property
    def signing(self) -> rights.Signing:
        """Their means to sign, and whether they have to."""
        return rights.Signing.of(self.setup, self.person, self.policy.settings, at=self.at)


def put_standing(standing: Standing, *, as_json: bool) -> None:
    """Print who somebody is here, what they may do, and what waits for them."""
    if as_json:
        put_json(_standing_json(standing))
        return
    print_line(make_visible(str(standing.actor)))
    put_table(_standing_rows(standing))
    if standing.setup.key:
        print_line(f"key  {standing.setup.key.fingerprint}")
    if standing.policy.has_roster and standing.person is None:
        say(
            f"Only people on the roster act on stories: story people add … --email {make_visible(standing.actor.email)}"
        )
    if standing.signing.is_needed and standing.signing.next_step:
        say(f"To sign: {standing.signing.next_step}")
    if standing.stories is None:
        return
    if not standing.stories:
        say("No story waits for you.")
        return
    print_line()
    table = [(slug_of(row.path), row.state, ", ".join(todo), _say_branch(row)) for row, todo in standing.stories]
    put_table([("SLUG", "STATE", "NEXT", ""), *table])


def _say_branch(row: Row) -> str:
    return f"[on {row.branch}]" if row.branch else ""


def _standing_rows(standing: Standing) -> Iterable[tuple[str, str]]:
    policy, person = standing.policy, standing.person
    if not policy.has_roster:
        yield from (("roster", "there is none"), ("roles", "any, never on your own story"))
    elif person is None:
        yield from (("roster", "you are not on it"), ("roles", "none"))
    else:
        yield from (("roster", person.name), ("roles", ", ".join(person.roles) or "none"))
        yield "sections", ", ".join(person.sections) or "all"
    yield "anybody", "new, adopt, edit, save, release"
    by_role = rights.actions_by_role(policy, standing.actor)
    for role, actions in by_role.items():
        yield from _wrap(f"as {role}", ", ".join(actions))
    barred = [
        action
        for action in rights.list_actions_not_on_own(policy.settings)
        if any(action in allowed for allowed in by_role.values())
    ]
    if barred:
        yield from _wrap("own story", f"not {', '.join(barred)}")
    if by_role:
        yield "override", "yes, with a reason" if policy.may_override(standing.actor) else "no"
    asked = "asked for" if standing.signing.is_needed else "not asked for"
    yield "signing", f"{asked}; {'not ready' if standing.signing.missing else 'ready'}"
    if standing.signing.missing:
        yield "", standing.signing.missing


def _wrap(head: str, text: str) -> Iterable[tuple[str, str]]:
    """A row whose text goes on below itself."""
    rows = wrap(text, _LIST, break_on_hyphens=False)
    return [(head if not number else "", row) for number, row in enumerate(rows)]


def _standing_json(standing: Standing) -> dict[str, Any]:
    policy, person, signing = standing.policy, standing.person, standing.signing
    roles = policy.roles(standing.actor)
    stories = [{**row.as_json(), "actions": actions} for row, actions in standing.stories or ()]
    return {
        "identity": str(standing.actor),
        "roster": policy.has_roster,
        "person": person.name if person else None,
        "roles": None if roles is None else list(roles),
        "sections": list(person.sections) if person else [],
        "actions": rights.actions_by_role(policy, standing.actor),
        "not_on_own": rights.list_actions_not_on_own(policy.settings),
        "override": policy.may_override(standing.actor),
        "signing": {
            "required": signing.is_needed,
            "ready": not signing.missing,
            "key": standing.setup.key.text if standing.setup.key else None,
            "missing": signing.missing or None,
            "next": signing.next_step or None,
        },
        "stories": None if standing.stories is None else stories,
    }
