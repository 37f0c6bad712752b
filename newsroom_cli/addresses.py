"""The path readers use for a story: made of the newsroom's permalink once, when the story first goes public. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

PERMALINK = "/{section}/{year}/{month}/{slug}/"
"""The permalink of a newsroom that names none."""

PLACES = ("section", "year", "month", "day", "slug")
"""The names a permalink may have in braces."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_PLAIN_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REFUSED = re.compile(r"[\s?#%\\\"'<>{}]")
"""Characters that end a path, stand for others in it, or cannot stand in one."""
_LONGEST = 500


class PermalinkFlaw(ValueError):
    """A permalink that makes no addresses, in words that follow its name; `hint` is the way out."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def check_permalink(permalink: object) -> None:
    """Raise PermalinkFlaw for a permalink that is no path, names what there is not, or does not end in the slug."""
    if not isinstance(permalink, str):
        raise PermalinkFlaw("is not text", f'Write permalink = "{PERMALINK}".')
    if not permalink.startswith("/"):
        raise PermalinkFlaw("does not begin with a slash", f"Did you mean /{permalink}?")
    for name in _PLACE.findall(permalink):
        if name not in PLACES:
            import difflib

            near = difflib.get_close_matches(name, PLACES, n=1)
            known = ", ".join(f"{{{place}}}" for place in PLACES)
            hint = f"Did you mean {{{near[0]}}}?" if near else f"There are {known}."
            raise PermalinkFlaw(f"names {{{name}}}, which there is not", hint)
    if "{slug}" not in permalink.rstrip("/").rpartition("/")[2]:
        suggestion = f"{permalink.rstrip('/')}/{{slug}}/" if "{slug}" not in permalink else PERMALINK
        raise PermalinkFlaw("does not end in {slug}, which tells stories apart", f"Did you mean {suggestion}?")
    if not is_address(_PLACE.sub("x", permalink)):
        raise PermalinkFlaw(f"is {permalink}, which is not a path", f"Write one as in {PERMALINK}.")


def is_address(text: object) -> bool:
    """Tell whether a value is a path from the root of a site, written plainly: no query, no escapes, no `..`."""
    if not isinstance(text, str) or not text.startswith("/") or len(text) > _LONGEST or not text.isprintable():
        return False
    parts = text.rstrip("/").split("/")[1:]
    return bool(parts) and all(part not in ("", ".", "..") for part in parts) and not _REFUSED.search(text)


def make_address(permalink: str, *, slug: str, section: str, day: datetime, unicode: bool) -> str:
    """Make a story's address; `day` is in the newsroom's zone. Without a section its part of the path is left out."""
    values: Mapping[str, str] = {
        "section": _slugify_section(section, unicode=unicode),
        "year": f"{day:%Y}",
        "month": f"{day:%m}",
        "day": f"{day:%d}",
        "slug": slug,
    }
    parts = [_PLACE.sub(lambda place: values[place[1]], part) for part in permalink.split("/")]
    inner = [part for part in parts[1:-1] if part]
    return "/".join(["", *inner, parts[-1]])


def _slugify_section(section: str, *, unicode: bool) -> str:
    """Make a section a part of a path, as slugs are made."""
    if not section or _PLAIN_NAME.fullmatch(section):
        return section
    from slugify import slugify

    return slugify(section, allow_unicode=unicode)
