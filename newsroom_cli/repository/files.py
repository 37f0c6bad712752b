"""Where stories and ledgers are: in the working tree or in a commit's tree, read the same way."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from newsroom_cli.errors import CannotRun, Unreadable
from newsroom_cli.model import Finding, Severity
from newsroom_cli.repository.git import REGULAR, Git

_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
STORIES = "stories"
LEDGERS = ".newsroom/ledger"


class Files(Protocol):
    """The files of one tree, named by their paths in the repository."""

    def under(self, folder: str, suffix: str) -> list[str]:
        """Every path below a folder that ends so, sorted; what is no regular file is among them."""

    def read(self, path: str) -> bytes | None:
        """A regular file's bytes; None when nothing is there. Raises Unreadable for anything else."""

    def expect(self, paths: Iterable[str]) -> None:
        """Says which files are about to be read, so that they can be fetched at once."""


def _odd(path: str, what: str) -> Unreadable:
    finding = Finding(
        "not-a-file", Severity.ERROR, path, 1, 1, f"this is {what}, not a regular file.", "Put the file itself here."
    )
    return Unreadable(f"{path} cannot be read.", finding.hint, [finding])


@dataclass(frozen=True)
class WorkingTree:
    """The files as they are on disk; links are never followed."""

    root: Path
    _plain_folders: set[str] = field(default_factory=set, compare=False, repr=False)

    def under(self, folder: str, suffix: str) -> list[str]:
        """Every path below a folder that ends so, sorted."""
        top = self.root / folder
        self._not_through_links(folder)
        found: list[str] = []
        edge = [(str(top), folder)] if top.is_dir() else []
        while edge:
            here, name = edge.pop()
            with os.scandir(here) as rows:
                for row in rows:
                    if row.name.endswith(suffix):
                        found.append(f"{name}/{row.name}")
                    elif row.is_dir(follow_symlinks=False):
                        edge.append((row.path, f"{name}/{row.name}"))
                    elif row.is_symlink() and row.is_dir():
                        found.append(f"{name}/{row.name}")
        return sorted(found)

    def read(self, path: str) -> bytes | None:
        """A regular file's bytes; None when nothing is there."""
        self._not_through_links(path.rpartition("/")[0])
        try:
            handle = os.open(f"{self.root}/{path}", _READ)
        except FileNotFoundError:
            return None
        except OSError as error:
            if (self.root / path).is_symlink() or isinstance(error, NotADirectoryError):
                raise _odd(path, "a symbolic link") from None
            raise CannotRun(f"{path} cannot be read: {error.strerror}.", "Look at its permissions.") from None
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            os.close(handle)
            raise _odd(path, "a folder" if stat.S_ISDIR(mode) else "a device")
        with os.fdopen(handle, "rb") as opened:
            return opened.read()

    def _not_through_links(self, folder: str) -> None:
        if folder and folder not in self._plain_folders:
            if os.path.realpath(self.root / folder) != str(self.root / folder):
                raise _odd(folder, "reached through a symbolic link")
            self._plain_folders.add(folder)

    def expect(self, paths: Iterable[str]) -> None:
        """Nothing to fetch: the files are here."""


@dataclass
class CommittedTree:
    """The files as one commit's tree holds them."""

    git: Git
    tree: str
    _listing: dict[str, tuple[str, str]] | None = None
    _read: dict[str, bytes] = field(default_factory=dict)

    @property
    def listing(self) -> Mapping[str, tuple[str, str]]:
        """Every path of stories and ledgers with mode and blob id, listed once."""
        if self._listing is None:
            self._listing = self.git.listing(self.tree, STORIES, LEDGERS)
        return self._listing

    def under(self, folder: str, suffix: str) -> list[str]:
        """Every path below a folder that ends so, sorted."""
        return sorted(path for path in self.listing if path.startswith(f"{folder}/") and path.endswith(suffix))

    def read(self, path: str) -> bytes | None:
        """A regular file's bytes; None when nothing is there."""
        if path not in self._read:
            row = self.listing.get(path) or self.git.listing(self.tree, path).get(path)
            if row is None:
                return None
            if row[0] not in REGULAR:
                raise _odd(path, "a symbolic link" if row[0] == "120000" else "a submodule")
            self._read[path] = self.git.blobs([row[1]])[row[1]]
        return self._read[path]

    def expect(self, paths: Iterable[str]) -> None:
        """Fetch many files in one git process."""
        rows = {path: self.listing[path] for path in paths if path in self.listing and path not in self._read}
        blobs = self.git.blobs(blob for mode, blob in rows.values() if mode in REGULAR)
        self._read.update({path: blobs[blob] for path, (mode, blob) in rows.items() if mode in REGULAR})


def story_paths(files: Files) -> list[str]:
    """Every story of a tree: the `.md` files under `stories/`."""
    return files.under(STORIES, ".md")
