"""Strings that rules look for, found in one pass over a story: a rule none of whose strings is there is not asked.

Asking every rule about every story makes a check of a whole newsroom nearly three times as long. The registry alone
knows of this; a rule names its strings where it is registered.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from newsroom_cli.model import Story, texts_in
from newsroom_cli.rules.glosses import TONED, strip_glosses

if TYPE_CHECKING:
    from ahocorasick_rs import BytesAhoCorasick

BEYOND_ASCII = b"\x80"
"""The sign of every text that has more than ASCII."""
_TONES = frozenset(letter.encode() for letter in TONED)
"""Signs without which no reading is glued to a character."""
_PIECE = 1 << 16
_LONGEST = 100
"""No sign has more bytes."""


def signs_in_story(story: Story, signs: frozenset[bytes]) -> frozenset[bytes]:
    """Return the signs that a story has: in its text, its keys' values, or its body without glued readings."""
    present = signs_in_text(story.text, signs)
    title, description = story.metadata.title or "", story.metadata.description or ""
    if "\\" in story.text or title not in story.text or description not in story.text:
        present = present.union(
            *(signs_in_text(text, signs) for value in story.fields.values() for text in texts_in(value))
        )
    return present if _TONES.isdisjoint(present) else present | signs_in_text(strip_glosses(story.body), signs)


def signs_in_text(text: str, signs: frozenset[bytes]) -> frozenset[bytes]:
    """Return the signs that a text has."""
    ordered, scanner = _scanner(signs)
    raw = text.encode("utf-8", "surrogatepass")
    present = {ordered[number] for numbers in _hits(scanner, raw) for number in numbers}
    return frozenset(present if text.isascii() else {*present, BEYOND_ASCII})


def _hits(scanner: BytesAhoCorasick, raw: bytes) -> Iterator[set[int]]:
    """The numbers of the signs in bytes, piece by piece, so that a long text of nothing but signs is no long list."""
    for start in range(0, len(raw), _PIECE):
        piece = raw[start : start + _PIECE + _LONGEST]
        yield {number for number, _, _ in scanner.find_matches_as_indexes(piece, overlapping=True)}


@cache
def _scanner(signs: frozenset[bytes]) -> tuple[tuple[bytes, ...], BytesAhoCorasick]:
    """The signs in order, and what finds them in bytes by their numbers (Aho and Corasick's automaton)."""
    from ahocorasick_rs import BytesAhoCorasick, Implementation

    ordered = tuple(sorted((signs | _TONES) - {BEYOND_ASCII}))
    return ordered, BytesAhoCorasick(ordered, implementation=Implementation.ContiguousNFA)
