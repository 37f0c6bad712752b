"""How a rule is written down: a generator of flaws whose docstring is the requirement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import NamedTuple

from newsroom_cli.ledger import Held
from newsroom_cli.model import Severity, Story, place_of
from newsroom_cli.plain import quoted
from newsroom_cli.settings import Settings


class Since(Enum):
    """In which states a rule counts: by their place in the pipeline, or by the keys its table says they require."""

    ALWAYS = "always"
    INITIAL = "in the first state"
    HANDED_IN = "after the first state"
    PUBLIC = "in a public state"
    REQUIRED = "where the state requires the key"


class Fix(StrEnum):
    """Whether `--fix` mends a rule's flaws: not at all, by itself, or only as a proposal for a person."""

    NONE = ""
    SAFE = "safe"
    UNSAFE = "unsafe"


class Edit(NamedTuple):
    """One replacement in a story's text: the characters from `start` to before `end`, and what stands there then."""

    start: int
    end: int
    text: str


class Flaw(NamedTuple):
    """What a rule found: a key (or a place), a sentence, a hint; `rule` where its name is not the rule's own.

    `edits` mend it; they are made only for rules whose fix is safe. One that `is_mild` weighs what the rule calls mild.
    """

    key: str
    message: str
    hint: str = ""
    place: tuple[int, int] | None = None
    rule: str = ""
    is_mild: bool = False
    edits: tuple[Edit, ...] = ()


class Around(NamedTuple):
    """What a rule may know besides the story: settings, the state it is judged for, pictures, and its record.

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
    ) -> Around:
        """What is known around one story and its ledger."""
        entries = held.ledger.entries if held.ledger else ()
        begun = entries[0].moment if entries else None
        return Around(settings, state, held.assets, loose, is_there, begun, any(one.override for one in entries))

    @property
    def is_initial(self) -> bool:
        """Whether the story is judged as a draft, which may be unfinished."""
        return self.state == self.settings.pipeline.initial

    @property
    def is_public(self) -> bool:
        """Whether the story is judged as one that readers see."""
        return self.settings.pipeline.is_public(self.state)

    def counts(self, since: Since) -> bool:
        """Whether a rule counts in the state the story is judged for."""
        asked = {Since.INITIAL: self.is_initial, Since.HANDED_IN: not self.is_initial, Since.PUBLIC: self.is_public}
        return asked.get(since, True)


Flaws = Callable[[Story, Around], Iterator[Flaw]]


class Name(NamedTuple):
    """One more name of a rule's findings: what it asks for; weight and states where they are not the rule's own."""

    doc: str
    severity: Severity | None = None
    since: Since | None = None


class Rule(NamedTuple):
    """One rule: its permanent id, its weight, what it asks for, and the generator that finds its flaws.

    A `fixed` rule can be neither silenced nor lowered by anybody. `mild` is what those of its findings weigh that are
    less sure or less grave. `also` are other names its findings have (`under`). A rule without `flaws` is found by the
    reader, the ledger or the verifier. One with `signs` has nothing to say of a story that has none of them.
    """

    id: str
    severity: Severity
    doc: str
    flaws: Flaws | None = None
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
        """The rule as it is for findings of a name: what that asks for, what it weighs, in which states it counts."""
        if (one := self.also.get(name)) is None:
            return self
        return self._replace(doc=one.doc, severity=one.severity or self.severity, since=one.since or self.since)

    def weight(self, flaw: Flaw) -> Severity:
        """What one of its flaws weighs where the newsroom says nothing else."""
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
    signs: frozenset[bytes | str] = frozenset(),
) -> Callable[[Flaws], Rule]:
    """Make a rule of a generator, whose docstring is the requirement."""

    def made(flaws: Flaws) -> Rule:
        lines = (flaws.__doc__ or "").strip().splitlines()
        doc = "\n".join(line.strip() for line in lines)
        return Rule(name, severity, doc, flaws, fixed, since, mild, fix, also or {}, signs)

    return made


def saving(story: Story) -> str:
    """The command that commits a story's text: a file written by hand is taken in by it."""
    return f"story save {quoted(story.slug)}" if story.holds("id") else f"story adopt {quoted(story.path)}"


def in_body(story: Story, index: int) -> tuple[int, int]:
    """Line and column in the file of a character of the body."""
    line, column = place_of(story.body, index)
    return story.body_line + line - 1, column
