"""Signs entries as they are written: which of them, and whose key it has to be."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsroom_cli.errors import CannotRun, NotYourRight, Refusal
from newsroom_cli.history.losses import count_common_entries
from newsroom_cli.record import ledger
from newsroom_cli.record.entries import Entry, serialise
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.repository.commit import Write
from newsroom_cli.repository.layout import is_ledger
from newsroom_cli.repository.ssh_signing import SET_UP, SigningKey
from newsroom_cli.settings.settings import Key
from newsroom_cli.times import format_ledger_time
from newsroom_cli.verify.signed import signature_flaw

if TYPE_CHECKING:
    from newsroom_cli.repository.newsroom import Newsroom


def sign_entries(newsroom: Newsroom, writes: tuple[Write, ...]) -> tuple[Write, ...]:
    """Return the same writes with every new entry signed that is to be; nothing is written.

    An entry is signed where the newsroom asks for it, else where the key git names is one of its maker's on the
    roster. Raises Refusal and CannotRun when an entry has to be signed and is not.
    """
    return tuple(map(_Desk(newsroom).seal, writes))


@dataclass
class _Desk:
    """Signing in one newsroom; the key is looked up when the first entry needs it."""

    newsroom: Newsroom
    _key: SigningKey | None = None
    _sealed: dict[str, bytes] = field(default_factory=dict)

    def seal(self, write: Write) -> Write:
        """Return a write with its new entries signed, and chained to those that earlier writes sealed."""
        files, expects = dict(write.files), dict(write.expects)
        for path, content in write.files.items():
            if content is None or not is_ledger(path):
                continue
            known = count_common_entries(content, write.expects.get(path) or b"")
            before = b"".join(content.splitlines(keepends=True)[:known])
            if path in self._sealed:
                before = expects[path] = self._sealed[path]
            grown = ledger.parse(path, before) if before else Ledger(path)
            for entry in ledger.parse(path, content).entries[known:]:
                seq, prev = grown.next_link()
                grown = grown.with_entry(self._finish(entry._replace(seq=seq, prev=prev)))
            files[path] = self._sealed[path] = grown.content
        return write._replace(files=files, expects=expects)

    def _finish(self, entry: Entry) -> Entry:
        """Return an entry as it is written: signed where it has to be or its maker is set up for it.

        Others' entries stay as they are, and one's own whose signature holds.
        """
        policy = self.newsroom.judges
        if not policy.same(entry.actor, self.newsroom.actor) or (
            entry.sig is not None and not signature_flaw(entry, policy)
        ):
            return entry
        bare = entry._replace(sig=None)
        if policy.settings.must_sign(bare.role):
            return self._sign(bare, self._key_for(bare))
        key = self._key_at_hand(bare)
        return self._sign(bare, key) if key is not None else bare

    def _sign(self, bare: Entry, key: SigningKey) -> Entry:
        entry = bare._replace(sig=key.sign(serialise(bare).removesuffix(b"\n")))
        if why := signature_flaw(entry, self.newsroom.judges, now=bare.moment):
            raise Refusal(f"The entry was not signed: the signature {why}", "Nothing was written.")
        return entry

    def _key_at_hand(self, entry: Entry) -> SigningKey | None:
        """Find the key for an entry that need not be signed; None where none is set up, or could be judged here."""
        person = self.newsroom.judges.person(entry.actor)
        if person is None or not person.keys:
            return None
        with suppress(Refusal, CannotRun):
            return self._key_for(entry)
        return None

    def _key_for(self, entry: Entry) -> SigningKey:
        """Find the key to sign an entry with; raises Refusal, NotYourRight or CannotRun, each with what to do next."""
        policy, actor = self.newsroom.judges, entry.actor
        if not policy.has_roster:
            message = "This newsroom signs its entries, and lists no people whose keys could be known."
            raise Refusal(message, "Write [[people]] with their keys into newsroom.toml, or take [signing] out.")
        person = policy.person(actor)
        if person is None or not person.keys:
            why = "has no key on the roster" if person else "is not on the roster"
            hint = 'In newsroom.toml, at [[people]]: keys = [{ key = "the line of your .pub file" }]'
            raise NotYourRight(f"{entry.action} has to be signed, and {actor} {why}.", hint)
        from newsroom_cli.record import signatures

        signatures.need_library()
        self._key = self._key or SigningKey.of(self.newsroom.git, self.newsroom.commits.root)
        mine = [key for key in person.keys if key.public.blob == self._key.public.blob]
        if not mine:
            message = f"The key git signs with ({self._key.public.fingerprint}) is none of {person.name} on the roster."
            listed = ", ".join(key.public.fingerprint for key in person.keys)
            raise NotYourRight(message, f"On the roster: {listed}. To sign with it: {SET_UP}")
        if not any(key.is_valid(entry.moment) for key in mine):
            raise NotYourRight(f"The key git signs with is not valid at {entry.at}.", _validity(mine))
        return self._key


def _validity(mine: Sequence[Key]) -> str:
    """Return what the roster says of a key's time."""
    times = [
        (f"from {format_ledger_time(key.valid_from)}" if key.valid_from else "")
        + (f" until {format_ledger_time(key.valid_until)}" if key.valid_until else "")
        for key in mine
    ]
    return f"The roster has it {' and '.join(time.strip() for time in times)}. Write a new key beside it."
