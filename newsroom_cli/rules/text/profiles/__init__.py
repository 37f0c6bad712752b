"""How newsrooms of one language write what the rules on text look for: a file of marks for each language.

`every.toml` has what pages in any language have. A table is a mark: `signs` are strings of which every text with a
match holds one (a line's end before one stands for the beginning of a row), and the pattern is written out (`pattern`)
or the usual one of its kind around some `phrases`. `%names%`, `%han%` and the `[parts]` of a file stand in patterns.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from newsroom_cli.model import Story
from newsroom_cli.rules.registry import RuleContext
from newsroom_cli.rules.text.views import TextRow, View, view_of
from newsroom_cli.story.words import HAN

_NAME = (
    r"[^\W\d_a-zа-яё][\w'’.-]*(?: (?:(?:de|del|da|dos|van|von|der|den|la|le|bin|al) )*[^\W\d_a-zа-яё][\w'’.-]*){1,3}"
)
"""A person's name in letters that have capitals: two to four words that begin with one, particles between them."""
_PARTS = {"han": HAN, "names": f"{_NAME}(?:(?:,? (?:and|und|et|y) |, |,? & ){_NAME})*"}
_USUAL = {
    "days": r"(?<![\w-])(?:%phrases%)(?![\w-]|['’][sS])",
    "caption": r"^[\s*_(]*(?:%phrases%)s?\s*:",
    "byline": r"^[*_\s]*%phrases%:? (%names%)(?:\s*[,|–—-]\s*[^.]{1,40})?[*_\s]*$",
    "editor": r"^[*_\s(]*(?:%phrases%)\s*:\s*(%names%)[)*_\s]*$",
    "crumbs": r"^[*_\s]*(?:(?:%here%)[\s:：].*|(?:%home%)\s*[>»›→](?![>=]).*\w\s*)$",
    "rights": r"^[^>].{0,100}(?:©|\([cC]\)|[Cc]opyright|\d{4}).{0,60}(?:%phrases%)\W*$|^[\W_]*(?:%phrases%)\W*$",
    "furniture": r"^[*_\s]*(?:%phrases%)[.!:]?[*_\s]*$",
}
"""The usual pattern of each kind of mark, around the phrases that a language's file has."""
_KINDS = ("days", "caption", "byline", "editor", "lead", "crumbs", "furniture")


@dataclass(frozen=True)
class RowMark:
    """How a kind of row is known: by a pattern, and by strings of which every text with a match holds one.

    A sign that begins with a line's end is one that begins a row. A row of a web page says `what` it is, in words, and
    whether it states `rights`. A `weak` mark is not enough by itself: a row of a web page counts beside another, and a
    byline on a line of its own among the first or last ones.
    """

    source: str
    signs: tuple[str, ...]
    what: str = ""
    rights: bool = False
    weak: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern; most texts need few of them, and one of Chinese names takes milliseconds to be made."""
        return re.compile(self.source)

    def rows_in(self, view: View) -> Iterator[tuple[TextRow, re.Match[str]]]:
        """Each row of the words that the pattern is in, and where it first is."""
        if not any(sign in view.text for sign in self.signs):
            return
        in_row = [sign.strip("\n") for sign in self.signs]
        for row in view.rows:
            if any(sign in row.text for sign in in_row) and (match := self.pattern.search(row.text)):
                yield row, match


class Profile(NamedTuple):
    """One language's marks, by their kind; `common` are words that a long text in it hardly lacks.

    `letters` are those that no other language of its script has; `surnames` are the first characters of names.
    """

    name: str
    marks: Mapping[str, tuple[RowMark, ...]]
    common: Sequence[str] = ()
    letters: str = ""
    surnames: str = ""


def parse_profile(text: str) -> Profile:
    """Read the marks of a language from its file's text; raises TypeError or KeyError where it says something else."""
    table = tomllib.loads(text)
    own = table.pop("parts", {})
    marks = {kind: _make_marks(table.pop(kind, []), kind, {**_PARTS, **own}) for kind in _KINDS}
    marks["rights"] = tuple(mark for mark in marks["furniture"] if mark.rights)
    return Profile(marks=marks, surnames=own.get("surnames", ""), **table)


def _make_marks(tables: Any, kind: str, parts: Mapping[str, str]) -> tuple[RowMark, ...]:
    """The marks of a kind from its table or tables."""
    return tuple(_make_mark(table, kind, parts) for table in (tables if isinstance(tables, list) else [tables]))


def _make_mark(table: dict[str, Any], kind: str, parts: Mapping[str, str]) -> RowMark:
    """A mark; what its table says beside `pattern` and the fields of a mark are parts of the usual pattern."""
    pattern = table.get("pattern") or _USUAL["rights" if table.get("rights") else kind]
    while named := re.search("%([a-z]+)%", pattern):
        pattern = pattern.replace(named[0], {**table, **parts}[named[1]])
    what = table["what"] if kind == "furniture" else ""
    return RowMark(pattern, tuple(table["signs"]), what, table.get("rights", False), table.get("weak", False))


PROFILES = {path.stem: parse_profile(path.read_text("utf-8")) for path in Path(__file__).parent.glob("*.toml")}
"""Profiles by a language's primary subtag."""
EVERY = PROFILES.pop("every")
"""The marks that pages in any language have."""


def language_of(story: Story, context: RuleContext) -> str:
    """Return the language tag of a story, the newsroom's where it has none."""
    return (story.metadata.lang or "").strip() or context.settings.language


def marks_for(story: Story, context: RuleContext, kind: str) -> Iterator[RowMark]:
    """Yield the marks of a kind for a story: any language's, its own, and Chinese where there is Han."""
    primary = language_of(story, context).partition("-")[0].lower()
    names = dict.fromkeys((primary, "zh") if view_of(story).has_han else (primary,))
    for profile in (EVERY, *(PROFILES[name] for name in names if name in PROFILES)):
        yield from profile.marks[kind]


def marked_rows(story: Story, context: RuleContext, kind: str) -> Iterator[tuple[RowMark, TextRow, re.Match[str]]]:
    """Yield each row of a story's words that has a mark of a kind: the mark, the row, and where the mark is in it."""
    for mark in marks_for(story, context, kind):
        for row, match in mark.rows_in(view_of(story)):
            yield mark, row, match


def begin_of(match: re.Match[str], around: str) -> int:
    """Return where in its row a match begins, without the spaces and signs around it."""
    return match.end() - len(match[0].lstrip(around))


def signs_of(*kinds: str) -> frozenset[str]:
    """Return the signs of some kinds of marks, in every language."""
    marks = [mark for profile in (EVERY, *PROFILES.values()) for kind in kinds for mark in profile.marks[kind]]
    return frozenset(sign for mark in marks for sign in mark.signs)
