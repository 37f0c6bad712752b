"""How a rule is written down: a generator of flaws whose docstring is the requirement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from newsroom_cli.model import Severity, Story
from newsroom_cli.settings import Settings


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a rule found: a key (or a place), a sentence, a hint; `rule` and `severity` where not the rule's own."""

    key: str
    message: str
    hint: str = ""
    place: tuple[int, int] | None = None
    rule: str = ""
    severity: Severity | None = None


@dataclass(frozen=True)
class Around:
    """What a rule may know besides the story: settings, the state it is judged for, and the pictures there are.

    `assets` maps each picture the story names to its blob id; one that is not there is left out. `loose` are
    those there that git does not hold yet as they are.
    """

    settings: Settings
    state: str
    assets: Mapping[str, str] = field(default_factory=dict)
    loose: frozenset[str] = frozenset()

    @property
    def is_initial(self) -> bool:
        """Whether the story is judged as a draft, which may be unfinished."""
        return self.state == self.settings.pipeline.initial

    @property
    def is_public(self) -> bool:
        """Whether the story is judged as one that readers see."""
        return self.settings.pipeline.is_public(self.state)


Flaws = Callable[[Story, Around], Iterator[Flaw]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its permanent id, its weight, and the generator that finds its flaws.

    A `fixed` rule can be neither lowered nor taken away by configuration; `also` are other names its findings have.
    """

    id: str
    severity: Severity
    flaws: Flaws
    fixed: bool = False
    also: tuple[str, ...] = ()


def rule(name: str, severity: Severity, *, fixed: bool = False, also: tuple[str, ...] = ()) -> Callable[[Flaws], Rule]:
    """Make a rule of a generator."""

    def made(flaws: Flaws) -> Rule:
        return Rule(name, severity, flaws, fixed, also)

    return made
