"""Counts how often a command goes from one module of the package into another, and how many modules it enters.

Usage: python benchmarks/crossings.py

A reader who follows a verb through the code opens a file at each crossing; CONTRIBUTING.md has the figures.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = str(ROOT / "newsroom_cli") + os.sep
REPORTER, EDITOR = "Ana Ruiz <ana@gazette.example>", "Li Wei <li@gazette.example>"
ROSTER = """[[people]]
name = "Ana Ruiz"
emails = ["ana@gazette.example"]
roles = ["reporter"]

[[people]]
name = "Li Wei"
emails = ["li@gazette.example"]
roles = ["editor"]
"""
TEXT = {"section": "local", "description": "Taxes stay flat.", "source": "Harbour Gazette"}


def story(folder: Path, who: str, *arguments: str, counted: bool = False) -> str:
    """Run a verb as a person; what it printed last on stderr, where it is counted."""
    name, _, email = who.partition(" <")
    people = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", name), ("EMAIL", email[:-1]))
    }
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.devnull,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **people,
    }
    program = [str(Path(__file__).resolve()), "--counted"] if counted else ["-m", "newsroom_cli"]
    done = subprocess.run(
        [sys.executable, *program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"story {' '.join(arguments)}: status {done.returncode}\n{done.stderr}")
    return done.stderr.rstrip().rsplit("\n", 1)[-1]


def count(arguments: list[str]) -> None:
    """Run one verb in this process and print on stderr how many modules it entered and how often it crossed."""
    from newsroom_cli.cli import app

    entered: set[str] = set()
    where = ""
    crossings = 0

    def watch(frame: object, event: str, _argument: object) -> None:
        nonlocal where, crossings
        code = frame.f_code  # type: ignore[attr-defined]
        if event == "call" and code.co_filename.startswith(PACKAGE) and code.co_name != "<module>":
            entered.add(code.co_filename)
            crossings += code.co_filename != where
            where = code.co_filename

    sys.setprofile(watch)
    try:
        app(arguments)
    except SystemExit as end:
        if end.code:
            raise
    finally:
        sys.setprofile(None)
    print(f"{len(entered)} {crossings}", file=sys.stderr)


def newsroom(folder: Path) -> None:
    """A newsroom with a roster and a story in review, on a branch beside main."""
    git = ["git", "-c", "user.name=Li Wei", "-c", "user.email=li@gazette.example"]
    subprocess.run([*git, "init", "-q", "-b", "main", "."], cwd=folder, check=True)
    (folder / "newsroom.toml").write_text(ROSTER, encoding="utf-8")
    subprocess.run([*git, "add", "."], cwd=folder, check=True)
    subprocess.run([*git, "commit", "-q", "-m", "roster"], cwd=folder, check=True)
    subprocess.run([*git, "switch", "-q", "-c", "budget"], cwd=folder, check=True)
    story(folder, REPORTER, "new", "Council passes the budget", "--slug", "council-budget")
    path = next(folder.glob("stories/**/council-budget.md"))
    lines = path.read_text(encoding="utf-8").split("\n")
    kept = [line for line in lines if line.partition(":")[0] not in TEXT]
    keys = [f"{key}: {value}" for key, value in TEXT.items()]
    path.write_text("\n".join([kept[0], *keys, *kept[1:], "Taxes stay flat.", ""]), encoding="utf-8")
    story(folder, REPORTER, "save", "council-budget")
    story(folder, REPORTER, "submit", "council-budget")


def run() -> None:
    """Print the table: a verb, the modules it enters, how often it goes from one into another."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        newsroom(folder)
        print(f"{'command':<24}{'modules':>8}{'crossings':>11}")
        for verb in (["approve", "council-budget"], ["check", "--base", "main"], ["audit"], ["list"]):
            modules, crossings = story(folder, EDITOR, *verb, counted=True).split()
            print(f"story {' '.join(verb[:2]):<18}{modules:>8}{crossings:>11}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--counted"]:
        count(sys.argv[2:])
    else:
        run()
