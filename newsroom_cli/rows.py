"""One story as lists show it: where it stands, since when, and what stops it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsroom_cli.flags import flags as by_state
from newsroom_cli.frontmatter import content_hash
from newsroom_cli.ledger import Ledger
from newsroom_cli.model import Story
from newsroom_cli.pipeline import FLAGS
from newsroom_cli.roster import Judges
from newsroom_cli.verify import scheduled, unacknowledged, void


def _is_void(story: Story, ledger: Ledger) -> bool:
    """Whether a story's words, or the roles it asks for, are not those that were signed for its time.

    Pictures are not looked at.
    """
    planned = scheduled(ledger.entries)
    if planned is None:
        return False
    return bool(void(planned, ledger.entries, content=content_hash(story), assets=planned.assets))


@dataclass(frozen=True)
class Row:
    """One story as lists show it; `branch` is where it is when not here, `problem` why it cannot be read."""

    path: str
    story: Story | None = None
    ledger: Ledger | None = None
    branch: str = ""
    problem: str = ""
    flags: tuple[str, ...] = ()

    @classmethod
    def of(cls, story: Story, ledger: Ledger | None, judges: Judges, *, at: datetime, branch: str = "") -> Row:
        """A row with the flags that stop a story at an instant or wait for somebody."""
        flags = [] if ledger else ["ledger missing" if story.holds("id") else "not taken in"]
        if ledger and ledger.findings:
            flags.append("ledger broken")
        if ledger and unacknowledged(ledger.entries, judges):
            flags.append("override")
        stops = by_state(judges.settings.pipeline, ledger.record, at) if ledger and not ledger.findings else frozenset()
        flags += [flag for flag in FLAGS if flag in stops]
        if ledger and "scheduled" in stops and _is_void(story, ledger):
            flags.append("schedule void")
        expires = story.metadata.expires
        if expires is not None and expires <= at and ledger and judges.settings.pipeline.is_public(ledger.state):
            flags.append("expired")
        if story.metadata.pubstatus and not stops & {"held", "spiked", "killed"}:
            flags.append(story.metadata.pubstatus)
        return cls(story.path, story, ledger, branch, "", tuple(flags))

    @property
    def state(self) -> str:
        """The state the file says."""
        value = self.story.fields.get("state") if self.story else None
        return value if isinstance(value, str) else ""

    @property
    def since(self) -> str:
        """When the story came to its state (UTC), from its ledger."""
        moved = self.ledger.moved if self.ledger else None
        return moved.at if moved else ""

    def as_json(self) -> dict[str, Any]:
        """The row as `list --json` has it."""
        meta = self.story.metadata if self.story else None
        return {
            "id": meta.id if meta else None,
            "slug": self.path.rsplit("/", 1)[-1].removesuffix(".md"),
            "path": self.path,
            "title": meta.title if meta else None,
            "state": self.state or None,
            "reporter": [str(one) for one in meta.reporter] if meta else [],
            "editor": [str(one) for one in meta.editor] if meta else [],
            "section": meta.section if meta else None,
            "flags": [*self.flags, *(["unreadable"] if self.problem else [])],
            "since": self.since or None,
            "branch": self.branch or None,
        }
