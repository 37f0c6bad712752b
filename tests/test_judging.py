"""Many stories are looked at on every core: each once, in order, and none waits long for another."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from newsroom_cli.errors import CannotRun
from newsroom_cli.repository import judging
from newsroom_cli.repository.files import WorkingTree
from newsroom_cli.repository.judging import Surroundings, look_at_all
from newsroom_cli.roster import Judges

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def _says(path, _files, _around):
    yield
    if path == "broken":
        raise CannotRun("The story cannot be looked at.", "Look at it.")
    return path, os.getpid()


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)


@pytest.mark.parametrize("number", [400, 401, 1_000, 4_321])
def test_every_story_is_looked_at_once_in_order_by_other_processes(number, two_cores, tmp_path):
    paths = [f"stories/{one}.md" for one in range(number)]
    seen = look_at_all(_says, paths, WorkingTree(tmp_path), Surroundings(Judges(), NOW))
    assert [path for path, _ in seen] == paths
    assert os.getpid() not in {process for _, process in seen}


@pytest.mark.parametrize("number", [1, 15, 16, 17, 400, 10_000])
@pytest.mark.parametrize("cores", [2, 3, 64])
def test_parts_are_all_of_it_and_become_smaller(number, cores):
    paths = [str(one) for one in range(number)]
    parts = [list(part) for part in judging._parts(paths, cores)]
    sizes = [len(part) for part in parts]
    assert [path for part in parts for path in part] == paths
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] <= max(16, number / cores / 16)
    assert sizes[-1] <= 16


def test_stories_of_a_part_are_looked_at_in_step(tmp_path):
    taken = []

    def look(path, _files, _around):
        taken.append(f"reads {path}")
        if path != "gone":
            yield
            taken.append(f"judges {path}")
        return path.upper()

    seen = look_at_all(look, ["a", "gone", "b"], WorkingTree(tmp_path), Surroundings(Judges(), NOW))
    assert seen == ["A", "GONE", "B"]
    assert taken == ["reads a", "reads gone", "reads b", "judges a", "judges b"]


def test_no_more_stories_are_in_step_than_memory_has_room_for(tmp_path):
    waiting, most = set(), []

    def look(path, _files, _around):
        waiting.add(path)
        yield
        most.append(len(waiting))
        waiting.remove(path)

    look_at_all(look, [str(one) for one in range(399)], WorkingTree(tmp_path), Surroundings(Judges(), NOW))
    assert max(most) <= 200


def test_a_refusal_of_one_story_ends_the_look(two_cores, tmp_path):
    paths = [*(str(one) for one in range(900)), "broken"]
    with pytest.raises(CannotRun, match="cannot be looked at"):
        look_at_all(_says, paths, WorkingTree(tmp_path), Surroundings(Judges(), NOW))


_SLOW = """
import os, signal, time
from datetime import UTC, datetime
from pathlib import Path
from newsroom_cli.repository.files import WorkingTree
from newsroom_cli.repository.judging import Surroundings, look_at_all
from newsroom_cli.roster import Judges

def slow(path, files, around):
    Path("begun").touch()
    yield time.sleep(0.002)

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever began the tests may have it ignored
os.sched_getaffinity = lambda _: {0, 1}
look_at_all(slow, [str(one) for one in range(20_000)], WorkingTree(Path.cwd()), Surroundings(Judges(), datetime.now(UTC)))
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
