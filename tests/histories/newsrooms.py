"""Honest newsrooms: people with a clone each, a remote with our hook, and a table of what each may do."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from conftest import PICTURE, Desk, Said
from flows.house import House, Seat
from receiving import at_the_hook
from signers import keyring, public, write_key

from histories.acts import ACTS, BEGINNINGS, Act, Sitting, filled, may_update, written_by_hand
from histories.tales import Tale, tales_of
from histories.ways_out import NoWayOut, WayOut, git_says, is_under_way, unmerged

ROLES = {
    "Reporter": "reporter",
    "Stringer": "reporter",
    "Editor": "editor",
    "Deputy": "editor chief-editor",
    "Chief": "editor chief-editor legal",
}
SLUGS = ("flood", "harbour", "strike", "market", "school")
LANDINGS = ("merge", "squash", "rebase", "pick", "trunk", "trunk")
OF_ONE = ("show", "why", "log", "versions")
PEOPLE_ACTS = ("people add", "people remove", "replace a key", "change a role")
VERBS = (*BEGINNINGS, *(act.name for act in ACTS), *PEOPLE_ACTS, "redo")
"""Everything that is counted, so that nothing is never walked."""


@dataclass(frozen=True)
class Ways:
    """How a newsroom works: whether its entries are signed, what it asks of them, and which hooks are installed."""

    signs: bool = False
    require: str = ""
    judges: bool = False
    has_server_hook: bool = False
    has_client_hooks: bool = False

    @classmethod
    def draw(cls, chance: random.Random) -> Ways:
        """Draw a newsroom's ways."""
        signs, judges, require = chance.random() < 0.4, chance.random() < 0.5, chance.choice(("", "recorded"))
        return cls(signs, require, judges, chance.random() < 0.4, chance.random() < 0.25)

    @property
    def name(self) -> str:
        return f"honest {self.signs} {self.require} {self.judges}"

    @property
    def configuration(self) -> str:
        """The text of `newsroom.toml` at the beginning."""
        judges = 'judges = ["chief-editor"]\n' if self.judges else ""
        signing = "[signing]\nrequired = true\n\n" if self.signs else ""
        require = f'require = "{self.require}"\n' if self.require else ""
        trust = f'{signing}[trust]\noverride = ["chief-editor"]\n{require}{judges}'
        return trust + "".join(_person(who, key=public(who) if self.signs else "") for who in ROLES)

    def begin(self, desk: Desk) -> None:
        """`main` with a roster and stories in every state, one with a picture; some wait for what is seldom done."""
        if self.signs:
            desk.keyring = keyring(desk.root.parent / "first keys")
        desk.write("newsroom.toml", self.configuration)
        desk.commit("begin", who="Chief")
        for state in ("draft", "review", "edit"):
            desk.at(state, f"{state}-1")
        desk.at("publish", "publish-1")
        desk.write("stories/2025/11/publish-2.png", PICTURE)
        desk.at("publish", "publish-2", body="It happened on Monday in spring.\n\n![It](publish-2.png)\n")
        desk.at("publish", "publish-3")
        desk.at("edit", "scheduled-1")
        desk.story("publish", "scheduled-1", "--yes", "--at", "2025-11-25T12:00:00Z", who="Editor")
        desk.at("edit", "held-1")
        desk.story("hold", "held-1", "--note", "The lawyer reads it.", who="Editor")
        for slug in ("own-1", "own-2"):
            desk.story("new", "Of one's own", "--slug", slug, who="Deputy")
            desk.fill(slug)
            desk.story("submit", slug, who="Deputy")
        desk.story("approve", "own-2", "--override", "Nobody else is here.", who="Deputy")


def _person(who: str, *, key: str = "") -> str:
    keys = f'keys = [{{ key = "{key}" }}]\n' if key else ""
    email = f"{who.lower()}@gazette.example"
    return f'\n[[people]]\nname = "{who}"\nemails = ["{email}"]\nroles = {json.dumps(ROLES[who].split())}\n{keys}'


@dataclass
class Work:
    """What somebody did on a branch or a trunk of their own, and did not land yet."""

    seat: Seat
    landing: str
    branch: str = "main"
    is_joined: bool = False
    """Whether somebody else landed something of what this changes; else nobody may be accused of it."""


@dataclass
class Newsroom:
    """A house in which one person after another pulls, does something they may, and lands it."""

    house: House
    ways: Ways
    chance: random.Random
    said: list[str] = field(default_factory=list)
    waiting: list[Work] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    roles: dict[str, str] = field(default_factory=lambda: dict(ROLES))
    """Who is on the roster, and in which roles."""
    slugs: int = 0

    def __post_init__(self) -> None:
        if self.ways.has_server_hook:
            Desk(self.house.place, now=self.house.now).story("hook", "install", self.house.remote)
        for who in ROLES:
            seat = self.house[who]
            if self.ways.signs:
                seat.keyring = self.house.place / "keys"
            if self.ways.has_client_hooks:
                seat.story("hook", "install", "--client")
        if self.ways.signs:
            keyring(self.house.place / "keys")
        self.view = self.house.runner()

    # turns

    def turn(self) -> None:
        """One person's turn: on trunk or on a branch, several moves of one story, landed now or after others'."""
        self.house.now += timedelta(seconds=self.chance.choice((60, 3600, 20_000, 90_000)))
        if self.waiting and self.chance.random() < 0.45:
            self.land_one()
        if self.chance.random() < 0.12:
            while self.waiting:
                self.land_one()
            self._change_people()
            return
        busy = {work.seat.who for work in self.waiting}
        free = [who for who in self.roles if who not in busy]
        if not free:
            return
        begun = self._begin(free)
        if begun is None:
            return
        work, story = begun
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            self._act(work.seat, story)
        if work.landing != "trunk" and self.chance.random() < 0.3:
            self._hand_over(work, story)
        self.waiting.append(work)
        if self.chance.random() < 0.4:
            self.land_one(work)

    def _begin(self, free: Sequence[str]) -> tuple[Work, str] | None:
        """Somebody who is free pulls and does something that was done seldom; None where there is nothing."""
        chosen = self._choose([(who, story) for who in free for story in tales_of(self.view)])
        rarest = min((self.counts[name], name) for name in BEGINNINGS)
        if chosen is None or self.counts[chosen[0].name] > rarest[0]:
            who = self.chance.choice(free)
            work = self._sit(who)
            return work, self._write(work.seat, rarest[1])
        act, who, story = chosen
        work = self._sit(who)
        self._do(act, work.seat, story)
        return work, story

    def _choose(self, pairs: Sequence[tuple[str, str]]) -> tuple[Act | None, str, str] | None:
        """Draw an act for one of some people and stories: the seldomer it was done, the likelier."""
        tales = tales_of(self.view)
        possible: dict[str, list[tuple[Act, str, str]]] = {}
        for who, story in pairs:
            sitting = self._put_before(Seat(self.view.root, now=self._clock(), who=who), story, tales)
            for act in ACTS:
                if not act.is_undone and act.may(sitting):
                    possible.setdefault(act.name, []).append((act, who, story))
        if not possible:
            return None
        names = sorted(possible)
        (name,) = self.chance.choices(names, [(1 + self.counts[name]) ** -2 for name in names])
        return self.chance.choice(possible[name])

    def _put_before(self, seat: Seat, story: str, tales: Mapping[str, Tale]) -> Sitting:
        """Put somebody, with the roles they have, before a story."""
        return Sitting(seat, frozenset(self.roles[seat.who].split()), story, tales, self.chance)

    def _clock(self) -> datetime:
        self.house.now = max(self.house.now, *(each.now for each in self.house.seats.values()))
        return self.house.now

    def _sit(self, who: str) -> Work:
        """Somebody sits down, on `main` as it is now or on a branch of it."""
        seat = self.house[who]
        seat.now = self._clock()
        landing = self.chance.choice(LANDINGS)
        seat.git("switch", "--quiet", "main")
        seat.git("pull", "--quiet", *self.chance.choice((["--rebase"], ["--no-rebase"])), "origin", "main")
        work = Work(seat, landing)
        if landing != "trunk":
            work.branch = f"work-{len(self.said)}"
            seat.branch(work.branch)
        self.said.append(f"{who}: begins, {landing}")
        return work

    def _act(self, seat: Seat, story: str) -> None:
        """Do one thing more to a story, if there is one that may be done."""
        tales = tales_of(seat)
        if story not in tales:
            return
        sitting = self._put_before(seat, story, tales)
        possible = {act.name: act for act in ACTS if act.may(sitting)}
        if possible:
            names = sorted(possible)
            (name,) = self.chance.choices(names, [(1 + self.counts[name]) ** -1 for name in names])
            self._do(possible[name], seat, story)

    def _do(self, act: Act, seat: Seat, story: str) -> None:
        sitting = self._put_before(seat, story, tales_of(seat))
        self.counts[act.name] += 1
        if arguments := act.arguments(sitting):
            self._say(seat, *arguments)
        else:
            self.said.append(f"{seat.who}: {act.name}: {sitting.tale.slug}")
        if self.chance.random() < 0.1:
            self._look(seat, story)
        seat.tick()

    def _look(self, seat: Seat, story: str) -> None:
        """Ask for what is shown: nothing of it is ever refused."""
        tale = tales_of(seat).get(story)
        verb = self.chance.choice(("show", "why", "log", "list", "whoami --stories", "versions"))
        if tale and (verb != "versions" or tale.record.get("version")):
            allowed = (0, 1) if verb == "why" else (0,)  # something is in the way
            self._say(seat, *verb.split(), *([tale.slug] if verb in OF_ONE else []), allowed=allowed)

    def _write(self, seat: Seat, verb: str) -> str:
        """Begin a story, an update of one that may have one where that is what is wanted; its id."""
        self.slugs += 1
        slug = f"{self.chance.choice(SLUGS)}-{self.slugs}"
        originals = self._list_originals(seat) if verb == "update" else []
        verb = "new" if verb == "update" and not originals else verb
        self.counts[verb] += 1
        if verb == "adopt":
            self._say(seat, "adopt", written_by_hand(seat, slug))
            return seat.id_of(slug)
        original = [self.chance.choice(originals)] if originals else []
        self._say(seat, verb, *original, f"About the {slug}", "--slug", slug)
        filled(seat, slug)
        self._say(seat, "save", slug)
        return seat.id_of(slug)

    def _list_originals(self, seat: Seat) -> list[str]:
        """Return the slugs of stories somebody may begin an update of."""
        tales = tales_of(seat)
        sittings = (self._put_before(seat, story, tales) for story in tales)
        return [sitting.tale.slug for sitting in sittings if may_update(sitting)]

    def _hand_over(self, work: Work, story: str) -> None:
        """Somebody else goes on with a branch, in their own clone."""
        busy = {other.seat.who for other in self.waiting} | {work.seat.who}
        free = [who for who in self.roles if who not in busy]
        if not free:
            return
        branch = work.seat.git("rev-parse", "--abbrev-ref", "HEAD")
        self._git(work.seat, "push", "--quiet", "origin", "HEAD")
        other = self.house[self.chance.choice(free)]
        other.now = self._clock()
        self._git(other, "fetch", "--quiet", "origin")
        self._git(other, "switch", "--quiet", branch)
        self.said.append(f"{other.who}: goes on with {branch}")
        for _ in range(self.chance.choice((1, 2))):
            self._act(other, story)
        work.seat = other

    # people

    def _change_people(self) -> None:
        """The roster is changed by who may, and lands alone."""
        chief = self.house["Chief"]
        chief.now = self._clock()
        chief.git("switch", "--quiet", "main")
        chief.git("pull", "--quiet", "--rebase", "origin", "main")
        possible = ["change a role"]
        possible += ["people remove"] if "Stringer" in self.roles else ["people add"]
        possible += ["replace a key"] if self.ways.signs else []
        (name,) = self.chance.choices(possible, [(1 + self.counts[each]) ** -2 for each in possible])
        self.counts[name] += 1
        getattr(self, f"_{name.replace(' ', '_')}")(chief)
        self._land(Work(chief, "trunk"))

    def _people_remove(self, chief: Seat) -> None:
        self._say(chief, "people", "remove", "stringer@gazette.example", "--yes")
        del self.roles["Stringer"]

    def _people_add(self, chief: Seat) -> None:
        key = ["--key", str(chief.keyring / "Stringer.pub")] if chief.keyring else []
        self._say(chief, "people", "add", "Stringer", "--email", "stringer@gazette.example", "--role", "reporter", *key)
        self.roles["Stringer"] = "reporter"

    def _replace_a_key(self, chief: Seat) -> None:
        """The old key ends now, the new one stands beside it, and its owner has it from now on."""
        assert chief.keyring
        who = self.chance.choice(("Reporter", "Editor", "Deputy"))
        new = f"{who} {len(self.said)}"
        write_key(chief.keyring, new).rename(chief.keyring / who)
        (chief.keyring / f"{new}.pub").rename(chief.keyring / f"{who}.pub")
        rows = chief.read("newsroom.toml").split("\n")
        place = next(n for n, row in enumerate(rows) if row.startswith("keys") and f'name = "{who}"' in rows[n - 3])
        ends = f'", valid_until = "{chief.now:%Y-%m-%dT%H:%M:%SZ}" }}'
        rows[place] = re.sub(r'" \}\]$', f'{ends}, {{ key = "{public(new)}" }}]', rows[place])
        chief.write("newsroom.toml", "\n".join(rows))
        chief.commit(f"a new key for {who}")
        self.said.append(f"Chief: a new key for {who}")

    def _change_a_role(self, chief: Seat) -> None:
        """Somebody gets one more role, or gives it back."""
        had = self.roles["Deputy"]
        roles = "editor chief-editor" if had == "editor chief-editor legal" else "editor chief-editor legal"
        before, _, behind = chief.read("newsroom.toml").partition('name = "Deputy"')
        behind = behind.replace(f"roles = {json.dumps(had.split())}", f"roles = {json.dumps(roles.split())}", 1)
        chief.write("newsroom.toml", f'{before}name = "Deputy"{behind}')
        chief.commit("roles")
        self.roles["Deputy"] = roles
        self.said.append(f"Chief: Deputy is {roles}")

    # landing

    def land_one(self, work: Work | None = None) -> None:
        """Land what somebody did, on top of whatever landed meanwhile."""
        work = work or self.chance.choice(self.waiting)
        self.waiting.remove(work)
        work.seat.now = self._clock()
        self._land(work)

    def _land(self, work: Work) -> None:
        seat = work.seat
        seat.git("switch", "--quiet", work.branch)
        seat.git("fetch", "--quiet", "origin")
        if not seat.git("rev-list", "origin/main..HEAD"):
            return
        if work.landing == "trunk":
            work.is_joined |= self._is_shared(seat)
            self._update(seat, *self.chance.choice((["pull", "--rebase"], ["pull", "--no-rebase", "--no-edit"])))
        self._put_right(work)
        seat = work.seat
        for _ in range(4):
            if not seat.git("rev-list", "origin/main..HEAD"):
                return
            host = self._host_lands(work) if work.landing != "trunk" else seat
            if host is None or self._is_received(host, work):
                return
            seat = work.seat
        raise NoWayOut("\n".join(self.said))

    def _update(self, seat: Seat, *how: str) -> None:
        """Bring in what others landed, and settle what two of them did at once."""
        self.said.append(f"{seat.who}: git {' '.join(how)}")
        said = git_says(seat, *how, *(["origin", "main"] if how[0] == "pull" else ["origin/main"]))
        if is_under_way(seat):
            self._lead_out(seat)
        else:
            assert said.exit == 0, "\n".join([*self.said, said.all])

    def _lead_out(self, seat: Seat) -> None:
        way = WayOut(seat, self.chance)
        try:
            way.go()
        except NoWayOut as stuck:
            raise NoWayOut("\n".join([*self.said, str(stuck)])) from None
        finally:
            self.said += way.steps
            self.counts["redo"] += sum(step.startswith("  story redo") for step in way.steps)

    def _put_right(self, work: Work) -> None:
        """Ask as CI does, and follow what it says, until it says nothing more."""
        for _ in range(6):
            said = work.seat.story("check", "--base", "refs/remotes/origin/main", exit=None)
            if said.exit == 0:
                return
            self.said.append(f"{work.seat.who}: story check --base origin/main -> {said.exit}\n{said.all}")
            work.is_joined |= self._is_shared(work.seat)
            assert work.is_joined, "\n".join(self.said)
            self._follow(work, said)
        raise NoWayOut("\n".join(self.said))

    def _is_shared(self, seat: Seat) -> bool:
        """Tell whether somebody else landed something of what this branch changes since it left `main`."""
        base = seat.git("merge-base", "HEAD", "origin/main")
        ours, theirs = (
            {Path(path).stem for path in seat.git("diff", "--name-only", "--no-renames", base, tip).split("\n")}
            for tip in ("HEAD", "origin/main")
        )
        return not ours.isdisjoint(theirs) or bool(seat.git("rev-list", "--merges", "origin/main..HEAD"))

    def _follow(self, work: Work, said: Said) -> None:
        """Do what is said of what does not go together."""
        rules = set(re.findall(r"error\[([\w-]+)\]", said.all))
        if "merge-conflict" in rules:
            self._update(work.seat, *self.chance.choice((["merge", "--no-edit"], ["rebase"])))
        elif rules == {"ledger-rewritten"} and "Leave both commits out (git rebase -i), or squash them." in said.all:
            self._leave_out(work.seat)
        elif rules == {"ledger-rewritten"} and "Go on from the branch: git pull --rebase" in said.all:
            self._update(work.seat, "rebase")
        elif rules == {"words-not-seen"} and "story redo SLUG" in said.all:
            self._sign_anew(work, said)
        elif rules == {"image-missing"} and "Put the file itself" in said.all:
            self._put_beside(work.seat, said)
        else:
            raise NoWayOut("\n".join(self.said))

    def _sign_anew(self, work: Work, said: Said) -> None:
        """Whoever signed words that are not there any more looks at today's, on top of what is there."""
        pairs = re.findall(r"(\S+)\.jsonl:\d+:\d+: error\[words-not-seen\]: \S+ by (\w+) <", said.all)
        for place, who in dict.fromkeys(pairs):
            seat = work.seat
            if not self._is_on_top(seat):
                self._update(seat, "rebase")
            if who != seat.who:
                seat = self._pass_on(work, who)
            tale = tales_of(seat)[place.rpartition("/")[2]]
            self.counts["redo"] += 1
            self._say(seat, "redo", tale.slug, "--yes")
            self.said.append(f"  {seat.git('log', '--format=%an: %s', 'origin/main..')}")

    def _put_beside(self, seat: Seat, said: Said) -> None:
        """Put a picture beside its story, whose folder somebody else moved meanwhile."""
        for path, name in dict.fromkeys(
            re.findall(r"^(\S+):\d+:\d+: error.*the picture (\S+) is not", said.all, re.MULTILINE)
        ):
            (picture,) = seat.git("ls-files", f"*/{name}", name).split()
            seat.git("mv", picture, str(Path(path).parent / name))
            seat.commit(f"{name} beside its story")
            self.said.append(f"  git mv {picture} {Path(path).parent / name}")

    def _is_on_top(self, seat: Seat) -> bool:
        return seat.git("merge-base", "HEAD", "origin/main") == seat.git("rev-parse", "origin/main")

    def _pass_on(self, work: Work, who: str) -> Seat:
        """Hand a branch to somebody, who goes on with it from here."""
        branch = f"for-{who}-{len(self.said)}"
        self._git(work.seat, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        other = self.house[who]
        other.now = self._clock()
        self._git(other, "fetch", "--quiet", "origin")
        self._git(other, "switch", "--quiet", branch)
        self.said.append(f"{who}: goes on with {branch}")
        work.seat, work.branch = other, branch
        return other

    def _host_lands(self, work: Work) -> Seat | None:
        """Land a branch as a host does, in a fresh clone; None where all was taken back on the branch."""
        seat, landing = work.seat, work.landing
        if landing in ("pick", "rebase") and seat.git("rev-list", "--merges", "origin/main..HEAD"):
            landing = "merge"  # a host makes no merge again
        branch = seat.git("rev-parse", "--abbrev-ref", "HEAD")
        self._git(seat, "push", "--quiet", "--force", "origin", "HEAD")
        host = self.house.runner()
        if landing == "merge":
            host.git("merge", "--quiet", "--no-ff", "-m", f"Merge {branch}", f"origin/{branch}")
            return host
        if landing == "squash":
            host.git("merge", "--quiet", "--squash", f"origin/{branch}")
            if not host.git("status", "--porcelain"):
                return None
            host.git("commit", "--quiet", "-m", "Squashed (#7)")
            return host
        if landing == "pick":
            made = git_says(host, "cherry-pick", f"HEAD..origin/{branch}")
            while made.exit and not unmerged(host):
                made = git_says(host, "cherry-pick", "--skip")  # an earlier one of it took it back
        else:
            host.git("switch", "--quiet", branch)
            made = git_says(host, "rebase", "--quiet", "--force-rebase", "origin/main")
        if made.exit:  # a host cannot: its author brings the branch up to date
            self._update(seat, "rebase")
            self._put_right(work)
            return self._host_lands(work) if seat.git("rev-list", "origin/main..HEAD") else None
        if landing == "rebase":
            host.git("switch", "--quiet", "main")
            host.git("merge", "--quiet", "--ff-only", branch)
        return host

    def _is_received(self, host: Seat, work: Work) -> bool:
        """Push to the remote, and look at what came of it; where its hook says no, whoever did it does what it says.

        A squash that a host makes by its own hand is not asked about where every entry has to be attributed.
        """
        by_hand = work.landing == "squash" and not self.ways.signs and self.ways.require != "recorded"
        if self.ways.has_server_hook and not by_hand:
            said = git_says(host, "push", "--quiet", "origin", "HEAD:main")
        else:
            old, new = host.git("rev-parse", "refs/remotes/origin/main", "HEAD").split("\n")
            said = Said("", "", 0) if by_hand else at_the_hook(host, Path(self.house.remote), old=old, new=new)
            if said.exit == 0:
                Desk(Path(self.house.remote)).git("fetch", "--quiet", str(host.root), "+HEAD:main")
        self.said.append(f"pushed {host.git('rev-parse', '--short', 'HEAD')} -> {said.exit}\n{said.all}")
        if said.exit:
            self._follow(work, said)
            return False
        self.view = self.house.runner()
        for verb in ("check", "audit", "verify-published"):
            self._find_no_error(self.view, verb)
        return True

    def _leave_out(self, seat: Seat) -> None:
        """Leave out a commit and its revert, as the hook says where each commit is a step of the line."""
        rows = seat.git("log", "--format=%h %p %s", "origin/main..HEAD").split("\n")
        undone = {commit for row in rows if ' Revert "' in row for commit in row.split()[:2]}
        dropped = "".join(f"/^pick {commit}/d;" for commit in sorted(undone))
        if len(undone) == len(rows):
            seat.git("reset", "--quiet", "--hard", "origin/main")
            return
        done = git_says(
            seat, "-c", f"sequence.editor=sed -i '{dropped}'", "rebase", "-i", "--empty=drop", "origin/main"
        )
        self.said.append(f"{seat.who}: git rebase -i without {undone} -> {done.exit}")
        if is_under_way(seat):
            self._lead_out(seat)
        else:
            assert done.exit == 0, "\n".join([*self.said, done.all])

    def _find_no_error(self, seat: Seat, verb: str) -> None:
        now = [] if verb == "check" else ["--now", f"{seat.now + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"]
        said = seat.story(verb, *now, exit=None)
        assert said.exit == 0, "\n".join([*self.said, verb, said.all])

    def _say(self, seat: Seat, *args: str, allowed: tuple[int, ...] = (0,)) -> Said:
        said = seat.story(*args, exit=None)
        self.said.append(f"{seat.who}: story {' '.join(args)} -> {said.exit}")
        assert said.exit in allowed, "\n".join([*self.said, said.all])
        return said

    def _git(self, seat: Seat, *args: str) -> Said:
        said = git_says(seat, *args)
        assert said.exit == 0, "\n".join([*self.said, f"git {' '.join(args)}", said.all])
        return said
