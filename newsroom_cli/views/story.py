"""One story as its files and its commits have it: with what it lacks, its links, and its record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from newsroom_cli.errors import CannotRun, NotReady, Refusal
from newsroom_cli.escaping import shell_quote
from newsroom_cli.record.ledger import Ledger, Origin
from newsroom_cli.repository.layout import slug_of
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.repository.search import find_by_id, original_missing, updates_of
from newsroom_cli.verify.signed import judge_signature
from newsroom_cli.views.stories import Row
from newsroom_cli.workflow.case import Case
from newsroom_cli.workflow.obstacles import flaws_ahead


def look_at_story(newsroom: Newsroom, slug: str, *, at: datetime) -> tuple[Row, dict[str, list[str]]]:
    """Return one story at an instant, and what it lacks for each state to come; only its own files are read."""
    case = replace(newsroom.read_case(slug, to_write=False), loose=frozenset(), is_there=newsroom.files.holds)
    row = Row.of(case.story, case.ledger, newsroom.judges, at=at)
    missing = {state: _list_missing_keys(newsroom, case, state, at) for state in _states_ahead(newsroom, row.state)}
    if original_missing(newsroom, case.story, at):
        for state in filter(newsroom.settings.pipeline.is_public, missing):
            missing[state].append("the story it updates, with readers")
    return row, missing


def linked_slugs(newsroom: Newsroom, row: Row) -> dict[str, list[str]]:
    """Return the slugs of the stories a story is an update of, and that update it; git alone looks for them."""
    meta = row.story.metadata if row.story else None
    slugs_by_link: dict[str, list[str]] = {}
    if meta is not None and meta.update_of:
        path = find_by_id(newsroom, meta.update_of)
        slugs_by_link["update of"] = [slug_of(path)] if path else [f"{meta.update_of} (not here)"]
    if meta is not None and meta.id and row.ledger and row.ledger.signed_for_readers(newsroom.settings.pipeline):
        slugs_by_link["updated by"] = [slug_of(story.path) for story in updates_of(newsroom, meta.id)]
    return {name: slugs for name, slugs in slugs_by_link.items() if slugs}


def _states_ahead(newsroom: Newsroom, state: str) -> tuple[str, ...]:
    names = newsroom.settings.pipeline.names
    return names[names.index(state) + 1 :] if state in names else names


def _list_missing_keys(newsroom: Newsroom, case: Case, state: str, at: datetime) -> list[str]:
    """Return the keys a person still has to fill for a state ("words" for the text), without those moves write."""
    written = {key for move in newsroom.settings.pipeline.moves for key in move.sets}
    flaws = flaws_ahead(case, newsroom.judges, state, at=at)
    return sorted({flaw.key for flaw in flaws} - written)


def ledger_with_origins(newsroom: Newsroom, slug: str) -> tuple[Ledger, dict[int, Origin]]:
    """Return one story's ledger with the commit behind each entry; only its own files and their history are read."""
    from newsroom_cli.history.story_history import find_origins

    story = newsroom.read(newsroom.find(slug))
    ledger = newsroom.ledger(story)
    if ledger is None:
        raise Refusal(f"{story.slug} has no ledger.", f"Take it in: story adopt {shell_quote(story.path)}")
    if ledger.findings:
        raise NotReady(f"The ledger of {story.slug} is broken.", "", ledger.findings)
    try:
        brought = find_origins(newsroom.git, newsroom.judges, ledger)
    except CannotRun:
        return ledger, {}
    return ledger, {
        number: judge_signature(ledger.entries[number - 1], origin, newsroom.judges)
        for number, origin in brought.items()
    }
