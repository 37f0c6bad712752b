"""The words of the trade as frozen types: people, findings, stories. No I/O, no rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from newsroom_cli.times import parse_instant

Value = str | list[Any] | dict[str, Any] | None
"""The value of a key of the front matter: text (every scalar is its text), a list, a mapping, or null."""

RECORD_KEYS = (
    *("id", "state", "draft", "editor", "date", "lastmod", "version", "address", "pubstatus", "corrections"),
    *("publish_at", "embargo"),
)
"""Keys that only `story` writes; each equals what folding the ledger gives. Part of ledger format v1."""


def shadowed_key(key: str) -> str:
    """Return the record key that Hugo, which lowers the case of all keys, takes a key for; empty when there is none."""
    lowered = key.lower()
    return lowered if key != lowered and lowered in RECORD_KEYS else ""


DESK_KEYS = ("due", "assignee")
"""Keys anybody may change at any time; never exported, never hashed. Part of ledger format v1."""

ORIGIN_KEYS = ("original_title", "original_author", "source_url")
"""Keys that say what a reprint reprints."""

NOT_CONTENT = frozenset(RECORD_KEYS + DESK_KEYS)

KEY_ORDER = (
    *("id", "title", "slug", "state", "draft", "reporter", "editor", "author", "authors", "byline", "lang"),
    *("section", "description", "dateline", "source", "date", "lastmod", "version", "address", "pubstatus"),
    *("embargo", "publish_at", "expires", "tags", "subjects", "genre", "urgency", "images"),
    *("reprint", "original_title", "original_author", "source_url", "update_of", "corrections", "imported"),
)
"""Where a new key goes in a story's front matter: behind the last of these that is already there."""

ID = re.compile(r"[0-9]{8}-[0-9a-z]{8}")
"""A story's id: the day it was made and eight letters or digits."""


class Severity(StrEnum):
    """How much a finding weighs; `off` takes it away."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    OFF = "off"


class Finding(NamedTuple):
    """One thing that is not in order, at a place in a file (line and column count from 1).

    `source` is that line of the file as it stands, without its end; empty where it is not known. It makes no other
    finding.
    """

    rule: str
    severity: Severity
    path: str
    line: int
    column: int
    message: str
    hint: str = ""
    key: str = ""
    source: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and self[:-1] == other[:-1]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:-1])

    @property
    def place(self) -> tuple[str, int, str, int, str]:
        """The order findings are shown in: path, line, rule."""
        return (self.path, self.line, self.rule, self.column, self.message)


def make_error(rule: str, path: str, line: int, message: str, hint: str = "", key: str = "") -> Finding:
    """Make an error at the start of a line."""
    return Finding(rule, Severity.ERROR, path, line, 1, message, hint, key)


def place_of(text: str, index: int) -> tuple[int, int]:
    """Return line and column (from 1) of a character; only LF ends a line."""
    return text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1


class Ident(NamedTuple):
    """A person as git writes them: `Name <email>`; a bare name has an empty `email`."""

    name: str
    email: str = ""

    @staticmethod
    @lru_cache(4096)
    def parse(text: str) -> Ident:
        """Read `Name <email>` or a bare name; raises ValueError when there is neither."""
        match = re.fullmatch(r"\s*([^<>]*?)\s*(?:<\s*([^<>\s]*)\s*>)?\s*", text)
        if match is None or not (match[1] or match[2]):
            raise ValueError("is not a name, nor `Name <email>`")
        return Ident(match[1], match[2] or "")

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.email else self.name


@lru_cache(4096)
def ascii_lower(email: str) -> str:
    """Return an e-mail address as people are compared by: stripped, A–Z lowered and nothing else folded."""
    return re.sub(r"[A-Z]+", lambda match: match[0].lower(), email.strip())


def _people(value: object) -> object:
    if value is None or (isinstance(value, str) and not value.strip()):
        return ()
    names = [name for name in (value if isinstance(value, list) else [value]) if name is not None]
    people: list[Ident] = []
    for name in names:
        if not isinstance(name, str):
            raise ValueError("must be a person or a list of people, each `Name <email>` or a name")  # noqa: TRY004
        if name.strip():
            people.append(Ident.parse(name))
    return tuple(people)


def _texts(value: object) -> object:
    if value is None:
        return ()
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("must be text or a list of texts")
    return tuple(texts)


def _whole(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    if value is None or isinstance(value, int):
        return value
    raise ValueError("must be a whole number")


def _truth(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("must be true or false")


def _instant(value: object) -> object:
    if value is None or isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("must be text")  # noqa: TRY004  pydantic reads ValueError
    return parse_instant(value)


def _embargo(value: object) -> object:
    return value if value == "until-further-notice" else _instant(value)


def _source(value: object) -> object:
    if value == []:
        return None
    return value.get("name") if isinstance(value, dict) else value


def _images(value: object) -> object:
    if value is None:
        return ()
    images = value if isinstance(value, list) else [value]
    if not all(isinstance(image, dict) and isinstance(image.get("src"), str) for image in images):
        raise ValueError("must be a list of pictures, each with src, alt, caption and credit")
    return tuple(images)


Text = str | None
People = Annotated[tuple[Ident, ...], PlainValidator(_people)]
Texts = Annotated[tuple[str, ...], PlainValidator(_texts)]
Whole = Annotated[int | None, PlainValidator(_whole)]
Truth = Annotated[bool | None, PlainValidator(_truth)]
Instant = Annotated[datetime | None, PlainValidator(_instant)]


class Image(BaseModel):
    """One picture of `images`; `src` is a path relative to the story's folder, or an address."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    src: str
    alt: Text = None
    caption: Text = None
    credit: Text = None


Source = Annotated[str | None, BeforeValidator(_source)]
Embargo = Annotated[datetime | str | None, PlainValidator(_embargo)]
Images = Annotated[tuple[Image, ...], BeforeValidator(_images)]


class Metadata(BaseModel):
    """A story's known keys with their types; a key that is absent or null is None or ().

    Times are aware datetimes (RFC 3339 with offset). Unknown keys are not here; they stay in the story's text.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True, defer_build=True)

    id: Text = Field(None, description="The story's id, made once and never changed.")
    title: Text = Field(None, description="The headline.")
    slug: Text = Field(None, description="The story's name in its address: the file's name without .md.")
    state: Text = Field(None, description="Where the story is on its way to readers.")
    draft: Truth = Field(None, description="Keeps site builders from publishing what is not public.")
    reporter: People = Field((), description="Who wrote it: `Name <email>` or a name, one or a list.")
    editor: People = Field((), description="Who passed it: `Name <email>`, one or a list.")
    author: Texts = Field((), description="Whom readers see as its author, where not the reporters.")
    authors: Texts = Field((), description="Whom readers see as its authors, where not the reporters.")
    byline: Texts = Field((), description="The line that names its authors, where not the reporters' names.")
    lang: Text = Field(None, description="The language, as BCP 47 has it: en, zh-Hans, pt-BR.")
    section: Text = Field(None, description="The part of the publication it stands in.")
    description: Text = Field(None, description="One sentence that says what happened.")
    dateline: Text = Field(None, description="The place it is reported from.")
    source: Source = Field(None, description="Where it comes from: a name, or a name and a url.")
    date: Instant = Field(None, description="When it was first published (RFC 3339 with offset).")
    lastmod: Instant = Field(None, description="When its public text last changed (RFC 3339 with offset).")
    version: Whole = Field(None, description="The number of its public version, counted from 1.")
    address: Text = Field(None, description="The path readers use, made once when it first went public.")
    pubstatus: Text = Field(None, description="Whether it may be used, as IPTC has it.")
    embargo: Embargo = Field(
        None, description="Until when it is held back (RFC 3339 with offset), or until-further-notice."
    )
    publish_at: Instant = Field(None, description="When it is to become public (RFC 3339 with offset).")
    expires: Instant = Field(None, description="From when it is no longer shown (RFC 3339 with offset).")
    tags: Texts = Field((), description="What it is about, in the house's own words.")
    subjects: Texts = Field((), description="What it is about, as IPTC's media topics: medtop:20000000.")
    genre: Text = Field(None, description="What kind of story it is.")
    urgency: Whole = Field(None, description="How urgent it is, from 1 (most) to 9 (least).")
    images: Images = Field((), description="Its pictures, each with src, alt, caption and credit.")
    reprint: Truth = Field(None, description="Whether it was published elsewhere before.")
    original_title: Text = Field(None, description="The title of what it reprints.")
    original_author: Text = Field(None, description="The author of what it reprints.")
    source_url: Text = Field(None, description="The web address of what it reprints.")
    update_of: Text = Field(None, description="The story it is an update of.")
    aliases: Texts = Field((), description="Addresses it had before.")
    due: Text = Field(None, description="When the desk wants it.")
    assignee: Text = Field(None, description="Who is on it.")


class Story(NamedTuple):
    """One story as one file holds it.

    `path` is relative to the repository with `/`; `fields` are the front matter's values as text, `offsets`
    where each key stands in `text`; `body` is everything behind the closing fence, line ends kept. `mistyped` has, by
    key, why a value is not of the key's type, in words that follow its name.
    """

    path: str
    text: str
    fields: dict[str, Any]
    offsets: dict[str, int]
    body: str
    body_line: int
    metadata: Metadata
    mistyped: Mapping[str, str] = MappingProxyType({})

    @property
    def slug(self) -> str:
        """The story's name in its address: its file's name without `.md`."""
        return self.path.rsplit("/", 1)[-1].removesuffix(".md")

    def place(self, key: str) -> tuple[int, int]:
        """Return line and column of a key; a missing key is at the opening fence."""
        return place_of(self.text, self.offsets[key]) if key in self.offsets else (1, 1)

    def make_finding(
        self, rule: str, key: str, message: str, hint: str, severity: Severity = Severity.ERROR
    ) -> Finding:
        """Make a finding at a key."""
        return Finding(rule, severity, self.path, *self.place(key), message, hint, key)

    def holds(self, key: str) -> bool:
        """Tell whether a key is filled: null, blank text, `[]`, `{}` and a source without a name are not."""
        value = self.fields.get(key)
        if isinstance(value, str):
            return bool(value) and not value.isspace()
        return is_filled(value.get("name") if key == "source" and isinstance(value, dict) else value)


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a value of the front matter, lists and tables included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)


def is_filled(value: object) -> bool:
    """Tell whether a value says something: not null, not blank, not empty, not a list of such."""
    if isinstance(value, str):
        return bool(value) and not value.isspace()
    if isinstance(value, list):
        return any(is_filled(item) for item in value)
    return value not in (None, {})


class Inspection(NamedTuple):
    """The result of a check: its findings, how many stories it read, and how many there are.

    `touched` has, by path, the lines (from 1) that the change under check wrote; empty without a change. `known` is
    how many more findings the baseline has.
    """

    findings: tuple[Finding, ...]
    checked: int
    total: int
    touched: Mapping[str, frozenset[int]] = MappingProxyType({})
    known: int = 0

    def narrow(self, *, select: Sequence[str], ignore: Sequence[str], always: Callable[[str], bool]) -> Inspection:
        """Return the same check with the findings of some rules only, or without those of some; `always` names stay."""

        def is_kept(rule: str) -> bool:
            return always(rule) or ((not select or rule in select) and rule not in ignore)

        kept_findings = (finding for finding in self.findings if is_kept(finding.rule))
        return self._replace(findings=tuple(kept_findings))

    def fails(self, level: str) -> bool:
        """Tell whether a finding weighs as much as `level` (error or warning); never for `never`."""
        weights = {"error": (Severity.ERROR,), "warning": (Severity.ERROR, Severity.WARNING), "never": ()}[level]
        return any(finding.severity in weights for finding in self.findings)

    def number_of(self, severity: Severity) -> int:
        """Count the findings of a severity."""
        return sum(finding.severity is severity for finding in self.findings)


class Frozen(BaseModel):
    """A frozen table of the configuration or the pipeline in which an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
