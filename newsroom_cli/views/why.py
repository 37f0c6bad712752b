"""What stands between a story and a state, as its files and its commits say."""

from __future__ import annotations

from datetime import datetime

from newsroom_cli.errors import CannotRun, Refusal, WrongUsage
from newsroom_cli.history import story_history
from newsroom_cli.model import Ident, Story
from newsroom_cli.record.ledger import Held
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.repository.search import original_missing
from newsroom_cli.workflow.obstacles import Asked, Obstacle, next_public, obstacles


def waits_for(newsroom: Newsroom, slug: str, target: str, *, at: datetime) -> tuple[Story, str, list[Obstacle]]:
    """A story, the state it is to reach (the next public one where none is named), and all that is in the way."""
    pipeline = newsroom.settings.pipeline
    if target and target not in pipeline.names:
        raise WrongUsage(f"There is no state {target}.", f"There is {', '.join(pipeline.names)}.")
    held, assets = newsroom.held(slug, to_write=newsroom.root is not None)
    story = held.story
    if story is None:
        raise Refusal(f"There is no story {slug}.", "story list shows every story.")
    state = (held.ledger.state if held.ledger else None) or pipeline.initial
    writers = _writers(newsroom, held, is_changed=story.path in assets.dirty or bool(assets.loose))
    target = target or next_public(pipeline, state)
    asked = Asked(
        held,
        newsroom.judges,
        target,
        at,
        writers,
        assets.loose,
        bool(assets.dirty),
        is_there=newsroom.files.holds,
        original=original_missing(newsroom, story, at),
    )
    return story, target, obstacles(story, asked)


def _writers(newsroom: Newsroom, held: Held, *, is_changed: bool) -> tuple[Ident, ...]:
    """Who changed the words since the last entry; nobody known without a commit or an identity."""
    try:
        return story_history.writers(newsroom.git, held, taking=newsroom.actor if is_changed else None)
    except CannotRun:
        return ()
