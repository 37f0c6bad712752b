"""Findings as text: as a compiler writes them, one line each, or counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Finding, Inspection, Severity
from newsroom_cli.report.findings.excerpt import excerpt
from newsroom_cli.report.screen import Paint, count, json_text, leave_plain, make_painter, terminal_width

_WIDTH = 100
"""Cells of a line where there is no terminal to ask."""

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}


def lines(findings: Iterable[Finding], *, columns: int = _WIDTH, paint: Paint = leave_plain) -> list[str]:
    """Return findings as a compiler writes them, each with its line, a mark under its place, and its help."""
    out: list[str] = []
    for finding in findings:
        style = _STYLES[finding.severity]
        rule, message = make_visible(finding.rule), make_visible(finding.message)
        out.append(f"{say_place(finding)}: {paint(finding.severity, style)}[{rule}]: {message}")
        if (quoted := excerpt(finding, columns)) is not None:
            line, margin, carets = quoted
            out.extend((line, margin + paint(carets, style)))
        if finding.hint:
            out.append(f"  help: {make_visible(finding.hint)}")
    return out


def say_place(finding: Finding) -> str:
    """Return the place of a finding: path, line and column."""
    return f"{make_visible(finding.path)}:{finding.line}:{finding.column}"


def text(inspection: Inspection) -> list[str]:
    """Return findings for people, in colour and as wide as the terminal where stdout is one."""
    return lines(inspection.findings, columns=terminal_width() or _WIDTH, paint=make_painter())


def concise(inspection: Inspection) -> Iterator[str]:
    """Yield one line a finding."""
    for finding in inspection.findings:
        yield f"{say_place(finding)}: {finding.severity}[{make_visible(finding.rule)}] {make_visible(finding.message)}"


def statistics_of(inspection: Inspection) -> Iterator[str]:
    """Yield the number of findings of each rule and weight, most first."""
    for rule, severity, number in _count(inspection):
        yield f"{number:>6}  {severity:<8} {make_visible(rule)}"


def statistics_json(inspection: Inspection) -> Iterator[str]:
    """Yield the number of findings of each rule and weight as JSON."""
    keys = ("rule", "severity", "number")
    yield json_text([dict(zip(keys, row, strict=True)) for row in _count(inspection)])


def _count(inspection: Inspection) -> list[tuple[str, str, int]]:
    counted = Counter((finding.rule, str(finding.severity)) for finding in inspection.findings)
    rows = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    return [(rule, severity, number) for (rule, severity), number in rows]


def tally(inspection: Inspection) -> str:
    """Say in a line how much was checked, and how many findings weigh how much."""
    return f"checked {inspection.checked} of {inspection.total} stories: {count_findings(inspection.number_of)}"


def count_findings(number_of: Callable[[Severity], int]) -> str:
    """Say how many findings weigh how much, errors first."""
    counted = [count(number_of(level), level) for level in _STYLES if number_of(level)]
    return ", ".join(counted) or "nothing found"
