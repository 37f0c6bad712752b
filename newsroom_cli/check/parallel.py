"""Look at many stories on every core."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from newsroom_cli.check.story import TreeContext
from newsroom_cli.repository.files import WorkingTree

_PARALLEL_FROM = 400
"""Starting processes takes as long as judging some hundred stories."""
_AT_ONCE = 32
"""So many stories are sent to a process together."""

T = TypeVar("T")

_look: Callable[[str], Any]
"""What a worker process asks of each story, by its path."""


def _begin_worker(look: Callable[[str], Any]) -> None:
    global _look  # noqa: PLW0603  set once in each worker process, before its first story
    _look = look


def _look_in_worker(path: str) -> Any:
    return _look(path)


def look_at_all(look: Callable[[str, TreeContext], T], paths: Sequence[str], around: TreeContext) -> list[T]:
    """Return the answer of a look for each story, in their order, on every core where they are many."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(paths) < _PARALLEL_FROM or cores == 1 or not isinstance(around.files, WorkingTree):
        around.files.expect(paths)
        return [look(path, around) for path in paths]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(cores, get_context("fork"), _begin_worker, (lambda path: look(path, around),)) as pool:
        return list(pool.map(_look_in_worker, paths, chunksize=_AT_ONCE))
