"""The JSON Schema (draft 2020-12) of a story's front matter, for editors that complete and check YAML.

Editors read YAML with types of their own, so a text may reach the schema as a number or as true: whatever a YAML
parser makes of what `story` accepts is accepted. `story check` judges more finely and has the last word.
"""

from __future__ import annotations

from typing import Any

from newsroom_cli.model import KEY_ORDER, ORIGIN_KEYS, RECORD_KEYS, Metadata
from newsroom_cli.settings.settings import Settings

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
KEYS = tuple(dict.fromkeys((*KEY_ORDER, *Metadata.model_fields, "check-ignore")))
"""Every key the schema describes, in the order of a story's front matter."""

_SCALARS = ["string", "number", "boolean"]
_TEXT: Schema = {"type": [*_SCALARS, "null"]}
_TEXTS: Schema = {"type": [*_SCALARS, "array", "null"], "items": {"type": _SCALARS}}
_TRUTH: Schema = {"enum": [True, False, "true", "false", None]}
_TIME = (
    r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)? ?([Zz]|[+-][0-9]{2}:?[0-9]{2})\s*$"
)
_INSTANT: Schema = {"type": ["string", "null"], "pattern": _TIME}
_PERSON: Schema = {"type": [*_SCALARS, "null"], "pattern": r"^(?!\s*<\s*>\s*$)\s*[^<>]*(<\s*[^<>\s]*\s*>)?\s*$"}
_PEOPLE: Schema = {**_PERSON, "type": [*_SCALARS, "array", "null"], "items": _PERSON}
_LANG = (
    r"^\s*$|^([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
    r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[0-9A-WYZa-wyz](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?"
    r"|[XIxi](-[A-Za-z0-9]{1,8})+)$"
)
_SLUG_PART = r"[^\u0000-\u002f\u003a-\u0060\u007b-\u007f]+"
_IMAGE: Schema = {
    "type": "object",
    "required": ["src"],
    "properties": {
        "src": {"type": _SCALARS, "description": "The picture's path from the story's folder, or its address."},
        "alt": {**_TEXT, "description": "What the picture shows, for whoever cannot see it."},
        "caption": {**_TEXT, "description": "What stands below the picture."},
        "credit": {**_TEXT, "description": "Who made the picture."},
    },
}
_SOURCE: Schema = {
    "type": [*_SCALARS, "object", "array", "null"],
    "maxItems": 0,
    "properties": {"name": _TEXT, "url": {**_TEXT, "description": "The source's web address."}},
}
_SILENCED: Schema = {
    "type": ["object", "null"],
    "propertyNames": {"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
    "additionalProperties": {"type": _SCALARS, "pattern": r"\S"},
}

_SHAPES: dict[str, Schema] = {
    **dict.fromkeys(("draft", "reprint"), _TRUTH),
    **dict.fromkeys(("reporter", "editor"), _PEOPLE),
    **dict.fromkeys(("author", "authors", "byline", "tags", "aliases"), _TEXTS),
    **dict.fromkeys(("date", "lastmod", "publish_at", "expires"), _INSTANT),
    "id": {"type": ["string", "null"], "pattern": "^[0-9]{8}-[0-9a-z]{8}$"},
    "slug": {**_TEXT, "pattern": f"^{_SLUG_PART}(-{_SLUG_PART})*$"},
    "lang": {"type": ["string", "boolean", "null"], "pattern": _LANG, "not": {"const": True}},
    "source": _SOURCE,
    "version": {"type": ["integer", "string", "null"], "minimum": 1, "pattern": "^[0-9]{1,9}$"},
    "pubstatus": {"enum": ["usable", "withheld", "canceled", None]},
    "embargo": {"type": ["string", "null"], "pattern": f"{_TIME}|^until-further-notice$"},
    "subjects": {
        "type": ["string", "array", "null"],
        "pattern": "^medtop:[0-9]{8}$",
        "items": {"type": "string", "pattern": "^medtop:[0-9]{8}$"},
    },
    "urgency": {"type": ["integer", "string", "null"], "minimum": 1, "maximum": 9, "pattern": "^0{0,8}[1-9]$"},
    "images": {**_IMAGE, "type": ["object", "array", "null"], "items": _IMAGE},
    "corrections": {},
    "imported": {},
    "check-ignore": _SILENCED,
}
"""The shape of each key's value; any other key of the schema is text."""

_UNTYPED = {
    "corrections": "What was corrected after publication, for readers.",
    "imported": "Where it was taken in from.",
    "check-ignore": "Findings that are right here: the rule's name, and why.",
}
"""The words on keys that have no type of their own; those on the others stand beside their types."""

_ADOPTED = ("id", "slug", "state")
"""Keys that a story written by hand gets when it is taken in."""

_FILLED: Schema = {"$ref": "#/$defs/filled"}
_DEFINITIONS: Schema = {
    "filled": {
        "description": "Something that is not empty.",
        "type": [*_SCALARS, "array", "object"],
        "pattern": r"\S",
        "contains": _FILLED,
        "minProperties": 1,
    },
    "picture": {"required": ["alt", "credit"], "properties": {"alt": _FILLED, "credit": _FILLED}},
}


def schema(settings: Settings, state: str = "") -> Schema:
    """Make the schema of front matter under a newsroom's settings; the same settings give the same schema.

    With a `state` a story has to hold what that state requires; without, what its own state requires. A story
    without a state is one written by hand, in the initial state.
    """
    return {
        "$schema": DRAFT,
        "title": f"A story's front matter, as for {state}" if state else "A story's front matter",
        "type": "object",
        "properties": {key: _property(key, settings) for key in KEYS},
        "allOf": [_demands(state, settings)] if state else _by_state(settings),
        "$defs": _DEFINITIONS,
    }


def _property(key: str, settings: Settings) -> Schema:
    pipeline, limits = settings.pipeline, settings.limits
    configured: dict[str, Schema] = {
        "state": {"enum": [*_read_as(pipeline.names), None]},
        "section": {"enum": [*_read_as(tuple(settings.sections)), "", None]} if settings.sections else _TEXT,
        "title": {**_TEXT, "maxLength": limits.title},
        "description": {**_TEXT, "maxLength": limits.description},
        "slug": {**_SHAPES["slug"], "maxLength": limits.slug},
    }
    words = _UNTYPED.get(key) or Metadata.model_fields[key].description
    since = next((f" Required from {row.name}." for row in pipeline.states if key in row.requires), "")
    written: Schema = {"readOnly": True} if key in RECORD_KEYS else {}
    return {"description": f"{words}{since}", **(configured.get(key) or _SHAPES.get(key, _TEXT)), **written}


def _by_state(settings: Settings) -> list[Schema]:
    """For each state what a story in it has to hold; the initial one for whatever names no other."""
    pipeline = settings.pipeline
    later = [name for name in pipeline.names if name != pipeline.initial]
    return [
        {"if": _in_states(name) if name in later else {"not": _in_states(*later)}, "then": _demands(name, settings)}
        for name in pipeline.names
    ]


def _in_states(*states: str) -> Schema:
    return {"required": ["state"], "properties": {"state": {"enum": _read_as(states)}}}


def _demands(state: str, settings: Settings) -> Schema:
    """Return the demands on front matter in a state."""
    pipeline = settings.pipeline
    keys = tuple(pipeline.required_keys(state))
    if state == pipeline.initial:
        given: Schema = {"required": ["id"], "properties": {"id": _FILLED}}
        adopted = _require_filled(tuple(key for key in keys if key in _ADOPTED))
        demands = _require_filled(tuple(key for key in keys if key not in _ADOPTED))
        demands["allOf"] = [{"if": given, "then": adopted}]
    else:
        demands = _require_filled(keys)
    return {**demands, **_require_for_readers(demands)} if pipeline.is_public(state) else demands


def _require_filled(keys: tuple[str, ...]) -> Schema:
    """Keys that have to be there and say something; a source says something by its name."""
    source: Schema = {
        **_FILLED,
        "if": {"type": "object"},
        "then": {"required": ["name"], "properties": {"name": _FILLED}},
    }
    return {"required": list(keys), "properties": {key: source if key == "source" else _FILLED for key in keys}}


def _require_for_readers(demands: Schema) -> Schema:
    """Return the demands in a public state: pictures with alt text and credit, a reprint with its origin."""
    picture: Schema = {"$ref": "#/$defs/picture"}
    reprint: Schema = {"required": ["reprint"], "properties": {"reprint": {"enum": [True, "true"]}}}
    images = {**demands["properties"].get("images", {}), "items": picture}
    return {
        "properties": {
            **demands["properties"],
            "images": {"allOf": [images, {"if": {"type": "object"}, "then": picture}]},
        },
        "allOf": [*demands.get("allOf", ()), {"if": reprint, "then": _require_filled(ORIGIN_KEYS)}],
    }


_TRUTHS = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


def _read_as(names: tuple[str, ...]) -> list[str | int | bool]:
    """Names, with what YAML makes of those it takes for numbers or truth."""
    truths = [_TRUTHS[name.lower()] for name in names if name.lower() in _TRUTHS]
    numbers = [int(name) for name in names if name.isascii() and name.isdigit()]
    return [*names, *dict.fromkeys(truths), *dict.fromkeys(numbers)]
