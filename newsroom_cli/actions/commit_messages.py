"""Commit messages: a subject, the note, and trailers that only people and `git log` read."""

from __future__ import annotations

from newsroom_cli.escaping import make_visible
from newsroom_cli.record.entries import Entry


def for_redo(slug: str, story_id: str) -> str:
    """Return the message of a commit that puts a ledger back to what one side had."""
    return f"redo: {make_visible(slug)}\n\nStory: {story_id}\n"


def for_entry(entry: Entry, slug: str) -> str:
    """Return the message of a commit that brings one entry; a note is quoted, so that it cannot pass for a trailer."""
    way = f" ({entry.from_} → {entry.to})" if entry.completes and entry.from_ else ""
    words = [f"{entry.action}: {make_visible(slug)}{way}"]
    said = [f"Four eyes lifted: {entry.override}"] if entry.override else []
    if notice := entry.terms.get("notice"):
        said.append(f"For readers: {notice}")
    if entry.note:
        said.append(entry.note)
    quoted = [f"> {make_visible(line)}".rstrip() for text in said for line in text.splitlines() or [""]]
    if quoted:
        words.append("\n".join(quoted))
    words.append(f"Story: {entry.story}\nAction: {entry.action}")
    return "\n\n".join(words) + "\n"
