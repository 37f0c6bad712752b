"""Gets a story out of two ledgers: settles a conflict under way, or makes again what a merge left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from newsroom_cli.actions import commit_messages, conflict, moves
from newsroom_cli.actions.conflict import LedgerConflict, StoryAtOdds
from newsroom_cli.actions.proofs import Lapsed, Proofs, lapsed_entries, not_entitled_any_more, prove
from newsroom_cli.actions.rewriting import tip_without
from newsroom_cli.check.files import peek_id
from newsroom_cli.errors import NotReady, Refusal
from newsroom_cli.escaping import shell_quote
from newsroom_cli.history import story_history
from newsroom_cli.model import ID, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.repository.commit import CommitMade, Undo, Write
from newsroom_cli.repository.git import literal
from newsroom_cli.repository.layout import path_beside
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.story import frontmatter
from newsroom_cli.verify.objections import parse_people
from newsroom_cli.workflow import replay
from newsroom_cli.workflow.advance import Act, errors_of_record
from newsroom_cli.workflow.case import Case
from newsroom_cli.workflow.replay import RemadeEntry, Replay, Settlement
from newsroom_cli.workflow.rights import who_may_sign


@dataclass(frozen=True)
class Redo:
    """All that `redo` would do to one story.

    `files` are written and staged for git to go on with (`ends` is how); without a conflict under way `writes` are
    committed, on the branch as it stands or on `tip`. `later` are entries to be made once that is done. `kept_in` is
    the commit that has the lost side, `questions` are what has to be agreed to, `notes` what other people have to do;
    `instead` names whom to ask for an entry, by its number, whose maker may not make it any more.
    """

    story: Story
    settlement: Settlement
    replay: Replay
    writes: tuple[Write, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    later: tuple[Entry, ...] = ()
    kept_in: str = ""
    ends: str = ""
    questions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tip: str = ""
    instead: Mapping[int, str] = field(default_factory=dict)


def plan_redo(newsroom: Newsroom, slug: str, act: Act) -> Redo:
    """Return what redoing a story would write; raises a Refusal or NotReady and writes nothing.

    `act` has the person and the time.
    """
    _ = newsroom.commits
    path = newsroom.find(slug)
    story_id = peek_id(newsroom.files, path)
    if not ID.fullmatch(story_id):
        raise Refusal(f"{slug} has no id, and so no ledger.", f"story adopt {shell_quote(path)}")
    story = conflict.find_at_odds(newsroom, path, ledger.path_of(story_id))
    is_under_way = story.operation.theirs or story.stages
    redo = _settle_in_progress(story, act) if is_under_way else _redo_afterwards(story, act)
    gone = [entry for entry in redo.settlement.others if not_entitled_any_more(entry, act.policy)]
    return replace(redo, instead={entry.seq: _whom_to_ask(entry, redo.story, act.policy) for entry in gone})


def _whom_to_ask(entry: Entry, story: Story, policy: Policy) -> str:
    return ", ".join(who_may_sign([entry.role or ""], entry, story, policy)) or "nobody on the roster"


def _settle_in_progress(story: StoryAtOdds, act: Act) -> Redo:
    """Return the files that settle a conflict under way; raises Refusal or NotReady."""
    conflict.refuse_deleted(story)
    two = conflict.find_sides_in_index(story)
    settlement, proofs = _settle(story.newsroom, two, act)
    story = conflict.take_new_name(story, settlement.kept)
    path, where, operation = story.path, story.ledger_path, story.operation
    case = _gather_case(story, settlement.kept)
    _refuse_other_words(case, act, way=_tell_how_to_take_words(story, settlement.kept))
    if not story.stages:
        return Redo(case.story, settlement, Replay(case))
    replayed = _replay_own(story.newsroom, case, settlement, two.other, act)
    ends = _tell_how_to_go_on(story)
    if operation.theirs_stays:  # the commit to come joins two sides, and may bring no entry of its own
        files = {path: case.story.text.encode(), where: settlement.kept.content}
        later = tuple(remade.entry for remade in replayed.remade)
        replayed = Replay(case, refused=replayed.refused)
        return Redo(case.story, settlement, replayed, (), files, later, two.kept_in, ends)
    settled = replayed.case
    files = {path: settled.story.text.encode(), where: (settled.ledger or settlement.kept).content}
    asked = _questions(story.newsroom, two.other, replayed, proofs, act)
    return Redo(settled.story, settlement, replayed, (), files, (), two.kept_in, ends, asked)


def _settle(newsroom: Newsroom, two: LedgerConflict, act: Act) -> tuple[Settlement, Proofs]:
    """Decide which of two ledgers stays, and whose the other's entries are, as far as that is proven."""
    if two.other.content == two.base.content:
        return Settlement(two.base), Proofs()
    proofs = prove(newsroom, two.other, two.kept_in or "HEAD")
    return replay.settle(two.base, two.other, act=act, proven=proofs.proven, known=two.known), proofs


def _tell_how_to_go_on(story: StoryAtOdds) -> str:
    """Return how git goes on behind the settled files; what else conflicts comes first, and a file of another name."""
    copies, ends = conflict.find_copies(story), story.operation.ends
    for copy in copies:
        ends = f"git rm -f -- {shell_quote(copy)}; {ends}"
    others = sorted(set(conflict.list_unmerged(story.git)) - {story.path, story.ledger_path, *copies})
    return f"settle {', '.join(others)}, then: {ends}" if others else ends


def _redo_afterwards(story: StoryAtOdds, act: Act) -> Redo:
    """Return the commits that make again what a merge left out, or what does not stand; raises Refusal or NotReady."""
    newsroom, path, where = story.newsroom, story.path, story.ledger_path
    _ = newsroom.commits.branch
    content = newsroom.files.read(where)
    if content is None:
        newsroom.keep_ledger(story.slug, peek_id(newsroom.files, path))
        raise _refusal_of_deleted(story)
    two = conflict.find_sides_in_history(story, content)
    broken = ledger.parse(where, content).findings
    if two is None and broken:
        raise NotReady("The ledger is broken, and no merge explains it.", "", broken)
    if two is None:
        return _redo_unshared(story, ledger.parse(where, content), act)
    before = newsroom.files.read(path) or b""
    settlement, proofs = _settle(newsroom, two, act)
    case = _gather_case(story, settlement.kept)
    _refuse_other_words(case, act)
    if not broken and not replay.has_marks(before):
        _refuse_uncommitted(story)
    replayed = _replay_own(newsroom, case, settlement, two.other, act)
    expects: dict[str, bytes | None] = {path: before, where: content}
    put_back = {path: case.story.text.encode(), where: settlement.kept.content}
    writes = [] if put_back == expects else [_write_back(case.story, put_back, expects)]
    writes += _write_remade(replayed, put_back)
    if not writes and replayed.obstacle:
        raise replayed.obstacle
    if not writes:
        settlement = settlement._replace(others=())
    asked = _questions(newsroom, two.other, replayed, proofs, act)
    return Redo(replayed.case.story, settlement, replayed, tuple(writes), kept_in=two.kept_in, questions=asked)


def _refusal_of_deleted(story: StoryAtOdds) -> Refusal:
    """Return what to say of a story whose ledger is gone from the last commit as well."""
    where = story.ledger_path
    shape = ("--format=%h", "--diff-filter=D", "--full-history")
    commit = story.git.text("log", "-1", *shape, "HEAD", "--", where)
    if not commit:
        return Refusal(f"There is no ledger {where}.", f"git log --diff-filter=D -- {where}")
    back = f"git checkout {commit}^ -- {shell_quote(where)}; git commit -m restored"
    hint = f"Let its file go too: git rm {shell_quote(story.path)}; or bring the record back: {back}"
    return Refusal(f"{story.slug} was deleted, with its ledger ({commit}).", hint)


def _refuse_uncommitted(story: StoryAtOdds) -> None:
    if story.newsroom.commits.find_changed((story.path, story.ledger_path)):
        way = f"story save {shell_quote(story.slug)}, then redo again."
        raise Refusal(f"{story.slug} has uncommitted changes.", way)


def _write_back(story: Story, files: Mapping[str, bytes | None], expects: Mapping[str, bytes | None]) -> Write:
    """Return the commit that puts a story and its ledger back to what one side had."""
    return Write(files, commit_messages.for_redo(story.slug, str(story.metadata.id)), (), expects)


def _write_remade(replayed: Replay, expects: Mapping[str, bytes | None]) -> Iterator[Write]:
    """Yield a commit for each entry made again, on files as they are expected."""
    for remade in replayed.remade:
        write = moves.write_entry(remade.story, remade.ledger, expects)
        yield write
        expects = write.files


# Entries that nobody else has yet


def _redo_unshared(story: StoryAtOdds, record: Ledger, act: Act) -> Redo:
    """Return what to make again of entries that no protected branch has, and that do not stand any more."""
    text = conflict.merge_words(story, record)
    proofs = prove(story.newsroom, record, "HEAD")
    lapsed = list(lapsed_entries(story.newsroom, story.path, record, proofs))
    notes = tuple(_note(entry, act) for entry in lapsed if not _is_ours_to_redo(entry, proofs, act))
    first = next((entry for entry in lapsed if _is_ours_to_redo(entry, proofs, act)), None)
    if first is None:
        return Redo(text, Settlement(record), Replay(Case(text)), notes=notes)
    _refuse_uncommitted(story)
    settlement = replay.take_out(record, first.entry.seq, act=act, proven=proofs.proven)
    kept = settlement.kept
    if kept.entries:
        begun = _gather_case(story, kept)
        _refuse_other_words(begun, act)
    else:
        begun = Case(replay.with_record(text, kept, act.policy), None, story.newsroom.case_of(text).assets)
    since = proofs.commits.get(len(kept.entries), "")
    replayed = _replay_own(story.newsroom, begun, settlement, record, act, since=since)
    if not replayed.remade and replayed.obstacle:
        raise replayed.obstacle
    put_back = {story.path: begun.story.text.encode(), record.path: kept.content or None}
    expects = {story.path: text.text.encode(), record.path: record.content}
    commit = proofs.commits.get(first.entry.seq, "")
    tip = tip_without(story.newsroom, commit, story.path, kept) if replayed.remade and not settlement.others else ""
    writes = [*_write_remade(replayed, put_back if tip else expects)] or [_write_back(text, put_back, expects)]
    asked = (*_list_taken_out(settlement, first), *_questions(story.newsroom, record, replayed, proofs, act))
    kept_in = story.git.text("rev-parse", "--short", "HEAD")
    return Redo(replayed.case.story, settlement, replayed, tuple(writes), kept_in=kept_in, questions=asked, tip=tip)


def _is_ours_to_redo(lapsed: Lapsed, proofs: Proofs, act: Act) -> bool:
    """Tell whether whoever acts makes an entry again, or takes out that of somebody who cannot."""
    if act.policy.same(lapsed.entry.actor, act.actor):
        return lapsed.entry.seq in proofs.proven
    return lapsed.what == "maker"


def _note(lapsed: Lapsed, act: Act) -> str:
    """Say what is wrong with an entry that somebody else has to make again, or whoever acts has to make by its verb."""
    entry = lapsed.entry
    if act.policy.same(entry.actor, act.actor):
        return f"{entry.action} in your name: {lapsed.reason}, and nothing proves that it is yours"
    return f"{entry.action} by {entry.actor.name}: {lapsed.reason}; {entry.actor.name} runs story redo SLUG"


def _list_taken_out(settlement: Settlement, first: Lapsed) -> list[str]:
    """Return which entries are taken out for good, and why the first one has to go."""
    taken = [f"{entry.action} by {entry.actor.name} is taken out" for entry in settlement.others]
    if settlement.others[:1] == (first.entry,):
        taken[0] += f": {first.reason}"
    elif first.what == "signature":
        taken.insert(0, f"{first.entry.action}: {first.reason}")
    return taken


def _questions(newsroom: Newsroom, lost: Ledger, replayed: Replay, proofs: Proofs, act: Act) -> tuple[str, ...]:
    """Return what has to be agreed to before entries are made again."""
    pipeline, asked = act.policy.settings.pipeline, list[str]()
    for remade in replayed.remade:
        entry = remade.lost
        if entry.seq in proofs.former:
            asked.append(f"{entry.action} was signed with a key that is not yours any more")
        if remade.signs_other_words:
            change = _describe_change(newsroom, lost, remade, act)
            asked.append(f"its words or pictures are not those of your {entry.action}: {change}")
        row = pipeline.move(entry.action, entry.from_)
        if row is not None and pipeline.for_readers(row):
            asked.append(f"{entry.action} leads to readers")
    return tuple(asked)


def _describe_change(newsroom: Newsroom, lost: Ledger, remade: RemadeEntry, act: Act) -> str:
    """Return how much a story's words changed since an entry signed them, and who changed them."""
    then = story_history.text_of(newsroom.git, remade.story, lost, remade.lost)
    writers = parse_people(remade.entry.writers)
    others = [str(person) for person in writers if not act.policy.same(person, act.actor)]
    whose = ", ".join(others) or "yourself" if writers else "somebody"
    return f"{moves.describe_change(then, remade.story) if then else 'words'} changed, by {whose}"


def _gather_case(story: StoryAtOdds, kept: Ledger) -> Case:
    text = conflict.merge_words(story, kept)
    return Case(text, kept, story.newsroom.case_of(text).assets)


def _refuse_other_words(case: Case, act: Act, *, way: str = "") -> None:
    """Raise NotReady, with the `way` out, for a story whose words are not what the ledger that stays signed."""
    if findings := errors_of_record(case, act.policy, act.at):
        words = all(finding.rule == "published-words-changed" for finding in findings)
        raise NotReady("The words do not fit the ledger that stays.", way if words else "", findings)


def _tell_how_to_take_words(story: StoryAtOdds, kept: Ledger) -> str:
    """Return how to take the words of the side whose ledger stays; what the other side wrote is corrected anew.

    Where only the other side renamed the story, the file gets back the name that stays.
    """
    if story.old_path:
        return conflict.tell_how_to_leave(story)
    stages = story.stages.get(story.ledger_path, {})
    contents = story.git.blobs(stages.values())
    side = next((stage for stage, blob in stages.items() if contents.get(blob) == kept.content), "")
    option = {conflict.OURS: "--ours", conflict.THEIRS: "--theirs"}.get(side)
    if option is None:
        return ""
    path, blob = shell_quote(story.path), story.stages.get(story.path, {}).get(side, "")
    taken, slug = f"git checkout {option} -- {path}", story.slug
    if blob:
        slug = frontmatter.read_story(story.path, story.git.blobs([blob])[blob]).metadata.slug or slug
    if slug != story.slug:
        taken += f"; git add -- {path}; git mv -- {path} {shell_quote(path_beside(story.path, slug))}"
    return f"Take its words: {taken}; then story redo {shell_quote(slug)}, and correct anew what is missing."


def _replay_own(
    newsroom: Newsroom, case: Case, settlement: Settlement, lost: Ledger, act: Act, *, since: str = ""
) -> Replay:
    """Make one's own entries of a lost ledger again; whoever acts wrote what is not committed yet."""
    if not settlement.mine:
        return Replay(case)
    committed = newsroom.git.answer("cat-file", "blob", f"HEAD:{case.story.path}", ok=(0, 128))[1]
    same = conflict.hash_content(case.story.path, committed) == frontmatter.content_hash(case.story)
    taking = None if same else act.actor
    writers = story_history.find_people_since(newsroom.git, case.held, taking=taking, since=since).writers
    return replay.replay_entries(replace(case, writers=writers), settlement.mine, lost=lost, act=act)


def stage_redo(newsroom: Newsroom, redo: Redo) -> None:
    """Write and stage what settles a conflict under way, signed; on any failure the files are as they were."""
    kept = redo.settlement.kept
    (write,) = moves.sign_writes(newsroom, (Write(redo.files, "", (), {kept.path: kept.content}),))
    with Undo(newsroom.commits.root) as undo:
        for path, content in write.files.items():
            undo.write(path, content)
        newsroom.git.run("add", "--", *map(literal, write.files))


def make_moves_again(newsroom: Newsroom, redo: Redo) -> CommitMade | None:
    """Make the commits of a redo, signed; None when it has none. On any failure everything is as it was."""
    if not redo.tip:
        return moves.perform(newsroom, redo.writes)
    made = None
    writes = moves.sign_writes(newsroom, redo.writes)
    with newsroom.commits.standing_on(redo.tip, writes[0].expects):
        for write in writes:
            made = newsroom.commits.make(write)
    return made
