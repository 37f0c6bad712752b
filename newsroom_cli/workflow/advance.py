"""Moves a story: (story, ledger, action, person, time) -> the story and the entry as they will be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from newsroom_cli import rules
from newsroom_cli.errors import CannotRun, NoSuchMove, NotReady, NotYourRight, Refusal, WrongUsage
from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import Finding, Ident, Severity, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.conditions import find_invisible
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import (
    Held,
    Ledger,
    fold,
    record_in_file,
    scheduling_entry,
    sign_offs_that_count,
    why_void,
)
from newsroom_cli.record.record_effects import Completion, as_required, change_required_roles, effects, required_roles
from newsroom_cli.record.stops import why_stopped
from newsroom_cli.settings.pipeline import ANYONE, REQUIRE, ROLE, Move
from newsroom_cli.story import frontmatter
from newsroom_cli.times import format_ledger_time
from newsroom_cli.verify import objections
from newsroom_cli.verify.change import dateline_changed
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
    """An act on a case whose ledger is there and in order; `move` is the act's row as it counts for this story."""

    case: Case
    act: Act
    ledger: Ledger
    content: str
    move: Move | None

    @property
    def story(self) -> Story:
        return self.case.story

    @property
    def assets(self) -> Mapping[str, str]:
        return self.case.assets

    @property
    def state(self) -> str:
        return str(self.ledger.record["state"])

    @property
    def section(self) -> str:
        return self.story.metadata.section or ""

    @property
    def signed(self) -> list[Entry]:
        """The sign-offs of this action that count for the story as it is."""
        if self.move is None:
            return []
        return sign_offs_that_count(self.ledger.entries, self.move, (self.content, self.assets, self.act.terms))


def advance(case: Case, act: Act) -> Step:
    """Take one action on a story; nothing is read and nothing written.

    Raises WrongUsage (unknown action, a required note left out), NoSuchMove, NotYourRight, a Refusal for an update that
    may not go before its original or beside another, or NotReady with every finding of the story as it would be.
    """
    if case.ledger is None:
        raise CannotRun("The story has no ledger.", "Take it in first: story adopt PATH")
    _refuse_followup(case, act)
    pipeline = act.policy.settings.pipeline
    if act.action not in pipeline.actions:
        raise WrongUsage(f"There is no action {act.action}.", f"Actions are {', '.join(pipeline.actions)}.")
    if act.override and not act.override.strip():
        raise WrongUsage("An override needs a reason.", '--override "…"')
    if character := find_invisible(act.terms):
        raise WrongUsage(f"The notice holds {character}, which nobody sees.", "Say it without that character: --notice")
    _refuse_disorder(case, act)
    record = case.ledger.record
    row = pipeline.move(act.action, str(record["state"]))
    move = as_required(pipeline, row, record) if row else None
    return _take(_Attempt(case, act, case.ledger, frontmatter.content_hash(case.story), move))


def _take(attempt: _Attempt) -> Step:
    """Take the row of an act, or find that nothing has to be done; raises as `advance` does."""
    move, act, record = attempt.move, attempt.act, attempt.ledger.record
    settings = act.policy.settings
    if move is None:
        return _again(attempt, objections.no_such_move(act.action, record, act.policy, act.at))
    if stop := why_stopped(settings.pipeline, move, record, act.at, settings.timezone):
        return _again(attempt, objections.not_now(act.action, stop))
    if _done_already(attempt):
        return Step(attempt.story, attempt.ledger, None, () if act.action == "ack" else move.by[len(attempt.signed) :])
    if (REQUIRE in move.sets and _is_asked(attempt)) or _changes_nothing(attempt, move):
        return Step(attempt.story, attempt.ledger, None)
    if move.note == "required" and not act.note.strip():
        raise WrongUsage(
            f"{act.action} needs a note that says why.", f'story {act.action} {attempt.story.slug} --note "…"'
        )
    if move.notice == "required" and not str(act.terms.get("notice") or "").strip():
        raise WrongUsage(
            f"{act.action} needs a notice that tells readers why.",
            f'story {act.action} {attempt.story.slug} --notice "…"',
        )
    entry, waiting = _entry(attempt, move)
    reporters = (*objections.reporters_of(attempt.story, attempt.ledger.entries), *attempt.case.reporters)
    around = objections.SignOffContext(act.policy, reporters, attempt.section, story=attempt.story)
    for objection in objections.object_to(entry, attempt.ledger.entries, attempt.ledger.record, around):
        raise _refusal(objection, attempt.story)
    warnings = _ready(attempt, entry, move.end(attempt.state))
    written = frontmatter.edit(
        attempt.story, record_in_file({"state": entry.to, **entry.set}, act.policy.settings.timezone)
    )
    signers = (*(sign_off.actor for sign_off in attempt.signed), act.actor)
    return Step(written, attempt.ledger.with_entry(entry), entry, waiting, warnings, signers)


_NEW_WORDS = frozenset({"published-words-changed", "published-picture-changed"})


def _refuse_followup(case: Case, act: Act) -> None:
    """Raise Refusal for an update that would go to readers before its original, or come back beside another one."""
    row, slug = act.policy.settings.pipeline.move(act.action, case.state), case.story.slug
    if case.original and row is not None and act.policy.settings.pipeline.for_readers(row):
        hint = "Publish that one first, or take `update_of` out of this one."
        original = case.story.metadata.update_of
        raise Refusal(f"{slug} is an update of {original}, which readers do not have.", hint)
    if case.rival:
        hint = f"story edit {case.rival}, or spike it first."
        raise Refusal(f"{slug} is an update, and another of the same story is under way: {case.rival}.", hint)


def _refuse_disorder(case: Case, act: Act) -> None:
    """Raise NotReady where the record is not in order, before anything is added to it.

    New words of a public story are what a row may sign, and nothing that keeps it from being taken from readers.
    """
    pipeline = act.policy.settings.pipeline
    row = pipeline.move(act.action, case.state)
    may_differ = row is not None and ("version" in row.sets or pipeline.takes_back(row))
    mended = _NEW_WORDS if may_differ else frozenset()
    findings = [finding for finding in errors_of_record(case, act.policy, act.at) if finding.rule not in mended]
    if findings:
        raise NotReady(f"The record of {case.story.slug} is not in order.", "", findings)


def errors_of_record(case: Case, judges: Policy, at: datetime) -> list[Finding]:
    """Return everything that is wrong with a story's record as it stands, without a change."""
    return [finding for finding in check_record(case.held, judges, now=at) if finding.severity is Severity.ERROR]


def _done_already(attempt: _Attempt) -> bool:
    """Tell whether this person's sign-off is given, or nothing waits for an acknowledgement."""
    if attempt.act.action == "ack":
        return not objections.open_overrides(attempt.ledger.entries, attempt.act.policy)
    return bool(attempt.signed) and attempt.act.policy.same(attempt.signed[-1].actor, attempt.act.actor)


def _again(attempt: _Attempt, refused: tuple[str, str]) -> Step:
    """A verb whose effect holds by the same person's last entry is done; by anyone else there is no such move."""
    last, act = attempt.ledger.entries[-1], attempt.act
    if last.action == act.action and last.terms == act.terms and act.policy.same(last.actor, act.actor):
        return Step(attempt.story, attempt.ledger, None)
    message, hint = refused
    raise NoSuchMove(f"{attempt.story.slug}: {message}", hint.replace("SLUG", shell_quote(attempt.story.slug)))


def _changes_nothing(attempt: _Attempt, move: Move) -> bool:
    """Tell whether there is nothing to correct, or the time asked for is the one this person set."""
    signed = attempt.ledger.signed_for_readers(attempt.act.policy.settings.pipeline)
    if "corrections" in move.sets and signed is not None:
        return (attempt.content, dict(attempt.assets)) == (signed.content, dict(signed.assets))
    record, terms = attempt.ledger.record, attempt.act.terms
    if "publish_at" in move.sets and (planned := scheduling_entry(attempt.ledger.entries)):
        broken = why_void(planned, attempt.ledger.entries, content=attempt.content, assets=attempt.assets)
        return planned.terms == terms and not broken and _is_own(attempt, "scheduled for that time")
    if "embargo" not in move.sets or terms.get("embargo") != record.get("embargo"):
        return False
    return _is_own(attempt, "under that embargo" if terms else "under no embargo")


def _is_own(attempt: _Attempt, what: str) -> bool:
    """Whether this person brought about what they ask for, or nobody did; raises NoSuchMove for somebody else's."""
    act, slug = attempt.act, attempt.story.slug
    theirs = [entry for entry in reversed(attempt.ledger.entries) if entry.action == act.action]
    mine = next((entry for entry in theirs if act.policy.same(entry.actor, act.actor)), None)
    if not theirs or (mine is not None and mine.terms == act.terms):
        return True
    raise NoSuchMove(f"{slug} is {what} already, by {theirs[0].by}.", f"story log {slug} shows what was done.")


def _is_asked(attempt: _Attempt) -> bool:
    """Whether this person's last word on the roles of this story is what they ask; raises when it may not be asked."""
    act, record, role = attempt.act, attempt.ledger.record, attempt.act.role
    if ROLE.fullmatch(role) is None:
        raise WrongUsage(f"{role!r} is not a role.", "A role is one word, as legal.")
    if not act.drop and not act.policy.knows_role(role):
        raise WrongUsage(*objections.no_such_role(role, act.policy))
    pipeline = act.policy.settings.pipeline
    rows = [move for move in pipeline.moves if pipeline.for_readers(move) and move.by != (ANYONE,)]
    if not act.drop and rows and all(role in move.by for move in rows):
        publishing = next((move for move in rows if pipeline.publishes(move)), rows[0])
        raise NoSuchMove(
            f"{attempt.story.slug}: {publishing.action} asks for {role} of every story.", "Nothing is missing."
        )
    if change_required_roles(record, role, drop=act.drop) is not None:
        return False
    last = next((entry for entry in reversed(attempt.ledger.entries) if entry.action == act.action), None)
    if last is not None and act.policy.same(last.actor, act.actor):
        return True
    if act.drop:
        asked = ", ".join(required_roles(record)) or "none"
        raise NoSuchMove(f"{attempt.story.slug} does not ask for {role}.", f"Asked for beyond its rows: {asked}.")
    by = f" by {last.by}" if last else ""
    raise NoSuchMove(
        f"{attempt.story.slug} asks for {role} already{by}.", f"story why {shell_quote(attempt.story.slug)}"
    )


def _entry(attempt: _Attempt, move: Move) -> tuple[Entry, tuple[str, ...]]:
    """The entry this action would write, and the places of `by` still to sign behind it."""
    act, record, signed = attempt.act, attempt.ledger.record, attempt.signed
    at, by = format_ledger_time(act.at), str(act.actor)
    last = len(signed) + 1 == len(move.by)
    roles = change_required_roles(record, act.role, drop=act.drop) if REQUIRE in move.sets else None
    signers = [*(entry.by for entry in signed), by]
    pipeline = act.policy.settings.pipeline
    address = objections.address_maker(attempt.story, act.policy.settings)
    written = effects(pipeline, move, Completion(record, signers, at, act.terms, roles, address))
    seq, prev = attempt.ledger.next_link()
    entry = Entry(
        seq=seq,
        prev=prev,
        story=str(record["id"]),
        action=act.action,
        from_=attempt.state,
        to=move.end(attempt.state) if last else attempt.state,
        by=by,
        role=_role(attempt, move, len(signed)),
        at=at,
        content=attempt.content,
        assets=dict(sorted(attempt.assets.items())),
        writers=tuple(map(str, attempt.case.writers)),
        terms=dict(act.terms),
        set=written if last else {},
        override=act.override or None,
        note=act.note or None,
    )
    return entry, () if last else move.by[len(signed) + 1 :]


def _role(attempt: _Attempt, move: Move, place: int) -> str | None:
    """The first of a place's roles this person gives; without a roster, `reporter` is for the story's own.

    Whoever has none of them, but one of a later place, comes too early and is told so.
    """
    judges, actor = attempt.act.policy, attempt.act.actor
    if move.by == (ANYONE,):
        return None
    roles = objections.roles_at(move, place, judges)
    if judges.has_roster:
        later = (
            role
            for later_place in range(place + 1, len(move.by))
            for role in objections.roles_at(move, later_place, judges)
        )
        mine = (role for role in (*roles, *later) if judges.may_give(actor, role, section=attempt.section))
        return next(mine, next(iter(roles), ""))
    if judges.is_among(actor, objections.reporters_of(attempt.story, attempt.ledger.entries)):
        return roles[0]
    return next((role for role in roles if role != "reporter"), roles[0])


def _refusal(objection: objections.Objection, story: Story) -> NoSuchMove | NotYourRight | NotReady:
    message, hint = f"{story.slug}: {objection.message}", objection.hint.replace("SLUG", shell_quote(story.slug))
    if objection.kind is objections.Kind.NO_SUCH_MOVE:
        return NoSuchMove(message, hint)
    if objection.kind is objections.Kind.NOT_YOUR_RIGHT:
        return NotYourRight(message, hint)
    return NotReady(message, hint)


def _ready(attempt: _Attempt, entry: Entry, target: str) -> tuple[Finding, ...]:
    """The rules on the story as it would be; raises NotReady with all of them when one is an error.

    None keeps a story from being taken from readers.
    """
    settings = attempt.act.policy.settings
    if attempt.move is not None and settings.pipeline.takes_back(attempt.move):
        return ()
    after = record_in_file(fold([entry], attempt.ledger.record), settings.timezone)
    gone = {key: None for key, value in entry.set.items() if value is None}
    would = frontmatter.with_fields(attempt.story, {**gone, **after, "state": target})
    held = Held(would, attempt.ledger.with_entry(entry), attempt.assets)
    around = rules.RuleContext.of(held, settings, target, loose=attempt.case.loose, is_there=attempt.case.is_there)
    findings = sorted((*rules.check(would, around), *attempt.case.shared), key=lambda finding: finding.place)
    public = attempt.case.public
    if public is not None and public.fields.get("dateline") != would.fields.get("dateline"):
        findings.append(dateline_changed(would, public))
    if entry.to != target:
        findings = [finding for finding in findings if finding.key not in WRITTEN_LATER]
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise NotReady(f"{attempt.story.slug} is not ready for {target}.", "", findings)
    return tuple(finding for finding in findings if finding.severity is Severity.WARNING)


WRITTEN_LATER = frozenset({"editor", "date", "lastmod", "version", "address"})
"""Keys the completing sign-off writes, and which an earlier one cannot miss."""


class Begun(NamedTuple):
    """A story's first entry and the story that goes with it."""

    story: Story
    ledger: Ledger
    entry: Entry


def may_begin(story: Story, act: Act) -> Move:
    """The row that begins a story; raises NoSuchMove, or NotYourRight where this person has no role for its section."""
    move = act.policy.settings.pipeline.move(act.action, None)
    if move is None:
        raise NoSuchMove(f"The pipeline has no {act.action}.", "Put its row back into [[pipeline.moves]].")
    around = objections.SignOffContext(act.policy, section=story.metadata.section or "")
    for objection in objections.check_beginning(act.actor, move, around):
        raise _refusal(objection, story)
    return move


def begin(story: Story, ledger_path: str, act: Act, *, assets: Mapping[str, str]) -> Begun:
    """Write the first entry of a story (`new` or `adopt`) and its record keys; raises NotReady, and as `may_begin`."""
    settings = act.policy.settings
    pipeline = settings.pipeline
    move = may_begin(story, act)
    entry = Entry(
        seq=1,
        story=str(story.fields["id"]),
        action=act.action,
        to=pipeline.initial,
        by=str(act.actor),
        at=format_ledger_time(act.at),
        content=frontmatter.content_hash(story),
        assets=dict(sorted(assets.items())),
        set=effects(pipeline, move, Completion({}, [], format_ledger_time(act.at))),
        note=act.note or None,
    )
    written = frontmatter.edit(story, record_in_file({"state": entry.to, **entry.set}, settings.timezone))
    record = Ledger(ledger_path).with_entry(entry)
    around = rules.RuleContext.of(Held(written, record, assets), settings, pipeline.initial)
    findings = sorted(rules.check(written, around), key=lambda finding: finding.place)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise NotReady(f"{story.path} cannot be taken in as it is.", "", findings)
    return Begun(written, record, entry)
