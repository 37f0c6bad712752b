"""Readings that a conversion glued to characters (`區(qū)`): how they are known, and a text without them."""

from __future__ import annotations

import re
from functools import cache

from newsroom_cli.story.words import HAN

TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
"""Letters of pinyin with the sign of a tone."""


def strip_glosses(text: str) -> str:
    """Return a text without the readings glued to its characters."""
    return _gloss().sub("", text) if "(" in text and not text.isascii() else text


@cache
def _gloss() -> re.Pattern[str]:
    return re.compile(f"\\((?<=[{HAN}]\\()(?=[a-zü]{{0,6}}[{TONED}])[a-zü{TONED}]{{1,7}}[ \u00a0]?\\)")


def cut_glosses(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text without glosses, and pairs that lead back: from an offset on, so many characters were cut."""
    kept: list[str] = []
    gone: list[tuple[int, int]] = []
    end = lost = 0
    for gloss in _gloss().finditer(text):
        kept.append(text[end : gloss.start()])
        end = gloss.end()
        lost += end - gloss.start()
        gone.append((end - lost, lost))
    return "".join((*kept, text[end:])), gone
