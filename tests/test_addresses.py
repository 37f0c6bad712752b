"""The path readers use: made of the permalink once, held to it by the verifier, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import (
    AT,
    EDITOR,
    after,
    forged,
    front,
    in_edit,
    judges,
    names,
    published,
    take,
    the_one,
    walked,
)

from newsroom_cli.addresses import PERMALINK, is_address, make_address
from newsroom_cli.check.names import former_slugs
from newsroom_cli.errors import CannotRun
from newsroom_cli.settings.settings import parse
from newsroom_cli.story import frontmatter
from newsroom_cli.verify.change import StoryChange, check_change
from newsroom_cli.verify.standing import check_record

ADDRESS = "/local/2026/11/council-budget/"
NEW_YEAR = '[publication]\npermalink = "/{year}/{month}/{day}/{slug}.html"\n'


def made(permalink: str = PERMALINK, *, section: str = "local", unicode: bool = False) -> str:
    day = datetime(2026, 11, 3, tzinfo=UTC)
    return make_address(permalink, slug="council-budget", section=section, day=day, unicode=unicode)


@pytest.mark.parametrize(
    "permalink, section, address",
    [
        (PERMALINK, "local", ADDRESS),
        (PERMALINK, "", "/2026/11/council-budget/"),
        (PERMALINK, "Local News", "/local-news/2026/11/council-budget/"),
        (PERMALINK, "a/../b", "/a-b/2026/11/council-budget/"),
        (PERMALINK, "要闻", "/yao-wen/2026/11/council-budget/"),
        (PERMALINK, "???", "/2026/11/council-budget/"),
        ("/{year}/{month}/{day}/{slug}", "local", "/2026/11/03/council-budget"),
        ("/{slug}.html", "local", "/council-budget.html"),
        ("/news/{section}-{year}/{slug}/", "", "/news/-2026/council-budget/"),
    ],
)
def test_address_is_the_permalink_with_its_places_filled(permalink, section, address):
    assert made(permalink, section=section) == address


def test_section_keeps_its_letters_where_slugs_do():
    assert made(section="要闻", unicode=True) == "/要闻/2026/11/council-budget/"


@given(st.text(max_size=30), st.booleans())
def test_whatever_a_section_is_called_the_address_is_one(section, unicode):
    address = made(section=section, unicode=unicode)
    assert is_address(address)
    assert address.endswith("/2026/11/council-budget/")


@pytest.mark.parametrize(
    "permalink, said, hint",
    [
        ('"/{section}/{yaer}/{slug}/"', "names {yaer}, which there is not", "Did you mean {year}?"),
        ('"/{title}/{slug}/"', "names {title}, which there is not", "{section}, {year}, {month}, {day}, {slug}"),
        ('"{section}/{slug}/"', "does not begin with a slash", "Did you mean /{section}/{slug}/?"),
        ('"/{section}/{year}/"', "does not end in {slug}", "Did you mean /{section}/{year}/{slug}/?"),
        ('"/{slug}/{year}/"', "does not end in {slug}", f"Did you mean {PERMALINK}?"),
        ('"//{slug}/"', "which is not a path", PERMALINK),
        ('"/../{slug}/"', "which is not a path", PERMALINK),
        ('"/our news/{slug}/"', "which is not a path", PERMALINK),
        ('"/{slug}?page=1"', "which is not a path", PERMALINK),
        ('"/{slug/"', "does not end in {slug}", "{slug}"),
        ("5", "is not text", PERMALINK),
        ('""', "does not begin with a slash", "/"),
    ],
)
def test_permalink_that_makes_no_addresses_is_refused(permalink, said, hint):
    with pytest.raises(CannotRun) as caught:
        parse(f"[publication]\npermalink = {permalink}\n", path="newsroom.toml")
    assert caught.value.message.startswith("newsroom.toml: publication.permalink ")
    assert said in caught.value.message
    assert hint in caught.value.hint


# The first publication sets it, and nothing changes it


def test_first_publication_sets_the_address_and_a_later_one_keeps_it():
    held = published()
    assert held.ledger.record["address"] == held.story.fields["address"] == ADDRESS
    other = judges(NEW_YEAR)
    again = walked(held, ("unpublish", EDITOR), ("publish", EDITOR), by=other)
    assert again.ledger.record["version"] == 2
    assert again.story.fields["address"] == ADDRESS
    assert "address" not in again.ledger.entries[-1].set


def test_correction_in_another_section_keeps_the_address():
    held = published()
    moved = held._replace(story=frontmatter.edit(held.story, {"section": "sport"}))
    step = take(moved, "correct", EDITOR, terms={"kind": "correction", "notice": "It was sport."})
    assert step.story.fields["address"] == ADDRESS


def test_year_and_month_are_those_of_the_date_in_the_newsrooms_zone():
    by = judges(f'timezone = "Pacific/Kiritimati"\n{NEW_YEAR}')
    assert published(by).story.fields["address"] == "/2026/11/24/council-budget.html"


def test_release_makes_the_address_of_the_planned_time():
    held = in_edit()
    held = after(held, take(held, "schedule", EDITOR, terms={"publish_at": "2026-12-31T23:59:00Z"}))
    assert "address" not in held.story.fields
    step = take(held, "release", EDITOR, minute=60 * 24 * 60)
    assert step.story.fields["date"].startswith("2026-12-31")
    assert step.story.fields["address"] == "/local/2026/12/council-budget/"


def test_address_stands_behind_the_version():
    keys = list(published().story.fields)
    assert keys[keys.index("version") + 1] == "address"


# Forgeries


def findings_of_update(before, now):
    strengths = dict.fromkeys(range(1, 9), "attributed")
    return list(
        check_change(StoryChange(before, now, strengths), judges(), require="recorded", now=AT.replace(hour=23))
    )


@pytest.mark.parametrize(
    "address", ["/about/", "/sport/2026/11/council-budget/", "/local/2025/11/council-budget/", 5, None]
)
def test_forged_address_in_a_new_entry_is_found(address):
    held = in_edit()
    step = take(held, "publish", EDITOR)
    keys = {**step.entry.set, "address": address}
    bad = forged(held, action="publish", to="publish", role="editor", by=str(EDITOR), set=keys, at=step.entry.at)
    assert "entry-set" in names(findings_of_update(held, bad))


def test_publication_that_leaves_the_address_out_is_found():
    held = in_edit()
    step = take(held, "publish", EDITOR)
    keys = {key: value for key, value in step.entry.set.items() if key != "address"}
    bad = forged(held, action="publish", to="publish", role="editor", by=str(EDITOR), set=keys, at=step.entry.at)
    found = [one for one in findings_of_update(held, bad) if one.rule == "entry-set"]
    assert the_one(found).message == "publish may not set address this way."


def test_address_in_the_file_is_that_of_the_ledger():
    held = published()
    by_hand = held._replace(story=frontmatter.edit(held.story, {"address": "/elsewhere/"}))
    found = the_one(list(check_record(by_hand, judges(), now=AT.replace(hour=23))))
    assert (found.rule, found.key) == ("record-by-hand", "address")
    assert found.message == f"address says /elsewhere/, the ledger {ADDRESS}; only `story` writes it."


def test_address_made_of_an_earlier_permalink_is_no_finding_later():
    held = published()
    assert list(check_record(held, judges(NEW_YEAR), now=AT.replace(hour=23))) == []


@pytest.mark.parametrize("address", ["/a//b/", "about", "/x/../y/", "/x y/", "/\u202ex/", ["/x/"]])
def test_what_is_no_address_is_found_however_old_the_entry(address):
    held = in_edit()
    step = take(held, "publish", EDITOR)
    keys = {**step.entry.set, "address": address}
    bad = forged(held, action="publish", to="publish", role="editor", by=str(EDITOR), set=keys, at=step.entry.at)
    assert "entry-set" in names(check_record(bad, judges(), now=AT.replace(hour=23)))


# Names of other stories


def test_address_names_a_slug_as_an_alias_does():
    assert former_slugs(front("slug: frost", f"address: {ADDRESS}", path="stories/frost.md")) == ("council-budget",)
    assert former_slugs(front("slug: council-budget", f"address: {ADDRESS}", path="stories/council-budget.md")) == ()


def test_no_story_goes_out_under_a_slug_that_anothers_address_names(newsroom):
    newsroom.at("publish")
    path = newsroom.path_of("council-budget")
    newsroom.git("mv", path, "stories/budget-of-2027.md")
    newsroom.change("stories/budget-of-2027.md", "slug: council-budget", "slug: budget-of-2027")
    before = newsroom.commit("another name")
    newsroom.at("draft", "council-budget", title="Another budget")
    said = newsroom.story("submit", "council-budget", exit=1)
    assert "duplicate-slug" in said.all
    found = newsroom.story("check", "--format", "json", exit=1).json["findings"]
    assert {one["path"] for one in found if one["rule"] == "duplicate-slug"} == {
        "stories/budget-of-2027.md",
        newsroom.path_of("council-budget"),
    }
    found = newsroom.story("check", "--base", before, "--format", "json", exit=1).json["findings"]
    assert "duplicate-slug" in {one["rule"] for one in found}


# Another name


def renamed(newsroom):
    newsroom.at("publish")
    return newsroom.story(
        "correct", "council-budget", "--rename", "budget-of-2027", "--notice", "It has a clearer name.", who="Editor"
    )


def test_rename_moves_file_and_address_and_keeps_the_old_ones_as_aliases(newsroom):
    newsroom.at("publish")
    path = newsroom.path_of("council-budget")
    before = newsroom.head
    renamed_to = path.replace("council-budget", "budget-of-2027")
    said = newsroom.story(
        "correct", "council-budget", "--rename", "budget-of-2027", "--notice", "It has a clearer name.", who="Editor"
    )
    assert "Corrected budget-of-2027: version 2" in said.err
    fields = frontmatter.read_story(renamed_to, newsroom.read(renamed_to).encode()).fields
    assert fields["slug"] == "budget-of-2027"
    assert fields["address"] == "/local/2025/11/budget-of-2027/"
    assert fields["aliases"] == ["/local/2025/11/council-budget/", "council-budget"]
    assert not (newsroom.root / path).exists()
    assert newsroom.git("rev-list", "--count", f"{before}..HEAD") == "1"
    assert newsroom.git("status", "--porcelain") == ""
    entry = newsroom.entries("budget-of-2027")[-1]
    assert entry["terms"]["address"] == entry["set"]["address"] == fields["address"]
    for args in (["check"], ["check", "--base", before], ["audit"], ["verify-published"]):
        newsroom.story(*args)
    assert "council-budget" in newsroom.story("show", "budget-of-2027", "--version", "1").out


def test_rename_back_takes_the_address_out_of_the_aliases(newsroom):
    renamed(newsroom)
    newsroom.story("correct", "budget-of-2027", "--rename", "council-budget", "--notice", "Back.", who="Editor")
    path = newsroom.path_of("council-budget")
    fields = frontmatter.read_story(path, newsroom.read(path).encode()).fields
    assert fields["address"] == "/local/2025/11/council-budget/"
    assert fields["aliases"] == ["/local/2025/11/budget-of-2027/", "budget-of-2027"]
    newsroom.story("audit")


def test_rename_to_a_name_that_is_taken_is_refused(newsroom):
    newsroom.at("publish")
    newsroom.at("draft", "flood", title="Flood")
    for slug, status in (("flood", 1), ("Not A Slug", 2)):
        args = ("correct", "council-budget", "--rename", slug, "--notice", "x")
        newsroom.refused(*args, who="Editor", exit=status)
    said = newsroom.story("correct", "council-budget", "--rename", "council-budget", "--notice", "x", who="Editor")
    assert "nothing to do" in said.err


def test_rename_without_a_row_for_readers_is_refused(newsroom):
    newsroom.at("edit")
    newsroom.refused("correct", "council-budget", "--rename", "frost", "--notice", "x", who="Editor", exit=1)


def test_alias_of_an_old_address_has_to_stay(newsroom):
    renamed(newsroom)
    before = newsroom.head
    newsroom.change(newsroom.path_of("budget-of-2027"), "/local/2025/11/council-budget/", "/elsewhere/council-budget")
    newsroom.story("correct", "budget-of-2027", "--notice", "Other links.", who="Editor", exit=None)
    found = newsroom.story("check", "--base", before, "--format", "json", exit=1).json["findings"]
    assert "slug-without-alias" in {one["rule"] for one in found}


@pytest.mark.parametrize("address", ["/about/", "/local/2026/11/council-budget/", "not one"])
def test_forged_rename_is_found(address):
    held = published()
    words = held._replace(story=frontmatter.edit(held.story, {"aliases": ["old"]}))
    step = take(words, "correct", EDITOR, terms={"kind": "correction", "notice": "x"})
    keys = {**step.entry.set, "address": address}
    terms = {**step.entry.terms, "address": address}
    bad = forged(words, action="correct", from_="publish", to="publish", role="editor", by=str(EDITOR), set=keys,
                 terms=terms, at=step.entry.at)  # fmt: skip
    assert "entry-set" in names(findings_of_update(held, bad))
