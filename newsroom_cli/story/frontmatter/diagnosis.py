"""Why a text cannot be read, in plain words, with its place and the way to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Finding, Severity

_DIRECTION_MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_CURLY = "“”„‟‘’‚‛«»「」『』"
_WIDE_COLONS = "：﹕︰∶"


def fail(path: str, rule: str, place: tuple[int, int], message: str, hint: str) -> NoReturn:
    """Raise Unreadable with the one finding at a place (line and column from 1)."""
    finding = Finding(rule, Severity.ERROR, path, place[0], place[1], message, hint)
    raise Unreadable(f"{path} cannot be read.", hint, [finding])


def explain_control(character: str) -> tuple[str, str]:
    """Return the message and the hint for a control or direction character."""
    code = f"U+{ord(character):04X}"
    if character in _DIRECTION_MARKS:
        return f"an invisible direction mark ({code}) stands here.", "Take it out; it can make text read otherwise."
    return f"a control character ({code}) stands here.", "Take it out."


_OPENINGS = (
    (r"\+\+\+", "This is TOML front matter; write the keys as YAML between two lines of `---`."),
    (r"\s*\{", "This is JSON front matter; write the keys as YAML between two lines of `---`."),
    (r"\s*---[ \t]*\r?(?:\n|\Z)", "The first line must be `---` and nothing else, no space, nothing above it."),
    (r"\s*[-‐‑‒–—−]+[ \t]*\r?(?:\n|\Z)", "The first line must be exactly three hyphens, plain ones."),
)
_NEARLY_CLOSED = re.compile(r"^[ \t]*(?:[-‐‑‒–—−]{2,}|—|\.\.\.)[ \t]*\r?$", re.MULTILINE)
"""A line that was meant to close front matter: other dashes, spaces around them, or YAML's three dots."""


def explain_opening(text: str) -> str:
    """Return the hint for a text that does not begin with a fence."""
    hint = "Put a line of exactly `---` above and below the keys; `story adopt` fills in the rest."
    return next((words for pattern, words in _OPENINGS if re.match(pattern, text)), hint)


def explain_unclosed(text: str, start: int) -> tuple[int, str, str]:
    """Return where front matter that begins at `start` was meant to close (else 0), the message and the hint."""
    match = _NEARLY_CLOSED.search(text, start) if start else None
    if match is None:
        return 0, "the front matter is never closed.", "Put a line of exactly `---` behind the last key."
    hint = "Write three plain hyphens there, with no space and nothing else."
    return match.start(), "the front matter is never closed; this line is not exactly `---`.", hint


class Fault(NamedTuple):
    """A YAML parser's complaint about front matter: offsets into `fm`, its own words, the last scalar it read.

    `opened` is where the construct begins that `context` names; -1 where there is none.
    """

    fm: str
    at: int
    problem: str
    context: str = ""
    opened: int = -1
    last: Any = None

    def row(self, index: int) -> tuple[int, str]:
        """The offset and the text of the line an offset stands in."""
        start = self.fm.rfind("\n", 0, index) + 1
        return start, self.fm[start:].partition("\n")[0].rstrip("\r")

    @property
    def keyless(self) -> int:
        """Where a line begins that YAML took for a key without finding its colon; -1 where that is not the fault."""
        if self.context == "while scanning a simple key":
            return self.opened
        if self.problem == PLAIN_TEXT:
            return self.at
        if self.problem.startswith("mapping values") and self.last and not self.last.style:
            begun = int(self.last.start_mark.index)
            start, _ = self.row(begun)
            above = start < self.row(self.at)[0]
            return begun if above and not self.fm[start:begun].strip() else -1
        return -1


class Cause(NamedTuple):
    """Why front matter is not YAML: the offset where a person has to mend it, the words, the mend."""

    at: int
    message: str
    hint: str


PLAIN_TEXT = "plain text, not keys"
_KEY = re.compile(r"[ \t]*(?:-[ \t]+)*[^\s:#\"'{\[-][^:\n]*:(?:[ \t]|$)")
"""A line that begins with a key and its colon, in a list too."""
_VALUE = re.compile(r"[ \t]*(?:-[ \t]+)*(?:[^\s:#*&@%`!][^:]*:[ \t]+)?")
"""Everything before a line's value: its indent, dashes of a list, a key."""


def _end_mark(fault: Fault) -> Cause | None:
    rows = fault.fm[: fault.at].rstrip().rpartition("\n")
    if "document start" not in fault.problem or rows[2] != "...":
        return None
    index = len(rows[0]) + len(rows[1])
    return Cause(index, "a line of `...` ends the front matter early.", "Take the line out.")


def _tab(fault: Fault) -> Cause | None:
    start, row = fault.row(fault.at)
    indent = row[: len(row) - len(row.lstrip())]
    if "\t" not in indent:
        return None
    return Cause(start + indent.index("\t"), "a tab indents this line.", "Indent with spaces.")


def _never_closed(fault: Fault) -> Cause | None:
    """A quote that is open at the end, or that swallowed keys until the next quote closed it."""
    opened = fault.opened if fault.context == "while scanning a quoted scalar" else -1
    last = fault.last
    if opened < 0 and _ended_here(fault):
        begun, end = int(last.start_mark.index), int(last.end_mark.index)
        if any(_KEY.match(row) for row in fault.fm[begun:end].split("\n")[1:]):
            opened = begun
    if opened < 0:
        return None
    quote = fault.fm[opened]
    return Cause(opened, f"the quoted value is never closed by {quote}.", f"Add {quote} at its end.")


def _ended_here(fault: Fault) -> bool:
    """Tell whether the fault stands right behind a quoted value."""
    if fault.last is None or fault.last.style not in ("'", '"'):
        return False
    between = fault.fm[int(fault.last.end_mark.index) : fault.at]
    return not between.strip(" \t") and fault.at < len(fault.fm)


def _escape(fault: Fault) -> Cause | None:
    if fault.context != "while parsing a quoted scalar":
        return None
    index = fault.fm.rfind("\\", 0, fault.at + 1)
    message = "a backslash between double quotes begins a code, and this is none."
    return Cause(max(index, 0), message, "Double the backslash, or quote the value with ' instead.")


def _inner_quote(fault: Fault) -> Cause | None:
    if not _ended_here(fault) or fault.keyless >= 0:
        return None
    end = int(fault.last.end_mark.index)
    quote, rest = fault.fm[end - 1], fault.row(fault.at)[1]
    other = "'" if quote == '"' else '"'
    twice = "Write each inner ' twice." if quote == "'" else 'Write each inner " as \\".'
    hint = twice if other in rest else f"Quote the whole value with {other} instead."
    return Cause(end - 1, f"a {quote} inside the quoted value ends it early.", hint)


def _never_ended(fault: Fault) -> Cause | None:
    """A list or mapping in brackets that reaches the next key, or lacks a comma before."""
    closing = {"while parsing a flow sequence": "]", "while parsing a flow mapping": "}"}.get(fault.context)
    if closing is None:
        return None
    first, *rest = fault.fm[fault.opened :].split("\n")
    until = next((number for number, row in enumerate(rest) if _KEY.match(row)), len(rest))
    if any(closing in row for row in (first, *rest[:until])):
        hint = "Put a comma between items, and quotes around text that holds quotes, brackets or a colon."
        return Cause(fault.at, "the list or mapping breaks here.", hint)
    return Cause(fault.opened, f"the value is never closed by {closing}.", f"Add {closing} at its end.")


def _first_sign(fault: Fault) -> Cause | None:
    """A value, an item or a line that begins with a sign that means something to YAML."""
    start, row = fault.row(fault.at)
    end = _VALUE.match(row).end()  # type: ignore[union-attr]  # it matches nothing at least
    sign = row[end : end + 1]
    behind_key = ":" in row[:end]
    special = sign in (*"*&@%`!",) or (behind_key and sign in (*"|>[]{},",))
    special = special or (behind_key and row[end : end + 2] in ("- ", "? "))
    if not special or start + end > fault.at:
        return None
    return Cause(start + end, f"the value begins with {sign}.", "Put the value in quotes.")


def _keyless(fault: Fault) -> Cause | None:
    """A line without a colon that YAML sees: it is full-width, or no space is behind it, or there is none."""
    if fault.keyless < 0:
        return None
    if wide := re.compile(rf"[^:\s][^:\n]*?([{_WIDE_COLONS}])").match(fault.fm, fault.keyless):
        hint = "Write `key: value` with a plain colon and a space."
        return Cause(wide.start(1), "the colon behind the key is full-width.", hint)
    tight = re.compile(r"(-)[^\s-]|[\w-]+(:)(?!//)\S").match(fault.fm, fault.keyless)
    if tight and tight[1]:
        return Cause(fault.keyless, "the hyphen of this list item has no space behind it.", "Write it as `- item`.")
    if tight:
        return Cause(tight.start(2), "the colon behind the key has no space behind it.", "Write it as `key: value`.")
    hint = "Write it as `key: value`, or indent it if it goes on with the value above."
    return Cause(fault.keyless, "this line has no colon behind its key.", hint)


def _inner_colon(fault: Fault) -> Cause | None:
    start, row = fault.row(fault.at)
    if not fault.problem.startswith("mapping values"):
        return None
    value = row[_VALUE.match(row).end() :]  # type: ignore[union-attr]  # it matches nothing at least
    if row.find(":") < fault.at - start:
        curly = value[:1] in (*_CURLY,)
        hint = "Put plain quotes (' or \") around the value; curly ones do not count." if curly else ""
        return Cause(fault.at, "the value holds a colon and a space.", hint or "Put the value in quotes.")
    hint = "Begin it where the keys above begin, or put the value above in quotes if it goes on here."
    index = start + len(row) - len(row.lstrip())
    return Cause(index, "this line is indented as if it went on with the value above, and is a key.", hint)


def _other_column(fault: Fault) -> Cause | None:
    start, row = fault.row(fault.at)
    column = fault.at - start
    if row[:column].strip() or not re.search(r"expected (?:key|'-' indicator|<document start>)", fault.problem):
        return None
    if column == 0 and row.startswith("- "):
        hint = "Write its key above it, as `tags:`, with nothing behind the colon."
        return Cause(fault.at, "a list item stands under no key.", hint)
    hint = "Begin it where the keys or items above begin, or write the key it belongs to above it."
    return Cause(fault.at, "this line begins in another column than those above it.", hint)


CAUSES: tuple[Callable[[Fault], Cause | None], ...] = (
    _end_mark,
    _tab,
    _never_closed,
    _escape,
    _inner_quote,
    _never_ended,
    _keyless,
    _first_sign,
    _inner_colon,
    _other_column,
)
"""The usual causes of broken front matter, in the order they are tried: those YAML knows best come first."""


def explain_yaml(fault: Fault) -> tuple[int, str, str]:
    """Return where a YAML error really is (offset into the front matter), the message and the hint."""
    first = next((cause for look in CAUSES if (cause := look(fault))), None)
    hint = "Put values with : # [ { or quotes inside in quotes."
    return first or (fault.at, f"this is not YAML ({fault.problem}).", hint)
