"""Tells behind the last newsroom how often each verb was walked over."""

from __future__ import annotations

from collections import Counter

import pytest

from histories.newsrooms import VERBS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the verbs of all newsrooms with their counts, those that nobody took among them."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    walks = [dict(report.user_properties)["verbs"] for report in reports if dict(report.user_properties)]
    counts = sum(map(Counter, walks), Counter[str]())
    if counts:
        terminalreporter.write_line(", ".join(f"{verb} {counts[verb]}" for verb in VERBS))
