"""What is in a story's way, on a screen and in JSON: `why`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newsroom_cli.model import Story
from newsroom_cli.obstacles import Obstacle
from newsroom_cli.plain import visible
from newsroom_cli.report.screen import put, put_json, width

_WIDEST = 11


def put_obstacles(story: Story, target: str, found: Sequence[Obstacle], *, as_json: bool) -> None:
    """Print what stands between a story and a state, a line each, long ones folded."""
    if as_json:
        put_json([one.as_json() for one in found])
        return
    if not found:
        put(f"{visible(story.slug)}: nothing is in the way of {visible(target)}.")
        return
    for line in _folded(story.metadata.title or story.slug, width() or 0):
        put(line)
    put(visible(f"{story.slug}, {story.metadata.state or 'no state'}; in the way of {target}:"))
    kinds = max(len(one.kind) for one in found) if found else _WIDEST
    room = (width() or 0) - kinds - 2
    for one in found:
        says = f"{one.message}: {', '.join(one.who)}" if one.who else one.message
        for number, line in enumerate(_folded(says, room)):
            put(f"{'' if number else one.kind:<{kinds}}  {line}")


def _folded(text: str, room: int) -> Iterator[str]:
    """A text in lines of so many terminal cells, folded at spaces where there are; whole where there is no limit."""
    from rich.cells import cell_len, chop_cells

    line = ""
    for word in visible(text).split(" ") if room > 0 else [visible(text)]:
        if line and cell_len(line) + 1 + cell_len(word) > room > 0:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
        while room > 0 and cell_len(line) > room:
            first = chop_cells(line, room)[0]
            yield first
            line = line[len(first) :]
    yield line
