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
    """What was checked, and every finding, as docs/formats.md says."""
    yield json_text({"checked": inspection.checked, "of": inspection.total, "findings": as_json(inspection.findings)})


def as_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as JSON has them."""
    keys = ("rule", "severity", "path", "line", "column", "key", "message", "hint")
    return [{key: getattr(one, key) for key in keys} for one in findings]


def gitlab(inspection: Inspection) -> Iterator[str]:
    """GitLab's Code Quality report: an array, with the fields its documentation asks for."""
    yield json_text(
        [
            {
                "description": sentence(one),
                "check_name": utf8(one.rule),
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[one.severity],
                "location": {"path": utf8(one.path), "lines": {"begin": one.line}},
            }
            for one, fingerprint in fingerprinted(inspection.findings)
        ]
    )


def sentence(one: Finding) -> str:
    """What is not in order and what to do about it, on one line."""
    return make_visible(f"{one.message} {one.hint}".strip())


def utf8(text: str) -> str:
    """Text that is UTF-8: a byte that was none, as a path may hold, is an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def fingerprinted(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Findings, each with a SHA-256 of its own that stays when lines move.

    It is made of path, rule, key, message, and which of those that are equal in all four it is.
    """
    seen = Counter[tuple[str, ...]]()
    for one in findings:
        same = (one.path, one.rule, one.key, one.message)
        seen[same] += 1
        yield one, hashlib.sha256(json.dumps([*same, seen[same]]).encode()).hexdigest()
