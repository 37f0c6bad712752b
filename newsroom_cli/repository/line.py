"""The line of a branch: its first parents from the root on, and the commits that each of them brought along."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Ident
from newsroom_cli.repository.git import Change, Git

DEEPER = "CI: check out the whole history (fetch-depth: 0); here: git fetch --unshallow, git fetch origin"
_FORMAT = "--format=%x01%H%x02%P%x02%an <%ae>"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: who wrote it, its parents, and which paths differ from its first parent."""

    id: str
    parents: tuple[str, ...]
    author: Ident
    changes: tuple[Change, ...]

    @property
    def is_merge(self) -> bool:
        """Whether it has more than one parent."""
        return len(self.parents) > 1


@dataclass(frozen=True, slots=True)
class Step:
    """One update of the line: the commit it led to, and all commits it brought, parents first, that one last."""

    commit: Commit
    brought: tuple[Commit, ...]


def tip(git: Git, revision: str) -> str:
    """The commit a revision names.

    Raises CannotRun (fails closed) when history is missing or the name is not one thing.
    """
    if git.is_shallow:
        raise CannotRun("This clone is shallow: its history is not all here.", DEEPER)
    if (git.common / "info" / "grafts").exists():
        raise CannotRun("This repository has a graft file: its history is not its own.", "Remove .git/info/grafts.")
    names = [name for kind in ("tags/", "heads/", "remotes/") if git.has_ref(name := f"refs/{kind}{revision}")]
    if len(names) > 1:
        raise CannotRun(f"{revision} is the name of {' and of '.join(names)}.", f"Say which: {names[-1]}")
    found = git.revision(revision)
    if found is None:
        if revision == "HEAD":
            raise CannotRun("There is no commit here yet.", "story new makes the first one.")
        raise CannotRun(f"There is no revision {revision} here.", DEEPER)
    return found


def walk(git: Git, commit: str) -> list[Step]:
    """The line that leads to a commit, from its root; one git process, whatever the length."""
    commits = {one.id: one for one in _commits(git, commit)}
    line: list[Commit] = []
    here: str | None = commit
    while here is not None:
        if here not in commits:
            raise CannotRun(f"The commit {here} is not in this repository.", DEEPER)
        line.append(commits[here])
        here = line[-1].parents[0] if line[-1].parents else None
    order = {one: number for number, one in enumerate(commits)}
    known: set[str] = set()
    return [Step(one, _brought(one, commits, order, known)) for one in reversed(line)]


def _brought(
    top: Commit, commits: Mapping[str, Commit], order: Mapping[str, int], known: set[str]
) -> tuple[Commit, ...]:
    """The commits behind one that no step before it had; they are `known` from now on."""
    if len(top.parents) < 2:  # noqa: PLR2004  a merge has two parents
        known.add(top.id)
        return (top,)
    found: list[Commit] = []
    edge = [top.id]
    while edge:
        one = edge.pop()
        if one in known:
            continue
        if one not in commits:
            raise CannotRun(f"The commit {one} is not in this repository.", DEEPER)
        known.add(one)
        found.append(commits[one])
        edge.extend(commits[one].parents)
    return tuple(sorted(found, key=lambda one: order[one.id]))


def _commits(git: Git, commit: str) -> Iterator[Commit]:
    """Every commit behind one, parents first, each against its first parent. Authors are as committed (`%ae`)."""
    shape = ("--raw", "-z", "--no-abbrev", "--no-renames", "--diff-merges=first-parent", "--no-show-signature")
    out = git.run("log", "--topo-order", "--reverse", *shape, _FORMAT, "--end-of-options", commit, "--")
    names, author = ["", "", ""], Ident("?")
    changes: list[Change] = []
    tokens = iter(out.split(b"\0"))
    for token in tokens:
        row = token.lstrip(b"\n")
        if row.startswith(b"\x01"):
            if names[0]:
                yield Commit(names[0], tuple(names[1].split()), author, tuple(changes))
            names = row[1:].decode("utf-8", "replace").split("\x02", 2)
            author, changes = Ident(names[2]), []
            with suppress(ValueError):
                author = Ident.parse(names[2])
        elif row.startswith(b":"):
            old_mode, new_mode, old, new, _ = row[1:].decode().split()
            changes.append(Change(os.fsdecode(next(tokens)), old_mode, new_mode, old, new))
    if names[0]:
        yield Commit(names[0], tuple(names[1].split()), author, tuple(changes))
