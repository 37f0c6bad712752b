"""Takes actions on stories in a working tree: plans what would be committed, then commits it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from newsroom_cli.actions import commit_messages, ids
from newsroom_cli.errors import CannotRun, NotReady, Refusal, Unreadable
from newsroom_cli.escaping import make_visible, shell_quote
from newsroom_cli.history import story_history
from newsroom_cli.model import ID, NOT_CONTENT, Finding, Ident, Severity, Story
from newsroom_cli.record import ledger
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Held, Ledger
from newsroom_cli.record.stops import is_killed, why_locked
from newsroom_cli.repository.commit import CommitMade, Write
from newsroom_cli.repository.files import story_paths
from newsroom_cli.repository.layout import STORIES, is_story, path_beside
from newsroom_cli.repository.log import moved_with
from newsroom_cli.repository.newsroom import Assets, Newsroom, ledger_by, slugs_in_use
from newsroom_cli.rules.metadata import slug_flaw
from newsroom_cli.story import frontmatter
from newsroom_cli.story.words import words_of
from newsroom_cli.verify import address_maker, check_record, readers_had
from newsroom_cli.workflow import advance as workflow_advance
from newsroom_cli.workflow import drafting
from newsroom_cli.workflow.advance import Act, Step

TAKES_TEXT = frozenset({"submit", "withdraw", "correct"})
"""Actions that take the uncommitted text along; every other refuses a story that has any."""


class PlannedCommits(NamedTuple):
    """What an action would do to one story: the commits, in order, and how the story stands afterwards.

    `waiting` are the roles still to sign the move, `signers` whoever has. `aside` are keys of a story that is taken in
    which would stop it were they not under `imported:`.
    """

    story: Story
    entry: Entry | None = None
    waiting: tuple[str, ...] = ()
    writes: tuple[Write, ...] = ()
    warnings: tuple[Finding, ...] = ()
    changed_words: str = ""
    signers: tuple[Ident, ...] = ()
    aside: Mapping[str, str] = MappingProxyType({})


def plan(newsroom: Newsroom, slug: str, act: Act) -> PlannedCommits:
    """What an action would commit; raises a Refusal or NotReady and writes nothing."""
    held, assets = newsroom.held(slug, to_write=True)
    _ = newsroom.commits.branch
    story, dirty = _there(held), assets.dirty
    if held.ledger is None:
        newsroom.keep_ledger(story.slug, story.metadata.id or "")
    elif held.ledger.path in dirty:
        raise Refusal(
            f"The ledger of {story.slug} has uncommitted changes.",
            f"git restore --staged --worktree {shell_quote(held.ledger.path)}",
        )
    takes = act.action in TAKES_TEXT
    pipeline = newsroom.settings.pipeline
    begins = held.ledger is None and takes and pipeline.move(act.action, pipeline.initial) is not None
    if held.ledger is None and not begins and not story.holds("id"):
        raise Refusal(f"{story.slug} is not taken in yet.", f"story adopt {shell_quote(story.path)}")
    if not takes and (story.path in dirty or assets.loose):
        way = _way_out(newsroom, held) or f"story save {shell_quote(story.slug)}, then {act.action} again."
        raise Refusal(f"{story.slug} has uncommitted changes.", way)
    if held.ledger is not None and story.path in dirty:
        _refuse_renamed(newsroom, story)
    before: tuple[Write, ...] = ()
    if begins:
        held, first = _taken_in(newsroom, story, assets, act)
        before = (first,)
    if held.ledger is None:
        raise _without_ledger(story)
    renamed = held
    if act.rename:
        renamed, act = _renamed(newsroom, held, story, act)
    writers: tuple[Ident, ...] = ()
    named: dict[str, tuple[Ident, ...]] = {}
    if not before:
        taking = act.actor if story.path in dirty or assets.loose or act.rename else None
        writers = story_history.writers(newsroom.git, held, taking=taking, reporters=named)
    _after_original(newsroom, held, act)
    _only_update(newsroom, held, act)
    act = act._replace(writers=writers, loose=frozenset() if takes else assets.loose, public=_public(newsroom, held))
    act = act._replace(reporters=named.get(story.metadata.id or "", ()))
    try:
        step = advance(renamed, _among_others(newsroom, renamed, act, was=story.path))
    except NotReady as error:
        raise _as_it_stands(error, story, _there(held), f"{act.action} {shell_quote(story.slug)}") from None
    if step.entry is None:
        return PlannedCommits(step.story, waiting=step.waiting, writes=before)
    files: dict[str, bytes | None] = {step.story.path: step.story.text.encode(), step.ledger.path: step.ledger.content}
    expects = _of(held)
    if act.rename and step.story.path != story.path:
        files[story.path] = expects[step.story.path] = None
    write = Write(
        files, commit_messages.for_entry(step.entry, step.story.slug), () if before else assets.paths, expects
    )
    return PlannedCommits(
        step.story,
        step.entry,
        step.waiting,
        (*before, write),
        step.warnings,
        _changed_words(newsroom, held, step, writers),
        step.signers,
        drafting.stopping_nobody(step.story) if before else {},
    )


def _renamed(newsroom: Newsroom, held: Held, story: Story, act: Act) -> tuple[Held, Act]:
    """The story under its new slug, what it was called before among its aliases, and the address that is signed.

    Raises WrongUsage or Refusal for a slug it cannot have.
    """
    settings, record = newsroom.settings, held.ledger.record if held.ledger else {}
    try:
        slug = drafting.chosen_slug(act.rename, settings, slugs_in_use(newsroom.files, but=story.path))
    except Refusal as error:
        raise Refusal(error.message, "Choose another: --rename SLUG") from None
    path = path_beside(story.path, slug)
    called = frontmatter.read_story(path, frontmatter.edit(story, {"slug": slug}).text.encode())
    address = address_maker(called, settings)(str(record.get("date")))
    before = (*story.metadata.aliases, str(record.get("address") or ""), story.slug)
    aliases = [alias for alias in dict.fromkeys(before) if alias and alias not in (slug, address)]
    called = frontmatter.edit(called, {"aliases": aliases or None})
    return held._replace(story=called), act._replace(terms={**act.terms, "address": address})


def _refuse_renamed(newsroom: Newsroom, story: Story) -> None:
    """Raise Refusal for a story that has another name in the last commit, which would stay there beside this one."""
    if newsroom.git.listing(newsroom.tree, story.path):
        return
    asked = ("grep", "-l", "-z", "-F", "-e", str(story.metadata.id), newsroom.tree, "--", STORIES)
    _, out = newsroom.git.answer(*asked, ok=(0, 1))
    there = (os.fsdecode(path).removeprefix(f"{newsroom.tree}:") for path in out.split(b"\0") if path)
    if gone := [path for path in there if newsroom.files.read(path) is None]:
        way = (
            f"Commit the new name, then try again: git add {shell_quote(story.path)}; "
            f"git commit -m rename -- {shell_quote(gone[0])} {shell_quote(story.path)}"
        )
        raise Refusal(f"{story.slug} is {gone[0]} in the last commit.", way)


def _without_ledger(story: Story) -> Refusal:
    """What to say of a story that has an id, and no ledger by it."""
    path = ledger.path_of(str(story.fields["id"]))
    way = f"Bring it back: git restore --source=HEAD~1 {path}; or begin anew: story adopt {shell_quote(story.path)}"
    return Refusal(f"{story.slug} has an id but no ledger.", way)


def _among_others(newsroom: Newsroom, held: Held, act: Act, *, was: str) -> Act:
    """The action with what it must know of other files, where it brings the story nearer to readers.

    What takes a story from readers, or stops it, is never held up by another file.
    """
    pipeline, state = newsroom.settings.pipeline, held.ledger.state if held.ledger else None
    row = pipeline.move(act.action, state)
    if held.story is None or row is None or state not in pipeline.names:
        return act
    goes_out, order = pipeline.for_readers(row), pipeline.names.index
    if not goes_out and order(row.end(state)) <= order(state):
        return act
    act = act._replace(is_there=newsroom.files.holds)
    if not goes_out and state != pipeline.initial:
        return act
    from newsroom_cli.check.names import find_clashes

    return act._replace(shared=find_clashes(newsroom, held.story, was=was))


def _after_original(newsroom: Newsroom, held: Held, act: Act) -> None:
    """Raise Refusal where an update would go to readers who do not have the story it updates."""
    story, pipeline = held.story, newsroom.settings.pipeline
    row = pipeline.move(act.action, held.ledger.state if held.ledger else None)
    if story is None or row is None or not story.holds("update_of") or not pipeline.for_readers(row):
        return
    story_id = story.metadata.update_of or ""
    if pipeline.is_public(held.ledger.state if held.ledger else None):
        return
    if not readers_had(ledger_by(newsroom.files, story_id), pipeline, act.at):
        hint = "Publish that one first, or take `update_of` out of this one."
        raise Refusal(f"{story.slug} is an update of {story_id}, which readers do not have.", hint)


def _only_update(newsroom: Newsroom, held: Held, act: Act) -> None:
    """Raise Refusal where an update would come back beside another of the same story that is under way."""
    story, state = held.story, held.ledger.state if held.ledger else None
    row = newsroom.settings.pipeline.move(act.action, state)
    if story is None or row is None or "spiked" not in row.needs or not story.holds("update_of"):
        return
    from newsroom_cli.repository.search import open_update

    if name := open_update(newsroom, story.metadata.update_of or "", but=story.path):
        hint = f"story edit {name}, or spike it first."
        raise Refusal(f"{story.slug} is an update, and another of the same story is under way: {name}.", hint)


def advance(held: Held, act: Act) -> Step:
    """Take an action on a story: the one place where the entry of a move is made."""
    return workflow_advance.advance(held, act)


def _of(held: Held) -> dict[str, bytes | None]:
    """The files of a story as they were read."""
    story = {held.story.path: held.story.text.encode()} if held.story else {}
    return {**story, **({held.ledger.path: held.ledger.content} if held.ledger else {})}


def _there(held: Held) -> Story:
    if held.story is None:
        raise Refusal("There is no such story.", "story list shows every story.")
    return held.story


def _public(newsroom: Newsroom, held: Held) -> Story | None:
    """The story as it went out last, where readers have it."""
    pipeline = newsroom.settings.pipeline
    if held.story is None or held.ledger is None or not pipeline.is_public(held.ledger.state):
        return None
    signed = held.ledger.signed_for_readers(pipeline)
    return story_history.text_of(newsroom.git, held.story, held.ledger, signed) if signed else None


def _changed_words(newsroom: Newsroom, held: Held, step: Step, writers: Sequence[Ident]) -> str:
    """For an entry that goes public: how many words changed since the last move, and whose they are."""
    record, entry = held.ledger, step.entry
    if record is None or entry is None or not _is_for_readers(newsroom, entry) or record.moved is None:
        return ""
    if entry.content == record.moved.content and entry.assets == record.moved.assets:
        return ""
    then = story_history.text_of(newsroom.git, step.story, record, record.moved)
    since = [one for entry in record.entries if entry.seq > record.moved.seq for one in entry.writers]
    whose = ", ".join(dict.fromkeys((*since, *map(str, writers)))) or "somebody"
    what = describe_change(then, step.story) if then is not None else "words"
    return f"{what} changed since {record.moved.action}, by {whose}"


def describe_change(then: Story, now: Story) -> str:
    """How many words and which keys differ between two texts of a story; `pictures` where none do."""
    number = words_between(then.body, now.body)
    keys = sorted(
        key
        for key in {*then.fields, *now.fields}
        if key not in NOT_CONTENT and then.fields.get(key) != now.fields.get(key)
    )
    what = [f"{number} word{'s' if number != 1 else ''}"] if number else []
    what += [f"the key{'s' if len(keys) > 1 else ''} {', '.join(keys)}"] if keys else []
    return " and ".join(what) or "pictures"


def _is_for_readers(newsroom: Newsroom, entry: Entry) -> bool:
    """Whether words are signed for readers here that were not signed for them, or changed for that, before."""
    if entry.action in TAKES_TEXT or entry.role is None:
        return False
    return ledger.signs_for_readers(entry, newsroom.settings.pipeline) or bool(entry.set.get("publish_at"))


def words_between(old: str, new: str) -> int:
    """How many words were put in, taken out or replaced between two texts."""
    before, after = words_of(old), words_of(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return sum(max(b - a, d - c) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal")


def perform(newsroom: Newsroom, planned: PlannedCommits) -> CommitMade | None:
    """Sign a plan's entries where they are signed and make its commits; None when it has none."""
    made = None
    for write in sign_writes(newsroom, planned.writes):
        try:
            made = newsroom.commits.make(write)
        except CannotRun as error:
            if made is None:
                raise
            raise CannotRun(error.message, "The story was taken in; only the move after it was not made.") from None
    return made


def sign_writes(newsroom: Newsroom, writes: tuple[Write, ...]) -> tuple[Write, ...]:
    """The same writes with their new entries signed, where the newsroom signs; nothing is written."""
    if not newsroom.settings.signs:
        return writes
    from newsroom_cli.actions.signing import sealed

    return sealed(newsroom, writes)


def adopt(newsroom: Newsroom, path: str, act: Act) -> PlannedCommits:
    """What taking in a story would commit; raises Refusal, Unreadable or NotReady."""
    _ = newsroom.commits.branch
    if not is_story(path):
        raise Refusal(f"{path} is not a story's place.", f"Put it under {STORIES}/, as NAME.md.")
    story = newsroom.read(path)
    assets = newsroom.assets(story)
    record = newsroom.ledger(story)
    if record is None:
        newsroom.keep_ledger(story.slug, story.metadata.id or "")
    elif not _is_copy(newsroom, story, record):
        return PlannedCommits(story)
    held, write = _taken_in(newsroom, story, assets, act)
    entry = held.ledger.entries[-1] if held.ledger else None
    taken_in = _there(held)
    return PlannedCommits(taken_in, entry, (), (write,), aside=drafting.stopping_nobody(taken_in))


def _is_copy(newsroom: Newsroom, story: Story, record: Ledger) -> bool:
    """Whether another file has this story's id, and its last entry came with that one."""
    from newsroom_cli.check.files import peek_id

    others = [path for path in story_paths(newsroom.files) if path != story.path]
    same = [path for path in others if peek_id(newsroom.files, path) == story.metadata.id]
    return bool(same) and story.path not in moved_with(newsroom.git, record.path)


def _taken_in(newsroom: Newsroom, story: Story, assets: Assets, act: Act) -> tuple[Held, Write]:
    settings = newsroom.settings
    slugs = slugs_in_use(newsroom.files, but=story.path)
    slug = story.slug
    if slug_flaw(slug, limit=settings.limits.slug) or slug.casefold() in slugs:
        slug = drafting.free_slug(slug, settings, slugs)
    path = path_beside(story.path, slug)
    first = Act("adopt", act.actor, act.at, act.judges, loose=frozenset())
    values: dict[str, Any] = {
        "id": _own_id(newsroom, story, act.at),
        "title": story.metadata.title or story.slug.replace("-", " "),
        "slug": slug,
        "state": settings.pipeline.initial,
        "draft": True,
        "reporter": str(act.actor),
        "lang": settings.language,
        "source": settings.source or None,
    }
    ready = frontmatter.read_story(path, drafting.adopted(story, values).text.encode())
    try:
        begun = workflow_advance.begin(ready, ledger.path_of(values["id"]), first, assets=assets.blobs)
    except NotReady as error:
        raise _as_it_stands(error, story, ready, f"adopt {shell_quote(story.path)}") from None
    files: dict[str, bytes | None] = {path: begun.story.text.encode(), begun.ledger.path: begun.ledger.content}
    if path != story.path:
        files[story.path] = None
    message = commit_messages.for_entry(begun.entry, slug)
    expects = {story.path: story.text.encode(), begun.ledger.path: None}
    return Held(begun.story, begun.ledger, assets.blobs), Write(files, message, assets.paths, expects)


def _as_it_stands(error: NotReady, story: Story, ready: Story, again: str) -> NotReady:
    """A refusal of a story that would be taken in, told of the file as it stands, with the verb that takes it in."""

    def told(one: Finding) -> Finding:
        line, column = _place(one, story, ready)
        hint = one.hint.replace(f"story save {shell_quote(ready.slug)}", f"story {again}").replace(
            ready.path, story.path
        )
        return one._replace(path=story.path, line=line, column=column, hint=hint)

    if ready is story:
        return error
    message = error.message.replace(ready.path, story.path)
    return NotReady(message, error.hint, [told(one) if one.path == ready.path else one for one in error.findings])


def _place(one: Finding, story: Story, ready: Story) -> tuple[int, int]:
    """Where a finding stands in the file; what taking it in adds to it is at the opening fence."""
    if one.line >= ready.body_line:
        return one.line - ready.body_line + story.body_line, one.column
    if one.key not in story.offsets or one.key not in ready.offsets:
        return 1, 1
    return story.place(one.key)[0] + one.line - ready.place(one.key)[0], one.column


def _own_id(newsroom: Newsroom, story: Story, at: datetime) -> str:
    """The story's id where it has one of ours that no ledger knows; else a new one."""
    story_id = story.metadata.id or ""
    if ID.fullmatch(story_id) and newsroom.files.read(ledger.path_of(story_id)) is None:
        return story_id
    return ids.new_id(at, newsroom.settings)


def begin(newsroom: Newsroom, story: Story, act: Act) -> PlannedCommits:
    """What the first commit of a new story would be; raises NotReady."""
    assets = newsroom.assets(story)
    begun = workflow_advance.begin(story, ledger.path_of(str(story.metadata.id)), act, assets=assets.blobs)
    files = {begun.story.path: begun.story.text.encode(), begun.ledger.path: begun.ledger.content}
    full = newsroom.commits.root / story.path
    expects = {story.path: full.read_bytes() if full.is_file() else None, begun.ledger.path: None}
    write = Write(files, commit_messages.for_entry(begun.entry, story.slug), assets.paths, expects)
    return PlannedCommits(begun.story, begun.entry, (), (write,), aside=drafting.stopping_nobody(begun.story))


def save(newsroom: Newsroom, slug: str, *, note: str, at: datetime) -> PlannedCommits:
    """What saving a changed text would commit; raises Refusal or NotReady. No writes when nothing changed.

    Of a public story it is what was signed, put back.
    """
    _ = newsroom.commits.branch, newsroom.actor
    held, assets = newsroom.held(slug, to_write=True)
    story, record = _there(held), held.ledger
    if record is None:
        newsroom.keep_ledger(story.slug, story.metadata.id or "")
        raise Refusal(f"{story.slug} is not taken in yet.", f"story adopt {story.path}")
    is_changed = story.path in assets.dirty or bool(assets.paths)
    if not (is_changed and _is_as_signed(newsroom, held)):
        _keep_locked(newsroom, story, record)
    if story.path in assets.dirty:
        _refuse_renamed(newsroom, story)
    findings = [one for one in check_record(held, newsroom.judges, now=at) if one.severity is Severity.ERROR]
    if findings:
        raise NotReady(f"The record of {story.slug} is not in order.", "", findings)
    missing = tuple(_missing_pictures(newsroom, story, assets))
    if not is_changed:
        return PlannedCommits(story, warnings=missing)
    told = "".join(f"> {make_visible(line)}\n" for line in note.splitlines())
    message = f"save: {story.slug}\n\n{told}{chr(10) if told else ''}Story: {story.metadata.id}\n"
    return PlannedCommits(
        story, None, (), (Write({story.path: story.text.encode()}, message, assets.paths, _of(held)),), missing
    )


def refuse_locked(newsroom: Newsroom, path: str) -> None:
    """Raise Refusal for a story whose words may not change; one that cannot be read may be opened to mend it."""
    try:
        story = newsroom.read(path)
    except Unreadable:
        return
    record = newsroom.ledger(story)
    if record is None:
        newsroom.keep_ledger(story.slug, story.metadata.id or "")
    else:
        _keep_locked(newsroom, story, record)


def _way_out(newsroom: Newsroom, held: Held) -> str:
    """What to do with changes of a story whose words may not change by hand; empty where they may be saved."""
    story, record = held.story, held.ledger
    stop = why_locked(newsroom.settings.pipeline, record.record, newsroom.settings.timezone) if record else None
    if story is None or stop is None or _is_as_signed(newsroom, held):
        return ""
    return f"Put it back: git restore {story.path}. {stop.way.format(story.slug)}"


def _is_as_signed(newsroom: Newsroom, held: Held) -> bool:
    """Whether a public story has the words and pictures that its record holds it to."""
    signed = held.ledger.binding_entry(newsroom.settings.pipeline) if held.ledger else None
    if held.story is None or signed is None:
        return False
    return (frontmatter.content_hash(held.story), dict(held.assets)) == (signed.content, dict(signed.assets))


def _keep_locked(newsroom: Newsroom, story: Story, record: Ledger) -> None:
    if stop := why_locked(newsroom.settings.pipeline, record.record, newsroom.settings.timezone):
        raise Refusal(f"{story.slug} {stop.reason}.", stop.way.format(story.slug))


def _missing_pictures(newsroom: Newsroom, story: Story, assets: Assets) -> Sequence[Finding]:
    from newsroom_cli import rules

    around = rules.RuleContext(newsroom.settings, newsroom.settings.pipeline.initial, assets.blobs)
    return [one for one in rules.check(story, around) if one.rule == "image-missing"]


def delete(newsroom: Newsroom, slug: str) -> PlannedCommits:
    """What deleting a draft would commit; raises Refusal that names the verb for any other story."""
    _ = newsroom.commits.branch, newsroom.actor
    held, assets = newsroom.held(slug, to_write=True)
    story, record = _there(held), held.ledger
    if record is None:
        newsroom.keep_ledger(story.slug, story.metadata.id or "")
        raise Refusal(f"{story.slug} is not taken in; `story` has nothing of it.", f"rm {story.path}")
    if record.findings:
        raise NotReady(f"The ledger of {story.slug} is broken.", "", record.findings)
    if len(record.entries) > 1:
        raise Refusal(f"{story.slug} was submitted; its record stays.", _instead(newsroom, story, record))
    if story.path in assets.dirty:
        raise Refusal(
            f"{story.slug} has uncommitted changes.", f"story save {shell_quote(story.slug)}, then delete again."
        )
    message = f"delete: {story.slug}\n\nStory: {record.entries[0].story}\n"
    return PlannedCommits(story, None, (), (Write({story.path: None, record.path: None}, message, (), _of(held)),))


def _instead(newsroom: Newsroom, story: Story, record: Ledger) -> str:
    pipeline, state = newsroom.settings.pipeline, str(record.state)
    if is_killed(pipeline, record.record):
        return f"It was killed, and its notice stays. Its file alone may go: git rm {story.path}"
    if pipeline.is_public(state):
        return f'A published story stays. To take it from readers: story unpublish {shell_quote(story.slug)} --note "…"'
    if any(move.action == "spike" and state in move.start for move in pipeline.moves):
        return f'To take it off the desk: story spike {shell_quote(story.slug)} --note "…"'
    back = [move.action for move in pipeline.moves_from(state) if move.to == pipeline.initial]
    if back:
        return f"To take it off the desk: story {back[0]} {story.slug}"
    return f"Leave it in {state}, or take the file alone out: git rm {shell_quote(story.path)}"
