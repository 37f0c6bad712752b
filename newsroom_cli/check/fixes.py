"""Mends what can be mended without changing what a story says: the safe fixes, in the files, uncommitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from newsroom_cli import rules
from newsroom_cli.check.newsroom import choose_stories
from newsroom_cli.check.story import state_of
from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Story
from newsroom_cli.repository.commit import Undo
from newsroom_cli.repository.files import story_paths
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.story import frontmatter

_TURNS = 5
"""How often edits that overlap get another turn."""


@dataclass(frozen=True)
class Mended:
    """Stories whose text would be another, as (path, before, after); those left alone since readers have them.

    `checked` is how many were read, `total` how many there are.
    """

    stories: tuple[tuple[str, str, str], ...] = ()
    public: tuple[str, ...] = field(default=())
    checked: int = 0
    total: int = 0


def mend(newsroom: Newsroom, paths: Sequence[str], *, target: str = "") -> Mended:
    """Apply the safe fixes to every story, or to those named, in memory; nothing is written."""
    changed: list[tuple[str, str, str]] = []
    public: list[str] = []
    every = story_paths(newsroom.files)
    wanted = choose_stories(newsroom, paths, every)
    for path in wanted:
        try:
            story = frontmatter.read_story(path, newsroom.files.read(path) or b"")
        except Unreadable:
            continue  # the check says why
        after = _mend_text(newsroom, story, target)
        if after == story.text:
            continue
        record = newsroom.ledger(story)
        if record is None:
            newsroom.keep_ledger(story.slug, story.metadata.id or "")
        if record is not None and newsroom.settings.pipeline.is_public(record.state):
            public.append(story.path)
        else:
            changed.append((story.path, story.text, after))
    return Mended(tuple(changed), tuple(public), len(wanted), len(every))


def _mend_text(newsroom: Newsroom, story: Story, target: str) -> str:
    for _ in range(_TURNS):
        state = target or state_of(story, newsroom.settings.pipeline.initial)
        text = rules.make_safe_edits(story, rules.RuleContext(newsroom.settings, state, is_there=newsroom.files.holds))
        if text == story.text:
            break
        try:
            story = frontmatter.read_story(story.path, text.encode())
        except Unreadable:
            break  # an edit that would make a story unreadable is none
    return story.text


def write(newsroom: Newsroom, mended: Mended) -> None:
    """Write the mended texts into their files, all or none; raises CannotRun."""
    with Undo(newsroom.commits.root) as undo:
        for path, _, after in mended.stories:
            undo.write(path, after.encode())
