"""What readers may see of a story at an instant; every list, page, feed and export asks here. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Held
from newsroom_cli.record.record_effects import Record
from newsroom_cli.record.stops import flags
from newsroom_cli.settings.pipeline import Pipeline
from newsroom_cli.story.frontmatter import content_hash
from newsroom_cli.times import as_instant


class Sight(Enum):
    """What readers see: the story in lists and at its address, at its address alone, a notice there, or nothing."""

    LISTED = "listed"
    BY_ADDRESS = "by address"
    TOMBSTONE = "tombstone"
    NOTHING = "nothing"


def find_sight(held: Held, pipeline: Pipeline, at: datetime) -> Sight:
    """Return what readers may see of one story at an instant (aware).

    The record decides, not the file: keys set by hand change nothing. A story is shown while its words and pictures
    are those that were signed for readers; one whose record is broken or that has no ledger is not shown at all.
    What was killed leaves its notice, and so does what was unpublished with one.
    """
    story, ledger = held.story, held.ledger
    if ledger is None or ledger.findings:
        return Sight.NOTHING
    stops = flags(pipeline, ledger.record, at)
    if "killed" in stops or not pipeline.is_public(ledger.state):
        return Sight.TOMBSTONE if find_notice(held, pipeline) else Sight.NOTHING
    if story is None or stops or at < _date_of(ledger.record, at):
        return Sight.NOTHING
    signed = ledger.signed_for_readers(pipeline)
    if signed is None or (content_hash(story), dict(held.assets)) != (signed.content, dict(signed.assets)):
        return Sight.NOTHING
    expires = story.metadata.expires
    return Sight.LISTED if expires is None or at < expires else Sight.BY_ADDRESS


def find_notice(held: Held, pipeline: Pipeline) -> str:
    """Return what readers are told in place of a story they had; empty where they are told nothing, or have it."""
    gone = find_withdrawal(held.ledger.entries if held.ledger else (), pipeline)
    return str(gone.terms.get("notice") or "") if gone is not None else ""


def find_withdrawal(entries: Sequence[Entry], pipeline: Pipeline) -> Entry | None:
    """Return the entry that took a story from readers; None where they have it, or never had."""
    for entry in entries[::-1]:
        had, have = pipeline.is_public(entry.from_), pipeline.is_public(entry.to)
        if had and (not have or entry.set.get("pubstatus") == "canceled"):
            return entry
        if have and not had:
            return None
    return None


def _date_of(record: Record, at: datetime) -> datetime:
    """Return the date a story is of; where it has none that can be read, the instant itself."""
    return as_instant(record.get("date")) or at
