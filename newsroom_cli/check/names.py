"""Finds names that two stories share and may not: slugs, ids, aliases that are another's slug; and who is the copy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache

from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Finding, Severity, Story
from newsroom_cli.record import ledger
from newsroom_cli.repository.files import CommittedTree, Files, story_paths
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.layout import STORIES, is_story, slug_of
from newsroom_cli.repository.log import moved_with
from newsroom_cli.repository.newsroom import Newsroom, fold_slug
from newsroom_cli.repository.search import find_holding

_KEY = "aliases"
_FENCE = re.compile(rb"\n---[ \t\r]*\n")
_ADDRESS = re.compile(rb"^address:[ \t]*['\"]?([^\s'\"]+)", re.MULTILINE)
"""The path behind the key, as `story` writes it, with quotes or without."""
_HIDES = re.compile(r"[\\%]")
"""What may stand in an alias for other letters."""
Names = tuple[str, Sequence[str]]
"""A story's id and its former slugs."""
IsCopy = Callable[[str, str], bool]
"""Tells whether a file that claims an id is a copy: (path, id)."""


@dataclass
class NameIndex:
    """Who has which slug, id and former slug among some stories: paths by each."""

    slugs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    owners: dict[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @staticmethod
    def of(stories: Mapping[str, Names]) -> NameIndex:
        """Make the index of stories, by path."""
        index = NameIndex()
        for path, (story_id, aliases) in sorted(stories.items()):
            index.add(path, story_id, aliases)
        return index

    def add(self, path: str, story_id: str, aliases: Sequence[str] = ()) -> None:
        """Take a story in."""
        for index, key in self._places(path, story_id, aliases):
            index[key] = (*index.get(key, ()), path)

    def remove(self, path: str, story_id: str, aliases: Sequence[str] = ()) -> None:
        """Leave a story out, as it was taken in."""
        for index, key in self._places(path, story_id, aliases):
            index[key] = tuple(other for other in index.get(key, ()) if other != path)
            if not index[key]:
                del index[key]

    def _places(
        self, path: str, story_id: str, aliases: Sequence[str]
    ) -> Iterator[tuple[dict[str, tuple[str, ...]], str]]:
        yield self.slugs, fold_slug(slug_of(path))
        if story_id:
            yield self.owners, story_id
        for alias in aliases:
            yield self.aliases, alias


def clashes(index: NameIndex, stories: Mapping[str, Names], is_copy: IsCopy | None = None) -> Iterator[Finding]:
    """Yield a finding for each name that one of some stories, by path, shares with another.

    Without `is_copy` nothing says which of several files of one id is the copy.
    """
    for path, (story_id, aliases) in sorted(stories.items()):
        slug = fold_slug(slug_of(path))
        yield from _report_shared("duplicate-slug", "slug", path, index.slugs.get(slug, ()))
        if story_id:
            owners = index.owners.get(story_id, ())
            rivals = sorted(owners) if len(owners) > 1 else []
            copies = [other for other in rivals if is_copy and is_copy(other, story_id)]
            yield from _report_shared("duplicate-id", "id", path, owners, copies)
        for other in sorted(index.aliases.get(slug, ())):
            if other != path:
                yield _alias(path, f"its slug is an alias of {other}.", "slug")
        for alias in aliases:
            for other in sorted(index.slugs.get(alias, ())):
                if other != path:
                    yield _alias(path, f"its alias {slug_of(other)} is the slug of {other}.", _KEY)


def _report_shared(
    rule: str, key: str, path: str, owners: Iterable[str], copies: Sequence[str] = ()
) -> Iterator[Finding]:
    others = ", ".join(other for other in sorted(owners) if other != path)
    if others:
        hint = f"The copy gets its own: story adopt {copies[-1]}" if copies else "Rename one file: git mv"
        form = "" if others.isascii() else " (perhaps in another Unicode form)"
        message = f"its {key} is also that of {others}{form if key == 'slug' else ''}."
        yield Finding(rule, Severity.ERROR, path, 1, 1, message, hint, key)


def _alias(path: str, message: str, key: str) -> Finding:
    hint = "Rename one file, or take the alias out."
    return Finding("duplicate-slug", Severity.ERROR, path, 1, 1, message, hint, key)


def copy_of(git: Git) -> IsCopy:
    """Make what tells whether a story's last entry came with another file; asks git, once for each id."""

    @cache
    def moved(story_id: str) -> AbstractSet[str]:
        return moved_with(git, ledger.path_of(story_id))

    return lambda path, story_id: path not in moved(story_id)


# Former slugs


def former_slugs(story: Story) -> tuple[str, ...]:
    """Return the slugs that a story's aliases and its address name, folded, but for its own."""
    names = [_named_by(alias) for alias in (*story.metadata.aliases, story.metadata.address or "")]
    own = fold_slug(story.slug)
    return tuple(dict.fromkeys(name for name in names if name and name != own))


def _named_by(address: str) -> str:
    """Return the slug an address names, folded: its last part, without `.html`, percent signs read."""
    if "%" in address:
        from urllib.parse import unquote

        address = unquote(address)
    path = address.partition("?")[0].partition("#")[0]
    return fold_slug(path.rstrip("/").rsplit("/", 1)[-1]).removesuffix(".html")


def peek_former_slugs(files: Files, path: str) -> tuple[str, ...]:
    """Return what `former` says of a story that nothing else reads; nothing where it cannot be read."""
    try:
        content = files.read(path) or b""
        front = _front(content)
        if _KEY.encode() not in front and not _was_renamed(path, front):
            return ()
        from newsroom_cli.story import frontmatter

        return former_slugs(frontmatter.read_story(path, content))
    except Unreadable:
        return ()


def _was_renamed(path: str, front: bytes) -> bool:
    """Tell whether a story's address names another slug than its file; most public stories need not be parsed."""
    address = _ADDRESS.search(front)
    return address is not None and _named_by(address[1].decode("utf-8", "replace")) != fold_slug(slug_of(path))


def _front(content: bytes) -> bytes:
    return _FENCE.split(content, maxsplit=1)[0]


def may_name(git: Git, tree: CommittedTree, slugs: Iterable[str]) -> list[str]:
    """Return the stories of a tree that may have one of some slugs (folded) as an alias: one search for all."""
    wanted = tuple(slugs)
    if not wanted:
        return []
    named = git.grep((_KEY, *(f"/{slug}" for slug in wanted)), f"{STORIES}/", tree.tree)
    paths = [*filter(is_story, named)]
    tree.expect(paths)
    return [path for path in paths if _mentions(tree, path, wanted)]


def _mentions(tree: CommittedTree, path: str, slugs: Iterable[str]) -> bool:
    try:
        front = _front(tree.read(path) or b"").decode("utf-8", "replace")
    except Unreadable:
        return False
    text = fold_slug(front)
    return bool(_HIDES.search(front)) or any(slug in text for slug in slugs)


def find_clashes(newsroom: Newsroom, story: Story, *, was: str) -> tuple[Finding, ...]:
    """Return the findings `check` has on a story for its names; `was` is its file before it was taken in.

    Slugs come from a listing; of the other stories only those with aliases are read, which git finds.
    """
    others, own = {*story_paths(newsroom.files)} - {was, story.path}, former_slugs(story)
    holding = others.intersection(find_holding(newsroom, _KEY, f"/{story.slug}"))
    named = {path: peek_former_slugs(newsroom.files, path) for path in holding}
    wanted = {fold_slug(story.slug), *own}
    near = {path for path in others if fold_slug(slug_of(path)) in wanted}
    stories: dict[str, Names] = {path: ("", named.get(path, ())) for path in near.union(named)}
    stories[story.path] = ("", own)
    return tuple(clashes(NameIndex.of(stories), {story.path: ("", own)}))
