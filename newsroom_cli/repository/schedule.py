"""Finds the stories that are to go public at a time, without reading any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsroom_cli.errors import CannotRun, Unreadable
from newsroom_cli.instants import instant, local
from newsroom_cli.repository.linked import with_line
from newsroom_cli.repository.newsroom import Newsroom


@dataclass(frozen=True)
class Coming:
    """A scheduled story and its time."""

    path: str
    at: datetime

    def told(self, newsroom: Newsroom) -> str:
        """The story's slug and its time in the newsroom's zone."""
        slug = self.path.rpartition("/")[2].removesuffix(".md")
        return f"{slug}, {local(self.at, newsroom.settings.timezone)}."


def coming(newsroom: Newsroom) -> list[Coming]:
    """Every story that is scheduled by its ledger, the earliest first."""
    paths = with_line(newsroom, "^publish_at:")
    found = [Coming(path, at) for path in paths if (at := _planned(newsroom, path)) is not None]
    return sorted(found, key=lambda one: (one.at, one.path))


def _planned(newsroom: Newsroom, path: str) -> datetime | None:
    """When a story is to go out; where nothing can be read of it, now is as good a time to be told so."""
    try:
        record = newsroom.ledger(newsroom.read(path))
        planned = record.record.get("publish_at") if record else None
        return instant(planned) if planned else None
    except (CannotRun, Unreadable, ValueError):
        return instant("1970-01-01T00:00:00Z")
