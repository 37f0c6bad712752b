"""`story list`, `show`, `why` and `log`: looking, in a working tree or a bare repository."""

from __future__ import annotations

from typing import Annotated

import typer

from newsroom_cli.commands.opening import moment, open_newsroom
from newsroom_cli.commands.options import AsJson, Now, Slug, option
from newsroom_cli.report.screen import say


def list_stories(
    state: Annotated[str, option("--state STATE", "In this state only.")] = "",
    reporter: Annotated[str, option("--reporter PERSON", "Theirs only.")] = "",
    editor: Annotated[str, option("--editor PERSON", "Edited by them.")] = "",
    section: Annotated[str, option("--section NAME", "In this section.")] = "",
    here: Annotated[bool, option("--here", "Leave out other branches.")] = False,
    spiked: Annotated[bool, option("--spiked", "With the stories that are spiked.")] = False,
    as_json: AsJson = False,
    now: Now = "",
) -> None:
    """List stories with their state, reporter and editor."""
    from newsroom_cli.report.stories import put_list
    from newsroom_cli.views.stories import Wanted, list_rows

    newsroom = open_newsroom()
    wanted = Wanted(state, reporter, editor, section, here=here, spiked=spiked)
    put_list(list_rows(newsroom, wanted, at=moment(now)), as_json=as_json)


def show(
    slug: Slug,
    version: Annotated[
        int | None,
        typer.Option("--version", metavar="N", min=1, help="As it went out as version N.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    now: Now = "",
) -> None:
    """Show one story, and what it still needs to go on."""
    from newsroom_cli.report.stories import put_story, put_version
    from newsroom_cli.views.story import linked_slugs, look_at_story

    newsroom = open_newsroom()
    if version is not None:
        from newsroom_cli.views.published import find_version

        put_version(*find_version(newsroom, slug, version), as_json=as_json)
        return
    row, missing = look_at_story(newsroom, slug, at=moment(now))
    put_story(row, newsroom.settings, missing=missing, linked=linked_slugs(newsroom, row), as_json=as_json)


def why(
    slug: Slug,
    target: Annotated[str, option("--for STATE", "On the way to STATE; the next public one.")] = "",
    as_json: AsJson = False,
    now: Now = "",
) -> None:
    """Show everything between a story and publication."""
    from newsroom_cli.report.why import put_obstacles
    from newsroom_cli.views.why import waits_for

    story, state, obstacles = waits_for(open_newsroom(), slug, target, at=moment(now))
    put_obstacles(story, state, obstacles, as_json=as_json)
    if obstacles:
        raise typer.Exit(1)


def log(slug: Slug, as_json: AsJson = False) -> None:
    """Show a story's record: who did what, and when."""
    from newsroom_cli.report.stories import put_log
    from newsroom_cli.repository.log import DEEPER
    from newsroom_cli.views.story import ledger_with_origins

    newsroom = open_newsroom()
    ledger, origins = ledger_with_origins(newsroom, slug)
    if newsroom.git.is_shallow:
        say("Warning: this clone is shallow: an entry may have come with an earlier commit than the one named here.")
        say(f"Hint: {DEEPER}")
    put_log(ledger.entries, origins, newsroom.settings, as_json=as_json)


def versions(slug: Slug, as_json: AsJson = False) -> None:
    """List every version of a story that readers had."""
    from newsroom_cli.report.stories import put_versions
    from newsroom_cli.views import published

    newsroom = open_newsroom()
    put_versions(published.list_versions(newsroom, slug), newsroom.settings, as_json=as_json)
