"""Reads what is to be checked and asks the rules and the verifier: the whole newsroom, or one change to its base."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from multiprocessing import get_context

from newsroom_cli import frontmatter, ledger, pictures, rules, verify
from newsroom_cli.errors import CannotRun, Unreadable
from newsroom_cli.ledger import Held, Ledger
from newsroom_cli.model import ID, Finding, Inspection, Severity, Story
from newsroom_cli.pipeline import Pipeline
from newsroom_cli.repository.files import LEDGERS, STORIES, Files, WorkingTree, story_paths
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.history import moved_with
from newsroom_cli.repository.newsroom import Newsroom, folded
from newsroom_cli.roster import Judges

_PARALLEL_FROM = 400
_LOOSE = "not committed"
_OTHER_ENDINGS = re.compile(r"\.(md|markdown|mdown|mdx)$", re.IGNORECASE)


@dataclass(frozen=True)
class Surroundings:
    """What judging one story of a tree needs besides its files: judges, the clock, pictures by path.

    `target` is a state to judge the story for, whatever state it is in.
    """

    judges: Judges
    now: datetime
    blobs: Mapping[str, str] = field(default_factory=dict)
    files: Files | None = None
    target: str = ""

    def held(self, story: Story, record: Ledger | None) -> tuple[Held, frozenset[str]]:
        """A story with its ledger and the pictures that are there; those git does not hold are named apart."""
        assets: dict[str, str] = {}
        for name in pictures.named(story):
            path = pictures.located(story.path, name)
            if path is None:
                continue
            if path in self.blobs:
                assets[name] = self.blobs[path]
            elif isinstance(self.files, WorkingTree) and self.files.is_file(path):
                assets[name] = _LOOSE
        return Held(story, record, assets), frozenset(name for name, blob in assets.items() if blob == _LOOSE)


@dataclass(frozen=True)
class Seen:
    """One story judged: its findings, its path, and the id it claims."""

    path: str
    story_id: str
    findings: tuple[Finding, ...]


def judge(path: str, files: Files, around: Surroundings) -> Seen:
    """Everything about one story of a tree: that it can be read, its rules, its record."""
    content = b""
    try:
        content = files.read(path) or b""
        story = frontmatter.read(path, content)
    except Unreadable as error:
        return Seen(path, "", tuple(quoted(error.findings, path, content)))
    story_id = story.metadata.id or ""
    record, odd = None, tuple[Finding, ...]()
    if ID.fullmatch(story_id):
        try:
            line = files.read(ledger.path_of(story_id))
        except Unreadable as error:
            line, odd = None, error.findings
        record = None if line is None else ledger.parse(ledger.path_of(story_id), line)
    if odd:
        return Seen(path, story_id, odd)
    return Seen(path, story_id, tuple(quoted(judge_story(story, record, around), path, content)))


def quoted(findings: Iterable[Finding], path: str, content: bytes) -> Iterator[Finding]:
    """Findings with the lines of a file they stand at."""
    lines = [""]
    for one in findings:
        if one.path == path and lines == [""]:
            lines = content.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
        there = one.path == path and one.line <= len(lines)
        yield replace(one, source=lines[one.line - 1].rstrip("\r")) if there else one


def judge_story(story: Story, record: Ledger | None, around: Surroundings) -> Iterator[Finding]:
    """The rules on a story as it is, and its record."""
    held, loose = around.held(story, record)
    settings = around.judges.settings
    state = around.target or state_of(story, settings.pipeline.initial)
    is_there = around.files.holds if around.files else None
    yield from rules.check(story, rules.Around.of(held, settings, state, loose=loose, is_there=is_there))
    yield from verify.alone(held, around.judges, now=around.now)


def state_of(story: Story, initial: str) -> str:
    """The state a story is judged in: what it says, or the initial one."""
    state = story.fields.get("state")
    return state if isinstance(state, str) and state.strip() else initial


_worker: tuple[Files, Surroundings] | None = None


def _begin_worker(files: Files, around: Surroundings) -> None:
    global _worker  # noqa: PLW0603  set once in each worker process, before its first story
    _worker = (files, around)


def _judge_many(paths: Sequence[str]) -> list[Seen]:
    if _worker is None:
        raise CannotRun("A worker was given no newsroom.")
    return [judge(path, *_worker) for path in paths]


def judge_all(paths: Sequence[str], files: Files, around: Surroundings) -> list[Seen]:
    """Judge many stories, on every core where they are many."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(paths) < _PARALLEL_FROM or cores == 1 or not isinstance(files, WorkingTree):
        files.expect(paths)
        return [judge(path, files, around) for path in paths]
    size = -(-len(paths) // (cores * 4))
    parts = [paths[at : at + size] for at in range(0, len(paths), size)]
    context = get_context("fork" if hasattr(os, "fork") else "spawn")
    with ProcessPoolExecutor(cores, context, _begin_worker, (files, around)) as pool:
        return [seen for part in pool.map(_judge_many, parts) for seen in part]


def whole(
    newsroom: Newsroom,
    *,
    now: datetime,
    paths: Sequence[str] = (),
    target: str = "",
    begun: Callable[[int], None] = lambda _: None,
) -> Inspection:
    """Check every story of the tree, or those named; rules on the whole tree always see all of it.

    With a `target` state the rules judge every story as if it were there. `begun` is told how many stories are
    about to be read.
    """
    files = newsroom.files
    everything = story_paths(files)
    chosen = _chosen(newsroom, paths, everything) if paths else everything
    begun(len(chosen))
    around = Surroundings(newsroom.judges, now, _pictures(newsroom), files, target)
    seen = judge_all(chosen, files, around)
    findings = [finding for one in seen for finding in one.findings]
    ids = {one.path: one.story_id for one in seen}
    ids.update({path: peek(files, path) for path in everything if path not in ids})
    wanted = set(chosen)
    findings += [one for one in twins(ids, copy_of(newsroom.git)) if one.path in wanted]
    if not paths:
        findings += _unread(files)
        findings += _without_story(files, set(ids.values()), newsroom.settings.pipeline)
    return Inspection(tuple(sorted(findings, key=lambda one: one.place)), len(chosen), len(everything))


def _chosen(newsroom: Newsroom, paths: Sequence[str], everything: Sequence[str]) -> list[str]:
    chosen: set[str] = set()
    for path in paths:
        name = newsroom.relative(path).rstrip("/")
        below = {one for one in everything if one == name or one.startswith(f"{name}/") or name == "."}
        if not below:
            raise CannotRun(f"There is no story at {path}.", "Name .md files or folders under stories/.")
        chosen |= below
    return sorted(chosen)


def _pictures(newsroom: Newsroom) -> dict[str, str]:
    """Blob ids of everything in the tree that may be a picture: what git holds exactly as it stands there."""
    git, others = newsroom.git, (":(top)", ":(top,exclude)*.md", f":(top,exclude){LEDGERS}")
    if newsroom.root is None:
        return {path: blob for path, (_, blob) in git.listing(newsroom.tree).items() if not path.endswith(".md")}
    held: dict[str, str] = {}
    for row in git.run("ls-files", "-s", "-z", "--", *others).split(b"\0"):
        if row:
            head, _, name = row.partition(b"\t")
            held[os.fsdecode(name)] = head.split()[1].decode()
    for path in git.names("ls-files", "-m", "-z", "--", *others):
        held.pop(path, None)
    return held


def peek(files: Files, path: str) -> str:
    """The id a story claims, without judging it."""
    try:
        content = files.read(path) or b""
    except Unreadable:
        return ""
    found = re.search(rb"^id:[ \t]*['\"]?([0-9]{8}-[0-9a-z]{8})\b", content[:4096], re.MULTILINE)
    return found[1].decode() if found else ""


def twins(ids: Mapping[str, str], is_copy: Callable[[str, str], bool]) -> Iterator[Finding]:
    """Stories that share a slug (NFC, case-folded) or an id, from {path: id}; `is_copy` is asked of (path, id)."""
    slugs: dict[str, list[str]] = {}
    owners: dict[str, list[str]] = {}
    for path, story_id in sorted(ids.items()):
        slugs.setdefault(folded(path.rsplit("/", 1)[-1].removesuffix(".md")), []).append(path)
        if story_id:
            owners.setdefault(story_id, []).append(path)
    for rule, key, groups in (("duplicate-slug", "slug", slugs), ("duplicate-id", "id", owners)):
        for paths in groups.values():
            if len(paths) == 1:
                continue
            copies = [path for path in paths if key == "id" and is_copy(path, ids[path])]
            hint = f"The copy gets its own: story adopt {copies[-1]}" if copies else "Rename one file: git mv"
            for path in paths:
                others = ", ".join(one for one in paths if one != path)
                yield Finding(rule, Severity.ERROR, path, 1, 1, f"its {key} is also that of {others}.", hint, key)


def copy_of(git: Git) -> Callable[[str, str], bool]:
    """Whether a story's last entry came with another file than this one; asks git, once for each id."""
    moved = cache(lambda story_id: moved_with(git, ledger.path_of(story_id)))
    return lambda path, story_id: path not in moved(story_id)


def _unread(files: Files) -> Iterator[Finding]:
    """Files that look like stories and are not read as such, for their ending."""
    for path in files.under(STORIES, ""):
        yield from other_ending(path)


def other_ending(path: str) -> Iterator[Finding]:
    """A finding for a file under `stories/` that a site would read as a page and `story` would not."""
    found = _OTHER_ENDINGS.search(path)
    if found and path.startswith(f"{STORIES}/") and not path.endswith(".md"):
        hint = f"Rename it: git mv {path} {path[: found.start()]}.md"
        message = f"a story's file ends in .md, not {found[0]}."
        yield Finding("story-file-name", Severity.ERROR, path, 1, 1, message, hint)


def _without_story(files: Files, ids: set[str], pipeline: Pipeline) -> Iterator[Finding]:
    """Ledgers of stories that are gone: an error where readers had them."""
    for path in files.under(LEDGERS, ".jsonl"):
        if path.rsplit("/", 1)[-1].removesuffix(".jsonl") in ids:
            continue
        try:
            record = ledger.parse(path, files.read(path) or b"")
        except Unreadable as error:
            yield from error.findings
            continue
        yield from record.findings
        if record.signed_for_readers(pipeline) is not None:
            hint = (
                f"Bring it back: git log --diff-filter=D --stat -- {STORIES}, then git restore --source=COMMIT~1 PATH"
            )
            yield verify.error(
                "story-removed", path, 1, "the story of this ledger was public, and its file is gone.", hint
            )
