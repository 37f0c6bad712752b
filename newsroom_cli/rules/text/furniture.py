"""Rules on what a web page wraps around a story: none of it is text, and rights stand elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from newsroom_cli.model import Severity, Story, is_filled
from newsroom_cli.rules.registry import RuleContext, Since, Violation, rule
from newsroom_cli.rules.text.profiles import begin_of, language_of, marked_rows, signs_of
from newsroom_cli.rules.text.views import TextRow, view_of

_TOP = 5
_AROUND = " \t\u00a0\u3000|*_"
_CRUMB = re.compile(r"\s*[>＞»›→]\s*")
_LEADING = re.compile(r"^[^:：>＞»›→]*[:：]")
_RIGHTS_SIGNS = signs_of("rights")
_RIGHTS = ("rights", "licence", "license", "copyright")


class Piece(NamedTuple):
    """One row that a web page put around the story: its column, what it is, whether it states rights."""

    row: TextRow
    column: int
    what: str
    rights: bool


def _crumbs(story: Story, context: RuleContext) -> Iterator[tuple[TextRow, int]]:
    """Each row among the first that says where in a site a page stands, and where it begins."""
    for _, row, match in marked_rows(story, context, "crumbs"):
        if row in view_of(story).rows[:_TOP]:
            yield row, begin_of(match, _AROUND)


def find_pieces(story: Story, context: RuleContext) -> tuple[Piece, ...]:
    """Return the rows of a story's body that belong to a web page around it, in order, one piece a row."""
    strong: list[Piece] = []
    weak: list[Piece] = []
    for mark, row, match in marked_rows(story, context, "furniture"):
        if not row.text.lstrip().startswith(">"):
            (weak if mark.weak else strong).append(Piece(row, begin_of(match, _AROUND), mark.what, mark.rights))
    strong += [Piece(row, column, "a breadcrumb", rights=False) for row, column in _crumbs(story, context)]
    if not strong:
        return ()
    rows: dict[int, Piece] = {}
    for piece in sorted(strong + weak, key=lambda piece: (piece.row.line, piece.column)):
        first = rows.setdefault(piece.row.line, piece)
        if piece.rights and not first.rights:
            rows[piece.row.line] = first._replace(rights=True)
    return tuple(rows.values())


@rule("page-furniture", Severity.ERROR, since=Since.HANDED_IN, signs=signs_of("furniture", "crumbs"))
def page_furniture(story: Story, context: RuleContext) -> Iterator[Violation]:
    """No row of a web page was copied in with the words.

    Breadcrumbs, weather boxes, hotlines, numbers of licences and registrations, copyright lines and buttons belong to
    the publication's pages. A telephone line is one of them only beside another: a notice may well give a number.
    """
    seen = view_of(story)
    for piece in find_pieces(story, context):
        message = (
            f"{piece.what} of a web page stands here." if "page" not in piece.what else f"{piece.what} stands here."
        )
        yield Violation("", message, "Take the line out.", seen.place(story, piece.row, piece.column))


@rule("section-doubled", Severity.ERROR, since=Since.HANDED_IN, signs=signs_of("crumbs"))
def section_doubled(story: Story, context: RuleContext) -> Iterator[Violation]:
    """A breadcrumb names no section twice, and none of its crumbs is empty."""
    seen = view_of(story)
    for row, column in _crumbs(story, context):
        crumbs = _CRUMB.split(_LEADING.sub("", row.text.strip(" \t*_")))
        named = [crumb.strip().casefold() for crumb in crumbs]
        twice = next((crumb for crumb in named if crumb and named.count(crumb) > 1), "")
        if twice or not all(named):
            message = f"the breadcrumb names {twice} twice." if twice else "a crumb of the breadcrumb is empty."
            hint = "Take the line out; the section stands in `section`."
            yield Violation("", message, hint, seen.place(story, row, column))


@rule("rights-missing", Severity.ERROR, since=Since.PUBLIC, mild=Severity.INFO)
def rights_missing(story: Story, context: RuleContext) -> Iterator[Violation]:
    """Who holds the rights is known from the story or the configuration before readers see it.

    From `rights`, `licence`, `license` or `copyright` in the story, or `holder` under `[publication]`. An error where
    they are stated in the body alone, in a licence, copyright or registration line; else an info, on Chinese stories
    of a house that says something of itself under `[publication]`.
    """
    if is_filled(context.settings.publication.get("holder")) or any(story.holds(key) for key in _RIGHTS):
        return
    hint = 'Write `holder = "…"` under [publication] in newsroom.toml, or `rights: …` in the story.'
    may_state = any(sign in story.body for sign in _RIGHTS_SIGNS)
    stated = next((piece for piece in find_pieces(story, context) if piece.rights), None) if may_state else None
    if stated:
        place = view_of(story).place(story, stated.row, stated.column)
        yield Violation("", "the rights are stated in the body alone.", hint, place)
    elif (
        set(context.settings.publication) - {"permalink"}
        and language_of(story, context).lower().partition("-")[0] == "zh"
    ):
        yield Violation("rights", "nothing says who holds the rights.", hint, is_mild=True)


FURNITURE = (page_furniture, section_doubled, rights_missing)
