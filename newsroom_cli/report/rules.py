"""The rules as a list, one by one, and as the page of the documentation: all from the registry and its cases."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Severity
from newsroom_cli.report.screen import columns, fold, print_line, put_json, terminal_width
from newsroom_cli.rules.registry import Fix, Rule, Since

Families = Mapping[str, tuple[Rule, ...]]

_TITLES = {
    "reading": "Reading",
    "metadata": "Metadata",
    "text": "Text",
    "damage": "Text damage",
    "record": "The record",
    "history": "History (`--base`)",
    "newsroom": "The newsroom",
}
_SINCE = {
    Since.ALWAYS: "in every state",
    Since.INITIAL: "in the first state",
    Since.HANDED_IN: "once a story has left its first state",
    Since.PUBLIC: "where readers see the story",
    Since.REQUIRED: "where its state requires the key",
}
_FIX = {
    Fix.NONE: "",
    Fix.SAFE: "`story check --fix` mends it.",
    Fix.UNSAFE: "The help proposes what to write; nothing is changed without you.",
}
_ROWS = 24
_WIDE = 110
"""From so many columns on what a rule asks stands beside its name, and below it on narrower terminals."""


@dataclass(frozen=True)
class Example:
    """One case of a rule: the story or session it is, and what is found in it (or why nothing is)."""

    text: str
    outcome: str


def examples(name: str) -> tuple[Example | None, Example | None]:
    """Return the first bad and the first good case of a name, from those of the package or of this checkout."""
    here = Path(__file__).parents[1]
    folder = here / "cases" if (here / "cases").is_dir() else here.parent / "tests" / "cases"
    return _first(folder / name, "bad"), _first(folder / name, "good")


def _first(folder: Path, kind: str) -> Example | None:
    for case in sorted(folder.glob(f"{kind}-*")):
        outcome = case / ("expected.txt" if kind == "bad" else "valid.txt")
        for name in ("input.md", "steps.txt"):
            if (case / name).is_file() and outcome.is_file():
                text = (case / name).read_text("utf-8", "backslashreplace")
                return Example(text, outcome.read_text("utf-8"))
    return None


def put_rules(families: Families, *, as_json: bool) -> None:
    """Print every rule, one a line, or as JSON."""
    if as_json:
        put_json([_json(family, rule) for family, rules in families.items() for rule in rules])
        return
    rows = [("RULE", "WEIGHT", "FIX", "WHAT IT ASKS")]
    for rules in families.values():
        for rule in rules:
            rows += [(name, _weight(own), str(own.fix), _plain(own.summary)) for name, own in _each_name(rule)]
    limit = terminal_width()
    if limit is None or limit >= _WIDE:
        for line in columns(rows, limit=limit):
            print_line(line)
        return
    for head, (*_, summary) in zip(columns([row[:-1] for row in rows[1:]]), rows[1:], strict=True):
        print_line(head)
        for line in fold(summary, limit - 2):
            print_line(f"  {line}")


def _each_name(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Yield a rule's names, each with the rule as it is for that name's findings."""
    return ((name, rule.under(name)) for name in rule.names)


def _weight(rule: Rule) -> str:
    """Return the weight of a rule's findings, of two the heavier first."""
    return f"{rule.severity} or {rule.mild}" if rule.mild else str(rule.severity)


def _plain(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"\1", text)


def _json(family: str, rule: Rule) -> dict[str, Any]:
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
    print_line(f"{name}  {_weight(own)}, {_SINCE[own.since]}")
    print_line()
    for part in own.doc.split("\n\n"):
        _put_filled(part.replace("\n", " "))
        print_line()
    for line in _ways(name, own):
        _put_filled(line)
    for title, example in zip(("Bad", "Good"), examples(name), strict=True):
        if example is not None:
            print_line()
            print_line(f"{title}:")
            for line in _show_example(example):
                print_line(f"  {make_visible(line)}")


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
        yield _FIX[rule.fix]


def _show_example(example: Example) -> list[str]:
    """Return an example's lines, cut to what fits a page, and what is said of it."""
    lines = [line if len(line) <= 100 else f"{line[:99]}…" for line in example.text.rstrip("\n").split("\n")]  # noqa: PLR2004
    if len(lines) > _ROWS:
        lines = [*lines[: _ROWS - 1], "…"]
    return [*lines, *(f"→ {line}" for line in example.outcome.strip().split("\n"))]


def page(families: Families) -> str:
    """Return the documentation of every rule as Markdown."""
    parts = [_HEAD]
    for family, rules in families.items():
        parts += [f"## {_TITLES[family]}", "\n".join(_index(rules))]
        parts += [_section(name, own) for rule in rules for name, own in _each_name(rule)]
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
        for name, own in _each_name(rule):
            asked = f"{own.summary} *{marks}*" if marks else own.summary
            yield f"| [{name}](#{name}) | {_weight(own)} | {own.since.value} | {asked} |"


def _section(name: str, rule: Rule) -> str:
    parts = [f"### {name}", rule.doc]
    if rule.fix is not Fix.NONE:
        parts.append(_FIX[rule.fix])
    for title, example in zip(("Bad", "Good"), examples(name), strict=True):
        if example is not None:
            text = "\n".join(make_visible(line) for line in _show_example(example))
            fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
            parts.append(f"{title}:\n\n{fence}text\n{text}\n{fence}")
    return "\n\n".join(parts)
