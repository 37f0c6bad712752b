"""`story redo`: out of two ledgers of one story."""

from __future__ import annotations

from typing import Annotated

import typer

from newsroom_cli.commands.options import DryRun, Now, Slug


def redo(
    slug: Slug,
    yes: Annotated[bool, typer.Option("--yes", help="Sign words that are not those you signed.")] = False,
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Settle two ledgers of a story and make your moves again."""
    from newsroom_cli.commands.options import moment
    from newsroom_cli.plain import visible
    from newsroom_cli.report.planned import put_diff, put_plan, say_shared
    from newsroom_cli.report.redone import say_redone
    from newsroom_cli.report.screen import put, say
    from newsroom_cli.repository import desk
    from newsroom_cli.repository import redo as redoing
    from newsroom_cli.repository.newsroom import open_newsroom
    from newsroom_cli.workflow import Act

    newsroom = open_newsroom()
    found = redoing.plan(newsroom, slug, Act("", newsroom.actor, moment(now), newsroom.judges), unread=yes)
    if not found.files and not found.plan.writes:
        say_redone(found)
        say(f"{visible(found.story.slug)}: nothing to redo.")
        return
    if dry_run and found.files:
        put(f"Would stage {', '.join(visible(path) for path in found.files)}:")
        for path, content in found.files.items():
            put_diff(path, (newsroom.files.read(path) or b"").decode("utf-8", "replace"), content.decode())
    elif dry_run:
        put_plan(found.plan, lambda path: newsroom.files.read(path) or b"")
    elif found.files:
        redoing.stage(newsroom, found)
        say(f"Settled {visible(found.story.slug)}: {visible(found.plan.story.metadata.state or '')}.")
    commit = None if dry_run or found.files else desk.perform(newsroom, found.plan)
    say_redone(found)
    if commit is not None:
        say_shared(commit)
