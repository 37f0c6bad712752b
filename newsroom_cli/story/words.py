"""Words as they are counted: in Latin text a run of letters, in Chinese and Japanese one character."""

from __future__ import annotations

import re

HAN = "\u3400-\u9fff\uf900-\ufaff"
"""Han characters as the inside of a regular expression's set."""

_WORD = rf"[\u3040-\u30ff{HAN}\U00020000-\U0003ffff]|[^\W\u3040-\u9fff\uf900-\ufaff]+"


def words_of(text: str) -> list[str]:
    """Split a text into words, in order; each Han or kana character is a word of its own."""
    return re.findall(_WORD, text)
