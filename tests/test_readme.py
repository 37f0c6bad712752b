"""The README's sessions are real output: run again here, and compared but for ids, hashes and times."""

from __future__ import annotations

import re
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"
STEP = re.compile(r"<!-- run: (?P<run>.*?) -->|```console\n(?P<session>.*?)```", re.DOTALL)
COMMAND = re.compile(r"^(reporter|editor|ci)\$ (.*)$")


def plain(text: str) -> str:
    """A session without what differs from run to run."""
    text = re.sub(r"\b20\d{6}-[0-9a-z]{8}\b", "ID", text)
    text = re.sub(r"\b20\d\d-\d\d-\d\d \d\d:\d\d [+]0000( \(\d\d:\d\d UTC\))?", "TIME", text)
    text = re.sub(r"stories/20\d\d/\d\d/", "stories/YEAR/MONTH/", text)
    return re.sub(r"\b[0-9a-f]{7,8}\b", "COMMIT", text)


@pytest.fixture
def shared(newsroom, tmp_path):
    """A newsroom of a clone, as somebody's who has just joined; its clock is the real one."""
    origin = tmp_path / "origin.git"
    newsroom.git("init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    newsroom.git("remote", "add", "origin", str(origin))
    newsroom.now = datetime.now(UTC)
    return newsroom


def test_every_session_of_the_readme_prints_what_it_says(shared):
    for step in STEP.finditer(README.read_text("utf-8")):
        if step["run"]:
            done = subprocess.run(["sh", "-c", step["run"]], cwd=shared.root, env=shared.whole_environment("Reporter"))
            assert done.returncode == 0, step["run"]
            continue
        said = "".join(
            f"{line}\n{answer(shared, line)}" for line in step["session"].splitlines() if COMMAND.match(line)
        )
        assert plain(said) == plain(step["session"])


def answer(newsroom, line: str) -> str:
    """What a command of a session prints, stderr and stdout as a terminal shows them."""
    who, command = COMMAND.match(line).groups()
    if command.startswith("story "):
        arguments = shlex.split(command)[1:]
        said = newsroom.process(*arguments, exit=None, who={"editor": "Editor"}.get(who, "Reporter"))
        return said.err + said.out if said.err.startswith("Error") else said.out + said.err
    done = subprocess.run(
        ["sh", "-c", command], cwd=newsroom.root, capture_output=True, env=newsroom.whole_environment("Reporter")
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()
