"""How an update is looked at, and everything that is asked about the time before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from newsroom_cli.model import Ident
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.ledger import Ledger, Origin
from newsroom_cli.repository.files import Files
from newsroom_cli.repository.log import Commit
from newsroom_cli.settings.settings import STRENGTHS, Strength


class Earlier(Protocol):
    """Everything the engine asks about the time before an update."""

    def find_origins(self, record: Ledger) -> Mapping[int, Origin]:
        """Return what was proven of entries that were there once, were taken out and are brought back, by number."""

    def find_whole(self, record: Ledger, cut: Ledger | None) -> Ledger | None:
        """Return a ledger as it was before somebody cut it, where the update puts that back; `cut` is it before."""

    def find_writers(self, story_id: str, commit: str) -> tuple[Ident, ...]:
        """Return who changed a story's words since its last entry, in commits that one of the update was made on."""

    def find_reporters(self, story_id: str) -> tuple[Ident, ...]:
        """Return whom a story named as reporter since it was last in the initial state."""

    def find_writers_beside(self, story_id: str, commit: str) -> tuple[Ident, ...]:
        """Return who changed a story's words before the update, in commits that one of it was not made on."""

    def list_merges_by_hand(self) -> Mapping[str, Commit]:
        """Return the merges of the update that wrote something themselves, by their names."""


@dataclass(frozen=True)
class Scope:
    """How an update is looked at.

    `now` is the checker's clock; `looking_back` says that what is judged is long there (an audit): text rules are
    left out, keys count as of an entry's time, and more is told than refused. `files` are those the rules ask for,
    `line` are commits known to become steps of the line, each for itself; `next_policy` is what judges behind the
    update, where that is another.
    """

    now: datetime
    require: Strength
    files: Files
    earlier: Earlier
    looking_back: bool = False
    line: frozenset[str] = frozenset()
    next_policy: Policy | None = None


def required_strength(policy: Policy, option: Strength | None, *, default: Strength) -> Strength:
    """Return how strong new entries have to be: what the configuration asks, never less than a stricter option."""
    asked = [strength for strength in (policy.settings.trust.require, option) if strength is not None]
    return max(asked, key=STRENGTHS.index) if asked else default
