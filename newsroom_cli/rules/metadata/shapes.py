"""Rules on how a value is written: types, states, ids, slugs, sections, subjects and addresses."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from newsroom_cli.model import ID, Severity, Story
from newsroom_cli.rules.registry import Name, RuleContext, Violation, rule

_TIMES = frozenset(("date", "lastmod", "expires", "publish_at", "embargo"))
_PLAIN_ID = re.compile(r"""id:[ \t]*["']?([0-9a-z-]+)""")
_PLAIN_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SUBJECT = re.compile(r"medtop:[0-9]{8}")
_SUBJECT_CODE = re.compile(r"\s*(?:.*[/:])?([0-9]{8})\s*")


@rule(
    "wrong-type",
    Severity.ERROR,
    fixed=True,
    also={"date-incomplete": Name("A date has a time and a zone (RFC 3339), and is a day of the calendar.")},
)
def wrong_type(story: Story, _: RuleContext) -> Iterator[Violation]:
    """Every known key holds what its type says; times have a date, a time and a zone (RFC 3339)."""
    for key, reason in story.mistyped.items():
        name = "date-incomplete" if key in _TIMES else ""
        hint = "Write it as in 2026-11-23T18:00:00+08:00." if name else f"Look at `{key}` in docs/formats.md."
        yield Violation(key, f"{key} {reason}.", hint, rule=name)


@rule("unknown-state", Severity.ERROR, fixed=True)
def unknown_state(story: Story, context: RuleContext) -> Iterator[Violation]:
    """The state is one of the pipeline's."""
    state, names = story.fields.get("state"), context.settings.pipeline.names
    if isinstance(state, str) and state.strip() and state not in names:
        near = difflib.get_close_matches(state, names, n=1)
        known = f"States are {', '.join(names)}."
        yield Violation("state", f"there is no state {state}.", f"Did you mean {near[0]}? {known}" if near else known)


@rule("id-shape", Severity.ERROR, fixed=True)
def id_shape(story: Story, _: RuleContext) -> Iterator[Violation]:
    """The id is a day and eight characters, written plainly, so that everybody finds the story by it."""
    story_id = story.fields.get("id")
    if not isinstance(story_id, str) or not story_id.strip():
        return
    plain = _PLAIN_ID.match(story.text, story.offsets.get("id", 0))
    if not ID.fullmatch(story_id) or plain is None or plain[1] != story_id:
        yield Violation("id", "the id is not written as `story` writes it.", "Put the id back: git log -p -- FILE")


@rule("slug-file-name", Severity.ERROR, fixed=True)
def slug_file_name(story: Story, _: RuleContext) -> Iterator[Violation]:
    """The slug is the file's name without `.md`."""
    slug = story.fields.get("slug")
    if isinstance(slug, str) and slug.strip() and slug != story.slug:
        yield Violation(
            "slug", f"slug is {slug}, but the file is named {story.slug}.md.", f"Write `slug: {story.slug}`."
        )


@rule("slug-shape", Severity.ERROR)
def slug_shape(story: Story, context: RuleContext) -> Iterator[Violation]:
    """A slug is lower-case letters and digits joined by single hyphens, NFC, no longer than the limit in bytes."""
    if reason := slug_flaw(story.slug, limit=context.settings.limits.slug):
        yield Violation("slug", f"the slug {reason}.", "Rename the file (git mv) and the slug with it.")


def slug_flaw(slug: str, *, limit: int) -> str:
    """Return why a text cannot be a slug, in words that follow its name; empty when it can."""
    if not slug or (len(slug) <= limit and _PLAIN_SLUG.fullmatch(slug)):
        return "" if slug else "is empty"
    size = len(slug.encode("utf-8", "surrogateescape"))
    if size > limit:
        return f"is {size} bytes; at most {limit}"
    from unicodedata import is_normalized

    if not is_normalized("NFC", slug):
        return "is not in Unicode's composed form (NFC)"
    if not re.fullmatch(r"(?!-)[\w-]+(?<!-)", slug) or "_" in slug or "--" in slug:
        return "may hold letters and digits joined by single hyphens, nothing else"
    if slug != slug.lower():
        return "has upper-case letters"
    return ""


@rule("section-unknown", Severity.ERROR)
def section_unknown(story: Story, context: RuleContext) -> Iterator[Violation]:
    """The section is one the configuration lists, where it lists any."""
    section, known = story.metadata.section, context.settings.sections
    if section and section.strip() and known and section not in known:
        near = _near_section(section.strip().casefold(), known)
        listed = f"Sections are {', '.join(known)}."
        yield Violation(
            "section", f"there is no section {section}.", f"Did you mean {near}? {listed}" if near else listed
        )


def _near_section(said: str, known: dict[str, str]) -> str:
    """The section a text is near to, by its key or by the name readers see; empty when there is none."""
    keys = {name.casefold(): key for key, label in known.items() for name in (label, key)}
    near = difflib.get_close_matches(said, keys, n=1)
    return keys[near[0]] if near else ""


@rule("subject-shape", Severity.ERROR, keys=("subjects",))
def subject_shape(story: Story, _: RuleContext) -> Iterator[Violation]:
    """A subject is a code of IPTC's media topics, as in medtop:20000000; words of the house go into `tags`."""
    for subject in story.metadata.subjects:
        if not _SUBJECT.fullmatch(subject):
            code = _SUBJECT_CODE.fullmatch(subject)
            hint = f"Write `medtop:{code[1]}`." if code else "Write its code, as in medtop:20000000, or make it a tag."
            yield Violation("subjects", f"the subject {subject} is not a media topic.", hint)


@rule("address-malformed", Severity.ERROR)
def address_malformed(story: Story, _: RuleContext) -> Iterator[Violation]:
    """The address of a source is one a reader can follow: http or https, and a host."""
    source, url = story.fields.get("source"), story.metadata.source_url
    if isinstance(source, dict) and (reason := address_flaw(source.get("url"))):
        yield Violation("source", f"the url of source {reason}.", "Write it as in https://gazette.example.")
    if story.metadata.reprint:
        return
    if url and (reason := address_flaw(url)):
        yield Violation("source_url", f"source_url {reason}.", "Write it as in https://gazette.example/council-budget.")


def address_flaw(address: object) -> str:
    """Return why a value is no web address, in words that follow its name; empty when it is one, or blank."""
    if address is None or (isinstance(address, str) and not address.strip()):
        return ""
    if not isinstance(address, str):
        return "is not a web address"
    if any(mark.isspace() for mark in address.strip()):
        return f"is {address}, which is not one web address"
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(address.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"is {address}, which is not a web address"
    if parts.scheme not in ("http", "https"):
        return f"is {address}, which does not begin with https:// or http://"
    return "" if host else f"is {address}, which names no host"
