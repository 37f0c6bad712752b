"""Says how a push was judged: plain text on stderr, which git brings to the pusher's terminal behind `remote:`."""

from __future__ import annotations

from collections.abc import Iterable

from newsroom_cli.escaping import make_visible
from newsroom_cli.history.push import Verdict
from newsroom_cli.model import Inspection, Severity
from newsroom_cli.report.errors import put_failure
from newsroom_cli.report.findings.text import lines, tally
from newsroom_cli.report.screen import say

_COLUMNS = 72
"""Cells of a quoted line: git puts `remote: ` before each, and a terminal has eighty."""

_MOST = 50
"""So many findings of a branch are told; nobody reads more of them on a terminal."""


def say_verdicts(verdicts: Iterable[Verdict], *, again: str) -> None:
    """Say of every ref why it is refused or what was found in it; `again` is the command that shows it at home."""
    for verdict in verdicts:
        name = make_visible(verdict.pushed.branch or verdict.pushed.ref)
        if verdict.refusal is not None:
            put_failure(verdict.refusal)
        elif verdict.inspection is not None and verdict.inspection.findings:
            say_findings(verdict.inspection)
            if verdict.refuses:
                say(f"Error: {name} does not take this push.")
                say(f"Hint: Mend it and push again. To see it at home: {again.replace('BRANCH', name)}")


def say_findings(inspection: Inspection) -> None:
    """Say what was found, errors first, and how much was checked."""
    weights = list(Severity)
    ranked = sorted(inspection.findings, key=lambda finding: weights.index(finding.severity))
    say(*lines(ranked[:_MOST], columns=_COLUMNS))
    if len(ranked) > _MOST:
        say(f"… and {len(ranked) - _MOST} more.")
    say(tally(inspection))
