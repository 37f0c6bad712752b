"""The findings of an audit as they come: what a step brought, what still stands, what a later one put right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from newsroom_cli.model import Finding
from newsroom_cli.repository.line import Step
from newsroom_cli.history.trail import Mark

_QUIET = ("published-words-changed", "published-picture-changed")
"""Each edit of what readers have is a finding of its own, though it reads like the one before."""


class _Open(NamedTuple):
    """A finding that still stands: its number among all, and whether it is only a warning once it is put right."""

    rule: str
    key: str
    message: str
    at: int
    landed: str
    mild: bool


@dataclass
class Marks:
    """All findings in the order they came; `open` are states that stand, by story id or path, `done` deeds, by path."""

    found: list[Mark | None] = field(default_factory=list)
    open: dict[str, list[_Open]] = field(default_factory=dict)
    done: dict[str, list[_Open]] = field(default_factory=dict)

    def all(self) -> tuple[Mark, ...]:
        """Every finding, in the order of the line, then by place."""
        order: dict[str, int] = {}
        for one in self.found:
            if one is not None:
                order.setdefault(one.landed, len(order))
        kept = {one: None for one in self.found if one is not None}
        return tuple(sorted(kept, key=lambda one: (order[one.landed], one.finding.place)))

    def add(self, step: Step, finding: Finding, commit: str = "") -> None:
        """Note what a step did, by `commit` where that is not the step's own; a fix of it has to be said (`undo`)."""
        one = self._noted(step, finding, commit, mild=False)
        self.done.setdefault(finding.path, []).append(one)

    def undo(self, step: Step, path: str, *rules: str) -> None:
        """Note that a step put right what others did to a file."""
        self._heal(self.done, step, path, lambda one: one.rule in rules and one.landed != step.commit.id)

    def stand(
        self,
        step: Step,
        subject: str,
        findings: Iterable[Finding],
        *,
        quiet: bool = False,
        commit: str = "",
        mild: bool = False,
    ) -> None:
        """Hold what is wrong with a subject now against what was: new findings are the step's, missing ones are healed.

        With `quiet`, words or pictures changed in this step, by `commit`.
        """
        now = list(findings)
        there = {(one.rule, one.key) for one in now}
        self._heal(self.open, step, subject, lambda one: (one.rule, one.key) not in there)
        known = {(one.rule, one.key, one.message) for one in self.open.get(subject, ())}
        for one in now:
            is_quiet = one.rule in _QUIET
            if (one.rule, one.key, one.message) not in known or (quiet and is_quiet):
                noted = self._noted(step, one, commit if is_quiet else "", mild=mild)
                self.open.setdefault(subject, []).append(noted)

    def fill(self, step: Step, path: str) -> None:
        """Note that the ledger a file named in vain is there."""
        self._heal(self.open, step, path, lambda one: one.rule == "ledger-missing")

    def is_new(self, step: Step, story_id: str, path: str) -> bool:
        """Whether a step brought a finding on a story or its file."""
        found = (*self.open.get(story_id, ()), *self.done.get(path, ()))
        return any(one.landed == step.commit.id for one in found)

    def _noted(self, step: Step, finding: Finding, commit: str, *, mild: bool) -> _Open:
        hint = finding.hint.replace("=BASE ", f"={step.commit.id[:8]}~1 ")
        self.found.append(Mark(finding._replace(hint=hint), commit or step.commit.id, step.commit.id))
        return _Open(finding.rule, finding.key, finding.message, len(self.found) - 1, step.commit.id, mild)

    def _heal(self, where: dict[str, list[_Open]], step: Step, subject: str, is_over: Callable[[_Open], bool]) -> None:
        kept = []
        for one in where.get(subject, ()):
            mark = self.found[one.at]
            if mark is not None and is_over(one):
                self.found[one.at] = healed(mark, step.commit.id, mild=one.mild)
            else:
                kept.append(one)
        if kept:
            where[subject] = kept
        else:
            where.pop(subject, None)


def healed(mark: Mark, commit: str, *, mild: bool) -> Mark | None:
    from newsroom_cli.model import Severity

    if mark.finding.severity is not Severity.ERROR:
        return None
    return mark.healed_by(commit, Severity.WARNING if mild else Severity.ERROR)
