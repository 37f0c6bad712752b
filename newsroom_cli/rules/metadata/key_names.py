"""Rules on keys that were probably meant to be others or stand in the wrong place; the keys that are what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from newsroom_cli.model import DESK_KEYS, KEY_ORDER, RECORD_KEYS, Metadata, Severity, Story
from newsroom_cli.rules.registry import Edit, Fix, RuleContext, Since, Violation, rule

_OURS = (*KEY_ORDER, *DESK_KEYS, "aliases", "check-ignore")

_OTHERS = frozenset(
    (
        # Hugo
        "audio build cascade categories expiryDate expirydate featured_image headless isCJKLanguage keywords layout"
        " linkTitle linktitle markup menu menus modified outputs params pubdate publishDate publishdate published"
        " resources series sitemap summary toc translationKey translationkey type unpublishdate url videos weight"
        # Jekyll
        " category collection comments excerpt excerpt_separator feed header image image_alt last_modified_at locale"
        " nav_order parent permalink redirect_from redirect_to related render_with_liquid robots seo share sidebar"
        " subtitle tag tagline teaser twitter"
        # Eleventy
        " data dynamicPermalink eleventy eleventyComputed eleventyExcludeFromCollections eleventyImport"
        " eleventyNavigation override:tags page pagination templateClass templateEngineOverride"
        # what newsrooms add
        " copyright created dates deck desc end_date hero kicker lead licence license links name publish_date"
        " published_at rights sources stage start_date stats status subhead thumbnail topic topics update updated"
        " updates versions"
    ).split()
)
_KNOWN = frozenset(_OURS) | Metadata.model_fields.keys() | _OTHERS
"""Keys that are meant as they stand: `story`'s, those of Hugo, Jekyll and Eleventy, and what newsrooms add."""

_SHORTEST, _SHORT = 4, 5
"""From which length a key is looked for with a letter too many or too few, and from which with a wrong one."""


@rule("near-miss-key", Severity.WARNING, fix=Fix.SAFE)
def near_miss_key(story: Story, _: RuleContext) -> Iterator[Violation]:
    """A key one slip away from a known one (`titel`, `Author`) was probably meant to be it.

    A slip is a letter too many, too few, wrong or swapped with its neighbour, capitals, or a hyphen for `_`. The
    other key is written where it is missing and the value fits it; never one that only `story` writes.
    """
    if story.fields.keys() <= _KNOWN:
        return
    strange = [key for key in story.fields if key not in _KNOWN]
    meant = {key: near for key in strange if (near := _near(key)) and near not in story.fields}
    for key, near in meant.items():
        fits = near not in RECORD_KEYS and list(meant.values()).count(near) == 1 and _fits(story, key, near)
        hint = f"Did you mean {near}?" + (" Only `story` writes that one." if near in RECORD_KEYS else "")
        edits = _rename_key(story, key, near) if fits else ()
        yield Violation(key, f"the key {key} is not one `story` knows.", hint, edits=edits)


@rule("imported-embargo", Severity.ERROR, since=Since.HANDED_IN, keys=("imported",))
def imported_embargo(story: Story, _: RuleContext) -> Iterator[Violation]:
    """A story that was taken in with an embargo has it as its own, not under `imported` alone."""
    imported = story.fields.get("imported")
    if isinstance(imported, dict) and (embargo := imported.get("embargo")):
        message = f"embargo {embargo} stands under imported, where it stops nobody."
        yield Violation("imported", message, f"story embargo {story.slug} TIME, then take it out of imported.")


@lru_cache(1024)
def _near(key: str) -> str:
    """The one known key that is a slip away; empty when there is none."""
    folded = _fold_key(key)
    if folded in _BY_FOLDED:
        return _BY_FOLDED[folded]
    return next((name for bare, name in _BY_FOLDED.items() if _is_slip(folded, bare)), "")


def _fold_key(key: str) -> str:
    return re.sub(r"[\s_-]+", "", key).casefold()


_BY_FOLDED = {_fold_key(name): name for name in _OURS}


def _is_slip(text: str, other: str) -> bool:
    """Tell whether a text is one letter away from `other`, or two neighbours swapped."""
    if abs(len(text) - len(other)) > 1 or len(other) < _SHORTEST:
        return False
    start = next((at for at, pair in enumerate(zip(text, other, strict=False)) if len(set(pair)) > 1), None)
    if start is None:
        return True
    rest, wanted = text[start:], other[start:]
    if len(text) != len(other):
        return rest[1:] == wanted or rest == wanted[1:]
    swapped = rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:]
    return swapped or (len(other) >= _SHORT and rest[1:] == wanted[1:])


def _fits(story: Story, key: str, near: str) -> bool:
    """Tell whether the value is one the right key may hold; a slug only where it is the file's."""
    from newsroom_cli.story.frontmatter import with_fields

    value = story.fields[key]
    if near == "slug" and value != story.slug:
        return False
    return near not in with_fields(story, {key: None, near: value}).mistyped


def _rename_key(story: Story, key: str, near: str) -> tuple[Edit, ...]:
    """The key's own characters replaced, where they stand in the text as they are read."""
    at = story.offsets.get(key, -1)
    quote = story.text[at] if at >= 0 and story.text[at] in "\"'" else ""
    if at < 0 or not story.text.startswith(f"{quote}{key}{quote}", at):
        return ()
    start = at + len(quote)
    return (Edit(start, start + len(key), near),)
