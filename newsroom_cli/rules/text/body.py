"""Rules on the words: what a reader would stumble over below the title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from newsroom_cli.model import Severity, Story
from newsroom_cli.pictures import named
from newsroom_cli.rules.glosses import glossless
from newsroom_cli.rules.registry import Around, Flaw, Since, in_body, rule, saving
from newsroom_cli.rules.signs import strings
from newsroom_cli.rules.text.profiles import language, of, signs_of
from newsroom_cli.rules.text.views import Row, Walk, compiled, found, mark, view

_CONFLICT = r"(?m)^(?:<{7} .*|>{7} .*)$"
_PLACEHOLDER = mark(
    r"(?<![\w./@#$:&-])(?<!Tcl )TK(?:TK)*(?![\w/@-]|\.\w| Maxx)"
    r"|(?<![\w./@#$-])TODO(?=\s*[:：(\])]|\s*$)"
    r"|(?<![\w./@#$*-])(?<!Bowl )(?<!Chapter )(?<!Louis )(?<!Part )XXX+(?![\w./@*-])"
    r"|\b[Ll]orem [Ii]psum\b"
    r"|(?<![有尚还還亟仍需正等期])待[补補][充]?(?=\s*(?:[）)】\]，。！…,.;；:：]|$))"
    r"|此[处處](?:待(?=[补補填定续續加]|\s*(?:[）)】\]，。！…,.;；:：]|$))|填[写寫入]|插[入图圖]|[补補][充写寫]|加[上入]|留空|……|\.\.\.)",
    "TK|TODO|XXX|orem ipsum|orem Ipsum|待补|待補|此处|此處",
)
_HASHED = r"\n {0,3}(#{1,6})(?=[ \t])()"
_HEADING = r"\n {0,3}(#{1,6})(?=[ \t])|\n {0,3}\S[^\n]*\n {0,3}(={3,})[ \t]*\r?(?=\n|\Z)"
_QUOTED = r"“[^“”]{0,600}”|「[^「」]{0,600}」|『[^『』]{0,600}』|《[^《》]{0,200}》|«[^«»]{0,600}»|\"[^\"]{0,600}\""
_PICTURED = frozenset(("image", "images", "cover", "photo", "thumbnail", "featured_image", "hero", "banner"))
_SHOWN = ("![", "<img", "<figure", "{{<", "{%")
_CODE = ("```", "~~~", "<!--", "<pre", "<code")
_MARK_SIZE = 7
_SHORTEST_TITLE = 4


@rule("body-empty", Severity.ERROR, fixed=True, since=Since.HANDED_IN)
def body_empty(story: Story, around: Around) -> Iterator[Flaw]:
    """A story that left the first state has words."""
    del around
    if not story.body.strip():
        place = (story.body_line, 1)
        yield Flaw("", "the story has no words.", f"Write it, then: {saving(story)}", place)


@rule("conflict-marker", Severity.ERROR, fixed=True, signs=strings("<<<<<<<|>>>>>>>"))
def conflict_marker(story: Story, around: Around) -> Iterator[Flaw]:
    """No mark of a merge conflict was left in the words."""
    del around
    walk = Walk(story)
    for match in compiled(_CONFLICT).finditer(story.body):
        place = walk.place(match.start())
        yield Flaw(
            "",
            "a merge conflict was left here.",
            "Keep one side and take the marks out; then, for the ledger: story redo SLUG.",
            place,
        )


@rule("placeholder-left", Severity.ERROR, since=Since.HANDED_IN, signs=_PLACEHOLDER.signs)
def placeholder_left(story: Story, around: Around) -> Iterator[Flaw]:
    """Nothing in title, description or words is still to be filled in: TK, TODO, XXX, lorem ipsum, 待补, 此处填写.

    TK, TODO and XXX are words of capitals that stand alone; code and addresses are left alone.
    """
    del around
    hint = "Write what belongs here."
    for key in ("title", "description"):
        text = getattr(story.metadata, key) or ""
        if match := compiled(_PLACEHOLDER.pattern).search(text):
            yield Flaw(key, f"{key}: {match[0]} was to be filled in.", hint)
    seen = view(story)
    for row, match in found(seen, _PLACEHOLDER):
        yield Flaw("", f"{match[0]} was to be filled in.", hint, seen.place(story, row, match.start()))


@rule("heading-level", Severity.WARNING, signs=strings("#|=="))
def heading_level(story: Story, around: Around) -> Iterator[Flaw]:
    """Headings in the body begin at `##`, for the title is the first, and go down one level at a time."""
    del around
    has_line = "==" in story.body
    if not has_line and _is_even(story.body):
        return
    has_code = any(one in story.body for one in _CODE)
    words, before = "\n" + (view(story).words if has_code else story.body), 0
    line = end = 0
    for match in compiled(_HEADING if has_line else _HASHED).finditer(words):
        level = len(match[1]) if match[1] else 1
        line, end = line + words.count("\n", end, match.start()), match.start()
        place = (story.body_line + line, 1)
        if level == 1 and not (match[2] and len(match[2]) == _MARK_SIZE and "<<<<<<<" in story.body):
            yield Flaw("", "a heading of the first level stands beside the title.", "Write it with `##`.", place)
        elif before and level > before + 1:
            message = f"the headings jump from level {before} to {level}."
            yield Flaw("", message, f"Write it with `{'#' * (before + 1)}`.", place)
        before = level


def _is_even(body: str) -> bool:
    """Whether every heading is of the second level and begins its row."""
    return body.count("#") == 2 * body.count("\n## ")


@rule("headline-repeated", Severity.WARNING)
def headline_repeated(story: Story, around: Around) -> Iterator[Flaw]:
    """The title is not told again as a line of the body; glued readings, marks and spaces do not count."""
    del around
    seen, told = view(story), glossless(story.metadata.title or "")
    pieces = [one for one in _pieces(told) if one in seen.text]
    if not pieces:
        return
    title = _plain(told)
    longest = 3 * len(title) + 40
    if len(title) < _SHORTEST_TITLE or not any(_is_in_a_row(seen.text, one, longest) for one in pieces):
        return
    for row in seen.rows:
        if len(title) <= len(row.text) <= longest and _plain(row.text) == title:
            hint = "Take the line out, or write the caption it stands for."
            yield Flaw("", "the title stands here again.", hint, seen.place(story, row, 0))


@cache
def _punctuation() -> re.Pattern[str]:
    return re.compile(r"[\W_]+")


def _plain(text: str) -> str:
    return _punctuation().sub("", text).casefold()


def _pieces(title: str) -> tuple[str, ...]:
    """What a row that repeats a title holds: its longest word, or beyond ASCII how its longest run begins."""
    if title.isascii():
        longest = max(title.split(), key=len, default="").strip(".,:;!?'\"()*_")
        return longest, longest.upper()
    return (max(_punctuation().split(title), key=len)[:2],)


def _is_in_a_row(text: str, piece: str, longest: int) -> bool:
    """Whether something stands in a row of at most so many characters."""
    at = text.find(piece)
    while at >= 0:
        end = text.find("\n", at)
        row = text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)]
        if len(row) <= longest or len(row.rstrip()) <= longest:
            return True
        at = text.find(piece, end) if end >= 0 else -1
    return False


@rule("caption-without-image", Severity.WARNING, since=Since.HANDED_IN, signs=signs_of("caption"))
def caption_without_image(story: Story, around: Around) -> Iterator[Flaw]:
    """A line that is a caption (`图：`, `Photo:`) has its picture: a story that names none has lost it."""
    seen = view(story)
    for profile in of(seen, language(story, around)):
        if profile.caption:
            for row, match in found(seen, profile.caption):
                if _shows_a_picture(story):
                    return
                place = seen.place(story, row, match.end() - len(match[0].lstrip()))
                yield Flaw("", "a caption stands here, but the story names no picture.", _CAPTION_HINT, place)


_CAPTION_HINT = "Add the picture under `images`, or take the line out."


def _shows_a_picture(story: Story) -> bool:
    return any(story.holds(key) for key in _PICTURED) or any(one in story.body for one in _SHOWN) or bool(named(story))


@rule("relative-date", Severity.INFO, signs=signs_of("days"))
def relative_date(story: Story, around: Around) -> Iterator[Flaw]:
    """Days are named by their date: `today` and `昨天` mean nothing to who reads it later; quotes are left alone."""
    seen = view(story)
    for profile in of(seen, language(story, around)):
        if profile.days:
            for row, match in found(seen, profile.days):
                if unquoted := _unquoted(profile.days.pattern, row, match):
                    message = f"{unquoted[0]} means nothing once the date is lost."
                    yield Flaw("", message, "Name the day.", seen.place(story, row, unquoted.start()))


def _unquoted(pattern: str, row: Row, first: re.Match[str]) -> re.Match[str] | None:
    blanked = compiled(_QUOTED).sub(lambda quote: " " * len(quote[0]), row.text)
    return first if blanked == row.text else compiled(pattern).search(blanked)


@rule("body-length", Severity.WARNING, since=Since.HANDED_IN)
def body_length(story: Story, around: Around) -> Iterator[Flaw]:
    """A story is as long as `words_min` and `words_max` under `[limits]` say; a Chinese character is a word."""
    limits = around.settings.limits
    least, most = getattr(limits, "words_min", None), getattr(limits, "words_max", None)
    if least is None and most is None:
        return
    from newsroom_cli.words import words_of

    count, place = len(words_of(view(story).text)), in_body(story, 0)
    if least is not None and count < least:
        yield Flaw("", f"the story has {count} words; at least {least}.", "Write more of it.", place)
    if most is not None and count > most:
        yield Flaw("", f"the story has {count} words; at most {most}.", "Shorten it.", place)


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
