"""The stories that a change of configuration leaves behind, looked up in a tree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from newsroom_cli.check.files import peek_id
from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Finding
from newsroom_cli.record import ledger
from newsroom_cli.repository.files import Files, story_paths
from newsroom_cli.repository.newsroom import ledger_by
from newsroom_cli.verify.strands import PolicyChange, StoryStanding, find_left_behind, standing_of


def find_stranded(change: PolicyChange, files: Files) -> Iterator[Finding]:
    """Find what a change of configuration strands of the stories in a tree, which is read only where it may."""
    return find_left_behind(change, lambda: _stories(files))


def _stories(files: Files) -> Iterator[StoryStanding]:
    """Where every story of a tree stands by its ledger; reads them all."""
    paths = story_paths(files)
    files.expect(paths)
    ids = sorted({story_id for path in paths if (story_id := peek_id(files, path))})
    files.expect(map(ledger.path_of, ids))
    for story_id in ids:
        with suppress(Unreadable):  # found where the tree itself is judged
            record = ledger_by(files, story_id)
            if record is not None and (standing := standing_of(record)) is not None:
                yield standing
