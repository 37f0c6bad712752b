"""Reads every story and ledger: front matter by PyYAML's C loader, a pydantic model, SHA-256. One process."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel


class Picture(BaseModel):
    """One picture of `images`."""

    src: str
    alt: str | None = None
    caption: str | None = None
    credit: str | None = None


class Metadata(BaseModel):
    """A story's keys, as a short script would write them down."""

    id: str
    title: str
    slug: str
    state: str
    reporter: str | list[str]
    lang: str
    draft: bool | None = None
    editor: str | list[str] | None = None
    section: str | None = None
    description: str | None = None
    dateline: str | None = None
    source: str | dict[str, str] | None = None
    date: datetime | None = None
    lastmod: datetime | None = None
    version: int | None = None
    tags: list[str] = []
    genre: str | None = None
    urgency: int | None = None
    images: list[Picture] = []


def story(path: Path) -> tuple[str, str]:
    """The digests of one story and its ledger."""
    content = path.read_bytes()
    _, front, _ = content.decode().split("---\n", 2)
    fields: dict[str, Any] = yaml.load(front, Loader=yaml.CSafeLoader)
    one = Metadata.model_validate(fields)
    record = Path(".newsroom/ledger", one.id[:4], one.id[4:6], one.id[6:8], f"{one.id}.jsonl").read_bytes()
    return hashlib.sha256(content).hexdigest(), hashlib.sha256(record).hexdigest()


print(len([story(path) for path in sorted(Path("stories").rglob("*.md"))]), "stories read")
