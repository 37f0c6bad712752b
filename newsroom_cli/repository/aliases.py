"""Addresses a story had before: an alias is no other story's slug, or one of the two takes the other's readers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Finding, Severity, Story
from newsroom_cli.repository.files import STORIES, CommittedTree, Files
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.newsroom import folded

_KEY = "aliases"
_FENCE = re.compile(rb"\n---[ \t\r]*\n")
_ADDRESS = re.compile(rb"^address:[ \t]*['\"]?([^\s'\"]+)", re.MULTILINE)
"""The path behind the key, as `story` writes it, with quotes or without."""
_HIDES = re.compile(r"[\\%]")
"""What may stand in an alias for other letters."""


def former(story: Story) -> tuple[str, ...]:
    """The slugs that a story's aliases and its address name, folded, but for its own."""
    found = [_named_by(alias) for alias in (*story.metadata.aliases, story.metadata.address or "")]
    own = folded(story.slug)
    return tuple(dict.fromkeys(name for name in found if name and name != own))


def _named_by(address: str) -> str:
    """The slug an address names, folded: its last part, without `.html`, percent signs read."""
    path = _read(address).partition("?")[0].partition("#")[0]
    return folded(path.rstrip("/").rsplit("/", 1)[-1]).removesuffix(".html")


def _read(alias: str) -> str:
    if "%" not in alias:
        return alias
    from urllib.parse import unquote

    return unquote(alias)


def clashes(names: Mapping[str, Iterable[str]], paths: Iterable[str]) -> Iterator[Finding]:
    """A finding on both stories for each alias that is the other's slug; `names` are what `former` says, by path."""
    wanted: dict[str, list[str]] = {}
    for path, aliases in sorted(names.items()):
        for alias in aliases:
            wanted.setdefault(alias, []).append(path)
    for path in paths if wanted else ():
        slug = path.rsplit("/", 1)[-1].removesuffix(".md")
        for other in wanted.get(folded(slug), ()):
            if other != path:
                hint = "Rename one file, or take the alias out."
                yield _error(path, f"its slug is an alias of {other}.", hint, "slug")
                yield _error(other, f"its alias {slug} is the slug of {path}.", hint, _KEY)


def _error(path: str, message: str, hint: str, key: str) -> Finding:
    return Finding("duplicate-slug", Severity.ERROR, path, 1, 1, message, hint, key)


def peek(files: Files, path: str) -> tuple[str, ...]:
    """What `former` says of a story that nothing else reads; nothing where it cannot be read."""
    try:
        content = files.read(path) or b""
        front = _front(content)
        if _KEY.encode() not in front and not _was_renamed(path, front):
            return ()
        from newsroom_cli import frontmatter

        return former(frontmatter.read(path, content))
    except Unreadable:
        return ()


def _was_renamed(path: str, front: bytes) -> bool:
    """Say whether a story's address names another slug than its file; most public stories need not be parsed for it."""
    address = _ADDRESS.search(front)
    slug = folded(path.rsplit("/", 1)[-1].removesuffix(".md"))
    return address is not None and _named_by(address[1].decode("utf-8", "replace")) != slug


def _front(content: bytes) -> bytes:
    return _FENCE.split(content, maxsplit=1)[0]


def naming(git: Git, tree: CommittedTree, slugs: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The stories of a tree that may have one of some slugs (folded) as an alias: one search, whatever their number."""
    wanted = tuple(slugs)
    if not wanted:
        return {}
    patterns = "".join(f"{text}\n" for text in (_KEY, *(f"/{slug}" for slug in wanted))).encode()
    asked = ("grep", "-l", "-z", "-F", "-f", "-", tree.tree, "--", f"{STORIES}/")
    code, out = git.answer(*asked, stdin=patterns, ok=(0, 1))
    names = out.decode("utf-8", "surrogateescape").split("\0") if code == 0 else []
    paths = [path for name in names if (path := name.partition(":")[2]).endswith(".md")]
    tree.expect(paths)
    return {path: found for path in paths if _may_name(tree, path, wanted) and (found := peek(tree, path))}


def _may_name(tree: CommittedTree, path: str, slugs: Iterable[str]) -> bool:
    try:
        front = _front(tree.read(path) or b"").decode("utf-8", "replace")
    except Unreadable:
        return False
    text = folded(front)
    return bool(_HIDES.search(front)) or any(slug in text for slug in slugs)
