"""Everything between a story and a state: what is missing, who has yet to sign, what lapsed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsroom_cli import rules
from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import Ident, Severity, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import fold, record_in_file, sign_offs_given, sign_offs_that_count
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
from newsroom_cli.workflow.case import Case


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
class _Goal:
    """A case, the state its story is to reach, and by whose rules and at which instant."""

    case: Case
    judges: Policy
    target: str
    at: datetime

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The ledger's entries; none without a ledger."""
        return self.case.ledger.entries if self.case.ledger else ()

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


def ahead(case: Case, judges: Policy, target: str, *, at: datetime) -> list[Obstacle]:
    """Return everything between a story and a state, in the order it is best taken away.

    Where the record is not in order that is all there is to say: nothing moves before it is.
    """
    story, goal = case.story, _Goal(case, judges, target, at)
    if waiting := list(_correcting(story, goal)):
        return [*waiting, *_uncommitted(story, goal), *_overrides(story, goal)]
    broken = list(_record(story, goal))
    if goal.case.ledger is not None and broken:
        return [*broken, *_uncommitted(story, goal), *_flags(story, goal)]
    way = _way(goal.pipeline, str(goal.record["state"]), goal.target)
    if way is None:
        broken.append(Obstacle("move", f"no move leads from {goal.record['state']} to {goal.target}"))
    found = [*broken, *_uncommitted(story, goal), *_flaws(story, goal, way or []), *_flags(story, goal)]
    signing = list(_planned(story, goal)) or list(_moves(story, goal, way or []))
    return [*dict.fromkeys((*found, *signing, *_overrides(story, goal)))]


def _record(story: Story, goal: _Goal) -> Iterator[Obstacle]:
    if goal.case.ledger is None and not story.holds("id"):
        yield Obstacle("record", f"not taken in yet: story adopt {shell_quote(story.path)}")
    for one in check_record(goal.case.held, goal.judges, now=goal.at):
        if one.severity is Severity.ERROR:
            yield Obstacle("record", _sentence(one.message))


def _sentence(message: str) -> str:
    return message.removesuffix(".")


def _uncommitted(story: Story, goal: _Goal) -> Iterator[Obstacle]:
    if goal.case.ledger is not None and (goal.case.uncommitted or goal.case.loose):
        stop = why_locked(goal.pipeline, goal.record, goal.judges.settings.timezone)
        way = f". {stop.way.format(story.slug)}" if stop else f": story save {story.slug}"
        yield Obstacle("uncommitted", f"changed since the last commit{way}")


def _flaws(story: Story, goal: _Goal, way: Sequence[Move]) -> Iterator[Obstacle]:
    """Yield what the rules have against the story as it would be in each state on the way."""
    settings = goal.judges.settings
    if not way:
        yield from _found(story, goal, goal.target)
    for entry, record in _ahead(story, goal, way):
        gone = {key: None for key, value in entry.set.items() if value is None}
        would = frontmatter.with_fields(story, {**gone, **record_in_file(record, settings.timezone)})
        yield from _found(would, goal, entry.to)


def _found(story: Story, goal: _Goal, state: str) -> Iterator[Obstacle]:
    settings = goal.judges.settings
    around = rules.RuleContext.of(goal.case.held, settings, state, loose=goal.case.loose, is_there=goal.case.is_there)
    for one in sorted(rules.check(story, around), key=lambda one: one.place):
        if one.severity is Severity.ERROR:
            missing = one.rule.startswith("required-") or one.rule in ("source-empty", "lang-missing")
            place = "" if missing else f"line {one.line}: "
            yield Obstacle("missing" if missing else "finding", place + _sentence(one.message))


def _ahead(story: Story, goal: _Goal, way: Sequence[Move]) -> Iterator[tuple[Entry, Record]]:
    """The entries that would complete the moves ahead, each with what the ledger folds to behind it."""
    record, content = goal.record, frontmatter.content_hash(story)
    for seq, move in enumerate(way, len(goal.entries) + 1):
        state = str(record["state"])
        by, at = "Somebody <>", format_ledger_time(goal.at)
        address = address_maker(story, goal.judges.settings)
        written = effects(goal.pipeline, move, record, signers=[by], at=at, address=address)
        entry = Entry(
            seq=seq,
            story=str(record.get("id", "")),
            action=move.action,
            from_=state,
            to=move.end(state),
            by=by,
            at=at,
            content=content,
            assets=dict(goal.case.assets),
            set=written,
        )
        record = fold([entry], record)
        yield entry, record


def _flags(story: Story, goal: _Goal) -> Iterator[Obstacle]:
    planned = scheduling_entry(goal.entries)
    record = {**goal.record, "publish_at": None} if planned and goal.is_for_readers else goal.record
    for stop in stops_in_force(goal.pipeline, record, goal.at, goal.judges.settings.timezone):
        yield Obstacle("flag", f"{stop.reason}. {stop.way.format(story.slug)}")
    if goal.is_for_readers and goal.case.original:
        way = "Publish that one first, or take `update_of` out of this one"
        yield Obstacle("flag", f"is an update of {goal.case.original}, which readers do not have. {way}")
    if goal.is_for_readers and (back := _taken_back(goal)) is not None:
        when = goal.told(back.at)
        yield Obstacle("flag", f"is withheld: {back.actor.name} took it from readers ({back.action}) at {when}")
    if planned is not None and (broken := _void(story, goal, planned)):
        yield Obstacle("flag", f"its schedule is void: {broken}. {WAY_OUT.replace('SLUG', story.slug)}")


def _void(story: Story, goal: _Goal, planned: Entry) -> str:
    return why_void(planned, goal.entries, content=frontmatter.content_hash(story), assets=goal.case.assets)


def _taken_back(goal: _Goal) -> Entry | None:
    """The entry by which readers have a story no more; None where they have it or never had."""
    if goal.record.get("pubstatus") != "withheld":
        return None
    is_public = goal.pipeline.is_public
    return next((one for one in reversed(goal.entries) if is_public(one.from_) and not is_public(one.to)), None)


def _planned(story: Story, goal: _Goal) -> Iterator[Obstacle]:
    """The time a story goes out by itself, or the places still to be signed of one that somebody began to sign."""
    if not goal.is_for_readers:
        return
    planned = scheduling_entry(goal.entries)
    if planned is not None and not _void(story, goal, planned):
        due = str(planned.set["publish_at"])
        come = "its time has come: story release" if parse_instant(due) <= goal.at else "it goes out by itself"
        yield Obstacle("time", f"scheduled for {goal.told(due)}; {come}")
        return
    rows = (one for one in goal.pipeline.moves if "publish_at" in one.sets)
    row = next((one for one in rows if one.starts_from(str(goal.record["state"]))), None)
    begun = sign_offs_given(goal.entries, row.action) if row else []
    if row is not None and begun and not _given_since(goal, begun[-1]):
        move = as_required(goal.pipeline, row, goal.record)
        yield from _unfinished(story, goal, move, begun[-1], f" for {goal.told(str(begun[-1].terms['publish_at']))}")


def _given_since(goal: _Goal, entry: Entry) -> bool:
    """Tell whether somebody signed what makes a story public at once behind an entry."""
    rows = (goal.pipeline.move(one.action, one.from_) for one in goal.entries[entry.seq :])
    return any(row is not None and row.to for row in rows)


def _moves(story: Story, goal: _Goal, way: Sequence[Move]) -> Iterator[Obstacle]:
    """Yield every place still to be signed on the way, and who lapsed at the next move."""
    before, record = list(goal.entries), goal.record
    for number, (ahead, after) in enumerate(_ahead(story, goal, way)):
        move = as_required(goal.pipeline, way[number], record)
        signed = sign_offs_that_count(before, move, content=ahead.content, assets=ahead.assets)
        probe = ahead if number else _written_by(ahead, goal.case.writers)
        yield from _lapsed(goal, before, move, signed)
        for place in range(len(signed), len(move.by)):
            done = [one.actor.name for one in signed] if place == len(signed) else []
            yield _open(goal, before, move, place, probe, signed=signed, told=done, story=story)
        before.append(ahead)
        record = after


def _correcting(story: Story, goal: _Goal) -> Iterator[Obstacle]:
    """The places still to be signed of a correction that somebody began, for the words as they are."""
    last = goal.entries[-1] if goal.entries else None
    row = goal.pipeline.move(last.action, last.from_) if last and not last.completes and not last.set else None
    if last is None or row is None or not goal.pipeline.is_public(last.from_) or "version" not in row.sets:
        return
    yield from _unfinished(story, goal, as_required(goal.pipeline, row, goal.record), last)


def _unfinished(story: Story, goal: _Goal, move: Move, last: Entry, terms: str = "") -> Iterator[Obstacle]:
    """The places still to be signed of a move whose `last` sign-off counts; none where its words are others now."""
    content = frontmatter.content_hash(story)
    signed = sign_offs_that_count(goal.entries, move, content=content, assets=goal.case.assets, terms=last.terms)
    told = [one.actor.name for one in signed]
    for place in range(len(signed), len(move.by)) if signed else ():
        one = _open(goal, goal.entries, move, place, last, signed=signed, told=told, story=story)
        yield Obstacle(one.kind, f"{move.action}{terms}{one.message.removeprefix(move.action)}", one.who)


def _written_by(entry: Entry, writers: Sequence[Ident]) -> Entry:
    """An entry with its writers; words changed before a later move are that move's."""
    return entry._replace(writers=tuple(map(str, writers)))


def _open(
    goal: _Goal,
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
    roles = roles_at(move, place, goal.judges)
    section = story.metadata.section or ""
    around = SignOffContext(goal.judges, reporters_of(story, goal.entries), section)
    able = []
    for person in goal.judges.settings.people:
        ident = Ident(person.name, person.emails[0])
        if not any(goal.judges.may_give(ident, role, section=section) for role in roles):
            continue
        theirs = probe._replace(by=str(ident))
        gave = goal.judges.is_among(ident, [one.actor for one in signed])
        if not gave and not any(check_four_eyes(theirs, before, move, around)):
            able.append(person.name)
    several = len(move.by) > 1
    says = f"{move.action} as {' or '.join(roles)}" if several else f"{move.action} to {move.end(str(probe.from_))}"
    given_by = f" (signed: {', '.join(told)})" if told else ""
    given_by += "; nobody else on the roster can" if goal.judges.has_roster and not able else ""
    return Obstacle("sign-off" if several else "move", says + given_by, tuple(able))


def _lapsed(goal: _Goal, before: Sequence[Entry], move: Move, signed: Sequence[Entry]) -> Iterator[Obstacle]:
    """Sign-offs of a move that no longer count, and whose change it was."""
    content, assets = frontmatter.content_hash(goal.case.held.story) if goal.case.held.story else "", goal.case.assets
    roles = {one.role for one in signed}
    last = {one.role: one for one in sign_offs_given(before, move.action)}
    for role, entry in last.items():
        if role in roles or (entry.content, entry.assets) == (content, assets):
            continue
        later = [person for one in before if one.seq > entry.seq for person in one.writers]
        people = dict.fromkeys((*(Ident.parse(one).name for one in later), *(one.name for one in goal.case.writers)))
        what = "the words" if entry.content != content else "a picture"
        whose = ", ".join(people) or "somebody"
        message = f"{entry.actor.name} signed {move.action} as {role}, then {whose} changed {what}"
        yield Obstacle("lapsed", message, (entry.actor.name,))


def _overrides(story: Story, goal: _Goal) -> Iterator[Obstacle]:
    judges = goal.judges
    for entry in open_overrides(goal.entries, judges):
        section = story.metadata.section or ""
        names = judges.who_may(judges.settings.trust.override, section=section)
        maker = judges.person(entry.actor)
        who = tuple(name for name in names if maker is None or name != maker.name)
        yield Obstacle("override", f"four eyes were lifted at {entry.action} by {entry.actor.name}: story ack", who)
