"""Rules on the body: what a reader would meet below the title."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.registry import Around, Flaw, rule

_CONFLICT = re.compile(r"^(?:<{7} .*|>{7} .*)$", re.MULTILINE)


@rule("body-empty", Severity.ERROR, fixed=True)
def body_empty(story: Story, around: Around) -> Iterator[Flaw]:
    """A story that left the first state has words."""
    if not around.is_initial and not story.body.strip():
        place = (story.body_line, 1)
        yield Flaw("", "the story has no words.", f"Write it, then: story save {story.slug}", place)


@rule("conflict-marker", Severity.ERROR, fixed=True)
def conflict_marker(story: Story, around: Around) -> Iterator[Flaw]:
    """No mark of a merge conflict was left in the words."""
    del around
    if "<<<<<<<" not in story.body and ">>>>>>>" not in story.body:
        return
    for found in _CONFLICT.finditer(story.body):
        line = story.body_line + story.body.count("\n", 0, found.start())
        yield Flaw("", "a merge conflict was left here.", "Keep one side and take the marks out.", (line, 1))


TEXT = (body_empty, conflict_marker)
