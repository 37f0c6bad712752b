"""What a story's content is, as one number: the content hash that entries name."""

from __future__ import annotations

import hashlib
import json

from newsroom_cli.model import NOT_CONTENT, Story

_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def content_hash(story: Story) -> str:
    """SHA-256 of a story's content: `sha256:` and 64 hexadecimal digits.

    Over canonical JSON (sorted keys, UTF-8, no spaces, scalars as text) of the content keys that are not null,
    a newline, and the body with LF and exactly one final newline.
    """
    content = {key: value for key, value in story.fields.items() if value is not None and key not in NOT_CONTENT}
    head = _JSON.encode(content)
    body = story.body.replace("\r\n", "\n").rstrip("\n") + "\n"
    return "sha256:" + hashlib.sha256(f"{head}\n{body}".encode()).hexdigest()
