"""An audit and what readers have, on a screen and as JSON."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import Any

from newsroom_cli.escaping import make_visible
from newsroom_cli.history.trail import Mark, Published, Record, Trail
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Origin
from newsroom_cli.report.findings.documents import as_json as findings_json
from newsroom_cli.report.findings.text import count_findings, lines
from newsroom_cli.report.screen import (
    align_rows,
    columns,
    count,
    make_cells_visible,
    make_painter,
    measure_columns,
    print_lines,
    put_json,
    put_table,
    say,
    terminal_width,
)
from newsroom_cli.report.stories import entry_json, names
from newsroom_cli.settings.settings import STRENGTHS, Settings
from newsroom_cli.times import format_local

_SHORT = 8
"""Digits of a commit."""


def put_trail(trail: Trail, name: str, *, as_json: bool) -> None:
    """Print an audit: every entry by story, every finding with its commit; on stderr what was audited."""
    if as_json:
        put_json(trail_json(trail))
    else:
        print_lines(chain(_entry_lines(trail), _finding_lines(trail.marks)))
    say(_tally(trail, name))


def trail_json(trail: Trail) -> dict[str, Any]:
    """Return an audit as docs/formats.md says."""
    proven = trail.strengths()
    return {
        "revision": trail.revision,
        "commits": trail.steps,
        "strengths": {name: proven.get(name, 0) for name in STRENGTHS},
        "stories": [
            {
                "id": record.story_id,
                "slug": record.slug,
                "path": record.path or None,
                "title": record.title,
                "entries": [_entry_json(entry, origin) for entry, origin in _with_origins(record, entries)],
            }
            for record, entries in trail.read_entries()
        ],
        "findings": [
            {**row, "commit": mark.commit, "landed": mark.landed, "healed": mark.healed or None}
            for mark, row in zip(trail.marks, findings_json([mark.finding for mark in trail.marks]), strict=True)
        ],
    }


def _entry_json(entry: Entry, origin: Origin | None) -> dict[str, Any]:
    return {**entry_json(entry, origin), "landed": origin.landed if origin else None}


def _with_origins(record: Record, entries: Sequence[Entry]) -> Iterator[tuple[Entry, Origin | None]]:
    """Pair a record's entries with their origins; None behind those that have one."""
    yield from zip_longest(entries, record.origins[: len(entries)])


def _entry_lines(trail: Trail) -> Iterator[str]:
    """Yield each story's line, and a line for each of its entries, all of them aligned; entries are read twice."""
    rows = (row for record, entries in trail.read_entries() for row in _entry_cells(record, entries))
    room = terminal_width()
    widths = measure_columns(rows, limit=room and room - 2)
    titles = [(record.slug, record.title if record.path else "(gone)") for record in trail.records]
    heads = columns(titles, limit=room)
    for head, (record, entries) in zip(heads, trail.read_entries(), strict=True):
        yield head
        for line in align_rows(_entry_cells(record, entries), widths):
            yield f"  {line}"


def _entry_cells(record: Record, entries: Sequence[Entry]) -> Iterator[tuple[str, ...]]:
    for entry, origin in _with_origins(record, entries):
        proven = (origin.commit[:_SHORT], origin.strength) if origin else ("-", "-")
        yield make_cells_visible((f"{entry.seq:>2}", entry.action, entry.to, names([entry.actor]), *proven))


def _finding_lines(marks: Iterable[Mark]) -> Iterator[str]:
    paint, room = make_painter(), terminal_width() or 100
    for mark in marks:
        first, *rest = lines([mark.finding], columns=room, paint=paint)
        yield f"{mark.commit[:_SHORT]} {first}"
        yield from rest
        if mark.landed != mark.commit:
            yield f"  came with: {mark.landed[:_SHORT]}"
        if mark.healed:
            yield f"  put right by: {mark.healed[:_SHORT]}"


def _tally(trail: Trail, name: str) -> str:
    proven = trail.strengths()
    entries = sum(proven.values())
    strengths = ", ".join(f"{proven[strength]} {strength}" for strength in reversed(STRENGTHS) if strength in proven)
    counted = f"{count(trail.steps, 'commit')}, {count(entries, 'entry', 'entries')}"
    proof = f" ({strengths})" if strengths else ""
    audited = f"{make_visible(name)} ({trail.revision[:_SHORT]})"
    return f"audited {audited}: {counted}{proof}: {count_findings(trail.count)}"


def make_ticker() -> Callable[[int, int], None]:
    """Return what says on a terminal, once a second, how far an audit is."""
    last = time.monotonic()

    def tick(done: int, of: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= 1 and sys.stderr.isatty():
            last = now
            say(f"Audited {done} of {of} commits …")

    return tick


_DIFFERS = {
    "published-words-changed": "words",
    "published-picture-changed": "pictures",
    "ledger-missing": "no ledger",
    "record-by-hand": "by hand",
    "ledger-line": "broken ledger",
    "ledger-chain": "broken ledger",
    "ledger-foreign": "broken ledger",
    "story-removed": "file gone",
    "duplicate-id": "id twice",
    "duplicate-slug": "slug twice",
}
"""The difference a rule is about, in a word or two; the rule's name where there is none."""
_HEAD = ("SLUG", "V", "SIGNED", "BY", "STRENGTH", "DIFFERS")


def put_published(rows: Sequence[Published], settings: Settings, *, as_json: bool) -> None:
    """Print what readers have, a line a story, and on stderr how many are not as signed."""
    if as_json:
        put_json([_published_json(row) for row in rows])
    else:
        put_table([_HEAD, *(_published_row(row, settings) for row in rows)] if rows else [])
    wrong = sum(bool(row.findings) for row in rows)
    counted = count(len(rows), "published story", "published stories")
    say(f"verified {counted}: {f'{wrong} not as signed; story check says more' if wrong else 'as signed'}")


def _published_row(row: Published, settings: Settings) -> tuple[str, ...]:
    wrong = ", ".join(dict.fromkeys(_DIFFERS.get(finding.rule, finding.rule) for finding in row.findings))
    if row.signed is None:
        return row.slug, "-", "-", "-", "-", wrong or "ok"
    when = format_local(row.signed.moment, settings.timezone)[:10]
    proven = row.origin.strength if row.origin else "not committed"
    version = str(row.signed.set.get("version") or "-")
    return row.slug, version, when, names([row.signed.actor]), proven, wrong or "ok"


def _published_json(row: Published) -> dict[str, Any]:
    signed, origin = row.signed, row.origin
    return {
        "slug": row.slug,
        "path": row.path,
        "id": signed.story if signed else None,
        "version": signed.set.get("version") if signed else None,
        "by": signed.by if signed else None,
        "at": signed.at if signed else None,
        "commit": origin.commit if origin else None,
        "strength": origin.strength if origin else None,
        "ok": not row.findings,
        "findings": findings_json(row.findings),
    }
