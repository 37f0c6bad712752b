"""The roster in its file: a person put into TOML text, or taken out of it, every other byte as it was.

Lines are put in and taken out; the result is parsed again and must say what was said before, but for the one person.
A roster that is one value, `people = [{…}]`, is edited by hand.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsroom_cli.errors import CannotRun

Table = tuple[str, ...]
"""Where the configuration stands in its file: () in newsroom.toml, ("tool", "newsroom") in pyproject.toml."""


@dataclass(frozen=True)
class RosterFile:
    """The text of a configuration file, and the table in it that has the people."""

    path: str
    text: str
    table: Table = ()

    def with_person(self, person: Mapping[str, Any]) -> str:
        """Return the text with one more person at the end of the roster; raises CannotRun where that cannot be."""
        return self._check_result([*self._people, dict(person)], self._insert_person(person))

    def without(self, number: int) -> str:
        """Return the text without one person (from 0); raises CannotRun where they cannot be taken out."""
        return self._check_result(self._people[:number] + self._people[number + 1 :], self._remove_person(number))

    @property
    def _people(self) -> list[Any]:
        return list(self._find_table(tomllib.loads(self.text)).get("people", []))

    def _find_table(self, content: dict[str, Any]) -> dict[str, Any]:
        """Return the table that has the people in a parsed file; an empty one where it is not there."""
        for name in self.table:
            content = content.get(name, {})
        return content

    @property
    def _lines(self) -> list[str]:
        return re.findall(r"[^\n]*\n|[^\n]+", self.text)

    def _insert_person(self, person: Mapping[str, Any]) -> str:
        lines, where = self._lines, (*self.table, "people")
        blocks = list(_find_tables(lines, where))
        if not blocks and self.table:
            blocks = list(_find_tables(lines, self.table, below=True))
        at = blocks[-1].stop if blocks else len(lines)
        block = [f"[[{'.'.join(where)}]]", *(f"{key} = {_render(value)}" for key, value in person.items())]
        before = lines[:at]
        if before and not before[-1].endswith("\n"):
            block.insert(0, "")
        if before and before[-1].strip():
            block.insert(0, "")
        if at < len(lines) and lines[at].strip():
            block.append("")
        end = "\r\n" if "\r\n" in self.text else "\n"
        return "".join([*before, *(f"{line}{end}" for line in block), *lines[at:]])

    def _remove_person(self, number: int) -> str:
        lines = self._lines
        blocks = list(_find_tables(lines, (*self.table, "people")))
        if number >= len(blocks):
            raise self._refusal()
        start, stop = blocks[number].start, blocks[number].stop
        rest = next((n for n in range(stop, len(lines)) if lines[n].strip()), len(lines))
        if rest == len(lines):
            while start and not lines[start - 1].strip():
                start -= 1
        elif start == 0 or not lines[start - 1].strip():
            stop = rest
        return "".join(lines[:start] + lines[stop:])

    def _check_result(self, people: list[Any], text: str) -> str:
        """Return the text when it parses to what the file said before but for its people; raises CannotRun."""
        wanted = tomllib.loads(self.text)
        holder = wanted
        for name in self.table:
            holder = holder.setdefault(name, {})
        holder["people"] = people
        try:
            changed = tomllib.loads(text)
        except ValueError:
            raise self._refusal() from None
        self._find_table(changed).setdefault("people", [])
        if _normalise(changed) != _normalise(wanted):
            raise self._refusal()
        return text

    def _refusal(self) -> CannotRun:
        where = ".".join((*self.table, "people"))
        return CannotRun(
            f"{self.path}: its people are written in a way that `story` does not edit.",
            f"Change its [[{where}]] by hand, and commit that on its own.",
        )


def _normalise(content: Any) -> str:
    """Write parsed TOML as a text that is equal where the content is; the order of a table's keys does not count."""
    return json.dumps(content, sort_keys=True, default=repr)


def _render(value: Any) -> str:
    """Write a text, a list or a table as TOML; JSON's escapes are TOML's."""
    if isinstance(value, Mapping):
        rows = (f"{key} = {_render(item)}" for key, item in value.items())
        return f"{{ {', '.join(rows)} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_render, value))}]"
    return json.dumps(str(value), ensure_ascii=False)


def _read_header(line: str) -> Table | None:
    """Read the path of a `[table]` or `[[table]]` line; None for any other line."""
    if not line.lstrip().startswith("["):
        return None
    try:
        content: Any = tomllib.loads(line)
    except ValueError:
        return None
    path: list[str] = []
    while content not in ({}, [{}]):
        name, content = next(iter((content[0] if isinstance(content, list) else content).items()))
        path.append(name)
    return tuple(path)


def _find_tables(lines: Sequence[str], where: Table, *, below: bool = False) -> Iterator[range]:
    """Yield the lines of each table at a path, with the tables inside it; `below` counts each of those too."""
    headers = [(number, path) for number, line in enumerate(lines) if (path := _read_header(line)) is not None]
    for place, (number, path) in enumerate(headers):
        if path == where or (below and path[: len(where)] == where):
            inside = (n for n, other in headers[place + 1 :] if other == path or other[: len(path)] != path)
            yield range(number, _find_end(lines, number, next(inside, len(lines))))


def _find_end(lines: Sequence[str], start: int, stop: int) -> int:
    """Find where a table ends: behind its last key and the comments right below, but for those of the next table."""
    last = max(n for n in range(start, stop) if lines[n].strip() and not lines[n].lstrip().startswith("#"))
    end = last + 1
    while end < stop and lines[end].lstrip().startswith("#"):
        end += 1
    return last + 1 if end == stop < len(lines) else end
