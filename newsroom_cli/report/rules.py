"""The rules as a list and one by one, from the registry and its cases."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Severity
from newsroom_cli.report.screen import columns, print_line, print_lines, put_json, put_table, put_within, terminal_width
from newsroom_cli.rules.registry import Fix, Rule, Since

Families = Mapping[str, tuple[Rule, ...]]

_SINCE = {
    Since.ALWAYS: "in every state",
    Since.INITIAL: "in the first state",
    Since.HANDED_IN: "once a story has left its first state",
    Since.PUBLIC: "where readers see the story",
    Since.REQUIRED: "where its state requires the key",
}
FIXES = {
    Fix.NONE: "",
    Fix.SAFE: "`story check --fix` mends it.",
    Fix.UNSAFE: "The help proposes what to write; nothing is changed without you.",
}
_ROWS = 24
_LONGEST = 100
_WIDE = 110
"""From so many columns on what a rule asks stands beside its name, and below it on narrower terminals."""


def examples(name: str) -> dict[str, list[str]]:
    """Return the first bad and the first good case of a name, as lines to show, from the package or this checkout."""
    here = Path(__file__).parents[1]
    folder = here / "cases" if (here / "cases").is_dir() else here.parent / "tests" / "cases"
    titles = {"Bad": ("bad-*", "expected.txt"), "Good": ("good-*", "valid.txt")}
    return {title: lines for title, kind in titles.items() if (lines := _first_case(folder / name, *kind))}


def _first_case(folder: Path, pattern: str, outcome: str) -> list[str]:
    """Return the story or session of a case, and what is found in it or why nothing is; nothing without such a case."""
    for case in sorted(folder.glob(pattern)):
        for name in ("input.md", "steps.txt"):
            if (case / name).is_file() and (case / outcome).is_file():
                text = (case / name).read_text("utf-8", "backslashreplace")
                return _show_case(text, (case / outcome).read_text("utf-8"))
    return []


def _show_case(text: str, outcome: str) -> list[str]:
    """Return a case's lines, cut to what fits a page, and what is said of it."""
    lines = [line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…" for line in text.rstrip("\n").split("\n")]
    if len(lines) > _ROWS:
        lines = [*lines[: _ROWS - 1], "…"]
    return [make_visible(line) for line in (*lines, *(f"→ {line}" for line in outcome.strip().split("\n")))]


def put_rules(families: Families, *, as_json: bool) -> None:
    """Print every rule, one a line, or as JSON."""
    if as_json:
        put_json([_rule_json(family, rule) for family, rules in families.items() for rule in rules])
        return
    rows = [("RULE", "WEIGHT", "FIX", "WHAT IT ASKS")]
    for rules in families.values():
        for rule in rules:
            rows += [(name, weight_of(own), str(own.fix), _plain(own.summary)) for name, own in each_name(rule)]
    if (terminal_width() or _WIDE) >= _WIDE:
        put_table(rows)
        return
    for head, (*_, summary) in zip(columns([row[:-1] for row in rows[1:]]), rows[1:], strict=True):
        print_line(head)
        put_within("  ", summary)


def each_name(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Yield a rule's names, each with the rule as it is for that name's findings."""
    return ((name, rule.under(name)) for name in rule.names)


def weight_of(rule: Rule) -> str:
    """Return the weight of a rule's findings, of two the heavier first."""
    return f"{rule.severity} or {rule.mild}" if rule.mild else str(rule.severity)


def _plain(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"\1", text)


def _rule_json(family: str, rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "family": family,
        **_describe(rule),
        "fix": str(rule.fix),
        "fixed": rule.fixed,
        "also": {name: _describe(rule.under(name)) for name in rule.also},
    }


def _describe(rule: Rule) -> dict[str, Any]:
    """Return what may differ from name to name, for JSON."""
    mild = str(rule.mild) if rule.mild else None
    return {"severity": str(rule.severity), "mild": mild, "since": rule.since.value, "summary": rule.summary}


def put_rule(name: str, rule: Rule) -> None:
    """Explain one rule with a bad and a good example."""
    own = rule.under(name)
    print_line(f"{name}  {weight_of(own)}, {_SINCE[own.since]}")
    print_line()
    for part in own.doc.split("\n\n"):
        _put_filled(part.replace("\n", " "))
        print_line()
    for line in _ways(name, own):
        _put_filled(line)
    for title, lines in examples(name).items():
        print_line()
        print_line(f"{title}:")
        print_lines(f"  {line}" for line in lines)


def _put_filled(text: str) -> None:
    print_line(textwrap.fill(_plain(text), min(terminal_width() or 80, 100)))


def _ways(name: str, rule: Rule) -> Iterator[str]:
    if rule.fixed:
        yield "It can be neither silenced nor lowered."
    else:
        other = Severity.WARNING if rule.severity is Severity.ERROR else Severity.ERROR
        yield f'Weigh it otherwise: `[rules] {name} = "{other}"` in newsroom.toml.'
        if rule.flaws is not None:
            yield f"Silence it in one story: `check-ignore: {{{name}: why}}`."
    if rule.fix is not Fix.NONE:
        yield FIXES[rule.fix]
