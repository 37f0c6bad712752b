"""The one place that knows what a path of the repository means, and what the modes and ids of git's trees say of it."""

from __future__ import annotations

from functools import lru_cache

from newsroom_cli.record import ledger

STORIES = "stories"
LEDGERS = ledger.ROOT
OWN_FOLDERS = (STORIES, LEDGERS.partition("/")[0])
"""The folders at the top of the repository whose files are judged."""
STORY_ENDING = ".md"
LEDGER_ENDING = ".jsonl"
REGULAR = ("100644", "100755")
"""The modes of regular files in git's trees."""
FOLDER = "040000"
"""The mode of a folder in git's trees."""
NO_MODE = "000000"
"""The mode git writes where there is no file."""
_SYMBOLIC_LINK = "120000"


def is_below(path: str, folder: str) -> bool:
    """Tell whether a path is below a folder, at any depth."""
    return path.startswith(f"{folder}/")


def is_story(path: str) -> bool:
    """Tell whether a path is that of a story's file."""
    return is_below(path, STORIES) and path.endswith(STORY_ENDING)


def is_ledger(path: str) -> bool:
    """Tell whether a path is below the folder of the ledgers."""
    return is_below(path, LEDGERS)


def is_ours(path: str) -> bool:
    """Tell whether a file, or a link or submodule in a folder's place, is below `stories/` or `.newsroom/`."""
    return any(is_below(f"{path}/", folder) for folder in OWN_FOLDERS)


def file_name(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def slug_of(path: str) -> str:
    """Return a story's slug: its file's name without the ending."""
    return file_name(path).removesuffix(STORY_ENDING)


def story_path(folder: str, slug: str) -> str:
    """Return the path of the story with a slug in a folder below `stories/` ("" for that folder itself)."""
    return "/".join(filter(None, (STORIES, folder, f"{slug}{STORY_ENDING}")))


def path_beside(path: str, slug: str) -> str:
    """Return the path of the story with a slug in the folder in which another story's file is."""
    return f"{path.rpartition('/')[0]}/{slug}{STORY_ENDING}"


@lru_cache(4096)
def story_id_of(path: str) -> str:
    """Return the id of the story whose ledger belongs at a path; empty where none does."""
    return ledger.id_of(path)


def id_in_name(path: str) -> str:
    """Return the id that a ledger's file is called after, be it in its place or not."""
    return file_name(path).removesuffix(LEDGER_ENDING)


def is_absent(blob: str) -> bool:
    """Tell whether a blob id (or a mode) is the zeros git writes where there is no file."""
    return not blob.strip("0")


def describe_mode(mode: str) -> str:
    """Return what a mode that is no regular file's stands for, in words."""
    return "a symbolic link" if mode == _SYMBOLIC_LINK else "a submodule"
