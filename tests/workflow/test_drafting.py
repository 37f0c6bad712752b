"""How a story begins: id, slug, folder, person, the text of a new and of an adopted file."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st
from making import AT, EDITOR, REPORTER, ROSTER, STORY_ID, front, judges, names, read

from newsroom_cli.actions.ids import new_id
from newsroom_cli.errors import Refusal, WrongUsage
from newsroom_cli.model import ID, KEY_ORDER, RECORD_KEYS, Ident
from newsroom_cli.rules import RuleContext, check
from newsroom_cli.rules.metadata.shapes import slug_flaw
from newsroom_cli.settings.settings import Settings, parse
from newsroom_cli.story.frontmatter import content_hash
from newsroom_cli.workflow.drafting import (
    adopt_text,
    chosen_slug,
    compose,
    find_person,
    folder_of,
    free_slug,
    slug_of,
    stopping_keys_aside,
)

PLAIN = Settings()
UNICODE = Settings(slugs="unicode")


def said(toml: str) -> Settings:
    return parse(toml, path="newsroom.toml")


# Ids


def test_an_id_is_the_newsrooms_day_and_eight_characters():
    late = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    assert new_id(late, PLAIN).startswith("20261123-")
    assert new_id(late, said('timezone = "Asia/Shanghai"')).startswith("20261124-")
    assert ID.fullmatch(new_id(late, PLAIN))
    assert len({new_id(late, PLAIN) for _ in range(200)}) == 200


@pytest.mark.parametrize(
    "value, fine",
    [
        (STORY_ID, True),
        ("20261123-k3v9w2q", False),
        ("20261123-K3V9W2Q8", False),
        ("20261123-k3v9w2q8\n", False),
        ("../../etc/passwd", False),
        ("２０２６1123-k3v9w2q8", False),
        ("", False),
        (None, False),
        ([STORY_ID], False),
    ],
)
def test_what_is_shaped_as_an_id(value, fine):
    assert bool(isinstance(value, str) and ID.fullmatch(value)) is fine


# Slugs


@pytest.mark.parametrize(
    "title, slug, unicode",
    [
        ("Council passes the 2027 budget", "council-passes-the-2027-budget", "council-passes-the-2027-budget"),
        ("  Council — passes!  ", "council-passes", "council-passes"),
        ("Café à la crème", "cafe-a-la-creme", "café-à-la-crème"),
        ("Cafe\u0301", "cafe", "café"),
        ("Привет, мир", "privet-mir", "привет-мир"),
        ("武进区召开会议", "wu-jin-qu-zhao-kai-hui-yi", "武进区召开会议"),
        ("../../etc/passwd", "etc-passwd", "etc-passwd"),
        ("-rf", "rf", "rf"),
        ("a_b", "a-b", "a-b"),
        ("", "untitled", "untitled"),
        ("!?", "untitled", "untitled"),
        ("😀", "untitled", "untitled"),
        ("[/red]\x1b[31m", "red-31m", "red-31m"),
    ],
)
def test_titles_give_readable_slugs(title, slug, unicode):
    assert slug_of(title, PLAIN) == slug
    assert slug_of(title, UNICODE) == unicode


@pytest.mark.parametrize("title", ["x" * 10_000, "武" * 500, "word " * 2_000, "é" * 300, "武 a" * 100])
@pytest.mark.parametrize("limit", [10, 80, 200])
def test_a_slug_of_a_long_title_keeps_the_limit_in_bytes(title, limit):
    for slugs in ("ascii", "unicode"):
        house = said(f'slugs = "{slugs}"\n[limits]\nslug = {limit}\n')
        slug = slug_of(title, house)
        assert slug_flaw(slug, limit=limit) == ""
        assert len(slug.encode()) > limit // 3


@given(st.text(max_size=60), st.sampled_from([PLAIN, UNICODE]), st.integers(0, 12))
@how(deadline=None, max_examples=300)
def test_any_title_gives_a_slug_that_fits_and_is_free(title, house, others):
    taken: set[str] = set()
    for _ in range(others + 1):
        slug = free_slug(title, house, taken)
        assert slug_flaw(slug, limit=house.limits.slug) == ""
        assert slug.casefold() not in taken
        assert house is UNICODE or slug.isascii()
        taken.add(slug.casefold())


@pytest.mark.parametrize("title", ["x" * 80, "ab" + "武" * 26, "a" + "é" * 60])
@pytest.mark.parametrize("others", [1, 9, 99, 999])
def test_a_numbered_slug_keeps_the_limit_too(title, others):
    base = slug_of(title, UNICODE)
    taken = {base.casefold(), *(f"{base[:cut]}-{n}" for n in range(2, others + 1) for cut in range(len(base) + 1))}
    slug = free_slug(title, UNICODE, taken)
    assert slug_flaw(slug, limit=80) == ""


def test_the_second_story_of_a_title_is_numbered():
    assert free_slug("Council", PLAIN, {}) == "council"
    assert free_slug("Council", PLAIN, {"council"}) == "council-2"
    assert free_slug("Council", PLAIN, {"council", "council-2"}) == "council-3"


@pytest.mark.parametrize("slug", ["..", "a/b", "-a", "", "x" * 300, "Upper", "a b", "cafe\u0301", "a_b", "武进"])
def test_a_slug_asked_for_must_be_one_and_a_better_is_suggested(slug):
    with pytest.raises(WrongUsage) as caught:
        chosen_slug(slug, PLAIN, {})
    assert caught.value.status == 2
    assert slug_of(slug, PLAIN) in caught.value.hint


def test_a_slug_asked_for_may_be_unicode_where_the_newsroom_says_so():
    assert chosen_slug("武进-预算", UNICODE, {}) == "武进-预算"
    assert chosen_slug("council", PLAIN, {"other": "stories/other.md"}) == "council"


def test_a_slug_another_story_has_is_refused_and_the_story_named():
    with pytest.raises(Refusal) as caught:
        chosen_slug("council", PLAIN, {"council": "stories/council.md"})
    assert "stories/council.md" in caught.value.message
    assert "--slug" in caught.value.hint


# Folders


@pytest.mark.parametrize(
    "path, section, where",
    [
        ("{year}/{month}", "local", "2026/11"),
        ("{year}/{month}/{day}", "local", "2026/11/23"),
        ("{section}/{year}", "local", "local/2026"),
        ("{section}", "", "general"),
        ("", "local", ""),
        ("fixed/", "local", "fixed"),
    ],
)
def test_the_folder_of_a_new_story_is_the_newsrooms(path, section, where):
    assert folder_of(said(f'path = "{path}"'), AT, section) == where


def test_the_folder_is_of_the_newsrooms_day():
    late = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
    assert folder_of(said('timezone = "Asia/Shanghai"'), late, "") == "2026/12"


@pytest.mark.parametrize("section", ["../../etc", "..", "/etc", "a/../../..", "a\\b", ".git", "\0", "."])
def test_a_section_cannot_lead_out_of_the_folder_of_stories(section):
    try:
        where = folder_of(said('path = "{section}/{year}"'), AT, section)
    except (WrongUsage, Refusal):
        return
    assert not {"..", ".", ""} & set(where.split("/"))
    assert "\\" not in where
    assert "\0" not in where
    assert not where.startswith(".")


# People


@pytest.mark.parametrize(
    "typed, toml, ident",
    [
        ("Ana Ruiz <ana@gazette.example>", "", Ident("Ana Ruiz", "ana@gazette.example")),
        ("ana@gazette.example", "", Ident("ana", "ana@gazette.example")),
        ("Ana Ruiz", "", Ident("Ana Ruiz")),
        ("<ana@gazette.example>", "", Ident("ana", "ana@gazette.example")),
        ("Reporter", ROSTER, REPORTER),
        ("reporter@gazette.example", ROSTER, REPORTER),
        ("REPORTER@gazette.example", ROSTER, Ident("Reporter", "REPORTER@gazette.example")),
        ("R <reporter@home.example>", ROSTER, Ident("Reporter", "reporter@home.example")),
        ("Stranger <s@elsewhere.example>", ROSTER, Ident("Stranger", "s@elsewhere.example")),
        ("Stranger", ROSTER, Ident("Stranger")),
    ],
)
def test_a_person_may_be_typed_as_name_address_or_both(typed, toml, ident):
    assert find_person(typed, judges(toml)) == ident


@pytest.mark.parametrize("typed", ["", "   ", "<>", "A <b", "A <a> b"])
def test_what_is_no_person_is_wrong_usage(typed):
    with pytest.raises(WrongUsage):
        find_person(typed, judges())


def test_a_name_of_several_people_needs_the_address():
    twice = ROSTER + '\n[[people]]\nname = "Editor"\nemails = ["second@gazette.example"]\n'
    with pytest.raises(WrongUsage) as caught:
        find_person("Editor", judges(twice))
    assert "e-mail" in caught.value.hint
    assert find_person("second@gazette.example", judges(twice)).name == "Editor"


# New stories


GIVEN = {
    "id": STORY_ID,
    "title": "Council: the budget",
    "slug": "council-budget",
    "state": "draft",
    "draft": True,
    "reporter": str(REPORTER),
    "lang": "en",
}


def test_a_new_story_shows_every_key_still_to_fill_with_the_state_that_needs_it():
    story = compose("stories/council-budget.md", GIVEN, PLAIN)
    assert story.text == (
        f"---\nid: {STORY_ID}\ntitle: 'Council: the budget'\nslug: council-budget\nstate: draft\ndraft: true\n"
        "reporter: Reporter <reporter@gazette.example>\nlang: en\n"
        "section:  # required from review\ndescription:  # required from review\nsource:  # required from review\n---\n\n"
    )
    assert list(check(story, RuleContext(PLAIN, "draft"))) == []


def test_a_new_story_has_no_empty_key_that_story_writes():
    house = said("[pipeline.states.review]\nrequires = ['section', 'editor', 'address', 'embargo']")
    assert {*compose("stories/a.md", GIVEN, house).fields} & {*RECORD_KEYS} == {"id", "state", "draft"}


def test_a_new_story_shows_what_the_newsrooms_own_pipeline_needs():
    house = said("[pipeline.states.edit]\nrequires = ['editor', 'dateline', 'desk-code']")
    text = compose("stories/a.md", {**GIVEN, "section": "local"}, house).text
    assert "dateline:  # required from edit\n" in text
    assert "desk-code:  # required from edit\n" in text
    assert "section: local\n" in text


@pytest.mark.parametrize(
    "title",
    ["no", "2027", "~", "# one", "a: b", "- a", "'a'", '"a"', "[a]", "{a", "*a", "武进：预算", "😀", "a\u2028b", "a\x85b", "---",
     "two\nlines", "x" * 10_000, "::error::x", "\\", "a # b", " a ", "!tag", "&a", "%a", "@a", "`a`", "a\tb", "<b>"]
)  # fmt: skip
def test_any_title_is_written_so_that_it_is_read_back(title):
    story = compose("stories/a.md", {**GIVEN, "title": title, "source": title}, PLAIN)
    assert story.fields["title"] == title
    assert story.fields["source"] == title
    assert story.fields["id"] == STORY_ID
    assert story.body == "\n"


# Adopted stories


HAND = """\
---
# from the old site
layout: post
title: "Council: the budget"   # as it ran
date: 2014-06-30 10:00:00 -0400
state: published
version: 7
editor: [A, B]
reporter: Ana Ruiz
---

Words.
"""


def test_adopting_moves_another_tools_record_keys_aside_and_keeps_the_rest():
    story = adopt_text(read(HAND), {"id": STORY_ID, "slug": "council-budget", "lang": "en", "reporter": str(REPORTER)})
    assert story.text == (
        f"---\nid: {STORY_ID}\n# from the old site\nlayout: post\n"
        'title: "Council: the budget"   # as it ran\n'
        "slug: council-budget\nreporter: Ana Ruiz\nlang: en\nimported:\n"
        "  state: published\n  editor: [A, B]\n  date: 2014-06-30 10:00:00 -0400\n  version: '7'\n---\n\nWords.\n"
    )


def test_adopting_keeps_every_value_of_the_old_record():
    story = adopt_text(read(HAND), {"id": STORY_ID, "slug": "council-budget", "lang": "en"})
    assert story.fields["imported"] == {
        "date": "2014-06-30 10:00:00 -0400",
        "state": "published",
        "version": "7",
        "editor": ["A", "B"],
    }
    assert not {"date", "state", "version", "editor"} & set(story.fields)
    assert story.fields["reporter"] == "Ana Ruiz", "what is there is not written over"
    assert story.body == "\nWords.\n"


@pytest.mark.parametrize(
    "lines, imported",
    [
        (["title: A"], None),
        (["title: A", "id:", "state:"], None),
        (["title: A", f"id: {STORY_ID}"], None),
        (["title: A", "id: other"], {"id": "other"}),
        (["title: A", "draft: true"], {"draft": "true"}),
        (["title: A", "state: x", "imported: {old: y}"], {"old": "y", "state": "x"}),
        (["title: A", "state: x", "imported: text"], {"imported": "text", "state": "x"}),
        (["title: A", "imported: text"], "text"),
        (["title: A", "corrections:", "- text: x", "  at: y"], {"corrections": [{"text": "x", "at": "y"}]}),
        (["title: A", 'editor: "x\u2028y"'], {"editor": "x\u2028y"}),
        (["title: A", "editor: [a, ~]"], {"editor": ["a", None]}),
        (["title: A", "state: |", "  two", "  lines"], {"state": "two\nlines\n"}),
    ],
)
def test_what_adopting_puts_aside(lines, imported):
    story = adopt_text(front(*lines), {"id": STORY_ID, "slug": "council-budget"})
    assert story.fields.get("imported") == imported
    assert story.fields["id"] == STORY_ID
    assert story.fields["slug"] == "council-budget"
    assert "state" not in story.fields


def test_a_copy_gets_its_own_id_and_slug_and_the_words_stay():
    copy = front(f"id: {STORY_ID}", "title: A", "slug: council-budget", path="stories/copy.md")
    story = adopt_text(copy, {"id": "20261124-aaaaaaaa", "slug": "copy"})
    assert (story.fields["id"], story.fields["slug"]) == ("20261124-aaaaaaaa", "copy")
    assert story.fields["imported"] == {"id": STORY_ID}
    assert story.body == copy.body


def test_what_is_filled_is_not_written_over_and_what_is_blank_is():
    story = adopt_text(
        front("title: A", "lang: ''", "reporter:", "source: Mine"),
        {"id": STORY_ID, "slug": "s", "lang": "en", "reporter": str(EDITOR), "source": "House", "section": None},
    )
    assert (story.fields["lang"], story.fields["reporter"]) == ("en", str(EDITOR))
    assert story.fields["source"] == "Mine"
    assert "section" not in story.fields


def test_adopting_twice_changes_nothing_more():
    values = {"id": STORY_ID, "slug": "council-budget", "lang": "en"}
    once = adopt_text(read(HAND), values)
    again = adopt_text(once, values)
    assert again.fields == once.fields
    assert content_hash(again) == content_hash(once)
    assert names(check(again, RuleContext(PLAIN, "draft"))) == ["required-state"]


def test_a_new_file_has_the_keys_that_have_a_value_or_are_asked_for_and_no_others():
    lines = compose(
        "stories/a.md", {"title": "A", "slug": "a", "dateline": "Wujin"}, judges().settings
    ).text.splitlines()
    keys = [line.partition(":")[0] for line in lines if ":" in line]
    assert "byline" not in keys
    assert {"title", "slug", "description", "source"} <= set(keys)
    assert keys == [key for key in KEY_ORDER if key in keys]
    assert all(line.partition(":")[2].strip() for line in lines if ":" in line)


def test_of_the_keys_put_aside_those_without_a_value_stop_nothing():
    held = read("---\ntitle: A\nimported:\n  embargo:\n  publish_at: 2026-12-01T00:00:00Z\n  state: publish\n---\n")
    assert stopping_keys_aside(held) == {"publish_at": "2026-12-01T00:00:00Z"}
