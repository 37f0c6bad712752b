"""Findings as SARIF 2.1.0, which code scanning reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import newsroom_cli
from newsroom_cli.model import Finding, Inspection, Severity
from newsroom_cli.report.findings.documents import fingerprint_findings, sentence, utf8
from newsroom_cli.report.screen import json_text

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def sarif(inspection: Inspection, describe: Callable[[str], str] | None = None) -> Iterator[str]:
    """Yield one run of `story`: the rules there are findings of, as `describe` tells what each asks for, and those."""
    rules = sorted({finding.rule for finding in inspection.findings})
    places = {rule: index for index, rule in enumerate(rules)}
    described = [_rule(rule, describe(rule) if describe else "") for rule in rules]
    driver = {"name": "story", "version": newsroom_cli.__version__, "rules": described}
    findings = fingerprint_findings(inspection.findings)
    results = [_finding_json(finding, places[finding.rule], fingerprint) for finding, fingerprint in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    yield json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str, summary: str) -> dict[str, Any]:
    return {"id": utf8(name), **({"shortDescription": {"text": utf8(summary)}} if summary else {})}


def _finding_json(finding: Finding, place: int, fingerprint: str) -> dict[str, Any]:
    artifact = {"uri": uri(finding.path), "uriBaseId": "%SRCROOT%"}
    return {
        "ruleIndex": place,
        "ruleId": utf8(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": sentence(finding).replace("](", "] (")},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": _region(finding)}}],
        "partialFingerprints": {"finding/v1": fingerprint},
    }


def _region(finding: Finding) -> dict[str, Any]:
    """From a finding's place to the end of its line (SARIF 2.1.0, 3.30), with what stands there."""
    rest = utf8(finding.source[finding.column - 1 :])
    return {"startLine": finding.line, "startColumn": finding.column, **({"snippet": {"text": rest}} if rest else {})}


def uri(path: str) -> str:
    """Return a path as a relative URI: its very bytes, percent-encoded."""
    return quote(_NO_BYTE.sub("\ufffd", path).encode("utf-8", "surrogateescape"), safe="/")
