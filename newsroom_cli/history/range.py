"""The commits an update is between, and what merging them gives; everything here fails closed."""

from __future__ import annotations

from typing import NamedTuple

from newsroom_cli.errors import CannotRun
from newsroom_cli.repository.git import Git, GitFailed
from newsroom_cli.repository.log import DEEPER


class Range(NamedTuple):
    """The commits an update is between: the base's tip, empty where there is none yet, and the head to be merged."""

    base: str
    head: str

    @property
    def revisions(self) -> str:
        """The commits in between, as git names them."""
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
    names = [name for kind in ("", "tags/", "heads/", "remotes/") if git.has_ref(name := f"refs/{kind}{base}")]
    if len(names) > 1:
        raise CannotRun(f"{base} is the name of {' and of '.join(names)}.", f"Say which: --base {names[-1]}")
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


def whole_history(git: Git) -> None:
    """Raise CannotRun where a repository's history is cut off or not its own."""
    if git.is_shallow:
        raise CannotRun("This clone is shallow: the base cannot be compared.", DEEPER)
    if (git.common / "info" / "grafts").exists():
        raise CannotRun("This repository has a graft file: its history is not its own.", "Remove .git/info/grafts.")


def contains(git: Git, later: str, earlier: str) -> bool:
    """Tell whether a commit is among those another was made on."""
    return git.answer("merge-base", "--is-ancestor", earlier, later, ok=(0, 1))[0] == 0


def merged(git: Git, between: Range) -> tuple[str, list[str]]:
    """Merge a range: the tree, and the paths in conflict. HEAD's own tree where it contains the base."""
    if not between.base or contains(git, between.head, between.base):
        return f"{between.head}^{{tree}}", []
    try:
        code, out = git.answer("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *between, ok=(0, 1))
    except GitFailed:
        raise CannotRun("Git cannot merge without a working tree here.", "Install git 2.38 or newer.") from None
    tree, *paths = out.decode("utf-8", "surrogateescape").split("\0")
    return tree.strip(), [path for path in paths if path] if code else []


def tip(git: Git, revision: str) -> str:
    """Return the commit a revision names.

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
