"""Text -> story, strictly.

Through `python-frontmatter` with a handler of ours, because the library alone answers `{}` to what it cannot read.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, NoReturn

import frontmatter
import yaml
from frontmatter.default_handlers import BaseHandler
from pydantic import ValidationError
from yaml import cyaml

from newsroom_cli.escaping import CONTROL
from newsroom_cli.model import Metadata, Story, place_of
from newsroom_cli.story.frontmatter.diagnosis import (
    PLAIN_TEXT,
    Fault,
    explain_control,
    explain_opening,
    explain_unclosed,
    explain_yaml,
    fail,
)

_NULLS = frozenset(("", "~", "null"))
"""Plain scalars that are null."""
_FENCE = "---"
_OPENED = (f"{_FENCE}\n", f"{_FENCE}\r\n")
_MAX_DEPTH = 16
_LINE_ENDS = "Save it with LF (Unix) line ends."
_CONFLICT = re.compile(r"^(?:[<>|]{7}(?: |\r?$)|={7}\r?$)", re.MULTILINE)
_CONFLICT_LEFT = (
    "a merge conflict was left in the front matter.",
    "Settle the words and take the marks out; story redo SLUG settles the ledger and its keys.",
)
_VALUES = frozenset((yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent))
_CLOSING = re.compile(r"^---\r?$", re.MULTILINE)


class KeyPlace(NamedTuple):
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

    def split(self, text: str) -> tuple[str, str]:
        """Find the fences in the original text; `text` has been stripped and is not looked at."""
        del text
        opened, closing = self._find_fences(self.original)
        self.start, self.end = opened, closing.start()
        self.body_start = min(closing.end() + 1, len(self.original))
        return self.original[self.start : self.end], ""

    def _find_fences(self, text: str) -> tuple[int, re.Match[str]]:
        """Find the offset of the front matter's start, and the fence that closes it."""
        if text.startswith("\ufeff"):
            message = "the file starts with a byte order mark."
            self._stop(0, "byte-order-mark", message, "Save it as UTF-8 without BOM.")
        lone = re.search("\r(?!\n)", text) if "\r" in text else None
        if not text.startswith(_OPENED) and text.removesuffix("\r") != _FENCE:
            if lone and text.startswith(_FENCE + "\r"):
                self._stop(len(_FENCE), "line-ends", "lines end with CR alone.", _LINE_ENDS)
            if _CONFLICT.match(text):
                self._stop(0, "conflict-marker", *_CONFLICT_LEFT)
            self._stop(0, "front-matter-missing", "there is no front matter.", explain_opening(text))
        start = text.find("\n") + 1
        closing = _CLOSING.search(text, start) if start else None
        if closing is None:
            if conflict := _CONFLICT.search(text, start):
                self._stop(conflict.start(), "conflict-marker", *_CONFLICT_LEFT)
            index, message, hint = explain_unclosed(text, start)
            self._stop(index, "front-matter-unclosed", message, hint)
        if lone:
            self._stop(lone.start(), "line-ends", "a line ends with CR alone.", _LINE_ENDS)
        return start, closing

    def load(self, fm: str) -> dict[str, Any]:
        """Read the front matter as text values, noting where each key stands."""
        if match := CONTROL.search(fm):
            self._stop(match.start(), "control-character", *explain_control(match[0]))
        if match := _CONFLICT.search(fm):
            self._stop(match.start(), "conflict-marker", *_CONFLICT_LEFT)
        events = self._events(fm)
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            return {}
        top = next(events)
        if isinstance(top, yaml.ScalarEvent):
            self._not_yaml(Fault(fm, _start(top), PLAIN_TEXT))
        if not isinstance(top, yaml.MappingStartEvent):
            hint = "Write one `key: value` a line."
            self._stop(_start(top), "front-matter-not-keys", "the front matter is a list, not keys.", hint)
        fields, _ = self._read_mapping(events, top, depth=1)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                hint = "Write exactly `---` if the front matter ends here; else take the line out."
                self._stop(_start(event), "yaml-syntax", "a second document starts here.", hint)
        return fields

    @property
    def offsets(self) -> dict[str, int]:
        """Where each top-level key stands in the text."""
        return {key: self.start + _start(event) for key, (event, _, _) in self._seen.items()}

    @property
    def keys(self) -> dict[str, KeyPlace]:
        """Where each top-level key and its value stand; none in a mapping written in braces."""
        return {} if self._braces else {key: self._place_key(*seen) for key, seen in self._seen.items()}

    def _stop(self, index: int, rule: str, message: str, hint: str) -> NoReturn:
        fail(self.path, rule, place_of(self.original, self.start + index), message, hint)

    def _not_yaml(self, fault: Fault) -> NoReturn:
        index, message, hint = explain_yaml(fault)
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
            self._not_yaml(_make_fault(fm, error))

    def _no_alias_no_tag(self, event: Any) -> NoReturn:
        if event.anchor is not None:
            hint = "Write the value out, or put it in quotes if it begins with & or *."
            self._stop(_start(event), "yaml-alias", "anchors and aliases (& and *) are not read.", hint)
        hint = "Take the tag away; put the value in quotes if it begins with an exclamation mark."
        self._stop(_start(event), "yaml-tag", "tags (!) are not read.", hint)

    def _read_mapping(self, events: Iterator[Any], start: Any, *, depth: int) -> tuple[dict[str, Any], int]:
        """Read a mapping into its values by key, and return the offset its last character ends at with them."""
        fields: dict[str, Any] = {}
        end = _end(start)
        if depth == 1:
            self._braces = bool(start.flow_style)
        for event in events:
            kind = type(event)
            if kind is yaml.MappingEndEvent:
                return fields, _end(event) if start.flow_style else end
            if kind is not yaml.ScalarEvent:
                fm = self.original[self.start : self.end]
                self._not_yaml(Fault(fm, _start(event), "a list or mapping stands as a key"))
            key = event.value
            if key in fields:
                message, hint = f"the key {key} stands twice.", "Keep one of the two."
                self._stop(_start(event), "duplicate-key", message, hint)
            if key in _NULLS and not event.style:
                self._stop(_start(event), "yaml-syntax", "a key has no name.", "Write its name.")
            if key == "<<" and not event.style:
                hint = "Write the keys themselves."
                self._stop(_start(event), "yaml-alias", "merge keys (<<) are not read.", hint)
            value = next(events)
            fields[key], end = self._read_value(events, value, depth=depth)
            if depth == 1:
                self._seen[key] = (event, value, end)
        return fields, end

    def _read_value(self, events: Iterator[Any], event: Any, *, depth: int) -> tuple[Any, int]:
        """Read the value an event begins, and return the offset its last character ends at with it."""
        if type(event) is yaml.ScalarEvent:
            value = event.value
            if match := CONTROL.search(value):
                self._stop(_start(event), "control-character", *explain_control(match[0]))
            return (None if value in _NULLS and not event.style else value), _end(event)
        if depth >= _MAX_DEPTH:
            hint = "A story's keys need two or three levels."
            self._stop(_start(event), "yaml-syntax", "lists or mappings are nested too deeply.", hint)
        if type(event) is yaml.MappingStartEvent:
            return self._read_mapping(events, event, depth=depth + 1)
        items, end = [], _end(event)
        while type(item := next(events)) is not yaml.SequenceEndEvent:
            value, end = self._read_value(events, item, depth=depth + 1)
            items.append(value)
        return items, _end(item) if event.flow_style else end

    def _place_key(self, key: Any, value: Any, end: int) -> KeyPlace:
        colon = self.original.find(":", self.start + _end(key)) + 1
        value_end = self.start + end
        while value_end > colon and self.original[value_end - 1] in " \t\r\n":
            value_end -= 1
        block = (not isinstance(value, yaml.ScalarEvent) and not value.flow_style) or (
            isinstance(value, yaml.ScalarEvent) and value.style in ("|", ">")
        )
        return KeyPlace(self.start + _start(key), colon, max(colon, value_end), self.start + end, block)


def _make_fault(fm: str, error: yaml.YAMLError) -> Fault:
    """Make a Fault of a YAML error, with the last scalar that was read before it."""
    context: Any = getattr(error, "context_mark", None)
    mark: Any = getattr(error, "problem_mark", None) or context
    index = min(mark.index if mark is not None else getattr(error, "position", 0) or 0, len(fm))
    opened = -1 if context is None else context.index
    last = None
    with contextlib.suppress(yaml.YAMLError):
        for event in yaml.parse(fm, Loader=yaml.CSafeLoader):
            last = event if type(event) is yaml.ScalarEvent else last
    problem = str(getattr(error, "problem", "") or error)
    return Fault(fm, index, problem, getattr(error, "context", None) or "", opened, last)


def _start(event: Any) -> int:
    return int(event.start_mark.index)


def _end(event: Any) -> int:
    return int(event.end_mark.index)


def decode(path: str, content: bytes) -> str:
    """Read bytes as UTF-8 text; raises Unreadable with offset, byte, place and the likely encoding."""
    text: str | None = None
    with contextlib.suppress(UnicodeDecodeError):
        text = content.decode("utf-8")
    if text is None or "\0" in text:
        from newsroom_cli.story.frontmatter.encodings import find_offence

        offset, rule, message, hint = find_offence(content)
        before = content[:offset].decode("utf-8")
        fail(path, rule, place_of(before, len(before)), message, hint)
    return text


def read_story(path: str, content: bytes) -> Story:
    """Parse one story; raises Unreadable with exactly one finding when it cannot be read."""
    return parse(path, decode(path, content))[0]


def parse(path: str, text: str) -> tuple[Story, StrictHandler]:
    """Parse one story's text, with the handler that knows where its keys stand; raises Unreadable."""
    handler = StrictHandler(path, text)
    fields, _ = frontmatter.parse(text, handler=handler)
    metadata, mistyped = _give_types(fields)
    body, body_line = text[handler.body_start :], text.count("\n", 0, handler.body_start) + 1
    return Story(path, text, fields, handler.offsets, body, body_line, metadata, mistyped), handler


_REASONS = {"string_type": "must be text"}
"""Our words in place of pydantic's own, by the type of its error."""


def _give_types(fields: dict[str, Any]) -> tuple[Metadata, dict[str, str]]:
    """Give known keys their types; a key that does not fit is left out, and named with the reason."""
    try:
        return Metadata.model_validate(fields), {}
    except ValidationError as error:
        wrong: dict[str, str] = {}
        for problem in error.errors():
            reason = _REASONS.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
            wrong.setdefault(str(problem["loc"][0]), reason[:1].lower() + reason[1:])
    rest = {key: value for key, value in fields.items() if key not in wrong}
    return Metadata.model_validate(rest), wrong


def with_fields(story: Story, changes: Mapping[str, Any]) -> Story:
    """Return the story with other values of some keys (None takes one away); text and places stay as they are."""
    fields = {key: value for key, value in {**story.fields, **changes}.items() if value is not None}
    metadata, mistyped = _give_types(fields)
    return Story(story.path, story.text, fields, story.offsets, story.body, story.body_line, metadata, mistyped)
