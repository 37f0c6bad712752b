"""Two ledgers of one story: which one stays, and whose entries are made again on it. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from newsroom_cli.errors import NoSuchMove, Refusal
from newsroom_cli.model import Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Ledger, disagreements, fold, parse, record_in_file
from newsroom_cli.record.record_effects import required_roles
from newsroom_cli.story import frontmatter
from newsroom_cli.workflow.advance import Act, advance, begin
from newsroom_cli.workflow.case import Case

_MARK = re.compile(rb"^(<{7}|\|{7}|={7}|>{7})(?: .*)?\r?$")


def has_marks(content: bytes) -> bool:
    """Tell whether a text holds the marks git leaves around a conflict."""
    return any(_MARK.match(line) and line[:1] in b"<>" for line in content.split(b"\n"))


def split_sides(content: bytes) -> tuple[bytes, bytes]:
    """Return the two texts that conflict marks stand between: ours, as git calls it, and theirs."""
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


class Settlement(NamedTuple):
    """The ledger that stays, and the lost side's entries: those to be made again, and other people's.

    `unproven` name whoever acts, and nothing proves that they made them.
    """

    kept: Ledger
    mine: tuple[Entry, ...] = ()
    others: tuple[Entry, ...] = ()
    unproven: tuple[Entry, ...] = ()


def settle(base: Ledger, other: Ledger, *, act: Act, proven: Container[int], known: int = 0) -> Settlement:
    """Return the longer of two ledgers where it holds the other one, else the base's.

    `known` is how many entries of the other side were there before the two parted, `proven` the numbers of those that
    are proven to be their makers'. An entry of the actor's that the base has from them already, made again before, is
    not among those to be made.
    """
    if other.content.startswith(base.content):
        return Settlement(other)
    if base.content.startswith(other.content):
        return Settlement(base)
    pairs = enumerate(zip(base.entries, other.entries, strict=False))
    shared = next((n for n, (ours, theirs) in pairs if ours != theirs), min(len(base.entries), len(other.entries)))
    is_own = act.policy.same
    made = [(entry.action, entry.from_, entry.to) for entry in base.entries[shared:] if is_own(entry.actor, act.actor)]
    lost = []
    for entry in other.entries[max(shared, known) :]:
        move = (entry.action, entry.from_, entry.to)
        if is_own(entry.actor, act.actor) and move in made:
            made.remove(move)
        else:
            lost.append(entry)
    return _divide(base, lost, act=act, proven=proven)


def take_out(whole: Ledger, number: int, *, act: Act, proven: Container[int]) -> Settlement:
    """Return a ledger as it was before an entry (from 1), with that one and all behind it as the lost side's."""
    lines = whole.content.splitlines(keepends=True)[: number - 1]
    kept = parse(whole.path, b"".join(lines)) if lines else Ledger(whole.path)
    return _divide(kept, whole.entries[number - 1 :], act=act, proven=proven)


def _divide(kept: Ledger, lost: Iterable[Entry], *, act: Act, proven: Container[int]) -> Settlement:
    """Sort lost entries by whose they are."""
    mine, others, unproven = list[Entry](), list[Entry](), list[Entry]()
    for entry in lost:
        if not act.policy.same(entry.actor, act.actor):
            others.append(entry)
        elif entry.seq in proven:
            mine.append(entry)
        else:
            unproven.append(entry)
    return Settlement(kept, tuple(mine), tuple(others), tuple(unproven))


class RemadeEntry(NamedTuple):
    """A lost entry, the one that is made in its place, and the story and the ledger with that."""

    lost: Entry
    entry: Entry
    story: Story
    ledger: Ledger

    @property
    def signs_other_words(self) -> bool:
        """Tell whether other words or pictures are signed than with the lost entry."""
        return (self.entry.content, self.entry.assets) != (self.lost.content, self.lost.assets)


class Replay(NamedTuple):
    """Entries made again, how the story stands with them, and those that could not be, with the reason."""

    case: Case
    remade: tuple[RemadeEntry, ...] = ()
    refused: tuple[tuple[Entry, Refusal], ...] = ()

    @property
    def obstacle(self) -> Refusal | None:
        """The first reason beyond that an entry came too late, for which the base's side leaves no room."""
        return next((reason for _, reason in self.refused if not isinstance(reason, NoSuchMove)), None)


def replay_entries(case: Case, entries: Sequence[Entry], *, lost: Ledger, act: Act) -> Replay:
    """Take the actions of some entries of a lost ledger on a story as it stands now, checked anew, as in `act`.

    One that its state no longer allows is left out; any other refusal ends it. Their words may be other than those
    the entries signed (`signs_other_words`).
    """
    remade: list[RemadeEntry] = []
    refused: list[tuple[Entry, Refusal]] = []
    for number, entry in enumerate(entries):
        again = _act_of(entry, lost, act)
        try:
            step = advance(case, again) if case.ledger else begin(case.story, lost.path, again, assets=case.assets)
        except NoSuchMove as reason:
            refused.append((entry, reason))
            continue
        except Refusal as reason:
            refused.extend((later, reason) for later in entries[number:])
            break
        if step.entry is not None:
            remade.append(RemadeEntry(entry, step.entry, step.story, step.ledger))
            case = replace(case, story=step.story, ledger=step.ledger, writers=())  # those of the words are signed now
        elif frontmatter.content_hash(step.story) != entry.content:
            refused.append((entry, NoSuchMove("The words it was made for are not here; write them and sign anew.")))
    return Replay(case, tuple(remade), tuple(refused))


def _act_of(entry: Entry, lost: Ledger, act: Act) -> Act:
    """Return the action of an entry of a lost ledger, as it is taken now."""
    before = set(required_roles(fold(lost.entries[: entry.seq - 1])))
    then = set(required_roles(fold(lost.entries[: entry.seq])))
    return act._replace(
        action=entry.action,
        note=entry.note or "",
        override=entry.override or "",
        terms=entry.terms,
        role=next(iter(before ^ then), ""),
        drop=bool(before - then),
    )


def with_record(story: Story, ledger: Ledger, policy: Policy) -> Story:
    """Return a story with the record keys its ledger folds to; before the first entry that is its id alone."""
    record = ledger.record or {"id": story.fields.get("id")}
    wanted = record_in_file(record, policy.settings.timezone)
    return frontmatter.edit(story, {key: wanted.get(key) for key, _, _ in disagreements(story, record)})
