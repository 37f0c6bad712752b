"""What the rules on damage look at: each text of the front matter, and the body without its code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from newsroom_cli.model import Story, place_of
from newsroom_cli.rules.registry import Flaw

_FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+|[0-9]{1,9}[.)][ \t]+)?(`{3,}|~{3,})(.*)")
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n)[\s\S]){1,2000}?(?<!`)\1(?!`)")
_TAGGED = re.compile(r"<(pre|code)\b[^>]*>.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_VISIBLE = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class Passage:
    """A text and where it stands: a key of the front matter (`line` is 0), or the body from a line on."""

    text: str
    key: str = ""
    line: int = 0

    def flaw(self, index: int, message: str, hint: str = "") -> Flaw:
        """A flaw at a character of this text; in the front matter the place is the key's."""
        if not self.line:
            return Flaw(self.key, f"{self.key}: {message}", hint)
        line, column = place_of(self.text, index)
        return Flaw("", message, hint, (self.line + line - 1, column))


def passages(story: Story) -> Iterator[Passage]:
    """Every text of the front matter, lists and tables included, and then the body with its code blanked out."""
    for key, value in story.fields.items():
        for text in _texts(value):
            yield Passage(text, key)
    yield Passage(prose(story.body), line=story.body_line)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)


@lru_cache(8)
def alphabet(story_text: str) -> str:
    """The different characters of a text: what most rules ask before they read it."""
    return "".join(set(story_text))


def holds(story: Story, wanted: re.Pattern[str]) -> bool:
    """Whether characters of a kind are in a story, as they stand or written as an escape of YAML."""
    text = story.text
    if wanted.search(alphabet(text)):
        return True
    if "\\" not in text or story.body_line < 1:
        return False
    return any(wanted.search(alphabet(one)) for value in story.fields.values() for one in _texts(value) if one)


@lru_cache(8)
def prose(body: str) -> str:
    """The body with fenced code, code spans and `<pre>` blanked out, every other character in its place."""
    if "```" in body or "~~~" in body:
        body = _without_fences(body)
    if "`" in body:
        body = _SPAN.sub(_blank, body)
    return _TAGGED.sub(_blank, body) if "<" in body else body


def _blank(match: re.Match[str]) -> str:
    return _VISIBLE.sub(" ", match[0])


def _without_fences(body: str) -> str:
    kept, fence = [], ""
    for row in body.split("\n"):
        mark = _FENCE.match(row)
        inside = bool(fence)
        if mark and not fence and not (mark[1][0] == "`" and "`" in mark[2]):
            fence = mark[1]
        elif mark and fence and mark[1].startswith(fence) and not mark[2].strip():
            fence = ""
        kept.append(" " * len(row) if inside or fence else row)
    return "\n".join(kept)
