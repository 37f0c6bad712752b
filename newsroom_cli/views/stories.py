"""Reads stories to look at them: rows of a list, one story with what it lacks, one record with its commits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsroom_cli.errors import CannotRun, Unreadable, WrongUsage
from newsroom_cli.model import Ident, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.ledger import Ledger, scheduling_entry, why_void
from newsroom_cli.record.stops import flags as by_state
from newsroom_cli.repository.files import CommittedTree, Files, story_paths
from newsroom_cli.repository.layout import STORIES, is_story, slug_of
from newsroom_cli.repository.newsroom import Newsroom, ledger_by
from newsroom_cli.settings.pipeline import FLAGS
from newsroom_cli.story import frontmatter
from newsroom_cli.story.frontmatter import content_hash
from newsroom_cli.verify.objections import open_overrides


def _is_void(story: Story, ledger: Ledger) -> bool:
    """Tell whether a story's words, or the roles it asks for, are not those that were signed for its time.

    Pictures are not looked at.
    """
    planned = scheduling_entry(ledger.entries)
    if planned is None:
        return False
    return bool(why_void(planned, ledger.entries, content=content_hash(story), assets=planned.assets))


@dataclass(frozen=True)
class Row:
    """One story as lists show it; `branch` is where it is when not here, `problem` why it cannot be read."""

    path: str
    story: Story | None = None
    ledger: Ledger | None = None
    branch: str = ""
    problem: str = ""
    flags: tuple[str, ...] = ()

    @classmethod
    def of(cls, story: Story, ledger: Ledger | None, policy: Policy, *, at: datetime, branch: str = "") -> Row:
        """Make a row with the flags that stop a story at an instant or wait for somebody."""
        flags = [] if ledger else ["ledger missing" if story.holds("id") else "not taken in"]
        if ledger and ledger.findings:
            flags.append("ledger broken")
        if ledger and open_overrides(ledger.entries, policy):
            flags.append("override")
        stops = by_state(policy.settings.pipeline, ledger.record, at) if ledger and not ledger.findings else frozenset()
        flags += [flag for flag in FLAGS if flag in stops]
        if ledger and "scheduled" in stops and _is_void(story, ledger):
            flags.append("schedule void")
        expires = story.metadata.expires
        if expires is not None and expires <= at and ledger and policy.settings.pipeline.is_public(ledger.state):
            flags.append("expired")
        if story.metadata.pubstatus and not stops & {"held", "spiked", "killed"}:
            flags.append(story.metadata.pubstatus)
        return cls(story.path, story, ledger, branch, "", tuple(flags))

    @property
    def state(self) -> str:
        """Return the state the file says."""
        value = self.story.fields.get("state") if self.story else None
        return value if isinstance(value, str) else ""

    @property
    def since(self) -> str:
        """Return when the story came to its state (UTC), from its ledger."""
        moved = self.ledger.moved if self.ledger else None
        return moved.at if moved else ""

    def as_json(self) -> dict[str, Any]:
        """Return the row as `list --json` has it."""
        meta = self.story.metadata if self.story else None
        return {
            "id": meta.id if meta else None,
            "slug": slug_of(self.path),
            "path": self.path,
            "title": meta.title if meta else None,
            "state": self.state or None,
            "reporter": [str(ident) for ident in meta.reporter] if meta else [],
            "editor": [str(ident) for ident in meta.editor] if meta else [],
            "section": meta.section if meta else None,
            "flags": [*self.flags, *(["unreadable"] if self.problem else [])],
            "since": self.since or None,
            "branch": self.branch or None,
        }


@dataclass(frozen=True)
class Wanted:
    """Conditions of the stories a list is to show; an empty text is none."""

    state: str = ""
    reporter: str = ""
    editor: str = ""
    section: str = ""
    here: bool = False
    spiked: bool = False


def list_rows(newsroom: Newsroom, wanted: Wanted, *, at: datetime) -> list[Row]:
    """List the wanted stories of the tree and of unmerged remote branches at an instant, by state, then path."""
    names = newsroom.settings.pipeline.names
    if wanted.state and wanted.state not in names:
        raise WrongUsage(f"There is no state {wanted.state}.", f"States are {', '.join(names)}.")
    kept = [row for row in _read_rows(newsroom, wanted, at) if _is_wanted(newsroom, row, wanted)]
    order = {name: number for number, name in enumerate(names)}
    return sorted(kept, key=lambda row: (order.get(row.state, len(order)), row.path, row.branch))


def _read_rows(newsroom: Newsroom, wanted: Wanted, at: datetime) -> Iterator[Row]:
    files = newsroom.files
    paths = story_paths(files)
    files.expect(paths)
    yield from (_read_row(newsroom, files, path, at=at) for path in paths)
    if wanted.here or newsroom.git.revision("HEAD") is None:
        return
    for branch in _list_unmerged(newsroom):
        tree = CommittedTree(newsroom.git, branch)
        yield from (_read_row(newsroom, tree, path, at=at, branch=branch) for path in _list_differing(newsroom, branch))


def _list_unmerged(newsroom: Newsroom) -> Iterator[str]:
    """Yield remote branches with commits that HEAD has not; a remote's HEAD is another name of one of them."""
    shape = "--format=%(refname:short)%09%(symref)%00"
    for row in newsroom.git.names("for-each-ref", shape, "--no-merged=HEAD", "refs/remotes"):
        name, _, points_to = row.strip("\n").partition("\t")
        if name and not points_to:
            yield name


def _list_differing(newsroom: Newsroom, branch: str) -> list[str]:
    """List the stories a branch changed since it left HEAD's line; none where the two share no history."""
    options = ("--name-only", "-z", "--diff-filter=AM", "--no-renames")
    code, out = newsroom.git.answer("diff", *options, f"HEAD...{branch}", "--", STORIES, ok=(0, 128))
    names = out.decode("utf-8", "surrogateescape").split("\0") if code == 0 else []
    return [name for name in names if is_story(name)]


def _read_row(newsroom: Newsroom, files: Files, path: str, *, at: datetime, branch: str = "") -> Row:
    try:
        story = frontmatter.read_story(path, files.read(path) or b"")
        return Row.of(story, ledger_by(files, story.metadata.id or ""), newsroom.judges, at=at, branch=branch)
    except Unreadable as error:
        return Row(path, branch=branch, problem=error.findings[0].message if error.findings else error.message)
    except CannotRun as error:
        if not branch:
            raise
        return Row(path, branch=branch, problem=error.message)


def _is_wanted(newsroom: Newsroom, row: Row, wanted: Wanted) -> bool:
    meta = row.story.metadata if row.story else None
    if "spiked" in row.flags and not wanted.spiked:
        return False
    texts = ((wanted.state, row.state), (wanted.section, meta and meta.section))
    people = ((wanted.reporter, meta and meta.reporter), (wanted.editor, meta and meta.editor))
    return all(not asked or asked == has for asked, has in texts) and all(
        not asked or _is_among(newsroom, asked, named or ()) for asked, named in people
    )


def _is_among(newsroom: Newsroom, asked: str, people: tuple[Ident, ...]) -> bool:
    from newsroom_cli.workflow.drafting import find_person

    ident = find_person(asked, newsroom.judges)
    return newsroom.judges.is_among(ident, people) or asked in [known.name for known in people]
