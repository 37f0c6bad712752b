"""Where it cannot be known, nothing passes: exit 3, with the reason and the way out."""

from __future__ import annotations

import os

import pytest
from conftest import Desk

from attacks.forging import not_judged, on_the_commits, settled


def closed(desk: Desk, words: str, base: str = "main") -> None:
    assert words in desk.refused("check", f"--base={base}", exit=3)


@pytest.mark.parametrize("depth", [1, 3])
def test_shallow_clone(base, tmp_path, depth):
    """Also one that is deep enough to hold where the branch began: what was before it is not known."""
    base.story("approve", "council-budget", who="Editor")
    source, target = f"file://{base.root}", str(tmp_path / "clone")
    base.git("clone", "--quiet", f"--depth={depth}", "--no-single-branch", source, target)
    said = Desk(tmp_path / "clone", now=base.now).story("check", "--base", "origin/main", exit=3).err
    assert "This clone is shallow" in said
    assert "fetch-depth: 0" in said


def objects_of(desk, *names):
    for name in names:
        one = desk.git("rev-parse", name)
        yield desk.root / ".git/objects" / one[:2] / one[2:]


@pytest.mark.parametrize("what", ["story", "ledger", "tree", "commit", "base's ledger"])
def test_missing_object(base, what):
    ledger, path = base.ledger_of("council-budget"), base.path_of("council-budget")
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Editor")
    names = {"story": f"HEAD:{path}", "ledger": f"HEAD:{ledger}", "tree": "HEAD:stories", "commit": "HEAD~1",
             "base's ledger": f"main:{ledger}"}  # fmt: skip
    for one in objects_of(base, names[what]):
        one.unlink()
    said = on_the_commits(base)
    assert said.exit == 3, said.all
    assert said.out == ""


def test_partial_clone_whose_rest_is_gone(base, tmp_path):
    base.git("config", "uploadpack.allowFilter", "true")
    base.story("approve", "council-budget", who="Editor")
    base.git("clone", "--quiet", "--filter=blob:none", "--no-checkout", f"file://{base.root}", str(tmp_path / "clone"))
    base.root.rename(tmp_path / "gone")
    clone = Desk(tmp_path / "clone", now=base.now)
    assert clone.story("check", "--base", "origin/main", exit=None).exit == 3


def test_git_not_found(base, tmp_path):
    said = base.process("check", "--base", "main", exit=3, env={"PATH": str(tmp_path)})
    assert said.out == ""
    assert "git" in said.err


def test_git_too_old_to_merge(base, tmp_path):
    """A git before 2.38 has no `merge-tree --write-tree`: an update that has to be merged is not judged."""
    old = tmp_path / "bin/git"
    old.parent.mkdir()
    old.write_text('#!/bin/sh\ncase " $* " in *" --write-tree "*) exit 129;; esac\nexec "$REAL_GIT" "$@"\n', "utf-8")
    old.chmod(0o755)
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.write("x.txt", "x\n")
    base.commit()
    base.git("switch", "--quiet", "change")
    real = base.git("--exec-path").split("\n")[0] + "/git"
    env = {"PATH": f"{old.parent}:{os.environ['PATH']}", "REAL_GIT": real}
    assert "2.38" in base.process("check", "--base", "main", exit=3, env=env).err


@pytest.mark.parametrize(
    "name", ["origin/main", "no-such-branch", "0" * 40, "-x", "--all", "main..change", "main:README.md", ""]
)
def test_missing_base(base, name):
    closed(base, "fetch-depth: 0", base=name)


def test_branch_and_tag_of_one_name(base):
    base.git("tag", "main", "HEAD~1")
    closed(base, "refs/heads/main")


def test_unrelated_history(base):
    base.git("switch", "--quiet", "--orphan", "alone")
    base.write("x.txt", "x\n")
    base.commit()
    closed(base, "no history in common")


def test_graft_file(base):
    (base.root / ".git/info").mkdir(exist_ok=True)
    (base.root / ".git/info/grafts").write_text(f"{base.head}\n", "utf-8")
    closed(base, "graft")


BROKEN = [
    "unknown = 1\n",
    "[[[\n",
    "[trust]\nrequire = 'much'\n",
    "name = 1\n",
    '[[people]]\nname = "A"\nemails = [""]\n',
]


@pytest.mark.parametrize("text", BROKEN)
def test_unreadable_configuration_of_the_base(base, text):
    settled(base, text)
    base.git("rm", "--quiet", "newsroom.toml")
    base.commit("mended")
    not_judged(base, "newsroom.toml")


@pytest.mark.parametrize("text", BROKEN)
def test_unreadable_configuration_of_the_change(base, text):
    base.write("newsroom.toml", text)
    base.commit()
    not_judged(base, "newsroom.toml")


def test_configuration_that_is_a_link(base):
    (base.root / "newsroom.toml").symlink_to("/dev/null")
    base.commit()
    not_judged(base, "newsroom.toml")


def test_configuration_in_two_files(base):
    base.write("newsroom.toml", "")
    base.write("pyproject.toml", "[tool.newsroom]\n")
    base.commit()
    not_judged(base, "both there")


def test_repository_without_a_commit(newsroom):
    assert "no commit" in newsroom.refused("check", "--base", "main", exit=3)
