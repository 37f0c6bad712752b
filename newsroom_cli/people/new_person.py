"""A person who joins the roster: made from what was typed, and judged beside those already on it. Pure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsroom_cli import ssh_keys
from newsroom_cli.errors import Refusal, WrongUsage
from newsroom_cli.model import Ident, ascii_lower
from newsroom_cli.people.policy import Policy
from newsroom_cli.settings.settings import Key, Person, Settings
from newsroom_cli.times import parse_instant

_JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners: invisible, and needed to write Persian and the languages of India."""
_EMAIL = re.compile(r"[^\s<>@,;\"\\]+@[^\s<>@,;\"\\]+")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")
"""Scripts whose letters look alike, as Unicode's names of characters begin."""


@dataclass(frozen=True)
class Wish:
    """Who is to join, as typed; `keys` are the texts of public keys, valid from and until the same times."""

    name: str
    emails: Sequence[str]
    roles: Sequence[str]
    sections: Sequence[str] = ()
    keys: Sequence[str] = ()
    begins: str = ""
    ends: str = ""


def make_person(wish: Wish, settings: Settings) -> Person:
    """Make the person a wish describes; raises WrongUsage for what cannot be, and its message never shows a key."""
    return Person(
        name=_check_name(wish.name),
        emails=tuple(dict.fromkeys(_check_email(email) for email in wish.emails)),
        roles=tuple(dict.fromkeys(_check_text("role", role) for role in wish.roles)),
        sections=tuple(dict.fromkeys(_check_section(section, settings) for section in wish.sections)),
        keys=_make_keys(wish, settings),
    )


def _check_name(text: str) -> str:
    name = _check_text("name", text)
    if set(name) & set("<>"):
        raise WrongUsage("A name holds no < and no >.", 'story people add "Ana Ruiz" --email ana@gazette.example')
    if _EMAIL.fullmatch(name):
        raise WrongUsage(f"{name} is an e-mail, not a name.", f'story people add "Ana Ruiz" --email {name}')
    return name


def _check_text(what: str, text: str) -> str:
    """Return text stripped, where it is one line that says something and hides nothing."""
    stripped = text.strip()
    if not stripped:
        raise WrongUsage(f"A {what} is not empty.", "story people add --help")
    if not "".join(character for character in stripped if character not in _JOINERS).isprintable():
        raise WrongUsage(f"The {what} holds control or invisible characters.", f"As it is: {ascii(stripped)[1:-1]}")
    return stripped


def _check_email(text: str) -> str:
    email = ascii_lower(text)
    if not _EMAIL.fullmatch(email) or not email.isprintable():
        raise WrongUsage(f"{ascii(text)[1:-1]} is not an e-mail.", "--email ana@gazette.example")
    return email


def _check_section(text: str, settings: Settings) -> str:
    section = _check_text("section", text)
    if settings.sections and section not in settings.sections:
        raise WrongUsage(f"There is no section {section}.", f"There is {', '.join(settings.sections)}.")
    return section


def _make_keys(wish: Wish, settings: Settings) -> tuple[Key, ...]:
    begins, ends = (_parse_time(text, settings) for text in (wish.begins, wish.ends))
    if (begins or ends) and not wish.keys:
        raise WrongUsage("--from and --until say when a key is valid.", "Give it with --key.")
    if begins and ends and ends <= begins:
        raise WrongUsage("The key would end before it begins.", "--from is the earlier time, --until the later.")
    keys: list[Key] = []
    for text in wish.keys:
        try:
            keys.append(Key(key=_read_key_file(text), valid_from=begins, valid_until=ends))
        except ValueError as error:
            hint = "Give the public half: the file that ends in .pub. Keep the private one to yourself."
            raise WrongUsage(f"What was given as --key {error}.", hint) from None
    return tuple(dict.fromkeys(keys))


def _read_key_file(text: str) -> str:
    """Read the one key a .pub file holds, without its comment; raises ValueError."""
    if "PRIVATE KEY" in text:
        raise ValueError("is a private key")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) != 1:
        raise ValueError("holds no key" if not lines else f"holds {len(lines)} lines, not one key")
    if len(lines[0].split()) == 1:
        raise ValueError("is neither a file that is there nor a public key")
    return ssh_keys.parse(lines[0]).text


def _parse_time(text: str, settings: Settings) -> datetime | None:
    """Parse a time as typed; a day alone is its beginning in the newsroom's zone."""
    if not text:
        return None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=settings.timezone)
        except ValueError:
            raise WrongUsage(f"{text} is a day no calendar has.") from None
    try:
        return parse_instant(text)
    except ValueError as error:
        raise WrongUsage(f"{text}: {error}.", "Or a day: 2026-11-23") from None


def table_of(person: Person) -> dict[str, Any]:
    """Return a person as a table of the configuration; what is empty is left out."""
    table = person.model_dump(exclude_none=True)
    table["keys"] = [
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in key.items()}
        for key in table["keys"]
    ]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in table.items() if value}


def is_same(person: Person, other: Person) -> bool:
    """Tell whether two entries of a roster say the same, in whatever order."""
    return person.name == other.name and all(
        set(getattr(person, name)) == set(getattr(other, name)) for name in ("emails", "roles", "sections", "keys")
    )


def find_person(text: str, policy: Policy) -> int:
    """Return the number (from 0) of the person an e-mail or a name means; raises WrongUsage or Refusal."""
    people = policy.settings.people
    email = policy.email(Ident("", text))
    numbers = [n for n, person in enumerate(people) if email in person.emails or person.name == text.strip()]
    if len(numbers) == 1:
        return numbers[0]
    if numbers:
        emails = ", ".join(people[n].emails[0] for n in numbers)
        raise WrongUsage(f"{text} is the name of {len(numbers)} people.", f"Give the e-mail: {emails}")
    known = [word for person in people for word in (person.name, *person.emails)]
    near = difflib.get_close_matches(text, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else "story people lists who is."
    raise Refusal(
        f"{text} is not on the roster.", hint if people else "There is no roster: story people add begins one."
    )


def find_oddities(person: Person, settings: Settings) -> Iterator[str]:
    """Yield a sentence for each oddity of a person who joins: twins by name, look-alike letters, unknown roles."""
    for other in settings.people:
        if other.name == person.name:
            yield f"{person.name} is the name of another person too; only e-mails tell them apart."
        elif _fold_name(other.name) == _fold_name(person.name):
            yield f"{person.name} looks like {other.name}, who is another person."
    for word in " ".join((person.name, *person.emails)).split():
        scripts = {script for letter in word for script in _SCRIPTS if unicodedata.name(letter, "").startswith(script)}
        if len(scripts) > 1:
            yield f"{word} mixes {' and '.join(sorted(name.capitalize() for name in scripts))} letters that look alike."
    for email in person.emails:
        if not email.isascii():
            yield f"{email} has letters outside ASCII: {ascii(email)[1:-1]}"
    known = roles_asked(settings)
    for role in person.roles:
        if role not in known:
            near = difflib.get_close_matches(role, known, n=1)
            instead = f"did you mean {near[0]}?" if near else f"there is {', '.join(known)}."
            yield f"No move asks for the role {role}; {instead}"


def _fold_name(name: str) -> str:
    """Strip a name of what nobody sees: spaces, joiners, case, and forms that are one character in NFKC."""
    kept = (letter for letter in name if letter not in _JOINERS and not letter.isspace())
    return unicodedata.normalize("NFKC", "".join(kept)).casefold()


def roles_asked(settings: Settings) -> tuple[str, ...]:
    """Return every role the newsroom's configuration asks for, in the pipeline's order."""
    moves = (role for move in settings.pipeline.moves for role in move.all_roles)
    signing = settings.signing.required if isinstance(settings.signing.required, tuple) else ()
    named: Iterable[str] = (*moves, *settings.trust.override, *settings.trust.judges, *settings.trust.archive, *signing)
    return tuple(dict.fromkeys(role for role in named if not role.startswith("@")))


def untakeable_actions(settings: Settings) -> tuple[str, ...]:
    """Return the actions that nobody on the roster can take, for want of somebody with the role."""
    held = {role for person in settings.people for role in person.roles}
    without = (
        move.action
        for move in settings.pipeline.moves
        for place, roles in zip(move.by, move.places, strict=True)
        if not place.startswith("@") and held.isdisjoint(roles)
    )
    return tuple(dict.fromkeys(without)) if settings.people else ()
