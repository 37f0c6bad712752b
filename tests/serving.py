"""A bare repository with the hook, served by `git daemon` on loopback, and a clone of it to push from."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from attacks.forging import ROSTER
from conftest import PACKAGE_ROOT, Desk


def server_environment(home: Path) -> dict[str, str]:
    """What a server's git runs in: nobody's identity, no configuration of the machine's."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "PYTHONPATH": str(PACKAGE_ROOT),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C",
    }


@dataclass
class Pushed:
    """How a push ended: git's exit status, and what its person saw."""

    exit: int
    err: str

    @property
    def told(self) -> list[str]:
        """What the server said, line by line."""
        rows = [line.removeprefix("remote: ").rstrip() for line in self.err.splitlines() if line.startswith("remote:")]
        return [row for row in rows if row not in ("", "remote:")]

    @property
    def rules(self) -> set[str]:
        """The rules whose errors the server named."""
        return set(re.findall(r"error\[([\w-]+)\]", "\n".join(self.told)))


@dataclass
class Served:
    """A newsroom's clone, and the bare repository it pushes to."""

    desk: Desk
    bare: Path

    def push(self, *args: str, who: str = "Reporter") -> Pushed:
        """Push as somebody, through the network."""
        done = subprocess.run(
            ["git", "push", "--no-progress", "origin", *args],
            cwd=self.desk.root,
            capture_output=True,
            env={**self.desk.whole_environment(who), "GIT_ALLOW_PROTOCOL": "git:ssh:file"},
        )
        return Pushed(done.returncode, done.stderr.decode())

    def taken(self, *args: str) -> Pushed:
        """A push that has to be taken."""
        pushed = self.push(*args)
        assert pushed.exit == 0, pushed.err
        return pushed

    def refused(self, *args: str, by: str = "pre-receive hook declined") -> Pushed:
        """A push that has to be refused, leaving every ref of the remote and all its objects as they were."""
        before = self.refs(), self.objects()
        pushed = self.push(*args)
        assert pushed.exit != 0, pushed.err
        assert by in pushed.err
        assert (self.refs(), self.objects()) == before
        assert "Traceback" not in pushed.err
        assert "fault of story" not in pushed.err, pushed.err
        assert all(line.isprintable() for line in pushed.told), pushed.told
        return pushed

    def git(self, *args: str, exit: int = 0) -> str:
        """Git on the server."""
        return self.desk.git(*args, cwd=self.bare, exit=exit)

    def refs(self) -> str:
        return self.git("for-each-ref")

    def objects(self) -> str:
        return self.git("count-objects", "-v")

    def at(self, branch: str) -> str:
        """The commit a branch of the remote is at."""
        return self.git("rev-parse", f"refs/heads/{branch}")


@dataclass
class Daemon:
    """`git daemon` with a folder it serves."""

    folder: Path
    port: int

    def url(self, bare: Path) -> str:
        return f"git://127.0.0.1:{self.port}/{bare.relative_to(self.folder).as_posix()}"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until something answers at a port."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"nothing answers at port {port}")


@pytest.fixture(scope="session", name="daemon")
def served_folder(tmp_path_factory) -> Iterator[Daemon]:
    """`git daemon`, taking pushes, for all tests of this process."""
    folder = tmp_path_factory.mktemp("served")
    port = free_port()
    command = ["git", "daemon", "--listen=127.0.0.1", f"--port={port}", "--reuseaddr", "--log-destination=none"]
    with subprocess.Popen(
        [*command, "--export-all", "--enable=receive-pack", f"--base-path={folder}", str(folder)],
        env=server_environment(folder),
    ) as process:
        wait_for(port, process)
        yield Daemon(folder, port)
        process.terminate()


def newsroom_of_three(desk: Desk) -> None:
    """`main` with a roster, a story in review and a published one."""
    desk.write("newsroom.toml", ROSTER)
    desk.commit("configuration", who="Chief")
    desk.at("review", "council-budget")
    desk.at("publish", "harbour-fire", title="Fire in the harbour")


def installed(bare: Path, home: Path, *args: str) -> str:
    """Install the hook as whoever runs the server does."""
    done = subprocess.run(
        [sys.executable, "-m", "newsroom_cli", "hook", "install", *args, str(bare)],
        capture_output=True,
        text=True,
        env=server_environment(home),
        cwd=home,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def serve(daemon: Daemon, desk: Desk, name: str, *, hook: bool = True) -> Served:
    """Put a desk's `main` on the server, with the hook in its way, and make the desk a clone of it."""
    bare = daemon.folder / name / "gazette.git"
    bare.parent.mkdir()
    desk.git("clone", "--quiet", "--bare", "--template=", str(desk.root), str(bare))
    if hook:
        installed(bare, daemon.folder)
    desk.git("remote", "add", "origin", daemon.url(bare))
    desk.git("update-ref", "refs/remotes/origin/main", "main")
    return Served(desk, bare)


Serve = Callable[..., Served]


@pytest.fixture(name="served")
def served_newsroom(made, daemon, tmp_path) -> Served:
    """A newsroom with a roster, a clone of it, and the hook on its server."""
    return serve(daemon, made("served", newsroom_of_three), tmp_path.parent.name + tmp_path.name)
