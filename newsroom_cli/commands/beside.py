"""`story hold`, `resume`, `spike`, `restore` and `embargo`: what stops a story beside its state."""

from __future__ import annotations

from typing import Annotated

import typer

from newsroom_cli.commands.acting import take
from newsroom_cli.commands.options import DryRun, Note, Now, Slug, Slugs
from newsroom_cli.escaping import quoted


def hold(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Stop a story from going public, saying why (--note); its words may change."""
    take("hold", slugs, note=note, dry_run=dry_run, now=now)


def resume(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Let a story on hold go on."""
    take("resume", slugs, note=note, dry_run=dry_run, now=now)


def spike(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Give a story up before readers had it, saying why (--note)."""
    take("spike", slugs, note=note, dry_run=dry_run, now=now)


def restore(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Bring a spiked story back to the state it had."""
    take("restore", slugs, note=note, dry_run=dry_run, now=now)


def embargo(
    slug: Slug,
    time: Annotated[
        str, typer.Argument(metavar="[TIME]", help="When it may go out: 18:00, or a whole date.", show_default=False)
    ] = "",
    endless: Annotated[bool, typer.Option("--until-further-notice", help="Until it is lifted.")] = False,
    lift: Annotated[bool, typer.Option("--lift", help="End it now.")] = False,
    note: Note = "",
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Keep a story from readers until a time."""
    from newsroom_cli.commands.times import told
    from newsroom_cli.errors import WrongUsage
    from newsroom_cli.record.stops import UNTIL_FURTHER_NOTICE

    if bool(time) + endless + lift != 1:
        raise WrongUsage(
            "An embargo takes a time, --until-further-notice or --lift.", f"story embargo {quoted(slug)} 18:00"
        )
    ends = told(time, now) if time else UNTIL_FURTHER_NOTICE
    take("embargo", [slug], note=note, dry_run=dry_run, now=now, terms={} if lift else {"embargo": ends})
