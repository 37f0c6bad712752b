"""Commits as `git log --raw -z` tells them: one parser, for a range, for the line of a branch, and for merges."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO, cast

from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Ident
from newsroom_cli.repository.git import Change, Git, GitFailed, raw_change

DEEPER = "CI: check out the whole history (fetch-depth: 0); here: git fetch --unshallow, git fetch origin"
_SHAPE = ("--raw", "-z", "--no-abbrev", "--no-renames", "--no-show-signature", "--format=%x01%H%x02%P%x02%an <%ae>")
"""Authors are as committed (`%ae`): git would map names by the checked-out `.mailmap`, the verifier by the base's."""
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its parents, who wrote it, and the paths that differ from its parent.

    What a merge has as changes depends on who asked: nothing (`log`), what differs from its first parent
    (`mainline`), or what it wrote itself (`written_in_merges`).
    """

    id: str
    parents: tuple[str, ...]
    author: Ident
    changes: tuple[Change, ...]

    @property
    def is_merge(self) -> bool:
        """Tell whether it has more than one parent."""
        return len(self.parents) > 1


@dataclass(frozen=True, slots=True)
class LineStep:
    """One update of a branch's line: the commit it led to, and all commits it brought, parents first, that one last."""

    commit: Commit
    brought: tuple[Commit, ...]


def author_of(text: str) -> Ident:
    """Return a commit's author as git wrote it down, be it a name that is none."""
    try:
        return Ident.parse(text)
    except ValueError:
        return Ident(text)


def parse_commits(tokens: Iterable[bytes]) -> Iterator[Commit]:
    """Parse what `git log` prints in our shape, NUL by NUL; combined rows of merges are changes of parent 1."""
    head: list[str] = []
    changes: list[Change] = []
    rows = iter(tokens)
    for token in rows:
        row = token.lstrip(b"\n")
        if row.startswith(b"\x01"):
            if head:
                yield _commit(head, changes)
            head, changes = row[1:].decode("utf-8", "replace").split("\x02", 2), []
        elif row.startswith(b":"):
            changes.append(raw_change(row.decode(), os.fsdecode(next(rows))))
    if head:
        yield _commit(head, changes)


def _commit(head: Sequence[str], changes: Sequence[Change]) -> Commit:
    commit, parents, author = head
    return Commit(commit, tuple(parents.split()), author_of(author), tuple(changes))


def log(git: Git, *revisions: str, paths: Sequence[str] = (), literal: bool = True) -> Iterator[Commit]:
    """Yield the commits that touch `paths`, newest first; merges change nothing of their own here.

    Among the revisions may be options of `git log` (`-1`, `--topo-order`).
    """
    options = [revision for revision in revisions if revision.startswith("-")]
    names = [revision for revision in revisions if not revision.startswith("-")]
    return _commits(git, *options, "--full-history", *_SHAPE, "--end-of-options", *names, "--", *paths, literal=literal)


def _commits(git: Git, *arguments: str, literal: bool = True) -> Iterator[Commit]:
    out = git.run(*(["--literal-pathspecs"] if literal else []), "log", *arguments)
    return parse_commits(out.split(b"\0"))


def _tokens(git: Git, *arguments: str) -> Iterator[bytes]:
    """Yield what git prints, NUL by NUL while it still writes; raises GitFailed at its end where it failed."""
    with git.talk(*arguments) as process:
        printed, rest = cast("IO[bytes]", process.stdout), b""
        while chunk := printed.read(_CHUNK):
            *tokens, rest = (rest + chunk).split(b"\0")
            yield from tokens
        yield rest
    if process.returncode:
        raise GitFailed(arguments, process.returncode, "")


def moved_with(git: Git, path: str) -> set[str]:
    """Return the paths that changed together with the last entry of a ledger."""
    newest = next(log(git, "-1", "--full-diff", "HEAD", paths=(path,)), None)
    return {change.path for change in newest.changes} if newest else set()


# The line of a branch


def line_of(git: Git, commit: str) -> list[str]:
    """Return the commits of the line that leads to a commit: first parents alone, from the root on."""
    return git.text("rev-list", "--first-parent", "--reverse", "--end-of-options", commit, "--").split()


def mainline(git: Git, commit: str, line: Sequence[str]) -> Iterator[LineStep]:
    """Yield the steps of a line (`line_of`), from its root, while git still reads the history: one process.

    A commit that is not on the line waits for the merge that brings it along.
    """
    shape = ("log", "--topo-order", "--reverse", "--diff-merges=first-parent", *_SHAPE)
    waiting: dict[str, Commit] = {}
    steps = iter(line)
    wanted = next(steps, "")
    for current in parse_commits(_tokens(git, *shape, "--end-of-options", commit, "--")):
        if current.id != wanted:
            waiting[current.id] = current
            continue
        top = replace(current, id=wanted)  # the same text: of a long line each name is kept once
        yield LineStep(top, (*_take_brought(top, waiting), top))
        wanted = next(steps, "")
    if wanted:
        raise CannotRun(f"The commit {wanted} is not in this repository.", DEEPER)


def _take_brought(top: Commit, waiting: dict[str, Commit]) -> Iterator[Commit]:
    """Take the commits that a merge brings from those that wait, parents first."""
    if not top.is_merge:
        return
    brought: set[str] = set()
    edge = [*top.parents[1:]]
    while edge:
        name = edge.pop()
        if name in waiting and name not in brought:
            brought.add(name)
            edge.extend(waiting[name].parents)
    for name in [name for name in waiting if name in brought]:
        yield waiting.pop(name)


# What merges wrote themselves


def written_in_merges(git: Git, *revisions: str, paths: Sequence[str] = (), literal: bool = True) -> Iterator[Commit]:
    """Yield merges that changed some paths by hand, as a conflict settled or words put in, with just these changes.

    One `git log`; only a merge in which a path is no parent's is made again to compare.
    """
    shape = ("--merges", "-c", "--full-history", *_SHAPE)
    for merge in _commits(git, *shape, "--end-of-options", *revisions, "--", *paths, literal=literal):
        if not merge.changes:
            continue
        tree, _ = merge_tree(git, merge.parents)
        rows = git.list_tree(tree, *(change.path for change in merge.changes)) if tree else {}
        gits = {path: blob for path, (_, blob) in rows.items()}
        own = tuple(change for change in merge.changes if gits.get(change.path) != change.new)
        if own:
            yield replace(merge, changes=own)


def merge_tree(git: Git, parents: Sequence[str]) -> tuple[str, list[str]]:
    """Merge two commits in memory: the tree and the paths in conflict; an empty tree's name where git cannot.

    Git merges more than two otherwise.
    """
    if len(parents) != 2:  # noqa: PLR2004  a merge of two
        return "", []
    try:
        code, out = git.answer("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *parents, ok=(0, 1))
    except GitFailed:
        return "", []
    tree, *paths = out.decode("utf-8", "surrogateescape").split("\0")
    return tree.strip(), [path for path in paths if path] if code else []
