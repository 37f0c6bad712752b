"""Rules on the text of a story: what the page it all began with yields, what is mended, and that none ever raises."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import EDITOR, front, judges, read

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules import RuleContext, check, make_safe_edits
from newsroom_cli.rules.registry import Fix, Since
from newsroom_cli.rules.text import TEXT
from newsroom_cli.rules.text.views import view_of

SEED = Path(__file__).resolve().parents[3] / "shared" / "seed" / "wujin-news-2024-02-26.txt"
AROUND = RuleContext(judges("").settings, "publish", is_there=lambda path: path.endswith("there.md"))
RULES = {one.id: one for one in TEXT}


def found(story: Story, around: RuleContext = AROUND) -> list[tuple[str, int, Severity]]:
    return [(one.rule, one.line, one.severity) for one in check(story, around)]


def flaws(name: str, body: str, *lines: str, around: RuleContext = AROUND) -> list:
    story = front(*(lines or ("title: Council passes the budget", "lang: en")), body=body)
    return list(RULES[name].flaws(story, around))


# The page it began with

OF_THE_SEED = [
    (7, "byline-in-body", Severity.ERROR),
    (27, "editor-in-body", Severity.ERROR),
    (7, "relative-date", Severity.INFO),
    (25, "headline-repeated", Severity.WARNING),
    (29, "page-furniture", Severity.ERROR),
    (30, "page-furniture", Severity.ERROR),
    (32, "page-furniture", Severity.ERROR),
    (29, "rights-missing", Severity.ERROR),
    (7, "odd-whitespace", Severity.INFO),
    (27, "no-second-person", Severity.ERROR),
    (7, "source-in-lead", Severity.INFO),
]
OF_ITS_TOP = [
    (3, "page-furniture", Severity.ERROR),
    (3, "section-doubled", Severity.ERROR),
    (1, "page-furniture", Severity.ERROR),
]
AT_ITS_KEYS = [
    ("source-empty", 3, Severity.ERROR),
    ("date-incomplete", 5, Severity.ERROR),
    ("lang-missing", 1, Severity.ERROR),
    ("lang-script-mismatch", 1, Severity.WARNING),
    *((f"required-{key}", 1, Severity.ERROR) for key in ("id", "slug", "description", "section", "editor")),
]


@pytest.mark.skipif(not SEED.is_file(), reason="the page is in ../shared, which is no part of the project")
@pytest.mark.parametrize("first", [1, 5, 7])
def test_the_page_it_began_with_yields_each_defect_at_its_line(first):
    page = SEED.read_text("utf-8").split("\n")
    before = ["---", f"title: {page[3]}", "source:", "author:", "date: 2024-02-26", "---"]
    story = read("\n".join([*before, *page[first - 1 :]]))
    rows = found(story)
    shift = len(before) - (first - 1)
    wanted = [*OF_THE_SEED, *(OF_ITS_TOP if first == 1 else []), *([(5, *OF_ITS_TOP[0][1:])] if first < 7 else [])]
    assert {(name, line + shift, severity) for line, name, severity in wanted} <= set(rows)
    assert set(AT_ITS_KEYS) <= set(rows)


# What is mended


@pytest.mark.parametrize(
    "body, mend",
    [
        ("\n  The council met.\n", "\nThe council met.\n"),
        ("\n\u3000\u3000市图书馆开放。\n", "\n市图书馆开放。\n"),
        ("\n\u00a0\u00a0The council met.\n", "\nThe council met.\n"),
        ("\nThe coun\u200bcil met\ufeff\n", "\nThe council met\n"),
        ("\r\n  The council met.\r\n", "\r\nThe council met.\r\n"),
        ("  The council met.\n", "The council met.\n"),
    ],
)
def test_odd_white_space_is_taken_out(body, mend):
    story = front("title: Words", "lang: en", body=body)
    assert make_safe_edits(story, AROUND) == story.text.removesuffix(body) + mend


@pytest.mark.parametrize(
    "body",
    [
        "\n- Taxes\n\n  stay flat\n",
        "\n1. Taxes\n\n   stay flat\n",
        "\n    code of four\n",
        "\n```\n  code\n```\n",
        "\n> quoted\n  further\n",
        "\nTaxes stay  \n  flat\n",
        "\n<div>\n\n  <p>Words</p>\n</div>\n",
        "\n\u3000\u30001. Taxes\n",
        "\n  - Taxes\n",
        "\n[^1]: A note\n\n  goes on\n",
        "\nIl a dit\u00a0: non.\n",
        "\n*\u200b*\n",
        "\n\u200b# Taxes\n",
        "\n`co\u200bde`\n",
        "\nภาษา\u200bไทย\n",
    ],
)
def test_white_space_that_means_something_stays(body):
    story = front("title: Words", "lang: en", body=body)
    assert make_safe_edits(story, AROUND) == story.text


# Single rules


def test_edits_are_made_for_safe_rules_alone():
    assert [one.id for one in TEXT if one.fix is Fix.SAFE] == ["odd-whitespace"]


def test_every_rule_says_what_it_asks_for():
    for one in TEXT:
        assert one.summary.endswith("."), one.id
        assert len({other.id for other in TEXT}) == len(TEXT)


def test_the_body_without_glued_readings_keeps_its_columns():
    story = front("title: Words", "lang: zh-Hant", body="\n圖書館網(wǎng)開放(kāi)了，責編：王小明\n")
    seen = view_of(story)
    assert seen.text == "\n圖書館網開放了，責編：王小明\n"
    assert story.body[seen.index(seen.text.index("責"))] == "責"
    assert [seen.text[at] for at in range(len(seen.text))] == [
        story.body[seen.index(at)] for at in range(len(seen.text))
    ]


def test_four_eyes_that_were_lifted_are_no_finding():
    lines = ("title: Words", "reporter: Ana Sample <ana@gazette.example>", "editor: Ana Sample <ANA@gazette.example>")
    name = "no-second-person"
    assert flaws(name, "\nWords.\n", *lines)
    assert not flaws(name, "\nWords.\n", *lines, around=RuleContext(AROUND.settings, "publish", lifted=True))
    assert not flaws(name, "\nWords.\n", *lines[:2], f"editor: {EDITOR}")


def test_a_pipeline_that_bars_nobody_needs_no_second_person():
    toml = '[[pipeline.moves]]\naction = "publish"\nfrom = ["edit"]\nto = "publish"\nby = ["editor"]\n'
    around = RuleContext(judges(toml).settings, "publish")
    assert not flaws("no-second-person", "\nWords.\n", "title: Words", "reporter: Ana Sample", around=around)


def test_links_are_not_judged_where_the_tree_is_not_known():
    body = "\nSee [it](gone.md) and [there](there.md).\n"
    assert [flaw.place for flaw in flaws("link-missing", body)] == [(6, 10)]
    assert not flaws("link-missing", body, around=RuleContext(AROUND.settings, "publish"))


def test_each_malformed_link_has_its_place():
    body = "\n[a](https://a.example) [b]()\n\n[c](htp://c.example) and [d](http//d.example)\n"
    assert [flaw.place for flaw in flaws("link-malformed", body)] == [(6, 26), (8, 3), (8, 28)]


def test_rules_that_wait_until_a_story_is_handed_in():
    waiting = {one.id for one in TEXT if one.since is not Since.ALWAYS}
    assert {"placeholder-left", "page-furniture", "byline-in-body", "no-second-person"} <= waiting
    assert "odd-whitespace" not in waiting


# Any text

PIECES = st.sampled_from(
    [
        "\n",
        "\n\n",
        "  ",
        "\u3000",
        "\xa0\xa0",
        "\u200b",
        "\u2028",
        "[a](",
        ")",
        "]()",
        "http//",
        "# ",
        "#### ",
        "===\n",
        "TK",
        "TODO:",
        "待补",
        "昨天",
        "today",
        "“",
        "”",
        '"',
        "责编：",
        "王小明",
        "（记者 ",
        "）",
        "By Ana Sample",
        "Editor: ",
        "新华社北京电",
        "(Reuters) —",
        "您当前的位置：",
        " > ",
        "版权所有",
        "©2026 ",
        "ICP备12345678号",
        "图：",
        "Photo: ",
        "網(wǎng)",
        "- ",
        "```",
        "`",
        "<pre>",
        "市圖書館",
        "市图书馆",
        "Совет",
        "\r\n",
        "\\",
        "{{",
        "天气：",
        "Home > News > News",
        "<<<<<<< x\n",
    ]
)
BODIES = st.lists(PIECES | st.text(max_size=20), max_size=40).map("".join)


@given(BODIES, st.text(max_size=30), st.sampled_from(["en", "zh", "zh-TW", "zh-CN", "ja", "de", "uk", "x-a", ""]))
def test_no_text_makes_a_rule_raise(body, title, lang):
    blank = front(f"lang: {lang}", "reporter: Ana Sample", body="\n")
    metadata = type(blank.metadata)(title=title, description=title, lang=lang)
    story = Story(blank.path, blank.text[:-1] + body, {"title": title, "author": [title]}, {}, body, 4, metadata)
    lines = body.count("\n") + 4
    for one in TEXT:
        for flaw in one.flaws(story, AROUND):
            line, column = flaw.place or (1, 1)
            assert 1 <= line <= lines
            assert column >= 1
            assert "\n" not in flaw.message
            for edit in flaw.edits:
                assert story.text[edit.start : edit.end].strip(" \u00a0\u3000\u200b\ufeff") == ""


HOSTILE = [
    "a",
    "图",
    " ",
    "\u00a0",
    "\u200b",
    "#",
    "=",
    "[",
    "](",
    "[a]()",
    "today ",
    "“",
    '"',
    "(",
    "By A ",
    "网",
    "责编：",
    "今天",
    "\u3000",
    "©",
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("end", ["", "\n"])
def test_no_repeated_text_takes_long(piece, end):
    unit = piece + end
    story = front("title: aaaa", "lang: en", body="\n" + unit * (200_000 // len(unit)) + "\n")
    for one in TEXT:
        begun = time.process_time()
        for _ in one.flaws(story, AROUND):
            pass
        assert time.process_time() - begun < 2, one.id
