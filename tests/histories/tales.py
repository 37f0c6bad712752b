"""One story as a person at a desk knows it: what its ledger's lines say happened to it, read without our own code."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flows.house import Seat

from newsroom_cli.story import frontmatter

PLACE = ".newsroom/ledger/{}/{}/{}/{}.jsonl"
Line = dict[str, Any]


def ledger_place(story_id: str) -> str:
    """Return the path of a story's ledger, by its id."""
    return PLACE.format(story_id[:4], story_id[4:6], story_id[6:8], story_id)


@dataclass(frozen=True)
class Tale:
    """A story's file and its lines, as they lie in somebody's clone."""

    path: str
    text: str
    lines: tuple[Line, ...]

    @property
    def slug(self) -> str:
        return self.path.rpartition("/")[2].removesuffix(".md")

    def key(self, name: str) -> str:
        """Return a key's text in the file; empty where it is not there."""
        match = re.search(rf"^{name}: (.*)$", self.text, re.MULTILINE)
        return match[1] if match else ""

    @cached_property
    def record(self) -> Line:
        """Everything the lines set, the later ones last."""
        return {key: value for line in self.lines for key, value in line.get("set", {}).items()}

    def happened(self, *actions: str) -> str:
        """Return which of some actions was taken last; empty where none was."""
        return next((line["action"] for line in reversed(self.lines) if line["action"] in actions), "")

    @property
    def state(self) -> str:
        return self.lines[-1]["to"]

    @property
    def is_public(self) -> bool:
        return self.state == "publish" and not self.is_killed

    @property
    def is_killed(self) -> bool:
        return bool(self.happened("kill"))

    @property
    def is_held(self) -> bool:
        return self.happened("hold", "resume") == "hold"

    @property
    def is_spiked(self) -> bool:
        return self.happened("spike", "restore") == "spike"

    @property
    def was_submitted(self) -> bool:
        return bool(self.happened("submit"))

    @property
    def is_complete(self) -> bool:
        """Whether it has every key and the words that review asks for."""
        keys = all(self.key(name).partition("#")[0].strip() for name in ("section", "description", "source"))
        return keys and bool(self.text.partition("\n---\n")[2].strip())

    @property
    def goes_out(self) -> str:
        return self.record.get("publish_at") or ""

    @property
    def is_at_rest(self) -> bool:
        """Whether no spike and no kill stops it."""
        return not self.is_spiked and not self.is_killed

    def is_embargoed(self, now: datetime) -> bool:
        """Tell whether an embargo still stops it."""
        until = self.record.get("embargo") or ""
        return until == "until-further-notice" or until > f"{now:%Y-%m-%dT%H:%M:%SZ}"

    @property
    def wants(self) -> list[str]:
        """The roles this story asks for."""
        return self.record.get("require") or []

    @property
    def reporters(self) -> set[str]:
        """The names of who may not pass it: whom it names, who began it, who signed as reporter or handed it in."""
        named = [self.key("reporter"), self.lines[0]["by"]]
        named += [line["by"] for line in self.lines if line.get("role") == "reporter"]
        named += [line["by"] for line in self.lines if line["action"] == "submit"][-1:]
        return {name.partition(" <")[0] for name in named}

    @property
    def overridden_by(self) -> str:
        """Who lifted four eyes, as long as nobody acknowledged it; empty where nobody did."""
        since = [line for line in self.lines if line["action"] == "ack" or line.get("override")]
        return since[-1]["by"].partition(" <")[0] if since and since[-1]["action"] != "ack" else ""

    @cached_property
    def words(self) -> str:
        """The hash of its words, as entries name them."""
        return frontmatter.content_hash(frontmatter.read_story(self.path, self.text.encode()))

    @property
    def signed(self) -> list[str]:
        """Who has signed its publication already, of those words there are."""
        names: list[str] = []
        for line in reversed(self.lines):
            if line.get("from") != line["to"]:
                break
            if line["action"] == "publish" and line["content"] == self.words:
                names.append(line["by"].partition(" <")[0])
        return names[::-1]


def tales_of(seat: Seat) -> dict[str, Tale]:
    """Return every story that was taken in, by its id, as it lies in somebody's clone."""
    tales = {}
    for file in sorted((seat.root / "stories").glob("**/*.md")):
        text = file.read_text("utf-8")
        match = re.search(r"^id: (\S+)$", text, re.MULTILINE)
        ledger = seat.root / ledger_place(match[1]) if match else None
        if match and ledger and ledger.is_file():
            lines = tuple(json.loads(line) for line in ledger.read_text("utf-8").splitlines())
            tales[match[1]] = Tale(file.relative_to(seat.root).as_posix(), text, lines)
    return tales
