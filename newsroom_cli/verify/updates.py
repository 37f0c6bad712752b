"""A story and the one it is an update of: which readers had first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from newsroom_cli.flags import is_killed
from newsroom_cli.instants import TOLERANCE
from newsroom_cli.ledger import Held, Ledger, fold, goes_public
from newsroom_cli.model import Finding, Severity
from newsroom_cli.pipeline import Pipeline
from newsroom_cli.plain import quoted


def had_by(original: Ledger | None, pipeline: Pipeline, at: datetime) -> bool:
    """Whether readers had a story at an instant, by its ledger; one that was killed they had no more."""
    if original is None:
        return False
    record = fold(entry for entry in original.entries if entry.moment <= at)
    return pipeline.is_public(record.get("state")) and not is_killed(pipeline, record)


def update_findings(held: Held, original: Ledger | None, pipeline: Pipeline) -> Iterator[Finding]:
    """An update that readers had when they did not have its original; two clocks may differ by the usual."""
    story = held.story
    if story is None or not story.holds("update_of"):
        return
    for entry in held.ledger.entries if held.ledger else ():
        if goes_public(entry, pipeline) and not pipeline.is_public(entry.from_):
            if not any(had_by(original, pipeline, at) for at in (entry.moment, entry.moment + TOLERANCE)):
                line, column = story.place("update_of")
                message = f"it is an update of {story.fields['update_of']}, which readers did not have at {entry.at}."
                hint = (
                    f"Take it from readers (story unpublish {quoted(story.slug)} --note WHY), or take `update_of` out."
                )
                yield Finding(
                    "update-before-original", Severity.ERROR, story.path, line, column, message, hint, "update_of"
                )
            return
