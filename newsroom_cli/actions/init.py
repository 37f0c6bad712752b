"""Lays a newsroom's first files into a repository, never over one that is there."""

from __future__ import annotations

import json
from importlib.resources import files as resources
from pathlib import Path

from newsroom_cli import __version__
from newsroom_cli.errors import CannotRun, WrongUsage
from newsroom_cli.repository.commit import unwritable
from newsroom_cli.repository.newsroom import CONFIGURATION, PROJECT, Newsroom
from newsroom_cli.settings.settings import Settings

KEEP = "stories/.gitkeep"
WORKFLOWS = ("stories.yml", "release-stories.yml")
"""Checking stories, and releasing those that are due, on a CI host."""


def lay_files(newsroom: Newsroom, *, spec: str = "", dry_run: bool = False) -> dict[str, str]:
    """Make what is missing; what was done by path: `made`, `kept`, or the lines a file of theirs still lacks."""
    if newsroom.root is None:
        raise CannotRun("This is a bare repository.", "Clone it, and run story init in the clone.")
    if any(character in spec for character in '"\\$`\n'):
        raise WrongUsage("--spec may not hold quotes, $ or backticks.", "--spec newsroom-cli==1.0")
    wanted = {CONFIGURATION: read_template("newsroom.toml"), KEEP: "", ".gitattributes": read_template("gitattributes")}
    branch = newsroom.git.text("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1)) or "main"
    installs = spec or f"newsroom-cli[signing]=={__version__}"
    wanted |= {f".github/workflows/{name}": fill_workflow(name, branch, installs) for name in WORKFLOWS}
    has_table = not newsroom.files.read(CONFIGURATION) and newsroom.settings != Settings()
    done: dict[str, str] = {}
    for path, text in wanted.items():
        full = newsroom.root / path
        if path == KEEP and (newsroom.root / "stories").is_dir():
            done["stories/"] = "kept"
        elif path == CONFIGURATION and has_table:
            done[f"{PROJECT} [tool.newsroom]"] = "kept"
        elif full.exists() or full.is_symlink():
            done[path] = "kept"
            done.update(_find_missing_lines(path, text, newsroom.files.read(path) or b""))
        else:
            done["stories/" if path == KEEP else path] = "made"
            if not dry_run:
                _write(full, path, text)
    return done


def _write(full: Path, path: str, text: str) -> None:
    try:
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(text.encode())
    except OSError as error:
        raise unwritable(error, path) from None


def _find_missing_lines(path: str, text: str, content: bytes) -> dict[str, str]:
    """Return the lines of ours that a `.gitattributes` of theirs lacks; they add them, not we."""
    if path != ".gitattributes":
        return {}
    have = {line.strip() for line in content.decode("utf-8", "replace").splitlines()}
    return {f"to {path}: {line}": "add " for line in text.splitlines() if line not in have}


def read_template(name: str) -> str:
    """One of the files that come with the package."""
    return (resources("newsroom_cli") / "templates" / name).read_text("utf-8")


def fill_workflow(name: str, branch: str, spec: str) -> str:
    """One of the workflows, for a base branch and what pip installs."""
    return read_template(name).replace('"@BRANCH@"', json.dumps(branch)).replace("@SPEC@", spec)
