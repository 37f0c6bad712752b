"""The stories, ledgers and pictures of one tree, by path, id and name, as far as an update asks for them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from newsroom_cli.check.names import NameIndex, former_slugs
from newsroom_cli.check.story import quote_lines
from newsroom_cli.model import Finding, Story
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Held, Ledger
from newsroom_cli.repository.blobs import BlobReader
from newsroom_cli.repository.files import Files, odd_file
from newsroom_cli.repository.git import Change
from newsroom_cli.repository.layout import REGULAR, describe_mode, is_absent, is_story, slug_of, story_id_of
from newsroom_cli.repository.log import Commit

_LEDGERS = 2_000
"""Ledgers kept as they were parsed: those of stories under way. All of a long history would not fit into memory."""


@dataclass(frozen=True, slots=True)
class StoryFile:
    """One story's file in short: its blob, its id as written, content hash and title, where the pictures it names are.

    `findings` are why it cannot be read; it then has the id it had before. `aliases` are the slugs its aliases name.
    """

    path: str
    blob: str
    story_id: str = ""
    content: str = ""
    title: str = ""
    pictures: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """Return the story's slug."""
        return slug_of(self.path)


@dataclass(frozen=True, slots=True)
class TreeSnapshot:
    """All that an update touches, as it was before: stories by path and by id, with ledgers and pictures by id."""

    stories: Mapping[str, StoryFile]
    owners: Mapping[str, StoryFile]
    ledgers: Mapping[str, Ledger]
    assets: Mapping[str, Mapping[str, str]]


class Deed(NamedTuple):
    """Something an update did, by one of its commits where that is known."""

    finding: Finding
    commit: str = ""


@dataclass(frozen=True)
class Update:
    """One update of a branch: the commit it goes on from, what it touches as that has it, the tree it leads to.

    `commits` are those in between (parents first), `changes` the paths that differ, `ids` the stories touched.
    """

    base: str
    before: TreeSnapshot
    after: StoryTree
    commits: Sequence[Commit]
    changes: Sequence[Change]
    ids: frozenset[str]

    def ledger_before(self, story_id: str) -> Ledger | None:
        """Return a story's ledger as it was before; of a story that is not touched, as it is."""
        return self.before.ledgers.get(story_id) if story_id in self.ids else self.after.ledger(story_id)

    def with_ledgers(self, ledgers: Mapping[str, Ledger]) -> Update:
        """Return the same with other ledgers before it in the place of some, by story id."""
        return replace(self, before=replace(self.before, ledgers={**self.before.ledgers, **ledgers}))


class StoryTree(Files):
    """One tree that `apply` takes a step on. It holds what was put into it: all of a tree, or what an update asks for.

    `files` are modes and blobs by path, `stories` by path, `pictured` the stories that name a picture, by its path;
    `ledger_blobs` are the ledgers that are regular files in their place, by story id.
    """

    def __init__(self, reader: BlobReader) -> None:
        self.reader = reader
        self.files: dict[str, tuple[str, str]] = {}
        self.stories: dict[str, StoryFile] = {}
        self.names = NameIndex()
        self.pictured: dict[str, tuple[str, ...]] = {}
        self.has_ledgers = False
        self.ledger_blobs: dict[str, str] = {}
        self._ledgers: dict[str, tuple[str, Ledger]] = {}

    # going on

    def apply(self, changes: Iterable[Change]) -> None:
        """Take a step: every path that differs is as its change says from now on."""
        for change in changes:
            self.put_file(change.path, change.new_mode, change.new)

    def put_file(self, path: str, mode: str, blob: str) -> None:
        """Put a file at a path, or take it away where the mode is zeros."""
        if is_absent(mode):
            self.files.pop(path, None)
        else:
            self.files[path] = (sys.intern(mode), blob)  # there are four modes, and as many files as a newsroom has
        if is_story(path):
            self._replace(path, self._summarise(path, blob) if mode in REGULAR else None)
        elif story_id := story_id_of(path):
            self.ledger_blobs.pop(story_id, None)
            if mode in REGULAR:
                self.ledger_blobs[story_id] = blob
                self.has_ledgers = True

    def _summarise(self, path: str, blob: str) -> StoryFile:
        story = self.reader.story(path, blob)
        if not isinstance(story, Story):
            known = self.stories.get(path)
            return StoryFile(path, blob, known.story_id if known else "", findings=story)
        summary = self.reader.summary(path, blob)
        if summary is None:
            return StoryFile(path, blob)
        title, placed = story.metadata.title or "", summary.locate_pictures(path)
        return StoryFile(path, blob, summary.story_id, summary.content, title, placed, (), former_slugs(story))

    def _replace(self, path: str, story: StoryFile | None) -> None:
        old = self.stories.pop(path, None)
        if old is not None:
            self.names.remove(path, old.story_id, old.aliases)
            for _, where in old.pictures:
                self.pictured[where] = tuple(other for other in self.pictured[where] if other != path)
        if story is not None:
            self.stories[path] = story
            self.names.add(path, story.story_id, story.aliases)
            for _, where in story.pictures:
                self.pictured[where] = (*self.pictured.get(where, ()), path)

    # what is there

    def owner(self, story_id: str) -> StoryFile | None:
        """Return the story that claims an id; the first by path where several do."""
        paths = self.names.owners.get(story_id)
        return self.stories[min(paths)] if paths else None

    def owners(self, story_id: str) -> list[StoryFile]:
        """Return every story that claims an id, by path."""
        return [self.stories[path] for path in sorted(self.names.owners.get(story_id, ()))]

    def ledger(self, story_id: str) -> Ledger | None:
        """Return the ledger of an id; None where there is none that is a regular file."""
        blob = self.ledger_blobs.get(story_id)
        if blob is None:
            return None
        known_blob, known = self._ledgers.get(story_id, ("", None))
        if known is not None and known_blob == blob:
            return known
        record = self.reader.ledger(ledger.path_of(story_id), blob, known)
        self._ledgers.pop(story_id, None)
        while len(self._ledgers) >= _LEDGERS:
            del self._ledgers[next(iter(self._ledgers))]
        self._ledgers[story_id] = (blob, record)
        return record

    def assets(self, story: StoryFile | None) -> dict[str, str]:
        """Return the blob ids of the pictures a story names that are there, by name as written."""
        named = story.pictures if story else ()
        files = {name: self.files[where] for name, where in named if where in self.files}
        return {name: blob for name, (mode, blob) in files.items() if mode in REGULAR}

    def parse_story(self, story: StoryFile | None) -> Story | None:
        """Return a story as its file has it; None for what is absent or cannot be read."""
        if story is None or story.findings:
            return None
        read = self.reader.story(story.path, story.blob)
        return read if isinstance(read, Story) else None

    def quote_findings(self, story: StoryFile) -> Iterator[Finding]:
        """Yield why a story cannot be read, with the lines of its file."""
        return quote_lines(story.findings, story.path, self.reader.raw(story.blob))

    def gather_held(self, story: StoryFile | None, record: Ledger | None) -> Held:
        """Return a story with its ledger and the pictures that are there."""
        read = self.parse_story(story)
        return Held(read, record, self.assets(story) if read else {})

    def snapshot(self, paths: Iterable[str], ids: Iterable[str]) -> TreeSnapshot:
        """Return what there is at some paths and of some ids, for a look back when the tree has gone on."""
        ids = [*ids]
        owners = {story_id: story for story_id in ids if (story := self.owner(story_id))}
        return TreeSnapshot(
            {path: self.stories[path] for path in paths if path in self.stories},
            owners,
            {story_id: record for story_id in ids if (record := self.ledger(story_id)) is not None},
            {story_id: self.assets(story) for story_id, story in owners.items()},
        )

    # the files as judges are read from them

    def under(self, folder: str, suffix: str) -> list[str]:
        """Return every path below a folder that ends so, sorted."""
        return sorted(path for path in self.files if path.startswith(f"{folder}/") and path.endswith(suffix))

    def read(self, path: str) -> bytes | None:
        """Return a regular file's bytes; None when nothing is there. Raises Unreadable for anything else."""
        if path not in self.files:
            return None
        mode, blob = self.files[path]
        if mode not in REGULAR:
            raise odd_file(path, describe_mode(mode))
        return self.reader.raw(blob)

    def holds(self, path: str) -> bool:
        """Tell whether there is a file at a path."""
        return path in self.files
