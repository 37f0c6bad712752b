"""The contracts on imports hold because they break: each is broken on purpose in a copy of the package, and seen to."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import PACKAGE_ROOT

PYPROJECT = tomllib.loads((PACKAGE_ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS = PYPROJECT["tool"]["importlinter"]["contracts"]
LAYERS = [[room.strip() for room in line.split("|")] for line in CONTRACTS[0]["layers"]]
ONE_ROOM = {"git": {"repository"}, "typer": {"cli", "commands"}, "rich": {"report"}}


@pytest.fixture
def copy(tmp_path) -> Path:
    """The package beside its pyproject, to be broken."""
    root = tmp_path / "copy"
    shutil.copytree(PACKAGE_ROOT / "newsroom_cli", root / "newsroom_cli", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PACKAGE_ROOT / "pyproject.toml", root)
    return root


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of a copy."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    env = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "400"}
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)


def plant(root: Path, room: str, *imported: str) -> str:
    """Let a room import what it may not; gives back the module that does."""
    folder = root / "newsroom_cli" / room
    file = folder / "planted.py" if folder.is_dir() else folder.with_suffix(".py")
    with file.open("a", encoding="utf-8") as written:
        written.write("".join(f"\nimport {name}\n" for name in imported))
    return f"newsroom_cli.{room}.planted" if folder.is_dir() else f"newsroom_cli.{room}"


def test_every_contract_is_kept_as_the_package_is(copy):
    done = lint(copy)
    assert done.returncode == 0, done.stdout
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in done.stdout


def test_layers_break_on_every_import_upward_and_sideways(copy):
    forbidden = [(low, high) for above, below in itertools.pairwise(LAYERS) for high in above for low in below]
    forbidden += [pair for line in LAYERS for pair in itertools.permutations(line, 2)]
    planted = [(plant(copy, low, f"newsroom_cli.{high}"), f"newsroom_cli.{high}") for low, high in forbidden]
    done = lint(copy)
    assert done.returncode == 1
    assert f"{CONTRACTS[0]['name']} BROKEN" in done.stdout
    missed = [pair for pair in planted if f"{pair[0]} -> {pair[1]} (" not in done.stdout]
    assert not missed


def test_layers_break_on_a_room_that_stands_in_no_layer(copy):
    (copy / "newsroom_cli" / "annex.py").write_text('"""A room nobody was told of."""\n', "utf-8")
    done = lint(copy)
    assert done.returncode == 1
    assert "annex" in done.stdout


@pytest.mark.parametrize("library", ONE_ROOM)
def test_a_library_is_refused_to_every_room_but_its_own(copy, library):
    contract = next(one for one in CONTRACTS if one.get("forbidden_modules") == [library])
    others = [room for line in LAYERS for room in line if room not in ONE_ROOM[library]]
    planted = [plant(copy, room, library) for room in others]
    done = lint(copy)
    assert done.returncode == 1
    assert f"{contract['name']} BROKEN" in done.stdout
    missed = [module for module in planted if f"{module} -> {library} (" not in done.stdout]
    assert not missed
    assert f"Contracts: {len(CONTRACTS) - 1} kept, 1 broken." in done.stdout
