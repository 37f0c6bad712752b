"""Judges what is pushed, and what is staged: which branches are protected, and what each would bring to its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from newsroom_cli.errors import CannotRun, Refusal, StoryError
from newsroom_cli.history.proposal import inspect, inspect_tree
from newsroom_cli.history.range import Range, contains, whole_history
from newsroom_cli.model import Finding, Inspection
from newsroom_cli.repository.git import Git, GitFailed
from newsroom_cli.repository.newsroom import fold_slug, judges_at
from newsroom_cli.repository.protected import USUAL
from newsroom_cli.settings import settings

BRANCHES = "refs/heads/"
REPLACEMENTS = "refs/replace/"
_ID = "(?:[0-9a-f]{40}|[0-9a-f]{64})"
_ROWS = {
    "pre-receive": re.compile(rf"(?P<old>{_ID}) (?P<new>{_ID}) (?P<ref>.*)", re.DOTALL),
    "pre-push": re.compile(rf".* (?P<new>{_ID}) (?P<ref>[^ ]*) (?P<old>{_ID})", re.DOTALL),
}
"""The rows git gives the hooks of a push; to `pre-push` it says first what the object is called here."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """One ref of a push: its full name, and the objects it had and would have, empty where it has none."""

    ref: str
    old: str
    new: str

    @property
    def branch(self) -> str:
        """Return the branch's name; empty for what is none."""
        return self.ref.removeprefix(BRANCHES) if self.ref.startswith(BRANCHES) else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that is to be said of one ref of a push: why it is refused as a whole, or what was found in it."""

    pushed: Pushed
    refusal: StoryError | None = None
    inspection: Inspection | None = None

    @property
    def refuses(self) -> bool:
        """Tell whether the push must not be taken."""
        return self.refusal is not None or (self.inspection is not None and self.inspection.fails("error"))


def read_pushed(lines: Iterable[str], hook: Literal["pre-receive", "pre-push"]) -> list[Pushed]:
    """Read the refs of a push as git gives them to a hook; raises CannotRun for anything else."""
    pushed = []
    for line in lines:
        row = _ROWS[hook].fullmatch(line)
        if row is None:
            hint = "git runs it by itself once story hook install has put it there."
            raise CannotRun(f"This is not what git gives a {hook} hook.", hint)
        old, new = (blob if blob.strip("0") else "" for blob in row.group("old", "new"))
        pushed.append(Pushed(row["ref"], old, new))
    return pushed


def judge(git: Git, pushed: Sequence[Pushed], *, now: datetime) -> list[Verdict]:
    """Return what is to be said of each ref a repository receives; refs that are not protected cost nothing."""
    head, tip = _find_head(git, pushed)
    protected = _find_protected(git, head, tip)
    aliases = _list_aliases(git, [push for push in pushed if push.branch and push.branch not in protected])
    verdicts: list[Verdict] = []
    for push in pushed:
        if refusal := _refuse_by_name(push, protected, aliases):
            verdicts.append(Verdict(push, refusal))
        elif push.branch in protected:
            verdicts.append(judge_ref(git, push, now=now, beside="" if push.ref == head else tip))
    return verdicts


def _find_protected(git: Git, head: str, tip: str) -> frozenset[str]:
    """Return the protected branches: the one HEAD names, and those its configuration names at a commit.

    Raises CannotRun where there is no commit to ask.
    """
    if not tip:
        name = head.removeprefix(BRANCHES) or "no branch"
        message = f"HEAD of the repository names {name}, which is not there: nothing would be protected."
        raise CannotRun(message, f"On the server: git symbolic-ref HEAD {BRANCHES}BRANCH; or push {name} first.")
    try:
        named = judges_at(git, tip).settings.trust.protected
    except StoryError as error:
        message = f"What {head.removeprefix(BRANCHES)} says of its judges cannot be read: {error.message}"
        raise CannotRun(message, f"{error.hint} {_SET_ASIDE}".strip()) from None
    return frozenset(branch.removeprefix(BRANCHES) for branch in (head, *named))


def _find_head(git: Git, pushed: Sequence[Pushed]) -> tuple[str, str]:
    """Return the branch HEAD names and the commit it is at, or is first pushed to; empty where there is none.

    A push that brings HEAD's branch for the first time brings the configuration.
    """
    head = git.text("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
    first = next((push.new for push in pushed if push.ref == head), "")
    return head, (git.revision(head) if head else None) or first


_SET_ASIDE = "Where the branch itself is broken, whoever runs the server mends it there (docs/self-hosted.md)."


def _list_aliases(git: Git, others: Sequence[Pushed]) -> dict[str, str]:
    """Return the branches that are only another name of one, with the ref they stand for."""
    if not others:
        return {}
    asked = [push.ref for push in others] if len(others) < _MANY else [BRANCHES]
    out = git.text("for-each-ref", "--format=%(refname) %(symref)", "--", *asked)
    rows = (line.partition(" ") for line in out.splitlines())
    return {ref: target for ref, _, target in rows if target}


_MANY = 500
"""From so many branches on, all of them are asked for: a command line is only so long."""


def _refuse_by_name(push: Pushed, protected: frozenset[str], aliases: dict[str, str]) -> Refusal | None:
    """Return why a ref is refused for its name: it would change, or seem to change, what a protected branch shows."""
    name = push.ref.removeprefix("refs/").partition("/")[2]
    if push.ref.startswith(REPLACEMENTS) and push.new:
        return Refusal(
            f"{push.ref} would show other objects than those that were judged.", "Push branches and tags alone."
        )
    if push.new and (name.startswith("refs/") or (name in protected and not push.branch)):
        return Refusal(f"With {push.ref} there, one name would mean two things.", "Name it otherwise.")
    if push.ref in aliases:
        target = aliases[push.ref].removeprefix(BRANCHES)
        return Refusal(f"{push.branch} is only another name of {target}.", f"Push {target} itself.")
    if push.branch and push.branch not in protected:
        twin = {fold_slug(name): name for name in protected}.get(fold_slug(push.branch))
        if twin is not None:
            return Refusal(
                f"{push.branch} differs from the protected {twin} in its writing alone.", "Name it otherwise."
            )
    return None


def judge_ref(git: Git, push: Pushed, *, now: datetime, beside: str = "") -> Verdict:
    """Return what is to be said of one push to a protected branch, judged by what the branch holds before it.

    A branch that is new is judged by the commit `beside`, where there is one, from where it left that one's history.
    """
    try:
        whole_history(git)
        _need_forward(git, push)
        if push.old:
            beside = ""
        between = Range(_find_fork(git, push, beside) if beside else push.old, push.new)
        return Verdict(push, None, inspect(git, between, now=now, require=None, judging=beside, lands_as_is=not beside))
    except StoryError as error:
        return Verdict(push, error)


def _find_fork(git: Git, push: Pushed, beside: str) -> str:
    """Return where a new branch left the history of the one that judges it; raises Refusal for other judges."""
    code, out = git.answer("merge-base", beside, push.new, ok=(0, 1))
    if code:
        message = f"{push.branch} is protected, and has no history in common with the branch that judges it."
        raise Refusal(message, f"Begin {push.branch} from that branch.")
    theirs, ours = (judges_at(git, tip) for tip in (beside, push.new))
    tables = set(settings.changed_tables(theirs.settings, ours.settings)) & set(settings.JUDGES)
    if not contains(git, push.new, beside) and (tables or theirs.mailmap != ours.mailmap):
        message = f"{push.branch} is protected, and left the branch that judges it before its judges changed."
        raise Refusal(message, f"Merge that branch into {push.branch} first.")
    return out.decode().strip()


def _need_forward(git: Git, push: Pushed) -> None:
    """Raise Refusal unless a push only adds commits to a branch."""
    if not push.new:
        raise Refusal(f"{push.branch} is protected: it cannot be deleted.", "It stays; a story goes by its verb.")
    if git.revision(push.new) != push.new:
        raise Refusal(f"{push.branch} would be no commit.", f"git push origin COMMIT:{push.ref}")
    if push.old and git.revision(push.old) is None:
        raise CannotRun(f"The commit {push.branch} is at is not here.", "git fetch, merge it, and push again.")
    if push.old and not contains(git, push.new, push.old):
        message = f"{push.branch} is protected: this push leaves out commits that are there (a forced push)."
        raise Refusal(message, f"git fetch, merge or rebase onto {push.branch}, and push without --force.")


def judge_from_here(git: Git, remote: str, pushed: Sequence[Pushed], *, now: datetime) -> Iterator[Verdict]:
    """Yield what a remote's hook would say of a push, as far as is known here: nothing is asked of the remote."""
    head = git.text("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD", ok=(0, 1, 128))
    usual = {head.removeprefix(f"refs/remotes/{remote}/")} if head else set(USUAL)
    known = (git.revision(head) if head else None) or ""
    for push in pushed:
        if not push.branch or (push.old and git.revision(push.old) is None):
            continue  # what is no branch is not judged; what the remote has and we have not, git itself refuses
        tip = push.old or known or push.new
        if push.branch in usual or (tip and push.branch in _read_protected(git, tip)):
            yield judge_ref(git, push, now=now, beside=known)


def _read_protected(git: Git, tip: str) -> tuple[str, ...]:
    try:
        return judges_at(git, tip).settings.trust.protected
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
    known = [set(map(_without_place, other.findings)) for other in others]
    kept = (finding for finding in first.findings if all(_without_place(finding) in said for said in known))
    return Inspection(tuple(kept), first.checked, first.total)


def _without_place(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.path, finding.message
