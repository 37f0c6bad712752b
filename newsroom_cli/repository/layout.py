"""What a path of the repository means, and what git's tree says of the file at it: the one place that knows."""

from __future__ import annotations

from functools import lru_cache

from newsroom_cli.record import ledger

STORIES = "stories"
LEDGERS = ".newsroom/ledger"
STORY_ENDING = ".md"
REGULAR = ("100644", "100755")
"""The modes of regular files in git's trees."""
NOTHING = "0" * 40
"""The blob id git writes where there is no file."""


def is_story(path: str) -> bool:
    """Tell whether a path is that of a story's file."""
    return path.startswith(f"{STORIES}/") and path.endswith(STORY_ENDING)


def is_ledger(path: str) -> bool:
    """Tell whether a path is below the folder of the ledgers."""
    return path.startswith(f"{LEDGERS}/")


def is_ours(path: str) -> bool:
    """Tell whether a file, or a link or submodule in a folder's place, is below `stories/` or `.newsroom/`."""
    return f"{path}/".startswith((f"{STORIES}/", ".newsroom/"))


def slug_of(path: str) -> str:
    """Return a story's slug: its file's name without the ending."""
    return path.rsplit("/", 1)[-1].removesuffix(STORY_ENDING)


@lru_cache(4096)
def story_id_of(path: str) -> str:
    """Return the id of the story whose ledger belongs at a path; empty where none does."""
    return ledger.id_of(path)


def regular_blob(mode: str, blob: str) -> str:
    """Return the blob of a regular file, zeros for anything else."""
    return blob if mode in REGULAR else NOTHING


def is_absent(blob: str) -> bool:
    """Tell whether a blob id (or a mode) is the zeros git writes where there is no file."""
    return not blob.strip("0")
