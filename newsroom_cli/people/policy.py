"""The policy: people compared by e-mail through the roster and `.mailmap`, and the roles they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from newsroom_cli.model import Ident, ascii_lower
from newsroom_cli.settings.settings import Person, Settings

_MAPPING = re.compile(r"^([^<#]*)<([^>]*)>\s*(?:([^<]*)<([^>]*)>)?")
"""A line of `.mailmap`: a proper name and e-mail, and the name and e-mail of a commit where it has both."""


def parse_mailmap(text: str) -> dict[str, str]:
    """Read `.mailmap` (gitmailmap(5)) as {commit e-mail: proper e-mail}, both folded; other lines do nothing."""
    aliases: dict[str, str] = {}
    for line in text.splitlines():
        match = _MAPPING.match(line)
        if match and match[4]:
            aliases[ascii_lower(match[4])] = ascii_lower(match[2])
    return aliases


@dataclass(frozen=True)
class Policy:
    """The policy by which moves are judged: the settings in force and the address book that goes with them.

    Always of one revision: the working tree's when a person acts, the base's when a change is verified.
    """

    settings: Settings = field(default_factory=Settings)
    mailmap: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_roster(self) -> bool:
        """Tell whether roles are given by the configuration; without, anybody may give any role."""
        return bool(self.settings.people)

    @cached_property
    def _by_email(self) -> dict[str, Person]:
        return {email: person for person in self.settings.people for email in person.emails}

    def email(self, ident: Ident) -> str:
        """Return the e-mail a person is compared by; `.mailmap` takes no address of the roster from its person."""
        email = ascii_lower(ident.email)
        return email if email in self._by_email else self.mailmap.get(email, email)

    def person(self, ident: Ident) -> Person | None:
        """Return the roster's person behind an identity; a bare name is looked up when just one person has it."""
        if ident.email:
            return self._by_email.get(self.email(ident))
        named = [p for p in self.settings.people if p.name == ident.name]
        return named[0] if len(named) == 1 else None

    def same(self, ident: Ident, other: Ident) -> bool:
        """Tell whether two identities are one person; a bare name is whoever has just that name."""
        mine, theirs = self.person(ident), self.person(other)
        if mine is not None or theirs is not None:
            return mine is theirs
        if ident.email and other.email:
            return self.email(ident) == self.email(other)
        return ident.name == other.name

    def is_maker(self, author: Ident, actor: Ident) -> bool:
        """Tell whether the author of a commit is whom an entry names; only an e-mail says so, never a bare name."""
        return bool(author.email and actor.email) and self.same(author, actor)

    def is_among(self, ident: Ident, people: Iterable[Ident]) -> bool:
        """Tell whether a person is one of several."""
        return any(self.same(ident, other) for other in people)

    def roles(self, ident: Ident) -> tuple[str, ...] | None:
        """Return the roles of a person; None means any role (there is no roster)."""
        if not self.has_roster:
            return None
        person = self.person(ident)
        return person.roles if person else ()

    def may_give(self, ident: Ident, role: str, *, section: str = "") -> bool:
        """Tell whether a person may act as `role` on a story of `section`."""
        person = self.person(ident)
        return not self.has_roster or (person is not None and _may_act(person, (role,), section))

    def who_may(self, roles: Iterable[str], *, section: str = "", but: Iterable[Ident] = ()) -> tuple[str, ...]:
        """Return the names of everybody on the roster who may give one of these roles, `but` for some."""
        wanted, left_out = set(roles), [self.person(ident) for ident in but]
        people = (person for person in self.settings.people if person not in left_out)
        return tuple(person.name for person in people if _may_act(person, wanted, section))

    @property
    def all_roles(self) -> tuple[str, ...]:
        """Every role somebody on the roster has, sorted."""
        return tuple(sorted({role for person in self.settings.people for role in person.roles}))

    def knows_role(self, role: str) -> bool:
        """Tell whether somebody can give a role; without a roster anybody can."""
        return not self.has_roster or role in self.all_roles

    def may_override(self, ident: Ident) -> bool:
        """Tell whether a person may lift four eyes, and acknowledge that it was done."""
        roles = self.roles(ident)
        return roles is None or not set(roles).isdisjoint(self.settings.trust.override)


def _may_act(person: Person, roles: Iterable[str], section: str) -> bool:
    """Tell whether somebody has one of these roles, for a section."""
    return not set(person.roles).isdisjoint(roles) and (not person.sections or section in person.sections)
