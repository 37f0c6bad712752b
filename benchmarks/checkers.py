"""Measures `story check` against other checkers of front matter, in one run; README.md says what each line means.

Usage: python benchmarks/checkers.py [--stories N] [--rounds N] [--remark N] [--keep DIR]

Installs remark into the folder it works in; needs npm (but for `--remark 0`), and check-jsonschema beside this
interpreter. Lines against hugo are left out where it is not here.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from run import PEERS, ROOT, Row, Task, again, environment, place, python, report, run, taken

REMARK = ("remark-cli@12.0.1", "remark-frontmatter@5.0.0", "remark-lint-frontmatter-schema@3.15.4")
SCHEMA = "story.schema.json"
ARGUMENTS = 1_500_000
"""Bytes of file names for one process."""
NO_GC = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "gc.auto", "GIT_CONFIG_VALUE_0": "0"}
"""The commit of all stories would start git's housekeeping behind the back of the one that follows it."""
BROKEN = (
    "---\nid: 20261123-k3v9w2q8\ntitle: A\nslug: broken\nstate: nowhere\nreporter: Ana Ruiz\nlang: en\n---\n\nText.\n"
)


class Line(Row):
    """A row whose ratio is shown to three places: some peers are that slow."""

    def cells(self) -> list[str]:
        """The line as it is printed."""
        limit = "" if self.limit is None else f"{self.limit:.3f}{'' if self.ratio <= self.limit else '  OVER'}"
        return [*super().cells()[:3], f"{self.ratio:.3f}", limit]


def timed(task: Task) -> float:
    """How long one run takes, in milliseconds."""
    started = time.perf_counter()
    task()
    return (time.perf_counter() - started) * 1000


def in_turns(what: str, rounds: int, ours: Task, peer: Task, *, limit: float) -> Line:
    row = taken(what, rounds, again(ours), again(peer), limit=None)
    return Line(what, limit, row.ours, row.peer)


def cold(newsroom: Path, *arguments: str) -> Task:
    """`story check` as on its first day: nothing is kept from earlier ones."""
    check = python(newsroom, "story.py", "check", *arguments)

    def task() -> None:
        for kept in (newsroom / ".git").glob("story-*"):
            kept.unlink()
        check()

    return task


def configured(newsroom: Path, weight: str) -> None:
    """Give every rule on damaged text a weight in the newsroom's configuration; none leaves it as it is."""
    import corpus

    from newsroom_cli.rules.damage import DAMAGE

    weights = "".join(f'{rule.id} = "{weight}"\n' for rule in DAMAGE) if weight else ""
    (newsroom / "newsroom.toml").write_text(f"{corpus.CONFIGURATION}\n[rules]\n{weights}", "utf-8")


def linked(newsroom: Path, site: Path, number: int) -> None:
    """A folder with so many of the newsroom's stories, all of them in as few bytes as none."""
    for path in sorted((newsroom / "stories").rglob("*.md"))[:number]:
        target = site / path.relative_to(newsroom)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, target)


def remark(newsroom: Path, site: Path, number: int) -> Task:
    """remark-cli with the schema, on so many stories in one process; ends when it does not see a broken one."""
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir()
    shutil.copy(PEERS / SCHEMA, site / SCHEMA)
    shutil.copy(PEERS / "remarkrc.mjs", site / ".remarkrc.mjs")
    (site / "package.json").write_text('{"private": true}\n', "utf-8")
    command = ["npm", "install", "--silent", "--no-fund", "--no-audit", *REMARK]
    subprocess.run(command, cwd=site, check=True, capture_output=True)
    program = str(site / "node_modules" / ".bin" / "remark")
    broken = site / "stories" / "broken.md"
    broken.parent.mkdir()
    broken.write_text(BROKEN, "utf-8")
    _sees("remark", site, program, "--frail", "--no-stdout", str(broken.relative_to(site)))
    broken.unlink()
    linked(newsroom, site, number)
    return lambda: _nothing(run(site, program, "--frail", "--quiet", "--no-stdout", "stories"))


def jsonschema(newsroom: Path, folder: Path) -> Task:
    """check-jsonschema on the front matter of every story, taken out before; ends when it does not see a broken one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in (newsroom / "stories").rglob("*.md"):
        (folder / f"{path.stem}.yaml").write_text(_front(path.read_text("utf-8")), "utf-8")
    names = sorted(path.name for path in folder.iterdir())
    (folder / "broken").write_text(_front(BROKEN), "utf-8")
    program = (str(Path(sys.executable).with_name("check-jsonschema")), "--schemafile", str(PEERS / SCHEMA))
    _sees("check-jsonschema", folder, *program, "--default-filetype", "yaml", "broken")

    def task() -> None:
        for part in chunks(names):
            run(folder, *program, *part)

    return task


def refreshed(newsroom: Path) -> None:
    """Let git look at every file again: a link more changes a file's ctime, and git then reads it at every question."""
    run(newsroom, "git", "update-index", "-q", "--refresh")


def _front(text: str) -> str:
    return text.split("---\n", 2)[1]


def chunks(names: Sequence[str]) -> Iterator[list[str]]:
    """File names in as few argument lists as the system takes."""
    part: list[str] = []
    size = 0
    for name in names:
        if part and size + len(name.encode()) + 9 > ARGUMENTS:
            yield part
            part, size = [], 0
        part.append(name)
        size += len(name.encode()) + 9
    yield part


def hugo(newsroom: Path, site: Path, number: int) -> Task:
    """`hugo list all` on a site whose content is the stories; ends when it does not list every one."""
    shutil.rmtree(site, ignore_errors=True)
    (site / "content").mkdir(parents=True)
    (site / "config.toml").write_text('baseURL = "https://gazette.example/"\n', "utf-8")
    linked(newsroom, site / "content", number)
    listed = subprocess.run(
        ["hugo", "list", "all"], cwd=site, env=_hugo_environment(site), capture_output=True, text=True, check=True
    )
    if listed.stdout.count("stories/") < number:
        raise SystemExit(f"hugo lists {listed.stdout.count('stories/')} of {number} stories.")

    def task() -> None:
        command = ["hugo", "list", "all"]
        subprocess.run(command, cwd=site, env=_hugo_environment(site), capture_output=True, check=True)

    return task


def _hugo_environment(site: Path) -> dict[str, str]:
    return {**environment(), "HOME": str(site)}


def status(newsroom: Path) -> Task:
    """The same libraries imported, then `git status`."""
    imports = python(newsroom, "floor.py")

    def task() -> None:
        imports()
        run(newsroom, "git", "status", "--porcelain")

    return task


def _sees(name: str, folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 1 or "state" not in done.stdout + done.stderr:
        raise SystemExit(f"{name} does not see a state that is none:\n{done.stdout}{done.stderr}")


def _nothing(_: str) -> None:
    """A task gives nothing back."""


def measured(folder: Path, options: argparse.Namespace) -> list[Row]:
    """Build the newsroom and the peers' copies of it, and measure."""
    import corpus

    number, rounds = options.stories, options.rounds
    newsroom = folder / str(number)
    corpus.build(newsroom, number, {**environment(), **NO_GC})
    check, size = cold(newsroom), f"{number:,}"
    rows: list[Row] = []
    if shutil.which("hugo"):
        lists = hugo(newsroom, folder / "hugo", number)
        refreshed(newsroom)
        for what, weight in (("", ""), (", damaged text off", "off")):
            configured(newsroom, weight)
            rows.append(in_turns(f"check{what}, {size} / hugo list all", rounds, check, lists, limit=1.5))
        configured(newsroom, "")
    whole = rows[0].ours if rows else [timed(check) for _ in range(rounds)]
    rows.append(Line(f"check, {size} / check-jsonschema", 1.0, whole, [timed(jsonschema(newsroom, folder / "yaml"))]))
    if some := min(options.remark, number):
        slow = timed(remark(newsroom, folder / "remark", some)) * number / some
        scaled = "" if some == number else f", {some:,} scaled"
        rows.append(Line(f"check, {size} / remark-lint{scaled}", 0.02, whole, [slow]))
    run(newsroom, "git", "checkout", "--quiet", "--", "newsroom.toml")
    refreshed(newsroom)
    warm = python(newsroom, "story.py", "check")
    rows.append(in_turns(f"check again, {size} / imports, git status", rounds, warm, status(newsroom), limit=1.5))
    return rows


def versions() -> str:
    """What the peers are, those that are here."""
    node, hugo_ = _said_by("node", "--version"), _said_by("hugo", "version")
    built = hugo_.split()[1].partition("+")[0] if hugo_ else "none"
    return f"{platform.system()}, node {node or 'none'}, {' '.join(REMARK)}, hugo {built}"


def _said_by(*command: str) -> str:
    if not shutil.which(command[0]):
        return ""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    """Build, measure, print; exit status 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description="Measure story check against other checkers.")
    parser.add_argument("--stories", type=int, default=10_000, help="in the newsroom")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement but the slow peers' single one")
    parser.add_argument("--remark", type=int, default=10_000, help="stories for remark; fewer are scaled, 0: none")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="build here and leave it; an empty folder")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with place(options.keep) as folder:
        rows = measured(folder, options)
        report(rows, versions())


if __name__ == "__main__":
    main()
