"""One newsroom: its repository, its settings, its stories by slug, and the one way anything is written."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsroom_cli.errors import CannotRun, Refusal, Unreadable
from newsroom_cli.model import ID, Ident, Story
from newsroom_cli.people.policy import Policy, parse_mailmap
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Ledger
from newsroom_cli.repository.files import CommittedTree, Files, WorkingTree, story_paths
from newsroom_cli.repository.git import Git, current_folder, discover
from newsroom_cli.repository.layout import LEDGER_ENDING, LEDGERS, STORY_ENDING, slug_of
from newsroom_cli.settings import settings

if TYPE_CHECKING:
    from newsroom_cli.repository.commit import Commits
    from newsroom_cli.workflow.case import Case

CONFIGURATION = "newsroom.toml"
PROJECT = "pyproject.toml"
TOOL = ("tool", "newsroom")


def judges_of(files: Files) -> Policy:
    """Read the settings and the address book a tree holds; raises CannotRun when they cannot be read."""
    files.expect([CONFIGURATION, PROJECT, ".mailmap"])
    own, table = _text(files, CONFIGURATION), _project_table(files)
    if own is not None and table is not None:
        raise CannotRun(f"{CONFIGURATION} and [tool.newsroom] in {PROJECT} are both there.", "Keep one of the two.")
    if own is not None:
        table = settings.table_of(own, path=CONFIGURATION, table=())
    built = settings.build(table or {}, path=PROJECT if own is None else CONFIGURATION)
    _known_rules(built)
    mailmap = files.read(".mailmap") or b""
    return Policy(built, parse_mailmap(mailmap.decode("utf-8", "replace")))


def judges_at(git: Git, commit: str) -> Policy:
    """Read the settings and the address book of a commit's tree; raises as `judges_of`."""
    return judges_of(CommittedTree.at(git, commit))


def _known_rules(built: settings.Settings) -> None:
    """Raise CannotRun for weights that weigh nothing; rules are loaded only where some are weighed.

    They are those of a rule that is none, and of one that can be neither silenced nor lowered.
    """
    if built.rules == settings.Weights():
        return
    from newsroom_cli import rules

    if name := rules.first_unknown_rule(built):
        near = difflib.get_close_matches(name, list(rules.by_name()), n=1)
        hint = f"Did you mean {near[0]}?" if near else "Take the line out."
        raise CannotRun(f"{CONFIGURATION}: [rules] there is no rule {name}.", hint)
    if name := rules.first_rule_without_effect(built):
        raise CannotRun(f"{CONFIGURATION}: [rules] nobody can weigh {name} otherwise.", "Take the line out.")


def _project_table(files: Files) -> Mapping[str, Any] | None:
    project = _text(files, PROJECT)
    return settings.table_of(project, path=PROJECT, table=TOOL) if project and "newsroom" in project else None


def _text(files: Files, path: str) -> str | None:
    try:
        content = files.read(path)
        return None if content is None else content.decode("utf-8").replace("\r\n", "\n")
    except Unreadable as error:
        raise CannotRun(f"{path} is not a regular file.", error.hint) from None
    except UnicodeDecodeError as error:
        raise CannotRun(f"{path}: byte {error.start} is not UTF-8.", "Save it as UTF-8.") from None


def configuration_of(files: Files) -> tuple[str, tuple[str, ...]]:
    """Return the file that holds a newsroom's configuration, or would, and the table in it."""
    is_in_project = _text(files, CONFIGURATION) is None and _project_table(files) is not None
    return (PROJECT, TOOL) if is_in_project else (CONFIGURATION, ())


class Newsroom:
    """A repository with stories. `files` is the working tree, or what HEAD holds where there is none."""

    def __init__(self, git: Git, root: Path | None, started: Path) -> None:
        self.git, self.root, self.started = git, root, started

    @cached_property
    def files(self) -> Files:
        """Return the files that reading commands read: the working tree, or what HEAD holds where there is none."""
        if self.root is not None:
            return WorkingTree(self.root)
        return CommittedTree(self.git, self.tree)

    @cached_property
    def tree(self) -> str:
        """Return the name of the tree that HEAD holds; an empty tree before the first commit."""
        return "HEAD" if self.git.revision("HEAD") else self.git.empty_tree()

    @cached_property
    def judges(self) -> Policy:
        """The settings in force here."""
        return judges_of(self.files)

    @property
    def settings(self) -> settings.Settings:
        """The newsroom's settings."""
        return self.judges.settings

    @cached_property
    def actor(self) -> Ident:
        """Who acts here."""
        return self.git.identity()

    @cached_property
    def commits(self) -> Commits:
        """The writing side of the working tree; raises CannotRun where nothing may be written."""
        from newsroom_cli.repository.commit import Commits

        if self.root is None:
            raise CannotRun("This is a bare repository.", "Clone it, and make the move in the clone.")
        return Commits(self.git, self.root)

    def relative(self, path: str) -> str:
        """Return a path typed by a person as the repository names it; raises CannotRun for one outside."""
        if self.root is None:
            return path
        full = Path(os.path.normpath(self.started / path))
        for candidate in (full, full.parent.resolve() / full.name):
            if candidate == self.root or self.root in candidate.parents:
                return candidate.relative_to(self.root).as_posix()
        raise CannotRun(f"{path} is outside the repository.", f"Stories are in {self.root.name}/stories.")

    def find(self, slug: str) -> str:
        """Return the path of the story a slug (or its path) names; raises Refusal when none or several do."""
        paths = story_paths(self.files)
        matches = [path for path in paths if path.endswith(f"/{slug}{STORY_ENDING}")]
        if len(matches) == 1:
            return matches[0]
        if slug.endswith(STORY_ENDING) and "/" in slug and (path := self.relative(slug)) in paths:
            return path
        wanted = fold_slug(slug)
        matches = matches or [path for path in paths if fold_slug(slug_of(path)) == wanted]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise Refusal(f"{slug} names {len(matches)} stories: {', '.join(matches)}.", "Rename all but one (git mv).")
        near = difflib.get_close_matches(wanted, [slug_of(path) for path in paths], n=3, cutoff=0.7)
        hint = f"Did you mean {' or '.join(near)}?" if near else "story list shows every story."
        raise Refusal(f"There is no story {slug}.", hint)

    def read(self, path: str) -> Story:
        """Parse one story; raises Unreadable, or Refusal when it is not there."""
        content = self.files.read(path)
        if content is None:
            raise Refusal(f"There is no file {path}.", "story list shows every story.")
        from newsroom_cli.story import frontmatter

        return frontmatter.read_story(path, content)

    def ledger(self, story: Story) -> Ledger | None:
        """Return the ledger a story's id leads to; None when it has no id or nothing is there."""
        return ledger_by(self.files, story.metadata.id or "")

    def keep_ledger(self, slug: str, story_id: str) -> None:
        """Raise Refusal where the ledger of an id is in its old place, or in the last commit and not in the tree."""
        path = ledger.path_of(story_id) if self.root is not None and ID.fullmatch(story_id) else ""
        if path and self.files.holds(ledger.month_path_of(story_id)):
            raise Refusal(f"The ledger of {slug} is in the folder of its month.", f"Move them: {ledger.INTO_DAYS}")
        if not path or self.files.holds(path) or path not in self.git.list_tree(self.tree, path):
            return
        staged = "" if self.git.names("--literal-pathspecs", "ls-files", "-z", "--", path) else "--staged --worktree "
        raise Refusal(f"The ledger of {slug} is missing from the working tree.", f"git restore {staged}{path}")

    def read_case(self, slug: str, *, to_write: bool = True) -> Case:
        """Return the case of a story as far as its own files tell: its text, ledger, pictures, what is uncommitted."""
        if to_write:
            _ = self.commits
        story = self.read(self.find(slug))
        record = self.ledger(story)
        return self.case_of(story, record, also=[story.path, *([record.path] if record else [])] if to_write else ())

    def case_of(self, story: Story, record: Ledger | None = None, *, also: Sequence[str] = ()) -> Case:
        """Return the case of a story with the pictures that are there; `also` are files that may be uncommitted."""
        from newsroom_cli.story import pictures
        from newsroom_cli.workflow.case import Case

        named = pictures.locate_pictures(story)
        if self.root is None:
            listing = self.git.list_tree(self.tree, *named.values()) if named else {}
            return Case(story, record, {name: listing[path][1] for name, path in named.items() if path in listing})
        present = {name: path for name, path in named.items() if _is_file(self.root / path)}
        paths = sorted(set(present.values()))
        ids = self.git.text("hash-object", "--", *paths).split() if paths else []
        blobs = dict(zip(paths, ids, strict=True))
        dirty = self.commits.find_changed([*paths, *also])
        loose = frozenset(name for name, path in present.items() if path in dirty)
        return Case(story, record, {name: blobs[path] for name, path in present.items()}, dirty & set(also), loose)


def _is_file(full: Path) -> bool:
    return os.path.isfile(full) and not full.is_symlink()  # noqa: PTH113  a name may be too long for Path


def fold_slug(slug: str) -> str:
    """Return a slug as it is compared: NFC, case-folded."""
    if slug.isascii():
        return slug.casefold()
    import unicodedata

    return unicodedata.normalize("NFC", slug).casefold()


def slugs_in_use(files: Files, *, but: str = "") -> dict[str, str]:
    """Return every slug of a tree, folded, with its path; the file `but` is left out."""
    return {fold_slug(slug_of(path)): path for path in story_paths(files) if path != but}


def open_newsroom(start: Path | None = None) -> Newsroom:
    """Open the newsroom around a folder (the current one); raises CannotRun outside a repository."""
    started = (start or current_folder()).absolute()
    git = discover(started)
    return Newsroom(git, git.top, Path(os.path.realpath(started)))


def ledger_paths(files: Files) -> list[str]:
    """Return every ledger of a tree, sorted, be it in its place or not."""
    return files.under(LEDGERS, LEDGER_ENDING)


def ledger_by(files: Files, story_id: str) -> Ledger | None:
    """Return the ledger of an id among some files; None when that is no id or nothing is there."""
    if not ID.fullmatch(story_id):
        return None
    content = files.read(ledger.path_of(story_id))
    return None if content is None else ledger.parse(ledger.path_of(story_id), content)
