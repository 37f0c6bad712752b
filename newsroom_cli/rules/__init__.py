"""What a story must be: rules in one registry, run on the story as it is or as it would be after a move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from newsroom_cli.model import Finding, Severity, Story
from newsroom_cli.rules.metadata import METADATA
from newsroom_cli.rules.registry import Around, Rule
from newsroom_cli.rules.text import TEXT
from newsroom_cli.settings import Settings, Weights

RULES: tuple[Rule, ...] = (*METADATA, *TEXT)
"""Every rule that is always loaded, in the order they are documented."""

DAMAGED = (
    *("replacement-character", "control-character-in-text", "private-use-character", "damaged-literal"),
    *("pinyin-gloss", "gbk-shift", "utf8-as-gbk", "cjk-as-latin1", "wrong-cjk-codec"),
    *("half-width-punctuation", "converted-variants", "western-mojibake"),
)
"""Rules on damaged text: loaded, and looked for, where `[rules]` gives one of them a weight."""

__all__ = ["RULES", "Around", "Rule", "check", "is_fixed", "unknown"]


RECORD = (
    *("byte-order-mark", "conflict-marker", "control-character", "duplicate-key", "front-matter-missing"),
    *("front-matter-not-keys", "front-matter-unclosed", "line-ends", "not-a-file", "not-utf-8", "nul-byte"),
    *("yaml-alias", "yaml-syntax", "yaml-tag", "story-file-name", "duplicate-id", "duplicate-slug"),
    *("ledger-chain", "ledger-foreign", "ledger-line", "ledger-missing", "ledger-removed", "ledger-rewritten"),
    *("ledger-stray", "entry-not-attributed", "entry-set", "entry-state", "entry-time", "entry-without-row"),
    *("four-eyes", "not-entitled", "sign-off-order", "note-missing", "writers-incomplete", "override-unacknowledged"),
    *("record-by-hand", "published-words-changed", "published-picture-changed", "story-removed", "id-changed"),
    *("judges-changed", "judges-with-stories", "merge-conflict", "not-adopted"),
)
"""Findings of reading, record and history: configuration may name them, and changes nothing by it."""


def unknown(settings: Settings) -> str:
    """The first name under `[rules]` that is no rule's; empty when all are."""
    known = {name for rule in RULES for name in (rule.id, *rule.also)} | {*RECORD, *DAMAGED}
    names = sorted(_named(settings) - known)
    return next((name for name in names if not name.startswith("required-")), "")


def is_fixed(name: str) -> bool:
    """Whether findings of this name can be neither silenced nor lowered: reading, required keys, record, history."""
    fixed = {other for rule in RULES if rule.fixed for other in (rule.id, *rule.also)}
    return name in RECORD or name in fixed or name.startswith("required-")


def active(settings: Settings) -> tuple[Rule, ...]:
    """The rules a newsroom's settings ask for."""
    if settings.rules == Weights() or not _named(settings) & set(DAMAGED):
        return RULES
    return _with_damage()


@cache
def _with_damage() -> tuple[Rule, ...]:
    from newsroom_cli.rules.damage import DAMAGE

    return (*RULES, *(replace(rule, severity=Severity.OFF) for rule in DAMAGE))


def _named(settings: Settings) -> set[str]:
    """Every name `[rules]` gives a weight."""
    weights = settings.rules
    tables = (weights.__pydantic_extra__ or {}, *weights.states.values(), *weights.sections.values())
    return {name for table in tables for name in table}


def _weight(rule: Rule, around: Around, section: str) -> Severity:
    return around.settings.severity(rule.id, rule.severity, state=around.state, section=section)


def check(story: Story, around: Around) -> Iterator[Finding]:
    """Every finding of every rule on one story, weighed by the newsroom's settings."""
    section = story.metadata.section or ""
    for rule in active(around.settings):
        if not rule.fixed and not rule.also and _weight(rule, around, section) is Severity.OFF:
            continue
        for flaw in rule.flaws(story, around):
            name = flaw.rule or rule.id
            severity = flaw.severity or rule.severity
            if not rule.fixed:
                severity = around.settings.severity(name, severity, state=around.state, section=section)
            if severity is Severity.OFF:
                continue
            line, column = flaw.place or story.place(flaw.key)
            yield Finding(name, severity, story.path, line, column, flaw.message, flaw.hint, flaw.key)
