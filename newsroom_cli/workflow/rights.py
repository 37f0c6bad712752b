"""What one person may do: by role, on which stories now, and whether their signing is set up. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from newsroom_cli.model import Ident
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Held
from newsroom_cli.record.record_effects import as_required
from newsroom_cli.settings.pipeline import Move
from newsroom_cli.settings.settings import Person, Settings
from newsroom_cli.ssh_keys import PublicKey
from newsroom_cli.story.frontmatter import content_hash
from newsroom_cli.times import format_ledger_time
from newsroom_cli.verify import Kind, SignOffContext, objections, open_overrides, reporters_of, roles_at


def actions_by_role(judges: Policy, ident: Ident) -> dict[str, list[str]]:
    """Each role a person may give (any, without a roster), with the actions that ask for it."""
    mine = judges.roles(ident)
    actions: dict[str, list[str]] = {}
    for move in judges.settings.pipeline.moves:
        for role in (role for place in range(len(move.by)) for role in roles_at(move, place, judges)):
            if (
                not role.startswith("@")
                and (mine is None or role in mine)
                and move.action not in actions.setdefault(role, [])
            ):
                actions[role].append(move.action)
    return actions


def not_on_own(settings: Settings) -> list[str]:
    """The actions nobody takes on a story of their own."""
    return list(dict.fromkeys(move.action for move in settings.pipeline.moves if "reporter" in move.not_by))


def actions_open_to(held: Held, judges: Policy, actor: Ident, *, at: datetime) -> list[str]:
    """The actions by which a person could take a story on now, as far as story and ledger say.

    A move onwards, or an override to acknowledge, to which the verifier has no objection for this person; what is
    signed as reporter waits for the story's own reporters alone. Words that others must still fill are not looked at.
    """
    story, ledger = held.story, held.ledger
    if story is None or ledger is None or ledger.findings or ledger.state not in judges.settings.pipeline.names:
        return []
    state = str(ledger.state)
    pipeline, record = judges.settings.pipeline, ledger.record
    moves = (as_required(pipeline, move, record) for move in pipeline.moves if move.starts_from(state))
    return [move.action for move in moves if _leads_on(move, held, judges) and _is_open(move, held, judges, actor, at)]


def _leads_on(move: Move, held: Held, judges: Policy) -> bool:
    names, ledger = judges.settings.pipeline.names, held.ledger
    if ledger is None:
        return False
    if move.action == "ack":
        return bool(open_overrides(ledger.entries, judges))
    return move.to is not None and names.index(move.to) > names.index(str(ledger.state))


def _is_open(move: Move, held: Held, judges: Policy, actor: Ident, at: datetime) -> bool:
    """Tell whether the verifier lets this person give the next sign-off of a move, in one of their roles."""
    story, ledger = held.story, held.ledger
    if story is None or ledger is None:
        return False
    last, reporters = ledger.entries[-1], reporters_of(story, ledger.entries)
    places = [roles_at(move, place, judges) for place in range(len(move.by))]
    is_reporter = judges.is_among(actor, reporters)
    mine = judges.roles(actor)
    entry = Entry(
        seq=len(ledger.entries) + 1,
        story=last.story,
        action=move.action,
        from_=ledger.state,
        to=move.end(str(ledger.state)),
        by=str(actor),
        at=format_ledger_time(at),
        content=last.content if last.completes else content_hash(story),
        assets=dict(held.assets),
    )
    around = SignOffContext(judges, reporters, story.metadata.section or "")
    for role in dict.fromkeys(role for roles in places for role in roles) if mine is None else mine:
        if not is_reporter and any("reporter" in roles and role in roles for roles in places):
            continue
        against = objections(entry._replace(role=role), ledger.entries, ledger.record, around)
        if not any(objection.kind is not Kind.WRONG_RECORD for objection in against):
            return True
    return False


@dataclass(frozen=True)
class Setup:
    """What somebody's git signs with: a public key, or what is wrong (`problem`) and what to do about it."""

    key: PublicKey | None = None
    problem: str = ""
    next_step: str = ""


@dataclass(frozen=True)
class Signing:
    """Whether a person's entries have to be signed, and what still keeps them from it (empty when they can)."""

    is_needed: bool
    missing: str
    next_step: str

    @classmethod
    def of(cls, setup: Setup, person: Person | None, settings: Settings, *, at: datetime) -> Signing:
        """Compare what git is set up to sign with to what the roster knows."""
        required = settings.signing.required
        roles = person.roles if person else required if isinstance(required, tuple) else ()
        return cls(any(map(settings.must_sign, (None, *roles))), *_find_missing_step(setup, person, at))


_ON_ROSTER: Mapping[bool, str] = {
    True: "Have it put among your keys in the configuration, in a pull request of its own.",
    False: "Have yourself put on the roster: story people add NAME --email E --role ROLE --key FILE",
}


def _find_missing_step(setup: Setup, person: Person | None, at: datetime) -> tuple[str, str]:
    if setup.key is None:
        return setup.problem, setup.next_step
    mine = [key for key in (person.keys if person else ()) if key.public.blob == setup.key.blob]
    if not mine:
        return "The roster does not know this key", _ON_ROSTER[person is not None]
    if not any(key.is_valid(at) for key in mine):
        return "The roster says that this key is not valid now", _ON_ROSTER[True]
    return "", ""
