"""The line a finding stands at, with carets under its place: as wide as the terminal, right with Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from newsroom_cli.escaping import COMMAND, make_visible
from newsroom_cli.model import Finding

_NARROWEST = 16
"""So many cells of a line are shown on the narrowest terminal."""


class Window(NamedTuple):
    """The part of a line that is shown, the cells before its mark, and the cells the mark is wide."""

    text: str
    before: int
    marked: int


def excerpt(finding: Finding, width: int) -> tuple[str, str, str] | None:
    """Return a finding's line, the margin of its carets, and the carets, in `width` cells; None without a line."""
    if not finding.source:
        return None
    gutter = f"  {finding.line} | "
    shown = window(finding.source, finding.column - 1, finding.key, room=max(width - len(gutter), _NARROWEST))
    margin = f"{'| ':>{len(gutter)}}"
    return (gutter + shown.text).rstrip(), margin + " " * shown.before, "^" * shown.marked


def window(source: str, start: int, key: str, *, room: int) -> Window:
    """Return at most `room` cells of a line around the character at `start`, marked as far as `key` stands there.

    Control and direction characters are escapes; `…` stands where the line is cut.
    """
    from rich.cells import cell_len

    start += sum(command.start() < start for command in COMMAND.finditer(source))
    source = COMMAND.sub("# #", source)
    end = start + (len(key) if source.startswith(key, start) else 0)
    end = max(end, start + 1)
    mark = "".join(_fit(source[start:end], room - 2))
    rest = room - max(cell_len(mark), 1)
    left, right = _shares(_cells(source[:start], room), _cells(source[end:], room), rest)
    before = "".join(reversed(_fit(source[:start][::-1], left)))
    return Window(before + mark + "".join(_fit(source[end:], right)), cell_len(before), max(cell_len(mark), 1))


def _shares(before: int, after: int, rest: int) -> tuple[int, int]:
    """Share the rest of the cells between both sides: half each, and what the other does not need."""
    left = min(before, max(rest // 2, rest - after))
    return left, rest - left


def _cells(text: str, room: int) -> int:
    """Measure how wide a text is shown, as far as that matters: more than `room` is one more."""
    from rich.cells import cell_len

    return room + 1 if len(text) > room else min(cell_len(_show(text)), room + 1)


def _show(text: Iterable[str]) -> str:
    return "".join(make_visible(character) for character in text)


def _fit(text: str, cells: int) -> list[str]:
    """The first characters that fit, made visible, with `…` behind them where that is not all."""
    from rich.cells import cell_len

    pieces = [make_visible(character) for character in text[: cells + 1]]
    if len(text) <= cells + 1 and cell_len("".join(pieces)) <= cells:
        return pieces
    kept, left = list[str](), cells - 1
    for piece in pieces:
        left -= max(cell_len(piece), 1)
        if left < 0:
            break
        kept.append(piece)
    return [*kept, "…"]
