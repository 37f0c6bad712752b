"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The story's slug, or its path.", show_default=False)]
Slugs = Annotated[
    list[str], typer.Argument(metavar="SLUG...", help="The stories' slugs, or their paths.", show_default=False)
]
Note = Annotated[str, typer.Option("--note", "-m", metavar="TEXT", help="Say why, for the desk.", show_default=False)]
Override = Annotated[
    str | None,
    typer.Option("--override", metavar="REASON", help="Lift four eyes; recorded and shown.", show_default=False),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the commit, make none.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Now = Annotated[str, typer.Option("--now", metavar="TIME", hidden=True, show_default=False)]


_FIRST_YEAR, _LAST_YEAR = 1970, 9000


def require_known(what: str, name: str, known: Iterable[str]) -> None:
    """Raise WrongUsage for a name that is none of the known ones."""
    from newsroom_cli.errors import WrongUsage

    names = tuple(known)
    if name not in names:
        raise WrongUsage(f"There is no {what} {name}.", f"There is {', '.join(names)}.")


def moment(now: str) -> datetime:
    """Return the time a command acts at: that of `--now`, else the clock's; raises WrongUsage for what is no time."""
    if not now:
        return datetime.now(UTC)
    from newsroom_cli.errors import WrongUsage
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
    from newsroom_cli.errors import WrongUsage
    from newsroom_cli.report.screen import say
    from newsroom_cli.repository.newsroom import open_newsroom
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
