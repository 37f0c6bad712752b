"""A story's body, made ready once for all rules on text: without glued readings, code, comments and addresses."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property, lru_cache
from typing import NamedTuple

from newsroom_cli.model import Story
from newsroom_cli.rules import glosses

_EASTERN = re.compile("[\u3400-\ufaff]")


class TextRow(NamedTuple):
    """A row of the words: its number in the body from 0, where it begins in the text, and itself."""

    line: int
    start: int
    text: str


class View:
    """A body, and the same without the readings a conversion glued to it.

    `text` is the body without glued readings, `words` is that with code, comments and addresses blanked out. Offsets
    are those of `text`; `place` leads back.
    """

    def __init__(self, body: str) -> None:
        self.body = body
        self.has_han = not body.isascii() and bool(_EASTERN.search(body))
        self.text, self._glosses = glosses.cut_glosses(body) if self.has_han else (body, [])

    @cached_property
    def words(self) -> str:
        """The text with code, comments and addresses blanked out, every other character in its place."""
        from newsroom_cli.rules.damage.passages import prose

        return prose(self.text)

    @cached_property
    def rows(self) -> tuple[TextRow, ...]:
        """Every row of the words that is not blank."""
        rows, start = [], 0
        for line, row in enumerate(self.words.split("\n")):
            if row and not row.isspace():
                rows.append(TextRow(line, start, row.rstrip()))
            start += len(row) + 1
        return tuple(rows)

    def index(self, at: int) -> int:
        """Where a character of the text stands in the body."""
        if not self._glosses:
            return at
        number = bisect_right(self._glosses, (at, len(self.body))) - 1
        return at + self._glosses[number][1] if number >= 0 else at

    def place(self, story: Story, row: TextRow, at: int) -> tuple[int, int]:
        """Line and column in the file of a character of a row."""
        return story.body_line + row.line, self.index(row.start + at) - self.index(row.start) + 1


def view_of(story: Story) -> View:
    """Return a story's body made ready for the rules on text; the last few are remembered."""
    return _view(story.body)


@lru_cache(4)
def _view(body: str) -> View:
    return View(body)
