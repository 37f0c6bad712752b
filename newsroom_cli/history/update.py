"""The one engine: judges an update of a branch, for `check --base`, the hooks, and every step of an audit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from newsroom_cli.check.files import check_ending
from newsroom_cli.check.names import clashes
from newsroom_cli.check.story import TreeContext, judge_story, quote_lines
from newsroom_cli.history import judge_changes
from newsroom_cli.history.attribution import StepAttribution, attribute_step
from newsroom_cli.history.losses import Deed, Loss, count_common_entries, entries_dropped_in_merge, entries_taken_out
from newsroom_cli.history.tree import StoryFile, StoryTree, TreeSnapshot
from newsroom_cli.model import ID, Finding, Ident, Severity, make_error
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Held, Ledger, Origin, path_of
from newsroom_cli.repository.files import Files, report_odd_file
from newsroom_cli.repository.git import Change
from newsroom_cli.repository.layout import REGULAR, describe_mode, is_ours
from newsroom_cli.repository.log import Commit
from newsroom_cli.settings.settings import STRENGTHS, Strength
from newsroom_cli.verify.change import StoryChange, check_change
from newsroom_cli.verify.standing import check_followup, check_record


class Earlier:
    """What is known of the time before an update; here nothing, as where a branch begins."""

    def origins(self, record: Ledger) -> Mapping[int, Origin]:
        """Return what was proven of entries that were there once, were taken out and are brought back, by number."""
        del record
        return {}

    def writers(self, story_id: str, commit: str) -> tuple[Ident, ...]:
        """Return who changed a story's words since its last entry, in commits that one of the update was made on."""
        del story_id, commit
        return ()

    def reporters(self, story_id: str) -> tuple[Ident, ...]:
        """Return whom a story named as reporter since it was last in the initial state."""
        del story_id
        return ()

    def beside(self, story_id: str, commit: str) -> tuple[Ident, ...]:
        """Return who changed a story's words before the update, in commits that one of it was not made on."""
        del story_id, commit
        return ()


@dataclass(frozen=True)
class Scope:
    """How an update is looked at.

    `now` is the checker's clock; `looking_back` says that what is judged is long there (an audit): text rules are
    left out, keys count as of an entry's time, and more is told than refused. `files` are those the rules ask for,
    `tip` is the commit the update goes on from,
    `line` are commits known to become steps of the line, each for itself; `next_policy` is what judges behind the
    update, where that is another.
    """

    now: datetime
    require: Strength
    looking_back: bool = False
    files: Files | None = None
    earlier: Earlier = field(default_factory=Earlier)
    tip: str = ""
    line: frozenset[str] = frozenset()
    by_hand: Mapping[str, Commit] = field(default_factory=dict)
    next_policy: Policy | None = None


def required_strength(policy: Policy, option: Strength | None, *, default: Strength) -> Strength:
    """Return how strong new entries have to be: what the configuration asks, never less than a stricter option."""
    asked = [strength for strength in (policy.settings.trust.require, option) if strength is not None]
    return max(asked, key=STRENGTHS.index) if asked else default


@dataclass
class Judgement:
    """What was found: `deeds` of the update, and `states`, what is wrong with a story (by id) or a file (by path) now.

    `is_contested` says that what judges stories was changed by somebody who may not.
    """

    attribution: StepAttribution
    deeds: list[Deed] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    states: dict[str, list[Finding]] = field(default_factory=dict)
    is_contested: bool = False

    def findings(self) -> Iterator[Finding]:
        """Yield every finding."""
        yield from (deed.finding for deed in self.deeds)
        for rows in self.states.values():
            yield from rows

    def note(self, finding: Finding, commit: str = "") -> None:
        """Note what the update did."""
        self.deeds.append(Deed(finding, commit))

    def hold(self, subject: str, findings: Iterable[Finding]) -> None:
        """Note what is wrong with a story or a file behind the update."""
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


def judge(
    before: TreeSnapshot,
    after: StoryTree,
    commits: Sequence[Commit],
    policy: Policy,
    *,
    changes: Sequence[Change],
    ids: frozenset[str],
    scope: Scope,
) -> Judgement:
    """Judge what an update does: every entry its maker's right, every file as its ledger says, nothing taken out.

    `before` is what the update touches as it was, `after` the tree it leads to, `commits` those in between (parents
    first), `changes` the paths that differ, `ids` the stories touched; `policy` judges, as of before.
    """
    paths = {story_id: _paths_of(story_id, before, after) for story_id in ids}
    attribution = attribute_step(commits, after.reader, after.ledger, policy, by_hand=scope.by_hand, paths=paths)
    work = _Update(before, after, commits, policy, changes, ids, scope, Judgement(attribution))
    work.run()
    return work.judgement


def _paths_of(story_id: str, before: TreeSnapshot, after: StoryTree) -> list[str]:
    files = [story for story in (before.owners.get(story_id), after.owner(story_id)) if story]
    return list(dict.fromkeys(story.path for story in files))


@dataclass
class _Update:
    before: TreeSnapshot
    after: StoryTree
    commits: Sequence[Commit]
    policy: Policy
    changes: Sequence[Change]
    ids: frozenset[str]
    scope: Scope
    judgement: Judgement
    gave_way: dict[str, Ledger] = field(default_factory=dict)

    def run(self) -> None:
        """Judge everything, and note it."""
        for change in self.changes:
            self.judgement.hold(change.path, misplaced_file(change))
        for finding in changed_ids(self.before, self.after, self.changes):
            self.judgement.note(finding)
        for path, findings in name_clashes(self.before, self.after, self.changes, self.ids).items():
            self.judgement.hold(path, findings)
        self._judge_policy()
        self._judge_merges()
        for deed in entries_taken_out(self.commits, self.before, self.after, self.ids, self.scope.line):
            self.judgement.note(*deed)
        self._judge_files()
        for story_id in sorted(self.ids):
            self._judge_story(story_id)

    def _judge_policy(self) -> None:
        has_stories = bool(self.ids) or any(change.is_story or change.is_ledger for change in self.changes)
        for finding, commit in judge_changes.judge_changes(
            self.changes,
            self.commits,
            self.policy,
            self.scope.next_policy,
            reader=self.after.reader,
            files=self.scope.files or self.after,
            has_stories=has_stories,
            looking_back=self.scope.looking_back,
        ):
            self.judgement.is_contested |= finding.rule == "judges-not-entitled"
            self.judgement.note(finding, commit)
        if unreadable := judge_changes.unreadable_baseline(self.changes, self.after):
            self.judgement.hold(unreadable.path, [unreadable])

    def _judge_merges(self) -> None:
        dropped = entries_dropped_in_merge(
            self.commits,
            self.judgement.attribution,
            self.before,
            self.after,
            self.policy,
            self.ids,
            self.scope.tip,
        )
        for loss in dropped:
            old = self.before.ledgers.get(loss.story_id)
            is_own = loss.gave_way and self.scope.looking_back
            if is_own and old is not None and old.content == loss.had.content:
                self.gave_way[loss.story_id] = loss.shared
            if not loss.gave_way or is_own:
                self.judgement.note(loss.as_finding(), loss.commit)
                self.judgement.losses.append(loss)

    # files and stories

    def _judge_files(self) -> None:
        """Note what is wrong with files that changed and have no ledger, or cannot be read."""
        for change in self.changes:
            story = self.after.stories.get(change.path)
            if story is None:
                continue
            source = self.after.reader.raw(story.blob) if story.findings else b""
            self.judgement.hold(story.path, quote_lines(story.findings, story.path, source))
            if not story.findings and not self.after.has_ledger(story.story_id):
                self.judgement.hold(story.path, self._result(story, None, start=0))

    def _result(self, story: StoryFile | None, record: Ledger | None, *, start: int) -> Iterator[Finding]:
        """Yield what is wrong with one story as it is now; looking back, entries up to `start` are left out."""
        held, policy, now = self.after.gather_held(story, record), self.policy, self.scope.now
        if held.story is None or self.scope.looking_back:
            yield from check_record(held, policy, now=now, start=start if self.scope.looking_back else 0)
            if held.story is not None and held.ledger is not None:
                original = self._original(held)
                yield from check_followup(held, original, policy.settings.pipeline)
            return
        around = TreeContext(policy, now, self._blobs, self.scope.files)
        yield from quote_lines(judge_story(held.story, record, around), held.story.path, held.story.text.encode())

    @cached_property
    def _blobs(self) -> dict[str, str]:
        return {path: blob for path, (mode, blob) in self.after.files.items() if mode in REGULAR}

    def _original(self, held: Held) -> Ledger | None:
        original = held.story.metadata.update_of if held.story else None
        return self.after.ledger(original) if original and ID.fullmatch(original) else None

    def _judge_story(self, story_id: str) -> None:
        """Judge what the update did to one story, and the story as it is now."""
        record, old = self.after.ledger(story_id), self._before(story_id)
        owners = self.after.owners(story_id)
        story = owners[0] if owners else None
        if record is not None:
            start = len(record.entries)
            self.judgement.hold(story_id, self._result(story, record, start=start))
            for copy in owners[1:]:
                self.judgement.hold(copy.path, self._result(copy, record, start=start))
            if (
                self.scope.looking_back
                and old.ledger
                and not record.findings
                and not record.content.startswith(old.ledger.content)
            ):
                same = count_common_entries(old.ledger.content, record.content)
                for finding in check_record(Held(None, record), self.policy, now=self.scope.now, start=same):
                    self.judgement.note(finding)
        else:
            changed = {change.path for change in self.changes}
            for left in (owner for owner in owners if owner.path not in changed and not owner.findings):
                self.judgement.hold(left.path, self._result(left, None, start=0))
        if story is not None and story.findings:
            old = Held(None, old.ledger)  # it is there, though it cannot be read
        change = self._change(story_id, old, self.after.gather_held(story, record))
        now = None if self.scope.looking_back else self.scope.now
        for finding in check_change(change, self.policy, require=self.scope.require, now=now):
            self.judgement.note(finding, self._culprit(story_id, finding))
        if not self.scope.looking_back and story is not None and record is not None:
            for finding in self._told_beside(story_id, story, record, start=count_entries_before(old.ledger, record)):
                self.judgement.note(finding)

    def _before(self, story_id: str) -> Held:
        record = self.gave_way.get(story_id) or self.before.ledgers.get(story_id)
        story = self.before.owners.get(story_id)
        return Held(self.after.parse_story(story), record, self.before.assets.get(story_id, {}))

    def _change(self, story_id: str, old: Held, new: Held) -> StoryChange:
        attribution, earlier = self.judgement.attribution, self.scope.earlier
        origins = attribution.origins.get(story_id, {})
        strengths: dict[int, Strength] = {number: origin.strength for number, origin in origins.items()}
        first = count_entries_before(old.ledger, new.ledger) + 1 if new.ledger else 0
        unseen = frozenset(attribution.unseen.get(story_id, ()))
        again = self._again(new.ledger, strengths, unseen, first=first) if new.ledger else {}
        strengths |= {number: origin.strength for number, origin in again.items() if origin.strength != "recorded"}
        writers = dict(attribution.writers.get(story_id, {}))
        if first in writers:
            writers[first] = (*earlier.writers(story_id, origins[first].commit), *writers[first])
        reporters = (*attribution.reporters.get(story_id, ()), *earlier.reporters(story_id))
        unseen, unknown = unseen - again.keys(), frozenset(attribution.unknown.get(story_id, ())) - again.keys()
        return StoryChange(old, new, strengths, writers, reporters, unseen, unknown, attribution.sections)

    def _again(
        self, record: Ledger, strengths: Mapping[int, Strength], unseen: Collection[int], *, first: int
    ) -> Mapping[int, Origin]:
        """Return the origins of entries that were reverted and are brought back, where their commit proves less."""
        numbers = range(first, len(record.entries) + 1)
        if all(strengths.get(number, "recorded") != "recorded" and number not in unseen for number in numbers):
            return {}
        return self.scope.earlier.origins(record)

    def _culprit(self, story_id: str, finding: Finding) -> str:
        """Return the commit that brought the entry a finding is about; empty where it is about no entry."""
        origin = self.judgement.attribution.origins.get(story_id, {}).get(finding.line)
        about = finding.path == path_of(story_id) and not finding.rule.startswith("ledger-")
        return origin.commit if origin and about else ""

    def _told_beside(self, story_id: str, story: StoryFile, record: Ledger, *, start: int) -> Iterator[Finding]:
        """Tell of a yes to words that somebody changed beside it: the merge is clean, and its words nobody passed."""
        origins = self.judgement.attribution.origins.get(story_id, {})
        pipeline = self.policy.settings.pipeline
        for number in range(len(record.entries), start, -1):
            entry = record.entries[number - 1]
            row = pipeline.move(entry.action, entry.from_)
            if row is None or not row.not_by:
                continue
            if number not in origins or entry.content == story.content or entry is record.binding_entry(pipeline):
                return
            commit = origins[number].commit
            writings = self.judgement.attribution.writings_beside(story_id, commit)
            people = [*(writing.author for writing in writings), *self.scope.earlier.beside(story_id, commit)]
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


def name_clashes(
    before: TreeSnapshot, after: StoryTree, changes: Iterable[Change], ids: Iterable[str]
) -> dict[str, list[Finding]]:
    """Return the names that stories which changed share with others, by path; of two files of one id both are told."""

    def is_copy(path: str, story_id: str) -> bool:
        old = before.owners.get(story_id)
        return old is not None and old.path != path

    paths = {change.path for change in changes if change.path in after.stories}
    for owners in (after.owners(story_id) for story_id in ids):
        paths |= {story.path for story in owners} if len(owners) > 1 else set()
    stories = {path: (after.stories[path].story_id, after.stories[path].aliases) for path in sorted(paths)}
    return {
        path: findings
        for path, names in stories.items()
        if (findings := [*clashes(after.names, {path: names}, is_copy)])
    }


def changed_ids(before: TreeSnapshot, after: StoryTree, changes: Iterable[Change]) -> Iterator[Finding]:
    """Yield a finding for each story whose id became another one, but where the one before left its file."""
    for path in sorted(change.path for change in changes if change.path in after.stories):
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
    return record is not None and len(record.entries) == 1 and not after.has_ledger(old.story_id)
