"""Rules on the words: what a reader would stumble over below the title."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.glosses import strip_glosses
from newsroom_cli.rules.registry import RuleContext, Since, Violation, in_body, rule, save_command
from newsroom_cli.rules.text.profiles import RowMark, marked_rows, signs_of
from newsroom_cli.rules.text.views import view_of
from newsroom_cli.story.pictures import find_pictures

_CONFLICT = re.compile(r"^(?:<{7} .*|>{7} .*)$", re.MULTILINE)
_PLACEHOLDER = RowMark(
    r"(?<![\w./@#$:&-])(?<!Tcl )TK(?:TK)*(?![\w/@-]|\.\w| Maxx)"
    r"|(?<![\w./@#$-])TODO(?=\s*[:：(\])]|\s*$)"
    r"|(?<![\w./@#$*-])(?<!Bowl )(?<!Chapter )(?<!Louis )(?<!Part )XXX+(?![\w./@*-])"
    r"|\b[Ll]orem [Ii]psum\b"
    r"|(?<![有尚还還亟仍需正等期])待[补補][充]?(?=\s*(?:[）)】\]，。！…,.;；:：]|$))"
    r"|此[处處](?:待(?=[补補填定续續加]|\s*(?:[）)】\]，。！…,.;；:：]|$))|填[写寫入]|插[入图圖]|[补補][充写寫]|加[上入]|留空|……|\.\.\.)",
    ("TK", "TODO", "XXX", "orem ipsum", "orem Ipsum", "待补", "待補", "此处", "此處"),
)
"""Marks of words to come; the lookarounds leave out names and code with these letters (XXX chapters, `Tcl TK`)."""
_HEADING = re.compile(r"\n {0,3}(#{1,6})(?=[ \t])|\n {0,3}\S[^\n]*+\n {0,3}(={3,})[ \t]*\r?(?=\n|\Z)")
"""A heading as CommonMark has it: with number signs before it, or with equals signs below."""
_QUOTED = re.compile(
    r"“[^“”]{0,600}”|「[^「」]{0,600}」|『[^『』]{0,600}』|《[^《》]{0,200}》|«[^«»]{0,600}»|\"[^\"]{0,600}\""
)
"""Words in quotation marks, or a title in its own; a mark that is never closed must not swallow the rest."""
_PUNCTUATION = re.compile(r"[\W_]+")
_PICTURED = frozenset(("image", "images", "cover", "photo", "thumbnail", "featured_image", "hero", "banner"))
_SHOWN = ("![", "<img", "<figure", "{{<", "{%")
_MARK_SIZE = 7
_SHORTEST_TITLE = 4
_MARKS = 40
"""A row that repeats a title may hold so many marks and spaces more than three times its letters."""


@rule("body-empty", Severity.ERROR, fixed=True, since=Since.HANDED_IN)
def body_empty(story: Story, _: RuleContext) -> Iterator[Violation]:
    """A story that left the first state has words."""
    if not story.body.strip():
        place = (story.body_line, 1)
        yield Violation("", "the story has no words.", f"Write it, then: {save_command(story)}", place)


@rule("conflict-marker", Severity.ERROR, fixed=True, signs=("<<<<<<<", ">>>>>>>"))
def conflict_marker(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No mark of a merge conflict was left in the words."""
    hint = "Keep one side and take the marks out; then, for the ledger: story redo SLUG."
    for match in _CONFLICT.finditer(story.body):
        yield Violation("", "a merge conflict was left here.", hint, in_body(story, match.start()))


@rule("placeholder-left", Severity.ERROR, since=Since.HANDED_IN, signs=_PLACEHOLDER.signs)
def placeholder_left(story: Story, _: RuleContext) -> Iterator[Violation]:
    """Nothing in title, description or words is still to be filled in: TK, TODO, XXX, lorem ipsum, 待补, 此处填写.

    TK, TODO and XXX are words of capitals that stand alone; code and addresses are left alone.
    """
    hint = "Write what belongs here."
    for key in ("title", "description"):
        text = getattr(story.metadata, key) or ""
        if match := _PLACEHOLDER.pattern.search(text):
            yield Violation(key, f"{key}: {match[0]} was to be filled in.", hint)
    seen = view_of(story)
    for row, match in _PLACEHOLDER.rows_in(seen):
        yield Violation("", f"{match[0]} was to be filled in.", hint, seen.place(story, row, match.start()))


@rule("heading-level", Severity.WARNING, signs=("#", "=="))
def heading_level(story: Story, _: RuleContext) -> Iterator[Violation]:
    """Headings in the body begin at `##`, for the title is the first, and go down one level at a time."""
    from newsroom_cli.rules.damage.passages import without_code

    before = 0
    for match in _HEADING.finditer("\n" + without_code(story.body)):
        level = len(match[1]) if match[1] else 1
        place = in_body(story, match.start())
        if level == 1 and not (match[2] and len(match[2]) == _MARK_SIZE and "<<<<<<<" in story.body):
            yield Violation("", "a heading of the first level stands beside the title.", "Write it with `##`.", place)
        elif before and level > before + 1:
            message = f"the headings jump from level {before} to {level}."
            yield Violation("", message, f"Write it with `{'#' * (before + 1)}`.", place)
        before = level


@rule("headline-repeated", Severity.WARNING)
def headline_repeated(story: Story, _: RuleContext) -> Iterator[Violation]:
    """The title is not told again as a line of the body; glued readings, marks and spaces do not count."""
    seen, title = view_of(story), _letters(strip_glosses(story.metadata.title or ""))
    longest = 3 * len(title) + _MARKS
    short = (row for row in seen.text.split("\n") if len(title) <= len(row.rstrip()) <= longest)
    if len(title) < _SHORTEST_TITLE or not any(title in _letters(row) for row in short):
        return
    for row in seen.rows:
        if len(row.text) <= longest and _letters(row.text) == title:
            hint = "Take the line out, or write the caption it stands for."
            yield Violation("", "the title stands here again.", hint, seen.place(story, row, 0))


def _letters(text: str) -> str:
    """A text as titles are compared by: letters and digits alone, case-folded."""
    return _PUNCTUATION.sub("", text).casefold()


@rule("caption-without-image", Severity.WARNING, since=Since.HANDED_IN, signs=signs_of("caption"))
def caption_without_image(story: Story, context: RuleContext) -> Iterator[Violation]:
    """A line that is a caption (`图：`, `Photo:`) has its picture: a story that names none has lost it."""
    hint = "Add the picture under `images`, or take the line out."
    for _, row, match in marked_rows(story, context, "caption"):
        if _shows_a_picture(story):
            return
        place = view_of(story).place(story, row, match.end() - len(match[0].lstrip()))
        yield Violation("", "a caption stands here, but the story names no picture.", hint, place)


def _shows_a_picture(story: Story) -> bool:
    return (
        any(story.holds(key) for key in _PICTURED)
        or any(sign in story.body for sign in _SHOWN)
        or bool(find_pictures(story))
    )


@rule("relative-date", Severity.INFO, signs=signs_of("days"))
def relative_date(story: Story, context: RuleContext) -> Iterator[Violation]:
    """Days are named by their date: `today` and `昨天` mean nothing to who reads it later; quotes are left alone."""
    for mark, row, _ in marked_rows(story, context, "days"):
        if unquoted := mark.pattern.search(_QUOTED.sub(lambda quote: " " * len(quote[0]), row.text)):
            message = f"{unquoted[0]} means nothing once the date is lost."
            yield Violation("", message, "Name the day.", view_of(story).place(story, row, unquoted.start()))


@rule("body-length", Severity.WARNING, since=Since.HANDED_IN)
def body_length(story: Story, context: RuleContext) -> Iterator[Violation]:
    """A story is as long as `words_min` and `words_max` under `[limits]` say; a Chinese character is a word."""
    limits = context.settings.limits
    least, most = getattr(limits, "words_min", None), getattr(limits, "words_max", None)
    if least is None and most is None:
        return
    from newsroom_cli.story.words import words_of

    count, place = len(words_of(view_of(story).text)), in_body(story, 0)
    if least is not None and count < least:
        yield Violation("", f"the story has {count} words; at least {least}.", "Write more of it.", place)
    if most is not None and count > most:
        yield Violation("", f"the story has {count} words; at most {most}.", "Shorten it.", place)


BODY = (
    body_empty,
    conflict_marker,
    placeholder_left,
    heading_level,
    headline_repeated,
    caption_without_image,
    relative_date,
    body_length,
)
