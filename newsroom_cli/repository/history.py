"""What commits say of entries and words: who brought an entry, and who changed a story since its last one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import reduce
from operator import or_
from typing import NamedTuple

from newsroom_cli import frontmatter, pictures
from newsroom_cli.entries import Entry
from newsroom_cli.errors import Unreadable
from newsroom_cli.ledger import Held, Ledger, Origin, disagreements, fold
from newsroom_cli.model import Ident, Story
from newsroom_cli.repository import merges
from newsroom_cli.repository.files import LEDGERS, STORIES
from newsroom_cli.repository.git import Brought, Git, literal, log
from newsroom_cli.roster import Judges
from newsroom_cli.settings import Strength


class Past(NamedTuple):
    """What the commits of a range say: each entry's origin, who wrote the words before it, who was named reporter.

    `origins` and `writers` are by ledger path and entry (from 1), `reporters` by story id, `sections` by content hash.
    """

    origins: dict[str, dict[int, Origin]]
    writers: dict[str, dict[int, tuple[Ident, ...]]]
    reporters: dict[str, tuple[Ident, ...]]
    sections: dict[str, str]


def past(git: Git, judges: Judges, wanted: Mapping[str, Ledger], revisions: str) -> Past:
    """Read a range of commits for some ledgers: one log, one batch of blobs, whatever their number."""
    commits = list(log(git, "--topo-order", "--reverse", revisions, paths=(LEDGERS, STORIES)))
    by_hand = list(merges.written(git, revisions, paths=(LEDGERS, STORIES)))
    blobs = git.blobs(
        blob for one in (*commits, *by_hand) for c in one.changes if _ours(c.path) for blob in (c.old, c.new)
    )
    places, before = _ancestors(git, revisions)
    found = Past({path: {} for path in wanted}, {path: {} for path in wanted}, {}, {})
    writing: dict[str, list[tuple[str, Ident]]] = {}
    for one in (*commits, *by_hand):
        for story_id in _written(one, blobs, found.reporters, found.sections):
            writing.setdefault(story_id, []).append((one.commit, one.author))
    for one in commits:
        brought = _entries_of(one, blobs)
        alone = sum(len(lines) for lines in brought.values()) == 1
        for path in wanted.keys() & brought.keys():
            _note(found.origins[path], wanted[path], brought[path], one, judges, alone=alone)
    for path, by_number in found.origins.items():
        story_id = path.rsplit("/", 1)[-1].removesuffix(".jsonl")
        for number, origin in by_number.items():
            above = by_number.get(number - 1)
            seen = before[origin.commit] & ~(before[above.commit] if above else 0)
            people = (author for commit, author in writing.get(story_id, ()) if seen >> places[commit] & 1)
            if origin.strength != "recorded":
                found.writers[path][number] = tuple(dict.fromkeys(people))
    return found


def _ancestors(git: Git, revisions: str) -> tuple[dict[str, int], dict[str, int]]:
    """Each commit of a range by its place, and by the set of itself and those of the range it was made on.

    A set is the bits of a number: the sets of twenty thousand commits in a row would not fit into memory otherwise.
    """
    places: dict[str, int] = {}
    found: dict[str, int] = {}
    out = git.text("rev-list", "--topo-order", "--reverse", "--parents", "--end-of-options", revisions)
    for place, row in enumerate(out.splitlines()):
        commit, *parents = row.split()
        places[commit] = place
        found[commit] = reduce(or_, (found.get(parent, 0) for parent in parents), 1 << place)
    return places, found


def _ours(path: str) -> bool:
    return path.startswith(f"{LEDGERS}/") or path.endswith(".md")


def _written(
    one: Brought,
    blobs: Mapping[str, bytes],
    reporters: dict[str, tuple[Ident, ...]] | None = None,
    sections: dict[str, str] | None = None,
    *,
    before: bool = False,
) -> set[str]:
    """The ids of stories whose content a commit changed; a story that only moved was not written.

    Notes in `reporters` whom each story names, and with `before` whom it named until then; in `sections` the section
    of each text by content hash.
    """
    old: set[tuple[str, str]] = set()
    new: set[tuple[str, str]] = set()
    for change in one.changes:
        for blob, side in ((change.old, old), (change.new, new)):
            try:
                story = frontmatter.read(change.path, blobs[blob])
            except (KeyError, Unreadable):
                continue
            story_id = story.metadata.id or ""
            content = frontmatter.content_hash(story)
            side.add((story_id, content))
            if sections is not None:
                sections[content] = story.metadata.section or ""
            if reporters is not None and (side is new or before):
                reporters[story_id] = (*reporters.get(story_id, ()), *story.metadata.reporter)
    return {story_id for story_id, _ in new - old}


def _entries_of(one: Brought, blobs: Mapping[str, bytes]) -> dict[str, list[tuple[int, bytes]]]:
    """The lines a commit put into each ledger it changed."""
    ledgers = [change for change in one.changes if change.path.startswith(f"{LEDGERS}/")]
    brought = {c.path: added(blobs.get(c.old, b""), blobs.get(c.new, b"")) for c in ledgers}
    return {path: lines for path, lines in brought.items() if lines}


def origins(git: Git, judges: Judges, ledger: Ledger, revision: str = "HEAD") -> dict[int, Origin]:
    """The origin of each entry of one ledger that a commit brought; only this ledger's versions are read.

    An entry is attributed when a commit that brought no other entry is authored by its `by`.
    """
    commits = list(log(git, "--topo-order", "--reverse", revision, paths=(ledger.path,), full_diff=True))
    mine = {one.commit: c for one in commits for c in one.changes if c.path == ledger.path}
    blobs = git.blobs(blob for change in mine.values() for blob in (change.old, change.new))
    found: dict[int, Origin] = {}
    for one in commits:
        change = mine.get(one.commit)
        if change is None:
            continue  # a merge changes nothing of its own
        lines = added(blobs.get(change.old, b""), blobs.get(change.new, b""))
        others = [c for c in one.changes if c.path.startswith(f"{LEDGERS}/") and c.path != ledger.path]
        _note(found, ledger, lines, one, judges, alone=len(lines) == 1 and not others)
    return found


def added(old: bytes, new: bytes) -> list[tuple[int, bytes]]:
    """The lines a commit put into a ledger, numbered from 1."""
    before, after = old.split(b"\n")[:-1], new.split(b"\n")[:-1]
    return [(n, line) for n, line in enumerate(after, 1) if n > len(before) or before[n - 1] != line]


def strength(entry: Entry, author: Ident, judges: Judges, *, alone: bool) -> Strength:
    """What a commit by `author` that brought an entry proves of it; `alone` if it brought no other."""
    return "attributed" if alone and judges.made(author, entry.actor) else "recorded"


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
        proven = strength(entry, one.author, judges, alone=alone)
        if number not in found or proven == "attributed":
            found[number] = Origin(one.commit, proven)


def writers(
    git: Git,
    held: Held,
    *,
    taking: Ident | None = None,
    reporters: dict[str, tuple[Ident, ...]] | None = None,
    since: str = "",
) -> tuple[Ident, ...]:
    """Who changed a story's words or pictures since its last entry; `taking` wrote what is not committed yet.

    `since` is the commit of that entry where later ones are to be left out. Notes in `reporters`, by id, whom the
    stories of these commits named. Walks back only to the commit of that entry,
    and not at all when content and pictures are what it named.
    """
    story, ledger = held.story, held.ledger
    if story is None or ledger is None or not ledger.entries:
        return ()
    last = ledger.entries[-1]
    if taking is None and frontmatter.content_hash(story) == last.content and held.assets == last.assets:
        return ()
    since = since or git.text("log", "-1", "--format=%H", "--end-of-options", "HEAD", "--", ledger.path)
    found = list(_since(git, story, since, {} if reporters is None else reporters)) if since else []
    if since and not found:
        found = _writers_below(git, story, last.content)
    if taking is not None:
        found.insert(0, taking)
    return tuple(dict.fromkeys(reversed(found)))


def _since(git: Git, story: Story, since: str, reporters: dict[str, tuple[Ident, ...]]) -> Iterator[Ident]:
    """Who changed a story's content or its pictures in the commits since one, newest first."""
    pictures_of = set(pictures.placed(story).values())
    anywhere = f":(top,glob){STORIES}/**/{story.slug}.md"
    paths = (anywhere, *map(literal, pictures_of))
    commits = list(log(git, f"{since}..HEAD", paths=paths, literal=False))
    commits[:0] = merges.written(git, f"{since}..HEAD", paths=paths, literal=False)
    blobs = git.blobs(blob for one in commits for c in one.changes if _ours(c.path) for blob in (c.old, c.new))
    for one in commits:
        wrote = (story.metadata.id or "") in _written(one, blobs, reporters, before=True)
        if wrote or any(change.path in pictures_of for change in one.changes):
            yield one.author


def _writers_below(git: Git, story: Story, content: str) -> list[Ident]:
    """Who changed a story after it had the words an entry names, in commits that entry came on top of; newest first.

    So it is after a rebase. Where those words are nowhere, only whoever wrote the last ones is known.
    """
    people: list[Ident] = []
    for commit in log(git, "HEAD", paths=(f":(top,glob){STORIES}/**/{story.slug}.md",), literal=False):
        blobs = git.blobs(blob for change in commit.changes for blob in (change.old, change.new))
        old, new = (_content_hashes(commit, blobs, story, side) for side in ("old", "new"))
        if content in new:
            return people
        if new - old:
            people.append(commit.author)
        if content in old:
            return people
    return people[:1]


def _content_hashes(commit: Brought, blobs: Mapping[str, bytes], story: Story, side: str) -> set[str]:
    """The content hashes a story has on one side of a commit's changes."""
    hashes: set[str] = set()
    for change in commit.changes:
        with suppress(KeyError, Unreadable):
            text = frontmatter.read(change.path, blobs[getattr(change, side)])
            if text.metadata.id == story.metadata.id:
                hashes.add(frontmatter.content_hash(text))
    return hashes


def text_of(git: Git, story: Story, ledger: Ledger, entry: Entry) -> Story | None:
    """The story as an entry of its ledger has it; None where that commit is not here."""
    return next(
        (then for then, _ in _texts(git, story, ledger) if frontmatter.content_hash(then) == entry.content), None
    )


def version_of(git: Git, story: Story, ledger: Ledger, entry: Entry) -> tuple[Story, bytes] | None:
    """The story and its file as they went out with an entry that counted a version; None where that is not here."""
    then = fold(ledger.entries[: entry.seq])
    for text, blob in _texts(git, story, ledger):
        if frontmatter.content_hash(text) == entry.content and not any(disagreements(text, then)):
            return text, blob
    return None


def _texts(git: Git, story: Story, ledger: Ledger) -> Iterator[tuple[Story, bytes]]:
    """Every text a story had with an entry, then every other of its file, newest first."""
    for paths in ((ledger.path,), (story.path,)):
        for one in log(git, "HEAD", paths=paths, full_diff=True):
            found = [c for c in one.changes if c.path.endswith(".md") and c.new.strip("0")]
            for change in found if len(found) == 1 else [c for c in found if c.path == story.path]:
                blob = git.blobs([change.new])[change.new]
                with suppress(Unreadable):
                    then = frontmatter.read(change.path, blob)
                    if then.metadata.id == story.metadata.id:
                        yield then, blob


def moved_with(git: Git, path: str) -> set[str]:
    """The paths that changed together with the last entry of a ledger."""
    newest = next(log(git, "-1", "HEAD", paths=(path,), full_diff=True), None)
    return {change.path for change in newest.changes} if newest else set()
