"""Values -> YAML, as front matter writes them: so that every YAML reader gets the same text back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
"""A time as `story` writes it; it needs no quotes, since every YAML reader takes it for a time or a text."""
_BREAKS = re.compile("[\n\r\x85\u2028\u2029]")


def as_text(value: Any) -> Any:
    """Return a value with every scalar as its text, as the reader gives it; null stays."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return {str(key): as_text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_text(item) for item in value]
    return value if value is None else str(value)


def render(value: Any, newline: str = "\n", indent: str = "") -> str:
    """Write a value as it stands behind `key:`, with its leading space; a list of scalars is one line."""
    if isinstance(value, Mapping) and value:
        rows = (f"{_render_scalar(str(key))}:{render(item, newline, indent + '  ')}" for key, item in value.items())
        return "".join(f"{newline}{indent}  {row}" for row in rows)
    if isinstance(value, (list, tuple)) and not all(item is None or isinstance(item, (str, int)) for item in value):
        return "".join(f"{newline}{indent}  -{_render_item(item, newline, indent + '  ')}" for item in value)
    if isinstance(value, (list, tuple)):
        return " [" + ", ".join(_render_scalar(item, flow=True) for item in value) + "]"
    return " {}" if isinstance(value, Mapping) else " " + _render_scalar(value)


def _render_item(value: Any, newline: str, indent: str) -> str:
    """Write an item behind its dash; a mapping's first key stands beside it."""
    below = render(value, newline, indent)
    return " " + below[len(newline) + len(indent) + 2 :] if below.startswith(newline) else below


def _render_scalar(value: Any, *, flow: bool = False) -> str:
    if not isinstance(value, str):
        return "null" if value is None else str(as_text(value))
    if _TIME.fullmatch(value):
        return value
    if _BREAKS.search(value):
        return _BREAKS.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))
    sample: Any = [value] if flow else value
    text = yaml.safe_dump(sample, allow_unicode=True, width=10**9, default_flow_style=True).rstrip("\n")
    text = text.removesuffix("\n...")
    return text[1:-1] if flow else text
