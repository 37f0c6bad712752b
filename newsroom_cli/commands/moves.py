"""`story submit`, `withdraw`, `approve`, `send-back`, `publish` and `ack`: the verbs that move a story."""

from __future__ import annotations

from typing import Annotated

import typer

from newsroom_cli.commands.acting import take
from newsroom_cli.commands.options import DryRun, Note, Now, Override, Slugs


def submit(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Hand a draft in for review, with what you have written."""
    take("submit", slugs, note=note, dry_run=dry_run, now=now)


def withdraw(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Take a story back from review to go on writing."""
    take("withdraw", slugs, note=note, dry_run=dry_run, now=now)


def approve(slugs: Slugs, note: Note = "", override: Override = None, dry_run: DryRun = False, now: Now = "") -> None:
    """Pass a story from review to edit and become its editor."""
    take("approve", slugs, note=note, override=override, dry_run=dry_run, now=now)


def send_back(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Return a story to its reporter, saying why (--note)."""
    take("send-back", slugs, note=note, dry_run=dry_run, now=now)


def publish(
    slugs: Slugs,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Sign now, for release then: 18:00 or 2026-11-24 18:00.",
            show_default=False,
        ),
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
    take(action, slugs, note=note, override=override, yes=yes, dry_run=dry_run, now=now, terms=terms)


def ack(slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Acknowledge that four eyes were lifted for a story."""
    take("ack", slugs, note=note, dry_run=dry_run, now=now)
