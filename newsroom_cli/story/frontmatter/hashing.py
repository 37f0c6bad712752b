"""The content hash of a story, which ledger entries name: one number for its words and content keys."""

from __future__ import annotations

import hashlib
from typing import Any

from pydantic_core import to_json

from newsroom_cli.model import NOT_CONTENT, Story


def content_hash(story: Story) -> str:
    """Hash a story's content with SHA-256; returns `sha256:` and 64 hexadecimal digits.

    Over canonical JSON (sorted keys, UTF-8, no spaces, scalars as text) of the content keys that are not null,
    a newline, and the body with LF and exactly one final newline.
    """
    fields = story.fields
    content = {key: _sort_keys(fields[key]) for key in sorted(fields.keys() - NOT_CONTENT) if fields[key] is not None}
    body = story.body.replace("\r\n", "\n").rstrip("\n") + "\n"
    return "sha256:" + hashlib.sha256(to_json(content) + b"\n" + body.encode()).hexdigest()


def _sort_keys(value: Any) -> Any:
    """Sort the keys of every mapping in a value."""
    if isinstance(value, dict):
        return {key: _sort_keys(value[key]) for key in sorted(value)}
    return list(map(_sort_keys, value)) if isinstance(value, list) else value
