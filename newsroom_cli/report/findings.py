"""Findings as text, JSON and GitHub annotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from newsroom_cli.model import Finding, Inspection, Severity
from newsroom_cli.plain import visible
from newsroom_cli.report.screen import put, put_json, say


def lines(findings: Iterable[Finding]) -> list[str]:
    """Findings as a compiler writes them, each with its help below."""
    out: list[str] = []
    for one in findings:
        place = f"{visible(one.path)}:{one.line}:{one.column}"
        out.append(f"{place}: {one.severity}[{one.rule}]: {visible(one.message)}")
        if one.hint:
            out.append(f"  help: {visible(one.hint)}")
    return out


def _text(inspection: Inspection) -> None:
    for line in lines(inspection.findings):
        put(line)


def _concise(inspection: Inspection) -> None:
    for one in inspection.findings:
        put(f"{visible(one.path)}:{one.line}:{one.column}: {one.severity}[{one.rule}] {visible(one.message)}")


def _json(inspection: Inspection) -> None:
    put_json({"checked": inspection.checked, "of": inspection.total, "findings": as_json(inspection.findings)})


def as_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as JSON has them."""
    keys = ("rule", "severity", "path", "line", "column", "key", "message", "hint")
    return [{key: getattr(one, key) for key in keys} for one in findings]


_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def _github(inspection: Inspection) -> None:
    for one in inspection.findings:
        message = f"{one.message} {one.hint}".strip()
        properties = f"file={_property(one.path)},line={one.line},col={one.column},title={_property(one.rule)}"
        put(f"::{_LEVELS[one.severity]} {properties}::{_data(message)}")


def _data(text: str) -> str:
    """A workflow command's message, escaped as the runner's toolkit does."""
    shown = visible(text.replace("\n", "\u2028")).replace("\\u2028", "\n")
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _statistics(inspection: Inspection) -> None:
    counted = Counter((one.rule, str(one.severity)) for one in inspection.findings)
    for (rule, severity), number in sorted(counted.items(), key=lambda row: (-row[1], row[0])):
        put(f"{number:>6}  {severity:<8} {rule}")


FORMATS: dict[str, Callable[[Inspection], None]] = {
    "text": _text,
    "concise": _concise,
    "json": _json,
    "github": _github,
}
"""Every format of `story check`, by name."""


def put_inspection(inspection: Inspection, form: str, *, statistics: bool = False) -> None:
    """Print findings on stdout in a format (or how many there are of each rule), and what was checked on stderr."""
    if statistics:
        _statistics(inspection)
    else:
        FORMATS[form](inspection)
    found = {level: inspection.count(level) for level in _LEVELS}
    said = [f"{number} {level}{'s' if number != 1 else ''}" for level, number in found.items() if number]
    say(f"checked {inspection.checked} of {inspection.total} stories: {', '.join(said) or 'nothing found'}")
