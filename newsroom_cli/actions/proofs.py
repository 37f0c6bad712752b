"""Which entries of a ledger are proven to be their makers', and which of the unshared ones do not stand any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Literal, NamedTuple

from newsroom_cli.errors import CannotRun
from newsroom_cli.history import attribution, story_history
from newsroom_cli.history.losses import count_common_entries
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Ledger, Origin
from newsroom_cli.repository.blobs import BlobReader
from newsroom_cli.repository.log import log
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.repository.protected import judges_before, protected_judges, protected_versions
from newsroom_cli.settings.settings import STRENGTHS
from newsroom_cli.verify.objections import SignOffContext, not_entitled
from newsroom_cli.verify.signed import judge_signature, signature_flaw


class Proofs(NamedTuple):
    """The commit that brought each entry of a ledger, by number, and the numbers of those that are proven.

    `former` are proven only by a key that was their maker's when the branch began, and is not any more.
    """

    commits: Mapping[int, str] = MappingProxyType({})
    proven: frozenset[int] = frozenset()
    former: frozenset[int] = frozenset()


def prove(newsroom: Newsroom, ledger: Ledger, revision: str) -> Proofs:
    """Prove the entries of a ledger that a revision has, by the judges of the protected branch.

    An entry is proven by a commit of its maker's that brought it alone; where its role has to sign, by its signature
    and by nothing else.
    """
    policy = protected_judges(newsroom)
    origins = story_history.find_origins(newsroom.git, policy, ledger, revision)
    proven, former = set[int](), set[int]()
    for number, entry in enumerate(ledger.entries, 1):
        origin = origins.get(number, _UNKNOWN)
        strength = judge_signature(entry, origin, policy).strength
        needed = "signed" if policy.settings.must_sign(entry.role) else "attributed"
        if STRENGTHS.index(strength) >= STRENGTHS.index(needed):
            proven.add(number)
        elif entry.sig is not None and _was_signed(newsroom, entry, origin):
            former.add(number)
    commits = {number: origin.commit for number, origin in origins.items()}
    return Proofs(commits, frozenset(proven | former), frozenset(former))


_UNKNOWN = Origin("", "recorded")


def _was_signed(newsroom: Newsroom, entry: Entry, origin: Origin) -> bool:
    """Tell whether an entry was signed by its maker's key of the time, as the protected branch had it then."""
    return judge_signature(entry, _UNKNOWN, judges_before(newsroom, origin.commit)).strength == "signed"


class Lapsed(NamedTuple):
    """An entry that nobody has yet beyond this branch and that would not be taken as it is, with the reason.

    `what` is wrong: its signature, its maker, who is gone or may not make it any more, or the words it names.
    """

    entry: Entry
    what: Literal["signature", "maker", "words"]
    reason: str


def lapsed_entries(newsroom: Newsroom, path: str, ledger: Ledger, proofs: Proofs) -> Iterator[Lapsed]:
    """Yield the entries of a story, behind those that a protected branch has, that do not stand any more."""
    policy = protected_judges(newsroom)
    for number in range(_count_shared_entries(newsroom, ledger) + 1, len(ledger.entries) + 1):
        entry = ledger.entries[number - 1]
        if why := _signature_flaw(entry, policy):
            yield Lapsed(entry, "signature", f"its signature {why.removesuffix('.')}")
        elif why := not_entitled_any_more(entry, policy):
            yield Lapsed(entry, "maker", why)
        elif number in proofs.proven and _is_nowhere(newsroom, path, entry, proofs.commits.get(number, "")):
            yield Lapsed(entry, "words", "the story never had the words it names where it was made")


def _signature_flaw(entry: Entry, policy: Policy) -> str:
    """Return why an entry's signature proves nothing; empty where it does, or none is there or can be judged."""
    with suppress(CannotRun):
        return signature_flaw(entry, policy) if entry.sig is not None else ""
    return ""


def _count_shared_entries(newsroom: Newsroom, ledger: Ledger) -> int:
    """Return how many entries of a ledger a protected branch has."""
    versions = protected_versions(newsroom, ledger.path).values()
    return max((count_common_entries(ledger.content, content) for content in versions), default=0)


def not_entitled_any_more(entry: Entry, policy: Policy) -> str:
    """Return why nobody on today's roster could have made an entry in its role; empty where its maker could.

    Sections do not count here: a story may have moved to another one since.
    """
    person = policy.person(entry.actor)
    if not policy.has_roster or entry.role is None or (person is not None and entry.role in person.roles):
        return ""
    return not_entitled(entry.actor, entry.role, SignOffContext(policy)).removesuffix(".")


def _is_nowhere(newsroom: Newsroom, path: str, entry: Entry, commit_id: str) -> bool:
    """Tell whether a story had the words and pictures of an entry neither at the commit that brought it nor before.

    A story that was not at its path then is not judged: only an update's other commits would say where it was.
    """
    with BlobReader(newsroom.git) as reader:
        for commit in log(newsroom.git, "--no-walk", commit_id) if commit_id else ():
            versions = [*attribution.versions_at(commit, entry.story, reader, [path])]
            return bool(versions) and not attribution.has_words_of(entry, versions, reader)
    return False
