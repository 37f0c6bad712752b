"""What the commits of an update say: who brought each entry, who wrote the words before it, what they named there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from newsroom_cli.model import ID, Ident
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Ledger, Origin
from newsroom_cli.repository.blobs import BlobReader, StorySummary
from newsroom_cli.repository.layout import story_id_of
from newsroom_cli.repository.log import Commit
from newsroom_cli.settings.settings import Strength

Lines = list[tuple[int, bytes]]
"""Lines of a ledger, numbered from 1."""
Versions = tuple[str, tuple[StorySummary | None, StorySummary | None]]
"""A story's file that a commit changed: its path, and in short what it said before and after."""


@dataclass(frozen=True, slots=True)
class Writing:
    """One commit that changed a story's words: who wrote it, and the content hash it led to."""

    commit: str
    author: Ident
    content: str


@dataclass
class StepAttribution:
    """What the commits of one update prove, by story id, and of entries by their number (from 1).

    `origins` is who brought an entry, `writers` who changed the words between it and the entry above, `unseen` are
    entries that name words the story had neither in their commit nor before it, `unknown` those of them whose commit
    changed the words itself. `written` are the commits that changed words, `since` who wrote behind the last entry,
    `reporters` all whom the story named in between, `brought` the lines each commit put into ledgers, `sections` those
    that texts named, by content hash.
    """

    origins: dict[str, dict[int, Origin]] = field(default_factory=dict)
    writers: dict[str, dict[int, tuple[Ident, ...]]] = field(default_factory=dict)
    unseen: dict[str, set[int]] = field(default_factory=dict)
    unknown: dict[str, set[int]] = field(default_factory=dict)
    written: dict[str, list[Writing]] = field(default_factory=dict)
    since: dict[str, tuple[Ident, ...]] = field(default_factory=dict)
    reporters: dict[str, tuple[Ident, ...]] = field(default_factory=dict)
    brought: dict[str, dict[str, Lines]] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)
    behind: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)

    def is_behind(self, earlier: str, later: str) -> bool:
        """Tell whether a commit of the update is among those another of it was made on, or that one itself."""
        return bool(self.behind.get(later, 0) >> self.places[earlier] & 1) if earlier in self.places else False

    def writings_beside(self, story_id: str, commit: str) -> list[Writing]:
        """Return what changed a story's words neither before a commit nor after it, but beside it."""
        return [
            writing
            for writing in self.written.get(story_id, ())
            if not self.is_behind(writing.commit, commit) and not self.is_behind(commit, writing.commit)
        ]


class _Look(NamedTuple):
    reader: BlobReader
    policy: Policy
    paths: dict[str, list[str]]


def attribute_step(
    commits: Sequence[Commit],
    reader: BlobReader,
    ledger_of: Callable[[str], Ledger | None],
    policy: Policy,
    *,
    by_hand: Mapping[str, Commit],
    paths: dict[str, list[str]],
) -> StepAttribution:
    """Read the commits of an update, parents first; `ledger_of` has those it leads to, by story id.

    `by_hand` are its merges that wrote something themselves (`log.written_in_merges`): their words count, never the
    entries they bring. `paths` are, by story id, where a story's file may be in a commit that left it alone.
    """
    step, look = StepAttribution(), _Look(reader, policy, paths)
    step.places = {commit.id: number for number, commit in enumerate(commits)}
    step.behind = _ancestors(commits)
    for commit in commits:
        if commit.is_merge:
            if commit.id in by_hand:
                _note_words(step, by_hand[commit.id], look)
            continue
        brought = step.brought[commit.id] = dict(_entries_of(commit, reader))
        alone = sum(map(len, brought.values())) == 1
        for story_id, lines in brought.items():
            if ID.fullmatch(story_id) and (record := ledger_of(story_id)) is not None:
                _note_origins(step, commit, record, lines, look, alone=alone)
        _note_words(step, commit, look)
    _name_writers(step)
    return step


def _entries_of(commit: Commit, reader: BlobReader) -> Iterator[tuple[str, Lines]]:
    """Yield the lines a commit put into each ledger; those of a stray ledger count under its path."""
    for change in commit.changes:
        lines = added_lines(reader.raw(change.had), reader.raw(change.has)) if change.is_ledger else []
        if lines:
            yield change.ledger_of or change.path, lines


def added_lines(old: bytes, new: bytes) -> Lines:
    """Return the lines a commit put into a ledger."""
    before, after = old.split(b"\n")[:-1], new.split(b"\n")[:-1]
    return [(n, line) for n, line in enumerate(after, 1) if n > len(before) or before[n - 1] != line]


def entries_at(record: Ledger, lines: Lines) -> Iterator[tuple[int, Entry]]:
    """Yield those of some lines that a ledger still has where they were put, as entries with their numbers."""
    rows = record.content.split(b"\n")
    for number, line in lines:
        if number <= len(record.entries) and rows[number - 1] == line:
            yield number, record.entries[number - 1]


def strength_of(entry: Entry, author: Ident, policy: Policy, *, alone: bool) -> Strength:
    """Return what a commit by `author` that brought an entry proves of it; `alone` if it brought no other."""
    return "attributed" if alone and policy.is_maker(author, entry.actor) else "recorded"


def _note_origins(
    step: StepAttribution,
    commit: Commit,
    record: Ledger,
    lines: Lines,
    look: _Look,
    *,
    alone: bool,
) -> None:
    origins = step.origins.setdefault(story_id_of(record.path), {})
    for number, entry in entries_at(record, lines):
        proven = strength_of(entry, commit.author, look.policy, alone=alone)
        if number not in origins or proven != "recorded":
            proven = _proven_of_words(step, commit, record, number, proven, look)
            origins[number] = Origin(commit.id, proven)


# The words an entry names


def _proven_of_words(
    step: StepAttribution, commit: Commit, record: Ledger, number: int, proven: Strength, look: _Look
) -> Strength:
    """Return what is proven of an entry once its words were looked for; notes where they are nowhere.

    An entry that begins a story signs nothing. Where its commit changed the words itself and holds neither (a squash
    of several moves and saves), they cannot be known, and nothing more is proven than that it was recorded.
    """
    story_id, entry = story_id_of(record.path), record.entries[number - 1]
    for noted in (step.unseen, step.unknown):
        noted.get(story_id, set()).discard(number)
    if entry.from_ is None:
        return proven
    versions = list(versions_at(commit, story_id, look.reader, look.paths.get(story_id, ())))
    if has_words_of(entry, versions, look.reader):
        return proven
    step.unseen.setdefault(story_id, set()).add(number)
    if not _changes_words(commit, versions):
        return proven
    step.unknown.setdefault(story_id, set()).add(number)
    return "recorded"


class Version(NamedTuple):
    """A story as a commit of the history has it."""

    commit: str
    path: str
    summary: StorySummary


def versions_at(commit: Commit, story_id: str, reader: BlobReader, paths: Iterable[str]) -> Iterator[Version]:
    """Yield a story as a commit and its parent have it: where the commit changed a file, else at some `paths`."""
    parent = commit.parents[0] if commit.parents else ""
    is_changed = False
    for path, summaries in story_changes(commit, reader):
        for revision, summary in zip((parent, commit.id), summaries, strict=True):
            if summary is not None and summary.story_id == story_id:
                is_changed = True
                yield Version(revision, path, summary)
    if is_changed:
        return
    for path, blob in reader.blobs_at(commit.id, dict.fromkeys(paths)).items():
        summary = reader.summary(path, blob)
        if summary is not None and summary.story_id == story_id:
            yield Version(commit.id, path, summary)
            if parent:
                yield Version(parent, path, summary)


def has_words_of(entry: Entry, versions: Iterable[Version], reader: BlobReader) -> bool:
    """Tell whether one of a story's versions has the words and pictures that an entry signed."""
    signed = (version for version in versions if version.summary.content == entry.content)
    return any(_has_pictures(version, entry.assets, reader) for version in signed)


def _has_pictures(version: Version, assets: Mapping[str, str], reader: BlobReader) -> bool:
    """Tell whether the pictures that a version of a story names were those an entry signed."""
    placed = version.summary.locate_pictures(version.path)
    blobs = reader.blobs_at(version.commit, sorted({where for _, where in placed})) if placed else {}
    return {name: blobs[where] for name, where in placed if where in blobs} == dict(assets)


def _changes_words(commit: Commit, versions: Sequence[Version]) -> bool:
    """Tell whether a commit changed the words or the pictures of a story whose versions these are."""
    if len({version.summary.content for version in versions}) > 1 or len({version.commit for version in versions}) == 1:
        return bool(versions)
    placed = {where for version in versions for _, where in version.summary.locate_pictures(version.path)}
    return any(change.path in placed for change in commit.changes)


# Who wrote


def story_changes(commit: Commit, reader: BlobReader) -> Iterator[Versions]:
    """Yield each story's file a commit changed."""
    for change in commit.changes:
        if change.is_story:
            path = change.path
            yield path, (reader.summary(path, change.had), reader.summary(path, change.has))


def _note_words(step: StepAttribution, commit: Commit, look: _Look) -> None:
    """Note whose content a commit changed, and whom the stories name; a story that only moved was not written."""
    sides = [(path, *summaries) for path, summaries in story_changes(commit, look.reader)]
    old = {(summary.story_id, summary.content) for _, summary, _ in sides if summary}
    for path, _, summary in sides:
        if summary is None:
            continue
        story_id = summary.story_id
        step.sections[summary.content] = summary.section
        look.paths.setdefault(story_id, []).append(path)
        step.reporters[story_id] = (*step.reporters.get(story_id, ()), *summary.reporters)
        if (story_id, summary.content) not in old:
            step.written.setdefault(story_id, []).append(Writing(commit.id, commit.author, summary.content))


def _name_writers(step: StepAttribution) -> None:
    """Give each entry the people whose commits changed the words between it and the entry above."""
    for story_id in step.origins.keys() | step.written.keys():
        origins, written = step.origins.get(story_id, {}), step.written.get(story_id, [])
        seen = 0
        for number, origin in sorted(origins.items()):
            above = origins.get(number - 1)
            between = step.behind[origin.commit] & ~(step.behind[above.commit] if above else 0)
            seen |= step.behind[origin.commit]
            if origin.strength != "recorded":
                people = (writing.author for writing in written if between >> step.places[writing.commit] & 1)
                step.writers.setdefault(story_id, {})[number] = tuple(dict.fromkeys(people))
        after = (writing.author for writing in written if not seen >> step.places[writing.commit] & 1)
        step.since[story_id] = tuple(dict.fromkeys(after))


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
