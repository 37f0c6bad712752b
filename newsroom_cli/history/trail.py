"""What history says: an audit's entries and findings with their commits, what readers have, and every version of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from newsroom_cli.model import Finding, Severity
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Origin


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding of an audit: the commit that did it, the commit of the line it came with, the one that healed it."""

    finding: Finding
    commit: str
    landed: str
    healed: str = ""

    def healed_by(self, commit: str, severity: Severity) -> Mark:
        """Return the same finding, put right by a later commit, with the weight it then has."""
        return replace(self, finding=self.finding._replace(severity=severity), healed=commit)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of one entry: the commit that brought it and what that proves, and where the line took it in."""

    origin: Origin
    landed: str


@dataclass(frozen=True)
class Record:
    """One story's entries as the audited revision holds them, with the proof of each by its number (from 1).

    `path` is empty where the story's file is gone.
    """

    story_id: str
    slug: str
    path: str
    title: str
    entries: tuple[Entry, ...]
    proofs: Mapping[int, Proof] = field(default_factory=dict)


@dataclass(frozen=True)
class Trail:
    """A whole audit: the commit it led to, how many commits its line has, its records by slug, its marks in order."""

    revision: str
    steps: int
    records: tuple[Record, ...]
    marks: tuple[Mark, ...]

    def count(self, severity: Severity) -> int:
        """Return how many findings weigh so much."""
        return sum(mark.finding.severity is severity for mark in self.marks)

    def strengths(self) -> dict[str, int]:
        """Return how many entries have which strength."""
        return Counter(proof.origin.strength for record in self.records for proof in record.proofs.values())


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
        """What made it: the action, or for a correction its kind."""
        return str(self.entry.terms.get("kind") or self.entry.action)
