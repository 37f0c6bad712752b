"""Says all that `redo` did and left out, where the lost side is, and how to go on."""

from __future__ import annotations

from newsroom_cli.actions.redo import Redo
from newsroom_cli.escaping import make_visible, shell_quote
from newsroom_cli.report.screen import say


def say_ahead(outcome: Redo) -> None:
    """Say what would be made again, and where it leads."""
    for step in outcome.again.steps if outcome.again else ():
        if step.entry is not None:
            way = f"{step.entry.from_} → {step.entry.to}" if step.entry.completes else f"still {step.entry.to}"
            say(
                f"{make_visible(outcome.story.slug)}: to be made again: "
                f"{make_visible(step.entry.action)} ({make_visible(way)})."
            )


def say_redone(outcome: Redo) -> None:
    """Say what became of both sides, and what is next."""
    slug = make_visible(outcome.story.slug)
    for step in outcome.again.steps if outcome.again else ():
        if step.entry is not None:
            say(f"{slug}: made again: {make_visible(step.entry.action)} ({make_visible(step.entry.to)}).")
    for entry, reason in outcome.again.refused if outcome.again else ():
        say(f"{slug}: not made again: {make_visible(entry.action)}. {make_visible(reason.message)}")
    for entry in outcome.unproven:
        hint = f"nothing proves that it is yours. If it is: story {entry.action} {shell_quote(outcome.story.slug)}"
        say(f"{slug}: not made again: {make_visible(entry.action)} in your name; {make_visible(hint)}")
    for note in outcome.notes:
        say(f"{slug}: {make_visible(note.replace('SLUG', shell_quote(outcome.story.slug)))}.")
    for entry in outcome.others:
        name = make_visible(entry.actor.name)
        way = f"{name} makes it again"
        if entry.seq in outcome.instead:
            way = f"{name} may not make it any more. To ask: {make_visible(outcome.instead[entry.seq])}"
        say(f"{slug}: dropped: {make_visible(entry.action)} by {name}; {way}.")
    if outcome.kept_in and (
        outcome.others
        or outcome.unproven
        or outcome.later
        or (outcome.again and (outcome.again.steps or outcome.again.refused))
    ):
        say(f"The lost side stays in git: git show {outcome.kept_in}:{outcome.ledger}")
    if outcome.ends:
        say(f"Go on: {make_visible(outcome.ends)}")
    if outcome.later:
        verbs = ", ".join(make_visible(entry.action) for entry in outcome.later)
        say(f"Then: story redo {shell_quote(slug)} (makes {verbs} again, a commit each)")
