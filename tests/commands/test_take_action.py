"""Verbs as rows beside their words: none is without words when its commit is made."""

from __future__ import annotations

from newsroom_cli.commands.take_action import VERBS
from newsroom_cli.settings.pipeline import default

DRAFTS = {"new", "adopt", "update"}
"""Actions that begin a story; their verbs say it themselves."""


def test_every_action_that_a_verb_takes_has_its_words():
    assert set(VERBS) == set(default().actions) - DRAFTS
