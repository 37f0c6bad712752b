"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer


def option(usage: str, text: str, *, show_default: bool = False) -> object:
    """Return an option by how it is typed, as `--slug SLUG` (without the metavar it is a flag), and its help."""
    names = usage.split()
    metavar = None if names[-1].startswith("-") else names.pop()
    return typer.Option(*names, metavar=metavar, help=text, show_default=show_default)


def argument(metavar: str, text: str | None = None) -> object:
    """Return an argument by its name on the screen, and its help."""
    return typer.Argument(metavar=metavar, help=text, show_default=False)


Slug = Annotated[str, argument("SLUG", "The story's slug, or its path.")]
Slugs = Annotated[list[str], argument("SLUG...", "The stories' slugs, or their paths.")]
Note = Annotated[str, option("--note -m TEXT", "Say why, for the desk.")]
Override = Annotated[str | None, option("--override REASON", "Lift four eyes; recorded and shown.")]
DryRun = Annotated[bool, option("--dry-run", "Show the commit, make none.")]
AsJson = Annotated[bool, option("--json", "Print JSON.")]
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
