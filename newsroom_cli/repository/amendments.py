"""Who changed what judges stories: the commits of a range that did, and whether their authors may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newsroom_cli import settings
from newsroom_cli.errors import StoryError
from newsroom_cli.model import Finding
from newsroom_cli.repository import baseline
from newsroom_cli.repository.files import CommittedTree
from newsroom_cli.repository.git import Brought, Git, GitFailed, log
from newsroom_cli.repository.newsroom import CONFIGURATION, PROJECT, judges_of
from newsroom_cli.roster import Judges
from newsroom_cli.verify import error

PATHS = (CONFIGURATION, PROJECT, ".mailmap", baseline.PATH)
"""The files that hold what judges stories."""


def not_entitled(git: Git, judges: Judges, revisions: str, path: str) -> Iterator[Finding]:
    """A finding at `path` for each commit of a range that changes the judges and is not by whom the base names.

    Nobody is named without a roster or without `[trust] judges`. An author is attributed, never proven.
    """
    roles = judges.settings.trust.judges
    if not judges.has_roster or not roles:
        return
    for one in (*log(git, "--no-merges", revisions, paths=PATHS), *_merges(git, revisions)):
        if (one.author.email and set(judges.roles(one.author) or ()) & set(roles)) or not _judges(git, one):
            continue
        names = ", ".join(judges.who_may(roles)) or "nobody yet"
        message = f"{one.author} changed what judges stories; that is for {' or '.join(roles)}."
        hint = f"Look: git show {one.commit[:8]}. One of them makes this change themselves: {names}."
        yield error("judges-not-entitled", path, 1, message, hint)


def _judges(git: Git, one: Brought) -> bool:
    """Whether a commit changes what judges; what cannot be read on either side does."""
    if any(change.path == baseline.PATH for change in one.changes) or not one.changes:
        return True
    parent = git.revision(f"{one.commit}^")
    trees = (parent or git.empty_tree(), one.commit)
    try:
        old, new = (judges_of(CommittedTree(git, tree)) for tree in trees)
    except StoryError:
        return True
    tables = settings.changed(old.settings, new.settings)
    return old.mailmap != new.mailmap or any(name in settings.JUDGES for name in tables)


def _merges(git: Git, revisions: str) -> Iterator[Brought]:
    """The merges of a range in which what judges is not what git itself makes of their parents."""
    parents_of = {
        commit: parents
        for row in git.text("rev-list", "--merges", "--parents", "--end-of-options", revisions, "--").splitlines()
        for commit, *parents in [row.split()]
    }
    if not parents_of:
        return
    held = _held(git, sorted({one for merge, parents in parents_of.items() for one in (merge, *parents)}))
    for one in log(git, "--merges", revisions):
        parents = parents_of[one.commit]
        differs = any(held[one.commit] != held[other] for other in parents)
        if differs and not _is_gits_own(git, parents, held[one.commit]):
            yield Brought(one.commit, one.author, ())


def _held(git: Git, commits: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What some commits hold at the paths of the judges, as git names it: one process."""
    asked = "".join(f"{commit}:{path}\n" for commit in commits for path in PATHS)
    rows = git.run("cat-file", "--batch-check=%(objectname)", stdin=asked.encode()).decode().splitlines()
    size = len(PATHS)
    blobs = ["" if row.endswith(" missing") else row for row in rows]
    return {commit: tuple(blobs[at * size : at * size + size]) for at, commit in enumerate(commits)}


def _is_gits_own(git: Git, parents: Sequence[str], held: tuple[str, ...]) -> bool:
    """Whether a merge of two holds at the paths of the judges what merging them anew gives."""
    if len(parents) != 2:  # noqa: PLR2004  an octopus is somebody's own
        return False
    try:
        code, out = git.answer("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *parents, ok=(0, 1))
    except GitFailed:
        return False
    tree, *conflicts = out.decode("utf-8", "surrogateescape").split("\0")
    return not (code and set(conflicts) & set(PATHS)) and _held(git, [tree])[tree] == held
