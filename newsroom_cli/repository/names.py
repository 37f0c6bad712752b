"""What one story's names share with other stories: a slug, or an alias that is another's slug."""

from __future__ import annotations

from collections.abc import Iterator

from newsroom_cli.model import Finding, Story
from newsroom_cli.repository.aliases import clashes, former, peek
from newsroom_cli.repository.files import story_paths
from newsroom_cli.repository.inspection import twins
from newsroom_cli.repository.linked import holding
from newsroom_cli.repository.newsroom import Newsroom, folded


def shared(newsroom: Newsroom, story: Story, *, was: str) -> tuple[Finding, ...]:
    """The findings `check` has on a story for its names; `was` is its file before it was taken in.

    Slugs come from a listing; of the other stories only those with aliases are read, which git finds.
    """
    paths = [path for path in story_paths(newsroom.files) if path not in (was, story.path)]
    found = (*_slugs(story, paths), *_aliases(newsroom, story, paths))
    return tuple(one for one in found if one.path == story.path)


def _slugs(story: Story, others: list[str]) -> Iterator[Finding]:
    own = folded(story.slug)
    same = [path for path in others if folded(path.rsplit("/", 1)[-1].removesuffix(".md")) == own]
    return twins(dict.fromkeys([story.path, *same], ""), lambda *_: False)


def _aliases(newsroom: Newsroom, story: Story, others: list[str]) -> Iterator[Finding]:
    yield from clashes({story.path: former(story)}, others)
    known = set(others)
    named = (path for path in holding(newsroom, "aliases", f"/{story.slug}") if path in known)
    yield from clashes({path: peek(newsroom.files, path) for path in named}, [story.path])
