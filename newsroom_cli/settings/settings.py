"""A newsroom's configuration: TOML <-> typed, frozen settings. Every key is optional, an unknown one is an error."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from newsroom_cli.addresses import PERMALINK, PermalinkFlaw, check_permalink
from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Frozen, Severity, ascii_lower
from newsroom_cli.settings import pipeline as pipelines
from newsroom_cli.times import parse_instant

if TYPE_CHECKING:
    from newsroom_cli.ssh_keys import PublicKey

Strength = Literal["recorded", "attributed", "signed"]
STRENGTHS: tuple[Strength, ...] = ("recorded", "attributed", "signed")
JUDGES = ("people", "pipeline", "rules", "trust", "signing")
"""Tables that judge stories: they are read from the base and never change together with stories."""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9.-]*:[!-~]+")
"""A host and a name there, each of ASCII that can be seen."""

PUBLICATION = ("permalink", "url", "holder", "licences", "hotline", "contact", "policies")
"""Keys of `[publication]`: the facts a house may give about itself."""


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"{value!r} is not a time zone, as Asia/Shanghai is") from None


def _emails(values: tuple[str, ...]) -> tuple[str, ...]:
    folded = tuple(ascii_lower(value) for value in values)
    if not folded or not all(folded):
        raise ValueError("needs at least one e-mail, none of them empty")
    return folded


def _logins(values: tuple[str, ...]) -> tuple[str, ...]:
    folded = tuple(ascii_lower(value) for value in values)
    for value in folded:
        if not _LOGIN.fullmatch(value):
            raise ValueError(f"{value!a} is no login; write host:name, as github:liwei")
    return folded


def _folder(value: str) -> str:
    sample = re.sub(r"\{(?:year|month|day|section)\}", "x", value)
    if "{" in sample or "}" in sample:
        raise ValueError("may use {year}, {month}, {day} and {section}")
    if not sample.isprintable() or sample.startswith("/") or ".." in sample.split("/") or "\\" in sample:
        raise ValueError("must stay under stories/")
    return value.strip("/")


def _none_for_zero(value: object) -> object:
    return None if type(value) is int and value == 0 else value


Count = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(_none_for_zero)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]


def _public_key(value: str) -> str:
    from newsroom_cli import ssh_keys

    _ = ssh_keys.parse(value)
    return value.strip()


def _moment(value: object) -> object:
    """A time with its zone, as TOML or as RFC 3339 text has it."""
    if value is None or (isinstance(value, datetime) and value.tzinfo is not None):
        return value
    return parse_instant(value.isoformat() if isinstance(value, date) else str(value))


Moment = Annotated[datetime | None, BeforeValidator(_moment)]


class Key(Frozen):
    """One SSH public key of a person, with the first and the last moment it is valid at; None is open."""

    key: Annotated[str, AfterValidator(_public_key)]
    valid_from: Moment = None
    valid_until: Moment = None

    @property
    def public(self) -> PublicKey:
        """The key itself."""
        from newsroom_cli import ssh_keys

        return ssh_keys.parse(self.key)

    def is_valid(self, moment: datetime) -> bool:
        """Tell whether the key may sign at a moment."""
        return (self.valid_from or moment) <= moment <= (self.valid_until or moment)


class Person(Frozen):
    """One person of the roster; no `sections` means all of them.

    `emails` are lower-cased (ASCII), as are `logins`: who they are on a host, `host:name`.
    """

    name: str
    emails: Annotated[tuple[str, ...], AfterValidator(_emails)]
    roles: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    logins: Annotated[tuple[str, ...], AfterValidator(_logins)] = ()


class Trust(Frozen):
    """`[trust]`: the proof an entry must give, and who may lift four eyes or change the configuration."""

    require: Strength | None = None
    protected: tuple[str, ...] = ()
    override: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()
    archive: tuple[str, ...] = ()


class Limits(Frozen):
    """Longest texts: title and description in readers' characters, the slug in bytes; how many words a body has.

    `words_min` and `words_max` are None where a body may be of any length; TOML has no null, so 0 is written.
    """

    title: int = Field(120, ge=1)
    description: int = Field(160, ge=1)
    slug: int = Field(80, ge=1, le=200)
    words_min: Count = None
    words_max: Count = None


class Signing(Frozen):
    """Whose entries carry a signature: nobody's, everybody's, or those of some roles."""

    required: bool | tuple[str, ...] = False


def _severity(value: object) -> object:
    if value not in list(Severity):
        raise ValueError(f"{value!r} is not a severity; write error, warning, info or off")
    return value


Weight = Annotated[Severity, BeforeValidator(_severity)]


class Weights(BaseModel):
    """Severities by rule, and by rule in some states and sections."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)
    __pydantic_extra__: dict[str, Weight]

    states: dict[str, dict[str, Weight]] = {}
    sections: dict[str, dict[str, Weight]] = {}


class Settings(Frozen):
    """Everything a newsroom may say; the defaults are a newsroom that says nothing.

    Its tables' defaults are constructed: to validate them each table would be built twice.
    """

    name: str = ""
    language: str = "en"
    timezone: Zone = Field(default_factory=lambda: ZoneInfo("UTC"))
    source: str = ""
    slugs: Literal["ascii", "unicode"] = "ascii"
    path: Annotated[str, AfterValidator(_folder)] = "{year}/{month}"
    sections: dict[str, str] = {}
    people: tuple[Person, ...] = ()
    trust: Trust = Trust.model_construct()
    limits: Limits = Limits.model_construct()
    signing: Signing = Signing.model_construct()
    rules: Weights = Weights.model_construct()
    pipeline_table: pipelines.PipelineTable = Field(pipelines.PipelineTable.model_construct(), alias="pipeline")
    publication: dict[str, Any] = {}

    @cached_property
    def pipeline(self) -> pipelines.Pipeline:
        """The states and moves in force."""
        return pipelines.parse(self.pipeline_table) if self.has_own_pipeline else pipelines.default()

    @property
    def permalink(self) -> str:
        """The pattern from which a story's address is made."""
        return str(self.publication.get("permalink", PERMALINK))

    @property
    def has_own_pipeline(self) -> bool:
        """Tell whether the newsroom replaced rows of the default pipeline."""
        return bool(self.pipeline_table.states or self.pipeline_table.moves)

    @property
    def signs(self) -> bool:
        """Tell whether any entry here may be signed: the newsroom asks for it, or lists somebody's keys."""
        asked = bool(self.signing.required) or self.trust.require == "signed"
        return asked or any(person.keys for person in self.people)

    def must_sign(self, role: str | None) -> bool:
        """Tell whether an entry of a role (None: a first entry) has to carry a signature."""
        required = self.signing.required
        return self.trust.require == "signed" or (required if isinstance(required, bool) else role in required)

    def severity(self, rule: str, default: Severity, *, state: str = "", section: str = "") -> Severity:
        """Return the weight of a rule here: by section, else by state, else in general, else the rule's own."""
        return self.weights(state, section).get(rule, default)

    def weights(self, state: str, section: str) -> Mapping[str, Severity]:
        """Return the weights that rules are given here, by name: a section's before a state's before general ones."""
        tables = self.rules
        return {**tables.__pydantic_extra__, **tables.states.get(state, {}), **tables.sections.get(section, {})}


def parse(text: str, *, path: str, table: tuple[str, ...] = ()) -> Settings:
    """Read settings from TOML text, from the nested `table` where named; raises CannotRun with file and key."""
    return build(table_of(text, path=path, table=table) or {}, path=path)


def table_of(text: str, *, path: str, table: tuple[str, ...]) -> Mapping[str, Any] | None:
    """Return a nested table of TOML text, None where it is not there; raises CannotRun."""
    try:
        content: Any = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        marked = text.startswith("\ufeff")
        way = "It begins with a byte order mark (BOM): save it as UTF-8 without one." if marked else _MEND_LINE
        raise CannotRun(f"{path}: {error}.", way) from None
    for name in table:
        if name not in content:
            return None
        content = content[name]
        if not isinstance(content, Mapping):
            raise CannotRun(f"{path}: {name} is not a table.", f"Write [{'.'.join(table)}].")
    return dict(content)


_EVERY_SETTING = "`story init` in an empty repository shows every setting."
_MEND_LINE = f"Mend that line. {_EVERY_SETTING}"


def build(content: Mapping[str, Any], *, path: str) -> Settings:
    """Make settings of a parsed table; raises CannotRun that names the key, with a suggestion."""
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise CannotRun(*_explain(error, path)) from None
    try:
        _ = settings.pipeline
    except pipelines.InvalidPipeline as error:
        raise CannotRun(
            f"{path}: [pipeline] {error}.", "`story init` in an empty repository shows the default."
        ) from None
    _check_owners(settings, path)
    _check_keys(settings, path)
    _check_names(settings, path)
    try:
        check_permalink(settings.publication.get("permalink", PERMALINK))
    except PermalinkFlaw as flaw:
        raise CannotRun(f"{path}: publication.permalink {flaw}.", flaw.hint) from None
    return settings


def _check_owners(settings: Settings, path: str) -> None:
    """Raise CannotRun for an e-mail, a login or a key that two people of the roster have."""
    for field, noun in (("emails", "address"), ("logins", "login"), ("keys", "key")):
        owners: dict[str, int] = {}
        for number, person in enumerate(settings.people):
            for owned in getattr(person, field):
                name = f"the key {owned.public.fingerprint}" if isinstance(owned, Key) else owned
                if (other := owners.setdefault(name, number)) != number:
                    names = f"{settings.people[other].name} and {person.name}"
                    raise CannotRun(f"{path}: {name} belongs to both {names}.", f"Give each {noun} to one person.")


def _check_names(settings: Settings, path: str) -> None:
    """Raise CannotRun for a role, a state, a section or a fact of the house that is named, and that there is not."""
    required = settings.signing.required
    signing = () if isinstance(required, bool) else required
    asked: tuple[tuple[str, Iterable[str], Collection[str]], ...] = (
        ("signing.required: there is no role", signing, _list_roles(settings) if signing else ()),
        ("[rules.states] there is no state", settings.rules.states, settings.pipeline.names),
        ("[rules.sections] there is no section", settings.rules.sections, settings.sections),
        ("[publication] there is no setting", settings.publication, PUBLICATION),
    )
    for message, names, known in asked:
        for name in names if known else ():
            if name not in known:
                raise CannotRun(f"{path}: {message} {name}.", _suggest(name, known))


def _list_roles(settings: Settings) -> set[str]:
    """Return every role that the pipeline, the roster or an override names."""
    rows = (move.all_roles for move in settings.pipeline.moves)
    return set(settings.trust.override).union(*rows, *(person.roles for person in settings.people))


def _suggest(name: str, known: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(sorted(known))}."


def _check_keys(settings: Settings, path: str) -> None:
    """Raise CannotRun for a key that is never valid."""
    for person in settings.people:
        for key in person.keys:
            if key.valid_from and key.valid_until and key.valid_until < key.valid_from:
                message = f"{path}: the key {key.public.fingerprint} of {person.name} ends before it begins."
                raise CannotRun(message, "Mend valid_from or valid_until.")


def _explain(error: ValidationError, path: str) -> tuple[str, str]:
    first = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = _known_keys(first["loc"][:-1])
        return f"{path}: unknown setting {place}.", _suggest(str(first["loc"][-1]), known)
    reason = first["msg"].removeprefix("Value error, ")
    return f"{path}: {place}: {reason}.", f"Mend this line. {_EVERY_SETTING}"


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    tables: dict[str, type[Frozen]] = {
        "people": Person,
        "keys": Key,
        "trust": Trust,
        "limits": Limits,
        "pipeline": pipelines.PipelineTable,
        "signing": Signing,
    }
    named = [part for part in loc if isinstance(part, str)]
    table = tables.get(named[-1], Settings) if named else Settings
    return [field.alias or name for name, field in table.model_fields.items()]


def changed_tables(before: Settings, after: Settings) -> tuple[str, ...]:
    """Return the names of the tables and keys that differ between two configurations, sorted."""
    old, new = before.model_dump(by_alias=True), after.model_dump(by_alias=True)
    return tuple(sorted(name for name in old if old[name] != new[name]))
