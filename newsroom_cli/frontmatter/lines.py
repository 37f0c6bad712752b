"""Front matter as most of it is written, read without YAML: `key: text`, `key: [text, text]` and lists of texts.

Gives what YAML gives, or nothing where YAML has to be asked.
"""

from __future__ import annotations

import re
from typing import Any

NULLS = frozenset(("", "~", "null"))
"""Plain scalars that are null."""

_ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
"""Whatever YAML does not take, takes for white space or a line's end, or a story may not have."""
_LINE = re.compile(
    r"(?:#[^\n]*|([A-Za-z_]\w{0,99}):(?:(?: +#[^\n]*)?((?:\n- [^\n]+)+|(?:\n  - [^\n]+)+)?| ([^ #\n][^\n]*)))\n",
    re.ASCII,
)
"""A comment, or a key with a list below it, with nothing, or with its value on the same line."""
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@` ")
"""No plain scalar here begins with one of these."""
_TEXTS = re.compile(r"\[([^][{}:#?&*!|>'\"%@`]*)\]")
"""A list in brackets whose texts hold nothing that could mean more."""


class _AskYaml(Exception):
    """Something is written in another way."""


def fields_of(text: str, start: int, end: int) -> tuple[dict[str, Any], dict[str, int]] | None:
    """Values by key, and where the keys stand, of the front matter between two offsets; None where to ask YAML."""
    if _ODD.search(text, start, end):
        return None
    fields: dict[str, Any] = {}
    offsets: dict[str, int] = {}
    at = start
    try:
        while line := _LINE.match(text, at, end):
            key, items, value = line.groups()
            if key is not None:
                if key in fields or key in NULLS:
                    return None
                offsets[key] = at
                fields[key] = _value(value) if value else _items(items) if items else None
            at = line.end()
    except _AskYaml:
        return None
    return (fields, offsets) if fields and at == end else None


def _value(text: str) -> Any:
    first = text[0]
    if first == "[" and (found := _TEXTS.fullmatch(text)):
        inner = found[1].strip(" ")
        return [_plain(one.strip(" ")) for one in inner.split(",")] if inner else []
    if first in "'\"" and text.find(first, 1) == len(text) - 1 and "\\" not in text:
        return text[1:-1]
    return _plain(text)


def _items(lines: str) -> list[str | None]:
    return [_plain(line.lstrip(" ")[2:]) for line in lines.split("\n")[1:]]


def _plain(text: str) -> str | None:
    """A plain scalar's value: text up to the line's end that is neither a key nor has a comment behind it."""
    if not text or text[0] in _INDICATORS or ": " in text or " #" in text or text[-1] in ": ":
        raise _AskYaml
    return None if text in NULLS else text
