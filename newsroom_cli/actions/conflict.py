"""Finds the two sides of a story that a merge, a pull or a rebase left in conflict, in the index or in history."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from newsroom_cli.check.files import peek_id
from newsroom_cli.errors import NotReady, Refusal, Unreadable
from newsroom_cli.escaping import shell_quote
from newsroom_cli.history import story_history
from newsroom_cli.model import Finding, Severity, Story
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.layout import file_name, slug_of, story_id_of
from newsroom_cli.repository.log import log
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.repository.protected import protected_versions, protects, short_name
from newsroom_cli.repository.search import find_holding
from newsroom_cli.story import frontmatter
from newsroom_cli.workflow.replay import has_marks, split_sides, with_record

OURS, THEIRS = "2", "3"
Stages = Mapping[str, Mapping[str, str]]
"""Blob ids by path and stage (1 where both began, 2 ours, 3 theirs) of what a merge could not settle."""


class GitOperation(NamedTuple):
    """An operation git is in the middle of: how it ends, which commit is theirs ("" in none), and if theirs stays."""

    ends: str = "git commit"
    theirs: str = ""
    theirs_stays: bool = True


_REBASE = GitOperation("git rebase --continue", "REBASE_HEAD", theirs_stays=False)
_OPERATIONS = {
    "rebase-merge": _REBASE,
    "rebase-apply": _REBASE,
    "MERGE_HEAD": GitOperation("git commit --no-edit", "MERGE_HEAD"),
    "CHERRY_PICK_HEAD": GitOperation("git cherry-pick --continue", "CHERRY_PICK_HEAD", theirs_stays=False),
}


class StoryAtOdds(NamedTuple):
    """A story to be redone: its file and its ledger, what git is in the middle of, and the stages it holds of both.

    `old_path` is the name under which only one side went on, where git did not see that the other one renamed it.
    """

    newsroom: Newsroom
    path: str
    ledger_path: str
    operation: GitOperation
    stages: Stages
    old_path: str = ""

    @property
    def slug(self) -> str:
        """The story's slug, as its file is called."""
        return slug_of(self.path)

    @property
    def git(self) -> Git:
        """Git in the story's repository."""
        return self.newsroom.git


def find_at_odds(newsroom: Newsroom, path: str, ledger_path: str) -> StoryAtOdds:
    """Return how a story lies in the working tree; raises Refusal for a revert, which takes no move back."""
    directory = newsroom.git.directory
    if (directory / "REVERT_HEAD").exists():
        raise Refusal("A revert takes no move back.", "git revert --abort, then undo the move by its verb.")
    under_way = (operation for name, operation in _OPERATIONS.items() if (directory / name).exists())
    stages = list_unmerged(newsroom.git, path, ledger_path)
    return StoryAtOdds(newsroom, path, ledger_path, next(under_way, GitOperation()), stages)


def find_copies(story: StoryAtOdds) -> list[str]:
    """Return the other files in the working tree that have the story's id."""
    newsroom, story_id = story.newsroom, story_id_of(story.ledger_path)
    paths = find_holding(newsroom, f"id: {story_id}")
    return [path for path in paths if path != story.path and peek_id(newsroom.files, path) == story_id]


def take_new_name(story: StoryAtOdds, kept: Ledger) -> StoryAtOdds:
    """Return the story under its new name, where one side renamed it, git did not see that, and its ledger is kept.

    To git the old name is then deleted on that side and changed on the other, and the new one no conflict at all.
    """
    paths = sorted({story.path, *find_copies(story)})
    unmerged = list_unmerged(story.git, *paths)
    for old, stages in unmerged.items():
        for missing, commit in ((OURS, "HEAD"), (THEIRS, story.operation.theirs)):
            if missing in stages or not commit:
                continue
            tree = story.git.list_tree(commit, *paths, story.ledger_path)
            new = next((path for path in paths if path in tree and path not in unmerged), "")
            renamed = story.git.blobs_at([f"{commit}:{story.ledger_path}"]).values()
            if new and any(kept.content.startswith(line) for line in renamed):
                texts = {**stages, missing: tree[new][1]}
                return story._replace(path=new, stages={**story.stages, new: texts}, old_path=old)
    return story


def list_unmerged(git: Git, *paths: str) -> dict[str, dict[str, str]]:
    """Return what the index holds in stages, of some paths or of all."""
    stages_by_path: dict[str, dict[str, str]] = {}
    for row in git.names("--literal-pathspecs", "ls-files", "--unmerged", "--full-name", "-z", "--", *paths):
        head, _, path = row.partition("\t")
        _, blob, stage = head.split()
        stages_by_path.setdefault(path, {})[stage] = blob
    return stages_by_path


class LedgerConflict(NamedTuple):
    """The ledger that stays, the other one, how many of its entries were there before, and where git keeps it."""

    base: Ledger
    other: Ledger
    known: int = 0
    kept_in: str = ""


def find_sides_in_index(story: StoryAtOdds) -> LedgerConflict:
    """Return the two ledgers of a conflict under way; the same one twice where only the words conflict.

    Raises Refusal where neither may give way.
    """
    git, path, operation = story.git, story.ledger_path, story.operation
    if path not in story.stages:
        whole = parse_side(path, story.newsroom.files.read(path) or b"")
        return LedgerConflict(whole, whole)
    stages = story.stages[path]
    blobs = git.blobs(stages.values())
    ours, theirs = (parse_side(path, blobs[stages[stage]]) for stage in (OURS, THEIRS))
    known = len(ledger.parse(path, blobs[stages["1"]]).entries) if "1" in stages else 0
    if operation.theirs_stays:
        _refuse_two_lines(story, ours, theirs)
        if not is_ours_shared(story, ours.content, theirs.content):
            return LedgerConflict(theirs, ours, known, git.text("rev-parse", "--short", "HEAD"))
    name = operation.theirs
    return LedgerConflict(ours, theirs, known, git.text("rev-parse", "--short", name, ok=(0, 128)) if name else "")


def refuse_deleted(story: StoryAtOdds) -> None:
    """Raise Refusal where one side of a conflict under way deleted the story, which the other one went on with."""
    git, where, operation = story.git, story.ledger_path, story.operation
    stages = list_unmerged(git, where).get(where, {})
    if {OURS, THEIRS} <= stages.keys() or (not stages and story.newsroom.files.read(where) is not None):
        return
    here = bool(git.blobs_at([f"HEAD:{where}"]))
    side = "on the other side" if here == operation.theirs_stays else "on this side"
    source = git.text("rev-parse", "--short", "HEAD" if here else operation.theirs or "HEAD")
    path, record = shell_quote(story.path), shell_quote(where)
    drop = f"git rm {record} {path}" if stages else f"git rm {path}"
    hint = f"Let it go: {drop}, then {operation.ends}. "
    hint += f"To have it back behind that: git checkout {source} -- {record} {path}; git commit -m restored"
    raise Refusal(f"{story.slug} was deleted {side}, with its ledger.", hint)


def is_ours_shared(story: StoryAtOdds, ours: bytes, theirs: bytes) -> bool:
    """Tell whether what stays is our side: a protected branch has our lines and not theirs.

    Where no protected branch has either, our side stays on a branch that is protected itself.
    """
    for_us, for_them = protected_branches_of_sides(story, ours, theirs)
    if for_us or for_them:
        return bool(for_us)
    branch = story.git.text("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1))
    return bool(branch) and protects(story.newsroom, branch)


def protected_branches_of_sides(story: StoryAtOdds, ours: bytes, theirs: bytes) -> tuple[list[str], list[str]]:
    """Return the protected branches that have our lines and not theirs, and those that have theirs and not ours.

    Where two remotes have a branch of one name, a fork's and the one it was taken from, ours does not count.
    """
    here = story.git.text("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
    for_us, for_them = list[str](), list[str]()
    for ref, content in protected_versions(story.newsroom, story.ledger_path).items():
        has_ours = ref == here or _is_one_line(content, ours)
        if has_ours != (ref != here and _is_one_line(content, theirs)):
            (for_us if has_ours else for_them).append(short_name(ref))
    is_fork = not set(map(file_name, for_us)).isdisjoint(map(file_name, for_them))
    return [] if is_fork else for_us, for_them


def _is_one_line(shared: bytes, side: bytes) -> bool:
    """Tell whether one of two ledgers goes on where the other one ends."""
    return shared.startswith(side) or side.startswith(shared)


def _refuse_two_lines(story: StoryAtOdds, ours: Ledger, theirs: Ledger) -> None:
    """Raise Refusal where both sides are on protected branches: neither can give way to the other."""
    for_us, for_them = protected_branches_of_sides(story, ours.content, theirs.content)
    if not story.operation.theirs or not for_us or not for_them:
        return
    known = sum(1 for our, their in zip(ours.entries, theirs.entries, strict=False) if our == their)
    origins = story_history.find_origins(story.git, story.newsroom.judges, theirs, story.operation.theirs)
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


def find_sides_in_history(story: StoryAtOdds, content: bytes) -> LedgerConflict | None:
    """Return the two ledgers of a conflict that was committed, badly settled or settled for one; None without one."""
    path = story.ledger_path
    if has_marks(content):
        left, right = ((parse_side(path, side), "") for side in split_sides(content))
        return _order_sides(story, left, right)
    whole = not ledger.parse(path, content).findings
    for brought, parents in _merges(story.git, path):
        valid = [(record, name) for name, text in parents if not (record := ledger.parse(path, text)).findings]
        if len(valid) < 2 or not content.startswith(brought):  # noqa: PLR2004  a merge has two sides
            continue
        conflict = _order_sides(story, *valid[:2])
        if not whole:
            if content == brought:
                return conflict
        elif not content.startswith(conflict.base.content):
            head = story.git.text("rev-parse", "--short", "HEAD")
            return conflict._replace(other=ledger.parse(path, content), kept_in=head)
        elif content == brought and not content.startswith(conflict.other.content):
            return conflict._replace(base=ledger.parse(path, content))
    return None


_Side = tuple[Ledger, str]
"""A ledger, and the commit that has it."""


def _order_sides(story: StoryAtOdds, ours: _Side, theirs: _Side) -> LedgerConflict:
    """Make the conflict of two sides: theirs stays, but where ours is shared."""
    if is_ours_shared(story, ours[0].content, theirs[0].content):
        ours, theirs = theirs, ours
    return LedgerConflict(theirs[0], ours[0], kept_in=ours[1])


_MANY = 50
"""How many merges back a lost side is looked for."""


def _merges(git: Git, path: str) -> list[tuple[bytes, list[tuple[str, bytes]]]]:
    """Return the ledger that each merge brought, newest first, with its parents' short names and ledgers."""
    rows = git.text("rev-list", "--merges", "--parents", f"--max-count={_MANY}", "HEAD").splitlines()
    commits = [row.split() for row in rows]
    blobs = git.blobs_at([f"{commit}:{path}" for row in commits for commit in row])
    merges = []
    for merge, *parents in commits:
        if (brought := blobs.get(f"{merge}:{path}")) is not None:
            texts = [(parent[:8], text) for parent in parents if (text := blobs.get(f"{parent}:{path}")) is not None]
            merges.append((brought, texts))
    return merges


def merge_words(story: StoryAtOdds, record: Ledger) -> Story:
    """Return the text with the record keys of a ledger: as it was settled by hand, else merged key by key.

    Raises NotReady where the words themselves conflict: a person settles them.
    """
    path, policy, stages = story.path, story.newsroom.judges, story.stages.get(story.path, {})
    content = story.newsroom.files.read(path) or b""
    if not has_marks(content) and not story.old_path:
        return with_record(frontmatter.read_story(path, content), record, policy)
    if OURS in stages and THEIRS in stages:
        blobs = story.git.blobs(stages.values())
        texts = {stage: frontmatter.read_story(path, blobs[blob]) for stage, blob in stages.items()}
        merged = _merge_texts(story, {stage: with_record(text, record, policy) for stage, text in texts.items()})
        if merged is not None:
            return merged
    if story.old_path:
        raise NotReady(f"{story.slug}: what was written in {story.old_path} conflicts too.", tell_how_to_leave(story))
    line = next(n for n, row in enumerate(content.split(b"\n"), 1) if has_marks(row))
    message = "the words of the two sides conflict here."
    hint = f"Settle the words and take the marks out, then: story redo {shell_quote(story.slug)}"
    finding = Finding("conflict-marker", Severity.ERROR, path, line, 1, message, hint)
    raise NotReady(f"{story.slug}: its text conflicts too.", "", [finding])


def tell_how_to_leave(story: StoryAtOdds) -> str:
    """Return how to take the words under the new name alone."""
    taken = f"git rm -f -- {shell_quote(story.old_path)}"
    return f"Take its words: {taken}; then story redo {shell_quote(story.slug)}, and correct anew what is missing."


def _merge_texts(story: StoryAtOdds, texts: Mapping[str, Story]) -> Story | None:
    """Merge three texts, their record keys made one, as git merges; None where they conflict."""
    ours, theirs = texts[OURS], texts[THEIRS]
    hashes = {stage: frontmatter.content_hash(text) for stage, text in texts.items()}
    if hashes[OURS] == hashes[THEIRS]:
        return theirs
    began = hashes.get("1") or _find_where_they_parted(story, hashes)
    if began == hashes[OURS]:
        return theirs
    if began == hashes[THEIRS]:
        return ours
    if "1" not in texts:
        return None
    with tempfile.TemporaryDirectory() as folder:
        names = [Path(folder) / stage for stage in (OURS, "1", THEIRS)]
        for name in names:
            name.write_bytes(texts[name.name].text.encode())
        code, out = story.git.answer("merge-file", "-p", *map(str, names), ok=range(128))
    return frontmatter.read_story(story.path, out) if code == 0 else None


def _find_where_they_parted(story: StoryAtOdds, hashes: Mapping[str, str]) -> str | None:
    """Return one side's words that the other side has had before, where the sides share no commit with the story."""
    for commit, other in (("HEAD", hashes[THEIRS]), (story.operation.theirs or "HEAD", hashes[OURS])):
        blobs = [c.has for each in log(story.git, commit, paths=(story.path,)) for c in each.changes if c.has]
        for text in story.git.blobs(blobs).values():
            if hash_content(story.path, text) == other:
                return other
    return None


def hash_content(path: str, text: bytes) -> str:
    """Return the content hash of a story's text; empty where it cannot be read."""
    then = read_text(path, text)
    return frontmatter.content_hash(then) if then else ""


def read_text(path: str, text: bytes) -> Story | None:
    """Return a story's text as it was once; None where it cannot be read."""
    with suppress(Unreadable):
        return frontmatter.read_story(path, text)
    return None
