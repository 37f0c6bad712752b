"""Opens the newsroom a command acts in, and reads the times it is given."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsroom_cli.errors import WrongUsage
from newsroom_cli.report.screen import say

if TYPE_CHECKING:
    from newsroom_cli.repository.newsroom import Newsroom
    from newsroom_cli.workflow.advance import Act

_FIRST_YEAR, _LAST_YEAR = 1970, 9000


def open_newsroom() -> Newsroom:
    """Open the newsroom around the current folder, which nothing loads before a command is run."""
    from newsroom_cli.repository import newsroom

    return newsroom.open_newsroom()


def open_for(action: str, now: str) -> tuple[Newsroom, Act]:
    """Open the newsroom for an action that whoever runs this takes at a time."""
    from newsroom_cli.workflow.advance import Act

    newsroom = open_newsroom()
    return newsroom, Act(action, newsroom.actor, moment(now), newsroom.judges)


def moment(now: str) -> datetime:
    """Return the time a command acts at: that of `--now`, else the clock's; raises WrongUsage for what is no time."""
    if not now:
        return datetime.now(UTC)
    from newsroom_cli.times import parse_instant

    try:
        time = parse_instant(now)
    except ValueError as error:
        raise WrongUsage(f"--now {error}.") from None
    if not _FIRST_YEAR <= time.year < _LAST_YEAR:
        raise WrongUsage(f"--now {now} is no time a newsroom acts at.")
    return time


def read_time_to_come(text: str, now: str) -> str:
    """Read a time to come that was typed, say it in the newsroom's zone and UTC, and return it as ledgers write it.

    Raises WrongUsage for what is no time, or is past.
    """
    from newsroom_cli.times import format_ledger_time, format_with_offset, parse_typed, round_up

    zone = open_newsroom().settings.timezone
    try:
        time = round_up(parse_typed(text, zone, moment(now)))
    except ValueError as error:
        raise WrongUsage(f"{text!r} {error}.", "Say 18:00, 2026-11-24 18:00 or 2026-11-24T18:00:00+08:00.") from None
    if time <= moment(now):
        raise WrongUsage(f"{format_with_offset(time, zone)} is past.", "Say a time to come.")
    say(f"{format_with_offset(time, zone)} ({zone}), that is {format_ledger_time(time)}.")
    return format_ledger_time(time)
