"""Rules on the front matter: what each state requires, types, shapes and limits."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from newsroom_cli.model import ID, KEY_ORDER, Metadata, Severity, Story
from newsroom_cli.pictures import named
from newsroom_cli.rules.registry import Around, Flaw, rule

_IDS = {"source": "source-empty", "lang": "lang-missing"}
_WRITTEN_BY = {
    "id": "story adopt",
    "slug": "story adopt",
    "state": "story adopt",
    "editor": "story approve",
    "date": "story publish",
    "lastmod": "story publish",
    "version": "story publish",
}
_EXAMPLES = {
    "title": "title: Council passes the 2027 budget",
    "reporter": "reporter: Name <name@gazette.example>",
    "lang": "lang: en",
    "section": "section: local",
    "description": "description: one sentence that says what happened",
    "source": "source: Harbour Gazette",
    "dateline": "dateline: HARBOUR CITY",
}
_LANG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*|[xi](-[A-Za-z0-9]{1,8})+")
_KNOWN = (*KEY_ORDER, "due", "assignee", "check-ignore", "aliases", "type", "layout", "url", "weight", "categories")


@rule(
    "required",
    Severity.ERROR,
    fixed=True,
    also={
        "source-empty": "A story says where it comes from: an empty `source` is an error, not an unknown one.",
        "lang-missing": "A story says which language it is in.",
    },
)
def required(story: Story, around: Around) -> Iterator[Flaw]:
    """Every key the story's state requires is there and not blank; the finding is named `required-KEY`."""
    for key, state in around.settings.pipeline.required(around.state).items():
        if story.holds(key) or any(wrong.key == key for wrong in story.mistyped):
            continue
        if around.is_initial and key in ("id", "slug", "state") and not story.holds("id"):
            continue  # a story written by hand that is not taken in yet: the record says so
        what = "is empty" if key in story.offsets else "is missing"
        if key in _WRITTEN_BY:
            hint = f"Written by: {_WRITTEN_BY[key]}"
        else:
            hint = f"Write `{_EXAMPLES.get(key, f'{key}: …')}`, then: story save {story.slug}"
        yield Flaw(key, f"{key} {what}; required from {state}.", hint, rule=_IDS.get(key, f"required-{key}"))


@rule(
    "wrong-type",
    Severity.ERROR,
    fixed=True,
    also={"date-incomplete": "A date has a time and a zone (RFC 3339), and is a day of the calendar."},
)
def wrong_type(story: Story, around: Around) -> Iterator[Flaw]:
    """Every known key holds what its type says; times have a date, a time and a zone (RFC 3339)."""
    del around
    for wrong in story.mistyped:
        name = "date-incomplete" if wrong.key in ("date", "lastmod", "expires") else ""
        yield Flaw(wrong.key, f"{wrong.key} {wrong.reason}.", rule=name)


@rule("unknown-state", Severity.ERROR, fixed=True)
def unknown_state(story: Story, around: Around) -> Iterator[Flaw]:
    """The state is one of the pipeline's."""
    state, names = story.fields.get("state"), around.settings.pipeline.names
    if isinstance(state, str) and state.strip() and state not in names:
        near = difflib.get_close_matches(state, names, n=1)
        known = f"States are {', '.join(names)}."
        yield Flaw("state", f"there is no state {state}.", f"Did you mean {near[0]}? {known}" if near else known)


@rule("id-shape", Severity.ERROR, fixed=True)
def id_shape(story: Story, around: Around) -> Iterator[Flaw]:
    """The id is a day and eight characters, written plainly, so that everybody finds the story by it."""
    del around
    story_id = story.fields.get("id")
    if not isinstance(story_id, str) or not story_id.strip():
        return
    plain = re.match(r"""id:[ \t]*["']?([0-9a-z-]+)""", story.text[story.offsets.get("id", 0) :])
    if not ID.fullmatch(story_id) or plain is None or plain[1] != story_id:
        yield Flaw("id", "the id is not written as `story` writes it.", "Put the id back: git log -p -- FILE")


@rule("slug-file-name", Severity.ERROR, fixed=True)
def slug_file_name(story: Story, around: Around) -> Iterator[Flaw]:
    """The slug is the file's name without `.md`."""
    del around
    slug = story.fields.get("slug")
    if isinstance(slug, str) and slug.strip() and slug != story.slug:
        yield Flaw("slug", f"slug is {slug}, but the file is named {story.slug}.md.", f"Write `slug: {story.slug}`.")


@rule("slug-shape", Severity.ERROR)
def slug_shape(story: Story, around: Around) -> Iterator[Flaw]:
    """A slug is lower-case letters and digits joined by single hyphens, NFC, no longer than the limit in bytes."""
    if reason := slug_flaw(story.slug, limit=around.settings.limits.slug):
        yield Flaw("slug", f"the slug {reason}.", "Rename the file (git mv) and the slug with it.")


def slug_flaw(slug: str, *, limit: int) -> str:
    """Why a text cannot be a slug, in words that follow its name; empty when it can."""
    if not slug:
        return "is empty"
    size = len(slug.encode("utf-8", "surrogateescape"))
    if size > limit:
        return f"is {size} bytes; at most {limit}"
    if not slug.isascii() and slug != _composed(slug):
        return "is not in Unicode's composed form (NFC)"
    if not re.fullmatch(r"(?!-)[\w-]+(?<!-)", slug) or "_" in slug or "--" in slug:
        return "may hold letters and digits joined by single hyphens, nothing else"
    if slug != slug.lower():
        return "has upper-case letters"
    return ""


def _composed(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", text)


@rule("section-unknown", Severity.ERROR)
def section_unknown(story: Story, around: Around) -> Iterator[Flaw]:
    """The section is one the configuration lists, where it lists any."""
    section, known = story.metadata.section, around.settings.sections
    if section and section.strip() and known and section not in known:
        near = difflib.get_close_matches(section, known, n=1)
        listed = f"Sections are {', '.join(known)}."
        yield Flaw(
            "section", f"there is no section {section}.", f"Did you mean {near[0]}? {listed}" if near else listed
        )


@rule("lang-unknown", Severity.ERROR)
def lang_unknown(story: Story, around: Around) -> Iterator[Flaw]:
    """The language is shaped as BCP 47 has it: en, zh-Hant, pt-BR."""
    del around
    lang = story.metadata.lang
    if lang and lang.strip() and not _LANG.fullmatch(lang):
        yield Flaw("lang", f"{lang} is not a language tag.", "Write it as in en, zh-Hans or pt-BR (BCP 47).")


@rule("title-length", Severity.ERROR)
def title_length(story: Story, around: Around) -> Iterator[Flaw]:
    """A title is no longer than the limit, in readers' characters."""
    yield from _too_long(story, "title", around.settings.limits.title)


@rule("description-length", Severity.WARNING)
def description_length(story: Story, around: Around) -> Iterator[Flaw]:
    """A description is no longer than advised, in readers' characters."""
    yield from _too_long(story, "description", around.settings.limits.description)


def _too_long(story: Story, key: str, limit: int) -> Iterator[Flaw]:
    text = getattr(story.metadata, key) or ""
    if len(text) <= limit:
        return
    import unicodedata

    length = sum(1 for character in text if not unicodedata.combining(character))
    if length > limit:
        yield Flaw(key, f"{key} is {length} characters; at most {limit}.", "Shorten it.")


@rule("near-miss-key", Severity.WARNING)
def near_miss_key(story: Story, around: Around) -> Iterator[Flaw]:
    """A key one slip away from a known one (`titel`, `Author`) was probably meant to be it."""
    del around
    for key in story.fields:
        if key in _KNOWN or key in Metadata.model_fields or key == "imported":
            continue
        near = difflib.get_close_matches(key.strip().lower(), KEY_ORDER, n=1, cutoff=0.8)
        if near and near[0] not in story.fields:
            yield Flaw(key, f"the key {key} is not one `story` knows.", f"Did you mean {near[0]}?")


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
            hint = f"story save {story.slug}"
            message = f"the picture {picture} is not committed."
            yield Flaw("images", message, hint, rule="image-uncommitted", severity=weight)


@rule("image-described", Severity.ERROR)
def image_described(story: Story, around: Around) -> Iterator[Flaw]:
    """Every picture of `images` has alt text and a credit before readers see it."""
    if not around.is_public:
        return
    for image in story.metadata.images:
        for key in ("alt", "credit"):
            if not (getattr(image, key) or "").strip():
                message = f"the picture {image.src} has no {key}; required from {around.state}."
                yield Flaw("images", message, f"Write its `{key}:`, then: story save {story.slug}")


@rule("reprint-origin", Severity.ERROR)
def reprint_origin(story: Story, around: Around) -> Iterator[Flaw]:
    """A reprint names the title, author and address of what it reprints before readers see it."""
    if not (story.metadata.reprint and around.is_public):
        return
    for key in ("original_title", "original_author", "source_url"):
        if not story.holds(key):
            message = f"{key} is missing; a reprint requires it from {around.state}."
            yield Flaw("reprint", message, f"Write `{key}: …`, then: story save {story.slug}", rule=f"required-{key}")


METADATA = (
    required,
    wrong_type,
    unknown_state,
    id_shape,
    slug_file_name,
    slug_shape,
    section_unknown,
    lang_unknown,
    title_length,
    description_length,
    near_miss_key,
    image_missing,
    image_described,
    reprint_origin,
)
