"""The one engine: judges an update of a branch, for `check --base`, the hooks, and every step of an audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from newsroom_cli.check.files import check_ending
from newsroom_cli.check.names import clashes
from newsroom_cli.check.story import TreeContext, judge_story, quote_lines
from newsroom_cli.history import judge_changes
from newsroom_cli.history.attribution import StepAttribution, attribute_step
from newsroom_cli.history.losses import Loss, count_common_entries, entries_dropped_in_merge, entries_taken_out
from newsroom_cli.history.scope import Scope
from newsroom_cli.history.story_history import is_cut
from newsroom_cli.history.tree import Deed, StoryFile, StoryTree, TreeSnapshot, Update
from newsroom_cli.model import ID, Finding, Severity, make_error
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Held, Ledger, path_of
from newsroom_cli.repository.files import report_odd_file
from newsroom_cli.repository.git import Change
from newsroom_cli.repository.layout import REGULAR, describe_mode, is_ours
from newsroom_cli.settings.settings import Strength
from newsroom_cli.verify.change import StoryChange, check_change
from newsroom_cli.verify.standing import check_followup, check_record


@dataclass
class Judgement:
    """An update that `policy` judged: its `deeds`, and `states`, what is wrong with stories (by id) or files (by path).

    `restored` are ledgers as they were before somebody cut what the update puts back; it has those before it now.
    `is_contested` says that what judges stories was changed by somebody who may not.
    """

    update: Update
    policy: Policy
    attribution: StepAttribution
    restored: Mapping[str, Ledger]
    deeds: list[Deed] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    states: dict[str, list[Finding]] = field(default_factory=dict)
    is_contested: bool = False

    def findings(self) -> Iterator[Finding]:
        """Yield every finding."""
        yield from (deed.finding for deed in self.deeds)
        for rows in self.states.values():
            yield from rows

    def errors(self, subject: str) -> list[Finding]:
        """Return what is wrong with a story or a file behind the update, without what is only told."""
        return [finding for finding in self.states.get(subject, ()) if finding.severity is not Severity.INFO]

    def add_deed(self, finding: Finding, commit: str = "") -> None:
        """Add what the update did."""
        self.deeds.append(Deed(finding, commit))

    def add_state(self, subject: str, findings: Iterable[Finding]) -> None:
        """Add what is wrong with a story or a file behind the update."""
        if rows := [*findings]:
            self.states.setdefault(subject, []).extend(rows)


def count_entries_before(old: Ledger | None, new: Ledger) -> int:
    """Return how many entries a ledger had before; none where it does not go on."""
    return len(old.entries) if old is not None and new.content.startswith(old.content) else 0


def touched_ids(tree: StoryTree, changes: Sequence[Change]) -> frozenset[str]:
    """Return the ids of the stories that changes of a tree touch: by their files, ledgers or pictures."""
    ids: set[str] = set()
    for change in changes:
        if change.is_story:
            old = tree.stories.get(change.path)
            new = tree.reader.summary(change.path, change.has)
            ids |= {old.story_id if old else "", new.story_id if new else ""}
        elif change.is_ledger:
            ids.add(change.ledger_of)
        ids |= {tree.stories[path].story_id for path in tree.pictured.get(change.path, ())}
    return frozenset(story_id for story_id in ids if ID.fullmatch(story_id))


def judge(update: Update, policy: Policy, scope: Scope) -> Judgement:
    """Judge what an update does: every entry its maker's right, every file as its ledger says, nothing taken out.

    `policy` judges, as of before.
    """
    by_hand = scope.earlier.list_merges_by_hand() if any(commit.is_merge for commit in update.commits) else {}
    attribution = attribute_step(update, policy, by_hand)
    restored: dict[str, Ledger] = {}
    for story_id in sorted(update.ids):
        record = update.after.ledger(story_id)
        whole = scope.earlier.find_whole(record, update.before.ledgers.get(story_id)) if record else None
        if whole is not None:
            restored[story_id] = whole
    update = update.with_ledgers(restored)
    judging = _Judging(update, policy, scope, Judgement(update, policy, attribution, restored))
    judging.run()
    return judging.judgement


@dataclass
class _Judging:
    update: Update
    policy: Policy
    scope: Scope
    judgement: Judgement
    gave_way: dict[str, Ledger] = field(default_factory=dict)

    def run(self) -> None:
        """Judge everything, and note it."""
        update, judgement = self.update, self.judgement
        for change in update.changes:
            judgement.add_state(change.path, misplaced_file(change))
        for finding in changed_ids(update):
            judgement.add_deed(finding)
        for path, findings in name_clashes(update).items():
            judgement.add_state(path, findings)
        self._judge_policy()
        self._judge_merges()
        judgement.deeds += entries_taken_out(update, self.scope.line)
        self._judge_files()
        for story_id in sorted(update.ids):
            self._judge_story(story_id)

    def _judge_policy(self) -> None:
        deeds = [*judge_changes.judge_changes(self.update, self.policy, self.scope)]
        self.judgement.is_contested = any(deed.finding.rule == "judges-not-entitled" for deed in deeds)
        self.judgement.deeds += deeds
        if unreadable := judge_changes.unreadable_baseline(self.update):
            self.judgement.add_state(unreadable.path, [unreadable])

    def _judge_merges(self) -> None:
        for loss in entries_dropped_in_merge(self.update, self.judgement.attribution, self.policy):
            old = self.update.before.ledgers.get(loss.story_id)
            is_own = loss.gave_way and self.scope.looking_back
            if is_own and old is not None and old.content == loss.had.content:
                self.gave_way[loss.story_id] = loss.shared
            if not loss.gave_way or is_own:
                self.judgement.add_deed(loss.as_finding(), loss.commit)
                self.judgement.losses.append(loss)

    # files and stories

    def _judge_files(self) -> None:
        """Note what is wrong with files that changed and have no ledger, or cannot be read."""
        after = self.update.after
        for story in filter(None, (after.stories.get(change.path) for change in self.update.changes)):
            if story.findings:
                self.judgement.add_state(story.path, after.quote_findings(story))
            elif story.story_id not in after.ledger_blobs:
                self.judgement.add_state(story.path, self._find_wrong(story, None))

    def _find_wrong(self, story: StoryFile | None, record: Ledger | None) -> Iterator[Finding]:
        """Yield what is wrong with one story as it is now; looking back, its entries are left out."""
        after, policy, now = self.update.after, self.policy, self.scope.now
        held = after.gather_held(story, record)
        if held.story is not None and not self.scope.looking_back:
            around = TreeContext(policy, now, self.scope.files, self._blobs)
            findings = judge_story(held.story, record, around, {})
            yield from quote_lines(findings, held.story.path, held.story.text.encode())
            return
        start = len(record.entries) if record and self.scope.looking_back else 0
        yield from check_record(held, policy, now=now, start=start)
        if held.story is not None and record is not None:
            original = after.ledger(held.story.metadata.update_of or "")
            yield from check_followup(held, original, policy.settings.pipeline)

    @cached_property
    def _blobs(self) -> dict[str, str]:
        return {path: blob for path, (mode, blob) in self.update.after.files.items() if mode in REGULAR}

    def _judge_story(self, story_id: str) -> None:
        """Judge what the update did to one story, and the story as it is now."""
        before, after, scope = self.update.before, self.update.after, self.scope
        record, owners = after.ledger(story_id), after.owners(story_id)
        story = owners[0] if owners else None
        old = Held(
            after.parse_story(before.owners.get(story_id)),
            self.gave_way.get(story_id) or before.ledgers.get(story_id),
            before.assets.get(story_id, {}),
        )
        if record is not None:
            self.judgement.add_state(story_id, self._find_wrong(story, record))
            for copy in owners[1:]:
                self.judgement.add_state(copy.path, self._find_wrong(copy, record))
            if scope.looking_back and old.ledger and not record.findings and is_cut(old.ledger, record):
                same = count_common_entries(old.ledger.content, record.content)
                for finding in check_record(Held(None, record), self.policy, now=scope.now, start=same):
                    self.judgement.add_deed(finding)
        else:
            changed = {change.path for change in self.update.changes}
            for left in (owner for owner in owners if owner.path not in changed and not owner.findings):
                self.judgement.add_state(left.path, self._find_wrong(left, None))
        if story is not None and story.findings:
            old = Held(None, old.ledger)  # it is there, though it cannot be read
        change = self._describe_change(story_id, old, after.gather_held(story, record))
        now = None if scope.looking_back else scope.now
        for finding in check_change(change, self.policy, require=scope.require, now=now):
            self.judgement.add_deed(finding, self._find_culprit(story_id, finding))
        if not scope.looking_back and story is not None and record is not None:
            for finding in self._words_beside(story_id, story, record, start=count_entries_before(old.ledger, record)):
                self.judgement.add_deed(finding)

    def _describe_change(self, story_id: str, old: Held, new: Held) -> StoryChange:
        """Put a story before and after together with what commits prove of it, those of the update and earlier ones.

        Of entries that were reverted and are brought back earlier commits are asked where their own prove less.
        """
        proven, earlier = self.judgement.attribution.of(story_id), self.scope.earlier
        strengths: dict[int, Strength] = {number: origin.strength for number, origin in proven.origins.items()}
        first = count_entries_before(old.ledger, new.ledger) + 1 if new.ledger else 0
        numbers = range(first, len(new.ledger.entries) + 1) if new.ledger else ()
        proves_less = any(strengths.get(each, "recorded") == "recorded" or each in proven.unseen for each in numbers)
        again = earlier.find_origins(new.ledger) if new.ledger and proves_less else {}
        strengths |= {number: origin.strength for number, origin in again.items() if origin.strength != "recorded"}
        writers = dict(proven.writers)
        if first in writers:
            writers[first] = (*earlier.find_writers(story_id, proven.origins[first].commit), *writers[first])
        reporters = (*proven.reporters, *earlier.find_reporters(story_id))
        unseen, unknown = (frozenset(numbers - again.keys()) for numbers in (proven.unseen, proven.unknown))
        sections = self.judgement.attribution.sections
        return StoryChange(old, new, strengths, writers, reporters, unseen, unknown, sections)

    def _find_culprit(self, story_id: str, finding: Finding) -> str:
        """Return the commit that brought the entry a finding is about; empty where it is about no entry."""
        origin = self.judgement.attribution.of(story_id).origins.get(finding.line)
        about = finding.path == path_of(story_id) and not finding.rule.startswith("ledger-")
        return origin.commit if origin and about else ""

    def _words_beside(self, story_id: str, story: StoryFile, record: Ledger, *, start: int) -> Iterator[Finding]:
        """Tell of a yes to words that somebody changed beside it: the merge is clean, and its words nobody passed."""
        origins = self.judgement.attribution.of(story_id).origins
        pipeline = self.policy.settings.pipeline
        for number in range(len(record.entries), start, -1):
            entry = record.entries[number - 1]
            row = pipeline.move(entry.action, entry.from_)
            if row is None or not row.not_by:
                continue
            if number not in origins or entry.content == story.content or entry is record.binding_entry(pipeline):
                return
            commit = origins[number].commit
            people = [writing.author for writing in self.judgement.attribution.writings_beside(story_id, commit)]
            people += self.scope.earlier.find_writers_beside(story_id, commit)
            if names := ", ".join(map(str, dict.fromkeys(people))):
                message = f"{entry.action} by {entry.by} is of other words: beside it they were changed by {names}."
                hint = f"Read them again; the move stands, and what goes out is signed with publish: {story.slug}."
                yield Finding("words-changed-beside", Severity.WARNING, record.path, number, 1, message, hint)
            return


# what an update does to files


def misplaced_file(change: Change) -> Iterator[Finding]:
    """Yield a finding for a file of a mode, an ending or a place that no story and no ledger has."""
    if change.is_removed:
        if change.is_ledger and not change.ledger_of and not ledger.is_in_month(change.path):
            yield _stray(change.path)
        return
    if change.new_mode not in REGULAR:
        if is_ours(change.path):
            yield report_odd_file(change.path, describe_mode(change.new_mode))
        return
    yield from check_ending(change.path)
    if ledger.is_in_month(change.path):
        yield from ledger.ledgers_in_months([change.path])
    elif change.is_ledger and not change.ledger_of:
        yield _stray(change.path)


def _stray(path: str) -> Finding:
    hint = "Ledgers are written by `story` alone."
    return make_error("ledger-stray", path, 1, "no story's ledger belongs here.", hint)


def name_clashes(update: Update) -> dict[str, list[Finding]]:
    """Return the names that stories which changed share with others, by path; of two files of one id both are told."""
    after = update.after

    def is_copy(path: str, story_id: str) -> bool:
        old = update.before.owners.get(story_id)
        return old is not None and old.path != path

    paths = {change.path for change in update.changes if change.path in after.stories}
    for owners in map(after.owners, update.ids):
        paths |= {story.path for story in owners} if len(owners) > 1 else set()
    stories = {path: (after.stories[path].story_id, after.stories[path].aliases) for path in sorted(paths)}
    return {path: [*clashes(after.names, {path: names}, is_copy)] for path, names in stories.items()}


def changed_ids(update: Update) -> Iterator[Finding]:
    """Yield a finding for each story whose id became another one, but where the one before left its file."""
    before, after = update.before, update.after
    for path in sorted(change.path for change in update.changes if change.path in after.stories):
        old, new = before.stories.get(path), after.stories[path]
        if old is None or not old.story_id or new.findings or new.story_id == old.story_id:
            continue
        story = after.parse_story(new)
        if story is not None and not _left_its_file(old, before, after):
            message = f"the story's id was {old.story_id}; a story keeps its id."
            hint = f"Write `id: {old.story_id}`; a new story is a new file."
            yield story.make_finding("id-changed", "id", message, hint)


def _left_its_file(old: StoryFile, before: TreeSnapshot, after: StoryTree) -> bool:
    """Tell whether a story moved, or went as a draft never submitted, with its ledger."""
    owner = after.owner(old.story_id)
    if owner is not None:
        was = before.stories.get(owner.path)
        return was is None or was.story_id == old.story_id
    record = before.ledgers.get(old.story_id)
    return record is not None and len(record.entries) == 1 and old.story_id not in after.ledger_blobs
