"""`story hook`: installs the hooks of git, and is run by them before a push is taken or a commit is made."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from newsroom_cli.commands.opening import moment
from newsroom_cli.commands.options import Now, argument, option
from newsroom_cli.escaping import make_visible
from newsroom_cli.report.screen import print_line, say

_group = typer.Typer(add_completion=False, rich_markup_mode=None)
GROUPS = {"hook": _group}
"""Verbs of this module that have verbs of their own."""

Given = Annotated[list[str] | None, typer.Argument(hidden=True)]
"""The arguments git gives a hook."""


@_group.callback()
def hook() -> None:
    """Let git check pushes and commits: install its hooks, or be one."""


@_group.command()
def install(
    path: Annotated[str, argument("[PATH]", "The repository; this one.")] = "",
    client: Annotated[bool, option("--client", "Pre-commit and pre-push, into a clone.")] = False,
    dry_run: Annotated[bool, option("--dry-run", "Say what would be done.")] = False,
) -> None:
    """Put the hooks into a bare repository, or into a clone."""
    from newsroom_cli.repository import hooks
    from newsroom_cli.repository.git import current_folder, discover

    git = discover(current_folder() / path)
    for where, done in hooks.install(git, client=client, dry_run=dry_run).items():
        print_line(f"{done}  {make_visible(str(where))}")
    if hooks.is_shared(git):
        say("core.hooksPath names this folder: it may be the hooks of other repositories too.")
    for line in () if client else hooks.advice(git):
        say(make_visible(line))


@_group.command("pre-receive")
def pre_receive(given: Given = None, now: Now = "") -> None:
    """Judge a push before a server takes it; git runs this."""
    from newsroom_cli.history import push
    from newsroom_cli.report.pushes import say_verdicts
    from newsroom_cli.repository.hook_environment import open_receiving

    del given
    verdicts = push.judge(open_receiving(), push.read_pushed(_read_lines(), "pre-receive"), now=moment(now))
    say_verdicts(verdicts, again="git fetch, then story check --base origin/BRANCH")
    _refuse(any(verdict.refuses for verdict in verdicts))


@_group.command("pre-commit")
def pre_commit(given: Given = None, now: Now = "") -> None:
    """Check the stories and ledgers that are staged; git runs this."""
    from newsroom_cli.history.push import inspect_staged
    from newsroom_cli.report.pushes import say_findings
    from newsroom_cli.repository.hook_environment import open_committing

    del given
    inspection = inspect_staged(open_committing(), now=moment(now))
    if inspection.findings:
        say_findings(inspection)
    if inspection.fails("error"):
        say("Error: What is staged is not in order; nothing was committed.")
        say("Hint: Mend it, git add it, and commit again. States move by verbs: story --help")
    _refuse(inspection.fails("error"))


@_group.command("pre-push")
def pre_push(given: Given = None, now: Now = "") -> None:
    """Say before a push what a server's hook would; git runs this."""
    from newsroom_cli.history import push
    from newsroom_cli.report.pushes import say_verdicts
    from newsroom_cli.repository.git import current_folder, discover

    remote = given[0] if given else "origin"
    pushed = push.read_pushed(_read_lines(), "pre-push")
    verdicts = list(push.judge_from_here(discover(current_folder()), remote, pushed, now=moment(now)))
    say_verdicts(verdicts, again=f"story check --base {remote}/BRANCH")
    _refuse(any(verdict.refuses for verdict in verdicts))


def _refuse(refused: bool) -> None:
    if refused:
        raise typer.Exit(1)


def _read_lines() -> list[str]:
    lines = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\n")
    return [line for line in lines if line]
