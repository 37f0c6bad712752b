"""Writes: one commit of exactly the named files, everything else staged or dirty left as it was."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Self

from newsroom_cli.errors import CannotRun, Refusal
from newsroom_cli.escaping import shell_quote
from newsroom_cli.repository.files import replace_file
from newsroom_cli.repository.git import Git, GitFailed, literal
from newsroom_cli.repository.layout import REGULAR, is_ledger

_UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
}


_FIELDS = {b"1": 7, b"u": 9}
"""Kinds of rows in `git status --porcelain=v2` with how many fields stand before the path."""


class CommitMade(NamedTuple):
    """A commit that was made: its short id, and how it gets to the others ("" when it is there)."""

    short: str
    sharing: str


class Write(NamedTuple):
    """One commit to be made: files with their bytes (None removes one), changed pictures, and the message.

    `expects` are the files the write was made of, with the bytes they must still have (None: not there).
    """

    files: Mapping[str, bytes | None]
    message: str
    along: tuple[str, ...] = ()
    expects: Mapping[str, bytes | None] = MappingProxyType({})


class Undo:
    """Writes files and remembers what each held before; what fails inside its `with` block puts all of it back."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.before: dict[str, bytes | None] = {}
        self.folders: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Put everything back after a failure; raises CannotRun in place of what the system says."""
        if error is not None:
            self.back()
        if isinstance(error, OSError):
            raise unwritable(error, error.filename or self.root) from None

    def write(self, path: str, content: bytes | None) -> None:
        """Write a file, or remove it (None)."""
        full = self.root / path
        before = _content_of(full)
        if content is None:
            full.unlink()
        else:
            self.folders += [folder for folder in full.parents if not folder.exists()]
            full.parent.mkdir(parents=True, exist_ok=True)
            replace_file(full, content)
        self.before[path] = before

    def keep(self, path: str) -> None:
        """Remember a file that is not written here, and that others may write meanwhile."""
        self.before.setdefault(path, _content_of(self.root / path))

    def back(self) -> None:
        """Put every file and folder back as it was."""
        for path, content in self.before.items():
            full = self.root / path
            if content is not None:
                full.parent.mkdir(parents=True, exist_ok=True)
                replace_file(full, content)
            elif full.exists():
                full.unlink()
        for folder in self.folders:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


class _Before(NamedTuple):
    """The state before a commit: the branch's tip ("" without one), and the index's rows of its files.

    Without `rows` the index held nothing that the tip does not.
    """

    tip: str
    rows: bytes | None


def _is_blob(row: tuple[str, str] | None, content: bytes | None) -> bool:
    """Tell whether a row of a tree (mode, blob id) is a file of exactly these bytes, or missing for None."""
    if row is None or content is None:
        return row is None and content is None
    import hashlib

    kind = "sha1" if len(row[1]) == _SHA1 else "sha256"
    made = hashlib.new(kind, f"blob {len(content)}\0".encode() + content, usedforsecurity=False)
    return row[0] in REGULAR and made.hexdigest() == row[1]


_SHA1 = 40


def _content_of(full: Path) -> bytes | None:
    return full.read_bytes() if full.is_file() else None


def unwritable(error: OSError, what: object) -> CannotRun:
    """Return the error for a file that the system does not let be written."""
    return CannotRun(f"{what} cannot be written: {error.strerror}.", "Look at its permissions.")


class Commits:
    """The writing side of one repository's working tree."""

    def __init__(self, git: Git, root: Path) -> None:
        self.git, self.root = git, root
        self._head: str | None = None
        self._held: set[str] = set()

    @property
    def branch(self) -> str:
        """The branch that is checked out; raises CannotRun where no commit of ours belongs."""
        for name, what in _UNDER_WAY.items():
            if (self.git.directory / name).exists():
                raise CannotRun(
                    f"{what.capitalize()} is under way here.",
                    "Finish it or undo it (git status says how); where it stops at a ledger: story redo SLUG.",
                )
        if self._head is None:
            self._head = self.git.text("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1))
        if not self._head:
            raise CannotRun("No branch is checked out (detached HEAD).", "git switch BRANCH, then make the move there.")
        return self._head

    def find_changed(self, paths: Sequence[str]) -> frozenset[str]:
        """Return those of some files that the last commit does not hold as they stand, ignored ones among them."""
        if not paths:
            return frozenset()
        out = self.git.run(
            *("--literal-pathspecs", "status", "--porcelain=v2", "-z", "--branch", "--no-ahead-behind"),
            *("--untracked-files=all", "--ignored=traditional", "--no-renames", "--", *paths),
        )
        changed, loose, modified = set[str](), set[str](), dict[str, str]()
        for row in out.split(b"\0"):
            kind, _, rest = row.partition(b" ")
            if kind in (b"?", b"!"):
                loose.add(os.fsdecode(rest))
            elif kind in _FIELDS:
                path = os.fsdecode(rest.split(b" ", _FIELDS[kind])[-1])
                changed.add(path)
                if rest.startswith(b".M "):
                    modified[path] = rest.split(b" ")[5].decode()
            elif row.startswith(b"# branch.head "):
                head = os.fsdecode(row.removeprefix(b"# branch.head "))
                self._head = "" if head == "(detached)" else head
        self._held |= {path for path in paths if path not in loose and (self.root / path).exists()}
        return frozenset((changed | loose) - self._only_ends(modified))

    def _only_ends(self, modified: Mapping[str, str]) -> set[str]:
        """Return the files, given with git's blobs, of which git would make the same blob: line ends alone differ."""
        held = {path: blob for path, blob in modified.items() if b"\r\n" in (_content_of(self.root / path) or b"")}
        ids = self.git.text("hash-object", "--", *held).split() if held else []
        return {path for path, blob in zip(held, ids, strict=True) if held[path] == blob}

    def make(self, write: Write) -> CommitMade:
        """Write files and commit exactly them and those `along`; on any failure everything is as it was.

        Raises Refusal when a file is no longer what the write was made of, and CannotRun: nothing may be written
        here, the disk or a hook said no, or a hook changed what an entry signs.
        """
        import fcntl

        with (self.git.common / "story.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # other `story` commands wait; the lock goes with the process
            for path, expected in write.expects.items():
                if _content_of(self.root / path) != expected:
                    raise Refusal(f"{path} was changed by somebody else meanwhile.", "Look at it, then try again.")
            return self._make(write)

    @contextmanager
    def standing_on(self, tip: str, files: Mapping[str, bytes | None]) -> Iterator[None]:
        """Put the branch on another tip, which differs from its own in some files, while commits are made on that.

        Raises CannotRun where the branch moved meanwhile; whatever fails puts everything back.
        """
        ref, before = f"refs/heads/{self.branch}", self.git.revision("HEAD") or ""
        try:
            with Undo(self.root) as undo:
                self._move(ref, tip, before, files)
                for path, content in files.items():
                    undo.write(path, content)
                yield
        except BaseException:
            self._move(ref, before, self.git.revision("HEAD") or "", files)
            raise

    def _move(self, ref: str, tip: str, before: str, files: Mapping[str, bytes | None]) -> None:
        """Move the branch, and have the index hold of some files what the new tip does."""
        self.git.run("update-ref", "-m", "story redo", ref, tip, before)
        self.git.answer("reset", "--quiet", "--", *map(literal, files), ok=(0, 1))

    def _make(self, write: Write) -> CommitMade:
        branch = self.branch
        named = dict.fromkeys((*write.files, *write.along))
        loose = self._find_untracked(named)
        added = [path for path in loose if write.files.get(path, b"") is not None]
        paths = [path for path in named if path in added or path not in loose]
        how = "--only" if self._is_staged() else "--include"
        has_entry = any(is_ledger(path) and content is not None for path, content in write.files.items())
        stood = self._stood(paths, how) if has_entry else None
        with Undo(self.root) as undo:
            for path in write.along if stood else ():
                undo.keep(path)
            signed = {**undo.before, **write.files}
            try:
                for path, content in write.files.items():
                    undo.write(path, content)
                if added:
                    self._add(added)
                self._commit(paths, write.message, how)
            except BaseException as error:
                if isinstance(error, (KeyboardInterrupt, SystemExit)) and not self.find_changed(paths):
                    undo.before = {}  # interrupted when the commit was made already
                elif added:
                    self.git.answer("reset", "--quiet", "--", *map(literal, added), ok=(0, 1, 128))
                raise
        changed = self._changed_by_hook(signed) if stood else []
        if stood and changed:
            self._take_back(stood, paths, changed)
            undo.back()
            raise CannotRun(
                f"A hook changed {', '.join(changed)} while the commit was made.",
                "The commit was taken back. Let the hook leave stories alone, or save what it makes: story save SLUG",
            )
        return self.say_sharing(branch)

    def _stood(self, paths: Sequence[str], how: str) -> _Before:
        rows = self.git.run("--literal-pathspecs", "ls-files", "-s", "-z", "--", *paths) if how == "--only" else None
        return _Before(self.git.revision("HEAD") or "", rows)

    def _changed_by_hook(self, signed: Mapping[str, bytes | None]) -> list[str]:
        """Return the files that HEAD does not hold with their bytes, be it as git's own filters store them."""
        held = self.git.list_tree("HEAD", *signed)
        odd = [path for path, content in signed.items() if not _is_blob(held.get(path), content)]
        return sorted(path for path in odd if path not in held or not self._is_held_as(path, signed[path]))

    def _is_held_as(self, path: str, content: bytes | None) -> bool:
        return _content_of(self.root / path) == content and self.git.agrees(
            "diff", "--quiet", "HEAD", "--", literal(path)
        )

    def _take_back(self, stood: _Before, paths: Sequence[str], changed: Sequence[str]) -> None:
        """Put the branch and the index back to before the commit just made; raises CannotRun where it is not HEAD."""
        if self.git.text("log", "-1", "--format=%P", "HEAD") != stood.tip:
            raise CannotRun(
                f"A hook changed {', '.join(changed)} while the commit was made, and made another commit.",
                "Look at git log, and take both back: git reset --soft COMMIT",
            )
        back = ("reset", "--quiet", "--soft", stood.tip) if stood.tip else ("update-ref", "-d", "HEAD")
        self.git.run(*back)
        self.git.answer("reset", "--quiet", "--", *map(literal, paths if stood.rows is not None else ()), ok=(0, 1))
        if stood.rows:
            self.git.run("update-index", "-z", "--index-info", stdin=stood.rows)

    def _add(self, paths: Sequence[str]) -> None:
        try:
            self.git.run("add", "--", *map(literal, paths))
        except GitFailed:
            for path in paths:
                rule = self.git.text("check-ignore", "--verbose", "--", path, ok=(0, 1, 128)).partition("\t")[0]
                if rule:
                    way = f"Let it in: git add --force {shell_quote(path)}; or take that line out. Then try again."
                    raise Refusal(f"{path} is ignored by git ({rule}).", way) from None
            raise

    def _find_untracked(self, paths: Iterable[str]) -> list[str]:
        wanted = [path for path in paths if path not in self._held]
        known = self.git.names("--literal-pathspecs", "ls-files", "-z", "--", *wanted) if wanted else []
        return [path for path in wanted if path not in known]

    def _is_staged(self) -> bool:
        """Tell whether the index holds anything that HEAD does not.

        Where it holds nothing, `git commit --include` does what `--only` does in two thirds of the time: that one
        writes the whole index twice, and expands a sparse one.
        """
        return not self.git.agrees("diff-index", "--cached", "--quiet", "--ignore-submodules=none", "HEAD", "--")

    def _commit(self, paths: Sequence[str], message: str, how: str) -> None:
        try:
            self.git.run(
                *("-c", "i18n.commitEncoding=UTF-8", "commit", "--quiet", how, "--cleanup=whitespace"),
                *("--no-edit", "-F", "-", "--", *map(literal, paths)),
                stdin=message.encode("utf-8", "replace"),
            )
        except GitFailed as error:
            words = [line for line in error.words.splitlines() if line.strip()]
            raise CannotRun(
                f"Git did not make the commit: {' / '.join(words[-5:]) or 'a hook said no'}.",
                "Nothing was changed. Mend what git or its hook names, then try again.",
            ) from None

    def say_sharing(self, branch: str) -> CommitMade:
        """Return the commit a branch stands at, and how to share it while its upstream does not hold it."""
        shape = "--format=%(objectname:short)%00%(upstream:short)%00%(upstream:track)"
        row = self.git.text("for-each-ref", shape, f"refs/heads/{branch}")
        short, upstream, track = (*row.split("\0"), "", "")[:3]
        if upstream and "gone" not in track:
            return CommitMade(short, "git push" if "ahead" in track else "")
        remotes = self.git.text("remote").split()
        if not remotes:
            return CommitMade(short, "git remote add origin ADDRESS, then git push -u origin " + branch)
        remote = "origin" if "origin" in remotes else remotes[0]
        return CommitMade(short, f"git push -u {remote} {branch}")
