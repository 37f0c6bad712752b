"""`story require`: one more role for one story, before readers get it."""

from __future__ import annotations

from typing import Annotated

import typer

from newsroom_cli.commands.acting import take
from newsroom_cli.commands.options import DryRun, Note, Now, Slug


def require(
    slug: Slug,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="Who has to sign too, as legal.", show_default=False)],
    drop: Annotated[bool, typer.Option("--drop", help="Take it back.")] = False,
    note: Note = "",
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Ask for one more role's sign-off before a story is public."""
    take("require", [slug], note=note, dry_run=dry_run, now=now, role=role, drop=drop)
