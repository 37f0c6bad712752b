"""The roster's keys as an allowed-signers file (ssh-keygen(1), ALLOWED SIGNERS), and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from newsroom_cli.escaping import make_visible
from newsroom_cli.record.signatures import NAMESPACE
from newsroom_cli.report.screen import print_line, put_json, say
from newsroom_cli.settings.settings import Key, Person, Settings
from newsroom_cli.times import format_ledger_time

_PRINCIPAL = re.compile(r"[^\s\"#,*?!]+")
"""An e-mail that stands for itself in an allowed-signers file; others would be patterns, or end the field."""


def put_keys(settings: Settings, *, as_json: bool) -> None:
    """Print every key of the roster, a line each, in the roster's order."""
    listed = [(person, key) for person in settings.people for key in person.keys]
    if as_json:
        put_json([_key_json(person, key) for person, key in listed])
        return
    for person, key in listed:
        principals = [email for email in person.emails if _PRINCIPAL.fullmatch(email)]
        for email in sorted({*person.emails} - {*principals}):
            say(f"Left out: {make_visible(email)} of {make_visible(person.name)} would stand for other addresses.")
        if principals:
            options = ",".join(_key_options(key))
            print_line(f"{','.join(principals)} {options} {key.public.text} {make_visible(person.name)}")
    if not listed:
        say('No keys are listed: in newsroom.toml, at [[people]], keys = [{ key = "the line of a .pub file" }]')


def _key_options(key: Key) -> Iterator[str]:
    yield f'namespaces="{NAMESPACE}"'
    if key.valid_from is not None:
        yield f'valid-after="{_stamp(key.valid_from)}"'
    if key.valid_until is not None:
        yield f'valid-before="{_stamp(key.valid_until)}"'


def _stamp(moment: datetime) -> str:
    """A time as ssh-keygen reads it: UTC, `YYYYMMDDHHMMSSZ`."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")


def _key_json(person: Person, key: Key) -> dict[str, object]:
    return {
        "name": person.name,
        "emails": list(person.emails),
        "key": key.public.text,
        "fingerprint": key.public.fingerprint,
        "valid_from": format_ledger_time(key.valid_from) if key.valid_from else None,
        "valid_until": format_ledger_time(key.valid_until) if key.valid_until else None,
    }
