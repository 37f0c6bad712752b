"""Signatures on entries: by a key of whoever they name, and there where the newsroom asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Finding, make_error
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry, serialise
from newsroom_cli.record.ledger import Ledger, Origin
from newsroom_cli.settings.settings import STRENGTHS, Strength
from newsroom_cli.times import format_ledger_time


def signature_flaw(entry: Entry, policy: Policy, *, now: datetime | None = None) -> str:
    """Return why an entry is not signed by whoever it names, in words that follow `the signature`; empty where it is.

    The key has to be theirs on the roster and valid at the entry's time; for a new entry at `now` as well, or a key
    that has run out could sign what is dated back. Raises CannotRun where signatures cannot be judged.
    """
    if entry.sig is None:
        return "is missing."
    from newsroom_cli.record import signatures

    try:
        key = signatures.find_signer(serialise(entry), entry.sig)
    except signatures.BadSignature as wrong:
        return str(wrong)
    person = policy.person(entry.actor)
    theirs = [owned for owned in (person.keys if person else ()) if owned.public.blob == key.blob]
    if not theirs:
        owner = next((p for p in policy.settings.people for owned in p.keys if owned.public.blob == key.blob), None)
        if owner is not None:
            return f"is by a key of {owner.name}, not of {entry.by}."
        return f"is by a key ({key.fingerprint}) that is none of {entry.by} on the roster."
    for moment in filter(None, (entry.moment, now)):
        if not any(owned.is_valid(moment) for owned in theirs):
            return f"is by a key of {entry.by} that is not valid at {format_ledger_time(moment)}."
    return ""


def judge_signature(entry: Entry, origin: Origin, policy: Policy) -> Origin:
    """Return the proof of an entry by its commit and its signature; one that cannot be judged adds nothing."""
    if entry.sig is None:
        return origin
    try:
        why = signature_flaw(entry, policy)
    except CannotRun:
        why = "was not judged: the library cryptography is missing (pip install 'newsroom-cli[signing]')."
    return origin._replace(flaw=why) if why else origin._replace(strength="signed")


def wrong_signatures(ledger: Ledger, *, start: int = 0) -> Iterator[Finding]:
    """Yield a finding for each signature that is not of its entry, from an entry's number (from 0) on.

    Of entries long there nothing else is said: a key that has left the roster is no fault of theirs.
    """
    if not any(entry.sig for entry in ledger.entries[start:]):
        return
    from newsroom_cli.record import signatures

    for number, entry in enumerate(ledger.entries[start:], start + 1):
        if entry.sig is None:
            continue
        try:
            signatures.find_signer(serialise(entry), entry.sig)
        except signatures.BadSignature as wrong:
            yield _wrong_signature(ledger, number, str(wrong))


def _wrong_signature(ledger: Ledger, number: int, why: str) -> Finding:
    hint = "Take the entry out; make the move with its verb, with a key that stands beside your name in [[people]]."
    return make_error("signature-wrong", ledger.path, number, f"the signature {why}", hint)


def check_proof(
    ledger: Ledger, number: int, policy: Policy, *, now: datetime | None, seen: Strength, require: Strength
) -> Iterator[Finding]:
    """Yield a finding where a new entry (from 1) proves less than it has to; `seen` is what its commit proves of it."""
    entry = ledger.entries[number - 1]
    if entry.sig is not None:
        if why := signature_flaw(entry, policy, now=now):
            yield _wrong_signature(ledger, number, why)
    elif require == "signed" or policy.settings.must_sign(entry.role):
        message = f"{entry.action} by {entry.by} is not signed."
        hint = f"{entry.actor.name} sets up a key (git config user.signingkey PATH) and makes the move again."
        yield make_error("entry-not-signed", ledger.path, number, message, hint)
    elif STRENGTHS.index(seen) < STRENGTHS.index(require):
        message = f"{entry.action} by {entry.by} is only {seen}: no commit of theirs brought it alone."
        hint = f"{entry.actor.name} makes the move and pushes it; one move is one commit."
        yield make_error("entry-not-attributed", ledger.path, number, message, hint)
