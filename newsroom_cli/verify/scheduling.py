"""Words signed for a time to come: the entry that scheduled them, and why it may no longer hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo

from newsroom_cli.record.entries import Entry
from newsroom_cli.settings.pipeline import REQUIRE
from newsroom_cli.times import format_for_people, parse_instant

WAY_OUT = "Look at it, then: story publish SLUG --at TIME, or story deschedule SLUG"


def scheduling_entry(entries: Sequence[Entry]) -> Entry | None:
    """Return the entry by which a story is to go public at a time; None where there is no such time."""
    for entry in reversed(entries):
        if "publish_at" in entry.set:
            return entry if entry.set["publish_at"] else None
    return None


def why_void(planned: Entry, entries: Sequence[Entry], *, content: str, assets: Mapping[str, str]) -> str:
    """Return why a schedule no longer holds for a story as it is; empty while it does."""
    if content != planned.content:
        return "the words changed since it was signed"
    if dict(assets) != dict(planned.assets):
        return "a picture changed since it was signed"
    if any(REQUIRE in entry.set for entry in entries[planned.seq :]):
        return "a role was asked for or taken back since it was signed"
    return ""


def why_too_soon(entry: Entry, before: Sequence[Entry], zone: tzinfo = UTC) -> tuple[str, str] | None:
    """Return why words may not go out by themselves with an entry, and the way out; None when they may.

    Times are told in a zone.
    """
    planned = scheduling_entry(before)
    if planned is None:
        return None
    if why := why_void(planned, before, content=entry.content, assets=entry.assets):
        return f"The schedule is void: {why}.", WAY_OUT
    due = str(planned.set["publish_at"])
    if entry.moment < parse_instant(due):
        return (
            f"Its time is {format_for_people(due, zone)}, and it is {format_for_people(entry.at, zone)}.",
            "It goes out then: story release",
        )
    return None
