"""`story rules` and `story rule`: what is checked, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from newsroom_cli.commands.options import AsJson


def list_rules(as_json: AsJson = False) -> None:
    """List every rule of `story check`."""
    from newsroom_cli.report.rules import put_rules
    from newsroom_cli.rules import families

    put_rules(families(), as_json=as_json)


def rule(
    name: Annotated[
        str, typer.Argument(metavar="RULE", help="The rule's name, as findings have it.", show_default=False)
    ],
) -> None:
    """Explain one rule, with a bad and a good example."""
    import difflib

    from newsroom_cli.errors import WrongUsage
    from newsroom_cli.report.rules import put_rule
    from newsroom_cli.rules import by_name, find

    found = find(name)
    if found is None:
        near = difflib.get_close_matches(name, list(by_name()), n=1)
        hint = f"Did you mean {near[0]}?" if near else "story rules lists them."
        raise WrongUsage(f"There is no rule {name}.", hint)
    put_rule(name, found)
