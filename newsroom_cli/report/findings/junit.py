"""Findings as JUnit XML, which every CI server shows as tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Finding, Inspection, Severity
from newsroom_cli.report.findings.text import lines, tally


def junit(inspection: Inspection) -> Iterator[str]:
    """Yield one suite with a test for each finding: an error fails, what weighs less is said by a test that passes.

    Where nothing was found, one test passes: a report without tests is a failure to some servers.
    """
    findings = inspection.findings
    number, errors = str(len(findings) or 1), str(inspection.number_of(Severity.ERROR))
    suite = Element("testsuite", name="story check", tests=number, failures=errors, errors="0", skipped="0")
    if not findings:
        SubElement(suite, "testcase", classname="story check", name=tally(inspection))
    seen = Counter[tuple[str, str]]()
    for finding in findings:
        seen[finding.path, finding.rule] += 1
        _test(suite, finding, seen[finding.path, finding.rule])
    indent(suite)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield tostring(suite, encoding="unicode")


def _test(suite: Element, finding: Finding, number: int) -> None:
    """Add a finding, named by its file and its rule; by its number too where it is not the rule's first there."""
    rule = make_visible(finding.rule)
    name = rule if number == 1 else f"{rule} ({number})"
    case = SubElement(suite, "testcase", classname=make_visible(finding.path), name=name)
    said = "\n".join(lines([finding]))
    if finding.severity is Severity.ERROR:
        SubElement(case, "failure", type=rule, message=make_visible(finding.message)).text = said
    else:
        SubElement(case, "system-out").text = said
