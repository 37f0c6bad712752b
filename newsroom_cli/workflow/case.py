"""One story as an action or a question finds it: all that a decision needs, so that deciding asks nobody. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from newsroom_cli import rules
from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Finding, Ident, Story
from newsroom_cli.record.entries import Entry
from newsroom_cli.record.ledger import Held, Ledger, why_void
from newsroom_cli.settings.settings import Settings
from newsroom_cli.story import frontmatter, pictures
from newsroom_cli.times import format_ledger_time


@dataclass(frozen=True)
class Case:
    """A story with everything around it that decides what may be done to it, read at one moment.

    Of the tree: `assets` are the pictures it names, by blob; `uncommitted` the paths of its file and its ledger that
    differ from git's; `loose` the pictures that git does not hold as they are; `is_there` tells whether the tree has a
    path, where links count; `shared` are the findings on what it has in common with other stories. `original` names
    the story it is an update of, where readers do not have that; `rival` another update of that which is under way.

    Of the commits: `writers` changed its words or pictures since its last entry, `reporters` are those it named
    meanwhile; `public` is the story as it went out last, `at_last_move` as its last move had it where it differs now.
    """

    story: Story
    ledger: Ledger | None = None
    assets: Mapping[str, str] = field(default_factory=dict)
    uncommitted: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    writers: tuple[Ident, ...] = ()
    reporters: tuple[Ident, ...] = ()
    public: Story | None = None
    at_last_move: Story | None = None
    original: str = ""
    rival: str = ""
    is_there: Callable[[str], bool] | None = None
    shared: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, held: Held) -> Case:
        """Return the case of a story of which nothing else is known; raises CannotRun where it has no file."""
        if held.story is None:
            raise CannotRun("The story has no ledger.", "Take it in first: story adopt PATH")
        return cls(held.story, held.ledger, held.assets)

    @property
    def held(self) -> Held:
        """The story, its ledger and its pictures alone, as rules and verifier take them."""
        return Held(self.story, self.ledger, self.assets)

    @property
    def state(self) -> str | None:
        """The state the ledger folds to; None without a ledger."""
        return self.ledger.state if self.ledger else None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The ledger's entries; none without a ledger."""
        return self.ledger.entries if self.ledger else ()

    @cached_property
    def content(self) -> str:
        """The content hash of the words as they are."""
        return frontmatter.content_hash(self.story)

    @property
    def section(self) -> str:
        """The section the story names; empty where it names none."""
        return self.story.metadata.section or ""

    @property
    def is_changed(self) -> bool:
        """Tell whether the story's file or a picture of it is not in git as it is."""
        return self.story.path in self.uncommitted or bool(self.loose)

    def is_as_signed(self, entry: Entry) -> bool:
        """Tell whether the story has the words and pictures that an entry names."""
        return (self.content, dict(self.assets)) == (entry.content, dict(entry.assets))

    def why_void(self, planned: Entry) -> str:
        """Say why the time somebody signed does not count for the story as it is; "" where it does."""
        return why_void(planned, self.entries, content=self.content, assets=self.assets)

    @property
    def loose_files(self) -> tuple[str, ...]:
        """Return the paths of the pictures that git does not hold as they are."""
        paths = pictures.locate_pictures(self.story)
        return tuple(sorted({paths[name] for name in self.loose}))

    @property
    def files(self) -> dict[str, bytes | None]:
        """The story's file and its ledger as they were read, by path."""
        ledger: dict[str, bytes | None] = {self.ledger.path: self.ledger.content} if self.ledger else {}
        return {self.story.path: self.story.text.encode(), **ledger}

    def next_entry(self, action: str, by: str, at: datetime) -> Entry:
        """Return an entry for the words and pictures as they are, which moves nothing and sets nothing yet."""
        seq, prev = self.ledger.next_link() if self.ledger else (1, None)
        return Entry(
            seq=seq,
            prev=prev,
            story=str(self.story.fields.get("id", "")),
            action=action,
            from_=self.state,
            to=self.state or "",
            by=by,
            at=format_ledger_time(at),
            content=self.content,
            assets=dict(sorted(self.assets.items())),
        )

    def flaws(self, settings: Settings, state: str) -> list[Finding]:
        """Return what the rules have against the story as one of a state, in the order of its file."""
        context = rules.RuleContext.of(self.held, settings, state, loose=self.loose, is_there=self.is_there)
        return sorted(rules.check(self.story, context), key=lambda finding: finding.place)
