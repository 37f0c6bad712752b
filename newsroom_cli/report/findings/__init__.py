"""Findings in every format of `story check`, all made from one inspection."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from newsroom_cli.model import Inspection
from newsroom_cli.report.findings.text import lines, statistics_json, statistics_of, tally
from newsroom_cli.report.screen import print_lines, say

__all__ = ["FORMATS", "lines", "put_inspection"]


FORMATS = {
    "text": "text:text",
    "concise": "text:concise",
    "json": "documents:plain_json",
    "github": "github:github",
    "gitlab": "documents:gitlab",
    "sarif": "sarif:sarif",
    "junit": "junit:junit",
}
"""Every format of `story check`, by name: the module and the function that render it, loaded when it is asked for."""


def render(inspection: Inspection, form: str, **more: Any) -> Iterable[str]:
    """Return the lines an inspection is printed as in a format."""
    module, _, function = FORMATS[form].partition(":")
    lines_of: Callable[..., Iterable[str]] = getattr(import_module(f"{__name__}.{module}"), function)
    return lines_of(inspection, **more)


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
    more = {"describe": describe} if form == "sarif" else {}
    counted = statistics_json if form == "json" else statistics_of
    print_lines(counted(inspection) if statistics else render(inspection, form, **more))
    if summary is not None:
        from newsroom_cli.report.findings.github import append_summary

        append_summary(summary, inspection)
    say(tally(inspection))
