"""Gets a story out of two ledgers: settles a conflict under way, or makes again what a merge left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from newsroom_cli import ledger
from newsroom_cli.entries import Entry
from newsroom_cli.errors import CannotRun, NoSuchMove, NotReady, Refusal
from newsroom_cli.history import story_history
from newsroom_cli.ledger import Held, Ledger
from newsroom_cli.model import ID, Severity, Story
from newsroom_cli.plain import quoted
from newsroom_cli.redoing import Again, Settlement, has_marks, make_again, settle
from newsroom_cli.repository import desk, messages
from newsroom_cli.repository.commit import Undo, Write, unwritable
from newsroom_cli.repository.desk import Plan
from newsroom_cli.repository.git import literal
from newsroom_cli.repository.inspection import peek
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.repository.sides import (
    OURS,
    THEIRS,
    TwoSides,
    Under,
    in_history,
    in_index,
    parsed,
    under_way,
    unmerged,
    words,
)
from newsroom_cli.verify import alone
from newsroom_cli.workflow import Act


@dataclass(frozen=True)
class Redo:
    """What `redo` would do to one story.

    `files` are written and staged for git to go on with (`ends` is how); without a conflict under way `plan` has the
    commits. `later` are entries to be made once that is done. `others` are dropped entries of other people.
    """

    story: Story
    plan: Plan
    files: Mapping[str, bytes] = field(default_factory=dict)
    again: Again | None = None
    later: tuple[Entry, ...] = ()
    others: tuple[Entry, ...] = ()
    kept_in: str = ""
    ledger: str = ""
    ends: str = ""


def plan(newsroom: Newsroom, slug: str, act: Act, *, unread: bool = False) -> Redo:
    """What redoing a story would write; raises a Refusal or NotReady and writes nothing.

    `act` has the person and the time; `unread` says that words other than those an entry signed may be signed.
    """
    _ = newsroom.commits
    path = newsroom.find(slug)
    story_id = peek(newsroom.files, path)
    if not ID.fullmatch(story_id):
        raise Refusal(f"{slug} has no id, and so no ledger.", f"story adopt {quoted(path)}")
    where = ledger.path_of(story_id)
    under, stages = under_way(newsroom.git), unmerged(newsroom.git, path, where)
    if under is None and not stages:
        return _afterwards(newsroom, path, where, act, unread=unread)
    return _in_progress(newsroom, path, where, act, under=under, stages=stages, unread=unread)


def _in_progress(
    newsroom: Newsroom,
    path: str,
    where: str,
    act: Act,
    *,
    under: Under | None,
    stages: Mapping[str, Mapping[str, str]],
    unread: bool,
) -> Redo:
    if where in stages:
        two = in_index(newsroom, under, where, stages[where])
    else:
        there = parsed(where, newsroom.files.read(where) or b"")
        two = TwoSides(there, there)
    settlement = settle(two.base, two.other, actor=act.actor, judges=act.judges, known=two.known)
    held = _held(newsroom, path, stages.get(path, {}), settlement.kept, under)
    story = _in_order(held, act, way=_its_words(newsroom, path, stages.get(where, {}), settlement.kept))
    if not stages:
        return Redo(story, Plan(story))
    again = _again(newsroom, held, settlement, two, act, unread=unread or _joins(under))
    ends = _ends(newsroom, under, {path, where})
    if _joins(under):
        files = {path: story.text.encode(), where: settlement.kept.content}
        later = tuple(step.entry for step in again.steps if step.entry)
        again = replace(again, held=held, steps=())
        return Redo(story, Plan(story), files, again, later, settlement.others, two.kept_in, where, ends)
    story, kept = again.held.story or story, again.held.ledger or settlement.kept
    files = {path: story.text.encode(), where: kept.content}
    return Redo(story, Plan(story), files, again, (), settlement.others, two.kept_in, where, ends)


def _joins(under: Under | None) -> bool:
    """Whether the commit to come joins two sides, and so may bring no entry of its own."""
    return under is None or under.theirs_stays


def _ends(newsroom: Newsroom, under: Under | None, settled: set[str]) -> str:
    """How git goes on behind the settled files; what else conflicts comes first."""
    ends = under.ends if under else "git commit"
    others = sorted(set(unmerged(newsroom.git)) - settled)
    return f"settle {', '.join(others)}, then: {ends}" if others else ends


def _afterwards(newsroom: Newsroom, path: str, where: str, act: Act, *, unread: bool) -> Redo:
    _ = newsroom.commits.branch
    there = newsroom.files.read(where)
    if there is None:
        newsroom.keep_ledger(path.rsplit("/", 1)[-1].removesuffix(".md"), peek(newsroom.files, path))
        raise Refusal(f"There is no ledger {where}.", f"git log --diff-filter=D -- {where}")
    two = in_history(newsroom, where, there)
    broken = ledger.parse(where, there).findings
    if two is None and broken:
        raise NotReady("The ledger is broken, and no merge explains it.", "", broken)
    before = newsroom.files.read(path) or b""
    if two is None:
        story = words(newsroom, path, {}, ledger.parse(where, there), None)
        return Redo(story, Plan(story))
    settlement = settle(two.base, two.other, actor=act.actor, judges=act.judges, known=two.known)
    held = _held(newsroom, path, {}, settlement.kept, None)
    story = _in_order(held, act)
    clean = not broken and not has_marks(before)
    if clean and newsroom.commits.changed([path, where]):
        raise Refusal(f"{story.slug} has uncommitted changes.", f"story save {quoted(story.slug)}, then redo again.")
    again = _again(newsroom, held, settlement, two, act, unread=unread)
    expects: dict[str, bytes | None] = {path: before, where: there}
    writes = list[Write]()
    put_back = {path: story.text.encode(), where: settlement.kept.content}
    if put_back != expects:
        writes.append(
            Write(put_back, messages.for_redo(story.slug, str(held.story and story.metadata.id)), (), expects)
        )
        expects = dict(put_back)
    for step in again.steps:
        files: dict[str, bytes | None] = {path: step.story.text.encode(), where: step.ledger.content}
        if step.entry is not None:
            writes.append(Write(files, messages.for_entry(step.entry, story.slug), (), expects))
            expects = files
    last = again.held.story or story
    planned = Plan(last, again.steps[-1].entry if again.steps else None, writes=tuple(writes))
    if not writes and not again.overtaken:
        raise next(reason for _, reason in again.refused if not isinstance(reason, NoSuchMove))
    return Redo(last, planned, {}, again, (), settlement.others if writes else (), two.kept_in, where)


def _held(newsroom: Newsroom, path: str, stages: Mapping[str, str], kept: Ledger, under: Under | None) -> Held:
    story = words(newsroom, path, stages, kept, under)
    return Held(story, kept, newsroom.assets(story).blobs)


def _in_order(held: Held, act: Act, *, way: str = "") -> Story:
    """The story, whose words must be what the ledger that stays signed; raises NotReady, with the `way` out."""
    findings = [one for one in alone(held, act.judges, now=act.at) if one.severity is Severity.ERROR]
    if held.story is None or findings:
        words = all(one.rule == "published-words-changed" for one in findings)
        raise NotReady("The words do not fit the ledger that stays.", way if words else "", findings)
    return held.story


def _its_words(newsroom: Newsroom, path: str, stages: Mapping[str, str], kept: Ledger) -> str:
    """How to take the words of the side whose ledger stays; what the other side wrote is corrected anew."""
    sides = newsroom.git.blobs(stages.values())
    side = next((one for one, blob in stages.items() if sides.get(blob) == kept.content), "")
    option = {OURS: "--ours", THEIRS: "--theirs"}.get(side)
    slug = path.rsplit("/", 1)[-1].removesuffix(".md")
    if option is None:
        return ""
    taken = f"git checkout {option} -- {quoted(path)}; then story redo {quoted(slug)}"
    return f"Take its words: {taken}, and correct anew what is missing."


def _again(newsroom: Newsroom, held: Held, settlement: Settlement, two: TwoSides, act: Act, *, unread: bool) -> Again:
    if not settlement.mine or held.story is None:
        return Again(held)
    committed = newsroom.git.answer("cat-file", "blob", f"HEAD:{held.story.path}", ok=(0, 128))[1]
    taking = act.actor if committed != held.story.text.encode() and _wrote(committed, held.story) else None
    writers = story_history.writers(newsroom.git, held, taking=taking)
    by = act._replace(writers=writers)
    return make_again(held, settlement.mine, lost=two.other, by=by, advance=desk.advance, unread=unread)


def _wrote(committed: bytes, story: Story) -> bool:
    """Whether a story's words differ from those of its last commit."""
    from newsroom_cli import frontmatter
    from newsroom_cli.errors import Unreadable

    try:
        return frontmatter.content_hash(frontmatter.read(story.path, committed)) != frontmatter.content_hash(story)
    except Unreadable:
        return True


def stage(newsroom: Newsroom, found: Redo) -> None:
    """Write and stage what settles a conflict under way; on any failure the files are as they were."""
    undo = Undo(newsroom.commits.root)
    try:
        for path, content in found.files.items():
            undo.write(path, content)
        newsroom.git.run("add", "--", *map(literal, found.files))
    except (CannotRun, OSError) as error:
        undo.back()
        if isinstance(error, OSError):
            raise unwritable(error, error.filename or newsroom.commits.root) from None
        raise
