"""Judges what is about to be committed: the stories and ledgers of the index that differ from the last commit."""

from __future__ import annotations

from datetime import datetime

from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Inspection
from newsroom_cli.repository.change import staged
from newsroom_cli.repository.git import Git, GitFailed


def inspect_staged(git: Git, *, now: datetime) -> Inspection:
    """Every finding on the index; while a merge is concluded, those alone that are new to both its sides."""
    try:
        tree = git.text("write-tree")
    except GitFailed:
        raise CannotRun("What is staged cannot be made a commit yet.", "git status shows what is unmerged.") from None
    parents = [git.revision("HEAD") or ""]
    if other := git.revision("MERGE_HEAD"):
        parents.append(other)
    first, *others = (staged(git, parent, tree, now=now) for parent in parents)
    known = [{(one.rule, one.path, one.message) for one in each.findings} for each in others]
    kept = tuple(one for one in first.findings if all((one.rule, one.path, one.message) in each for each in known))
    return Inspection(kept, first.checked, first.total)
