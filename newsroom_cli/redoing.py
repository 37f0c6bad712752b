"""Two ledgers of one story: which one stays, and whose entries are made again on it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsroom_cli import frontmatter
from newsroom_cli.effects import required_roles
from newsroom_cli.entries import Entry
from newsroom_cli.errors import NoSuchMove, Refusal
from newsroom_cli.ledger import Held, Ledger, disagreements, fold, in_file
from newsroom_cli.model import Ident
from newsroom_cli.plain import quoted
from newsroom_cli.roster import Judges
from newsroom_cli.workflow import Act, Step

_MARK = re.compile(rb"^(<{7}|\|{7}|={7}|>{7})(?: .*)?\r?$")


def has_marks(content: bytes) -> bool:
    """Whether a text holds the marks git leaves around a conflict."""
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
    """The ledger that stays, and the lost side's entries: those to be made again, and other people's."""

    kept: Ledger
    mine: tuple[Entry, ...] = ()
    others: tuple[Entry, ...] = ()


def settle(base: Ledger, other: Ledger, *, actor: Ident, judges: Judges, known: int = 0) -> Settlement:
    """The longer of two ledgers where it holds the other one, else the base's.

    `known` is how many entries of the other side were there before the two parted. An entry of the actor's that
    the base has from them already, made again before, is not among those to be made.
    """
    if other.content.startswith(base.content):
        return Settlement(other)
    if base.content.startswith(other.content):
        return Settlement(base)
    pairs = zip(base.entries, other.entries, strict=False)
    shared = next((n for n, (one, two) in enumerate(pairs) if one != two), min(len(base.entries), len(other.entries)))
    lost = other.entries[max(shared, known) :]
    theirs = tuple(one for one in lost if not judges.same(one.actor, actor))
    again = Counter(_what(one) for one in base.entries[shared:] if judges.same(one.actor, actor))
    mine = []
    for one in lost:
        if one in theirs:
            continue
        if again[_what(one)] > 0:
            again[_what(one)] -= 1
        else:
            mine.append(one)
    return Settlement(base, tuple(mine), theirs)


def _what(entry: Entry) -> tuple[str, str | None, str]:
    return entry.action, entry.from_, entry.to


@dataclass(frozen=True)
class Again:
    """Entries made again, how the story stands with them, and those that could not be, with the reason."""

    held: Held
    steps: tuple[Step, ...] = ()
    refused: tuple[tuple[Entry, Refusal], ...] = ()

    @property
    def overtaken(self) -> bool:
        """Whether what could not be made again was only too late: the base's side leaves no room for it."""
        return all(isinstance(reason, NoSuchMove) for _, reason in self.refused)


def make_again(
    held: Held,
    entries: Sequence[Entry],
    *,
    lost: Ledger,
    by: Act,
    advance: Callable[[Held, Act], Step],
    unread: bool = False,
) -> Again:
    """Take the actions of some entries of a lost ledger on a story as it stands now, checked anew, as `by` acts.

    One that its state no longer allows is left out; any other refusal ends it. Raises Refusal for words other than
    those an entry signed, but for `unread`.
    """
    steps: list[Step] = []
    refused: list[tuple[Entry, Refusal]] = []
    for number, entry in enumerate(entries):
        act = _act(entry, lost, by)
        try:
            step = advance(held, act if not steps else act._replace(writers=()))
        except NoSuchMove as reason:
            refused.append((entry, reason))
            continue
        except Refusal as reason:
            refused.extend((one, reason) for one in entries[number:])
            break
        if step.entry is None:
            if frontmatter.content_hash(step.story) != entry.content:
                refused.append((entry, NoSuchMove("The words it was made for are not here; write them and sign anew.")))
            continue
        if not unread and (step.entry.content, step.entry.assets) != (entry.content, entry.assets):
            slug = step.story.slug
            message = f"{slug}: its words or pictures are not those of your {entry.action}."
            raise Refusal(message, f"Read them ({step.story.path}), then: story redo {quoted(slug)} --yes")
        steps.append(step)
        held = Held(step.story, step.ledger, held.assets)
    return Again(held, tuple(steps), tuple(refused))


def _act(entry: Entry, lost: Ledger, by: Act) -> Act:
    """The action of an entry of a lost ledger, as it is taken now."""
    before, then = (
        set(required_roles(one)) for one in (fold(lost.entries[: entry.seq - 1]), fold(lost.entries[: entry.seq]))
    )
    role, drop = next(iter(before ^ then), ""), bool(before - then)
    return by._replace(
        action=entry.action,
        note=entry.note or "",
        override=entry.override or "",
        terms=entry.terms,
        role=role,
        drop=drop,
    )


def with_record(held: Held, judges: Judges) -> Held:
    """A story with the record keys its ledger folds to."""
    if held.story is None or held.ledger is None:
        return held
    record = held.ledger.record
    wanted = in_file(record, judges.settings.timezone)
    changes = {key: wanted.get(key) for key, _, _ in disagreements(held.story, record)}
    return Held(frontmatter.edit(held.story, changes), held.ledger, held.assets)
