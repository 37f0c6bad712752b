"""Compares all that readers have in one tree with what was signed for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from newsroom_cli.check.cache import IndexSnapshot
from newsroom_cli.check.files import peek_id
from newsroom_cli.check.names import NameIndex, clashes
from newsroom_cli.check.parallel import look_at_all
from newsroom_cli.check.story import TreeContext
from newsroom_cli.errors import CannotRun, Refusal, Unreadable
from newsroom_cli.escaping import shell_quote
from newsroom_cli.history.range import tip
from newsroom_cli.history.story_history import attribute_entries, text_of, version_of
from newsroom_cli.history.trail import Published, Version
from newsroom_cli.model import Finding, Severity, Story, make_error
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Ledger, Origin
from newsroom_cli.record.stops import is_killed
from newsroom_cli.repository import tree_integrity
from newsroom_cli.repository.files import CommittedTree, Files, story_paths
from newsroom_cli.repository.layout import LEDGERS, REGULAR, is_ledger, is_story, slug_of, story_id_of
from newsroom_cli.repository.log import log
from newsroom_cli.repository.newsroom import Newsroom, judges_of, ledger_by, ledger_paths
from newsroom_cli.settings.pipeline import Pipeline
from newsroom_cli.story import frontmatter
from newsroom_cli.times import parse_instant
from newsroom_cli.verify.signed import judge_signature
from newsroom_cli.verify.standing import check_record
from newsroom_cli.views.story import ledger_with_origins
from newsroom_cli.workflow.replay import with_record

_SQUASHED = (
    "A squash leaves out what was between; the branch it was made of, or a clone that had it, may have the words."
)


def list_published(newsroom: Newsroom, revision: str, *, now: datetime) -> list[Published]:
    """List every story readers have, by slug: of the working tree, or of a revision where one is named.

    Raises CannotRun (fails closed) where history or an object is missing.
    """
    git, files, policy = newsroom.git, newsroom.files, newsroom.judges
    commit = tip(git, revision or "HEAD")
    for finding in tree_integrity.find_crooked_below(git, f"{commit}^{{tree}}"):
        raise CannotRun(f"{finding.path}: {finding.message}", finding.hint)
    if revision or newsroom.root is None:
        files = CommittedTree.at(git, commit)
        policy = judges_of(files)
        listing = git.list_tree(files.tree)
        blobs = {path: blob for path, (mode, blob) in listing.items() if mode in REGULAR}
        files.expect([path for path in blobs if is_ledger(path)])
    else:
        blobs = dict(IndexSnapshot.of(git).blobs)
    paths = story_paths(files)
    looked_at = look_at_all(_look_at_story, paths, TreeContext(policy, now, files, blobs))
    rows = [row for row, _ in looked_at if row is not None]
    rows += _list_without_file(files, {story_id for _, story_id in looked_at}, policy.settings.pipeline)
    rows = _note_clashes(rows)
    commits = log(git, "--topo-order", "--reverse", commit, paths=(LEDGERS,))
    signed = attribute_entries(git, policy, commits, [row.signed for row in rows if row.signed])
    origins = {entry.story: judge_signature(entry, origin, policy) for entry, origin in signed}
    rows = [replace(row, origin=origins.get(row.signed.story)) if row.signed else row for row in rows]
    return sorted(rows, key=lambda row: (row.slug, row.path))


def _look_at_story(path: str, around: TreeContext) -> tuple[Published | None, str]:
    """Return a story as readers have it, None where they have none; and the id it claims."""
    files, pipeline = around.files, around.judges.settings.pipeline
    slug = slug_of(path)
    try:
        story = frontmatter.read_story(path, files.read(path) or b"")
        record = ledger_by(files, story.metadata.id or "")
    except Unreadable as error:
        story_id = peek_id(files, path)
        known = _find_ledger(files, story_id)
        if known is not None and not known.findings and not pipeline.is_public(known.state):
            return None, story_id
        signed = (known or Ledger(path)).signed_for_readers(pipeline)
        return Published(slug, path, signed, findings=error.findings), story_id
    state, story_id = story.fields.get("state"), story.metadata.id or ""
    says = isinstance(state, str) and pipeline.is_public(state)
    if not says and (record is None or not pipeline.is_public(record.state)):
        return None, story_id
    findings = check_record(around.gather(story, record)[0], around.judges, now=around.now)
    errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
    if not errors and record is not None and is_killed(pipeline, record.record):
        return None, story_id
    return Published(slug, path, (record or Ledger(path)).signed_for_readers(pipeline), findings=errors), story_id


def _find_ledger(files: Files, story_id: str) -> Ledger | None:
    try:
        return ledger_by(files, story_id)
    except Unreadable:
        return None


def _list_without_file(files: Files, ids: set[str], pipeline: Pipeline) -> Iterator[Published]:
    """Yield the ledgers of stories that readers had and whose file is gone."""
    for path in ledger_paths(files):
        story_id = story_id_of(path)
        if not story_id or story_id in ids:
            continue
        record = _find_ledger(files, story_id) or Ledger(path)
        signed = record.signed_for_readers(pipeline)
        if signed is not None and not is_killed(pipeline, record.record):
            message, hint = "the story was public, and its file is gone.", "git log --diff-filter=D --stat -- stories"
            finding = make_error("story-removed", path, 1, message, hint)
            yield Published(story_id, path, signed, findings=(finding,))


def _note_clashes(rows: Sequence[Published]) -> list[Published]:
    """Return the rows, with a finding on each of those that share their slug or their id."""
    shared: dict[str, list[Finding]] = {}
    names = {row.path: (row.signed.story if row.signed else "", ()) for row in rows if is_story(row.path)}
    for finding in clashes(NameIndex.of(names), names):
        shared.setdefault(finding.path, []).append(finding)
    return [replace(row, findings=(*row.findings, *shared.get(row.path, ()))) for row in rows]


def list_versions(newsroom: Newsroom, slug: str) -> list[Version]:
    """List every version of a story, the first one first; none where readers never had it."""
    return _read_versions(*ledger_with_origins(newsroom, slug))


def _read_versions(ledger: Ledger, origins: Mapping[int, Origin]) -> list[Version]:
    """Return the versions that a ledger's entries counted."""
    versions = []
    for entry in ledger.entries:
        number, at = entry.set.get("version"), str(entry.set.get("lastmod") or entry.at)
        if isinstance(number, int):
            versions.append(Version(number, parse_instant(at), entry, origins.get(entry.seq)))
    return versions


def find_version(newsroom: Newsroom, slug: str, number: int) -> tuple[Version, Story, bytes]:
    """Return one version and its file, byte for byte; raises Refusal for one there is not."""
    ledger, origins = ledger_with_origins(newsroom, slug)
    versions = {version.number: version for version in _read_versions(ledger, origins)}
    if number not in versions:
        known = ", ".join(map(str, versions)) or "none"
        raise Refusal(
            f"{slug} has no version {number}.", f"Versions are: {known} (story versions {shell_quote(slug)})."
        )
    entry = versions[number].entry
    story = newsroom.read(newsroom.find(slug))
    went_out = version_of(newsroom.git, story, ledger, entry) or _rebuild(newsroom, story, ledger, entry)
    if went_out is None:
        hint = "Fetch the whole history: git fetch --unshallow" if newsroom.git.is_shallow else _SQUASHED
        raise CannotRun(f"The text of version {number} is not in this repository.", hint)
    return versions[number], *went_out


def _rebuild(newsroom: Newsroom, story: Story, ledger: Ledger, entry: Entry) -> tuple[Story, bytes] | None:
    """Make a version whose file a squash left out of history, of its words, which a later file has, and its record."""
    text = text_of(newsroom.git, story, ledger, entry)
    if text is None:
        return None
    then = replace(ledger, entries=ledger.entries[: entry.seq])
    made = with_record(text, then, newsroom.judges)
    return made, made.text.encode()
