"""Says all that `redo` did and left out, where the lost side is, and how to go on."""

from __future__ import annotations

from newsroom_cli.actions.redo import Redo
from newsroom_cli.escaping import make_visible, shell_quote
from newsroom_cli.report.screen import say


def say_ahead(outcome: Redo) -> None:
    """Say what would be made again, and where it leads."""
    slug = make_visible(outcome.story.slug)
    for entry in (remade.entry for remade in outcome.replay.remade):
        way = f"{entry.from_} → {entry.to}" if entry.completes else f"still {entry.to}"
        say(f"{slug}: to be made again: {make_visible(entry.action)} ({make_visible(way)}).")


def say_redone(outcome: Redo) -> None:
    """Say what became of both sides, and what is next."""
    slug, settlement, replay = make_visible(outcome.story.slug), outcome.settlement, outcome.replay
    for remade in replay.remade:
        say(f"{slug}: made again: {make_visible(remade.entry.action)} ({make_visible(remade.entry.to)}).")
    for entry, reason in replay.refused:
        say(f"{slug}: not made again: {make_visible(entry.action)}. {make_visible(reason.message)}")
    for entry in settlement.unproven:
        hint = f"nothing proves that it is yours. If it is: story {entry.action} {shell_quote(outcome.story.slug)}"
        say(f"{slug}: not made again: {make_visible(entry.action)} in your name; {make_visible(hint)}")
    for note in outcome.notes:
        say(f"{slug}: {make_visible(note.replace('SLUG', shell_quote(outcome.story.slug)))}.")
    for entry in settlement.others:
        name = make_visible(entry.actor.name)
        way = f"{name} makes it again"
        if entry.seq in outcome.instead:
            way = f"{name} may not make it any more. To ask: {make_visible(outcome.instead[entry.seq])}"
        say(f"{slug}: dropped: {make_visible(entry.action)} by {name}; {way}.")
    lost = settlement.others or settlement.unproven or outcome.later or replay.remade or replay.refused
    if outcome.kept_in and lost:
        say(f"The lost side stays in git: git show {outcome.kept_in}:{settlement.kept.path}")
    if outcome.ends:
        say(f"Go on: {make_visible(outcome.ends)}")
    if outcome.later:
        verbs = ", ".join(make_visible(entry.action) for entry in outcome.later)
        say(f"Then: story redo {shell_quote(slug)} (makes {verbs} again, a commit each)")
