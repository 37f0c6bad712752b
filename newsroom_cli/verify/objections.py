"""One entry: it has to be its maker's right, and to do what its row says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, tzinfo
from enum import Enum
from itertools import chain, takewhile
from types import MappingProxyType
from typing import NamedTuple

from newsroom_cli.addresses import is_address, make_address
from newsroom_cli.model import Ident, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger as ledgers
from newsroom_cli.record.conditions import check_terms
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.record_effects import (
    AddressMaker,
    Record,
    as_required,
    change_required_roles,
    complete,
    required_roles,
)
from newsroom_cli.record.stops import Stop, stops_in_force, why_stopped
from newsroom_cli.settings.pipeline import ANYONE, REQUIRE, ROLE, Move
from newsroom_cli.settings.pipeline import default as default_pipeline
from newsroom_cli.settings.settings import Settings
from newsroom_cli.story.frontmatter import content_hash
from newsroom_cli.times import TOLERANCE, format_for_people, parse_instant

SUBMIT = "submit"
"""The action that hands a story in; whoever takes it counts as a reporter of the story."""
LIFTS_FOUR_EYES = frozenset({"approve", "publish", "schedule", "correct"})
"""The actions whose verbs have the option --override."""
_HANDED_IN = "handed-in"


class Kind(Enum):
    """The kinds of objections: no such move from here, not your right, or a record that is wrong in itself."""

    NO_SUCH_MOVE = "no such move"
    NOT_YOUR_RIGHT = "not your right"
    WRONG_RECORD = "wrong record"


class Objection(NamedTuple):
    """One reason an entry may not stand."""

    kind: Kind
    rule: str
    message: str
    hint: str = ""


class SignOffContext(NamedTuple):
    """Everything a sign-off is judged by besides the entries: the policy, who counts as reporter, the section.

    `past` is true for entries long there, of which today's roster and pipeline say little; `reporters` then count
    for the entries that name the content of `story`, since `reporter` may name more people later. `sections` are those
    that other words of the story named, by content hash.
    """

    policy: Policy
    reporters: tuple[Ident, ...] = ()
    section: str = ""
    past: bool = False
    story: Story | None = None
    sections: Mapping[str, str] = MappingProxyType({})


def reporters_of(story: Story | None, entries: Sequence[Entry]) -> tuple[Ident, ...]:
    """Return the reporters of a story: those it names, the maker of entry 1, those who signed as reporter."""
    named = story.metadata.reporter if story else ()
    made = [entries[0].actor] if entries else []
    signed = [entry.actor for entry in entries[1:] if entry.role == "reporter"]
    return tuple(dict.fromkeys((*named, *made, *signed)))


def places_of(move: Move, policy: Policy) -> tuple[tuple[str, ...], ...]:
    """Return the roles that may sign at each place of a move.

    `@override` is whom the configuration lets lift four eyes, without a roster an editor; `@publish` whoever signs
    where words become public.
    """
    if move.by == ("@override",):
        return (policy.settings.trust.override or (() if policy.has_roster else ("editor",)),)
    if move.by == ("@publish",):
        return (policy.settings.pipeline.publishers or ("editor",),)
    return move.places


def object_to(entry: Entry, before: Sequence[Entry], record: Record, context: SignOffContext) -> Iterator[Objection]:
    """Yield every objection to one entry, behind the entries `before` that fold to `record`."""
    state = record.get("state")
    settings = context.policy.settings
    pipeline, zone = settings.pipeline, settings.timezone
    if entry.from_ != state:
        message = f"{entry.action} starts from {entry.from_ or 'nothing'}, but the story was in {state or 'no state'}."
        yield Objection(Kind.WRONG_RECORD, "entry-state", message, "Take the entry out; make the move with its verb.")
        return
    move = pipeline.move(entry.action, state)
    if move is None:
        is_known = entry.action in {*pipeline.actions, *default_pipeline().actions}
        if not (context.past and is_known and (settings.has_own_pipeline or _moves_nothing(entry))):
            why = no_such_move(entry.action, record, context.policy, entry.moment)
            yield Objection(Kind.NO_SUCH_MOVE, "entry-without-row", *why)
        return
    if stop := why_stopped(pipeline, move, record, entry.moment, zone):
        yield Objection(Kind.NO_SUCH_MOVE, "entry-without-row", *not_now(entry.action, stop))
        return
    move = as_required(pipeline, move, record)
    if before and before[-1].at > entry.at and before[-1].moment - entry.moment > TOLERANCE:
        message = f"its time {entry.at} is before the entry above it ({before[-1].at})."
        yield Objection(Kind.WRONG_RECORD, "entry-time", message, "Set the clock right and make the move again.")
    if move.note == "required" and not (entry.note or "").strip():
        yield Objection(Kind.WRONG_RECORD, "note-missing", f"{entry.action} needs a note.", "Say why with --note.")
    for flaw in check_terms(move, entry.terms, record, entry.moment, zone) if entry.terms or move.terms else ():
        yield Objection(Kind.NO_SUCH_MOVE, "entry-set", f"{entry.action} {flaw.says}.", flaw.way)
    yield from _check_right(entry, before, move, context)
    yield from _check_effect(entry, before, record, move, context)


def _check_right(entry: Entry, before: Sequence[Entry], move: Move, context: SignOffContext) -> Iterator[Objection]:
    """Object to an entry that was not its maker's right; of one long there only four eyes are judged."""
    if move.begins:
        yield from () if context.past else check_beginning(entry.actor, move, context)
    elif move.by == (ANYONE,):
        yield from _check_planned(entry, before, context.policy.settings.timezone)
    elif not context.past:
        yield from _check_signing(entry, before, move, context)
    elif move.not_by:
        yield from check_four_eyes(entry, before, move, context)


def check_beginning(actor: Ident, move: Move, context: SignOffContext) -> Iterator[Objection]:
    """Objects to a story begun by somebody who has none of the roles its row names; most rows name none."""
    roles = places_of(move, context.policy)[0] if move.by else ()
    if roles and not any(context.policy.may_give(actor, role, section=context.section) for role in roles):
        message = not_entitled(actor, roles[0], context)
        yield Objection(Kind.NOT_YOUR_RIGHT, "not-entitled", message, who_has(roles, context))


def not_now(action: str, stop: Stop) -> tuple[str, str]:
    """Return message and hint for an action that a flag stops, or that lacks one; SLUG stands for the name."""
    return f"There is no {action} now: the story {stop.reason}.", stop.way.format("SLUG")


def no_such_move(action: str, record: Record, policy: Policy, at: datetime) -> tuple[str, str]:
    """Return message and hint for an action without a row from a story's state; the hint names the ways there are."""
    state, pipeline = record.get("state"), policy.settings.pipeline
    rows = [row for row in pipeline.ways_from(state) if not why_stopped(pipeline, row, record, at)] if state else []
    ways = ", ".join(f"{row.action} (to {row.to})" if row.to else row.action for row in rows)
    hint = f"From {state} there is: {ways}."
    if not ways:
        stops = stops_in_force(pipeline, record, at, policy.settings.timezone)
        why = (f" It {stop.reason}. {stop.way.format('SLUG')}." for stop in stops)
        hint = f"Nothing leads on from {state}.{''.join(why)}"
    return f"There is no {action} from {state or 'a file without a ledger'}.", hint


def _check_planned(entry: Entry, before: Sequence[Entry], zone: tzinfo) -> Iterator[Objection]:
    """Objects to words that go out by themselves and are not those that were signed for their time."""
    if entry.role is not None:
        message = f"{entry.action} is signed in no role, not as {entry.role}."
        yield Objection(Kind.WRONG_RECORD, "entry-set", message, "Take the entry out; make the move with its verb.")
    planned = ledgers.scheduling_entry(before)
    if planned is None:
        return
    due, stopped = str(planned.set["publish_at"]), (Kind.NO_SUCH_MOVE, "entry-without-row")
    if why := ledgers.why_void(planned, before, content=entry.content, assets=entry.assets):
        yield Objection(*stopped, f"The schedule is void: {why}.", ledgers.WAY_OUT)
    elif entry.moment < parse_instant(due):
        message = f"Its time is {format_for_people(due, zone)}, and it is {format_for_people(entry.at, zone)}."
        yield Objection(*stopped, message, "It goes out then: story release")


def _check_signing(entry: Entry, before: Sequence[Entry], move: Move, context: SignOffContext) -> Iterator[Objection]:
    """Objects to a new sign-off that is not its maker's right."""
    policy, actor = context.policy, entry.actor
    signed = ledgers.sign_offs_that_count(before, move, entry.signed_for)
    roles = places_of(move, policy)[len(signed)]
    against: list[tuple[str, str]] = []
    if not roles:
        message, hint = f"Nobody may {entry.action} here.", "Name a role in newsroom.toml: [trust] override = [...]"
        yield Objection(Kind.NOT_YOUR_RIGHT, "not-entitled", message, hint)
    elif entry.role not in roles:
        message = f"{entry.action} is next signed by {' or '.join(roles)}, not by {entry.role or 'nobody'}."
        against.append(("sign-off-order", message + _say_other_terms(entry, before, policy)))
    elif not policy.may_give(actor, entry.role, section=context.section):
        against.append(("not-entitled", not_entitled(actor, entry.role, context)))
    if policy.is_among(actor, [earlier.actor for earlier in signed]):
        against.append(("four-eyes", f"{actor} signed this {entry.action} already; each place needs another person."))
    for rule, message in against:
        barred = [*(earlier.actor for earlier in signed), *_barred_by(entry, before, move, context)]
        yield Objection(Kind.NOT_YOUR_RIGHT, rule, message, who_has(roles, context, but=barred))
    if entry.action == "ack":
        yield from _check_acknowledging(entry, before, context)
    yield from check_four_eyes(entry, before, move, context)


def _barred_by(entry: Entry, before: Sequence[Entry], move: Move, context: SignOffContext) -> list[Ident]:
    """Everybody whom a row bars from signing this entry."""
    return [person for name in _spell_out_bars(move) for person in _BARRED[name][0](entry, before, context)]


def _spell_out_bars(move: Move) -> tuple[str, ...]:
    """Whom a row bars, spelt out: who handed a story in counts as its reporter."""
    return (*move.not_by, *((_HANDED_IN,) if "reporter" in move.not_by else ()))


def _say_other_terms(entry: Entry, before: Sequence[Entry], policy: Policy) -> str:
    """Who signed the same move on another time, kind or notice last; empty where nobody did."""
    given = reversed(ledgers.sign_offs_given(before, entry.action))
    last = next((earlier for earlier in given if earlier.terms != entry.terms), None)
    if last is None:
        return ""
    zone = policy.settings.timezone
    terms = ", ".join(f"{key} {format_for_people(value, zone)}" for key, value in last.terms.items())
    return f" {last.actor.name} signed it on {terms}."


def check_four_eyes(entry: Entry, before: Sequence[Entry], move: Move, context: SignOffContext) -> Iterator[Objection]:
    """Objects to a sign-off by somebody the row excludes, unless `override` was theirs to use."""
    policy, actor, lifts = context.policy, entry.actor, bool((entry.override or "").strip())
    if lifts and (context.past or policy.may_override(actor)):
        return
    for name in _spell_out_bars(move):
        barred, why = _BARRED[name]
        if not policy.is_among(actor, barred(entry, before, context)):
            continue
        ways = _name_candidates(move, context, _barred_by(entry, before, move, context))
        if not policy.has_roster and entry.action in LIFTS_FOUR_EYES:
            ways += "; alone on the desk: --override REASON"
        if name == _HANDED_IN:
            ways += _way_to_hand_in_anew(before, context)
        hint = _say_who_may_lift(context) if entry.override else f"Ask another person{ways}."
        needs = f"{entry.action} needs somebody else"
        if name == "reporter":
            needs = f"nobody can {entry.action} their own story"
        yield Objection(Kind.NOT_YOUR_RIGHT, "four-eyes", f"{actor} {why}, and {needs}.", hint)
        return
    if lifts:
        message = f"{actor} may not lift four eyes, which bar nobody here."
        yield Objection(Kind.NOT_YOUR_RIGHT, "not-entitled", message, _say_who_may_lift(context))


def _way_to_hand_in_anew(before: Sequence[Entry], context: SignOffContext) -> str:
    """The way out for whoever handed in for a reporter: the story goes back, and the reporter does it."""
    start = next(entry.from_ for entry in reversed(before) if entry.action == SUBMIT)
    back = [move.action for move in context.policy.settings.pipeline.moves_from(before[-1].to) if move.to == start]
    return f"; or it goes back ({' or '.join(back)}) and its reporter hands it in" if back else ""


def _say_who_may_lift(context: SignOffContext) -> str:
    """Whom the configuration lets lift four eyes."""
    lifting = context.policy.settings.trust.override
    lifters = ", ".join(context.policy.who_may(lifting, section=context.section)) or "nobody on the roster"
    hint = f"--override is for: {', '.join(lifting)} ({lifters})."
    return hint if lifting else "--override is for: nobody (see [trust] override)."


def _reporters(entry: Entry, before: Sequence[Entry], context: SignOffContext) -> tuple[Ident, ...]:
    made, story = reporters_of(None, before), context.story
    every = (*context.reporters, *made)
    if not context.past:
        return every
    if story is None or not context.policy.is_among(entry.actor, every):
        return made
    return every if entry.content == content_hash(story) else made


def _submitters(entry: Entry, before: Sequence[Entry], context: SignOffContext) -> list[Ident]:
    """Whoever handed the story in, in whatever role, since it last went back to where it is handed in from."""
    del entry, context
    makers: list[Ident] = []
    returned: set[str] = set()
    for earlier in reversed(before):
        if earlier.action == SUBMIT and earlier.from_ not in returned:
            makers.append(earlier.actor)
        if earlier.completes:
            returned.add(earlier.to)
    return makers


def _earlier_signers(entry: Entry, before: Sequence[Entry], context: SignOffContext) -> list[Ident]:
    """Everybody who signed a move since the story last began anew or went public, but for this move's own sign-offs.

    An acknowledgement and a role asked for move nothing, and sign nothing; nor does who takes a story from readers.
    """
    pipeline = context.policy.settings.pipeline
    signers: list[Ident] = []
    own = True
    for earlier in reversed(before):
        own = own and not earlier.completes
        if ledgers.signs_for_readers(earlier, pipeline) or (earlier.completes and earlier.to == pipeline.initial):
            break
        row = pipeline.move(earlier.action, earlier.from_)
        if (row is not None and row.to is None) or pipeline.is_public(earlier.from_):
            continue
        if earlier.role not in (None, "reporter") and not (own and earlier.action == entry.action):
            signers.append(earlier.actor)
    return signers


def _text_authors(entry: Entry, before: Sequence[Entry], context: SignOffContext) -> list[Ident]:
    """Everybody who changed the words since the last completed move."""
    del context
    since = takewhile(lambda earlier: not earlier.completes, reversed(before))
    return parse_people(writer for signed in (entry, *since) for writer in signed.writers)


_BARRED: Mapping[str, tuple[Callable[[Entry, Sequence[Entry], SignOffContext], Sequence[Ident]], str]] = {
    "reporter": (_reporters, "is its reporter"),
    _HANDED_IN: (_submitters, "handed it in"),
    "earlier-signers": (_earlier_signers, "signed an earlier move of it"),
    "text-authors": (_text_authors, "changed its words since the last move"),
}
"""Whom a row may bar, and why, in words that follow their name."""


def parse_people(people: Iterable[str]) -> list[Ident]:
    """Parse people as entries write them; what names nobody is left out."""
    parsed: list[Ident] = []
    for text in people:
        with suppress(ValueError):
            parsed.append(Ident.parse(text))
    return parsed


def _check_acknowledging(entry: Entry, before: Sequence[Entry], context: SignOffContext) -> Iterator[Objection]:
    waiting = open_overrides(before, context.policy)
    if waiting and all(context.policy.same(entry.actor, waiting_entry.actor) for waiting_entry in waiting):
        message = f"{entry.actor} made the override, and somebody else has to acknowledge it."
        roles = context.policy.settings.trust.override
        hint = who_has(roles, context, but=[lifted.actor for lifted in waiting])
        yield Objection(Kind.NOT_YOUR_RIGHT, "four-eyes", message, hint)


def _moves_nothing(entry: Entry) -> bool:
    """Tell whether an entry is one sign-off of several: of how many, the rows of its own day said."""
    return entry.to == entry.from_ and not entry.set


def _check_effect(
    entry: Entry, before: Sequence[Entry], record: Record, move: Move, context: SignOffContext
) -> Iterator[Objection]:
    """Objects to an entry that leads elsewhere than its row, or writes other than that does."""
    settings, remake = context.policy.settings, "Take the entry out; make the move with its verb."
    if context.past and (settings.has_own_pipeline or _moves_nothing(entry)):
        return
    if context.past and ledgers.sign_offs_given(before, entry.action):
        return
    signed = ledgers.sign_offs_that_count(before, move, entry.signed_for)
    last = move.begins or len(signed) + 1 == len(move.by)
    asked = _roles_asked_for(entry, record, context) if REQUIRE in move.sets else None
    made = entry._replace(to=str(entry.from_), set={})
    if last:
        roles, address = None if isinstance(asked, Objection) else asked, _address_for(entry, context)
        made = complete(entry, move, record, settings.pipeline, signed=signed, roles=roles, address=address)
    if entry.to != made.to:
        still = f" ({', '.join(move.by[len(signed) + 1 :])} still to sign)" if not last else ""
        message = f"{entry.action} leads to {made.to}{still}, not to {entry.to}."
        yield Objection(Kind.WRONG_RECORD, "entry-state", message, remake)
    elif isinstance(asked, Objection):
        yield asked
    elif entry.set != made.set:
        keys = sorted(key for key in {*made.set, *entry.set} if made.set.get(key, "") != entry.set.get(key, ""))
        message = f"{entry.action} may not set {', '.join(keys)} this way."
        yield Objection(Kind.WRONG_RECORD, "entry-set", message, remake)


def address_maker(story: Story, settings: Settings) -> AddressMaker:
    """Return a function that makes a story's address of the time it first went public, by the newsroom's permalink.

    Of what is no time, as a forged entry may have it, no address is made.
    """

    def address_of(at: str) -> str | None:
        try:
            day = parse_instant(at).astimezone(settings.timezone)
        except (ValueError, OverflowError):
            return None
        return make_address(
            settings.permalink,
            slug=story.slug,
            section=story.metadata.section or "",
            day=day,
            unicode=settings.slugs == "unicode",
        )

    return address_of


def _address_for(entry: Entry, context: SignOffContext) -> AddressMaker:
    """Give what makes the address an entry has to set.

    Of a new entry whose words are there, that of today's permalink. Of any other neither the permalink nor the section
    of its day is known, and whatever is an address will do.
    """
    story, own = context.story, entry.set.get("address")
    if not context.past and story is not None and entry.content == content_hash(story):
        return address_maker(story, context.policy.settings)
    return lambda _at: own if is_address(own) else None


def _roles_asked_for(entry: Entry, record: Record, context: SignOffContext) -> list[str] | Objection:
    """The roles a story asks for behind an entry that changes them, by one and no more; else why it may not."""
    asked = required_roles(dict(entry.set))
    role = min({*asked} ^ {*required_roles(record)}, default="")
    wanted = change_required_roles(record, role, drop=role not in asked) if ROLE.fullmatch(role) else None
    if wanted is None:
        message = f"{entry.action} asks for one more role, or takes one back; this does neither."
        hint = "Take the entry out; story require SLUG ROLE [--drop] makes it."
        return Objection(Kind.WRONG_RECORD, "entry-set", message, hint)
    if role in asked and not context.past and not context.policy.knows_role(role):
        return Objection(Kind.WRONG_RECORD, "entry-set", *no_such_role(role, context.policy))
    return wanted


def no_such_role(role: str, policy: Policy) -> tuple[str, str]:
    """Return message and hint for a role that nobody on the roster has; the hint names the roles there are."""
    return f"Nobody on the roster is {with_article(role)}.", f"Roles are {', '.join(policy.all_roles)}."


def who_has(roles: Iterable[str], context: SignOffContext, *, but: Sequence[Ident] = ()) -> str:
    """Return a hint that names the roles and, where there is a roster, the people who have them, `but` for some."""
    wanted = tuple(roles)
    people = context.policy.who_may(wanted, section=context.section, but=but)
    if not context.policy.has_roster:
        return "Anybody else may: there is no roster."
    others = "else " if context.policy.who_may(wanted, section=context.section) else ""
    nobody = f"nobody {others}on the roster (story people add)"
    return f"{' or '.join(wanted).capitalize()}: {', '.join(people) or nobody}."


def _name_candidates(move: Move, context: SignOffContext, barred: Sequence[Ident]) -> str:
    """Whom to ask instead of those who are barred."""
    roles = chain.from_iterable(places_of(move, context.policy))
    people = context.policy.who_may(roles, section=context.section, but=barred)
    if not people and context.policy.has_roster:
        return " (nobody else on the roster may: story people add)"
    return f": {', '.join(people)}" if people else ""


def not_entitled(actor: Ident, role: str, context: SignOffContext) -> str:
    """Return why somebody cannot act in a role: they are not on the roster, or not in that role."""
    if context.policy.person(actor) is None:
        return f"{actor} is not on the roster."
    return f"{actor} is not {with_article(role)}{f' in {context.section}' if context.section else ' here'}."


def with_article(role: str) -> str:
    """Return a role with its article: `an editor`."""
    return f"{'an' if role[:1] in 'aeiou' else 'a'} {role}"


def open_overrides(entries: Sequence[Entry], policy: Policy) -> list[Entry]:
    """Return the entries that lifted four eyes and that nobody but their maker has acknowledged yet."""
    waiting: list[Entry] = []
    for entry in entries:
        if entry.action == "ack":
            waiting = [lifted for lifted in waiting if policy.same(lifted.actor, entry.actor)]
        if entry.override:
            waiting.append(entry)
    return waiting
