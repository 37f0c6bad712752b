"""The folding table: what a completed move sets and clears in a story's record. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from newsroom_cli.model import RECORD_KEYS
from newsroom_cli.record.entries import Entry
from newsroom_cli.settings.pipeline import ANYONE, HOLD, REQUIRE, Move, Pipeline

Record = dict[str, Any]
"""The folded ledger: record keys with their values as JSON has them (`editor` a list, `version` a number)."""

FOLDED = (*RECORD_KEYS, HOLD, REQUIRE)
"""Every key a ledger folds to, in the order entries set them."""


AddressMaker = Callable[[str], str | None]
"""Gives a story's address from the time it first went public, as ledgers write it; None where there is none."""


def no_address(_at: str) -> None:
    """Give no address: for rows that set none."""
    return


class Completion(NamedTuple):
    """A move that completes: the record before it, everyone who signed it in order, its time, what it was signed on.

    `at` is the entry's time as its ledger writes it; `roles` are those the story asks for from now on, where the action
    is to change them; `address` makes the story's address of the time it first went public.
    """

    record: Record
    signers: Sequence[str]
    at: str
    terms: Mapping[str, Any] = MappingProxyType({})
    roles: Sequence[str] | None = None
    address: AddressMaker = no_address


def _editors(done: Completion) -> list[str]:
    editors = done.record.get("editor")
    known = editors if isinstance(editors, list) else []
    return [*known, *(signer for signer in dict.fromkeys(done.signers) if signer not in known)]


def _next_version(done: Completion) -> int:
    version = done.record.get("version")
    return (version if isinstance(version, int) else 0) + 1


def _first_date(done: Completion) -> Any:
    return done.record.get("date", done.at)


def _address(done: Completion) -> Any:
    """The address there is, or a new one: of a story that has none, and of one that is renamed to what was signed."""
    known, signed = done.record.get("address"), done.terms.get("address")
    if known and signed is None:
        return known
    new = done.address(str(_first_date(done)))
    return new if signed in (None, new) else None


def corrections_of(record: Record) -> list[dict[str, Any]]:
    """Return the corrections a record has, in order."""
    known = record.get("corrections")
    return known if isinstance(known, list) else []


def _corrections(done: Completion) -> list[dict[str, Any]]:
    known = corrections_of(done.record)
    terms = {"kind": done.terms.get("kind"), "notice": done.terms.get("notice")}
    return [*known, {"number": len(known) + 1, "version": _next_version(done), "date": done.at, **terms}]


_VALUES: Mapping[str, Callable[[Completion], Any]] = {
    "draft": lambda _done: True,
    "editor": _editors,
    "date": _first_date,
    "address": _address,
    "version": _next_version,
    "lastmod": lambda done: done.at,
    "publish_at": lambda done: done.terms.get("publish_at"),
    "embargo": lambda done: done.terms.get("embargo"),
    "corrections": _corrections,
    HOLD: lambda _done: True,
    REQUIRE: lambda done: done.record.get(REQUIRE) if done.roles is None else list(done.roles) or None,
}
"""The value that a row writes to each key it sets."""


def required_roles(record: Record) -> tuple[str, ...]:
    """Return the roles that one story requires beyond its rows, in the order they sign; what is no role is left out."""
    roles = record.get(REQUIRE)
    return tuple(role for role in roles if isinstance(role, str) and role) if isinstance(roles, list) else ()


def as_required(pipeline: Pipeline, move: Move, record: Record) -> Move:
    """Return a row as it counts for one story: where words go public, its required roles sign behind the row's own."""
    asks = REQUIRE in record and pipeline.for_readers(move) and move.by != (ANYONE,)
    more = [role for role in required_roles(record) if role not in move.by] if asks else []
    return Move.model_validate({**move.model_dump(by_alias=True), "by": (*move.by, *more)}) if more else move


def change_required_roles(record: Record, role: str, *, drop: bool) -> list[str] | None:
    """Return the required roles with one more, or without one (`drop`); None where that changes nothing."""
    roles = required_roles(record)
    if (role in roles) != drop:
        return None
    return [known for known in roles if known != role] if drop else [*roles, role]


def effects(pipeline: Pipeline, move: Move, done: Completion) -> Record:
    """Return the record keys that a completed move changes, with their new values; None clears one.

    What was planned counts for readers from its time on. This is the one table of what sets and clears a key; the
    workflow writes by it and the verifier judges by it.
    """
    record = done.record
    to = move.end(record.get("state", pipeline.initial))
    publishes = pipeline.publishes(move)
    if publishes and "scheduled" in move.needs:
        done = done._replace(at=record.get("publish_at") or done.at)
    after: Record = {key: _VALUES[key](done) for key in move.sets} | dict.fromkeys(move.clears)
    if publishes:
        after |= {"draft": None, "publish_at": None}
    if move.to is not None and to == pipeline.initial:
        after["editor"] = None
    if move.pubstatus is not None or (publishes and "pubstatus" in record):
        after["pubstatus"] = _pubstatus({**record, **after}, move, is_public=pipeline.is_public(to))
    changed = [key for key, value in after.items() if value != record.get(key)]
    return {key: after[key] for key in sorted(changed, key=FOLDED.index)}


def complete(
    entry: Entry,
    move: Move,
    record: Record,
    pipeline: Pipeline,
    *,
    signed: Sequence[Entry] = (),
    roles: Sequence[str] | None = None,
    address: AddressMaker = no_address,
) -> Entry:
    """Return an entry as it completes a row behind the sign-offs `signed`: the state it leads to, the keys it sets."""
    to = move.end(record.get("state", pipeline.initial))
    signers = [*(sign_off.by for sign_off in signed), entry.by]
    done = Completion(record, signers, entry.at, entry.terms, roles, address)
    return entry._replace(to=to, set=effects(pipeline, move, done))


def _pubstatus(record: Record, move: Move, *, is_public: bool) -> str | None:
    """Return IPTC's `pubstatus` behind a row; None where nothing stops the story.

    A story stays withheld while it is on hold, and while readers had it and do not have it now.
    """
    if move.pubstatus in ("withheld", "canceled"):
        return move.pubstatus
    return "withheld" if record.get(HOLD) or (record.get("version") and not is_public) else None
