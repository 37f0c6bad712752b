"""Story -> text: changes only the lines of the keys that change, then reads the result back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from newsroom_cli.frontmatter.diagnosis import fail
from newsroom_cli.frontmatter.reading import StrictHandler, parse
from newsroom_cli.model import KEY_ORDER, Story


_PLACEHOLDER = re.compile(r"\A[ \t]+# (?:required from|written by story) [\w-]+[ \t]*(?=\r?\n)")
"""The comment that `story new` puts behind an empty key; it goes when the key is filled."""


def edit(story: Story, changes: Mapping[str, Any]) -> Story:
    """The story with some keys changed, touching only their lines; None takes a key's line away.

    Values are text, numbers, True, lists or mappings. Comments, order, quotes, line ends and a missing final
    newline stay. The result is read back; raises Unreadable when it is not the old story plus the change.
    """
    wanted = {**story.fields}
    text = story.text
    for key, value in changes.items():
        if value is None:
            wanted.pop(key, None)
        else:
            wanted[key] = _as_text(value)
        text = _change(story.path, text, key, value)
    result, _ = parse(story.path, text)
    kept = {key: value for key, value in result.fields.items() if value is not None}
    if kept != {key: value for key, value in wanted.items() if value is not None} or result.body != story.body:
        hint = "Write the front matter as one plain `key: value` a line, then try again."
        fail(story.path, "not-editable", (1, 1), "the front matter cannot be changed line by line.", hint)
    return result


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return {str(key): _as_text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_text(item) for item in value]
    return value if value is None else str(value)


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
    if where.block:
        comment = re.match(r"[^\S\n]*#[^\n]*", text[where.value_start :])
        if comment is not None:
            rest = comment[0].rstrip("\r") + rest
    return text[: where.value_start] + render(value, newline) + rest


def _line_end(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _insert(text: str, handler: StrictHandler, line: str, key: str) -> str:
    before = KEY_ORDER[: KEY_ORDER.index(key)] if key in KEY_ORDER else tuple(handler.keys)
    present = [handler.keys[name].value_end for name in before if name in handler.keys]
    top = handler.start if key in KEY_ORDER else handler.end
    at = _line_end(text, max(present)) if present else top
    return text[:at] + line + text[at:]


def render(value: Any, newline: str = "\n") -> str:
    """A value as it stands behind `key:`, with its leading space; lists of texts on one line, mappings below."""
    if isinstance(value, Mapping) or (isinstance(value, (list, tuple)) and any(not _is_scalar(v) for v in value)):
        block = yaml.safe_dump(_as_text(value), allow_unicode=True, sort_keys=False, width=10**9)
        return newline + newline.join("  " + line for line in block.splitlines())
    if isinstance(value, (list, tuple)):
        return " [" + ", ".join(_scalar(item, flow=True) for item in value) + "]"
    return " " + _scalar(value)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, int))


def _scalar(value: Any, *, flow: bool = False) -> str:
    if not isinstance(value, str):
        return str(_as_text(value))
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", value):
        return value
    sample: Any = [value] if flow else value
    text = yaml.safe_dump(sample, allow_unicode=True, width=10**9, default_flow_style=True).rstrip("\n")
    text = text.removesuffix("\n...")
    if "\n" in text:
        return json.dumps(value, ensure_ascii=False)
    return text[1:-1] if flow else text
