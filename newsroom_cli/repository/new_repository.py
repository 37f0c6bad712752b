"""Makes and configures git repositories, with GitPython; every other module asks git through `repository.git`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Ident
from newsroom_cli.repository.git import forget_inherited


def make_repository(folder: Path, *, branch: str, person: Ident, environment: Mapping[str, str]) -> None:
    """Make a git repository of a folder, in which a person commits; raises CannotRun where git cannot.

    No hook of the person's own templates comes along.
    """
    forget_inherited()
    from git import Git, GitCommandError, Repo

    try:
        # Not `Repo.init(folder)`: it runs in a folder in whose name it has replaced `$NAME`.
        Git().init(str(folder), quiet=True, template="", initial_branch=branch, env=environment)
    except GitCommandError as error:
        raise CannotRun(f"{folder} was not made a repository: {error.stderr.strip()}", "Name another folder.") from None
    with Repo(folder, expand_vars=False) as repo, repo.config_writer() as config:
        config.set_value("user", "name", person.name)
        config.set_value("user", "email", person.email)
