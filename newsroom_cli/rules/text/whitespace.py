"""The rule on white space that no reader sees and every tool stumbles over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.registry import Edit, Fix, RuleContext, Violation, rule
from newsroom_cli.rules.text.views import View, view_of

_NAMES = {
    "\u200b": "a zero-width space (U+200B)",
    "\ufeff": "a byte order mark (U+FEFF)",
    "\u2028": "a line separator (U+2028)",
}
_BREAKING = re.compile("[\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17ff]")
_BLOCK = re.compile(r"[-+*#>|=~`<:!\[\\{_]|[0-9]{1,9}[.)]")
_ITEM = re.compile(r"[ \t>]*(?:[-*+]|[0-9]{1,9}[.)]|\[\^[^\]]{1,99}\]:|:)(?:[ \t]|\r?$)")
"""A list's mark, a footnote's or a definition's, below which an indent has a meaning."""
_INDENT = re.compile("[ \u00a0\u3000]+(?=[^\\s\u200b\ufeff])")
_INSIDE = re.compile("\u00a0{2,}|[\u200b\ufeff]+|\u2028")
_CODE = "    "


@rule("odd-whitespace", Severity.INFO, fix=Fix.SAFE, signs=(*"\u00a0\u3000\u200b\ufeff\u2028", "\n "))
def odd_whitespace(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No paragraph is indented with spaces, and no white space is there that nobody sees.

    Indents of spaces, no-break or ideographic spaces where Markdown needs none, runs of no-break spaces, zero-width
    spaces, byte order marks, line separators. A single no-break space is good French, two spaces at a line's end are a
    line break, and what Thai and its neighbours break words with stays.
    """
    seen = view_of(story)
    index = len(story.text) - len(story.body)
    splits = bool(_BREAKING.search(story.body))
    for line, (row, begins, listed) in enumerate(_rows(story, seen)):
        odd = [*_indents(row, begins=begins, listed=listed), *([] if splits else _inside(row))] if row else []
        if odd:
            edits = tuple(Edit(index + start, index + end, "") for start, end, safe in odd if safe)
            start, end = odd[0][:2]
            place = (story.body_line + line, start + 1)
            yield Violation("", f"{_describe(row[start:end], start)} stands here.", "Take it out.", place, edits=edits)
        index += len(row) + 1


def _rows(story: Story, seen: View) -> Iterator[tuple[str, bool, bool]]:
    """Each row of a body, whether it begins a block, and whether it is below a list; rows of code are blank."""
    bare = seen.words.split("\n") if len(seen.words) == len(story.body) else ()
    begins, listed = True, False
    for number, row in enumerate(story.body.split("\n")):
        blank = not row.strip(" \t\r")
        if not blank:
            listed = bool(_ITEM.match(row)) or (listed and (not begins or row[0] in " \t"))
        in_code = bool(bare) and not blank and not bare[number].strip(" \t\r")
        yield " " * len(row) if in_code else row, begins, listed
        begins = blank


def _indents(row: str, *, begins: bool, listed: bool) -> Iterator[tuple[int, int, bool]]:
    """Yield the indent of a row that needs none: its start and end, and whether a fix may take it out."""
    match = _INDENT.match(row)
    if match is None or row.startswith(_CODE):
        return
    plain = begins and not listed and not _BLOCK.match(row, match.end())
    if plain or not match[0].isascii():
        yield 0, match.end(), plain


def _inside(row: str) -> Iterator[tuple[int, int, bool]]:
    """Yield invisible characters inside a row, and whether they can go: between letters, where no Markdown begins."""
    first = len(row) - len(row.lstrip(" \u00a0\u3000"))
    for match in _INSIDE.finditer(row, first):
        before, after = row[max(0, match.start() - 1) : match.start()], row[match.end() : match.end() + 1]
        hidden = match[0][0] in "\u200b\ufeff"
        safe = hidden and not row.startswith(_CODE) and after.isalpha() and (not before or before.isalpha())
        ends = hidden and before.isalpha() and after in ("", "\r")
        yield match.start(), match.end(), safe or ends


def _describe(space: str, start: int) -> str:
    if space[0] in _NAMES:
        return _NAMES[space[0]]
    kind = "no-break spaces" if "\u00a0" in space else "ideographic spaces" if "\u3000" in space else "spaces"
    return f"an indent of {kind}" if start == 0 else f"a run of {kind}"


WHITESPACE = (odd_whitespace,)
