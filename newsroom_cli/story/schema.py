"""The JSON Schema (draft 2020-12) of a story's front matter, for editors that complete and check YAML.

Editors read YAML with types of their own, so a text may reach the schema as a number or as true: whatever a YAML
parser makes of what `story` accepts is accepted. `story check` judges more finely and has the last word.
`front_matter.json` has every key in the order of a story's front matter, with the sentence editors show and its shape.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from newsroom_cli.model import ORIGIN_KEYS
from newsroom_cli.settings.settings import Settings

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_ADOPTED = ("id", "slug", "state")
"""Keys that a story written by hand gets when it is taken in."""

_FILLED: Schema = {"$ref": "#/$defs/filled"}


def schema(settings: Settings, state: str = "") -> Schema:
    """Make the schema of front matter under a newsroom's settings; the same settings give the same schema.

    With a `state` a story has to hold what that state requires; without, what its own state requires. A story
    without a state is one written by hand, in the initial state.
    """
    base: dict[str, dict[str, Schema]] = json.loads(Path(__file__).with_name("front_matter.json").read_text("utf-8"))
    return {
        "$schema": DRAFT,
        "title": f"A story's front matter, as for {state}" if state else "A story's front matter",
        "type": "object",
        "properties": _configure(base["properties"], settings),
        "allOf": [_demands(state, settings)] if state else _by_state(settings),
        "$defs": base["$defs"],
    }


def _configure(properties: dict[str, Schema], settings: Settings) -> dict[str, Schema]:
    """Put a newsroom's states, sections, limits and required keys into the shapes of all keys."""
    pipeline, limits = settings.pipeline, settings.limits
    properties["state"]["enum"] = [*_read_as(pipeline.names), None]
    if settings.sections:
        sections = [*_read_as(tuple(settings.sections)), "", None]
        properties["section"] = {"description": properties["section"]["description"], "enum": sections}
    for key in ("title", "description", "slug"):
        properties[key]["maxLength"] = getattr(limits, key)
    for key, state in pipeline.required_keys(pipeline.names[-1]).items():
        if key in properties:
            properties[key]["description"] += f" Required from {state}."
    return properties


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
