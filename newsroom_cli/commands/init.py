"""`story init`: makes a newsroom of a git repository."""

from __future__ import annotations

from typing import Annotated

from newsroom_cli.commands.opening import open_newsroom
from newsroom_cli.commands.options import DryRun, option
from newsroom_cli.escaping import make_visible
from newsroom_cli.report.screen import print_line, say


def init(
    spec: Annotated[str, option("--spec SPEC", "What CI installs, for pip; this version.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Make a newsroom of this git repository."""
    from newsroom_cli.actions.init import lay_files

    laid = lay_files(open_newsroom(), spec=spec, dry_run=dry_run)
    for path, done in laid.items():
        print_line(f"{'would make' if dry_run and done == 'made' else done}  {make_visible(path)}")
    if any(done == "made" for done in laid.values()) and not dry_run:
        look = "Look at newsroom.toml, then" if laid.get("newsroom.toml") == "made" else "Then"
        say(f"{look}: git add --all && git commit -m 'story init'")
        say('Begin a story: story new "TITLE"')
