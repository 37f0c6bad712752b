"""Gathers a `Case`: one story's files, what its commits say, and what other stories have to do with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from newsroom_cli.errors import CannotRun
from newsroom_cli.history import story_history
from newsroom_cli.model import Ident, Story
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.repository.search import open_update, original_missing
from newsroom_cli.settings.pipeline import Move
from newsroom_cli.workflow.advance import Act
from newsroom_cli.workflow.case import Case


def gather_case(newsroom: Newsroom, slug: str, *, at: datetime) -> Case:
    """Return the case of a story that somebody asks about and does nothing to."""
    case = newsroom.read_case(slug, to_write=newsroom.root is not None)
    return replace(
        case,
        writers=_known_writers(newsroom, case),
        original=original_missing(newsroom, case.story, at),
        is_there=newsroom.files.holds,
    )


def _known_writers(newsroom: Newsroom, case: Case) -> tuple[Ident, ...]:
    """Return who changed the words since the last entry; without a commit or an identity nobody is known."""
    try:
        taking = newsroom.actor if case.is_changed else None
        return story_history.find_people_since(newsroom.git, case.held, taking=taking).writers
    except CannotRun:
        return ()


def gather_around(newsroom: Newsroom, case: Case, act: Act, *, renamed: Story | None = None, was: str) -> Case:
    """Return a case with what an act on it needs from commits and from other stories.

    The commits know the story by the name it has; `renamed` is the story under the one it is to have, and `was` its
    path before anything. What other files say is asked only where the act brings the story nearer to readers.
    """
    row = newsroom.settings.pipeline.move(act.action, case.state)
    taking = act.actor if case.is_changed or renamed else None
    people = story_history.find_people_since(newsroom.git, case.held, taking=taking)
    public = _read_public_text(newsroom, case)
    case = replace(case, writers=people.writers, reporters=people.reporters, public=public, story=renamed or case.story)
    return case if row is None else _gather_neighbours(newsroom, case, row, act, was=was)


def _gather_neighbours(newsroom: Newsroom, case: Case, row: Move, act: Act, *, was: str) -> Case:
    """Return a case with what other files say of it, as far as a row of the pipeline minds."""
    pipeline, state = newsroom.settings.pipeline, case.state
    if state not in pipeline.names:
        return case
    goes_out, order = pipeline.for_readers(row), pipeline.names.index
    if "spiked" in row.needs and case.story.metadata.update_of:
        case = replace(case, rival=open_update(newsroom, case.story.metadata.update_of, but=was))
    if not goes_out and order(row.end(state)) <= order(state):
        return case
    case = replace(case, is_there=newsroom.files.holds)
    if not goes_out and state != pipeline.initial:
        return case
    from newsroom_cli.check.names import find_clashes

    is_new = goes_out and not pipeline.is_public(state)
    return replace(
        case,
        original=original_missing(newsroom, case.story, act.at) if is_new else "",
        at_last_move=_read_moved_text(newsroom, case) if goes_out else None,
        shared=find_clashes(newsroom, case.story, was=was),
    )


def _read_public_text(newsroom: Newsroom, case: Case) -> Story | None:
    """Return the story as it went out last, where readers have it."""
    pipeline = newsroom.settings.pipeline
    if case.ledger is None or not pipeline.is_public(case.state):
        return None
    signed = case.ledger.signed_for_readers(pipeline)
    return story_history.text_of(newsroom.git, case.story, case.ledger, signed) if signed else None


def _read_moved_text(newsroom: Newsroom, case: Case) -> Story | None:
    """Return the story as its last move signed it, where its words or pictures are others now."""
    moved = case.ledger.moved if case.ledger else None
    if case.ledger is None or moved is None or case.is_as_signed(moved):
        return None
    return story_history.text_of(newsroom.git, case.story, case.ledger, moved)
