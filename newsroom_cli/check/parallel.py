"""Look at many stories on every core."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from newsroom_cli.check.cache import StoryVerdict
from newsroom_cli.check.story import TreeContext, judge_file
from newsroom_cli.errors import CannotRun
from newsroom_cli.repository.files import Files, WorkingTree

_PARALLEL_FROM = 400
"""Starting processes takes as long as judging some hundred stories."""
_AT_ONCE = 32
"""So many stories are sent to a process together."""


T = TypeVar("T")
Look = Callable[[str, Files, TreeContext], T]
"""A question asked of each story, by its path."""

_worker: tuple[Look[Any], Files, TreeContext] | None = None


def _begin_worker(look: Look[Any], files: Files, around: TreeContext) -> None:
    global _worker  # noqa: PLW0603  set once in each worker process, before its first story
    _worker = (look, files, around)


def _look_in_worker(path: str) -> Any:
    if _worker is None:
        raise CannotRun("A worker was given no newsroom.")
    look, files, around = _worker
    return look(path, files, around)


def judge_all(paths: Sequence[str], files: Files, around: TreeContext) -> list[StoryVerdict]:
    """Judge many stories, on every core where they are many."""
    return look_at_all(judge_file, paths, files, around)


def look_at_all(look: Look[T], paths: Sequence[str], files: Files, around: TreeContext) -> list[T]:
    """Return the answer of a look for each story, in their order, on every core where they are many."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(paths) < _PARALLEL_FROM or cores == 1 or not isinstance(files, WorkingTree):
        files.expect(paths)
        return [look(path, files, around) for path in paths]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    context = get_context("fork" if hasattr(os, "fork") else "spawn")
    with ProcessPoolExecutor(cores, context, _begin_worker, (look, files, around)) as pool:
        return list(pool.map(_look_in_worker, paths, chunksize=_AT_ONCE))
