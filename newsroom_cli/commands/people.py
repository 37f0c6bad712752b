"""`story people`, `people add`, `people remove` and `whoami`: who is who, and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from newsroom_cli.commands.opening import moment, open_newsroom
from newsroom_cli.commands.options import AsJson, DryRun, Now, argument, option
from newsroom_cli.errors import Refusal
from newsroom_cli.escaping import make_visible
from newsroom_cli.report.screen import say

if TYPE_CHECKING:
    from newsroom_cli.actions.roster import RosterChange
    from newsroom_cli.repository.newsroom import Newsroom

_group = typer.Typer(add_completion=False, rich_markup_mode=None)
GROUPS = {"people": _group}
"""Verbs of this module that have verbs of their own."""


@_group.callback(invoke_without_command=True)
def people(ctx: typer.Context, as_json: AsJson = False, now: Now = "") -> None:
    """List the roster: who is who, and what they may do."""
    from newsroom_cli.report.people import put_people

    if ctx.invoked_subcommand is None:
        put_people(open_newsroom().settings, at=moment(now), as_json=as_json)


@_group.command()
def add(
    name: Annotated[str, argument("NAME", "What they are called.")],
    email: Annotated[list[str], option("--email E", "As their git has it.")],
    role: Annotated[list[str], option("--role ROLE", "What they act as.")],
    section: Annotated[list[str] | None, option("--section NAME", "Only there; all.")] = None,
    key: Annotated[list[str] | None, option("--key KEY", "SSH public key: its file, or itself.")] = None,
    begins: Annotated[str, option("--from TIME", "The key is valid from then.")] = "",
    ends: Annotated[str, option("--until TIME", "The key is valid until then.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Put a person on the roster and commit that alone."""
    from newsroom_cli.actions.roster import join, key_text
    from newsroom_cli.people import new_person

    newsroom = open_newsroom()
    texts = [key_text(text, newsroom) for text in key or ()]
    wish = new_person.Wish(name, email, role, section or (), texts, begins, ends)
    person = new_person.make_person(wish, newsroom.settings)
    change = join(newsroom, person)
    if change.write is not None:
        for line in new_person.find_oddities(person, newsroom.settings):
            say(f"Warning: {make_visible(line)}")
    _finish(newsroom, change, "Added", dry_run=dry_run)


@_group.command()
def remove(
    person: Annotated[str, argument("PERSON", "An e-mail, or a name.")],
    yes: Annotated[bool, option("--yes", "Also somebody with keys.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Take a person off the roster and commit that alone."""
    from newsroom_cli.actions.roster import leave

    newsroom = open_newsroom()
    change = leave(newsroom, person)
    if change.person.keys and not (yes or dry_run):
        raise Refusal(
            f"{change.person.name} has keys, and what they signed can be verified no longer without them.",
            f"Leave them in {change.path} with roles = [] and a valid_until for each key; or remove with --yes.",
        )
    _finish(newsroom, change, "Removed", dry_run=dry_run)


def _finish(newsroom: Newsroom, change: RosterChange, done: str, *, dry_run: bool) -> None:
    from newsroom_cli.report.commits import say_shared
    from newsroom_cli.report.people import put_change, say_consequences

    name = make_visible(change.person.name)
    if change.write is None:
        say(f"{name} is on the roster just so; nothing to do.")
        return
    if dry_run:
        put_change(change)
        return
    commit = newsroom.commits.make(change.write)
    say(f"{done} {name}: {make_visible(change.path)} ({commit.short}).")
    say_consequences(change, newsroom.judges)
    say_shared(commit)


def whoami(
    stories: Annotated[bool, option("--stories", "List the stories that wait for you.")] = False,
    as_json: AsJson = False,
    now: Now = "",
) -> None:
    """Show who you are here, and what you may do."""
    from newsroom_cli.report.people import Standing, put_standing
    from newsroom_cli.views.whoami import list_waiting, signing_setup

    newsroom, at = open_newsroom(), moment(now)
    waiting_stories = list_waiting(newsroom, at=at) if stories else None
    put_standing(
        Standing(newsroom.actor, newsroom.judges, signing_setup(newsroom), at, waiting_stories), as_json=as_json
    )
