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
_PLAIN = r"""[^-?:,\[\]{}#&*!|>'"%@` ][^:#]*+(?:(?::(?! )|(?<! )#)[^:#]*+)*+(?<![: ])"""
_SCALAR = re.compile(_PLAIN)
"""A plain scalar: it begins with no indicator, and is neither a key nor has a comment behind it."""
_PAIR = re.compile(
    r"(?!null:)([A-Za-z_]\w{0,99}):"
    rf"(?: ({_PLAIN})"
    r"""| '([^'\\]*+)'| "([^"\\]*+)\""""
    r"""| \[([^][{}:#?&*!|>'"%@`]*+)\]"""
    r"|(?: +#.*)?)",
    re.ASCII,
)
"""A key and its value: plain, in quotes, texts in brackets that hold nothing that could mean more, or none."""
_TEXT, _LIST = 2, 5
"""The groups of a plain value and of a list in brackets; those between are in quotes."""
_DASHES = ("- ", "  - ")
"""What every item of a list below its key begins with, the one or the other."""
_BELOW = ("-", " ")
"""What rows begin with that belong to the key above them."""


class _AskYaml(Exception):
    """Something is written in another way."""


def fields_of(text: str, start: int, end: int) -> tuple[dict[str, Any], dict[str, int]] | None:
    """Values by key, and where the keys stand, of the front matter between two offsets; None where to ask YAML."""
    if _ODD.search(text, start, end) or text[start:end][-1:] != "\n":
        return None
    fields: dict[str, Any] = {}
    offsets: dict[str, int] = {}
    above = dash = ""
    items: list[Any] | None = None
    try:
        for row in text[start : end - 1].split("\n"):
            if pair := _PAIR.fullmatch(row):
                above = pair[1]
                if above in fields:
                    return None
                offsets[above] = start
                fields[above] = _value(pair)
                items = [] if pair.lastindex == 1 else None
            elif row[:1] in _BELOW:
                if items is None:
                    return None
                if not items:
                    fields[above], dash = items, _DASHES[row[0] == " "]
                _add(items, dash, row)
            elif row[:1] == "#":
                items = None
            else:
                return None
            start += len(row) + 1
    except _AskYaml:
        return None
    return (fields, offsets) if fields else None


def _add(items: list[Any], dash: str, row: str) -> None:
    """Add an item to a list below its key, a text or a mapping, or a key to the mapping that its last item is."""
    text = row[len(dash) :]
    pair = _PAIR.fullmatch(text)
    if row.startswith(dash):
        items.append({pair[1]: _value(pair)} if pair else _plain(text))
        return
    if pair is None or not items or row[: len(dash)].strip(" "):
        raise _AskYaml
    if not isinstance(items[-1], dict) or pair[1] in items[-1]:
        raise _AskYaml
    items[-1][pair[1]] = _value(pair)


def _value(pair: re.Match[str]) -> Any:
    """The value behind a key's colon; None too where nothing stands there, or a comment alone."""
    group = pair.lastindex or 1
    if group == 1:
        return None
    value = pair[group]
    if group == _TEXT:
        return None if value in NULLS else value
    if group < _LIST:
        return value
    inner = value.strip(" ")
    return [_plain(one.strip(" ")) for one in inner.split(",")] if inner else []


def _plain(text: str) -> str | None:
    """A plain scalar's value."""
    if not _SCALAR.fullmatch(text):
        raise _AskYaml
    return None if text in NULLS else text
