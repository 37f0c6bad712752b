"""Entries that an update takes out: by a merge that has less than a parent, or by a commit that another undoes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from newsroom_cli.escaping import shell_quote as shell_quoted
from newsroom_cli.history.attribution import StepAttribution
from newsroom_cli.history.tree import Deed, Update
from newsroom_cli.model import ID, Finding, Severity, make_error
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Ledger, path_of, split_lines


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


def entries_dropped_in_merge(update: Update, attribution: StepAttribution, policy: Policy) -> Iterator[Loss]:
    """Yield what merges have less of a ledger than each of their parents, and the update does not bring back.

    Where both sides moved a story one of them gives way: the merger's own entries do, and on a side branch anybody's
    to what the base has in their place.
    """
    merges = [commit for commit in update.commits if commit.is_merge]
    reader = update.after.reader
    for story_id in sorted(_with_losses(update, attribution)) if merges else ():
        path, base = path_of(story_id), update.ledger_before(story_id)
        now = update.after.ledger(story_id) or Ledger(path)
        for merge in merges:
            content = reader.read_at(merge.id, path)
            sides = {parent: reader.read_at(parent, path) for parent in merge.parents}
            for parent, held in sides.items():
                if content.startswith(held):
                    continue
                had = ledger.parse(path, held)
                shared = _parse_common(had, content)
                kept = len(shared.entries)
                if had.findings or had.lines[kept:] == now.lines[kept : len(had.entries)]:
                    continue  # no ledger, or brought back
                if not content and len(had.entries) == 1:
                    continue  # a draft never submitted goes with its ledger
                others = [side for other, side in sides.items() if other != parent]
                gave_way = bool(kept) and content in others and len(content) > len(shared.content)
                own = all(policy.same(entry.actor, merge.author) for entry in had.entries[kept:])
                is_held = base is not None and base.content.startswith(held)
                if not (gave_way and own):
                    is_aside = merge.parents[0] != update.base
                    gave_way = is_aside and not is_held and _goes_on(base, _parse_common(had, now.content))
                if gave_way or not is_held:  # else it is said of the update as a whole
                    yield Loss(merge.id, parent, story_id, had, shared, gave_way)


def _with_losses(update: Update, attribution: StepAttribution) -> Iterator[str]:
    """Yield the stories of whose entries, brought or had before, the update leads to less."""
    brought = {story_id for lines in attribution.brought.values() for story_id in lines}
    for story_id in filter(ID.fullmatch, {*brought, *update.ids}):
        now, old = update.after.ledger(story_id) or Ledger(path_of(story_id)), update.before.ledgers.get(story_id)
        lines = [line for each in attribution.brought.values() for line in each.get(story_id, ())]
        if (old is not None and not now.content.startswith(old.content)) or not now.has_lines(lines):
            yield story_id


def count_common_entries(old: bytes, new: bytes) -> int:
    """Return how many lines two ledgers have in common from their beginning on."""
    pairs = zip(split_lines(old), split_lines(new), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _parse_common(had: Ledger, content: bytes) -> Ledger:
    """Return the beginning that a ledger has in common with other bytes."""
    same = count_common_entries(had.content, content)
    return ledger.parse(had.path, b"".join(row + b"\n" for row in had.lines[:same])) if same else Ledger(had.path)


def _goes_on(record: Ledger | None, shared: Ledger) -> bool:
    return record is not None and record.content.startswith(shared.content) and record.content != shared.content


def entries_taken_out(update: Update, line: frozenset[str]) -> Iterator[Deed]:
    """Yield each commit that takes out entries which were there before the update, though it brings them back.

    Of a commit of the `line` the same is said of any entry: it is a step for itself.
    """
    if len(update.commits) < 2:  # noqa: PLR2004  of one commit the update as a whole says it
        return
    changed = ((commit, change) for commit in update.commits if not commit.is_merge for change in commit.changes)
    for commit, change in changed:
        story_id = change.ledger_of
        if not story_id or change.is_added:
            continue
        old, new = (update.after.reader.raw(blob) for blob in (change.had, change.has))
        kept, rows, rest = count_common_entries(old, new), split_lines(old), split_lines(new)
        record, base = update.after.ledger(story_id), update.ledger_before(story_id)
        had, now = (each.lines if each else [] for each in (base, record))
        gone = [row for row in rows[kept:] if row not in rest and (row in had or commit.id in line)]
        is_told = base is not None and now[: len(had)] != had
        is_draft = change.is_removed and len(rows) == 1
        if gone and not is_told and not is_draft:
            message = "entries were taken out here and brought back; a ledger only grows."
            message = message if {*gone} <= {*now} else "entries were taken out here; a ledger only grows."
            hint = "Leave both commits out (git rebase -i), or squash them."
            yield Deed(make_error("ledger-rewritten", change.path, kept + 1, message, hint), commit.id)
