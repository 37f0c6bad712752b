"""The errors `check --base` and `audit` give for every step of a line, to be held against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from newsroom_cli.errors import StoryError
from newsroom_cli.history.audit import audit
from newsroom_cli.history.judge_changes import PATHS
from newsroom_cli.history.proposal import inspect
from newsroom_cli.history.range import Range
from newsroom_cli.history.trail import Mark
from newsroom_cli.model import Severity
from newsroom_cli.repository.git import Git
from newsroom_cli.rules import families

Errors = frozenset[tuple[str, str]]
"""Errors by rule and path."""
RECORD = frozenset(
    name for family in ("reading", "record", "history") for rule in families()[family] for name in rule.names
)
"""The rules an audit judges by; metadata and words are judged as they are proposed, and never again."""
UNREADABLE, CONTESTED = "configuration-unreadable", "judges-not-entitled"
LOSSES = ("ledger-rewritten", "ledger-removed")


@dataclass(frozen=True)
class Answer:
    """The errors both give for one step, and those that stood before it.

    `proposed` is None where `--base` could not run; `names` are ids by path, of stories renamed; `gave_way` are ledgers of which the audit tells that the merger's
    own entries gave way.
    """

    commit: str
    proposed: Errors | None
    audited: Errors
    standing: Errors
    gave_way: frozenset[str]
    is_readable: bool
    names: Mapping[str, str]

    @property
    def differences(self) -> list[str]:
        """The errors that one gives and the other does not, but for the differences that are meant."""
        if self.proposed is None:
            return [] if not self.is_readable else ["--base cannot run, and audit does not say why"]
        standing = {(rule, self.names.get(path, path)) for rule, path in self.standing}
        proposed = {error for error in self.proposed - self.audited if not self._is_given_up(*error)}
        proposed = {(rule, path) for rule, path in proposed if (rule, self.names.get(path, path)) not in standing}
        audited = {error for error in self.audited - self.proposed if not self._is_of_clash(*error)}
        rows = [(error, "--base") for error in proposed] + [(error, "audit") for error in audited]
        return sorted(f"{rule} {path} (only {who})" for (rule, path), who in rows)

    def _is_given_up(self, rule: str, path: str) -> bool:
        return rule in LOSSES and path in self.gave_way

    def _is_of_clash(self, rule: str, path: str) -> bool:
        """Tell whether an error is of a name or a copy that two files had before, said of the other of them."""
        copied = {self.names.get(place) for kind, place in self.standing if kind == "duplicate-id"}
        is_named = rule == "duplicate-slug" and any(kind == rule for kind, _ in self.standing)
        return is_named or self.names.get(path, path) in copied


def answers(git: Git, revision: str, *, now: datetime) -> Iterator[Answer]:
    """Yield both answers to every step of a line but the first, which has no base."""
    line = git.text("rev-list", "--first-parent", "--reverse", revision).split()
    places = {commit: number for number, commit in enumerate(line)}
    marks = audit(git, revision, now=now, require="attributed").marks
    judging, names = "", _ids(git, line[0])
    for number, (parent, commit) in enumerate(pairwise(line), 1):
        new = [mark for mark in marks if mark.landed == commit]
        old = [mark for mark in marks if places[mark.landed] < number < places.get(mark.healed, len(line))]
        yield Answer(
            commit,
            _proposed(git, Range(parent, commit), now, judging),
            _errors(new),
            _errors(old),
            frozenset(mark.finding.path for mark in new if mark.finding.rule == "undone-before-merge"),
            not any(mark.finding.rule == UNREADABLE for mark in marks if places[mark.landed] <= number),
            names := {**names, **_ids(git, commit)},
        )
        rules = {mark.finding.rule for mark in new}
        if CONTESTED in rules:
            judging = judging or parent
        elif UNREADABLE not in rules and git.run("diff", "--name-only", parent, commit, "--", *PATHS):
            judging = ""


def _ids(git: Git, commit: str) -> dict[str, str]:
    """Return the ids of a commit's stories, by path."""
    _, out = git.answer("grep", "-z", "^id: ", commit, "--", "stories", ok=(0, 1))
    rows = (row.split("\0") for row in out.decode().splitlines())
    return {where.partition(":")[2]: text for where, text in rows}


def _errors(marks: Sequence[Mark]) -> Errors:
    """Return those that were errors when they landed; of errors alone an audit tells that they were put right."""
    errors = (mark.finding for mark in marks if mark.healed or mark.finding.severity is Severity.ERROR)
    return frozenset((finding.rule, finding.path) for finding in errors if finding.rule in RECORD)


def _proposed(git: Git, between: Range, now: datetime, judging: str) -> Errors | None:
    try:
        findings = inspect(git, between, now=now, require="attributed", judging=judging).findings
    except StoryError:
        return None
    errors = (finding for finding in findings if finding.severity is Severity.ERROR)
    return frozenset((finding.rule, finding.path) for finding in errors if finding.rule in RECORD)
