"""What the person at the keyboard is waited for, and how their signing is set up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newsroom_cli.errors import CannotRun
from newsroom_cli.record.ledger import Held
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.repository.ssh_signing import SigningKey
from newsroom_cli.views.stories import Row, Wanted, list_rows
from newsroom_cli.workflow import rights


def signing_setup(newsroom: Newsroom) -> rights.Setup:
    """Return what git here signs with, or what is missing."""
    try:
        return rights.Setup(SigningKey.of(newsroom.git, newsroom.root or newsroom.started).runnable().public)
    except CannotRun as error:
        return rights.Setup(None, error.message.removesuffix("."), error.hint)


def list_waiting(newsroom: Newsroom, *, at: datetime) -> Sequence[tuple[Row, list[str]]]:
    """The stories the person here could take on now, with the actions, as lists show them; reads every story."""
    every = (
        (row, rights.actions_open_to(_gather_held(newsroom, row), newsroom.judges, newsroom.actor, at=at))
        for row in list_rows(newsroom, Wanted(), at=at)
    )
    return [(row, actions) for row, actions in every if actions]


def _gather_held(newsroom: Newsroom, row: Row) -> Held:
    """A row with its pictures: those of its last entry, but looked at where sign-offs may have lapsed."""
    if row.story is None or row.ledger is None or not row.ledger.entries:
        return Held(row.story, row.ledger)
    last = row.ledger.entries[-1]
    if last.completes or row.branch:
        return Held(row.story, row.ledger, last.assets)
    return Held(row.story, row.ledger, newsroom.assets(row.story).blobs)
