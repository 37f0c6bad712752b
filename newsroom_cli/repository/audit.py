"""Walks the line of a branch and judges every step as one update of it, by the judges of the tree before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from newsroom_cli import ledger as ledgers
from newsroom_cli import settings, verify
from newsroom_cli.errors import CannotRun
from newsroom_cli.ledger import Held, Ledger, Origin, path_of
from newsroom_cli.model import Finding, Ident, Severity
from newsroom_cli.repository import baseline, trees
from newsroom_cli.repository.files import LEDGERS
from newsroom_cli.repository.git import Change, Git
from newsroom_cli.repository.halves import Told, tell
from newsroom_cli.repository.line import Step, tip, walk
from newsroom_cli.repository.marks import Marks
from newsroom_cli.repository.newsroom import CONFIGURATION, PROJECT, judges_of
from newsroom_cli.repository.reading import Reading
from newsroom_cli.repository.shelf import Card, Shelf, blob_of, is_story, story_of
from newsroom_cli.repository.steps import gave_way, given_way, identities, odd, twins_of
from newsroom_cli.roster import Judges
from newsroom_cli.settings import STRENGTHS, Settings, Strength
from newsroom_cli.history.trail import Proof, Record, Trail

_AT_ONCE = 256
"""Steps whose files are fetched together."""
_JUDGING = (CONFIGURATION, PROJECT, ".mailmap", baseline.PATH)


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
    steps = walk(git, commit)
    with Reading(git) as reading:
        line = _Line(reading, now, require)
        for at in range(0, len(steps), _AT_ONCE):
            reached(at, len(steps))
            part = steps[at : at + _AT_ONCE]
            reading.ahead(_wanted(part))
            for step in part:
                line.go(step)
        if steps:
            line.end(steps[-1], trees.whole(git, f"{commit}^{{tree}}"))
        return Trail(commit, len(steps), line.records(), line.marks.all())


def _wanted(steps: Iterable[Step]) -> Iterator[str]:
    """The blobs that judging some steps will read."""
    for step in steps:
        for one in step.brought:
            for change in one.changes:
                record = change.path.startswith(f"{LEDGERS}/")
                if record or is_story(change.path) or change.path in _JUDGING:
                    yield blob_of(change.new_mode, change.new)
                if record or (len(step.brought) > 1 and is_story(change.path)):
                    yield blob_of(change.old_mode, change.old)


@dataclass
class _Line:
    """The line so far: the tree it has led to, the judges of that tree, what has been found.

    `began` says that a ledger has been there; `early` are files of before that, which no ledger says anything of;
    `whole` are ledgers as they were before somebody shortened or rewrote them; `wrote` who changed a story's words
    since its last entry; `broken` is why the configuration of the tree cannot be read; `names` (slug and title) are
    those of a story when it could last be read, `reporters` all whom it named since it was last in the initial state.
    """

    reading: Reading
    now: datetime
    require: Strength | None
    judges: Judges = field(default_factory=Judges)
    marks: Marks = field(default_factory=Marks)
    began: bool = False
    broken: str = ""
    early: set[str] = field(default_factory=set)
    whole: dict[str, Ledger] = field(default_factory=dict)
    wrote: dict[str, tuple[Ident, ...]] = field(default_factory=dict)
    proofs: dict[str, dict[int, Proof]] = field(default_factory=dict)
    seen: dict[tuple[str, int, bytes], Proof] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    reporters: dict[str, tuple[Ident, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.reading)

    def go(self, step: Step) -> None:
        """Take one step, and judge it once there are ledgers."""
        changes, shelf = step.commit.changes, self.shelf
        stories = [c for c in changes if is_story(c.path)]
        new = {c.path: shelf.card(c.path, one) for c in stories if (one := blob_of(c.new_mode, c.new)).strip("0")}
        old = {c.path: card for c in stories if (card := shelf.cards.get(c.path))}
        ids = set(self._ids(changes, (*old.values(), *new.values())))
        before = {one: (shelf.owner(one), shelf.ledgers.get(one)) for one in ids}
        for finding in trees.unlike(changes, shelf.files):
            self.marks.add(step, finding)
        olds = {one: shelf.held(*pair) for one, pair in before.items()}
        shelf.apply(changes, new)
        began, self.began = self.began, self.began or bool(shelf.ledgers)
        self._keep_early(step, old, began=began)
        moved = bool(ids or stories) and self.began
        judges = self._judges(step, changes, stories=moved, began=began)
        if self.began:
            told = tell(step, self.reading, shelf.ledgers, judges)
            self._files(step, old, new, judges)
            for story_id in sorted(ids):
                self._story(step, story_id, olds[story_id], before[story_id][0], told, judges)
            for story_id in sorted({*told.undone, *told.wrote} - ids) if step.commit.is_merge else ():
                record = shelf.ledgers.get(story_id)
                self._undone(step, story_id, Held(None, record), shelf.owner(story_id), told)
        for card in new.values():
            record = shelf.ledgers.get(card.story_id)
            if record is None or judges.settings.pipeline.is_public(record.state):
                shelf.settle(card)

    def end(self, step: Step, findings: Iterable[Finding]) -> None:
        """Note what is wrong with the trees the line ends in."""
        there = {one.finding for one in self.marks.all() if one.finding.rule == "tree-entries"}
        for finding in findings:
            if finding not in there:
                self.marks.add(step, finding)

    def _ids(self, changes: Sequence[Change], cards: Iterable[Card]) -> Iterator[str]:
        """The ids of the stories that a step touches: their files, ledgers or pictures."""
        yield from (card.story_id for card in cards if card.story_id)
        for change in changes:
            if change.path.startswith(f"{LEDGERS}/"):
                yield from filter(None, [story_of(change.path)])
            for path in self.shelf.pictured.get(change.path, ()):
                yield from filter(None, [self.shelf.cards[path].story_id])

    def _keep_early(self, step: Step, old: dict[str, Card], *, began: bool) -> None:
        """Note the files that were there before any ledger, under the names they move to."""
        cards = self.shelf.cards
        if began:
            gone = {card.blob for path, card in old.items() if path in self.early and path not in cards}
            self.early |= {c.path for c in step.commit.changes if c.new in gone and c.path in cards}
        elif self.began and step.commit.parents:
            changed = {c.path for c in step.commit.changes}
            self.early = {path for path in cards if path in old or path not in changed}
        elif self.began:
            self.early = {path for path, card in cards.items() if card.story_id not in self.shelf.ledgers}

    # what judges

    def _judges(self, step: Step, changes: Sequence[Change], *, stories: bool, began: bool) -> Judges:
        """The judges of a step: the tree's before it, or the first ones of all; marks what is wrong with the change."""
        before, paths = self.judges, [c.path for c in changes if c.path in _JUDGING]
        if self.broken and stories:
            self._broken(step, f"stories change while the configuration cannot be read: {self.broken}", Severity.ERROR)
        if not paths:
            return before
        try:
            self.judges, self.broken = judges_of(self.shelf), ""
        except CannotRun as error:
            self.broken = error.message
            self._broken(step, error.message, Severity.ERROR if stories else Severity.WARNING)
            return before
        if not began:
            return self.judges
        changed = settings.changed(before.settings, self.judges.settings)
        judging = [f"[{name}]" for name in changed if name in settings.JUDGES]
        judging += [".mailmap"] if before.mailmap != self.judges.mailmap else []
        judging += [baseline.PATH] if baseline.PATH in paths else []
        if judging:
            self.marks.add(step, _judges_changed(paths[0], ", ".join(judging), stories=stories))
        return before

    def _broken(self, step: Step, message: str, severity: Severity) -> None:
        where = next((path for path in _JUDGING if path in self.shelf.files), CONFIGURATION)
        hint = "The last configuration that can be read is in force until it is mended."
        self.marks.add(step, Finding("configuration-unreadable", severity, where, 1, 1, message, hint))

    def _required(self, of: Settings) -> Strength:
        asked = [one for one in (of.trust.require, self.require) if one is not None]
        return max(asked, key=STRENGTHS.index) if asked else "recorded"

    # what is judged

    def _files(self, step: Step, old: dict[str, Card], new: dict[str, Card], judges: Judges) -> None:
        """What is wrong with files whatever story they are of."""
        shelf = self.shelf
        for finding in identities(old, new, shelf):
            self.marks.add(step, finding)
        twins = list(twins_of(shelf, new))
        for change in step.commit.changes:
            path, card = change.path, shelf.cards.get(change.path)
            found = [*odd(change), *(card.findings if card else ()), *(one for one in twins if one.path == path)]
            if card and card.story_id not in shelf.ledgers and not card.findings:
                found += self._without_ledger(card, old.get(path), judges)
            if found or path in self.marks.open:
                record = shelf.ledgers.get(card.story_id) if card else None
                public = record is not None and judges.settings.pipeline.is_public(record.state)
                self.marks.stand(step, path, found, mild=not public)

    def _without_ledger(self, card: Card, old: Card | None, judges: Judges) -> list[Finding]:
        """What is wrong with a story without a ledger; nothing that it had before there were ledgers."""
        found = self._alone(self.shelf.held(card, None), judges)
        if card.path in self.early:
            earlier = old or card
            known = {(one.rule, one.message) for one in self._alone(self.shelf.held(earlier, None), judges)}
            return [one for one in found if (one.rule, one.message) not in known]
        return found

    def _alone(self, held: Held, judges: Judges) -> list[Finding]:
        start = len(held.ledger.entries) if held.ledger else 0
        found = verify.alone(held, judges, now=self.now, start=start)
        return [one for one in found if one.severity is not Severity.INFO]

    def _story(self, step: Step, story_id: str, old: Held, was: Card | None, told: Told, judges: Judges) -> None:
        """Judge what a step did to one story."""
        shelf = self.shelf
        card, ledger, whole = shelf.owner(story_id), shelf.ledgers.get(story_id), self.whole.get(story_id)
        if whole is not None and ledger is not None and ledger.content.startswith(whole.content):
            old = Held(old.story, whole)
            self.whole.pop(story_id)
            self.marks.undo(step, path_of(story_id), "ledger-rewritten", "ledger-removed")
        if ledger is not None and old.ledger is not None and self._is_cut(old.ledger, ledger):
            shared = given_way(step, old.ledger, ledger, told.origins.get(story_id, {}), judges)
            if shared is not None:
                self.marks.add(step, gave_way(old.ledger, shared))
                old = Held(old.story, shared)
        held = shelf.held(card, ledger)
        known = self._note_entries(step, old.ledger, ledger, told.origins.get(story_id, {}), judges)
        writers = dict(told.writers.get(story_id, {}))
        if len(step.brought) == 1 and known + 1 in writers:
            writers[known + 1] = tuple(dict.fromkeys((*self.wrote.get(story_id, ()), *writers[known + 1])))
        strengths = {number: proof.origin.strength for number, proof in self.proofs.get(story_id, {}).items()}
        if card is not None and card.findings:
            old = Held(None, old.ledger)  # it is there, though it cannot be read
        reporters = (*told.reporters.get(story_id, ()), *self.reporters.get(story_id, ()))
        change = verify.Update(old, held, strengths, writers, reporters)
        for finding in verify.update(change, judges, require=self._required(judges.settings), now=None):
            self.marks.add(step, finding, self._culprit(finding, story_id))
        if old.ledger is not None and not old.ledger.findings and self._is_cut(old.ledger, ledger):
            self.whole.setdefault(story_id, old.ledger)
        if held.story is not None:
            initial = judges.settings.pipeline.initial
            fresh = any(one is None or one.state == initial for one in (old.ledger, ledger))
            since = told.reporters.get(story_id, ()) if fresh else reporters
            self.reporters[story_id] = tuple(dict.fromkeys((*held.story.metadata.reporter, *since)))
            self.marks.undo(step, held.story.path, "story-removed")
        if ledger is not None:
            quiet = was is None or card is None or (was.content, old.assets) != (card.content, held.assets)
            writing = [commit for commit, _, text in told.wrote.get(story_id, ()) if card and text == card.content]
            who = writing[-1] if writing else ""
            self.marks.stand(step, story_id, self._alone(held, judges), quiet=quiet, commit=who)
            if card is not None:
                self.marks.fill(step, card.path)
        self._undone(step, story_id, old, card, told)
        entered = ledger is not None and len(ledger.entries) > known
        carried = () if entered else self.wrote.get(story_id, ())
        self.wrote[story_id] = tuple(dict.fromkeys((*carried, *told.since.get(story_id, ()))))
        if card is not None:
            self.names[story_id] = (card.path.rsplit("/", 1)[-1].removesuffix(".md"), card.title)

    @staticmethod
    def _is_cut(old: Ledger, new: Ledger | None) -> bool:
        """Whether a ledger does not go on as a ledger does: whole, and behind what was there."""
        return new is None or bool(new.findings) or not new.content.startswith(old.content)

    def _culprit(self, finding: Finding, story_id: str) -> str:
        """The commit that brought the entry a finding is about; empty where it is about no entry."""
        proof = self.proofs.get(story_id, {}).get(finding.line)
        about = finding.path == path_of(story_id) and not finding.rule.startswith("ledger-")
        return proof.origin.commit if proof and about else ""

    def _note_entries(
        self, step: Step, old: Ledger | None, new: Ledger | None, origins: Mapping[int, Origin], judges: Judges
    ) -> int:
        """Note the proof of each new entry; how many were there before."""
        if new is None:
            return 0
        story_id = story_of(new.path)
        grown = old is not None and new.content.startswith(old.content)
        known = len(old.entries) if old is not None and grown else 0
        rows, proofs = new.content.split(b"\n"), self.proofs.setdefault(story_id, {})
        for number in range(min(known, len(proofs)) + 1, len(new.entries) + 1):
            line = (story_id, number, rows[number - 1])
            origin = origins.get(number) or Origin(step.commit.id, "recorded")
            origin = verify.proven(new.entries[number - 1], origin, judges)
            earlier = self.seen.setdefault(line, Proof(origin, step.commit.id))
            if STRENGTHS.index(earlier.origin.strength) < STRENGTHS.index(origin.strength):
                self.seen[line] = Proof(origin, step.commit.id)
            proofs[number] = self.seen[line]
        for number in [one for one in proofs if one > len(new.entries)]:
            del proofs[number]
        return known

    def _undone(self, step: Step, story_id: str, old: Held, card: Card | None, told: Told) -> None:
        """What was done and undone among the commits of a merge; it never stood on the line."""
        record = self.shelf.ledgers.get(story_id)
        if story_id in told.undone and self._left_out(step, story_id, record):
            return
        if record is None or self.marks.is_new(step, story_id, record.path):
            return
        done = {one.commit: (one.path, one.what) for one in reversed(told.undone.get(story_id, ()))}
        public = old.ledger is not None and self.judges.settings.pipeline.is_public(old.ledger.state)
        if public and card is not None and len(record.entries) == len(old.ledger.entries if old.ledger else ()):
            for commit, _, text in told.wrote.get(story_id, ()):
                if text != card.content:
                    done.setdefault(commit, (card.path, "the published words were changed here"))
        for commit, (path, what) in done.items():
            message = f"{what}, and undone before it reached the line."
            self.marks.add(step, Finding("undone-before-merge", Severity.INFO, path, 1, 1, message), commit)

    def _left_out(self, step: Step, story_id: str, record: Ledger | None) -> bool:
        """Whether a merge has less of a ledger than a side of it had; notes that where nothing else was noted."""
        path, content = path_of(story_id), record.content if record else b""
        for parent in step.commit.parents[1:] if story_of(path) else ():
            held = self.reading.at(parent, path)
            side = ledgers.parse(path, held) if len(held) > len(content) and held.startswith(content) else None
            if side is None or side.findings or (record is None and len(side.entries) == 1):
                continue
            lost = [f"{entry.action} by {entry.by}" for entry in side.entries[len(record.entries) if record else 0 :]]
            message = f"a merge left out {', '.join(lost)}, which {parent[:8]} had; a ledger only grows."
            rule, line = ("ledger-rewritten", len(record.entries) + 1) if record else ("ledger-removed", 1)
            hint = f"Bring it back: git restore --source={parent[:8]} {path} and the story."
            self.marks.add(step, verify.error(rule, path, line, message, hint))
            self.whole.setdefault(story_id, side)
            return True
        return False

    def records(self) -> tuple[Record, ...]:
        """Every ledger there is, by the story's slug."""
        found = []
        for story_id, ledger in self.shelf.ledgers.items():
            card, (slug, title) = self.shelf.owner(story_id), self.names.get(story_id, (story_id, ""))
            path = card.path if card else ""
            found.append(Record(story_id, slug, path, title, ledger.entries, self.proofs.get(story_id, {})))
        return tuple(sorted(found, key=lambda one: (one.slug, one.story_id)))


def _judges_changed(path: str, what: str, *, stories: bool) -> Finding:
    if stories:
        message = f"{what} and stories change together; what judges stories changes on its own."
        return verify.error("judges-with-stories", path, 1, message, "See who did it, and audit what came with it.")
    return Finding("judges-changed", Severity.INFO, path, 1, 1, f"{what} changed, on its own.")
