"""The verbs that take an action on stories: `move` for all that ask for a note alone, a function for each other."""

from __future__ import annotations

from typing import Annotated

import typer

from newsroom_cli.commands.opening import moment, open_newsroom, read_time_to_come
from newsroom_cli.commands.options import DryRun, Note, Now, Override, Slug, Slugs, argument, option, require_known
from newsroom_cli.commands.take_action import take
from newsroom_cli.errors import WrongUsage
from newsroom_cli.escaping import shell_quote
from newsroom_cli.report.screen import say

Notice = Annotated[str, option("--notice TEXT", "Say what happened, for readers.")]
Yes = Annotated[bool, option("--yes", "Do not ask.")]
_KINDS = "correction, clarification, update or refile."


def move(ctx: typer.Context, slugs: Slugs, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Take the action that the verb is called after; `cli.COMMANDS` says of each verb what it does."""
    take(ctx.info_name or "", slugs, note=note, dry_run=dry_run, now=now)


def approve(slugs: Slugs, note: Note = "", override: Override = None, dry_run: DryRun = False, now: Now = "") -> None:
    """Pass a story from review to edit and become its editor."""
    take("approve", slugs, note=note, override=override, dry_run=dry_run, now=now)


def publish(
    slugs: Slugs,
    at: Annotated[str, option("--at TIME", "Sign now, for release then: 18:00 or 2026-11-24 18:00.")] = "",
    note: Note = "",
    override: Override = None,
    yes: Annotated[bool, option("--yes", "Publish words changed since the last move.")] = False,
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Make a story public, signing its words and pictures."""
    action, terms = ("schedule", {"publish_at": read_time_to_come(at, now)}) if at else ("publish", {})
    take(action, slugs, note=note, override=override, yes=yes, dry_run=dry_run, now=now, terms=terms)


def embargo(
    slug: Slug,
    time: Annotated[str, argument("[TIME]", "When it may go out: 18:00, or a whole date.")] = "",
    endless: Annotated[bool, option("--until-further-notice", "Until it is lifted.")] = False,
    lift: Annotated[bool, option("--lift", "End it now.")] = False,
    note: Note = "",
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Keep a story from readers until a time."""
    from newsroom_cli.record.stops import UNTIL_FURTHER_NOTICE

    if bool(time) + endless + lift != 1:
        raise WrongUsage(
            "An embargo takes a time, --until-further-notice or --lift.", f"story embargo {shell_quote(slug)} 18:00"
        )
    ends = read_time_to_come(time, now) if time else UNTIL_FURTHER_NOTICE
    take("embargo", [slug], note=note, dry_run=dry_run, now=now, terms={} if lift else {"embargo": ends})


def release(
    slugs: Annotated[list[str] | None, argument("[SLUG]...", "These alone; all that are due.")] = None,
    due: Annotated[bool, option("--due", "All whose time has come, as without a slug.")] = False,
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Publish scheduled stories whose time has come."""
    from newsroom_cli.actions.schedule import list_scheduled

    if slugs and due:
        raise WrongUsage("--due takes no slug.", "story release --due")
    if not slugs:
        newsroom = open_newsroom()
        planned = list_scheduled(newsroom)
        slugs = [coming_story.path for coming_story in planned if coming_story.at <= moment(now)]
        if not slugs:
            say(f"Nothing is due. Next: {planned[0].say_time(newsroom)}" if planned else "Nothing is scheduled.")
            return
    take("release", slugs, note="", dry_run=dry_run, now=now)


def correct(
    slug: Slug,
    notice: Notice = "",
    kind: Annotated[str, option("--kind KIND", _KINDS, show_default=True)] = "correction",
    rename: Annotated[str, option("--rename SLUG", "Another slug; old links lead there.")] = "",
    note: Note = "",
    override: Override = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Put right what readers have, with a notice that tells them."""
    from newsroom_cli.record.conditions import KINDS

    require_known("kind", kind, KINDS)
    terms = {"kind": kind, "notice": notice}
    take("correct", [slug], note=note, dry_run=dry_run, now=now, terms=terms, override=override, yes=yes, rename=rename)


def unpublish(
    slug: Slug, note: Note = "", notice: Notice = "", yes: Yes = False, dry_run: DryRun = False, now: Now = ""
) -> None:
    """Take a story back from readers to the desk, saying why (--note)."""
    terms = {"notice": notice} if notice else {}
    take("unpublish", [slug], note=note, dry_run=dry_run, now=now, terms=terms, yes=yes)


def kill(
    slug: Slug, note: Note = "", notice: Notice = "", yes: Yes = False, dry_run: DryRun = False, now: Now = ""
) -> None:
    """End a published story for good, saying why (--note, --notice)."""
    take("kill", [slug], note=note, dry_run=dry_run, now=now, terms={"notice": notice}, yes=yes)


def require(
    slug: Slug,
    role: Annotated[str, argument("ROLE", "Who has to sign too, as legal.")],
    drop: Annotated[bool, option("--drop", "Take it back.")] = False,
    note: Note = "",
    dry_run: DryRun = False,
    now: Now = "",
) -> None:
    """Ask for one more role's sign-off before a story is public."""
    take("require", [slug], note=note, dry_run=dry_run, now=now, role=role, drop=drop)
