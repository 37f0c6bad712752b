"""Everything an honest person may do to one story, as the documentation has it: a table of acts."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from conftest import BODY, PEOPLE, PICTURE, story_text
from flows.house import Seat

from histories.tales import Tale, tales_of

NOTE = ["--note", "So it was said."]
NOTICE = ["--notice", "It was another day.", "--yes"]


@dataclass(frozen=True)
class Sitting:
    """Somebody before a story: their clone, their roles, the story's id, and every story as their clone has it."""

    seat: Seat
    roles: frozenset[str]
    story: str
    tales: Mapping[str, Tale]
    chance: random.Random = field(compare=False)

    @property
    def tale(self) -> Tale:
        return self.tales[self.story]

    @property
    def edits(self) -> bool:
        return "editor" in self.roles

    @property
    def reports(self) -> bool:
        """Whether it is a story of their own, and they are a reporter."""
        return "reporter" in self.roles and self.tale.key("reporter") == PEOPLE[self.seat.who]

    @property
    def may_pass(self) -> bool:
        """Whether they are an editor and it is nobody's own story."""
        return self.edits and self.seat.who not in self.tale.reporters

    @property
    def original(self) -> Tale | None:
        return self.tales.get(self.tale.key("update_of"))

    @property
    def followup(self) -> Tale | None:
        """The update of it that is under way, if there is one."""
        updates = [tale for tale in self.tales.values() if tale.key("update_of") == self.story]
        return next((tale for tale in updates if not tale.is_public and tale.is_at_rest), None)

    def time(self, hours: float) -> str:
        """Write a time so many hours from now."""
        return f"{self.seat.now + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Act:
    """A verb, or something done with git alone: who may do it when, and how; `do` gives the verb's arguments."""

    name: str
    may: Callable[[Sitting], bool]
    do: Callable[[Sitting], list[str]] = lambda sitting: []
    is_verb: bool = True
    is_undone: bool = False
    """Whether it undoes what the same person just did."""

    def arguments(self, sitting: Sitting) -> list[str]:
        """Do what is done with files, and return the verb's line; none where git was enough."""
        rest = self.do(sitting)
        return [self.name.partition(" ")[0], sitting.tale.slug, *rest] if self.is_verb else []


# What the documentation says somebody may


def _moves(sitting: Sitting, state: str) -> bool:
    """Tell whether a story can leave a state: nothing stops it but a hold, which lets it be written and moved."""
    tale = sitting.tale
    return tale.state == state and tale.is_at_rest and not tale.goes_out


def _submit(sitting: Sitting) -> bool:
    return _moves(sitting, "draft") and (sitting.reports or sitting.edits) and sitting.tale.is_complete


def _publish(sitting: Sitting) -> bool:
    tale = sitting.tale
    goes = tale.state == "edit" and tale.is_at_rest and not tale.is_held and not tale.is_embargoed(sitting.seat.now)
    if not goes or not sitting.may_pass or not _has_original(sitting):
        return False
    if tale.wants:
        return ("legal" in sitting.roles) == bool(tale.signed) and sitting.seat.who not in tale.signed
    return True


def _has_original(sitting: Sitting) -> bool:
    """Tell whether readers have the story that this one updates, if it updates one."""
    return not sitting.tale.key("update_of") or (sitting.original is not None and sitting.original.is_public)


def _schedule(sitting: Sitting) -> bool:
    return _publish(sitting) and not sitting.tale.wants and not sitting.tale.goes_out


def _release(sitting: Sitting) -> bool:
    tale, now = sitting.tale, sitting.seat.now
    stopped = tale.is_held or not tale.is_at_rest or tale.is_embargoed(now) or bool(tale.wants)
    due = bool(tale.goes_out) and tale.goes_out <= sitting.time(0)
    return due and not stopped and tale.state == "edit" and _has_original(sitting) and _is_as_signed(tale)


def _is_as_signed(tale: Tale) -> bool:
    signed = next(line for line in reversed(tale.lines) if line["action"] == "schedule")
    return signed["content"] == tale.words


def _override(sitting: Sitting) -> bool:
    """Tell whether it is somebody's own story, and the configuration names them."""
    own = sitting.seat.who in sitting.tale.reporters
    return _moves(sitting, "review") and own and {"editor", "chief-editor"} <= sitting.roles


def _ack(sitting: Sitting) -> bool:
    lifted = sitting.tale.overridden_by
    return bool(lifted) and lifted != sitting.seat.who and "chief-editor" in sitting.roles


def _require(sitting: Sitting) -> bool:
    return sitting.may_pass and sitting.tale.is_at_rest and not sitting.tale.is_public and not sitting.tale.wants


def _unpublished(sitting: Sitting) -> bool:
    return sitting.edits and sitting.tale.state != "publish"


def _hold(sitting: Sitting) -> bool:
    return _unpublished(sitting) and sitting.tale.is_at_rest and not sitting.tale.is_held


def _resume(sitting: Sitting) -> bool:
    return _unpublished(sitting) and sitting.tale.is_at_rest and sitting.tale.is_held


def _is_alone(sitting: Sitting) -> bool:
    """Tell whether no other update of the same original is under way."""
    original = sitting.tale.key("update_of")
    others = [tale for name, tale in sitting.tales.items() if name != sitting.story]
    return not original or all(
        tale.key("update_of") != original or tale.is_public or not tale.is_at_rest for tale in others
    )


def _correct(sitting: Sitting) -> bool:
    return sitting.tale.is_public and sitting.may_pass and not sitting.tale.wants


def _unpublish(sitting: Sitting) -> bool:
    return sitting.tale.is_public and sitting.edits and _is_alone(sitting)


def may_update(sitting: Sitting) -> bool:
    """Tell whether a reporter may begin an update of it: readers have it, and no other one is under way."""
    return sitting.tale.is_public and "reporter" in sitting.roles and sitting.followup is None


def _save(sitting: Sitting) -> bool:
    tale = sitting.tale
    return tale.is_at_rest and not tale.is_public and not tale.goes_out


def _delete(sitting: Sitting) -> bool:
    tale = sitting.tale
    fresh = tale.state == "draft" and not tale.was_submitted and len(tale.lines) == 1
    return fresh and sitting.seat.who == tale.lines[0]["by"].partition(" <")[0] and sitting.chance.random() < 0.5


# How it is done


def _reword(sitting: Sitting) -> list[str]:
    """Write other words into a story, here or there."""
    seat, path = sitting.seat, sitting.tale.path
    text = seat.read(path)
    swaps = [pair for pair in SWAPS if pair[0] in text or pair[1] in text] or [("\n---\n", "\n---\n\nMonday.\n")]
    here, there = sitting.chance.choice(swaps)
    turned = {here: there, there: here}
    text = re.sub(f"{here}|{there}", lambda match: turned[match[0]], text)
    if sitting.chance.random() < 0.2:
        text = re.sub(r"^description: .*$", f"description: {sitting.chance.choice(TEASERS)}", text, flags=re.MULTILINE)
    seat.write(path, text)
    return []


SWAPS = (("Monday", "Tuesday"), ("spring", "summer"), ("Two", "Three"))
TEASERS = ("Taxes stay flat; two libraries reopen.", "Two libraries reopen.", "Taxes stay flat.")


def _paint(sitting: Sitting) -> list[str]:
    """Put a picture into a story's folder, another than was there, and name it where no word did yet."""
    seat, tale = sitting.seat, sitting.tale
    seat.write(f"{Path(tale.path).parent}/{tale.slug}.png", PICTURE + bytes([sitting.chance.randrange(32, 127)] * 9))
    if "![" not in tale.text:
        seat.write(tale.path, f"{tale.text.rstrip()}\n\n![What it is about]({tale.slug}.png)\n")
    return []


def _has_own_picture(sitting: Sitting) -> bool:
    tale = sitting.tale
    return "![" not in tale.text or f"({tale.slug}.png)" in tale.text


def _correct_words(sitting: Sitting) -> list[str]:
    _reword(sitting)
    return ["--kind", sitting.chance.choice(("correction", "clarification", "update", "refile")), *NOTICE]


def _correct_picture(sitting: Sitting) -> list[str]:
    _paint(sitting)
    return NOTICE


def _move_folder(sitting: Sitting) -> list[str]:
    """Move a story and its picture to another folder with git alone: that is free, and no move of the pipeline."""
    seat, path = sitting.seat, Path(sitting.tale.path)
    folder = Path("stories") / ("sport" if path.parent.name == "local" else "local")
    (seat.root / folder).mkdir(parents=True, exist_ok=True)
    for file in {path, *(path.parent / name for name in re.findall(r"\]\((\S+\.png)\)", sitting.tale.text))}:
        if (seat.root / file).exists():
            seat.git("mv", str(file), str(folder / file.name))
    seat.commit(f"move {sitting.tale.slug}")
    return []


def _undo(sitting: Sitting) -> list[str]:
    """Revert one's own last commit, which nobody else has yet."""
    sitting.seat.git("revert", "--no-edit", "HEAD")
    return []


def _is_unshared(sitting: Sitting) -> bool:
    """Tell whether the last commit is one's own, of this story, and nowhere but here."""
    seat = sitting.seat
    if not seat.git("rev-list", "HEAD", "--not", "--remotes") or seat.git("log", "-1", "--format=%an") != seat.who:
        return False
    files = seat.git("show", "--format=", "--name-only", "--no-renames", "--diff-filter=M").split("\n")
    is_merge = " " in seat.git("log", "-1", "--format=%P")
    return not is_merge and sitting.tale.path in files


def _undo_words(sitting: Sitting) -> list[str]:
    """Revert words that landed before, by whomever; what does not go back cleanly, or leaves too few of them, stays."""
    seat, path = sitting.seat, sitting.tale.path
    for commit in seat.git("log", "--format=%H", "--no-merges", "-5", "--diff-filter=M", "--", path).split():
        if seat.git("show", "--format=", "--name-only", commit) == path:
            seat.git("revert", "--no-edit", commit, exit=None)
            if (seat.root / ".git/REVERT_HEAD").exists():
                seat.git("revert", "--abort")
            elif sitting.tale.is_complete and not tales_of(seat)[sitting.story].is_complete:
                seat.git("reset", "--quiet", "--hard", "HEAD^")
            break
    return []


def _embargo(sitting: Sitting) -> list[str]:
    return sitting.chance.choice((["--until-further-notice"], [sitting.time(3)], [sitting.time(30)]))


_OVERRIDE = ["--override", "Nobody else is here."]
_WHY = lambda sitting: NOTE  # noqa: E731  a row's options, the same for every story

ACTS: tuple[Act, ...] = (
    Act("submit", _submit),
    Act("withdraw", lambda at: _moves(at, "review") and at.reports),
    Act("approve", lambda at: _moves(at, "review") and at.may_pass),
    Act("approve --override", _override, lambda at: _OVERRIDE),
    Act("ack", _ack),
    Act("send-back", lambda at: at.edits and (_moves(at, "review") or _moves(at, "edit")), _WHY),
    Act("publish", _publish, lambda at: ["--yes"]),
    Act("publish --at", _schedule, lambda at: ["--yes", "--at", at.time(at.chance.choice((1, 20)))]),
    Act("deschedule", lambda at: at.edits and at.tale.is_at_rest and bool(at.tale.goes_out)),
    Act("release", _release),
    Act("hold", _hold, _WHY),
    Act("resume", _resume),
    Act("spike", lambda at: _unpublished(at) and at.tale.is_at_rest, _WHY),
    Act("restore", lambda at: at.edits and at.tale.is_spiked and _is_alone(at)),
    Act("embargo", lambda at: _unpublished(at) and at.tale.is_at_rest and not at.tale.record.get("embargo"), _embargo),
    Act(
        "embargo --lift",
        lambda at: _unpublished(at) and at.tale.is_at_rest and at.tale.is_embargoed(at.seat.now),
        lambda at: ["--lift"],
    ),
    Act("require", _require, lambda at: ["legal"]),
    Act(
        "require --drop",
        lambda at: at.may_pass and at.tale.is_at_rest and bool(at.tale.wants),
        lambda at: ["legal", "--drop"],
    ),
    Act("save", _save, _reword),
    Act("save picture", lambda at: _save(at) and _has_own_picture(at), _paint),
    Act("correct", _correct, _correct_words),
    Act("correct picture", lambda at: _correct(at) and _has_own_picture(at), _correct_picture),
    Act(
        "correct --rename",
        _correct,
        lambda at: ["--rename", f"{at.tale.slug.partition('-')[0]}-{at.chance.randrange(10_000)}", *NOTICE],
    ),
    Act("unpublish", _unpublish, _WHY),
    Act("kill", lambda at: at.tale.is_public and at.edits and at.chance.random() < 0.5, lambda at: [*NOTE, *NOTICE]),
    Act("delete", _delete),
    Act("move the folder", lambda at: at.tale.is_at_rest, _move_folder, is_verb=False),
    Act("revert one's own", _is_unshared, _undo, is_verb=False, is_undone=True),
    Act("revert words", lambda at: _save(at) and not at.tale.overridden_by, _undo_words, is_verb=False),
)
"""Everything that is done to a story there is."""
BEGINNINGS = ("new", "adopt", "update")
"""What begins a story."""


def filled(seat: Seat, slug: str) -> None:
    """Write what a story lacks, once it was begun."""
    seat.fill(slug, body=BODY)


def written_by_hand(seat: Seat, slug: str) -> str:
    """A file that somebody wrote in an editor, not taken in yet; its path."""
    path = f"stories/{slug}.md"
    seat.write(path, story_text(title=f"About the {slug}", reporter=PEOPLE[seat.who]))
    return path
