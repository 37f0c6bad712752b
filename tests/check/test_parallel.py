"""Many stories are looked at on every core: each once, in order, and none waits long for another."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from newsroom_cli.check.parallel import look_at_all
from newsroom_cli.check.story import TreeContext
from newsroom_cli.errors import CannotRun
from newsroom_cli.people.policy import Policy
from newsroom_cli.repository.files import WorkingTree

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def _says(path, _around):
    if path == "broken":
        raise CannotRun("The story cannot be looked at.", "Look at it.")
    return path, os.getpid()


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)


@pytest.mark.parametrize("number", [400, 401, 1_000, 4_321])
def test_every_story_is_looked_at_once_in_order_by_other_processes(number, two_cores, tmp_path):
    paths = [f"stories/{one}.md" for one in range(number)]
    seen = look_at_all(_says, paths, TreeContext(Policy(), NOW, WorkingTree(tmp_path)))
    assert [path for path, _ in seen] == paths
    assert os.getpid() not in {process for _, process in seen}


def test_few_stories_are_looked_at_by_this_process(two_cores, tmp_path):
    seen = look_at_all(_says, ["a", "b"], TreeContext(Policy(), NOW, WorkingTree(tmp_path)))
    assert seen == [("a", os.getpid()), ("b", os.getpid())]


def test_a_refusal_of_one_story_ends_the_look(two_cores, tmp_path):
    paths = [*(str(one) for one in range(900)), "broken"]
    with pytest.raises(CannotRun, match="cannot be looked at"):
        look_at_all(_says, paths, TreeContext(Policy(), NOW, WorkingTree(tmp_path)))


_SLOW = """
import os, signal, time
from datetime import UTC, datetime
from pathlib import Path
from newsroom_cli.repository.files import WorkingTree
from newsroom_cli.check.parallel import look_at_all
from newsroom_cli.check.story import TreeContext
from newsroom_cli.people.policy import Policy

def slow(path, around):
    Path("begun").touch()
    time.sleep(0.002)

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever began the tests may have it ignored
os.sched_getaffinity = lambda _: {0, 1}
around = TreeContext(Policy(), datetime.now(UTC), WorkingTree(Path.cwd()))
look_at_all(slow, [str(one) for one in range(20_000)], around)
"""


def test_an_interrupt_from_the_keyboard_ends_all_processes(tmp_path):
    shell = {"cwd": tmp_path, "start_new_session": True, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", _SLOW], **shell) as running:
        try:
            while not (tmp_path / "begun").exists():
                assert running.poll() is None
                time.sleep(0.05)
            os.killpg(running.pid, signal.SIGINT)
            assert running.wait(60) != 0
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
