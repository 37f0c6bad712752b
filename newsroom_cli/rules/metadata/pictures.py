"""Rules on the pictures a story names: that they are there, and that readers are told what they show and whose."""

from __future__ import annotations

from collections.abc import Iterator

from newsroom_cli.model import Severity, Story
from newsroom_cli.pictures import named
from newsroom_cli.rules.registry import Around, Flaw, Since, rule, saving

_ASKED = ("alt", "credit")


@rule(
    "image-missing",
    Severity.ERROR,
    also={"image-uncommitted": "Every picture the story names is committed as it stands."},
)
def image_missing(story: Story, around: Around) -> Iterator[Flaw]:
    """Every local picture the story names is there, and committed."""
    weight = Severity.WARNING if around.is_initial else Severity.ERROR
    for picture in named(story):
        if picture not in around.assets:
            hint = f"Put it beside {story.path}, or mend its name."
            yield Flaw("images", f"the picture {picture} is not there.", hint, severity=weight)
        elif picture in around.loose:
            hint = saving(story)
            message = f"the picture {picture} is not committed."
            yield Flaw("images", message, hint, rule="image-uncommitted", severity=weight)


@rule(
    "image-described",
    Severity.ERROR,
    since=Since.PUBLIC,
    also={"image-uncaptioned": "Every picture of `images` has a caption before readers see it."},
)
def image_described(story: Story, around: Around) -> Iterator[Flaw]:
    """Every picture of `images` has alt text and a credit before readers see it."""
    for image in story.metadata.images:
        for key in _ASKED:
            if not (getattr(image, key) or "").strip():
                message = f"the picture {image.src} has no {key}; required from {around.state}."
                yield Flaw("images", message, f"Write its `{key}:`, then: {saving(story)}")
        if not (image.caption or "").strip():
            hint = f"Write its `caption:`, then: {saving(story)}"
            message = f"the picture {image.src} has no caption."
            yield Flaw("images", message, hint, rule="image-uncaptioned", severity=Severity.WARNING)
