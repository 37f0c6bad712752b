"""Front matter as most of it is written, read without YAML: `key: text`, `key: [text, text]` and lists of texts.

Gives what YAML gives, or nothing where YAML has to be asked.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

NULLS = frozenset(("", "~", "null"))
"""Plain scalars that are null."""

_ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
"""Whatever YAML does not take, takes for white space or a line's end, or a story may not have."""
_KEY = re.compile(r"[A-Za-z_]\w{0,99}", re.ASCII)
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@` ")
"""No plain scalar here begins with one of these."""
_DASHES = ("- ", "  - ")
"""What every item of a list below its key begins with, the one or the other."""
_TEXTS = re.compile(r"\[([^][{}:#?&*!|>'\"%@`]*)\]")
"""A list in brackets whose texts hold nothing that could mean more."""


_BELOW, _QUOTES = ("-", " "), ("'", '"')
"""What rows begin with that belong to the key above them, and what texts in quotes begin with."""


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
            if row[:1] in _BELOW:
                if items is None:
                    return None
                if not items:
                    fields[above], dash = items, _DASHES[row[0] == " "]
                _add(items, dash, row)
            elif row[:1] == "#":
                items = None
            else:
                above, value = _pair(row)
                if above in fields:
                    return None
                offsets[above] = start
                items = [] if _is_blank(value) else None
                fields[above] = _value(value) if items is None else None
            start += len(row) + 1
    except _AskYaml:
        return None
    return (fields, offsets) if fields else None


def _add(items: list[Any], dash: str, row: str) -> None:
    """Add an item to a list below its key, a text or a mapping, or a key to the mapping that its last item is."""
    text = row[len(dash) :]
    if row.startswith(dash):
        key, colon, value = text.partition(":")
        is_mapping = colon and value[:1] in ("", " ") and _is_key(key)
        items.append({key: None if _is_blank(value) else _value(value)} if is_mapping else _plain(text))
        return
    key, value = _pair(text)
    if not items or row[: len(dash)].strip(" ") or not isinstance(items[-1], dict) or key in items[-1]:
        raise _AskYaml
    items[-1][key] = None if _is_blank(value) else _value(value)


def _pair(row: str) -> tuple[str, str]:
    """A key, and what stands behind its colon."""
    key, colon, value = row.partition(":")
    if not colon or not _is_key(key):
        raise _AskYaml
    return key, value


@lru_cache(1024)
def _is_key(text: str) -> bool:
    return text not in NULLS and _KEY.fullmatch(text) is not None


def _is_blank(value: str) -> bool:
    """Whether nothing stands behind a colon, or a comment alone."""
    return not value or (value[0] == " " and value.lstrip(" ")[:1] == "#")


def _value(text: str) -> Any:
    """The value that stands behind a colon and one space."""
    first = text[1:2]
    if text[0] != " " or first == " ":
        raise _AskYaml
    if first == "[" and (found := _TEXTS.fullmatch(text, 1)):
        inner = found[1].strip(" ")
        return [_plain(one.strip(" ")) for one in inner.split(",")] if inner else []
    if first in _QUOTES and text.find(first, 2) == len(text) - 1 and "\\" not in text:
        return text[2:-1]
    return _plain(text[1:])


def _plain(text: str) -> str | None:
    """A plain scalar's value: text up to the line's end that is neither a key nor has a comment behind it."""
    if not text or text[0] in _INDICATORS or ": " in text or " #" in text or text[-1] in ": ":
        raise _AskYaml
    return None if text in NULLS else text
