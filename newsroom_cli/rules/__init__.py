"""The rules on stories in one registry, run on a story as it is or as it would be after a move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from newsroom_cli.model import Finding, Severity, Story
from newsroom_cli.rules import silence
from newsroom_cli.rules.metadata import METADATA
from newsroom_cli.rules.record import HISTORY, NEWSROOM, READING, RECORD
from newsroom_cli.rules.registry import ActiveRules, Fix, Rule, RuleContext, Violation
from newsroom_cli.settings.settings import Settings

__all__ = ["Rule", "RuleContext", "check", "families", "find_rule", "first_unknown_rule", "is_fixed", "make_safe_edits"]


@cache
def families() -> Mapping[str, tuple[Rule, ...]]:
    """Return every rule by family, in the order they are documented."""
    from newsroom_cli.rules.damage import DAMAGE
    from newsroom_cli.rules.text import TEXT

    return {
        "reading": READING,
        "metadata": (*METADATA, silence.check_ignore, silence.UNUSED),
        "text": TEXT,
        "damage": DAMAGE,
        "record": RECORD,
        "history": HISTORY,
        "newsroom": NEWSROOM,
    }


@cache
def by_name() -> Mapping[str, Rule]:
    """Return every rule by every name that its findings have."""
    return {name: rule for rules in families().values() for rule in rules for name in rule.names}


def find_rule(name: str) -> Rule | None:
    """Return the rule behind a finding's name, `required-KEY` among them; None for a name that is no rule's."""
    return by_name().get("required" if name.startswith("required-") else name)


def summary_of(name: str) -> str:
    """Return in one sentence what the rule behind a finding's name asks for; empty for a name that is no rule's."""
    rule = find_rule(name)
    return rule.under(name).summary if rule else ""


def first_unknown_rule(settings: Settings) -> str:
    """Return the first name under `[rules]` that is no rule's; empty when all are."""
    return next((name for name, _ in _weights_given(settings) if find_rule(name) is None), "")


def is_fixed(name: str) -> bool:
    """Tell whether findings of a name can be neither silenced nor lowered: reading, required keys, record, history."""
    rule = find_rule(name)
    return rule is not None and rule.fixed


def first_rule_without_effect(settings: Settings) -> str:
    """Return the first fixed rule to which `[rules]` gives another weight, in vain; empty when there is none."""
    for name, weight in _weights_given(settings):
        rule = find_rule(name)
        if rule and rule.fixed and weight is not rule.under(name).severity:
            return name
    return ""


def _weights_given(settings: Settings) -> list[tuple[str, Severity]]:
    """Every name that `[rules]` or a table below it gives a weight, sorted, and the weight."""
    weights = settings.rules
    tables = (weights.__pydantic_extra__ or {}, *weights.states.values(), *weights.sections.values())
    return sorted(row for table in tables for row in table.items())


_active: dict[tuple[int, str, str], tuple[Settings, ActiveRules]] = {}
_MANY = 64
"""The active rules of so many states and sections are remembered: finding them takes as long as asking them."""


def active_rules(context: RuleContext, section: str) -> ActiveRules:
    """Return the rules that count for a state and a section under a newsroom's settings."""
    key = (id(context.settings), context.state, section)
    settings, rules = _active.get(key, (None, None))
    if rules is None or settings is not context.settings:
        if len(_active) >= _MANY:
            _active.clear()
        asked = [rule for family in ("metadata", "text", "damage") for rule in families()[family] if rule.flaws]
        rules = ActiveRules(asked, context, section)
        _active[key] = (context.settings, rules)
    return rules


def check(story: Story, context: RuleContext) -> Iterator[Finding]:
    """Yield the findings of all rules on one story, weighed by the newsroom's settings, without those it silences."""
    silenced = silence.reasons(story)
    used: set[str] = set()
    for finding, rule in _findings(story, context):
        if finding.rule in silenced and not rule.fixed:
            used.add(finding.rule)
        else:
            yield finding
    yield from _find_unused(story, context, used)


def _findings(story: Story, context: RuleContext) -> Iterator[tuple[Finding, Rule]]:
    for rule in active_rules(context, story.metadata.section or "").asked_about(story):
        for flaw in rule.flaws(story, context) if rule.flaws else ():
            finding = _make_finding(flaw, rule, story, context)
            if finding.severity is not Severity.OFF:
                yield finding, rule


def _make_finding(flaw: Violation, rule: Rule, story: Story, context: RuleContext) -> Finding:
    name = flaw.rule or rule.id
    severity = rule.weight(flaw)
    if not rule.fixed:
        section = story.metadata.section or ""
        severity = context.settings.severity(name, severity, state=context.state, section=section)
    line, column = flaw.place or story.place(flaw.key)
    return Finding(name, severity, story.path, line, column, flaw.message, flaw.hint, flaw.key)


def _find_unused(story: Story, context: RuleContext, used: set[str]) -> Iterator[Finding]:
    reasons = silence.reasons(story)
    rules = active_rules(context, story.metadata.section or "").rules if reasons else ()
    counting = {name for rule in rules for name in rule.names}
    for name in reasons:
        if name in counting - used and not is_fixed(name):
            message = f"{silence.KEY} silences {name}, which finds nothing here."
            finding = _make_finding(
                Violation(silence.KEY, message, f"Take {name} out of it."), silence.UNUSED, story, context
            )
            if finding.severity is not Severity.OFF:
                yield finding


def make_safe_edits(story: Story, context: RuleContext) -> str:
    """Make every safe edit that findings propose; of two that overlap, one waits for the next run."""
    section, silenced = story.metadata.section or "", silence.reasons(story)
    edits = {
        edit
        for rule in active_rules(context, section).rules
        if rule.fix is Fix.SAFE and rule.flaws and rule.id not in silenced
        for flaw in rule.flaws(story, context)
        for edit in flaw.edits
    }
    text, before = story.text, len(story.text)
    for edit in sorted(edits, key=lambda edit: (-edit.start, -edit.end, edit.text)):
        if edit.end <= before:
            text = text[: edit.start] + edit.text + text[edit.end :]
            before = edit.start
    return text
