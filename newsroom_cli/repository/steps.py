"""What is wrong with the files a step changed, whatever their ledgers say: names, ids, modes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from newsroom_cli import verify
from newsroom_cli.model import Finding
from newsroom_cli.repository.aliases import clashes
from newsroom_cli.repository.files import LEDGERS, STORIES
from newsroom_cli.repository.git import REGULAR, Change
from newsroom_cli.repository.inspection import odd_mode, other_ending, twins
from newsroom_cli.repository.newsroom import folded
from newsroom_cli.repository.shelf import Card, Shelf, story_of


def odd(change: Change) -> Iterator[Finding]:
    """A file of a mode, an ending or a place that no story and no ledger has."""
    if not change.new_mode.strip("0"):
        return
    if change.new_mode not in REGULAR:
        if f"{change.path}/".startswith((f"{STORIES}/", ".newsroom/")):
            yield odd_mode(change.path, change.new_mode)
        return
    yield from other_ending(change.path)
    if change.path.startswith(f"{LEDGERS}/") and not story_of(change.path):
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
