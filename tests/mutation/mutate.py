"""Put single faults into the code, one at a time, and see whether a test fails: `make mutants`.

Draws so many mutants a room with a fixed seed, runs the tests that pass their lines, and lists what no test saw.
Ends with 1 where a room or all together fall short, or a survivor is not among those that cannot change an answer
(`equivalents.toml`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import random
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE = ROOT / "newsroom_cli"
sys.path.insert(0, str(HERE))

from mutants import Mutant, compiles, mutants_of, spans_of  # noqa: E402  beside this script, wherever it is run from
from running import Test, Tree, load_libraries, read_tests  # noqa: E402

SEED = 20261130
A_ROOM = 84
"""Mutants drawn from each room."""
FLOOR, FLOOR_IN_ALL = 0.85, 0.90
SECONDS = 40.0
"""Seconds of the processor for the tests of one mutant, after which it counts as survived."""
FIRST = (4, 12)
"""How many tests are tried before the next ones are loaded; most mutants end here."""
OWN = 4.0
"""How much sooner a test of the room's own files gets its turn."""

ROOMS: dict[str, tuple[str, ...]] = {
    "verify": ("verify/*.py",),
    "workflow": ("workflow/*.py",),
    "record": ("record/*.py",),
    "history": ("history/*.py",),
    "actions": ("actions/*.py", "repository/commit.py"),
}
"""The files of each room, as patterns below the package. When files move, this is what changes."""

TESTS: dict[str, tuple[str, ...]] = {
    "verify": ("workflow/test_advance.py", "actions/test_require.py", "attacks/test_*.py"),
    "workflow": ("views/test_*.py", "commands/test_refus*.py", "actions/test_moves.py", "actions/test_redo.py"),
    "record": ("workflow/test_*.py", "verify/test_*.py", "rules/test_damage.py"),
    "history": ("histories/test_smallest.py", "attacks/test_*.py", "commands/test_hook.py", "views/test_published.py", "flows/test_flows.py"),
    "actions": ("workflow/test_afterlife.py", "commands/test_refusals.py", "views/test_*.py", "attacks/test_failing_closed.py"),
}  # fmt: skip
"""Test files that are tried first beside those of the room's own folder; all of them and those below are recorded."""

OTHERS = ("settings/test_pipeline.py", "check/test_newsroom.py", "test_golden.py", "story/test_pictures.py", "report/test_findings.py",
          "flows/test_signed_newsroom.py")  # fmt: skip

PROCESSES = {"history/push.py": ("commands/test_hook.py", "attacks/test_pushes.py")}
"""Files that git's hooks run in processes of their own, where no line is seen, and the tests that push."""


class Outcome(NamedTuple):
    """A mutant of a room, and whether a test saw it."""

    room: str
    mutant: Mutant
    killed: bool
    tried: int


class Work:
    """What the processes share: the tests there are, and the tree each has for itself."""

    tests: Sequence[Test] = ()
    seconds = SECONDS
    tree: Tree
    killers = Counter[tuple[str, str]]()
    """How often a test saw a mutant of a function, or of a file, by both names; such tests are tried first."""


def main(args: Sequence[str]) -> int:
    """Draw, run, report; the exit status."""
    options = _parse(args)
    drawn = draw(options.rooms, options.draw, options.seed)
    print(f"{len(drawn)} mutants drawn with seed {options.seed}", flush=True)
    load_libraries()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        Work.seconds = options.seconds
        Work.tests = record_tests(Path(folder), options.workers)
        print(f"{len(Work.tests)} tests pass and know their lines", flush=True)
        outcomes = run_all(drawn, Path(folder), options.workers)
    return report(outcomes)


def _parse(args: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", default=list(ROOMS), help="rooms to draw from (all of them)")
    parser.add_argument("--draw", type=int, default=A_ROOM, metavar="N", help=f"mutants a room ({A_ROOM})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"what is drawn ({SEED})")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes (2)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of tests a mutant gets ({SECONDS:.0f})")
    return parser.parse_args(args)


# what is drawn


def files_of(room: str) -> list[Path]:
    """The files of a room, sorted; raises SystemExit for a pattern that none has."""
    found = set[Path]()
    for pattern in ROOMS[room]:
        if not (paths := list(PACKAGE.glob(pattern))):
            raise SystemExit(f"{room}: no file is {pattern}; put the table ROOMS right.")
        found.update(path for path in paths if path.name != "__init__.py")
    return sorted(found)


def draw(rooms: Iterable[str], count: int, seed: int) -> list[tuple[str, Mutant]]:
    """So many mutants of each room, or all it has; the same ones for the same seed and source."""
    drawn = []
    for room in rooms:
        every = [
            mutant
            for path in files_of(room)
            for mutant in mutants_of(path.relative_to(PACKAGE).as_posix(), path.read_bytes())
        ]
        random.Random(f"{seed} {room}").shuffle(every)
        whole = (mutant for mutant in every if compiles(mutant.apply_to((PACKAGE / mutant.path).read_bytes())))
        drawn += [(room, mutant) for mutant in islice(whole, count)]
    return drawn


# what is run


def record_tests(folder: Path, workers: int) -> list[Test]:
    """Every test that passes, with the lines it passes; kept until a file of the code or the tests changes."""
    files = sorted({name for room in TESTS for name in find_files(f"{room}/test_*.py", *TESTS[room], *OTHERS)})
    kept = ROOT / ".mutants" / f"{_state_of_files()}.json"
    if not kept.is_file():
        with _pool(folder / "recording", workers) as pool:
            paths = list(pool.map(_record, files, chunksize=1))
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(json.dumps([row for path in paths for row in json.loads(path.read_text("utf-8"))]), "utf-8")
    return read_tests([kept])


def find_files(*patterns: str) -> list[str]:
    """Test files by patterns below tests/; as pytest names them."""
    return sorted(
        f"tests/{path.relative_to(ROOT / 'tests')}" for each in patterns for path in (ROOT / "tests").glob(each)
    )


def _state_of_files() -> str:
    hashed = hashlib.sha256()
    every = sorted(path for top in (PACKAGE, ROOT / "tests") for path in top.rglob("*.py"))
    for path in every:
        if HERE in path.parents:
            continue
        hashed.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return hashed.hexdigest()[:16]


def _pool(folder: Path, workers: int) -> ProcessPoolExecutor:
    fork = multiprocessing.get_context("fork")  # the tests' lines are large, and there already
    return ProcessPoolExecutor(workers, fork, _begin_worker, (folder,))


def _begin_worker(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    Work.tree = Tree(ROOT, Path(tempfile.mkdtemp(dir=folder)))
    Work.tree.compile_package()


def _record(name: str) -> Path:
    into = Work.tree.root.parent / f"{name.replace('/', '-')}.json"
    Work.tree.record(name, into)
    return into


def run_all(drawn: Sequence[tuple[str, Mutant]], folder: Path, workers: int) -> list[Outcome]:
    """Run the tests on every mutant, several at a time; in the order they were drawn."""
    begun, outcomes = time.monotonic(), dict[int, Outcome]()
    with _pool(folder / "running", workers) as pool:
        futures = {pool.submit(_judge, room, mutant): at for at, (room, mutant) in enumerate(drawn)}
        for future in as_completed(futures):
            outcome = outcomes[futures[future]] = future.result()
            if not outcome.killed:
                print(_title(outcome), flush=True)
            if len(outcomes) % 25 == 0:
                print(f"... {len(outcomes)} of {len(drawn)}, {time.monotonic() - begun:.0f} s", flush=True)
    return [outcomes[at] for at in sorted(outcomes)]


def _judge(room: str, mutant: Mutant) -> Outcome:
    if why_equivalent(mutant):
        return Outcome(room, mutant, killed=False, tried=0)
    places = f"{mutant.path} {mutant.within}", mutant.path
    tests = choose_tests(room, mutant)
    tests.sort(key=lambda test: [-Work.killers[place, test.name] for place in places])
    mutated = mutant.apply_to((PACKAGE / mutant.path).read_bytes())
    for start, end in pairwise((0, *FIRST, len(tests))):
        killer = Work.tree.find_killer(mutant.path, mutated, tests[start:end]) if tests[start:end] else None
        if killer is not None:
            Work.killers.update((place, killer) for place in places)
            return Outcome(room, mutant, killed=True, tried=len(tests))
    return Outcome(room, mutant, killed=False, tried=len(tests))


def choose_tests(room: str, mutant: Mutant) -> list[Test]:
    """The tests that pass a mutant's lines, the quickest of each file in turn, as many as there is time for."""
    own = set(find_files(f"{room}/test_*.py", *TESTS[room]))
    passing: list[Test] = []
    for first, last in spans_of(mutant):
        passing = passing or [one for one in Work.tests if one.passes(mutant.path, first, last)]
    passing = passing or [one for one in Work.tests if mutant.path in one.lines and one.file in own]
    pushing = {f"tests/{name}" for name in PROCESSES.get(mutant.path, ())}
    passing = [*passing, *(one for one in Work.tests if one.file in pushing and one not in passing)]
    turns, ranked = Counter[str](), []
    for test in sorted(passing, key=lambda one: one.seconds):
        turns[test.file] += 1
        ranked.append((turns[test.file] / (OWN if test.file in own else 1), test.seconds, test))
    chosen, spent = [], 0.0
    for _, seconds, test in sorted(ranked, key=lambda row: row[:2]):
        if spent + seconds <= Work.seconds:
            chosen.append(test)
            spent += seconds
    return chosen


# what is said


def _title(outcome: Outcome) -> str:
    mutant = outcome.mutant
    before, after = mutant.lines_in((PACKAGE / mutant.path).read_bytes())
    lines = [f"survived: {mutant.path}:{mutant.first} in {mutant.within} ({mutant.operator}; {outcome.tried} tests)"]
    lines += [f"  - {line.strip()}" for line in before.split("\n")]
    lines += [f"  + {line.strip()}" for line in after.split("\n")]
    return "\n".join(lines)


@cache
def known_equivalents() -> dict[tuple[str, str, str], str]:
    """Why some mutants change no answer, by function (empty beside any) and lines, in whatever file it stands."""
    rows = tomllib.loads((HERE / "equivalents.toml").read_text("utf-8"))["equivalent"]
    return {(row["function"], _flatten(row["before"]), _flatten(row["after"])): row["why"] for row in rows}


def why_equivalent(mutant: Mutant) -> str:
    """Why a mutant changes no answer, so that no test need be tried; empty for any that may change one."""
    before, after = mutant.lines_in((PACKAGE / mutant.path).read_bytes())
    return known_equivalents().get((mutant.within, _flatten(before), _flatten(after)), "")


def _flatten(lines: str) -> str:
    return " ".join(lines.split())


def report(outcomes: Sequence[Outcome]) -> int:
    """Print the figures of each room and every survivor; 1 where they fall short or one is not explained."""
    unexplained = 0
    print("\nSurvivors")
    for outcome in outcomes:
        if outcome.killed:
            continue
        why = why_equivalent(outcome.mutant)
        unexplained += not why
        print(f"{_title(outcome)}\n  {why or 'NOT EXPLAINED'}")
    drawn = Counter(one.room for one in outcomes)
    killed = Counter(one.room for one in outcomes if one.killed)
    print(f"\n{'room':12}{'drawn':>8}{'killed':>8}{'':>9}")
    for room in drawn:
        print(f"{room:12}{drawn[room]:8}{killed[room]:8}{killed[room] / drawn[room]:9.1%}")
    in_all = killed.total() / max(drawn.total(), 1)
    print(f"{'in all':12}{drawn.total():8}{killed.total():8}{in_all:9.1%}   not explained: {unexplained}")
    short = in_all < FLOOR_IN_ALL or any(killed[room] / drawn[room] < FLOOR for room in drawn)
    return int(short or unexplained > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
