"""Copies of the tree in which mutants stand, which tests pass which lines, and what those tests say of a mutant.

Every run of tests is a fork of a process that has the libraries loaded and nothing of the project's own.
"""

from __future__ import annotations

import compileall
import importlib
import json
import os
import resource
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest

LIBRARIES = ("git", "typer", "typer.testing", "rich.console", "pydantic", "frontmatter", "yaml", "slugify")
LIBRARIES += ("markdown_it", "regex", "ftfy", "ahocorasick_rs", "cryptography.hazmat.primitives.serialization.ssh")
LIBRARIES += ("concurrent.futures.thread", "zoneinfo")
LEFT_OUT = (".git", ".venv*", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".mutants")
TEST_FAILED, NOTHING_RAN = 1, 5
"""Exit statuses of pytest."""
FRAMES = 30
"""Calls of one function in one test that are looked at; what further ones do is seldom new."""


def load_libraries() -> None:
    """Import once what every run of tests would import again."""
    for name in LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(name)


class Test(NamedTuple):
    """A test that passes without any mutant: its seconds of the processor, and the lines it passes by file, a bit each."""

    name: str
    seconds: float
    lines: dict[str, int]

    @property
    def file(self) -> str:
        """The test file it is in."""
        return self.name.partition("::")[0]

    def passes(self, path: str, first: int, last: int) -> bool:
        """Whether it runs any of some lines."""
        return bool(self.lines.get(path, 0) >> first & ((1 << (last - first + 1)) - 1))


class Recorder:
    """A plugin of pytest that notes which lines of the package every test passes."""

    def __init__(self, package: str) -> None:
        self.package, self.tests = f"{package}{os.sep}", list[tuple[str, float, dict[str, str]]]()
        self.lines, self.calls, self.failed = dict[str, int](), Counter[object](), set[str]()

    def _enter(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any] | None:
        code = frame.f_code
        if not code.co_filename.startswith(self.package):
            return None
        self.calls[code] += 1
        return self._pass if self.calls[code] <= FRAMES else None

    def _pass(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
        path = frame.f_code.co_filename
        self.lines[path] = self.lines.get(path, 0) | 1 << frame.f_lineno
        return self._pass

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.lines, start = {}, _spent()
        self.calls.clear()
        threading.settrace(self._enter)
        sys.settrace(self._enter)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
            if item.nodeid not in self.failed:
                lines = {path.removeprefix(self.package): hex(mask) for path, mask in self.lines.items()}
                self.tests.append((item.nodeid, _spent() - start, lines))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self.failed.add(report.nodeid)


def _spent() -> float:
    """Seconds of the processor this process and those it waited for have taken, however busy the machine is."""
    return sum(os.times()[:4])


class Chosen:
    """A plugin of pytest that runs just some tests, in their order, and writes down the name of one that fails."""

    def __init__(self, names: Sequence[str], failed: Path) -> None:
        self.names, self.failed = {name: at for at, name in enumerate(names)}, failed

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((one for one in items if one.nodeid in self.names), key=lambda one: self.names[one.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.write_text(report.nodeid, "utf-8")


class Tree:
    """A copy of the project in which one mutant at a time stands."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.original, self.root, self.turn = root, folder / "story", 0
        self.failed = folder / "failed"
        shutil.copytree(root, self.root, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        self.package = self.root / "newsroom_cli"

    def compile_package(self) -> None:
        """Write the package's bytecode, so that a run of tests reads one module from source: the mutated one."""
        compileall.compile_dir(self.package, quiet=2)

    def record(self, file: str, into: Path) -> None:
        """Run a test file and write down which of its tests pass, how long each takes and which lines it meets."""
        recorder = Recorder(str(self.package))

        def run() -> int:
            self._pytest([file], [recorder])
            into.write_text(json.dumps(recorder.tests), "utf-8")
            return 0

        self._in_fork(run, seconds=3600, writes_bytecode=True)
        if not into.is_file():
            raise RuntimeError(f"{file} could not be recorded")

    def find_killer(self, path: str, mutated: bytes, tests: Sequence[Test]) -> str | None:
        """The name of a test that fails once a module is as mutated; empty where none can run, None where all pass."""
        full = self.package / path
        before, stat = full.read_bytes(), full.stat()
        self.turn += 1
        full.write_bytes(mutated)
        os.utime(full, (stat.st_atime, stat.st_mtime + 10_000 + self.turn))  # or bytecode of another one is taken
        self.failed.unlink(missing_ok=True)
        try:
            if not self._fails(tests):
                return None
            return self.failed.read_text("utf-8") if self.failed.is_file() else ""
        finally:
            full.write_bytes(before)
            os.utime(full, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def _fails(self, tests: Sequence[Test]) -> bool:
        names = [one.name for one in tests]
        files = list(dict.fromkeys(one.file for one in tests))
        seconds = 30 + 5 * sum(one.seconds for one in tests)

        def run() -> int:
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
            return self._pytest(["-x", *files], [Chosen(names, self.failed)])

        status = self._in_fork(run, seconds=10 * seconds)  # the longer one is for what hangs and takes no time
        if status == NOTHING_RAN:
            raise RuntimeError(f"no test ran: {names}")
        return status != 0

    def _pytest(self, args: list[str], plugins: list[object]) -> int:
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=", "--rootdir", str(self.root)]
        where = ["-c", str(self.root / "pyproject.toml"), f"--basetemp={self.root.parent / 'tests'}"]
        return int(pytest.main([*options, *where, *args], plugins=plugins))

    def _in_fork(self, run: Callable[[], int], *, seconds: float, writes_bytecode: bool = False) -> int:
        """Run something in a process of its own in this tree; its exit status, minus one where it had to be stopped."""
        child = os.fork()
        if child == 0:
            try:
                self._settle(writes_bytecode=writes_bytecode)
                os._exit(run())
            except BaseException:  # noqa: BLE001  nothing may return into the parent's work
                os._exit(TEST_FAILED)
        until, pause = time.monotonic() + seconds, 0.01
        while time.monotonic() < until:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                self._stop_group(child)
                return os.waitstatus_to_exitcode(status)
            time.sleep(pause)
            pause = min(pause * 1.5, 0.2)
        self._stop_group(child)
        os.waitpid(child, 0)
        return -1

    @staticmethod
    def _stop_group(child: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)

    def _settle(self, *, writes_bytecode: bool) -> None:
        """Make a fresh process one of this tree alone, silent, with a group of its own that can be stopped."""
        os.setsid()
        os.chdir(self.root)
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        sys.path[:] = [str(self.root), *(one for one in sys.path if Path(one or ".").resolve() != self.original)]
        os.environ["PYTHONPATH"] = str(self.root)
        sys.dont_write_bytecode = not writes_bytecode
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        if not writes_bytecode:
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def read_tests(paths: Iterable[Path]) -> list[Test]:
    """What runs of tests have written down (`Tree.record`)."""
    rows = [row for path in paths for row in json.loads(path.read_text("utf-8"))]
    return [Test(name, spent, {path: int(mask, 16) for path, mask in lines.items()}) for name, spent, lines in rows]
