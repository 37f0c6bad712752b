"""Rules on who made a story: names and sources belong in its keys, and somebody else than its reporter passed it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import Ident, Severity, Story, ascii_lower
from newsroom_cli.rules.registry import Fix, RuleContext, Since, Violation, rule
from newsroom_cli.rules.text.profiles import PROFILES, begin_of, marked_rows, marks_for, signs_of
from newsroom_cli.rules.text.views import TextRow, View, view_of

_EDGE = 10
_NEAR = 4
_SURNAMES = PROFILES["zh"].surnames
_LISTED = re.compile(r"[\s、，,&]+(?:and |und |et |y )?|\s*(?:通[讯訊][员員]|[记記]者|[实實][习習]生)[\s:：]*")
"""The text between two Chinese names: a mark, a word for `and`, or the next person's job."""
_LATIN_LIST = re.compile(r"\s*(?:,|&|\b(?:and|und|et|y)\b)\s*")
_NO_NAMES = frozenset(
    (
        "the a an all any now using your our their this that popular default design name date day month year"
        " country state city region agency topic category product type number numbers hand law air land sea phone"
        " mail email request application comparison contrast example way means order section chapter part"
    ).split()
)
_AUTHORS = ("author", "authors", "byline")


def _join_values(story: Story, keys: tuple[str, ...]) -> str:
    """Join the values of some keys, folded as names are compared: without spaces, in small letters."""
    return "|".join(_fold_name(str(story.fields.get(key) or "")) for key in keys)


def _fold_name(name: str) -> str:
    return "".join(name.split()).casefold()


def _split_names(listed: str) -> list[str]:
    """The names in a byline; none where a word of it is nobody's."""
    if listed.isascii() or not any(character in _SURNAMES for character in listed):
        names = [name for name in _LATIN_LIST.split(listed) if name]
        return [] if any(word.lower() in _NO_NAMES for word in listed.split()) else names
    return [name for name in _LISTED.split(listed) if name and name[0] in _SURNAMES and len(name) > 1]


def _at_an_edge(seen: View, row: TextRow, rows: int) -> bool:
    """Tell whether a row is among the first or last ones."""
    return row in seen.rows[:rows] or row in seen.rows[-rows:]


def _stands_alone(seen: View, row: TextRow) -> bool:
    """Tell whether no row of words stands right above."""
    at = seen.rows.index(row)
    return at == 0 or seen.rows[at - 1].line < row.line - 1 or seen.rows[at - 1].text.startswith("#")


@rule(
    "byline-in-body",
    Severity.ERROR,
    since=Since.HANDED_IN,
    mild=Severity.WARNING,
    fix=Fix.UNSAFE,
    signs=signs_of("byline"),
)
def byline_in_body(story: Story, context: RuleContext) -> Iterator[Violation]:
    """Whoever the body names as its writer (`（記者 …）`, `By …`) is in `reporter`, `author`, `authors` or `byline`.

    A warning where a byline is given and names somebody else, an error where there is none. A `By` counts on a line of
    its own among the first or last ones.
    """
    seen = view_of(story)
    for mark, row, match in marked_rows(story, context, "byline"):
        if mark.weak and not (_at_an_edge(seen, row, _NEAR) and _stands_alone(seen, row)):
            continue
        listed = next(group for group in match.groups() if group)
        known = _join_values(story, ("reporter", *_AUTHORS))
        missing = [name for name in _split_names(listed) if _fold_name(name) not in known]
        if missing:
            is_given = any(story.holds(key) for key in _AUTHORS)
            named = ", ".join(missing)
            hint = f"Write `author: {named}`." if len(missing) == 1 else f"Write `authors: [{named}]`."
            place = seen.place(story, row, begin_of(match, "。 \t\u00a0\u3000*_"))
            yield Violation("", f"the byline {named} stands in the body alone.", hint, place, is_mild=is_given)


def find_credits(story: Story, context: RuleContext) -> Iterator[tuple[TextRow, int, str]]:
    """Yield each line of the body that names an editor: the row, the column, and the name."""
    for _, row, match in marked_rows(story, context, "editor"):
        if _at_an_edge(view_of(story), row, _EDGE):
            yield row, begin_of(match, " \t\u00a0\u3000*_|（(【[;"), next(group for group in match.groups() if group)


@rule("editor-in-body", Severity.ERROR, since=Since.HANDED_IN, fix=Fix.UNSAFE, signs=signs_of("editor"))
def editor_in_body(story: Story, context: RuleContext) -> Iterator[Violation]:
    """Whoever the body names as its editor (`責編：…`, `Editor: …`) is in `editor`."""
    seen = view_of(story)
    for row, start, name in find_credits(story, context):
        if _fold_name(name) not in _join_values(story, ("editor",)):
            hint = f"Take the line out; `editor: {name}` is written when they approve."
            message = f"the editor {name} is named in the body alone."
            yield Violation("", message, hint, seen.place(story, row, start))


@rule("source-in-lead", Severity.INFO, signs=signs_of("lead"))
def source_in_lead(story: Story, context: RuleContext) -> Iterator[Violation]:
    """The source named before the first words (`…網訊`, `(Reuters) —`) is in `source`."""
    seen, known = view_of(story), _join_values(story, ("source",))
    for mark in marks_for(story, context, "lead"):
        for row in seen.rows[:_EDGE]:
            match = mark.pattern.match(row.text)
            name = next((group for group in match.groups() if group), "") if match else ""
            if match and name and _fold_name(name) not in known and not name.startswith("本"):
                place = seen.place(story, row, match.start(match.lastindex or 0))
                yield Violation("", f"{name} is named as the source in the lead.", f"Write `source: {name}`.", place)
                break


@rule("no-second-person", Severity.ERROR, since=Since.PUBLIC, fixed=True)
def no_second_person(story: Story, context: RuleContext) -> Iterator[Violation]:
    """A story that readers see was passed by somebody who is not its reporter.

    Where a move into its state bars the reporter: `editor` names somebody else then, unless four eyes were lifted. An
    `editor` that is missing where one is required is said once, but for one who is named in the text alone.
    """
    if context.lifted or not story.mistyped.keys().isdisjoint(("editor", "reporter")):
        return
    editors, reporters = story.metadata.editor, story.metadata.reporter
    if any(not _is_reporter(editor, reporters) for editor in editors):
        return
    moves = context.settings.pipeline.moves
    if not any(move.to == context.state and "reporter" in move.not_by for move in moves):
        return
    message = "nobody but its reporter passed the story." if editors else "nobody is named who passed the story."
    line = next(find_credits(story, context), None) if "editor" not in story.fields else None
    if not editors and line is None and "editor" in context.settings.pipeline.required_keys(context.state):
        return
    place = view_of(story).place(story, line[0], line[1]) if line else None
    yield Violation("editor", message, f"Somebody else passes it: story approve {shell_quote(story.slug)}", place)


def _is_reporter(editor: Ident, reporters: Iterable[Ident]) -> bool:
    return any(_are_one(editor, reporter) for reporter in reporters)


def _are_one(editor: Ident, reporter: Ident) -> bool:
    """Tell whether two are the same person, by e-mail, or by name where one has none."""
    if editor.email and reporter.email:
        return ascii_lower(editor.email) == ascii_lower(reporter.email)
    return editor.name == reporter.name


CREDITS = (byline_in_body, editor_in_body, source_in_lead, no_second_person)
