"""How a story begins: its id, its slug, and the text of a new or an adopted file. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from newsroom_cli.errors import Refusal, WrongUsage
from newsroom_cli.model import RECORD_KEYS, Ident, Story, shadowed_key
from newsroom_cli.people.policy import Policy
from newsroom_cli.rules.metadata.shapes import slug_flaw
from newsroom_cli.settings.settings import Settings
from newsroom_cli.story import frontmatter

_ORDER = ("id", "title", "slug", "state", "draft", "reporter", "lang", "section", "description", "dateline")


def slug_of(title: str, settings: Settings) -> str:
    """Return a slug from a title: ASCII by transliteration, or Unicode where the newsroom says so."""
    from slugify import slugify

    limit = settings.limits.slug
    slug = slugify(title, allow_unicode=settings.slugs == "unicode", max_length=limit, word_boundary=True)
    return _shorten_slug(slug, limit) or "untitled"


def _shorten_slug(slug: str, limit: int) -> str:
    """Return a slug cut to so many bytes, between characters."""
    return slug.encode()[:limit].decode("utf-8", "ignore").strip("-")


def free_slug(title: str, settings: Settings, taken: Collection[str]) -> str:
    """Return the title's slug, numbered where another story has it."""
    slug = base = slug_of(title, settings)
    number = 1
    while slug.casefold() in taken:
        number += 1
        suffix = f"-{number}"
        slug = _shorten_slug(base, settings.limits.slug - len(suffix)) + suffix
    return slug


def chosen_slug(slug: str, settings: Settings, taken: Mapping[str, str]) -> str:
    """Return a slug somebody asked for; raises WrongUsage for its shape and Refusal when another story has it."""
    odd = "is not ASCII" if settings.slugs == "ascii" and not slug.isascii() else ""
    if reason := slug_flaw(slug, limit=settings.limits.slug) or odd:
        raise WrongUsage(f"The slug {slug} {reason}.", f"Did you mean {slug_of(slug, settings)}?")
    if other := taken.get(slug.casefold()):
        raise Refusal(f"{other} has the slug {slug} already.", "Choose another with --slug.")
    return slug


def folder_of(settings: Settings, at: datetime, section: str) -> str:
    """Return the folder of a new story under `stories/`."""
    year, month, day = f"{at.astimezone(settings.timezone):%Y-%m-%d}".split("-")
    section = slug_of(section or "general", settings)
    return settings.path.format(year=year, month=month, day=day, section=section).strip("/")


def find_person(text: str, policy: Policy) -> Ident:
    """Read a person as typed: `Name <email>`, an e-mail, or a name that is unique on the roster; raises WrongUsage."""
    try:
        ident = Ident.parse(text)
    except ValueError:
        raise WrongUsage(f"{text!r} is not a person.", "Write `Name <email>`, an e-mail or a name.") from None
    if ident.email and "@" not in ident.email:
        raise WrongUsage(f"{ident.email} is not an e-mail.", "Write `Name <email>`, an e-mail or a name.")
    if not ident.email and "@" in ident.name and " " not in ident.name:
        ident = Ident("", ident.name)
    known = policy.person(ident)
    if known is not None:
        return Ident(known.name, ident.email or known.emails[0])
    if policy.has_roster and len([person for person in policy.settings.people if person.name == ident.name]) > 1:
        raise WrongUsage(f"{text} is the name of several people.", "Give the e-mail.")
    return ident if ident.name else Ident(ident.email.partition("@")[0], ident.email)


def first_keys(settings: Settings, story_id: str, title: str, slug: str, reporter: str | list[str]) -> dict[str, Any]:
    """Return the keys that every story begins with, as far as nobody said more."""
    known = {"id": story_id, "title": title, "slug": slug, "state": settings.pipeline.initial, "draft": True}
    return {**known, "reporter": reporter, "lang": settings.language, "source": settings.source or None}


def compose(path: str, values: Mapping[str, Any], settings: Settings) -> Story:
    """Write a new story: `values`, and every key that somebody still has to fill, with the state that needs it.

    Keys that only `story` writes are left out until it does: an empty `date` stops a whole Jekyll site.
    """
    pipeline = settings.pipeline
    needed = {key: since for key, since in pipeline.required_keys(pipeline.names[-1]).items() if key not in RECORD_KEYS}
    keys = [key for key in _ORDER if key in values or key in needed]
    keys += [key for key in dict.fromkeys((*needed, *values)) if key not in keys]
    lines = []
    for key in keys:
        if values.get(key) is not None:
            lines.append(f"{key}:{frontmatter.render(values[key])}")
        elif key in needed:
            lines.append(f"{key}:  # required from {needed[key]}")
    text = "---\n" + "\n".join(lines) + "\n---\n\n"
    return frontmatter.read_story(path, text.encode())


_STOPPING = ("embargo", "publish_at", "pubstatus")


def keys_aside(story: Story, keys: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Return what a story has under `imported:` with some more keys; what stood there as something else is kept."""
    earlier = story.fields.get("imported")
    kept = earlier if isinstance(earlier, dict) else ({} if earlier is None else {"imported": earlier})
    return {**kept, **keys}


def stopping_keys(story: Story) -> dict[str, Any]:
    """Return the keys that would stop a story from going out, by value: those that stand there and are not null."""
    return {key: story.fields[key] for key in _STOPPING if story.holds(key)}


def stopping_keys_aside(story: Story) -> dict[str, str]:
    """Return the keys under `imported:` that would stop a story from going out were they its own."""
    return {key: str(value) for key, value in keys_aside(story).items() if key in _STOPPING and value}


def adopt_text(story: Story, values: Mapping[str, Any]) -> Story:
    """Return a story written by hand or elsewhere as it is taken in: record keys of before move to `imported:`.

    `values` are the id and what it lacks; they are written where the key is missing or empty (the id and the
    slug always).
    """
    records = (*RECORD_KEYS, *filter(shadowed_key, story.fields))
    foreign = {key: story.fields[key] for key in records if key != "id" and story.holds(key)}
    old_id = story.fields.get("id")
    if isinstance(old_id, str) and old_id != values["id"]:
        foreign["id"] = old_id
    story = frontmatter.edit(story, {key: None for key in records if key in story.fields})
    if foreign:
        story = frontmatter.edit(story, {"imported": keys_aside(story, foreign)})
    wanted = {k: v for k, v in values.items() if v is not None and (k in ("id", "slug") or not story.holds(k))}
    return frontmatter.edit(story, wanted)
