"""The content hash of a story, which ledger entries name: one number for its words and content keys."""

from __future__ import annotations

import hashlib
import json

from newsroom_cli.model import NOT_CONTENT, Story

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(story: Story) -> str:
    """Hash a story's content with SHA-256; returns `sha256:` and 64 hexadecimal digits.

    Over canonical JSON (sorted keys, UTF-8, no spaces, scalars as text) of the content keys that are not null,
    a newline, and the body with LF and exactly one final newline.
    """
    fields = story.fields
    content = {key: value for key, value in fields.items() if key not in NOT_CONTENT and value is not None}
    body = story.body.replace("\r\n", "\n").rstrip("\n") + "\n"
    return "sha256:" + hashlib.sha256(f"{_CANONICAL.encode(content)}\n{body}".encode()).hexdigest()
