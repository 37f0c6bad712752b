"""The repository's own stories, and the real page that they are the answer to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT.parent / "shared" / "seed" / "wujin-news-2024-02-26.txt"


@pytest.fixture(scope="module")
def page():
    if not PAGE.is_file():
        pytest.skip("the crawled page (../shared/seed) is not beside this checkout")
    return PAGE.read_text("utf-8")


def test_check_is_green_on_the_repositorys_own_stories(newsroom):
    said = newsroom.process("check", "--now", "2026-01-01T00:00:00Z", cwd=ROOT)
    assert "checked 3 of 3 stories: nothing found" in said.err


def test_no_sentence_of_the_real_page_stands_in_a_sample(page):
    for path in (ROOT / "stories").rglob("*.md"):
        text = path.read_text("utf-8")
        for sentence in re.split(r"[,。、:;\s]", page):
            assert len(sentence) < 12 or sentence not in text


def crawled(page: str) -> str:
    """The page as a crawler would enter it: what it says of itself as keys, all its lines as the body."""
    title = page.splitlines()[3].strip()
    return f"---\ntitle: {title}\nsource:\nauthor:\ndate: 2024-02-26\n---\n\n{page}"


def test_crawl_of_the_page_is_refused_with_its_gaps_named(newsroom, page):
    path = "stories/2024/02/crawled.md"
    newsroom.write(path, crawled(page))
    found = newsroom.findings()
    assert {one["rule"] for one in found} >= {"date-incomplete", "required-reporter", "lang-missing", "not-adopted"}
    assert next(one["line"] for one in found if one["rule"] == "date-incomplete") == 5
    newsroom.story("submit", "crawled", exit=1)


def test_crawl_that_was_taken_in_still_cannot_be_handed_in(newsroom, page):
    newsroom.write("stories/2024/02/crawled.md", crawled(page))
    newsroom.story("adopt", "stories/2024/02/crawled.md")
    refused = newsroom.refused("submit", "crawled")
    assert {"required-section", "required-description", "source-empty"} <= set(re.findall(r"\[([\w-]+)\]", refused))
    text = newsroom.read("stories/2024/02/crawled.md")
    assert "imported:\n  date: '2024-02-26'\n" in text
    newsroom.refused("publish", "crawled", who="Editor")


AT_KEYS = {"source-empty": "source", "author-empty": "author", "date-incomplete": "date", "lang-missing": ""}


def test_every_defect_of_the_page_is_found_at_its_line_with_its_weight(newsroom, page):
    """`defects.tsv` row by row: keys at their keys (a missing one at the fence), words at the page's line."""
    path = "stories/2024/02/crawled.md"
    text = crawled(page)
    newsroom.write(path, text)
    found = {(one["rule"], one["line"], one["severity"]) for one in newsroom.findings("--for", "publish")}
    shift = text.split("\n").index("---", 1) + 2
    rows = PAGE.with_name("defects.tsv").read_text("utf-8").splitlines()[1:]
    assert len(rows) == 20
    for row in rows:
        _, line, what, rules, levels = row.split("\t")
        names, weights = rules.split(", "), re.findall("error|warning|info", levels)
        for at, name in enumerate(names):
            weight = weights[min(at, len(weights) - 1)]
            if name == "required-<key>":
                assert {(f"required-{key}", 1, weight) for key in ("id", "slug", "description")} <= found
                continue
            wanted = at_line(text, name, line, what, shift)
            assert (name, wanted, weight) in found, (row, sorted(found))


def at_line(text: str, name: str, line: str, what: str, shift: int) -> int:
    """Where a defect stands in the story made of the page."""
    keys = [row.partition(":")[0] for row in text.split("\n---", 1)[0].split("\n")]
    if name in AT_KEYS:
        return keys.index(AT_KEYS[name]) + 1 if AT_KEYS[name] else 1
    if "headline itself" in what:
        return keys.index("title") + 1
    return int(line) + shift if line != "-" else 1
