"""The command line: the table of commands, loaded one at a time, and the one place that handles errors."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from newsroom_cli import __version__

COMMANDS = {
    "init": "setup:init",
    "new": "writing:new",
    "adopt": "writing:adopt",
    "edit": "writing:edit",
    "save": "writing:save",
    "delete": "writing:delete",
    "submit": "moves:submit",
    "withdraw": "moves:withdraw",
    "approve": "moves:approve",
    "send-back": "moves:send_back",
    "publish": "moves:publish",
    "ack": "moves:ack",
    "list": "reading:list_stories",
    "show": "reading:show",
    "log": "reading:log",
    "check": "checking:check",
    "demo": "demo:demo",
}
"""Every verb, in the order of a story's life, and the function that is its command."""


class StoryGroup(TyperGroup):
    """The group of all verbs: builds only the command that is asked for, and says what went wrong."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All verbs, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load one verb."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        one = typer.Typer(add_completion=False, rich_markup_mode=None)
        loaded = importlib.import_module(f"newsroom_cli.commands.{module}")
        one.command(cmd_name)(getattr(loaded, function))
        return get_command(one)

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; every error becomes a sentence, a hint and an exit status."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if hasattr(error, "exit_code") or isinstance(error, (typer.Abort, BrokenPipeError)):
                raise
            raise typer.Exit(_said(error)) from error


def _said(error: Exception) -> int:
    from newsroom_cli.errors import StoryError
    from newsroom_cli.plain import visible
    from newsroom_cli.report.failure import put_failure

    if isinstance(error, StoryError):
        put_failure(error)
        return error.status
    handle, path = tempfile.mkstemp(prefix="story-fault-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"story {__version__}, Python {sys.version}\n")
        log.write("".join(traceback.format_exception(error)))
    sys.stderr.write(f"Error: story failed: {visible(str(error) or type(error).__name__)}\n")
    sys.stderr.write(f"Hint: This is a fault of story's. The log for a bug report: {path}\n")
    return 3


app = typer.Typer(
    cls=StoryGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"story {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take stories through draft, review, edit and publish, in git."""
    del version


def main() -> None:
    """Run `story`; a reader that closes the pipe early is no fault."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
