"""Which local pictures a story names: in `images` and in its Markdown (CommonMark images and `<img>`)."""

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
    if "![" in body or ("<" in body and "<img" in body.lower()):
        sources += _in_markdown(body)
    return tuple(sorted({source for source in sources if _is_local(source)}))


def located(story_path: str, source: str) -> str | None:
    """The repository path of a picture a story names; None when it lies outside the repository."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(story_path), unquote(source)))
    outside = path.startswith(("../", ".git/")) or path in ("..", ".git") or "\0" in path
    return None if outside else path


def _is_local(source: str) -> bool:
    if not source.strip() or source.startswith(("/", "#")):
        return False
    try:
        return not urlsplit(source).scheme and not urlsplit(source).netloc
    except ValueError:
        return False


_IMG = re.compile(r"""<img\b(?:"[^"]*"|'[^']*'|[^"'>])*>""", re.IGNORECASE)


_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").disable(["inline", "text_join"])


def _sources(tag: str) -> list[str]:
    """The `src` of one `<img>` tag."""
    from html.parser import HTMLParser

    class Images(HTMLParser):
        sources: list[str]

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "img":
                self.sources = [value for name, value in attrs if name == "src" and value]

    images = Images()
    images.sources = []
    images.feed(tag)
    return images.sources


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
                for tag in _IMG.findall(_COMMENT.sub("", inner.content)):
                    sources += _sources(tag)
    return sources
