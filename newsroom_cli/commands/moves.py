"""`story submit`, `withdraw`, `approve`, `send-back`, `publish` and `ack`: the verbs that move a story."""

from __future__ import annotations

from typing import Annotated

import typer

from newsroom_cli.commands.options import DryRun, Note, Now, Override, Slugs


def submit(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Hand a draft in for review, with what you have written."""
    _move("submit", slugs, note=note, dry_run=dry_run, now=now)


def withdraw(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Take a story back from review to go on writing."""
    _move("withdraw", slugs, note=note, dry_run=dry_run, now=now)


def approve(slugs: Slugs, note: Note = "", override: Override = None, dry_run: DryRun = False, now: Now = "") -> None:
    """Pass a story from review to edit and become its editor."""
    _move("approve", slugs, note=note, override=override, dry_run=dry_run, now=now)


def send_back(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Return a story to its reporter, saying why (--note)."""
    _move("send-back", slugs, note=note, dry_run=dry_run, now=now)


def publish(
    slugs: Slugs,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="Sign now, for release at a time.", show_default=False)
    ] = "",
    note: Note = "",
    override: Override = None,
    yes: Annotated[bool, typer.Option("--yes", help="Publish words changed since the last move.")] = False,
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Make a story public, signing its words and pictures."""
    from newsroom_cli.commands.times import told

    action, terms = ("schedule", {"publish_at": told(at, now)}) if at else ("publish", {})
    _move(action, slugs, note=note, override=override, yes=yes, dry_run=dry_run, now=now, terms=terms)


def ack(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Acknowledge that four eyes were lifted for a story."""
    _move("ack", slugs, note=note, dry_run=dry_run, now=now)


def _move(
    action: str,
    slugs: list[str],
    *,
    note: str,
    dry_run: bool,
    now: str,
    override: str | None = None,
    yes: bool = False,
    terms: dict[str, str] | None = None,
) -> None:
    from newsroom_cli.commands.batch import each
    from newsroom_cli.commands.options import moment
    from newsroom_cli.errors import WrongUsage
    from newsroom_cli.repository.newsroom import open_newsroom
    from newsroom_cli.workflow import Act

    if override is not None and not override.strip():
        raise WrongUsage("--override needs a reason.", f'story {action} {slugs[0]} --override "…"')
    newsroom = open_newsroom()
    act = Act(
        action, newsroom.actor, moment(now), newsroom.judges, note=note, terms=terms or {}, override=override or ""
    )
    each(newsroom, slugs, act, dry_run=dry_run, yes=yes)
