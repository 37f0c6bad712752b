"""`story hook`: what git runs before it takes a push or makes a commit, and how it gets to do so."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from newsroom_cli.commands.options import Now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_ACTIONS = ("install", "pre-receive", "pre-commit", "pre-push")


def hook(
    action: Annotated[
        str,
        typer.Argument(metavar="HOOK", help=f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}.", show_default=False),
    ],
    rest: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]", help="install: the repository; here. Else what git gives.", show_default=False
        ),
    ] = None,
    client: Annotated[bool, typer.Option("--client", help="install: pre-commit and pre-push, into a clone.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="install: say what would be done.")] = False,
    now: Now = "",
) -> None:
    """Let git check pushes and commits: install its hooks, or be one."""
    from newsroom_cli.commands.options import moment, one_of

    one_of("hook", action, _ACTIONS)
    if action == "install":
        _install(rest or (), client=client, dry_run=dry_run)
        return
    at = moment(now)
    refused = {"pre-receive": _receive, "pre-commit": _commit, "pre-push": _push}[action](rest or (), at)
    if refused:
        raise typer.Exit(1)


def _receive(_: Sequence[str], at: datetime) -> bool:
    """Judge what git gives on stdin; the whole push is refused when one of its refs is."""
    from newsroom_cli.report.pushes import say_verdicts
    from newsroom_cli.repository import pushes
    from newsroom_cli.repository.hooked import receiving

    verdicts = pushes.judge(receiving(), pushes.received(_rows()), now=at)
    say_verdicts(verdicts, again="git fetch, then story check --base origin/BRANCH")
    return any(one.refuses for one in verdicts)


def _push(given: Sequence[str], at: datetime) -> bool:
    """Say before a push what the remote's hook would, as far as it is known here."""
    from newsroom_cli.report.pushes import say_verdicts
    from newsroom_cli.repository import pushes
    from newsroom_cli.repository.hooked import pushing

    remote = given[0] if given else "origin"
    verdicts = list(pushes.from_here(pushing(), remote, pushes.sent(_rows()), now=at))
    say_verdicts(verdicts, again=f"story check --base {remote}/BRANCH")
    return any(one.refuses for one in verdicts)


def _commit(_: Sequence[str], at: datetime) -> bool:
    """Check the stories and ledgers that are staged."""
    from newsroom_cli.report.pushes import say_findings
    from newsroom_cli.report.screen import say
    from newsroom_cli.repository.hooked import committing
    from newsroom_cli.repository.staging import inspect_staged

    found = inspect_staged(committing(), now=at)
    if found.findings:
        say_findings(found)
    if found.fails("error"):
        say("Error: What is staged is not in order; nothing was committed.")
        say("Hint: Mend it, git add it, and commit again. States move by verbs: story --help")
    return found.fails("error")


def _rows() -> list[str]:
    rows = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\n")
    return [row for row in rows if row]


def _install(paths: Sequence[str], *, client: bool, dry_run: bool) -> None:
    """Put hooks into a repository and say what else it should be told."""
    from pathlib import Path

    from newsroom_cli.errors import WrongUsage
    from newsroom_cli.plain import visible
    from newsroom_cli.report.screen import put, say
    from newsroom_cli.repository import hooks
    from newsroom_cli.repository.git import discover

    if len(paths) > 1:
        raise WrongUsage("One repository at a time.", "story hook install PATH")
    git = discover(Path(paths[0] if paths else ".").absolute())
    for one in hooks.install(git, client=client, dry_run=dry_run):
        put(f"{one.done}  {visible(str(one.path))}")
    if hooks.is_shared(git):
        say("core.hooksPath names this folder: it may be the hooks of other repositories too.")
    for line in () if client else hooks.advice(git):
        say(visible(line))
