"""What the rules on text look at: a story's body, made ready once for all of them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, cached_property
from typing import NamedTuple

from newsroom_cli.model import Story, once
from newsroom_cli.rules import glosses, signs
from newsroom_cli.rules.signs import Signs
from newsroom_cli.words import HAN

_ASCII = bytes(range(0x80))
_EASTERN = "[\u3400-\ufaff]"
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


def reaches(text: str, letter: str) -> bool:
    """Whether a text may have characters from a letter of some script on; a short one is looked through."""
    return len(text) > _SHORT or (not text.isascii() and max(text) >= letter)


def _has_han(text: str) -> bool:
    """Whether a text has Han characters or others of the East; where nothing is so high, no pattern is made for it."""
    return reaches(text, "\u3400") and bool(compiled(_EASTERN).search(text))


class View:
    """A body, its signs, and the same without the readings a conversion glued to it.

    `text` is the body without glued readings, `words` is that with code, comments and addresses blanked out. Offsets
    are those of `text`; `place` leads back.
    """

    def __init__(self, body: str, found: Signs) -> None:
        self.body, self.signs = body, found
        self.has_han = signs.BEYOND_ASCII in found and (_has_han(body[:_SHORT]) or _has_han(self.beyond_ascii))
        is_glossed = self.has_han and not signs.TONES.isdisjoint(found)
        self.text, self._glosses = glosses.without(body) if is_glossed else (body, [])

    @cached_property
    def beyond_ascii(self) -> str:
        """The body without what is ASCII in it."""
        raw = self.body.encode("utf-8", "surrogatepass").translate(None, _ASCII)
        return raw.decode("utf-8", "surrogatepass")

    @cached_property
    def words(self) -> str:
        """The text with code, comments and addresses blanked out, every other character in its place."""
        from newsroom_cli.rules.damage.passages import prose

        return prose(self.text)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every row of the words that is not blank."""
        found, start = [], 0
        for line, row in enumerate(self.words.split("\n")):
            if row and not row.isspace():
                found.append(Row(line, start, row.rstrip()))
            start += len(row) + 1
        return tuple(found)

    def rows_with(self, within: tuple[tuple[bytes, str], ...]) -> Iterator[Row]:
        """The rows in which one of some strings stands, each beside the sign it is known by; all for none."""
        there = [one for sign, one in within if sign in self.signs]
        if len(there) != 1:
            yield from (row for row in self.rows if not within or any(one in row.text for one in there))
            return
        words, line, begin = self.words, 0, 0
        at = words.find(there[0])
        while at >= 0:
            start, end = words.rfind("\n", 0, at) + 1, words.find("\n", at)
            end = len(words) if end < 0 else end
            line, begin = line + words.count("\n", begin, start), start
            yield Row(line, start, words[start:end].rstrip())
            at = words.find(there[0], end)

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


class Mark(NamedTuple):
    """What rows are known by: a pattern, and the signs without which it is in none.

    A row with a match holds one of `within` (each beside its sign), and one of more than `_SHORT` characters one of
    `beside`, where there are any.
    """

    pattern: str
    signs: Signs
    beside: tuple[str, ...] = ()
    within: tuple[tuple[bytes, str], ...] = ()

    def may_be_in_row(self, row: str) -> bool:
        """Whether the pattern is worth asking of one row that holds one of `within`."""
        return not self.beside or len(row) <= _SHORT or any(one in row for one in self.beside)


def mark(pattern: str, named: str, *, beside: str = "") -> Mark:
    """A mark; signs stand between bars. Rows are asked for them too, but where one reaches over a row's end."""
    each = tuple(named.split("|"))
    within = () if any("\n" in one or not one for one in each) else tuple((one.encode(), one) for one in each)
    return Mark(pattern, signs.strings(named), tuple(beside.split("|")) if beside else (), within)


@once
def view(story: Story) -> View:
    """A story's body as the rules on text look at it."""
    return View(story.body, signs.of(story))


def found(seen: View, mark: Mark) -> Iterator[tuple[Row, re.Match[str]]]:
    """Each row of a story's words that a mark is in, and where it first is."""
    if mark.signs.isdisjoint(seen.signs):
        return
    pattern = compiled(mark.pattern)
    for row in seen.rows_with(mark.within):
        if mark.may_be_in_row(row.text) and (match := pattern.search(row.text)):
            yield row, match
