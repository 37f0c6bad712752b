"""Before and after -> findings: every entry was its maker's right, every file says what its ledger says.

Pure; the command line, CI and the server all ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from newsroom_cli import ledger as ledgers
from newsroom_cli.frontmatter import content_hash
from newsroom_cli.instants import utc
from newsroom_cli.ledger import Entry, Held, Ledger, counted, disagreements
from newsroom_cli.model import Finding, Ident, Severity, Story
from newsroom_cli.pictures import located
from newsroom_cli.pipeline import Move, Record, effects
from newsroom_cli.pipeline import default as default_pipeline
from newsroom_cli.roster import Judges
from newsroom_cli.settings import STRENGTHS, Strength

TOLERANCE = timedelta(minutes=10)
"""How far clocks may differ: an entry against the one before it, and against whoever checks."""


class Kind(Enum):
    """What an objection is: no such move from here, not your right, or a record that is wrong in itself."""

    NO_SUCH_MOVE = "no such move"
    NOT_YOUR_RIGHT = "not your right"
    WRONG_RECORD = "wrong record"


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason an entry may not stand."""

    kind: Kind
    rule: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Circumstances:
    """What judges one story's entries besides the entries: the judges, who counts as reporter, the section.

    `past` is true for entries long there, of which today's roster and pipeline say little; `reporters` then count
    for the entries that name today's `content`, since a byline may have been shared later.
    """

    judges: Judges
    reporters: tuple[Ident, ...] = ()
    section: str = ""
    past: bool = False
    content: str = ""

    @property
    def own_pipeline(self) -> bool:
        """Whether today's pipeline is the newsroom's own, and so may not be the one an old entry was made under."""
        return self.judges.settings.has_own_pipeline


def reporters_of(story: Story | None, entries: Sequence[Entry]) -> tuple[Ident, ...]:
    """Whoever counts as a story's reporter: those it names, the maker of entry 1, those who signed as reporter."""
    named = story.metadata.reporter if story else ()
    made = [entries[0].actor] if entries else []
    signed = [entry.actor for entry in entries[1:] if entry.role == "reporter"]
    return tuple(dict.fromkeys((*named, *made, *signed)))


def roles_at(move: Move, place: int, judges: Judges) -> tuple[str, ...]:
    """The roles that may sign at a place of a move; `@override` is whom the configuration lets lift four eyes."""
    if move.by == ("@override",):
        return judges.settings.trust.override or ("editor",)
    return move.roles(place)


def objections(entry: Entry, before: Sequence[Entry], record: Record, around: Circumstances) -> Iterator[Objection]:
    """Everything against one entry, behind the entries `before` that fold to `record`."""
    state = record.get("state")
    pipeline = around.judges.settings.pipeline
    if entry.from_ != state:
        message = f"{entry.action} starts from {entry.from_ or 'nothing'}, but the story was in {state or 'no state'}."
        yield Objection(Kind.WRONG_RECORD, "entry-state", message, "Take the entry out; make the move with its verb.")
        return
    move = pipeline.move(entry.action, state)
    if move is None:
        if around.past and around.own_pipeline and entry.action in default_pipeline().actions:
            return
        yield Objection(Kind.NO_SUCH_MOVE, "entry-without-row", *no_such_move(entry.action, state, around.judges))
        return
    yield from _time(entry, before)
    if move.note == "required" and not (entry.note or "").strip():
        yield Objection(Kind.WRONG_RECORD, "note-missing", f"{entry.action} needs a note.", "Say why with --note.")
    if not move.begins:
        yield from _signing(entry, before, move, around)
    yield from _effect(entry, before, record, move, around)


def no_such_move(action: str, state: str | None, judges: Judges) -> tuple[str, str]:
    """The refusal, and the ways there are, of an action that has no row from a state."""
    rows = judges.settings.pipeline.moves_from(state) if state else ()
    ways = ", ".join(f"{row.action} (to {row.to})" for row in rows)
    return (
        f"There is no {action} from {state or 'a file without a ledger'}.",
        f"From {state} there is: {ways}." if ways else f"Nothing leads on from {state}.",
    )


def _time(entry: Entry, before: Sequence[Entry]) -> Iterator[Objection]:
    if before and before[-1].moment - entry.moment > TOLERANCE:
        message = f"its time {entry.at} is before the entry above it ({before[-1].at})."
        yield Objection(Kind.WRONG_RECORD, "entry-time", message, "Set the clock right and make the move again.")


def _signing(entry: Entry, before: Sequence[Entry], move: Move, around: Circumstances) -> Iterator[Objection]:
    judges, actor = around.judges, entry.actor
    signed = counted(before, entry.action, content=entry.content, assets=entry.assets)
    place = len(signed)
    if not around.past:
        roles = roles_at(move, min(place, len(move.by) - 1), judges)
        if entry.role not in roles:
            message = f"{entry.action} is next signed by {' or '.join(roles)}, not by {entry.role or 'nobody'}."
            yield Objection(Kind.NOT_YOUR_RIGHT, "sign-off-order", message, who_has(roles, around))
        elif not judges.may_give(actor, entry.role, section=around.section):
            message = f"{actor} is not {a(entry.role)} here."
            yield Objection(Kind.NOT_YOUR_RIGHT, "not-entitled", message, who_has(roles, around))
        if judges.is_among(actor, [one.actor for one in signed]):
            message = f"{actor} signed this {entry.action} already; each place needs another person."
            yield Objection(Kind.NOT_YOUR_RIGHT, "four-eyes", message, who_has(roles, around))
        if entry.action == "ack":
            yield from _acknowledging(entry, before, around)
    yield from four_eyes(entry, before, move, around)


def four_eyes(entry: Entry, before: Sequence[Entry], move: Move, around: Circumstances) -> Iterator[Objection]:
    """Objects to a sign-off by somebody the row excludes, unless `override` was theirs to use."""
    if not move.not_by:
        return
    judges, actor = around.judges, entry.actor
    named = around.reporters if not around.past or entry.content == around.content else ()
    barred = {
        "reporter": ((*named, *reporters_of(None, before)), "is its reporter"),
        "earlier-signers": (_earlier_signers(entry, before, around), "signed an earlier move of it"),
        "text-authors": (_text_authors(entry, before), "changed its words since the last move"),
    }
    for name in move.not_by:
        people, why = barred[name]
        if not judges.is_among(actor, people):
            continue
        if (entry.override or "").strip() and (around.past or judges.may_override(actor)):
            continue
        alone_here = "" if judges.has_roster else "; alone on the desk: --override REASON"
        hint = f"Ask another person{_named(move, around)}{alone_here}."
        if entry.override:
            hint = f"--override is for: {', '.join(judges.settings.trust.override) or 'nobody (see [trust] override)'}."
        message = f"{actor} {why}, and nobody can {entry.action} their own story."
        if name != "reporter":
            message = f"{actor} {why}, and {entry.action} needs somebody else."
        yield Objection(Kind.NOT_YOUR_RIGHT, "four-eyes", message, hint)
        return


def _earlier_signers(entry: Entry, before: Sequence[Entry], around: Circumstances) -> list[Ident]:
    """Everybody who signed a move since the story last began anew, but for this move's own sign-offs."""
    initial = around.judges.settings.pipeline.initial
    signers: list[Ident] = []
    own = True
    for earlier in reversed(before):
        own = own and not earlier.completes
        if earlier.completes and earlier.to == initial:
            break
        if earlier.role not in (None, "reporter") and not (own and earlier.action == entry.action):
            signers.append(earlier.actor)
    return signers


def _text_authors(entry: Entry, before: Sequence[Entry]) -> list[Ident]:
    writers = list(entry.writers)
    for earlier in reversed(before):
        if earlier.completes:
            break
        writers.extend(earlier.writers)
    return idents(writers)


def idents(people: Iterable[str]) -> list[Ident]:
    """People as entries write them; what names nobody is left out."""
    found: list[Ident] = []
    for text in people:
        with suppress(ValueError):
            found.append(Ident.parse(text))
    return found


def _acknowledging(entry: Entry, before: Sequence[Entry], around: Circumstances) -> Iterator[Objection]:
    waiting = unacknowledged(before, around.judges)
    if waiting and all(around.judges.same(entry.actor, one.actor) for one in waiting):
        message = f"{entry.actor} made the override, and somebody else has to acknowledge it."
        roles = around.judges.settings.trust.override
        yield Objection(Kind.NOT_YOUR_RIGHT, "four-eyes", message, who_has(roles, around))


def _effect(
    entry: Entry, before: Sequence[Entry], record: Record, move: Move, around: Circumstances
) -> Iterator[Objection]:
    if around.past and around.own_pipeline:
        return
    pipeline = around.judges.settings.pipeline
    signed = counted(before, entry.action, content=entry.content, assets=entry.assets)
    last = move.begins or len(signed) + 1 >= len(move.by)
    origin = pipeline.initial if move.begins else str(record["state"])
    to = (pipeline.initial if move.begins else move.end(origin)) if last else origin
    if entry.to != to:
        still = f" ({' , '.join(move.by[len(signed) + 1 :])} still to sign)" if not last else ""
        message = f"{entry.action} leads to {to}{still}, not to {entry.to}."
        yield Objection(Kind.WRONG_RECORD, "entry-state", message, "Take the entry out; make the move with its verb.")
        return
    signers = [*(one.by for one in signed), entry.by]
    wanted = effects(pipeline, move, record, signers=signers, at=entry.at) if last else {}
    if dict(entry.set) != wanted:
        keys = sorted(key for key in {*wanted, *entry.set} if wanted.get(key, "") != entry.set.get(key, ""))
        message = f"{entry.action} may not set {', '.join(keys)} this way."
        yield Objection(Kind.WRONG_RECORD, "entry-set", message, "Take the entry out; make the move with its verb.")


def who_has(roles: Iterable[str], around: Circumstances) -> str:
    """A hint that names the roles and, where there is a roster, the people who have them."""
    wanted = tuple(roles)
    people = around.judges.who_may(wanted, section=around.section)
    if not around.judges.has_roster:
        return "Anybody else may: there is no roster."
    return f"{' or '.join(wanted).capitalize()}: {', '.join(people) or 'nobody on the roster'}."


def _named(move: Move, around: Circumstances) -> str:
    roles = [role for place in range(len(move.by)) for role in roles_at(move, place, around.judges)]
    people = around.judges.who_may(roles, section=around.section)
    return f": {', '.join(people)}" if people else ""


def a(role: str) -> str:
    """A role with its article."""
    return f"{'an' if role[:1] in 'aeiou' else 'a'} {role}"


def unacknowledged(entries: Sequence[Entry], judges: Judges) -> list[Entry]:
    """The overrides of four eyes that nobody but their maker has acknowledged yet."""
    waiting: list[Entry] = []
    for entry in entries:
        if entry.action == "ack":
            waiting = [one for one in waiting if judges.same(one.actor, entry.actor)]
        if entry.override:
            waiting.append(entry)
    return waiting


def alone(held: Held, judges: Judges, *, now: datetime) -> Iterator[Finding]:
    """What is wrong with one story's record as one tree holds it, whatever it was before."""
    story, ledger = held.story, held.ledger
    if ledger is None:
        if story is not None:
            yield from _without_ledger(story, judges)
        return
    yield from ledger.findings
    if ledger.findings:
        return
    named, content = (story.metadata.reporter, content_hash(story)) if story else ((), "")
    around = Circumstances(judges, named, past=True, content=content)
    yield from _entries(ledger, around, start=0)
    yield from _clock(ledger, now)
    if story is not None:
        yield from _record(story, ledger)
        yield from _for_readers(held, judges)
        yield from _overrides(story, ledger, judges)


def _entries(ledger: Ledger, around: Circumstances, *, start: int) -> Iterator[Finding]:
    record: Record = ledgers.fold(ledger.entries[:start])
    for number in range(start, len(ledger.entries)):
        entry = ledger.entries[number]
        for objection in objections(entry, ledger.entries[:number], record, around):
            yield error(objection.rule, ledger.path, number + 1, objection.message, objection.hint)
        record = ledgers.fold([entry], record)


def _clock(ledger: Ledger, now: datetime) -> Iterator[Finding]:
    for number, entry in enumerate(ledger.entries, 1):
        if entry.moment - now > TOLERANCE:
            message = f"its time {entry.at} is still to come (it is {utc(now)})."
            yield error("entry-time", ledger.path, number, message, "Set the clock right and make the move again.")


def error(rule: str, path: str, line: int, message: str, hint: str = "", key: str = "") -> Finding:
    """An error at the start of a line."""
    return Finding(rule, Severity.ERROR, path, line, 1, message, hint, key)


def _without_ledger(story: Story, judges: Judges) -> Iterator[Finding]:
    state, initial = story.fields.get("state"), judges.settings.pipeline.initial
    if story.holds("id"):
        path = ledgers.path_of(str(story.fields["id"]))
        hint = f"Bring it back: git restore --source=HEAD~1 {path}; or begin anew: story adopt {story.path}"
        line, column = story.place("id")
        message = f"the story has an id but no ledger ({path})."
        yield Finding("ledger-missing", Severity.ERROR, story.path, line, column, message, hint, "id")
    elif state not in (None, initial):
        line, column = story.place("state")
        message = f"the state was written by hand: no ledger says {state}."
        hint = f"Take the line out, then: story adopt {story.path}"
        yield Finding("record-by-hand", Severity.ERROR, story.path, line, column, message, hint, "state")
    else:
        message, hint = "the story is not taken in yet: it has no id.", f"story adopt {story.path}"
        yield Finding("not-adopted", Severity.INFO, story.path, 1, 1, message, hint, "id")


_VERBS = {"state": "submit, approve, send-back or publish", "editor": "approve", "date": "publish"}


def _record(story: Story, ledger: Ledger) -> Iterator[Finding]:
    for key, have, want in disagreements(story, ledger.record):
        line, column = story.place(key)
        says = "nothing" if have is None else _value(have)
        record = "nothing" if want is None else _value(want)
        message = f"{key} says {says}, the ledger {record}; only `story` writes it."
        put_back = f"write `{key}: {record}`" if want is not None else f"take `{key}` out"
        hint = f"To undo, {put_back}; to move the story, use {_VERBS.get(key, 'its verb')}."
        yield Finding("record-by-hand", Severity.ERROR, story.path, line, column, message, hint, key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _for_readers(held: Held, judges: Judges) -> Iterator[Finding]:
    story, ledger = held.story, held.ledger
    if story is None or ledger is None or not judges.settings.pipeline.is_public(ledger.state):
        return
    signed = ledger.signed_for_readers(judges.settings.pipeline)
    if signed is None:
        return
    way_out = f"story log {story.slug} names the commit that was signed: git restore --source=COMMIT {story.path}"
    if content_hash(story) != signed.content:
        message = f"the published words are not those {signed.by} signed."
        yield error("published-words-changed", story.path, story.body_line, message, way_out)
    for picture in sorted({*signed.assets, *held.assets}):
        if signed.assets.get(picture) != held.assets.get(picture):
            what = "is missing" if picture not in held.assets else "is not the one"
            message = (
                f"the published picture {picture} {what} {signed.by} signed."
                if what != "is missing"
                else (f"the published picture {picture} is missing.")
            )
            line, column = story.place("images")
            where = located(story.path, picture) or picture
            hint = way_out.replace(f"COMMIT {story.path}", f"COMMIT {where}")
            yield Finding(
                "published-picture-changed", Severity.ERROR, story.path, line, column, message, hint, "images"
            )


def _overrides(story: Story, ledger: Ledger, judges: Judges) -> Iterator[Finding]:
    for entry in unacknowledged(ledger.entries, judges):
        message = f"four eyes were lifted at {entry.action} by {entry.by}: {entry.override}"
        hint = f"Another person reads it and says so: story ack {story.slug}"
        line, column = story.place("editor")
        yield Finding("override-unacknowledged", Severity.WARNING, story.path, line, column, message, hint)


@dataclass(frozen=True)
class Update:
    """One story before and after a change, and what the commits in between say where they can be seen.

    By an entry's number (from 1): `strengths`, what they prove of it; `writers`, who changed the content between
    it and the entry above. `reporters` are all whom the story named in between.
    """

    before: Held
    after: Held
    strengths: Mapping[int, Strength] = field(default_factory=dict)
    writers: Mapping[int, tuple[Ident, ...]] = field(default_factory=dict)
    reporters: tuple[Ident, ...] = ()


def update(change: Update, judges: Judges, *, require: Strength) -> Iterator[Finding]:
    """What one change does to one story's record that it may not; `alone` says the rest of the result."""
    before, after = change.before, change.after
    if before.ledger is not None:
        yield from _grown(change, judges)
    if before.story is not None and after.story is None and before.ledger is not None:
        yield from _removed(before.story, before.ledger, judges)
    ledger = after.ledger
    if ledger is None or ledger.findings:
        return
    known = len(before.ledger.entries) if before.ledger else 0
    if before.ledger and not ledger.content.startswith(before.ledger.content):
        return
    story = after.story or before.story
    sides = [held.story.metadata.reporter for held in (before, after) if held.story]
    people = tuple(dict.fromkeys((*(one for side in sides for one in side), *change.reporters)))
    section = (story.metadata.section or "") if story else ""
    yield from _entries(ledger, Circumstances(judges, people, section), start=known)
    yield from _unnamed_writers(change, ledger, judges)
    for number in range(known + 1, len(ledger.entries) + 1):
        strength = change.strengths.get(number, "recorded")
        if STRENGTHS.index(strength) < STRENGTHS.index(require):
            entry = ledger.entries[number - 1]
            message = f"{entry.action} by {entry.by} is only {strength}: no commit of theirs brought it alone."
            hint = f"{entry.actor.name} makes the move and pushes it; one move is one commit."
            yield error("entry-not-attributed", ledger.path, number, message, hint)


def _unnamed_writers(change: Update, ledger: Ledger, judges: Judges) -> Iterator[Finding]:
    """Entries that leave out somebody whose commits changed the words they sign."""
    for number, people in sorted(change.writers.items()):
        if number > len(ledger.entries) or number == 1:
            continue
        entry, above = ledger.entries[number - 1], ledger.entries[number - 2]
        if (entry.content, entry.assets) == (above.content, above.assets):
            continue  # whatever was changed was changed back
        named = idents(entry.writers)
        for person in people:
            if not judges.is_among(person, named):
                message = f"{entry.action} leaves out that {person} changed the words since the entry above."
                hint = "Take the entry out; make the move with its verb."
                yield error("writers-incomplete", ledger.path, number, message, hint)


def _grown(change: Update, judges: Judges) -> Iterator[Finding]:
    old, new = change.before.ledger, change.after.ledger
    if old is None:
        return
    hint = f"Bring it back: git restore --source=BASE {old.path}; then make your moves again."
    if new is None:
        draft = len(old.entries) == 1 and change.after.story is None
        if not draft:
            yield error("ledger-removed", old.path, 1, "the ledger was removed; a ledger only grows.", hint)
    elif new.content.startswith(old.content):
        return
    elif old.content.startswith(new.content):
        gone = len(old.entries) - len(new.entries)
        what = f"its last {gone} entries were" if gone > 1 else "its last entry was"
        verbs = " or ".join(move.action for move in judges.settings.pipeline.moves_from(str(old.state)))
        undo = f"; undo a move by its verb: {verbs}" if verbs else ""
        hint = f"Bring it back: git restore --source=BASE {old.path} and the story{undo}."
        yield error("ledger-rewritten", old.path, len(new.entries) + 1, f"{what} taken out; a ledger only grows.", hint)
    else:
        same = sum(1 for a_, b_ in zip(old.entries, new.entries, strict=False) if a_ == b_)
        yield error("ledger-rewritten", old.path, same + 1, "the ledger was rewritten; a ledger only grows.", hint)


def _removed(story: Story, old: Ledger, judges: Judges) -> Iterator[Finding]:
    if old.signed_for_readers(judges.settings.pipeline) is not None:
        message = "the story was public, and its file is gone."
        hint = f"Bring it back: git restore --source=BASE {story.path}"
        yield error("story-removed", story.path, 1, message, hint)
