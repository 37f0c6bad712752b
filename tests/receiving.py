"""The server's hook run as git runs it, on a push whose objects are still in quarantine: those of another clone."""

from __future__ import annotations

from pathlib import Path

from conftest import Desk, Said


def bare_beside(clone: Path, bare: Path, tip: str) -> Path:
    """A bare repository with a clone's objects, and nothing but `main` at a commit."""
    (bare / "refs/heads").mkdir(parents=True, exist_ok=True)
    (bare / "objects/info").mkdir(parents=True, exist_ok=True)
    (bare / "objects/info/alternates").write_text(f"{clone / '.git/objects'}\n", "utf-8")
    (bare / "HEAD").write_text("ref: refs/heads/main\n", "utf-8")
    (bare / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n", "utf-8")
    (bare / "refs/heads/main").write_text(f"{tip}\n", "utf-8")
    return bare


def at_the_hook(host: Desk, bare: Path, *, old: str, new: str) -> Said:
    """What `pre-receive` of a bare repository says of a push of `new` from a clone to its `main`, at `old` until now."""
    objects = host.root / ".git/objects"
    environment = {
        "GIT_DIR": ".",
        "GIT_OBJECT_DIRECTORY": str(objects),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(bare / "objects"),
        "GIT_QUARANTINE_PATH": str(objects),
    }
    clock = host.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    row = f"{old} {new} refs/heads/main\n"
    return host.story("hook", "pre-receive", "--now", clock, stdin=row, cwd=bare, env=environment, exit=None)
