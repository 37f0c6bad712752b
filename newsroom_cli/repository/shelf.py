"""The tree of a line as it goes from step to step: every path, and of each story what an audit asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from newsroom_cli import ledger, pictures
from newsroom_cli.errors import Unreadable
from newsroom_cli.ledger import Held, Ledger
from newsroom_cli.model import ID, Finding, Story
from newsroom_cli.repository.aliases import former
from newsroom_cli.repository.files import LEDGERS, STORIES
from newsroom_cli.repository.git import REGULAR, Change
from newsroom_cli.repository.inspection import odd_mode
from newsroom_cli.repository.newsroom import folded
from newsroom_cli.repository.reading import Reading

NOTHING = "0" * 40


@dataclass(frozen=True, slots=True)
class Card:
    """One story's file: its blob, its id, its content hash, where the pictures it names are, why it cannot be read.

    A file that cannot be read has the id it had before. `story` is left out where it can be read again if need be.
    `aliases` are the slugs its aliases name.
    """

    path: str
    blob: str
    story_id: str = ""
    content: str = ""
    title: str = ""
    pictures: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    story: Story | None = None
    aliases: tuple[str, ...] = ()


def is_story(path: str) -> bool:
    """Whether a path is that of a story's file."""
    return path.startswith(f"{STORIES}/") and path.endswith(".md")


def story_of(path: str) -> str:
    """The id of the story whose ledger belongs at a path; empty where none does."""
    return ledger.id_of(path)


def blob_of(mode: str, blob: str) -> str:
    """The blob of a regular file, zeros for anything else."""
    return blob if mode in REGULAR else NOTHING


@dataclass
class Shelf:
    """One tree: `files` are modes and blobs by path, `cards` stories by path, `ledgers` those in their place by id.

    `owners` are the stories' paths by id, `slugs` by folded slug, `aliases` by each they have, `pictured` by
    the path of a picture they name.
    """

    reading: Reading
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    owners: dict[str, set[str]] = field(default_factory=dict)
    slugs: dict[str, set[str]] = field(default_factory=dict)
    aliases: dict[str, set[str]] = field(default_factory=dict)
    pictured: dict[str, set[str]] = field(default_factory=dict)

    def card(self, path: str, blob: str) -> Card:
        """A story's card as a blob makes it."""
        found = self.reading.story(path, blob)
        if not isinstance(found, Story):
            known = self.cards.get(path)
            return Card(path, blob, known.story_id if known else "", findings=found)
        gist = self.reading.gist(path, blob)
        named = tuple(pictures.placed(found).items())
        story_id = gist.story_id if gist and ID.fullmatch(gist.story_id) else ""
        title = found.metadata.title or ""
        return Card(path, blob, story_id, gist.content if gist else "", title, named, (), found, former(found))

    def apply(self, changes: Iterable[Change], cards: Mapping[str, Card]) -> None:
        """Go one step on; `cards` are those of the stories that changed."""
        for change in changes:
            path = change.path
            if change.new_mode.strip("0"):
                self.files[path] = (change.new_mode, change.new)
            else:
                self.files.pop(path, None)
            if is_story(path):
                self._put(path, cards.get(path))
            elif path.startswith(f"{LEDGERS}/") and (story_id := story_of(path)):
                blob = blob_of(change.new_mode, change.new)
                above = self.ledgers.pop(story_id, None)
                if blob.strip("0"):
                    self.ledgers[story_id] = self.reading.ledger(path, blob, above)

    def _put(self, path: str, card: Card | None) -> None:
        old = self.cards.pop(path, None)
        for one, done in ((old, set[str].discard), (card, set[str].add)):
            if one is None:
                continue
            for index, key in self._keys(one):
                done(index.setdefault(key, set()), path)
                if not index[key]:
                    del index[key]
        if card is not None:
            self.cards[path] = card

    def _keys(self, card: Card) -> Iterator[tuple[dict[str, set[str]], str]]:
        yield self.slugs, folded(card.path.rsplit("/", 1)[-1].removesuffix(".md"))
        if card.story_id:
            yield self.owners, card.story_id
        for alias in card.aliases:
            yield self.aliases, alias
        for _, where in card.pictures:
            yield self.pictured, where

    def owner(self, story_id: str) -> Card | None:
        """The card of the story that claims an id."""
        paths = self.owners.get(story_id)
        return self.cards[min(paths)] if paths else None

    def held(self, card: Card | None, record: Ledger | None) -> Held:
        """A story with its ledger and the pictures that are there."""
        if card is None or card.findings:
            return Held(None, record)
        story = card.story
        if story is None:
            read = self.reading.story(card.path, card.blob)
            story = read if isinstance(read, Story) else None
        there = {name: self.files[where] for name, where in card.pictures if where in self.files}
        return Held(story, record, {name: blob for name, (mode, blob) in there.items() if mode in REGULAR})

    def settle(self, card: Card) -> None:
        """Let go of a story that is not expected to change soon."""
        if card.story is not None and self.cards.get(card.path) is card:
            self.cards[card.path] = replace(card, story=None)

    # the files as judges are read from them

    def under(self, folder: str, suffix: str) -> list[str]:
        """Every path below a folder that ends so, sorted."""
        return sorted(path for path in self.files if path.startswith(f"{folder}/") and path.endswith(suffix))

    def read(self, path: str) -> bytes | None:
        """A regular file's bytes; None when nothing is there."""
        if path not in self.files:
            return None
        mode, blob = self.files[path]
        if mode not in REGULAR:
            odd = odd_mode(path, mode)
            raise Unreadable(f"{path} cannot be read.", odd.hint, [odd])
        return self.reading.raw(blob)

    def holds(self, path: str) -> bool:
        """Whether there is a file at a path."""
        return path in self.files

    def has_file(self, path: str) -> bool:
        """Nothing lies on disk here."""
        del path
        return False

    def expect(self, paths: Iterable[str]) -> None:
        """Nothing to fetch: what is read is asked for one by one."""
