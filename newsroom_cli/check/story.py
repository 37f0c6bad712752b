"""Judges stories, one by one or many on every core: that they can be read, the rules, their record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from newsroom_cli import rules
from newsroom_cli.check.cache import StoryVerdict
from newsroom_cli.check.names import former_slugs
from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Finding, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger as ledgers
from newsroom_cli.record.ledger import Held, Ledger
from newsroom_cli.repository.files import Files
from newsroom_cli.repository.newsroom import ledger_by
from newsroom_cli.story import frontmatter, pictures
from newsroom_cli.verify.standing import check_followup, check_record

_LOOSE = "not committed"


@dataclass(frozen=True)
class TreeContext:
    """All that judging one story of a tree needs: judges, the clock, the tree's files, blobs of pictures by path.

    `target` is a state to judge the story for, whatever state it is in.
    """

    judges: Policy
    now: datetime
    files: Files
    blobs: Mapping[str, str] = field(default_factory=dict)
    target: str = ""

    def gather(self, story: Story, record: Ledger | None) -> tuple[Held, frozenset[str]]:
        """Gather a story with its ledger and the pictures that are there; those git does not hold are named apart."""
        assets: dict[str, str] = {}
        for name, path in pictures.locate_pictures(story).items():
            if path in self.blobs:
                assets[name] = self.blobs[path]
            elif self.files.has_file(path):
                assets[name] = _LOOSE
        return Held(story, record, assets), frozenset(name for name, blob in assets.items() if blob == _LOOSE)


def judge_file(path: str, around: TreeContext) -> StoryVerdict:
    """Judge one story of a tree: that it can be read, its ledger, the rules, its record."""
    content = b""
    try:
        content = around.files.read(path) or b""
        story = frontmatter.read_story(path, content)
    except Unreadable as error:
        return StoryVerdict(path, "", tuple(quote_lines(error.findings, path, content)))
    story_id = story.metadata.id or ""
    try:
        record = ledger_by(around.files, story_id)
    except Unreadable as error:
        return StoryVerdict(path, story_id, error.findings, aliases=former_slugs(story))
    asked: dict[str, bool] = {}
    findings = tuple(quote_lines(judge_story(story, record, around, asked), path, content))
    blobs = tuple(
        (picture, around.blobs.get(picture, "")) for picture in sorted({*pictures.locate_pictures(story).values()})
    )
    if story.holds("update_of"):
        blobs += ((ledgers.path_of(str(story.metadata.update_of)), ""),)  # judged anew each time
    latest = max((entry.at for entry in record.entries), default="") if record else ""
    return StoryVerdict(path, story_id, findings, blobs, tuple(sorted(asked.items())), latest, former_slugs(story))


def quote_lines(findings: Iterable[Finding], path: str, content: bytes) -> Iterator[Finding]:
    """Yield findings with the lines of a file they stand at."""
    lines = [""]
    for finding in findings:
        if finding.path == path and lines == [""]:
            lines = content.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
        is_here = finding.path == path and finding.line <= len(lines)
        yield finding._replace(source=lines[finding.line - 1].rstrip("\r")) if is_here else finding


def judge_story(story: Story, record: Ledger | None, around: TreeContext, asked: dict[str, bool]) -> Iterator[Finding]:
    """Yield the findings of the rules on a story, on its record, and on that of the story it is an update of.

    `asked` takes the files that rules ask for.
    """
    settings = around.judges.settings
    held, loose = around.gather(story, record)
    state = around.target or state_of(story, settings.pipeline.initial)
    is_there = partial(_note, around.files, asked)
    yield from rules.check(story, rules.RuleContext.of(held, settings, state, loose=loose, is_there=is_there))
    yield from check_record(held, around.judges, now=around.now)
    if story.holds("update_of") and record is not None:
        original = ledger_by(around.files, story.metadata.update_of or "")
        yield from check_followup(held, original, settings.pipeline)


def _note(files: Files, asked: dict[str, bool], path: str) -> bool:
    if path not in asked:
        asked[path] = files.holds(path)
    return asked[path]


def state_of(story: Story, initial: str) -> str:
    """Return the state a story is judged in: the one it says, or the initial one."""
    state = story.fields.get("state")
    return state if isinstance(state, str) and state.strip() else initial
