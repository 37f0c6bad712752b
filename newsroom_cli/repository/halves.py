"""What the commits of one step say: who brought each entry, who wrote the words before it, and what was undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from newsroom_cli.ledger import Ledger, Origin, path_of
from newsroom_cli.model import RECORD_KEYS, Ident, Story
from newsroom_cli.repository.files import LEDGERS
from newsroom_cli.repository.history import added, strength
from newsroom_cli.repository.line import Commit, Step
from newsroom_cli.repository.reading import Gist, Reading
from newsroom_cli.repository.shelf import blob_of, is_story, story_of
from newsroom_cli.roster import Judges


@dataclass(frozen=True, slots=True)
class Undone:
    """Something a commit did to a story's record that may have been undone before it reached the line."""

    commit: str
    story_id: str
    path: str
    what: str


@dataclass
class Told:
    """By story id: each entry's origin and who wrote the words before it (by number); the writing commits.

    Those are (commit, author, content hash). `since` is who wrote behind the last entry, `reporters` all whom the
    story named in between, `sections` those that texts named, by content hash.
    """

    origins: dict[str, dict[int, Origin]] = field(default_factory=dict)
    writers: dict[str, dict[int, tuple[Ident, ...]]] = field(default_factory=dict)
    wrote: dict[str, list[tuple[str, Ident, str]]] = field(default_factory=dict)
    since: dict[str, tuple[Ident, ...]] = field(default_factory=dict)
    reporters: dict[str, tuple[Ident, ...]] = field(default_factory=dict)
    undone: dict[str, list[Undone]] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)


def tell(step: Step, reading: Reading, ledgers: Mapping[str, Ledger], judges: Judges) -> Told:
    """Read the commits of a step; `ledgers` are those it leads to, by story id."""
    told = Told()
    for one in step.brought:
        if one.is_merge:
            continue  # it changes nothing of its own here; the step it leads to is judged as a whole
        brought = dict(_brought(one, reading))
        alone = sum(len(lines) for lines in brought.values()) == 1
        for story_id, lines in brought.items():
            if (ledger := ledgers.get(story_id)) is not None:
                _note(told.origins.setdefault(story_id, {}), ledger, lines, one, judges, alone=alone)
        _write(told, one, reading)
        if len(step.brought) > 1:
            for undone in _undone(one, brought, reading, ledgers):
                told.undone.setdefault(undone.story_id, []).append(undone)
    _name_writers(told, step)
    return told


def _brought(one: Commit, reading: Reading) -> Iterator[tuple[str, list[tuple[int, bytes]]]]:
    """The lines a commit put into each ledger, numbered from 1; those of a stray ledger count under its path."""
    for change in one.changes:
        if change.path.startswith(f"{LEDGERS}/"):
            old, new = blob_of(change.old_mode, change.old), blob_of(change.new_mode, change.new)
            if lines := added(reading.raw(old), reading.raw(new)):
                yield story_of(change.path) or change.path, lines


def _note(
    found: dict[int, Origin],
    ledger: Ledger,
    lines: list[tuple[int, bytes]],
    one: Commit,
    judges: Judges,
    *,
    alone: bool,
) -> None:
    rows = ledger.content.split(b"\n")
    for number, line in lines:
        if number > len(ledger.entries) or rows[number - 1] != line:
            continue
        proven = strength(ledger.entries[number - 1], one.author, judges, alone=alone)
        if number not in found or proven != "recorded":
            found[number] = Origin(one.id, proven)


def _sides(one: Commit, reading: Reading) -> Iterator[tuple[str, Gist | None, Gist | None]]:
    for change in one.changes:
        if is_story(change.path):
            old, new = blob_of(change.old_mode, change.old), blob_of(change.new_mode, change.new)
            yield change.path, reading.gist(change.path, old), reading.gist(change.path, new)


def _write(told: Told, one: Commit, reading: Reading) -> None:
    """Note whose content a commit changed, and whom the stories name; a story that only moved was not written."""
    sides = list(_sides(one, reading))
    old = {(gist.story_id, gist.content) for _, gist, _ in sides if gist}
    for _, _, gist in sides:
        if gist is None:
            continue
        told.sections[gist.content] = gist.section
        told.reporters[gist.story_id] = (*told.reporters.get(gist.story_id, ()), *gist.reporters)
        if (gist.story_id, gist.content) not in old:
            told.wrote.setdefault(gist.story_id, []).append((one.id, one.author, gist.content))


def _name_writers(told: Told, step: Step) -> None:
    """Give each entry the people whose commits changed the words between it and the entry above."""
    behind = _ancestors(step)
    bits = {one.id: 1 << number for number, one in enumerate(step.brought)}
    for story_id in told.origins.keys() | told.wrote.keys():
        origins, wrote = told.origins.get(story_id, {}), told.wrote.get(story_id, [])
        seen = 0
        for number, origin in sorted(origins.items()):
            above = origins.get(number - 1)
            between = behind[origin.commit] & ~(behind[above.commit] if above else 0)
            seen |= behind[origin.commit]
            if origin.strength != "recorded":
                people = (author for commit, author, _ in wrote if bits[commit] & between)
                told.writers.setdefault(story_id, {})[number] = tuple(dict.fromkeys(people))
        told.since[story_id] = tuple(dict.fromkeys(author for commit, author, _ in wrote if not bits[commit] & seen))


def _ancestors(step: Step) -> dict[str, int]:
    """For each commit of a step, itself and those it was made on, a bit each in the order of the step."""
    found: dict[str, int] = {}
    for number, one in enumerate(step.brought):
        mask = 1 << number
        for parent in one.parents:
            mask |= found.get(parent, 0)
        found[one.id] = mask
    return found


def _undone(
    one: Commit, brought: Mapping[str, list[tuple[int, bytes]]], reading: Reading, ledgers: Mapping[str, Ledger]
) -> Iterator[Undone]:
    """What a commit did that no verb does, or that the step's end no longer has."""
    for story_id, lines in brought.items():
        rows = ledgers[story_id].content.split(b"\n") if story_id in ledgers else []
        if any(number > len(rows) or rows[number - 1] != line for number, line in lines):
            yield Undone(one.id, story_id, path_of(story_id), "an entry was made here")
    for change in one.changes:
        old, new = (
            blob_of(mode, blob) for mode, blob in ((change.old_mode, change.old), (change.new_mode, change.new))
        )
        if change.path.startswith(f"{LEDGERS}/") and not reading.raw(new).startswith(reading.raw(old)):
            yield Undone(one.id, story_of(change.path), change.path, "the ledger was rewritten here")
        elif is_story(change.path) and old.strip("0") and new.strip("0"):
            before, after = reading.story(change.path, old), reading.story(change.path, new)
            if isinstance(before, Story) and isinstance(after, Story):
                keys = [key for key in RECORD_KEYS if before.fields.get(key) != after.fields.get(key)]
                story_id = str(before.fields.get("id"))
                if keys and story_id not in brought and story_id in ledgers:
                    says = ", ".join(f"{key}: {after.fields.get(key)}" for key in keys)
                    yield Undone(one.id, story_id, change.path, f"{says} was written by hand here")
