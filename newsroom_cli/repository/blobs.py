"""Stories and ledgers of a history by blob: one git process for all of them, each parsed once while it is of use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Self, cast

from newsroom_cli.errors import CannotRun, Unreadable
from newsroom_cli.model import Finding, Ident, Story
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.repository.git import Git, GitFailed, GitObject, read_object
from newsroom_cli.repository.log import DEEPER
from newsroom_cli.story import frontmatter, pictures

_AT_ONCE = 200
"""Questions asked before their answers are read: so many fit into a pipe."""
_STORIES = 1_000
"""Stories kept as they were parsed: those under way at a time."""
_SUMMARIES = 10_000
"""Summaries kept: a story's next version comes before so many others, and all of a long history would not fit."""


@dataclass(frozen=True, slots=True)
class StorySummary:
    """A version of a story in short: id, content hash, the reporters and local pictures it names, its section."""

    story_id: str
    content: str
    reporters: tuple[Ident, ...]
    pictures: tuple[str, ...]
    section: str = ""

    def locate_pictures(self, path: str) -> tuple[tuple[str, str], ...]:
        """Return the pictures it names, as written, with where they are for a story at a path."""
        places = ((name, pictures.locate_picture(path, name)) for name in self.pictures)
        return tuple((name, where) for name, where in places if where is not None)


class BlobReader:
    """The blobs of one repository. What `prefetch` fetched stays until the next one, as do the last `keep` stories."""

    def __init__(self, git: Git, *, keep: int = _STORIES) -> None:
        self.git = git
        self._most = keep
        self._process = git.talk("cat-file", "--batch-command")
        self._raw: dict[str, bytes] = {}
        self._stories: dict[tuple[str, str], Story | tuple[Finding, ...]] = {}
        self._summaries: dict[str, StorySummary | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        """End the process."""
        self._process.communicate()

    def prefetch(self, blobs: Iterable[str]) -> None:
        """Fetch blobs that are about to be read, and forget those before; raises CannotRun when one is not here."""
        wanted = list(dict.fromkeys(filter(None, blobs)))
        self._raw = {blob: self._raw[blob] for blob in wanted if blob in self._raw}
        wanted = [blob for blob in wanted if blob not in self._raw]
        self._fetch(wanted)

    def _fetch(self, blobs: list[str]) -> None:
        for blob, held in zip(blobs, self._ask("contents", blobs), strict=True):
            if held.kind != "blob":
                raise CannotRun(f"The object {blob} is not in this repository.", DEEPER)
            self._raw[blob] = held.content

    def _ask(self, command: str, names: list[str]) -> Iterator[GitObject]:
        """Yield git's answers on some objects: `contents` brings their bytes, `info` their ids alone."""
        asked, said = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        for at in range(0, len(names), _AT_ONCE):
            part = names[at : at + _AT_ONCE]
            asked.write("".join(f"{command} {name}\n" for name in part).encode("utf-8", "surrogateescape"))
            asked.flush()
            answers = [read_object(said, has_content=command == "contents") for _ in part]
            for held in answers:
                if held is None:
                    raise GitFailed(("cat-file",), self._process.wait(), "")
                yield held

    def raw(self, blob: str) -> bytes:
        """Return a blob's bytes; none where there is no blob (an empty id)."""
        if not blob:
            return b""
        if blob not in self._raw:
            self._fetch([blob])
        return self._raw[blob]

    def read_at(self, commit: str, path: str) -> bytes:
        """Return what a commit holds at a path; nothing where it has no file there."""
        (held,) = self._ask("contents", [f"{commit}:{path}"])
        return held.content if held.kind == "blob" else b""

    def blobs_at(self, commit: str, paths: Iterable[str]) -> dict[str, str]:
        """Return the blob ids a commit holds at some paths, by path; nothing is read of them."""
        wanted = [path for path in paths if "\n" not in path]
        answers = self._ask("info", [f"{commit}:{path}" for path in wanted])
        return {path: held.id for path, held in zip(wanted, answers, strict=True) if held.kind == "blob"}

    def story(self, path: str, blob: str) -> Story | tuple[Finding, ...]:
        """Return a story as a path has it, or why it cannot be read."""
        story = self._stories.get((path, blob))
        if story is None:
            try:
                story = frontmatter.read_story(path, self.raw(blob))
            except Unreadable as error:
                story = error.findings
            while len(self._stories) >= self._most:
                del self._stories[next(iter(self._stories))]
            self._stories[path, blob] = story
            self._keep(blob, story)
        return story

    def summary(self, path: str, blob: str) -> StorySummary | None:
        """Return a version of a story in short; None where there is no blob or it cannot be read."""
        if not blob:
            return None
        if blob not in self._summaries:
            self._keep(blob, self.story(path, blob))
        return self._summaries[blob]

    def _keep(self, blob: str, story: Story | tuple[Finding, ...]) -> None:
        if blob in self._summaries:
            return
        while len(self._summaries) >= _SUMMARIES:
            del self._summaries[next(iter(self._summaries))]
        self._summaries[blob] = _summary(story)

    def ledger(self, path: str, blob: str, above: Ledger | None) -> Ledger:
        """Return a ledger; only the lines behind `above` are parsed where it continues that."""
        return ledger.parse(path, self.raw(blob), above)


def _summary(story: Story | tuple[Finding, ...]) -> StorySummary | None:
    if not isinstance(story, Story):
        return None
    content, named, keys = frontmatter.content_hash(story), pictures.find_pictures(story), story.metadata
    return StorySummary(keys.id or "", content, keys.reporter, named, keys.section or "")
