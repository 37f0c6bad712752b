"""Shows the whole way: three people, sample stories, the real commands and what they print."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from newsroom_cli.errors import CannotRun
from newsroom_cli.escaping import make_visible
from newsroom_cli.model import NOT_CONTENT, Ident, Story
from newsroom_cli.repository.layout import STORIES, STORY_ENDING, story_path
from newsroom_cli.repository.new_repository import make_repository
from newsroom_cli.settings.settings import Settings
from newsroom_cli.story import frontmatter, pictures

PEOPLE = {
    "Reporter": "reporter@gazette.example",
    "Editor": "editor@gazette.example",
    "Chief": "chief@gazette.example",
}


@dataclass(frozen=True)
class Sample:
    """A story to play with: its text, and its pictures by name."""

    story: Story
    pictures: dict[str, bytes]


def samples() -> list[Sample]:
    """Read the sample stories that come with the package, the furthest first; in a checkout, the repository's own."""
    here = Path(__file__).parent
    folder = here / "samples" if (here / "samples").is_dir() else here.parent / STORIES
    stories = []
    for path in sorted(folder.glob(f"**/*{STORY_ENDING}")):
        story = frontmatter.read_story(story_path("", path.stem), path.read_bytes())
        named = {name: path.parent / name for name in pictures.find_pictures(story)}
        stories.append(Sample(story, {name: full.read_bytes() for name, full in named.items()}))
    order = Settings().pipeline.names[::-1]
    return sorted(stories, key=lambda sample: order.index(str(sample.story.metadata.state)))


@dataclass
class _Stage:
    """The newsroom the demonstration plays in, and where its lines go."""

    root: Path
    put: Callable[[str], None]
    refused: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, who: str, *command: str) -> None:
        """Run a command as one of the people, showing it and what it prints; anything but 0 or 1 is a fault."""
        identity = {"NAME": who, "EMAIL": PEOPLE[who]}
        person = {f"GIT_{side}_{key}": value for side in ("AUTHOR", "COMMITTER") for key, value in identity.items()}
        real = [sys.executable, "-m", "newsroom_cli", *command[1:]] if command[0] == "story" else list(command)
        self.put(f"\n{who.lower()}$ {make_visible(shlex.join(command))}")
        done = subprocess.run(
            real,
            cwd=self.root,
            env={**self.environment, **person},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        for line in done.stdout.decode("utf-8", "replace").splitlines():
            self.put(make_visible(line))
        if done.returncode not in (0, 1):
            raise CannotRun(
                f"The demonstration stopped at: {make_visible(shlex.join(command))}",
                make_visible(done.stdout.decode("utf-8", "replace").strip()[-300:]),
            )
        self.refused += done.returncode

    def story(self, who: str, *arguments: str) -> None:
        """Run one `story` command as one of the people."""
        self.run(who, "story", *arguments)

    def path(self, slug: str) -> Path:
        """Return the path of a story's file."""
        return next(self.root.glob(f"{STORIES}/**/{slug}{STORY_ENDING}"))


def run(folder: str, put: Callable[[str], None]) -> None:
    """Play the whole way in `folder`, or in a new temporary one; says at the end where it is.

    Raises CannotRun when the folder is not empty or a command could not run.
    """
    root = Path(folder).absolute() if folder else Path(tempfile.mkdtemp(prefix="story-demo-"))
    if root.exists() and any(root.iterdir()):
        raise CannotRun(f"{root} is not empty.", "Name a new folder: story demo --dir PATH")
    if not shutil.which("git"):
        raise CannotRun("git was not found.", "Install git, or put it on your PATH.")
    root.mkdir(parents=True, exist_ok=True)
    stage = _Stage(root, put, environment=_environment())
    _make_newsroom(stage)
    first, *rest = samples()
    _publish(stage, first)
    _send_back(stage, rest[0])
    put("\n# A third one waits for its review.")
    _begin(stage, rest[1])
    _submit(stage, rest[1])
    for verb in (["list"], ["log", first.story.slug], ["check"]):
        stage.story("Chief", *verb)
    put(f"\nThe newsroom is in {root}")
    put(f"Go on playing: cd {shlex.quote(str(root))} && {_command()} list")
    name, email = "Editor", PEOPLE["Editor"]
    put("You are the Reporter there; as the Editor (or the Chief, chief@gazette.example), before the command:")
    put(f"GIT_AUTHOR_NAME={name} GIT_AUTHOR_EMAIL={email} GIT_COMMITTER_NAME={name} GIT_COMMITTER_EMAIL={email}")


def _command() -> str:
    """Return how the running `story` is called: by its name where the PATH leads to one, else by its own path."""
    if shutil.which("story"):
        return "story"
    beside = Path(sys.executable).with_name("story")
    return shlex.quote(str(beside)) if beside.is_file() else f"{shlex.quote(sys.executable)} -m newsroom_cli"


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PYTHONIOENCODING": "utf-8"}


def _make_newsroom(stage: _Stage) -> None:
    stage.put("# A repository becomes a newsroom.")
    reporter = Ident("Reporter", PEOPLE["Reporter"])
    make_repository(stage.root, branch="main", person=reporter, environment=stage.environment)
    stage.story("Chief", "init")
    stage.run("Chief", "git", "add", "--all")
    stage.run("Chief", "git", "commit", "--quiet", "--message", "story init")


def _begin(stage: _Stage, sample: Sample) -> None:
    meta = sample.story.metadata
    options = ["--slug", sample.story.slug, "--section", meta.section or "local", "--lang", meta.lang or "en"]
    stage.story("Reporter", "new", meta.title or "", *options)


def _submit(stage: _Stage, sample: Sample) -> None:
    """Write the sample's text and its keys as its reporter would, in whatever editor they like, and hand it in."""
    stage.put("\n# The reporter writes the text and the missing keys in an editor.")
    path = stage.path(sample.story.slug)
    story = frontmatter.read_story(sample.story.path, path.read_bytes())
    kept = (*NOT_CONTENT, "title", "slug", "reporter")
    keys = {key: value for key, value in sample.story.fields.items() if key not in kept and value is not None}
    path.write_text(frontmatter.edit(story, keys).text.rstrip("\n") + "\n\n" + sample.story.body.lstrip("\n"), "utf-8")
    for name, content in sample.pictures.items():
        full = path.parent / name
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(content)
    stage.story("Reporter", "submit", sample.story.slug)


def _publish(stage: _Stage, sample: Sample) -> None:
    slug = sample.story.slug
    stage.put("\n# A story goes from its first line to its readers.")
    _begin(stage, sample)
    stage.put("\n# Handed in too early: everything that is missing, at once.")
    stage.story("Reporter", "submit", slug)
    _submit(stage, sample)
    stage.put("\n# Nobody passes their own story.")
    stage.story("Reporter", "approve", slug)
    stage.story("Editor", "approve", slug, "--note", "Checked against the minutes.")
    stage.story("Chief", "publish", slug)
    if stage.refused != 2:  # noqa: PLR2004  handed in too early, and passed by its own reporter
        raise CannotRun("The demonstration did not go as planned.", "Please report it, with what stands above.")


def _send_back(stage: _Stage, sample: Sample) -> None:
    slug = sample.story.slug
    stage.put("\n# Another one comes back once; its picture goes along.")
    _begin(stage, sample)
    _submit(stage, sample)
    stage.story("Editor", "send-back", slug, "--note", "Who says so? Add it to the second paragraph.")
    path = stage.path(slug)
    path.write_text(path.read_text("utf-8").rstrip("\n") + "\n\nThe library service confirmed the dates.\n", "utf-8")
    stage.story("Reporter", "save", slug, "--note", "Confirmed by the library service.")
    stage.story("Reporter", "submit", slug)
    stage.story("Editor", "approve", slug)
