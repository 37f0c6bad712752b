"""The terms an action is signed on beside the words: a time, a kind, a notice for readers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from newsroom_cli.addresses import is_address
from newsroom_cli.escaping import CONTROL
from newsroom_cli.record.record_effects import Record
from newsroom_cli.record.stops import UNTIL_FURTHER_NOTICE
from newsroom_cli.settings.pipeline import Move
from newsroom_cli.times import format_for_people, parse_ledger_time

KINDS = ("correction", "clarification", "update", "refile")
"""Kinds of corrections, by the agencies' names; the first is meant where none is given."""


class TermError(NamedTuple):
    """One fault of a term, in words that follow the action, and the way out; SLUG stands for the story's name."""

    says: str
    way: str = "Make the move with its verb."


def check_terms(
    move: Move, terms: Mapping[str, Any], record: Record, at: datetime, zone: tzinfo = UTC
) -> Iterator[TermError]:
    """Yield every fault in the terms an action is signed on; messages have times in a zone.

    Times are as ledgers write them. An embargo that is lifted has none.
    """
    names = move.terms
    if unknown := sorted(set(terms) - set(names)):
        yield TermError(f"takes no {', '.join(unknown)}")
    needed = {key for key in names if key in ("publish_at", "kind") or (key, move.notice) == ("notice", "required")}
    yield from (TermError(f"needs a {name}") for name in sorted(needed) if not _is_text(terms.get(name)))
    if "notice" in terms and "notice" not in needed and not _is_text(terms["notice"]):
        yield TermError("has an empty notice", "Say what happened: --notice TEXT")
    if character := find_invisible(terms):
        yield TermError(f"has a notice with {character}, which nobody sees", "Say it without that character.")
    if "kind" in names and _is_text(terms.get("kind")) and terms["kind"] not in KINDS:
        yield TermError(f"is of no kind {terms['kind']}", f"Kinds are {', '.join(KINDS)}.")
    for key in ("publish_at", "embargo"):
        if key in names and key in terms:
            yield from _check_time(key, terms[key], record, at, zone)
    if "address" in names and "address" in terms:
        yield from _check_address(terms["address"], record)
    if "embargo" in names and "embargo" not in terms and not record.get("embargo"):
        yield TermError("lifts an embargo that is not there", "Nothing is to be done.")


def _check_address(value: object, record: Record) -> Iterator[TermError]:
    """Yield the fault of the address a story is to have under another name."""
    if not is_address(value):
        yield TermError(f"says {value}, which is not an address")
    elif value == record.get("address"):
        yield TermError(f"leaves the address {value} as it is", "Give it another slug: --rename SLUG")


def find_invisible(terms: Mapping[str, Any]) -> str:
    """Return the first character of a notice that nobody sees, as `U+202E`; empty where it has none."""
    match = CONTROL.search(str(terms.get("notice") or ""))
    return f"U+{ord(match[0]):04X}" if match else ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


_LATER = "Say a time to come."
_LIFT = "Lift it: story embargo SLUG --lift"


def _check_time(key: str, value: object, record: Record, at: datetime, zone: tzinfo) -> Iterator[TermError]:
    """Yield faults of a time to come: that it is none, is past, or clashes with the story's other time."""
    moment, end = _parse_moment(value), _parse_moment(record.get("embargo"))
    if moment is None and (key, value) != ("embargo", UNTIL_FURTHER_NOTICE):
        yield TermError(f"says {value}, which is not a time as ledgers write it")
        return
    if moment is not None and moment <= at:
        yield TermError(f"says {format_for_people(value, zone)}, and that time is past", _LATER)
    if key == "embargo":
        yield from _check_embargo(moment, record, at, zone)
    elif record.get("embargo") == UNTIL_FURTHER_NOTICE:
        yield TermError("would have it public, and its embargo has no end", _LIFT)
    elif moment is not None and end is not None and moment < end:
        yield TermError("would have it public before its embargo ends", f"Say a later time. {_LIFT}")


def _check_embargo(moment: datetime | None, record: Record, at: datetime, zone: tzinfo) -> Iterator[TermError]:
    """Yield faults of an embargo's end beside the embargo in force and the schedule; None is an embargo without end."""
    embargo, planned = record.get("embargo"), _parse_moment(record.get("publish_at"))
    end = _parse_moment(embargo)
    if embargo and moment is not None and (end is None or max(at, moment) < end):
        says = f"ends before the embargo there is ({format_for_people(embargo, zone)}); lift that first"
        yield TermError(says, _LIFT)
    if planned is not None and (moment is None or planned < moment):
        way = "Take it off the schedule: story deschedule SLUG"
        yield TermError(
            f"ends after the time it is scheduled for ({format_for_people(record['publish_at'], zone)})", way
        )


def _parse_moment(value: object) -> datetime | None:
    """Parse a time exactly as ledgers write it; None where a value is none, as an embargo's without end."""
    try:
        return parse_ledger_time(value) if isinstance(value, str) else None
    except ValueError:
        return None
