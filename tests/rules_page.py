"""Writes the page of every rule, docs/rules.md, as Markdown: all from the registry and its cases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsroom_cli.report.rules import FIXES, Families, each_name, examples, weight_of
from newsroom_cli.rules.registry import Fix, Rule

_TITLES = {
    "reading": "Reading",
    "metadata": "Metadata",
    "text": "Text",
    "damage": "Text damage",
    "record": "The record",
    "history": "History (`--base`)",
    "newsroom": "The newsroom",
}


def page(families: Families) -> str:
    """Return the documentation of every rule as Markdown."""
    parts = [_HEAD]
    for family, rules in families.items():
        parts += [f"## {_TITLES[family]}", "\n".join(_index(rules))]
        parts += [_section(name, own) for rule in rules for name, own in each_name(rule)]
    return "\n\n".join(parts) + "\n"


_HEAD = """\
# Rules

What `story check` asks of a story. This page is made from the rules themselves and their cases (`make docs`); the
same is said by `story rules` and `story rule ID`.

Weights are `error`, `warning`, `info` and `off`, set in `newsroom.toml` by rule (`[rules]`), by state
(`[rules.states.edit]`; a rule named there counts in that state) and by section
(`[rules.sections.sport]`). One story silences a finding with a reason: `check-ignore: {rule-id: reason}`. Rules marked
*fixed* can be neither silenced nor lowered. Of two weights a rule says when it is the lighter one."""


def _index(rules: tuple[Rule, ...]) -> Iterator[str]:
    yield "| rule | weight | counts | |"
    yield "|---|---|---|---|"
    for rule in rules:
        marks = ", ".join(
            mark for mark in ("fixed" if rule.fixed else "", f"fix: {rule.fix}" if rule.fix else "") if mark
        )
        for name, own in each_name(rule):
            asked = f"{own.summary} *{marks}*" if marks else own.summary
            yield f"| [{name}](#{name}) | {weight_of(own)} | {own.since.value} | {asked} |"


def _section(name: str, rule: Rule) -> str:
    parts = [f"### {name}", rule.doc]
    if rule.fix is not Fix.NONE:
        parts.append(FIXES[rule.fix])
    for title, lines in examples(name).items():
        text = "\n".join(lines)
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
        parts.append(f"{title}:\n\n{fence}text\n{text}\n{fence}")
    return "\n\n".join(parts)
