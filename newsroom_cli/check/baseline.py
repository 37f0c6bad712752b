"""The baseline: findings an old archive may keep, by file, rule and key; new ones are found as everywhere.

One JSON array a line, `["stories/2019/a.md","title-length","title"]`, sorted. A finding at another line of the same
file, rule and key is the same. What cannot be silenced is never in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from newsroom_cli.errors import CannotRun, Unreadable
from newsroom_cli.model import Finding, Inspection
from newsroom_cli.repository.files import Files

PATH = ".newsroom/baseline.jsonl"

Known = tuple[str, str, str]
"""A finding that may stay: path, rule, key."""


def leave_out(inspection: Inspection, baseline: frozenset[Known]) -> Inspection:
    """Return a check without the findings that may stay; it counts them."""
    findings = inspection.findings
    kept = tuple(finding for finding in findings if cannot_be_silenced(finding) or _of(finding) not in baseline)
    return inspection._replace(findings=kept, known=len(findings) - len(kept))


def _of(finding: Finding) -> Known:
    return finding.path, finding.rule, finding.key


def read_baseline(files: Files) -> frozenset[Known]:
    """Read the baseline of a tree; raises CannotRun when there is one that cannot be read."""
    try:
        content = files.read(PATH)
        rows = [json.loads(line) for line in (content or b"").decode("utf-8", "surrogateescape").splitlines()]
    except (ValueError, RecursionError, Unreadable):
        raise CannotRun(f"{PATH} cannot be read.", _WAY_OUT) from None
    if not all(isinstance(row, list) and len(row) == 3 and all(isinstance(cell, str) for cell in row) for row in rows):  # noqa: PLR2004  path, rule, key
        raise CannotRun(f"{PATH}: a line is not [path, rule, key].", _WAY_OUT)
    return frozenset((path, rule, key) for path, rule, key in rows)


def of_base(files: Files) -> frozenset[Known]:
    """Read the baseline of the branch a change goes to; one that cannot be read silences nothing, and can be mended."""
    try:
        return read_baseline(files)
    except CannotRun:
        return frozenset()


_WAY_OUT = "git restore it, or write it anew: story check --write-baseline"


def write_baseline(root: Path, findings: Iterable[Finding]) -> int:
    """Write the baseline of all findings that can be silenced, or remove it when there are none; returns how many."""
    from newsroom_cli.repository.commit import Undo

    known = sorted({_of(finding) for finding in findings if not cannot_be_silenced(finding)})
    rows = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in known)
    content = "".join(f"{line}\n" for line in rows).encode("utf-8", "surrogateescape")
    if known or (root / PATH).exists():
        with Undo(root) as undo:
            undo.write(PATH, content if known else None)
    return len(known)


def cannot_be_silenced(finding: Finding) -> bool:
    """Tell whether a finding cannot be silenced by anything."""
    from newsroom_cli.rules import is_fixed

    return is_fixed(finding.rule)
