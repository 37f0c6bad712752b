"""Tables of Han characters: which are common, and which belong to one script alone.

The frequent ones are in `common-han.txt`, which names its origin; the levels of GB 2312 and Big5 are read off Python's
codecs. Every table is built when it is first asked for.
"""

from __future__ import annotations

import re
from functools import cache
from math import log2
from pathlib import Path

from newsroom_cli.story.frontmatter.encodings import common_han

MARKS = frozenset("，。、；：？！“”‘’（）《》〈〉「」『』【】…—·～％　")
"""Punctuation of Chinese text."""

UNKNOWN = 22.0
"""The surprise of a character that no table has."""


@cache
def _lists() -> tuple[str, str]:
    text = Path(__file__).parents[1].joinpath("common-han.txt").read_text("utf-8")
    rows = "\n".join(row for row in text.splitlines() if not row.startswith("#"))
    frequent, traditional = rows.strip().split("\n\n")
    return frequent.replace("\n", ""), traditional.replace("\n", "")


@cache
def frequent() -> frozenset[str]:
    """The 1,500 most frequent characters, and their traditional forms."""
    return frozenset("".join(_lists()))


@cache
def readable() -> frozenset[str]:
    """The characters of good Chinese text: frequent Han, punctuation, full-width letters and digits."""
    wide = (chr(code) for code in range(0xFF01, 0xFF5F))
    return frequent() | MARKS | frozenset(wide)


@cache
def only_traditional() -> frozenset[str]:
    """Frequent characters that simplified text does not have."""
    simplified, traditional = _lists()
    return frozenset(traditional) - frozenset(simplified)


@cache
def only_simplified() -> frozenset[str]:
    """Frequent characters that traditional text does not have: Big5 lacks them."""
    return frozenset(character for character in _lists()[0] if not character.encode("big5", "ignore"))


@cache
def first_level() -> frozenset[str]:
    """The first levels of GB 2312 (3,755 characters) and of Big5 (5,401)."""
    big5 = (bytes((lead, trail)) for lead in range(0xA4, 0xC7) for trail in range(0x40, 0xFF))
    traditional = "".join(pair.decode("big5", "ignore") for pair in big5 if pair <= b"\xc6\x7e")
    return common_han() | frozenset(traditional)


@cache
def strange() -> re.Pattern[str]:
    """Compile a pattern of what good Chinese text hardly has: rare Han, kana, Greek, private use, enclosed numbers."""
    good = "".join(sorted(character for character in first_level() | frequent() if "\u3400" <= character <= "\u9fff"))
    others = "\x00-\u036f\u0500-\u245f\u249c-\u24ff\u2580-\u3040\u3130-\u33ff\ua000-\udfff\ufb00-\U0010ffff"
    return re.compile(f"[^{others}{good}]")


@cache
def surprise() -> dict[str, float]:
    """Return how little a character is awaited in Chinese text, in bits; what is not in it has `UNKNOWN`.

    By Zipf's law for frequent characters, by level for the others.
    """
    bits = dict.fromkeys((chr(code) for code in range(0xFF01, 0xFF5F)), 14.0)
    second = (
        bytes((lead, trail)).decode("gb2312", "ignore") for lead in range(0xD8, 0xF8) for trail in range(161, 255)
    )
    bits |= dict.fromkeys(second, 19.0)
    bits |= dict.fromkeys(first_level(), 15.5)
    bits |= dict.fromkeys(_lists()[1], 11.0)
    bits |= {character: 5 + log2(1 + rank / 12) for rank, character in enumerate(_lists()[0])}
    bits |= dict.fromkeys(MARKS, 8.0) | dict.fromkeys("，。、", 4.5) | dict.fromkeys("　ー々〇□○●■△◆", 10.0)
    return bits
