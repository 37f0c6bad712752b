"""Two ledgers of one story: which one stays, and whose entries are made again on it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from newsroom_cli.errors import NoSuchMove, Refusal
from newsroom_cli.model import RECORD_KEYS, Ident, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Held, Ledger, disagreements, fold, parse, record_in_file
from newsroom_cli.record.record_effects import required_roles
from newsroom_cli.settings.pipeline import Pipeline
from newsroom_cli.story import frontmatter
from newsroom_cli.workflow.advance import Act, Step, advance, begin
from newsroom_cli.workflow.case import Case

_MARK = re.compile(rb"^(<{7}|\|{7}|={7}|>{7})(?: .*)?\r?$")


def has_marks(content: bytes) -> bool:
    """Tell whether a text holds the marks git leaves around a conflict."""
    return any(_MARK.match(line) and line[:1] in b"<>" for line in content.split(b"\n"))


def sides(content: bytes) -> tuple[bytes, bytes]:
    """The two texts that conflict marks stand between: ours, as git calls it, and theirs."""
    ours, theirs = list[bytes](), list[bytes]()
    into: tuple[list[bytes], ...] = (ours, theirs)
    rows = content.split(b"\n")
    for row in rows:
        mark = _MARK.match(row)
        if mark is None:
            for side in into:
                side.append(row)
        else:
            into = {b"<": (ours,), b"|": (), b"=": (theirs,), b">": (ours, theirs)}[mark[1][:1]]
    return b"\n".join(ours), b"\n".join(theirs)


@dataclass(frozen=True)
class Settlement:
    """The ledger that stays, and the lost side's entries: those to be made again, and other people's.

    `unproven` name whoever acts, and nothing proves that they made them.
    """

    kept: Ledger
    mine: tuple[Entry, ...] = ()
    others: tuple[Entry, ...] = ()
    unproven: tuple[Entry, ...] = ()


def settle(
    base: Ledger, other: Ledger, *, actor: Ident, judges: Policy, proven: Container[int], known: int = 0
) -> Settlement:
    """The longer of two ledgers where it holds the other one, else the base's.

    `known` is how many entries of the other side were there before the two parted, `proven` the numbers of those that
    are proven to be their makers'. An entry of the actor's that the base has from them already, made again before, is
    not among those to be made.
    """
    if other.content.startswith(base.content):
        return Settlement(other)
    if base.content.startswith(other.content):
        return Settlement(base)
    pairs = zip(base.entries, other.entries, strict=False)
    shared = next(
        (n for n, (ours, theirs) in enumerate(pairs) if ours != theirs), min(len(base.entries), len(other.entries))
    )
    lost = other.entries[max(shared, known) :]
    again = Counter(_what(entry) for entry in base.entries[shared:] if judges.same(entry.actor, actor))
    left = []
    for entry in lost:
        if judges.same(entry.actor, actor) and again[_what(entry)] > 0:
            again[_what(entry)] -= 1
        else:
            left.append(entry)
    return _divide(base, left, actor=actor, judges=judges, proven=proven)


def take_out(whole: Ledger, number: int, *, actor: Ident, judges: Policy, proven: Container[int]) -> Settlement:
    """A ledger as it was before an entry (from 1), with that one and all behind it as the lost side's."""
    lines = whole.content.splitlines(keepends=True)[: number - 1]
    kept = parse(whole.path, b"".join(lines)) if lines else Ledger(whole.path)
    return _divide(kept, whole.entries[number - 1 :], actor=actor, judges=judges, proven=proven)


def _divide(kept: Ledger, lost: Iterable[Entry], *, actor: Ident, judges: Policy, proven: Container[int]) -> Settlement:
    """Sort lost entries by whose they are."""
    mine, others, unproven = list[Entry](), list[Entry](), list[Entry]()
    for entry in lost:
        if not judges.same(entry.actor, actor):
            others.append(entry)
        elif entry.seq in proven:
            mine.append(entry)
        else:
            unproven.append(entry)
    return Settlement(kept, tuple(mine), tuple(others), tuple(unproven))


def _what(entry: Entry) -> tuple[str, str | None, str]:
    return entry.action, entry.from_, entry.to


@dataclass(frozen=True)
class Again:
    """Entries made again, how the story stands with them, and those that could not be, with the reason.

    `made` are the lost entries that the `steps` make again, one each.
    """

    case: Case
    steps: tuple[Step, ...] = ()
    made: tuple[Entry, ...] = ()
    refused: tuple[tuple[Entry, Refusal], ...] = ()

    @property
    def overtaken(self) -> bool:
        """Whether what could not be made again was only too late: the base's side leaves no room for it."""
        return all(isinstance(reason, NoSuchMove) for _, reason in self.refused)


def make_again(case: Case, entries: Sequence[Entry], *, lost: Ledger, by: Act) -> Again:
    """Take the actions of some entries of a lost ledger on a story as it stands now, checked anew, as `by` acts.

    One that its state no longer allows is left out; any other refusal ends it. Their words may be other than those
    the entries signed (`changes_words`).
    """
    steps: list[Step] = []
    made: list[Entry] = []
    refused: list[tuple[Entry, Refusal]] = []
    for number, entry in enumerate(entries):
        act = _act(entry, lost, by)
        try:
            step = _take(case, act, lost.path)
        except NoSuchMove as reason:
            refused.append((entry, reason))
            continue
        except Refusal as reason:
            refused.extend((later, reason) for later in entries[number:])
            break
        if step.entry is None:
            if frontmatter.content_hash(step.story) != entry.content:
                refused.append((entry, NoSuchMove("The words it was made for are not here; write them and sign anew.")))
            continue
        steps.append(step)
        made.append(entry)
        case = case.after(step.story, step.ledger)
    return Again(case, tuple(steps), tuple(made), tuple(refused))


def _take(case: Case, act: Act, ledger_path: str) -> Step:
    """Take an action on a story, which begins with it where it has no ledger."""
    if case.ledger is not None:
        return advance(case, act)
    begun = begin(case.story, ledger_path, act, assets=case.assets)
    return Step(begun.story, begun.ledger, begun.entry)


def changes_words(entry: Entry, step: Step) -> bool:
    """Tell whether an entry made again signs other words or pictures than the lost one."""
    return step.entry is not None and (step.entry.content, step.entry.assets) != (entry.content, entry.assets)


def leads_to_readers(entry: Entry, pipeline: Pipeline) -> bool:
    """Tell whether an entry is a sign-off on the way to readers, or changes what they have."""
    row = pipeline.move(entry.action, entry.from_)
    return row is not None and pipeline.for_readers(row)


def _act(entry: Entry, lost: Ledger, by: Act) -> Act:
    """The action of an entry of a lost ledger, as it is taken now."""
    before = set(required_roles(fold(lost.entries[: entry.seq - 1])))
    then = set(required_roles(fold(lost.entries[: entry.seq])))
    role, drop = next(iter(before ^ then), ""), bool(before - then)
    return by._replace(
        action=entry.action,
        note=entry.note or "",
        override=entry.override or "",
        terms=entry.terms,
        role=role,
        drop=drop,
    )


def without_record(story: Story) -> Story:
    """A story as it is before its first entry: with its id, and no other record key."""
    return frontmatter.edit(story, {key: None for key in RECORD_KEYS if key != "id" and key in story.fields})


def with_record(held: Held, judges: Policy) -> Held:
    """A story with the record keys its ledger folds to."""
    if held.story is None or held.ledger is None:
        return held
    record = held.ledger.record
    wanted = record_in_file(record, judges.settings.timezone)
    changes = {key: wanted.get(key) for key, _, _ in disagreements(held.story, record)}
    return Held(frontmatter.edit(held.story, changes), held.ledger, held.assets)
