"""Findings as JSON: ours, and GitLab's Code Quality report."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Finding, Inspection, Severity
from newsroom_cli.report.screen import json_text

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def plain_json(inspection: Inspection) -> Iterator[str]:
    """Yield the numbers of stories checked and every finding as JSON, as docs/formats.md says."""
    yield json_text({"checked": inspection.checked, "of": inspection.total, "findings": as_json(inspection.findings)})


def as_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings as JSON has them."""
    keys = ("rule", "severity", "path", "line", "column", "key", "message", "hint")
    return [{key: getattr(finding, key) for key in keys} for finding in findings]


def gitlab(inspection: Inspection) -> Iterator[str]:
    """Yield GitLab's Code Quality report: an array, with the fields its documentation asks for."""
    yield json_text(
        [
            {
                "description": sentence(finding),
                "check_name": utf8(finding.rule),
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[finding.severity],
                "location": {"path": utf8(finding.path), "lines": {"begin": finding.line}},
            }
            for finding, fingerprint in fingerprint_findings(inspection.findings)
        ]
    )


def sentence(finding: Finding) -> str:
    """Return a finding's message and its way out on one line."""
    return make_visible(f"{finding.message} {finding.hint}".strip())


def utf8(text: str) -> str:
    """Return text that is UTF-8: a byte that was none, as a path may hold, is an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def fingerprint_findings(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Yield findings, each with a SHA-256 of its own that stays when lines move.

    It is made of path, rule, key, message, and which of those that are equal in all four it is.
    """
    seen = Counter[tuple[str, ...]]()
    for finding in findings:
        same = (finding.path, finding.rule, finding.key, finding.message)
        seen[same] += 1
        yield finding, hashlib.sha256(json.dumps([*same, seen[same]]).encode()).hexdigest()
