"""Findings as text: as a compiler writes them, one line each, or counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Finding, Inspection, Severity
from newsroom_cli.report.findings.excerpt import excerpt
from newsroom_cli.report.screen import Paint, json_text, painter, unpainted, width

_WIDTH = 100
"""Cells of a line where there is no terminal to ask."""

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}


def lines(findings: Iterable[Finding], *, columns: int = _WIDTH, paint: Paint = unpainted) -> list[str]:
    """Findings as a compiler writes them, each with its line, a mark under its place, and its help."""
    out: list[str] = []
    for one in findings:
        style = _STYLES[one.severity]
        out.append(f"{place(one)}: {paint(one.severity, style)}[{make_visible(one.rule)}]: {make_visible(one.message)}")
        if (quoted := excerpt(one, columns)) is not None:
            line, margin, carets = quoted
            out.extend((line, margin + paint(carets, style)))
        if one.hint:
            out.append(f"  help: {make_visible(one.hint)}")
    return out


def place(one: Finding) -> str:
    """Where a finding stands: path, line and column."""
    return f"{make_visible(one.path)}:{one.line}:{one.column}"


def text(inspection: Inspection) -> list[str]:
    """Findings for people, in colour and as wide as the terminal where stdout is one."""
    return lines(inspection.findings, columns=width() or _WIDTH, paint=painter())


def concise(inspection: Inspection) -> Iterator[str]:
    """One line a finding."""
    for one in inspection.findings:
        yield f"{place(one)}: {one.severity}[{make_visible(one.rule)}] {make_visible(one.message)}"


def statistics_of(inspection: Inspection) -> Iterator[str]:
    """How many findings there are of each rule and weight, most first."""
    for rule, severity, number in _counted(inspection):
        yield f"{number:>6}  {severity:<8} {make_visible(rule)}"


def statistics_json(inspection: Inspection) -> Iterator[str]:
    """The same as JSON: a list of rules with their weight and number."""
    keys = ("rule", "severity", "number")
    yield json_text([dict(zip(keys, row, strict=True)) for row in _counted(inspection)])


def _counted(inspection: Inspection) -> list[tuple[str, str, int]]:
    counted = Counter((one.rule, str(one.severity)) for one in inspection.findings)
    rows = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    return [(rule, severity, number) for (rule, severity), number in rows]


def tally(inspection: Inspection) -> str:
    """What was checked, and how many findings weigh how much."""
    found = {level: inspection.number_of(level) for level in _STYLES}
    said = [f"{number} {level}{'s' if number != 1 else ''}" for level, number in found.items() if number]
    return f"checked {inspection.checked} of {inspection.total} stories: {', '.join(said) or 'nothing found'}"
