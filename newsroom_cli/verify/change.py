"""Two trees: a story's record before and after a change, and what the change may not do to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import Finding, Ident, Severity, Story, make_error
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Held, Ledger
from newsroom_cli.record.stops import is_killed
from newsroom_cli.settings.pipeline import Pipeline
from newsroom_cli.settings.settings import Strength
from newsroom_cli.story.frontmatter import content_hash
from newsroom_cli.verify.objections import SignOffContext, parse_people
from newsroom_cli.verify.signed import check_proof
from newsroom_cli.verify.standing import entry_findings


class StoryChange(NamedTuple):
    """One story before and after a change, and what the commits in between say where they can be seen.

    By an entry's number (from 1): `strengths`, what they prove of it; `writers`, who changed the content between
    it and the entry above; `unseen` are those whose words the story had nowhere, `unknown` those of them of which a
    squash left nothing. `reporters` are all whom the story named in between, `sections` those it named there, by
    content hash.
    """

    before: Held
    after: Held
    strengths: Mapping[int, Strength] = MappingProxyType({})
    writers: Mapping[int, tuple[Ident, ...]] = MappingProxyType({})
    reporters: tuple[Ident, ...] = ()
    unseen: frozenset[int] = frozenset()
    unknown: frozenset[int] = frozenset()
    sections: Mapping[str, str] = MappingProxyType({})


def check_change(change: StoryChange, policy: Policy, *, require: Strength, now: datetime | None) -> Iterator[Finding]:
    """Yield what one change does to one story's record and may not; `check_record` judges the rest of the result.

    `now` is the checker's clock, at which the keys of new entries have to be valid; None looks back, in an audit.
    """
    before, after = change.before, change.after
    if before.ledger is not None:
        yield from _check_growth(before.ledger, after, policy)
        if before.story is not None and after.story is None:
            yield from _check_removal(before.story, before.ledger, policy)
    yield from _check_slug_change(before, after, policy)
    yield from _check_addresses(after)
    yield from _check_dateline(before, after, policy)
    ledger = after.ledger
    if ledger is None or ledger.findings:
        return
    if before.ledger and not ledger.content.startswith(before.ledger.content):
        return
    stories = [held.story for held in (before, after) if held.story]
    people = (*(person for story in stories for person in story.metadata.reporter), *change.reporters)
    named = {content_hash(story): story.metadata.section or "" for story in stories}
    context = SignOffContext(
        policy,
        tuple(dict.fromkeys(people)),
        section=(stories[-1].metadata.section or "") if stories else "",
        story=after.story,
        sections={**change.sections, **named},
    )
    yield from entry_findings(ledger, context, start=len(before.entries))
    yield from _check_writers(change, ledger, policy)
    yield from words_not_seen(change, ledger, policy.settings.pipeline, looking_back=now is None)
    known = len(before.entries)
    for number in range(known + 1, len(ledger.entries) + 1):
        yield from _check_email(ledger, number)
        seen = change.strengths.get(number, "recorded")
        yield from check_proof(ledger, number, policy, now=now, seen=seen, require=require)


def words_not_seen(change: StoryChange, ledger: Ledger, pipeline: Pipeline, *, looking_back: bool) -> Iterator[Finding]:
    """Yield a finding for each new entry that names words the story had nowhere.

    Somebody else's yes to such words is an error until somebody says yes to words that are there; where a squash took
    the words away (`unknown`) nobody can tell, and what goes out is judged by the words there are.
    """
    known = len(change.before.entries)
    for number, entry in enumerate(ledger.entries[known:], known + 1):
        if number not in change.unseen or entry is ledger.binding_entry(pipeline):
            continue
        wrong = number not in change.unknown and _is_a_yes(entry, pipeline)
        if wrong and not is_put_right(ledger, pipeline, change.unseen, behind=number):
            message = f"{entry.action} by {entry.by} is of words that the story had nowhere when it was made."
            hint = "Look at today's words and sign those: story redo SLUG, or take the story back and move it again."
            yield make_error("words-not-seen", ledger.path, number, message, hint)
        elif looking_back:
            message = f"the words that {entry.action} by {entry.by} names are not in this history."
            yield Finding("words-not-seen", Severity.INFO, ledger.path, number, 1, message)


def is_put_right(ledger: Ledger, pipeline: Pipeline, unseen: Collection[int], *, behind: int) -> bool:
    """Tell whether somebody says yes, behind an entry, to words that the story had."""
    later = enumerate(ledger.entries[behind:], behind + 1)
    return any(number not in unseen and _is_a_yes(entry, pipeline) for number, entry in later)


def _is_a_yes(entry: Entry, pipeline: Pipeline) -> bool:
    row = pipeline.move(entry.action, entry.from_)
    return row is not None and bool(row.not_by)


def _check_email(ledger: Ledger, number: int) -> Iterator[Finding]:
    """A new entry by a bare name: whoever acts has an e-mail, since people are compared by it."""
    entry = ledger.entries[number - 1]
    if not entry.actor.email:
        message = f"{entry.action} is by {entry.by}, a name without an e-mail; people are compared by it."
        hint = "Take the entry out; git config user.email you@example.org, and make the move with its verb."
        yield make_error("not-entitled", ledger.path, number, message, hint)


def _check_writers(change: StoryChange, ledger: Ledger, policy: Policy) -> Iterator[Finding]:
    """Entries that leave out somebody whose commits changed the words they sign."""
    for number, people in sorted(change.writers.items()):
        if number > len(ledger.entries) or number == 1 or number in change.unseen:
            continue  # of words that are nowhere nobody can say who wrote them
        entry, above = ledger.entries[number - 1], ledger.entries[number - 2]
        if (entry.content, entry.assets) == (above.content, above.assets):
            continue  # whatever was changed was changed back
        named = parse_people(entry.writers)
        for person in people:
            if not policy.is_among(person, named):
                message = f"{entry.action} leaves out that {person} changed the words since the entry above."
                hint = "Take the entry out; make the move with its verb."
                yield make_error("writers-incomplete", ledger.path, number, message, hint)


def _check_growth(old: Ledger, after: Held, policy: Policy) -> Iterator[Finding]:
    new = after.ledger
    back = f"Bring it back: git restore --source=BASE {shell_quote(old.path)}"
    hint = f"{back}; then make your moves again. After a merge: story redo."
    if new is None:
        draft = len(old.entries) == 1 and after.story is None
        if not draft:
            yield make_error("ledger-removed", old.path, 1, "the ledger was removed; a ledger only grows.", hint)
    elif new.content.startswith(old.content):
        return
    elif old.content.startswith(new.content):
        gone = len(old.entries) - len(new.entries)
        what = f"its last {gone} entries were" if gone > 1 else "its last entry was"
        verbs = " or ".join(move.action for move in policy.settings.pipeline.moves_from(str(old.state)))
        undo = f"; undo a move by its verb: {verbs}" if verbs else ""
        message, hint = f"{what} taken out; a ledger only grows.", f"{back} and the story{undo}."
        yield make_error("ledger-rewritten", old.path, len(new.entries) + 1, message, hint)
    else:
        same = sum(1 for a_, b_ in zip(old.entries, new.entries, strict=False) if a_ == b_)
        yield make_error("ledger-rewritten", old.path, same + 1, "the ledger was rewritten; a ledger only grows.", hint)


def _check_slug_change(before: Held, after: Held, policy: Policy) -> Iterator[Finding]:
    """A public story that changed its slug and left its readers' links behind."""
    old, new = before.story, after.story
    if old is None or new is None or before.ledger is None or old.slug.casefold() == new.slug.casefold():
        return
    aliases = {alias.rstrip("/").rsplit("/", 1)[-1].casefold() for alias in new.metadata.aliases}
    leads_here = aliases & {old.slug.casefold(), f"{old.slug}.html".casefold()}
    if before.ledger.signed_for_readers(policy.settings.pipeline) and not leads_here:
        message = f"readers know this story as {old.slug}, and no alias leads here."
        hint = f"Write `aliases: [{old.slug}]`, or keep the slug."
        yield new.make_finding("slug-without-alias", "slug", message, hint)


def _check_addresses(after: Held) -> Iterator[Finding]:
    """Addresses a story had that lead nowhere: none of its aliases is one of them."""
    story, ledger = after.story, after.ledger
    if story is None or ledger is None:
        return
    had = [entry.set["address"] for entry in ledger.entries if isinstance(entry.set.get("address"), str)]
    for address in dict.fromkeys(had):
        if address not in (ledger.record.get("address"), *story.metadata.aliases):
            message = f"readers know this story at {address}, and no alias leads here."
            hint = f"Write `{address}` among its `aliases`."
            yield story.make_finding("slug-without-alias", "slug", message, hint)


def _check_dateline(before: Held, after: Held, policy: Policy) -> Iterator[Finding]:
    """A public story whose date line is not the one it went out with; one taken back may go out with another."""
    old, new, pipeline = before.story, after.story, policy.settings.pipeline
    public = all(held.ledger is not None and pipeline.is_public(held.ledger.state) for held in (before, after))
    if any(_took_back(entry, pipeline) for entry in after.entries[len(before.entries) :]):
        return
    if old is not None and new is not None and public and old.fields.get("dateline") != new.fields.get("dateline"):
        yield dateline_changed(new, old)


def _took_back(entry: Entry, pipeline: Pipeline) -> bool:
    row = pipeline.move(entry.action, entry.from_)
    return row is not None and bool(entry.set) and pipeline.takes_back(row)


def dateline_changed(story: Story, old: Story) -> Finding:
    """Return the finding for a public story whose date line is not the one it went out with."""
    had = old.fields.get("dateline")
    message, hint = "the story went out without a date line; a correction leaves it so.", "Take `dateline` out."
    if had:
        message = f"the date line was {had!r} when the story went out; a correction leaves it."
        hint = f"Write `dateline: {had}`."
    return story.make_finding("dateline-changed", "dateline", message, hint)


def _check_removal(story: Story, old: Ledger, policy: Policy) -> Iterator[Finding]:
    pipeline = policy.settings.pipeline
    if old.signed_for_readers(pipeline) is not None and not is_killed(pipeline, old.record):
        message = "the story was public, and its file is gone."
        back = f"Bring it back: git restore --source=BASE {shell_quote(story.path)}"
        hint = f"{back}; only a story that was killed may go."
        yield make_error("story-removed", story.path, 1, message, hint)
