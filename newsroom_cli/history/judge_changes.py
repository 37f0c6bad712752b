"""What judges stories, changed: what a change of it may come with, and whether whoever made it may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newsroom_cli.check import baseline
from newsroom_cli.errors import CannotRun, StoryError
from newsroom_cli.history.stranded import find_stranded
from newsroom_cli.model import Finding, Severity, make_error
from newsroom_cli.people.policy import Policy
from newsroom_cli.repository.blobs import BlobReader
from newsroom_cli.repository.files import CommittedTree, Files
from newsroom_cli.repository.git import Change
from newsroom_cli.repository.log import Commit, merge_tree
from newsroom_cli.repository.newsroom import CONFIGURATION, PROJECT, judges_of
from newsroom_cli.settings import settings
from newsroom_cli.verify.strands import PolicyChange

PATHS = (CONFIGURATION, PROJECT, ".mailmap", baseline.PATH)
"""The files that hold what judges stories."""


def judge_changes(
    changes: Sequence[Change],
    commits: Sequence[Commit],
    policy: Policy,
    next_policy: Policy | None,
    *,
    reader: BlobReader,
    files: Files,
    has_stories: bool,
    looking_back: bool,
) -> Iterator[tuple[Finding, str]]:
    """Yield what is said of a change of what judges, with the commit that did it; `next_policy` judges from then on.

    `files` is the tree the change leads to.
    """
    paths = [change.path for change in changes if change.path in PATHS]
    if not paths or next_policy is None:
        return
    tables = settings.changed_tables(policy.settings, next_policy.settings)
    judging = [f"[{name}]" for name in tables if name in settings.JUDGES]
    judging += [".mailmap"] if policy.mailmap != next_policy.mailmap else []
    judging += [baseline.PATH] if baseline.PATH in paths else []
    strangers = list(not_entitled(commits, policy, paths[0], reader=reader)) if judging else []
    yield from strangers
    named = policy.has_roster and bool(policy.settings.trust.judges)
    change = PolicyChange(policy, next_policy, paths[0], is_entitled=named and not strangers)
    yield from ((finding, "") for finding in find_stranded(change, files))
    if judging and has_stories:
        message = f"{', '.join(judging)} and stories change together; what judges stories changes on its own."
        hint = "See who did it, and audit what came with it." if looking_back else "Make two pull requests of it."
        yield make_error("judges-with-stories", paths[0], 1, message, hint), ""
    elif looking_back and judging:
        message = f"{', '.join(judging)} changed, on its own."
        yield Finding("judges-changed", Severity.INFO, paths[0], 1, 1, message), ""
    elif not looking_back and (tables or judging):
        others = [f"[{name}]" for name in tables if name not in settings.JUDGES]
        message = f"this changes {', '.join(judging + others)}; what the base says is in force until it is merged."
        yield Finding("judges-changed", Severity.INFO, paths[0], 1, 1, message), ""


def unreadable_baseline(changes: Sequence[Change], after: Files) -> Finding | None:
    """Return the finding of a baseline that changed and that nobody can read now."""
    if any(change.path == baseline.PATH and not change.is_removed for change in changes):
        try:
            baseline.read_baseline(after)
        except CannotRun as wrong:
            return make_error("configuration-unreadable", baseline.PATH, 1, wrong.message, wrong.hint)
    return None


def not_entitled(
    commits: Sequence[Commit], policy: Policy, path: str, *, reader: BlobReader
) -> Iterator[tuple[Finding, str]]:
    """Yield a finding at `path` for each commit that changes the judges and is not by whom the base names.

    Nobody is named without a roster or without `[trust] judges`. An author is attributed, never proven.
    """
    roles = policy.settings.trust.judges
    if not policy.has_roster or not roles:
        return
    for commit in commits:
        may = commit.author.email and set(policy.roles(commit.author) or ()) & set(roles)
        changes = _merge_changes_judges if commit.is_merge else _changes_judges
        if may or not changes(commit, reader):
            continue
        names = ", ".join(policy.who_may(roles)) or "nobody yet"
        message = f"{commit.author} changed what judges stories; that is for {' or '.join(roles)}."
        hint = f"Look: git show {commit.id[:8]}. One of them makes this change themselves: {names}."
        yield make_error("judges-not-entitled", path, 1, message, hint), commit.id


def _changes_judges(commit: Commit, reader: BlobReader) -> bool:
    """Tell whether a commit changes what judges; what cannot be read on either side does."""
    paths = {change.path for change in commit.changes} & set(PATHS)
    if not paths or baseline.PATH in paths:
        return bool(paths)
    parent = commit.parents[0] if commit.parents else reader.git.empty_tree()
    try:
        old, new = (judges_of(CommittedTree(reader.git, tree)) for tree in (parent, commit.id))
    except StoryError:
        return True
    tables = settings.changed_tables(old.settings, new.settings)
    return old.mailmap != new.mailmap or any(name in settings.JUDGES for name in tables)


def _merge_changes_judges(merge: Commit, reader: BlobReader) -> bool:
    """Tell whether what judges is in a merge not what git itself makes of its parents."""
    held = reader.blobs_at(merge.id, PATHS)
    if all(reader.blobs_at(parent, PATHS) == held for parent in merge.parents):
        return False
    tree, conflicts = merge_tree(reader.git, merge.parents)
    return not tree or bool({*conflicts} & {*PATHS}) or reader.blobs_at(tree, PATHS) != held
