"""Honest newsrooms: people with a clone each, a remote with our hook, and a model of what each may do."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from attacks.forging import ROSTER
from conftest import BODY, PICTURE, Desk, Said
from flows.house import House, Seat
from receiving import at_the_hook

ROLES = {"Reporter": "reporter", "Editor": "editor", "Deputy": "editor", "Chief": "chief-editor"}
DEPUTY = '\n[[people]]\nname = "Deputy"\nemails = ["deputy@gazette.example"]\nroles = ["editor"]\n'
STRINGER = '\n[[people]]\nname = "Stringer"\nemails = ["stringer@gazette.example"]\nroles = ["reporter"]\n'
SLUGS = ("flood", "harbour", "strike", "market", "school")
LANDINGS = ("merge", "squash", "rebase", "trunk")


def begin(desk: Desk) -> None:
    """`main` with a roster, and no story."""
    desk.write("newsroom.toml", ROSTER + DEPUTY + STRINGER)
    desk.commit("begin", who="Chief")


@dataclass
class Tale:
    """What the model knows of one story: who reports it, its state, and what stops it."""

    reporter: str
    state: str = "draft"
    is_submitted: bool = False
    is_held: bool = False
    is_spiked: bool = False
    is_killed: bool = False
    is_embargoed: bool = False
    goes_out: datetime | None = None
    was_public: bool = False


Move = Callable[["Newsroom", Seat, str, Tale], list[str] | None]
NOTE = ["--note", "So it was said."]
NOTICE = ["--notice", "It was another day."]


@dataclass
class Newsroom:
    """A house in which one person after another pulls, does something they may, and lands it."""

    house: House
    chance: random.Random
    tales: dict[str, Tale] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    waiting: dict[str, tuple[Seat, str]] = field(default_factory=dict)
    """Who has not landed yet what they did to a story, and how they will."""

    def turn(self) -> None:
        """One person's turn: on trunk or on a branch, several moves of one story, landed now or after somebody else's."""
        self.house.now += timedelta(seconds=self.chance.choice((60, 3600, 90_000)))
        if self.waiting and self.chance.random() < 0.5:
            self.land_one()
        slug, landing = self.chance.choice(SLUGS), self.chance.choice(LANDINGS)
        seat = self._seat(slug)
        if slug in self.waiting or any(busy is seat for busy, _ in self.waiting.values()):
            return
        self._pull(seat, landing)
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            self._act(seat, slug)
        self.waiting[slug] = (seat, landing)
        if self.chance.random() < 0.5:
            self.land_one(slug)

    def land_one(self, slug: str = "") -> None:
        """Land what somebody did, on top of whatever landed meanwhile."""
        seat, landing = self.waiting.pop(slug or self.chance.choice(sorted(self.waiting)))
        seat.now = self._clock()
        seat.git("fetch", "--quiet", "origin")
        if not seat.git("rev-list", "origin/main..HEAD"):
            return
        if landing == "trunk":
            self._pull_again(seat)
        self._land(seat, landing)

    def _pull_again(self, seat: Seat) -> None:
        how = self.chance.choice((["--rebase"], ["--no-rebase", "--no-edit"]))
        self.said.append(f"{seat.who}: git pull {how[0]}")
        seat.git("pull", "--quiet", *how, "origin", "main")

    def _clock(self) -> datetime:
        self.house.now = max(self.house.now, *(each.now for each in self.house.seats.values()))
        return self.house.now

    def _seat(self, slug: str) -> Seat:
        tale = self.tales.get(slug)
        reporters = [tale.reporter] if tale and tale.state == "draft" else ["Reporter", "Stringer"]
        who = self.chance.choice(reporters if not tale or tale.state == "draft" else ["Editor", "Deputy", *reporters])
        if tale and (tale.is_held or tale.is_spiked):
            who = self.chance.choice(["Editor", "Deputy"])
        seat = self.house[who]
        seat.now = self._clock()
        return seat

    def _pull(self, seat: Seat, landing: str) -> None:
        seat.git("switch", "--quiet", "main")
        seat.git("pull", "--quiet", *self.chance.choice((["--rebase"], ["--no-rebase"])), "origin", "main")
        if landing != "trunk":
            seat.branch(f"work-{len(self.said)}")

    def _act(self, seat: Seat, slug: str) -> None:
        tale = self.tales.get(slug)
        if tale is None:
            self._write(seat, slug)
            return
        verbs = self.chance.sample(VERBS, len(VERBS))
        args = next((args for verb in verbs if (args := verb(self, seat, slug, tale))), None)
        if args:
            self._say(seat, *args)
            _follow(tale, *args)
            if args[0] == "delete":
                del self.tales[slug]
            seat.tick()

    def _say(self, seat: Seat, *args: str) -> Said:
        said = seat.story(*args, exit=None)
        self.said.append(f"{seat.who}: story {' '.join(args)} -> {said.exit}")
        assert said.exit == 0, "\n".join([*self.said, said.all])
        return said

    def _write(self, seat: Seat, slug: str) -> None:
        if ROLES.get(seat.who, "reporter") != "reporter":
            return
        self._say(seat, "new", f"About the {slug}", "--slug", slug)
        picture = self.chance.random() < 0.4
        if picture:
            seat.write(f"{Path(seat.path_of(slug)).parent}/{slug}.png", PICTURE + slug.encode())
        seat.fill(slug, body=f"{BODY}\n![The {slug}]({slug}.png)\n" if picture else BODY)
        self._say(seat, "save", slug)
        self.tales[slug] = Tale(seat.who)

    # landing

    def _land(self, seat: Seat, landing: str) -> None:
        branch = seat.git("rev-parse", "--abbrev-ref", "HEAD")
        if landing == "trunk":
            self._receive(seat)
            return
        seat.push()
        self._no_error(seat, "check", "--base", "refs/remotes/origin/main")
        host = self.house.runner()
        if landing == "merge":
            host.git("merge", "--quiet", "--no-ff", "-m", f"Merge {branch}", f"origin/{branch}")
        elif landing == "squash":
            host.git("merge", "--quiet", "--squash", f"origin/{branch}")
            if not host.git("status", "--porcelain"):
                return  # all was taken back on the branch
            host.git("commit", "--quiet", "-m", "Squashed (#7)")
        else:
            host.git("switch", "--quiet", branch)
            host.git("rebase", "--quiet", "--force-rebase", "origin/main")
            host.git("switch", "--quiet", "main")
            host.git("merge", "--quiet", "--ff-only", branch)
        self._receive(host, is_squash=landing == "squash")

    def _receive(self, seat: Seat, *, is_squash: bool = False) -> None:
        """Push to the remote, if its hook says yes; of a squash by a host's own hand it asks for less."""
        old, new = seat.git("rev-parse", "refs/remotes/origin/main", "HEAD").split("\n")
        if not is_squash:
            said = at_the_hook(seat, Path(self.house.remote), old=old, new=new)
            assert said.exit == 0, "\n".join([*self.said, said.all])
        seat.git("push", "--quiet", "origin", "HEAD:main")
        self.said.append(f"landed {new[:8]}{' squashed' if is_squash else ''}")
        runner = self.house.runner()
        for args in (("check",), ("audit",), ("verify-published",)):
            self._no_error(runner, *args)

    def _no_error(self, seat: Seat, *args: str) -> None:
        now = [] if args[0] == "check" else ["--now", f"{seat.now + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"]
        said = seat.story(*args, *now, exit=None)
        assert said.exit == 0, "\n".join([*self.said, said.all])


def _follow(tale: Tale, verb: str, *args: str) -> None:
    """Take the model on."""
    if verb == "publish" and "--at" in args:
        return
    if verb in ("release", "deschedule"):
        tale.goes_out = None
        verb = "publish" if verb == "release" else verb
    if verb == "embargo":
        tale.is_embargoed = "--lift" not in args
    states = {"submit": "review", "withdraw": "draft", "approve": "edit", "send-back": "draft", "publish": "publish"}
    tale.state = states.get(verb, "edit" if verb == "unpublish" else tale.state)
    tale.is_submitted |= verb == "submit"
    tale.was_public |= verb == "publish"
    tale.is_held = verb == "hold" or (tale.is_held and verb != "resume")
    tale.is_spiked = verb == "spike" or (tale.is_spiked and verb != "restore")
    tale.is_killed |= verb == "kill"


# What the model says somebody may


def _is_editor(seat: Seat) -> bool:
    return ROLES.get(seat.who) == "editor"


def _is_quiet(tale: Tale) -> bool:
    return not (tale.is_held or tale.is_spiked or tale.is_killed or tale.goes_out)


def _is_free(tale: Tale) -> bool:
    return not (tale.is_held or tale.is_spiked or tale.is_killed or tale.is_embargoed)


def _forward(newsroom: Newsroom, seat: Seat, slug: str, tale: Tale) -> list[str] | None:
    if not _is_quiet(tale):
        return None
    if tale.state == "draft":
        return ["submit", slug] if seat.who == tale.reporter else None
    if tale.state == "edit" and tale.is_embargoed:
        return None
    verb = {"review": "approve", "edit": "publish"}.get(tale.state)
    return [verb, slug, *(["--yes"] if verb == "publish" else [])] if verb and _is_editor(seat) else None


def _back(newsroom: Newsroom, seat: Seat, slug: str, tale: Tale) -> list[str] | None:
    if not _is_quiet(tale):
        return None
    if seat.who == tale.reporter and tale.state == "review":
        return ["withdraw", slug]
    return ["send-back", slug, *NOTE] if _is_editor(seat) and tale.state in ("review", "edit") else None


def _stop(newsroom: Newsroom, seat: Seat, slug: str, tale: Tale) -> list[str] | None:
    if not _is_editor(seat) or tale.state == "publish" or tale.is_killed or tale.goes_out:
        return None
    if tale.is_held:
        return ["resume", slug]
    if tale.is_spiked:
        return ["restore", slug]
    return [newsroom.chance.choice(("hold", "spike")), slug, *NOTE] if not tale.was_public else None


def _write_on(newsroom: Newsroom, seat: Seat, slug: str, tale: Tale) -> list[str] | None:
    """Other words, where a verb takes them: saved, or corrected."""
    is_public = tale.state == "publish"
    if not _is_quiet(tale) or (is_public and not _is_editor(seat)):
        return None
    path = seat.path_of(slug)
    words = {"Monday": "Tuesday", "Tuesday": "Monday"}
    text = re.sub("Monday|Tuesday", lambda match: words[match[0]], seat.read(path))
    if newsroom.chance.random() < 0.5:
        text = re.sub("(spring|summer)", lambda match: {"spring": "summer"}.get(match[0], "spring"), text)
    seat.write(path, text)
    return ["correct", slug, *NOTICE, "--yes"] if is_public else ["save", slug]


def _move_folder(newsroom: Newsroom, seat: Seat, slug: str, tale: Tale) -> list[str] | None:
    """Move a story and its picture to another folder with git alone: that is free, and no move of the pipeline."""
    folder = seat.root / "stories" / newsroom.chance.choice(("local", "sport"))
    path = seat.root / seat.path_of(slug)
    if newsroom.chance.random() < 0.7 or path.parent == folder or not _is_quiet(tale):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    for file in (path, path.with_suffix(".png")):
        if file.exists():
            seat.git("mv", str(file), str(folder / file.name))
    seat.git("commit", "--quiet", "-m", f"move {slug}")
    newsroom.said.append(f"{seat.who}: moved {slug} to {folder.name}")
    return None


def _embargo(newsroom: Newsroom, seat: Seat, slug: str, tale: Tale) -> list[str] | None:
    """An embargo until somebody lifts it."""
    if not _is_editor(seat) or not _is_quiet(tale) or tale.state == "publish":
        return None
    if tale.is_embargoed:
        return ["embargo", slug, "--lift"]
    return ["embargo", slug, "--until-further-notice"] if newsroom.chance.random() < 0.3 else None


def _plan(newsroom: Newsroom, seat: Seat, slug: str, tale: Tale) -> list[str] | None:
    """A publication at a time; when that has come it is released, before it may be taken back."""
    if not _is_editor(seat) or tale.state != "edit" or not _is_free(tale):
        return None
    if tale.goes_out is None:
        tale.goes_out = seat.now + timedelta(hours=1)
        return ["publish", slug, "--yes", "--at", f"{tale.goes_out:%Y-%m-%dT%H:%M:%SZ}"]
    return ["release", slug] if tale.goes_out <= seat.now else ["deschedule", slug]


def _end(newsroom: Newsroom, seat: Seat, slug: str, tale: Tale) -> list[str] | None:
    if tale.state != "publish" or not _is_editor(seat) or tale.is_killed or newsroom.chance.random() < 0.6:
        return None
    return newsroom.chance.choice((["unpublish", slug, *NOTE], ["kill", slug, *NOTE, *NOTICE, "--yes"]))


def _delete(newsroom: Newsroom, seat: Seat, slug: str, tale: Tale) -> list[str] | None:
    is_own = seat.who == tale.reporter and tale.state == "draft" and not tale.is_submitted
    return ["delete", slug] if is_own and _is_quiet(tale) and newsroom.chance.random() < 0.2 else None


VERBS: tuple[Move, ...] = (
    _forward,
    _forward,
    _forward,
    _back,
    _stop,
    _write_on,
    _write_on,
    _embargo,
    _plan,
    _end,
    _delete,
    _move_folder,
)
