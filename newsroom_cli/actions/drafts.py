"""Begins stories: a new file, one taken in, and the editor that opens before the first commit."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from newsroom_cli.actions import ids
from newsroom_cli.actions.moves import refuse_locked
from newsroom_cli.errors import CannotRun, Refusal, Unreadable, WrongUsage
from newsroom_cli.escaping import is_plain, make_visible, shell_quote
from newsroom_cli.model import RECORD_KEYS, Story
from newsroom_cli.record.stops import why_locked
from newsroom_cli.repository.commit import Undo
from newsroom_cli.repository.layout import story_path
from newsroom_cli.repository.newsroom import Newsroom, slugs_in_use
from newsroom_cli.repository.search import open_update
from newsroom_cli.story import frontmatter
from newsroom_cli.verify.standing import readers_had
from newsroom_cli.workflow import drafting
from newsroom_cli.workflow.advance import Act, find_first_move


@dataclass(frozen=True)
class Wish:
    """A story as `story new` was asked for it; what is empty comes from the configuration or from git."""

    title: str
    slug: str | None = None
    section: str = ""
    lang: str = ""
    reporters: Sequence[str] = ()
    update_of: str = ""


def compose(newsroom: Newsroom, wish: Wish, act: Act) -> Story:
    """Return the text of a new story; raises WrongUsage or Refusal for a title or slug that cannot be."""
    settings, slugs = newsroom.settings, slugs_in_use(newsroom.files)
    title = wish.title.strip()
    if not title:
        raise WrongUsage("A story needs a title.", 'story new "Council passes the 2027 budget"')
    if not is_plain(title):
        raise WrongUsage("The title holds control characters.", f"As it is: {make_visible(title)}")
    if wish.slug is not None:
        slug = drafting.chosen_slug(wish.slug, settings, slugs)
    else:
        slug = drafting.free_slug(title, settings, slugs)
    people = [str(drafting.find_person(text, act.policy)) for text in wish.reporters] or [str(act.actor)]
    reporter = people[0] if len(people) == 1 else people
    values = drafting.first_keys(settings, ids.new_id(act.at, settings), title, slug, reporter)
    values |= {"lang": wish.lang or settings.language, "section": wish.section or None}
    values |= {"update_of": wish.update_of or None}
    path = story_path(drafting.folder_of(settings, act.at, wish.section), slug)
    return drafting.compose(path, values, settings)


def find_original(newsroom: Newsroom, slug: str, act: Act) -> Story:
    """Return the story an update would be of.

    Raises Refusal for one readers do not have, or with an update under way, and NotYourRight before an editor opens.
    """
    case = newsroom.read_case(slug, to_write=False)
    story, record, pipeline = case.story, case.ledger, newsroom.settings.pipeline
    if record is None:
        newsroom.keep_ledger(story.slug, story.metadata.id or "")
    if not readers_had(record, pipeline, act.at):
        reason = record and why_locked(pipeline, record.record, newsroom.settings.timezone)
        said = reason.reason if reason else "is not public; write on in it"
        raise Refusal(f"{slug} {said}.", f"story edit {slug}" if not reason else reason.way.format(slug))
    find_first_move(story, act)
    if name := open_update(newsroom, story.metadata.id or ""):
        raise Refusal(f"{story.slug} has an update under way: {name}.", f"story edit {name}, or spike it first.")
    return story


def edit_in_editor(newsroom: Newsroom, story: Story) -> Story:
    """Return the story as the person's editor leaves it; raises Unreadable, keeping what was written on disk.

    Keys that `story` writes are as they were; those that would stop the story move to `imported:`.
    """
    full = newsroom.commits.root / story.path
    _ = newsroom.commits.branch
    undo = Undo(newsroom.commits.root)
    undo.write(story.path, story.text.encode())
    try:
        _run_editor(newsroom, story.path)
        written = newsroom.read(story.path)
        by_hand = [key for key in RECORD_KEYS if written.fields.get(key) != story.fields.get(key)]
        foreign = drafting.stopping_keys(written)
        aside = {"imported": drafting.keys_aside(written, foreign)} if foreign else {}
        return frontmatter.edit(written, {**{key: story.fields.get(key) for key in by_hand}, **aside})
    except Unreadable as error:
        hint = f"Your text is in {story.path}; mend it, then: story adopt {shell_quote(story.path)}"
        raise Unreadable(error.message, hint, error.findings) from None
    except BaseException:
        if full.is_file() and full.read_bytes() == story.text.encode():
            undo.back()
        raise


def open_in_editor(newsroom: Newsroom, slug: str) -> None:
    """Open a story's file in the person's editor; raises Refusal for one that readers have."""
    path = newsroom.find(slug)
    _ = newsroom.commits.branch, newsroom.actor
    refuse_locked(newsroom, path)
    _run_editor(newsroom, path)


def _run_editor(newsroom: Newsroom, path: str) -> None:
    editor = newsroom.git.text("var", "GIT_EDITOR", ok=(0, 1, 128))
    if not editor:
        raise CannotRun("No editor is set.", "export EDITOR=nano, or git config core.editor nano")
    full = str(newsroom.commits.root / path)
    done = subprocess.run(["sh", "-c", f'{editor} "$@"', editor, full], check=False)
    if done.returncode:
        raise CannotRun(f"The editor ended with status {done.returncode}.", f"Nothing was committed: {path}")
