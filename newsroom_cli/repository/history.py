"""What commits say of entries and words: who brought an entry, and who changed a story since its last one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from newsroom_cli import frontmatter, pictures
from newsroom_cli.errors import Unreadable
from newsroom_cli.ledger import Held, Ledger, Origin
from newsroom_cli.model import Ident, Story
from newsroom_cli.repository.files import LEDGERS, STORIES
from newsroom_cli.repository.git import Brought, Change, Git, log
from newsroom_cli.roster import Judges
from newsroom_cli.settings import Strength


@dataclass(frozen=True)
class Past:
    """What the commits of a range say: each entry's origin, who wrote the words before it, who was named reporter.

    `origins` and `writers` are by ledger path and entry (from 1), `reporters` by story id.
    """

    origins: dict[str, dict[int, Origin]]
    writers: dict[str, dict[int, tuple[Ident, ...]]]
    reporters: dict[str, tuple[Ident, ...]]


def past(git: Git, judges: Judges, wanted: Mapping[str, Ledger], revisions: str) -> Past:
    """Read a range of commits for some ledgers: one log, one batch of blobs, whatever their number."""
    commits = list(log(git, "--topo-order", "--reverse", revisions, paths=(LEDGERS, STORIES)))
    blobs = git.blobs(blob for one in commits for c in one.changes if _ours(c.path) for blob in (c.old, c.new))
    found = Past({path: {} for path in wanted}, {path: {} for path in wanted}, {})
    unsigned: dict[str, list[Ident]] = {}
    for one in commits:
        for change in one.changes:
            if change.path.endswith(".md"):
                _words(change, blobs, one.author, unsigned, found.reporters)
        brought = _entries_of(one, blobs)
        alone = sum(len(lines) for lines in brought.values()) == 1
        for path, lines in brought.items():
            story_id = path.rsplit("/", 1)[-1].removesuffix(".jsonl")
            if path in wanted:
                _note(found.origins[path], wanted[path], lines, one, judges, alone=alone)
                if alone:
                    found.writers[path][lines[0][0]] = tuple(dict.fromkeys(unsigned.get(story_id, ())))
            unsigned[story_id] = []
    return found


def _ours(path: str) -> bool:
    return path.startswith(f"{LEDGERS}/") or path.endswith(".md")


def _words(
    change: Change,
    blobs: Mapping[str, bytes],
    author: Ident,
    unsigned: dict[str, list[Ident]],
    reporters: dict[str, tuple[Ident, ...]],
) -> None:
    """Note who changed a story's content in one commit, and whom it names as reporter."""
    try:
        story = frontmatter.read(change.path, blobs[change.new])
    except (KeyError, Unreadable):
        return
    story_id = story.metadata.id or ""
    reporters[story_id] = (*reporters.get(story_id, ()), *story.metadata.reporter)
    if _hash(change.path, blobs.get(change.old, b"")) != frontmatter.content_hash(story):
        unsigned.setdefault(story_id, []).append(author)


def _entries_of(one: Brought, blobs: Mapping[str, bytes]) -> dict[str, list[tuple[int, bytes]]]:
    """The lines a commit put into each ledger it changed."""
    ledgers = [change for change in one.changes if change.path.startswith(f"{LEDGERS}/")]
    added = {c.path: _added(blobs.get(c.old, b""), blobs.get(c.new, b"")) for c in ledgers}
    return {path: lines for path, lines in added.items() if lines}


def origins(git: Git, judges: Judges, ledger: Ledger) -> dict[int, Origin]:
    """The origin of each entry of one ledger that a commit brought; only this ledger's versions are read.

    An entry is attributed when a commit that brought no other entry is authored by its `by`.
    """
    commits = list(log(git, "--topo-order", "--reverse", "HEAD", paths=(ledger.path,), full_diff=True))
    mine = {one.commit: next(c for c in one.changes if c.path == ledger.path) for one in commits}
    blobs = git.blobs(blob for change in mine.values() for blob in (change.old, change.new))
    found: dict[int, Origin] = {}
    for one in commits:
        change = mine[one.commit]
        lines = _added(blobs.get(change.old, b""), blobs.get(change.new, b""))
        others = [c for c in one.changes if c.path.startswith(f"{LEDGERS}/") and c.path != ledger.path]
        _note(found, ledger, lines, one, judges, alone=len(lines) == 1 and not others)
    return found


def _added(old: bytes, new: bytes) -> list[tuple[int, bytes]]:
    """The lines a commit put into a ledger, numbered from 1."""
    before, after = old.split(b"\n")[:-1], new.split(b"\n")[:-1]
    return [(n, line) for n, line in enumerate(after, 1) if n > len(before) or before[n - 1] != line]


def _note(
    found: dict[int, Origin],
    ledger: Ledger,
    lines: list[tuple[int, bytes]],
    one: Brought,
    judges: Judges,
    *,
    alone: bool,
) -> None:
    rows = ledger.content.split(b"\n")
    for number, line in lines:
        if number > len(ledger.entries) or rows[number - 1] != line:
            continue
        entry = ledger.entries[number - 1]
        strength: Strength = "attributed" if alone and judges.same(one.author, entry.actor) else "recorded"
        if number not in found or strength == "attributed":
            found[number] = Origin(one.commit, strength)


def writers(git: Git, held: Held, *, taking: Ident | None = None) -> tuple[Ident, ...]:
    """Who changed a story's words or pictures since its last entry; `taking` wrote what is not committed yet.

    Walks back only to the commit of that entry, and not at all when content and pictures are what it named.
    """
    story, ledger = held.story, held.ledger
    if story is None or ledger is None or not ledger.entries:
        return ()
    last = ledger.entries[-1]
    if taking is None and frontmatter.content_hash(story) == last.content and held.assets == last.assets:
        return ()
    found: list[Ident] = []
    for one, old, new in _versions(git, story, ledger):
        if _hash(story.path, old) != _hash(story.path, new):
            found.append(one.author)
    if taking is not None:
        found.insert(0, taking)
    return tuple(dict.fromkeys(reversed(found)))


def _versions(git: Git, story: Story, ledger: Ledger) -> Iterator[tuple[Brought, bytes, bytes]]:
    """The commits since the last entry that touched the story, with the file before and after."""
    since = git.text("log", "-1", "--format=%H", "--end-of-options", "HEAD", "--", ledger.path)
    if not since:
        return
    commits = list(log(git, f"{since}..HEAD", paths=(story.path, *_picture_paths(story))))
    changed = [(one, change) for one in commits for change in one.changes if change.path == story.path]
    blobs = git.blobs(blob for _, change in changed for blob in (change.old, change.new))
    for one, change in changed:
        yield one, blobs.get(change.old, b""), blobs.get(change.new, b"")
    for one in commits:
        if any(change.path != story.path for change in one.changes):
            yield one, b"picture before", b"picture after"


def _picture_paths(story: Story) -> tuple[str, ...]:
    paths = (pictures.located(story.path, name) for name in pictures.named(story))
    return tuple(path for path in paths if path is not None)


def _hash(path: str, content: bytes) -> str:
    try:
        return frontmatter.content_hash(frontmatter.read(path, content))
    except Unreadable:
        return content.decode("utf-8", "replace")


def words_at_last_move(git: Git, story: Story, ledger: Ledger) -> Story | None:
    """The story as it stood when it last moved; None where that commit is not here."""
    moved = ledger.moved
    if moved is None:
        return None
    for one in log(git, "HEAD", paths=(ledger.path,), full_diff=True):
        for change in one.changes:
            if change.path == story.path and change.new.strip("0"):
                blob = git.blobs([change.new])[change.new]
                try:
                    then = frontmatter.read(story.path, blob)
                except Unreadable:
                    return None
                if frontmatter.content_hash(then) == moved.content:
                    return then
    return None


def moved_with(git: Git, path: str) -> set[str]:
    """The paths that changed together with the last entry of a ledger."""
    newest = next(log(git, "-1", "HEAD", paths=(path,), full_diff=True), None)
    return {change.path for change in newest.changes} if newest else set()
