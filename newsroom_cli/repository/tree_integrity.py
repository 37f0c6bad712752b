"""Trees as git holds them, entry by entry: where a name stands twice, git's commands do not agree on the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Finding, Severity
from newsroom_cli.repository.git import Change, Git

FOLDER = "040000"
_NEVER = (b"", b".", b"..", b".git")
_HINT = "Take the commit out; git itself writes no such tree. git fsck names each there is."


def folders(changes: Iterable[Change]) -> dict[str, str]:
    """The trees that an update brings, by path."""
    return {change.path: change.new for change in changes if change.new_mode == FOLDER}


def crooked(git: Git, top: str, below: Mapping[str, str]) -> Iterator[Finding]:
    """Names that a tree has twice, out of order, or that are no file's; `top` is the tree above those `below`.

    One git process for all of them; raises CannotRun (fails closed) when one is not here.
    """
    trees = {"": top, **below}
    out = git.run("cat-file", "--batch", stdin="".join(f"{one}\n" for one in trees.values()).encode())
    at = 0
    for path, one in trees.items():
        end = out.index(b"\n", at)
        head = out[at:end].split()
        if head[1:2] != [b"tree"]:
            raise CannotRun(f"The tree {one} is not in this repository.", "Fetch the whole history.")
        start, at = end + 1, end + 1 + int(head[2]) + 1
        yield from _crooked(path, out[start : at - 1], len(head[0]) // 2)


def whole(git: Git, top: str) -> Iterator[Finding]:
    """The same of every tree below one."""
    out = git.run("ls-tree", "-r", "-d", "-z", "--full-tree", top)
    rows = (row.decode("utf-8", "surrogateescape").partition("\t") for row in out.split(b"\0") if row)
    yield from crooked(git, top, {path: head.split()[2] for head, _, path in rows if head.startswith(FOLDER)})


def unlike(changes: Iterable[Change], files: Mapping[str, tuple[str, str]]) -> Iterator[Finding]:
    """Changes that do not begin with what was there: the tree had, or has, the name twice."""
    for change in changes:
        mode, _ = there = files.get(change.path, ("000000", "0" * len(change.old)))
        if there != (change.old_mode, change.old) and mode != FOLDER:
            yield _finding(change.path, "is in git's tree twice")


def _crooked(folder: str, tree: bytes, length: int) -> Iterator[Finding]:
    entries = re.findall(rb"([0-7]+) ([^\0]*)\0.{%d}" % length, tree, re.DOTALL)
    names = [name for _, name in entries]
    keys = [name + b"/" if mode in (b"40000", b"040000") else name for mode, name in entries]
    if len(set(names)) == len(names) and all(one < other for one, other in pairwise(keys)):
        wrong = {name: "is no name of a file" for name in names if b"/" in name or name.lower() in _NEVER}
    else:
        twice = {name: "is in git's tree twice" for name in names if names.count(name) > 1}
        wrong = twice or {b"": "is a tree of git's that is not sorted"}
    for name, what in wrong.items():
        path = "/".join(filter(None, (folder, name.decode("utf-8", "surrogateescape"))))
        yield _finding(path or ".", what)


def _finding(path: str, what: str) -> Finding:
    return Finding("tree-entries", Severity.ERROR, path, 1, 1, f"this {what}; readers of git would disagree.", _HINT)
