"""Findings in every format of `story check`, all made from one inspection."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from newsroom_cli.model import Inspection
from newsroom_cli.report.findings.text import concise, lines, statistics_json, statistics_of, tally, text
from newsroom_cli.report.screen import print_line, say

__all__ = ["FORMATS", "lines", "put_inspection"]


def _later(module: str, function: str) -> Callable[..., Iterable[str]]:
    """A format whose module is loaded when it is asked for."""

    def render(inspection: Inspection, **more: Any) -> Iterable[str]:
        printed: Iterable[str] = getattr(import_module(f"{__name__}.{module}"), function)(inspection, **more)
        return printed

    return render


FORMATS: dict[str, Callable[..., Iterable[str]]] = {
    "text": text,
    "concise": concise,
    "json": _later("documents", "plain_json"),
    "github": _later("github", "github"),
    "gitlab": _later("documents", "gitlab"),
    "sarif": _later("sarif", "sarif"),
    "junit": _later("junit", "junit"),
}
"""Every format of `story check`, by name: the lines an inspection is printed as."""


def put_inspection(
    inspection: Inspection,
    form: str,
    *,
    statistics: bool = False,
    summary: Path | None = None,
    describe: Callable[[str], str] | None = None,
) -> None:
    """Print findings on stdout in a format (or how many there are of each rule), and what was checked on stderr.

    `summary` is a file to which a Markdown table of the findings is added, whatever the format; `describe` tells
    SARIF what a rule asks for. Raises CannotRun when that file cannot be written.
    """
    more = {"describe": describe} if form == "sarif" and describe else {}
    counted = statistics_json if form == "json" else statistics_of
    for line in counted(inspection) if statistics else FORMATS[form](inspection, **more):
        print_line(line)
    if summary is not None:
        from newsroom_cli.report.findings.github import append_summary

        append_summary(summary, inspection)
    say(tally(inspection))
