"""Judges a change of what judges stories: what a change of it may come with, and whether whoever made it may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from newsroom_cli.check import baseline
from newsroom_cli.check.files import peek_id
from newsroom_cli.errors import CannotRun, StoryError, Unreadable
from newsroom_cli.history.scope import Scope
from newsroom_cli.history.tree import Deed, Update
from newsroom_cli.model import Finding, Severity, make_error
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.ledger import path_of
from newsroom_cli.repository.blobs import BlobReader
from newsroom_cli.repository.files import Files, story_paths
from newsroom_cli.repository.log import Commit, merge_tree
from newsroom_cli.repository.newsroom import CONFIGURATION, PROJECT, judges_at, ledger_by
from newsroom_cli.settings import settings
from newsroom_cli.verify.strands import PolicyChange, StoryStanding, find_left_behind, standing_of

PATHS = (CONFIGURATION, PROJECT, ".mailmap", baseline.PATH)
"""The files that hold what judges stories."""


def judge_changes(update: Update, policy: Policy, scope: Scope) -> Iterator[Deed]:
    """Yield what is said of a change of what judges, with the commit that did it."""
    paths = [change.path for change in update.changes if change.path in PATHS]
    next_policy = scope.next_policy
    if not paths or next_policy is None:
        return
    tables = settings.changed_tables(policy.settings, next_policy.settings)
    judging = [f"[{name}]" for name in tables if name in settings.JUDGES]
    judging += [".mailmap"] if policy.mailmap != next_policy.mailmap else []
    judging += [baseline.PATH] if baseline.PATH in paths else []
    strangers = list(not_entitled(update, policy, paths[0])) if judging else []
    yield from strangers
    named = policy.has_roster and bool(policy.settings.trust.judges)
    change = PolicyChange(policy, next_policy, paths[0], is_entitled=named and not strangers)
    yield from (Deed(finding) for finding in find_left_behind(change, lambda: _list_standings(scope.files)))
    if judging and (update.ids or any(change.is_story or change.is_ledger for change in update.changes)):
        message = f"{', '.join(judging)} and stories change together; what judges stories changes on its own."
        hint = "See who did it, and audit what came with it." if scope.looking_back else "Make two pull requests of it."
        yield Deed(make_error("judges-with-stories", paths[0], 1, message, hint))
    elif scope.looking_back and judging:
        message = f"{', '.join(judging)} changed, on its own."
        yield Deed(Finding("judges-changed", Severity.INFO, paths[0], 1, 1, message))
    elif not scope.looking_back and (tables or judging):
        others = [f"[{name}]" for name in tables if name not in settings.JUDGES]
        message = f"this changes {', '.join(judging + others)}; what the base says is in force until it is merged."
        yield Deed(Finding("judges-changed", Severity.INFO, paths[0], 1, 1, message))


def _list_standings(files: Files) -> Iterator[StoryStanding]:
    """Yield where every story of a tree stands by its ledger; reads them all."""
    paths = story_paths(files)
    files.expect(paths)
    ids = sorted({story_id for path in paths if (story_id := peek_id(files, path))})
    files.expect(map(path_of, ids))
    for story_id in ids:
        with suppress(Unreadable):  # found where the tree itself is judged
            record = ledger_by(files, story_id)
            if record is not None and (standing := standing_of(record)) is not None:
                yield standing


def unreadable_baseline(update: Update) -> Finding | None:
    """Return the finding of a baseline that changed and that nobody can read now."""
    if any(change.path == baseline.PATH and not change.is_removed for change in update.changes):
        try:
            baseline.read_baseline(update.after)
        except CannotRun as wrong:
            return make_error("configuration-unreadable", baseline.PATH, 1, wrong.message, wrong.hint)
    return None


def not_entitled(update: Update, policy: Policy, path: str) -> Iterator[Deed]:
    """Yield a finding at `path` for each commit that changes the judges and is not by whom the base names.

    Nobody is named without a roster or without `[trust] judges`. An author is attributed, never proven.
    """
    roles = policy.settings.trust.judges
    if not policy.has_roster or not roles:
        return
    for commit in update.commits:
        may = commit.author.email and set(policy.roles(commit.author) or ()) & set(roles)
        changes = _merge_changes_judges if commit.is_merge else _changes_judges
        if may or not changes(commit, update.after.reader):
            continue
        names = ", ".join(policy.who_may(roles)) or "nobody yet"
        message = f"{commit.author} changed what judges stories; that is for {' or '.join(roles)}."
        hint = f"Look: git show {commit.id[:8]}. One of them makes this change themselves: {names}."
        yield Deed(make_error("judges-not-entitled", path, 1, message, hint), commit.id)


def _changes_judges(commit: Commit, reader: BlobReader) -> bool:
    """Tell whether a commit changes what judges; what cannot be read on either side does."""
    paths = {change.path for change in commit.changes} & set(PATHS)
    if not paths or baseline.PATH in paths:
        return bool(paths)
    try:
        old, new = (judges_at(reader.git, each) for each in (next(iter(commit.parents), ""), commit.id))
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
