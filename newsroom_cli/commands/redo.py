"""`story redo`: out of two ledgers of one story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from newsroom_cli.commands.opening import open_for
from newsroom_cli.commands.options import DryRun, Now, Slug, option

if TYPE_CHECKING:
    from newsroom_cli.actions.redo import Redo


def redo(
    slug: Slug,
    yes: Annotated[bool, option("--yes", "Make moves to readers again, and sign changed words.")] = False,
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Settle two ledgers of a story and make your moves again."""
    from newsroom_cli.actions import redo as redoing
    from newsroom_cli.escaping import make_visible
    from newsroom_cli.report.commits import put_diff, put_plan, say_shared
    from newsroom_cli.report.redo import say_redone
    from newsroom_cli.report.screen import print_line, say

    newsroom, act = open_for("", now)
    redone = redoing.plan_redo(newsroom, slug, act)
    if not redone.files and not redone.plan.writes:
        say_redone(redone)
        say(f"{make_visible(redone.story.slug)}: nothing to redo.")
        return
    _agree(redone, yes=yes or dry_run)
    if dry_run and redone.files:
        print_line(f"Would stage {', '.join(make_visible(path) for path in redone.files)}:")
        for path, content in redone.files.items():
            put_diff(path, (newsroom.files.read(path) or b"").decode("utf-8", "replace"), content.decode())
    elif dry_run:
        put_plan(redone.plan, lambda path: newsroom.files.read(path) or b"")
    elif redone.files:
        redoing.stage_redo(newsroom, redone)
        say(f"Settled {make_visible(redone.story.slug)}: {make_visible(redone.plan.story.metadata.state or '')}.")
    commit = None if dry_run or redone.files else redoing.make_moves_again(newsroom, redone)
    say_redone(redone)
    if commit is not None:
        say_shared(commit)


def _agree(redone: Redo, *, yes: bool) -> None:
    """Show what is to be made again, and ask where readers get it or new words are signed; `--yes` off a terminal."""
    import sys

    from newsroom_cli.errors import Refusal
    from newsroom_cli.escaping import make_visible, shell_quote
    from newsroom_cli.report.redo import say_ahead
    from newsroom_cli.report.screen import say

    say_ahead(redone)
    if not redone.questions:
        return
    slug = redone.story.slug
    if yes or sys.stdin.isatty():
        for question in redone.questions:
            say(f"{make_visible(slug)}: {make_visible(question)}.")
    if yes or (sys.stdin.isatty() and typer.confirm("Make it again?", err=True)):
        return
    way = f"Look at it (git log -p -- {shell_quote(redone.story.path)}), then: story redo {shell_quote(slug)} --yes"
    raise Refusal(f"{slug}: {'; '.join(redone.questions)}.", way)
