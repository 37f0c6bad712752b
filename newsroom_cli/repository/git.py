"""Runs git. GitPython is our process runner and finds the repository; its index and ref APIs are not used."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Ident

if TYPE_CHECKING:
    from subprocess import Popen

    from git import Repo

_INHERITED = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
_NEUTRAL = ("-c", "log.follow=false", "-c", "log.showRoot=true", "-c", "core.quotePath=false", "-c", "color.ui=false")
"""Settings of a person's own that would change what we read."""
_ENVIRONMENT = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_OPTIONAL_LOCKS": "0"}
"""What git is told beside what it inherits."""
REGULAR = ("100644", "100755")


class GitFailed(CannotRun):
    """A git process ended with a status nobody expected; the message holds git's own words."""

    def __init__(self, arguments: Sequence[str], code: int, words: str) -> None:
        lines = [line.strip() for line in words.splitlines() if line.strip() and not line.startswith("hint:")]
        said = next((line for line in reversed(lines) if line.startswith(("fatal:", "error:"))), "")
        said = said or " ".join(lines)
        verb = next((one for one in arguments if one[:1].isalpha() and "=" not in one), "")
        super().__init__(f"git {verb} failed: {said or f'status {code}'}")
        self.code = code
        self.words = words


class Change(NamedTuple):
    """One path that differs between two trees: modes and blob ids before and after (zeros where absent)."""

    path: str
    old_mode: str
    new_mode: str
    old: str
    new: str


class Git:
    """Git in one repository. Paths go behind `--`, revisions behind `--end-of-options`, lists come with `-z`."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.directory = Path(str(repo.git_dir))
        self.common = Path(str(repo.common_dir))

    def run(self, *arguments: str, stdin: bytes | None = None, ok: Sequence[int] = (0,)) -> bytes:
        """What git prints; raises GitFailed for a status that is not `ok`."""
        return self.answer(*arguments, stdin=stdin, ok=ok)[1]

    def answer(self, *arguments: str, stdin: bytes | None = None, ok: Sequence[int] = (0,)) -> tuple[int, bytes]:
        """Git's status and what it printed; raises GitFailed for a status that is not `ok`."""
        from git import GitCommandNotFound

        with tempfile.TemporaryFile() as fed:
            fed.write(stdin or b"")
            fed.seek(0)
            try:
                code, out, words = self.repo.git.execute(
                    ["git", *_NEUTRAL, *arguments],
                    istream=fed,
                    with_extended_output=True,
                    with_exceptions=False,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                    env=_ENVIRONMENT,
                )
            except GitCommandNotFound:
                raise CannotRun("git was not found.", "Install git, or put it on your PATH.") from None
        if code not in ok:
            raise GitFailed(arguments, code, str(words))
        return code, bytes(out)

    def talk(self, *arguments: str) -> Popen[bytes]:
        """A git process that is asked and answers until its input is closed."""
        from subprocess import PIPE, Popen

        from git import GitCommandNotFound

        try:
            kept = self.repo.git.execute(
                ["git", *_NEUTRAL, *arguments],
                istream=PIPE,
                as_process=True,
                env=_ENVIRONMENT,
            )
        except GitCommandNotFound:
            raise CannotRun("git was not found.", "Install git, or put it on your PATH.") from None
        process = kept.proc
        if not isinstance(process, Popen):
            raise CannotRun("git could not be started.", "Run it again.")
        kept.proc = None  # it is ours to end
        return process

    def text(self, *arguments: str, ok: Sequence[int] = (0,)) -> str:
        """One line that git prints."""
        return self.run(*arguments, ok=ok).decode("utf-8", "surrogateescape").strip()

    def names(self, *arguments: str) -> list[str]:
        """A `-z` list that git prints."""
        return [os.fsdecode(name) for name in self.run(*arguments).split(b"\0") if name]

    def revision(self, name: str) -> str | None:
        """The commit a revision names; None when there is no such commit here."""
        code, out = self.answer(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", ok=(0, 1, 128)
        )
        return out.decode().strip() if code == 0 else None

    def has_ref(self, name: str) -> bool:
        """Whether a full name (`refs/…`) is that of a branch or tag here."""
        return self.answer("show-ref", "--verify", "--quiet", name, ok=(0, 1, 128))[0] == 0

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The contents of blobs by id; raises CannotRun when one is not here."""
        wanted = sorted({one for one in ids if one.strip("0")})
        if not wanted:
            return {}
        out = self.run("cat-file", "--batch", stdin="".join(f"{one}\n" for one in wanted).encode())
        found: dict[str, bytes] = {}
        at = 0
        for one in wanted:
            end = out.index(b"\n", at)
            head = out[at:end].split()
            if head[1:2] != [b"blob"]:
                raise CannotRun(
                    f"The object {one} is not in this repository.", "Fetch the whole history: fetch-depth: 0"
                )
            size = int(head[2])
            found[one] = out[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
        return found

    def listing(self, tree: str, *paths: str) -> dict[str, tuple[str, str]]:
        """Every file of a tree under `paths` as {path: (mode, blob id)}."""
        out = self.run("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", tree, "--", *paths)
        files: dict[str, tuple[str, str]] = {}
        for row in out.split(b"\0"):
            if row:
                head, _, path = row.partition(b"\t")
                mode, _, blob = head.decode().split()
                files[os.fsdecode(path)] = (mode, blob)
        return files

    def changes(self, old: str, new: str) -> list[Change]:
        """Every path that differs between two trees, folders too, renames as a removal and an addition."""
        out = self.run("diff-tree", "-r", "-t", "-z", "--no-renames", "--raw", "--no-abbrev", old, new)
        return list(raw_changes(iter(out.split(b"\0"))))

    @property
    def is_shallow(self) -> bool:
        """Whether the repository lacks a part of its history."""
        return (self.common / "shallow").exists()

    def empty_tree(self) -> str:
        """The id of a tree that holds nothing, in this repository's hash."""
        return self.run("hash-object", "-t", "tree", "--stdin").decode().strip()

    def identity(self) -> Ident:
        """Who acts, as git itself reads environment, configuration and includes; raises CannotRun without one."""
        try:
            line = self.text("-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
        except GitFailed:
            raise CannotRun(
                "Git does not know who you are.",
                'git config user.name "Your Name" and git config user.email you@example.org',
            ) from None
        try:
            found = Ident.parse(line.rsplit(" ", 2)[0])
        except ValueError:
            raise CannotRun(f"Git says that you are {line!r}.", "git config user.email you@example.org") from None
        if not found.email:
            message = f"Git knows no e-mail of {found.name}, and people are compared by it."
            raise CannotRun(message, "git config user.email you@example.org; GIT_AUTHOR_EMAIL goes before it.")
        return found


def literal(path: str) -> str:
    """A path as a pathspec that names it alone, from the top of the tree whatever folder git runs in."""
    return f":(top,literal){path}"


def raw_changes(tokens: Iterator[bytes]) -> Iterator[Change]:
    """Yield the rows of a `--raw -z` listing, NUL by NUL."""
    for token in tokens:
        if token.startswith(b":"):
            yield raw_change(token.decode(), os.fsdecode(next(tokens)))


def raw_change(row: str, path: str) -> Change:
    """Return a row's change: a colon, a mode and a blob for each parent (one but for merges), then those behind it."""
    parents = len(row) - len(row.lstrip(":"))
    fields = row[parents:].split()
    modes, blobs = fields[: parents + 1], fields[parents + 1 : 2 * parents + 2]
    return Change(path, modes[0], modes[-1], blobs[0], blobs[-1])


def discover(start: Path, *, kept: Collection[str] = ()) -> Git:
    """Find the repository around a folder; raises CannotRun when there is none.

    What git inherited is forgotten but for what is `kept`: a hook's git gave it what to read.
    """
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    for name in set(_INHERITED) - set(kept):
        os.environ.pop(name, None)
    from git import InvalidGitRepositoryError, NoSuchPathError, Repo

    try:
        return Git(Repo(start, search_parent_directories=True))
    except (InvalidGitRepositoryError, NoSuchPathError):
        raise CannotRun(
            f"{start} is not in a git repository.", "git init && story init makes a newsroom of this folder."
        ) from None
