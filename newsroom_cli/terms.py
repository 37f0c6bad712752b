"""What an action is signed on beside the words: a time, a kind, a notice for readers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from newsroom_cli.effects import Record
from newsroom_cli.flags import UNTIL_FURTHER_NOTICE
from newsroom_cli.instants import instant, utc
from newsroom_cli.pipeline import Move

KINDS = ("correction", "clarification", "update", "refile")
"""Kinds of corrections, by the agencies' names; the first is meant where none is given."""


def taken(move: Move) -> tuple[str, ...]:
    """The names of the terms a row takes."""
    times = tuple(key for key in ("publish_at", "embargo") if key in move.sets)
    kind = ("kind",) if "corrections" in move.sets else ()
    return (*times, *kind, *(("notice",) if move.notice != "none" else ()))


def against(move: Move, terms: Mapping[str, Any], record: Record, at: datetime) -> Iterator[str]:
    """Everything that is wrong with the terms of a row, in words that follow the action.

    Times are as ledgers write them. An embargo that is lifted has none.
    """
    names = taken(move)
    if unknown := sorted(set(terms) - set(names)):
        yield f"takes no {', '.join(unknown)}"
    needed = {key for key in names if key in ("publish_at", "kind") or (key, move.notice) == ("notice", "required")}
    yield from (f"needs a {name}" for name in sorted(needed) if not _said(terms.get(name)))
    if "notice" in terms and "notice" not in needed and not _said(terms["notice"]):
        yield "has an empty notice"
    if "kind" in names and _said(terms.get("kind")) and terms["kind"] not in KINDS:
        yield f"is of no kind {terms['kind']} (there is {', '.join(KINDS)})"
    for key in ("publish_at", "embargo"):
        if key in names and key in terms:
            yield from _time(key, terms[key], record, at)
    if "embargo" in names and "embargo" not in terms and not record.get("embargo"):
        yield "lifts an embargo that is not there"


def _said(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _time(key: str, value: object, record: Record, at: datetime) -> Iterator[str]:
    """What is wrong with a time that is to come, and with two that stop and start the same story."""
    if key == "embargo" and value == UNTIL_FURTHER_NOTICE:
        moment = None
    else:
        moment = _moment(value)
        if moment is None:
            yield f"says {value}, which is not a time as ledgers write it"
            return
        if moment <= at:
            yield f"says {value}, and that time is past"
    if key == "embargo" and _is_shorter(moment, record.get("embargo"), at):
        yield f"ends before the embargo there is ({record['embargo']}); lift that first"
    begins = moment if key == "publish_at" else _moment(record.get("publish_at"))
    ends = moment if key == "embargo" else _end(record.get("embargo"))
    endless = (value if key == "embargo" else record.get("embargo")) == UNTIL_FURTHER_NOTICE
    if begins is not None and (endless or (ends is not None and begins < ends)):
        yield (
            "would have it public before its embargo ends"
            if key == "publish_at"
            else (f"ends after the time it is scheduled for ({record['publish_at']})")
        )


def _is_shorter(moment: datetime | None, embargo: str | None, at: datetime) -> bool:
    """Whether a new end of an embargo comes before the one in force."""
    if not embargo or moment is None:
        return False
    end = _end(embargo)
    return end is None or (at < end and moment < end)


def _end(embargo: str | None) -> datetime | None:
    return None if embargo == UNTIL_FURTHER_NOTICE else _moment(embargo)


def _moment(value: object) -> datetime | None:
    """A time exactly as ledgers write it."""
    if not isinstance(value, str):
        return None
    try:
        moment = instant(value)
    except ValueError:
        return None
    return moment if utc(moment) == value else None
