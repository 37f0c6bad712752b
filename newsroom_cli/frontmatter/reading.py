"""Text -> story, strictly.

Through `python-frontmatter` with a handler of ours, because the library alone answers `{}` to what it cannot read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import frontmatter
import yaml
from frontmatter.default_handlers import BaseHandler
from pydantic import ValidationError
from yaml import cyaml

from newsroom_cli.frontmatter.diagnosis import fail, of_control, of_yaml
from newsroom_cli.model import Metadata, Mistyped, Story, place_of

_FENCE = "---"
_MAX_DEPTH = 16
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]",
)
_CONFLICT = re.compile(r"^(?:<<<<<<< |=======$|>>>>>>> )", re.MULTILINE)
_NULLS = frozenset(("", "~", "null"))
_VALUES = frozenset((yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent))
_CLOSING = re.compile(r"^---\r?$", re.MULTILINE)


@dataclass(slots=True)
class KeyPlace:
    """Where one top-level key stands, as offsets into the text.

    `end` is where YAML's own value ends, `value_end` its last character that is no white space.
    """

    start: int
    value_start: int
    value_end: int
    end: int
    block: bool


class StrictHandler(BaseHandler):
    """Reads one story for `frontmatter.parse`, from the untouched text it carries itself."""

    FM_BOUNDARY = re.compile(r"^---$", re.MULTILINE)

    def __init__(self, path: str, text: str) -> None:
        super().__init__()
        self.path = path
        self.original = text
        self.start = self.end = self.body_start = 0
        self._seen: dict[str, tuple[Any, Any, int]] = {}
        self._braces = False
        self._escapes = "\\" in text

    def split(self, text: str) -> tuple[str, str]:
        """Find the fences in the original text; `text` has been stripped and is not looked at."""
        del text
        self.start, self.end, self.body_start = _fences(self.path, self.original)
        return self.original[self.start : self.end], ""

    def load(self, fm: str) -> dict[str, Any]:
        """Read the front matter as text values, noting where each key stands."""
        if found := _CONTROL.search(fm):
            self._stop(found.start(), "control-character", *of_control(found[0]))
        if found := _CONFLICT.search(fm):
            hint = "Keep one side, take the marks out, then save."
            self._stop(found.start(), "conflict-marker", "a merge conflict was left in the front matter.", hint)
        events = self._events(fm)
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            return {}
        top = next(events)
        if isinstance(top, yaml.ScalarEvent):
            self._not_yaml(fm, _start(top), "plain text, not keys")
        if not isinstance(top, yaml.MappingStartEvent):
            hint = "Write one `key: value` a line."
            self._stop(_start(top), "front-matter-not-keys", "the front matter is a list, not keys.", hint)
        fields, _ = self._mapping(events, top, depth=1)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._stop(_start(event), "yaml-syntax", "a second document starts here.", "Take `...` out.")
        return fields

    @property
    def offsets(self) -> dict[str, int]:
        """Where each top-level key stands in the text."""
        return {key: self.start + _start(event) for key, (event, _, _) in self._seen.items()}

    @property
    def keys(self) -> dict[str, KeyPlace]:
        """Where each top-level key and its value stand; none in a mapping written in braces."""
        return {} if self._braces else {key: self._key(*seen) for key, seen in self._seen.items()}

    def _stop(self, index: int, rule: str, message: str, hint: str) -> NoReturn:
        fail(self.path, rule, place_of(self.original, self.start + index), message, hint)

    def _not_yaml(self, fm: str, index: int, problem: str) -> NoReturn:
        index, message, hint = of_yaml(fm, index, problem)
        self._stop(index, "yaml-syntax", message, hint)

    def _events(self, fm: str) -> Iterator[Any]:
        try:
            next_event: Callable[[], Any] = cyaml.CParser(fm).get_event  # type: ignore[attr-defined]  # types-PyYAML leaves it out
            while (event := next_event()) is not None:
                kind = type(event)
                if kind is yaml.AliasEvent or (kind in _VALUES and (event.anchor is not None or event.tag is not None)):
                    self._no_alias_no_tag(event)
                yield event
        except yaml.YAMLError as error:
            mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            index = mark.index if mark is not None else getattr(error, "position", 0) or 0
            self._not_yaml(fm, min(index, len(fm)), str(getattr(error, "problem", "") or error))

    def _no_alias_no_tag(self, event: Any) -> NoReturn:
        if event.anchor is not None:
            hint = "Write the value out, or put it in quotes if it begins with & or *."
            self._stop(_start(event), "yaml-alias", "anchors and aliases (& and *) are not read.", hint)
        hint = "Take the tag away; put the value in quotes if it begins with an exclamation mark."
        self._stop(_start(event), "yaml-tag", "tags (!) are not read.", hint)

    def _mapping(self, events: Iterator[Any], start: Any, *, depth: int) -> tuple[dict[str, Any], int]:
        """A mapping's values by key, and the offset its last character ends at."""
        fields: dict[str, Any] = {}
        end = _end(start)
        if depth == 1:
            self._braces = bool(start.flow_style)
        for event in events:
            kind = type(event)
            if kind is yaml.MappingEndEvent:
                return fields, _end(event) if start.flow_style else end
            if kind is not yaml.ScalarEvent:
                hint = "A key is one word or more, then a colon."
                self._stop(_start(event), "yaml-syntax", "a list or mapping stands as a key.", hint)
            key = event.value
            if key in fields:
                message, hint = f"the key {key} stands twice.", "Keep one of the two."
                self._stop(_start(event), "duplicate-key", message, hint)
            if key in _NULLS and not event.style:
                self._stop(_start(event), "yaml-syntax", "a key has no name.", "Write its name.")
            value = next(events)
            fields[key], end = self._value(events, value, depth=depth)
            if depth == 1:
                self._seen[key] = (event, value, end)
        return fields, end

    def _value(self, events: Iterator[Any], event: Any, *, depth: int) -> tuple[Any, int]:
        """The value an event begins, and the offset its last character ends at."""
        if type(event) is yaml.ScalarEvent:
            value = event.value
            if self._escapes and (found := _CONTROL.search(value)):
                self._stop(_start(event), "control-character", *of_control(found[0]))
            return (None if value in _NULLS and not event.style else value), _end(event)
        if depth >= _MAX_DEPTH:
            hint = "A story's keys need two or three levels."
            self._stop(_start(event), "yaml-syntax", "lists or mappings are nested too deeply.", hint)
        if type(event) is yaml.MappingStartEvent:
            return self._mapping(events, event, depth=depth + 1)
        items, end = [], _end(event)
        while type(item := next(events)) is not yaml.SequenceEndEvent:
            value, end = self._value(events, item, depth=depth + 1)
            items.append(value)
        return items, _end(item) if event.flow_style else end

    def _key(self, key: Any, value: Any, end: int) -> KeyPlace:
        colon = self.original.find(":", self.start + _end(key)) + 1
        value_end = self.start + end
        while value_end > colon and self.original[value_end - 1] in " \t\r\n":
            value_end -= 1
        block = (not isinstance(value, yaml.ScalarEvent) and not value.flow_style) or (
            isinstance(value, yaml.ScalarEvent) and value.style in ("|", ">")
        )
        return KeyPlace(self.start + _start(key), colon, max(colon, value_end), self.start + end, block)


def _start(event: Any) -> int:
    return int(event.start_mark.index)


def _end(event: Any) -> int:
    return int(event.end_mark.index)


def _fences(path: str, text: str) -> tuple[int, int, int]:
    """Offsets of the front matter's start and end and of the body's start."""
    if text.startswith("\ufeff"):
        fail(
            path, "byte-order-mark", (1, 1), "the file starts with a byte order mark.", "Save it as UTF-8 without BOM."
        )
    lone = re.search("\r(?!\n)", text) if "\r" in text else None
    first = text.split("\n", 1)[0].removesuffix("\r")
    if first != _FENCE:
        if lone and text.startswith(_FENCE + "\r"):
            fail(path, "line-ends", (1, 4), "lines end with CR alone.", "Save it with LF (Unix) line ends.")
        hint = "Put a line of exactly `---` above and below the keys; `story adopt` fills in the rest."
        if first.startswith("+++"):
            hint = "This is TOML front matter; write the keys as YAML between two lines of `---`."
        elif first.strip() == _FENCE:
            hint = "The first line must be `---` and nothing else, no space."
        fail(path, "front-matter-missing", (1, 1), "there is no front matter.", hint)
    start = text.find("\n") + 1
    closing = _CLOSING.search(text, start) if start else None
    if closing is None:
        hint = "Put a line of exactly `---` behind the last key."
        fail(path, "front-matter-unclosed", (1, 1), "the front matter is never closed.", hint)
    if lone:
        place = place_of(text, lone.start())
        fail(path, "line-ends", place, "a line ends with CR alone.", "Save it with LF (Unix) line ends.")
    end = closing.end()
    return start, closing.start(), end + 1 if end < len(text) else end


def decode(path: str, content: bytes) -> str:
    """Read bytes as UTF-8 text; raises Unreadable with offset, byte and place."""
    if b"\0" in content:
        before = content[: content.index(b"\0")]
        place = (before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1)
        hint = (
            "Save it as UTF-8."
            if content[:2] in (b"\xff\xfe", b"\xfe\xff") or content[1:2] == b"\0"
            else "Take it out."
        )
        fail(path, "nul-byte", place, "a NUL byte stands here.", hint)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
        message = f"byte {content[error.start]:#04x} at offset {error.start} is not UTF-8."
        fail(path, "not-utf-8", (before.count(b"\n") + 1, column), message, "Save it as UTF-8.")


def read(path: str, content: bytes) -> Story:
    """Parse one story; raises Unreadable with exactly one finding when it cannot be read."""
    text = decode(path, content)
    return parse(path, text)[0]


def parse(path: str, text: str) -> tuple[Story, StrictHandler]:
    """Parse one story's text, with the handler that knows where its keys stand; raises Unreadable."""
    handler = StrictHandler(path, text)
    fields, _ = frontmatter.parse(text, handler=handler)
    metadata, mistyped = _typed(fields)
    body = text[handler.body_start :]
    body_line = text.count("\n", 0, handler.body_start) + 1
    return Story(path, text, fields, handler.offsets, body, body_line, metadata, mistyped), handler


def _typed(fields: dict[str, Any]) -> tuple[Metadata, tuple[Mistyped, ...]]:
    """Give known keys their types; a key that does not fit is left out and named."""
    try:
        return Metadata.model_validate(fields), ()
    except ValidationError as error:
        wrong: dict[str, str] = {}
        for problem in error.errors():
            reason = problem["msg"].removeprefix("Value error, ")
            wrong.setdefault(str(problem["loc"][0]), reason[:1].lower() + reason[1:])
    rest = {key: value for key, value in fields.items() if key not in wrong}
    return Metadata.model_validate(rest), tuple(Mistyped(*pair) for pair in wrong.items())


def with_fields(story: Story, changes: Mapping[str, Any]) -> Story:
    """The story as it would be with other values of some keys (None takes one away); text and places stay."""
    fields = {key: value for key, value in {**story.fields, **changes}.items() if value is not None}
    metadata, mistyped = _typed(fields)
    return Story(story.path, story.text, fields, story.offsets, story.body, story.body_line, metadata, mistyped)
