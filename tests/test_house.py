"""How the house is built: what no line of the code may do, seen in its syntax."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import newsroom_cli
from newsroom_cli.cli import COMMANDS
from newsroom_cli.settings.pipeline import default

PACKAGE = Path(newsroom_cli.__file__).parent
ROOT = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))
PURE = {
    "workflow", "verify", "rules", "record", "story", "people", "settings",
    "errors", "model", "times", "escaping", "ssh_keys", "addresses",
}  # fmt: skip
"""Rooms that open no file and read no clock, environment or chance."""
TOUCHING = {
    "__init__", "__main__", "cli", "commands", "demo", "report", "actions", "views", "history", "check", "repository",
}  # fmt: skip
"""Rooms that do. A new room stands in one of the two."""
IMPURE_MODULES = {
    "git", "glob", "io", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket", "subprocess", "sys",
    "tempfile", "threading", "time", "typer", "uuid",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "date.today", "datetime.now", "datetime.today", "datetime.utcnow"}
FILE_METHODS = {
    "exists", "glob", "is_dir", "is_file", "iterdir", "mkdir", "open", "read_bytes", "read_text", "rglob", "stat", "touch",
    "unlink", "write_bytes", "write_text",
}  # fmt: skip
OWN_DATA = {"settings/pipeline.py", "rules/damage/han.py", "rules/text/profiles/__init__.py"}
"""Modules that read a file of the package's own, beside them or above."""
BANNED = {"one", "found", "told", "there", "it", "thing"}
"""Names that say nothing of what they hold."""
PARTICIPLES = re.compile(
    r"_?[a-z]+(?:ed|ing)|_?(?:brought|drawn|found|given|gone|held|kept|known|left|lost|made|met|said|seen|sent|shown|spoken|taken|thrown|told|written)"
)
"""Functions called after what was done and not after what they do."""


def of_room(name: str) -> list[Path]:
    return [path for path in MODULES if path.relative_to(PACKAGE).parts[0].removesuffix(".py") == name]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_index_trailer_or_ref_api_of_gitpython_is_used(path):
    banned = {"index", "trailers_list", "trailers", "trailers_dict", "create_head", "create_tag", "iter_commits"}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "repo":
            assert node.attr not in banned, f"{path}:{node.lineno}"
        if isinstance(node, ast.Attribute):
            assert node.attr not in banned - {"index"}, f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_reads_commit_trailers(path):
    text = path.read_text("utf-8")
    assert "interpret-trailers" not in text
    assert not re.search(r"%[-+ ]?(\(trailers|\(contents|\(body|b|B)|--pretty=(raw|full)|--format=(raw|full)", text)
    assert not re.search(r"(?i)trailers?[\w.]*\s*\(|\bcommit\.message\b|cat-file\W+commit", text)
    reads = [line for line in text.splitlines() if re.search(r"\b(Story|Action): ", line)]
    writing = {"commit_messages.py", "moves.py"}
    assert not reads or path.name in writing, reads


def test_every_room_is_known_as_pure_or_not():
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES}
    assert rooms == PURE | TOUCHING
    assert not PURE & TOUCHING


@pytest.mark.parametrize("room", sorted(PURE))
def test_pure_rooms_open_no_file_and_read_no_clock_environment_or_chance(room):
    impure = [f"{path}:{line}: {said}" for path in of_room(room) for line, said in impurities(path)]
    assert not impure


def impurities(path: Path) -> list[tuple[int, str]]:
    """What in a module touches the world: imports, calls, and methods of files."""
    tree = ast.parse(path.read_text("utf-8"))
    own_data = path.relative_to(PACKAGE).as_posix() in OWN_DATA
    touching = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            roots = {name.partition(".")[0] for name in names} & IMPURE_MODULES - ({"pathlib"} if own_data else set())
            touching += [(node.lineno, name) for name in sorted(roots)]
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if called in IMPURE_CALLS or (method in FILE_METHODS and not own_data):
                touching.append((node.lineno, called))
    return touching


@pytest.mark.parametrize(
    "line",
    [
        "import os", "from os import environ", "import time", "from subprocess import run", "import random",
        "from secrets import token_hex", "open('x')", "path.read_text('utf-8')", "datetime.now()", "date.today()",
        "import os.path", "from pathlib import Path",
    ],
)  # fmt: skip
def test_what_touches_the_world_is_seen(tmp_path, monkeypatch, line):
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    module = tmp_path / "module.py"
    module.write_text(f"{line}\n", "utf-8")
    assert impurities(module)


ROOMS = sorted(PURE | TOUCHING)


@pytest.mark.parametrize("room", ROOMS)
def test_names_say_what_they_hold(room):
    empty = [f"{path}:{line}: {name}" for path in of_room(room) for line, name in empty_names(path)]
    assert not empty, "\n".join(empty)


def empty_names(path: Path) -> list[tuple[int, str]]:
    """Names of a module that its readers cannot tell anything from, and helpers named with a participle."""
    empty = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.append(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        elif isinstance(node, ast.arg):
            names.append(node.arg)
        elif isinstance(node, ast.alias):
            names.append(node.asname or node.name)
        empty += [(node.lineno, name) for name in names if name.strip("_") in BANNED]
        if isinstance(node, ast.FunctionDef) and not node.decorator_list and PARTICIPLES.fullmatch(node.name):
            empty.append((node.lineno, node.name))
    return sorted(set(empty))


@pytest.mark.parametrize(
    "line",
    [
        "found = 1", "def told(): ...", "class thing: ...", "[one for one in ()]", "def f(it): ...", "import x as there",
        "def _looked(): ...", "def _quoted(): ...", "def _made(): ...", "(one := 1)",
    ],
)  # fmt: skip
def test_a_name_that_says_nothing_is_seen(tmp_path, line):
    module = tmp_path / "module.py"
    module.write_text(f"{line}\n", "utf-8")
    assert empty_names(module)


def test_no_code_names_a_state_that_is_no_verb():
    """`review` is a state and nothing else: the code asks the pipeline and never says it."""
    verbs = {*COMMANDS, *default().actions}
    alone = {name for name in default().names if name not in verbs} - {"draft"}  # `draft` is a key of Hugo's too
    assert alone == {"review"}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            assert not (isinstance(node, ast.Constant) and node.value in alone), f"{path}:{node.lineno}"


def test_every_module_says_what_it_is_for():
    for path in MODULES:
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "README.md", "CHANGELOG.md", "docs/formats.md"])
def test_no_page_names_a_folder_that_is_not_there(name):
    text = (ROOT / name).read_text("utf-8")
    for path in re.findall(r"`((?:newsroom_cli|tests|docs|benchmarks|\.github)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


def test_contributing_walks_through_functions_that_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    everything = "\n".join(path.read_text("utf-8") for path in MODULES)
    for name in re.findall(r"`(?:[\w/]+[./])?([a-z_]+\.[a-z_]+)`", text):
        module, _, function = name.rpartition(".")
        if function in ("py", "toml", "md", "sh") or module not in {path.stem for path in MODULES}:
            continue
        assert re.search(rf"^\s*(?:def|class) {function}\b|^{function}\b", everything, re.MULTILINE), name


@pytest.mark.parametrize("verb", COMMANDS)
def test_table_of_verbs_says_what_the_command_itself_says(verb):
    where, line = COMMANDS[verb]
    module, _, function = where.partition(":")
    command = getattr(importlib.import_module(f"newsroom_cli.commands.{module}"), function)
    assert function == "move" or (command.__doc__ or "").splitlines()[0] == line


def test_a_move_loads_no_pool_of_processes(newsroom):
    slug = newsroom.at("review")
    command = [sys.executable, "-X", "importtime", "-m", "newsroom_cli", "approve", slug]
    env = newsroom.whole_environment("Editor")
    done = subprocess.run(command, cwd=newsroom.root, env=env, capture_output=True, text=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "Approved" in done.stderr
    assert "pydantic" in loaded
    assert "concurrent.futures.process" not in loaded


DAILY = {
    "list": ("list",),
    "show": ("show", "SLUG"),
    "why": ("why", "SLUG"),
    "log": ("log", "SLUG"),
    "versions": ("versions", "SLUG"),
    "whoami": ("whoami",),
    "people": ("people",),
    "keys": ("keys",),
    "check": ("check",),
    "check --base": ("check", "--base", "main~1"),
    "audit": ("audit",),
    "verify-published": ("verify-published",),
    "new": ("new", "Another story"),
    "adopt": ("adopt", "SLUG"),
    "edit": ("edit", "SLUG"),
    "save": ("save", "SLUG"),
    "submit": ("submit", "SLUG"),
    "withdraw": ("withdraw", "SLUG"),
    "approve": ("approve", "SLUG"),
    "send-back": ("send-back", "SLUG", "--note", "No."),
    "publish": ("publish", "SLUG"),
    "require": ("require", "SLUG", "editor"),
    "hold": ("hold", "SLUG", "--note", "Wait."),
    "release": ("release", "--due"),
    "redo": ("redo", "SLUG"),
    "init": ("init", "--dry-run"),
    "hook install": ("hook", "install", "--client", "--dry-run"),
    "hook pre-commit": ("hook", "pre-commit"),
    "hook pre-push": ("hook", "pre-push", "origin", "nowhere"),
}
"""Every verb that people or their hooks run all day; `demo` alone makes a repository."""


def loaded_by(desk, *arguments, env=None):
    """The modules that a process of `story` imports, and what else it says on stderr."""
    command = [sys.executable, "-X", "importtime", "-m", "newsroom_cli", *arguments]
    whole = {**desk.whole_environment("Editor"), "EDITOR": "true", **(env or {})}
    done = subprocess.run(command, cwd=desk.root, env=whole, capture_output=True, text=True, input="")
    assert "This is a fault of story's" not in done.stderr
    assert done.returncode in (0, 1), done.stderr
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize("arguments", DAILY.values(), ids=DAILY)
def test_no_verb_of_every_day_imports_gitpython(newsroom, arguments):
    slug = newsroom.at("review")
    loaded = loaded_by(newsroom, *(slug if one == "SLUG" else one for one in arguments))
    assert "newsroom_cli.repository.git" in loaded
    assert "git" not in loaded


def test_a_servers_hook_does_not_import_gitpython(newsroom):
    newsroom.at("review")
    before, after = newsroom.git("rev-parse", "HEAD~1", "HEAD").split()
    command = [sys.executable, "-X", "importtime", "-m", "newsroom_cli", "hook", "pre-receive"]
    done = subprocess.run(
        command,
        cwd=newsroom.root / ".git",
        env={**newsroom.whole_environment("Editor"), "GIT_DIR": "."},
        capture_output=True,
        text=True,
        input=f"{before} {after} refs/heads/main\n",
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode in (0, 1), done.stderr
    assert "newsroom_cli.history.push" in loaded
    assert "git" not in loaded


def test_gitpython_is_imported_where_a_repository_is_made_alone():
    importing = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            importing |= {path.name for name in names if name.partition(".")[0] == "git"}
    assert importing == {"new_repository.py"}
