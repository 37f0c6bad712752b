"""`story rules` and `story rule`: the list of rules, and one explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from newsroom_cli.commands.options import AsJson, argument
from newsroom_cli.errors import WrongUsage

if TYPE_CHECKING:
    from newsroom_cli.rules import Rule


def list_rules(as_json: AsJson = False) -> None:
    """List every rule of `story check`."""
    from newsroom_cli.report.rules import put_rules
    from newsroom_cli.rules import families

    put_rules(families(), as_json=as_json)


def rule(name: Annotated[str, argument("RULE", "The rule's name, as findings have it.")]) -> None:
    """Explain one rule, with a bad and a good example."""
    from newsroom_cli.report.rules import put_rule

    put_rule(name, require_rule(name))


def require_rule(name: str) -> Rule:
    """Return the rule behind a name as findings have it; raises WrongUsage, with a near one, where there is none."""
    import difflib

    from newsroom_cli.rules import by_name, find_rule

    rule = find_rule(name)
    if rule:
        return rule
    near = difflib.get_close_matches(name, list(by_name()), n=1)
    hint = f"Did you mean {near[0]}?" if near else "story rules lists them."
    raise WrongUsage(f"There is no rule {name}.", hint)
