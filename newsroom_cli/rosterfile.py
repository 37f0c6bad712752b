"""The roster in its file: a person put into TOML text, or taken out of it, every other byte as it was.

Lines are put in and taken out; the result is parsed again and must say what was said before, but for the one person.
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
        """The text with one more person at the end of the roster; raises CannotRun where it cannot be put in."""
        return self._checked([*self._people, dict(person)], self._added(person))

    def without(self, number: int) -> str:
        """The text without one person (from 0); raises CannotRun where they cannot be taken out."""
        return self._checked(self._people[:number] + self._people[number + 1 :], self._taken_out(number))

    @property
    def _people(self) -> list[Any]:
        content: Any = tomllib.loads(self.text)
        for name in self.table:
            content = content.get(name, {})
        return list(content.get("people", []))

    @property
    def _lines(self) -> list[str]:
        return re.findall(r"[^\n]*\n|[^\n]+", self.text)

    @property
    def _end(self) -> str:
        """How lines end here."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def _added(self, person: Mapping[str, Any]) -> str:
        lines, where = self._lines, (*self.table, "people")
        blocks = list(_blocks(lines, where))
        if not blocks and (array := _Array.find(self.text, self.table)):
            return array.with_element(_inline(person), self._end)
        if not blocks and self.table:
            blocks = list(_blocks(lines, self.table, below=True))
        at = blocks[-1].stop if blocks else len(lines)
        block = [f"[[{'.'.join(where)}]]", *(f"{key} = {_value(value)}" for key, value in person.items())]
        before = lines[:at]
        if before and not before[-1].endswith("\n"):
            block.insert(0, "")
        if any(line.strip() for line in before) and before[-1].strip():
            block.insert(0, "")
        if at < len(lines) and lines[at].strip():
            block.append("")
        return "".join([*before, *(f"{line}{self._end}" for line in block), *lines[at:]])

    def _taken_out(self, number: int) -> str:
        lines = self._lines
        blocks = list(_blocks(lines, (*self.table, "people")))
        if not blocks and (array := _Array.find(self.text, self.table)):
            return array.without_element(number)
        if number >= len(blocks):
            raise self._not_ours()
        start, stop = blocks[number].start, blocks[number].stop
        rest = next((n for n in range(stop, len(lines)) if lines[n].strip()), len(lines))
        if rest == len(lines):
            while start and not lines[start - 1].strip():
                start -= 1
        elif start == 0 or not lines[start - 1].strip():
            stop = rest
        return "".join(lines[:start] + lines[stop:])

    def _checked(self, people: list[Any], text: str) -> str:
        """The text, when it parses to what the file said before but for its people."""
        wanted = tomllib.loads(self.text)
        holder: Any = wanted
        for name in self.table:
            holder = holder.setdefault(name, {})
        holder["people"] = people
        try:
            found: Any = tomllib.loads(text)
        except ValueError:
            raise self._not_ours() from None
        holder = found
        for name in self.table:
            holder = holder.get(name, {})
        if isinstance(holder, dict):
            holder.setdefault("people", [])
        if _sorted(found) != _sorted(wanted):
            raise self._not_ours()
        return text

    def _not_ours(self) -> CannotRun:
        where = ".".join((*self.table, "people"))
        return CannotRun(
            f"{self.path}: its people are written in a way that `story` does not edit.",
            f"Change its [[{where}]] by hand, and commit that on its own.",
        )


def _sorted(content: Any) -> str:
    """Parsed TOML as a text that is equal where the content is; the order of a table's keys does not count."""
    if isinstance(content, dict):
        return "{" + ",".join(f"{key!r}:{_sorted(value)}" for key, value in sorted(content.items())) + "}"
    if isinstance(content, list):
        return "[" + ",".join(map(_sorted, content)) + "]"
    return f"{type(content).__name__} {content!r}"


def _value(value: Any) -> str:
    """A text, a list or a table as TOML; JSON's escapes are TOML's."""
    if isinstance(value, Mapping):
        return _inline(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(str(value), ensure_ascii=False)


def _inline(table: Mapping[str, Any]) -> str:
    return f"{{ {', '.join(f'{key} = {_value(value)}' for key, value in table.items())} }}"


def _header(line: str) -> Table | None:
    """The path of a `[table]` or `[[table]]` line; None for any other line."""
    if not line.lstrip().startswith("["):
        return None
    try:
        content: Any = tomllib.loads(line)
    except ValueError:
        return None
    path: list[str] = []
    while content:
        content = content[0] if isinstance(content, list) else content
        if content:
            name, content = next(iter(content.items()))
            path.append(name)
    return tuple(path)


def _blocks(lines: Sequence[str], where: Table, *, below: bool = False) -> Iterator[range]:
    """The lines of each table at a path, with the tables inside it; `below` takes every table inside as one more."""
    headers = [(number, path) for number, line in enumerate(lines) if (path := _header(line)) is not None]
    for place, (number, path) in enumerate(headers):
        if path == where or (below and path[: len(where)] == where):
            inside = (n for n, other in headers[place + 1 :] if other == path or other[: len(path)] != path)
            yield range(number, _end_of(lines, number, next(inside, len(lines))))


def _end_of(lines: Sequence[str], start: int, stop: int) -> int:
    """Where a table ends: behind its last key and the comments right below, but for those of the next table."""
    last = max(n for n in range(start, stop) if lines[n].strip() and not lines[n].lstrip().startswith("#"))
    end = last + 1
    while end < stop and lines[end].lstrip().startswith("#"):
        end += 1
    return last + 1 if end == stop < len(lines) else end


@dataclass(frozen=True)
class _Array:
    """A roster written as `people = [{…}, …]`: where the list begins and where each person stands in it."""

    text: str
    first: int
    elements: tuple[range, ...]

    @classmethod
    def find(cls, text: str, table: Table) -> _Array | None:
        """The list in the table it belongs to; None where there is none, or it is not written so."""
        above: Table = ()
        at = 0
        for line in re.findall(r"[^\n]*\n|[^\n]+", text):
            above = header if (header := _header(line)) is not None else above
            opened = re.match(r"[ \t]*people[ \t]*=[ \t]*\[", line)
            if opened and above == table:
                return cls._from(text, at + opened.end())
            at += len(line)
        return None

    @classmethod
    def _from(cls, text: str, first: int) -> _Array | None:
        end = _closed(text, first - 1, "]")
        if end is None:
            return None
        elements: list[range] = []
        at = first
        while (found := re.compile(r"(?:[\s,]|#[^\n]*)*\{").match(text, at, end)) is not None:
            closed = _closed(text, found.end() - 1, "}")
            if closed is None:
                return None
            elements.append(range(found.end() - 1, closed))
            at = closed
        return cls(text, first, tuple(elements))

    def with_element(self, element: str, newline: str) -> str:
        """The text with one more person at the list's end, on a line of their own where the others have one."""
        if not self.elements:
            return self.text[: self.first] + element + self.text[self.first :]
        one = self.elements[-1]
        above = self._indent(one)
        rest = _REST.match(self.text, one.stop)
        if above is None or rest is None:
            return f"{self.text[: one.stop]}, {element}{self.text[one.stop :]}"
        comma = "," if rest[1] else ""
        line = f"{'' if comma else ','}{rest[0]}{newline}{above}{element}{comma}"
        return self.text[: one.stop] + line + self.text[rest.end() :]

    def without_element(self, number: int) -> str:
        """The text without one person, their comma and, where they have a line of their own, that line."""
        one = self.elements[number]
        rest = _REST.match(self.text, one.stop)
        if (above := self._indent(one)) is not None and rest is not None:
            return self.text[: one.start - len(above)] + self.text[self.text.index("\n", rest.end()) + 1 :]
        if comma := re.compile(r"\s*,[ \t]*").match(self.text, one.stop):
            return self.text[: one.start] + self.text[comma.end() :]
        before = self.elements[number - 1].stop if number else one.start
        return self.text[:before] + self.text[one.stop :]

    def _indent(self, one: range) -> str | None:
        """What stands before a person on their line; None where that is more than blanks."""
        above = self.text[self.text.rfind("\n", 0, one.start) + 1 : one.start]
        return None if above.strip() else above


_REST = re.compile(r"[ \t]*(,?)[ \t]*(?:#[^\r\n]*)?(?=\r?\n)")
"""What may follow a person at the end of their line: a comma and a comment."""


def _closed(text: str, start: int, bracket: str) -> int | None:
    """Behind the bracket that closes the value beginning at a place, as the TOML parser itself sees it."""
    for found in re.finditer(re.escape(bracket), text[start:]):
        try:
            tomllib.loads(f"value = {text[start : start + found.end()]}")
        except ValueError:
            continue
        return start + found.end()
    return None
