"""Finds stories and ledgers by a text they hold, without reading any other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Story
from newsroom_cli.repository.layout import STORIES, STORY_ENDING, slug_of
from newsroom_cli.repository.newsroom import Newsroom, ledger_by
from newsroom_cli.verify.standing import readers_had


def find_holding(newsroom: Newsroom, *texts: str, under: str = STORIES, suffix: str = STORY_ENDING) -> list[str]:
    """Return the paths of files git knows in a folder that hold one of some texts, wherever in the file."""
    tree = "" if newsroom.root is not None else newsroom.tree
    return [path for path in newsroom.git.grep(texts, under, tree) if path.endswith(suffix)]


def _stories_holding(newsroom: Newsroom, story_id: str) -> Iterator[Story]:
    """Yield the stories that hold an id, wherever in the file; those that cannot be read are left out."""
    for path in find_holding(newsroom, story_id):
        try:
            yield newsroom.read(path)
        except Unreadable:
            continue


def updates_of(newsroom: Newsroom, story_id: str) -> list[Story]:
    """Return the stories that say they are updates of one."""
    return [story for story in _stories_holding(newsroom, story_id) if story.metadata.update_of == story_id]


def open_update(newsroom: Newsroom, story_id: str, *, but: str = "") -> str:
    """Return the slug of an update of a story that is under way, in another file than `but`; empty without one."""
    pipeline = newsroom.settings.pipeline
    for story in updates_of(newsroom, story_id):
        record = newsroom.ledger(story) if story.path != but else None
        if record is not None and not pipeline.is_public(record.state) and record.record.get("pubstatus") != "canceled":
            return slug_of(story.path)
    return ""


def original_missing(newsroom: Newsroom, story: Story, at: datetime) -> str:
    """Return the slug, else the id, of the story that one updates and that readers do not have; empty where they do."""
    story_id = story.metadata.update_of or ""
    if not story_id or readers_had(ledger_by(newsroom.files, story_id), newsroom.settings.pipeline, at):
        return ""
    return slug_of(find_by_id(newsroom, story_id)) or story_id


def find_by_id(newsroom: Newsroom, story_id: str) -> str:
    """Return the path of the story with an id; empty where there is none."""
    stories = _stories_holding(newsroom, story_id)
    return next((story.path for story in stories if story.metadata.id == story_id), "")
