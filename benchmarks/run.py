"""Measures `story` against its floor, both in one run, and prints the ratios; README.md says what each line means.

Usage: python benchmarks/run.py [--stories N] [--rounds N] [--keep DIR] [--typer]
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

if TYPE_CHECKING:
    from corpus import Made

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PEERS = HERE / "peers"
CHANGED = 10

Task = Callable[[], None]


class Measure(NamedTuple):
    """How rounds are timed, and which number stands for all of them."""

    clock: Callable[[], float]
    sum_up: Callable[[list[float]], float]


def processor_seconds() -> float:
    """Processor time of every process that was started here and has ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


WALL = Measure(time.perf_counter, statistics.median)
CPU = Measure(processor_seconds, min)
"""For what is short: other people's work on the machine makes it longer, and nothing makes it shorter."""


@dataclass
class Row:
    """One line of the table: times of ours and of the peer in milliseconds, taken in turns."""

    what: str
    limit: float | None = None
    ours: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    measure: Measure = WALL

    @property
    def ratio(self) -> float:
        """What stands for ours by what stands for the peer."""
        return self.measure.sum_up(self.ours) / self.measure.sum_up(self.peer)

    @property
    def is_over(self) -> bool:
        """Whether the limit is passed."""
        return self.limit is not None and self.ratio > self.limit

    def cells(self) -> list[str]:
        """The line as it is printed."""
        ours, peer = self.measure.sum_up(self.ours), self.measure.sum_up(self.peer)
        limit = "" if self.limit is None else f"{self.limit:.2f}{'  OVER' if self.is_over else ''}"
        return [self.what, f"{ours:.0f}", f"{peer:.0f}", f"{self.ratio:.2f}", limit]


def taken(
    what: str, rounds: int, ours: Iterator[Task], peer: Iterator[Task], *, limit: float | None, measure: Measure = WALL
) -> Row:
    """Measure two things in turns, who goes first changing each round; the first round of both only warms up."""
    row = Row(what, limit, measure=measure)
    for number in range(rounds + 1):
        sides = [(next(ours), row.ours), (next(peer), row.peer)]
        for task, times in sides if number % 2 else sides[::-1]:
            started = measure.clock()
            task()
            if number:
                times.append((measure.clock() - started) * 1000)
    print(f"  {'  '.join(row.cells())}", file=sys.stderr)
    return row


def again(task: Task) -> Iterator[Task]:
    while True:
        yield task


def environment() -> dict[str, str]:
    """A newsroom editor's environment and nothing else: no configuration of this machine, this checkout's package."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.devnull,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Li Wei",
        "GIT_AUTHOR_EMAIL": "li@gazette.example",
        "GIT_COMMITTER_NAME": "Li Wei",
        "GIT_COMMITTER_EMAIL": "li@gazette.example",
    }


def run(folder: Path, *command: str, answers: Sequence[int] = (0,)) -> str:
    """Run a program to its end; what it printed on stderr. Ends the benchmark when its status is no answer."""
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode not in answers:
        raise SystemExit(f"{' '.join(command)}: status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stderr


def python(
    folder: Path, script: str, *arguments: str, interpreter: str = sys.executable, answers: Sequence[int] = (0,)
) -> Task:
    return lambda: _ignore(run(folder, interpreter, str(PEERS / script), *arguments, answers=answers))


def _ignore(_: str) -> None:
    """A task gives nothing back."""


def starting(folder: Path, rounds: int) -> list[Row]:
    """`--version` and `--help` against a Typer hello world."""
    rounds *= 2
    return [
        taken(
            f"story {option}",
            rounds,
            again(python(folder, "story.py", option)),
            again(python(folder, "hello.py", *asked)),
            limit=1.3,
        )
        for option, asked in (("--version", ()), ("--help", ("--help",)))
    ]


def short_verbs(folder: Path, made: Made, rounds: int) -> list[Row]:
    """Verbs of every day in a small newsroom, against a Python that imports the libraries; processor time."""
    rounds, imports, size = 2 * rounds + 1, python(folder, "floor.py"), _size(folder)
    rows = [
        taken(
            f"story {verb}, {size} / imports, CPU",
            rounds,
            again(python(folder, "story.py", verb, *arguments, answers=(0, 1))),
            again(imports),
            limit=1.15,
            measure=CPU,
        )
        for verb, arguments in (("list", ()), ("show", (made.slug,)), ("why", (made.slug,)))
    ]
    other = folder.with_name(f"{folder.name}-by-hand")
    shutil.copytree(folder, other, dirs_exist_ok=True)
    for before, floor, limit in (("imports, ", imports, 1.15), ("", None, None)):
        ours, peer = _approvals(folder, made), _commits_by_hand(other, made, floor)
        what = f"story approve, {size} / {before}git add, git commit, CPU"
        rows.append(taken(what, rounds, ours, peer, limit=limit, measure=CPU))
    return rows


def _approvals(folder: Path, made: Made) -> Iterator[Task]:
    """The approval of one story, each time as if it had not been approved."""
    while True:
        run(folder, "git", "reset", "--quiet", "--hard", "start")
        yield python(folder, "story.py", "approve", made.slug)


def _commits_by_hand(folder: Path, made: Made, first: Task | None) -> Iterator[Task]:
    """What `first` does, if anything, and git's own work of an approval."""
    import corpus

    while True:
        run(folder, "git", "reset", "--quiet", "--hard", "start")
        approval = corpus.approved(folder, made)

        def task(approval: Made = approval) -> None:
            if first is not None:
                first()
            paths = corpus.write(folder, approval)
            run(folder, "git", "add", "--", *paths)
            run(folder, "git", "commit", "--quiet", f"--message=approve: {approval.slug}")

        yield task


def looking(large: Path, small: Path, many: Made, few: Made, rounds: int) -> list[Row]:
    """`show` and `log` of one story in a large repository and in a small one; ends when they read other stories."""
    rows = []
    for verb in ("show", "log"):
        said = run(large, sys.executable, str(PEERS / "watched.py"), verb, many.slug)
        opened = {line.removeprefix("opened ") for line in said.splitlines() if line.startswith("opened ")}
        others = opened - set(many.files)
        print(f"  {verb} opened: {', '.join(sorted(opened))}", file=sys.stderr)
        if others or not opened:
            raise SystemExit(f"story {verb} opened {sorted(others) or 'nothing'}")
        ours, peer = python(large, "story.py", verb, many.slug), python(small, "story.py", verb, few.slug)
        what = f"story {verb}, {_size(large)} / {_size(small)}"
        rows.append(taken(what, rounds, again(ours), again(peer), limit=None))
    return rows


def checking(folder: Path, rounds: int) -> Row:
    def cold() -> None:
        (folder / ".git/story-verdicts").unlink(missing_ok=True)
        run(folder, sys.executable, str(PEERS / "story.py"), "check")

    ours, peer = cold, python(folder, "reader.py")
    return taken(f"story check, {_size(folder)}", rounds, again(ours), again(peer), limit=1.5)


def comparing(large: Path, small: Path, rounds: int) -> Row:
    ours, peer = (python(folder, "story.py", "check", "--base", "base") for folder in (large, small))
    what = f"story check --base, {CHANGED} of {_size(large)} / {_size(small)}"
    return taken(what, rounds, again(ours), again(peer), limit=1.3)


def change(folder: Path, stories: list[Made]) -> None:
    """Approve ten stories, each in a commit of its own, as the editor would; the branch `base` stays behind."""
    import corpus

    for _ in range(CHANGED):
        paths = corpus.write(folder, corpus.approved(folder, stories.pop()))
        run(folder, "git", "add", "--", *paths)
        run(folder, "git", "commit", "--quiet", "--message=approve")


def _size(folder: Path) -> str:
    return f"{int(folder.name):,}"


@contextmanager
def place(keep: Path | None) -> Iterator[Path]:
    """A folder to work in: a temporary one that goes, or the one that is to be kept."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="story-benchmark-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


def newsrooms(folder: Path, number: int) -> dict[int, tuple[Path, list[Made]]]:
    """Three repositories, of all stories, a tenth and a hundredth, each with the stories that wait for approval."""
    import corpus

    made: dict[int, tuple[Path, list[Made]]] = {}
    for part in (1, 10, 100):
        root = folder / str(number // part)
        started = time.perf_counter()
        stories = corpus.build(root, number // part, environment())
        run(root, sys.executable, str(PEERS / "story.py"), "check")
        waiting = [one for one in stories if one.state == "review"]
        if part < 100:
            change(root, waiting)
        made[part] = (root, waiting)
        print(f"  {_size(root)} stories in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return made


def typers(folder: Path, large: Path, stories: list[Made], rounds: int) -> list[Row]:
    """Typer 0.29 against 0.28, each in a virtual environment made for this: a hello world, then `story` itself."""
    newer, older = (_installed(folder / f"typer-{release}", release) for release in ("0.29", "0.28"))

    def approve(interpreter: str) -> Iterator[Task]:
        while True:
            yield python(large, "story.py", "approve", stories.pop().slug, interpreter=interpreter)

    rows = []
    for what, script, arguments in (
        ("hello world", "hello.py", ()),
        ("story --version", "story.py", ("--version",)),
        ("story --help", "story.py", ("--help",)),
    ):
        ours, peer = (again(python(large, script, *arguments, interpreter=one)) for one in (newer, older))
        rows.append(taken(f"{what}, Typer 0.29 / 0.28", rounds, ours, peer, limit=None))
    what = f"story approve, {_size(large)}, Typer 0.29 / 0.28"
    rows.append(taken(what, rounds, approve(newer), approve(older), limit=None))
    return rows


def _installed(folder: Path, release: str) -> str:
    interpreter = str(folder / "bin" / "python")
    if not folder.exists():
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        others = [one for one in project["dependencies"] if not one.startswith("typer")]
        run(ROOT, sys.executable, "-m", "venv", str(folder))
        run(ROOT, interpreter, "-m", "pip", "install", "--quiet", f"typer=={release}.*", *others)
    return interpreter


def table(rows: list[Row]) -> list[str]:
    """Rows as aligned columns."""
    cells = [["what", "ours ms", "peer ms", "ratio", "limit"], *(row.cells() for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(5)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(row[at].rjust(widths[at]) for at in (1, 2, 3)), row[4]]).rstrip()
        for row in cells
    ]


def machine() -> str:
    """What the numbers were measured on."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores (load {load:.1f}), Python {platform.python_version()}, git {git}"


def report(rows: list[Row], *also: str) -> NoReturn:
    """Print what was measured and on what, and end with status 1 where a limit is passed."""
    print("\n".join([machine(), *also, *table(rows)]))
    sys.exit(any(row.is_over for row in rows))


def main() -> None:
    """Build, measure, print; exit status 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description="Measure story against its floor.")
    parser.add_argument("--stories", type=int, default=10_000, help="in the largest repository (at least 1,000)")
    parser.add_argument("--rounds", type=int, default=7, help="of each measurement, behind one that warms up")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="build here and leave it; use what is there")
    parser.add_argument("--typer", action="store_true", help="also compare Typer 0.28 and 0.29 (installs both)")
    options = parser.parse_args()
    if options.stories < 1000:
        parser.error("--stories is at least 1000")
    sys.path.insert(0, str(ROOT))
    with place(options.keep) as folder:
        made = newsrooms(folder, options.stories)
        (large, stories), (medium, _), (small, _few) = made[1], made[10], made[100]
        few = _few.pop()
        many = stories.pop(0)
        rows = starting(folder, options.rounds)
        rows += looking(large, small, many, few, options.rounds)
        rows.append(checking(large, options.rounds))
        rows.append(comparing(large, medium, options.rounds))
        rows += short_verbs(small, few, options.rounds)
        if options.typer:
            rows += typers(folder, large, stories, options.rounds)
        report(rows)


if __name__ == "__main__":
    main()
