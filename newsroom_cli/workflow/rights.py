"""What one person may do: by role, and whether their signing is set up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from newsroom_cli.model import Ident, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.settings.settings import Person, Settings
from newsroom_cli.verify.objections import places_of

if TYPE_CHECKING:
    from newsroom_cli.ssh_keys import PublicKey


def actions_by_role(policy: Policy, ident: Ident) -> dict[str, list[str]]:
    """Return each role a person may give (any, without a roster), with the actions that ask for it."""
    mine = policy.roles(ident)
    actions: dict[str, list[str]] = {}
    for move in policy.settings.pipeline.moves:
        roles = chain.from_iterable(places_of(move, policy))
        for role in (role for role in roles if not role.startswith("@") and (mine is None or role in mine)):
            if move.action not in actions.setdefault(role, []):
                actions[role].append(move.action)
    return actions


def list_actions_not_on_own(settings: Settings) -> list[str]:
    """Return the actions nobody takes on a story of their own."""
    return list(dict.fromkeys(move.action for move in settings.pipeline.moves if "reporter" in move.not_by))


def who_may_sign(
    roles: Iterable[str], entry: Entry, story: Story, policy: Policy, *, but: Iterable[Ident] = ()
) -> tuple[str, ...]:
    """Return everybody who may give one of an entry's roles on a story, but its reporters where the row bars them."""
    row = policy.settings.pipeline.move(entry.action, entry.from_)
    barred = story.metadata.reporter if row is not None and "reporter" in row.not_by else ()
    return policy.who_may(roles, section=story.metadata.section or "", but=(*but, *barred))


@dataclass(frozen=True)
class Setup:
    """The means by which somebody's git signs: a public key, or what is wrong (`problem`) and what to do about it."""

    key: PublicKey | None = None
    problem: str = ""
    next_step: str = ""


@dataclass(frozen=True)
class Signing:
    """One person's signing: if their entries have to be signed, and what still keeps them from it (empty when able)."""

    is_needed: bool
    missing: str
    next_step: str

    @classmethod
    def of(cls, setup: Setup, person: Person | None, settings: Settings, *, at: datetime) -> Signing:
        """Compare what git is set up to sign with to what the roster knows."""
        required = settings.signing.required
        roles = person.roles if person else required if isinstance(required, tuple) else ()
        return cls(any(map(settings.must_sign, (None, *roles))), *_find_missing_step(setup, person, at))


_ON_ROSTER: Mapping[bool, str] = {
    True: "Have it put among your keys in the configuration, in a pull request of its own.",
    False: "Have yourself put on the roster: story people add NAME --email E --role ROLE --key FILE",
}


def _find_missing_step(setup: Setup, person: Person | None, at: datetime) -> tuple[str, str]:
    if setup.key is None:
        return setup.problem, setup.next_step
    mine = [key for key in (person.keys if person else ()) if key.public.blob == setup.key.blob]
    if not mine:
        return "The roster does not know this key", _ON_ROSTER[person is not None]
    if not any(key.is_valid(at) for key in mine):
        return "The roster says that this key is not valid now", _ON_ROSTER[True]
    return "", ""
