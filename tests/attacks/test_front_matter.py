"""Keys of the record written by hand, openly or hidden in YAML that other readers take another way."""

from __future__ import annotations

import pytest
from conftest import PEOPLE, story_text

from attacks.forging import caught, caught_among_others, hide, passes

BY_HAND = {
    "state": "edit",
    "draft": "false",
    "editor": PEOPLE["Stringer"],
    "date": "2025-11-24T12:00:00+00:00",
    "lastmod": "2025-11-24T12:00:00+00:00",
    "version": "7",
    "pubstatus": "canceled",
    "corrections": "[{at: 2025-11-24T12:00:00Z, text: All of it was right}]",
    "publish_at": "2025-11-24T12:00:00+00:00",
    "embargo": "until-further-notice",
}


def write_key(desk, slug, key, value):
    """Write a key into a story's front matter, in the place of its line or as a new one."""
    path = desk.path_of(slug)
    rows = [row for row in desk.read(path).splitlines(keepends=True) if not row.startswith(f"{key}:")]
    desk.write(path, "".join([rows[0], f"{key}: {value}\n", *rows[1:]]))
    desk.commit(who="Editor")


@pytest.mark.parametrize("slug", ["council-budget", "harbour-fire"])
@pytest.mark.parametrize("key", BY_HAND)
def test_record_key_set_by_hand(base, slug, key):
    write_key(base, slug, key, BY_HAND[key])
    caught_among_others(base, "record-by-hand")


@pytest.mark.parametrize("slug, key", [
    ("council-budget", "state"), ("council-budget", "draft"), ("harbour-fire", "state"), ("harbour-fire", "editor"),
    ("harbour-fire", "date"), ("harbour-fire", "lastmod"), ("harbour-fire", "version"),
])  # fmt: skip
def test_record_key_taken_out_by_hand(base, slug, key):
    path = base.path_of(slug)
    rows = base.read(path).splitlines(keepends=True)
    base.write(path, "".join(row for row in rows if not row.startswith(f"{key}:")))
    base.commit(who="Editor")
    caught_among_others(base, "record-by-hand")


@pytest.mark.parametrize("slug", ["council-budget", "harbour-fire"])
def test_id_set_by_hand(base, slug):
    write_key(base, slug, "id", "20251124-aaaaaaaa")
    caught_among_others(base, "id-changed", "ledger-missing")


@pytest.mark.parametrize("slug", ["council-budget", "harbour-fire"])
def test_id_taken_out_by_hand(base, slug):
    path = base.path_of(slug)
    base.change(path, f"id: {base.id_of(slug)}\n", "")
    base.commit(who="Editor")
    caught_among_others(base, "record-by-hand", "id-changed")


def test_new_story_in_a_public_state_by_hand(base):
    hide(base)
    caught_among_others(base, "record-by-hand")


@pytest.mark.parametrize("key", [key for key in BY_HAND if key != "state"])
def test_record_key_in_a_file_that_was_not_taken_in(base, key):
    base.write("stories/2025/11/evil.md", story_text(title="Evil", **{key: BY_HAND[key]}))
    base.commit("evil")
    caught(base, "record-by-hand")


@pytest.mark.parametrize("line, rule", [
    ('"st\\x61te": publish', "duplicate-key"),
    ('"state": publish', "duplicate-key"),
    ("? state\n: publish", "duplicate-key"),
    ("<<: {version: 3, draft: false}", "yaml-alias"),
    ("<<: [{version: 3}]", "yaml-alias"),
    ("x: &a {version: 3}\n<<: *a", "yaml-alias"),
    ("&a x: 1", "yaml-alias"),
    ("!!str state: publish", "yaml-tag"),
    ("Draft: false", "record-by-hand"),
    ("DRAFT: false", "record-by-hand"),
    ("Version: 3", "record-by-hand"),
    ("publish_At: 2025-11-24T12:00:00+00:00", "record-by-hand"),
    ("x: 1\r", "line-ends"),
    ("x: |\n  text\n--- \ndraft: false", "yaml-syntax"),
    ("...\ndraft: false", "yaml-syntax"),
    ("x: 1\n--- # a comment", "yaml-syntax"),
    ("x: 1\u2028draft: false", ""),
    ("x: 1\x85draft: false", ""),
], ids=["escape", "quotes", "complex key", "merge key", "merge key with a list", "alias", "anchor", "tag", "capital", "capitals",
        "another capital", "capital within", "lone CR", "fence with a space", "end of document", "fence with a comment",
        "U+2028", "NEL"])  # fmt: skip
@pytest.mark.parametrize("slug", ["council-budget", "harbour-fire"])
def test_key_hidden_in_yaml(base, slug, line, rule):
    path = base.path_of(slug)
    text = base.read(path)
    base.write(path, text.replace("---\n", f"---\n{line.replace(chr(13), chr(13) + 'draft: false')}\n", 1))
    base.commit(who="Editor")
    wanted = {rule} if rule else {"published-words-changed"}
    if rule or slug == "harbour-fire":
        caught_among_others(base, *wanted)


@pytest.mark.parametrize("text", [
    '{{"title": "x"}}\n{rest}', "+++\ndraft = false\n+++\n{rest}", "\ufeff{rest}", "\n{rest}", " {rest}", "\u2028{rest}",
    "---\r{rest}",
])  # fmt: skip
def test_front_matter_that_another_reader_would_take(base, text):
    path = base.path_of("council-budget")
    base.write(path, text.format(rest=base.read(path)))
    base.commit()
    caught_among_others(base)


@pytest.mark.parametrize("old, new", [
    (f"reporter: {PEOPLE['Reporter']}", "reporter: Reporter"),
    (f"reporter: {PEOPLE['Reporter']}", f"reporter: [{PEOPLE['Reporter']}]"),
    (f"reporter: {PEOPLE['Reporter']}", "reporter: Reporter <REPORTER@gazette.example>"),
    (f"reporter: {PEOPLE['Reporter']}", f"reporter: {PEOPLE['Stringer']}"),
    (f"reporter: {PEOPLE['Reporter']}", f"reporter: {PEOPLE['Reporter']}\nbyline: Somebody else"),
    ("title: Fire in the harbour", "title: Flood in the harbour"),
    ("Monday", "Mo\u0301nday"),
    ("Monday", "Mon\u200bday"),
    ("Monday", "M\u043enday"),
    ("Monday.", "Monday. "),
    ("Monday.\n", "Monday.\u2028"),
    ("Monday.\n\n", "Monday.\n\n\n"),
    ("libraries reopen in spring.\n", "libraries reopen in spring.\n\n<!-- -->\n"),
    ("lang: en", "lang: en\naliases: [council-budget]"),
    ("lang: en", "lang: en\nurl: /council-budget/"),
    ("lang: en", "lang: en\ndescription_html: x"),
])  # fmt: skip
def test_text_of_a_public_story_changed(base, old, new):
    base.change(base.path_of("harbour-fire"), old, new)
    base.commit(who="Editor")
    caught_among_others(base, "published-words-changed")


def test_reformatting_a_public_story_is_no_attack(base):
    path = base.path_of("harbour-fire")
    base.change(path, "lang: en\n", 'lang:   "en"   # English\n')
    base.commit(who="Editor")
    passes(base)
