"""Puts hooks into a repository, never over somebody else's."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from importlib.resources import files as resources
from pathlib import Path

from newsroom_cli.errors import CannotRun, Refusal, WrongUsage
from newsroom_cli.repository.commit import unwritable
from newsroom_cli.repository.git import Git

SERVER = ("pre-receive",)
CLIENT = ("pre-commit", "pre-push")
_OURS = "# Made by `story hook install`"
_RECEIVING = {
    "receive.denyNonFastForwards": "so that no branch of it is rewritten, protected or not",
    "receive.denyDeletes": "so that no branch of it is deleted",
    "receive.fsckObjects": "so that git itself refuses what is not well formed",
}


def install(git: Git, *, client: bool, dry_run: bool) -> dict[Path, str]:
    """Put the server's hook into a bare repository, or the client's into one with a working tree.

    Returns what was done with each, by its path: `made`, `renewed` or `kept`. Raises WrongUsage for the other way
    round, and Refusal, before anything is written, where a hook of somebody else's is in the way.
    """
    if client and git.is_bare:
        raise WrongUsage(
            "This is a bare repository: nobody commits in it.", "story hook install PATH, without --client."
        )
    if not client and not git.is_bare:
        raise WrongUsage("This repository has a working tree.", "Its hooks are: story hook install --client")
    folder = _folder(git)
    wanted = {folder / name: script(name) for name in (CLIENT if client else SERVER)}
    planned = {path: _plan(path, text) for path, text in wanted.items()}
    for path, done in planned.items():
        if done != "kept" and not dry_run:
            _write(path, wanted[path])
    return planned


def _folder(git: Git) -> Path:
    """Return the folder in which git looks for this repository's hooks, `core.hooksPath` among its reasons."""
    return Path(os.path.normpath((git.top or git.directory) / git.text("rev-parse", "--git-path", "hooks")))


def is_shared(git: Git) -> bool:
    """Tell whether the folder of hooks is one that other repositories may use too."""
    folder, common = _folder(git).resolve(), git.common.resolve()
    return folder != common and common not in folder.parents


def command(name: str) -> str:
    """Return the command line that runs one hook with this interpreter; no module comes from the folder git is in."""
    return f"{shlex.quote(sys.executable)} -P -X utf8 -m newsroom_cli hook {name}"


def script(name: str) -> str:
    """Return a hook's text: a few lines of sh that run `story` and stop git where it is gone."""
    text = (resources("newsroom_cli") / "templates" / "hook.sh").read_text("utf-8")
    python = shlex.quote(sys.executable)
    return text.replace("@OURS@", _OURS).replace("@PYTHON@", python).replace("@NAME@", name)


def _plan(path: Path, text: str) -> str:
    if not path.exists() and not path.is_symlink():
        return "made"
    try:
        present = "" if path.is_symlink() else path.read_text("utf-8", "replace")
    except OSError as error:
        raise unwritable(error, path) from None
    if _OURS not in present:
        raise Refusal(
            f"There is a {path.name} hook already, and it is not story's: {path}.",
            f"Nothing was changed. Let yours run ours too, by a line in it: {_chain_line(path.name)}",
        )
    return "kept" if present == text and os.access(path, os.X_OK) else "renewed"


def _chain_line(name: str) -> str:
    """Return the line with which somebody's own hook runs ours; what git gives on stdin is read once and handed on."""
    given = "" if name == "pre-commit" else "rows=$(cat); printf '%s\\n' \"$rows\" | "
    return f'{given}{command(name)} "$@" || exit 1'


def _write(path: Path, text: str) -> None:
    if not sys.executable:
        raise CannotRun("Python does not say where it is.", "Install story into an environment of its own.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".story-{path.name}")
        new.write_text(text, "utf-8")
        new.chmod(0o755)
        new.replace(path)
    except OSError as error:
        raise unwritable(error, path) from None


def advice(git: Git) -> Iterator[str]:
    """Yield the settings of a bare repository that go with the hook and are missing, as commands with their reasons."""
    for key, reason in _RECEIVING.items():
        if git.text("config", "--type=bool", "--get", key, ok=(0, 1)) != "true":
            yield f"git -C {shlex.quote(str(git.directory))} config {key} true  ({reason})"
    head = git.text("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
    if not head or not git.has_ref(head):
        name = head.removeprefix("refs/heads/") or "no branch"
        yield f"HEAD names {name}, which is not there yet; the branch it names is the protected one."
