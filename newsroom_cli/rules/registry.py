"""How a rule is written down: a generator of flaws in a story and its context, whose docstring is the requirement."""

from __future__ import annotations

import inspect
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum, StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import Severity, Story
from newsroom_cli.record.ledger import Held
from newsroom_cli.rules import signs as scanning
from newsroom_cli.settings.settings import Settings

BEYOND_ASCII = scanning.BEYOND_ASCII
"""The sign of every story that has more than ASCII."""


class Since(Enum):
    """The states in which a rule counts: by their place in the pipeline, or by the keys they require."""

    ALWAYS = "always"
    INITIAL = "in the first state"
    HANDED_IN = "after the first state"
    PUBLIC = "in a public state"
    REQUIRED = "where the state requires the key"


class Fix(StrEnum):
    """How far `--fix` mends a rule's flaws: not at all, by itself, or only as a proposal for a person."""

    NONE = ""
    SAFE = "safe"
    UNSAFE = "unsafe"


class Edit(NamedTuple):
    """One replacement in a story's text: the characters from `start` to before `end`, and what stands there then."""

    start: int
    end: int
    text: str


class Violation(NamedTuple):
    """One fault that a rule found: its key or place, a sentence, a hint; `rule` where its name is not the rule's own.

    `edits` mend it; they are made only for rules whose fix is safe. One that `is_mild` weighs what the rule calls mild.
    """

    key: str
    message: str
    hint: str = ""
    place: tuple[int, int] | None = None
    rule: str = ""
    is_mild: bool = False
    edits: tuple[Edit, ...] = ()


class RuleContext(NamedTuple):
    """Everything a rule may know besides the story: settings, the state it is judged for, pictures, its record.

    `assets` maps each picture the story names to its blob id; one that is not there is left out. `loose` are
    those there that git does not hold yet as they are. `is_there` tells whether the tree has a path. `begun` is
    the time of the story's first entry; `lifted` says that four eyes were lifted for it.
    """

    settings: Settings
    state: str
    assets: Mapping[str, str] = MappingProxyType({})
    loose: frozenset[str] = frozenset()
    is_there: Callable[[str], bool] | None = None
    begun: datetime | None = None
    lifted: bool = False

    @staticmethod
    def of(
        held: Held,
        settings: Settings,
        state: str,
        *,
        loose: frozenset[str] = frozenset(),
        is_there: Callable[[str], bool] | None = None,
    ) -> RuleContext:
        """Gather the context of one story from its ledger and its tree."""
        entries = held.entries
        begun = entries[0].moment if entries else None
        return RuleContext(
            settings, state, held.assets, loose, is_there, begun, any(entry.override for entry in entries)
        )

    @property
    def is_initial(self) -> bool:
        """Tell whether the story is judged as a draft, which may be unfinished."""
        return self.state == self.settings.pipeline.initial

    @property
    def is_public(self) -> bool:
        """Tell whether the story is judged as one that readers see."""
        return self.settings.pipeline.is_public(self.state)

    def counts(self, since: Since) -> bool:
        """Tell whether a rule counts in the state the story is judged for."""
        if since in (Since.INITIAL, Since.HANDED_IN):
            return self.is_initial == (since is Since.INITIAL)
        return since is not Since.PUBLIC or self.is_public


Violations = Callable[[Story, RuleContext], Iterator[Violation]]


class Name(NamedTuple):
    """One more name of a rule's findings: what it asks for; weight and states where they are not the rule's own."""

    doc: str
    severity: Severity | None = None
    since: Since | None = None


class Rule(NamedTuple):
    """One rule: its permanent id, its weight, what it asks for, and the generator that finds its flaws.

    A `fixed` rule can be neither silenced nor lowered by anybody. `mild` is what those of its findings weigh that are
    less sure or less grave. `also` are other names its findings have (`under`). A rule without `flaws` is found by the
    reader, the ledger or the verifier. One with `signs` (strings in UTF-8; as text, keys) has nothing to say of a story
    that has none of them.
    """

    id: str
    doc: str
    severity: Severity = Severity.ERROR
    flaws: Violations | None = None
    fixed: bool = False
    since: Since = Since.ALWAYS
    mild: Severity | None = None
    fix: Fix = Fix.NONE
    also: Mapping[str, Name] = MappingProxyType({})
    signs: frozenset[bytes | str] = frozenset()

    @property
    def summary(self) -> str:
        """The requirement in one sentence."""
        return self.doc.partition("\n\n")[0].replace("\n", " ").strip()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name a finding of this rule has."""
        return (self.id, *self.also)

    def under(self, name: str) -> Rule:
        """Return the rule under one of its names, with the requirement, the weight and the states of that name."""
        if (other := self.also.get(name)) is None:
            return self
        return self._replace(doc=other.doc, severity=other.severity or self.severity, since=other.since or self.since)

    def is_off(self, weights: Mapping[str, Severity]) -> bool:
        """Tell whether a newsroom's weights, by name, leave none of the rule's findings."""
        return not self.fixed and all(weights.get(name, self.severity) is Severity.OFF for name in self.names)

    def weight(self, flaw: Violation) -> Severity:
        """Return the weight of one of its flaws where the newsroom's settings name no other."""
        own = self.under(flaw.rule)
        return (flaw.is_mild and own.mild) or own.severity


def rule(
    name: str,
    severity: Severity,
    *,
    fixed: bool = False,
    since: Since = Since.ALWAYS,
    mild: Severity | None = None,
    fix: Fix = Fix.NONE,
    also: Mapping[str, Name] | None = None,
    signs: Iterable[str | bytes] = (),
    keys: Iterable[str] = (),
) -> Callable[[Violations], Rule]:
    """Make a rule of a generator, whose docstring is the requirement.

    `signs` are strings, or the bytes that the characters of a range begin with in UTF-8, and `keys` keys of the front
    matter without all of which there can be no flaw: the rule is not asked about such a story.
    """
    strings = [sign.encode("utf-8", "surrogatepass") if isinstance(sign, str) else sign for sign in signs]
    needed: frozenset[bytes | str] = frozenset(strings) | frozenset(keys)

    def make(flaws: Violations) -> Rule:
        doc = inspect.cleandoc(flaws.__doc__ or "")
        return Rule(name, doc, severity, flaws, fixed, since, mild, fix, also or {}, needed)

    return make


class ActiveRules:
    """Those of some rules that count in one state and section of a newsroom, and are not off there.

    One that a state's table weighs counts there, be it otherwise for later states.
    """

    def __init__(self, rules: Iterable[Rule], context: RuleContext, section: str) -> None:
        settings, state = context.settings, context.state
        weighed, weights = settings.rules.states.get(state, {}).keys(), settings.weights(state, section)
        self.rules = tuple(
            rule
            for rule in rules
            if (context.counts(rule.since) or not weighed.isdisjoint(rule.names)) and not rule.is_off(weights)
        )
        self._by_signs = [(rule, rule.signs) for rule in self.rules]
        self._signs = frozenset(sign for rule in self.rules for sign in rule.signs if isinstance(sign, bytes))

    def asked_about(self, story: Story) -> list[Rule]:
        """Return the rules that may find a flaw in a story, by the strings and the keys it has."""
        present = scanning.signs_in_story(story, self._signs) | story.fields.keys()
        return [rule for rule, signs in self._by_signs if not signs or not signs.isdisjoint(present)]


def save_command(story: Story) -> str:
    """Return the command that commits a story's text: `story adopt` for a file written by hand, else `story save`."""
    return f"story save {shell_quote(story.slug)}" if story.holds("id") else f"story adopt {shell_quote(story.path)}"


def in_body(story: Story, index: int) -> tuple[int, int]:
    """Return line and column in the file of a character of the body."""
    begins = _row_begins(story.body)
    row = bisect_right(begins, index) - 1
    return story.body_line + row, index - begins[row] + 1


@lru_cache(4)
def _row_begins(body: str) -> list[int]:
    """Where each row of a body begins; some rules ask for many places in one."""
    return [0, *(end.end() for end in re.finditer("\n", body))]
