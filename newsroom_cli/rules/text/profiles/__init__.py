"""How newsrooms of one language write what the rules on text look for: a file of marks for each language.

`every.toml` has what pages in any language have. A table is a mark: `signs` are strings of which every text with a
match holds one (a line's end before one stands for the beginning of a row), and the pattern is written out (`pattern`)
or the usual one of its kind around some `phrases`. `%names%`, `%han%` and the `[parts]` of a file stand in patterns.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from newsroom_cli.model import Story
from newsroom_cli.rules.registry import RuleContext
from newsroom_cli.rules.text.views import TextRow, View
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


class RowMark:
    """How a kind of row is known: by a pattern, and by strings of which every text with a match holds one.

    A sign that begins with a line's end is one that begins a row.
    """

    def __init__(self, pattern: str, signs: tuple[str, ...]) -> None:
        self._pattern, self.signs = pattern, signs
        self._in_row = tuple(sign.strip("\n") for sign in signs)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern; most texts need few of them, and one of Chinese names takes milliseconds to be made."""
        return re.compile(self._pattern)

    def rows_in(self, view: View) -> Iterator[tuple[TextRow, re.Match[str]]]:
        """Each row of the words that the pattern is in, and where it first is."""
        if not any(sign in view.text for sign in self.signs):
            return
        for row in view.rows:
            if any(sign in row.text for sign in self._in_row) and (match := self.pattern.search(row.text)):
                yield row, match


class Furniture(NamedTuple):
    """A kind of row that belongs to a web page: what it is, how it is known, and whether it states rights.

    One that is `weak` counts only beside another that is not.
    """

    what: str
    mark: RowMark
    rights: bool = False
    weak: bool = False


class Profile(NamedTuple):
    """One language's marks; `common` are words, each between spaces, that a long text in it hardly lacks.

    `letters` are those that no other language of its script has; `surnames` are the first characters of names.
    """

    name: str
    common: tuple[str, ...] = ()
    letters: frozenset[str] = frozenset()
    surnames: str = ""
    days: RowMark | None = None
    caption: RowMark | None = None
    byline: RowMark | None = None
    editor: RowMark | None = None
    lead: RowMark | None = None
    crumbs: RowMark | None = None
    furniture: tuple[Furniture, ...] = ()

    def marks(self, kind: str) -> tuple[RowMark, ...]:
        """The marks of a kind: a field's, or `rights` for the furniture that states them."""
        if kind in ("furniture", "rights"):
            return tuple(piece.mark for piece in self.furniture if piece.rights or kind == "furniture")
        mark = getattr(self, kind)
        return (mark,) if mark else ()


def parse_profile(text: str) -> Profile:
    """Read the marks of a language from its file's text; raises TypeError or KeyError where it says something else."""
    table = tomllib.loads(text)
    parts = {**_PARTS, **table.pop("parts", {})}
    common = tuple(f" {word} " for word in table.pop("common", ()))
    letters = frozenset(table.pop("letters", ""))
    furniture = tuple(_furniture(piece, parts) for piece in table.pop("furniture", ()))
    name = table.pop("name")
    marks = {kind: _mark(kind, mark, parts) for kind, mark in table.items()}
    return Profile(name, common, letters, parts.get("surnames", ""), furniture=furniture, **marks)


def _furniture(piece: dict[str, Any], parts: Mapping[str, str]) -> Furniture:
    kind = "rights" if piece.get("rights") else "furniture"
    mark = _mark(kind, {key: piece[key] for key in piece.keys() - {"what", "rights", "weak"}}, parts)
    return Furniture(piece["what"], mark, piece.get("rights", False), piece.get("weak", False))


def _mark(kind: str, table: Mapping[str, Any], parts: Mapping[str, str]) -> RowMark:
    """A mark of a kind; what its table says beside `pattern` and `signs` are parts of the usual pattern."""
    pattern = table.get("pattern") or _USUAL[kind]
    known = {**table, **parts}
    while named := re.search("%([a-z]+)%", pattern):
        pattern = pattern.replace(named[0], known[named[1]])
    return RowMark(pattern, tuple(table["signs"]))


def _load_profiles() -> dict[str, Profile]:
    """The profile of each file beside this one, by its name."""
    files = sorted(Path(__file__).parent.glob("*.toml"))
    return {path.stem: parse_profile(path.read_text("utf-8")) for path in files}


PROFILES = _load_profiles()
"""Profiles by a language's primary subtag."""
EVERY = PROFILES.pop("every")
"""The marks that pages in any language have."""


def language_of(story: Story, context: RuleContext) -> str:
    """Return the language tag of a story, the newsroom's where it has none."""
    return (story.metadata.lang or "").strip() or context.settings.language


def profiles_for(seen: View, tag: str) -> tuple[Profile, ...]:
    """Return the profiles for a body under a language tag: any language's, its own, and Chinese where there is Han."""
    return _of(tag, seen.has_han)


@cache
def _of(tag: str, has_han: bool) -> tuple[Profile, ...]:
    primary = tag.partition("-")[0].lower()
    named = [EVERY, PROFILES[primary]] if primary in PROFILES else [EVERY]
    return (*named, PROFILES["zh"]) if has_han and primary != "zh" else tuple(named)


def signs_of(*kinds: str) -> frozenset[str]:
    """Return the signs of some kinds of marks, in every language."""
    profiles = (EVERY, *PROFILES.values())
    return frozenset(sign for each in profiles for kind in kinds for mark in each.marks(kind) for sign in mark.signs)
