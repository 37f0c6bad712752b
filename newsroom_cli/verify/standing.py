"""One tree: a story's file has to say what its ledger says, and every entry has to stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import ID, RECORD_KEYS, Finding, Severity, Story, make_error, shadowed_key
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger as ledgers
from newsroom_cli.record.ledger import Held, Ledger
from newsroom_cli.record.record_effects import Record
from newsroom_cli.record.stops import is_killed
from newsroom_cli.settings.pipeline import Pipeline
from newsroom_cli.story.frontmatter import content_hash
from newsroom_cli.story.pictures import locate_picture
from newsroom_cli.times import NO_TIME, TOLERANCE, format_ledger_time
from newsroom_cli.verify.objections import SignOffContext, object_to, open_overrides
from newsroom_cli.verify.signed import wrong_signatures


def check_record(held: Held, policy: Policy, *, now: datetime, start: int = 0) -> Iterator[Finding]:
    """Yield what is wrong with one story's record as one tree holds it, whatever it was before.

    Entries up to the number `start` are taken as judged when they came.
    """
    story, ledger = held.story, held.ledger
    if ledger is None:
        if story is not None:
            yield from _check_unledgered(story, policy)
        return
    yield from ledger.findings
    if ledger.findings:
        return
    named = story.metadata.reporter if story else ()
    context = SignOffContext(policy, named, past=True, story=story)
    yield from entry_findings(ledger, context, start=start)
    yield from _check_clock(ledger, now)
    yield from wrong_signatures(ledger, start=start)
    if story is not None:
        yield from _check_record_keys(story, ledger)
        yield from _check_shadowed_keys(story)
        yield from _check_public_words(story, ledger, held.assets, policy)
        yield from _check_schedule(story, ledger, held.assets)
        yield from _check_overrides(story, ledger, policy)


def entry_findings(ledger: Ledger, context: SignOffContext, *, start: int) -> Iterator[Finding]:
    """Yield the objections to a ledger's entries from a number (from 0) on, as findings at their lines."""
    record: Record = ledgers.fold(ledger.entries[:start])
    for number, entry in enumerate(ledger.entries[start:], start + 1):
        of_words = context._replace(section=context.sections.get(entry.content, context.section))
        for objection in object_to(entry, ledger.entries[: number - 1], record, of_words):
            yield make_error(objection.rule, ledger.path, number, objection.message, objection.hint)
        record = ledgers.fold([entry], record)


def _check_clock(ledger: Ledger, now: datetime) -> Iterator[Finding]:
    """Entries of a time still to come; where a time decides what readers get, clocks may not differ at all."""
    for number, entry in enumerate(ledger.entries, 1):
        if entry.moment <= now:
            continue
        record = ledgers.fold(ledger.entries[: number - 1])
        is_timed = bool(record.get("embargo") or record.get("publish_at"))
        if entry.moment - now > (TOLERANCE if not is_timed else NO_TIME):
            message = f"its time {entry.at} is still to come (it is {format_ledger_time(now)})."
            yield make_error("entry-time", ledger.path, number, message, "Set the clock right and make the move again.")


def _check_unledgered(story: Story, policy: Policy) -> Iterator[Finding]:
    state, adopt = story.fields.get("state"), f"story adopt {shell_quote(story.path)}"
    if story.holds("id") and ID.fullmatch(story.metadata.id or "") is None:
        message = "the id is none that `story` gave, and there is no ledger."
        yield story.make_finding("ledger-missing", "id", message, adopt)
    elif story.holds("id"):
        path = ledgers.path_of(str(story.fields["id"]))
        hint = f"Bring it back (git log --diff-filter=D -- {path}), or begin anew: story adopt {story.path}"
        yield story.make_finding("ledger-missing", "id", f"the story has an id but no ledger ({path}).", hint)
    elif state not in (None, policy.settings.pipeline.initial):
        message = f"the state was written by hand: no ledger says {state}."
        yield story.make_finding("record-by-hand", "state", message, f"Take the line out, then: {adopt}")
    else:
        yield from _check_unadopted_keys(story, adopt)
        message = "the story is not taken in yet: it has no id."
        yield Finding("not-adopted", Severity.INFO, story.path, 1, 1, message, adopt, "id")


def _check_unadopted_keys(story: Story, adopt: str) -> Iterator[Finding]:
    """Record keys of a file without a record; a site would act on them."""
    for key in (*RECORD_KEYS, *filter(shadowed_key, story.fields)):
        value = story.fields.get(key)
        if value is None or key in ("id", "state") or (key == "draft" and value == "true"):
            continue
        message = f"{key} was written by hand; only `story` writes it."
        yield story.make_finding("record-by-hand", key, message, f"{adopt} moves it to `imported:`")


_VERBS = {
    "state": "submit, approve, send-back or publish",
    "editor": "approve",
    "date": "publish",
    "address": "publish",
    "embargo": "embargo",
    "publish_at": "publish --at or deschedule",
    "pubstatus": "hold, spike, unpublish or kill",
    "corrections": "correct",
}


def _check_record_keys(story: Story, ledger: Ledger) -> Iterator[Finding]:
    for key, have, want in ledgers.disagreements(story, ledger.record):
        says = "nothing" if have is None else _format_value(have)
        record = "nothing" if want is None else _format_value(want)
        message = f"{key} says {says}, the ledger {record}; only `story` writes it."
        if key == "corrections":
            message = "corrections are not those of the ledger; only `story` writes them."
        put_back = f"write `{key}: {record}`" if want is not None else f"take `{key}` out"
        hint = f"To undo, {put_back}; to move the story, use {_VERBS.get(key, 'its verb')}."
        yield story.make_finding("record-by-hand", key, message, hint)


def _check_shadowed_keys(story: Story) -> Iterator[Finding]:
    """Keys that differ from record keys by their capitals alone; some sites read both as one."""
    if "".join(story.fields).islower():
        return
    for key in filter(shadowed_key, story.fields):
        message = f"{key} is read as {shadowed_key(key)} by sites that do not mind capitals; only `story` writes that."
        yield story.make_finding("record-by-hand", key, message, f"Take {key} out, or give it another name.")


def _format_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return json.dumps(value, ensure_ascii=False)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _check_public_words(story: Story, ledger: Ledger, assets: Mapping[str, str], policy: Policy) -> Iterator[Finding]:
    signed = ledger.binding_entry(policy.settings.pipeline)
    if signed is None:
        return
    restore = f"git restore --source=COMMIT {story.path}"
    way_out = f"story log {story.slug} names the commit that was signed: {restore}, then: story save {story.slug}"
    by = ledgers.scheduling_entry(ledger.entries[: signed.seq - 1]) if signed.role is None else None
    who = by.by if by else signed.by
    if content_hash(story) != signed.content:
        message = f"the published words are not those {who} signed."
        yield make_error("published-words-changed", story.path, story.body_line, message, way_out)
    for picture in sorted({*signed.assets, *assets}):
        if signed.assets.get(picture) != assets.get(picture):
            what = f"is not the one {who} signed" if picture in assets else "is missing"
            where = locate_picture(story.path, picture) or picture
            hint = way_out.replace(f"COMMIT {story.path}", f"COMMIT {where}")
            message = f"the published picture {picture} {what}."
            yield story.make_finding("published-picture-changed", "images", message, hint)


def _check_schedule(story: Story, ledger: Ledger, assets: Mapping[str, str]) -> Iterator[Finding]:
    """A time at which nothing will go out, since what was signed for it is not what there is."""
    planned = ledgers.scheduling_entry(ledger.entries)
    if planned and (why := ledgers.why_void(planned, ledger.entries, content=content_hash(story), assets=assets)):
        message = f"it is scheduled for {planned.set['publish_at']} and will not go out: {why}."
        hint = ledgers.WAY_OUT.replace("SLUG", shell_quote(story.slug))
        yield story.make_finding("schedule-void", "publish_at", message, hint, Severity.WARNING)


def _check_overrides(story: Story, ledger: Ledger, policy: Policy) -> Iterator[Finding]:
    for entry in open_overrides(ledger.entries, policy):
        message = f'four eyes were lifted at {entry.action} by {entry.by}: "{entry.override}"'
        hint = f"Another person reads it and says so: story ack {shell_quote(story.slug)}"
        place = story.place("editor")
        yield Finding("override-unacknowledged", Severity.WARNING, story.path, *place, message, hint)


def readers_had(original: Ledger | None, pipeline: Pipeline, at: datetime) -> bool:
    """Tell whether readers had a story at an instant, by its ledger; one that was killed they had no more."""
    if original is None:
        return False
    record = ledgers.fold(entry for entry in original.entries if entry.moment <= at)
    return pipeline.is_public(record.get("state")) and not is_killed(pipeline, record)


def check_followup(held: Held, original: Ledger | None, pipeline: Pipeline) -> Iterator[Finding]:
    """Yield a finding for a followup that readers had before its original, the tolerance between clocks allowed."""
    story = held.story
    if story is None or not story.holds("update_of"):
        return
    published = (entry for entry in held.entries if ledgers.signs_for_readers(entry, pipeline))
    first = next((entry for entry in published if not pipeline.is_public(entry.from_)), None)
    if first and not any(readers_had(original, pipeline, at) for at in (first.moment, first.moment + TOLERANCE)):
        message = f"it is an update of {story.fields['update_of']}, which readers did not have at {first.at}."
        unpublish = f"story unpublish {shell_quote(story.slug)} --note WHY"
        hint = f"Take it from readers ({unpublish}), or take `update_of` out."
        yield story.make_finding("update-before-original", "update_of", message, hint)
