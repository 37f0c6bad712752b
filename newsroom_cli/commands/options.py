"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeVar

import typer

from newsroom_cli.errors import WrongUsage


def option(usage: str, text: str, *, show_default: bool = False) -> object:
    """Return an option by how it is typed, as `--slug SLUG` (without the metavar it is a flag), and its help."""
    names = usage.split()
    metavar = None if names[-1].startswith("-") else names.pop()
    return typer.Option(*names, metavar=metavar, help=text, show_default=show_default)


def argument(metavar: str, text: str | None = None) -> object:
    """Return an argument by its name on the screen, and its help."""
    return typer.Argument(metavar=metavar, help=text, show_default=False)


Slug = Annotated[str, argument("SLUG", "The story's slug, or its path.")]
Slugs = Annotated[list[str], argument("SLUG...", "The stories' slugs, or their paths.")]
Note = Annotated[str, option("--note -m TEXT", "Say why, for the desk.")]
Override = Annotated[str | None, option("--override REASON", "Lift four eyes; recorded and shown.")]
DryRun = Annotated[bool, option("--dry-run", "Show the commit, make none.")]
AsJson = Annotated[bool, option("--json", "Print JSON.")]
Now = Annotated[str, typer.Option("--now", metavar="TIME", hidden=True, show_default=False)]


Known = TypeVar("Known", bound=str)


def require_known(what: str, name: str, known: Iterable[Known]) -> Known:
    """Return the known name that a name is; raises WrongUsage, with all that are known, where it is none."""
    names = tuple(known)
    for known_name in names:
        if known_name == name:
            return known_name
    raise WrongUsage(f"There is no {what} {name}.", f"There is {', '.join(names)}.")
