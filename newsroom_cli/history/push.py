"""Judges what is pushed, and what is staged: which branches are protected, and what each would bring to its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from newsroom_cli.errors import CannotRun, Refusal, StoryError
from newsroom_cli.history.proposal import inspect, inspect_tree
from newsroom_cli.history.range import Range, contains, whole_history
from newsroom_cli.model import Inspection
from newsroom_cli.repository.files import CommittedTree
from newsroom_cli.repository.git import Git, GitFailed
from newsroom_cli.repository.newsroom import fold_slug, judges_of
from newsroom_cli.repository.protected import USUAL
from newsroom_cli.settings import settings

BRANCHES = "refs/heads/"
REPLACEMENTS = "refs/replace/"


@dataclass(frozen=True, slots=True)
class Pushed:
    """One ref of a push: its full name, and the objects it had and would have, empty where it has none."""

    ref: str
    old: str
    new: str

    @property
    def branch(self) -> str:
        """The branch's name; empty for what is none."""
        return self.ref.removeprefix(BRANCHES) if self.ref.startswith(BRANCHES) else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one ref of a push: why it is refused as a whole, or what was found in it."""

    pushed: Pushed
    refusal: StoryError | None = None
    found: Inspection | None = None

    @property
    def refuses(self) -> bool:
        """Whether the push must not be taken."""
        return self.refusal is not None or (self.found is not None and self.found.fails("error"))


def received(lines: Iterable[str]) -> list[Pushed]:
    """The refs of a push as git gives them to `pre-receive`: `OLD NEW REF`; raises CannotRun for anything else."""
    rows = [line.split(" ", 2) for line in lines]
    if not all(len(row) == 3 and _is_id(row[0]) and _is_id(row[1]) for row in rows):  # noqa: PLR2004  old, new, ref
        raise CannotRun("This is not what git gives a pre-receive hook.", _BY_GIT)
    return [Pushed(ref, old.strip("0") and old, new.strip("0") and new) for old, new, ref in rows]


def sent(lines: Iterable[str]) -> list[Pushed]:
    """The refs of a push as git gives them to `pre-push`: `LOCAL NEW REF OLD`; raises CannotRun for anything else."""
    rows = [line.rsplit(" ", 3) for line in lines]
    if not all(len(row) == 4 and _is_id(row[1]) and _is_id(row[3]) for row in rows):  # noqa: PLR2004  as above
        raise CannotRun("This is not what git gives a pre-push hook.", _BY_GIT)
    return [Pushed(ref, old.strip("0") and old, new.strip("0") and new) for _, new, ref, old in rows]


_BY_GIT = "git runs it by itself once story hook install has put it there."


def _is_id(text: str) -> bool:
    return len(text) in (40, 64) and not text.strip("0123456789abcdef")


def judge(git: Git, pushed: Sequence[Pushed], *, now: datetime) -> list[Verdict]:
    """Return what is to be said of each ref a repository receives; refs that are not protected cost nothing."""
    head, tip = _head(git, pushed)
    protected = _protection(git, head, tip)
    aliases = _aliases(git, [one for one in pushed if one.branch and one.branch not in protected])
    verdicts: list[Verdict] = []
    for one in pushed:
        if refusal := _by_name(one, protected, aliases):
            verdicts.append(Verdict(one, refusal))
        elif one.branch in protected:
            verdicts.append(verdict(git, one, now=now, beside="" if one.ref == head else tip))
    return verdicts


def _protection(git: Git, head: str, tip: str) -> frozenset[str]:
    """The protected branches: the one HEAD names, and those its configuration names at a commit, before the push.

    Raises CannotRun where there is no commit to ask.
    """
    if not tip:
        name = head.removeprefix(BRANCHES) or "no branch"
        message = f"HEAD of the repository names {name}, which is not there: nothing would be protected."
        raise CannotRun(message, f"On the server: git symbolic-ref HEAD {BRANCHES}BRANCH; or push {name} first.")
    try:
        named = judges_of(CommittedTree(git, f"{tip}^{{tree}}")).settings.trust.protected
    except StoryError as error:
        message = f"What {head.removeprefix(BRANCHES)} says of its judges cannot be read: {error.message}"
        raise CannotRun(message, f"{error.hint} {_SET_ASIDE}".strip()) from None
    return frozenset(one.removeprefix(BRANCHES) for one in (head, *named))


def _head(git: Git, pushed: Sequence[Pushed]) -> tuple[str, str]:
    """The branch HEAD names and the commit it is at, or is pushed to for the first time; empty where there is none.

    A push that brings HEAD's branch for the first time brings the configuration.
    """
    head = git.text("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
    first = next((one.new for one in pushed if one.ref == head), "")
    return head, (git.revision(head) if head else None) or first


_SET_ASIDE = "Where the branch itself is broken, whoever runs the server mends it there (docs/self-hosted.md)."


def _aliases(git: Git, others: Sequence[Pushed]) -> dict[str, str]:
    """The branches that are only another name of one, with the ref they stand for."""
    if not others:
        return {}
    asked = [one.ref for one in others] if len(others) < _MANY else [BRANCHES]
    out = git.text("for-each-ref", "--format=%(refname) %(symref)", "--", *asked)
    rows = (line.partition(" ") for line in out.splitlines())
    return {ref: target for ref, _, target in rows if target}


_MANY = 500
"""From so many branches on, all of them are asked for: a command line is only so long."""


def _by_name(one: Pushed, protected: frozenset[str], aliases: dict[str, str]) -> Refusal | None:
    """Return why a ref is refused for its name: it would change, or seem to change, what a protected branch shows."""
    name = one.ref.removeprefix("refs/").partition("/")[2]
    if one.ref.startswith(REPLACEMENTS) and one.new:
        return Refusal(
            f"{one.ref} would show other objects than those that were judged.", "Push branches and tags alone."
        )
    if one.new and (name.startswith("refs/") or (name in protected and not one.branch)):
        return Refusal(f"With {one.ref} there, one name would mean two things.", "Name it otherwise.")
    if one.ref in aliases:
        target = aliases[one.ref].removeprefix(BRANCHES)
        return Refusal(f"{one.branch} is only another name of {target}.", f"Push {target} itself.")
    if one.branch and one.branch not in protected:
        twin = {fold_slug(name): name for name in protected}.get(fold_slug(one.branch))
        if twin is not None:
            return Refusal(
                f"{one.branch} differs from the protected {twin} in its writing alone.", "Name it otherwise."
            )
    return None


def verdict(git: Git, one: Pushed, *, now: datetime, beside: str = "") -> Verdict:
    """Return what is to be said of one push to a protected branch, judged by what the branch holds before it.

    A branch that is new is judged by the commit `beside`, where there is one, from where it left that one's history.
    """
    try:
        whole_history(git)
        _forward(git, one)
        if one.old or not beside:
            between = Range(one.old, one.new)
            return Verdict(one, found=inspect(git, between, now=now, require=None, line=_steps(git, between)))
        between = Range(_fork(git, one, beside), one.new)
        return Verdict(one, found=inspect(git, between, now=now, require=None, judging=beside))
    except StoryError as error:
        return Verdict(one, error)


def _steps(git: Git, between: Range) -> frozenset[str]:
    """Return the commits of a push that become steps of the branch's line; none where the line turns."""
    if not between.base:
        return frozenset()
    rows = git.text("rev-list", "--first-parent", "--parents", "--end-of-options", between.revisions, "--").splitlines()
    last = rows[-1].split() if rows else []
    return frozenset(row.split()[0] for row in rows) if last[1:2] == [between.base] else frozenset()


def _fork(git: Git, one: Pushed, beside: str) -> str:
    """Where a new branch left the history of the one that judges it; raises Refusal where it brings other judges."""
    code, out = git.answer("merge-base", beside, one.new, ok=(0, 1))
    if code:
        message = f"{one.branch} is protected, and has no history in common with the branch that judges it."
        raise Refusal(message, f"Begin {one.branch} from that branch.")
    theirs, ours = (judges_of(CommittedTree(git, f"{tip}^{{tree}}")) for tip in (beside, one.new))
    tables = set(settings.changed_tables(theirs.settings, ours.settings)) & set(settings.JUDGES)
    if not contains(git, one.new, beside) and (tables or theirs.mailmap != ours.mailmap):
        message = f"{one.branch} is protected, and left the branch that judges it before its judges changed."
        raise Refusal(message, f"Merge that branch into {one.branch} first.")
    return out.decode().strip()


def _forward(git: Git, one: Pushed) -> None:
    """Raise Refusal unless a push only adds commits to a branch."""
    if not one.new:
        raise Refusal(f"{one.branch} is protected: it cannot be deleted.", "It stays; a story goes by its verb.")
    if git.revision(one.new) != one.new:
        raise Refusal(f"{one.branch} would be no commit.", f"git push origin COMMIT:{one.ref}")
    if one.old and git.revision(one.old) is None:
        raise CannotRun(f"The commit {one.branch} is at is not here.", "git fetch, merge it, and push again.")
    if one.old and not contains(git, one.new, one.old):
        message = f"{one.branch} is protected: this push leaves out commits that are there (a forced push)."
        raise Refusal(message, f"git fetch, merge or rebase onto {one.branch}, and push without --force.")


def from_here(git: Git, remote: str, pushed: Sequence[Pushed], *, now: datetime) -> Iterator[Verdict]:
    """Yield what a remote's hook would say of a push, as far as is known here: nothing is asked of the remote."""
    head = git.text("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD", ok=(0, 1, 128))
    usual = {head.removeprefix(f"refs/remotes/{remote}/")} if head else set(USUAL)
    known = (git.revision(head) if head else None) or ""
    for one in pushed:
        if not one.branch or (one.old and git.revision(one.old) is None):
            continue  # what is no branch is not judged; what the remote has and we have not, git itself refuses
        tip = one.old or known or one.new
        if one.branch in usual or (tip and one.branch in _named_at(git, tip)):
            yield verdict(git, one, now=now, beside=known)


def _named_at(git: Git, tip: str) -> tuple[str, ...]:
    try:
        return judges_of(CommittedTree(git, f"{tip}^{{tree}}")).settings.trust.protected
    except StoryError:
        return ()


def inspect_staged(git: Git, *, now: datetime) -> Inspection:
    """Return every finding on the index; while a merge is concluded, those alone that are new to both its sides."""
    try:
        tree = git.text("write-tree")
    except GitFailed:
        raise CannotRun("What is staged cannot be made a commit yet.", "git status shows what is unmerged.") from None
    parents = [git.revision("HEAD") or ""]
    if other := git.revision("MERGE_HEAD"):
        parents.append(other)
    first, *others = (inspect_tree(git, parent, tree, now=now) for parent in parents)
    known = [{(one.rule, one.path, one.message) for one in each.findings} for each in others]
    kept = tuple(one for one in first.findings if all((one.rule, one.path, one.message) in each for each in known))
    return Inspection(kept, first.checked, first.total)
