"""Walks the line of a branch: each step is judged as an update, by the judges of the tree before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import islice

from newsroom_cli.errors import CannotRun
from newsroom_cli.history.attribution import StepAttribution
from newsroom_cli.history.judge_changes import PATHS
from newsroom_cli.history.losses import count_common_entries
from newsroom_cli.history.range import tip
from newsroom_cli.history.scope import Scope, required_strength
from newsroom_cli.history.story_history import is_cut, is_put_back, writers_between
from newsroom_cli.history.trail import Mark, Record, Trail
from newsroom_cli.history.tree import StoryFile, StoryTree, TreeSnapshot, Update
from newsroom_cli.history.update import Judgement, count_entries_before, judge, touched_ids
from newsroom_cli.model import ID, RECORD_KEYS, Finding, Ident, Severity, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.ledger import Ledger, Origin, path_of
from newsroom_cli.repository import tree_integrity
from newsroom_cli.repository.blobs import BlobReader
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.layout import LEDGERS, STORIES
from newsroom_cli.repository.log import Commit, LineStep, line_of, mainline, written_in_merges
from newsroom_cli.repository.newsroom import CONFIGURATION, judges_of
from newsroom_cli.settings.settings import STRENGTHS, Strength
from newsroom_cli.verify.change import is_put_right
from newsroom_cli.verify.signed import judge_signature
from newsroom_cli.verify.standing import check_record

_AT_ONCE = 256
"""Steps whose files are fetched together."""
_READERS = ("published-words-changed", "published-picture-changed")
"""Each edit of what readers have is a finding of its own, though it reads like the one before."""
_SIGNED_ANEW = "words-not-seen"


def audit(
    git: Git,
    revision: str,
    *,
    now: datetime,
    require: Strength | None = None,
    reached: Callable[[int, int], None] = lambda _done, _of: None,
) -> Trail:
    """Audit the line that leads to a revision; `reached` is told how many of its commits are done.

    Raises CannotRun (fails closed) where history or an object is missing.
    """
    commit = tip(git, revision)
    line = line_of(git, commit)
    with BlobReader(git) as reader:
        walk = _Walk(reader, commit, now, require)
        steps = mainline(git, commit, line)
        done = 0
        while part := [*islice(steps, _AT_ONCE)]:
            reached(done, len(line))
            reader.prefetch(_list_blobs(part))
            for step in part:
                walk.take_step(step)
            done += len(part)
        if done:
            walk.note_end(tree_integrity.find_crooked_below(git, f"{commit}^{{tree}}"))
        return Trail(git, commit, done, walk.list_records(), walk.findings.list_marks())


def _list_blobs(steps: Iterable[LineStep]) -> Iterator[str]:
    """Yield the blobs that judging some steps will read."""
    for step in steps:
        for commit in step.brought:
            for change in commit.changes:
                if change.is_ledger or change.is_story or change.path in PATHS:
                    yield change.has
                if change.is_ledger or (len(step.brought) > 1 and change.is_story):
                    yield change.had


@dataclass(slots=True)
class _Noted:
    """A finding as the line has it so far; `is_mild` says that it is only a warning once it is put right."""

    mark: Mark
    is_mild: bool = False
    is_gone: bool = False

    @property
    def finding(self) -> Finding:
        """Return the finding itself."""
        return self.mark.finding

    def heal(self, commit: str) -> None:
        """Note that a later commit put it right: a mild one is a warning now; what only warned is gone.

        What readers had and have again as it was signed, and a yes that somebody gave again, are told and accuse
        nobody.
        """
        self.is_gone = self.finding.severity is Severity.WARNING
        if self.finding.severity is Severity.ERROR:
            severity = Severity.WARNING if self.is_mild else Severity.ERROR
            if self.finding.rule in (*_READERS, _SIGNED_ANEW):
                severity = Severity.INFO
            self.mark = replace(self.mark, finding=self.finding._replace(severity=severity), healed=commit)


@dataclass
class AuditFindings:
    """All findings in the order they came: what a step brought, what still stands, what a later step put right.

    `landed` is the commit of the step that is walked. `open` are states that stand, by story id or path, `deeds` what
    steps did, by path.
    """

    landed: str = ""
    noted: list[_Noted] = field(default_factory=list)
    open: dict[str, list[_Noted]] = field(default_factory=dict)
    deeds: dict[str, list[_Noted]] = field(default_factory=dict)

    def list_marks(self) -> tuple[Mark, ...]:
        """Return every finding, in the order of the line, then by place."""
        marks = dict.fromkeys(noted.mark for noted in self.noted if not noted.is_gone)
        landed = dict.fromkeys(mark.landed for mark in marks)
        order = {commit: number for number, commit in enumerate(landed)}
        return tuple(sorted(marks, key=lambda mark: (order[mark.landed], mark.finding.place)))

    def add(self, finding: Finding, commit: str = "") -> None:
        """Note what a step did, by `commit` where that is another; that it was put right has to be said (`resolve`)."""
        self.deeds.setdefault(finding.path, []).append(self._note(finding, commit))

    def resolve(self, path: str, *rules: str) -> None:
        """Note that a step put right what others did to a file."""
        self._heal(self.deeds, path, lambda noted: noted.finding.rule in rules and noted.mark.landed != self.landed)

    def update_open(
        self,
        subject: str,
        findings: Sequence[Finding],
        *,
        edited: Collection[str] = (),
        commit: str = "",
        is_mild: bool = False,
    ) -> None:
        """Hold what is wrong with a subject now against what was: new findings are the step's, missing ones are healed.

        Those of the rules `edited` are of words or pictures that changed in this step, by `commit`.
        """
        if not findings and subject not in self.open:
            return
        left = {(finding.rule, finding.key) for finding in findings}
        self._heal(self.open, subject, lambda noted: (noted.finding.rule, noted.finding.key) not in left)
        standing = [noted.finding for noted in self.open.get(subject, ())]
        known = {(finding.rule, finding.key, finding.message) for finding in standing}
        for finding in findings:
            if (finding.rule, finding.key, finding.message) not in known or finding.rule in edited:
                noted = self._note(finding, commit if finding.rule in _READERS else "", is_mild=is_mild)
                self.open.setdefault(subject, []).append(noted)

    def ledger_found(self, path: str) -> None:
        """Note that the ledger a file named in vain is there."""
        self._heal(self.open, path, lambda noted: noted.finding.rule == "ledger-missing")

    def is_new(self, story_id: str, path: str) -> bool:
        """Tell whether a step brought a finding on a story or its file."""
        known = (*self.open.get(story_id, ()), *self.deeds.get(path, ()))
        return any(noted.mark.landed == self.landed for noted in known)

    def _note(self, finding: Finding, commit: str, *, is_mild: bool = False) -> _Noted:
        hint = finding.hint.replace("=BASE ", f"={self.landed[:8]}~1 ")
        noted = _Noted(Mark(finding._replace(hint=hint), commit or self.landed, self.landed), is_mild)
        self.noted.append(noted)
        return noted

    def _heal(self, where: dict[str, list[_Noted]], subject: str, is_over: Callable[[_Noted], bool]) -> None:
        """Heal those findings on a subject that are over; the others go on standing."""
        kept = []
        for noted in where.pop(subject, ()):
            if is_over(noted):
                noted.heal(self.landed)
            else:
                kept.append(noted)
        if kept:
            where[subject] = kept


class _LineMemory:
    """The line before a step (`scope.Earlier`): who wrote, whom stories named, what was proven of entries taken out.

    `cut` are ledgers as they were before somebody shortened or rewrote them.
    """

    def __init__(self, reader: BlobReader, revision: str) -> None:
        self.reader, self.revision = reader, revision
        self.brought: set[str] = set()
        self.wrote: dict[str, tuple[Ident, ...]] = {}
        self.named: dict[str, tuple[Ident, ...]] = {}
        self.proven: dict[str, list[Origin]] = {}
        self.taken_out: dict[tuple[str, int, bytes], Origin] = {}
        self.slugs: dict[str, str] = {}
        self.cut: dict[str, Ledger] = {}

    def find_origins(self, record: Ledger) -> Mapping[int, Origin]:
        """Return what was proven of entries that were taken out of the line and are brought back."""
        if not self.taken_out:
            return {}
        kept = {number: self.taken_out.get((record.path, number, row)) for number, row in enumerate(record.lines, 1)}
        return {number: origin for number, origin in kept.items() if origin}

    def find_whole(self, record: Ledger, cut: Ledger | None) -> Ledger | None:
        """Return a ledger as it was before somebody cut it, where this step puts that back; it is forgotten then."""
        whole = self.cut.get(record.path)
        if whole is None or not is_put_back(whole, cut, record):
            return None
        del self.cut[record.path]
        return whole if cut is None or is_cut(whole, cut) else None

    def find_writers(self, story_id: str, commit: str) -> tuple[Ident, ...]:
        """Return who changed a story's words on the line since its last entry; git is asked of a side branch alone."""
        wrote = self.wrote.get(story_id, ())
        if not wrote or len(self.brought) == 1:
            return wrote
        proven, slug = self.proven.get(story_id), self.slugs.get(story_id)
        if not proven or not slug:
            return ()
        return writers_between(self.reader, story_id, slug, f"{proven[-1].landed}..{commit}", but=self.brought)

    def find_reporters(self, story_id: str) -> tuple[Ident, ...]:
        """Return whom a story named as reporter since it was last in the initial state."""
        return self.named.get(story_id, ())

    def note_writers(self, story_id: str, since: Sequence[Ident], *, is_new: bool) -> None:
        """Note who wrote behind the last entry of a story; with a new one those before are forgotten."""
        wrote = tuple(dict.fromkeys((*(() if is_new else self.wrote.get(story_id, ())), *since)))
        if wrote:
            self.wrote[story_id] = wrote
        else:
            self.wrote.pop(story_id, None)
            self.slugs.pop(story_id, None)

    def keep_taken_out(self, old: Ledger, new: Ledger, proven: Sequence[Origin]) -> None:
        """Keep what was proven of the entries that a ledger no longer has where they were."""
        rows = new.lines
        for number, (row, origin) in enumerate(zip(old.lines, proven, strict=False), 1):
            if rows[number - 1 : number] != [row]:
                self.taken_out[old.path, number, row] = origin

    def find_writers_beside(self, story_id: str, commit: str) -> tuple[Ident, ...]:
        """Return nobody: it is not asked of what is long there."""
        del story_id, commit
        return ()

    def list_merges_by_hand(self) -> Mapping[str, Commit]:
        """Return the merges of the whole line that wrote something themselves: one log, for the first that is met."""
        return self._by_hand

    @cached_property
    def _by_hand(self) -> dict[str, Commit]:
        written = written_in_merges(self.reader.git, self.revision, paths=(LEDGERS, STORIES))
        return {merge.id: merge for merge in written}


class _Walk:
    """The line so far: the tree it has led to, the judges in force, what was found.

    `began` says that a ledger has been there; `early` are files of before that, which no ledger says anything of;
    `broken` is why the configuration of the tree cannot be read; `gone` are slug and title of stories whose file is
    gone.
    """

    def __init__(self, reader: BlobReader, revision: str, now: datetime, require: Strength | None) -> None:
        self.reader, self.now, self.require = reader, now, require
        self.tree, self.findings, self.memory = StoryTree(reader), AuditFindings(), _LineMemory(reader, revision)
        self.policy = Policy()
        self.began, self.broken = False, ""
        self.early: set[str] = set()
        self.gone: dict[str, tuple[str, str]] = {}

    def take_step(self, step: LineStep) -> None:
        """Take one step, and judge it once there are ledgers."""
        changes, tree = step.commit.changes, self.tree
        self.findings.landed = step.commit.id
        for finding in tree_integrity.find_unlike(changes, tree.files):
            self.findings.add(finding)
        ids = touched_ids(tree, changes)
        before = tree.snapshot((change.path for change in changes if change.is_story), ids)
        tree.apply(changes)
        began, self.began = self.began, tree.has_ledgers
        self._keep_early(step, before, began=began)
        touches = bool(ids) or any(change.is_story for change in changes)
        policy, following = self._read_policies(step, touches=touches and self.began, began=began)
        if not self.began:
            self.policy = policy
            return
        update = Update(next(iter(step.commit.parents), ""), before, tree, step.brought, changes, ids)
        judgement = self._judge(update, policy, following)
        for record in judgement.restored.values():
            self.findings.resolve(record.path, "ledger-rewritten", "ledger-removed")
        for deed in judgement.deeds:
            self.findings.add(deed.finding, deed.commit)
        self._hold_files(judgement)
        for loss in judgement.losses:
            if not loss.gave_way:
                self.memory.cut.setdefault(loss.had.path, loss.had)
        for story_id in sorted(ids):
            self._hold_story(judgement, story_id)
        if step.commit.is_merge:
            self._tell_undone(judgement)
        if following is not None and not judgement.is_contested:
            policy = following
            for path in PATHS:
                self.findings.resolve(path, "judges-not-entitled")
        self.policy = policy

    def note_end(self, findings: Iterable[Finding]) -> None:
        """Note what is wrong with the trees the line ends in."""
        known = {mark.finding for mark in self.findings.list_marks() if mark.finding.rule == "tree-entries"}
        for finding in findings:
            if finding not in known:
                self.findings.add(finding)

    def _judge(self, update: Update, policy: Policy, following: Policy | None) -> Judgement:
        self.memory.brought = {commit.id for commit in update.commits}
        for story_id, story in update.before.owners.items():
            if story_id in self.memory.wrote:
                self.memory.slugs[story_id] = story.slug
        require = required_strength(policy, self.require, default="recorded")
        scope = Scope(self.now, require, self.tree, self.memory, looking_back=True, next_policy=following)
        return judge(update, policy, scope)

    def _keep_early(self, step: LineStep, before: TreeSnapshot, *, began: bool) -> None:
        """Note the files that were there before any ledger, under the names they move to."""
        stories = self.tree.stories
        if began:
            if not self.early:
                return
            gone = {old.blob for path, old in before.stories.items() if path in self.early and path not in stories}
            moved = (change.path for change in step.commit.changes if change.new in gone)
            self.early |= {path for path in moved if path in stories}
        elif self.began and step.commit.parents:
            changed = {change.path for change in step.commit.changes}
            self.early = {path for path in stories if path in before.stories or path not in changed}
        elif self.began:
            self.early = {path for path, story in stories.items() if story.story_id not in self.tree.ledger_blobs}

    # what judges

    def _read_policies(self, step: LineStep, *, touches: bool, began: bool) -> tuple[Policy, Policy | None]:
        """Return the judges of a step: those in force before it, or the first of all; and what follows, if another."""
        paths = [change.path for change in step.commit.changes if change.path in PATHS]
        if self.broken and touches:
            message = f"stories change while the configuration cannot be read: {self.broken}"
            self._tell_broken(message, Severity.ERROR)
        if not paths:
            return self.policy, None
        try:
            following, self.broken = judges_of(self.tree), ""
        except CannotRun as error:
            self.broken = error.message
            self._tell_broken(error.message, Severity.ERROR if touches else Severity.WARNING)
            return self.policy, None
        return (self.policy, following) if began else (following, None)

    def _tell_broken(self, message: str, severity: Severity) -> None:
        where = next((path for path in PATHS if path in self.tree.files), CONFIGURATION)
        hint = "The last configuration that can be read is in force until it is mended."
        self.findings.add(Finding("configuration-unreadable", severity, where, 1, 1, message, hint))

    # what stands

    def _hold_files(self, judged: Judgement) -> None:
        paths = {change.path for change in judged.update.changes}
        paths |= {subject for subject in judged.states if not ID.fullmatch(subject)}
        for path in sorted(paths):
            findings = judged.errors(path)
            if findings and path in self.early:
                findings = self._not_early(path, findings, judged.update.before, judged.policy)
            if findings or path in self.findings.open:
                story = self.tree.stories.get(path)
                record = self.tree.ledger(story.story_id) if story else None
                is_mild = not judged.policy.settings.pipeline.is_public(record.state if record else None)
                self.findings.update_open(path, findings, is_mild=is_mild)

    def _not_early(self, path: str, findings: Sequence[Finding], before: TreeSnapshot, policy: Policy) -> list[Finding]:
        """Return findings on a file without those it had before there were ledgers."""
        old = before.stories.get(path) or self.tree.stories.get(path)
        earlier = check_record(self.tree.gather_held(old, None), policy, now=self.now)
        known = {(finding.rule, finding.message) for finding in earlier}
        return [finding for finding in findings if (finding.rule, finding.message) not in known]

    def _hold_story(self, judged: Judgement, story_id: str) -> None:
        """Note what a step left standing with one story, and what it put right."""
        before, proven = judged.update.before, judged.attribution.of(story_id)
        story, record, old = self.tree.owner(story_id), self.tree.ledger(story_id), before.ledgers.get(story_id)
        is_lost = any(loss.story_id == story_id for loss in judged.losses)
        if not is_lost and old is not None and not old.findings and is_cut(old, record):
            self.memory.cut.setdefault(old.path, old)
        known = count_entries_before(old, record) if record else 0
        self._note_origins(judged, story_id, old, record)
        if record is not None:
            self._hold_record(judged, story_id, story)
            pipeline = judged.policy.settings.pipeline
            if not record.findings and is_put_right(record, pipeline, proven.unseen, behind=known):
                self.findings.resolve(record.path, _SIGNED_ANEW)
            if story is not None:
                self.findings.ledger_found(story.path)
        if story is not None and not story.findings:
            self._note_reporters(judged, story, old, record)
            self.findings.resolve(story.path, "story-removed")
        is_new = record is not None and len(record.entries) > known
        self.memory.note_writers(story_id, proven.since, is_new=is_new)
        was = before.owners.get(story_id)
        if story is None and was is not None:
            self.gone[story_id] = (was.slug, was.title)

    def _hold_record(self, judged: Judgement, story_id: str, story: StoryFile | None) -> None:
        before = judged.update.before
        was = before.owners.get(story_id)
        has_words = story is not None and was is not None and was.content == story.content
        has_pictures = was is not None and dict(before.assets.get(story_id, {})) == self.tree.assets(story)
        edited = [rule for rule, is_kept in zip(_READERS, (has_words, has_pictures), strict=True) if not is_kept]
        written = judged.attribution.of(story_id).written
        who = [writing.commit for writing in written if story and writing.content == story.content]
        commit = who[-1] if who else ""
        self.findings.update_open(story_id, judged.errors(story_id), edited=edited, commit=commit)

    def _note_reporters(self, judged: Judgement, story: StoryFile, old: Ledger | None, record: Ledger | None) -> None:
        read, initial = self.tree.parse_story(story), judged.policy.settings.pipeline.initial
        is_fresh = any(each is None or each.state == initial for each in (old, record))
        earlier = () if is_fresh else self.memory.named.get(story.story_id, ())
        named = read.metadata.reporter if read else ()
        since = judged.attribution.of(story.story_id).reporters
        self.memory.named[story.story_id] = tuple(dict.fromkeys((*named, *since, *earlier)))

    def _note_origins(self, judged: Judgement, story_id: str, old: Ledger | None, new: Ledger | None) -> None:
        """Note the origin of each new entry, and those of entries that were taken out."""
        proven = self.memory.proven.setdefault(story_id, [])
        again = self.memory.find_origins(new) if new else {}
        if old is not None and is_cut(old, new):
            self.memory.keep_taken_out(old, new or Ledger(old.path), proven)
        if new is None:
            return
        del proven[len(new.entries) :]
        same = count_common_entries(old.content, new.content) if old is not None else 0
        origins, landed = judged.attribution.of(story_id).origins, self.findings.landed
        for number in range(min(same, len(proven)) + 1, len(new.entries) + 1):
            origin = origins.get(number) or Origin(landed, "recorded")
            origin = judge_signature(new.entries[number - 1], origin, judged.policy)._replace(landed=landed)
            earlier = again.get(number)
            if earlier is not None and STRENGTHS.index(earlier.strength) >= STRENGTHS.index(origin.strength):
                origin = earlier
            proven[number - 1 : number] = [origin]

    # what never reached the line

    def _tell_undone(self, judged: Judgement) -> None:
        """Tell what was done and undone among the commits of a merge."""
        undone: dict[str, dict[str, tuple[str, str]]] = {}
        attribution = judged.attribution
        for commit in judged.update.commits:
            for story_id, path, what in () if commit.is_merge else self._undone_by(commit, attribution):
                undone.setdefault(story_id, {}).setdefault(commit.id, (path, what))
        for story_id in sorted({*judged.update.ids, *undone, *attribution.stories}):
            record = self.tree.ledger(story_id)
            if record is None or self.findings.is_new(story_id, record.path):
                continue
            done = undone.get(story_id, {})
            for commit_id, row in self._edited_on_the_way(judged, story_id, record):
                done.setdefault(commit_id, row)
            for commit_id, (path, what) in done.items():
                message = f"{what}, and undone before it reached the line."
                self.findings.add(Finding("undone-before-merge", Severity.INFO, path, 1, 1, message), commit_id)

    def _edited_on_the_way(
        self, judged: Judgement, story_id: str, record: Ledger
    ) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield the commits of a merge that changed words readers have, to others than it leads to."""
        story, old = self.tree.owner(story_id), judged.update.ledger_before(story_id)
        if story is None or old is None or len(record.entries) != len(old.entries):
            return
        if judged.policy.settings.pipeline.is_public(old.state):
            for writing in judged.attribution.of(story_id).written:
                if writing.content != story.content:
                    yield writing.commit, (story.path, "the published words were changed here")

    def _undone_by(self, commit: Commit, attribution: StepAttribution) -> Iterator[tuple[str, str, str]]:
        """Yield what a commit did that no verb does, or that the step's end no longer has: story, path and deed."""
        brought = attribution.brought.get(commit.id, {})
        for story_id, lines in brought.items():
            path = path_of(story_id)
            if not (self.tree.ledger(story_id) or Ledger(path)).has_lines(lines):
                yield story_id, path, "an entry was made here"
        for change in commit.changes:
            old, new = change.had, change.has
            if change.is_ledger and not self.reader.raw(new).startswith(self.reader.raw(old)):
                yield change.ledger_of, change.path, "the ledger was rewritten here"
            elif change.is_story and old and new:
                yield from self._written_by_hand(change.path, old, new, brought)

    def _written_by_hand(
        self, path: str, old: str, new: str, brought: Mapping[str, object]
    ) -> Iterator[tuple[str, str, str]]:
        before, after = self.reader.story(path, old), self.reader.story(path, new)
        if not isinstance(before, Story) or not isinstance(after, Story):
            return
        keys = [key for key in RECORD_KEYS if before.fields.get(key) != after.fields.get(key)]
        story_id = str(before.fields.get("id"))
        if keys and story_id not in brought and story_id in self.tree.ledger_blobs:
            says = ", ".join(f"{key}: {after.fields.get(key)}" for key in keys)
            yield story_id, path, f"{says} was written by hand here"

    def list_records(self) -> tuple[Record, ...]:
        """Return every ledger there is, by the story's slug."""
        rows = []
        for story_id, blob in self.tree.ledger_blobs.items():
            story, origins = self.tree.owner(story_id), self.memory.proven.get(story_id, ())
            slug, title = (story.slug, story.title) if story else self.gone.get(story_id, (story_id, ""))
            rows.append(Record(story_id, slug, story.path if story else "", title, blob, origins))
        return tuple(sorted(rows, key=lambda row: (row.slug, row.story_id)))
