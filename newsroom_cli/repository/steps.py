"""What a step did to files, whatever their ledgers say: names, ids, modes; and whose entries gave way in a merge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from newsroom_cli import ledger as ledgers
from newsroom_cli import verify
from newsroom_cli.ledger import Ledger, Origin
from newsroom_cli.model import Finding, Severity
from newsroom_cli.repository.aliases import clashes
from newsroom_cli.repository.files import LEDGERS, STORIES
from newsroom_cli.repository.git import REGULAR, Change
from newsroom_cli.repository.inspection import odd_mode, other_ending, twins
from newsroom_cli.repository.line import Step
from newsroom_cli.repository.newsroom import folded
from newsroom_cli.repository.shelf import Card, Shelf, story_of
from newsroom_cli.roster import Judges


def odd(change: Change) -> Iterator[Finding]:
    """A file of a mode, an ending or a place that no story and no ledger has."""
    if not change.new_mode.strip("0"):
        return
    if change.new_mode not in REGULAR:
        if f"{change.path}/".startswith((f"{STORIES}/", ".newsroom/")):
            yield odd_mode(change.path, change.new_mode)
        return
    yield from other_ending(change.path)
    if ledgers.is_in_month(change.path):
        yield from ledgers.ledgers_in_months([change.path])
    elif change.path.startswith(f"{LEDGERS}/") and not story_of(change.path):
        hint = "Ledgers are written by `story` alone."
        yield verify.error("ledger-stray", change.path, 1, "no story's ledger belongs here.", hint)


def twins_of(shelf: Shelf, changed: Mapping[str, Card]) -> Iterator[Finding]:
    """Stories that changed and share their slug or id with another, or have its slug as an alias."""
    near: dict[str, str] = {}
    named: set[str] = set()
    for path, card in changed.items():
        slug = folded(path.rsplit("/", 1)[-1].removesuffix(".md"))
        slugs = shelf.slugs.get(slug, set())
        named |= {path, *shelf.aliases.get(slug, ())}
        named |= {one for alias in card.aliases for one in shelf.slugs.get(alias, ())}
        owners = shelf.owners.get(card.story_id, set()) if card.story_id else set()
        if len(slugs) > 1 or len(owners) > 1:
            near.update((one, shelf.cards[one].story_id) for one in slugs | owners)
    yield from (one for one in twins(near, lambda _path, _id: False) if one.path in changed)
    aliases = {path: found for path in sorted(named) if path in shelf.cards and (found := shelf.cards[path].aliases)}
    yield from (one for one in clashes(aliases, sorted(named)) if one.path in changed)


def identities(old: Mapping[str, Card], new: Mapping[str, Card], shelf: Shelf) -> Iterator[Finding]:
    """Stories whose id became another one while the story that had it is nowhere else."""
    for path, card in sorted(new.items()):
        was = old.get(path)
        if was is None or not was.story_id or card.findings or was.story_id in (card.story_id, *shelf.owners):
            continue
        if was.story_id in shelf.ledgers:
            message = f"the story's id was {was.story_id}; a story keeps its id."
            hint = f"Write `id: {was.story_id}`; a new story is a new file."
            yield verify.error("id-changed", path, 1, message, hint, "id")


def given_way(step: Step, old: Ledger, new: Ledger, origins: Mapping[int, Origin], judges: Judges) -> Ledger | None:
    """What two ledgers share, where a merge took the other side's and whoever merged left out entries of their own.

    So `story redo` ends after a `git pull`, which makes the line lead through the commits that lost. None for anything
    else: the other side has to have grown too, by entries of its own commits, and nobody's but the merger's are lost.
    """
    rows, others = old.content.split(b"\n")[:-1], new.content.split(b"\n")[:-1]
    same = next((n for n, (one, other) in enumerate(zip(rows, others, strict=False)) if one != other), None)
    if not step.commit.is_merge or not same or old.findings or new.findings:
        return None
    if any(number not in origins for number in range(same + 1, len(others) + 1)):
        return None
    if not all(judges.same(entry.actor, step.commit.author) for entry in old.entries[same:]):
        return None
    return ledgers.parse(old.path, b"".join(row + b"\n" for row in rows[:same]))


def gave_way(old: Ledger, shared: Ledger) -> Finding:
    """What is said of entries that gave way."""
    lost = [f"{entry.action} by {entry.by}" for entry in old.entries[len(shared.entries) :]]
    message = f"{', '.join(lost)} gave way in a merge to what the other side had."
    return Finding("undone-before-merge", Severity.INFO, old.path, len(shared.entries) + 1, 1, message)
