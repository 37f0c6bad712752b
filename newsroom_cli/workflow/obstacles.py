"""Everything between a story and a state: what is missing, who has yet to sign, what lapsed; who may go on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import Ident, Severity, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import WAY_OUT, fold, scheduling_entry, sign_offs_given, sign_offs_that_count
from newsroom_cli.record.record_effects import Record, as_required, complete
from newsroom_cli.record.stops import stops_in_force, why_locked
from newsroom_cli.settings.pipeline import Move, Pipeline
from newsroom_cli.settings.settings import Settings
from newsroom_cli.times import format_for_people, parse_instant
from newsroom_cli.verify import objections
from newsroom_cli.verify.objections import Kind, SignOffContext
from newsroom_cli.workflow.advance import as_it_would_be, errors_of_record
from newsroom_cli.workflow.case import Case
from newsroom_cli.workflow.visibility import find_withdrawal


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way: its kind, a sentence without its end, and by name who can take it away.

    Of what a person still has to write, `key` is the key of the front matter, or "words" for the text.
    """

    kind: str
    message: str
    who: tuple[str, ...] = ()
    key: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the obstacle as `why --json` has it."""
        return {"kind": self.kind, "message": self.message, "who": list(self.who)}


@dataclass(frozen=True)
class _Goal:
    """A case, the state its story is to reach, and by whose rules and at which instant."""

    case: Case
    policy: Policy
    target: str
    at: datetime

    @property
    def story(self) -> Story:
        """Return the story as it is."""
        return self.case.story

    @property
    def record(self) -> Record:
        """The record the ledger folds to; a story without one stands at the beginning."""
        ledger = self.case.ledger
        return ledger.record if ledger and ledger.entries else {"state": self.pipeline.initial}

    @property
    def pipeline(self) -> Pipeline:
        """The states and moves in force."""
        return self.policy.settings.pipeline

    @property
    def is_for_readers(self) -> bool:
        """Tell whether readers do not have the story, and are to have it."""
        return self.pipeline.is_public(self.target) and not self.pipeline.is_public(self.record["state"])

    @property
    def way(self) -> list[Move] | None:
        """The moves from where the story stands to the state; None where none lead there."""
        return _find_ways(self.pipeline, str(self.record["state"])).get(self.target)

    def say_time(self, time: str) -> str:
        """Write a ledger's time in the newsroom's zone."""
        return format_for_people(time, self.policy.settings.timezone)


def next_public(pipeline: Pipeline, state: str) -> str:
    """Return the nearest state readers see, `state` itself where it is one or leads to none."""
    ways = _find_ways(pipeline, state)
    public = [name for name in pipeline.names if pipeline.is_public(name) and name in ways]
    return min(public, key=lambda name: len(ways[name]), default=state)


def _find_ways(pipeline: Pipeline, state: str) -> dict[str, list[Move]]:
    """Return the shortest way to each state that can be reached from one, a move a step."""
    ways: dict[str, list[Move]] = {state: []}
    edge = [state]
    while edge:
        start = edge.pop(0)
        for move in pipeline.moves_from(start):
            end = move.end(start)
            if end not in ways:
                ways[end] = [*ways[start], move]
                edge.append(end)
    return ways


def ahead(case: Case, policy: Policy, target: str, *, at: datetime) -> list[Obstacle]:
    """Return everything between a story and a state, in the order it is best taken away.

    Where the record is not in order that is all there is to say: nothing moves before it is.
    """
    goal = _Goal(case, policy, target, at)
    if open_places := list(_open_places_of_correction(goal)):
        return [*open_places, *_uncommitted_files(goal), *_open_overrides(goal)]
    disorder = list(_record_errors(goal))
    if case.ledger is not None and disorder:
        return [*disorder, *_uncommitted_files(goal), *_stops(goal)]
    way = goal.way
    if way is None:
        disorder.append(Obstacle("move", f"no move leads from {goal.record['state']} to {target}"))
    signing = list(_schedule(goal)) or list(_open_places(goal, way or []))
    obstacles = (*disorder, *_uncommitted_files(goal), *_flaws(goal, way or []), *_stops(goal), *signing)
    return [*dict.fromkeys((*obstacles, *_open_overrides(goal)))]


def flaws_ahead(case: Case, policy: Policy, target: str, *, at: datetime) -> list[Obstacle]:
    """Return those of the obstacles before a state that lie in what is written, whatever the record says."""
    goal = _Goal(case, policy, target, at)
    return list(_flaws(goal, goal.way or []))


def actions_open_to(actor: Ident, case: Case, policy: Policy, *, at: datetime) -> list[str]:
    """Return the actions by which a person could take a story on now, as far as story and ledger say.

    A move onwards, or an override to acknowledge, to which the verifier has no objection for this person; what is
    signed as reporter waits for the story's own reporters alone. Words that others must still fill are not looked at.
    """
    pipeline, ledger = policy.settings.pipeline, case.ledger
    if ledger is None or ledger.findings or ledger.state not in pipeline.names:
        return []
    goal = _Goal(case, policy, ledger.state, at)
    moves = (as_required(pipeline, move, goal.record) for move in pipeline.moves if move.starts_from(ledger.state))
    return [move.action for move in moves if _leads_on(goal, move) and _may_sign(actor, goal, move)]


def _leads_on(goal: _Goal, move: Move) -> bool:
    if move.action == "ack":
        return bool(objections.open_overrides(goal.case.entries, goal.policy))
    return move.to is not None and goal.pipeline.names.index(move.to) > goal.pipeline.names.index(goal.target)


def _may_sign(actor: Ident, goal: _Goal, move: Move) -> bool:
    """Tell whether the verifier lets a person give the next sign-off of a move, in one of their roles."""
    policy, reporters = goal.policy, objections.reporters_of(goal.story, goal.case.entries)
    context = SignOffContext(policy, reporters, goal.case.section)
    places = objections.places_of(move, policy)
    mine = policy.roles(actor)
    roles = [*dict.fromkeys(role for roles in places for role in roles)] if mine is None else [*mine]
    if not policy.is_among(actor, reporters):
        for_reporters = {role for roles in places if "reporter" in roles for role in roles}
        roles = [role for role in roles if role not in for_reporters]
    entry, _ = next(_entries_ahead(goal, [move]))
    signed = (entry._replace(by=str(actor), role=role) for role in roles)
    against = (objections.object_to(sign_off, goal.case.entries, goal.record, context) for sign_off in signed)
    return any(all(objection.kind is Kind.WRONG_RECORD for objection in each) for each in against)


def _record_errors(goal: _Goal) -> Iterator[Obstacle]:
    if goal.case.ledger is None and not goal.story.holds("id"):
        yield Obstacle("record", f"not taken in yet: story adopt {shell_quote(goal.story.path)}")
    for finding in errors_of_record(goal.case, goal.policy, goal.at):
        yield Obstacle("record", finding.message.removesuffix("."))


def _uncommitted_files(goal: _Goal) -> Iterator[Obstacle]:
    if goal.case.ledger is not None and (goal.case.uncommitted or goal.case.loose):
        stop = why_locked(goal.pipeline, goal.record, goal.policy.settings.timezone)
        way = f". {stop.way.format(goal.story.slug)}" if stop else f": story save {goal.story.slug}"
        yield Obstacle("uncommitted", f"changed since the last commit{way}")


def _flaws(goal: _Goal, way: Sequence[Move]) -> Iterator[Obstacle]:
    """Yield what the rules have against the story as it would be in each state on the way."""
    settings = goal.policy.settings
    if not way:
        yield from _rule_errors(goal.case, settings, goal.target)
    for entry, record in _entries_ahead(goal, way):
        yield from _rule_errors(as_it_would_be(goal.case, entry, record, settings), settings, entry.to)


def _rule_errors(case: Case, settings: Settings, state: str) -> Iterator[Obstacle]:
    for finding in case.flaws(settings, state):
        if finding.severity is Severity.ERROR:
            missing = finding.rule.startswith("required-") or finding.rule in ("source-empty", "lang-missing")
            place = "" if missing else f"line {finding.line}: "
            message = place + finding.message.removesuffix(".")
            yield Obstacle("missing" if missing else "finding", message, key=finding.key or "words")


def _entries_ahead(goal: _Goal, way: Sequence[Move]) -> Iterator[tuple[Entry, Record]]:
    """Yield the entries that would complete the moves ahead, each with the record the ledger folds to behind it."""
    record, address = goal.record, objections.address_maker(goal.story, goal.policy.settings)
    for seq, move in enumerate(way, len(goal.case.entries) + 1):
        entry = goal.case.next_entry(move.action, "Somebody <>", goal.at)
        entry = entry._replace(seq=seq, from_=str(record["state"]))
        entry = complete(entry, move, record, goal.pipeline, address=address)
        record = fold([entry], record)
        yield entry, record


def _stops(goal: _Goal) -> Iterator[Obstacle]:
    """Yield what holds the story whoever signs: flags, an original readers lack, a schedule that is void."""
    slug, planned = goal.story.slug, scheduling_entry(goal.case.entries)
    record = {**goal.record, "publish_at": None} if planned and goal.is_for_readers else goal.record
    for stop in stops_in_force(goal.pipeline, record, goal.at, goal.policy.settings.timezone):
        yield Obstacle("flag", f"{stop.reason}. {stop.way.format(slug)}")
    if goal.is_for_readers and goal.case.original:
        way = "Publish that one first, or take `update_of` out of this one"
        yield Obstacle("flag", f"is an update of {goal.case.original}, which readers do not have. {way}")
    back = find_withdrawal(goal.case.entries, goal.pipeline) if goal.record.get("pubstatus") == "withheld" else None
    if goal.is_for_readers and back is not None:
        when = goal.say_time(back.at)
        yield Obstacle("flag", f"is withheld: {back.actor.name} took it from readers ({back.action}) at {when}")
    if planned is not None and (reason := goal.case.why_void(planned)):
        yield Obstacle("flag", f"its schedule is void: {reason}. {WAY_OUT.replace('SLUG', slug)}")


def _schedule(goal: _Goal) -> Iterator[Obstacle]:
    """Yield the time a story goes out by itself, or the open places of a time that somebody began to sign."""
    if not goal.is_for_readers:
        return
    planned = scheduling_entry(goal.case.entries)
    if planned is not None and not goal.case.why_void(planned):
        due = str(planned.set["publish_at"])
        come = "its time has come: story release" if parse_instant(due) <= goal.at else "it goes out by itself"
        yield Obstacle("time", f"scheduled for {goal.say_time(due)}; {come}")
        return
    timed = (move for move in goal.pipeline.moves if "publish_at" in move.sets)
    row = next((move for move in timed if move.starts_from(str(goal.record["state"]))), None)
    begun = sign_offs_given(goal.case.entries, row.action) if row else []
    if row is not None and begun and not _was_public_move_signed_since(goal, begun[-1]):
        yield from _open_places_of(goal, row, begun[-1], f" for {goal.say_time(str(begun[-1].terms['publish_at']))}")


def _was_public_move_signed_since(goal: _Goal, entry: Entry) -> bool:
    """Tell whether somebody signed what makes a story public at once behind an entry."""
    rows = (goal.pipeline.move(later.action, later.from_) for later in goal.case.entries[entry.seq :])
    return any(row is not None and row.to for row in rows)


class _Signing(NamedTuple):
    """A move being signed: its row, the entries before it, those that count for it, and one as the next would be."""

    move: Move
    before: Sequence[Entry]
    signed: Sequence[Entry]
    probe: Entry


def _find_sign_offs(move: Move, before: Sequence[Entry], probe: Entry) -> _Signing:
    """Find the sign-offs that count for the words, the pictures and the terms that the next one would sign."""
    signed = sign_offs_that_count(before, move, probe.signed_for)
    return _Signing(move, before, signed, probe)


def _open_places(goal: _Goal, way: Sequence[Move]) -> Iterator[Obstacle]:
    """Yield every place still to be signed on the way, and who lapsed at the next move."""
    before, record = list(goal.case.entries), goal.record
    for number, (entry, after) in enumerate(_entries_ahead(goal, way)):
        # words changed before a later move are that move's
        probe = entry if number else entry._replace(writers=tuple(map(str, goal.case.writers)))
        signing = _find_sign_offs(as_required(goal.pipeline, way[number], record), before, probe)
        yield from _lapsed_sign_offs(goal, signing)
        for place in range(len(signing.signed), len(signing.move.by)):
            yield _describe_place(goal, signing, place, signing.signed if place == len(signing.signed) else ())
        before.append(entry)
        record = after


def _open_places_of_correction(goal: _Goal) -> Iterator[Obstacle]:
    """Yield the places still to be signed of a correction that somebody began, for the words as they are."""
    last = goal.case.entries[-1] if goal.case.entries else None
    row = goal.pipeline.move(last.action, last.from_) if last and not last.completes and not last.set else None
    if last is not None and row is not None and goal.pipeline.is_public(last.from_) and "version" in row.sets:
        yield from _open_places_of(goal, row, last)


def _open_places_of(goal: _Goal, row: Move, last: Entry, terms: str = "") -> Iterator[Obstacle]:
    """Yield the open places of a row whose `last` sign-off counts; none where its words are others now."""
    case, move = goal.case, as_required(goal.pipeline, row, goal.record)
    signing = _find_sign_offs(move, case.entries, last._replace(content=case.content, assets=case.assets))
    for place in range(len(signing.signed), len(move.by)) if signing.signed else ():
        yield _describe_place(goal, signing, place, signing.signed, terms)


def _describe_place(
    goal: _Goal, signing: _Signing, place: int, signed_by: Sequence[Entry], terms: str = ""
) -> Obstacle:
    """Describe one open place of a move, with everybody on the roster who can give it, and who gave others."""
    policy, section, move = goal.policy, goal.case.section, signing.move
    roles = objections.places_of(move, policy)[place]
    context = SignOffContext(policy, objections.reporters_of(goal.story, goal.case.entries), section)
    able = []
    for person in policy.settings.people:
        ident = Ident(person.name, person.emails[0])
        if not any(policy.may_give(ident, role, section=section) for role in roles):
            continue
        gave = policy.is_among(ident, [sign_off.actor for sign_off in signing.signed])
        probe = signing.probe._replace(by=str(ident))
        if not gave and not any(objections.check_four_eyes(probe, signing.before, move, context)):
            able.append(person.name)
    several = len(move.by) > 1
    says = f"as {' or '.join(roles)}" if several else f"to {move.end(str(signing.probe.from_))}"
    names = ", ".join(sign_off.actor.name for sign_off in signed_by)
    given_by = f" (signed: {names})" if names else ""
    given_by += "; nobody else on the roster can" if policy.has_roster and not able else ""
    return Obstacle("sign-off" if several else "move", f"{move.action}{terms} {says}{given_by}", tuple(able))


def _lapsed_sign_offs(goal: _Goal, signing: _Signing) -> Iterator[Obstacle]:
    """Yield the sign-offs of a move that no longer count, and whose change it was."""
    move, before = signing.move, signing.before
    roles = {sign_off.role for sign_off in signing.signed}
    last_by_role = {entry.role: entry for entry in sign_offs_given(before, move.action)}
    for role, entry in last_by_role.items():
        if role in roles or goal.case.is_as_signed(entry):
            continue
        later = [Ident.parse(person).name for after in before if after.seq > entry.seq for person in after.writers]
        people = dict.fromkeys((*later, *(writer.name for writer in goal.case.writers)))
        changed = "the words" if entry.content != goal.case.content else "a picture"
        whose = ", ".join(people) or "somebody"
        message = f"{entry.actor.name} signed {move.action} as {role}, then {whose} changed {changed}"
        yield Obstacle("lapsed", message, (entry.actor.name,))


def _open_overrides(goal: _Goal) -> Iterator[Obstacle]:
    policy, section = goal.policy, goal.case.section
    for entry in objections.open_overrides(goal.case.entries, policy):
        maker = policy.person(entry.actor)
        names = policy.who_may(policy.settings.trust.override, section=section)
        who = tuple(name for name in names if maker is None or name != maker.name)
        yield Obstacle("override", f"four eyes were lifted at {entry.action} by {entry.actor.name}: story ack", who)
