"""`story schema`: the schema is one, accepts what is read, and refuses what `story check` would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from making import ROSTER, front

from newsroom_cli.model import KEY_ORDER, RECORD_KEYS, Metadata
from newsroom_cli.settings.settings import parse
from newsroom_cli.story.schema import KEYS, schema

STORIES = Path(__file__).resolve().parents[2] / "stories"
SAMPLES = sorted(STORIES.rglob("*.md"))
SECTIONS = '[sections]\nlocal = "Local news"\n2026 = "The year"\n'
OWN = """
[limits]
title = 20
slug = 10

[pipeline.states.review]
requires = ["title", "section", "dateline", "x-desk"]
"""
IN_REVIEW = """\
id: 20261123-k3v9w2q8
title: Council passes the budget
slug: council-budget
state: review
reporter: Reporter <reporter@gazette.example>
lang: en
section: local
description: Taxes stay flat.
source: Harbour Gazette
"""
PUBLIC = f"""\
{IN_REVIEW.replace("review", "publish")}\
editor: [Editor <editor@gazette.example>]
date: 2026-11-23T10:00:00+08:00
lastmod: 2026-11-23T10:00:00+08:00
version: 1
"""
BY_HAND = "title: A\nreporter: Reporter\nlang: en\n"


def made(toml: str = "", state: str = "") -> dict:
    return schema(parse(toml, path="newsroom.toml"), state)


def front_of(text: str) -> str:
    return text.split("---\n")[1]


def changed(text: str, line: str) -> str:
    """Front matter with one key's line written otherwise, or put in, or (`-key`) taken out."""
    key = line.partition(":")[0].removeprefix("-")
    kept = [one for one in text.splitlines() if not one.startswith(f"{key}:")]
    return "\n".join([*kept, *([] if line.startswith("-") else [line])]) + "\n"


def verdicts(text: str, toml: str = "") -> set[bool]:
    """What the schema says of front matter as `story` reads it and as editors read it."""
    validator = Draft202012Validator(made(toml))
    return {validator.is_valid(front(text.rstrip("\n")).fields), validator.is_valid(core(text))}


class Core(yaml.SafeLoader):
    """YAML as editors read it: numbers, truth and null, but no dates."""

    yaml_implicit_resolvers = {
        sign: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for sign, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def core(text: str) -> object:
    return yaml.load(text, Loader=Core)


def checked(folder: Path, said: str, *texts: str) -> subprocess.CompletedProcess[str]:
    """Run check-jsonschema as an editor's user would, on front matter in files."""
    (folder / "schema.json").write_text(said, "utf-8")
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text, "utf-8")
    files = [str(folder / f"{number}.yaml") for number in range(len(texts))]
    command = [str(Path(sys.executable).with_name("check-jsonschema")), "--schemafile", str(folder / "schema.json")]
    return subprocess.run([*command, *files], capture_output=True, text=True)


@pytest.mark.parametrize("toml", ["", SECTIONS, OWN, ROSTER], ids=["default", "sections", "own", "roster"])
@pytest.mark.parametrize("state", ["", "draft", "review", "edit", "publish"])
def test_the_schema_is_one(toml, state):
    Draft202012Validator.check_schema(made(toml, state))
    assert json.dumps(made(toml, state)) == json.dumps(made(toml, state))


def test_every_known_key_is_described_and_says_from_when_it_is_required():
    properties = made()["properties"]
    assert set(properties) == {*KEY_ORDER, *Metadata.model_fields, "check-ignore"} == set(KEYS)
    assert list(properties)[: len(KEY_ORDER)] == list(KEY_ORDER)
    for key, shape in properties.items():
        sentence, _, required = shape["description"].partition(" Required from ")
        assert sentence.endswith("."), key
        assert required in ("", "draft.", "review.", "edit.", "publish.")
        assert shape.get("readOnly", False) == (key in RECORD_KEYS)
    assert properties["source"]["description"].endswith(" Required from review.")
    assert made(OWN)["properties"]["dateline"]["description"].endswith(" Required from review.")


def test_all_samples_are_valid_to_a_real_validator(tmp_path):
    assert len(SAMPLES) >= 3
    done = checked(tmp_path, json.dumps(made()), *(front_of(path.read_text("utf-8")) for path in SAMPLES))
    assert done.returncode == 0, done.stdout + done.stderr


BAD = [
    (IN_REVIEW, "-description", ""),
    (IN_REVIEW, "description:", ""),
    (IN_REVIEW, "description: '  '", ""),
    (IN_REVIEW, "-title", ""),
    (IN_REVIEW, "source: {url: https://gazette.example}", ""),
    (IN_REVIEW, "reporter: []", ""),
    (IN_REVIEW, "reporter: [~, '']", ""),
    (IN_REVIEW, "-section", SECTIONS),
    (IN_REVIEW, "section: sport", SECTIONS),
    (IN_REVIEW, "state: reviewed", ""),
    (IN_REVIEW, "state: edit", ""),
    (IN_REVIEW, "title: [a]", ""),
    (IN_REVIEW, "title: {a: b}", ""),
    (IN_REVIEW, "title: Council passes the 2027 budget", OWN),
    (IN_REVIEW, "-x-desk", OWN),
    (IN_REVIEW, f"title: {'x' * 121}", ""),
    (IN_REVIEW, "id: 2026-k3v9w2q8", ""),
    (IN_REVIEW, "slug: Council", ""),
    (IN_REVIEW, "slug: council_budget", ""),
    (IN_REVIEW, "slug: council--budget", ""),
    (IN_REVIEW, "lang: english", ""),
    (IN_REVIEW, "lang: true", ""),
    (IN_REVIEW, "lang: en_GB", ""),
    (IN_REVIEW, "draft: maybe", ""),
    (IN_REVIEW, "urgency: 0", ""),
    (IN_REVIEW, "urgency: 10", ""),
    (IN_REVIEW, "urgency: 1.5", ""),
    (IN_REVIEW, "version: one", ""),
    (IN_REVIEW, "subjects: [politics]", ""),
    (IN_REVIEW, "subjects: ['medtop:2000']", ""),
    (IN_REVIEW, "subjects: 20000000", ""),
    (IN_REVIEW, "expires: 2026-11-23", ""),
    (IN_REVIEW, "expires: 2026-11-23T10:00:00", ""),
    (IN_REVIEW, "embargo: soon", ""),
    (IN_REVIEW, "pubstatus: held", ""),
    (IN_REVIEW, "tags: {a: b}", ""),
    (IN_REVIEW, "tags: [[a]]", ""),
    (IN_REVIEW, "images: a.png", ""),
    (IN_REVIEW, "images: [{alt: A}]", ""),
    (IN_REVIEW, "editor: 'Editor <editor'", ""),
    (IN_REVIEW, "check-ignore: [title-length]", ""),
    (IN_REVIEW, "check-ignore: {title-length: }", ""),
    (IN_REVIEW, "check-ignore: {title-length: ' '}", ""),
    (IN_REVIEW, "check-ignore: {Title Length: it is a name}", ""),
    (PUBLIC, "-version", ""),
    (PUBLIC, "date:", ""),
    (PUBLIC, "images: [{src: a.png, alt: A}]", ""),
    (PUBLIC, "images: [{src: a.png, alt: '', credit: B}]", ""),
    (PUBLIC, "images: {src: a.png}", ""),
    (PUBLIC, "reprint: true", ""),
    (BY_HAND, "-reporter", ""),
    (BY_HAND, "lang:", ""),
    (BY_HAND, "id: 20261123-k3v9w2q8", ""),
]


@pytest.mark.parametrize("text, line, toml", BAD, ids=range(len(BAD)))
def test_what_is_not_in_order_is_not_valid(text, line, toml):
    assert verdicts(changed(text, line), toml) == {False}


def test_what_is_not_in_order_is_not_valid_to_a_real_validator(tmp_path):
    texts = [changed(text, line) for text, line, toml in BAD if not toml]
    done = checked(tmp_path, json.dumps(made()), *texts)
    assert done.returncode == 1
    for number in range(len(texts)):
        assert f"/{number}.yaml::" in done.stdout, texts[number]


GOOD = [
    (IN_REVIEW, "title: 2024", ""),
    (IN_REVIEW, "title: 2026-11-23", ""),
    (IN_REVIEW, "title: true", ""),
    (IN_REVIEW, "lang: no", ""),
    (IN_REVIEW, "lang: zh-Hans", ""),
    (IN_REVIEW, "lang: x-house", ""),
    (IN_REVIEW, "slug: 2026", ""),
    (IN_REVIEW, "slug: 武进-安全", ""),
    (IN_REVIEW, "draft: true", ""),
    (IN_REVIEW, "draft: 'true'", ""),
    (IN_REVIEW, "draft:", ""),
    (IN_REVIEW, "urgency: 1", ""),
    (IN_REVIEW, "urgency: '9'", ""),
    (IN_REVIEW, "subjects: ['medtop:20000000']", ""),
    (IN_REVIEW, "subjects: medtop:20000000", ""),
    (IN_REVIEW, "section: local", SECTIONS),
    (IN_REVIEW, "section: 2026", SECTIONS),
    (IN_REVIEW, "section: anything", ""),
    (IN_REVIEW, "source: {name: Harbour Gazette, url: https://gazette.example}", ""),
    (IN_REVIEW, "reporter: [Reporter, Stringer <stringer@gazette.example>]", ""),
    (IN_REVIEW, "expires: 2026-11-23 10:00 +0800", ""),
    (IN_REVIEW, "embargo: until-further-notice", ""),
    (IN_REVIEW, "images: [{src: a.png}]", ""),
    (IN_REVIEW, "images: {src: a.png, more: b}", ""),
    (IN_REVIEW, "tags: [2024, true, a]", ""),
    (IN_REVIEW, "tags: one", ""),
    (IN_REVIEW, "anything: {at: [all]}", ""),
    (IN_REVIEW, "check-ignore: {title-length: it is a name}", ""),
    (PUBLIC, "version: '1'", ""),
    (PUBLIC, "images: [{src: a.png, alt: A, credit: B}]", ""),
    (PUBLIC, "images: {src: a.png, alt: A, credit: B}", ""),
    (PUBLIC, "reprint: false", ""),
    (PUBLIC + "original_title: A\noriginal_author: B\nsource_url: https://gazette.example\n", "reprint: true", ""),
    (BY_HAND, "state:", ""),
    (BY_HAND, "section:", SECTIONS),
]


@pytest.mark.parametrize("text, line, toml", GOOD, ids=range(len(GOOD)))
def test_what_is_in_order_is_valid_as_text_and_as_editors_read_it(text, line, toml):
    assert verdicts(changed(text, line), toml) == {True}


def test_what_is_in_order_is_valid_to_a_real_validator(tmp_path):
    texts = [changed(text, line) for text, line, toml in GOOD if not toml]
    done = checked(tmp_path, json.dumps(made()), *texts)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "state, missing",
    [("draft", None), ("review", None), ("edit", "editor"), ("publish", "date")],
)
def test_for_a_state_every_story_has_to_hold_what_it_requires(state, missing):
    errors = list(Draft202012Validator(made(state=state)).iter_errors(core(IN_REVIEW)))
    assert (not errors) == (missing is None)
    assert missing is None or any(repr(missing) in one.message for one in errors)


def test_the_command_prints_the_schema_of_the_newsroom(newsroom):
    assert newsroom.story("schema").json == made()
    newsroom.write("newsroom.toml", SECTIONS)
    assert newsroom.story("schema", "--for", "review").json == made(SECTIONS, "review")


def test_the_schema_for_an_unknown_state_is_wrong_usage(newsroom):
    assert "draft, review, edit, publish" in newsroom.refused("schema", "--for", "reviewed", exit=2)


VALUES = st.sampled_from(
    ["", "~", "a", "''", "' '", "2024", "1.5", "0", "-1", "true", "no", "'true'", "[]", "{}", "[a]", "[a, 1]", "[[a]]", "[~]",
     "{name: a}", "{name: [a]}", "{src: a}", "[{src: a}]", "[{src: [a]}]", "[{src: a, alt: {b: c}}]", "[{alt: a}]",
     "2026-11-23", "2026-11-23T10:00:00Z", "2026-11-23T10:00:00", "2026-11-23 10:00:00 -0400", "A <a@gazette.example>",
     "A <b", "<>", "<a@gazette.example>", "[A <a@b>, B]", "until-further-notice", "007"]
)  # fmt: skip
SHAPED = {"id", "slug", "state", "lang", "subjects", "urgency", "version", "pubstatus"}
"""Keys that rules beyond their type judge, and the schema with them."""


@given(st.sampled_from(sorted(Metadata.model_fields)), VALUES)
@tuned(deadline=None, max_examples=600)
def test_the_schema_takes_a_value_as_the_reader_does(key, value):
    told = Draft202012Validator({"properties": made()["properties"]})
    story = front(f"{key}: {value}")
    if key not in SHAPED:
        assert told.is_valid(story.fields) == (not story.mistyped)
    if story.mistyped:
        assert not told.is_valid(story.fields)
    elif key not in SHAPED:
        assert told.is_valid(core(f"{key}: {value}"))
