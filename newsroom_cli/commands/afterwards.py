"""`story deschedule`, `release`, `correct`, `unpublish` and `kill`: going public at a time, and life after it."""

from __future__ import annotations

from typing import Annotated

import typer

from newsroom_cli.commands.acting import take
from newsroom_cli.commands.options import DryRun, Note, Now, Override, Slug, Slugs

Notice = Annotated[
    str, typer.Option("--notice", metavar="TEXT", help="Say what happened, for readers.", show_default=False)
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def deschedule(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Take a story off the schedule."""
    take("deschedule", slugs, note=note, dry_run=dry_run, now=now)


def release(
    slugs: Annotated[
        list[str] | None, typer.Argument(metavar="[SLUG]...", help="These alone; all that are due.", show_default=False)
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="All whose time has come, as without a slug.")] = False,
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Publish scheduled stories whose time has come."""
    from newsroom_cli.actions.schedule import coming
    from newsroom_cli.commands.options import moment
    from newsroom_cli.errors import WrongUsage
    from newsroom_cli.report.screen import say
    from newsroom_cli.repository.newsroom import open_newsroom

    if slugs and due:
        raise WrongUsage("--due takes no slug.", "story release --due")
    if not slugs:
        newsroom = open_newsroom()
        planned = coming(newsroom)
        slugs = [one.path for one in planned if one.at <= moment(now)]
        if not slugs:
            say(f"Nothing is due. Next: {planned[0].told(newsroom)}" if planned else "Nothing is scheduled.")
            return
    take("release", slugs, note="", dry_run=dry_run, now=now)


def correct(
    slug: Slug,
    notice: Notice = "",
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="correction, clarification, update or refile.")
    ] = "correction",
    rename: Annotated[
        str,
        typer.Option("--rename", metavar="SLUG", help="Another slug; old links lead there.", show_default=False),
    ] = "",
    note: Note = "",
    override: Override = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Put right what readers have, with a notice that tells them."""
    from newsroom_cli.commands.options import one_of
    from newsroom_cli.record.conditions import KINDS

    one_of("kind", kind, KINDS)
    terms = {"kind": kind, "notice": notice}
    take("correct", [slug], note=note, dry_run=dry_run, now=now, terms=terms, override=override, yes=yes, rename=rename)


def unpublish(
    slug: Slug, note: Note = "", notice: Notice = "", yes: Yes = False, dry_run: DryRun = False, now: Now = ""
) -> None:
    """Take a story back from readers to the desk, saying why (--note)."""
    terms = {"notice": notice} if notice else {}
    take("unpublish", [slug], note=note, dry_run=dry_run, now=now, terms=terms, yes=yes)


def kill(
    slug: Slug, note: Note = "", notice: Notice = "", yes: Yes = False, dry_run: DryRun = False, now: Now = ""
) -> None:
    """End a published story for good, saying why (--note, --notice)."""
    take("kill", [slug], note=note, dry_run=dry_run, now=now, terms={"notice": notice}, yes=yes)
