"""Commits of this branch alone, made again without the entries that one of them brought: nobody else has them yet."""

from __future__ import annotations

import re

from newsroom_cli.actions.conflict import read_text
from newsroom_cli.model import RECORD_KEYS, Story
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.layout import FOLDER, REGULAR
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.story import frontmatter
from newsroom_cli.workflow.replay import with_record


def tip_without(newsroom: Newsroom, first: str, path: str, kept: Ledger) -> str:
    """Return the tip of the branch as it would be had no commit from `first` on brought an entry to a ledger.

    Words and everything else that these commits brought stay; a commit that brought an entry alone is left out. Empty
    where the commits may not be made again: another branch or tag has them, one is a merge, or the story moved.
    """
    git, commits = newsroom.git, _own_commits(newsroom.git, first)
    texts = git.blobs_at([f"{name}:{path}" for row in commits for name in row])
    tip = commits[0][1] if commits else ""
    text = texts.get(f"{tip}:{path}", b"")
    for commit, parent in commits:
        had = read_text(path, texts.get(f"{commit}:{path}", b""))
        if had is None:
            return ""
        story = with_record(had, kept, newsroom.judges)
        text = text if _has_words_of(text, story) else story.text.encode()
        tree = _with_blob(git, f"{commit}^{{tree}}", path.split("/"), text)
        tree = _with_blob(git, tree, kept.path.split("/"), kept.content) or git.empty_tree()
        if _tree_of(git, commit) == _tree_of(git, parent) or tree != _tree_of(git, tip):
            tip = _copy_commit(git, commit, tree, tip)
    return tip


def _own_commits(git: Git, first: str) -> list[list[str]]:
    """Return the commits from one on, each with its parent; none where one is a merge, or another ref has them."""
    here = git.text("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
    if git.text("for-each-ref", "--contains", first, "--format=%(refname)").splitlines() != [here]:
        return []
    rows = git.text("rev-list", "--reverse", "--topo-order", "--parents", f"{first}^..HEAD", ok=(0, 128))
    commits = [row.split() for row in rows.splitlines()]
    return commits if all(len(row) == 2 for row in commits) else []  # noqa: PLR2004  a commit and its parent


def _tree_of(git: Git, commit: str) -> str:
    return git.text("rev-parse", f"{commit}^{{tree}}")


def _has_words_of(text: bytes, story: Story) -> bool:
    """Tell whether a text has the words and record keys of a story, and so stays as it is, line for line."""
    before = read_text(story.path, text)
    if before is None or frontmatter.content_hash(before) != frontmatter.content_hash(story):
        return False
    return all(before.fields.get(key) == story.fields.get(key) for key in RECORD_KEYS)


def _with_blob(git: Git, tree: str, parts: list[str], content: bytes) -> str:
    """Return a tree with one file put in, or taken out where it is empty; "" where nothing is left of the tree."""
    name, *below = parts
    listed = git.names("ls-tree", "--full-tree", "-z", tree) if tree else []
    rows = {name: head.split() for head, _, name in (row.partition("\t") for row in listed)}
    mode, kind, object_id = rows.pop(name, (FOLDER, "tree", "") if below else (REGULAR[0], "blob", ""))
    if below:
        object_id = _with_blob(git, object_id, below, content)
    else:
        object_id = git.run("hash-object", "-w", "--stdin", stdin=content).decode().strip() if content else ""
    if object_id:
        rows[name] = [mode, kind, object_id]
    if not rows:
        return ""
    fed = "".join(f"{' '.join(head)}\t{name}\0" for name, head in rows.items())
    return git.run("mktree", "-z", stdin=fed.encode("utf-8", "surrogateescape")).decode().strip()


_REPLACED = re.compile(rb"^(?:tree|parent|gpgsig\S*) .*\n(?: .*\n)*", re.MULTILINE)
"""The headers of a commit that its copy has of its own, or cannot have; a line that begins with a space goes on."""


def _copy_commit(git: Git, commit: str, tree: str, parent: str) -> str:
    """Make a commit with another tree and parent; its author, times and message stay, a signature on it cannot."""
    head, _, message = git.objects([commit])[0].content.partition(b"\n\n")
    own = f"tree {git.text('rev-parse', tree)}\nparent {git.text('rev-parse', parent)}\n".encode()
    made = own + _REPLACED.sub(b"", head + b"\n") + b"\n" + message
    return git.run("hash-object", "-t", "commit", "-w", "--stdin", stdin=made).decode().strip()
