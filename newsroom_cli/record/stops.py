"""Flags that stop or end a story beside its state: held, spiked, killed, scheduled, embargoed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from newsroom_cli.record.record_effects import Record
from newsroom_cli.settings.pipeline import HOLD, Move, Pipeline
from newsroom_cli.times import as_instant, format_for_people

UNTIL_FURTHER_NOTICE = "until-further-notice"
"""An embargo without an end."""


def flags(pipeline: Pipeline, record: Record, at: datetime) -> frozenset[str]:
    """Return the flags of a record at an instant (`pipeline.FLAGS`); an embargo that is over is none."""
    raised = {"held"} if record.get(HOLD) else set()
    if record.get("pubstatus") == "canceled":
        raised.add("killed" if is_killed(pipeline, record) else "spiked")
    if record.get("publish_at"):
        raised.add("scheduled")
    if in_force(record.get("embargo"), at):
        raised.add("embargoed")
    return frozenset(raised)


def is_killed(pipeline: Pipeline, record: Record) -> bool:
    """Tell whether a story was ended after readers had it."""
    return record.get("pubstatus") == "canceled" and pipeline.is_public(record.get("state"))


def in_force(embargo: str | None, at: datetime) -> bool:
    """Tell whether an embargo still stops a story at an instant; one whose end cannot be read does."""
    if not embargo:
        return False
    end = as_instant(embargo)
    return end is None or at < end


def flags_that_stop(pipeline: Pipeline, move: Move) -> frozenset[str]:
    """Return the flags that stop a row, by what it does; those it needs never do.

    Whatever changes nothing, as an acknowledgement, nothing stops.
    """
    if move.begins or not (move.to or move.sets or move.clears or move.pubstatus):
        return frozenset()
    stopping = {"spiked", "killed"}
    if pipeline.publishes(move):
        stopping |= {"held", "embargoed"}
    elif move.to is not None:
        stopping.add("scheduled")
    if HOLD in move.sets or "publish_at" in move.sets:
        stopping.add("held")
    return frozenset(stopping) - set(move.needs)


class Stop(NamedTuple):
    """Why a story cannot take a row, in words that follow its name, and the way out; `{}` is its slug."""

    reason: str
    way: str


class _Flag(NamedTuple):
    """The words for a flag: of the stop it is, with the time of a `key` at `{}`, and of a row that needs it in vain."""

    reason: str
    way: str
    missing: str
    missing_way: str = "story log {} shows what was done."
    key: str = ""

    def make_stop(self, record: Record, zone: tzinfo) -> Stop:
        return Stop(self.reason.format(format_for_people(record.get(self.key), zone)), self.way)


_WORDS: Mapping[str, _Flag] = {
    "killed": _Flag("was killed; nothing leads on", "A new story is a new file: story new TITLE", "was not killed"),
    "spiked": _Flag("is spiked", "Bring it back: story restore {}", "is not spiked"),
    "held": _Flag("is on hold", "Let it go on: story resume {}", "is not on hold"),
    "scheduled": _Flag(
        "is scheduled for {}",
        "Take it off the schedule: story deschedule {}",
        "is not scheduled",
        "Schedule it: story publish {} --at TIME",
        key="publish_at",
    ),
    "embargoed": _Flag(
        "is under embargo ({})", "Wait, or lift it: story embargo {} --lift", "is under no embargo", key="embargo"
    ),
}
_PUBLIC = Stop("is public; its words are those its publisher signed", 'Put them right: story correct {} --notice "…"')


def why_locked(pipeline: Pipeline, record: Record, zone: tzinfo = UTC) -> Stop | None:
    """Return why a story's words may not change by hand, with times in a zone; None where they may."""
    present = flags(pipeline, record, datetime.max.replace(tzinfo=UTC))
    for flag in ("killed", "spiked", "scheduled"):
        if flag in present:
            return _WORDS[flag].make_stop(record, zone)
    return _PUBLIC if pipeline.is_public(record.get("state")) else None


def stops_in_force(pipeline: Pipeline, record: Record, at: datetime, zone: tzinfo = UTC) -> list[Stop]:
    """Return everything that stops a story beside its state at an instant, each with its way out; times in a zone."""
    present = flags(pipeline, record, at)
    return [words.make_stop(record, zone) for flag, words in _WORDS.items() if flag in present]


_FLAGGED = frozenset((HOLD, "pubstatus", "publish_at", "embargo"))
"""The keys that flags follow from."""


def why_stopped(pipeline: Pipeline, move: Move, record: Record, at: datetime, zone: tzinfo = UTC) -> Stop | None:
    """Return why a row is not open to a story with this record at an instant, with times in a zone; None when it is."""
    if not move.needs and record.keys().isdisjoint(_FLAGGED):
        return None
    present = flags(pipeline, record, at)
    stopping = present & flags_that_stop(pipeline, move)
    for flag, words in _WORDS.items():
        if flag in stopping:
            return words.make_stop(record, zone)
    missing = (_WORDS[flag] for flag in move.needs if flag not in present)
    return next((Stop(words.missing, words.missing_way) for words in missing), None)
