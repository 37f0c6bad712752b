"""All that is in a story's way, on a screen and in JSON: `why`."""

from __future__ import annotations

from collections.abc import Sequence

from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Story
from newsroom_cli.report.screen import print_line, put_beside, put_json, put_within
from newsroom_cli.workflow.obstacles import Obstacle


def put_obstacles(story: Story, target: str, obstacles: Sequence[Obstacle], *, as_json: bool) -> None:
    """Print what stands between a story and a state, a line each, long ones folded."""
    if as_json:
        put_json([obstacle.as_json() for obstacle in obstacles])
        return
    if not obstacles:
        print_line(f"{make_visible(story.slug)}: nothing is in the way of {make_visible(target)}.")
        return
    put_within("", story.metadata.title or story.slug)
    print_line(make_visible(f"{story.slug}, {story.metadata.state or 'no state'}; in the way of {target}:"))
    put_beside([(obstacle.kind, _name_people(obstacle)) for obstacle in obstacles])


def _name_people(obstacle: Obstacle) -> str:
    """Return what is in the way, with those who can take it away."""
    return f"{obstacle.message}: {', '.join(obstacle.who)}" if obstacle.who else obstacle.message
