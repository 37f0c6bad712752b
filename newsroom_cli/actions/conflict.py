"""Finds the two sides of a story that a merge, a pull or a rebase left in conflict, in the index or in history."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from newsroom_cli.errors import NotReady, Refusal, Unreadable
from newsroom_cli.escaping import shell_quote
from newsroom_cli.history import story_history
from newsroom_cli.model import Finding, Severity, Story
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Held, Ledger
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.layout import file_name, slug_of
from newsroom_cli.repository.log import log
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.repository.protected import blobs_at, protected_versions, protects, short_name
from newsroom_cli.story import frontmatter
from newsroom_cli.workflow.replay import has_marks, sides, with_record

OURS, THEIRS = "2", "3"
Stages = Mapping[str, Mapping[str, str]]
"""Blob ids by path and stage (1 where both began, 2 ours, 3 theirs) of what a merge could not settle."""


@dataclass(frozen=True)
class GitOperation:
    """What git is in the middle of: how it ends, which commit is theirs, and whether theirs is what stays."""

    what: str
    ends: str
    theirs: str
    theirs_stays: bool


_KINDS = (
    ("rebase-merge", GitOperation("a rebase", "git rebase --continue", "REBASE_HEAD", theirs_stays=False)),
    ("rebase-apply", GitOperation("a rebase", "git rebase --continue", "REBASE_HEAD", theirs_stays=False)),
    ("MERGE_HEAD", GitOperation("a merge", "git commit --no-edit", "MERGE_HEAD", theirs_stays=True)),
    (
        "CHERRY_PICK_HEAD",
        GitOperation("a cherry-pick", "git cherry-pick --continue", "CHERRY_PICK_HEAD", theirs_stays=False),
    ),
)


def find_operation(git: Git) -> GitOperation | None:
    """Return what git is in the middle of here; raises Refusal for a revert, which takes no move back."""
    if (git.directory / "REVERT_HEAD").exists():
        raise Refusal("A revert takes no move back.", "git revert --abort, then undo the move by its verb.")
    return next((under for name, under in _KINDS if (git.directory / name).exists()), None)


def list_unmerged(git: Git, *paths: str) -> dict[str, dict[str, str]]:
    """Return what the index holds in stages, of some paths or of all."""
    stages_by_path: dict[str, dict[str, str]] = {}
    for row in git.names("--literal-pathspecs", "ls-files", "--unmerged", "--full-name", "-z", "--", *paths):
        head, _, path = row.partition("\t")
        _, blob, stage = head.split()
        stages_by_path.setdefault(path, {})[stage] = blob
    return stages_by_path


@dataclass(frozen=True)
class LedgerConflict:
    """The ledger that stays, the other one, how many of its entries were there before, and where git keeps it."""

    base: Ledger
    other: Ledger
    known: int = 0
    kept_in: str = ""


def sides_in_index(
    newsroom: Newsroom, under: GitOperation | None, path: str, stages: Mapping[str, str]
) -> LedgerConflict:
    """The two ledgers of a conflict in the index, which has both of them; raises Refusal where neither may give way."""
    blobs = newsroom.git.blobs(stages.values())
    ours, theirs = (parse_side(path, blobs[stages[stage]]) for stage in (OURS, THEIRS))
    known = len(ledger.parse(path, blobs[stages["1"]]).entries) if "1" in stages else 0
    stays = under.theirs_stays if under else True
    if stays:
        _refuse_two_lines(newsroom, path, under, ours, theirs)
    if stays and is_ours_shared(newsroom, path, ours.content, theirs.content):
        stays = False
    name = under.theirs if under else ""
    if stays:
        return LedgerConflict(theirs, ours, known, newsroom.git.text("rev-parse", "--short", "HEAD"))
    kept_in = newsroom.git.text("rev-parse", "--short", name, ok=(0, 128)) if name else ""
    return LedgerConflict(ours, theirs, known, kept_in)


def refuse_deleted(newsroom: Newsroom, under: GitOperation | None, path: str, where: str) -> None:
    """Raise Refusal where one side of a conflict under way deleted the story, which the other one went on with."""
    stages = list_unmerged(newsroom.git, where).get(where, {})
    if {OURS, THEIRS} <= stages.keys() or (not stages and newsroom.files.read(where) is not None):
        return
    here = bool(blobs_at(newsroom.git, [f"HEAD:{where}"]))
    is_other = here == (under.theirs_stays if under else True)
    source = newsroom.git.text("rev-parse", "--short", "HEAD" if here or under is None else under.theirs)
    story, record = shell_quote(path), shell_quote(where)
    drop = f"git rm {record} {story}" if stages else f"git rm {story}"
    slug = slug_of(path)
    side = "on the other side" if is_other else "on this side"
    hint = f"Let it go: {drop}, then {under.ends if under else 'git commit'}. "
    hint += f"To have it back behind that: git checkout {source} -- {record} {story}; git commit -m restored"
    raise Refusal(f"{slug} was deleted {side}, with its ledger.", hint)


def is_ours_shared(newsroom: Newsroom, path: str, ours: bytes, theirs: bytes) -> bool:
    """Tell whether what stays is our side: a protected branch has our lines and not theirs.

    Where no protected branch has either, our side stays on a branch that is protected itself.
    """
    for_us, for_them = protected_branches_of_sides(newsroom, path, ours, theirs)
    if for_us or for_them:
        return bool(for_us) and not _are_of_one_name(for_us, for_them)
    branch = newsroom.git.text("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1))
    return bool(branch) and protects(newsroom, branch)


def protected_branches_of_sides(
    newsroom: Newsroom, path: str, ours: bytes, theirs: bytes
) -> tuple[list[str], list[str]]:
    """The protected branches that have our lines and not theirs, and those that have theirs and not ours."""
    here = newsroom.git.text("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
    sides: tuple[list[str], list[str]] = ([], [])
    for ref, content in protected_versions(newsroom, path).items():
        has_ours = ref == here or _is_one_line(content, ours)
        if has_ours != (ref != here and _is_one_line(content, theirs)):
            sides[0 if has_ours else 1].append(short_name(ref))
    return sides


def _is_one_line(shared: bytes, side: bytes) -> bool:
    """Tell whether one of two ledgers goes on where the other one ends."""
    return shared.startswith(side) or side.startswith(shared)


def _are_of_one_name(ours: list[str], theirs: list[str]) -> bool:
    """Tell whether two remotes have a branch of one name on both sides: a fork's, and the one it was taken from."""
    return not {file_name(name) for name in ours}.isdisjoint(file_name(name) for name in theirs)


def _refuse_two_lines(newsroom: Newsroom, path: str, under: GitOperation | None, ours: Ledger, theirs: Ledger) -> None:
    """Raise Refusal where both sides are on protected branches: neither can give way to the other."""
    for_us, for_them = protected_branches_of_sides(newsroom, path, ours.content, theirs.content)
    if under is None or not for_us or not for_them or _are_of_one_name(for_us, for_them):
        return
    known = sum(1 for our, their in zip(ours.entries, theirs.entries, strict=False) if our == their)
    origins = story_history.find_origins(newsroom.git, newsroom.judges, theirs, under.theirs)
    commits = dict.fromkeys(origin.commit[:7] for number, origin in sorted(origins.items()) if number > known)
    message = f"{for_us[0]} and {for_them[0]} are both protected, and each moved this story: no merge joins the two."
    again = f"git cherry-pick {' '.join(commits)}; where it stops: story redo SLUG"
    raise Refusal(message, f"git merge --abort, then make the move again on the one that is to have it: {again}")


def parse_side(path: str, content: bytes) -> Ledger:
    """One side's ledger; raises NotReady for one that is broken in itself."""
    record = ledger.parse(path, content)
    if record.findings:
        raise NotReady("A side's ledger is broken in itself.", "", record.findings)
    return record


def sides_in_history(newsroom: Newsroom, path: str, content: bytes) -> LedgerConflict | None:
    """The two ledgers of a conflict that was committed, badly settled or settled for one; None where there is none."""
    if has_marks(content):
        left, right = ((parse_side(path, side), "") for side in sides(content))
        return _order_sides(newsroom, path, left, right)
    whole = not ledger.parse(path, content).findings
    for brought, parents in _merges(newsroom.git, path):
        valid = [(record, name) for name, text in parents if not (record := ledger.parse(path, text)).findings]
        if len(valid) < 2 or not content.startswith(brought):  # noqa: PLR2004  a merge has two sides
            continue
        conflict = _order_sides(newsroom, path, *valid[:2])
        if not whole:
            if content == brought:
                return conflict
        elif not content.startswith(conflict.base.content):
            head = newsroom.git.text("rev-parse", "--short", "HEAD")
            return replace(conflict, other=ledger.parse(path, content), kept_in=head)
        elif content == brought and not content.startswith(conflict.other.content):
            return replace(conflict, base=ledger.parse(path, content))
    return None


_Side = tuple[Ledger, str]
"""A ledger, and the commit that has it."""


def _order_sides(newsroom: Newsroom, path: str, ours: _Side, theirs: _Side) -> LedgerConflict:
    """Make the conflict of two sides: theirs stays, but where ours is shared."""
    if is_ours_shared(newsroom, path, ours[0].content, theirs[0].content):
        ours, theirs = theirs, ours
    return LedgerConflict(theirs[0], ours[0], kept_in=ours[1])


_MANY = 50
"""How many merges back a lost side is looked for."""


def _merges(git: Git, path: str) -> list[tuple[bytes, list[tuple[str, bytes]]]]:
    """The ledger that each merge brought, newest first, with its parents' short names and ledgers."""
    rows = git.text("rev-list", "--merges", "--parents", f"--max-count={_MANY}", "HEAD").splitlines()
    commits = [row.split() for row in rows]
    blobs = blobs_at(git, [f"{commit}:{path}" for row in commits for commit in row])
    merges = []
    for merge, *parents in commits:
        if (brought := blobs.get(f"{merge}:{path}")) is not None:
            texts = [(parent[:8], text) for parent in parents if (text := blobs.get(f"{parent}:{path}")) is not None]
            merges.append((brought, texts))
    return merges


def merge_words(
    newsroom: Newsroom, path: str, stages: Mapping[str, str], record: Ledger, under: GitOperation | None
) -> Story:
    """The story's text, with the record keys of a ledger: as it was settled by hand, else merged key by key.

    Raises NotReady where the words themselves conflict: a person settles them.
    """
    content = newsroom.files.read(path) or b""
    if not has_marks(content):
        return _with_record_keys(newsroom, frontmatter.read_story(path, content), record)
    if OURS in stages and THEIRS in stages:
        blobs = newsroom.git.blobs(stages.values())
        read = {
            stage: _with_record_keys(newsroom, frontmatter.read_story(path, blobs[blob]), record)
            for stage, blob in stages.items()
        }
        merged = _merge_texts(newsroom.git, read, under)
        if merged is not None:
            return merged
    line = next(n for n, row in enumerate(content.split(b"\n"), 1) if has_marks(row))
    message = "the words of the two sides conflict here."
    slug = slug_of(path)
    hint = f"Settle the words and take the marks out, then: story redo {shell_quote(slug)}"
    raise NotReady(
        f"{slug}: its text conflicts too.",
        "",
        [Finding("conflict-marker", Severity.ERROR, path, line, 1, message, hint)],
    )


def _with_record_keys(newsroom: Newsroom, story: Story, record: Ledger) -> Story:
    held = with_record(Held(story, record), newsroom.judges)
    return held.story or story


def _merge_texts(git: Git, read: Mapping[str, Story], under: GitOperation | None) -> Story | None:
    """Three texts, their record keys made one, merged as git merges; None where they conflict."""
    ours, theirs = read[OURS], read[THEIRS]
    hashes = {stage: frontmatter.content_hash(story) for stage, story in read.items()}
    if hashes[OURS] == hashes[THEIRS]:
        return theirs
    began = hashes.get("1")
    if began is None:
        began = _find_where_they_parted(git, ours.path, under, hashes)
    if began == hashes[OURS]:
        return theirs
    if began == hashes[THEIRS]:
        return ours
    if "1" not in read:
        return None
    with tempfile.TemporaryDirectory() as folder:
        names = [Path(folder) / stage for stage in (OURS, "1", THEIRS)]
        for name in names:
            name.write_bytes(read[name.name].text.encode())
        code, out = git.answer("merge-file", "-p", *map(str, names), ok=range(128))
    return frontmatter.read_story(ours.path, out) if code == 0 else None


def _find_where_they_parted(git: Git, path: str, under: GitOperation | None, hashes: Mapping[str, str]) -> str | None:
    """One side's words that the other side's history has had, where the sides share no commit with the story."""
    for commit, other in (("HEAD", hashes[THEIRS]), (under.theirs if under else "HEAD", hashes[OURS])):
        blobs = [c.has for each in log(git, commit, paths=(path,)) for c in each.changes if c.has]
        for text in git.blobs(blobs).values():
            if hash_content(path, text) == other:
                return other
    return None


def hash_content(path: str, text: bytes) -> str:
    """Return the content hash of a story's text; empty where it cannot be read."""
    try:
        return frontmatter.content_hash(frontmatter.read_story(path, text))
    except Unreadable:
        return ""
