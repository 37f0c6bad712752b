"""Measures how much memory `story audit` takes on a long history; README.md says how.

Usage: python benchmarks/memory.py [--stories N] [--keep DIR]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from audit import build
from run import PEERS, ROOT, environment, machine, place

LIMIT = 400
"""Megabytes that the process of an audit may hold."""


def measure_peak(root: Path) -> int:
    """Audit a repository; return the largest memory its own process held, without git's, in megabytes."""
    command = [sys.executable, str(PEERS / "peak.py"), "audit"]
    with (root / "audited").open("wb") as screen:
        done = subprocess.run(
            command, cwd=root, env=environment(), stdout=screen, stderr=subprocess.PIPE, text=True, check=True
        )
    return int(done.stderr.split()[-1])


def main() -> None:
    """Build, measure, print; exit status 1 where the limit is passed."""
    parser = argparse.ArgumentParser(description="Measure the memory of story audit.")
    parser.add_argument("--stories", type=int, default=100_000, help="on one trunk, four commits each")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="build here and leave it; use what is there")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with place(options.keep) as folder:
        root = folder / f"trunk-{options.stories}"
        build(root, "trunk", options.stories)
        peak = measure_peak(root)
    what = f"story audit, {options.stories:,} stories, {4 * options.stories:,} commits"
    print(f"{machine()}\n{what}: {peak} MB, limit {LIMIT}{'  OVER' if peak > LIMIT else ''}")
    sys.exit(peak > LIMIT)


if __name__ == "__main__":
    main()
