"""Rules on the pictures a story names: that they are there, and that readers are told what they show and whose."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.registry import Name, RuleContext, Since, Violation, in_body, rule, save_command
from newsroom_cli.story.pictures import find_pictures

_ASKED = {"alt": "", "credit": "", "caption": "image-uncaptioned"}
"""What readers are told of a picture, and the name of the finding where that is not the rule's."""


@rule(
    "image-missing",
    Severity.ERROR,
    mild=Severity.WARNING,
    also={
        "image-uncommitted": Name(
            "Every picture the story names is committed as it stands.\n\nA warning in the first state."
        )
    },
)
def image_missing(story: Story, context: RuleContext) -> Iterator[Violation]:
    """Every local picture the story names is there, and committed.

    A warning in the first state.
    """
    for picture in find_pictures(story):
        if picture not in context.assets:
            hint = f"Put the file itself, no link to one, beside {story.path}, or mend its name."
            message = f"the picture {picture} is not there."
            yield Violation("images", message, hint, _place(story, picture), is_mild=context.is_initial)
        elif picture in context.loose:
            hint = save_command(story)
            message = f"the picture {picture} is not committed."
            yield Violation(
                "images", message, hint, _place(story, picture), "image-uncommitted", is_mild=context.is_initial
            )


def _place(story: Story, picture: str) -> tuple[int, int] | None:
    """Where a picture's name stands in the body; None for one of `images`, and where it is written otherwise."""
    if picture in (image.src for image in story.metadata.images):
        return None
    places = (story.body.find(name) for name in (picture, unquote(picture)))
    return next((in_body(story, at) for at in places if at >= 0), None)


@rule(
    "image-described",
    Severity.ERROR,
    since=Since.PUBLIC,
    also={
        "image-uncaptioned": Name("Every picture of `images` has a caption before readers see it.", Severity.WARNING)
    },
    keys=("images",),
)
def image_described(story: Story, context: RuleContext) -> Iterator[Violation]:
    """Every picture of `images` has alt text and a credit before readers see it."""
    for image in story.metadata.images:
        for key, name in _ASKED.items():
            if not (getattr(image, key) or "").strip():
                since = "" if name else f"; required from {context.state}"
                hint = f"Write its `{key}:`, then: {save_command(story)}"
                yield Violation("images", f"the picture {image.src} has no {key}{since}.", hint, rule=name)
