"""Findings in every format of `story check`, all made from one inspection."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from newsroom_cli.model import Inspection
from newsroom_cli.report.findings.documents import gitlab, plain_json
from newsroom_cli.report.findings.github import append_summary, github
from newsroom_cli.report.findings.junit import junit
from newsroom_cli.report.findings.sarif import Describe, sarif, undescribed
from newsroom_cli.report.findings.text import concise, lines, statistics_of, tally, text
from newsroom_cli.report.screen import put, say

__all__ = ["FORMATS", "lines", "put_inspection"]

Format = Callable[[Inspection], Iterable[str]]

FORMATS: dict[str, Format] = {
    "text": text,
    "concise": concise,
    "json": plain_json,
    "github": github,
    "gitlab": gitlab,
    "sarif": sarif,
    "junit": junit,
}
"""Every format of `story check`, by name: the lines an inspection is printed as."""


def put_inspection(
    inspection: Inspection,
    form: str,
    *,
    statistics: bool = False,
    summary: Path | None = None,
    describe: Describe = undescribed,
) -> None:
    """Print findings on stdout in a format (or how many there are of each rule), and what was checked on stderr.

    `summary` is a file to which a Markdown table of the findings is added, whatever the format; `describe` tells
    SARIF what a rule asks for. Raises CannotRun when that file cannot be written.
    """
    described: dict[str, Format] = {**FORMATS, "sarif": partial(sarif, describe=describe)}
    for line in statistics_of(inspection) if statistics else described[form](inspection):
        put(line)
    if summary is not None:
        append_summary(summary, inspection)
    say(tally(inspection))
