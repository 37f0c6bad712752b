"""Why a text cannot be read, in plain words, with its place and the way to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Finding, Severity, place_of

_DIRECTION_MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def fail(path: str, rule: str, place: tuple[int, int], message: str, hint: str) -> NoReturn:
    """Raise Unreadable with the one finding at a place (line and column from 1)."""
    finding = Finding(rule, Severity.ERROR, path, place[0], place[1], message, hint)
    raise Unreadable(f"{path} cannot be read.", hint, [finding])


def of_control(character: str) -> tuple[str, str]:
    """What is said of a control or direction character, and its hint."""
    code = f"U+{ord(character):04X}"
    if character in _DIRECTION_MARKS:
        return f"an invisible direction mark ({code}) stands here.", "Take it out; it can make text read otherwise."
    return f"a control character ({code}) stands here.", "Take it out."


class Cause(NamedTuple):
    """Why one line is not YAML: the column (from 0) it breaks at, the words, the mend."""

    column: int
    message: str
    hint: str


def _end_mark(row: str) -> Cause | None:
    return Cause(0, "a line of `...` ends the front matter early.", "Take the line out.") if row == "..." else None


def _tab(row: str) -> Cause | None:
    indent = row[: len(row) - len(row.lstrip())]
    return Cause(0, "a tab indents this line.", "Indent with spaces.") if "\t" in indent else None


def _special_first(row: str) -> Cause | None:
    found = re.match(r"([^:]*:\s+)([*&%@`!])", row)
    return found and Cause(found.end(1), f"the value begins with {found[2]}.", "Put the value in quotes.")


def _inner_quote(row: str) -> Cause | None:
    found = re.match(r"""([^:"']*:\s+)(["'])(.*)$""", row)
    if found is None:
        return None
    quote, inner = found[2], found[3].rstrip()
    if quote not in inner:
        return Cause(found.end(1), f"the quoted value is never closed by {quote}.", f"Add {quote} at its end.")
    if inner.count(quote) > 1 or not inner.endswith(quote):
        other = "'" if quote == '"' else '"'
        message = f"a {quote} inside the quoted value ends it early."
        return Cause(found.end(1), message, f"Quote the whole value with {other} instead.")
    return None


def _inner_colon(row: str) -> Cause | None:
    found = re.match(r"""([^:]*:\s+)([^"'\s].*?)(:(?:\s|$))""", row)
    return found and Cause(found.start(3), "the value holds a colon and a space.", "Put the value in quotes.")


def _wide_colon(row: str) -> Cause | None:
    if "：" not in row or re.match(r"[\w-]+:(?:\s|$)", row):
        return None
    hint = "Write `key: value` with a plain colon."
    return Cause(row.index("："), "the colon behind the key is full-width.", hint)


def _no_colon(row: str) -> Cause | None:
    if ":" in row or not re.match(r"[\w-]+(?:\s|$)", row):
        return None
    return Cause(0, "this line has no colon behind its key.", "Write it as `key: value`.")


CAUSES: tuple[Callable[[str], Cause | None], ...] = (
    _end_mark,
    _tab,
    _special_first,
    _inner_quote,
    _inner_colon,
    _wide_colon,
    _no_colon,
)
"""What breaks most front matter, each looked for in the line YAML names and in the one above it."""


def of_yaml(fm: str, index: int, problem: str) -> tuple[int, str, str]:
    """Where a YAML error really is (offset into the front matter), in plain words, and its mend."""
    lines = fm.split("\n")
    line = place_of(fm, index)[0] - 1
    for number in dict.fromkeys((line, max(line - 1, 0))):
        for cause in CAUSES:
            if found := cause(lines[number].rstrip("\r")):
                start = sum(len(one) + 1 for one in lines[:number])
                return start + found.column, found.message, found.hint
    return index, f"this is not YAML ({problem}).", "Put values with : # [ { or quotes inside in quotes."
