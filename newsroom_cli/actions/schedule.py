"""Finds the stories that are to go public at a time, without reading any that never were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from newsroom_cli.errors import CannotRun, Unreadable
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.repository.layout import LEDGER_ENDING, LEDGERS, id_in_name, slug_of
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.repository.search import find_holding
from newsroom_cli.times import format_with_offset, parse_instant

_KEY = "publish_at"
_SAYS = b'"publish_at":'


class ScheduledStory(NamedTuple):
    """The time a story is scheduled for, and its file."""

    at: datetime
    path: str

    def say_time(self, newsroom: Newsroom) -> str:
        """Return the story's slug and its time in the newsroom's zone."""
        return f"{slug_of(self.path)}, {format_with_offset(self.at, newsroom.settings.timezone)}."


_NOW = parse_instant("1970-01-01T00:00:00Z")
"""When a story is due of which nothing can be read: now is as good a time to be told so."""


def list_scheduled(newsroom: Newsroom) -> list[ScheduledStory]:
    """Return every story that is scheduled by its ledger, the earliest first.

    One that cannot be read, or whose file says a time while its ledger is gone or broken, is among them and due.
    """
    planned = _by_ledgers(newsroom)
    paths = find_holding(newsroom, _KEY, *planned)
    newsroom.files.expect(paths)
    times = ((_time_of_story(newsroom, path, planned), path) for path in paths)
    return sorted(ScheduledStory(at, path) for at, path in times if at is not None)


def _by_ledgers(newsroom: Newsroom) -> dict[str, datetime]:
    """When stories are to go out, by id, as their ledgers fold."""
    paths = find_holding(newsroom, _KEY, under=LEDGERS, suffix=LEDGER_ENDING)
    newsroom.files.expect(paths)
    time_by_id = {id_in_name(path): _time_in_ledger(newsroom, path) for path in paths}
    return {story_id: at for story_id, at in time_by_id.items() if at is not None}


def _time_in_ledger(newsroom: Newsroom, path: str) -> datetime | None:
    try:
        content = newsroom.files.read(path) or b""
        if content.rpartition(_SAYS)[2].startswith(b"null"):
            return None  # the last entry that says a time clears it: no need to read thousands that went out
        return _time_in_record(ledger.parse(path, content))
    except (CannotRun, Unreadable, ValueError):
        return _NOW


def _time_in_record(record: Ledger) -> datetime | None:
    if record.findings:
        return _NOW
    planned = record.record.get(_KEY)
    return parse_instant(planned) if planned else None


def _time_of_story(newsroom: Newsroom, path: str, planned: Mapping[str, datetime]) -> datetime | None:
    """When a story is to go out."""
    try:
        story = newsroom.read(path)
        if (story.metadata.id or "") in planned:
            return planned[story.metadata.id or ""]
        if not story.holds(_KEY):
            return None
        record = newsroom.ledger(story)
        return _time_in_record(record) if record else _NOW
    except (CannotRun, Unreadable, ValueError):
        return _NOW
