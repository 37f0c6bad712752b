"""Opens a newsroom while the rest of a verb is loaded: git is asked for its version and for who acts meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from newsroom_cli.repository.newsroom import Newsroom


class Opening:
    """A newsroom that is being opened around the current folder, from the moment this is made.

    With `who` git is asked who acts as well. Used in a `with`, behind which nothing of it goes on.
    """

    def __init__(self, *, who: bool = False) -> None:
        self._who = who
        self._pool = ThreadPoolExecutor(1)
        self._asked = self._pool.submit(self._open)

    def _open(self) -> Newsroom:
        import git  # noqa: F401  finds out which git there is

        from newsroom_cli.errors import CannotRun
        from newsroom_cli.repository.newsroom import open_newsroom

        found = open_newsroom()
        if self._who:
            with suppress(CannotRun):  # told to whoever asks again
                _ = found.actor
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def newsroom(self) -> Newsroom:
        """The newsroom; raises CannotRun outside a repository."""
        return self._asked.result()
