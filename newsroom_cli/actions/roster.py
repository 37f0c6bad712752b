"""The roster in a repository: who joins and who leaves, as one commit of the configuration alone; who acts here."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from newsroom_cli.errors import CannotRun, NotYourRight, Refusal
from newsroom_cli.escaping import make_visible
from newsroom_cli.people.new_person import find_person, is_same, table_of
from newsroom_cli.people.roster_file import RosterFile
from newsroom_cli.repository.commit import Write
from newsroom_cli.repository.newsroom import Newsroom, configuration_of
from newsroom_cli.settings import settings
from newsroom_cli.settings.settings import Person, Settings

_LONGEST = 65_536
"""Bytes of a file that can still be a public key's."""


class RosterChange(NamedTuple):
    """Somebody who joins or leaves: the person, the newsroom's settings afterwards, and the commit (None: no need)."""

    person: Person
    path: str
    after: Settings
    write: Write | None = None


def join(newsroom: Newsroom, person: Person) -> RosterChange:
    """Return what adding a person would commit, nothing for who is there so; raises Refusal for a known e-mail."""
    for email in person.emails:
        other = next((person for person in newsroom.settings.people if email in person.emails), None)
        if other is not None and is_same(other, person):
            return RosterChange(other, configuration_of(newsroom.files)[0], newsroom.settings)
        if other is not None:
            way = f"story people remove {email}, then add; or edit the file and commit."
            raise Refusal(f"{email} is {other.name}'s already.", f"To change what the roster says: {way}")
    _refuse_unentitled(newsroom)
    file = _open_roster(newsroom)
    return _change(newsroom, file, file.with_person(table_of(person)), person, "add")


def leave(newsroom: Newsroom, text: str) -> RosterChange:
    """Return what taking a person off the roster would commit; raises Refusal or WrongUsage for who is not one."""
    number = find_person(text, newsroom.judges)
    _refuse_unentitled(newsroom)
    file = _open_roster(newsroom)
    change = _change(newsroom, file, file.without(number), newsroom.settings.people[number], "remove")
    _refuse_last_of_role(newsroom.settings, change)
    return change


def _refuse_unentitled(newsroom: Newsroom) -> None:
    """Raise NotYourRight for who may not change what judges; where nobody may yet, anybody begins."""
    policy, roles = newsroom.judges, newsroom.settings.trust.judges
    names = policy.who_may(roles) if policy.has_roster else ()
    if names and not set(policy.roles(newsroom.actor) or ()) & set(roles):
        message = f"{newsroom.actor} may not change the roster; that is for {' or '.join(roles)}."
        raise NotYourRight(message, f"Ask one of them: {', '.join(names)}.")


def _refuse_last_of_role(before: Settings, change: RosterChange) -> None:
    """Raise Refusal where nobody would be left for what `[trust]` names roles for."""
    for name in ("judges", "override"):
        roles = set(getattr(before.trust, name))
        if roles & set(change.person.roles) and not any(roles & set(person.roles) for person in change.after.people):
            message = f"{change.person.name} is the last whom [trust] {name} names: nobody else is {_or(roles)}."
            raise Refusal(message, f"Put another {_or(roles)} on the roster first: story people add --help")


def _or(roles: Iterable[str]) -> str:
    return " or ".join(sorted(roles))


def _open_roster(newsroom: Newsroom) -> RosterFile:
    """Return the configuration as it stands; raises where it cannot be written or has changes of somebody's own."""
    root, _ = newsroom.commits.root, (newsroom.commits.branch, newsroom.actor)
    path, table = configuration_of(newsroom.files)
    if newsroom.commits.find_changed([path]):
        way = f"Commit them on their own (git add {path}; git commit {path}), or undo them (git restore {path})."
        raise Refusal(f"{path} has uncommitted changes.", way)
    full = root / path
    if full.exists() and not full.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise CannotRun(f"{path} is read-only.", f"chmod u+w {path}")
    return RosterFile(path, (newsroom.files.read(path) or b"").decode("utf-8"), table)


def _change(newsroom: Newsroom, file: RosterFile, text: str, person: Person, done: str) -> RosterChange:
    """Return the commit of a new text, which is read back and has to make settings."""
    table = settings.table_of(text.replace("\r\n", "\n"), path=file.path, table=file.table)
    after = settings.build(table or {}, path=file.path)
    message = f"people: {done} {make_visible(person.name)} <{make_visible(person.emails[0])}>\n"
    before = newsroom.files.read(file.path)
    write = Write({file.path: text.encode()}, message, (), {file.path: before})
    return RosterChange(person, file.path, after, write)


def key_text(given: str, newsroom: Newsroom) -> str:
    """Return the public key a person gave, as a file or as itself; raises CannotRun for a file that cannot be read."""
    full = os.path.join(newsroom.started, os.path.expanduser(given))  # noqa: PTH111, PTH118  a key is no Path
    if "\0" in given or not os.path.isfile(full):  # noqa: PTH113  a key is too long for one
        return given
    try:
        with Path(full).open("rb") as opened:
            return opened.read(_LONGEST).decode("utf-8", "replace")
    except OSError as error:
        raise CannotRun(f"{given} cannot be read: {error.strerror}.", "Look at its permissions.") from None
