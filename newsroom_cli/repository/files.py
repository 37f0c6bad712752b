"""Reads the files of a working tree or of a commit's tree in the same way, and writes one as a whole."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from newsroom_cli.errors import CannotRun, Unreadable
from newsroom_cli.model import Finding, Severity
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.layout import LEDGERS, REGULAR, STORIES, STORY_ENDING, describe_mode, is_absent, is_below

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_CHUNK = 1 << 20


class Files(Protocol):
    """The files of one tree, named by their paths in the repository."""

    def under(self, folder: str, suffix: str) -> list[str]:
        """Return every path below a folder whose name ends so, sorted; what is no regular file is among them."""

    def read(self, path: str) -> bytes | None:
        """Return a regular file's bytes; None when nothing is there. Raises Unreadable for anything else."""

    def holds(self, path: str) -> bool:
        """Tell whether there is a file or a folder at a path."""

    def has_file(self, path: str) -> bool:
        """Tell whether a file lies on disk at a path, be it one git does not hold."""
        del path
        return False

    def expect(self, paths: Iterable[str]) -> None:
        """Say which files are about to be read, so that they can be fetched at once."""
        del paths


def report_odd_file(path: str, what: str) -> Finding:
    """Return the finding for what is no regular file, called in words."""
    message = f"this is {what}, not a regular file."
    return Finding("not-a-file", Severity.ERROR, path, 1, 1, message, "Put the file itself here.")


def odd_file(path: str, what: str) -> Unreadable:
    """Return the error for what is no regular file, called in words."""
    finding = report_odd_file(path, what)
    return Unreadable(f"{path} cannot be read.", finding.hint, [finding])


class WorkingTree(Files):
    """The files as they are on disk; links are never followed."""

    def __init__(self, root: Path) -> None:
        self.root, self._top = root, str(root)
        self._plain_folders: set[str] = set()

    def under(self, folder: str, suffix: str) -> list[str]:
        """Return every path below a folder that ends so, sorted."""
        top = self.root / folder
        self._not_through_links(folder)
        paths: list[str] = []
        edge = [(str(top), folder)] if top.is_dir() else []
        while edge:
            here, name = edge.pop()
            with os.scandir(here) as listing:
                rows = [*listing]
            if suffix:
                paths += [f"{name}/{row.name}" for row in rows if row.name.endswith(suffix)]
                rows = [row for row in rows if not row.name.endswith(suffix)]
            for row in rows:
                if row.is_dir(follow_symlinks=False):
                    edge.append((row.path, f"{name}/{row.name}"))
                elif not suffix or (row.is_symlink() and row.is_dir()):
                    paths.append(f"{name}/{row.name}")
        return sorted(paths)

    def read(self, path: str) -> bytes | None:
        """Return a regular file's bytes; None when nothing is there."""
        self._not_through_links(path.rpartition("/")[0])
        try:
            handle = os.open(f"{self._top}/{path}", _READ)
        except FileNotFoundError:
            return None
        except OSError as error:
            if (self.root / path).is_symlink() or isinstance(error, NotADirectoryError):
                raise odd_file(path, "a symbolic link") from None
            raise CannotRun(f"{path} cannot be read: {error.strerror}.", "Look at its permissions.") from None
        try:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise odd_file(path, "a folder" if stat.S_ISDIR(about.st_mode) else "a device")
            content = os.read(handle, about.st_size + 1)
            while len(content) != about.st_size and (more := os.read(handle, _CHUNK)):
                content += more
            return content
        finally:
            os.close(handle)

    def _not_through_links(self, folder: str) -> None:
        if folder and folder not in self._plain_folders:
            if os.path.realpath(self.root / folder) != str(self.root / folder):
                raise odd_file(folder, "reached through a symbolic link")
            self._plain_folders.add(folder)

    def holds(self, path: str) -> bool:
        """Tell whether there is a file or a folder at a path."""
        return os.path.exists(self.root / path)  # noqa: PTH110  a name may be too long for Path

    def has_file(self, path: str) -> bool:
        """Tell whether a file lies at a path, be it reached through a link."""
        return os.path.isfile(self.root / path)  # noqa: PTH113  a name may be too long for Path


class CommittedTree(Files):
    """The files as one commit's tree holds them; only what is asked for is listed and fetched."""

    def __init__(self, git: Git, tree: str) -> None:
        self.git, self.tree = git, tree
        self._rows: dict[str, tuple[str, str] | None] = {}
        self._names: dict[str, list[str]] = {}
        self._read: dict[str, bytes] = {}

    @classmethod
    def at(cls, git: Git, commit: str) -> CommittedTree:
        """Return the tree of a commit; an empty one where there is none."""
        return cls(git, f"{commit}^{{tree}}" if commit else git.empty_tree())

    def know(self, path: str, mode: str, blob: str) -> None:
        """Take over what a comparison of trees said of a path; an empty mode says that nothing is there."""
        self._rows[path] = None if is_absent(mode) else (mode, blob)

    def under(self, folder: str, suffix: str) -> list[str]:
        """Return every path below a folder whose name ends so, sorted."""
        if folder not in self._names:
            options = ("ls-tree", "-r", "-z", "--full-tree", "--name-only")
            self._names[folder] = self.git.names("--literal-pathspecs", *options, self.tree, "--", f"{folder}/")
        return sorted(path for path in self._names[folder] if path.endswith(suffix))

    def read(self, path: str) -> bytes | None:
        """Return a regular file's bytes; None when nothing is there."""
        if path not in self._read:
            self.expect([path])
        row = self._rows[path]
        if row is None:
            return None
        if row[0] not in REGULAR:
            raise odd_file(path, describe_mode(row[0]))
        return self._read[path]

    def holds(self, path: str) -> bool:
        """Tell whether there is a file or a folder at a path."""
        return bool(self._rows.get(path)) or bool(self.git.list_tree(self.tree, path))

    def expect(self, paths: Iterable[str]) -> None:
        """List and fetch many files in two git processes."""
        wanted = [path for path in dict.fromkeys(paths) if path not in self._read]
        unknown = [path for path in wanted if path not in self._rows]
        asked = [STORIES, LEDGERS] if len(unknown) > _MANY else unknown
        listed = self.git.list_tree(self.tree, *asked) if asked else {}
        self._rows.update({path: listed.get(path) for path in unknown})
        rows = {path: row for path in wanted if (row := self._rows[path]) is not None and row[0] in REGULAR}
        blobs = self.git.blobs(blob for _, blob in rows.values())
        self._read.update({path: blobs[blob] for path, (_, blob) in rows.items()})


class Overlaid(Files):
    """The files of a tree with other bytes for one of them, be it there or not."""

    def __init__(self, below: Files, path: str, content: bytes) -> None:
        self.below, self.path, self.content = below, path, content

    def under(self, folder: str, suffix: str) -> list[str]:
        """Return every path below a folder that ends so, sorted."""
        paths = set(self.below.under(folder, suffix))
        if is_below(self.path, folder) and self.path.endswith(suffix):
            paths.add(self.path)
        return sorted(paths)

    def read(self, path: str) -> bytes | None:
        """Return a regular file's bytes; None when nothing is there."""
        return self.content if path == self.path else self.below.read(path)

    def holds(self, path: str) -> bool:
        """Tell whether there is a file or a folder at a path."""
        return path == self.path or self.below.holds(path)

    def has_file(self, path: str) -> bool:
        """Tell whether a file lies on disk at a path."""
        return self.below.has_file(path)

    def expect(self, paths: Iterable[str]) -> None:
        """Say which files are about to be read."""
        self.below.expect(path for path in paths if path != self.path)


_MANY = 200
"""From so many files on, listing all stories and ledgers is shorter than naming them."""


def replace_file(full: Path, content: bytes) -> None:
    """Write a file so that it is never seen half written; its permissions stay."""
    new = full.with_name(f".story-{os.urandom(8).hex()}")
    try:
        new.write_bytes(content)
        if full.exists():
            shutil.copymode(full, new)
        new.replace(full)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def story_paths(files: Files) -> list[str]:
    """Return every story of a tree: the `.md` files under `stories/`."""
    return files.under(STORIES, STORY_ENDING)
