"""The words an entry names, which the story has to have had where the entry was made."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from newsroom_cli.model import Finding, Severity
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.settings.pipeline import Pipeline
from newsroom_cli.verify.objections import make_error


def words_not_seen(
    ledger: Ledger,
    pipeline: Pipeline,
    unseen: Collection[int],
    unknown: Collection[int],
    *,
    start: int,
    looking_back: bool,
) -> Iterator[Finding]:
    """Yield a finding for each new entry that names words the story had nowhere.

    Somebody else's yes to such words is an error until somebody says yes to words that are there; where a squash took
    the words away (`unknown`) nobody can tell, and what goes out is judged by the words there are.
    """
    for number in sorted(number for number in unseen if start < number <= len(ledger.entries)):
        entry = ledger.entries[number - 1]
        if entry is ledger.binding_entry(pipeline):
            continue
        wrong = number not in unknown and _is_a_yes(ledger, pipeline, number)
        if wrong and not is_put_right(ledger, pipeline, unseen, behind=number):
            message = f"{entry.action} by {entry.by} is of words that the story had nowhere when it was made."
            hint = "Look at today's words and sign those: story redo SLUG, or take the story back and move it again."
            yield make_error("words-not-seen", ledger.path, number, message, hint)
        elif looking_back:
            message = f"the words that {entry.action} by {entry.by} names are not in this history."
            yield Finding("words-not-seen", Severity.INFO, ledger.path, number, 1, message)


def is_put_right(ledger: Ledger, pipeline: Pipeline, unseen: Collection[int], *, behind: int) -> bool:
    """Tell whether somebody says yes, behind an entry, to words that the story had."""
    numbers = range(behind + 1, len(ledger.entries) + 1)
    return any(number not in unseen and _is_a_yes(ledger, pipeline, number) for number in numbers)


def _is_a_yes(ledger: Ledger, pipeline: Pipeline, number: int) -> bool:
    entry = ledger.entries[number - 1]
    row = pipeline.move(entry.action, entry.from_)
    return row is not None and bool(row.not_by)
