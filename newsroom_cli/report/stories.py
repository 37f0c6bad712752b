"""One story and many on a screen and in JSON: `list`, `show` and `log`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Ident, Story
from newsroom_cli.record.entries import Entry, values_of
from newsroom_cli.record.ledger import Origin
from newsroom_cli.record.record_effects import corrections_of
from newsroom_cli.report.screen import (
    columns,
    print_line,
    print_lines,
    put_beside,
    put_json,
    put_within,
    say,
    terminal_width,
)
from newsroom_cli.repository.layout import slug_of
from newsroom_cli.settings.settings import Settings
from newsroom_cli.story.words import words_of
from newsroom_cli.times import format_for_people, format_ledger_time, format_local

if TYPE_CHECKING:  # a list needs neither what versions nor what rows are made of
    from newsroom_cli.history.trail import Version
    from newsroom_cli.views.stories import Row


def put_list(rows: Sequence[Row], *, as_json: bool) -> None:
    """Print stories, one a line, or as JSON."""
    if as_json:
        put_json([row.as_json() for row in rows])
        return
    if not rows:
        say('No such stories. Begin one: story new "TITLE"')
        return
    table = [("STATE", "SLUG", "REPORTER", "EDITOR", "TITLE", "")]
    for row in rows:
        flags = ", ".join([*row.flags, *([f"on {row.branch}"] if row.branch else [])])
        cells = "-", "-", row.problem
        if row.story:
            meta = row.story.metadata
            cells = names(meta.reporter), names(meta.editor) or "-", meta.title or "-"
        table.append((row.state or "-", slug_of(row.path), *cells, f"[{flags}]" if flags else ""))
    print_lines(_lay_out(table, terminal_width()))


_WIDEST = 160
"""Cells of a column where there is no terminal to fit; a title may be any length."""


def _lay_out(table: Sequence[tuple[str, ...]], room: int | None) -> Iterator[str]:
    """Yield rows as lines; their flags, the last column, stand below them where they would not fit beside them."""
    from rich.cells import cell_len

    lines = columns(table, widest=_WIDEST)
    if room is None or all(cell_len(line) <= room for line in lines):
        yield from lines
        return
    below = 2 + max(len(row[0]) for row in table)
    for line, row in zip(columns([row[:-1] for row in table], limit=room), table, strict=True):
        yield line
        if row[-1]:
            yield f"{'':{below}}{make_visible(row[-1])}"


def names(people: Sequence[Ident]) -> str:
    """Return people by name alone, with commas."""
    return ", ".join(person.name or person.email for person in people)


_SHOWN = (
    *("title", "section", "lang", "description", "dateline", "source", "date", "lastmod", "version", "address"),
    *("pubstatus", "embargo", "publish_at", "expires"),
)


Lists = Mapping[str, list[str]]


def put_story(row: Row, settings: Settings, *, missing: Lists, linked: Lists, as_json: bool) -> None:
    """Print one story: what it is, where it stands, what its next states still need, and its updates."""
    story = row.story
    if story is None:
        return
    words = len(words_of(story.body))
    if as_json:
        links = {name.replace(" ", "_"): slugs for name, slugs in linked.items()}
        more = {"fields": story.fields, "words": words, "missing": missing, "links": links, "body": story.body}
        put_json({**row.as_json(), **more})
        return
    meta = story.metadata
    rows = [("slug", story.slug), ("state", _say_state(row, settings)), ("path", story.path)]
    rows += [("reporter", ", ".join(map(str, meta.reporter))), ("editor", ", ".join(map(str, meta.editor)))]
    shown = {key: story.fields[key] for key in _SHOWN if story.fields.get(key) is not None}
    rows += [(key, format_for_people(str(value), settings.timezone)) for key, value in shown.items()]
    rows += _corrections(row, settings)
    rows += [(name, ", ".join(slugs)) for name, slugs in linked.items()]
    rows.append(("words", str(words)))
    for state, keys in missing.items():
        rows.append((f"for {state}", f"still needs {', '.join(keys)}" if keys else "complete"))
    put_within("", meta.title or story.slug)
    put_beside([(key, value or "-") for key, value in rows])


def _corrections(row: Row, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield every correction by its number, with what readers were told."""
    record = row.ledger.record if row.ledger and not row.ledger.findings else {}
    for correction in corrections_of(record):
        when = format_for_people(str(correction["date"]), settings.timezone)
        what = f"{correction['kind']}, version {correction['version']}, {when}"
        yield f"correction {correction['number']}", f"{what}: {correction['notice']}"


def _say_state(row: Row, settings: Settings) -> str:
    moved = row.ledger.moved if row.ledger else None
    since = f", since {format_local(moved.moment, settings.timezone)}" if moved else ""
    flags = f" [{', '.join(row.flags)}]" if row.flags else ""
    return f"{row.state or 'no state'}{since}{flags}"


def put_log(entries: Sequence[Entry], origins: Mapping[int, Origin], settings: Settings, *, as_json: bool) -> None:
    """Print a ledger: every entry with who, what, when (here and UTC), note and commit."""
    if as_json:
        put_json([entry_json(entry, origins.get(entry.seq)) for entry in entries])
        return
    for entry in entries:
        way = f"{entry.from_} → {entry.to}" if entry.completes and entry.from_ else entry.to
        when = format_local(entry.moment, settings.timezone)
        utc = entry.moment.astimezone(UTC).strftime("%H:%M UTC")
        put_within(f"{entry.seq:>3}  ", f"{make_visible(entry.action):<10} {make_visible(way):<18} {when} ({utc})")
        origin = origins.get(entry.seq)
        proof = f"{origin.commit[:8]}, {origin.strength}" if origin else "not committed"
        role = f" as {make_visible(entry.role)}" if entry.role else ""
        put_within(_MARGIN, f"{entry.by}{role}  [{proof}]")
        if origin and origin.flaw:
            put_within(_MARGIN, f"the signature {origin.flaw}")
        if entry.override:
            put_within(_MARGIN, f"four eyes lifted: {entry.override}")
        for key, value in entry.terms.items():
            put_within(_MARGIN, f"{key}: {_say_both_ways(str(value), settings)}")
        for line in (entry.note or "").splitlines():
            put_within(f"{_MARGIN}> ", line)
        if entry.via:
            put_within(_MARGIN, f"via {entry.via}")


_MARGIN = " " * 5


def _say_both_ways(text: str, settings: Settings) -> str:
    """A time in the newsroom's zone and as ledgers write it; whatever else a term says as it is."""
    here = format_for_people(text, settings.timezone)
    return f"{here} ({text})" if here != text else text


def put_versions(versions: Sequence[Version], settings: Settings, *, as_json: bool) -> None:
    """Print every version readers had, a line each with what they were told, or as JSON."""
    if as_json:
        put_json([_version_json(version) for version in versions])
        return
    if not versions:
        say("Readers have not had it.")
        return
    table = [("V", "DATE", "KIND", "BY", "COMMIT")]
    for version in versions:
        commit = version.origin.commit[:8] if version.origin else "-"
        table.append(
            (
                str(version.number),
                format_local(version.at, settings.timezone),
                version.kind,
                names([version.entry.actor]),
                commit,
            )
        )
    head, *lines = columns(table, limit=terminal_width())
    print_line(head)
    for line, version in zip(lines, versions, strict=True):
        print_line(line)
        for text in str(version.entry.terms.get("notice") or "").splitlines():
            put_within("   ", text)
        for text in (version.entry.note or "").splitlines():
            put_within("   > ", text)


def _version_json(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "date": format_ledger_time(version.at),
        "kind": version.kind,
        "by": version.entry.by,
        "notice": version.entry.terms.get("notice"),
        "note": version.entry.note,
        "content": version.entry.content,
        "assets": dict(version.entry.assets),
        "commit": version.origin.commit if version.origin else None,
    }


def put_version(version: Version, story: Story, content: bytes, *, as_json: bool) -> None:
    """Print a story's file byte for byte as it went out, or as JSON with what is known of that version.

    On a terminal and in GitHub Actions, which obey what they are shown, every line is made harmless.
    """
    if as_json:
        put_json({**_version_json(version), "path": story.path, "fields": story.fields, "body": story.body})
        return
    if sys.stdout.isatty() or os.environ.get("GITHUB_ACTIONS") == "true":
        for line in story.text.removesuffix("\n").split("\n"):
            print_line(make_visible(line.removesuffix("\r")))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.flush()


def entry_json(entry: Entry, origin: Origin | None) -> dict[str, Any]:
    """Return an entry as `log --json` has it: its line's fields, its commit and what that proves."""
    return {
        **{name: value for name, value in values_of(entry).items() if value is not None},
        "commit": origin.commit if origin else None,
        "strength": origin.strength if origin else "recorded",
        "flaw": (origin.flaw or None) if origin else None,
    }
