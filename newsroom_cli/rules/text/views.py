"""What the rules on text look at: a story's body, made ready once for all of them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from newsroom_cli.model import Story
from newsroom_cli.words import HAN

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_TONES = frozenset(_TONED)
_ASCII = bytes(range(0x80))
_COMMON = " etaoinsrhdlcumfpgywbvkxqjzSTAICMPBRHEDOLWFNGUJVYK"
_EDGE = " \t\r*_>(（\u00a0\u3000"
_OPENING = 3
_SHORT = 40


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled when it is first needed; `HAN` in it stands for Han characters."""
    return re.compile(pattern.replace("HAN", HAN))


class Row(NamedTuple):
    """A row of the words: its number in the body from 0, where it begins in the text, and itself."""

    line: int
    start: int
    text: str


class View:
    """A body, what is in it, and the same without the readings a conversion glued to it.

    `letters` are its different characters beyond ASCII, `text` is the body without glued readings,
    `words` is that with code, comments and addresses blanked out. Offsets are those of `text`;
    `place` leads back.
    """

    def __init__(self, body: str) -> None:
        self.body = body
        self.letters = _beyond_ascii(body)
        self.has_han = any("\u3400" <= one <= "\ufaff" for one in self.letters)
        self._glosses: list[tuple[int, int]] = []
        self.text = body
        if self.has_han and not _TONES.isdisjoint(self.letters):
            self.text, self._glosses = _glossless(body)

    @cached_property
    def openings(self) -> frozenset[str]:
        """The first three characters of each row, behind spaces, emphasis and brackets."""
        return frozenset([row.lstrip(_EDGE)[:_OPENING] for row in self.text.split("\n")])

    @cached_property
    def words(self) -> str:
        """The text with code, comments and addresses blanked out, every other character in its place."""
        from newsroom_cli.rules.damage.passages import prose

        return prose(self.text)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every row of the words that is not blank."""
        rows = self.words.split("\n")
        starts = accumulate((len(row) + 1 for row in rows), initial=0)
        numbered = enumerate(zip(starts, rows, strict=False))
        return tuple(Row(line, start, row.rstrip()) for line, (start, row) in numbered if not _is_blank(row))

    def holds(self, tokens: Tokens) -> bool:
        """Whether any of some strings is in the text."""
        text, letters = self.text, self.letters
        for sign, token in tokens.narrow:
            if sign in text and token in text:
                return True
        if letters:
            for wide, token in tokens.wide:
                if wide <= letters and token in text:
                    return True
        return False

    def index(self, at: int) -> int:
        """Where a character of the text stands in the body."""
        if not self._glosses:
            return at
        found = bisect_right(self._glosses, (at, len(self.body))) - 1
        return at + self._glosses[found][1] if found >= 0 else at

    def place(self, story: Story, row: Row, at: int) -> tuple[int, int]:
        """Line and column in the file of a character of a row."""
        return story.body_line + row.line, self.index(row.start + at) - self.index(row.start) + 1


class Walk:
    """Line and column in the file of characters of a body, asked for from front to back."""

    def __init__(self, story: Story) -> None:
        self._body, self._line, self._begin, self._at = story.body, story.body_line, 0, 0

    def place(self, index: int) -> tuple[int, int]:
        """Line and column (from 1) of a character at or behind the one asked for before."""
        self._line += self._body.count("\n", self._at, index)
        self._begin = max(self._begin, self._body.rfind("\n", self._at, index) + 1)
        self._at = index
        return self._line, index - self._begin + 1


def _rarity(character: str) -> int:
    found = _COMMON.find(character)
    return found if found >= 0 else len(_COMMON)


class Tokens:
    """Strings to look for before a pattern is asked, first of all each one's rarest character."""

    def __init__(self, tokens: str) -> None:
        named = tokens.split("|") if tokens else []
        self.narrow = tuple((max(one, key=_rarity), one) for one in named if one.isascii())
        self.wide = tuple((frozenset(c for c in one if not c.isascii()), one) for one in named if not one.isascii())


@dataclass(frozen=True)
class Mark:
    """What rows are known by: a pattern, and without what it is in none.

    `named` are strings one of which a match holds, between bars; `openings` the first three characters of a row it
    begins. A row of more than `_SHORT` characters with a match holds one of `beside`, where there are any.
    """

    pattern: str
    named: str = ""
    openings: frozenset[str] = frozenset()
    beside: str = ""

    @cached_property
    def tokens(self) -> Tokens:
        """The strings one of which a match holds."""
        return Tokens(self.named)

    def is_in(self, text: str) -> re.Match[str] | None:
        """Where the mark first is in a short text."""
        tokens = self.tokens
        if not any(token in text for _, token in (*tokens.narrow, *tokens.wide)):
            return None
        return compiled(self.pattern).search(text)

    def may_be_in_row(self, row: str) -> bool:
        """Whether the pattern is worth asking of one row."""
        return not self.beside or len(row) <= _SHORT or any(one in row for one in self.beside)

    def may_be_in(self, seen: View) -> bool:
        """Whether the pattern is worth asking."""
        return seen.holds(self.tokens) or (bool(self.openings) and not self.openings.isdisjoint(seen.openings))


def mark(pattern: str, tokens: str = "", *, openings: str = "", beside: str = "") -> Mark:
    """A mark; tokens and openings stand between bars."""
    begins = frozenset(one[:_OPENING] for one in openings.split("|")) if openings else frozenset()
    return Mark(pattern, tokens, begins, beside)


def view(story: Story) -> View:
    """A story's body as the rules on text look at it."""
    return _view(story.body)


_view = lru_cache(8)(View)


def _beyond_ascii(text: str) -> frozenset[str]:
    if text.isascii():
        return frozenset()
    return frozenset(text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass"))


def glossless(text: str) -> str:
    """A text without the readings glued to its characters (`區(qū)`)."""
    return text if text.isascii() else _gloss().sub("", text)


@cache
def _gloss() -> re.Pattern[str]:
    return re.compile(f"(?<=[{HAN}])\\((?=[a-zü]{{0,6}}[{_TONED}])[a-zü{_TONED}]{{1,7}}[ \u00a0]?\\)")


def _glossless(body: str) -> tuple[str, list[tuple[int, int]]]:
    """A body without glosses, and from which of its offsets on how many characters are gone."""
    kept: list[str] = []
    gone: list[tuple[int, int]] = []
    end = lost = 0
    for found in _gloss().finditer(body):
        kept.append(body[end : found.start()])
        end = found.end()
        lost += end - found.start()
        gone.append((end - lost, lost))
    return "".join((*kept, body[end:])), gone


def _is_blank(row: str) -> bool:
    return not row or row.isspace()


def found(seen: View, mark: Mark) -> Iterator[tuple[Row, re.Match[str]]]:
    """Each row of a story's words that a mark is in, and where it first is."""
    if not mark.may_be_in(seen):
        return
    pattern = compiled(mark.pattern)
    for row in seen.rows:
        if mark.may_be_in_row(row.text) and (match := pattern.search(row.text)):
            yield row, match
