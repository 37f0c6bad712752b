"""Every script under `benchmarks/` runs, on little; its figures are not looked at here."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

import pytest
from conftest import PACKAGE_ROOT

BENCHMARKS = PACKAGE_ROOT / "benchmarks"
SMALL = {
    "audit": ("--commits", "40", "--stories", "20", "--rounds", "1"),
    "checkers": ("--stories", "20", "--rounds", "1", "--remark", "0"),  # remark wants a package index
    "corpus": (),
    "crossings": (),
    "damage": (str(PACKAGE_ROOT / "stories"),),
    "hook": ("--stories", "2000", "--rounds", "1"),
    "memory": ("--stories", "20"),
    "run": ("--stories", "1000", "--rounds", "1"),
    "signatures": ("--entries", "3", "--rounds", "1"),
}
LONG = ("audit", "damage", "hook", "run")


def benchmark(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(PACKAGE_ROOT)}
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in sorted(SMALL)]
)
def test_benchmark_runs_on_little(name):
    done = benchmark(name, *SMALL[name])
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == 0 or "OVER" in done.stdout, done.stdout + done.stderr
    assert done.stdout or name == "corpus"


def test_every_benchmark_is_run_here():
    assert {path.stem for path in BENCHMARKS.glob("*.py")} == set(SMALL)


@pytest.mark.parametrize("limit, status", [(1.5, 0), (1.4, 1), (None, 0)])
def test_a_limit_that_is_passed_is_the_exit_status(monkeypatch, capsys, limit, status):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    run = importlib.import_module("run")
    with pytest.raises(SystemExit) as ended:
        run.report([run.Row("story list", limit, [3.0, 30.0], [2.0, 30.0], run.CPU)])
    assert int(ended.value.code) == status
    assert ("OVER" in capsys.readouterr().out) == bool(status)
