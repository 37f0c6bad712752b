"""Opens a newsroom while the rest of a verb is loaded: git is asked for its version and for who acts meanwhile."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from newsroom_cli.repository.newsroom import Newsroom


class Opening:
    """A newsroom that is being opened around the current folder, from the moment this is made.

    With `who` git is asked who acts as well. Used in a `with`, behind which nothing of it goes on.
    """

    def __init__(self, *, who: bool = False) -> None:
        self._who = who
        self._found: Newsroom | None = None
        self._thread = Thread(target=self._open, daemon=True)
        self._thread.start()

    def _open(self) -> None:
        """Look for the repository; what goes wrong here is told by whoever asks again."""
        from contextlib import suppress

        import git  # noqa: F401  finds out which git there is

        from newsroom_cli.errors import CannotRun
        from newsroom_cli.repository.newsroom import open_newsroom

        with suppress(CannotRun):
            self._found = open_newsroom()
            _ = self._who and self._found.actor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def newsroom(self) -> Newsroom:
        """The newsroom; raises CannotRun outside a repository."""
        from newsroom_cli.repository.newsroom import open_newsroom

        self._thread.join()
        return self._found or open_newsroom()
