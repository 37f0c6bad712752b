"""Rules on how much and how far: lengths as readers count them, urgency, repeated tags, the first date there can be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.registry import RuleContext, Since, Violation, rule
from newsroom_cli.times import TOLERANCE, format_ledger_time

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_MOST_URGENT, _LEAST_URGENT = 1, 9


@rule("title-length", Severity.ERROR)
def title_length(story: Story, context: RuleContext) -> Iterator[Violation]:
    """A title is no longer than the limit, in characters as readers see them, markup not counted."""
    yield from _too_long("title", story.metadata.title or "", context.settings.limits.title)


@rule("description-length", Severity.WARNING)
def description_length(story: Story, context: RuleContext) -> Iterator[Violation]:
    """A description is no longer than advised, in characters as readers see them, markup not counted."""
    yield from _too_long("description", story.metadata.description or "", context.settings.limits.description)


def _too_long(key: str, text: str, limit: int) -> Iterator[Violation]:
    if len(text) > limit and (length := length_of(text)) > limit:
        yield Violation(key, f"{key} is {length} characters; at most {limit}.", "Shorten it.")


def length_of(text: str) -> int:
    """Count the characters that readers see (Unicode's grapheme clusters, UAX 29) in one paragraph of Markdown.

    Emphasis, links, tags and pictures are not counted, an entity is what it stands for, white space is one space.
    """
    import regex

    tokens = _markdown().parseInline(text)[0].children or []
    words = "".join(" " if token.type.endswith("break") else token.content for token in tokens if token.type in _SEEN)
    return len(regex.findall(r"\X", re.sub(r"[ \t\r\n]+", " ", words).strip(" ")))


_SEEN = frozenset(("text", "text_special", "code_inline", "softbreak", "hardbreak"))


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


@rule("date-before-first-entry", Severity.ERROR, since=Since.PUBLIC, keys=("date",))
def date_before_first_entry(story: Story, context: RuleContext) -> Iterator[Violation]:
    """A story was not published before its first entry, ten minutes allowed, unless it is a reprint."""
    date, begun = story.metadata.date, context.begun
    if date is None or begun is None or story.metadata.reprint or begun - date <= TOLERANCE:
        return
    message = f"date is {story.fields.get('date')}, before the story's first entry ({format_ledger_time(begun)})."
    yield Violation("date", message, "Write `reprint: true` if it was published elsewhere then; else put `date` back.")


@rule("urgency-range", Severity.ERROR, keys=("urgency",))
def urgency_range(story: Story, _: RuleContext) -> Iterator[Violation]:
    """An urgency is 1 (most urgent) to 9 (least), as IPTC has it."""
    urgency = story.metadata.urgency
    if urgency is not None and not _MOST_URGENT <= urgency <= _LEAST_URGENT:
        yield Violation("urgency", f"urgency is {urgency}; it goes from 1 (most urgent) to 9.", "Write `urgency: 5`.")


@rule("duplicate-tag", Severity.WARNING, keys=("tags", "subjects"))
def duplicate_tag(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No tag and no subject stands twice; case, outer spaces and Unicode's composition make no other tag."""
    yield from _find_repeats("tags", "tag", story.metadata.tags)
    yield from _find_repeats("subjects", "subject", story.metadata.subjects)


def _find_repeats(key: str, word: str, values: Sequence[str]) -> Iterator[Violation]:
    first: dict[str, str] = {}
    reported: set[str] = set()
    for value in values:
        folded = _fold_tag(value)
        if folded not in first:
            first[folded] = value
        elif folded and folded not in reported:
            reported.add(folded)
            before = first[folded]
            yield Violation(
                key, f"the {word} {value.strip()} stands twice{_say_how_before(before, value)}.", "Keep one of the two."
            )


def _say_how_before(before: str, value: str) -> str:
    """Return how a repeated tag was written before, where that is not the same."""
    if before.strip() == value.strip():
        return ""
    is_form = _compose(before.strip()) == _compose(value.strip())
    return ", once in another form of Unicode" if is_form else f", once as {before.strip()}"


def _fold_tag(tag: str) -> str:
    """A tag as tags are compared by: stripped, case-folded, NFC."""
    return tag.strip().lower() if tag.isascii() else _compose(_compose(tag.strip()).casefold())


def _compose(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", text)
