"""Gets a story out of two ledgers: settles a conflict under way, or makes again what a merge left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from newsroom_cli.actions import commit_messages, moves
from newsroom_cli.actions.conflict import (
    OURS,
    THEIRS,
    GitOperation,
    LedgerConflict,
    find_operation,
    hash_content,
    list_unmerged,
    merge_words,
    parse_side,
    refuse_deleted,
    sides_in_history,
    sides_in_index,
)
from newsroom_cli.actions.moves import PlannedCommits
from newsroom_cli.actions.proofs import Lapsed, Proofs, lapsed_entries, not_entitled_any_more, prove
from newsroom_cli.actions.rewriting import tip_without
from newsroom_cli.check.files import peek_id
from newsroom_cli.errors import CannotRun, NoSuchMove, NotReady, Refusal
from newsroom_cli.escaping import shell_quote
from newsroom_cli.history import story_history
from newsroom_cli.model import ID, Story
from newsroom_cli.record import ledger
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.repository.commit import CommitMade, Undo, Write, unwritable
from newsroom_cli.repository.git import literal
from newsroom_cli.repository.layout import slug_of
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.story import frontmatter
from newsroom_cli.verify.objections import parse_people
from newsroom_cli.workflow.advance import Act, Step, errors_of_record
from newsroom_cli.workflow.case import Case
from newsroom_cli.workflow.replay import (
    Again,
    Settlement,
    changes_words,
    has_marks,
    leads_to_readers,
    make_again,
    settle,
    take_out,
    without_record,
)


@dataclass(frozen=True)
class Redo:
    """What `redo` would do to one story.

    `files` are written and staged for git to go on with (`ends` is how); without a conflict under way `plan` has the
    commits, made on the branch as it stands or on `tip`. `later` are entries to be made once that is done. `others` are
    dropped entries of other people, `unproven` some in the name of whoever runs this that nothing proves to be theirs.
    `questions` are what has to be agreed to, `notes` what other people have to do; `instead` names whom to ask for an
    entry, by its number, whose maker may not make it any more.
    """

    story: Story
    plan: PlannedCommits
    files: Mapping[str, bytes] = field(default_factory=dict)
    again: Again | None = None
    later: tuple[Entry, ...] = ()
    settlement: Settlement | None = None
    kept_in: str = ""
    ledger: str = ""
    ends: str = ""
    questions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tip: str = ""
    instead: Mapping[int, str] = field(default_factory=dict)

    @property
    def others(self) -> tuple[Entry, ...]:
        """Entries of other people that are dropped."""
        return self.settlement.others if self.settlement else ()

    @property
    def unproven(self) -> tuple[Entry, ...]:
        """Entries in one's own name that nothing proves to be one's own."""
        return self.settlement.unproven if self.settlement else ()


def plan_redo(newsroom: Newsroom, slug: str, act: Act) -> Redo:
    """Return what redoing a story would write; raises a Refusal or NotReady and writes nothing.

    `act` has the person and the time.
    """
    redone = _plan(newsroom, slug, act)
    gone = [entry for entry in redone.others if not_entitled_any_more(entry, act.judges)]
    return replace(redone, instead={entry.seq: _whom_to_ask(entry, redone.story, act) for entry in gone})


def _whom_to_ask(entry: Entry, story: Story, act: Act) -> str:
    """Everybody who may give an entry's role on a story, but its reporters where its row bars them."""
    row = act.judges.settings.pipeline.move(entry.action, entry.from_)
    barred = story.metadata.reporter if row is not None and "reporter" in row.not_by else ()
    names = act.judges.who_may([entry.role or ""], section=story.metadata.section or "", but=barred)
    return ", ".join(names) or "nobody on the roster"


def _plan(newsroom: Newsroom, slug: str, act: Act) -> Redo:
    _ = newsroom.commits
    path = newsroom.find(slug)
    story_id = peek_id(newsroom.files, path)
    if not ID.fullmatch(story_id):
        raise Refusal(f"{slug} has no id, and so no ledger.", f"story adopt {shell_quote(path)}")
    where = ledger.path_of(story_id)
    under, stages = find_operation(newsroom.git), list_unmerged(newsroom.git, path, where)
    if under is None and not stages:
        return _redo_afterwards(newsroom, path, where, act)
    refuse_deleted(newsroom, under, path, where)
    return _in_progress(newsroom, path, where, act, under=under, stages=stages)


def _in_progress(
    newsroom: Newsroom,
    path: str,
    where: str,
    act: Act,
    *,
    under: GitOperation | None,
    stages: Mapping[str, Mapping[str, str]],
) -> Redo:
    if where in stages:
        two = sides_in_index(newsroom, under, where, stages[where])
    else:
        content = parse_side(where, newsroom.files.read(where) or b"")
        two = LedgerConflict(content, content)
    settlement, proofs = _settle(newsroom, two, act)
    case = _gather_case(newsroom, path, stages.get(path, {}), settlement.kept, under)
    story = case.story
    _refuse_other_words(case, act, way=_tell_how_to_take_words(newsroom, path, stages.get(where, {}), settlement.kept))
    if not stages:
        return Redo(story, PlannedCommits(story))
    again = _make_entries_again(newsroom, case, settlement, two.other, act)
    ends = _ends(newsroom, under, {path, where})
    if under is None or under.theirs_stays:  # the commit to come joins two sides, and may bring no entry of its own
        files = {path: story.text.encode(), where: settlement.kept.content}
        later = tuple(step.entry for step in again.steps if step.entry)
        again = replace(again, case=case, steps=(), made=())
        return Redo(story, PlannedCommits(story), files, again, later, settlement, two.kept_in, where, ends)
    story, kept = again.case.story, again.case.ledger or settlement.kept
    files = {path: story.text.encode(), where: kept.content}
    asked = _questions(newsroom, two.other, again, proofs, act)
    return Redo(story, PlannedCommits(story), files, again, (), settlement, two.kept_in, where, ends, asked)


def _settle(newsroom: Newsroom, two: LedgerConflict, act: Act) -> tuple[Settlement, Proofs]:
    """Which of two ledgers stays, and whose the other's entries are, as far as that is proven."""
    if two.other.content == two.base.content:
        return Settlement(two.base), Proofs({}, frozenset(), frozenset())
    proofs = prove(newsroom, two.other, two.kept_in or "HEAD")
    settlement = settle(two.base, two.other, actor=act.actor, judges=act.judges, proven=proofs.proven, known=two.known)
    return settlement, proofs


def _ends(newsroom: Newsroom, under: GitOperation | None, settled: set[str]) -> str:
    """Return how git goes on behind the settled files; what else conflicts comes first."""
    ends = under.ends if under else "git commit"
    others = sorted(set(list_unmerged(newsroom.git)) - settled)
    return f"settle {', '.join(others)}, then: {ends}" if others else ends


def _redo_afterwards(newsroom: Newsroom, path: str, where: str, act: Act) -> Redo:
    _ = newsroom.commits.branch
    content = newsroom.files.read(where)
    if content is None:
        newsroom.keep_ledger(slug_of(path), peek_id(newsroom.files, path))
        raise _refusal_of_deleted(newsroom, path, where)
    two = sides_in_history(newsroom, where, content)
    broken = ledger.parse(where, content).findings
    if two is None and broken:
        raise NotReady("The ledger is broken, and no merge explains it.", "", broken)
    if two is None:
        return _redo_unshared(newsroom, path, ledger.parse(where, content), act)
    before = newsroom.files.read(path) or b""
    settlement, proofs = _settle(newsroom, two, act)
    case = _gather_case(newsroom, path, {}, settlement.kept, None)
    story = case.story
    _refuse_other_words(case, act)
    if not broken and not has_marks(before):
        _refuse_uncommitted(newsroom, story.slug, path, where)
    again = _make_entries_again(newsroom, case, settlement, two.other, act)
    expects: dict[str, bytes | None] = {path: before, where: content}
    writes = list[Write]()
    put_back = {path: story.text.encode(), where: settlement.kept.content}
    if put_back != expects:
        writes.append(Write(put_back, commit_messages.for_redo(story.slug, str(story.metadata.id)), (), expects))
        expects = dict(put_back)
    writes += _write_steps(again, expects)
    if not writes and not again.overtaken:
        raise next(reason for _, reason in again.refused if not isinstance(reason, NoSuchMove))
    if not writes:
        settlement = replace(settlement, others=())
    asked = _questions(newsroom, two.other, again, proofs, act)
    planned = _plan_writes(again, writes)
    return Redo(planned.story, planned, {}, again, (), settlement, two.kept_in, where, "", asked)


def _refusal_of_deleted(newsroom: Newsroom, path: str, where: str) -> Refusal:
    """Return what to say of a story whose ledger is gone from the last commit as well."""
    slug = slug_of(path)
    shape = ("--format=%h", "--diff-filter=D", "--full-history")
    commit = newsroom.git.text("log", "-1", *shape, "HEAD", "--", where)
    if not commit:
        return Refusal(f"There is no ledger {where}.", f"git log --diff-filter=D -- {where}")
    back = f"git checkout {commit}^ -- {shell_quote(where)}; git commit -m restored"
    hint = f"Let its file go too: git rm {shell_quote(path)}; or bring the record back: {back}"
    return Refusal(f"{slug} was deleted, with its ledger ({commit}).", hint)


def _refuse_uncommitted(newsroom: Newsroom, slug: str, *paths: str) -> None:
    if newsroom.commits.find_changed(paths):
        raise Refusal(f"{slug} has uncommitted changes.", f"story save {shell_quote(slug)}, then redo again.")


def _write_steps(again: Again, expects: Mapping[str, bytes | None]) -> Iterator[Write]:
    """Yield a commit for each entry made again, on files as they are expected."""
    for step in again.steps:
        write = moves.write_entry(step.story, step.ledger, expects)
        yield write
        expects = write.files


def _plan_writes(again: Again, writes: Iterable[Write]) -> PlannedCommits:
    last = again.steps[-1].entry if again.steps else None
    return PlannedCommits(again.case.story, last, writes=tuple(writes))


# Entries that nobody else has yet


def _redo_unshared(newsroom: Newsroom, path: str, record: Ledger, act: Act) -> Redo:
    """Return what to make again of entries that no protected branch has, and that do not stand any more."""
    story = merge_words(newsroom, path, {}, record, None)
    proofs = prove(newsroom, record, "HEAD")
    lapsed = list(lapsed_entries(newsroom, story.path, record, proofs))
    notes = tuple(_note(entry, act) for entry in lapsed if not _is_ours_to_redo(entry, proofs, act))
    first = next((entry for entry in lapsed if _is_ours_to_redo(entry, proofs, act)), None)
    if first is None:
        return Redo(story, PlannedCommits(story), notes=notes)
    _refuse_uncommitted(newsroom, story.slug, path, record.path)
    settlement = take_out(record, first.entry.seq, actor=act.actor, judges=act.judges, proven=proofs.proven)
    return _redo_from(newsroom, story, record, settlement, proofs, first, act)


def _is_ours_to_redo(lapsed: Lapsed, proofs: Proofs, act: Act) -> bool:
    """Tell whether whoever acts makes an entry again, or takes out that of somebody who cannot."""
    if act.judges.same(lapsed.entry.actor, act.actor):
        return lapsed.entry.seq in proofs.proven
    return lapsed.what == "maker"


def _note(lapsed: Lapsed, act: Act) -> str:
    """What is wrong with an entry that somebody else has to make again, or whoever acts has to make by its verb."""
    entry, slug = lapsed.entry, "SLUG"
    if act.judges.same(entry.actor, act.actor):
        return f"{entry.action} in your name: {lapsed.reason}, and nothing proves that it is yours"
    return f"{entry.action} by {entry.actor.name}: {lapsed.reason}; {entry.actor.name} runs story redo {slug}"


def _redo_from(
    newsroom: Newsroom, story: Story, record: Ledger, settlement: Settlement, proofs: Proofs, first: Lapsed, act: Act
) -> Redo:
    """Return what to make again once the first entry that does not stand, and all behind it, are taken out."""
    path, where, kept = story.path, record.path, settlement.kept
    if kept.entries:
        begun = _gather_case(newsroom, path, {}, kept, None)
        _refuse_other_words(begun, act)
    else:
        begun = Case(without_record(story), None, newsroom.assets(story).blobs)
    again = _make_entries_again(
        newsroom, begun, settlement, record, act, since=proofs.commits.get(len(kept.entries), "")
    )
    if not again.steps and not again.overtaken:
        raise next(reason for _, reason in again.refused if not isinstance(reason, NoSuchMove))
    put_back: dict[str, bytes | None] = {path: begun.story.text.encode(), where: kept.content or None}
    expects: dict[str, bytes | None] = {path: story.text.encode(), where: record.content}
    commit = proofs.commits.get(first.entry.seq, "")
    tip = tip_without(newsroom, commit, path, kept) if again.steps and not settlement.others else ""
    writes = list(_write_steps(again, put_back if tip else expects))
    if not again.steps:
        writes.append(Write(put_back, commit_messages.for_redo(story.slug, str(story.metadata.id)), (), expects))
    asked = _questions(newsroom, record, again, proofs, act)
    taken = [f"{entry.action} by {entry.actor.name} is taken out" for entry in settlement.others]
    if settlement.others[:1] == (first.entry,):
        taken[0] += f": {first.reason}"
    elif first.what == "signature":
        taken.insert(0, f"{first.entry.action}: {first.reason}")
    planned = _plan_writes(again, writes)
    kept_in = newsroom.git.text("rev-parse", "--short", "HEAD")
    return Redo(planned.story, planned, {}, again, (), settlement, kept_in, where, "", (*taken, *asked), (), tip)


def _questions(newsroom: Newsroom, lost: Ledger, again: Again, proofs: Proofs, act: Act) -> tuple[str, ...]:
    """Return what has to be agreed to before entries are made again."""
    pipeline, asked = act.judges.settings.pipeline, list[str]()
    for entry, step in zip(again.made, again.steps, strict=True):
        if entry.seq in proofs.former:
            asked.append(f"{entry.action} was signed with a key that is not yours any more")
        if changes_words(entry, step):
            change = _change(newsroom, lost, entry, step, act)
            asked.append(f"its words or pictures are not those of your {entry.action}: {change}")
        if leads_to_readers(entry, pipeline):
            asked.append(f"{entry.action} leads to readers")
    return tuple(asked)


def _change(newsroom: Newsroom, lost: Ledger, entry: Entry, step: Step, act: Act) -> str:
    """Return how much a story's words changed since an entry signed them, and who changed them."""
    then = story_history.text_of(newsroom.git, step.story, lost, entry)
    writers = parse_people(step.entry.writers if step.entry else ())
    others = [str(person) for person in writers if not act.judges.same(person, act.actor)]
    whose = ", ".join(others) or "yourself" if writers else "somebody"
    return f"{moves.describe_change(then, step.story) if then else 'words'} changed, by {whose}"


def _gather_case(
    newsroom: Newsroom, path: str, stages: Mapping[str, str], kept: Ledger, under: GitOperation | None
) -> Case:
    story = merge_words(newsroom, path, stages, kept, under)
    return Case(story, kept, newsroom.assets(story).blobs)


def _refuse_other_words(case: Case, act: Act, *, way: str = "") -> None:
    """Raise NotReady, with the `way` out, for a story whose words are not what the ledger that stays signed."""
    if findings := errors_of_record(case, act.judges, act.at):
        words = all(finding.rule == "published-words-changed" for finding in findings)
        raise NotReady("The words do not fit the ledger that stays.", way if words else "", findings)


def _tell_how_to_take_words(newsroom: Newsroom, path: str, stages: Mapping[str, str], kept: Ledger) -> str:
    """Return how to take the words of the side whose ledger stays; what the other side wrote is corrected anew."""
    sides = newsroom.git.blobs(stages.values())
    side = next((stage for stage, blob in stages.items() if sides.get(blob) == kept.content), "")
    option = {OURS: "--ours", THEIRS: "--theirs"}.get(side)
    slug = slug_of(path)
    if option is None:
        return ""
    taken = f"git checkout {option} -- {shell_quote(path)}; then story redo {shell_quote(slug)}"
    return f"Take its words: {taken}, and correct anew what is missing."


def _make_entries_again(
    newsroom: Newsroom, case: Case, settlement: Settlement, lost: Ledger, act: Act, *, since: str = ""
) -> Again:
    """Make one's own entries of a lost ledger again; whoever acts wrote what is not committed yet."""
    if not settlement.mine:
        return Again(case)
    committed = newsroom.git.answer("cat-file", "blob", f"HEAD:{case.story.path}", ok=(0, 128))[1]
    same = hash_content(case.story.path, committed) == frontmatter.content_hash(case.story)
    writers = story_history.writers(newsroom.git, case.held, taking=None if same else act.actor, since=since)
    return make_again(replace(case, writers=writers), settlement.mine, lost=lost, by=act)


def stage_redo(newsroom: Newsroom, redo: Redo) -> None:
    """Write and stage what settles a conflict under way, signed; on any failure the files are as they were."""
    undo = Undo(newsroom.commits.root)
    kept = redo.settlement.kept.content if redo.settlement else b""
    (write,) = moves.sign_writes(newsroom, (Write(redo.files, "", (), {redo.ledger: kept}),))
    try:
        for path, content in write.files.items():
            undo.write(path, content)
        newsroom.git.run("add", "--", *map(literal, write.files))
    except (CannotRun, OSError) as error:
        undo.back()
        if isinstance(error, OSError):
            raise unwritable(error, error.filename or newsroom.commits.root) from None
        raise


def make_moves_again(newsroom: Newsroom, redo: Redo) -> CommitMade | None:
    """Make the commits of a plan, signed; None when it has none. On any failure everything is as it was."""
    if not redo.tip:
        return moves.perform(newsroom, redo.plan)
    made = None
    writes = moves.sign_writes(newsroom, redo.plan.writes)
    with newsroom.commits.standing_on(redo.tip, writes[0].expects):
        for write in writes:
            made = newsroom.commits.make(write)
    return made
