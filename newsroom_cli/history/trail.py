"""Answers of history: an audit's entries and findings with their commits, what readers have, every version of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from newsroom_cli.model import Finding, Severity
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Origin, path_of
from newsroom_cli.repository.blobs import BlobReader
from newsroom_cli.repository.git import Git

_AT_ONCE = 256
"""Ledgers that are fetched together."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding of an audit: the commit that did it, the commit of the line it came with, the one that healed it."""

    finding: Finding
    commit: str
    landed: str
    healed: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One story's ledger as the audited revision holds it, by its blob, with the origin of each entry in order.

    `path` is empty where the story's file is gone.
    """

    story_id: str
    slug: str
    path: str
    title: str
    blob: str
    origins: Sequence[Origin] = ()


@dataclass(frozen=True)
class Trail:
    """A whole audit: the commit it led to, how many commits its line has, its records by slug, its marks in order."""

    git: Git
    revision: str
    steps: int
    records: tuple[Record, ...]
    marks: tuple[Mark, ...]

    def count(self, severity: Severity) -> int:
        """Return how many findings weigh so much."""
        return sum(mark.finding.severity is severity for mark in self.marks)

    def strengths(self) -> dict[str, int]:
        """Return how many entries have which strength."""
        return Counter(origin.strength for record in self.records for origin in record.origins)

    def read_entries(self) -> Iterator[tuple[Record, tuple[Entry, ...]]]:
        """Yield each record with its entries, which are read again: all of a long history would not fit into memory."""
        records = iter(self.records)
        with BlobReader(self.git) as reader:
            while part := [*islice(records, _AT_ONCE)]:
                reader.prefetch(record.blob for record in part)
                for record in part:
                    yield record, reader.ledger(path_of(record.story_id), record.blob, None).entries


@dataclass(frozen=True)
class Published:
    """One story that readers have: the entry that signed it last, what that proves, and all that is not as signed."""

    slug: str
    path: str
    signed: Entry | None
    origin: Origin | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Version:
    """One version: its number (from 1), when it went out, the entry that counted it, and that entry's commit."""

    number: int
    at: datetime
    entry: Entry
    origin: Origin | None

    @property
    def kind(self) -> str:
        """Return what made it: the action, or for a correction its kind."""
        return str(self.entry.terms.get("kind") or self.entry.action)
