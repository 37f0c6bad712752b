"""Line <-> entry: one step of a story's record.

A line is exactly our serialisation: fixed key order, compact JSON, UTF-8, empty keys left out, one LF.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import Any, NamedTuple

from pydantic_core import PydanticSerializationError, from_json, to_json

from newsroom_cli.errors import CannotRun
from newsroom_cli.escaping import is_plain
from newsroom_cli.model import ID, Ident
from newsroom_cli.times import parse_ledger_time

SignedFor = tuple[str, Mapping[str, str], Mapping[str, Any]]
"""What a sign-off is for: a content hash, blob ids by picture, terms."""
_NOTHING: Mapping[str, Any] = {}


class Entry(NamedTuple):
    """One line of a ledger. `at` is UTC in whole seconds; `content` the content hash; `assets` blob ids by picture.

    `terms` are a time, a kind or a notice that is signed with the words; `via` says how an entry came here that its
    maker's own hand did not write, and proves nothing.
    """

    seq: int
    story: str
    action: str
    to: str
    by: str
    at: str
    content: str
    prev: str | None = None
    from_: str | None = None
    role: str | None = None
    assets: Mapping[str, str] = _NOTHING
    writers: tuple[str, ...] = ()
    terms: Mapping[str, Any] = _NOTHING
    set: Mapping[str, Any] = _NOTHING
    override: str | None = None
    note: str | None = None
    via: str | None = None
    sig: str | None = None

    @property
    def moment(self) -> datetime:
        """The entry's time."""
        return parse_ledger_time(self.at)

    @property
    def actor(self) -> Ident:
        """Who made the entry."""
        return Ident.parse(self.by)

    @property
    def signed_for(self) -> SignedFor:
        """The words, the pictures and the terms that the entry is a yes to."""
        return self.content, self.assets, self.terms

    @property
    def completes(self) -> bool:
        """Tell whether the entry moved the story."""
        return self.to != self.from_


_ORDER = (
    *("v", "seq", "prev", "story", "action", "from", "to", "by", "role", "at", "content", "assets", "writers"),
    *("terms", "set", "override", "note", "via", "sig"),
)
_KINDS = {"v": int, "seq": int, "assets": dict, "writers": list, "terms": dict, "set": dict}
_LINE: Mapping[str, type] = {name: _KINDS.get(name, str) for name in _ORDER}
"""The fields of a line in their order, each with its type, text for most; an empty one is left out."""
_IN_LINE = tuple(name.removesuffix("_") for name in Entry._fields)
"""The names that an entry's fields have in a line."""
VIA_LENGTH = 200
"""Characters that `via` may have."""
_EMPTY = tuple(map(Entry._field_defaults.get, Entry._fields))
_NEEDED = frozenset(("v", *Entry._fields)) - Entry._field_defaults.keys()
_IN_ORDER = attrgetter(*("from_" if name == "from" else name for name in _LINE if name != "v"))


def values_of(entry: Entry) -> dict[str, Any]:
    """Return an entry's values by the names they have in a line, in its order, with those that a line leaves out."""
    return dict(zip(_LINE, (1, *_IN_ORDER(entry)), strict=True))


def serialise(entry: Entry) -> bytes:
    """Write an entry as its line, with its LF; raises UnicodeEncodeError for text that was no UTF-8."""
    fields = {name: value for name, value in values_of(entry).items() if value}
    try:
        return to_json(fields) + b"\n"
    except PydanticSerializationError:
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def hash_line(line: bytes) -> str:
    """Return the `prev` that the next line must have: SHA-256 of a line without its LF."""
    return "sha256:" + hashlib.sha256(line.removesuffix(b"\n")).hexdigest()


_MARK = re.compile(rb"(<{7}|={7}|>{7})(?: |\r?$)")
_BEGINNING = b'{"v":1,'
_NOT_OURS = "the line is not written as `story` writes it."
_VERSION = re.compile(rb'\{"v":([0-9]+)[,}]')


class NotAnEntry(ValueError):
    """A line that is no entry; the message says why, in a sentence."""


def parse_line(line: bytes, path: str) -> Entry:
    """Parse a line without its LF; raises NotAnEntry, and CannotRun for the format of a later `story`."""
    if not line.startswith(_BEGINNING):
        _refuse_beginning(line, path)
    try:
        fields = from_json(line, allow_inf_nan=False)
    except ValueError:
        fields = None
    if type(fields) is not dict:
        raise NotAnEntry("this line is not JSON.")
    if flaw := _check_fields(tuple(fields), tuple(map(type, fields.values()))) or _check_values(fields):
        raise NotAnEntry(flaw)
    if not (line.startswith(_BEGINNING) and all(fields.values()) and to_json(fields) == line):
        raise NotAnEntry(_NOT_OURS)
    if "writers" in fields:
        fields["writers"] = tuple(fields["writers"])
    return Entry._make(map(fields.get, _IN_LINE, _EMPTY))


def _refuse_beginning(line: bytes, path: str) -> None:
    if _MARK.match(line):
        raise NotAnEntry("a merge conflict was left in the ledger.")
    version = _VERSION.match(line)
    if version and version[1] != b"1":
        raise CannotRun(
            f"{path}: ledger format {version[1].decode()} is newer than this `story` reads.",
            "Install the version the newsroom uses.",
        )


@lru_cache(256)
def _check_fields(names: tuple[str, ...], types: tuple[type, ...]) -> str:
    """Return a fault in the names and types of a line's fields; empty where they are in order."""
    if unknown := [name for name in names if name not in _LINE]:
        return f"the entry has an unknown field {unknown[0]}."
    wrong = [name for name, kind in zip(names, types, strict=True) if kind is not _LINE[name]]
    if wrong := [name for name in _LINE if name in wrong or (name in _NEEDED and name not in names)]:
        return f"the entry's {wrong[0]} is not what it must be."
    return "" if names == tuple(name for name in _LINE if name in names) else _NOT_OURS


def _check_values(fields: Mapping[str, Any]) -> str:
    """Return a fault in the values of a line's fields, whose types are right; empty where they are in order."""
    if fields["seq"] < 1:
        return "the entry's seq is not what it must be."
    if "assets" in fields and not _are_texts(fields["assets"].values()):
        return "the entry's assets is not what it must be."
    if "writers" in fields and not _are_texts(fields["writers"]):
        return "the entry's writers is not what it must be."
    if "via" in fields and (len(fields["via"]) > VIA_LENGTH or not is_plain(fields["via"])):
        return f"the entry's via is not one line of at most {VIA_LENGTH} characters."
    try:
        _ = parse_ledger_time(fields["at"]), Ident.parse(fields["by"])
        is_known = ID.fullmatch(fields["story"]) is not None
    except ValueError:
        is_known = False
    if not is_known:
        return "the entry names no time or person that can be read."
    made = fields.get("set", _NOTHING)
    is_kind = type(made.get("draft")) in (bool, NoneType) and type(made.get("version")) in (int, NoneType)
    return "" if is_kind else "the entry sets what is no value of its key."  # to Python 1, 1.0 and true are equal


def _are_texts(values: Iterable[object]) -> bool:
    return all(type(value) is str for value in values)
