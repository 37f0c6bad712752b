"""`story audit` and `story verify-published`: all that a whole history proves, and what readers have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from newsroom_cli.commands.opening import moment, open_newsroom
from newsroom_cli.commands.options import AsJson, Now, argument, option, require_known

if TYPE_CHECKING:
    from newsroom_cli.repository.newsroom import Newsroom

Revision = Annotated[str, argument("[REV]", "A branch or commit.")]


def audit(
    revision: Revision = "",
    require: Annotated[str, option("--require STRENGTH", "What every entry has to prove; recorded.")] = "",
    as_json: AsJson = False,
    now: Now = "",
) -> None:
    """Audit the history of a branch: every entry and quiet edit.

    Without REV it is the protected branch the configuration names, else HEAD.
    """
    from newsroom_cli.history.audit import audit as audited
    from newsroom_cli.model import Severity
    from newsroom_cli.report.audit import make_ticker, put_trail
    from newsroom_cli.settings.settings import STRENGTHS

    strength = require_known("strength", require, STRENGTHS) if require else None
    newsroom = open_newsroom()
    name = revision or _first_protected(newsroom)
    trail = audited(newsroom.git, name, now=moment(now), require=strength, reached=make_ticker())
    put_trail(trail, name, as_json=as_json)
    if trail.count(Severity.ERROR):
        raise typer.Exit(1)


def _first_protected(newsroom: Newsroom) -> str:
    """Return the first protected branch there is, else HEAD."""
    for branch in newsroom.settings.trust.protected:
        for ref in (f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"):
            if newsroom.git.has_ref(ref):
                return ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    return "HEAD"


def verify_published(revision: Revision = "", as_json: AsJson = False, now: Now = "") -> None:
    """Verify that what readers have is what was signed.

    Without REV it is the working tree, in a bare repository what HEAD holds.
    """
    from newsroom_cli.report.audit import put_published
    from newsroom_cli.views.published import list_published

    newsroom = open_newsroom()
    rows = list_published(newsroom, revision, now=moment(now))
    put_published(rows, newsroom.settings, as_json=as_json)
    if any(row.findings for row in rows):
        raise typer.Exit(1)
