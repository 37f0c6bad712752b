"""Honest newsrooms: no verb is refused to whoever may, and nobody is accused behind any landing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from flows.house import House

from histories.newsrooms import Newsroom, begin

SEEDS = 3
TURNS = 14


@pytest.fixture
def house(made, tmp_path: Path) -> House:
    """A remote whose `main` holds a roster and no story."""
    first = made("newsroom", begin)
    first.git("clone", "--quiet", "--bare", str(first.root), str(tmp_path / "remote.git"))
    house = House(tmp_path, now=first.now)
    for who in ("Reporter", "Editor", "Deputy", "Stringer"):
        _ = house[who]
    return house


def test_honest_newsroom_is_refused_nothing_and_accused_of_nothing(house, seed):
    """Five people, a clone each, trunk and branches; `check --base`, the hook, and behind each landing every audit."""
    newsroom = Newsroom(house, random.Random(seed))
    for _ in range(TURNS):
        newsroom.turn()
    while newsroom.waiting:
        newsroom.land_one()
