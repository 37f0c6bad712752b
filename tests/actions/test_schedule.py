"""Which stories are to go out at a time, and that none is forgotten whose record is damaged."""

from __future__ import annotations

import pytest
from conftest import Desk

AT = "2025-12-01T10:00:00Z"
AFTER = "2025-12-01T10:00:01Z"
SLUG = "council-budget"


@pytest.fixture
def scheduled(newsroom: Desk) -> Desk:
    newsroom.at("edit")
    newsroom.story("publish", SLUG, "--at", AT, who="Editor")
    return newsroom


@pytest.mark.parametrize("damage", ["reformatted", "removed", "cut off"])
def test_scheduled_story_whose_ledger_is_damaged_is_told_of_and_not_passed_over(scheduled, damage):
    ledger = scheduled.ledger_of(SLUG)
    text = scheduled.read(ledger)
    if damage == "removed":
        (scheduled.root / ledger).unlink()
    else:
        first, *others = text.splitlines(keepends=True)
        damaged = first.replace('"v":1,', '"v":1, ') + "".join(others) if damage == "reformatted" else text[:-1]
        scheduled.write(ledger, damaged)
    scheduled.commit(damage)
    said = scheduled.story("release", "--now", AFTER, who="Stringer", exit=1)
    assert SLUG in said.err
    assert "Nothing is scheduled" not in said.err
