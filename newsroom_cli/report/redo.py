"""What `redo` did, what it left out, where the lost side is, and how to go on."""

from __future__ import annotations

from newsroom_cli.actions.redo import Redo
from newsroom_cli.escaping import quoted, visible
from newsroom_cli.report.screen import say


def say_ahead(found: Redo) -> None:
    """Say what would be made again, and where it leads."""
    for step in found.again.steps if found.again else ():
        if step.entry is not None:
            way = f"{step.entry.from_} → {step.entry.to}" if step.entry.completes else f"still {step.entry.to}"
            say(f"{visible(found.story.slug)}: to be made again: {visible(step.entry.action)} ({visible(way)}).")


def say_redone(found: Redo) -> None:
    """Say what became of both sides, and what is next."""
    slug = visible(found.story.slug)
    for step in found.again.steps if found.again else ():
        if step.entry is not None:
            say(f"{slug}: made again: {visible(step.entry.action)} ({visible(step.entry.to)}).")
    for entry, reason in found.again.refused if found.again else ():
        say(f"{slug}: not made again: {visible(entry.action)}. {visible(reason.message)}")
    for entry in found.unproven:
        hint = f"nothing proves that it is yours. If it is: story {entry.action} {quoted(found.story.slug)}"
        say(f"{slug}: not made again: {visible(entry.action)} in your name; {visible(hint)}")
    for note in found.notes:
        say(f"{slug}: {visible(note.replace('SLUG', quoted(found.story.slug)))}.")
    for entry in found.others:
        name = visible(entry.actor.name)
        way = f"{name} makes it again"
        if entry.seq in found.instead:
            way = f"{name} may not make it any more. To ask: {visible(found.instead[entry.seq])}"
        say(f"{slug}: dropped: {visible(entry.action)} by {name}; {way}.")
    if found.kept_in and (
        found.others or found.unproven or found.later or (found.again and (found.again.steps or found.again.refused))
    ):
        say(f"The lost side stays in git: git show {found.kept_in}:{found.ledger}")
    if found.ends:
        say(f"Go on: {visible(found.ends)}")
    if found.later:
        verbs = ", ".join(visible(one.action) for one in found.later)
        say(f"Then: story redo {quoted(slug)} (makes {verbs} again, a commit each)")
