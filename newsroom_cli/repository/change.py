"""One update of the protected branch: the base's tip against what merging gives, judged by the base's judges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from newsroom_cli import frontmatter, ledger, pictures, settings, verify
from newsroom_cli.errors import CannotRun, Unreadable
from newsroom_cli.ledger import Held, Ledger
from newsroom_cli.model import ID, Finding, Inspection, Severity, Story
from newsroom_cli.repository import aliases, amendments, baseline, lost, trees
from newsroom_cli.repository.files import LEDGERS, STORIES, CommittedTree, story_paths
from newsroom_cli.repository.git import REGULAR, Change, Git, GitFailed
from newsroom_cli.repository.history import Past, origins, past
from newsroom_cli.repository.inspection import odd_mode, other_ending, twins
from newsroom_cli.repository.judging import Surroundings, judge_story, quoted
from newsroom_cli.repository.line import DEEPER
from newsroom_cli.repository.newsroom import CONFIGURATION, PROJECT, folded, judges_of
from newsroom_cli.repository.stranded import find_stranded
from newsroom_cli.roster import Judges
from newsroom_cli.settings import STRENGTHS, Strength
from newsroom_cli.verify.strands import PolicyChange


class Range(NamedTuple):
    """The commits an update is between: the base's tip, empty where there is none yet, and the head to be merged."""

    base: str
    head: str

    @property
    def revisions(self) -> str:
        """The commits in between, as git names them."""
        return f"{self.base}..{self.head}" if self.base else self.head


def resolve(git: Git, base: str, *, target: str = "") -> Range:
    """Find the base's tip; raises CannotRun (fails closed) when history is missing or the name is not one thing.

    On a host's merge checkout of a pull request to the branch `target` the base is the first parent of HEAD, never
    an older commit of an event; only where that parent is a commit of the target itself.
    """
    whole_history(git)
    head = git.revision("HEAD")
    if head is None:
        raise CannotRun("There is no commit here yet.", "story new makes the first one.")
    names = [name for kind in ("", "tags/", "heads/", "remotes/") if git.has_ref(name := f"refs/{kind}{base}")]
    if len(names) > 1:
        raise CannotRun(f"{base} is the name of {' and of '.join(names)}.", f"Say which: --base {names[-1]}")
    tip = git.revision(base)
    if tip is None:
        raise CannotRun(f"There is no base {base} here.", DEEPER)
    theirs = git.revision(f"refs/remotes/origin/{target}") if target else None
    first = git.revision("HEAD^1") if theirs and git.revision("HEAD^2") else None
    if theirs and first and contains(git, theirs, first) and contains(git, first, tip):
        tip = first
    if not git.answer("merge-base", tip, head, ok=(0, 1))[1].strip():
        raise CannotRun(f"{base} and HEAD have no history in common.", DEEPER)
    return Range(tip, head)


def whole_history(git: Git) -> None:
    """Raise CannotRun where a repository's history is cut off or not its own."""
    if git.is_shallow:
        raise CannotRun("This clone is shallow: the base cannot be compared.", DEEPER)
    if (git.common / "info" / "grafts").exists():
        raise CannotRun("This repository has a graft file: its history is not its own.", "Remove .git/info/grafts.")


def contains(git: Git, later: str, earlier: str) -> bool:
    """Whether a commit is among those another was made on."""
    return git.answer("merge-base", "--is-ancestor", earlier, later, ok=(0, 1))[0] == 0


def merged(git: Git, between: Range) -> tuple[str, list[str]]:
    """What merging gives: a tree, and the paths in conflict. HEAD itself where it contains the base."""
    if not between.base or contains(git, between.head, between.base):
        return f"{between.head}^{{tree}}", []
    try:
        code, out = git.answer("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *between, ok=(0, 1))
    except GitFailed:
        raise CannotRun("Git cannot merge without a working tree here.", "Install git 2.38 or newer.") from None
    tree, *paths = out.decode("utf-8", "surrogateescape").split("\0")
    return tree.strip(), [path for path in paths if path] if code else []


@dataclass
class _Side:
    """One tree of the update, with the stories and ledgers that matter in it."""

    git: Git
    tree: CommittedTree
    stories: dict[str, Story] = field(default_factory=dict)
    unreadable: list[Finding] = field(default_factory=list)
    _by_id: dict[str, Story] = field(default_factory=dict)

    def read(self, paths: Iterable[str]) -> None:
        """Parse stories by path; what cannot be read is a finding."""
        wanted = sorted(set(paths) - set(self.stories))
        self.tree.expect(wanted)
        for path in wanted:
            content = None
            try:
                content = self.tree.read(path)
                if content is not None:
                    story = self.stories[path] = frontmatter.read(path, content)
                    self._by_id.setdefault(story.metadata.id or "", story)
            except Unreadable as error:
                self.unreadable.extend(quoted(error.findings, path, content or b""))

    def find(self, ids: set[str]) -> None:
        """Find the stories that claim some ids, wherever they are; one without a ledger here is not looked for."""
        known = {story.metadata.id for story in self.stories.values()}
        missing = {one for one in ids - known if self.ledger(one) is not None}
        if not missing:
            return
        patterns = [part for one in sorted(missing) for part in ("-e", one)]
        code, out = self.git.answer("grep", "-l", "-z", "-F", *patterns, self.tree.tree, "--", f"{STORIES}/", ok=(0, 1))
        if code == 0:
            names = out.decode("utf-8", "surrogateescape").split("\0")
            self.read(name.partition(":")[2] for name in names if name.endswith(".md"))

    def story(self, story_id: str) -> Story | None:
        """The story of an id among those that were read; the first where several claim it."""
        return self._by_id.get(story_id)

    def ledger(self, story_id: str) -> Ledger | None:
        path = ledger.path_of(story_id)
        try:
            content = self.tree.read(path)
        except Unreadable as error:
            self.unreadable.extend(error.findings)
            return None
        return None if content is None else ledger.parse(path, content)


def inspect(git: Git, between: Range, *, now: datetime, require: Strength | None, judging: str = "") -> Inspection:
    """Every finding on what an update would bring to its base; where there is no base yet, on all that is there.

    The base judges, or the commit `judging` where one is named; what is there judges itself where there is neither.
    """
    tree, conflicts = merged(git, between)
    after = CommittedTree(git, tree)
    if conflicts:
        found = sorted(_conflicts(conflicts), key=lambda one: one.place)
        return Inspection(tuple(found), 0, len(story_paths(after)))
    before = CommittedTree(git, f"{between.base}^{{tree}}" if between.base else git.empty_tree())
    by = CommittedTree(git, f"{judging}^{{tree}}") if judging else before
    judges = judges_of(by if between.base else after)
    return _inspected(
        _Update(git, between, _Side(git, before), _Side(git, after), judges, now, _asked(judges, require))
    )


def staged(git: Git, parent: str, tree: str, *, now: datetime) -> Inspection:
    """Every finding on a tree that is about to be committed on a parent; who will have made it is not known yet."""
    before = CommittedTree(git, f"{parent}^{{tree}}" if parent else git.empty_tree())
    after = CommittedTree(git, tree)
    judges = judges_of(before if parent else after)
    return _inspected(_Update(git, Range(parent, ""), _Side(git, before), _Side(git, after), judges, now, "recorded"))


def _asked(judges: Judges, option: Strength | None) -> Strength:
    """What the configuration asks, never less than a stricter option; attributed when neither says."""
    asked = [one for one in (judges.settings.trust.require, option) if one is not None]
    return max(asked, key=STRENGTHS.index) if asked else "attributed"


def _inspected(work: _Update) -> Inspection:
    before, after = work.before.tree, work.after.tree
    findings = sorted(set(work.findings()), key=lambda one: one.place)
    touched = _touched(work.git, before.tree, after.tree, {one.path for one in findings})
    inspection = Inspection(tuple(findings), work.checked, len(story_paths(after)), touched)
    return baseline.of_base(before).without(inspection)


def _touched(git: Git, before: str, after: str, paths: Iterable[str]) -> dict[str, frozenset[int]]:
    """The lines of some files that differ between two trees, as the later one counts them."""
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


_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


def _conflicts(paths: Sequence[str]) -> Iterator[Finding]:
    for path in paths:
        hint = "Merge the base into the branch, then: story redo SLUG keeps its ledger and makes your moves again. "
        hint += "Two protected branches are not merged: git cherry-pick the move onto the one, then story redo SLUG."
        if not path.startswith(LEDGERS):
            hint = "Merge the base into the branch and settle it there."
        yield verify.error("merge-conflict", path, 1, "this conflicts with the base; it cannot be merged.", hint)


@dataclass
class _Update:
    git: Git
    between: Range
    before: _Side
    after: _Side
    judges: Judges
    now: datetime
    require: Strength
    checked: int = 0

    def findings(self) -> Iterator[Finding]:
        found = self.git.changes(self.before.tree.tree, self.after.tree.tree)
        yield from self._trees(found)
        changes = [change for change in found if trees.FOLDER not in (change.old_mode, change.new_mode)]
        yield from _modes(changes)
        for change in changes:
            if change.new_mode in REGULAR:
                yield from other_ending(change.path)
        for change in changes:
            self.before.tree.know(change.path, change.old_mode, change.old)
            self.after.tree.know(change.path, change.new_mode, change.new)
        stories = [c for c in changes if c.path.startswith(f"{STORIES}/") and c.path.endswith(".md")]
        records = [c for c in changes if c.path.startswith(f"{LEDGERS}/")]
        self.before.read(c.path for c in stories if c.old_mode in REGULAR)
        self.after.read(c.path for c in stories if c.new_mode in REGULAR)
        ids = {c.path.rsplit("/", 1)[-1].removesuffix(".jsonl") for c in records}
        ids |= set(self._of_pictures(changes))
        ids |= {story.metadata.id or "" for side in (self.before, self.after) for story in side.stories.values()}
        ids = {one for one in ids if ID.fullmatch(one)}
        for side in (self.before, self.after):
            side.tree.expect(ledger.path_of(one) for one in ids)
            side.find(ids)
        self.after.read(story.path for story in list(self.before.stories.values()))
        self.checked = len({*self.after.stories, *(one.path for one in self.after.unreadable)})
        yield from self.after.unreadable
        yield from self._identities()
        yield from self._slugs(stories)
        yield from self._judges(changes, bool(stories or records))
        yield from self._baseline(changes)
        yield from self._strays(records)
        claimed = {path: story.metadata.id or "" for path, story in self.after.stories.items()}
        there = [change.path for change in records if change.new_mode in REGULAR]
        yield from lost.joined_where_in_months(self._stories(ids), claimed, self.after.tree, there)

    def _trees(self, changes: Sequence[Change]) -> Iterator[Finding]:
        """What git would not write in the trees that are new; a merge's own ones do not show what its sides held."""
        before, after = self.before.tree.tree, self.after.tree.tree
        yield from trees.crooked(self.git, after, trees.folders(changes))
        head = f"{self.between.head}^{{tree}}"
        if self.between.head and after != head:
            yield from trees.crooked(self.git, head, trees.folders(self.git.changes(before, head)))

    def _of_pictures(self, changes: Sequence[Change]) -> list[str]:
        """The ids of stories whose ledgers name a picture that the update changes or removes."""
        others = [c for c in changes if not c.path.startswith((f"{LEDGERS}/", CONFIGURATION)) and c.path[-3:] != ".md"]
        gone = sorted({c.old for c in others if c.old.strip("0")})
        if not gone:
            return []
        patterns = "".join(f"{one}\n" for one in gone).encode()
        code, out = self.git.answer(
            *("grep", "-l", "-z", "-F", "-f", "-", self.after.tree.tree, "--", LEDGERS), stdin=patterns, ok=(0, 1)
        )
        names = out.decode("utf-8", "surrogateescape").split("\0") if code == 0 else []
        return [name.rsplit("/", 1)[-1].removesuffix(".jsonl") for name in names if name]

    def _identities(self) -> Iterator[Finding]:
        for path, story in sorted(self.after.stories.items()):
            old = self.before.stories.get(path)
            if old is not None and old.metadata.id and old.metadata.id != story.metadata.id and not self._gone(old):
                message = f"the story's id was {old.metadata.id}; a story keeps its id."
                line, column = story.place("id")
                hint = f"Write `id: {old.metadata.id}`; a new story is a new file."
                yield Finding("id-changed", Severity.ERROR, path, line, column, message, hint, "id")

    def _gone(self, old: Story) -> bool:
        """Whether a story left its file's name: it moved, or went as a draft never submitted, with its ledger."""
        there = self.after.story(old.metadata.id or "")
        if there is not None:
            was = self.before.stories.get(there.path)
            return was is None or was.metadata.id == old.metadata.id
        record = self.before.ledger(old.metadata.id or "")
        gone = record is not None and self.after.ledger(old.metadata.id or "") is None
        return gone and record is not None and len(record.entries) == 1

    def _slugs(self, stories: Sequence[Change]) -> Iterator[Finding]:
        changed = {c.path for c in stories}
        ids = dict.fromkeys(story_paths(self.after.tree), "")
        ids.update({path: story.metadata.id or "" for path, story in self.after.stories.items()})
        kept = {folded(path.rsplit("/", 1)[-1]) for path in changed}
        near = {path: one for path, one in ids.items() if one or folded(path.rsplit("/", 1)[-1]) in kept}
        yield from (finding for finding in twins(near, self._is_copy) if finding.path in changed)
        born = {folded(c.path.rsplit("/", 1)[-1].removesuffix(".md")) for c in stories if c.old_mode not in REGULAR}
        found = aliases.naming(self.git, self.after.tree, born)
        found.update({path: former for path in changed if (former := self._aliases(path))})
        yield from (one for one in aliases.clashes(found, ids) if one.path in changed)

    def _aliases(self, path: str) -> tuple[str, ...]:
        story = self.after.stories.get(path)
        return aliases.former(story) if story else ()

    def _is_copy(self, path: str, story_id: str) -> bool:
        old = self.before.story(story_id)
        return old is not None and old.path != path

    def _judges(self, changes: Sequence[Change], stories: bool) -> Iterator[Finding]:
        paths = [c.path for c in changes if c.path in (CONFIGURATION, PROJECT, ".mailmap", baseline.PATH)]
        if not paths or not self.between.base:
            return
        now = judges_of(self.after.tree)
        tables = settings.changed(self.judges.settings, now.settings)
        judging = [f"[{name}]" for name in tables if name in settings.JUDGES]
        judging += [".mailmap"] if self.judges.mailmap != now.mailmap else []
        judging += [baseline.PATH] if baseline.PATH in paths else []
        asked = judging and self.between.head
        strangers = (
            list(amendments.not_entitled(self.git, self.judges, self.between.revisions, paths[0])) if asked else ()
        )
        yield from strangers
        named = self.judges.has_roster and bool(self.judges.settings.trust.judges)
        policies = PolicyChange(self.judges, now, paths[0], is_entitled=named and not strangers)
        yield from find_stranded(policies, self.after.tree)
        if judging and stories:
            what = ", ".join(judging)
            message = f"{what} and stories change together; what judges stories changes on its own."
            yield verify.error("judges-with-stories", paths[0], 1, message, "Make two pull requests of it.")
        elif changed := judging + [f"[{name}]" for name in tables if name not in settings.JUDGES]:
            message = f"this changes {', '.join(changed)}; what the base says is in force until it is merged."
            yield Finding("judges-changed", Severity.INFO, paths[0], 1, 1, message)

    def _baseline(self, changes: Sequence[Change]) -> Iterator[Finding]:
        """A baseline that nobody could read once it is there."""
        if any(c.path == baseline.PATH and c.new_mode.strip("0") for c in changes):
            try:
                baseline.read(self.after.tree)
            except CannotRun as error:
                yield verify.error("configuration-unreadable", baseline.PATH, 1, error.message, error.hint)

    def _strays(self, records: Sequence[Change]) -> Iterator[Finding]:
        for change in records:
            if not ledger.id_of(change.path) and not ledger.is_in_month(change.path):
                hint = "Ledgers are written by `story` alone."
                yield verify.error("ledger-stray", change.path, 1, "no story's ledger belongs here.", hint)

    def _stories(self, ids: set[str]) -> Iterator[Finding]:
        olds = {one: self.before.ledger(one) for one in ids}
        news = {one: self.after.ledger(one) for one in ids}
        commits = self._past(olds, news)
        blobs = self._blobs()
        broken = {finding.path for finding in self.after.unreadable}
        around = Surroundings(self.judges, self.now, blobs, self.after.tree)
        for _, story in sorted(self.after.stories.items()):
            found = judge_story(story, news.get(story.metadata.id or ""), around)
            yield from quoted(found, story.path, story.text.encode())
        for one in sorted(ids):
            old, new = self.before.story(one), self.after.story(one)
            held = around.held(new, news[one])[0] if new else Held(None, news[one])
            if new is None:
                yield from verify.alone(held, self.judges, now=self.now)
            path = ledger.path_of(one)
            change = verify.Update(
                Held(old, olds[one]),
                held,
                {number: origin.strength for number, origin in commits.origins.get(path, {}).items()},
                commits.writers.get(path, {}),
                commits.reporters.get(one, ()),
                commits.sections,
            )
            found = verify.update(change, self.judges, require=self.require, now=self.now)
            yield from (finding for finding in found if finding.rule != "story-removed" or finding.path not in broken)

    def _past(self, olds: Mapping[str, Ledger | None], news: Mapping[str, Ledger | None]) -> Past:
        """What the commits in between say of the ledgers that grew."""
        grown = {
            new.path: new
            for one, new in news.items()
            if new is not None and len(new.entries) > len(old.entries if (old := olds[one]) else ())
        }
        if not grown or not self.between.head:
            return Past({}, {}, {}, {})
        commits = past(self.git, self.judges, grown, self.between.revisions)
        for path, new in grown.items() if self.between.base else ():
            if any(one.strength == "recorded" for one in commits.origins[path].values()):
                earlier = origins(self.git, self.judges, new, self.between.base)
                proven = {number: one for number, one in earlier.items() if one.strength != "recorded"}
                commits.origins[path].update(proven)  # an entry that was reverted and is brought back
        return commits

    def _blobs(self) -> dict[str, str]:
        wanted = {path for story in self.after.stories.values() for path in pictures.placed(story).values()}
        if not wanted:
            return {}
        listing = self.git.listing(self.after.tree.tree, *sorted(wanted))
        for path, (mode, blob) in listing.items():
            self.after.tree.know(path, mode, blob)
        return {path: blob for path, (mode, blob) in listing.items() if mode in REGULAR}


def _modes(changes: Sequence[Change]) -> Iterator[Finding]:
    for change in changes:
        ours = f"{change.path}/".startswith((f"{STORIES}/", ".newsroom/"))
        if ours and change.new_mode not in (*REGULAR, "000000"):
            yield odd_mode(change.path, change.new_mode)
