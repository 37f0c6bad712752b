"""Where git still holds a ledger that a tree has lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from newsroom_cli import ledger
from newsroom_cli.model import ID, Finding
from newsroom_cli.repository.files import Files
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.log import log

_MANY = 200
_SHORT = 12


def with_way_back(git: Git, findings: Iterable[Finding], ids: Mapping[str, str]) -> Iterator[Finding]:
    """Findings as they are; each of a lost ledger (`ids` by the story's path) names the command that brings it back.

    Git is asked once for all of them, and not at all where no ledger is lost.
    """
    found = list(findings)
    lost = {one.path: ledger.path_of(ids[one.path]) for one in found if _is_of(one, ids)}
    ways = _ways(git, sorted(set(lost.values()))) if lost and git.revision("HEAD") else {}
    for one in found:
        way = ways.get(lost.get(one.path, "")) if one.rule == "ledger-missing" else None
        yield one._replace(hint=f"Bring it back: {way}") if way else one


def joined_where_in_months(
    findings: Iterable[Finding], ids: Mapping[str, str], files: Files, ledgers: Sequence[str]
) -> Iterator[Finding]:
    """Findings with one in place of all that is said of ledgers in the folder of their month.

    `ids` are the stories' by path; `ledgers` are some that are there, whoever claims them.
    """
    old = [*ledgers]
    for one in findings:
        path = ledger.month_path_of(ids[one.path]) if _is_of(one, ids) else ""
        if path and files.holds(path):
            old.append(path)
        else:
            yield one
    yield from ledger.ledgers_in_months(old)


def _is_of(finding: Finding, ids: Mapping[str, str]) -> bool:
    return finding.rule == "ledger-missing" and ID.fullmatch(ids.get(finding.path, "")) is not None


def _ways(git: Git, paths: Sequence[str]) -> dict[str, str]:
    """By path, the command that restores it: from HEAD, else from before the commit that took it away."""
    asked = paths if len(paths) < _MANY else [ledger.ROOT]
    found = {path: f"git restore --source=HEAD {path}" for path in git.listing("HEAD", *asked)}
    if not found.keys() >= set(paths):
        for brought in log(git, "--diff-filter=D", "HEAD", paths=asked):
            for change in brought.changes:
                found.setdefault(change.path, f"git restore --source={brought.id[:_SHORT]}~1 {change.path}")
    return found
