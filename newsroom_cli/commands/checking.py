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
    form: Annotated[str, _Option("--format", metavar="FORMAT", help="text, concise, json or github.")] = "text",
    require: Annotated[
        str, _Option("--require", metavar="STRENGTH", help="With --base: recorded or attributed.", show_default=False)
    ] = "",
    target: Annotated[
        str, _Option("--for", metavar="STATE", help="As if in STATE: what is still missing.", show_default=False)
    ] = "",
    select: Annotated[
        list[str] | None, _Option("--select", metavar="RULE", help="These rules only.", show_default=False)
    ] = None,
    ignore: Annotated[
        list[str] | None, _Option("--ignore", metavar="RULE", help="All but these rules.", show_default=False)
    ] = None,
    fail_level: Annotated[
        str, _Option("--fail-level", metavar="LEVEL", help="What exits 1: error, warning or never.")
    ] = "error",
    statistics: Annotated[bool, _Option("--statistics", help="Count findings by rule.")] = False,
    now: Now = "",
) -> None:
    """Check stories: metadata, words, and what their ledgers say."""
    from newsroom_cli.commands.options import moment, one_of
    from newsroom_cli.errors import WrongUsage
    from newsroom_cli.report.findings import FORMATS, put_inspection
    from newsroom_cli.report.screen import progress
    from newsroom_cli.repository import change, inspection
    from newsroom_cli.repository.newsroom import open_newsroom
    from newsroom_cli.rules import is_fixed
    from newsroom_cli.settings import STRENGTHS

    strength = next((one for one in STRENGTHS if one == require), None)
    one_of("format", form, FORMATS)
    one_of("level", fail_level, ("error", "warning", "never"))
    if require:
        one_of("strength", require, STRENGTHS)
    if base is not None and (paths or target):
        raise WrongUsage("--base checks the whole change; it takes no paths and no --for.", "Leave them out.")
    newsroom = open_newsroom()
    if target:
        one_of("state", target, newsroom.settings.pipeline.names)
    if base is not None:
        between = change.resolve(newsroom.git, base, target=_merged_into())
        found = change.inspect(newsroom.git, between, now=moment(now), require=strength)
    else:
        found = inspection.whole(newsroom, now=moment(now), paths=paths or (), target=target, begun=progress)
    shown = found.narrowed(select=select or (), ignore=ignore or (), always=is_fixed)
    put_inspection(shown, form, statistics=statistics)
    if shown.fails(fail_level):
        raise typer.Exit(1)


def _merged_into() -> str:
    """The branch a CI host merged a pull request into for this checkout (GitHub, GitLab); empty elsewhere."""
    import os
    import re

    if re.fullmatch(r"refs/pull/\d+/merge", os.environ.get("GITHUB_REF", "")):
        return os.environ.get("GITHUB_BASE_REF", "")
    if os.environ.get("CI_MERGE_REQUEST_EVENT_TYPE") == "merged_result":
        return os.environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
    return ""
