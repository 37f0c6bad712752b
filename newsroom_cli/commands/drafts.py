"""`story new`, `adopt`, `edit`, `save` and `delete`: a story's text, from its first line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from newsroom_cli.commands.opening import moment, open_for, open_newsroom
from newsroom_cli.commands.options import AsJson, DryRun, Note, Now, Slug, argument, option
from newsroom_cli.escaping import make_visible
from newsroom_cli.report.screen import put_json, say

if TYPE_CHECKING:
    from newsroom_cli.actions.drafts import Wish
    from newsroom_cli.actions.moves import PlannedCommits
    from newsroom_cli.repository.newsroom import Newsroom
    from newsroom_cli.workflow.advance import Act

Title = Annotated[str, argument("TITLE")]
Address = Annotated[str | None, option("--slug SLUG", "Its address.")]
Edit = Annotated[bool, option("--edit", "Open it in your editor first.")]
_REPORTER = "Who reports it: Name <email>, or a name."


def new(
    title: Title,
    slug: Address = None,
    section: Annotated[str, option("--section NAME", "Its section.")] = "",
    lang: Annotated[str, option("--lang TAG", "Its language (BCP 47).")] = "",
    reporter: Annotated[list[str] | None, option("--reporter PERSON", _REPORTER)] = None,
    edit: Edit = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    now: Now = "",
) -> None:
    """Begin a story: its file and its ledger, in one commit."""
    from newsroom_cli.actions.drafts import Wish

    newsroom, act = open_for("new", now)
    wish = Wish(title, slug, section, lang, tuple(reporter or ()))
    _begin(newsroom, wish, act, edit=edit, dry_run=dry_run, as_json=as_json)


def update(
    slug: Slug,
    title: Title,
    own: Address = None,
    edit: Edit = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    now: Now = "",
) -> None:
    """Begin a story that updates one readers have, linked to it."""
    from newsroom_cli.actions.drafts import Wish, find_original

    newsroom, act = open_for("update", now)
    first = find_original(newsroom, slug, act).metadata
    wish = Wish(title, own, first.section or "", first.lang or "", update_of=first.id or "")
    _begin(newsroom, wish, act, edit=edit, dry_run=dry_run, as_json=as_json)


def _begin(newsroom: Newsroom, wish: Wish, act: Act, *, edit: bool, dry_run: bool, as_json: bool) -> None:
    """Begin the story that was asked for, in the person's editor first where they want it."""
    from newsroom_cli.actions import drafts, moves

    story = drafts.compose(newsroom, wish, act)
    if edit and not dry_run:
        story = drafts.edit_in_editor(newsroom, story)
    _finish(newsroom, moves.begin(newsroom, story, act), "Began", dry_run=dry_run, as_json=as_json)


def adopt(
    path: Annotated[str, argument("PATH")], dry_run: DryRun = False, as_json: AsJson = False, now: Now = ""
) -> None:
    """Take in a story written by hand, copied, or from another tool."""
    from newsroom_cli.actions import moves

    newsroom, act = open_for("adopt", now)
    planned = moves.adopt(newsroom, newsroom.relative(path), act)
    _finish(newsroom, planned, "Took in", dry_run=dry_run, as_json=as_json)


def edit(slug: Slug, note: Note = "", now: Now = "") -> None:
    """Open a story in your editor and commit what you wrote."""
    from newsroom_cli.actions import drafts

    drafts.open_in_editor(open_newsroom(), slug)
    save(slug, note=note, now=now)


def save(slug: Slug, note: Note = "", dry_run: DryRun = False, now: Now = "") -> None:
    """Commit a story's text that you changed elsewhere."""
    from newsroom_cli.actions import moves

    newsroom = open_newsroom()
    _finish(newsroom, moves.save(newsroom, slug, note=note, at=moment(now)), "Saved", dry_run=dry_run)


def delete(slug: Slug, dry_run: DryRun = False) -> None:
    """Remove a draft that was never submitted, with its ledger."""
    from newsroom_cli.actions import moves

    newsroom = open_newsroom()
    _finish(newsroom, moves.delete(newsroom, slug), "Deleted", dry_run=dry_run)


def _finish(newsroom: Newsroom, planned: PlannedCommits, done: str, *, dry_run: bool, as_json: bool = False) -> None:
    from newsroom_cli.actions import moves
    from newsroom_cli.report.commits import put_plan, put_warnings, say_shared

    story = planned.story
    if dry_run:
        put_plan(planned.story, planned.writes, newsroom.files)
        return
    commit = moves.perform(newsroom, planned.writes)
    if as_json:
        put_json({"path": story.path, "slug": story.slug, "id": story.metadata.id})
    put_warnings(planned)
    if commit is None:
        say(f"{make_visible(story.slug)}: nothing to do.")
        return
    say(f"{done} {make_visible(story.slug)}: {make_visible(story.path)} ({commit.short}).")
    say_shared(commit)
