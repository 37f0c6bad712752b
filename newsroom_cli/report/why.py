"""What is in a story's way, on a screen and in JSON: `why`."""

from __future__ import annotations

from collections.abc import Sequence

from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Story
from newsroom_cli.report.screen import beside, folded, put, put_json, width
from newsroom_cli.workflow.obstacles import Obstacle


def put_obstacles(story: Story, target: str, found: Sequence[Obstacle], *, as_json: bool) -> None:
    """Print what stands between a story and a state, a line each, long ones folded."""
    if as_json:
        put_json([one.as_json() for one in found])
        return
    if not found:
        put(f"{make_visible(story.slug)}: nothing is in the way of {make_visible(target)}.")
        return
    for line in folded(story.metadata.title or story.slug, width() or 0):
        put(line)
    put(make_visible(f"{story.slug}, {story.metadata.state or 'no state'}; in the way of {target}:"))
    says = [(one.kind, f"{one.message}: {', '.join(one.who)}" if one.who else one.message) for one in found]
    for line in beside(says, limit=width()):
        put(line)
