"""Entries that an update takes out: by a merge that has less than a parent, or by a commit that another undoes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from newsroom_cli.escaping import shell_quote as shell_quoted
from newsroom_cli.history.attribution import StepAttribution
from newsroom_cli.history.tree import StoryTree, TreeSnapshot
from newsroom_cli.model import ID, Finding, Severity, make_error
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Ledger, path_of
from newsroom_cli.repository.log import Commit


class Deed(NamedTuple):
    """Something an update did, by one of its commits where that is known."""

    finding: Finding
    commit: str = ""


class Loss(NamedTuple):
    """Entries that a merge has less than one of its parents; `gave_way` says that they are the merger's own."""

    commit: str
    parent: str
    story_id: str
    had: Ledger
    shared: Ledger
    gave_way: bool

    def as_finding(self) -> Finding:
        """Return what is said of them."""
        line, kept = len(self.shared.entries) + 1, len(self.shared.entries)
        lost = ", ".join(f"{entry.action} by {entry.by}" for entry in self.had.entries[kept:])
        if self.gave_way:
            message = f"{lost} gave way in a merge to what the other side had."
            return Finding("undone-before-merge", Severity.INFO, self.had.path, line, 1, message)
        path = shell_quoted(self.had.path)
        message = f"a merge left out {lost}, which {self.parent[:8]} had; a ledger only grows."
        hint = f"Bring it back: git restore --source={self.parent[:8]} {path} and the story."
        hint += (
            " Where both sides moved the story, keep one side's ledger; the other's moves are made again: story redo."
        )
        rule = "ledger-rewritten" if kept else "ledger-removed"
        return make_error(rule, self.had.path, line if kept else 1, message, hint)


def entries_dropped_in_merge(
    commits: Sequence[Commit],
    attribution: StepAttribution,
    before: TreeSnapshot,
    after: StoryTree,
    policy: Policy,
    ids: frozenset[str],
    tip: str,
) -> Iterator[Loss]:
    """Yield what merges have less of a ledger than each of their parents, and the update does not bring back.

    Where both sides moved a story one of them gives way: the merger's own entries do, and on a side branch anybody's
    to what the base (whose commit is `tip`) has in their place.
    """
    merges = [commit for commit in commits if commit.is_merge]
    if not merges:
        return
    for story_id in sorted(_with_losses(attribution, before, after, ids)):
        path, record = path_of(story_id), after.ledger(story_id)
        rows = record.content.split(b"\n") if record else []
        for merge in merges:
            content = after.reader.read_at(merge.id, path)
            sides = [after.reader.read_at(parent, path) for parent in merge.parents]
            for parent, held in zip(merge.parents, sides, strict=True):
                if content.startswith(held):
                    continue
                had = ledger.parse(path, held)
                shared = _parse_common(had, content)
                lost = held.split(b"\n")[len(shared.entries) : -1]
                if had.findings or lost == rows[len(shared.entries) : len(had.entries)]:
                    continue  # no ledger, or brought back
                if not content and len(had.entries) == 1:
                    continue  # a draft never submitted goes with its ledger
                others = [side for side in sides if side is not held]
                base = before.ledgers.get(story_id) if story_id in ids else record
                gave_way = bool(shared.entries) and content in others and len(content) > len(shared.content)
                own = all(policy.same(entry.actor, merge.author) for entry in had.entries[len(shared.entries) :])
                if not (gave_way and own):
                    kept = _parse_common(had, record.content if record else b"")
                    gave_way = merge.parents[0] != tip and _goes_on(base, kept) and not _has_all(base, held)
                if not gave_way and _has_all(base, held):
                    continue  # said of the update as a whole
                yield Loss(merge.id, parent, story_id, had, shared, gave_way)


def _with_losses(
    attribution: StepAttribution, before: TreeSnapshot, after: StoryTree, ids: Iterable[str]
) -> Iterator[str]:
    """Yield the stories of whose entries, brought or had before, the update leads to less."""
    brought = {story_id for lines in attribution.brought.values() for story_id in lines}
    for story_id in {*brought, *ids}:
        if not ID.fullmatch(story_id):
            continue
        record, old = after.ledger(story_id), before.ledgers.get(story_id)
        content = record.content if record else b""
        rows = content.split(b"\n")[:-1]
        lines = [line for each in attribution.brought.values() for line in each.get(story_id, ())]
        if (old is not None and not content.startswith(old.content)) or any(
            number > len(rows) or rows[number - 1] != line for number, line in lines
        ):
            yield story_id


def count_common_entries(old: bytes, new: bytes) -> int:
    """Return how many lines two ledgers have in common from their beginning on."""
    rows, others = old.split(b"\n")[:-1], new.split(b"\n")[:-1]
    pairs = enumerate(zip(rows, others, strict=False))
    return next((number for number, (row, other) in pairs if row != other), min(len(rows), len(others)))


def _parse_common(had: Ledger, content: bytes) -> Ledger:
    """Return the beginning that a ledger has in common with other bytes."""
    rows, same = had.content.split(b"\n"), count_common_entries(had.content, content)
    return ledger.parse(had.path, b"".join(row + b"\n" for row in rows[:same])) if same else Ledger(had.path)


def _goes_on(record: Ledger | None, shared: Ledger) -> bool:
    return record is not None and record.content.startswith(shared.content) and record.content != shared.content


def _has_all(record: Ledger | None, content: bytes) -> bool:
    return record is not None and record.content.startswith(content)


def entries_taken_out(
    commits: Sequence[Commit], before: TreeSnapshot, after: StoryTree, ids: frozenset[str], line: frozenset[str]
) -> Iterator[Deed]:
    """Yield each commit that takes out entries which were there before the update, though it brings them back.

    Of a commit of the `line` the same is said of any entry: it is a step for itself.
    """
    if len(commits) < 2:  # noqa: PLR2004  of one commit the update as a whole says it
        return
    for commit in commits:
        for change in () if commit.is_merge else commit.changes:
            story_id = change.ledger_of
            if not story_id or change.is_added:
                continue
            kept = count_common_entries(after.reader.raw(change.had), after.reader.raw(change.has))
            old, new = (after.reader.raw(blob).split(b"\n")[:-1] for blob in (change.had, change.has))
            record = after.ledger(story_id)
            base = before.ledgers.get(story_id) if story_id in ids else record
            had = base.content.split(b"\n")[:-1] if base else []
            gone = [row for row in old[kept:] if row not in new and (row in had or commit.id in line)]
            now = record.content.split(b"\n")[:-1] if record else []
            is_told = base is not None and now[: len(had)] != had
            is_draft = change.is_removed and len(old) == 1
            if gone and not is_told and not is_draft:
                message = "entries were taken out here and brought back; a ledger only grows."
                message = message if {*gone} <= {*now} else "entries were taken out here; a ledger only grows."
                hint = "Leave both commits out (git rebase -i), or squash them."
                yield Deed(make_error("ledger-rewritten", change.path, kept + 1, message, hint), commit.id)
