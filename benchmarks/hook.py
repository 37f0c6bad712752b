"""Measures what a push costs its server, and `check --base`, by the size of the change and of the newsroom.

Usage: python benchmarks/hook.py [--stories N] [--rounds N] [--keep DIR]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import run as runs
from run import PEERS, ROOT, Row, Task, again, environment, newsrooms, place, python, report, taken

if TYPE_CHECKING:
    from corpus import Made

MANY = 200


def commit_of(folder: Path, name: str) -> str:
    command = ["git", "rev-parse", name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def receiving(folder: Path) -> Task:
    """The hook as git runs it, for a push of HEAD onto what `base` is."""
    head = subprocess.run(["git", "symbolic-ref", "HEAD"], cwd=folder, capture_output=True, text=True, check=True)
    row = f"{commit_of(folder, 'base')} {commit_of(folder, 'HEAD')} {head.stdout.strip()}\n"
    command = [sys.executable, str(PEERS / "story.py"), "hook", "pre-receive"]
    env = {**environment(), "GIT_DIR": str(folder / ".git")}

    def task() -> None:
        done = subprocess.run(
            command, cwd=folder / ".git", env=env, input=row, capture_output=True, text=True, check=False
        )
        if done.returncode or done.stderr:
            raise SystemExit(f"the hook: status {done.returncode}\n{done.stderr[-2000:]}")

    return task


def few(large: Path, small: Path, rounds: int) -> list[Row]:
    """Ten stories changed, in a large newsroom and in a tenth of it."""
    size = f"10 of {int(large.name):,} / {int(small.name):,}"
    compare = [python(folder, "story.py", "check", "--base", "base") for folder in (large, small)]
    receive = [receiving(folder) for folder in (large, small)]
    return [
        taken(f"story check --base, {size}", rounds, again(compare[0]), again(compare[1]), limit=1.3),
        taken(f"story hook pre-receive, {size}", rounds, again(receive[0]), again(receive[1]), limit=1.3),
    ]


def many(folder: Path, stories: list[Made], rounds: int) -> list[Row]:
    """Two hundred stories changed, against a cold `check` of their files."""
    runs.CHANGED = MANY
    changed = stories[-MANY:]
    runs.change(folder, stories)
    size = f"{len(changed)} of {int(folder.name):,}"
    plain = python(folder, "story.py", "check", *(one.path for one in changed))

    def check() -> None:
        (folder / ".git/story-verdicts").unlink(missing_ok=True)
        plain()

    compare, receive = python(folder, "story.py", "check", "--base", "base"), receiving(folder)
    return [
        taken(f"story check --base, {size} / check", rounds, again(compare), again(check), limit=3),
        taken(f"story hook pre-receive, {size} / check", rounds, again(receive), again(check), limit=3),
    ]


def main() -> None:
    """Build, measure, print; exit status 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description="Measure what a push costs its server.")
    parser.add_argument("--stories", type=int, default=10_000, help="in the larger repository (at least 2,000)")
    parser.add_argument("--rounds", type=int, default=7, help="of each measurement, behind one that warms up")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="build here and leave it; use what is there")
    options = parser.parse_args()
    if options.stories < 2000:
        parser.error("--stories is at least 2000")
    sys.path.insert(0, str(ROOT))
    with place(options.keep) as folder:
        made = newsrooms(folder, options.stories)
        (large, stories), (small, _) = made[1], made[10]
        rows = few(large, small, options.rounds)
        subprocess.run(["git", "branch", "--quiet", "--force", "base", "HEAD"], cwd=large, check=True)
        rows += many(large, stories, options.rounds)
        report(rows)


if __name__ == "__main__":
    main()
