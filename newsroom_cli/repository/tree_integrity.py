"""Trees as git holds them, entry by entry: where a name stands twice, git's commands do not agree on the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Finding, Severity
from newsroom_cli.repository.git import Change, Git
from newsroom_cli.repository.layout import FOLDER, NO_MODE

_NEVER = (b"", b".", b"..", b".git")
_HINT = "Take the commit out; git itself writes no such tree. git fsck names each there is."


def folders(changes: Iterable[Change]) -> dict[str, str]:
    """Return the trees that an update brings, by path."""
    return {change.path: change.new for change in changes if change.new_mode == FOLDER}


def find_crooked(git: Git, top: str, below: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding for each name that a tree has twice, out of order, or that is no file's.

    `top` is the tree above those `below`. One git process for all; raises CannotRun (fails closed) without one.
    """
    trees = {"": top, **below}
    for (path, tree_id), tree in zip(trees.items(), git.objects(trees.values()), strict=True):
        if tree.kind != "tree":
            raise CannotRun(f"The tree {tree_id} is not in this repository.", "Fetch the whole history.")
        yield from _check_tree(path, tree.content, len(tree.id) // 2)


def find_crooked_below(git: Git, top: str) -> Iterator[Finding]:
    """Yield a finding for each malformed name in a tree and in all trees below it."""
    rows = git.list_tree(top, option="-dr")
    yield from find_crooked(git, top, {path: tree for path, (mode, tree) in rows.items() if mode == FOLDER})


def find_unlike(changes: Iterable[Change], files: Mapping[str, tuple[str, str]]) -> Iterator[Finding]:
    """Yield a finding for each change that does not begin with what was there: a tree has the name twice."""
    for change in changes:
        before = files.get(change.path, (NO_MODE, "0" * len(change.old)))
        if before != (change.old_mode, change.old) and before[0] != FOLDER:
            yield _report(change.path, "is in git's tree twice")


def _check_tree(folder: str, tree: bytes, length: int) -> Iterator[Finding]:
    entries = re.findall(rb"([0-7]+) ([^\0]*)\0.{%d}" % length, tree, re.DOTALL)
    names = [name for _, name in entries]
    keys = [name + b"/" if mode in (b"40000", FOLDER.encode()) else name for mode, name in entries]
    if len(set(names)) == len(names) and all(key < following for key, following in pairwise(keys)):
        wrong = {name: "is no name of a file" for name in names if b"/" in name or name.lower() in _NEVER}
    else:
        twice = {name: "is in git's tree twice" for name in names if names.count(name) > 1}
        wrong = twice or {b"": "is a tree of git's that is not sorted"}
    for name, what in wrong.items():
        path = "/".join(filter(None, (folder, name.decode("utf-8", "surrogateescape"))))
        yield _report(path or ".", what)


def _report(path: str, what: str) -> Finding:
    return Finding("tree-entries", Severity.ERROR, path, 1, 1, f"this {what}; readers of git would disagree.", _HINT)
