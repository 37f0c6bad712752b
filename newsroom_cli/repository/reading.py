"""Stories and ledgers of a history by blob: one git process for all of them, each parsed once while it is of use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from subprocess import Popen
from types import TracebackType
from typing import IO, Self

from newsroom_cli import frontmatter, ledger
from newsroom_cli.errors import CannotRun, Unreadable
from newsroom_cli.ledger import Ledger
from newsroom_cli.model import Finding, Ident, Story
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.line import DEEPER

_AT_ONCE = 200
"""Questions asked before their answers are read: so many fit into a pipe."""


@dataclass(frozen=True, slots=True)
class Gist:
    """What a story's file says in short: its id, its content hash, whom it names as reporter, its section."""

    story_id: str
    content: str
    reporters: tuple[Ident, ...]
    section: str


class Reading:
    """The blobs of one repository. What `ahead` fetched and what was parsed stays until the next `ahead`."""

    def __init__(self, git: Git) -> None:
        self._process: Popen[bytes] = git.talk("cat-file", "--batch")
        self._raw: dict[str, bytes] = {}
        self._stories: dict[tuple[str, str], Story | tuple[Finding, ...]] = {}
        self._gists: dict[str, Gist | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._process:
            self._pipe(self._process.stdin).close()

    def ahead(self, blobs: Iterable[str]) -> None:
        """Fetch the blobs that are about to be read, and forget those before; raises CannotRun when one is not here."""
        self._stories.clear()
        wanted = list(dict.fromkeys(one for one in blobs if one.strip("0")))
        self._raw = {one: self._raw[one] for one in wanted if one in self._raw}
        wanted = [one for one in wanted if one not in self._raw]
        for at in range(0, len(wanted), _AT_ONCE):
            self._fetch(wanted[at : at + _AT_ONCE])

    def _fetch(self, blobs: list[str]) -> None:
        asked, said = self._pipe(self._process.stdin), self._pipe(self._process.stdout)
        asked.write("".join(f"{one}\n" for one in blobs).encode())
        asked.flush()
        for one in blobs:
            head = said.readline().split()
            if head[1:2] != [b"blob"]:
                raise CannotRun(f"The object {one} is not in this repository.", DEEPER)
            self._raw[one] = said.read(int(head[2]))
            said.read(1)

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise CannotRun("git cat-file could not be asked.", "Run it again.")
        return pipe

    def raw(self, blob: str) -> bytes:
        """A blob's bytes; none for a blob that is absent (zeros)."""
        if not blob.strip("0"):
            return b""
        if blob not in self._raw:
            self._fetch([blob])
        return self._raw[blob]

    def at(self, commit: str, path: str) -> bytes:
        """What a commit holds at a path; nothing where it has no file there."""
        asked, said = self._pipe(self._process.stdin), self._pipe(self._process.stdout)
        asked.write(f"{commit}:{path}\n".encode())
        asked.flush()
        head = said.readline().split()
        if head[-1:] == [b"missing"]:
            return b""
        content = said.read(int(head[2]))
        said.read(1)
        return content if head[1] == b"blob" else b""

    def story(self, path: str, blob: str) -> Story | tuple[Finding, ...]:
        """A story as a path has it, or why it cannot be read."""
        found = self._stories.get((path, blob))
        if found is None:
            try:
                found = frontmatter.read(path, self.raw(blob))
            except Unreadable as error:
                found = error.findings
            self._stories[path, blob] = found
            self._gists.setdefault(blob, _gist(found))
        return found

    def gist(self, path: str, blob: str) -> Gist | None:
        """What a story says in short, kept for good; None for what is absent or cannot be read."""
        if blob not in self._gists:
            if not blob.strip("0"):
                return None
            self.story(path, blob)
        return self._gists[blob]

    def ledger(self, path: str, blob: str, above: Ledger | None) -> Ledger:
        """A ledger; only the lines behind `above` are parsed where it continues that."""
        return ledger.parse(path, self.raw(blob), above)


def _gist(found: Story | tuple[Finding, ...]) -> Gist | None:
    if not isinstance(found, Story):
        return None
    named = found.metadata
    return Gist(named.id or "", frontmatter.content_hash(found), named.reporter, named.section or "")
