"""Opens a repository from inside one of git's hooks, with what git gave the hook to read."""

from __future__ import annotations

import os
from pathlib import Path

from newsroom_cli.errors import CannotRun
from newsroom_cli.repository.git import Git, current_folder, discover

QUARANTINE = ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH")
"""Where a push's objects are until it is taken; every git process of a pre-receive hook needs all of them."""

STAGED = ("GIT_INDEX_FILE",)
"""What `git commit` is about to commit; not always `.git/index`."""


def open_receiving() -> Git:
    """Open the repository a push goes to; raises CannotRun outside a hook of git's."""
    folder = os.environ.get("GIT_DIR", "")
    if not folder:
        raise CannotRun("story hook pre-receive is run by git.", "On the server: story hook install REPO")
    start = Path(folder).absolute()
    os.environ["GIT_DIR"] = str(start)
    return discover(start, kept=QUARANTINE)


def open_committing() -> Git:
    """Open the repository a commit is about to be made in, with the index git makes it of."""
    if index := os.environ.get("GIT_INDEX_FILE"):
        os.environ["GIT_INDEX_FILE"] = str(Path(index).absolute())
    return discover(current_folder(), kept=STAGED)
