"""A hermetic desk: every test gets its own home, its own git and a clock that steps one second per command."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from typer.testing import CliRunner

import newsroom_cli
from newsroom_cli.cli import app

PEOPLE = {
    name: f"{name} <{name.lower()}@gazette.example>" for name in ("Reporter", "Editor", "Chief", "Deputy", "Stringer")
}
BEGINNING = datetime(2025, 11, 24, 10, 0, 0, tzinfo=UTC)
BODY = "The council passed the budget on Monday.\n\nTwo libraries reopen in spring.\n"
FILLED = {"section": "local", "description": "Taxes stay flat; two libraries reopen.", "source": "Harbour Gazette"}
WAY = ("draft", "review", "edit", "publish")
PICTURE = b"\x89PNG\r\n\x1a\n not a real one"
PACKAGE_ROOT = Path(newsroom_cli.__file__).resolve().parents[1]

settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True)
settings.register_profile("nightly", max_examples=2_000, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")  # pytest --hypothesis-profile=nightly


def roster(**roles: str) -> str:
    """A roster of PEOPLE: by a person's name their roles, one word each."""
    rows = '[[people]]\nname = "{}"\nemails = ["{}@gazette.example"]\nroles = {}\n'
    return "\n".join(rows.format(name, name.lower(), json.dumps(said.split())) for name, said in roles.items())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the pinned screens anew")
    parser.addoption("--seeds", default="", help="random histories and newsrooms: how many, or FIRST-LAST; a few")


_SLOW = ("flows", "attacks", "histories", "test_hook.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes whole newsrooms, servers and pushes has a `make` target of its own."""
    here = Path(__file__).parent
    for item in items:
        if {item.path.name, item.path.relative_to(here).parts[0]} & {*_SLOW}:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _hermetic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A private home and temporary folder, no configuration of the machine's, no inherited git or CI settings."""
    for name in os.environ:
        if name.startswith(("GIT_", "GITHUB_", "CI_")):
            monkeypatch.delenv(name)
    for name in ("CI", "EDITOR", "VISUAL", "COLUMNS", "LINES", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    home.mkdir()
    scratch.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    monkeypatch.setenv("GIT_TEST_FSYNC", "0")  # what a test leaves behind need not outlive a power cut
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "file")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture(autouse=True)
def _fixed_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever runs git without saying who is the Reporter."""
    for name, value in identity("Reporter").items():
        monkeypatch.setenv(name, value)


def identity(who: str) -> dict[str, str]:
    """Git's environment for one of the people, or for any `Name <email>`."""
    name, _, email = PEOPLE.get(who, who).partition(" <")
    return {
        **{f"GIT_{role}_NAME": name for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": email.rstrip(">") for role in ("AUTHOR", "COMMITTER")},
    }


def set_up(key: Path | str) -> dict[str, str]:
    """Git's environment for somebody who signs with a key."""
    return {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.signingkey", "GIT_CONFIG_VALUE_0": str(key)}


def story_text(**over: Any) -> str:
    """A story written by hand that lacks nothing but what `story` writes; a key that is None is left out."""
    keys = {"title": "Council passes the budget", "reporter": PEOPLE["Reporter"], "lang": "en", **FILLED}
    body = over.pop("body", BODY)
    keys.update(over)
    front = "".join(f"{key}: {value}\n" for key, value in keys.items() if value is not None)
    return f"---\n{front}---\n\n{body}"


@pytest.fixture
def make_story():
    """Make the text of a story that was written by hand."""
    return story_text


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a `seed` runs with its module's few `SEEDS`, or with those that `--seeds` says."""
    if "seed" in metafunc.fixturenames:
        first, _, last = metafunc.config.getoption("--seeds").rpartition("-")
        behind = int(last) + bool(first) if last else metafunc.module.SEEDS
        metafunc.parametrize("seed", range(int(first or 0), behind))


_MADE: dict[str, Desk] = {}


@pytest.fixture(scope="session", autouse=True)
def _kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder for desks that are made once and copied."""
    Desk.kept = tmp_path_factory.mktemp("made")


@dataclass
class Said:
    """What a command printed, and its exit status."""

    out: str
    err: str
    exit: int

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def all(self) -> str:
        return self.out + self.err


TIMED = ("new", "adopt", "edit", "save", "submit", "withdraw", "approve", "send-back", "publish", "ack", "check")
TIMED += ("require", "why", "redo", "hold", "resume", "spike", "restore", "embargo", "deschedule", "release")
TIMED += ("correct", "unpublish", "kill", "update", "list", "show")


@dataclass
class Desk:
    """A git repository with a working tree, and the people who work in it."""

    kept: ClassVar[Path]

    root: Path
    now: datetime = BEGINNING
    keyring: Path | None = None
    """A folder of private keys by person (tests/signers.py); whoever has one there signs with it."""

    @classmethod
    def begin(cls, root: Path) -> Desk:
        def init(desk: Desk) -> None:
            desk.root.mkdir(parents=True)
            desk.git("init", "--quiet", "--initial-branch=main", "--template=")
            (desk.root / ".git/hooks").mkdir()

        return cls.made("empty", root, init)

    @classmethod
    def made(cls, name: str, root: Path, make: Callable[[Desk], object]) -> Desk:
        """A desk as `make` makes it, copied from the first that was made so in this process."""
        if name not in _MADE:
            first = cls(Path(tempfile.mkdtemp(dir=cls.kept)) / "newsroom")
            make(first)
            _MADE[name] = first
        shutil.copytree(_MADE[name].root, root, symlinks=True)
        return cls(root, _MADE[name].now)

    @property
    def is_untouched(self) -> bool:
        return [path.name for path in self.root.iterdir()] == [".git"] and not (self.root / ".git/index").exists()

    def tick(self, seconds: float = 1) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    def environment(self, who: str, env: dict[str, str | None] | None = None) -> dict[str, str | None]:
        when = f"{int(self.now.timestamp())} +0000"
        signing = set_up(self.keyring / who) if self.keyring and (self.keyring / who).is_file() else {}
        return {**identity(who), "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, **signing, **(env or {})}

    def _arguments(self, args: tuple[str, ...]) -> list[str]:
        self.tick()
        if args and args[0] in TIMED and "--now" not in args:
            return [args[0], "--now", self.now.strftime("%Y-%m-%dT%H:%M:%SZ"), *args[1:]]
        return list(args)

    def story(
        self,
        *args: str,
        exit: int | None = 0,
        who: str = "Reporter",
        stdin: str = "",
        env: dict[str, str | None] | None = None,
        cwd: Path | None = None,
    ) -> Said:
        """Run the real application in this process, as somebody; its exit status has to be as said (None: any)."""
        arguments = self._arguments(args)
        with contextlib.chdir(cwd or self.root):
            result = CliRunner().invoke(app, arguments, input=stdin, env=self.environment(who, env), prog_name="story")
        said = Said(result.stdout, result.stderr, result.exit_code)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "This is a fault of story's" not in said.err, said.err + self._fault()
        assert "Traceback" not in said.err, said.err
        assert exit in (None, said.exit), f"story {' '.join(arguments)}: exit {said.exit}\n{said.out}\n{said.err}"
        return said

    def _fault(self) -> str:
        return "".join(log.read_text("utf-8") for log in Path(tempfile.gettempdir()).glob("story-fault-*.log"))

    def process(
        self,
        *args: str,
        exit: int = 0,
        who: str = "Reporter",
        stdin: str = "",
        env: dict[str, str | None] | None = None,
        cwd: Path | None = None,
    ) -> Said:
        """Run `python -m newsroom_cli` in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "newsroom_cli", *self._arguments(args)],
            cwd=cwd or self.root,
            input=stdin.encode(),
            capture_output=True,
            env=self.whole_environment(who, env),
        )
        said = Said(done.stdout.decode(), done.stderr.decode(), done.returncode)
        assert "Traceback" not in said.err, said.err
        assert exit in (None, said.exit), f"story {' '.join(args)}: exit {said.exit}\n{said.out}\n{said.err}"
        return said

    def refused(self, *args: str, exit: int = 1, **options: Any) -> str:
        """Run a command that has to say no with nothing changed; what it said."""
        before = self.everything()
        said = self.story(*args, exit=exit, **options)
        assert self.everything() == before
        assert "Error: " in said.err
        return said.err

    def terminal(self, *args: str, who: str = "Reporter", answer: str = "", columns: int = 80) -> tuple[int, str]:
        """Run `story` on a pseudo-terminal, answering its question; exit status and all that was printed."""
        master, slave = pty.openpty()
        env = {**self.whole_environment(who), "TERM": "xterm", "COLUMNS": str(columns), "LINES": "40"}
        command = [sys.executable, "-m", "newsroom_cli", *self._arguments(args)]
        process = subprocess.Popen(
            command, cwd=self.root, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        said, until = b"", time.monotonic() + 30
        with process:
            while time.monotonic() < until:
                if not select.select([master], [], [], 0.2)[0]:
                    continue
                try:
                    said += os.read(master, 65536)
                except OSError:  # the other end is closed
                    break
                if answer and b"[y/N]" in said:
                    os.write(master, answer.encode())
                    answer = ""
            else:
                process.kill()
        os.close(master)
        return process.returncode, said.decode().replace("\r\n", "\n")

    def whole_environment(self, who: str, env: dict[str, str | None] | None = None) -> dict[str, str]:
        merged = {**os.environ, "PYTHONPATH": str(PACKAGE_ROOT), **self.environment(who, env)}
        return {name: value for name, value in merged.items() if value is not None}

    def git(self, *args: str, who: str = "Reporter", exit: int = 0, cwd: Path | None = None, stdin: str = "") -> str:
        """Run git as somebody; what it printed, without the last newline."""
        self.tick(0)
        done = subprocess.run(
            ["git", *args],
            cwd=cwd or self.root,
            input=stdin.encode(),
            capture_output=True,
            env=self.whole_environment(who),
        )
        assert exit in (None, done.returncode), (
            f"git {' '.join(args)}: {done.returncode}\n{done.stdout!r}\n{done.stderr!r}"
        )
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def write(self, path: str, text: str | bytes) -> Path:
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(text if isinstance(text, bytes) else text.encode())
        return full

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def change(self, path: str, old: str, new: str) -> None:
        """Replace text in a file that has to hold it."""
        text = self.read(path)
        assert old in text, f"{path} does not hold {old!r}:\n{text}"
        self.write(path, text.replace(old, new))

    def path_of(self, slug: str) -> str:
        """The path of a story's file."""
        (found,) = [path for path in (self.root / "stories").rglob("*.md") if path.stem == slug]
        return found.relative_to(self.root).as_posix()

    def id_of(self, slug: str) -> str:
        return re.search(r"^id: (\S+)$", self.read(self.path_of(slug)), re.MULTILINE)[1]

    def ledger_of(self, slug: str) -> str:
        """The path of a story's ledger."""
        story_id = self.id_of(slug)
        return f".newsroom/ledger/{story_id[:4]}/{story_id[4:6]}/{story_id[6:8]}/{story_id}.jsonl"

    def entries(self, slug: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.read(self.ledger_of(slug)).splitlines()]

    def fill(self, slug: str, *, body: str | None = BODY, **keys: str) -> None:
        """Write into a story what a reporter fills in; not committed."""
        text = self.read(self.path_of(slug))
        front, _, rest = text.removeprefix("---\n").partition("\n---\n")
        for key, value in {**FILLED, **keys}.items():
            front, times = re.subn(rf"^{key}:.*$", lambda _, k=key, v=value: f"{k}: {v}", front, flags=re.MULTILINE)
            if not times:
                front += f"\n{key}: {value}"
        self.write(self.path_of(slug), f"---\n{front}\n---\n{rest if body is None else chr(10) + body}")

    def at(
        self, state: str, slug: str = "council-budget", *, title: str = "Council passes the budget", **keys: str
    ) -> str:
        """Take a new story to a state by the people whose moves these are; its slug."""
        if self.is_untouched and self.now == BEGINNING:
            shutil.rmtree(self.root)
            name = f"{state} {slug} {title} {keys}"
            self.now = self.made(name, self.root, lambda desk: desk._at(state, slug, title=title, **keys)).now
            return slug
        return self._at(state, slug, title=title, **keys)

    def _at(self, state: str, slug: str, *, title: str, **keys: str) -> str:
        if not self.root.exists():
            Desk.begin(self.root)
        self.story("new", title, "--slug", slug)
        self.fill(slug, **keys)
        if state == "draft":
            self.story("save", slug)
        for move, who in (("submit", "Reporter"), ("approve", "Editor"), ("publish", "Editor"))[: WAY.index(state)]:
            self.story(move, slug, who=who)
        return slug

    def editor(self, script: str, name: str = "editor") -> dict[str, str | None]:
        """The environment of somebody whose editor runs these lines of sh on the file ("$1")."""
        program = self.root.parent / "scratch" / name
        program.write_text(f"#!/bin/sh\nset -e\n{script}\n", "utf-8")
        program.chmod(0o755)
        return {"EDITOR": f"'{program}'"}

    def commit(self, message: str = "by hand", *paths: str, who: str = "Reporter") -> str:
        """Commit everything (or some paths) with git alone; the commit."""
        self.tick()
        self.git("add", "--all", "--", *(paths or (".",)), who=who)
        self.git("commit", "--quiet", "-m", message, who=who)
        return self.head

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def files_of(self, commit: str = "HEAD") -> list[str]:
        """Every path a commit changed."""
        return self.git("show", "--format=", "--name-only", "--no-renames", commit).split("\n")

    def everything(self) -> dict[str, Any]:
        """All that a refused command has to leave alone: files, index, branch and commits."""
        files = {
            path.relative_to(self.root).as_posix(): path.read_bytes() if path.is_file() else str(path.readlink())
            for path in self.root.rglob("*")
            if (path.is_file() or path.is_symlink()) and ".git" not in path.relative_to(self.root).parts
        }
        folders = sorted(
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_dir() and ".git" not in path.relative_to(self.root).parts
        )
        return {
            "files": files,
            "folders": folders,
            "index": self.git("ls-files", "--stage", "-z"),
            "status": self.git("status", "--porcelain=v1", "-z", "--untracked-files=all"),
            "refs": self.git("for-each-ref"),
            "head": (self.root / ".git" / "HEAD").read_text("utf-8"),
        }

    def findings(self, *args: str, exit: int = 1) -> list[dict[str, Any]]:
        """What `story check` finds, as its JSON says, but that there is no roster."""
        found = self.story("check", "--format", "json", *args, exit=exit).json["findings"]
        return [one for one in found if one["rule"] != "no-roster"]

    def rules(self, *args: str, exit: int = 1) -> list[str]:
        """The names of what `story check` finds, errors alone."""
        return sorted({one["rule"] for one in self.findings(*args, exit=exit) if one["severity"] == "error"})


@pytest.fixture
def newsroom(tmp_path: Path) -> Desk:
    """An empty git repository on `main`."""
    return Desk.begin(tmp_path / "newsroom")


@pytest.fixture
def gazette(newsroom: Desk) -> Desk:
    """A repository whose first commit is there, as a newsroom's is."""
    newsroom.write("README.md", "# Harbour Gazette\n")
    newsroom.commit("begin")
    return newsroom


@pytest.fixture
def made(tmp_path: Path) -> Callable[[str, Callable[[Desk], object]], Desk]:
    """Make a desk as a function makes it from an empty repository; made once, then copied."""

    def build(name: str, make: Callable[[Desk], object]) -> Desk:
        def whole(desk: Desk) -> None:
            Desk.begin(desk.root)
            make(desk)

        return Desk.made(name, tmp_path / "newsroom", whole)

    return build
