"""Which local pictures a story names: in `images` and in its Markdown (CommonMark images and HTML that shows one)."""

from __future__ import annotations

import posixpath
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from newsroom_cli.model import Story

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


def named(story: Story) -> tuple[str, ...]:
    """The local pictures a story names, as written, sorted; web addresses and `/site` paths are not local."""
    return _named(tuple(image.src for image in story.metadata.images), story.body)


@lru_cache(64)
def _named(listed: tuple[str, ...], body: str) -> tuple[str, ...]:
    sources = list(listed)
    if "![" in body or ("<" in body and _TAG.search(body)):
        sources += _in_markdown(body)
    return tuple(sorted({source for source in sources if _is_local(source)}))


def located(story_path: str, source: str) -> str | None:
    """The repository path of a picture a story names; None when it lies outside the repository.

    What follows `?` or `#` is the browser's and names no other file.
    """
    name = unquote(re.split("[?#]", source, maxsplit=1)[0])
    path = posixpath.normpath(posixpath.join(posixpath.dirname(story_path), name))
    outside = path.startswith(("../", ".git/")) or path in ("..", ".git") or "\0" in path
    return None if outside else path


def _is_local(source: str) -> bool:
    if not source.strip() or source.startswith(("/", "#")):
        return False
    try:
        return not urlsplit(source).scheme and not urlsplit(source).netloc
    except ValueError:
        return False


_TAG = re.compile(r"<(?:img|image|source|video|audio|embed|object|input)(?=[\s/>])", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|(?!["'])([^\s>]*)))?""")
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
_CANDIDATE = re.compile(r"([^\s,]\S*?)(?:,+(?=\s|\Z)|\s[^,]*|\Z)")
_SHOWN = frozenset(("src", "poster", "data", "href", "xlink:href"))
"""Attributes of these tags that name what a browser shows; `srcset` names several."""


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").disable(["inline", "text_join"])


def _in_html(html: str) -> list[str]:
    """What the tags of some HTML show, taken apart as a browser does: a stray quote or bracket ends no tag."""
    from html import unescape

    html, at = _COMMENT.sub("", html), 0
    sources: list[str] = []
    while tag := _TAG.search(html, at):
        at = tag.end()
        while attribute := _ATTRIBUTE.match(html, at):
            at = attribute.end()
            name, value = attribute[1].lower(), unescape(attribute[2] or attribute[3] or attribute[4] or "").strip()
            if name in _SHOWN and value:
                sources.append(value)
            elif name == "srcset":
                sources += _CANDIDATE.findall(value)
    return sources


def _in_markdown(body: str) -> list[str]:
    sources: list[str] = []
    markdown = _markdown()
    references: dict[str, Any] = {}
    for token in markdown.parse(body, references):
        if token.type == "inline" and ("![" in token.content or "<" in token.content):
            token.children = []
            markdown.inline.parse(token.content, markdown, references, token.children)
        for inner in (token, *(token.children or ())):
            if inner.type == "image":
                sources.append(str(inner.attrGet("src")))
            elif inner.type in ("html_inline", "html_block"):
                sources += _in_html(inner.content)
    return sources
