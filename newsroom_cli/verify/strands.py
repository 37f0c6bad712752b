"""A change of configuration that leaves stories or people behind: states they stand in, addresses they sign by.

Pure: the policies before and after, and in short the stories that stand in the tree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, takewhile
from typing import NamedTuple

from newsroom_cli.model import Finding, Ident, Severity
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.settings.pipeline import ANYONE, Move, Pipeline
from newsroom_cli.settings.settings import Person

_Message = tuple[str, str]
"""A message and its hint."""


class StoryStanding(NamedTuple):
    """Where one story stands, and who gave the sign-offs that wait there for others to complete the move."""

    state: str
    signers: tuple[Ident, ...] = ()


def standing_of(ledger: Ledger) -> StoryStanding | None:
    """Return the state and the waiting sign-offs of a story by its ledger; None for a ledger that cannot be read."""
    if ledger.findings or ledger.state is None:
        return None
    since = takewhile(lambda entry: not entry.completes, reversed(ledger.entries))
    waiting = [entry.actor for entry in since if entry.role is not None and not entry.set and entry.action != "ack"]
    return StoryStanding(ledger.state, tuple(reversed(waiting)))


class PolicyChange(NamedTuple):
    """A change of configuration: the policies before and after, and the file that it is told of.

    `is_entitled` says that it was made by whom `[trust] judges` names: what it strands is then a warning.
    """

    before: Policy
    after: Policy
    path: str
    is_entitled: bool = False


def find_left_behind(change: PolicyChange, standing: Callable[[], Iterable[StoryStanding]]) -> Iterator[Finding]:
    """Find the stories and people that a change of configuration leaves behind.

    `standing` gives the stories of the tree; it is called only where the change may strand some of them.
    """
    before, after = change.before, change.after
    states = _changed_states(before.settings.pipeline, after.settings.pipeline)
    stories = list(standing()) if states or _joins_people(before, after) else []
    messages = [
        *_stranded_stories(states, stories),
        *_moved_addresses(before, after),
        *_joined_signers(stories, before, after),
        *_taken_addresses(before, after),
        *_weaker_ways_to_readers(before.settings.pipeline, after.settings.pipeline),
    ]
    severity = Severity.WARNING if change.is_entitled else Severity.ERROR
    for message, hint in messages:
        way = f"{hint}." if change.is_entitled else f"{hint}; or have it done by somebody whom [trust] judges names."
        yield Finding("configuration-strands", severity, change.path, 1, 1, message, way)


def _changed_states(before: Pipeline, after: Pipeline) -> Mapping[str, str]:
    """The states in which stories may not be left, each with what becomes of it."""
    changed: dict[str, str] = {}
    for name in before.names:
        was, is_now = before.is_public(name), after.is_public(name)
        if name not in after.names:
            changed[name] = f"goes{', so that nobody would see edits of what readers have' if was else ''}"
        elif was and not is_now:
            changed[name] = "is public no longer, so that nobody would see edits of what readers have"
        elif is_now and not was:
            changed[name] = "becomes public, with words that nobody signed for readers"
    return changed


def _stranded_stories(states: Mapping[str, str], stories: Sequence[StoryStanding]) -> Iterator[_Message]:
    counted = Counter(story.state for story in stories)
    for name, becomes in states.items():
        if number := counted[name]:
            stand = "1 story stands" if number == 1 else f"{number} stories stand"
            yield f"{stand} in {name}, which {becomes}.", f"Move them on first (story list --state {name})"


def _moved_addresses(before: Policy, after: Policy) -> Iterator[_Message]:
    """Addresses that were one person's and become another's, while the first is still there."""
    heirs = _heirs(before.settings.people, after.settings.people)
    for email in sorted(_addresses(before) | _addresses(after)):
        old, new = (policy.person(Ident("", email)) for policy in (before, after))
        heir = heirs.get(old.emails) if old else None
        if old is None or new is None or heir is None or heir == new:
            continue
        message = f"{email} moves from {old.name} to {new.name}: what one signed by it would be the other's."
        yield message, f"Leave {email} to {old.name}"


def _addresses(policy: Policy) -> set[str]:
    """Return every address that a roster or a `.mailmap` names."""
    people = (email for person in policy.settings.people for email in person.emails)
    return {*people, *policy.mailmap, *policy.mailmap.values()}


def _joins_people(before: Policy, after: Policy) -> bool:
    """Tell whether addresses that were of two people are now of one; cheap, so that stories need not be read for it."""

    def owner(policy: Policy, email: str) -> str | tuple[str, ...]:
        person = policy.person(Ident("", email))
        return person.emails if person else policy.email(Ident("", email))

    owners = {(owner(after, email), owner(before, email)) for email in _addresses(before) | _addresses(after)}
    return len(owners) > len({now for now, _ in owners})


def _heirs(before: Sequence[Person], after: Sequence[Person]) -> Mapping[tuple[str, ...], Person]:
    """By their addresses, the people of a roster who are still there, each with what the later roster says of them.

    A person is known by name and address, else by the name, else by an address: so a name may change, or an address.
    """

    def likeness(old: Person, new: Person) -> tuple[bool, int]:
        return old.name == new.name, len(set(old.emails) & set(new.emails))

    pairs = sorted(((likeness(old, new), old, new) for old in before for new in after), key=lambda pair: pair[0])
    heirs: dict[tuple[str, ...], Person] = {}
    for alike, old, new in reversed(pairs):
        if any(alike) and old.emails not in heirs and new not in heirs.values():
            heirs[old.emails] = new
    return heirs


def _joined_signers(stories: Sequence[StoryStanding], before: Policy, after: Policy) -> Iterator[_Message]:
    """People who become one while sign-offs of both wait on a story: two places would be one person's."""
    joined = Counter(
        pair
        for story in stories
        for pair in combinations(sorted(set(story.signers)), 2)
        if after.same(*pair) and not before.same(*pair)
    )
    for (first, second), number in joined.items():
        where = "1 story" if number == 1 else f"{number} stories"
        message = f"{first} and {second} become one person while sign-offs of both wait on {where}."
        yield message, "Complete these moves first (story why SLUG)"


def _taken_addresses(before: Policy, after: Policy) -> Iterator[_Message]:
    """Addresses of the roster that a new line of `.mailmap` gives to somebody else."""
    for email, proper in sorted(after.mailmap.items()):
        owner, other = (after.person(Ident("", address)) for address in (email, proper))
        is_old = before.mailmap.get(email) == proper and before.person(Ident("", email)) is not None
        if owner is not None and email in owner.emails and owner is not other and not is_old:
            message = f".mailmap gives {email}, an address of {owner.name}, to {proper}; the roster's own count first."
            yield message, f"Take <{email}> out of .mailmap, or out of the roster"


def _weaker_ways_to_readers(before: Pipeline, after: Pipeline) -> Iterator[_Message]:
    """Rows into a second public state that sign new words for readers with fewer people than the first publication."""
    known = [(row.action, row.start, row.to) for row in _weaker_rows(before)]
    for row in _weaker_rows(after):
        if (row.action, row.start, row.to) not in known:
            first = _first_publication(after)
            people = f"{len(row.by)} of the {len(first)} people who sign what goes out first"
            message = f"{row.action} leads to {row.to}, which is public, and signs new words for readers with {people}."
            yield message, f"Ask of {row.action} as many: by = [{', '.join(map(_in_quotes, first))}]"


def _weaker_rows(pipeline: Pipeline) -> Iterator[Move]:
    """The rows that sign words for readers behind, or beside, the first publication, with fewer people than that."""
    first = _first_publication(pipeline)
    for row in pipeline.moves:
        if pipeline.publishes(row) and row.by != (ANYONE,) and len(row.by) < len(first):
            yield row


def _first_publication(pipeline: Pipeline) -> tuple[str, ...]:
    """Who signs, a place each, the row by which readers get a story that asks for the most people."""
    rows = (row for row in pipeline.moves if pipeline.publishes(row) and row.by != (ANYONE,))
    first = (row.by for row in rows if not all(map(pipeline.is_public, row.start)))
    return max(first, key=len, default=())


def _in_quotes(role: str) -> str:
    return f'"{role}"'
