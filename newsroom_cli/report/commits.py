"""Prints what would be committed (`--dry-run`), and says of what was: warnings, and how it gets to the others."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from newsroom_cli.actions.moves import PlannedCommits
from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Story
from newsroom_cli.report.findings import lines
from newsroom_cli.report.screen import print_line, print_lines, say
from newsroom_cli.repository.commit import CommitMade, Write
from newsroom_cli.repository.files import Files


def put_plan(story: Story, writes: Sequence[Write], files: Files) -> None:
    """Print the commits that would be made of a story on some files: message and differences."""
    if not writes:
        say(f"{make_visible(story.slug)}: nothing to do.")
    for write in writes:
        print_line(f"Would commit {', '.join(make_visible(path) for path in sorted({*write.files, *write.along}))}:")
        for line in write.message.rstrip().split("\n"):
            print_line(f"    {make_visible(line)}".rstrip())
        for path, content in write.files.items():
            put_file_diff(path, files, content)


def put_file_diff(path: str, files: Files, content: bytes | None) -> None:
    """Print how the text of one of these files would change; None is a file that goes."""
    put_diff(path, *(side.decode("utf-8", "replace") for side in (files.read(path) or b"", content or b"")))


def put_diff(path: str, before: str, after: str) -> None:
    """Print how a file's text would change."""
    old, new = (text.removesuffix("\n").split("\n") if text else [] for text in (before, after))
    print_lines(map(make_visible, difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm="", n=1)))


def put_warnings(planned: PlannedCommits) -> None:
    """Say what a rule advises against, though the move was made, and what stops the story no more."""
    say(*lines(planned.warnings))
    slug = make_visible(planned.story.slug)
    for key, value in planned.aside.items():
        says = f"{key} ({make_visible(value)}) stands under imported, where it stops nobody."
        say(f"{slug}: {says} To set it: {_SETS[key].format(slug)}")


_SETS = {
    "embargo": "story embargo {} TIME",
    "publish_at": "story publish {} --at TIME",
    "pubstatus": "story hold {} --note WHY",
}


def say_shared(commit: CommitMade | None, *, changed: bool = True) -> None:
    """Say how a commit, if one was made, gets to the others, while it has not."""
    if commit is None:
        return
    if commit.sharing:
        say(f"Not shared yet: {make_visible(commit.sharing)}")
    elif changed:
        say("Shared already.")
