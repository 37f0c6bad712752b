"""Story -> text: changes only the lines of the keys that change, then reads the result back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from newsroom_cli.errors import Unreadable
from newsroom_cli.model import KEY_ORDER, Story
from newsroom_cli.story.frontmatter.diagnosis import fail
from newsroom_cli.story.frontmatter.reading import StrictHandler, parse
from newsroom_cli.story.frontmatter.rendering import as_text, render

_PLACEHOLDER = re.compile(r"\A[ \t]+# (?:required from|written by story) [\w-]+[ \t]*(?=\r?\n)")
"""The comment that `story new` puts behind an empty key; it goes when the key is filled."""

_HEAD_COMMENT = re.compile(r"(?:[^\S\n]*[|>][-+0-9]*)?([^\S\n]+#[^\n]*)")
"""The comment behind a key whose value stands in the lines below."""


def edit(story: Story, changes: Mapping[str, Any]) -> Story:
    """Change some keys of a story, touching only their lines; None takes a key's line away.

    Values are text, numbers, True, lists or mappings. Comments, order, quotes, line ends and a missing final
    newline stay. The result is read back; raises Unreadable when it is not the old story plus the change.
    """
    wanted = {**story.fields}
    text = story.text
    for key, value in changes.items():
        if value is None:
            wanted.pop(key, None)
        else:
            wanted[key] = as_text(value)
        text = _change(story.path, text, key, value)
    try:
        result, _ = parse(story.path, text)
    except Unreadable:
        result = story
    kept = {key: value for key, value in result.fields.items() if value is not None}
    if kept != {key: value for key, value in wanted.items() if value is not None} or result.body != story.body:
        hint = "Write the front matter as one plain `key: value` a line, then try again."
        fail(story.path, "not-editable", (1, 1), "the front matter cannot be changed line by line.", hint)
    return result


def _change(path: str, text: str, key: str, value: Any) -> str:
    _, handler = parse(path, text)
    newline = "\r\n" if text[: handler.start].endswith("\r\n") else "\n"
    where = handler.keys.get(key)
    if where is None:
        return text if value is None else _insert(text, handler, f"{key}:{render(value, newline)}{newline}", key)
    if value is None:
        return text[: where.start] + text[_line_end(text, where.value_end) :]
    rest = text[where.value_end :]
    if where.value_start == where.value_end:
        rest = _PLACEHOLDER.sub("", rest, count=1)
    if where.block and (comment := _HEAD_COMMENT.match(text, where.value_start)):
        rest = comment[1].rstrip("\r") + rest
    return text[: where.value_start] + render(value, newline) + rest


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1


def _insert(text: str, handler: StrictHandler, line: str, key: str) -> str:
    """Put a key's line behind the last of those that come before it, as far in as they are."""
    before = KEY_ORDER[: KEY_ORDER.index(key)] if key in KEY_ORDER else tuple(handler.keys)
    present = [handler.keys[name] for name in before if name in handler.keys]
    first = min((place.start for place in handler.keys.values()), default=handler.start)
    indent = text[text.rfind("\n", 0, first) + 1 : first]
    if present:
        last = max(present, key=lambda place: place.start)
        at = last.end if last.block and text[last.end - 1 : last.end] == "\n" else _line_end(text, last.value_end)
    else:
        at = handler.start if key in KEY_ORDER else handler.end
    return text[:at] + (indent if not indent.strip() else "") + line + text[at:]
