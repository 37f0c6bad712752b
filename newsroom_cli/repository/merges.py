"""What merge commits wrote themselves: files that are no parent's, nor what merging the parents gives."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from newsroom_cli.model import Ident
from newsroom_cli.repository.git import Brought, Change, Git, GitFailed, author_of


def written(git: Git, *revisions: str, paths: Sequence[str] = (), literal: bool = True) -> Iterator[Brought]:
    """Merges that changed some paths by hand, as a conflict settled or words put in; changes are against parent 1.

    One `git log`; only a merge in which a path is no parent's is made again to compare.
    """
    out = git.run(
        *(["--literal-pathspecs"] if literal else []),
        *(
            "log",
            "--merges",
            "-c",
            "--full-history",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-renames",
            "--no-show-signature",
        ),
        *("--format=%x01%H %P%x02%an <%ae>", "--end-of-options", *revisions, "--", *paths),
    )
    tokens = iter(out.split(b"\0"))
    merge: list[str] = []
    author, changes = Ident("?"), list[Change]()
    for token in tokens:
        row = token.lstrip(b"\n")
        if row.startswith(b"\x01"):
            yield from _by_hand(git, merge, author, changes)
            names, _, who = row[1:].decode("utf-8", "replace").partition("\x02")
            merge, author, changes = names.split(), author_of(who), []
        elif row.startswith(b"::"):
            changes.append(_change(row.decode(), os.fsdecode(next(tokens))))
    yield from _by_hand(git, merge, author, changes)


def _change(row: str, path: str) -> Change:
    """A row of a combined comparison: a colon, a mode and a blob for each parent, then those of the merge."""
    parents = len(row) - len(row.lstrip(":"))
    fields = row.lstrip(":").split()
    modes, blobs = fields[: parents + 1], fields[parents + 1 : 2 * parents + 2]
    return Change(path, modes[0], modes[-1], blobs[0], blobs[-1])


def _by_hand(git: Git, merge: Sequence[str], author: Ident, changes: Sequence[Change]) -> Iterator[Brought]:
    if not changes:
        return
    commit, *parents = merge
    made = _merged(git, parents, [one.path for one in changes])
    own = tuple(one for one in changes if made.get(one.path) != one.new)
    if own:
        yield Brought(commit, author, own)


def _merged(git: Git, parents: Sequence[str], paths: Sequence[str]) -> dict[str, str]:
    """The blobs that merging two commits gives, by path; none for more parents, which git merges another way."""
    if len(parents) != 2:  # noqa: PLR2004  a merge of two
        return {}
    try:
        _, out = git.answer("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *parents, ok=(0, 1))
    except GitFailed:
        return {}
    tree = out.decode("utf-8", "surrogateescape").partition("\0")[0].strip()
    return {path: blob for path, (_, blob) in git.listing(tree, *paths).items()}
