"""The likely encoding of bytes that are not UTF-8: a guess to tell people, never one to convert by."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ufffd]")
_ENOUGH_COMMON = 0.8
_FEW, _MANY = 2, 8
"""How many Han characters make a guess, and how many a sure one."""

_LOST_SPACE = re.compile(rb"\xc2(?![A-Za-z\x80-\xff])")
"""The rest of a no-break space whose second byte was taken for white space; no Western word ends in it."""

_MOSTLY_ASCII = 0.3
_LOPSIDED = 4


class Guess(NamedTuple):
    """The encoding a file looks like, and what to do next."""

    name: str
    hint: str


def find_offence(content: bytes) -> tuple[int, str, str, str]:
    """Find the first byte that keeps a file from being read (NUL or not UTF-8; it has one), and guess its encoding.

    Returns its offset, the rule, what is said of it, and the hint.
    """
    nul = first = content.find(0)
    try:
        (content if nul < 0 else content[:nul]).decode("utf-8")
    except UnicodeDecodeError as error:
        first = error.start
    looks = (_guess_wide,) if first == nul else GUESSES
    likely = next((guess for look in looks if (guess := look(content))), None)
    if likely is None and first == nul:
        hint = "Take it out; move the file away from the stories if it is not text."
        return first, "nul-byte", "a NUL byte stands here.", hint
    hint = likely.hint if likely else "Find out what wrote the file, and save it from there as UTF-8."
    looks_like = f"; the file looks like {likely.name}" if likely else ""
    return first, "not-utf-8", f"byte {content[first]:#04x} at offset {first} is not UTF-8{looks_like}.", hint


def _sure(name: str) -> Guess:
    return Guess(name, f"Run: iconv -f {name} -t UTF-8 FILE > NEW. Read NEW over, then put it in FILE's place.")


def _likely(name: str, encoding: str = "") -> Guess:
    return Guess(name, f"Open it as {encoding or name} in your editor; if it reads well, save it as UTF-8.")


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _guess_by_mark(content: bytes) -> Guess | None:
    """Guess by a byte order mark of two-byte or four-byte text."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _sure(name) if _decodes(content, name) else _likely(name)
    return None


def _guess_wide(content: bytes) -> Guess | None:
    """Guess two-byte text: a mark, or an ASCII character first and NUL bytes nearly all on its side of the pairs."""
    if marked := _guess_by_mark(content):
        return marked
    for side, name in ((1, "UTF-16LE"), (0, "UTF-16BE")):
        nuls, others = content[side::2].count(0), content[1 - side :: 2].count(0)
        if content[side : side + 1] == b"\0" and nuls > _LOPSIDED * others and _decodes(content, name):
            return _sure(name)
    return None


def _guess_gb18030(content: bytes) -> Guess | None:
    """Guess Chinese: at least four in five of the Han characters it would hold are common ones."""
    han = _HAN.findall(content.decode("gb18030", "replace"))
    if len(han) < _FEW or sum(character in common_han() for character in han) < _ENOUGH_COMMON * len(han):
        return None
    if not _decodes(content, "gb18030"):
        return _likely("GB18030 with stray bytes", "GB18030")
    return _sure("GB18030") if len(han) >= _MANY else _likely("GB18030")


def _guess_stray(content: bytes) -> Guess | None:
    """Guess UTF-8 but for some bytes: whole characters weigh against them, or all are remains of a no-break space."""
    text = content.decode("utf-8", "replace")
    stray = text.count("\ufffd")
    whole = len(text) - stray - sum(map(str.isascii, text))
    if 4 * whole < stray and len(_LOST_SPACE.findall(content)) < stray:
        return None
    count = f"{stray} stray bytes" if stray > 1 else "one stray byte"
    return Guess(f"UTF-8 with {count}", "Write the character anew that stood here, and save it as UTF-8.")


def _guess_western(content: bytes) -> Guess | None:
    """Guess Windows-1252: it has a character for every byte, and most bytes are ASCII."""
    high = sum(byte > 0x7F for byte in content)  # noqa: PLR2004  the last ASCII byte
    fits = high <= _MOSTLY_ASCII * len(content) and _decodes(content, "cp1252")
    return _likely("Windows-1252") if fits else None


GUESSES: tuple[Callable[[bytes], Guess | None], ...] = (_guess_by_mark, _guess_gb18030, _guess_stray, _guess_western)
"""Guesses at a file that is not UTF-8, the surest first; Windows-1252 fits nearly anything and comes last."""


@cache
def common_han() -> frozenset[str]:
    """Return the 3,755 common characters: level 1 of GB 2312, rows 16 to 55, read off Python's codec."""
    pairs = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return frozenset(b"".join(pairs).decode("gb2312", "ignore"))
