"""An update that is proposed: a pull request, a push or a commit; gathers what it touches and has it judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from newsroom_cli.check import baseline, newsroom
from newsroom_cli.check.names import may_name
from newsroom_cli.history.attribution import added_lines
from newsroom_cli.history.judge_changes import PATHS
from newsroom_cli.history.range import Range, find_turn, list_line, merge_range
from newsroom_cli.history.scope import Scope, required_strength
from newsroom_cli.history.story_history import (
    brought_last,
    find_origins,
    is_put_back,
    reporters_between,
    whole_before_cut,
    writers_between,
)
from newsroom_cli.history.tree import StoryTree, Update
from newsroom_cli.history.update import Judgement, judge, touched_ids
from newsroom_cli.model import ID, Finding, Ident, Inspection, Story, make_error
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.ledger import Ledger, Origin, is_in_month, path_of
from newsroom_cli.repository import tree_integrity
from newsroom_cli.repository.blobs import BlobReader
from newsroom_cli.repository.files import CommittedTree, story_paths
from newsroom_cli.repository.git import Change, Git
from newsroom_cli.repository.layout import (
    FOLDER,
    LEDGERS,
    STORIES,
    file_name,
    is_ledger,
    is_story,
    slug_of,
    story_id_of,
)
from newsroom_cli.repository.log import Commit, log, written_in_merges
from newsroom_cli.repository.newsroom import fold_slug, judges_at, judges_of
from newsroom_cli.settings.settings import Strength
from newsroom_cli.story import pictures

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
"""The head of a hunk: where it begins in the new file, and how many lines it has."""
_ALL = 1 << 30
_CUT = ("ledger-rewritten", "ledger-removed")
_MANY = 200
"""From so many files on, listing all of a tree is shorter than naming them."""


def inspect(
    git: Git,
    between: Range,
    *,
    now: datetime,
    require: Strength | None,
    judging: str = "",
    lands_as_is: bool = False,
) -> Inspection:
    """Return every finding on what an update would bring to its base; without a base, on all that is there.

    The base judges, or the commit `judging` where one is named; what is there judges itself where there is neither.
    `lands_as_is` says that nobody merges or squashes it any more: its commits become the line.
    """
    tree, conflicts = merge_range(git, between)
    after = CommittedTree(git, tree)
    if conflicts:
        findings = sorted(_report_conflicts(conflicts), key=lambda finding: finding.place)
        return Inspection(tuple(findings), 0, len(story_paths(after)))
    before = CommittedTree.at(git, between.base)
    policy = (judges_at(git, judging) if judging else judges_of(before)) if between.base else judges_of(after)
    strength = required_strength(policy, require, default="attributed")
    return _Proposal(git, between, before, after, policy, now, strength, lands_as_is).judge()


def inspect_tree(git: Git, parent: str, tree: str, *, now: datetime) -> Inspection:
    """Return every finding on a tree about to be committed on a parent; who will have made it is not known yet."""
    before = CommittedTree.at(git, parent)
    after = CommittedTree(git, tree)
    policy = judges_of(before if parent else after)
    return _Proposal(git, Range(parent, ""), before, after, policy, now, "recorded").judge()


def _report_conflicts(paths: Sequence[str]) -> Iterator[Finding]:
    for path in paths:
        hint = "Merge the base into the branch, then: story redo SLUG keeps its ledger and makes your moves again. "
        hint += "Two protected branches are not merged: git cherry-pick the move onto the one, then story redo SLUG."
        if not path.startswith(LEDGERS):
            hint = "Merge the base into the branch and settle it there."
        yield make_error("merge-conflict", path, 1, "this conflicts with the base; it cannot be merged.", hint)


@dataclass
class _Proposal:
    """One proposed update: only what differs between its trees is read, and what that asks for."""

    git: Git
    between: Range
    before: CommittedTree
    after: CommittedTree
    policy: Policy
    now: datetime
    require: Strength
    lands_as_is: bool = False

    def judge(self) -> Inspection:
        """Judge the update; what the base's baseline knows is left out."""
        with BlobReader(self.git, keep=_ALL) as reader:
            judgement = self._judge_update(reader)
            update = judgement.update
            noted = {
                *self._find_crooked(),
                *self._join_months(update, judgement),
                *self._find_unreadable(update),
                *self._find_losses_where_line_turns(judgement),
            }
            checked = {change.path for change in update.changes if change.is_story and not change.is_removed}
            checked |= {story.path for story_id in update.ids for story in update.after.owners(story_id)}
        findings = tuple(sorted(noted, key=lambda finding: finding.place))
        lines = lines_touched(self.git, self.before.tree, self.after.tree, {finding.path for finding in findings})
        inspection = Inspection(findings, len(checked), len(story_paths(self.after)), lines)
        return baseline.leave_out(inspection, baseline.of_base(self.before))

    @cached_property
    def _differences(self) -> list[Change]:
        """Everything that differs between the trees, folders too."""
        return self.git.changes(self.before.tree, self.after.tree)

    def _judge_update(self, reader: BlobReader, *, looking_back: bool = False) -> Judgement:
        """Judge what the update does, as it is proposed or as an audit will look back at it."""
        update = self._gather_update(StoryTree(reader))
        return judge(update, self.policy, replace(self._make_scope(update), looking_back=looking_back))

    def _join_months(self, update: Update, judgement: Judgement) -> Iterator[Finding]:
        """Yield what was found, with one finding of all the ledgers that stand in the folders of months."""
        claimed = {path: story.story_id for path, story in update.after.stories.items()}
        ledgers = [change.path for change in update.changes if change.is_ledger and change.has]
        findings = (
            finding
            for finding in judgement.findings()
            if finding.rule != "ledger-stray" or not is_in_month(finding.path)
        )
        return newsroom.joined_where_in_months(findings, claimed, self.after, ledgers)

    def _find_unreadable(self, update: Update) -> Iterator[Finding]:
        """Yield why the files of touched stories cannot be read, that the update itself leaves as they are."""
        tree = update.after
        for story in tree.stories.values():
            if story.findings and not story.story_id:
                source = tree.reader.raw(story.blob)
                if any(story_id.encode() in source for story_id in update.ids):
                    yield from tree.quote_findings(story)

    def _find_crooked(self) -> Iterator[Finding]:
        """Yield what git would not write in the new trees; a merge's own ones do not show what its sides held."""
        before, after = self.before.tree, self.after.tree
        yield from tree_integrity.find_crooked(self.git, after, tree_integrity.folders(self._differences))
        head = f"{self.between.head}^{{tree}}"
        if self.between.head and after != head:
            yield from tree_integrity.find_crooked(
                self.git, head, tree_integrity.folders(self.git.changes(before, head))
            )

    def _find_losses_where_line_turns(self, judgement: Judgement) -> Iterator[Finding]:
        """Yield what an audit will miss in ledgers once a merge makes what is on the branch a side of its line.

        A branch that waits to be merged may turn: the merge that lands it goes on from the base.
        """
        turn = find_turn(self.between, judgement.update.commits) if self.lands_as_is else None
        if turn is None:
            return
        before, after = (CommittedTree.at(self.git, commit) for commit in turn)
        step = _Proposal(self.git, turn, before, after, self.policy, self.now, self.require)
        hint = "On the branch they gave way; a line that turns at a merge has no such excuse. Go on from the branch: "
        hint += "git pull --rebase"
        known = {(finding.rule, finding.path) for finding in judgement.findings()}
        with BlobReader(self.git, keep=_ALL) as reader:
            for finding in step._judge_update(reader, looking_back=True).findings():
                if finding.rule in _CUT and (finding.rule, finding.path) not in known:
                    yield finding._replace(hint=hint)

    def _make_scope(self, update: Update) -> Scope:
        is_judging = self.between.base and any(change.path in PATHS for change in update.changes)
        following = judges_of(self.after) if is_judging else None
        earlier = _BaseHistory(update, self.between, self.policy)
        line = list_line(self.between, update.commits) if self.lands_as_is else []
        goes_on = bool(line) and line[-1].parents[:1] == (self.between.base,)
        steps = frozenset(commit.id for commit in line if goes_on)
        return Scope(self.now, self.require, self.after, earlier, line=steps, next_policy=following)

    # what the update asks for

    def _gather_update(self, tree: StoryTree) -> Update:
        """Put into a tree what the update touches, and take it the step on."""
        changes = [change for change in self._differences if FOLDER not in (change.old_mode, change.new_mode)]
        for change in changes:
            self.before.know(change.path, change.old_mode, change.old)
            self.after.know(change.path, change.new_mode, change.new)
        order = ("--topo-order", "--reverse")
        commits = [*log(self.git, *order, self.between.revisions)] if self.between.head else []
        every = (*changes, *(change for commit in commits for change in commit.changes))
        ours = (change for change in every if change.is_story or change.is_ledger)
        tree.reader.prefetch(blob for change in ours for blob in (change.had, change.has))
        for change in changes:
            if not change.is_added:
                tree.put_file(change.path, change.old_mode, change.old)
        changed = {change.path for change in changes}
        ids = touched_ids(tree, changes) | self._of_pictures(changes)
        self._load_files(tree, changed, {*map(path_of, ids), *self._asked_for(tree, changes, commits)})
        begun = {change.ledger_of for change in changes if change.is_ledger and change.is_added}
        known = begun | {story_id for story_id in ids if tree.names.owners.get(story_id)}
        files = ((change.path, change.has) for change in changes if change.is_story)
        claimed = {story.story_id for path, blob in files if (story := tree.reader.summary(path, blob))}
        self._load_claimants(tree, changed, ids - (known & claimed))
        ids |= touched_ids(tree, changes)
        self._load_files(tree, changed, map(path_of, ids))
        before = tree.snapshot(tree.stories.keys(), ids)
        tree.apply(changes)
        update = Update(self.between.base, before, tree, commits, changes, ids)
        self._load_files(tree, changed, self._may_share_names(update, changed))
        return update

    def _load_files(self, tree: StoryTree, changed: set[str], paths: Iterable[str]) -> None:
        """Put files that the update left alone into a tree, with the pictures they name."""
        wanted = sorted({path for path in paths if path not in changed and path not in tree.files})
        if not wanted:
            return
        rows = self.git.list_tree(self.after.tree, *(wanted if len(wanted) < _MANY else ()))
        for path in filter(rows.__contains__, wanted):
            tree.put_file(path, *rows[path])
            self.after.know(path, *rows[path])
        stories = (tree.stories[path] for path in wanted if path in tree.stories)
        self._load_files(tree, changed, [where for story in stories for _, where in story.pictures])

    def _asked_for(self, tree: StoryTree, changes: Sequence[Change], commits: Sequence[Commit]) -> Iterator[str]:
        """Yield the paths that stories of the update lead to: pictures, the ledgers of stories they follow."""
        for change in changes:
            if change.is_story:
                old = tree.stories.get(change.path)
                yield from (where for _, where in (old.pictures if old else ()))
                story = tree.reader.story(change.path, change.has) if change.has else None
                if isinstance(story, Story):
                    yield from pictures.locate_pictures(story).values()
                    if ID.fullmatch(story.metadata.update_of or ""):
                        yield path_of(story.metadata.update_of or "")
        for commit in commits:
            yield from (change.path for change in commit.changes if change.is_ledger)

    def _of_pictures(self, changes: Sequence[Change]) -> frozenset[str]:
        """Return the ids of stories whose ledgers name a picture that the update changes or removes."""
        others = [change for change in changes if not change.is_added and change.path not in PATHS]
        gone = sorted({change.old for change in others if not change.is_story and not change.is_ledger})
        if not gone:
            return frozenset()
        return frozenset(filter(None, map(story_id_of, self.git.grep(gone, LEDGERS, self.after.tree))))

    def _load_claimants(self, tree: StoryTree, changed: set[str], ids: frozenset[str]) -> None:
        """Put the stories that claim some ids, or name a picture that changed, into a tree."""
        others = {file_name(path) for path in changed if not is_story(path) and not is_ledger(path)}
        named = {name for name in others if "." in name and name.isprintable()} if self.between.base else set()
        if patterns := sorted(ids | named):
            self._load_files(tree, changed, filter(is_story, self.git.grep(patterns, f"{STORIES}/", self.after.tree)))

    def _may_share_names(self, update: Update, changed: set[str]) -> Iterator[str]:
        """Yield the stories that may share a slug or an alias with one that changed."""
        stories = update.after.stories
        paths = changed | {story.path for story_id in update.ids for story in update.after.owners(story_id)}
        here = [stories[path] for path in sorted(paths) if path in stories]
        if not here:
            return
        wanted = {fold_slug(story.slug) for story in here} | {alias for story in here for alias in story.aliases}
        yield from (path for path in story_paths(self.after) if fold_slug(slug_of(path)) in wanted)
        born = {fold_slug(slug_of(change.path)) for change in update.changes if change.is_story and not change.had}
        yield from may_name(self.git, self.after, born)


class _BaseHistory:
    """The base's own history (`scope.Earlier`); git is asked only where the words of a story are not those last signed.

    `added` are the most lines that one commit of the update put into a ledger, by its path.
    """

    def __init__(self, update: Update, between: Range, policy: Policy) -> None:
        self.reader, self.before, self.between, self.policy = update.after.reader, update.before, between, policy
        self.git, self.known = self.reader.git, {commit.id for commit in update.commits}
        self.added: dict[str, int] = {}
        for change in (change for commit in update.commits for change in commit.changes if change.is_ledger):
            size = len(added_lines(self.reader.raw(change.had), self.reader.raw(change.has)))
            self.added[change.path] = max(size, self.added.get(change.path, 0))

    def find_origins(self, record: Ledger) -> Mapping[int, Origin]:
        """Return what the base's commits prove of entries it had, took out, and gets back."""
        return find_origins(self.git, self.policy, record, self.between.base) if self.between.base else {}

    def find_whole(self, record: Ledger, cut: Ledger | None) -> Ledger | None:
        """Return a ledger as it was before a commit of the base cut it, where the update puts that back."""
        may_be_back = self.added.get(record.path, 0) > 1 or (cut is not None and cut.findings)
        whole = whole_before_cut(self.git, record, self.between.base) if self.between.base and may_be_back else None
        return whole if whole is not None and is_put_back(whole, cut, record) else None

    def list_merges_by_hand(self) -> Mapping[str, Commit]:
        """Return the merges of the update that wrote something themselves."""
        written = written_in_merges(self.git, self.between.revisions, paths=(LEDGERS, STORIES))
        return {merge.id: merge for merge in written}

    def find_writers(self, story_id: str, commit: str) -> tuple[Ident, ...]:
        """Return who changed a story's words since its last entry, in commits of the base."""
        story, record = self.before.owners.get(story_id), self.before.ledgers.get(story_id)
        last = record.entries[-1] if record and record.entries else None
        if story is None or record is None or last is None:
            return ()
        if (story.content, dict(self.before.assets.get(story_id, {}))) == (last.content, dict(last.assets)):
            return ()
        since = brought_last(self.git, record, self.between.base)
        return self._find_writers_in(story_id, f"{since}..{commit}") if since else ()

    def find_writers_beside(self, story_id: str, commit: str) -> tuple[Ident, ...]:
        """Return who changed a story's words in commits of the base that one of the update was not made on."""
        return self._find_writers_in(story_id, f"{commit}..{self.between.base}") if self.between.base else ()

    def _find_writers_in(self, story_id: str, revisions: str) -> tuple[Ident, ...]:
        story = self.before.owners.get(story_id)
        return writers_between(self.reader, story_id, story.slug, revisions, but=self.known) if story else ()

    def find_reporters(self, story_id: str) -> tuple[Ident, ...]:
        """Return whom a story named since it left the initial state; nobody where its words have not changed since."""
        story, record = self.before.owners.get(story_id), self.before.ledgers.get(story_id)
        if story is None or record is None or record.findings or not self.between.base:
            return ()
        initial = self.policy.settings.pipeline.initial
        back = max((number for number, entry in enumerate(record.entries, 1) if entry.to == initial), default=0)
        since = record.entries[back:]
        if not since or {entry.content for entry in since} == {story.content}:
            return ()
        touched = [*log(self.git, f"-{len(since)}", self.between.base, paths=(record.path,))]
        revisions = f"{touched[-1].parents[0]}..{self.between.base}" if touched[-1].parents else self.between.base
        return reporters_between(self.reader, story_id, story.slug, revisions)


def lines_touched(git: Git, before: str, after: str, paths: Iterable[str]) -> dict[str, frozenset[int]]:
    """Return the lines of some files that differ between two trees, as the later one counts them."""
    wanted = sorted(path for path in paths if path.isprintable() and not set(path) & {'"', "\\"})
    if not wanted:
        return {}
    shape = ("-p", "--unified=0", "--no-ext-diff", "--no-textconv", "--no-renames", "--src-prefix=", "--dst-prefix=")
    out = git.run("--literal-pathspecs", "diff-tree", "-r", *shape, before, after, "--", *wanted)
    lines: dict[str, set[int]] = {}
    path, header = "", True
    for row in out.decode("utf-8", "surrogateescape").split("\n"):
        if row.startswith("diff --git "):
            header = True
        elif header and row.startswith("+++ "):
            path = row.removeprefix("+++ ").rstrip("\t")
        elif hunk := _HUNK.match(row):
            header = False
            start, size = int(hunk[1]), int(hunk[2] or 1)
            lines.setdefault(path, set()).update(range(start, start + size))
    return {path: frozenset(numbers) for path, numbers in lines.items()}
