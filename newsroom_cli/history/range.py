"""The commits an update is between, and what merging them gives; everything here fails closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from newsroom_cli.errors import CannotRun
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.log import DEEPER, Commit, merge_tree


class Range(NamedTuple):
    """Two commits an update is between: the base's tip, empty where there is none yet, and the head to be merged."""

    base: str
    head: str

    @property
    def revisions(self) -> str:
        """Return the commits in between, as git names them."""
        return f"{self.base}..{self.head}" if self.base else self.head


def resolve(git: Git, base: str, *, target: str = "") -> Range:
    """Find the base's tip; raises CannotRun (fails closed) when history is missing or the name is not one thing.

    On a host's merge checkout of a pull request to the branch `target` the base is the first parent of HEAD, never
    an older commit of an event; only where that parent is a commit of the target itself.
    """
    whole_history(git)
    head = git.revision("HEAD")
    if head is None:
        raise CannotRun("There is no commit here yet.", "story new makes the first one.")
    _need_one_meaning(git, base, "--base ", ("", "tags/", "heads/", "remotes/"))
    tip = git.revision(base)
    if tip is None:
        raise CannotRun(f"There is no base {base} here.", DEEPER)
    theirs = git.revision(f"refs/remotes/origin/{target}") if target else None
    first = git.revision("HEAD^1") if theirs and git.revision("HEAD^2") else None
    if theirs and first and contains(git, theirs, first) and contains(git, first, tip):
        tip = first
    if not git.answer("merge-base", tip, head, ok=(0, 1))[1].strip():
        raise CannotRun(f"{base} and HEAD have no history in common.", DEEPER)
    return Range(tip, head)


def whole_history(git: Git, lack: str = "the base cannot be compared") -> None:
    """Raise CannotRun where a repository's history is cut off, with what is lacking then, or not its own."""
    if git.is_shallow:
        raise CannotRun(f"This clone is shallow: {lack}.", DEEPER)
    if (git.common / "info" / "grafts").exists():
        raise CannotRun("This repository has a graft file: its history is not its own.", "Remove .git/info/grafts.")


def contains(git: Git, later: str, earlier: str) -> bool:
    """Tell whether a commit is among those another was made on."""
    return git.answer("merge-base", "--is-ancestor", earlier, later, ok=(0, 1))[0] == 0


def list_line(between: Range, commits: Sequence[Commit]) -> list[Commit]:
    """Return those of a range's commits that are steps of the line to its head, newest first: its first parents."""
    by_id, name, line = {commit.id: commit for commit in commits}, between.head, list[Commit]()
    while name in by_id:
        line.append(by_id[name])
        name = next(iter(by_id[name].parents), "")
    return line


def find_turn(between: Range, commits: Sequence[Commit]) -> Range | None:
    """Return the step at which the line to a head turns: a merge that has the base on another side than its first.

    `commits` are those of the range, parents first. None where the line goes on from the base, or does not hold it.
    """
    holding = {between.base} if between.base else set[str]()
    for commit in commits:
        if not holding.isdisjoint(commit.parents):
            holding.add(commit.id)
    first = next((commit for commit in reversed(list_line(between, commits)) if commit.id in holding), None)
    turns = first is not None and first.parents[0] != between.base
    return Range(first.parents[0], first.id) if first is not None and turns else None


def merge_range(git: Git, between: Range) -> tuple[str, list[str]]:
    """Merge a range: the tree, and the paths in conflict. HEAD's own tree where it contains the base."""
    if not between.base or contains(git, between.head, between.base):
        return f"{between.head}^{{tree}}", []
    tree, conflicts = merge_tree(git, between)
    if not tree:
        raise CannotRun("Git cannot merge without a working tree here.", "Install git 2.38 or newer.")
    return tree, conflicts


def tip(git: Git, revision: str) -> str:
    """Return the commit a revision names.

    Raises CannotRun (fails closed) when history is missing or the name is not one thing.
    """
    whole_history(git, "its history is not all here")
    _need_one_meaning(git, revision, "")
    commit = git.revision(revision)
    if commit is None:
        if revision == "HEAD":
            raise CannotRun("There is no commit here yet.", "story new makes the first one.")
        raise CannotRun(f"There is no revision {revision} here.", DEEPER)
    return commit


def _need_one_meaning(git: Git, name: str, option: str, kinds: Sequence[str] = ("tags/", "heads/", "remotes/")) -> None:
    """Raise CannotRun where a name is that of several refs; the hint is the last of them, behind an option."""
    names = [ref for kind in kinds if git.has_ref(ref := f"refs/{kind}{name}")]
    if len(names) > 1:
        raise CannotRun(f"{name} is the name of {' and of '.join(names)}.", f"Say which: {option}{names[-1]}")
