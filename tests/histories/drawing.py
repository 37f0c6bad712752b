"""Random histories: real verbs, forgeries and everything git can do to a branch, drawn from a seed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attacks.forging import ROSTER, entry_of, line_of, write_effect
from conftest import BODY, PEOPLE, PICTURE, Desk, Said, story_text

SLUGS = ("flood", "budget", "harbour", "strike", "council-budget", "harbour-fire")
FORWARD = {"draft": ("submit", "Reporter"), "review": ("approve", "Editor"), "edit": ("publish", "Editor")}
REQUIRED = ("recorded", "attributed")


def begin(desk: Desk) -> None:
    """`main` with a roster, a story in review and a published one that has a picture."""
    desk.write("newsroom.toml", ROSTER)
    desk.commit("begin", who="Chief")
    desk.at("review", "council-budget")
    desk.write("stories/2025/11/hall.png", PICTURE)
    desk.at("publish", "harbour-fire", title="Fire in the harbour", body=f"{BODY}\n![Hall](hall.png)\n")


def arguments(verb: str, slug: str, chance: random.Random, now: Any) -> list[str]:
    """A verb with the options it cannot do without, and at times one more."""
    later = f"{now.replace(hour=(now.hour + 1) % 24):%Y-%m-%dT%H:%M:%SZ}"
    more: dict[str, list[str]] = {
        "send-back": ["--note", "Ask the mayor."],
        "hold": ["--note", "Lawyers read it."],
        "spike": ["--note", "Nobody wants it."],
        "unpublish": ["--note", "It was too soon."],
        "kill": ["--note", "Wrong.", "--notice", "It was wrong.", "--yes"],
        "correct": ["--notice", "It was another day.", "--yes"],
        "publish": chance.choice([["--yes"], ["--yes"], ["--yes"], ["--yes", "--at", later]]),
        "embargo": chance.choice([["--lift"], [later], ["--until-further-notice"]]),
        "require": ["chief-editor", *chance.choice([[], ["--drop"]])],
        "update": ["More of it", "--slug", chance.choice(SLUGS)],
        "redo": ["--yes"],
    }
    return [verb, slug, *more.get(verb, [])]


VERBS = ("submit", "withdraw", "approve", "send-back", "publish", "hold", "resume", "spike", "restore", "embargo")
VERBS += ("deschedule", "release", "correct", "unpublish", "kill", "require", "ack", "update", "delete", "redo", "save")


@dataclass
class History:
    """A desk that random acts are done at; what was done is kept in words, for whoever has to find a fault."""

    desk: Desk
    chance: random.Random
    acts: list[str] = field(default_factory=list)

    def play(self, length: int) -> None:
        """Do so many acts, some on branches that are landed later."""
        for _ in range(length):
            act = self.chance.choices([act for act, _ in ACTS], [weight for _, weight in ACTS])[0]
            self.note(act.__name__)
            with suppress(Impossible):
                act(self)
            self.tidy()

    def note(self, words: str) -> None:
        """Keep what was done, on which branch."""
        self.acts.append(words)

    def tidy(self) -> None:
        """End whatever git has begun and nobody finished, and leave no file that is not committed."""
        for folder, verb in (("rebase-merge", "rebase"), ("MERGE_HEAD", "merge"), ("CHERRY_PICK_HEAD", "cherry-pick")):
            if (self.desk.root / ".git" / folder).exists():
                self.desk.git(verb, "--abort", exit=None)
        if (self.desk.root / ".git/REVERT_HEAD").exists():
            self.desk.git("revert", "--abort", exit=None)
        self.desk.git("reset", "--quiet", "--hard")
        self.desk.git("clean", "--quiet", "-fd")
        if not self.branch:
            self.desk.git("switch", "--quiet", "main")

    # what there is to choose from

    @property
    def branch(self) -> str:
        """The branch the desk is on; empty where it is on none."""
        return self.desk.git("symbolic-ref", "--quiet", "--short", "HEAD", exit=None)

    def someone(self) -> str:
        """Any of the people."""
        return self.chance.choice([*PEOPLE])

    def others(self) -> list[str]:
        """The branches the desk is not on."""
        names = self.desk.git("for-each-ref", "--format=%(refname:short)", "refs/heads/").split("\n")
        return sorted({*names} - {self.branch})

    def path(self) -> str:
        """The path of any story."""
        paths = sorted(path.relative_to(self.desk.root).as_posix() for path in self.desk.root.glob("stories/**/*.md"))
        return self._any(paths)

    def _any(self, rows: list[str]) -> str:
        if not rows:
            raise Impossible
        return self.chance.choice(rows)

    def ledger(self, path: str) -> str:
        """The path of a story's ledger that is there."""
        story_id = re.search(r"^id: (\d{8}-\w+)$", self.text(path), re.MULTILINE)
        place = (
            f".newsroom/ledger/{story_id[1][:4]}/{story_id[1][4:6]}/{story_id[1][6:8]}/{story_id[1]}.jsonl"
            if story_id
            else ""
        )
        if not place or not (self.desk.root / place).is_file():
            raise Impossible
        return place

    def any_ledger(self) -> str:
        """The path of any ledger; of two equal histories the same."""
        root = self.desk.root
        paths = {self.title(path.read_text("utf-8"), path): path for path in root.glob(".newsroom/ledger/**/*.jsonl")}
        return paths[self._any(sorted(paths))].relative_to(root).as_posix()

    def title(self, text: str, path: Path) -> str:
        """A ledger by what does not change between two runs of one seed: the time it was begun."""
        at = re.search(r'"at":"([^"]+)"', text)
        return at[1] if at else path.parent.name

    def text(self, path: str) -> str:
        """A file's text."""
        return (self.desk.root / path).read_text("utf-8", "surrogateescape")

    def commit(self, message: str, *, who: str = "") -> None:
        """Commit everything, if there is anything, as somebody."""
        self.desk.tick()
        self.desk.git("add", "--all")
        self.desk.git("commit", "--quiet", "-m", message, who=who or self.someone(), exit=None)

    def say(self, *args: str, who: str) -> Said:
        """Run a verb; it may be refused."""
        said = self.desk.story(*args, who=who, exit=None)
        self.note(f"  {who}: story {' '.join(args)} -> {said.exit}")
        return said


class Impossible(Exception):
    """An act that needs something there is not."""


Act = Callable[[History], None]


# The verbs


def move_on(history: History) -> None:
    """The next move of some story, by somebody who may."""
    path = history.path()
    state = re.search(r"^state: (\S+)$", history.text(path), re.MULTILINE)
    verb, who = FORWARD.get(state[1] if state else "", ("correct", "Editor"))
    if verb == "correct":
        _reword(history, path)
    history.say(*arguments(verb, path, history.chance, history.desk.now), who=who)


def take_any_verb(history: History) -> None:
    """Any verb at any story, by anybody."""
    verb, who = history.chance.choice(VERBS), history.someone()
    path = history.path()
    if verb in ("save", "correct", "submit"):
        _reword(history, path)
    history.say(*arguments(verb, path, history.chance, history.desk.now), who=who)


def write_story(history: History) -> None:
    """A new story, filled in."""
    slug, who = history.chance.choice(SLUGS), history.chance.choice(("Reporter", "Stringer"))
    if history.say("new", f"About the {slug}", "--slug", slug, who=who).exit == 0:
        path = next(history.desk.root.glob(f"stories/**/{slug}.md")).relative_to(history.desk.root).as_posix()
        text = history.text(path)
        for key in ("section: local", "description: It happened.", "source: Harbour Gazette"):
            text = re.sub(rf"^{key.split(':', maxsplit=1)[0]}:.*\n", "", text, flags=re.MULTILINE)
            text = text.replace("\n---\n", f"\n{key}\n---\n", 1)
        history.desk.write(path, f"{text.rstrip()}\n\n{BODY}")
        history.say("save", path, who=who)


def take_in_story(history: History) -> None:
    """A story written by hand, adopted or not."""
    path = f"stories/{history.chance.choice(SLUGS)}.md"
    if (history.desk.root / path).exists():
        raise Impossible
    history.desk.write(path, story_text())
    if history.chance.random() < 0.5:
        history.say("adopt", path, who=history.someone())
    else:
        history.commit("by hand")


def save_words(history: History) -> None:
    """Other words, saved by anybody."""
    path = history.path()
    _reword(history, path)
    history.say("save", path, who=history.someone())


def _reword(history: History, path: str) -> None:
    text = history.text(path)
    words = history.chance.choice(("Monday", "Tuesday", "Sunday", "spring", "summer"))
    history.desk.write(path, re.sub(r"(Mon|Tues|Sun)day" if words[-1] == "y" else r"spring|summer", words, text))


# Forgeries


def forge_entry(history: History) -> None:
    """An entry written by hand behind a ledger, with its effect, true or false in any of its fields."""
    path = history.path()
    ledger = history.ledger(path)
    entry = _forged(history, path, ledger)
    with suppress(IndexError, ValueError, KeyError):
        write_effect(history.desk, path, entry)
    history.desk.write(ledger, history.text(ledger) + line_of(entry))
    if history.chance.random() < 0.2:  # two in one commit
        history.desk.write(ledger, history.text(ledger) + line_of(_forged(history, path, ledger)))
    if history.chance.random() < 0.2:
        _reword(history, path)
    history.commit("forged", who=history.chance.choice(("Editor", "Editor", "Reporter", "Chief")))


def _forged(history: History, path: str, ledger: str) -> dict[str, Any]:
    chance, last = history.chance, history.text(ledger).splitlines()[-1:]
    with suppress(ValueError):
        before = json.loads(last[0]) if last else {}
        if {"seq", "story", "to", "content"} <= {*before}:
            state = before["to"]
            action, to = {"draft": ("submit", "review"), "review": ("approve", "edit")}.get(
                state, ("publish", "publish")
            )
            over: dict[str, Any] = {"action": action, "to": to}
            over |= {} if action == "approve" else {"set": {}}
            over |= chance.choice(
                [{}, {}, {"role": "reporter"}, {"role": "chief-editor"}, {"content": "sha256:" + "0" * 64}]
            )
            over |= chance.choice([{}, {}, {}, {"writers": [PEOPLE["Stringer"]]}, {"assets": {"hall.png": "0" * 40}}])
            over |= chance.choice([{}, {}, {}, {"prev": "sha256:" + "1" * 64}, {"from": "draft"}, {"note": "So."}])
            place = Path(path).stem
            who = "Reporter" if action == "submit" else chance.choice(("Editor", "Editor", "Chief", "Reporter"))
            with suppress(ValueError, TypeError):
                return entry_of(history.desk, place, by=who, **over)
    raise Impossible


def cut_ledger(history: History) -> None:
    """The last lines of a ledger dropped, its file with or without."""
    ledger = history.any_ledger()
    rows = history.text(ledger).splitlines(keepends=True)
    kept = rows[: max(0, len(rows) - history.chance.choice((1, 1, 2)))]
    if kept:
        history.desk.write(ledger, "".join(kept))
    else:
        (history.desk.root / ledger).unlink()
    if history.chance.random() < 0.5:
        with suppress(Impossible):
            path = history.path()
            text = re.sub(r"^state: .*$", "state: draft", history.text(path), flags=re.MULTILINE)
            history.desk.write(path, text)
    history.commit("cut")


def damage_ledger(history: History) -> None:
    """A ledger removed, a line of it rewritten, or a line that is none."""
    ledger = history.any_ledger()
    text = history.text(ledger)
    kind = history.chance.randrange(4)
    if kind == 0:
        (history.desk.root / ledger).unlink()
    elif kind == 1:
        history.desk.write(ledger, text.replace('"by":"Editor', '"by":"Chief', 1))
    elif kind == 2:
        history.desk.write(ledger, text + "not a line\n")
    else:
        history.desk.write(f".newsroom/ledger/{Path(ledger).name}", text)
    history.commit("damaged")


def change_words_beside(history: History) -> None:
    """Other words in a story, by git alone."""
    _reword(history, history.path())
    history.commit("typo")


def write_record_by_hand(history: History) -> None:
    """A key only `story` writes, written by hand."""
    path = history.path()
    state = history.chance.choice(("state: publish", "state: draft", "state: edit"))
    history.desk.write(path, re.sub(r"^state: .*$", state, history.text(path), flags=re.MULTILINE))
    history.commit("by hand")


def damage_story(history: History) -> None:
    """A story removed, renamed, moved, copied, broken, or with another id or alias."""
    path, kind = history.path(), history.chance.randrange(8)
    text, root = history.text(path), history.desk.root
    other = f"stories/{history.chance.choice(('', 'elsewhere/'))}{history.chance.choice(SLUGS)}.md"
    if kind in (0, 1, 2) and (root / other).exists():
        raise Impossible
    if kind == 0:  # moved or renamed
        history.desk.write(other, text)
        (root / path).unlink()
    elif kind == 1:  # copied
        history.desk.write(other, text)
    elif kind == 2:  # a name that is another's
        history.desk.write(f"stories/elsewhere/{Path(path).name}", story_text(id="20251124-aaaaaaaa"))
    elif kind == 3:
        history.desk.write(path, re.sub(r"^id: .*$", "id: 20251124-bbbbbbbb", text, flags=re.MULTILINE))
    elif kind == 4:
        history.desk.write(path, text.replace("\nstate:", f"\naliases: [{history.chance.choice(SLUGS)}]\nstate:", 1))
    elif kind == 5:
        history.desk.write(path, text.replace("\ntitle:", "\n  title: [", 1))
    elif kind == 6:
        history.desk.write(path, re.sub(r"^reporter: .*$", f"reporter: {PEOPLE['Editor']}", text, flags=re.MULTILINE))
    else:
        (root / path).unlink()
    history.commit("damaged")


def change_picture(history: History) -> None:
    """A picture swapped, removed, added or put beside."""
    path, root = history.path(), history.desk.root
    picture, kind = f"{Path(path).parent.as_posix()}/hall.png", history.chance.randrange(3)
    if kind == 0 and (root / picture).exists():
        (root / picture).unlink()
    else:
        history.desk.write(picture, PICTURE + history.chance.choice((b"", b"light", b"dark")))
    if kind == 2:
        history.desk.write(path, f"{history.text(path).rstrip()}\n\n![Hall](hall.png)\n")
    history.commit("picture")


def change_judges(history: History) -> None:
    """What judges stories, changed: roles, rights, demands, a baseline, a mailmap; broken or mended."""
    text = history.text("newsroom.toml") if (history.desk.root / "newsroom.toml").exists() else ROSTER
    kind = history.chance.randrange(8)
    if kind == 0:
        text = text.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]')
    elif kind == 1:
        text = text.replace('roles = ["reporter", "editor"]', 'roles = ["reporter"]')
    elif kind == 2:
        text = re.sub(r"^judges = .*\n", "", text, flags=re.MULTILINE)
        text = text.replace("[trust]\n", '[trust]\njudges = ["chief-editor"]\n')
    elif kind == 3:
        text = f"{text}\nbroken = [\n" if "broken" not in text else text.replace("\nbroken = [\n", "")
    elif kind == 4:
        history.desk.write(".newsroom/baseline.jsonl", "not json\n")
    elif kind == 5:
        (history.desk.root / ".newsroom/baseline.jsonl").unlink(missing_ok=True)
        text = text.replace("\nbroken = [\n", "")
    elif kind == 6:
        history.desk.write(".mailmap", "Editor <editor@gazette.example> <stringer@gazette.example>\n")
    else:
        text = re.sub(r"^require = .*\n", "", text, flags=re.MULTILINE)
        text = text.replace("[trust]\n", f'[trust]\nrequire = "{history.chance.choice(REQUIRED)}"\n')
    history.desk.write("newsroom.toml", text)
    if history.chance.random() < 0.2:
        with suppress(Impossible):
            _reword(history, history.path())
    history.commit("judges", who=history.chance.choice(("Chief", "Chief", "Reporter")))


def put_elsewhere(history: History) -> None:
    """Something that is no story, or is of an odd kind."""
    kind = history.chance.randrange(3)
    if kind == 0:
        history.desk.write("notes.txt", f"{history.chance.random()}\n")
    elif kind == 1:
        history.desk.write("stories/notes.MD", "# notes\n")
    else:
        link = history.desk.root / "stories/link.md"
        link.unlink(missing_ok=True)
        link.symlink_to("../newsroom.toml")
    history.commit("elsewhere")


# What git does


def branch_off(history: History) -> None:
    """A branch from here, or back to one there is."""
    others = history.others()
    if len(others) < 2:
        history.desk.git("switch", "--quiet", "--create", f"side-{len(history.acts)}")
    else:
        history.desk.git("switch", "--quiet", history.chance.choice(others))


def go_to_main(history: History) -> None:
    """Back to the line."""
    history.desk.git("switch", "--quiet", "main")


def merge_branch(history: History) -> None:
    """Another branch merged, one way or another; a conflict is settled for one side, or by `redo`, or not at all."""
    desk, chance = history.desk, history.chance
    how = chance.choice([["--no-ff"], ["--no-ff"], ["--ff"], ["-s", "ours"], ["-X", "ours"], ["-X", "theirs"]])
    who = history.someone()
    desk.tick()
    desk.git("merge", "--quiet", "--no-edit", *how, history._any(history.others()), who=who, exit=None)
    if (desk.root / ".git/MERGE_HEAD").exists():
        _settle(history, who)


def _settle(history: History, who: str) -> None:
    desk, way = history.desk, history.chance.choice(("--ours", "--theirs", "redo", "give up"))
    history.note(f"  conflict, {way}")
    unmerged = sorted({*desk.git("diff", "--name-only", "--diff-filter=U").split("\n")} - {""})
    if way == "give up":
        raise Impossible
    for path in unmerged:
        if way == "redo" and path.endswith(".md"):
            history.say("redo", path, "--yes", who=who)
        elif way != "redo":
            desk.git("checkout", way, "--", path, exit=None)
    desk.git("add", "--all")
    desk.git("commit", "--quiet", "--no-edit", who=who, exit=None)


def turn_line(history: History) -> None:
    """The line turned round: a branch merges `main`, and becomes it."""
    branch = history.branch
    if branch == "main":
        branch = history._any(history.others())
        history.desk.git("switch", "--quiet", branch)
    how = history.chance.choice([[], ["-s", "ours"], ["-X", "ours"]])
    who = history.someone()
    history.desk.git("merge", "--quiet", "--no-edit", "--no-ff", *how, "main", who=who, exit=None)
    if (history.desk.root / ".git/MERGE_HEAD").exists():
        _settle(history, who)
    if history.desk.git("merge-base", "main", "HEAD", exit=None) == history.desk.git("rev-parse", "main"):
        history.desk.git("switch", "--quiet", "-C", "main")


def evil_merge(history: History) -> None:
    """A merge that holds something neither side has."""
    history.desk.git(
        "merge", "--quiet", "--no-commit", "--no-ff", history._any(history.others()), who="Reporter", exit=None
    )
    if not (history.desk.root / ".git/MERGE_HEAD").exists() or history.desk.git("ls-files", "--unmerged"):
        raise Impossible
    history.chance.choice((change_words_beside, write_record_by_hand, forge_entry, cut_ledger, change_judges))(history)


def squash_branch(history: History) -> None:
    """Another branch as one commit of somebody else's."""
    history.desk.git("merge", "--quiet", "--squash", history._any(history.others()), exit=None)
    if history.desk.git("ls-files", "--unmerged"):
        raise Impossible
    history.commit("squashed")


def squash_own(history: History) -> None:
    """The last commits of a branch as one; on the line a push does not take that back."""
    base = history.desk.git("merge-base", "HEAD", "main") if history.branch != "main" else "HEAD~2"
    if history.desk.git("rev-parse", "--quiet", "--verify", "HEAD~2^0", exit=None):
        history.desk.git("reset", "--quiet", "--soft", base, exit=None)
        history.commit("squashed")


def rebase_branch(history: History) -> None:
    """This branch made again on `main`; a conflict ends it."""
    if history.branch == "main":
        raise Impossible
    history.desk.git("rebase", "--quiet", "main", who=history.someone(), exit=None)


def pick_commit(history: History) -> None:
    """A commit of another branch, made again here."""
    history.desk.git("cherry-pick", history._any(history.others()), who=history.someone(), exit=None)


def revert_commit(history: History) -> None:
    """A commit reverted, of late or a while ago; its revert as well, at times."""
    commit = f"HEAD~{history.chance.choice((0, 0, 1, 2))}"
    who = history.someone()
    history.desk.git("revert", "--no-edit", commit, who=who, exit=None)
    if not (history.desk.root / ".git/REVERT_HEAD").exists() and history.chance.random() < 0.3:
        history.desk.git("revert", "--no-edit", "HEAD", who=who, exit=None)


def amend_author(history: History) -> None:
    """The last commit as somebody else's."""
    who = history.someone()
    history.desk.git("commit", "--quiet", "--amend", "--no-edit", f"--author={PEOPLE[who]}", who=who, exit=None)


ACTS: list[tuple[Act, int]] = [
    (move_on, 14),
    (take_any_verb, 8),
    (write_story, 5),
    (take_in_story, 1),
    (save_words, 5),
    (forge_entry, 6),
    (cut_ledger, 2),
    (damage_ledger, 1),
    (change_words_beside, 3),
    (write_record_by_hand, 1),
    (damage_story, 3),
    (change_picture, 3),
    (change_judges, 3),
    (put_elsewhere, 1),
    (branch_off, 6),
    (go_to_main, 3),
    (merge_branch, 7),
    (turn_line, 2),
    (evil_merge, 1),
    (squash_branch, 2),
    (squash_own, 1),
    (rebase_branch, 2),
    (pick_commit, 3),
    (revert_commit, 3),
    (amend_author, 1),
]


def draw(desk: Desk, seed: int, *, length: int = 24) -> History:
    """Play a random history at a desk that `begin` made, and land its last branch on `main`."""
    chance = random.Random(seed)
    history = History(desk, chance)
    history.play(length)
    if history.branch != "main":
        other = history.branch
        desk.git("switch", "--quiet", "main")
        desk.git("merge", "--quiet", "--no-edit", other, who="Chief", exit=None)
        history.tidy()
    return history
