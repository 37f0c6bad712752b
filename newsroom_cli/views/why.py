"""Everything that stands between a story and a state, as its files and its commits say."""

from __future__ import annotations

from datetime import datetime

from newsroom_cli.errors import WrongUsage
from newsroom_cli.history.gather_case import gather_case
from newsroom_cli.model import Story
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.workflow.obstacles import Obstacle, ahead, next_public


def waits_for(newsroom: Newsroom, slug: str, target: str, *, at: datetime) -> tuple[Story, str, list[Obstacle]]:
    """Return a story, the state it is to reach (else the next public one), and all that is in the way."""
    pipeline = newsroom.settings.pipeline
    if target and target not in pipeline.names:
        raise WrongUsage(f"There is no state {target}.", f"There is {', '.join(pipeline.names)}.")
    case = gather_case(newsroom, slug, at=at)
    target = target or next_public(pipeline, case.state or pipeline.initial)
    return case.story, target, ahead(case, newsroom.judges, target, at=at)
