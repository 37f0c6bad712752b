"""What waits for the person at the keyboard, and how their signing is set up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Story
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.repository.ssh_signing import SigningKey
from newsroom_cli.views.stories import Row, Wanted, list_rows
from newsroom_cli.workflow.case import Case
from newsroom_cli.workflow.obstacles import actions_open_to
from newsroom_cli.workflow.rights import Setup


def signing_setup(newsroom: Newsroom) -> Setup:
    """Return what git here signs with, or what is missing."""
    try:
        return Setup(SigningKey.of(newsroom.git, newsroom.root or newsroom.started).runnable().public)
    except CannotRun as error:
        return Setup(None, error.message.removesuffix("."), error.hint)


def list_waiting(newsroom: Newsroom, *, at: datetime) -> Sequence[tuple[Row, list[str]]]:
    """List the stories the person here could take on now, with the actions, as lists show them; reads every story."""
    rows = list_rows(newsroom, Wanted(), at=at)
    actions = (_list_actions(newsroom, row, row.story, at) if row.story else [] for row in rows)
    return [(row, open_now) for row, open_now in zip(rows, actions, strict=True) if open_now]


def _list_actions(newsroom: Newsroom, row: Row, story: Story, at: datetime) -> list[str]:
    """List what the person here could do; pictures are those of the last entry, unless sign-offs may have lapsed."""
    last = row.ledger.entries[-1] if row.ledger and row.ledger.entries else None
    is_kept = last is None or last.completes or row.branch
    assets = (last.assets if last else {}) if is_kept else newsroom.case_of(story).assets
    return actions_open_to(newsroom.actor, Case(story, row.ledger, assets), newsroom.judges, at=at)
