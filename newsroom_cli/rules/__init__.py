"""What a story must be: rules in one registry, run on the story as it is or as it would be after a move."""

from __future__ import annotations

from collections.abc import Iterator

from newsroom_cli.model import Finding, Severity, Story
from newsroom_cli.rules.metadata import METADATA
from newsroom_cli.rules.registry import Around, Rule
from newsroom_cli.rules.text import TEXT
from newsroom_cli.settings import Settings

RULES: tuple[Rule, ...] = (*METADATA, *TEXT)
"""Every rule, in the order they are documented."""

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
    known = {name for rule in RULES for name in (rule.id, *rule.also)} | set(RECORD)
    weights = settings.rules
    tables = (weights.__pydantic_extra__ or {}, *weights.states.values(), *weights.sections.values())
    names = sorted({name for table in tables for name in table})
    return next((name for name in names if name not in known and not name.startswith("required-")), "")


def is_fixed(name: str) -> bool:
    """Whether findings of this name can be neither silenced nor lowered: reading, required keys, record, history."""
    fixed = {other for rule in RULES if rule.fixed for other in (rule.id, *rule.also)}
    return name in RECORD or name in fixed or name.startswith("required-")


def check(story: Story, around: Around) -> Iterator[Finding]:
    """Every finding of every rule on one story, weighed by the newsroom's settings."""
    section = story.metadata.section or ""
    for rule in RULES:
        for flaw in rule.flaws(story, around):
            name = flaw.rule or rule.id
            severity = flaw.severity or rule.severity
            if not rule.fixed:
                severity = around.settings.severity(name, severity, state=around.state, section=section)
            if severity is Severity.OFF:
                continue
            line, column = flaw.place or story.place(flaw.key)
            yield Finding(name, severity, story.path, line, column, flaw.message, flaw.hint, flaw.key)
