"""A newsroom of several people: one bare remote, a clone for each, and the host that judges and merges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import BEGINNING, Desk, Said
from receiving import at_the_hook

HOST = {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_BASE_REF": "main"}
"""What a host's runner says of the merge checkout it made."""


@dataclass
class Seat(Desk):
    """A clone in which one person works."""

    who: str = "Reporter"

    def story(self, *args: str, **options: Any) -> Said:
        """Run `story` as the person who sits here."""
        return super().story(*args, **{"who": self.who, **options})

    def git(self, *args: str, **options: Any) -> str:
        """Run git as the person who sits here."""
        return super().git(*args, **{"who": self.who, **options})

    def commit(self, message: str = "by hand", *paths: str, **options: Any) -> str:
        """Commit everything as the person who sits here."""
        return super().commit(message, *paths, **{"who": self.who, **options})

    def branch(self, name: str) -> None:
        """Begin a branch at what the remote's `main` is now."""
        self.git("fetch", "--quiet", "origin")
        self.git("switch", "--quiet", "--no-track", "-C", name, "origin/main")

    def push(self) -> None:
        """Push this branch, as it is."""
        self.git("push", "--quiet", "origin", "HEAD")


@dataclass
class House:
    """One bare repository, and everybody's clones of it."""

    place: Path
    now: Any = BEGINNING
    seats: dict[str, Seat] = field(default_factory=dict)
    squashed: bool = False
    """Whether something was landed by a squash: its entries are only recorded from then on."""

    @property
    def remote(self) -> str:
        return str(self.place / "remote.git")

    def __getitem__(self, who: str) -> Seat:
        """The clone of one person, made when they first come in; they are up to date on `main`."""
        if who not in self.seats:
            self.seats[who] = self._clone(f"clone-{who}", who)
        return self.seats[who]

    def _clone(self, name: str, who: str) -> Seat:
        seat = Seat(self.place / name, now=self.now, who=who)
        Desk(self.place).git("clone", "--quiet", self.remote, str(seat.root), who=who)
        seat.git("config", "pull.rebase", "false")
        return seat

    def runner(self) -> Seat:
        """A fresh clone on a host's runner."""
        self.now = max(seat.now for seat in self.seats.values())
        self.count = getattr(self, "count", 0) + 1
        return self._clone(f"runner-{self.count}", "Chief")


# How a host lands a pull request; each in a fresh clone, by another committer


def merge_commit(host: Seat, branch: str) -> None:
    """The merge button: a merge commit, always."""
    host.git("merge", "--quiet", "--no-ff", "-m", f"Merge pull request from {branch}", f"origin/{branch}")


def squash(host: Seat, branch: str) -> None:
    """One commit by another person under a message of their own; the trailers are gone."""
    host.git("merge", "--quiet", "--squash", f"origin/{branch}")
    host.git("commit", "--quiet", "-m", f"Budget story (#7)\n\nOn {branch}; all went well.")


def rebase(host: Seat, branch: str) -> None:
    """Every commit made again on the tip: authors stay, the committer is another."""
    host.git("switch", "--quiet", branch)
    host.git("rebase", "--quiet", "--force-rebase", "origin/main")
    host.git("switch", "--quiet", "main")
    host.git("merge", "--quiet", "--ff-only", branch)


def as_it_is(host: Seat, branch: str) -> None:
    """A push to `main` itself, or a fast-forward."""
    host.git("merge", "--quiet", "--ff-only", f"origin/{branch}")


def judged_everywhere(
    house: House, seat: Seat, *, landing: Callable[[Seat, str], None] = merge_commit, earlier: tuple[str, ...] = ()
) -> None:
    """A change is pushed and landed; judged on its commits, merged by a host, at the server's hook, and afterwards.

    A squash by somebody else is none of their own entries: a server that asks for attributed ones takes no push of it.
    `earlier` are the errors of whoever pushed to `main` unasked before.
    """
    branch = seat.git("rev-parse", "--abbrev-ref", "HEAD").replace("main", "trunk")
    seat.git("push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}")
    found_nothing(on_the_commits(house, branch))
    found_nothing(on_the_merge_checkout(house, branch))
    host = house.runner()
    landing(host, branch)
    if landing is not squash:
        found_nothing(at_the_server(house, host))
    host.git("push", "--quiet", "origin", "main")
    found_nothing(afterwards(house))
    audited(house, landing, earlier)


def on_the_commits(house: House, branch: str) -> Said:
    """`story check --base` on a branch as it was pushed."""
    runner = house.runner()
    runner.git("switch", "--quiet", "--detach", f"origin/{branch}")
    return runner.story("check", "--base", "refs/remotes/origin/main", exit=None)


def on_the_merge_checkout(house: House, branch: str) -> Said:
    """The same where the host has merged base and branch, detached."""
    runner = house.runner()
    runner.git("switch", "--quiet", "--detach", "origin/main")
    runner.git("merge", "--quiet", "--no-ff", "-m", "Merge the change into main", f"origin/{branch}")
    return runner.story("check", "--base", "refs/remotes/origin/main", exit=None, env=HOST)


def afterwards(house: House) -> Said:
    """What is on `main` now, whole."""
    return house.runner().story("check", exit=None)


def at_the_server(house: House, host: Seat) -> Said:
    """The hook of the remote, on a push of what was landed."""
    old, new = host.git("rev-parse", "refs/remotes/origin/main", "HEAD").split("\n")
    return at_the_hook(host, Path(house.remote), old=old, new=new)


def audited(house: House, landing: Callable[[Seat, str], None], earlier: tuple[str, ...]) -> None:
    """An audit of `main` finds no error but earlier ones, and each entry as strong as it was landed."""
    runner = house.runner()
    said = runner.story("audit", "--json", "--now", f"{runner.now:%Y-%m-%dT%H:%M:%SZ}", exit=None)
    errors = tuple(one["rule"] for one in said.json["findings"] if one["severity"] == "error")
    assert (said.exit, errors) == (1 if earlier else 0, earlier), said.all
    if landing is not squash and not house.squashed:
        assert said.json["strengths"]["recorded"] == 0, said.all
    house.squashed = house.squashed or landing is squash


def found_nothing(said: Said) -> None:
    """Nothing at all, not even a warning."""
    assert said.exit == 0, said.all
    assert [row for row in said.out.splitlines() if ": error[" in row or ": warning[" in row] == [], said.all


def conflict_named(house: House, seat: Seat, slug: str) -> None:
    """Two ledgers that do not merge are a finding that names the ledger; the hint says how to go on."""
    branch = seat.git("rev-parse", "--abbrev-ref", "HEAD")
    seat.git("push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}")
    said = on_the_commits(house, branch)
    assert said.exit == 1, said.all
    assert "merge-conflict" in said.out
    assert seat.ledger_of(slug) in said.out


def made_again(seat: Seat, slug: str, *, how: str) -> None:
    """The way out of two ledgers in conflict, as git and `story redo` say it."""
    seat.git("fetch", "--quiet", "origin")
    seat.git(how, "--quiet", "origin/main", exit=1)
    assert "story redo" in seat.story("check", exit=1).all
    said = seat.story("redo", slug)
    assert "Go on: git " in said.err, said.err
    while (seat.root / ".git/rebase-merge").exists():
        seat.git("-c", "core.editor=true", "rebase", "--continue", exit=None)
        if seat.git("ls-files", "--unmerged"):
            seat.story("redo", slug)
    if how == "merge":
        seat.git("commit", "--quiet", "--no-edit")
        seat.story("redo", slug)
