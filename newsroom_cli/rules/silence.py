"""A story's own `check-ignore`: which findings a person silenced, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.registry import Rule, Violation

KEY = "check-ignore"


def reasons(story: Story) -> Mapping[str, object]:
    """Return the reasons of a story's `check-ignore` by rule; empty where it has none, or one that is no table."""
    value = story.fields.get(KEY)
    return value if isinstance(value, dict) else {}


def check_silence(story: Story, is_fixed: Callable[[str], bool], known: Collection[str]) -> Iterator[Violation]:
    """Yield a flaw for each thing wrong with a story's `check-ignore`."""
    value = story.fields.get(KEY)
    if value is None:
        return
    if not isinstance(value, dict):
        yield Violation(KEY, f"{KEY} is not a table.", "Write `check-ignore: {rule-id: reason}`.")
        return
    for name, reason in value.items():
        if is_fixed(name):
            yield Violation(KEY, f"{name} cannot be silenced.", "Take it out of check-ignore, and mend what it finds.")
        elif name not in known:
            yield Violation(KEY, f"{KEY} names {name}, which is no rule.", "story rules lists them.")
        elif not (isinstance(reason, str) and reason.strip()):
            yield Violation(KEY, f"{KEY} silences {name} without a reason.", f"Write `{name}: why it is right here`.")


IGNORE = Rule(
    "check-ignore",
    "A story silences a finding by rule and with a reason, and only one that can be silenced.\n\n"
    "Reading, required keys, the record, history and four eyes cannot be silenced.",
    fixed=True,
)
UNUSED = Rule("check-ignore-unused", "A story silences only findings that it would have.", Severity.WARNING)
