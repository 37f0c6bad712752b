"""Rules on what must be there: the keys each state requires, an author who has a name, the origin of a reprint."""

from __future__ import annotations

from collections.abc import Iterator

from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import ORIGIN_KEYS, Severity, Story
from newsroom_cli.rules.metadata.shapes import address_flaw
from newsroom_cli.rules.registry import Name, RuleContext, Since, Violation, rule, save_command

_IDS = {"source": "source-empty", "lang": "lang-missing"}
_WRITTEN_BY = {
    **dict.fromkeys(("id", "slug", "state"), "story adopt {path}"),
    "editor": "story approve {slug}",
    **dict.fromkeys(("date", "lastmod", "version", "address"), "story publish {slug}"),
}
_EXAMPLES = {
    "title": "title: Council passes the 2027 budget",
    "reporter": "reporter: Name <name@gazette.example>",
    "lang": "lang: en",
    "section": "section: local",
    "description": "description: one sentence that says what happened",
    "source": "source: Harbour Gazette",
    "dateline": "dateline: HARBOUR CITY",
}
_BY_NAME = ("author", "authors", "byline")


@rule(
    "required",
    Severity.ERROR,
    fixed=True,
    since=Since.REQUIRED,
    also={
        "source-empty": Name("A story says where it comes from: an empty `source` is an error, not an unknown one."),
        "lang-missing": Name("A story says which language it is in."),
    },
)
def required(story: Story, context: RuleContext) -> Iterator[Violation]:
    """Every key the story's state requires is there and not blank; the finding is named `required-KEY`."""
    for key, state in context.settings.pipeline.required_keys(context.state).items():
        if story.holds(key) or key in story.mistyped:
            continue
        if context.is_initial and key in ("id", "slug", "state") and not story.holds("id"):
            continue  # a story written by hand that is not taken in yet: the record says so
        what = "is empty" if key in story.offsets else "is missing"
        if key in _WRITTEN_BY:
            hint = f"Written by: {_WRITTEN_BY[key].format(path=shell_quote(story.path), slug=shell_quote(story.slug))}"
        else:
            hint = f"Write `{_EXAMPLES.get(key, f'{key}: …')}`, then: {save_command(story)}"
        yield Violation(key, f"{key} {what}; required from {state}.", hint, rule=_IDS.get(key, f"required-{key}"))


@rule("author-empty", Severity.ERROR, since=Since.HANDED_IN, keys=_BY_NAME)
def author_empty(story: Story, _: RuleContext) -> Iterator[Violation]:
    """An `author`, `authors` or `byline` that is there names somebody; without one the reporters are named."""
    for key in _BY_NAME:
        if key in story.fields and not story.holds(key) and key not in story.mistyped:
            hint = f"Write `{key}: Name`, or take the line out: the reporter is named then."
            yield Violation(key, f"{key} is there, but empty.", hint)


@rule("reprint-origin", Severity.ERROR, fixed=True, keys=("reprint",))
def reprint_origin(story: Story, context: RuleContext) -> Iterator[Violation]:
    """A reprint names the title, author and address of what it reprints before readers see it.

    A missing one is a finding named `required-KEY`; one named `reprint-origin` is a `source_url` that is no address.
    """
    if not story.metadata.reprint:
        return
    for key in ORIGIN_KEYS:
        if context.is_public and not story.holds(key):
            message = f"{key} is missing; a reprint requires it from {context.state}."
            hint = f"Write `{key}: …`, then: {save_command(story)}"
            yield Violation("reprint", message, hint, rule=f"required-{key}")
    if reason := address_flaw(story.metadata.source_url or ""):
        hint = "Write the address of what is reprinted, as in https://gazette.example/council-budget."
        yield Violation("source_url", f"source_url {reason}.", hint)
