"""Runs git: one process a question, and the one place that finds a repository."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, NamedTuple

from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Ident
from newsroom_cli.repository.layout import NO_MODE, REGULAR, is_absent, is_ledger, is_story, story_id_of

_INHERITED = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR GIT_DIR GIT_GRAFT_FILE GIT_IMPLICIT_WORK_TREE GIT_INDEX_FILE "
    "GIT_NAMESPACE GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_SHALLOW_FILE GIT_WORK_TREE"
).split()
"""Variables that name another repository, or another place in it."""
_NEUTRAL = ("-c", "log.follow=false", "-c", "log.showRoot=true", "-c", "core.quotePath=false", "-c", "color.ui=false")
"""Settings of a person's own that would change what we read."""
_ENVIRONMENT = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_OPTIONAL_LOCKS": "0", "LANGUAGE": "C", "LC_ALL": "C"}
"""Git's environment beside what it inherits; its words are read here, so they come in one language."""


class GitFailed(CannotRun):
    """A git process ended with a status nobody expected; the message holds git's own words."""

    def __init__(self, arguments: Sequence[str], code: int, words: str) -> None:
        lines = [line.strip() for line in words.splitlines() if line.strip() and not line.startswith("hint:")]
        said = next((line for line in reversed(lines) if line.startswith(("fatal:", "error:"))), "")
        said = said or " ".join(lines)
        verb = next((argument for argument in arguments if argument[:1].isalpha() and "=" not in argument), "")
        super().__init__(f"git {verb} failed: {said or f'status {code}'}")
        self.code = code
        self.words = words


class Change(NamedTuple):
    """One path that differs between two trees: modes and blob ids before and after (zeros where absent).

    `had` and `has` are the blobs of a regular file before and after, empty for anything else; `ledger_of` is the id of
    the story whose ledger belongs at the path.
    """

    path: str
    old_mode: str
    new_mode: str
    old: str
    new: str
    had: str
    has: str
    is_story: bool
    is_ledger: bool
    ledger_of: str
    is_added: bool
    is_removed: bool


class GitObject(NamedTuple):
    """One object of the repository: its id, its kind (`blob`, `tree`, `commit`) and its bytes."""

    id: str = ""
    kind: str = ""
    content: bytes = b""


@dataclass(frozen=True)
class Git:
    """Git in one repository. Paths go behind `--`, revisions behind `--end-of-options`, lists come with `-z`.

    `directory` is its `.git`, `common` the one that its working trees share, `top` the top of the working tree (None
    without one).
    """

    directory: Path
    common: Path
    top: Path | None
    is_bare: bool
    is_shallow: bool

    def run(self, *arguments: str, stdin: bytes | None = None, ok: Sequence[int] = (0,)) -> bytes:
        """Run git and return what it prints; raises GitFailed for a status that is not `ok`."""
        return self.answer(*arguments, stdin=stdin, ok=ok)[1]

    def answer(self, *arguments: str, stdin: bytes | None = None, ok: Sequence[int] = (0,)) -> tuple[int, bytes]:
        """Run git and return its status and what it printed; raises GitFailed for a status that is not `ok`."""
        code, out, words = _run_git(self.top or self.directory, arguments, stdin)
        if code not in ok:
            raise GitFailed(arguments, code, words)
        return code, out

    def agrees(self, *arguments: str) -> bool:
        """Run git and tell whether it ends well; a no (1) and a question that makes no sense here (128) are no."""
        return self.answer(*arguments, ok=(0, 1, 128))[0] == 0

    def talk(self, *arguments: str) -> Popen[bytes]:
        """Start a git process that is asked and answers until its input is closed."""
        return _start_git(self.top or self.directory, arguments, stdin=PIPE, stderr=DEVNULL)

    def text(self, *arguments: str, ok: Sequence[int] = (0,)) -> str:
        """Run git and return the line that it prints."""
        return self.run(*arguments, ok=ok).decode("utf-8", "surrogateescape").strip()

    def names(self, *arguments: str, stdin: bytes | None = None, ok: Sequence[int] = (0,)) -> list[str]:
        """Run git and return the names of the `-z` list that it prints."""
        return [os.fsdecode(name) for name in self.run(*arguments, stdin=stdin, ok=ok).split(b"\0") if name]

    def revision(self, name: str) -> str | None:
        """Return the commit a revision names; None when there is no such commit here."""
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        status, printed = self.answer(*asked, ok=(0, 1, 128))
        return printed.decode().strip() if status == 0 else None

    def has_ref(self, name: str) -> bool:
        """Tell whether a full name (`refs/…`) is that of a branch or tag here."""
        return self.agrees("show-ref", "--verify", "--quiet", name)

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Read the contents of blobs by id; raises CannotRun when one is not here."""
        wanted = sorted({blob for blob in ids if not is_absent(blob)})
        contents = self.blobs_at(wanted)
        for blob in wanted:
            if blob not in contents:
                message = f"The object {blob} is not in this repository."
                raise CannotRun(message, "Fetch the whole history: fetch-depth: 0")
        return contents

    def blobs_at(self, names: Sequence[str]) -> dict[str, bytes]:
        """Read the files that names as `COMMIT:PATH` stand for, by name; what is none is left out."""
        objects = zip(names, self.objects(names), strict=True)
        return {name: held.content for name, held in objects if held.kind == "blob"}

    def objects(self, names: Iterable[str]) -> list[GitObject]:
        """Read what ids, or names as `COMMIT:PATH`, stand for, in one process; an empty kind where nothing is."""
        asked = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
        said = BytesIO(self.run("cat-file", "--batch", stdin=asked) if asked else b"")
        objects: list[GitObject] = []
        while held := read_object(said):
            objects.append(held)
        return objects

    def grep(self, texts: Iterable[str], folder: str, tree: str = "") -> list[str]:
        """Return the paths below a folder of files that hold one of some texts: in a tree, else in the working tree."""
        patterns = "".join(f"{text}\n" for text in texts)
        asked = ("grep", "-l", "-z", "-F", "-f", "-", *filter(None, (tree,)), "--", folder)
        return [name.removeprefix(f"{tree}:") for name in self.names(*asked, stdin=os.fsencode(patterns), ok=(0, 1))]

    def list_tree(self, tree: str, *paths: str, option: str = "-r") -> dict[str, tuple[str, str]]:
        """Return every file of a tree under `paths` as {path: (mode, blob id)}; with `-dr` the trees below it."""
        files: dict[str, tuple[str, str]] = {}
        for row in self.names("--literal-pathspecs", "ls-tree", option, "-z", "--full-tree", tree, "--", *paths):
            head, _, path = row.partition("\t")
            mode, _, blob = head.split()
            files[path] = (mode, blob)
        return files

    def changes(self, old: str, new: str) -> list[Change]:
        """Return every path that differs between two trees, folders too, renames as a removal and an addition."""
        fields = self.names("diff-tree", "-r", "-t", "-z", "--no-renames", "--raw", "--no-abbrev", old, new)
        return [raw_change(row, path) for row, path in zip(fields[::2], fields[1::2], strict=True)]

    def empty_tree(self) -> str:
        """Return the id of a tree that holds nothing, in this repository's hash."""
        return self.run("hash-object", "-t", "tree", "--stdin").decode().strip()

    def identity(self) -> Ident:
        """Return who acts, as git reads environment, configuration and includes; raises CannotRun without anybody."""
        try:
            line = self.text("-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
        except GitFailed:
            raise CannotRun(
                "Git does not know who you are.",
                'git config user.name "Your Name" and git config user.email you@example.org',
            ) from None
        try:
            person = Ident.parse(line.rsplit(" ", 2)[0])
        except ValueError:
            raise CannotRun(f"Git says that you are {line!r}.", "git config user.email you@example.org") from None
        if not person.email:
            message = f"Git knows no e-mail of {person.name}, and people are compared by it."
            raise CannotRun(message, "git config user.email you@example.org; GIT_AUTHOR_EMAIL goes before it.")
        return person


def literal(path: str) -> str:
    """Return a path as a pathspec that names it alone, from the top of the tree whatever folder git runs in."""
    return f":(top,literal){path}"


def read_object(said: IO[bytes], *, has_content: bool = True) -> GitObject | None:
    """Read what `git cat-file` says of one object, with its bytes where they follow; None at the end."""
    words = said.readline().decode("utf-8", "surrogateescape").split()
    if not words:
        return None
    if not words[-1].isdigit():
        return GitObject()  # missing, ambiguous or a submodule
    content = said.read(int(words[2])) if has_content else b""
    if has_content:
        said.read(1)
    return GitObject(words[0], words[1], content)


def raw_change(row: str, path: str) -> Change:
    """Return the change that a row of a `--raw -z` listing tells.

    It has a colon, a mode and a blob for each parent (one but for merges), then those behind it.
    """
    parents = len(row) - len(row.lstrip(":"))
    fields = row[parents:].split()
    modes, blobs = fields[: parents + 1], fields[parents + 1 : 2 * parents + 2]
    (old_mode, *_, new_mode), (old, *_, new) = modes, blobs
    had = old if old_mode in REGULAR else ""
    has = new if new_mode in REGULAR else ""
    kinds = is_story(path), is_ledger(path), story_id_of(path)
    return Change(path, old_mode, new_mode, old, new, had, has, *kinds, old_mode == NO_MODE, new_mode == NO_MODE)


def current_folder() -> Path:
    """Return the folder `story` was started in; raises CannotRun where it is gone."""
    try:
        return Path.cwd()
    except OSError:
        raise CannotRun("The current folder is gone.", "cd to the newsroom.") from None


_BETWEEN = "--//"
"""An option `rev-parse` does not know and repeats; no path has two strokes in a row, so it parts paths of any name."""
_QUESTIONS = (
    *("--is-bare-repository", "--is-shallow-repository", "--path-format=absolute"),
    *("--git-dir", _BETWEEN, "--git-common-dir", _BETWEEN, "--show-toplevel"),
)


def forget_inherited(kept: Collection[str] = ()) -> None:
    """Take out of the environment what names another repository to git, but for the variables that are `kept`."""
    for name in set(_INHERITED) - set(kept):
        os.environ.pop(name, None)


def discover(start: Path, *, kept: Collection[str] = ()) -> Git:
    """Find the repository around a folder as git does; raises CannotRun when there is none.

    What git inherited is forgotten but for what is `kept`: a hook's git gave it what to read.
    """
    forget_inherited(kept)
    if not start.is_dir():
        raise _no_repository(start)
    code, out, words = _run_git(start, ("rev-parse", *_QUESTIONS))
    if not out:
        raise _explain_failure(start, code, words)
    flags, common, top = os.fsdecode(out).split(f"\n{_BETWEEN}\n")
    is_bare, is_shallow, directory = flags.split("\n", 2)
    return Git(
        directory=Path(directory),
        common=Path(common),
        top=_working_tree(Path(directory), top.removesuffix("\n"), kept) if is_bare == "false" else None,
        is_bare=is_bare == "true",
        is_shallow=is_shallow == "true",
    )


def _working_tree(directory: Path, top: str, kept: Collection[str]) -> Path | None:
    """Return the top of the working tree, from inside `.git` too, where git names none.

    Where `GIT_DIR` is set git takes any folder it is started in for the top, so a hook that keeps it has none.
    """
    if "GIT_DIR" in kept:
        return None
    if top:
        return Path(top)
    return directory.parent if directory.name == ".git" else None


def _explain_failure(start: Path, code: int, words: str) -> CannotRun:
    """Return the error that says why git finds no repository, with what to do about it."""
    if "fatal: not a git repository" in words:
        return _no_repository(start)
    if "fatal: detected dubious ownership" in words:
        way = words.rpartition("git config --global --add")
        return CannotRun(
            f"Git does not read {start}: it belongs to somebody else (dubious ownership).",
            f"If you trust who can write there: {''.join(way[1:]).strip()}",
        )
    return GitFailed(("rev-parse",), code, words)


def _no_repository(start: Path) -> CannotRun:
    return CannotRun(f"{start} is not in a git repository.", "git init && story init makes a newsroom of this folder.")


def _run_git(folder: Path, arguments: Sequence[str], stdin: bytes | None = None) -> tuple[int, bytes, str]:
    """Run git in a folder to its end: its status, what it printed, and its words on stderr."""
    with _start_git(folder, arguments, stdin=DEVNULL if stdin is None else PIPE, stderr=PIPE) as process:
        try:
            out, words = process.communicate(stdin)
        except BaseException:
            # SIGTERM and not SIGKILL, which would leave git's locks behind; nothing is put back before git has ended.
            process.terminate()
            process.wait()
            raise
    return process.returncode, out, words.decode("utf-8", "surrogateescape")


def _start_git(folder: Path, arguments: Sequence[str], *, stdin: int, stderr: int) -> Popen[bytes]:
    """Start git in a folder; it keeps our terminal, on which a hook or a key may ask for something."""
    command = ["git", *_NEUTRAL, *arguments]
    try:
        return Popen(command, cwd=folder, env={**os.environ, **_ENVIRONMENT}, stdin=stdin, stdout=PIPE, stderr=stderr)
    except OSError as error:
        if not folder.is_dir():
            raise CannotRun(f"The folder {folder} is gone.", "cd to the newsroom.") from None
        if isinstance(error, FileNotFoundError):
            raise CannotRun("git was not found.", "Install git, or put it on your PATH.") from None
        raise CannotRun(f"git could not be started: {error.strerror}.", "Look at the git on your PATH.") from None
