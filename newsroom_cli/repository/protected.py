"""Finds the branches that are protected, as far as is known here, and what they hold of a story."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from newsroom_cli.repository.git import Git
from newsroom_cli.repository.newsroom import judges_at

if TYPE_CHECKING:
    from newsroom_cli.people.policy import Policy
    from newsroom_cli.repository.newsroom import Newsroom

_HEADS, _REMOTES = "refs/heads/", "refs/remotes/"
USUAL = ("main", "master")
"""The branches that are taken to be protected where nothing says which are."""


def protected_refs(newsroom: Newsroom) -> tuple[str, ...]:
    """Return the full names of the protected branches: those of remotes, else those of this repository.

    Protected are the branches that the configuration names, and the one that a remote's HEAD names or, where that is
    not known, `main` and `master`.
    """
    shown = newsroom.git.text("for-each-ref", "--format=%(refname) %(symref)", _HEADS, _REMOTES)
    refs = {ref: target for ref, _, target in (row.partition(" ") for row in shown.splitlines())}
    named = {name.removeprefix(_HEADS) for name in newsroom.settings.trust.protected}
    remote_refs = tuple(_of_remotes(newsroom.git, refs, named))
    return remote_refs or tuple(ref for ref in refs if ref.removeprefix(_HEADS) in named.union(USUAL))


def _of_remotes(git: Git, refs: dict[str, str], named: set[str]) -> Iterator[str]:
    for remote in git.text("remote").splitlines():
        begins = f"{_REMOTES}{remote}/"
        head = refs.get(f"{begins}HEAD", "").removeprefix(begins)
        wanted = named.union([head] if head else USUAL)
        yield from (ref for ref in refs if ref.startswith(begins) and ref.removeprefix(begins) in wanted)


def short_name(ref: str) -> str:
    """Return a branch as people call it: `main`, `origin/main`."""
    return ref.removeprefix(_HEADS).removeprefix(_REMOTES)


def protects(newsroom: Newsroom, branch: str) -> bool:
    """Tell whether a branch of this repository is protected, or is the one by which a remote's is followed."""
    names = {ref.split("/", 3 if ref.startswith(_REMOTES) else 2)[-1] for ref in protected_refs(newsroom)}
    return branch in names.union(name.removeprefix(_HEADS) for name in newsroom.settings.trust.protected)


def protected_judges(newsroom: Newsroom) -> Policy:
    """Return the judges of the first protected branch; those in force here where there is none."""
    refs = protected_refs(newsroom)
    return judges_at(newsroom.git, refs[0]) if refs else newsroom.judges


def judges_before(newsroom: Newsroom, commit: str) -> Policy:
    """Return the judges of the first protected branch where a commit left its history, before later merges."""
    refs = protected_refs(newsroom)
    left = newsroom.git.text("merge-base", refs[0], commit, ok=(0, 1)) if refs and commit else ""
    return judges_at(newsroom.git, left) if left else newsroom.judges


def protected_versions(newsroom: Newsroom, path: str) -> dict[str, bytes]:
    """Return the bytes of a file on each protected branch, by the branch's full name, where it holds it."""
    refs = {f"{ref}:{path}": ref for ref in protected_refs(newsroom)}
    return {refs[name]: text for name, text in newsroom.git.blobs_at([*refs]).items()}
