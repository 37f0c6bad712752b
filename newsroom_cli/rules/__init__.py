"""What a story must be: rules in one registry, run on the story as it is or as it would be after a move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from newsroom_cli.model import Finding, Severity, Story
from newsroom_cli.rules import signs, silence
from newsroom_cli.rules.metadata import METADATA
from newsroom_cli.rules.record import HISTORY, NEWSROOM, READING, RECORD
from newsroom_cli.rules.registry import Around, Fix, Flaw, Flaws, Rule
from newsroom_cli.rules.text import TEXT
from newsroom_cli.settings import Settings

__all__ = ["Around", "Rule", "check", "families", "find", "is_fixed", "mended", "unknown"]


@cache
def families() -> Mapping[str, tuple[Rule, ...]]:
    """Every rule by family, in the order they are documented."""
    from newsroom_cli.rules.damage import DAMAGE

    return {
        "reading": READING,
        "metadata": (*METADATA, silence.IGNORE, silence.UNUSED),
        "text": TEXT,
        "damage": DAMAGE,
        "record": RECORD,
        "history": HISTORY,
        "newsroom": NEWSROOM,
    }


@cache
def by_name() -> Mapping[str, Rule]:
    """Every rule by every name its findings have."""
    return {name: one for rules in families().values() for one in rules for name in one.names}


def find(name: str) -> Rule | None:
    """The rule behind a finding's name, `required-KEY` among them; None when there is none."""
    return by_name().get("required" if name.startswith("required-") else name)


def summary_of(name: str) -> str:
    """What the rule behind a finding's name asks for, in one sentence; empty when there is none."""
    one = find(name)
    return one.under(name).summary if one else ""


def unknown(settings: Settings) -> str:
    """The first name under `[rules]` that is no rule's; empty when all are."""
    return next((name for name in sorted(_named(settings)) if find(name) is None), "")


def is_fixed(name: str) -> bool:
    """Whether findings of this name can be neither silenced nor lowered: reading, required keys, record, history."""
    one = find(name)
    return one is not None and one.fixed


def without_effect(settings: Settings) -> str:
    """The first name under `[rules]` whose weight is another than its own and cannot be; empty when there is none."""
    given = ((name, weight) for table in _tables(settings) for name, weight in table.items() if is_fixed(name))
    return min(
        (name for name, weight in given if (one := find(name)) and weight is not one.under(name).severity), default=""
    )


def _named(settings: Settings) -> set[str]:
    """Every name `[rules]` gives a weight."""
    return {name for table in _tables(settings) for name in table}


def _tables(settings: Settings) -> Iterator[Mapping[str, Severity]]:
    weights = settings.rules
    yield from (weights.__pydantic_extra__ or {}, *weights.states.values(), *weights.sections.values())


class Plan:
    """The rules that count for a state and a section, and which of them to ask about a story, by its signs."""

    def __init__(self, settings: Settings, rules: tuple[Rule, ...]) -> None:
        self.settings, self.rules = settings, rules
        self._speaking: dict[signs.Signs, tuple[tuple[Rule, Flaws], ...]] = {}

    def speaking(self, found: signs.Signs) -> tuple[tuple[Rule, Flaws], ...]:
        """The rules that may have something to say of a story with these signs, each with what finds its flaws."""
        known = self._speaking.get(found)
        if known is None:
            if len(self._speaking) >= _MANY:
                self._speaking.clear()
            there = (one for one in self.rules if not one.signs or not one.signs.isdisjoint(found))
            known = self._speaking[found] = tuple((one, one.flaws) for one in there if one.flaws is not None)
        return known


_plans: dict[tuple[int, str, str], Plan] = {}
_MANY = 64
"""So many plans, and in each the rules for so many different signs, are remembered."""


def active(around: Around, section: str) -> Plan:
    """The rules that count for a state and a section under a newsroom's settings.

    One that a state's table weighs counts there, be it otherwise for later states.
    """
    key = (id(around.settings), around.state, section)
    known = _plans.get(key)
    if known is not None and known.settings is around.settings:
        return known
    if len(_plans) >= _MANY:
        _plans.clear()
    rules = (one for family in ("metadata", "text", "damage") for one in families()[family] if one.flaws)
    asked = around.settings.rules.states.get(around.state, {})
    counting = tuple(
        one
        for one in rules
        if (around.counts(one.since) or not asked.keys().isdisjoint(one.names)) and not _is_off(one, around, section)
    )
    plan = _plans[key] = Plan(around.settings, counting)
    return plan


def _is_off(rule: Rule, around: Around, section: str) -> bool:
    weights = (_weight(around, name, rule.severity, section) for name in rule.names)
    return not rule.fixed and all(weight is Severity.OFF for weight in weights)


def _weight(around: Around, name: str, default: Severity, section: str) -> Severity:
    return around.settings.severity(name, default, state=around.state, section=section)


def check(story: Story, around: Around) -> Iterator[Finding]:
    """Every finding of every rule on one story, weighed by the newsroom's settings, but for those it silences."""
    silenced = silence.reasons(story)
    if not silenced and silence.KEY not in story.fields:
        yield from (finding for finding, _ in _findings(story, around))
        return
    used: set[str] = set()
    for finding, rule in _findings(story, around):
        if finding.rule in silenced and not rule.fixed:
            used.add(finding.rule)
        else:
            yield finding
    yield from _on_silence(story, around, used)


def _findings(story: Story, around: Around) -> Iterator[tuple[Finding, Rule]]:
    for rule, flaws in active(around, story.metadata.section or "").speaking(signs.of(story)):
        for flaw in flaws(story, around):
            finding = _weighed(flaw, rule, story, around)
            if finding.severity is not Severity.OFF:
                yield finding, rule


def _weighed(flaw: Flaw, rule: Rule, story: Story, around: Around) -> Finding:
    name = flaw.rule or rule.id
    severity = rule.weight(flaw)
    if not rule.fixed:
        severity = _weight(around, name, severity, story.metadata.section or "")
    line, column = flaw.place or story.place(flaw.key)
    return Finding(name, severity, story.path, line, column, flaw.message, flaw.hint, flaw.key)


def _on_silence(story: Story, around: Around, used: set[str]) -> Iterator[Finding]:
    for flaw in silence.wrong(story, is_fixed, by_name()):
        yield _weighed(flaw, silence.IGNORE, story, around)
    counting = {name for one in active(around, story.metadata.section or "").rules for name in one.names}
    for name in silence.reasons(story):
        if name in counting - used and not is_fixed(name):
            message = f"{silence.KEY} silences {name}, which finds nothing here."
            hint = f"Take {name} out of it."
            finding = _weighed(Flaw(silence.KEY, message, hint), silence.UNUSED, story, around)
            if finding.severity is not Severity.OFF:
                yield finding


def mended(story: Story, around: Around) -> str:
    """A story's text with every safe edit made that its findings propose; overlapping ones wait for another turn."""
    section, silenced = story.metadata.section or "", silence.reasons(story)
    edits = {
        edit
        for rule in active(around, section).rules
        if rule.fix is Fix.SAFE and rule.flaws and rule.id not in silenced
        for flaw in rule.flaws(story, around)
        for edit in flaw.edits
    }
    text, before = story.text, len(story.text)
    for edit in sorted(edits, key=lambda one: (-one.start, -one.end, one.text)):
        if edit.end <= before:
            text = text[: edit.start] + edit.text + text[edit.end :]
            before = edit.start
    return text
