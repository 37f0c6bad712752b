"""Findings for a workflow on GitHub: annotations, and the table in the job's summary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from newsroom_cli.errors import CannotRun
from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Finding, Inspection, Severity
from newsroom_cli.report.findings.text import say_place, tally

_KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}

_MOST = 10
"""So many annotations of a kind GitHub shows for one step; it drops the others and says nothing."""

_SUMMARY_BYTES = 1024 * 1024 - 1
"""So much a step's summary may hold."""


def github(inspection: Inspection) -> Iterator[str]:
    """Yield annotations, at most ten of a kind; the tenth says how many more there are."""
    ranked = _rank_findings(inspection)
    for severity, kind in _KINDS.items():
        weighing = [finding for finding in ranked if finding.severity is severity]
        shown = weighing if len(weighing) <= _MOST else weighing[: _MOST - 1]
        yield from map(_annotation, shown)
        if more := len(weighing) - len(shown):
            yield f"::{kind} title=story check::{more} more {kind}s: see the job's summary, or run story check."


def _rank_findings(inspection: Inspection) -> list[Finding]:
    """Errors first, and first among equals what stands on a line that the change wrote."""
    weights = list(_KINDS)

    def rank(finding: Finding) -> tuple[int, bool]:
        return weights.index(finding.severity), finding.line not in inspection.touched.get(finding.path, ())

    return sorted(inspection.findings, key=rank)


def _annotation(finding: Finding) -> str:
    message = f"{finding.message} {finding.hint}".strip()
    properties = (
        f"file={_property(finding.path)},line={finding.line},col={finding.column},title={_property(finding.rule)}"
    )
    return f"::{_KINDS[finding.severity]} {properties}::{_data(message)}"


def _data(text: str) -> str:
    """A workflow command's message, escaped as the runner's toolkit does."""
    shown = "\n".join(make_visible(line) for line in text.split("\n"))
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def append_summary(path: Path, inspection: Inspection) -> None:
    """Add the table of findings to a step's summary, never over what GitHub takes.

    Raises CannotRun when the file cannot be written.
    """
    try:
        with path.open("ab") as file:
            start = file.tell()
            apart = b"\n\n" if start else b""
            file.write(apart + summary(inspection, _SUMMARY_BYTES - start - len(apart)).encode())
    except OSError as error:
        raise CannotRun(f"The summary {path} could not be written: {error.strerror or error}.") from None


def summary(inspection: Inspection, room: int) -> str:
    """Return findings as a Markdown table of at most `room` bytes, and how many did not fit; empty where none does."""
    ranked = _rank_findings(inspection)
    text = _head(inspection)
    left = room - len(text) - len(_left_out(len(ranked)))
    if left < 0:
        return ""
    rows: list[str] = []
    for row in map(_summary_row, ranked):
        left -= len(row.encode())
        if left < 0:
            return text + "".join(rows) + _left_out(len(ranked) - len(rows))
        rows.append(row)
    return text + "".join(rows)


def _head(inspection: Inspection) -> str:
    table = "\n| severity | place | rule | finding |\n| --- | --- | --- | --- |\n" if inspection.findings else ""
    return f"### story check\n\n{tally(inspection)}\n{table}"


def _summary_row(finding: Finding) -> str:
    cells = (say_place(finding), finding.rule, f"{finding.message} {finding.hint}".strip())
    return f"| {finding.severity} | {' | '.join(map(_code, cells))} |\n"


def _left_out(number: int) -> str:
    return f"\n{number} more did not fit: run story check.\n"


def _code(text: str) -> str:
    """Text as a code span in a table's cell, where nothing is markup, a mention or a link.

    A pipe is escaped, as GitHub's tables want it, and never behind another backslash. There is no backtick
    left that could end the span: renderers disagree about long runs of them.
    """
    shown = make_visible(text).replace("`", "'").replace("\\|", "\\ |").replace("|", "\\|")
    return f"`{shown.strip() or '-'}`"
