"""The history of one story by itself: who brought its entries, who wrote since, which words an entry signed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from newsroom_cli.errors import Unreadable
from newsroom_cli.history.attribution import Lines, Versions, added_lines, story_changes, strength_of
from newsroom_cli.model import Ident, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry, serialise
from newsroom_cli.record.ledger import Held, Ledger, Origin, disagreements, fold, parse, path_of
from newsroom_cli.repository.blobs import BlobReader, StorySummary
from newsroom_cli.repository.git import Git, literal
from newsroom_cli.repository.layout import STORIES
from newsroom_cli.repository.log import Commit, log, written_in_merges
from newsroom_cli.story import frontmatter, pictures

_AT_ONCE = 2_000
"""Commits whose ledgers are fetched together."""


def find_origins(git: Git, policy: Policy, ledger: Ledger, revision: str = "HEAD") -> dict[int, Origin]:
    """Return the origin of each entry of one ledger that a commit brought, by its number."""
    commits = log(git, "--topo-order", "--reverse", "--full-diff", revision, paths=(ledger.path,))
    origins = attribute_entries(git, policy, commits, ledger.entries)
    return {entry.seq: origin for entry, origin in origins}


def attribute_entries(
    git: Git, policy: Policy, commits: Iterable[Commit], entries: Iterable[Entry]
) -> list[tuple[Entry, Origin]]:
    """Return the origins of some entries.

    An entry is attributed when a commit that brought no other entry is authored by its `by`.
    """
    wanted = {(path_of(entry.story), entry.seq, serialise(entry).removesuffix(b"\n")): entry for entry in entries}
    paths = {path for path, _, _ in wanted}
    origins: dict[tuple[str, int], Origin] = {}
    touching = [commit for commit in commits if any(change.path in paths for change in commit.changes)]
    with BlobReader(git) as reader:
        for at in range(0, len(touching), _AT_ONCE):
            part = touching[at : at + _AT_ONCE]
            changes = [change for commit in part for change in commit.changes if change.path in paths]
            reader.prefetch(blob for change in changes for blob in (change.had, change.has))
            for commit in part:
                for path, lines, alone in _brought_lines(commit, reader, paths):
                    for entry in filter(None, (wanted.get((path, *line)) for line in lines)):
                        strength = strength_of(entry, commit.author, policy, alone=alone)
                        if (path, entry.seq) not in origins or strength != "recorded":
                            origins[path, entry.seq] = Origin(commit.id, strength)
    return [(entry, origins[path, seq]) for (path, seq, _), entry in wanted.items() if (path, seq) in origins]


def _brought_lines(commit: Commit, reader: BlobReader, paths: Container[str]) -> Iterator[tuple[str, Lines, bool]]:
    """Yield the lines a commit put into the ledgers at some paths, and whether it put no other into any ledger."""
    ledgers = [change for change in commit.changes if change.is_ledger]
    for change in ledgers:
        if change.path in paths:
            lines = added_lines(reader.raw(change.had), reader.raw(change.has))
            others = (other for other in ledgers if other is not change)
            brought = (added_lines(reader.raw(other.had), reader.raw(other.has)) for other in others)
            yield change.path, lines, len(lines) == 1 and not any(brought)


def whole_before_cut(git: Git, ledger: Ledger, revision: str) -> Ledger | None:
    """Return a ledger as it was before a commit of a history cut or damaged it and nobody put it back since."""
    changes = [change for commit in log(git, revision, paths=(ledger.path,)) for change in commit.changes]
    blobs = git.blobs(blob for change in changes for blob in (change.had, change.has))
    whole: Ledger | None = None
    for change in reversed(changes):
        old, new = blobs.get(change.had, b""), blobs.get(change.has, b"")
        if whole is not None and new.startswith(whole.content):
            whole = None
        if whole is None and old and is_cut(had := parse(ledger.path, old), parse(ledger.path, new)):
            whole = None if had.findings else had
    return whole


def is_cut(old: Ledger, new: Ledger | None) -> bool:
    """Tell whether a ledger does not go on as a ledger does: whole, and behind what was there."""
    return new is None or bool(new.findings) or not new.content.startswith(old.content)


def is_put_back(whole: Ledger, cut: Ledger | None, record: Ledger) -> bool:
    """Tell whether a ledger that was cut or damaged goes on from what it was before, and keeps what it had since."""
    if not record.content.startswith(whole.content) or record.findings:
        return False
    return cut is None or bool(cut.findings) or record.content.startswith(cut.content)


class PeopleSince(NamedTuple):
    """People who changed a story's words or pictures since its last entry, and whom it named as reporter meanwhile."""

    writers: tuple[Ident, ...] = ()
    reporters: tuple[Ident, ...] = ()


def find_people_since(git: Git, held: Held, *, taking: Ident | None = None, since: str = "") -> PeopleSince:
    """Return the people of the commits since a story's last entry; `taking` wrote what is not committed yet.

    `since` is the commit of that entry where later ones are to be left out. Walks back only to the commit of that
    entry, and not at all when content and pictures are what it named.
    """
    story, ledger = held.story, held.ledger
    if story is None or ledger is None or not ledger.entries:
        return PeopleSince()
    last = ledger.entries[-1]
    if taking is None and frontmatter.content_hash(story) == last.content and held.assets == last.assets:
        return PeopleSince()
    since = since or brought_last(git, ledger, "HEAD")
    people = _read_people(git, story, since) if since else PeopleSince()
    writers = people.writers or (_writers_below(git, story, last.content) if since else ())
    return people._replace(writers=tuple(dict.fromkeys((*writers, *([taking] if taking else ())))))


def brought_last(git: Git, ledger: Ledger, revision: str) -> str:
    """Return the newest commit that brought a ledger's last entry; empty where there is none.

    A commit that took entries out behind it, as a revert does, is not that: what it changed beside counts.
    """
    line = ledger.lines[-1].decode("utf-8", "surrogateescape")
    shape = ("-1", "-c", "-s", f"-S{line}", "--format=%H")
    return git.text("log", *shape, "--end-of-options", revision, "--", ledger.path)


def _read_people(git: Git, story: Story, since: str) -> PeopleSince:
    """Return who changed a story's content or its pictures in the commits since one, the first one first."""
    named, story_id = set(pictures.locate_pictures(story).values()), story.metadata.id or ""
    commits = _list_commits(git, story.slug, f"{since}..HEAD", map(literal, named))
    if not commits:
        return PeopleSince()
    writers: list[Ident] = []
    reporters: list[Ident] = []
    with BlobReader(git) as reader:
        for commit in commits:
            versions = [*story_changes(commit, reader)]
            for version in (version for _, *both in versions for version in both if version is not None):
                reporters += version.reporters if version.story_id == story_id else ()
            if _has_new_words(versions, story_id) or any(change.path in named for change in commit.changes):
                writers.append(commit.author)
    return PeopleSince(tuple(writers), tuple(reporters))


def _writers_below(git: Git, story: Story, content: str) -> list[Ident]:
    """Return who changed a story after it had the words an entry names, in commits that entry came on top of.

    So it is after a rebase; the first one first. Where those words are nowhere, only whoever wrote the last ones is
    known.
    """
    people: list[Ident] = []
    with BlobReader(git) as reader:
        for commit in log(git, "HEAD", paths=(_path_anywhere(story.slug),), literal=False):
            old, new = _hash_contents([*story_changes(commit, reader)], story.metadata.id or "")
            if content not in new and new - old:
                people.append(commit.author)
            if content in new | old:
                return people[::-1]
    return people[:1]


def _has_new_words(versions: Sequence[Versions], story_id: str) -> bool:
    """Tell whether a commit led to words of a story that it did not have before."""
    before, after = _hash_contents(versions, story_id)
    return bool(after - before)


def _hash_contents(versions: Sequence[Versions], story_id: str) -> tuple[set[str], set[str]]:
    """Return the content hashes a story has before a commit and after it."""

    def of(side: Iterable[StorySummary | None]) -> set[str]:
        return {version.content for version in side if version is not None and version.story_id == story_id}

    return of(old for _, old, _ in versions), of(new for _, _, new in versions)


def _path_anywhere(slug: str) -> str:
    return f":(top,glob){STORIES}/**/{slug}.md"


def writers_between(
    reader: BlobReader, story_id: str, slug: str, revisions: str, *, but: Container[str]
) -> tuple[Ident, ...]:
    """Return who changed a story's words in a range, `but` for some commits; its file is looked for by its name."""
    people = [
        commit.author
        for commit in _list_commits(reader.git, slug, revisions)
        if commit.id not in but and _has_new_words([*story_changes(commit, reader)], story_id)
    ]
    return tuple(dict.fromkeys(people))


def reporters_between(reader: BlobReader, story_id: str, slug: str, revisions: str) -> tuple[Ident, ...]:
    """Return whom a story named as reporter in the commits of a range."""
    people = [
        ident
        for commit in _list_commits(reader.git, slug, revisions)
        for _, _, new in story_changes(commit, reader)
        if new is not None and new.story_id == story_id
        for ident in new.reporters
    ]
    return tuple(dict.fromkeys(people))


def _list_commits(git: Git, slug: str, revisions: str, more: Iterable[str] = ()) -> list[Commit]:
    """Return the commits of a range that touched a story's file, whatever its folder, the first one first.

    `more` are other paths to look at. Behind them come the merges that wrote something there themselves.
    """
    paths = (_path_anywhere(slug), *more)
    merges = [*written_in_merges(git, revisions, paths=paths, literal=False)]
    return [*log(git, "--reverse", revisions, paths=paths, literal=False), *reversed(merges)]


def text_of(git: Git, story: Story, ledger: Ledger, entry: Entry) -> Story | None:
    """Return the story as an entry of its ledger has it; None where that commit is not here."""
    return next(
        (then for then, _ in _read_texts(git, story, ledger) if frontmatter.content_hash(then) == entry.content), None
    )


def version_of(git: Git, story: Story, ledger: Ledger, entry: Entry) -> tuple[Story, bytes] | None:
    """Return the story and its file as they went out with an entry that counted a version; None where not here."""
    then = fold(ledger.entries[: entry.seq])
    for text, blob in _read_texts(git, story, ledger):
        if frontmatter.content_hash(text) == entry.content and not any(disagreements(text, then)):
            return text, blob
    return None


def _read_texts(git: Git, story: Story, ledger: Ledger) -> Iterator[tuple[Story, bytes]]:
    """Yield every text a story had with an entry, then every other of its file, newest first."""
    for paths in ((ledger.path,), (story.path,)):
        for commit in log(git, "--full-diff", "HEAD", paths=paths):
            stories = [change for change in commit.changes if change.is_story and change.has]
            for change in stories if len(stories) == 1 else [same for same in stories if same.path == story.path]:
                blob = git.blobs([change.has])[change.has]
                with suppress(Unreadable):
                    then = frontmatter.read_story(change.path, blob)
                    if then.metadata.id == story.metadata.id:
                        yield then, blob
