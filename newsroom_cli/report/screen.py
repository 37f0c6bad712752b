"""Lines for people: talk on stderr, results on stdout, columns that are right with Chinese titles."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from newsroom_cli.escaping import COMMAND, make_visible


def print_line(text: str = "") -> None:
    """Print a result, already made visible, on stdout."""
    sys.stdout.write(f"{text}\n")


def print_lines(lines: Iterable[str]) -> None:
    """Print results, already made visible, a line each, on stdout."""
    for line in lines:
        print_line(line)


def say(*lines: str) -> None:
    """Print talk, already made visible, a line each, on stderr."""
    sys.stdout.flush()
    for line in lines:
        sys.stderr.write(f"{line}\n")


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, as `1 story` and `2 stories`; most plurals are the noun with an s."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


_LONG = 2_000
"""From so many stories on, reading them takes more than a moment."""


def progress(stories: int) -> None:
    """Say on a terminal that many stories are being read."""
    if stories >= _LONG and sys.stderr.isatty():
        say(f"Reading {stories} stories …")


_CONTROL = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def json_text(value: Any) -> str:
    """Return a result as JSON; no runner's command, control or direction character can stand in it."""
    import json

    text = COMMAND.sub(r"#\\u0023", json.dumps(value, ensure_ascii=False, indent=2))
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def put_json(value: Any) -> None:
    """Print a result as JSON."""
    print_line(json_text(value))


_NARROWEST = 8


def terminal_width() -> int | None:
    """Return the columns of the terminal on stdout; None where stdout is not one."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


Paint = Callable[[str, str], str]
"""Gives a text a style, as `bold red`."""


def leave_plain(text: str, _: str) -> str:
    """Return the text as it is."""
    return text


def make_painter() -> Paint:
    """Return what colours text for stdout: nothing off a terminal, on a dumb one, or where NO_COLOR is set."""
    if not sys.stdout.isatty():
        return leave_plain
    from rich.color import ColorSystem
    from rich.console import Console
    from rich.style import Style

    console = Console()
    if console.no_color or console.color_system is None:
        return leave_plain
    return lambda text, style: Style.parse(style).render(text, color_system=ColorSystem.STANDARD)


def columns(rows: Iterable[Sequence[str]], *, limit: int | None = None, widest: int | None = None) -> list[str]:
    """Return rows as aligned lines; the widest columns give way until a line fits `limit` terminal cells.

    No column is wider than `widest` cells.
    """
    table = [make_cells_visible(row) for row in rows]
    return list(align_rows(table, measure_columns(table, limit=limit, widest=widest)))


def make_cells_visible(row: Sequence[str]) -> tuple[str, ...]:
    """Return a row whose cells show what a terminal would act on, or nobody see."""
    return tuple(map(make_visible, row))


def measure_columns(rows: Iterable[Sequence[str]], *, limit: int | None = None, widest: int | None = None) -> list[int]:
    """Return the width of each column in terminal cells, as `columns` has them, of rows that are made visible."""
    from rich.cells import cell_len

    widths: list[int] = []
    for row in rows:
        sizes = [min(size, widest or size) for size in map(cell_len, row)]
        widths = [max(pair) for pair in zip(widths, sizes, strict=True)] if widths else sizes
    while limit is not None and sum(widths) + 2 * (len(widths) - 1) > limit and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def align_rows(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """Yield rows that are made visible as lines whose columns have these widths."""
    from rich.cells import cell_len, set_cell_size

    def fit(cell: str, size: int) -> str:
        if cell_len(cell) <= size:
            return set_cell_size(cell, size)
        return set_cell_size(set_cell_size(cell, size - 1).rstrip() + "…", size)

    for row in rows:
        cells = (fit(cell, size) for cell, size in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def put_table(rows: Iterable[Sequence[str]]) -> None:
    """Print rows as aligned lines that fit the terminal, if there is one."""
    print_lines(columns(rows, limit=terminal_width()))


def put_within(margin: str, text: str) -> None:
    """Print a text behind a margin, on a terminal in lines that fit it."""
    for number, line in enumerate(_fold(text, (terminal_width() or 0) - len(margin))):
        print_line(f"{' ' * len(margin) if number else margin}{line}")


def _fold(text: str, room: int) -> Iterator[str]:
    """Yield a text in lines of so many terminal cells, folded at spaces where it has any; whole without a limit."""
    from rich.cells import cell_len, chop_cells

    line = ""
    for word in make_visible(text).split(" ") if room > 0 else [make_visible(text)]:
        if line and cell_len(line) + 1 + cell_len(word) > room > 0:
            yield line.rstrip()
            line = ""
        line = f"{line} {word}" if line else word
        while room > 0 and cell_len(line) > room:
            first = chop_cells(line, room)[0]
            yield first
            line = line[len(first) :]
    yield line


def put_beside(rows: Sequence[tuple[str, str]]) -> None:
    """Print names, each with its text beside it; what does not fit the terminal goes on below."""
    from rich.cells import cell_len, set_cell_size

    size = max((cell_len(make_visible(name)) for name, _ in rows), default=0)
    for name, text in rows:
        for number, line in enumerate(_fold(text, (terminal_width() or 0) - size - 2)):
            print_line(f"{set_cell_size('' if number else make_visible(name), size)}  {line}".rstrip())
