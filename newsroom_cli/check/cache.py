"""Findings of earlier checks in stories that have not changed since, kept in the repository's own `.git` folder.

A verdict holds for one story's blob, its ledger's blob, the pictures and files it names, the configuration and this
version of `story`; what depends on the clock or on other stories is never in it. A file that cannot be read as it was
written is thrown away and made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from newsroom_cli import __version__
from newsroom_cli.model import Finding, Severity
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger
from newsroom_cli.repository.files import replace_file
from newsroom_cli.repository.git import Git
from newsroom_cli.times import format_ledger_time

_NAME = "story-verdicts"
_ENTRY = re.compile(r"(.) ([0-7]+) ([0-9a-f]+) [0-3]\t([^\0]+)\0")
"""A row of `git ls-files -s -v -z`: tag, mode, blob, path."""
_BY_CLOCK = "entry-time"
"""The rule whose findings come and go with time, so that they are never kept."""


class StoryVerdict(NamedTuple):
    """One story judged: its findings, its path, the id it claims, and what else the verdict depends on.

    `pictures` are the blobs of the pictures it names ("" where git holds none as it stands) and `links` whether the
    files it points to are there, both by path; `latest` is the latest time of its ledger's entries; `aliases` are the
    slugs its aliases name.
    """

    path: str
    story_id: str
    findings: tuple[Finding, ...]
    pictures: Sequence[Sequence[str]] = ()
    links: Sequence[tuple[str, bool]] = ()
    latest: str = ""
    aliases: Sequence[str] = ()


@dataclass(frozen=True)
class IndexSnapshot:
    """The blobs git holds as they stand in the working tree, by path; `sure` are those it may not overlook.

    `odd` are links and submodules, as (path, mode); `sparse` are files a sparse checkout may leave out.
    """

    blobs: Mapping[str, str]
    sure: Mapping[str, str]
    odd: tuple[tuple[str, str], ...] = ()
    sparse: tuple[str, ...] = ()

    @classmethod
    def of(cls, git: Git) -> IndexSnapshot:
        """Ask git about every file; files that are changed are left out."""
        rows = _ENTRY.findall(os.fsdecode(git.run("ls-files", "-s", "-v", "-z", "--", ":(top)")))
        blobs = {path: blob for _, _, blob, path in rows}
        for path in git.names("ls-files", "-m", "-z", "--", ":(top)"):
            blobs.pop(path, None)
        sparse = tuple(path for tag, _, _, path in rows if tag in "Ss")
        unseen = {path for tag, _, _, path in rows if tag != "H"}
        odd = tuple((path, mode) for _, mode, _, path in rows if mode[:3] != "100")
        sure = {path: blob for path, blob in blobs.items() if path not in unseen} if unseen else blobs
        return cls(blobs, sure, odd, sparse)


@dataclass
class VerdictCache:
    """Verdicts by path, as the last check left them; `key` stands for everything they all depend on."""

    file: Path
    key: str
    rows: dict[str, list[Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, git: Git, judges: Policy) -> VerdictCache:
        """Read the verdicts of a working tree; none where the file is of another version, or broken."""
        verdicts = cls(git.directory / _NAME, _key(judges))
        with suppress(OSError, ValueError, RecursionError):
            head, _, body = verdicts.file.read_bytes().partition(b"\n")
            if head == verdicts._head(body):
                verdicts.rows = json.loads(body)
        return verdicts

    def _head(self, body: bytes) -> bytes:
        return f"{self.key} {hashlib.sha256(body).hexdigest()}".encode()

    def take_valid(
        self, paths: Iterable[str], tracked: IndexSnapshot, now: datetime, is_there: Callable[[str], bool]
    ) -> list[StoryVerdict]:
        """Return the verdicts that still hold, of some stories; none that saw an entry of a time still to come."""
        until, sure, rows = format_ledger_time(now), tracked.sure.get, self.rows
        valid: list[StoryVerdict] = []
        for path in paths:
            row = rows.get(path)
            if row is None or row[0] != sure(path) or row[3] != sure(row[2], ""):
                continue
            _, story_id, _, _, pictures, links, latest, findings, aliases = row
            if latest > until or (pictures and any(sure(picture) != was for picture, was in pictures)):
                continue
            if links and any(is_there(link) != was for link, was in links):
                continue
            seen = tuple(map(_read_finding, findings)) if findings else ()
            valid.append(StoryVerdict(path, story_id, seen, pictures, links, latest, aliases))
        return valid

    def keep(self, judged: Sequence[StoryVerdict], tracked: IndexSnapshot, everything: Iterable[str]) -> None:
        """Keep new verdicts, and forget stories that are gone; what cannot be written is not kept."""
        rows = dict(self.rows)
        for seen in judged:
            record = ledger.path_of(seen.story_id) if seen.story_id else ""
            blob, line = tracked.sure.get(seen.path), tracked.sure.get(record, "")
            if any(finding.rule == _BY_CLOCK for finding in seen.findings):
                rows.pop(seen.path, None)
            elif blob and bool(line) == bool(record) and all(blob for _, blob in seen.pictures):
                files = (blob, seen.story_id, record, line, seen.pictures, seen.links)
                rows[seen.path] = [*files, seen.latest, seen.findings, seen.aliases]
        stories = set(everything)
        rows = {path: row for path, row in rows.items() if path in stories}
        if judged or len(rows) != len(self.rows):
            body = json.dumps(rows, separators=(",", ":")).encode()
            with suppress(OSError):
                replace_file(self.file, self._head(body) + b"\n" + body)


def _read_finding(row: list[Any]) -> Finding:
    rule, severity, *rest = row
    return Finding(rule, Severity(severity), *rest)


def _key(judges: Policy) -> str:
    """Return a hash of all that every verdict depends on: this version, as it is installed, and the configuration."""
    package = Path(__file__).parents[1]
    installed = sorted((str(module), module.stat().st_mtime_ns) for module in package.rglob("*.py"))
    said = (__version__, installed, judges.settings.model_dump(by_alias=True), sorted(judges.mailmap.items()))
    return hashlib.sha256(repr(said).encode("utf-8", "surrogateescape")).hexdigest()
