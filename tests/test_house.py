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
PURE = (
    "workflow",
    "verify",
    "rules",
    "story",
    "people",
    "record",
    "settings",
    "model",
    "errors",
    "times",
    "escaping",
    "ssh_keys",
    "trail",
)


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


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_ask_neither_clock_nor_environment_nor_files(room):
    for path in of_room(room):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                assert not {"os", "subprocess", "git", "time", "typer", "sys"} & set(names), f"{path}:{node.lineno}"
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {"open", "print", "datetime.now", "datetime.utcnow"}, f"{path}:{node.lineno}"


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
    assert (command.__doc__ or "").splitlines()[0] == line


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
