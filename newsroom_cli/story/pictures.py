"""Which local pictures a story names: in `images` and in its Markdown (CommonMark images and HTML that shows one)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from newsroom_cli.model import Story

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


def find_pictures(story: Story) -> tuple[str, ...]:
    """Return the local pictures a story names, as written, sorted; web addresses and `/site` paths are not local."""
    sources = [image.src for image in story.metadata.images]
    if "![" in story.body or ("<" in story.body and _TAG.search(story.body)):
        sources += _find_in_markdown(story.body)
    return tuple(sorted({source for source in sources if _is_local(source)})) if sources else ()


def locate_pictures(story: Story) -> Mapping[str, str]:
    """Map each local picture a story names to its repository path; those outside the repository are left out."""
    where = ((name, locate_picture(story.path, name)) for name in find_pictures(story))
    return {name: path for name, path in where if path is not None}


def locate_picture(story_path: str, source: str) -> str | None:
    """Return the repository path of a picture a story names; None when it lies outside the repository.

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


_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
_TAG = re.compile(
    r"<(?:img|image|source|video|audio|embed|object|input|iframe|track|use|script)(?=[\s/>])", re.IGNORECASE
)
"""The beginning of a tag that can show a picture."""
_FOOTNOTE = re.compile(r"^[ \t>]*\[\^[^\]\s]+\]:[ \t]*", re.MULTILINE)
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|(?!["'])([^\s>]*)))?""")
"""An attribute's name and its value in double quotes, single quotes or none, as HTML's tokenizer takes them."""
_CANDIDATE = re.compile(r"([^\s,]\S*?)(?:,+(?=\s|\Z)|\s[^,]*|\Z)")
"""One candidate of `srcset`: an address, and the width or density behind it."""
_SHOWN = frozenset(("src", "poster", "data", "href", "xlink:href"))
"""Attributes of these tags that name what a browser shows; `srcset` names several."""


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").disable(["inline", "text_join"])


@cache
def _tag_or_comment() -> re.Pattern[str]:
    """Compile a pattern of a comment or the beginning of a tag, as a browser reads them."""
    parts = rf"(?P<comment>{_COMMENT.pattern})|(?P<shows>{_TAG.pattern})|<[a-z][^\s/>]*"
    return re.compile(parts, re.IGNORECASE | re.DOTALL)


def _parse_inline(text: str, references: dict[str, Any] | None = None) -> list[Token]:
    """Parse one paragraph of Markdown into inline tokens."""
    tokens: list[Token] = []
    _markdown().inline.parse(text, _markdown(), {} if references is None else references, tokens)
    return tokens


def _find_in_html(html: str) -> list[str]:
    """Return the sources that HTML tags show, taken apart as a browser does: a stray quote or bracket ends no tag."""
    bare, at = _COMMENT.sub("", html), 0
    sources: list[str] = []
    while tag := _TAG.search(bare, at):
        shown, at = _read_tag(bare, tag.end())
        sources += shown
    at = 0
    while bare != html and (opened := _tag_or_comment().search(html, at)):
        at = opened.end()
        if not opened["comment"]:
            shown, at = _read_tag(html, at)
            sources += shown if opened["shows"] else ()
    return sources


def _read_tag(html: str, at: int) -> tuple[list[str], int]:
    """Return the sources that a tag's attributes name from an offset on, and the offset where they end."""
    from html import unescape

    sources: list[str] = []
    while attribute := _ATTRIBUTE.match(html, at):
        at = attribute.end()
        name, value = attribute[1].lower(), unescape(attribute[2] or attribute[3] or attribute[4] or "").strip()
        if name in _SHOWN and value:
            sources.append(value)
        elif name == "srcset":
            sources += _CANDIDATE.findall(value)
    return sources, at


def _unfold_footnotes(body: str) -> str:
    """Make footnotes paragraphs of their own, as sites show them; CommonMark knows none."""
    rows: list[str] = []
    within = False
    for row in body.split("\n"):
        begins = _FOOTNOTE.match(row)
        within = bool(begins) or (within and (not row.strip() or row[:1] in " \t"))
        rows.append(row[begins.end() :] if begins else re.sub(r"^(?: {1,4}|\t)", "", row) if within else row)
    return "\n".join(rows)


_BLOCKS = ("`", "~~~", "<", "]:", "    ", "\t", "\r")
"""Signs of code, HTML and references; a plain body has none of them."""


def _find_plain_rows(body: str) -> list[str] | None:
    """Return the rows of a plain body that name pictures, each a paragraph of its own; None where one is not."""
    if any(sign in body for sign in _BLOCKS):
        return None
    rows = ["", *body.split("\n"), ""]
    named = [at for at, row in enumerate(rows) if "![" in row]
    return [rows[at] for at in named] if not any(rows[at - 1] or rows[at + 1] for at in named) else None


@lru_cache(4)
def _find_in_markdown(body: str) -> tuple[str, ...]:
    """Find the sources of all pictures in a text, as written; a check asks for those of a story several times."""
    sources: list[str] = []
    markdown = _markdown()
    if (rows := _find_plain_rows(body)) is not None:
        tokens = [token for row in rows for token in _parse_inline(row)]
        return tuple(str(token.attrGet("src")) for token in tokens if token.type == "image")
    references: dict[str, Any] = {}
    tokens = markdown.parse(body, references)
    if _FOOTNOTE.search(body):
        tokens += markdown.parse(_unfold_footnotes(body), references)
    for token in tokens:
        if token.type == "inline" and ("![" in token.content or "<" in token.content):
            token.children = _parse_inline(token.content, references)
        for inner in (token, *(token.children or ())):
            if inner.type == "image":
                sources.append(str(inner.attrGet("src")))
            elif inner.type in ("html_inline", "html_block"):
                sources += _find_in_html(inner.content)
    return tuple(sources)
