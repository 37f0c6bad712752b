"""What an honest person does where two worked on one story at once: as git says, and as the hints of `story` say."""

from __future__ import annotations

import random
import re
import shlex
import subprocess
from pathlib import Path

from conftest import Said
from flows.house import Seat

UNDER_WAY = ("rebase-merge", "MERGE_HEAD", "CHERRY_PICK_HEAD")
MOST = 40
"""So many steps lead out of anything; more of them go in a circle."""


class NoWayOut(AssertionError):
    """A hint that leads nowhere, or none at all."""


def git_says(seat: Seat, *args: str) -> Said:
    """Run git as somebody, and return all it printed, hooks and the server's words among it."""
    command = ["git", "-c", "core.editor=true", *args]
    done = subprocess.run(command, cwd=seat.root, capture_output=True, env=seat.whole_environment(seat.who))
    return Said(done.stdout.decode(), done.stderr.decode(), done.returncode)


def unmerged(seat: Seat) -> list[str]:
    """Return the files that git could not join."""
    return sorted({*seat.git("diff", "--name-only", "--diff-filter=U").split("\n")} - {""})


def is_under_way(seat: Seat) -> bool:
    """Tell whether git is in the middle of a merge, a rebase or a cherry-pick."""
    return any((seat.root / ".git" / name).exists() for name in UNDER_WAY)


class WayOut:
    """Somebody's way out of a conflict; `steps` is all that was done and said."""

    def __init__(self, seat: Seat, chance: random.Random) -> None:
        self.seat, self.chance, self.steps, self.later = seat, chance, list[str](), list[str]()

    def go(self) -> None:
        """Follow what is said until git is done, and whatever was to be done behind it."""
        while is_under_way(self.seat):
            if len(self.steps) > MOST:
                raise NoWayOut("\n".join(self.steps))
            self._step()
        for slug in dict.fromkeys(self.later):
            self._story("redo", slug, "--yes")
        self.later.clear()

    def _step(self) -> None:
        conflicts = unmerged(self.seat)
        stories = {self._story_of(path) for path in conflicts if not path.endswith(".png")}
        for path in (path for path in conflicts if path.endswith(".png")):
            self._git("checkout", self.chance.choice(("--ours", "--theirs")), "--", path)
            self._git("add", "--", path)
        ends = list[str]()
        for path in sorted(stories):
            if not (self.seat.root / path).exists():  # a story's old name, let go by what was said of the new one
                continue
            *removals, last = self._redo(path).split("; ")
            ends = [*(step for step in ends if step.startswith("git rm ")), *removals, last]
        self._finish("; ".join(dict.fromkeys(step for step in ends if step)))

    def _finish(self, ends: str) -> None:
        """End what git has begun, as `redo` says or as git does."""
        if left := [path for path in unmerged(self.seat) if f" {path};" not in ends]:
            raise NoWayOut("\n".join([*self.steps, f"still unmerged: {left}"]))
        if ends:
            said = self._run(ends)
        elif (self.seat.root / ".git/MERGE_HEAD").exists():
            said = self._git("commit", "--no-edit")
        elif (self.seat.root / ".git/rebase-merge").exists():
            said = self._git("rebase", "--continue")
        else:
            said = self._git("cherry-pick", "--continue")
        if said.exit and "cherry-pick --skip" in said.all:
            self._git("cherry-pick", "--skip")
        elif said.exit and not unmerged(self.seat):
            raise NoWayOut("\n".join(self.steps))

    def _redo(self, path: str) -> str:
        """Settle one story: by `redo`, words by hand where it says so; how git then goes on."""
        said = self._story("redo", path, "--yes")
        for _ in range(4):
            if said.exit == 0:
                break
            said = self._heed(path, said)
        if said.exit:
            raise NoWayOut("\n".join(self.steps))
        self.later += re.findall(r"^Then: story redo (\S+)", said.err, re.MULTILINE)
        ends = re.search(r"^Go on: (?:settle .*, then: )?(git .*)$", said.err, re.MULTILINE)
        if path in unmerged(self.seat) and f" {path};" not in said.err:
            self._settle_words(path)
        return ends[1] if ends else ""

    def _heed(self, path: str, said: Said) -> Said:
        """Do what a refused `redo` says."""
        if "Settle the words and take the marks out" in said.all:
            self._settle_words(path)
        elif let_go := re.search(r"Let it go: (git rm [^;]*), then (git .*?)\. ", said.all):
            self._git(*shlex.split(let_go[1])[1:])
            return Said("", f"Go on: {let_go[2]}", 0)
        elif taken := re.search(r"Take its words: (git .*); then story redo (\S+),", said.all):
            self._run(taken[1])
            return self._story("redo", taken[2], "--yes")
        else:
            raise NoWayOut("\n".join(self.steps))
        return self._story("redo", path, "--yes")

    def _settle_words(self, path: str) -> None:
        """Take one side's words wherever both wrote."""
        kept = self.chance.choice(("ours", "theirs"))
        side, rows = "both", list[str]()
        for row in self.seat.read(path).split("\n"):
            if mark := re.match(r"(<{7}|={7}|>{7})( |$)", row):
                side = {"<": "ours", "=": "theirs", ">": "both"}[mark[1][0]]
            elif side in ("both", kept):
                rows.append(row)
        self.seat.write(path, "\n".join(rows))
        self.steps.append(f"settled the words of {path}: {kept}")
        self._git("add", "--", path)

    def _story_of(self, path: str) -> str:
        """Return the path of the story whose ledger or text conflicts."""
        if path.endswith(".md"):
            return path
        story_id = Path(path).stem
        for file in sorted((self.seat.root / "stories").glob("**/*.md")):
            if f"id: {story_id}" in file.read_text("utf-8"):
                return file.relative_to(self.seat.root).as_posix()
        raise NoWayOut("\n".join([*self.steps, f"no story of {path}"]))

    def _run(self, line: str) -> Said:
        """Run the commands of a hint, one after the other, until one of them fails."""
        said = Said("", "", 0)
        for command in line.split("; "):
            if said.exit == 0:
                said = self._git(*shlex.split(command)[1:])
        return said

    def _git(self, *args: str) -> Said:
        said = git_says(self.seat, *args)
        self.steps.append(f"  git {' '.join(args)} -> {said.exit}\n{said.all if said.exit else ''}")
        return said

    def _story(self, *args: str) -> Said:
        said = self.seat.story(*args, exit=None)
        self.steps.append(f"  story {' '.join(args)} -> {said.exit}\n{said.all}")
        return said
