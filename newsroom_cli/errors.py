"""Everything `story` refuses or cannot do, as exceptions with a message and a way on.

Each carries its exit status: 1 the answer is no, 2 wrong usage, 3 could not run. One place (`cli`) prints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsroom_cli.model import Finding


class StoryError(Exception):
    """A sentence for the person at the keyboard, and what to do next (`hint`, may be empty)."""

    status = 3

    def __init__(self, message: str, hint: str = "", findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.findings = tuple(findings)


class CannotRun(StoryError):
    """Something outside the story stops the command: no repository, no identity, git failed (exit 3)."""


class WrongUsage(StoryError):
    """The command line itself is wrong: an unknown name, a required option left out (exit 2)."""

    status = 2


class Refusal(StoryError):
    """The answer is no, and nothing was written (exit 1)."""

    status = 1


class NoSuchMove(Refusal):
    """The story cannot go this way from where it is; the message says which ways there are."""


class NotYourRight(Refusal):
    """The move exists, but not for this person; the hint says who may make it."""


class NotReady(Refusal):
    """The story's metadata, words or record stop the move; `findings` holds every reason."""


class Unreadable(Refusal):
    """A story's text cannot be read as front matter and Markdown; `findings` holds the one reason."""
