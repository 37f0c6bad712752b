"""Everything between a story and a state: what is missing, who has yet to sign, what lapsed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsroom_cli import rules
from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import Ident, Severity, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Held, fold, record_in_file, sign_offs_given, sign_offs_that_count
from newsroom_cli.record.record_effects import Record, as_required, effects
from newsroom_cli.record.stops import stops_in_force, why_locked
from newsroom_cli.settings.pipeline import Move, Pipeline
from newsroom_cli.story import frontmatter
from newsroom_cli.times import format_for_people, format_ledger_time, parse_instant
from newsroom_cli.verify import (
    WAY_OUT,
    SignOffContext,
    address_maker,
    check_four_eyes,
    check_record,
    open_overrides,
    reporters_of,
    roles_at,
    scheduling_entry,
    why_void,
)


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way: its kind, a sentence without its end, and by name who can take it away."""

    kind: str
    message: str
    who: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The obstacle as `why --json` has it."""
        return {"kind": self.kind, "message": self.message, "who": list(self.who)}


@dataclass(frozen=True)
class Asked:
    """One story, the state it is to reach, and what the tree says of it.

    `writers` changed the words since the last entry; `loose` are pictures git does not hold yet as they are;
    `uncommitted` says that the file differs from what git holds; `original` names the story that this one updates and
    that readers do not have.
    """

    held: Held
    judges: Policy
    target: str
    at: datetime
    writers: tuple[Ident, ...] = ()
    loose: frozenset[str] = frozenset()
    uncommitted: bool = False
    is_there: Callable[[str], bool] | None = None
    original: str = ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The ledger's entries; none without a ledger."""
        return self.held.ledger.entries if self.held.ledger else ()

    @property
    def record(self) -> Record:
        """What the ledger folds to; a story without one stands at the beginning."""
        return fold(self.entries) if self.entries else {"state": self.pipeline.initial}

    @property
    def pipeline(self) -> Pipeline:
        """The states and moves in force."""
        return self.judges.settings.pipeline

    @property
    def is_for_readers(self) -> bool:
        """Whether readers do not have the story, and are to have it."""
        return self.pipeline.is_public(self.target) and not self.pipeline.is_public(self.record["state"])

    def told(self, time: str) -> str:
        """A time as ledgers write it, in the newsroom's zone."""
        return format_for_people(time, self.judges.settings.timezone)


def next_public(pipeline: Pipeline, state: str) -> str:
    """The nearest state readers see, `state` itself where it is one or leads to none."""
    if pipeline.is_public(state):
        return state
    ways = [(way, name) for name in pipeline.names if pipeline.is_public(name) and (way := _way(pipeline, state, name))]
    return min(ways, key=lambda one: len(one[0]))[1] if ways else state


def _way(pipeline: Pipeline, state: str, target: str) -> list[Move] | None:
    """The shortest way from a state to another, a move a step; None where none leads there."""
    ways: dict[str, list[Move]] = {state: []}
    edge = [state]
    while edge and target not in ways:
        here = edge.pop(0)
        for move in pipeline.moves_from(here):
            if (there := move.end(here)) not in ways:
                ways[there] = [*ways[here], move]
                edge.append(there)
    return ways.get(target)


def obstacles(story: Story, asked: Asked) -> list[Obstacle]:
    """Everything between a story and the state asked for, in the order it is best taken away.

    Where the record is not in order that is all there is to say: nothing moves before it is.
    """
    if waiting := list(_correcting(story, asked)):
        return [*waiting, *_uncommitted(story, asked), *_overrides(story, asked)]
    broken = list(_record(story, asked))
    if asked.held.ledger is not None and broken:
        return [*broken, *_uncommitted(story, asked), *_flags(story, asked)]
    way = _way(asked.pipeline, str(asked.record["state"]), asked.target)
    if way is None:
        broken.append(Obstacle("move", f"no move leads from {asked.record['state']} to {asked.target}"))
    found = [*broken, *_uncommitted(story, asked), *_flaws(story, asked, way or []), *_flags(story, asked)]
    signing = list(_planned(story, asked)) or list(_moves(story, asked, way or []))
    return [*dict.fromkeys((*found, *signing, *_overrides(story, asked)))]


def _record(story: Story, asked: Asked) -> Iterator[Obstacle]:
    if asked.held.ledger is None and not story.holds("id"):
        yield Obstacle("record", f"not taken in yet: story adopt {shell_quote(story.path)}")
    for one in check_record(asked.held, asked.judges, now=asked.at):
        if one.severity is Severity.ERROR:
            yield Obstacle("record", _sentence(one.message))


def _sentence(message: str) -> str:
    return message.removesuffix(".")


def _uncommitted(story: Story, asked: Asked) -> Iterator[Obstacle]:
    if asked.held.ledger is not None and (asked.uncommitted or asked.loose):
        stop = why_locked(asked.pipeline, asked.record, asked.judges.settings.timezone)
        way = f". {stop.way.format(story.slug)}" if stop else f": story save {story.slug}"
        yield Obstacle("uncommitted", f"changed since the last commit{way}")


def _flaws(story: Story, asked: Asked, way: Sequence[Move]) -> Iterator[Obstacle]:
    """What the rules have against the story as it would be in each state on the way."""
    settings = asked.judges.settings
    if not way:
        yield from _found(story, asked, asked.target)
    for entry, record in _ahead(story, asked, way):
        gone = {key: None for key, value in entry.set.items() if value is None}
        would = frontmatter.with_fields(story, {**gone, **record_in_file(record, settings.timezone)})
        yield from _found(would, asked, entry.to)


def _found(story: Story, asked: Asked, state: str) -> Iterator[Obstacle]:
    settings = asked.judges.settings
    around = rules.RuleContext.of(asked.held, settings, state, loose=asked.loose, is_there=asked.is_there)
    for one in sorted(rules.check(story, around), key=lambda one: one.place):
        if one.severity is Severity.ERROR:
            missing = one.rule.startswith("required-") or one.rule in ("source-empty", "lang-missing")
            place = "" if missing else f"line {one.line}: "
            yield Obstacle("missing" if missing else "finding", place + _sentence(one.message))


def _ahead(story: Story, asked: Asked, way: Sequence[Move]) -> Iterator[tuple[Entry, Record]]:
    """The entries that would complete the moves ahead, each with what the ledger folds to behind it."""
    record, content = asked.record, frontmatter.content_hash(story)
    for seq, move in enumerate(way, len(asked.entries) + 1):
        state = str(record["state"])
        by, at = "Somebody <>", format_ledger_time(asked.at)
        address = address_maker(story, asked.judges.settings)
        written = effects(asked.pipeline, move, record, signers=[by], at=at, address=address)
        entry = Entry(
            seq=seq,
            story=str(record.get("id", "")),
            action=move.action,
            from_=state,
            to=move.end(state),
            by=by,
            at=at,
            content=content,
            assets=dict(asked.held.assets),
            set=written,
        )
        record = fold([entry], record)
        yield entry, record


def _flags(story: Story, asked: Asked) -> Iterator[Obstacle]:
    planned = scheduling_entry(asked.entries)
    record = {**asked.record, "publish_at": None} if planned and asked.is_for_readers else asked.record
    for stop in stops_in_force(asked.pipeline, record, asked.at, asked.judges.settings.timezone):
        yield Obstacle("flag", f"{stop.reason}. {stop.way.format(story.slug)}")
    if asked.is_for_readers and asked.original:
        way = "Publish that one first, or take `update_of` out of this one"
        yield Obstacle("flag", f"is an update of {asked.original}, which readers do not have. {way}")
    if asked.is_for_readers and (back := _taken_back(asked)) is not None:
        when = asked.told(back.at)
        yield Obstacle("flag", f"is withheld: {back.actor.name} took it from readers ({back.action}) at {when}")
    if planned is not None and (broken := _void(story, asked, planned)):
        yield Obstacle("flag", f"its schedule is void: {broken}. {WAY_OUT.replace('SLUG', story.slug)}")


def _void(story: Story, asked: Asked, planned: Entry) -> str:
    return why_void(planned, asked.entries, content=frontmatter.content_hash(story), assets=asked.held.assets)


def _taken_back(asked: Asked) -> Entry | None:
    """The entry by which readers have a story no more; None where they have it or never had."""
    if asked.record.get("pubstatus") != "withheld":
        return None
    is_public = asked.pipeline.is_public
    return next((one for one in reversed(asked.entries) if is_public(one.from_) and not is_public(one.to)), None)


def _planned(story: Story, asked: Asked) -> Iterator[Obstacle]:
    """The time a story goes out by itself, or the places still to be signed of one that somebody began to sign."""
    if not asked.is_for_readers:
        return
    planned = scheduling_entry(asked.entries)
    if planned is not None and not _void(story, asked, planned):
        due = str(planned.set["publish_at"])
        come = "its time has come: story release" if parse_instant(due) <= asked.at else "it goes out by itself"
        yield Obstacle("time", f"scheduled for {asked.told(due)}; {come}")
        return
    rows = (one for one in asked.pipeline.moves if "publish_at" in one.sets)
    row = next((one for one in rows if one.starts_from(str(asked.record["state"]))), None)
    begun = sign_offs_given(asked.entries, row.action) if row else []
    if row is not None and begun and not _given_since(asked, begun[-1]):
        move = as_required(asked.pipeline, row, asked.record)
        yield from _unfinished(story, asked, move, begun[-1], f" for {asked.told(str(begun[-1].terms['publish_at']))}")


def _given_since(asked: Asked, entry: Entry) -> bool:
    """Whether somebody signed what makes a story public at once behind an entry."""
    rows = (asked.pipeline.move(one.action, one.from_) for one in asked.entries[entry.seq :])
    return any(row is not None and row.to for row in rows)


def _moves(story: Story, asked: Asked, way: Sequence[Move]) -> Iterator[Obstacle]:
    """Every place still to be signed on the way, and who lapsed at the next move."""
    before, record = list(asked.entries), asked.record
    for number, (ahead, after) in enumerate(_ahead(story, asked, way)):
        move = as_required(asked.pipeline, way[number], record)
        signed = sign_offs_that_count(before, move, content=ahead.content, assets=ahead.assets)
        probe = ahead if number else _written_by(ahead, asked.writers)
        yield from _lapsed(asked, before, move, signed)
        for place in range(len(signed), len(move.by)):
            done = [one.actor.name for one in signed] if place == len(signed) else []
            yield _open(asked, before, move, place, probe, signed=signed, told=done, story=story)
        before.append(ahead)
        record = after


def _correcting(story: Story, asked: Asked) -> Iterator[Obstacle]:
    """The places still to be signed of a correction that somebody began, for the words as they are."""
    last = asked.entries[-1] if asked.entries else None
    row = asked.pipeline.move(last.action, last.from_) if last and not last.completes and not last.set else None
    if last is None or row is None or not asked.pipeline.is_public(last.from_) or "version" not in row.sets:
        return
    yield from _unfinished(story, asked, as_required(asked.pipeline, row, asked.record), last)


def _unfinished(story: Story, asked: Asked, move: Move, last: Entry, terms: str = "") -> Iterator[Obstacle]:
    """The places still to be signed of a move whose `last` sign-off counts; none where its words are others now."""
    content = frontmatter.content_hash(story)
    signed = sign_offs_that_count(asked.entries, move, content=content, assets=asked.held.assets, terms=last.terms)
    told = [one.actor.name for one in signed]
    for place in range(len(signed), len(move.by)) if signed else ():
        one = _open(asked, asked.entries, move, place, last, signed=signed, told=told, story=story)
        yield Obstacle(one.kind, f"{move.action}{terms}{one.message.removeprefix(move.action)}", one.who)


def _written_by(entry: Entry, writers: Sequence[Ident]) -> Entry:
    """An entry with its writers; words changed before a later move are that move's."""
    return entry._replace(writers=tuple(map(str, writers)))


def _open(
    asked: Asked,
    before: Sequence[Entry],
    move: Move,
    place: int,
    probe: Entry,
    *,
    signed: Sequence[Entry],
    told: Sequence[str],
    story: Story,
) -> Obstacle:
    """One place of a move that is open, and everybody on the roster who can give it."""
    roles = roles_at(move, place, asked.judges)
    section = story.metadata.section or ""
    around = SignOffContext(asked.judges, reporters_of(story, asked.entries), section)
    able = []
    for person in asked.judges.settings.people:
        ident = Ident(person.name, person.emails[0])
        if not any(asked.judges.may_give(ident, role, section=section) for role in roles):
            continue
        theirs = probe._replace(by=str(ident))
        gave = asked.judges.is_among(ident, [one.actor for one in signed])
        if not gave and not any(check_four_eyes(theirs, before, move, around)):
            able.append(person.name)
    several = len(move.by) > 1
    says = f"{move.action} as {' or '.join(roles)}" if several else f"{move.action} to {move.end(str(probe.from_))}"
    given_by = f" (signed: {', '.join(told)})" if told else ""
    given_by += "; nobody else on the roster can" if asked.judges.has_roster and not able else ""
    return Obstacle("sign-off" if several else "move", says + given_by, tuple(able))


def _lapsed(asked: Asked, before: Sequence[Entry], move: Move, signed: Sequence[Entry]) -> Iterator[Obstacle]:
    """Sign-offs of a move that no longer count, and whose change it was."""
    content, assets = frontmatter.content_hash(asked.held.story) if asked.held.story else "", asked.held.assets
    roles = {one.role for one in signed}
    last = {one.role: one for one in sign_offs_given(before, move.action)}
    for role, entry in last.items():
        if role in roles or (entry.content, entry.assets) == (content, assets):
            continue
        later = [person for one in before if one.seq > entry.seq for person in one.writers]
        people = dict.fromkeys((*(Ident.parse(one).name for one in later), *(one.name for one in asked.writers)))
        what = "the words" if entry.content != content else "a picture"
        whose = ", ".join(people) or "somebody"
        message = f"{entry.actor.name} signed {move.action} as {role}, then {whose} changed {what}"
        yield Obstacle("lapsed", message, (entry.actor.name,))


def _overrides(story: Story, asked: Asked) -> Iterator[Obstacle]:
    judges = asked.judges
    for entry in open_overrides(asked.entries, judges):
        section = story.metadata.section or ""
        names = judges.who_may(judges.settings.trust.override, section=section)
        maker = judges.person(entry.actor)
        who = tuple(name for name in names if maker is None or name != maker.name)
        yield Obstacle("override", f"four eyes were lifted at {entry.action} by {entry.actor.name}: story ack", who)
