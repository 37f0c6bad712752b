"""Reads the commits of an update: who brought each entry, who wrote the words before it, what they named there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from newsroom_cli.history.tree import Update
from newsroom_cli.model import Ident
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Ledger, Origin, split_lines
from newsroom_cli.repository.blobs import BlobReader, StorySummary
from newsroom_cli.repository.log import Commit
from newsroom_cli.settings.settings import Strength

Lines = list[tuple[int, bytes]]
"""Lines of a ledger, numbered from 1."""
Versions = tuple[str, StorySummary | None, StorySummary | None]
"""A story's file that a commit changed: its path, and in short what it said before and after."""


@dataclass(frozen=True, slots=True)
class Writing:
    """One commit that changed a story's words: who wrote it, and the content hash it led to."""

    commit: str
    author: Ident
    content: str


@dataclass
class StoryAttribution:
    """All that the commits of one update prove of one story, of entries by their number (from 1).

    `origins` is who brought an entry, `writers` who changed the words between it and the entry above, `unseen` are
    entries that name words the story had neither in their commit nor before it, `unknown` those of them whose commit
    changed the words itself. `written` are the commits that changed words, `since` who wrote behind the last entry,
    `reporters` all whom the story named in between.
    """

    origins: dict[int, Origin] = field(default_factory=dict)
    writers: dict[int, tuple[Ident, ...]] = field(default_factory=dict)
    unseen: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)
    written: list[Writing] = field(default_factory=list)
    since: tuple[Ident, ...] = ()
    reporters: tuple[Ident, ...] = ()


@dataclass
class StepAttribution:
    """All that the commits of one update prove: of each story by its id, and what each commit did.

    `brought` are the lines each commit put into ledgers, `sections` those that texts named, by content hash; `behind`
    are the commits each was made on (`_ancestors`), `places` the bit that each has there.
    """

    places: Mapping[str, int]
    behind: Mapping[str, int]
    stories: defaultdict[str, StoryAttribution] = field(default_factory=lambda: defaultdict(StoryAttribution))
    brought: dict[str, dict[str, Lines]] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)

    def of(self, story_id: str) -> StoryAttribution:
        """Return what is proven of a story; nothing where no commit touched it."""
        return self.stories.get(story_id) or StoryAttribution()

    def is_behind(self, earlier: str, later: str) -> bool:
        """Tell whether a commit of the update is among those another of it was made on, or that one itself."""
        return bool(self.behind.get(later, 0) >> self.places[earlier] & 1) if earlier in self.places else False

    def writings_beside(self, story_id: str, commit: str) -> list[Writing]:
        """Return what changed a story's words neither before a commit nor after it, but beside it."""
        return [
            writing
            for writing in self.of(story_id).written
            if not self.is_behind(writing.commit, commit) and not self.is_behind(commit, writing.commit)
        ]


def attribute_step(update: Update, policy: Policy, by_hand: Mapping[str, Commit]) -> StepAttribution:
    """Read the commits of an update, parents first.

    `by_hand` are its merges that wrote something themselves (`log.written_in_merges`): their words count, never the
    entries they bring.
    """
    places = {commit.id: number for number, commit in enumerate(update.commits)}
    reading = _Reading(update, policy, StepAttribution(places, _ancestors(update.commits)))
    for commit in update.commits:
        if not commit.is_merge:
            reading.note_entries(commit)
            reading.note_words(commit)
        elif commit.id in by_hand:
            reading.note_words(by_hand[commit.id])
    reading.name_writers()
    return reading.step


def added_lines(old: bytes, new: bytes) -> Lines:
    """Return the lines a commit put into a ledger."""
    before = split_lines(old)
    return [(n, line) for n, line in enumerate(split_lines(new), 1) if before[n - 1 : n] != [line]]


def strength_of(entry: Entry, author: Ident, policy: Policy, *, alone: bool) -> Strength:
    """Return what a commit by `author` that brought an entry proves of it; `alone` if it brought no other."""
    return "attributed" if alone and policy.is_maker(author, entry.actor) else "recorded"


def story_changes(commit: Commit, reader: BlobReader) -> Iterator[Versions]:
    """Yield each story's file a commit changed."""
    for change in commit.changes:
        if change.is_story:
            path = change.path
            yield path, reader.summary(path, change.had), reader.summary(path, change.has)


class Version(NamedTuple):
    """A story as a commit of the history has it."""

    commit: str
    path: str
    summary: StorySummary


def versions_at(commit: Commit, story_id: str, reader: BlobReader, paths: Iterable[str]) -> Iterator[Version]:
    """Yield a story as a commit and its parent have it: where the commit changed a file, else at some `paths`."""
    parent = commit.parents[0] if commit.parents else ""
    is_changed = False
    for path, old, new in story_changes(commit, reader):
        for revision, summary in ((parent, old), (commit.id, new)):
            if summary is not None and summary.story_id == story_id:
                is_changed = True
                yield Version(revision, path, summary)
    if is_changed:
        return
    for path, blob in reader.blobs_at(commit.id, dict.fromkeys(paths)).items():
        summary = reader.summary(path, blob)
        if summary is not None and summary.story_id == story_id:
            yield from (Version(revision, path, summary) for revision in (commit.id, parent) if revision)


def has_words_of(entry: Entry, versions: Iterable[Version], reader: BlobReader) -> bool:
    """Tell whether one of a story's versions has the words and pictures that an entry signed."""
    signed = (version for version in versions if version.summary.content == entry.content)
    return any(_has_pictures(version, entry.assets, reader) for version in signed)


def _has_pictures(version: Version, assets: Mapping[str, str], reader: BlobReader) -> bool:
    """Tell whether the pictures that a version of a story names were those an entry signed."""
    placed = version.summary.locate_pictures(version.path)
    blobs = reader.blobs_at(version.commit, sorted({where for _, where in placed})) if placed else {}
    return {name: blobs[where] for name, where in placed if where in blobs} == dict(assets)


class _Reading:
    """Reads the commits of an update, one by one; `paths` are where each story's file was in those read so far."""

    def __init__(self, update: Update, policy: Policy, step: StepAttribution) -> None:
        self.update, self.policy, self.step = update, policy, step
        self.reader = update.after.reader
        self.paths: defaultdict[str, list[str]] = defaultdict(list)
        for story_id in update.ids:
            files = (update.before.owners.get(story_id), update.after.owner(story_id))
            self.paths[story_id] += (story.path for story in files if story)

    def note_entries(self, commit: Commit) -> None:
        """Note the lines a commit put into each ledger; those of a stray ledger count under its path."""
        brought: dict[str, Lines] = {}
        for change in commit.changes:
            if change.is_ledger and (lines := added_lines(self.reader.raw(change.had), self.reader.raw(change.has))):
                brought[change.ledger_of or change.path] = lines
        self.step.brought[commit.id] = brought
        alone = sum(map(len, brought.values())) == 1
        for story_id, lines in brought.items():
            if (record := self.update.after.ledger(story_id)) is not None:
                self._note_origins(commit, story_id, record, lines, alone=alone)

    def _note_origins(self, commit: Commit, story_id: str, record: Ledger, lines: Lines, *, alone: bool) -> None:
        """Note who brought those of some lines that a ledger still has where they were put."""
        origins, rows = self.step.stories[story_id].origins, record.lines
        for number, line in lines:
            if number > len(record.entries) or rows[number - 1 : number] != [line]:
                continue
            entry = record.entries[number - 1]
            proven = strength_of(entry, commit.author, self.policy, alone=alone)
            if number not in origins or proven != "recorded":
                origins[number] = Origin(commit.id, self._prove_words(commit, story_id, entry, proven))

    def _prove_words(self, commit: Commit, story_id: str, entry: Entry, proven: Strength) -> Strength:
        """Return what is proven of an entry once its words were looked for; notes where they are nowhere.

        An entry that begins a story signs nothing. Where its commit changed the words itself and holds neither (a
        squash of several moves and saves), they cannot be known, and nothing more is proven than that it was recorded.
        """
        story = self.step.stories[story_id]
        story.unseen.discard(entry.seq)
        story.unknown.discard(entry.seq)
        if entry.from_ is None:
            return proven
        versions = list(versions_at(commit, story_id, self.reader, self.paths[story_id]))
        if has_words_of(entry, versions, self.reader):
            return proven
        story.unseen.add(entry.seq)
        if not _changes_words(commit, versions):
            return proven
        story.unknown.add(entry.seq)
        return "recorded"

    def note_words(self, commit: Commit) -> None:
        """Note whose content a commit changed, and whom the stories name; a story that only moved was not written."""
        sides = [*story_changes(commit, self.reader)]
        old = {(summary.story_id, summary.content) for _, summary, _ in sides if summary}
        for path, _, summary in sides:
            if summary is None:
                continue
            story = self.step.stories[summary.story_id]
            self.step.sections[summary.content] = summary.section
            self.paths[summary.story_id].append(path)
            story.reporters = (*story.reporters, *summary.reporters)
            if (summary.story_id, summary.content) not in old:
                story.written.append(Writing(commit.id, commit.author, summary.content))

    def name_writers(self) -> None:
        """Give each entry the people whose commits changed the words between it and the entry above."""
        behind, places = self.step.behind, self.step.places
        for story in self.step.stories.values():
            seen = 0
            for number, origin in sorted(story.origins.items()):
                above = story.origins.get(number - 1)
                between = behind[origin.commit] & ~(behind[above.commit] if above else 0)
                seen |= behind[origin.commit]
                if origin.strength != "recorded":
                    people = (writing.author for writing in story.written if between >> places[writing.commit] & 1)
                    story.writers[number] = tuple(dict.fromkeys(people))
            after = (writing.author for writing in story.written if not seen >> places[writing.commit] & 1)
            story.since = tuple(dict.fromkeys(after))


def _changes_words(commit: Commit, versions: Sequence[Version]) -> bool:
    """Tell whether a commit changed the words or the pictures of a story whose versions these are."""
    if len({version.summary.content for version in versions}) > 1 or len({version.commit for version in versions}) == 1:
        return bool(versions)
    placed = {where for version in versions for _, where in version.summary.locate_pictures(version.path)}
    return any(change.path in placed for change in commit.changes)


def _ancestors(commits: Sequence[Commit]) -> dict[str, int]:
    """Return for each commit itself and those of the update it was made on, a bit each in their order.

    The sets of twenty thousand commits in a row would not fit into memory otherwise.
    """
    behind: dict[str, int] = {}
    for number, commit in enumerate(commits):
        mask = 1 << number
        for parent in commit.parents:
            mask |= behind.get(parent, 0)
        behind[commit.id] = mask
    return behind
