"""Takes actions on stories in a working tree: gathers a case, has it decided, and commits what comes of it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from newsroom_cli.actions import commit_messages, ids
from newsroom_cli.errors import CannotRun, NotReady, Refusal, Unreadable
from newsroom_cli.escaping import make_visible, shell_quote
from newsroom_cli.history.gather_case import gather_around
from newsroom_cli.model import ID, NOT_CONTENT, Finding, Ident, Story
from newsroom_cli.record import ledger
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.record.stops import is_killed, why_locked
from newsroom_cli.repository.commit import CommitMade, Write
from newsroom_cli.repository.files import story_paths
from newsroom_cli.repository.layout import STORIES, is_story, path_beside
from newsroom_cli.repository.log import moved_with
from newsroom_cli.repository.newsroom import Newsroom, slugs_in_use
from newsroom_cli.rules.metadata.shapes import slug_flaw
from newsroom_cli.settings.pipeline import Pipeline
from newsroom_cli.story import frontmatter
from newsroom_cli.story.words import words_of
from newsroom_cli.verify.objections import address_maker
from newsroom_cli.workflow import advance as workflow_advance
from newsroom_cli.workflow import drafting
from newsroom_cli.workflow.advance import TAKES_TEXT, Act, Step, refuse_disorder
from newsroom_cli.workflow.case import Case


class PlannedCommits(NamedTuple):
    """All that an action would do to one story: the commits, in order, and how the story stands afterwards.

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


def plan_action(newsroom: Newsroom, slug: str, act: Act) -> PlannedCommits:
    """Return what an action would commit; raises a Refusal or NotReady and writes nothing."""
    case = newsroom.read_case(slug)
    _ = newsroom.commits.branch
    is_first = _begins_with(newsroom, case, act)
    _refuse_unready(newsroom, case, act, is_first=is_first)
    as_read, pictures, before = case.story, case.loose_files, tuple[Write, ...]()
    if is_first:
        begun, first = _take_in(newsroom, case, act)
        case, pictures, before = Case(begun.story, begun.ledger, case.assets), (), (first,)
    story, expects, renamed = case.story, case.files, None
    if act.rename:
        renamed, act = _rename(newsroom, case, act)
    case = replace(gather_around(newsroom, case, act, renamed=renamed, was=as_read.path), loose=frozenset())
    try:
        step = workflow_advance.advance(case, act)
    except NotReady as error:
        raise _tell_as_it_stands(error, as_read, story, f"{act.action} {shell_quote(as_read.slug)}") from None
    if step.entry is None:
        return PlannedCommits(step.story, waiting=step.waiting, writes=before)
    writes = (*before, write_entry(step.story, step.ledger, {step.story.path: None, **expects}, pictures))
    changed = _describe_changed_words(case, step.entry, newsroom.settings.pipeline)
    aside = drafting.stopping_keys_aside(step.story) if before else {}
    return PlannedCommits(step.story, step.entry, step.waiting, writes, step.warnings, changed, step.signers, aside)


def write_entry(
    story: Story, ledger: Ledger, expects: Mapping[str, bytes | None], pictures: tuple[str, ...] = ()
) -> Write:
    """Return the write of a ledger's last entry, in place of the files it `expects`; one that is not kept goes."""
    files: dict[str, bytes | None] = {story.path: story.text.encode(), ledger.path: ledger.content}
    gone = {path: None for path in expects if path not in files}
    message = commit_messages.for_entry(ledger.entries[-1], story.slug)
    return Write({**files, **gone}, message, pictures, {ledger.path: None, **expects})


def _begins_with(newsroom: Newsroom, case: Case, act: Act) -> bool:
    """Tell whether an act takes a story in before anything else: one that hands in what has no ledger yet."""
    pipeline = newsroom.settings.pipeline
    return case.ledger is None and act.action in TAKES_TEXT and pipeline.move(act.action, pipeline.initial) is not None


def _refuse_unready(newsroom: Newsroom, case: Case, act: Act, *, is_first: bool) -> None:
    """Raise Refusal for a story whose files do not let anybody act on it as they lie there."""
    story = case.story
    if case.ledger is None:
        newsroom.keep_ledger(story.slug, story.metadata.id or "")
    elif case.ledger.path in case.uncommitted:
        way = f"git restore --staged --worktree {shell_quote(case.ledger.path)}"
        raise Refusal(f"The ledger of {story.slug} has uncommitted changes.", way)
    if case.ledger is None and not is_first and not story.holds("id"):
        raise Refusal(f"{story.slug} is not taken in yet.", f"story adopt {shell_quote(story.path)}")
    if act.action not in TAKES_TEXT and case.is_changed:
        way = _way_out(newsroom, case) or f"story save {shell_quote(story.slug)}, then {act.action} again."
        raise Refusal(f"{story.slug} has uncommitted changes.", way)
    if case.ledger is not None and story.path in case.uncommitted:
        _refuse_renamed(newsroom, story)
    if case.ledger is None and not is_first:
        path = ledger.path_of(str(story.fields["id"]))
        way = f"Bring it back: git restore --source=HEAD~1 {path}; or begin anew: story adopt {shell_quote(story.path)}"
        raise Refusal(f"{story.slug} has an id but no ledger.", way)


def _rename(newsroom: Newsroom, case: Case, act: Act) -> tuple[Story, Act]:
    """Return a story under its new slug, with what it was called before among its aliases, and the address to sign.

    Raises WrongUsage or Refusal for a slug it cannot have.
    """
    story, settings, record = case.story, newsroom.settings, case.ledger.record if case.ledger else {}
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
    return called, act._replace(terms={**act.terms, "address": address})


def _refuse_renamed(newsroom: Newsroom, story: Story) -> None:
    """Raise Refusal for a story that has another name in the last commit, which would stay there beside this one."""
    if newsroom.git.list_tree(newsroom.tree, story.path):
        return
    paths = newsroom.git.grep([str(story.metadata.id)], STORIES, newsroom.tree)
    if gone := [path for path in paths if newsroom.files.read(path) is None]:
        way = (
            f"Commit the new name, then try again: git add {shell_quote(story.path)}; "
            f"git commit -m rename -- {shell_quote(gone[0])} {shell_quote(story.path)}"
        )
        raise Refusal(f"{story.slug} is {gone[0]} in the last commit.", way)


def _describe_changed_words(case: Case, entry: Entry, pipeline: Pipeline) -> str:
    """Say of an entry for readers how many words changed since the last move, and whose they are; empty where none.

    An action that takes the text along is not asked about its words, nor one that signs none for readers.
    """
    moved = case.ledger.moved if case.ledger else None
    if moved is None or entry.action in TAKES_TEXT or entry.role is None:
        return ""
    is_for_readers = ledger.signs_for_readers(entry, pipeline) or bool(entry.set.get("publish_at"))
    if not is_for_readers or (entry.content == moved.content and entry.assets == moved.assets):
        return ""
    since = [writer for later in case.entries[moved.seq :] for writer in later.writers]
    whose = ", ".join(dict.fromkeys((*since, *map(str, case.writers)))) or "somebody"
    what = describe_change(case.at_last_move, case.story) if case.at_last_move is not None else "words"
    return f"{what} changed since {moved.action}, by {whose}"


def describe_change(then: Story, now: Story) -> str:
    """Return how many words and which keys differ between two texts of a story; `pictures` where none do."""
    number = words_between(then.body, now.body)
    changed = (key for key in {*then.fields, *now.fields} if then.fields.get(key) != now.fields.get(key))
    keys = sorted(set(changed).difference(NOT_CONTENT))
    what = [f"{number} word{'s' if number != 1 else ''}"] if number else []
    what += [f"the key{'s' if len(keys) > 1 else ''} {', '.join(keys)}"] if keys else []
    return " and ".join(what) or "pictures"


def words_between(old: str, new: str) -> int:
    """Return how many words were put in, taken out or replaced between two texts."""
    before, after = words_of(old), words_of(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return sum(max(b - a, d - c) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal")


def perform(newsroom: Newsroom, writes: tuple[Write, ...]) -> CommitMade | None:
    """Sign the entries of a plan where they are signed and make its commits; None when it has none."""
    made = None
    for write in sign_writes(newsroom, writes):
        try:
            made = newsroom.commits.make(write)
        except CannotRun as error:
            if made is None:
                raise
            raise CannotRun(error.message, "The story was taken in; only the move after it was not made.") from None
    return made


def sign_writes(newsroom: Newsroom, writes: tuple[Write, ...]) -> tuple[Write, ...]:
    """Return the same writes with their new entries signed, where the newsroom signs; nothing is written."""
    if not newsroom.settings.signs:
        return writes
    from newsroom_cli.actions.signing import sign_entries

    return sign_entries(newsroom, writes)


def adopt(newsroom: Newsroom, path: str, act: Act) -> PlannedCommits:
    """Return what taking in a story would commit; raises Refusal, Unreadable or NotReady."""
    _ = newsroom.commits.branch
    if not is_story(path):
        raise Refusal(f"{path} is not a story's place.", f"Put it under {STORIES}/, as NAME.md.")
    story = newsroom.read(path)
    case = newsroom.case_of(story)
    record = newsroom.ledger(story)
    if record is None:
        newsroom.keep_ledger(story.slug, story.metadata.id or "")
    elif not _is_copy(newsroom, story, record):
        return PlannedCommits(story)
    begun, write = _take_in(newsroom, case, act)
    return PlannedCommits(begun.story, begun.entry, (), (write,), aside=drafting.stopping_keys_aside(begun.story))


def _is_copy(newsroom: Newsroom, story: Story, record: Ledger) -> bool:
    """Tell whether another file has this story's id, and its last entry came with that one."""
    from newsroom_cli.check.files import peek_id

    others = [path for path in story_paths(newsroom.files) if path != story.path]
    same = [path for path in others if peek_id(newsroom.files, path) == story.metadata.id]
    return bool(same) and story.path not in moved_with(newsroom.git, record.path)


def _take_in(newsroom: Newsroom, case: Case, act: Act) -> tuple[Step, Write]:
    """Return a story with the id, the ledger and the keys it gets, and the write that takes it in."""
    story, settings = case.story, newsroom.settings
    slugs = slugs_in_use(newsroom.files, but=story.path)
    slug = story.slug
    if slug_flaw(slug, limit=settings.limits.slug) or slug.casefold() in slugs:
        slug = drafting.free_slug(slug, settings, slugs)
    path = path_beside(story.path, slug)
    first = Act("adopt", act.actor, act.at, act.policy)
    title = story.metadata.title or story.slug.replace("-", " ")
    values = drafting.first_keys(settings, _own_id(newsroom, story, act.at), title, slug, str(act.actor))
    ready = frontmatter.read_story(path, drafting.adopt_text(story, values).text.encode())
    try:
        begun = workflow_advance.begin(ready, ledger.path_of(values["id"]), first, assets=case.assets)
    except NotReady as error:
        raise _tell_as_it_stands(error, story, ready, f"adopt {shell_quote(story.path)}") from None
    return begun, write_entry(begun.story, begun.ledger, {story.path: story.text.encode()}, case.loose_files)


def _tell_as_it_stands(error: NotReady, story: Story, ready: Story, again: str) -> NotReady:
    """Tell a refusal of a story that would be taken in of the file as it stands, with the verb that takes it in."""

    def tell_of_file(finding: Finding) -> Finding:
        line, column = _place_in_file(finding, story, ready)
        way = finding.hint.replace(f"story save {shell_quote(ready.slug)}", f"story {again}")
        return finding._replace(path=story.path, line=line, column=column, hint=way.replace(ready.path, story.path))

    if ready is story:
        return error
    findings = [tell_of_file(finding) if finding.path == ready.path else finding for finding in error.findings]
    return NotReady(error.message.replace(ready.path, story.path), error.hint, findings)


def _place_in_file(finding: Finding, story: Story, ready: Story) -> tuple[int, int]:
    """Return where a finding stands in the file; what taking it in adds to it is at the opening fence."""
    if finding.line >= ready.body_line:
        return finding.line - ready.body_line + story.body_line, finding.column
    if finding.key not in story.offsets or finding.key not in ready.offsets:
        return 1, 1
    return story.place(finding.key)[0] + finding.line - ready.place(finding.key)[0], finding.column


def _own_id(newsroom: Newsroom, story: Story, at: datetime) -> str:
    """Return the story's id where it has one of ours that no ledger knows; else a new one."""
    story_id = story.metadata.id or ""
    if ID.fullmatch(story_id) and newsroom.files.read(ledger.path_of(story_id)) is None:
        return story_id
    return ids.new_id(at, newsroom.settings)


def begin(newsroom: Newsroom, story: Story, act: Act) -> PlannedCommits:
    """Return what the first commit of a new story would be; raises NotReady."""
    case = newsroom.case_of(story)
    begun = workflow_advance.begin(story, ledger.path_of(str(story.metadata.id)), act, assets=case.assets)
    full = newsroom.commits.root / story.path
    expects = {story.path: full.read_bytes() if full.is_file() else None}
    write = write_entry(begun.story, begun.ledger, expects, case.loose_files)
    return PlannedCommits(begun.story, begun.entry, (), (write,), aside=drafting.stopping_keys_aside(begun.story))


def save(newsroom: Newsroom, slug: str, *, note: str, at: datetime) -> PlannedCommits:
    """Return what saving a changed text would commit; raises Refusal or NotReady. No writes when nothing changed.

    Of a public story it is what was signed, put back.
    """
    _ = newsroom.commits.branch, newsroom.actor
    case = newsroom.read_case(slug)
    story, record = case.story, case.ledger
    if record is None:
        newsroom.keep_ledger(story.slug, story.metadata.id or "")
        raise Refusal(f"{story.slug} is not taken in yet.", f"story adopt {story.path}")
    if not (case.is_changed and _is_as_published(newsroom, case)):
        _refuse_words_locked(newsroom, story, record)
    if story.path in case.uncommitted:
        _refuse_renamed(newsroom, story)
    refuse_disorder(case, newsroom.judges, at)
    flaws = case.flaws(newsroom.settings, newsroom.settings.pipeline.initial)
    missing = tuple(flaw for flaw in flaws if flaw.rule == "image-missing")
    if not case.is_changed:
        return PlannedCommits(story, warnings=missing)
    quotation = "".join(f"> {make_visible(line)}\n" for line in note.splitlines())
    message = f"save: {story.slug}\n\n{quotation}{chr(10) if quotation else ''}Story: {story.metadata.id}\n"
    write = Write({story.path: story.text.encode()}, message, case.loose_files, case.files)
    return PlannedCommits(story, None, (), (write,), missing)


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
        _refuse_words_locked(newsroom, story, record)


def _way_out(newsroom: Newsroom, case: Case) -> str:
    """Say what to do with changes of a story whose words may not change by hand; empty where they may be saved."""
    story, record = case.story, case.ledger
    stop = why_locked(newsroom.settings.pipeline, record.record, newsroom.settings.timezone) if record else None
    if stop is None or _is_as_published(newsroom, case):
        return ""
    return f"Put it back: git restore {story.path}. {stop.way.format(story.slug)}"


def _is_as_published(newsroom: Newsroom, case: Case) -> bool:
    """Tell whether a public story has the words and pictures that its record holds it to."""
    signed = case.ledger.binding_entry(newsroom.settings.pipeline) if case.ledger else None
    return signed is not None and case.is_as_signed(signed)


def _refuse_words_locked(newsroom: Newsroom, story: Story, record: Ledger) -> None:
    if stop := why_locked(newsroom.settings.pipeline, record.record, newsroom.settings.timezone):
        raise Refusal(f"{story.slug} {stop.reason}.", stop.way.format(story.slug))


def delete(newsroom: Newsroom, slug: str) -> PlannedCommits:
    """Return what deleting a draft would commit; raises Refusal that names the verb for any other story."""
    _ = newsroom.commits.branch, newsroom.actor
    case = newsroom.read_case(slug)
    story, record = case.story, case.ledger
    if record is None:
        newsroom.keep_ledger(story.slug, story.metadata.id or "")
        raise Refusal(f"{story.slug} is not taken in; `story` has nothing of it.", f"rm {story.path}")
    if record.findings:
        raise NotReady(f"The ledger of {story.slug} is broken.", "", record.findings)
    if len(record.entries) > 1:
        raise Refusal(f"{story.slug} was submitted; its record stays.", _name_other_way(newsroom, story, record))
    if story.path in case.uncommitted:
        way = f"story save {shell_quote(story.slug)}, then delete again."
        raise Refusal(f"{story.slug} has uncommitted changes.", way)
    message = f"delete: {story.slug}\n\nStory: {record.entries[0].story}\n"
    return PlannedCommits(story, None, (), (Write({story.path: None, record.path: None}, message, (), case.files),))


def _name_other_way(newsroom: Newsroom, story: Story, record: Ledger) -> str:
    """Return what to do in place of deleting a story that was submitted."""
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
