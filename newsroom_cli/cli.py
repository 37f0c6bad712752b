"""The command line: the table of commands, loaded one at a time, and the one place that handles errors."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from newsroom_cli import __version__

COMMANDS = {
    "init": ("init:init", "Make a newsroom of this git repository."),
    "new": ("drafts:new", "Begin a story: its file and its ledger, in one commit."),
    "adopt": ("drafts:adopt", "Take in a story written by hand, copied, or from another tool."),
    "edit": ("drafts:edit", "Open a story in your editor and commit what you wrote."),
    "save": ("drafts:save", "Commit a story's text that you changed elsewhere."),
    "delete": ("drafts:delete", "Remove a draft that was never submitted, with its ledger."),
    "submit": ("moves:move", "Hand a draft in for review, with what you have written."),
    "withdraw": ("moves:move", "Take a story back from review to go on writing."),
    "approve": ("moves:approve", "Pass a story from review to edit and become its editor."),
    "send-back": ("moves:move", "Return a story to its reporter, saying why (--note)."),
    "publish": ("moves:publish", "Make a story public, signing its words and pictures."),
    "hold": ("moves:move", "Stop a story from going public, saying why (--note); its words may change."),
    "resume": ("moves:move", "Let a story on hold go on."),
    "spike": ("moves:move", "Give a story up before readers had it, saying why (--note)."),
    "restore": ("moves:move", "Bring a spiked story back to the state it had."),
    "embargo": ("moves:embargo", "Keep a story from readers until a time."),
    "deschedule": ("moves:move", "Take a story off the schedule."),
    "release": ("moves:release", "Publish scheduled stories whose time has come."),
    "correct": ("moves:correct", "Put right what readers have, with a notice that tells them."),
    "update": ("drafts:update", "Begin a story that updates one readers have, linked to it."),
    "unpublish": ("moves:unpublish", "Take a story back from readers to the desk, saying why (--note)."),
    "kill": ("moves:kill", "End a published story for good, saying why (--note, --notice)."),
    "require": ("moves:require", "Ask for one more role's sign-off before a story is public."),
    "ack": ("moves:move", "Acknowledge that four eyes were lifted for a story."),
    "redo": ("redo:redo", "Settle two ledgers of a story and make your moves again."),
    "people": ("people:people", "List the roster: who is who, and what they may do."),
    "whoami": ("people:whoami", "Show who you are here, and what you may do."),
    "list": ("views:list_stories", "List stories with their state, reporter and editor."),
    "show": ("views:show", "Show one story, and what it still needs to go on."),
    "why": ("views:why", "Show everything between a story and publication."),
    "log": ("views:log", "Show a story's record: who did what, and when."),
    "versions": ("views:versions", "List every version of a story that readers had."),
    "check": ("check:check", "Check stories: metadata, words, and what their ledgers say."),
    "hook": ("hook:hook", "Let git check pushes and commits: install its hooks, or be one."),
    "keys": ("keys:keys", "Print who signs with which key, as ssh-keygen -Y verify reads it."),
    "audit": ("audit:audit", "Audit the history of a branch: every entry and quiet edit."),
    "verify-published": ("audit:verify_published", "Verify that what readers have is what was signed."),
    "rules": ("rules:list_rules", "List every rule of `story check`."),
    "rule": ("rules:rule", "Explain one rule, with a bad and a good example."),
    "schema": ("schema:schema", "Print the JSON Schema of a story's front matter, for editors."),
    "demo": ("demo:demo", "Watch three people take sample stories the whole way."),
}
"""Every verb, in the order of a story's life: the function that is its command, and its help's first line.

What follows that line is in the function's docstring."""


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
        place, line = COMMANDS[cmd_name]
        module, _, function = place.partition(":")
        group = typer.Typer(add_completion=False, rich_markup_mode=None)
        loaded = importlib.import_module(f"newsroom_cli.commands.{module}")
        if cmd_name in getattr(loaded, "GROUPS", {}):
            return get_command(loaded.GROUPS[cmd_name])
        command = getattr(loaded, function)
        group.command(cmd_name, help="\n".join([line, *command.__doc__.split("\n")[1:]]))(command)
        return get_command(group)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the verb that was typed; one that is not there suggests those whose names are near."""
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # Typer suggests from the names
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the verbs from the table, without loading any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line.rstrip(".")) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; every error becomes a sentence, a hint and an exit status."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if hasattr(error, "exit_code") or isinstance(error, (typer.Abort, BrokenPipeError)):
                raise
            raise typer.Exit(_report_failure(error)) from error


def _report_failure(error: Exception) -> int:
    import tempfile
    import traceback

    from newsroom_cli.errors import StoryError, WrongUsage
    from newsroom_cli.escaping import make_visible
    from newsroom_cli.report.errors import put_failure

    if isinstance(error, UnicodeEncodeError):
        error = WrongUsage("An argument is not UTF-8.", "Type it again in a UTF-8 terminal.")
    if isinstance(error, StoryError):
        put_failure(error)
        return error.status
    handle, path = tempfile.mkstemp(prefix="story-fault-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"story {__version__}, Python {sys.version}\n")
        log.write("".join(traceback.format_exception(error)))
    sys.stderr.write(f"Error: story failed: {make_visible(str(error) or type(error).__name__)}\n")
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
    """Take stories through draft, review, edit and publish, in git.

    Exit status: 0 done, or nothing to do; 1 the answer is no; 2 wrong usage; 3 could not run.
    """
    del version
