"""A story's own `check-ignore`: which findings a person silenced, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.registry import Rule, RuleContext, Violation, rule

KEY = "check-ignore"
UNUSED = Rule("check-ignore-unused", "A story silences only findings that it would have.", Severity.WARNING)


@rule("check-ignore", Severity.ERROR, fixed=True, keys=(KEY,))
def check_ignore(story: Story, _: RuleContext) -> Iterator[Violation]:
    """A story silences a finding by rule and with a reason, and only one that can be silenced.

    Reading, required keys, the record, history and four eyes cannot be silenced.
    """
    from newsroom_cli.rules import by_name, is_fixed

    if not isinstance(story.fields.get(KEY), dict | None):
        yield Violation(KEY, f"{KEY} is not a table.", "Write `check-ignore: {rule-id: reason}`.")
    for name, reason in reasons(story).items():
        if is_fixed(name):
            yield Violation(KEY, f"{name} cannot be silenced.", "Take it out of check-ignore, and mend what it finds.")
        elif name not in by_name():
            yield Violation(KEY, f"{KEY} names {name}, which is no rule.", "story rules lists them.")
        elif not (isinstance(reason, str) and reason.strip()):
            yield Violation(KEY, f"{KEY} silences {name} without a reason.", f"Write `{name}: why it is right here`.")


def reasons(story: Story) -> Mapping[str, object]:
    """Return the reasons of a story's `check-ignore` by rule; empty where it has none, or one that is no table."""
    value = story.fields.get(KEY)
    return value if isinstance(value, dict) else {}
