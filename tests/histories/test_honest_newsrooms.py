"""Honest newsrooms: no verb is refused to whoever may, every hint leads out, and nobody is accused behind a landing."""

from __future__ import annotations

import random

from flows.house import House

from histories.newsrooms import Newsroom, Ways

SEEDS = 3
TURNS = 14


def test_honest_newsroom_is_refused_nothing_and_accused_of_nothing(made, tmp_path, seed, record_property):
    """Five people, a clone each, trunk and branches; `check --base`, the hook, and behind each landing every audit."""
    chance = random.Random(seed)
    ways = Ways.draw(chance)
    first = made(ways.name, ways.begin)
    first.git("clone", "--quiet", "--bare", str(first.root), str(tmp_path / "remote.git"))
    newsroom = Newsroom(House(tmp_path, now=first.now), ways, chance)
    try:
        for _ in range(TURNS):
            newsroom.turn()
        while newsroom.waiting:
            newsroom.land_one()
    finally:
        record_property("verbs", dict(newsroom.counts))
