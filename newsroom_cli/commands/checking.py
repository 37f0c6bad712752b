"""`story check`: whether stories are in order, all of them or what a change would bring to its base."""

from __future__ import annotations

from typing import Annotated

import typer

from newsroom_cli.commands.options import Now

_Option = typer.Option


def check(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[PATH]...", help="Stories or folders; all.", show_default=False)
    ] = None,
    base: Annotated[
        str | None,
        _Option("--base", metavar="REV", help="Check what merging into REV brings.", show_default=False),
    ] = None,
    form: Annotated[str, _Option("--format", metavar="FORMAT", help="text, json or github.")] = "text",
    require: Annotated[
        str, _Option("--require", metavar="STRENGTH", help="With --base: recorded or attributed.", show_default=False)
    ] = "",
    now: Now = "",
) -> None:
    """Check stories: metadata, words, and what their ledgers say."""
    from newsroom_cli.commands.options import moment
    from newsroom_cli.errors import WrongUsage
    from newsroom_cli.model import Severity
    from newsroom_cli.report.findings import FORMATS, put_inspection
    from newsroom_cli.report.screen import progress
    from newsroom_cli.repository import change, inspection
    from newsroom_cli.repository.newsroom import open_newsroom
    from newsroom_cli.settings import STRENGTHS

    strength = next((one for one in STRENGTHS if one == require), None)
    if form not in FORMATS:
        raise WrongUsage(f"There is no format {form}.", f"Formats are {', '.join(FORMATS)}.")
    if require and strength is None:
        raise WrongUsage(f"There is no strength {require}.", f"Strengths are {', '.join(STRENGTHS)}.")
    if base is not None and paths:
        raise WrongUsage("--base checks the whole change; it takes no paths.", "Leave the paths out.")
    newsroom = open_newsroom()
    if base is not None:
        between = change.resolve(newsroom.git, base, merge_checkout=_on_merge_checkout())
        found = change.inspect(newsroom.git, between, now=moment(now), require=strength)
    else:
        found = inspection.whole(newsroom, now=moment(now), paths=paths or (), begun=progress)
    put_inspection(found, form)
    if found.count(Severity.ERROR):
        raise typer.Exit(1)


def _on_merge_checkout() -> bool:
    """Whether a CI host checked out its own merge of a pull request (GitHub, GitLab)."""
    import os
    import re

    github = re.fullmatch(r"refs/pull/\d+/merge", os.environ.get("GITHUB_REF", ""))
    return bool(github) or os.environ.get("CI_MERGE_REQUEST_EVENT_TYPE") == "merged_result"
