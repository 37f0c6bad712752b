"""Times people type: read in the newsroom's zone, and told back in full."""

from __future__ import annotations


def told(text: str, now: str) -> str:
    """A time that was typed, as ledgers write it, told back in the newsroom's zone and UTC; raises WrongUsage."""
    from newsroom_cli.commands.options import moment
    from newsroom_cli.errors import WrongUsage
    from newsroom_cli.report.screen import say
    from newsroom_cli.repository.newsroom import open_newsroom
    from newsroom_cli.times import local, typed, utc, whole

    zone = open_newsroom().settings.timezone
    try:
        found = whole(typed(text, zone, moment(now)))
    except ValueError as error:
        raise WrongUsage(f"{text!r} {error}.", "Say 18:00, 2026-11-24 18:00 or 2026-11-24T18:00:00+08:00.") from None
    if found <= moment(now):
        raise WrongUsage(f"{local(found, zone)} is past.", "Say a time to come.")
    say(f"{local(found, zone)} ({zone}), that is {utc(found)}.")
    return utc(found)
