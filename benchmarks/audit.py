"""Measures `story audit` and `story verify-published`, in one run; README.md says what each line means.

Usage: python benchmarks/audit.py [--commits N] [--stories N] [--rounds N] [--keep DIR]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from run import ROOT, Row, again, environment, place, python, report, run, taken

WAVE = 50
"""Stories under way at once."""
_WAY = ("submit", "approve", "publish")
Commit = tuple[str, str, datetime, dict[str, bytes]]
"""Author, subject, time and files of one commit."""


def story(number: int) -> list[Commit]:
    """The four commits of one story, from its first words to publication."""
    import corpus

    from newsroom_cli.record import ledger
    from newsroom_cli.record.ledger import Held
    from newsroom_cli.story import frontmatter
    from newsroom_cli.workflow import advance
    from newsroom_cli.workflow.case import Case

    made = corpus.make(20 * (number // 2) + (7 if number % 2 else 14))  # these two of twenty have only begun
    path = ledger.path_of(made.id)
    record = ledger.parse(path, made.files[path])
    held = Held(frontmatter.read_story(made.path, made.files[made.path]), record, record.entries[-1].assets)
    first = record.entries[0]
    commits: list[Commit] = [(first.by, "new", first.moment, dict(made.files))]
    for hours, action in enumerate(_WAY, 1):
        actor = first.actor if action == "submit" else corpus.EDITOR
        at = first.moment + timedelta(hours=3 * hours)
        step = advance.advance(Case.of(held), advance.Act(action, actor, at, corpus.judges()))
        held = Held(step.story, step.ledger, held.assets)
        files = {step.story.path: step.story.text.encode(), path: step.ledger.content}
        commits.append((str(actor), action, at, files))
    return commits


def _commit(ref: str, one: Commit, origin: str = "", merged: str = "") -> bytes:
    who, subject, at, files = one
    head = f"commit {ref}\nauthor {who} {int(at.timestamp())} +0000\ncommitter {who} {int(at.timestamp())} +0000\n"
    parts = [f"{head}data {len(subject)}\n{subject}\n".encode()]
    parts += [f"from {origin}\n".encode()] if origin else []
    parts += [f"merge {merged}\n".encode()] if merged else []
    for path, content in files.items():
        parts.append(f'M 100644 inline "{path}"\n'.encode() + b"data %d\n%b\n" % (len(content), content))
    return b"".join(parts)


def trunk(stories: int) -> Iterator[bytes]:
    """Everybody moves stories on one branch, fifty of them at a time."""
    for begin in range(0, stories, WAVE):
        wave = [story(number) for number in range(begin, min(begin + WAVE, stories))]
        for commits in zip(*wave, strict=True):
            yield from (_commit("refs/heads/main", one) for one in commits)


def branches(stories: int) -> Iterator[bytes]:
    """Every story on a branch of its own, merged when it is public."""
    for number in range(stories):
        ref = f"refs/heads/story-{number}"
        commits = story(number)
        for place_, one in enumerate(commits):
            yield _commit(ref, one, "" if place_ else "refs/heads/main")
        who, _, at, files = commits[-1]
        every = {path: content for one in commits for path, content in one[3].items()} | files
        yield _commit("refs/heads/main", (who, "merge", at, every), merged=ref)


def build(root: Path, shape: str, stories: int) -> None:
    """A repository with the history of so many stories."""
    import corpus

    if (root / "HEAD").exists():
        return
    run(root.parent, "git", "init", "--quiet", "--bare", "--initial-branch=main", str(root))
    first = (str(corpus.EDITOR), "begin", datetime(2024, 12, 1), {"newsroom.toml": corpus.CONFIGURATION.encode()})  # noqa: DTZ001
    making = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=root, env=environment(), stdin=subprocess.PIPE)
    assert making.stdin is not None
    making.stdin.write(_commit("refs/heads/main", first))
    for part in SHAPES[shape](stories):
        making.stdin.write(part)
    making.stdin.close()
    if making.wait():
        raise SystemExit("git fast-import failed.")
    run(root, "git", "gc", "--quiet")


SHAPES = {"trunk": trunk, "branches": branches}


ON_DEMAND = 1
"""Processes that an audit starts only when a step asks for them: the one that tells blobs by commit and path."""


def processes(root: Path) -> int:
    """How many git processes an audit starts."""
    with tempfile.TemporaryDirectory() as trace:
        env = {**environment(), "GIT_TRACE2_EVENT": trace}
        command = [sys.executable, str(ROOT / "benchmarks/peers/story.py"), "audit"]
        subprocess.run(command, cwd=root, env=env, check=True, capture_output=True)
        rows = (row for file in Path(trace).iterdir() for row in file.read_text().splitlines())
        return sum(json.loads(row)["event"] == "start" for row in rows)


def floor(root: Path) -> None:
    """What any audit has to do: list what each commit changed, and read every story and ledger there was."""
    shape = ("--raw", "-z", "--no-abbrev", "--diff-merges=first-parent", "--format=%H")
    listed = subprocess.run(
        ["git", "log", "--first-parent", *shape], cwd=root, env=environment(), capture_output=True, check=True
    )
    rows = (row.strip().split(b" ") for row in listed.stdout.split(b"\0"))
    blobs = b"".join(row[3] + b"\n" for row in rows if row[0].startswith(b":") and row[3].strip(b"0"))
    subprocess.run(
        ["git", "cat-file", "--batch"], cwd=root, env=environment(), input=blobs, capture_output=True, check=True
    )


def measured(folder: Path, options: argparse.Namespace) -> list[Row]:
    """Build the histories and measure."""
    import corpus

    rows: list[Row] = []
    for shape in SHAPES:
        few, many = (folder / f"{shape}-{number}" for number in (options.commits, 2 * options.commits))
        for root, number in ((few, options.commits), (many, 2 * options.commits)):
            build(root, shape, number // 4)
        counted = processes(few), processes(many)
        print(f"  {shape}: {counted[0]} and {counted[1]} git processes", file=sys.stderr)
        if counted[1] > counted[0] + ON_DEMAND:
            raise SystemExit("The number of git processes grows with the history.")
        size = f"{shape}, {2 * options.commits:,}"
        both = [python(root, "story.py", "audit") for root in (many, few)]
        what = f"story audit, {size} / {options.commits:,} commits"
        rows.append(taken(what, options.rounds, *map(again, both), limit=2.3))
        what = f"story audit, {size} / git log, git cat-file"
        rows.append(taken(what, options.rounds, again(both[0]), again(partial(floor, many)), limit=None))
    newsroom = folder / str(options.stories)
    corpus.build(newsroom, options.stories, environment())
    verify, reader = python(newsroom, "story.py", "verify-published"), python(newsroom, "reader.py")
    what = f"story verify-published, {options.stories:,}"
    rows.append(taken(what, options.rounds, again(verify), again(reader), limit=1.5))
    return rows


def main() -> None:
    """Build, measure, print; exit status 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description="Measure story audit and story verify-published.")
    parser.add_argument(
        "--commits", type=int, default=4_000, help="in the smaller history; the other has twice as many"
    )
    parser.add_argument("--stories", type=int, default=10_000, help="for verify-published")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement, behind one that warms up")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="build here and leave it; use what is there")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with place(options.keep) as folder:
        rows = measured(folder, options)
        report(rows)


if __name__ == "__main__":
    main()
