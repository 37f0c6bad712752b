"""`story redo`: out of two ledgers of one story."""

from __future__ import annotations

from typing import Annotated

from newsroom_cli.commands.opening import open_for
from newsroom_cli.commands.options import DryRun, Now, Slug, option
from newsroom_cli.escaping import make_visible, shell_quote
from newsroom_cli.report.screen import print_line, say


def redo(
    slug: Slug,
    yes: Annotated[bool, option("--yes", "Make moves to readers again, and sign changed words.")] = False,
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Settle two ledgers of a story and make your moves again."""
    from newsroom_cli.actions import redo as redoing
    from newsroom_cli.commands.take_action import require_yes
    from newsroom_cli.report.commits import put_file_diff, put_plan, say_shared
    from newsroom_cli.report.redo import say_ahead, say_redone

    newsroom, act = open_for("", now)
    redone = redoing.plan_redo(newsroom, slug, act)
    if not redone.files and not redone.writes:
        say_redone(redone)
        say(f"{make_visible(redone.story.slug)}: nothing to redo.")
        return
    say_ahead(redone)
    path, name = (shell_quote(text) for text in (redone.story.path, redone.story.slug))
    way = f"Look at it (git log -p -- {path}), then: story redo {name} --yes"
    require_yes(redone.story, redone.questions, "Make it again?", way, yes=yes or dry_run)
    if dry_run and redone.files:
        print_line(f"Would stage {', '.join(make_visible(path) for path in redone.files)}:")
        for path, content in redone.files.items():
            put_file_diff(path, newsroom.files, content)
    elif dry_run:
        put_plan(redone.story, redone.writes, newsroom.files)
    elif redone.files:
        redoing.stage_redo(newsroom, redone)
        say(f"Settled {make_visible(redone.story.slug)}: {make_visible(redone.story.metadata.state or '')}.")
    commit = None if dry_run or redone.files else redoing.make_moves_again(newsroom, redone)
    say_redone(redone)
    say_shared(commit)
