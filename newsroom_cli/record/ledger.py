"""The append-only record of one story: entries chained line by line, and what they fold to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from itertools import takewhile
from types import MappingProxyType
from typing import Any, NamedTuple

from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import ID, RECORD_KEYS, Finding, Story, make_error
from newsroom_cli.record.entries import Entry, NotAnEntry, SignedFor, hash_line, parse_line, serialise
from newsroom_cli.record.record_effects import Record
from newsroom_cli.record.stops import UNTIL_FURTHER_NOTICE, is_killed
from newsroom_cli.settings.pipeline import REQUIRE, Move, Pipeline
from newsroom_cli.settings.settings import Strength
from newsroom_cli.times import as_instant, format_with_offset, parse_instant

ROOT = ".newsroom/ledger"


class Origin(NamedTuple):
    """The commit that brought an entry, and what is proven of it; `flaw` is why its signature proves nothing.

    `landed` is the commit with which the line took the entry in, where a whole line was walked.
    """

    commit: str
    strength: Strength
    flaw: str = ""
    landed: str = ""


def path_of(story_id: str) -> str:
    """Return the path of a story's ledger: in a folder of its id's day, for hosts advise at most 3,000 files in one."""
    return f"{ROOT}/{story_id[:4]}/{story_id[4:6]}/{story_id[6:8]}/{story_id}.jsonl"


def id_of(path: str) -> str:
    """Return the id of the story whose ledger belongs at a path; empty where none does."""
    story_id = path.rsplit("/", 1)[-1].removesuffix(".jsonl")
    return story_id if ID.fullmatch(story_id) and path_of(story_id) == path else ""


def month_path_of(story_id: str) -> str:
    """Return the path where a story's ledger was kept before there was a folder a day."""
    return f"{ROOT}/{story_id[:4]}/{story_id[4:6]}/{story_id}.jsonl"


def is_in_month(path: str) -> bool:
    """Tell whether a path is where a ledger was kept before there was a folder a day."""
    story_id = path.rsplit("/", 1)[-1].removesuffix(".jsonl")
    return ID.fullmatch(story_id) is not None and month_path_of(story_id) == path


INTO_DAYS = (
    f"for f in {ROOT}/*/*/????????-????????.jsonl; do "
    'd=${f##*/??????}; d=${f%/*}/${d%%-*}; mkdir -p "$d" && git mv "$f" "$d"; done'
)
"""The line of shell that moves every ledger into the folder of its day; the day is cut out of the file's name."""


def ledgers_in_months(paths: Iterable[str]) -> Iterator[Finding]:
    """Make one finding of all the ledgers that stand where they were kept before; none where there is no such."""
    old = sorted({path for path in paths if is_in_month(path)})
    if old:
        number = f"this ledger and {len(old) - 1} more are" if len(old) > 1 else "this ledger is"
        message = f"{number} in the folder of a month; a ledger's folder is its day's."
        yield make_error("ledger-stray", old[0], 1, message, f"Move them: {INTO_DAYS}")


@dataclass(frozen=True)
class Ledger:
    """A story's entries in order, the bytes they came from, and what is wrong with them."""

    path: str
    content: bytes = b""
    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def lines(self) -> list[bytes]:
        """The whole lines of its bytes."""
        return split_lines(self.content)

    def has_lines(self, numbered: Iterable[tuple[int, bytes]]) -> bool:
        """Tell whether all of some lines stand where their numbers (from 1) say."""
        lines = self.lines
        return all(lines[number - 1 : number] == [line] for number, line in numbered)

    @cached_property
    def record(self) -> Record:
        """The record keys that the entries add up to, with their values."""
        return fold(self.entries)

    @property
    def state(self) -> str | None:
        """Where the story stands; None before its first entry."""
        return self.entries[-1].to if self.entries else None

    def signed_for_readers(self, pipeline: Pipeline) -> Entry | None:
        """Return the last entry whose words and pictures were signed for readers; None where there is none."""
        return next((entry for entry in reversed(self.entries) if signs_for_readers(entry, pipeline)), None)

    def binding_entry(self, pipeline: Pipeline) -> Entry | None:
        """Return the entry whose words and pictures a story in a public state has to have; None in any other state.

        Of one that was killed it is the kill, which may have come upon words that nobody signed for readers.
        """
        if not pipeline.is_public(self.state):
            return None
        if is_killed(pipeline, self.record):
            return next((entry for entry in reversed(self.entries) if entry.set.get("pubstatus") == "canceled"), None)
        return self.signed_for_readers(pipeline)

    @property
    def moved(self) -> Entry | None:
        """The last entry that moved the story."""
        return next((entry for entry in reversed(self.entries) if entry.completes), None)

    def with_entry(self, entry: Entry) -> Ledger:
        """Return the ledger with one more entry."""
        return Ledger(self.path, self.content + serialise(entry), (*self.entries, entry), self.findings)

    def next_link(self) -> tuple[int, str | None]:
        """Return `seq` and `prev` of the entry to come."""
        if not self.entries:
            return 1, None
        return len(self.entries) + 1, hash_line(self.content.rstrip(b"\n").rsplit(b"\n", 1)[-1])


def split_lines(content: bytes) -> list[bytes]:
    """Return the whole lines of a ledger's bytes, without their ends."""
    return content.split(b"\n")[:-1]


def fold(entries: Iterable[Entry], record: Record | None = None) -> Record:
    """Add up all entries' `set`s, and the state the last one leads to, into a record; null clears a key."""
    folded: Record = dict(record or {})
    for entry in entries:
        folded["id"], folded["state"] = entry.story, entry.to
        for key, value in entry.set.items():
            if value is None:
                folded.pop(key, None)
            else:
                folded[key] = value
    return folded


def signs_for_readers(entry: Entry, pipeline: Pipeline) -> bool:
    """Tell whether an entry signed words that readers get: it led to a public state, or counted a version."""
    return (entry.completes and pipeline.is_public(entry.to)) or entry.set.get("version") is not None


def parse(path: str, content: bytes, above: Ledger | None = None) -> Ledger:
    """Read a ledger; everything wrong with its lines is in `findings`, entries stop at the first broken line.

    Where it continues the ledger `above`, only the lines behind that are read. Raises CannotRun for a ledger of
    another format version.
    """
    goes_on = above is not None and above.entries and not above.findings and content.startswith(above.content)
    known = above if above is not None and goes_on else Ledger(path)
    entries = list(known.entries)
    findings: list[Finding] = []
    story_id = path.rsplit("/", 1)[-1].removesuffix(".jsonl")
    prev = known.next_link()[1]
    rest = content[len(known.content) :]
    lines = rest.split(b"\n")[:-1] if rest.endswith(b"\n") or (known.entries and not rest) else rest.split(b"\n")
    for number, line in enumerate(lines, len(entries) + 1):
        try:
            entry = parse_line(line, path)
        except NotAnEntry as wrong:
            ends = line.endswith(b"}\r")
            findings.append(
                _wrong_line_ends(path, number) if ends else _make_finding("ledger-line", path, number, str(wrong))
            )
            break
        if entry.seq != number or entry.prev != prev:
            what = "does not continue the line above it" if entry.prev != prev else f"is numbered {entry.seq}"
            findings.append(_make_finding("ledger-chain", path, number, f"this entry {what}."))
            break
        if entry.story != story_id:
            findings.append(_make_finding("ledger-foreign", path, number, f"this entry is of the story {entry.story}."))
            break
        prev = hash_line(line)
        entries.append(entry)
    if not findings and not content.endswith(b"\n"):
        findings.append(_make_finding("ledger-line", path, max(len(entries), 1), "the last line is cut off."))
    return Ledger(path, content, tuple(entries), tuple(findings))


def _make_finding(rule: str, path: str, line: int, message: str) -> Finding:
    hint = f"After a merge: story redo SLUG; else put the ledger back as it was: git log -p -- {shell_quote(path)}"
    return make_error(rule, path, line, message, hint)


def _wrong_line_ends(path: str, line: int) -> Finding:
    """Return the finding for a ledger to which git, or an editor, gave the line ends of another system."""
    message = "the line ends in CR LF; a ledger's end in LF alone."
    anew = f"rm {shell_quote(path)} && git checkout -- {shell_quote(path)}"
    way = f"Write `.newsroom/** -text` into .gitattributes, as story init does; then: {anew}"
    hint = f"{way}; where git holds it so, put it back as it was: git log -p -- {shell_quote(path)}"
    return make_error("ledger-line", path, line, message, hint)


def record_in_file(record: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """Return a record, or a change of one, as front matter has it: one editor as text, times in the newsroom's zone."""

    def format_here(at: str) -> str:
        return format_with_offset(parse_instant(at), zone)

    written = {key: value for key, value in record.items() if key in RECORD_KEYS}
    for key, value in written.items():
        if value is None:
            continue
        if key in ("date", "lastmod", "publish_at") or (key == "embargo" and value != UNTIL_FURTHER_NOTICE):
            written[key] = format_here(value)
        elif key == "editor" and len(value) == 1:
            written[key] = value[0]
        elif key == "corrections":
            written[key] = [{**correction, "date": format_here(correction["date"])} for correction in value]
    return written


def disagreements(story: Story, record: Record) -> Iterator[tuple[str, Any, Any]]:
    """Yield each record key that differs between file and ledger: the key, the file's value, the ledger's."""
    for key in RECORD_KEYS:
        have, want = story.fields.get(key), record.get(key)
        if have != want and not _agree(have, want):
            yield key, have, want


def _agree(have: Any, want: Any) -> bool:
    if have is None or want is None:
        return have is None and want is None
    if isinstance(want, bool):
        return bool(have == str(want).lower())
    if isinstance(want, list):
        each = have if isinstance(have, list) else [have]
        return len(each) == len(want) and all(map(_agree, each, want))
    if isinstance(want, dict):
        return isinstance(have, dict) and all(_agree(have.get(key), want.get(key)) for key in {**have, **want})
    if have == str(want):
        return True
    moment = as_instant(have)
    return moment is not None and moment == as_instant(want)


class Held(NamedTuple):
    """One story as one tree holds it: its file, its ledger, and the blob ids of the pictures it names.

    `story` is None when the file is missing or cannot be read, `ledger` when there is none.
    """

    story: Story | None = None
    ledger: Ledger | None = None
    assets: Mapping[str, str] = MappingProxyType({})

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of its ledger; none where there is no ledger."""
        return self.ledger.entries if self.ledger else ()


def sign_offs_that_count(entries: Sequence[Entry], move: Move, signed_for: SignedFor) -> list[Entry]:
    """Return the sign-offs that count towards a move, one a place: those for this content, these assets and terms.

    The last place is never among them: whoever gives it completes the move.
    """
    signed: list[Entry] = []
    if len(move.by) < 2:  # noqa: PLR2004  whoever signs alone completes the move
        return signed
    for entry in sign_offs_given(entries, move.action):
        is_next = len(signed) < len(move.by) - 1 and entry.role in move.places[len(signed)]
        if is_next and entry.signed_for == signed_for:
            signed.append(entry)
    return signed


WAY_OUT = "Look at it, then: story publish SLUG --at TIME, or story deschedule SLUG"
"""What to do about a schedule that is void."""


def scheduling_entry(entries: Sequence[Entry]) -> Entry | None:
    """Return the entry by which a story is to go public at a time; None where there is no such time."""
    last = next((entry for entry in reversed(entries) if "publish_at" in entry.set), None)
    return last if last and last.set["publish_at"] else None


def why_void(planned: Entry, entries: Sequence[Entry], *, content: str, assets: Mapping[str, str]) -> str:
    """Return why a schedule no longer holds for a story as it is; empty while it does."""
    if content != planned.content:
        return "the words changed since it was signed"
    if dict(assets) != dict(planned.assets):
        return "a picture changed since it was signed"
    if any(REQUIRE in entry.set for entry in entries[planned.seq :]):
        return "a role was asked for or taken back since it was signed"
    return ""


def sign_offs_given(entries: Sequence[Entry], action: str) -> list[Entry]:
    """Return every sign-off of an action since the last completed move or its own completion, lapsed ones too."""
    since = takewhile(lambda entry: not (entry.completes or (entry.action == action and entry.set)), reversed(entries))
    return [entry for entry in since if entry.action == action][::-1]
