"""Strings that rules look for, found in one pass over a story: a rule none of whose strings is there is not asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from newsroom_cli.model import Story, once
from newsroom_cli.rules.glosses import TONED, glossless

if TYPE_CHECKING:
    from ahocorasick_rs import BytesAhoCorasick

Signs = frozenset[bytes | str]
"""Strings in UTF-8, or the bytes that characters of a range begin with; as text, keys of the front matter."""

BEYOND_ASCII = b"\x80"
"""The sign of every text that has more than ASCII."""
_PIECE = 1 << 16
_LONGEST = 100
"""No sign has more bytes."""


def strings(between_bars: str) -> Signs:
    """The signs of strings that stand between bars."""
    return frozenset(one.encode() for one in between_bars.split("|") if one)


def characters(each: Iterable[str]) -> Signs:
    """The signs of single characters."""
    return frozenset(one.encode("utf-8", "surrogatepass") for one in each)


def keys(*names: str) -> Signs:
    """The signs of stories that have a key, be it empty."""
    return frozenset(names)


TONES = characters(TONED)
"""Signs without which no reading is glued to a character."""


def texts(value: object) -> Iterator[str]:
    """Every text in a value of the front matter."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)


@once
def of(story: Story) -> Signs:
    """The signs in a story: in its text, in what its front matter means, and in its body without glued readings."""
    found = found_in(story.text) | (_all().keys & story.fields.keys())
    title, description = story.metadata.title or "", story.metadata.description or ""
    if "\\" in story.text or title not in story.text or description not in story.text:
        found = found.union(*(found_in(one) for value in story.fields.values() for one in texts(value)))
    return found if TONES.isdisjoint(found) or "(" not in story.body else found | found_in(glossless(story.body))


@lru_cache(4)
def utf8(text: str) -> bytes:
    """The bytes of a text, which several rules ask for in turn."""
    return text.encode("utf-8", "surrogatepass")


def found_in(text: str) -> Signs:
    """The signs in a text."""
    every = _all()
    raw = utf8(text)
    scanner = _scanner(is_fast=next(_asked) >= _FEW)
    found = {every.strings[one[0]] for hits in _hits(scanner, raw) for one in hits}
    if len(raw) > len(text):
        found.add(BEYOND_ASCII)
    return frozenset(found)


def _hits(scanner: BytesAhoCorasick, raw: bytes) -> Iterator[list[tuple[int, int, int]]]:
    """What is found in bytes, piece by piece, so that a long text of nothing but signs is no long list."""
    for at in range(0, len(raw), _PIECE):
        yield scanner.find_matches_as_indexes(raw[at : at + _PIECE + _LONGEST], overlapping=True)


_FEW = 16
"""From so many texts on the faster scanner is used, which takes ten times as long to be built."""
_asked = count()


@cache
def _scanner(*, is_fast: bool) -> BytesAhoCorasick:
    """What finds every rule's strings in bytes."""
    from ahocorasick_rs import BytesAhoCorasick, Implementation

    how = Implementation.DFA if is_fast else Implementation.NoncontiguousNFA
    return BytesAhoCorasick(_all().strings, implementation=how)


class _All(NamedTuple):
    """Every rule's signs: the strings by their numbers, and the keys."""

    strings: tuple[bytes, ...]
    keys: frozenset[str]


@cache
def _all() -> _All:
    from newsroom_cli.rules import families

    rules = (one for family in families().values() for one in family)
    every: Signs = frozenset().union(*(one.signs for one in rules)) - {BEYOND_ASCII}
    found = tuple(sorted(one for one in every if isinstance(one, bytes)))
    return _All(found, frozenset(one for one in every if isinstance(one, str)))
