"""The texts that rules on damage read: each one of the front matter, and the body without code, comments, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from newsroom_cli.model import Story, place_of, texts_in
from newsroom_cli.rules.damage.han import strange
from newsroom_cli.rules.registry import Violation
from newsroom_cli.story.words import HAN

_FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+|[0-9]{1,9}[.)][ \t]+)?(`{3,}|~{3,})(.*)")
"""A fence of code, in a quote or behind a list's mark too: the run of ticks or tildes, and the words behind it."""
_TICKS = re.compile("`+")
_BLANK_ROW = re.compile(r"\n[ \t]*\r?(?=\n)")
_TAGGED = re.compile(
    r"<!--.*?(?:-->|\Z)|<(pre|code|script|style)\b[^>]{0,300}>.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL
)
"""A comment, or an element whose content is no prose; one never closed reaches the end, as in a browser."""
_ADDRESSES = (
    (("](",), re.compile(r"\]\((<?[^\s()<>]+)")),
    (("://",), re.compile(r"(https?://[!-;=?-~]+)")),
    (("href=", "src="), re.compile(r"\b((?:href|src)=(?:\"[^\"\n]{0,2000}\"|'[^'\n]{0,2000}'))")),
    (("]:",), re.compile(r"^( {0,3}\[[^\]\n]{1,300}\]:[ \t]*\S+)", re.MULTILINE)),
)
"""Where addresses stand: strings without which there are none, and a pattern whose group is the address.

Apart, each is found by the string it begins with; together they would be tried at every character.
"""
_ITEM = re.compile(r"[ \t>]*(?:[-*+]|[0-9]{1,9}[.)]|\[\^[^\]]{1,99}\]:)(?:[ \t]|$)")
"""A list's mark or a footnote's, below which indented rows are no code."""
_INDENTED = re.compile(r" {0,3}\t| {4}")
_HAN = re.compile(f"[{HAN}]")
_VISIBLE = re.compile(r"[^\n]")
_WIDE = re.compile("[\u2e80-\ufaff\uff01-\uff60]")
_SUBJECT = re.compile(
    r"U\+FFFD|mojibake|replacement char|garbled|garbage char|code ?point|nerd font|icon font|private[- ]use"
    r"|(?:character|text|file|wrong) encoding|charset|乱码|亂碼|文字化け|字符集|字符编码|字元編碼|кодировк",
    re.IGNORECASE,
)
"""Words of stories about encodings, which may show what damage looks like."""


class Passage(NamedTuple):
    """A text and where it stands: a key of the front matter (`line` is 0), or the body from a line on."""

    text: str
    key: str = ""
    line: int = 0

    def flaw(self, index: int, message: str, hint: str, *, is_mild: bool = False) -> Violation:
        """A flaw at a character of this text; in the front matter the place is the key's."""
        if not self.line:
            return Violation(self.key, f"{self.key}: {message}", hint, is_mild=is_mild)
        line, column = place_of(self.text, index)
        return Violation("", message, hint, (self.line + line - 1, column), is_mild=is_mild)


def passages(story: Story) -> Iterator[Passage]:
    """Yield every text of the front matter, lists and tables included, and then the body with its code blanked out."""
    for key, value in story.fields.items():
        for text in texts_in(value):
            yield Passage(text, key)
    yield Passage(prose(story.body), line=story.body_line)


def characters(story: Story) -> str:
    """Return a story's text, followed by the values of its keys where an escape of YAML may hide a character."""
    if "\\" not in story.text:
        return story.text
    return "\n".join((story.text, *(text for value in story.fields.values() for text in texts_in(value))))


def has_han(text: str) -> bool:
    """Tell whether a text has Han characters."""
    return not text.isascii() and bool(_HAN.search(text))


def odd_characters(story: Story) -> frozenset[str]:
    """Return the set of characters in a story that good Chinese text hardly has: rare Han, kana, private use."""
    return _oddities(characters(story))


@lru_cache(4)
def _oddities(text: str) -> frozenset[str]:
    return frozenset(strange().findall(text))


def is_on_encodings(story: Story) -> bool:
    """Tell whether a story is about lost or odd characters, so that it may show what they look like."""
    return bool(_SUBJECT.search(story.text))


@lru_cache(8)
def prose(body: str) -> str:
    """Return the body with code, comments and addresses blanked out, every other character in its place."""
    return _without_addresses(without_code(body))


def without_code(body: str) -> str:
    """Return the body with code and comments blanked out, every other character in its place."""
    if "```" in body or "~~~" in body:
        body = _without_fences(body)
    if "\n    " in body or "\t" in body:
        body = _without_indented(body)
    if "`" in body:
        body = _without_spans(body)
    if "<" in body:
        body = _TAGGED.sub(_blank, body)
    return body


def _blank(match: re.Match[str]) -> str:
    return _VISIBLE.sub(" ", match[0])


def _without_addresses(body: str) -> str:
    patterns = [pattern for signs, pattern in _ADDRESSES if _has_any(body, signs)]
    ahead = [pattern.search(body) for pattern in patterns]
    kept, done = [], 0
    while matches := [match for match in ahead if match]:
        start, end = min(matches, key=lambda match: match.start(1)).span(1)
        kept += [body[done:start], _VISIBLE.sub(" ", body[start:end])]
        done = end
        for at, pattern in enumerate(patterns):
            while (match := ahead[at]) and match.start(1) < done:
                ahead[at] = pattern.search(body, max(done - len("]("), match.start() + 1))
    return "".join((*kept, body[done:])) if kept else body


def _has_any(body: str, signs: Iterable[str]) -> bool:
    return any(sign in body for sign in signs)


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


def _without_spans(body: str) -> str:
    """A text without its code spans, which end in the block they begin in, at as many backticks."""
    kept, begin = [], 0
    for end in (*(match.start() for match in _BLANK_ROW.finditer(body)), len(body)):
        block = body[begin:end]
        kept.append(_spanless(block) if "`" in block else block)
        begin = end
    return "".join(kept)


def _spanless(block: str) -> str:
    ticks = list(_TICKS.finditer(block))
    closing: dict[int, int] = {}
    following = [-1] * len(ticks)
    for at in range(len(ticks) - 1, -1, -1):
        following[at] = closing.get(len(ticks[at][0]), -1)
        closing[len(ticks[at][0])] = at
    kept, done, at = [], 0, 0
    while at < len(ticks):
        if (close := following[at]) < 0:
            at += 1
            continue
        start, end = ticks[at].start(), ticks[close].end()
        kept += [block[done:start], _VISIBLE.sub(" ", block[start:end])]
        done, at = end, close + 1
    return "".join((*kept, block[done:]))


def _without_indented(body: str) -> str:
    """A text without its indented code: rows of four spaces or a tab behind an empty row, and not below a list.

    A row that is mostly Han is a paragraph as Chinese typists begin one.
    """
    kept, listed, code, empty = [], False, False, True
    for row in body.split("\n"):
        blank = not row.strip()
        if not blank and not _INDENTED.match(row):
            listed, code = bool(_ITEM.match(row)) or (listed and row[:1].isspace()), False
        elif not blank:
            code = code or (empty and not listed)
        wide = code and not blank and 2 * len(_WIDE.findall(row)) >= len("".join(row.split()))
        kept.append(" " * len(row) if code and not wide else row)
        empty = blank
    return "\n".join(kept)
