"""Every version of a story that readers had, and its file as it went out."""

from __future__ import annotations

from dataclasses import replace

from newsroom_cli.entries import Entry
from newsroom_cli.errors import CannotRun, Refusal
from newsroom_cli.history.story_history import text_of, version_of
from newsroom_cli.history.trail import Version
from newsroom_cli.instants import instant
from newsroom_cli.ledger import Held, Ledger, Origin
from newsroom_cli.model import Story
from newsroom_cli.plain import quoted
from newsroom_cli.redoing import with_record
from newsroom_cli.repository.listing import record
from newsroom_cli.repository.newsroom import Newsroom


def versions(newsroom: Newsroom, slug: str) -> list[Version]:
    """Every version of a story, the first one first; none where readers never had it."""
    ledger, origins = record(newsroom, slug)
    return [_version(entry, origins.get(entry.seq)) for entry in _public(ledger)]


def _public(ledger: Ledger) -> list[Entry]:
    """The entries that counted a version."""
    return [entry for entry in ledger.entries if isinstance(entry.set.get("version"), int)]


def _version(entry: Entry, origin: Origin | None) -> Version:
    return Version(int(entry.set["version"]), instant(str(entry.set.get("lastmod") or entry.at)), entry, origin)


def as_it_went_out(newsroom: Newsroom, slug: str, number: int) -> tuple[Version, Story, bytes]:
    """One version and its file, byte for byte; raises Refusal for one there is not."""
    ledger, origins = record(newsroom, slug)
    there = {entry.set["version"]: entry for entry in _public(ledger)}
    if number not in there:
        known = ", ".join(map(str, there)) or "none"
        raise Refusal(f"{slug} has no version {number}.", f"Versions are: {known} (story versions {quoted(slug)}).")
    entry = there[number]
    story = newsroom.read(newsroom.find(slug))
    found = version_of(newsroom.git, story, ledger, entry) or _rebuilt(newsroom, story, ledger, entry)
    if found is None:
        raise CannotRun(f"The text of version {number} is not in this repository.", _elsewhere(newsroom))
    return _version(entry, origins.get(entry.seq)), *found


def _elsewhere(newsroom: Newsroom) -> str:
    """Where a version may be whose words are not here."""
    if newsroom.git.is_shallow:
        return "Fetch the whole history: git fetch --unshallow"
    return (
        "A squash leaves out what was between; the branch it was made of, or a clone that had it, may have the words."
    )


def _rebuilt(newsroom: Newsroom, story: Story, ledger: Ledger, entry: Entry) -> tuple[Story, bytes] | None:
    """A version whose file a squash left out of history: its words, which a later file has, with its record keys."""
    text = text_of(newsroom.git, story, ledger, entry)
    if text is None:
        return None
    then = replace(ledger, entries=ledger.entries[: entry.seq])
    made = with_record(Held(text, then), newsroom.judges).story or text
    return made, made.text.encode()
