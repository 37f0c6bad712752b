"""Moves a story: (story, ledger, action, person, time) -> the story and the entry as they will be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple

from newsroom_cli.errors import CannotRun, NoSuchMove, NotReady, NotYourRight, Refusal, WrongUsage
from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import Finding, Ident, Severity, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.conditions import find_invisible
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Ledger, fold, record_in_file, scheduling_entry, sign_offs_that_count
from newsroom_cli.record.record_effects import Record, as_required, change_required_roles, complete, required_roles
from newsroom_cli.record.stops import why_stopped
from newsroom_cli.settings.pipeline import ANYONE, REQUIRE, ROLE, Move, Pipeline
from newsroom_cli.settings.settings import Settings
from newsroom_cli.story import frontmatter
from newsroom_cli.verify import objections
from newsroom_cli.verify.change import dateline_changed
from newsroom_cli.verify.objections import Kind, Objection, SignOffContext
from newsroom_cli.verify.standing import check_record
from newsroom_cli.workflow.case import Case


class Act(NamedTuple):
    """Who wants what, when and why: everything about one action that is not the story.

    `role` is the one that is asked for, or with `drop` taken back, where that is what the action does. `terms` are a
    time, a kind or a notice that are signed with the words (`record.conditions`); `rename` is the slug the story is to
    have.
    """

    action: str
    actor: Ident
    at: datetime
    policy: Policy
    note: str = ""
    override: str = ""
    role: str = ""
    drop: bool = False
    terms: Mapping[str, Any] = MappingProxyType({})
    rename: str = ""


TAKES_TEXT = frozenset({"submit", "withdraw", "correct"})
"""Actions that take the uncommitted text along; every other refuses a story that has any."""


class Step(NamedTuple):
    """One action done: the story and the ledger afterwards, the entry, and the roles still to sign (if any).

    `signers` gave the places of this move so far.

    With `entry` None nothing had to be done, and `story` and `ledger` are what they were.
    """

    story: Story
    ledger: Ledger
    entry: Entry | None
    waiting: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = ()
    signers: tuple[Ident, ...] = ()


class _Attempt(NamedTuple):
    """An act on a case whose ledger is there and in order.

    `move` is the act's row as it counts for this story, `signed` the sign-offs of it that count for it as it is.
    """

    case: Case
    act: Act
    ledger: Ledger
    move: Move
    signed: list[Entry]

    @property
    def story(self) -> Story:
        return self.case.story

    @property
    def waiting(self) -> tuple[str, ...]:
        """The places of the row that nobody has signed."""
        return self.move.by[len(self.signed) :]

    def nothing_to_do(self, waiting: tuple[str, ...] = ()) -> Step:
        return Step(self.story, self.ledger, None, waiting)


def advance(case: Case, act: Act) -> Step:
    """Take one action on a story; nothing is read and nothing written.

    Raises WrongUsage (unknown action, a required note left out), NoSuchMove, NotYourRight, a Refusal for an update that
    may not go before its original or beside another, or NotReady with every finding of the story as it would be.
    """
    ledger, settings, pipeline = case.ledger, act.policy.settings, act.policy.settings.pipeline
    if ledger is None:
        raise CannotRun("The story has no ledger.", "Take it in first: story adopt PATH")
    row = pipeline.move(act.action, case.state)
    _refuse_followup(case, row, pipeline)
    if act.action not in pipeline.actions:
        raise WrongUsage(f"There is no action {act.action}.", f"Actions are {', '.join(pipeline.actions)}.")
    if act.override and not act.override.strip():
        raise WrongUsage("An override needs a reason.", '--override "…"')
    if character := find_invisible(act.terms):
        raise WrongUsage(f"The notice holds {character}, which nobody sees.", "Say it without that character: --notice")
    may_differ = row is not None and ("version" in row.sets or pipeline.takes_back(row))
    refuse_disorder(case, act.policy, act.at, but=_NEW_WORDS if may_differ else frozenset())
    record = ledger.record
    if row is None:
        return _take_again(case.story, ledger, act, objections.no_such_move(act.action, record, act.policy, act.at))
    move = as_required(pipeline, row, record)
    if stop := why_stopped(pipeline, move, record, act.at, settings.timezone):
        return _take_again(case.story, ledger, act, objections.not_now(act.action, stop))
    signed = sign_offs_that_count(ledger.entries, move, (case.content, case.assets, act.terms))
    return _take_row(_Attempt(case, act, ledger, move, signed))


def _take_row(attempt: _Attempt) -> Step:
    """Take the row of an act, or find that nothing has to be done; raises as `advance` does."""
    move, act, story = attempt.move, attempt.act, attempt.story
    if _done_already(attempt):
        return attempt.nothing_to_do(() if act.action == "ack" else attempt.waiting)
    if (REQUIRE in move.sets and _is_asked(attempt)) or _changes_nothing(attempt):
        return attempt.nothing_to_do()
    if move.note == "required" and not act.note.strip():
        raise WrongUsage(f"{act.action} needs a note that says why.", f'story {act.action} {story.slug} --note "…"')
    if move.notice == "required" and not str(act.terms.get("notice") or "").strip():
        way = f'story {act.action} {story.slug} --notice "…"'
        raise WrongUsage(f"{act.action} needs a notice that tells readers why.", way)
    entry = _make_entry(attempt)
    reporters = (*objections.reporters_of(story, attempt.ledger.entries), *attempt.case.reporters)
    context = SignOffContext(act.policy, reporters, attempt.case.section, story=story)
    for objection in objections.object_to(entry, attempt.ledger.entries, attempt.ledger.record, context):
        raise _refusal(objection, story)
    warnings = _refuse_unready(attempt, entry)
    signers = (*(sign_off.actor for sign_off in attempt.signed), act.actor)
    ledger = attempt.ledger.with_entry(entry)
    return Step(_write_record(story, entry, act), ledger, entry, attempt.waiting[1:], warnings, signers)


def _write_record(story: Story, entry: Entry, act: Act) -> Story:
    """Return a story with the record keys that an entry changes."""
    return frontmatter.edit(story, record_in_file({"state": entry.to, **entry.set}, act.policy.settings.timezone))


_NEW_WORDS = frozenset({"published-words-changed", "published-picture-changed"})
"""New words of a public story are what a row may sign, and nothing that keeps it from being taken from readers."""


def _refuse_followup(case: Case, row: Move | None, pipeline: Pipeline) -> None:
    """Raise Refusal for an update that would go to readers before its original, or come back beside another one."""
    slug, original = case.story.slug, case.story.metadata.update_of
    if case.original and row is not None and pipeline.for_readers(row):
        hint = "Publish that one first, or take `update_of` out of this one."
        raise Refusal(f"{slug} is an update of {original}, which readers do not have.", hint)
    if case.rival:
        hint = f"story edit {case.rival}, or spike it first."
        raise Refusal(f"{slug} is an update, and another of the same story is under way: {case.rival}.", hint)


def refuse_disorder(case: Case, policy: Policy, at: datetime, *, but: frozenset[str] = frozenset()) -> None:
    """Raise NotReady where the record is not in order, `but` for some rules, before anything is added to it."""
    findings = [finding for finding in errors_of_record(case, policy, at) if finding.rule not in but]
    if findings:
        raise NotReady(f"The record of {case.story.slug} is not in order.", "", findings)


def errors_of_record(case: Case, policy: Policy, at: datetime) -> list[Finding]:
    """Return everything that is wrong with a story's record as it stands, without a change."""
    findings = check_record(case.held, policy, now=at)
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def _done_already(attempt: _Attempt) -> bool:
    """Tell whether this person's sign-off is given, or nothing waits for an acknowledgement."""
    policy, actor = attempt.act.policy, attempt.act.actor
    if attempt.act.action == "ack":
        return not objections.open_overrides(attempt.ledger.entries, policy)
    return bool(attempt.signed) and policy.same(attempt.signed[-1].actor, actor)


def _take_again(story: Story, ledger: Ledger, act: Act, refused: tuple[str, str]) -> Step:
    """Find a verb done whose effect holds by the same person's last entry; by anyone else there is no such move."""
    last = ledger.entries[-1]
    if last.action == act.action and last.terms == act.terms and act.policy.same(last.actor, act.actor):
        return Step(story, ledger, None)
    message, hint = refused
    raise NoSuchMove(f"{story.slug}: {message}", hint.replace("SLUG", shell_quote(story.slug)))


def _changes_nothing(attempt: _Attempt) -> bool:
    """Tell whether there is nothing to correct, or the time asked for is the one this person set."""
    case, sets, terms = attempt.case, attempt.move.sets, attempt.act.terms
    signed = attempt.ledger.signed_for_readers(attempt.act.policy.settings.pipeline)
    if "corrections" in sets and signed is not None:
        return case.is_as_signed(signed)
    if "publish_at" in sets and (planned := scheduling_entry(case.entries)):
        is_same = planned.terms == terms and not case.why_void(planned)
        return is_same and _is_own(attempt, "scheduled for that time")
    if "embargo" not in sets or terms.get("embargo") != attempt.ledger.record.get("embargo"):
        return False
    return _is_own(attempt, "under that embargo" if terms else "under no embargo")


def _is_own(attempt: _Attempt, what: str) -> bool:
    """Tell whether this person brought about what they ask for, or nobody; raises NoSuchMove for somebody else's."""
    act, slug = attempt.act, attempt.story.slug
    theirs = [entry for entry in reversed(attempt.ledger.entries) if entry.action == act.action]
    mine = next((entry for entry in theirs if act.policy.same(entry.actor, act.actor)), None)
    if not theirs or (mine is not None and mine.terms == act.terms):
        return True
    raise NoSuchMove(f"{slug} is {what} already, by {theirs[0].by}.", f"story log {slug} shows what was done.")


def _is_asked(attempt: _Attempt) -> bool:
    """Tell whether a person's last word on the roles of a story is what they ask; raises when it may not be asked."""
    act, record, role, slug = attempt.act, attempt.ledger.record, attempt.act.role, attempt.story.slug
    if ROLE.fullmatch(role) is None:
        raise WrongUsage(f"{role!r} is not a role.", "A role is one word, as legal.")
    if not act.drop and not act.policy.knows_role(role):
        raise WrongUsage(*objections.no_such_role(role, act.policy))
    pipeline = act.policy.settings.pipeline
    rows = [move for move in pipeline.moves if pipeline.for_readers(move) and move.by != (ANYONE,)]
    if not act.drop and rows and all(role in move.by for move in rows):
        publishing = next((move for move in rows if pipeline.publishes(move)), rows[0])
        raise NoSuchMove(f"{slug}: {publishing.action} asks for {role} of every story.", "Nothing is missing.")
    if change_required_roles(record, role, drop=act.drop) is not None:
        return False
    last = next((entry for entry in reversed(attempt.ledger.entries) if entry.action == act.action), None)
    if last is not None and act.policy.same(last.actor, act.actor):
        return True
    if act.drop:
        asked = ", ".join(required_roles(record)) or "none"
        raise NoSuchMove(f"{slug} does not ask for {role}.", f"Asked for beyond its rows: {asked}.")
    by = f" by {last.by}" if last else ""
    raise NoSuchMove(f"{slug} asks for {role} already{by}.", f"story why {shell_quote(slug)}")


def _make_entry(attempt: _Attempt) -> Entry:
    """Make the entry this action would write."""
    case, act, move, record = attempt.case, attempt.act, attempt.move, attempt.ledger.record
    entry = case.next_entry(act.action, str(act.actor), act.at)._replace(
        role=_choose_role(attempt),
        writers=tuple(map(str, case.writers)),
        terms=dict(act.terms),
        override=act.override or None,
        note=act.note or None,
    )
    if len(attempt.waiting) > 1:
        return entry
    roles = change_required_roles(record, act.role, drop=act.drop) if REQUIRE in move.sets else None
    address, pipeline = objections.address_maker(case.story, act.policy.settings), act.policy.settings.pipeline
    return complete(entry, move, record, pipeline, signed=attempt.signed, roles=roles, address=address)


def _choose_role(attempt: _Attempt) -> str | None:
    """Return the first of a place's roles this person gives; without a roster, `reporter` is for the story's own.

    Whoever has none of them, but one of a later place, comes too early and is told so.
    """
    policy, actor, move = attempt.act.policy, attempt.act.actor, attempt.move
    if move.by == (ANYONE,):
        return None
    roles, *later = objections.places_of(move, policy)[len(attempt.signed) :]
    if policy.has_roster:
        wanted = chain(roles, *later)
        mine = (role for role in wanted if policy.may_give(actor, role, section=attempt.case.section))
        return next(mine, next(iter(roles), ""))
    if policy.is_among(actor, objections.reporters_of(attempt.story, attempt.ledger.entries)):
        return roles[0]
    return next((role for role in roles if role != "reporter"), roles[0])


_REFUSALS = {Kind.NO_SUCH_MOVE: NoSuchMove, Kind.NOT_YOUR_RIGHT: NotYourRight, Kind.WRONG_RECORD: NotReady}


def _refusal(objection: Objection, story: Story) -> Refusal:
    hint = objection.hint.replace("SLUG", shell_quote(story.slug))
    return _REFUSALS[objection.kind](f"{story.slug}: {objection.message}", hint)


def _refuse_unready(attempt: _Attempt, entry: Entry) -> tuple[Finding, ...]:
    """Return the warnings for the story as it would be; raises NotReady with all its findings when one is an error.

    None keeps a story from being taken from readers.
    """
    case, settings = attempt.case, attempt.act.policy.settings
    target = attempt.move.end(str(case.state))
    if settings.pipeline.takes_back(attempt.move):
        return ()
    record = {**fold([entry], attempt.ledger.record), "state": target}
    would = as_it_would_be(case, entry, record, settings)
    findings = sorted((*would.flaws(settings, target), *case.shared), key=lambda finding: finding.place)
    if case.public is not None and case.public.fields.get("dateline") != case.story.fields.get("dateline"):
        findings.append(dateline_changed(would.story, case.public))
    if entry.to != target:
        findings = [finding for finding in findings if finding.key not in WRITTEN_LATER]
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise NotReady(f"{case.story.slug} is not ready for {target}.", "", findings)
    return tuple(finding for finding in findings if finding.severity is Severity.WARNING)


def as_it_would_be(case: Case, entry: Entry, record: Record, settings: Settings) -> Case:
    """Return a case behind an entry whose ledger folds to a record, as rules judge it; the text is not written out."""
    fields = {key: None for key, value in entry.set.items() if value is None} | record_in_file(
        record, settings.timezone
    )
    story = frontmatter.with_fields(case.story, fields)
    return replace(case, story=story, ledger=case.ledger.with_entry(entry) if case.ledger else None)


WRITTEN_LATER = frozenset({"editor", "date", "lastmod", "version", "address"})
"""Keys the completing sign-off writes, and which an earlier one cannot miss."""


def find_first_move(story: Story, act: Act) -> Move:
    """Find the row that begins a story; raises NoSuchMove, or NotYourRight without a role for its section."""
    move = act.policy.settings.pipeline.move(act.action, None)
    if move is None:
        raise NoSuchMove(f"The pipeline has no {act.action}.", "Put its row back into [[pipeline.moves]].")
    context = SignOffContext(act.policy, section=story.metadata.section or "")
    for objection in objections.check_beginning(act.actor, move, context):
        raise _refusal(objection, story)
    return move


def begin(story: Story, ledger_path: str, act: Act, *, assets: Mapping[str, str]) -> Step:
    """Write a story's first entry (`new`, `adopt`) and its record keys; raises NotReady, or as `find_first_move`."""
    settings = act.policy.settings
    entry = Case(story, assets=assets).next_entry(act.action, str(act.actor), act.at)._replace(note=act.note or None)
    entry = complete(entry, find_first_move(story, act), {}, settings.pipeline)
    begun = Case(_write_record(story, entry, act), Ledger(ledger_path).with_entry(entry), assets)
    findings = begun.flaws(settings, settings.pipeline.initial)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise NotReady(f"{story.path} cannot be taken in as it is.", "", findings)
    return Step(begun.story, Ledger(ledger_path).with_entry(entry), entry)
