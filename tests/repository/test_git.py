"""Git's processes: which repository they are asked about, in whose environment, and how they end."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from conftest import Desk

from newsroom_cli.errors import CannotRun
from newsroom_cli.repository.git import GitFailed, discover

NAMES = ["$HOME x", "%PATH% ${USER}", "~", "two\nlines", "ends in one\n", "\n", "--", "预算 文件夹", "a'b\"c", "\udcff"]
"""Folders a shell, a careless expansion or a list parted by newlines would take for something else."""


@pytest.fixture(params=NAMES, ids=ascii)
def named(request, tmp_path) -> Desk:
    """A newsroom in a folder with a name that is hard to hand on."""
    return Desk.begin(tmp_path / os.fsdecode(os.fsencode(request.param)))


# Where the repository is


def test_repository_is_found_in_a_folder_of_any_name(named):
    git = discover(named.root)
    assert (git.directory, git.common, git.top) == (named.root / ".git", named.root / ".git", named.root)
    assert not git.is_bare
    assert not git.is_shallow


def test_story_is_moved_in_a_folder_of_any_name(named):
    slug = named.at("review")
    (named.root / "stories/more").mkdir()
    named.story("approve", slug, who="Editor", cwd=named.root / "stories/more")
    assert named.story("show", slug, "--json").json["state"] == "edit"
    assert [entry["action"] for entry in named.entries(slug)] == ["new", "submit", "approve"]


def test_linked_working_tree_shares_what_is_common(named, tmp_path):
    named.at("review")
    named.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    git = discover(tmp_path / "linked/stories")
    assert git.top == tmp_path / "linked"
    assert git.common == named.root / ".git"
    assert git.directory.parent == named.root / ".git/worktrees"


def test_bare_repository_has_no_top(newsroom, tmp_path):
    newsroom.at("review")
    newsroom.git("clone", "--quiet", "--bare", str(newsroom.root), str(tmp_path / "bare.git"))
    for folder in (tmp_path / "bare.git", tmp_path / "bare.git/objects"):
        git = discover(folder)
        assert git.is_bare
        assert git.top is None
        assert git.directory == tmp_path / "bare.git"


def test_working_tree_of_a_bare_repository_is_one_to_write_in(newsroom, tmp_path):
    slug = newsroom.at("review")
    newsroom.git("clone", "--quiet", "--bare", str(newsroom.root), str(tmp_path / "bare.git"))
    newsroom.git("-C", str(tmp_path / "bare.git"), "worktree", "add", "--quiet", str(tmp_path / "linked"), "main")
    linked = Desk(tmp_path / "linked", now=newsroom.now)
    linked.story("approve", slug, who="Editor")
    assert linked.git("log", "-1", "--format=%s") == f"approve: {slug} (review → edit)"


def test_submodule_is_a_newsroom_of_its_own(newsroom, tmp_path):
    slug = newsroom.at("review")
    around = Desk.begin(tmp_path / "around")
    around.git("submodule", "--quiet", "add", str(newsroom.root), "desk")
    inner = Desk(tmp_path / "around/desk", now=newsroom.now)
    git = discover(inner.root / "stories")
    assert git.top == inner.root
    assert git.directory == around.root / ".git/modules/desk"
    inner.story("approve", slug, who="Editor")
    assert inner.git("log", "-1", "--format=%s") == f"approve: {slug} (review → edit)"


def test_story_started_inside_the_git_folder_works_on_the_folder_around_it(newsroom):
    slug = newsroom.at("review")
    assert slug in newsroom.story("list", cwd=newsroom.root / ".git").out
    newsroom.story("approve", slug, who="Editor", cwd=newsroom.root / ".git/refs")


def test_repository_reached_through_a_link_is_named_by_its_own_folder(newsroom, tmp_path):
    (tmp_path / "link").symlink_to(newsroom.root)
    assert discover(tmp_path / "link").top == newsroom.root


def test_shallow_clone_is_known_as_such(newsroom, tmp_path):
    newsroom.at("review")
    newsroom.git("clone", "--quiet", "--depth=1", f"file://{newsroom.root}", str(tmp_path / "shallow"))
    assert discover(tmp_path / "shallow").is_shallow


@pytest.mark.parametrize("where", ["", "file", "gone"])
def test_folder_without_a_repository_says_how_to_make_one(tmp_path, where):
    (tmp_path / "file").touch()
    with pytest.raises(CannotRun) as raised:
        discover(tmp_path / where)
    assert str(raised.value) == f"{tmp_path / where} is not in a git repository."
    assert "git init" in raised.value.hint


def test_git_file_that_leads_nowhere_is_no_repository(tmp_path):
    (tmp_path / ".git").write_text("gitdir: /nowhere\n", "utf-8")
    with pytest.raises(CannotRun, match="is not in a git repository"):
        discover(tmp_path)


def test_configuration_git_cannot_read_is_said_in_its_own_words(newsroom):
    with (newsroom.root / ".git/config").open("a", encoding="utf-8") as config:
        config.write("[broken\n")
    with pytest.raises(GitFailed, match="bad config"):
        discover(newsroom.root)
    assert "bad config" in newsroom.story("list", exit=3).err


def test_repository_of_somebody_else_is_not_read_and_the_way_is_named(named):
    env = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    said = named.process("list", exit=3, env=env).err
    assert "belongs to somebody else (dubious ownership)" in said
    assert "Hint: If you trust who can write there: git config --global --add safe.directory " in said


@pytest.mark.parametrize(
    "verb", [("list",), ("hook", "install"), ("hook", "pre-push"), ("hook", "pre-commit")], ids=" ".join
)
def test_folder_that_is_gone_is_said(newsroom, tmp_path, verb):
    script = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"'
    command = ["sh", "-c", script, str(tmp_path / "gone"), sys.executable, "-m", "newsroom_cli", *verb]
    done = subprocess.run(
        command, cwd=newsroom.root, env=newsroom.whole_environment("Reporter"), capture_output=True, text=True, input=""
    )
    assert done.returncode == 3
    assert done.stderr == "Error: The current folder is gone.\nHint: cd to the newsroom.\n"


def test_folder_that_goes_under_way_is_said(newsroom):
    git = discover(newsroom.root)
    newsroom.root.rename(newsroom.root.with_name("elsewhere"))
    with pytest.raises(CannotRun, match="is gone"):
        git.run("version")


def test_program_git_that_may_not_run_is_said(newsroom, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_text("#!/bin/sh\n", "utf-8")
    said = newsroom.process("list", exit=3, env={"PATH": str(tmp_path / "bin")})
    assert "git could not be started: Permission denied" in said.err


# In whose environment


def test_repository_an_environment_names_is_not_the_one_around_us(newsroom, tmp_path):
    other = Desk.begin(tmp_path / "other")
    slug = newsroom.at("review")
    env = {"GIT_DIR": str(other.root / ".git"), "GIT_WORK_TREE": str(other.root), "GIT_INDEX_FILE": "nowhere"}
    newsroom.story("approve", slug, who="Editor", env=env)
    assert newsroom.git("log", "-1", "--format=%s") == f"approve: {slug} (review → edit)"
    assert other.git("rev-list", "--all") == ""


def test_git_is_asked_in_one_language(newsroom, monkeypatch):
    for name in ("LANG", "LC_ALL", "LANGUAGE", "LC_MESSAGES"):
        monkeypatch.setenv(name, "de_DE.UTF-8")
    out = discover(newsroom.root).run("-c", "alias.language=!env", "language").decode().splitlines()
    assert {"LC_ALL=C", "LANGUAGE=C", "GIT_NO_REPLACE_OBJECTS=1", "GIT_OPTIONAL_LOCKS=0"} <= set(out)


def test_whether_git_may_ask_on_the_terminal_stays_as_it_was(newsroom, monkeypatch):
    monkeypatch.delenv("GIT_TERMINAL_PROMPT", raising=False)
    out = discover(newsroom.root).run("-c", "alias.prompt=!env", "prompt").decode()
    assert "GIT_TERMINAL_PROMPT" not in out


def test_git_reads_nothing_of_our_input_unasked(newsroom):
    assert discover(newsroom.root).run("hash-object", "--stdin") == discover(newsroom.root).run(
        "hash-object", "--stdin", stdin=b""
    )


# How it ends


def test_status_that_is_not_expected_is_a_failure_with_gits_words(newsroom):
    git = discover(newsroom.root)
    with pytest.raises(GitFailed) as raised:
        git.run("cat-file", "-p", "nothing")
    assert raised.value.code == 128
    assert str(raised.value) == "git cat-file failed: fatal: Not a valid object name nothing"
    assert git.answer("cat-file", "-e", "nothing", ok=(0, 128))[0] == 128


def test_much_goes_in_and_out_at_the_same_time(newsroom):
    git = discover(newsroom.root)
    blob = git.run("hash-object", "-w", "--stdin", stdin=b"x" * 100_000)
    out = git.run("cat-file", "--batch", stdin=blob * 50)
    assert len(out) > 5_000_000


INTERRUPTIBLE = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "runpy.run_module('newsroom_cli', run_name='__main__', alter_sys=True)"
)
"""Runs `story` as a terminal does; whoever began the tests may have interrupts ignored."""


def begin_approving(desk: Desk, slug: str) -> subprocess.Popen[bytes]:
    """A move that a hook holds up while git has its locks."""
    hook = desk.root / ".git/hooks/pre-commit"
    hook.write_text(f"#!/bin/sh\ntouch '{desk.root}/.git/waits'\nexec sleep 60\n", "utf-8")
    hook.chmod(0o755)
    command = [sys.executable, "-c", INTERRUPTIBLE, *desk._arguments(("approve", slug))]
    process = subprocess.Popen(
        command, cwd=desk.root, env=desk.whole_environment("Editor"), stderr=subprocess.PIPE, start_new_session=True
    )
    until = time.monotonic() + 30
    while not (desk.root / ".git/waits").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert (desk.root / ".git/index.lock").exists()
    return process


@pytest.mark.parametrize("whom", [os.kill, os.killpg], ids=["story alone", "everybody on the terminal"])
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_move_that_is_interrupted_leaves_no_git_behind_and_everything_as_it_was(newsroom, whom, kind):
    slug = newsroom.at("review")
    before = newsroom.everything()
    process = begin_approving(newsroom, slug)
    begun = time.monotonic()
    whom(process.pid, kind)
    said = process.communicate(timeout=30)[1].decode()
    assert process.returncode
    assert "Traceback" not in said
    assert time.monotonic() - begun < 20
    assert not (newsroom.root / ".git/index.lock").exists()
    (newsroom.root / ".git/hooks/pre-commit").unlink()
    assert newsroom.everything() == before
    newsroom.story("approve", slug, who="Editor")


ON_A_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Makes the terminal that is our input the one that `/dev/tty` names, as it is for a person's shell."""


def test_hook_may_ask_on_the_terminal(newsroom):
    """As a key's passphrase is asked for, which git lets gpg and ssh-keygen do."""
    slug = newsroom.at("review")
    hook = newsroom.root / ".git/hooks/commit-msg"
    hook.write_text('#!/bin/sh\nread answer </dev/tty\nprintf "Answer: %s\\n" "$answer" >>"$1"\n', "utf-8")
    hook.chmod(0o755)
    master, slave = pty.openpty()
    story = [sys.executable, "-m", "newsroom_cli", *newsroom._arguments(("approve", slug))]
    process = subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL, *story],
        cwd=newsroom.root,
        env=newsroom.whole_environment("Editor"),
        stdin=slave,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    os.close(slave)
    os.write(master, b"yes\n")
    said = process.communicate(timeout=60)[1].decode()
    os.close(master)
    assert process.returncode == 0, said
    assert newsroom.git("log", "-1", "--format=%B").endswith("Answer: yes")
