"""What a story must be: every rule, what it finds and what it leaves alone."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import AT, EDITOR, READY, front, judges, names, read, the_one

from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Finding, Severity, Story
from newsroom_cli.rules import RuleContext, check, families, make_safe_edits
from newsroom_cli.rules.metadata.limits import length_of
from newsroom_cli.rules.metadata.shapes import slug_flaw
from newsroom_cli.story.frontmatter import edit

PUBLIC = {
    "state": "publish",
    "editor": str(EDITOR),
    "date": "2026-11-23T10:00:00Z",
    "lastmod": "2026-11-23T10:00:00Z",
    "version": "1",
}


CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
KEYS_OF_SITES = [
    "audio", "build", "cascade", "categories", "data", "dates", "deck", "excerpt", "expirydate", "expiryDate",
    "featured_image", "header", "hero", "image", "keywords", "lastmod", "layout", "licence", "license", "links",
    "linkTitle", "locale", "menu", "outputs", "pagination", "params", "permalink", "publishDate", "published",
    "publish_date", "published_at", "redirect_from", "redirect_to", "rights", "copyright", "series", "sitemap",
    "sources", "stage", "status", "subtitle", "summary", "tag", "tagline", "toc", "topic", "topics",
    "translationKey", "type", "url", "videos", "weight", "eleventyComputed", "eleventyExcludeFromCollections",
    "eleventyNavigation", "authors", "date_end", "author_id", "section_id", "original_date",
]  # fmt: skip


def around(state: str, toml: str = "", **more) -> RuleContext:
    return RuleContext(judges(toml).settings, state, **more)


def found(story: Story, state: str, toml: str = "", **more) -> list[Finding]:
    return list(check(story, around(state, toml, **more)))


def ready(**over) -> Story:
    """A story that lacks nothing in any state, with some keys changed."""
    return edit(read(READY), {**PUBLIC, **over})


def with_body(body: str) -> Story:
    story = ready()
    return read(story.text.removesuffix(story.body) + body)


@pytest.mark.parametrize("state", ["draft", "review", "edit", "publish"])
def test_a_story_that_lacks_nothing_has_no_findings(state):
    assert found(ready(state=state), state) == []


# Required keys


@pytest.mark.parametrize(
    "key, since, rule",
    [
        ("title", "draft", "required-title"),
        ("reporter", "draft", "required-reporter"),
        ("lang", "draft", "lang-missing"),
        ("section", "review", "required-section"),
        ("description", "review", "required-description"),
        ("source", "review", "source-empty"),
        ("editor", "edit", "required-editor"),
        ("date", "publish", "required-date"),
        ("lastmod", "publish", "required-lastmod"),
        ("version", "publish", "required-version"),
    ],
)
def test_a_key_is_required_from_its_state_on_and_blank_is_missing(key, since, rule):
    states = ["draft", "review", "edit", "publish"]
    typed = key in {"date", "lastmod", "version"}  # blank is a value of the wrong type there
    for value, state in itertools.product([None] if typed else [None, "", "   "], states):
        story = ready(**{key: value})
        findings = found(story, state)
        assert names(findings) == ([rule] if states.index(state) >= states.index(since) else [])
        for one in findings:
            assert one.severity is Severity.ERROR
            assert one.key == key
            assert f"required from {since}" in one.message
            assert ("is missing" if value is None else "is empty") in one.message
            assert one.hint
            assert (one.line, one.column) == story.place(key)


@pytest.mark.parametrize("state", ["draft", "review", "edit", "publish"])
def test_an_id_is_required_of_all_but_a_draft_that_is_not_taken_in(state):
    assert names(found(ready(id=None), state)) == (["required-id"] if state != "draft" else [])


def test_a_mistyped_key_is_not_missing_and_hides_none_that_is():
    assert names(found(ready(version="first", section=None, lastmod=None), "publish")) == [
        "required-section", "required-lastmod", "wrong-type",
    ]  # fmt: skip


def test_every_missing_key_is_named_at_once():
    bare = front("title: A", "id: 20261123-k3v9w2q8", "slug: council-budget", "state: draft", body="\nWords.\n")
    assert names(found(bare, "publish")) == [
        "required-reporter", "lang-missing", "required-section", "required-description", "source-empty",
        "required-editor", "required-date", "required-lastmod", "required-version",
    ]  # fmt: skip


@pytest.mark.parametrize("empty", ["source:", "source: ''", "source: ~", "source: [ ]", "source: {}"])
def test_an_empty_source_is_an_error_not_unknown(empty):
    story = read(ready().text.replace("source: Harbour Gazette", empty))
    assert [one.key for one in found(story, "review")] == ["source"]


@pytest.mark.parametrize("value", ["{name: '', url: 'https://x.example'}", "{url: 'https://x.example'}", "{name: ~}"])
def test_a_source_without_a_name_is_empty(value):
    story = read(ready().text.replace("source: Harbour Gazette", f"source: {value}"))
    assert [one.key for one in found(story, "review")] == ["source"]


def test_a_draft_written_by_hand_may_lack_what_adopting_gives():
    assert found(front("title: A", "reporter: R", "lang: en"), "draft") == []
    assert names(found(front("title: A", "reporter: R", "lang: en", "id: x"), "draft")) == [
        "required-slug",
        "required-state",
        "id-shape",
    ]


def test_a_key_with_a_wrong_value_is_not_called_missing_too():
    assert names(found(ready(date="2025-14-07"), "publish")) == ["date-incomplete"]


# One rule each


@pytest.mark.parametrize(
    "rule, changes, state, key",
    [
        ("date-incomplete", {"date": "2026-11-23"}, "publish", "date"),
        ("date-incomplete", {"date": "2025-14-07"}, "draft", "date"),
        ("date-incomplete", {"expires": "tomorrow"}, "draft", "expires"),
        ("wrong-type", {"urgency": "high"}, "draft", "urgency"),
        ("wrong-type", {"tags": {"a": "b"}}, "draft", "tags"),
        ("wrong-type", {"reporter": "<>"}, "draft", "reporter"),
        ("wrong-type", {"images": "a.jpg"}, "draft", "images"),
        ("unknown-state", {"state": "reveiw"}, "draft", "state"),
        ("slug-file-name", {"slug": "other"}, "draft", "slug"),
        ("lang-unknown", {"lang": "English"}, "draft", "lang"),
        ("lang-unknown", {"lang": "en_GB"}, "draft", "lang"),
        ("lang-unknown", {"lang": "e"}, "draft", "lang"),
        ("lang-unknown", {"lang": "xx"}, "draft", "lang"),
        ("date-incomplete", {"publish_at": "2026-11-23"}, "draft", "publish_at"),
        ("author-empty", {"byline": ""}, "review", "byline"),
        ("urgency-range", {"urgency": "10"}, "draft", "urgency"),
        ("subject-shape", {"subjects": ["politics"]}, "draft", "subjects"),
        ("duplicate-tag", {"tags": ["a", "A"]}, "draft", "tags"),
        ("duplicate-tag", {"subjects": ["medtop:11000000"] * 2}, "draft", "subjects"),
        ("address-malformed", {"source_url": "x"}, "draft", "source_url"),
        ("address-malformed", {"source": {"name": "A", "url": "x"}}, "draft", "source"),
        ("reprint-origin", {"reprint": "true", "source_url": "x"}, "draft", "source_url"),
        ("title-length", {"title": "x" * 121}, "draft", "title"),
        ("description-length", {"description": "x" * 161}, "draft", "description"),
        ("near-miss-key", {"titel": "x", "title": None}, "draft", "titel"),
        ("near-miss-key", {"Author": "x"}, "draft", "Author"),
        ("near-miss-key", {"datline": "x"}, "draft", "datline"),
        ("image-missing", {"images": [{"src": "hall.jpg", "alt": "a", "credit": "b"}]}, "draft", "images"),
        ("image-described", {"images": [{"src": "https://x.example/a.jpg", "alt": "a"}]}, "publish", "images"),
        (
            "required-original_title",
            {"reprint": "true", "original_author": "A", "source_url": "u"},
            "publish",
            "reprint",
        ),
    ],
)
def test_a_rule_finds_what_it_is_about(rule, changes, state, key):
    story = ready(**changes)
    finding = next(one for one in found(story, state) if one.rule == rule)
    assert finding.key == key
    assert (finding.line, finding.column) == story.place(key)
    assert finding.message.endswith(".")


@pytest.mark.parametrize(
    "changes",
    [
        {"lang": "zh-Hans"},
        {"lang": "pt-BR"},
        {"lang": "no"},
        {"lang": "x-klingon"},
        {"lang": "sr-Cyrl-RS"},
        {"title": "x" * 120},
        {"title": "e\u0301" * 120},
        {"title": "武" * 120},
        {"description": "x" * 160},
        {"imported": {"state": "x"}},
        {"weight": "1"},
        {"urgency": "1", "tags": ["a", "b"], "subjects": ["medtop:20000000"], "author": "A"},
        {"source": {"name": "A", "url": "https://x.example"}},
        {"categories": ["x"]},
        {"layout": "x"},
        {"mine": "x"},
        {"aliases": ["/old"]},
        {"embargo": "until-further-notice"},
        {"images": [{"src": "https://x.example/a.jpg", "alt": "a", "caption": "c", "credit": "b"}]},
        {"reprint": "true", "original_title": "a", "original_author": "b", "source_url": "https://x.example/a"},
        {"reprint": "false"},
    ],
)
def test_what_is_in_order_is_left_alone(changes):
    assert found(ready(**changes), "publish") == []


@pytest.mark.parametrize("state", ["publsh", "Publish", "killed"])
def test_an_unknown_state_is_named_with_those_there_are(state):
    finding = next(one for one in found(ready(state=state), "draft") if one.rule == "unknown-state")
    assert state in finding.message
    assert "draft, review, edit, publish" in finding.hint
    assert ("Did you mean publish?" in finding.hint) == (state != "killed")


@pytest.mark.parametrize("section, fine", [("local", True), ("lokal", False), ("Local", False)])
def test_a_section_is_one_of_those_listed_where_any_are(section, fine):
    toml = "[sections]\nlocal = 'Local'\nsport = 'Sport'\n"
    rules = names(found(ready(section=section), "review", toml))
    assert rules == ([] if fine else ["section-unknown"])
    assert names(found(ready(section=section), "review")) == []


def test_the_limits_are_the_newsrooms():
    toml = "[limits]\ntitle = 5\nslug = 10\n"
    assert set(names(found(ready(), "draft", toml))) == {"title-length", "slug-shape"}


def test_a_description_that_is_too_long_is_only_a_warning():
    assert the_one(found(ready(description="x" * 161), "publish")).severity is Severity.WARNING


@pytest.mark.parametrize(
    "slug, fine",
    [
        ("council-budget", True),
        ("a", True),
        ("2027", True),
        ("武进-预算", True),
        ("café", True),
        ("x" * 80, True),
        ("", False),
        ("-a", False),
        ("a-", False),
        ("a--b", False),
        ("a_b", False),
        ("a b", False),
        ("a/b", False),
        ("..", False),
        ("a.b", False),
        ("a\n", False),
        ("A", False),
        ("É", False),
        ("cafe\u0301", False),
        ("ﬁ", True),
        ("x" * 81, False),
        ("武" * 27, False),
        ("a\u202e", False),
        ("a\0", False),
        ("é" * 300, False),
    ],
)
def test_a_slug_is_lower_case_letters_and_digits_joined_by_hyphens(slug, fine):
    assert (slug_flaw(slug, limit=80) == "") is fine


@pytest.mark.parametrize("name", ["Council", "a_b", "-a", "x" * 81])
def test_a_file_with_an_unfit_name_is_found(name):
    story = read(READY.replace("slug: council-budget", f"slug: {name}"), f"stories/{name}.md")
    assert "slug-shape" in names(found(story, "draft"))


# Pictures

HALL = [{"src": "hall.jpg", "alt": "The hall", "caption": "The hall on Monday.", "credit": "Photographer"}]


@pytest.mark.parametrize(
    "state, more, rule, severity",
    [
        ("review", {}, "image-missing", Severity.ERROR),
        ("draft", {}, "image-missing", Severity.WARNING),
        (
            "review",
            {"assets": {"hall.jpg": "1"}, "loose": frozenset({"hall.jpg"})},
            "image-uncommitted",
            Severity.ERROR,
        ),
        (
            "draft",
            {"assets": {"hall.jpg": "1"}, "loose": frozenset({"hall.jpg"})},
            "image-uncommitted",
            Severity.WARNING,
        ),
    ],
)
def test_a_picture_that_is_not_there_or_not_committed_is_found(state, more, rule, severity):
    finding = the_one(found(ready(images=HALL, state=state), state, **more))
    assert (finding.rule, finding.severity) == (rule, severity)
    assert "hall.jpg" in finding.message


def test_a_picture_that_is_there_is_in_order():
    assert found(ready(images=HALL), "publish", assets={"hall.jpg": "1"}) == []


def test_a_picture_of_the_body_counts_too():
    assert names(found(with_body("\n![Hall](hall.jpg)\n"), "publish")) == ["image-missing"]


@pytest.mark.parametrize("key", ["alt", "credit"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_picture_readers_see_has_alt_text_and_a_credit(key, value):
    image = {**HALL[0], key: value}
    story = ready(images=[image])
    assets = {"hall.jpg": "1"}
    finding = the_one(found(story, "publish", assets=assets))
    assert finding.rule == "image-described"
    assert key in finding.message
    assert found(story, "edit", assets=assets) == []


def test_a_reprint_names_all_of_its_origin_before_readers_see_it():
    story = ready(reprint="true")
    assert names(found(story, "publish")) == [
        "required-original_title",
        "required-original_author",
        "required-source_url",
    ]
    assert found(story, "edit") == []


# Characters as readers see them


@pytest.mark.parametrize(
    "text, length",
    [
        ("Council", 7),
        ("e\u0301", 1),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 1),
        ("\U0001f1fa\U0001f1e6\U0001f1eb\U0001f1f7", 2),
        ("*a* **b** ~c~", 7),
        ("[a](https://x.example/long)", 1),
        ("`a_b`", 3),
        ("<b>a</b><!-- x -->", 1),
        ("&amp;&eacute;&#x6b66;", 3),
        ("\\*a\\*", 3),
        ("![The hall](hall.jpg)a", 1),
        (" a \n  b ", 3),
        ("snake_case_words", 16),
        ("3 * 4 < 5 & 6", 13),
        ("武进\u3000区", 4),
        ("", 0),
    ],
)
def test_characters_are_counted_as_readers_see_them(text, length):
    assert length_of(text) == length


@given(st.text(max_size=60))
def test_no_text_has_more_characters_than_code_points(text):
    assert length_of(text) <= len(text)


@pytest.mark.parametrize("opening, closing", [("![", "](x)"), ("[", "](x)"), ("*", "*"), ("<b>", ""), ("`", "")])
def test_a_title_of_nothing_but_markup_is_counted_all_the_same(opening, closing):
    assert length_of(opening * 2000 + "x" + closing * 2000) >= 0


# Languages


@pytest.mark.parametrize(
    "lang, meant",
    [
        ("en_GB", "en-GB"),
        ("en_us", "en-US"),
        ("zh_hant_tw", "zh-Hant-TW"),
        ("en-UK", "en-GB"),
        ("cn", "zh"),
        ("jp", "ja"),
        ("cn-CN", "zh-CN"),
        ("ua", "uk"),
        ("english", "en"),
        ("Chinese", "zh"),
        ("中文", "zh"),
        ("eng", "en"),
        (" en ", "en"),
        ("en--GB", "en-GB"),
    ],
)
def test_the_language_that_was_meant_is_named(lang, meant):
    finding = the_one(found(ready(lang=lang), "draft"))
    assert (finding.rule, finding.hint) == ("lang-unknown", f"Did you mean {meant}?")
    assert found(ready(lang=meant), "draft") == []


@pytest.mark.parametrize("lang", ["xx", "e", "quux", "fr_FR.UTF-8", "--", "en-"])
def test_where_no_language_is_near_the_form_is_shown(lang):
    finding = the_one(found(ready(lang=lang), "draft"))
    assert "BCP 47" in finding.hint


@pytest.mark.parametrize("lang", ["en-x-harbour", "de-1996", "zh-Hans-CN-u-ca-chinese", "es-419", "yue", "EN-gb"])
def test_every_well_formed_tag_passes(lang):
    assert found(ready(lang=lang), "draft") == []


# Keys that were meant to be others


@pytest.mark.parametrize(
    "key, meant",
    [
        ("titel", "title"),
        ("Title", "title"),
        ("descripton", "description"),
        ("discription", "description"),
        ("lnag", "lang"),
        ("tagss", "tags"),
        ("source-url", "source_url"),
        ("sourceURL", "source_url"),
        ("Original Title", "original_title"),
        ("check_ignore", "check-ignore"),
    ],
)
def test_a_key_one_slip_away_is_mended(key, meant):
    value = {"title": "A", "slug": "council-budget", "lang": "en"}.get(meant, "x")
    for written in (key, f'"{key}"', f"'{key}'"):
        others = [f"{name}: x" for name in ("title", "lang") if name != meant]
        story = front(*others, f"{written} : {value} # {key}")
        finding = next(one for one in found(story, "draft") if one.rule == "near-miss-key")
        assert (finding.key, finding.severity) == (key, Severity.WARNING)
        assert meant in finding.hint
        assert make_safe_edits(story, around("draft")) == story.text.replace(written, written.replace(key, meant), 1)


@pytest.mark.parametrize(
    "lines",
    [
        ["Date: 2026-11-23T10:00:00Z"],
        ["editors: A"],
        ["urgancy: high"],
        ["sulg: other"],
        ["titel: A", "Title: B"],
        ['"tit\\u0065l": A'],
    ],
)
def test_a_key_is_not_mended_where_that_would_not_be_right(lines):
    story = front(*lines)
    assert "near-miss-key" in names(found(story, "draft"))
    assert make_safe_edits(story, around("draft")) == story.text


@pytest.mark.parametrize("key", KEYS_OF_SITES)
def test_keys_that_sites_know_are_meant_as_they_stand(key):
    assert "near-miss-key" not in names(found(front(f"{key}: x"), "draft"))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of published pages is not here")
def test_no_key_of_a_published_page_is_taken_for_another():
    read_pages = 0
    for path in sorted(CORPUS.glob("*/*.md")):
        if path.parent.name in ("digitalgov", "18f"):
            try:
                story = read(path.read_bytes())
            except Unreadable:
                continue
            read_pages += 1
            assert "near-miss-key" not in names(found(story, "draft")), path
    assert read_pages > 200


# Addresses, dates and tags


@pytest.mark.parametrize(
    "address, fine",
    [
        ("https://gazette.example/a?b=c#d", True),
        ("http://gazette.example:8080", True),
        ("HTTPS://武进.example/预算", True),
        ("", True),
        ("gazette.example", False),
        ("//gazette.example", False),
        ("https://", False),
        ("https:///a", False),
        ("https://@/a", False),
        ("https://gazette.example:port/", False),
        ("http://[::1", False),
        ("mailto:editor@gazette.example", False),
        ("https://gazette.example/a b", False),
        ("https://a.example\nhttps://b.example", False),
    ],
)
def test_an_address_is_one_a_reader_can_follow(address, fine):
    assert names(found(ready(source_url=address), "edit")) == ([] if fine else ["address-malformed"])


@pytest.mark.parametrize("address", [["https://a.example"], {"a": "b"}])
def test_the_address_of_a_source_is_one_text(address):
    assert names(found(ready(source={"name": "A", "url": address}), "edit")) == ["address-malformed"]


@pytest.mark.parametrize(
    "begun, reprint, fine",
    [
        (timedelta(0), "false", True),
        (timedelta(minutes=10), "false", True),
        (timedelta(minutes=10, seconds=1), "false", False),
        (timedelta(days=900), "false", False),
        (timedelta(days=900), "true", True),
        (timedelta(days=-1), "false", True),
    ],
)
def test_a_date_is_not_before_the_first_entry_but_for_a_reprint(begun, reprint, fine):
    origin = {"original_title": "A", "original_author": "B", "source_url": "https://x.example"}
    story = ready(reprint=reprint, **origin)
    rules = names(found(story, "publish", begun=AT + begun))
    assert rules == ([] if fine else ["date-before-first-entry"])
    assert found(story, "edit", begun=AT + begun) == []


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_the_ends_of_the_calendar_are_dates(date):
    rules = names(found(ready(date=date), "publish", begun=AT))
    assert rules == (["date-before-first-entry"] if date.startswith("0001") else [])


@pytest.mark.parametrize(
    "tags, count",
    [
        (["a", "b"], 0),
        (["a", "a", "a"], 1),
        (["a", "A", "b", " B "], 2),
        (["Stra\u00dfe", "STRASSE"], 1),
        (["caf\u00e9", "cafe\u0301"], 1),
        (["", " "], 0),
        (["city hall", "city-hall"], 0),
    ],
)
def test_a_tag_stands_once(tags, count):
    assert names(found(ready(tags=tags), "publish")) == ["duplicate-tag"] * count


@pytest.mark.parametrize("empty", ["", "  ", "[]", "['', ' ']", "~"])
@pytest.mark.parametrize("key", ["author", "authors", "byline"])
def test_an_author_that_is_there_names_somebody(key, empty):
    written = empty if empty != "  " else "'  '"
    story = read(ready().text.replace("lang: en", f"lang: en\n{key}: {written}"))
    assert names(found(story, "review")) == ["author-empty"]
    assert found(story, "draft") == []


def test_a_picture_without_a_caption_is_only_a_warning():
    image = {**HALL[0], "caption": " "}
    finding = the_one(found(ready(images=[image]), "publish", assets={"hall.jpg": "1"}))
    assert (finding.rule, finding.severity) == ("image-uncaptioned", Severity.WARNING)


def test_a_picture_without_alt_text_is_an_error_where_captions_are_not_asked_for():
    image = {"src": "https://x.example/a.jpg", "credit": "b"}
    rules = names(found(ready(images=[image]), "publish", "[rules]\nimage-uncaptioned = 'off'"))
    assert rules == ["image-described"]


@pytest.mark.parametrize("said, meant", [("Sport", "sport"), ("Local news", "local"), ("lokal", "local")])
def test_the_section_that_was_meant_is_named(said, meant):
    toml = "[sections]\nlocal = 'Local news'\nsport = 'Sport'\n"
    assert the_one(found(ready(section=said), "review", toml)).hint.startswith(f"Did you mean {meant}?")


@pytest.mark.parametrize("subject", ["11000000", "medtop 11000000", "http://cv.iptc.org/newscodes/mediatopic/11000000"])
def test_the_code_in_a_subject_is_found(subject):
    hint = the_one(found(ready(subjects=[subject]), "draft")).hint
    assert ("`medtop:11000000`" in hint) == (" " not in subject)


# The body


@pytest.mark.parametrize("body", ["", "\n", "  \n\t\n"])
def test_a_story_that_left_the_first_state_has_words(body):
    story = with_body(body)
    assert names(found(story, "review")) == ["body-empty"]
    assert found(story, "draft") == []


@pytest.mark.parametrize(
    "body, lines",
    [
        ("\nOne.\n<<<<<<< HEAD\nTwo.\n=======\nThree.\n>>>>>>> theirs\n", [3, 7]),
        ("<<<<<<< HEAD\nx", [1]),
        ("\n    <<<<<<< HEAD\n", []),
        ("\nHeadline\n=======\n", []),
        ("\n< quote\n", []),
    ],
)
def test_marks_of_a_merge_conflict_in_the_words_are_found(body, lines):
    story = with_body(body)
    findings = [one for one in found(story, "publish") if one.rule == "conflict-marker"]
    assert [one.line - story.body_line + 1 for one in findings] == lines


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_marks_of_a_merge_conflict_are_found_whatever_ends_the_lines(newline):
    story = with_body("\nOne.\n<<<<<<< HEAD\nTwo.\n>>>>>>> theirs\n".replace("\n", newline))
    assert names(found(story, "publish")) == ["conflict-marker", "conflict-marker"]


# Weights


def test_a_newsroom_weighs_rules_by_state_and_section():
    story = ready(title="x" * 121)
    for toml, weight in [
        ("", Severity.ERROR),
        ('[rules]\ntitle-length = "warning"', Severity.WARNING),
        ('[rules.states.edit]\ntitle-length = "info"', Severity.INFO),
        ('[rules.sections.local]\ntitle-length = "info"', Severity.INFO),
        ('[rules.sections.sport]\ntitle-length = "info"', Severity.ERROR),
    ]:
        assert the_one(found(story, "edit", toml)).severity is weight
    assert found(story, "edit", '[rules]\ntitle-length = "off"') == []


def test_a_rule_may_be_made_heavier():
    finding = the_one(found(ready(description="x" * 161), "edit", '[rules]\ndescription-length = "error"'))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "changes, rule",
    [
        ({"title": None}, "required-title"),
        ({"source": None}, "source-empty"),
        ({"lang": None}, "lang-missing"),
        ({"date": "x"}, "date-incomplete"),
        ({"urgency": "x"}, "wrong-type"),
        ({"state": "x"}, "unknown-state"),
        ({"slug": "other"}, "slug-file-name"),
    ],
)
@pytest.mark.parametrize("weight", ["off", "info", "warning"])
def test_what_makes_a_story_a_story_can_be_neither_silenced_nor_lowered(changes, rule, weight):
    toml = "[rules]\n" + "".join(f'{name} = "{weight}"\n' for name in sorted({rule, "required", "wrong-type"}))
    finding = next(one for one in found(ready(**changes), "publish", toml) if one.rule == rule)
    assert finding.severity is Severity.ERROR


def test_every_rule_has_a_permanent_name_and_says_what_it_requires():
    rules = [rule for family in families().values() for rule in family]
    ids = [name for rule in rules for name in rule.names]
    assert len(set(ids)) == len(ids)
    for rule in rules:
        assert rule.id == rule.id.lower()
        assert rule.id.replace("-", "").isalnum()
        assert all(rule.under(name).summary.endswith(".") for name in rule.names)


VALUE = st.recursive(
    st.none() | st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["src", "alt", "name", "url", "x"]), inner, max_size=3)
    ),
    max_leaves=4,
)
KEY = st.sampled_from([
    "id", "title", "slug", "state", "draft", "reporter", "editor", "author", "lang", "section", "description", "source",
    "date", "version", "embargo", "expires", "tags", "urgency", "images", "reprint", "titel", "aliases", "due",
    "authors", "byline", "subjects", "source_url", "original_title", "Title", "Date", "sourc", "check-ignore", "publish_at",
])  # fmt: skip


@given(st.dictionaries(KEY, VALUE, max_size=6), st.sampled_from(["draft", "review", "edit", "publish"]))
def test_rules_never_raise_whatever_the_keys_hold(changes, state):
    try:
        story = edit(read(READY), changes)
    except Unreadable:
        return
    for one in found(story, state, begun=AT):
        assert one.message
        assert one.line >= 1
    read(make_safe_edits(story, around(state)))
