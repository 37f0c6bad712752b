"""What `redo` did, what it left out, where the lost side is, and how to go on."""

from __future__ import annotations

from newsroom_cli.actions.redo import Redo
from newsroom_cli.escaping import make_visible, shell_quote
from newsroom_cli.report.screen import say


def say_ahead(found: Redo) -> None:
    """Say what would be made again, and where it leads."""
    for step in found.again.steps if found.again else ():
        if step.entry is not None:
            way = f"{step.entry.from_} → {step.entry.to}" if step.entry.completes else f"still {step.entry.to}"
            say(
                f"{make_visible(found.story.slug)}: to be made again: "
                f"{make_visible(step.entry.action)} ({make_visible(way)})."
            )


def say_redone(found: Redo) -> None:
    """Say what became of both sides, and what is next."""
    slug = make_visible(found.story.slug)
    for step in found.again.steps if found.again else ():
        if step.entry is not None:
            say(f"{slug}: made again: {make_visible(step.entry.action)} ({make_visible(step.entry.to)}).")
    for entry, reason in found.again.refused if found.again else ():
        say(f"{slug}: not made again: {make_visible(entry.action)}. {make_visible(reason.message)}")
    for entry in found.unproven:
        hint = f"nothing proves that it is yours. If it is: story {entry.action} {shell_quote(found.story.slug)}"
        say(f"{slug}: not made again: {make_visible(entry.action)} in your name; {make_visible(hint)}")
    for note in found.notes:
        say(f"{slug}: {make_visible(note.replace('SLUG', shell_quote(found.story.slug)))}.")
    for entry in found.others:
        name = make_visible(entry.actor.name)
        way = f"{name} makes it again"
        if entry.seq in found.instead:
            way = f"{name} may not make it any more. To ask: {make_visible(found.instead[entry.seq])}"
        say(f"{slug}: dropped: {make_visible(entry.action)} by {name}; {way}.")
    if found.kept_in and (
        found.others or found.unproven or found.later or (found.again and (found.again.steps or found.again.refused))
    ):
        say(f"The lost side stays in git: git show {found.kept_in}:{found.ledger}")
    if found.ends:
        say(f"Go on: {make_visible(found.ends)}")
    if found.later:
        verbs = ", ".join(make_visible(one.action) for one in found.later)
        say(f"Then: story redo {shell_quote(slug)} (makes {verbs} again, a commit each)")
