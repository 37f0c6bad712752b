"""`story hook`: real pushes to a server with the hook, over `git daemon` and sshd; commits and pushes of a client."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attacks.forging import forge
from conftest import Desk, story_text
from serving import (
    Served,
    free_port,
    newsroom_of_three,
    serve,
    served_folder,  # noqa: F401  fixture
    served_newsroom,  # noqa: F401  fixture
    server_environment,
    wait_for,
)

# What is taken


def test_trunk_with_three_people_is_taken(served):
    desk = served.desk
    desk.story("new", "Flood", "--slug", "flood")
    desk.fill("flood")
    desk.story("submit", "flood")
    served.taken("main")
    desk.story("approve", "flood", who="Editor")
    served.taken("main")
    desk.story("publish", "flood", who="Editor")
    desk.change("newsroom.toml", 'name = "Chief"', 'name = "Chief Editor"')
    desk.git("stash", "--quiet")
    served.taken("main")
    desk.git("stash", "pop", "--quiet")
    desk.commit("her name", who="Chief")
    pushed = served.taken("main")
    assert any(line.endswith("what the base says is in force until it is merged.") for line in pushed.told)
    assert served.at("main") == desk.head


def test_push_in_order_is_taken_without_a_word(served):
    served.desk.story("approve", "council-budget", who="Editor")
    assert served.taken("main").told == []


def test_branch_then_merge_is_taken(served):
    desk = served.desk
    desk.git("switch", "--quiet", "-c", "council")
    desk.story("approve", "council-budget", who="Editor")
    served.taken("council")
    desk.git("switch", "--quiet", "main")
    desk.story("new", "Flood", "--slug", "flood")
    served.taken("main")
    desk.git("switch", "--quiet", "council")
    desk.story("publish", "council-budget", who="Editor")
    desk.git("switch", "--quiet", "main")
    desk.git("merge", "--quiet", "--no-ff", "--no-edit", "council", who="Chief")
    served.taken("main")


def test_mistake_mended_in_a_second_commit_is_taken(served):
    path = served.desk.path_of("harbour-fire")
    served.desk.change(path, "Monday", "Tuesday")
    served.desk.commit("quick", who="Editor")
    served.desk.change(path, "Tuesday", "Monday")
    served.desk.commit("sorry", who="Editor")
    served.taken("main")


def test_tags_and_unprotected_branches_are_taken_whatever_they_hold(served):
    desk = served.desk
    desk.git("switch", "--quiet", "-c", "scratch")
    desk.change(desk.path_of("harbour-fire"), "Monday", "Tuesday")
    desk.commit(who="Editor")
    desk.git("tag", "v1")
    desk.git("tag", "-a", "-m", "second", "v2")
    assert served.taken("scratch", "v1", "v2").told == []
    desk.git("commit", "--quiet", "--amend", "-m", "again")
    served.taken("--force", "scratch")
    served.taken(":scratch", ":v1")


def test_first_push_of_a_newsroom_in_order_is_taken(served):
    served.git("update-ref", "-d", "refs/heads/main")
    served.taken("main")


def test_history_with_a_squash_is_first_pushed_where_it_says_so(served):
    desk = served.desk
    served.git("update-ref", "-d", "refs/heads/main")
    desk.git("reset", "--quiet", "--soft", "HEAD~4")
    desk.git("commit", "--quiet", "-m", "squashed", who="Chief")
    assert served.refused("main").rules == {"entry-not-attributed"}
    desk.change("newsroom.toml", "[trust]\n", '[trust]\nrequire = "recorded"\n')
    desk.commit(who="Chief")
    served.taken("main")


def test_less_proof_is_enough_where_the_base_says_so(served):
    desk = served.desk
    desk.change("newsroom.toml", "[trust]\n", '[trust]\nrequire = "recorded"\n')
    desk.commit(who="Chief")
    served.taken("main")
    desk.story("approve", "council-budget", who="Editor")
    desk.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit", who="Chief")
    served.taken("main")


def test_judges_may_be_changed_by_those_the_base_names(served):
    desk = served.desk
    desk.change("newsroom.toml", "[trust]\n", '[trust]\njudges = ["chief-editor"]\n')
    desk.commit(who="Chief")
    served.taken("main")
    desk.git("switch", "--quiet", "-c", "roster")
    desk.change("newsroom.toml", 'roles = ["reporter"]', 'roles = ["reporter", "stringer"]')
    desk.commit(who="Chief")
    desk.git("switch", "--quiet", "main")
    desk.story("approve", "council-budget", who="Editor")
    served.taken("main")
    desk.git("merge", "--quiet", "--no-ff", "--no-edit", "roster", who="Editor")
    served.taken("main")


def test_sections_may_be_changed_by_anybody(served):
    desk = served.desk
    desk.change("newsroom.toml", "[trust]\n", '[trust]\njudges = ["chief-editor"]\n')
    desk.commit(who="Chief")
    served.taken("main")
    desk.write("newsroom.toml", desk.read("newsroom.toml") + '\n[sections]\nlocal = "Local news"\n')
    desk.commit(who="Reporter")
    served.taken("main")


# What the pusher sees


def test_refusal_reads_well_behind_remote(served):
    desk = served.desk
    desk.change(desk.path_of("harbour-fire"), "state: publish", f"state: {'武进区部署全国两会前安全生产工作' * 6}")
    desk.commit(who="Editor")
    pushed = served.refused("main")
    quoted = [line for line in pushed.told if " | " in line]
    from rich.cells import cell_len

    assert quoted
    assert all(cell_len(line) <= 72 for line in quoted)
    assert [line for line in pushed.told if line.startswith("checked ")] == ["checked 1 of 2 stories: 2 errors"]


def test_many_findings_are_counted_behind_fifty(served):
    for number in range(60):
        served.desk.write(f"stories/by-hand-{number}.md", story_text(title=f"T{number}", state="publish"))
    served.desk.commit()
    told = served.refused("main").told
    assert sum(": error[" in line for line in told) == 50
    assert any(line.startswith("… and ") for line in told)


def test_what_is_found_at_home_is_what_the_hook_finds(served):
    forge(served.desk, "council-budget", by="Editor", commit_as="Reporter")
    served.desk.change(served.desk.path_of("harbour-fire"), "Monday", "Tuesday")
    served.desk.commit()
    told = [line.partition(": error[")[0] for line in served.refused("main").told if ": error[" in line]
    home = served.desk.story("check", "--base", "origin/main", "--format", "concise", exit=1).out
    assert sorted(told) == sorted(line.partition(": error[")[0] for line in home.splitlines())


# It fails closed


def test_configuration_of_the_base_that_cannot_be_read_refuses_and_says_who_mends_it(served):
    desk = served.desk
    good = desk.head
    desk.write("newsroom.toml", "unknown = 1\n")
    broken = desk.commit(who="Chief")
    served.git("fetch", "--quiet", str(desk.root), "main:main")
    desk.write("newsroom.toml", "")
    desk.commit(who="Chief")
    pushed = served.refused("main")
    assert served.at("main") == broken != good
    assert any(
        line.startswith("Error: What main says of its judges cannot be read: newsroom.toml") for line in pushed.told
    )
    assert any("whoever runs the server mends it there" in line for line in pushed.told)


def test_head_that_names_no_branch_refuses_every_push(served):
    served.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    served.desk.story("approve", "council-budget", who="Editor")
    assert any("nothing would be protected" in line for line in served.refused("main").told)


def test_python_that_is_gone_refuses_every_push(served):
    hook = served.bare / "hooks/pre-receive"
    hook.write_text(hook.read_text("utf-8").replace(sys.executable, "/nowhere/bin/python"), "utf-8")
    served.desk.story("approve", "council-budget", who="Editor")
    assert any("story is not at /nowhere/bin/python any more" in line for line in served.refused("main").told)


def test_shallow_server_refuses(served):
    served.desk.story("approve", "council-budget", who="Editor")
    (served.bare / "shallow").write_text(served.git("rev-parse", "main~1") + "\n", "utf-8")
    assert any("shallow" in line for line in served.refused("main").told)


@pytest.mark.parametrize(
    "rows",
    ["main\n", "x y refs/heads/main\n", f"{'0' * 40} refs/heads/main\n", f"{'0' * 39} {'1' * 40} refs/heads/main"],
)
def test_rows_that_are_none_are_refused(served, rows):
    said = served.desk.process("hook", "pre-receive", stdin=rows, cwd=served.bare, env={"GIT_DIR": "."}, exit=3)
    assert "not what git gives" in said.err


def test_hook_by_hand_says_that_git_runs_it(newsroom):
    assert "run by git" in newsroom.refused("hook", "pre-receive", exit=3)


def test_without_the_hook_the_forged_push_is_taken(made, daemon, tmp_path):
    """What the tests of this file refuse is refused by the hook and by nothing else."""
    served = serve(daemon, made("served", newsroom_of_three), tmp_path.parent.name + tmp_path.name, hook=False)
    forge(served.desk, "council-budget", by="Editor", commit_as="Reporter")
    served.taken("main")


# Quarantine


def test_objects_of_a_refused_push_are_gone_and_those_of_a_taken_one_stay(served):
    served.git("config", "receive.unpackLimit", "1")
    served.desk.change(served.desk.path_of("harbour-fire"), "Monday", "Tuesday")
    forged = served.desk.commit(who="Editor")
    served.refused("main")
    served.git("cat-file", "-e", forged, exit=1)
    served.desk.git("reset", "--quiet", "--hard", "origin/main")
    served.desk.story("approve", "council-budget", who="Editor")
    served.taken("main")
    served.git("cat-file", "-e", served.desk.head)


# sshd


@pytest.fixture
def by_ssh(served, tmp_path) -> Iterator[Served]:
    """The same newsroom, pushed to over ssh: sshd where there is one, else what it would run, by a wrapper."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    if program is None:
        with without_sshd(served, folder) as wrapper:
            yield wrapper
        return
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    port = free_port()
    environment = " ".join(f"{name}={value}" for name, value in server_environment(tmp_path).items() if name != "PATH")
    (folder / "config").write_text(
        f"""
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
SetEnv {environment}
""",
        "utf-8",
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    with subprocess.Popen([program, "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.DEVNULL) as process:
        wait_for(port, process)
        options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes -o LogLevel=ERROR"
        served.desk.git("config", "core.sshCommand", f"ssh -F none -p {port} -i {folder}/user {options}")
        served.desk.git("remote", "set-url", "origin", f"ssh://127.0.0.1{served.bare}")
        yield served
        process.terminate()


def without_sshd(served: Served, folder: Path):
    """git's own ssh transport, with sh in the place of the connection."""
    import contextlib

    @contextlib.contextmanager
    def wrapped():
        wrapper = folder / "ssh"
        wrapper.write_text('#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n', "utf-8")
        wrapper.chmod(0o755)
        served.desk.git("config", "core.sshCommand", str(wrapper))
        served.desk.git("config", "ssh.variant", "simple")
        served.desk.git("remote", "set-url", "origin", f"server:{served.bare}")
        yield served

    return wrapped()


def test_over_ssh_the_forged_push_is_refused_and_the_honest_one_taken(by_ssh):
    desk = by_ssh.desk
    forge(desk, "council-budget", by="Editor", commit_as="Reporter")
    assert by_ssh.refused("main").rules == {"entry-not-attributed"}
    desk.git("reset", "--quiet", "--hard", "HEAD~1")
    desk.story("approve", "council-budget", who="Editor")
    by_ssh.taken("main")
    assert by_ssh.at("main") == desk.head


# Installing


@pytest.fixture
def bare(newsroom, tmp_path) -> Path:
    newsroom.git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(tmp_path / "bare.git"))
    return tmp_path / "bare.git"


def test_hook_is_made_once_and_kept_afterwards(newsroom, bare):
    path = bare / "hooks/pre-receive"
    said = newsroom.story("hook", "install", str(bare))
    assert said.out == f"made  {path}\n"
    assert path.stat().st_mode & stat.S_IXUSR
    assert shlex.quote(sys.executable) in path.read_text("utf-8")
    assert newsroom.story("hook", "install", str(bare)).out == f"kept  {path}\n"
    path.chmod(0o644)
    assert newsroom.story("hook", "install", str(bare)).out == f"renewed  {path}\n"
    assert path.stat().st_mode & stat.S_IXUSR


def test_hook_is_plain_sh(newsroom, bare):
    newsroom.story("hook", "install", str(bare))
    subprocess.run(["sh", "-n", str(bare / "hooks/pre-receive")], check=True)


def test_dry_run_writes_nothing(newsroom, bare):
    assert newsroom.story("hook", "install", "--dry-run", str(bare)).out.startswith("made  ")
    assert not (bare / "hooks").exists()


def test_somebodys_own_hook_stays_and_the_refusal_says_how_to_chain(newsroom, bare):
    theirs = bare / "hooks/pre-receive"
    theirs.parent.mkdir()
    theirs.write_text("#!/bin/sh\nexit 0\n", "utf-8")
    said = newsroom.story("hook", "install", str(bare), exit=1)
    assert "not story's" in said.err
    assert theirs.read_text("utf-8") == "#!/bin/sh\nexit 0\n"
    line = said.err.partition("by a line in it: ")[2].strip()
    theirs.write_text(f"#!/bin/sh\n{line}\n", "utf-8")
    theirs.chmod(0o755)
    newsroom.write("newsroom.toml", "unknown = 1\n")
    newsroom.commit()
    done = subprocess.run(
        ["git", "push", str(bare), "main"],
        cwd=newsroom.root,
        env=newsroom.whole_environment("Chief"),
        capture_output=True,
    )
    assert done.returncode == 1
    assert b"remote: Error: What main says of its judges cannot be read" in done.stderr


def test_link_in_the_hooks_place_is_somebodys_own(newsroom, bare, tmp_path):
    (bare / "hooks").mkdir()
    (bare / "hooks/pre-receive").symlink_to(tmp_path / "elsewhere")
    assert "not story's" in newsroom.story("hook", "install", str(bare), exit=1).err
    assert not (tmp_path / "elsewhere").exists()


def test_hooks_path_is_respected_and_named(newsroom, bare, tmp_path):
    newsroom.git("config", "core.hooksPath", str(tmp_path / "shared hooks"), cwd=bare)
    said = newsroom.story("hook", "install", str(bare))
    assert (tmp_path / "shared hooks/pre-receive").is_file()
    assert "core.hooksPath" in said.err


def test_settings_that_go_with_it_are_advised_until_they_are_there(newsroom, bare):
    said = newsroom.story("hook", "install", str(bare)).err
    assert "receive.denyNonFastForwards true" in said
    assert "receive.denyDeletes true" in said
    assert "HEAD names main, which is not there yet" in said
    newsroom.write("README.md", "x\n")
    newsroom.commit()
    newsroom.git("push", "--quiet", str(bare), "main")
    for key in ("receive.denyNonFastForwards", "receive.denyDeletes", "receive.fsckObjects"):
        newsroom.git("config", key, "yes", cwd=bare)
    assert newsroom.story("hook", "install", str(bare)).err == ""


@pytest.mark.parametrize("args, exit", [(["--client"], 2), (["/nowhere"], 3)])
def test_install_where_it_makes_no_sense(newsroom, bare, args, exit):
    where = [str(bare)] if args == ["--client"] else []
    assert "Hint: " in newsroom.story("hook", "install", *args, *where, exit=exit).err


def test_server_hook_is_not_for_a_working_tree(newsroom):
    assert "--client" in newsroom.refused("hook", "install", exit=2)


def test_hook_of_no_name_is_wrong_usage(newsroom):
    assert "No such command 'post-receive'." in newsroom.story("hook", "post-receive", exit=2).err


# The client


@pytest.fixture
def client(made) -> Desk:
    """A newsroom's clone with the client's hooks."""
    desk = made("served", newsroom_of_three)
    said = desk.process("hook", "install", "--client")
    assert said.out.count("made  ") == 2
    return desk


def committed(desk: Desk, *args: str, who: str = "Editor", exit: int = 0) -> str:
    """Commit as somebody, hooks and all; what was said."""
    done = subprocess.run(
        ["git", "commit", "--quiet", *args], cwd=desk.root, env=desk.whole_environment(who), capture_output=True
    )
    assert done.returncode == exit, done.stderr
    return done.stderr.decode()


def test_commit_of_words_quietly_changed_is_stopped(client):
    head = client.head
    client.change(client.path_of("harbour-fire"), "Monday", "Tuesday")
    said = committed(client, "-a", "-m", "typo", exit=1)
    assert "error[published-words-changed]" in said
    assert "Hint: Mend it, git add it, and commit again." in said
    assert client.head == head


def test_what_is_not_staged_is_not_looked_at(client):
    client.change(client.path_of("harbour-fire"), "Monday", "Tuesday")
    client.write("README.md", "x\n")
    client.git("add", "README.md")
    assert committed(client, "-m", "read me") == ""


def test_what_is_staged_counts_though_the_file_was_mended_since(client):
    path = client.path_of("harbour-fire")
    client.change(path, "Monday", "Tuesday")
    client.git("add", path)
    client.change(path, "Tuesday", "Monday")
    assert "published-words-changed" in committed(client, "-m", "typo", exit=1)


def test_commit_of_one_path_is_judged_as_git_makes_it(client):
    client.change(client.path_of("harbour-fire"), "Monday", "Tuesday")
    client.git("add", "--all")
    client.write("README.md", "x\n")
    client.git("add", "README.md")
    assert committed(client, "-m", "read me", "--", "README.md") == ""
    assert "published-words-changed" in committed(client, "-m", "typo", exit=1)


def test_verbs_commit_through_the_hook(client):
    client.story("approve", "council-budget", who="Editor")
    client.story("publish", "council-budget", who="Editor")
    assert client.entries("council-budget")[-1]["action"] == "publish"


def test_first_commit_of_a_repository_is_judged(newsroom):
    newsroom.process("hook", "install", "--client")
    newsroom.write("stories/by-hand.md", story_text(state="publish"))
    newsroom.git("add", "--all")
    assert "record-by-hand" in committed(newsroom, "-m", "first", exit=1)


def test_merge_that_is_concluded_by_hand_is_stopped_by_what_neither_side_has(client):
    client.git("switch", "--quiet", "-c", "side")
    client.change("newsroom.toml", 'name = "Chief"', 'name = "Head"')
    client.write("x.txt", "a\n")
    client.commit(who="Chief")
    client.story("approve", "council-budget", who="Editor")
    client.git("switch", "--quiet", "main")
    client.story("new", "Flood", "--slug", "flood")
    client.write("x.txt", "b\n")
    client.commit(who="Chief")
    client.git("merge", "--quiet", "side", exit=1)
    client.write("x.txt", "both\n")
    client.git("add", "--all")
    client.change(client.path_of("harbour-fire"), "Monday", "Tuesday")
    said = committed(client, "-a", "-m", "merge", exit=1)
    assert "published-words-changed" in said
    assert "judges-with-stories" not in said
    client.change(client.path_of("harbour-fire"), "Tuesday", "Monday")
    assert "error[" not in committed(client, "-a", "-m", "merge")


def test_hook_runs_no_module_of_the_newsrooms_folder(client):
    client.write("newsroom_cli.py", "raise SystemExit('this is not story')\n")
    client.write("typing.py", "raise SystemExit('nor is this')\n")
    client.git("add", "--all")
    assert committed(client, "-m", "modules") == ""


@pytest.fixture
def pushing(client, tmp_path) -> Desk:
    """The same, with a remote that judges nothing."""
    client.git("clone", "--quiet", "--bare", "--template=", str(client.root), str(tmp_path / "origin.git"))
    client.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    client.git("fetch", "--quiet", "origin")
    return client


def sent(desk: Desk, *args: str, exit: int = 0) -> str:
    done = subprocess.run(
        ["git", "push", "--quiet", "origin", *args],
        cwd=desk.root,
        env=desk.whole_environment("Reporter"),
        capture_output=True,
    )
    assert done.returncode == exit, done.stderr
    return done.stderr.decode()


def test_forged_push_is_stopped_before_it_leaves(pushing):
    pushing.story("approve", "council-budget", who="Editor")
    pushing.git("commit", "--quiet", "--amend", "--no-verify", "--reset-author", "--no-edit", who="Reporter")
    said = sent(pushing, "main", exit=1)
    assert "error[entry-not-attributed]" in said
    assert "story check --base origin/main" in said


def test_honest_push_leaves_without_a_word(pushing):
    pushing.story("approve", "council-budget", who="Editor")
    assert sent(pushing, "main") == ""


def test_forced_push_to_a_protected_branch_is_stopped(pushing):
    pushing.git("commit", "--quiet", "--amend", "--no-verify", "-m", "another")
    assert "forced push" in sent(pushing, "--force", "main", exit=1)
    assert "cannot be deleted" in sent(pushing, ":main", exit=1)


def test_other_branches_and_tags_leave_unjudged(pushing):
    pushing.change(pushing.path_of("harbour-fire"), "Monday", "Tuesday")
    pushing.git("commit", "--quiet", "--no-verify", "-a", "-m", "typo")
    pushing.git("tag", "v1")
    assert sent(pushing, "main:scratch", "v1") == ""


def test_branch_the_base_protects_is_judged_whatever_its_name(pushing):
    pushing.change("newsroom.toml", "[trust]\n", '[trust]\nprotected = ["archive"]\n')
    pushing.commit(who="Chief")
    sent(pushing, "main", "main:archive")
    pushing.change(pushing.path_of("harbour-fire"), "Monday", "Tuesday")
    pushing.git("commit", "--quiet", "--no-verify", "-a", "-m", "typo")
    assert "published-words-changed" in sent(pushing, "main:archive", exit=1)


def test_what_the_remote_has_and_is_not_here_is_left_to_git(pushing, tmp_path):
    pushing.git("clone", "--quiet", str(tmp_path / "origin.git"), str(tmp_path / "other"))
    other = Desk(tmp_path / "other", now=pushing.now)
    other.write("README.md", "x\n")
    other.commit()
    other.git("push", "--quiet", "origin", "main")
    pushing.story("approve", "council-budget", who="Editor")
    assert "rejected" in sent(pushing, "main", exit=1)
