"""Words and pictures changed after the yes that let them out."""

from __future__ import annotations

import pytest
from conftest import BODY, PEOPLE, PICTURE, Desk

from attacks.forging import (
    caught,
    caught_among_others,
    content_after,
    evil_merge,
    forge,
    on_main,
    passes,
    published_by,
    settled,
)


def test_text_changed_after_publication(base):
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.commit(who="Editor")
    caught(base, "published-words-changed")


def test_text_changed_after_a_publication_in_the_same_change(base):
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Editor")
    base.change(base.path_of("council-budget"), "Monday", "Tuesday")
    base.commit()
    caught(base, "published-words-changed")


def test_publication_that_signs_other_words_than_those_there(base):
    base.at("edit", "flood", title="Flood")
    forge(base, "flood", by="Editor", commit_as="Editor", action="publish", to="publish", content="sha256:" + "0" * 64,
          set=published_by(base, "flood"))  # fmt: skip
    caught(base, "published-words-changed")


def test_text_changed_on_one_branch_and_published_on_another_merged_cleanly(base):
    base.git("switch", "--quiet", "main")
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "-C", "change")
    base.change(base.path_of("council-budget"), "reopen in spring", "close for ever")
    base.story("save", "council-budget")
    on_main(base, "publish", "council-budget", who="Editor")
    caught(base, "published-words-changed")
    base.git("merge", "--quiet", "--no-edit", "main")
    caught(base, "published-words-changed")


def test_published_on_the_branch_and_text_changed_on_the_base(base):
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.change(base.path_of("council-budget"), "reopen in spring", "close for ever")
    base.story("save", "council-budget")
    base.git("switch", "--quiet", "change")
    caught(base, "published-words-changed")


def test_evil_merge_of_other_words(base):
    evil_merge(base, lambda: base.change(base.path_of("harbour-fire"), "Monday", "Tuesday"))
    caught(base, "published-words-changed")


# Sign-offs that lapse, and who wrote what was signed

THREE = """
[[pipeline.moves]]
action = "publish"
from = ["edit"]
to = "publish"
by = ["editor", "desk-chief"]
not_by = ["reporter", "text-authors"]
sets = ["editor", "date", "version", "lastmod", "address"]
"""


@pytest.fixture
def signed(base) -> Desk:
    """A newsroom of two sign-offs, in which the Editor gave the first."""
    settled(base, THREE)
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Editor")
    return base


def second_sign_off(desk, **over):
    forge(desk, "council-budget", by="Chief", commit_as="Chief", action="publish", to="publish", role="desk-chief",
          **{"set": published_by(desk, editor=[PEOPLE["Editor"], PEOPLE["Chief"]]), **over})  # fmt: skip


def test_second_sign_off_is_as_good_as_made(signed):
    """The other side of the tests below."""
    second_sign_off(signed)
    passes(signed)


def test_text_changed_after_the_first_sign_off(signed):
    signed.change(signed.path_of("council-budget"), "Monday", "Tuesday")
    signed.story("save", "council-budget", who="Stringer")
    second_sign_off(signed, content=content_after(signed, "council-budget", "publish"), writers=[PEOPLE["Stringer"]])
    caught_among_others(signed, "sign-off-order")


def test_first_sign_off_given_twice(signed):
    forge(signed, "council-budget", by="Editor", commit_as="Editor", action="publish", to="publish", role="desk-chief",
          set=published_by(signed))  # fmt: skip
    caught(signed, "four-eyes")


def test_second_sign_off_without_the_first(base):
    settled(base, THREE)
    base.story("approve", "council-budget", who="Editor")
    second_sign_off(base)
    caught_among_others(base, "sign-off-order")


def test_sign_off_of_before_a_send_back(signed):
    signed.story("send-back", "council-budget", "--note", "Ask the mayor.", who="Editor")
    signed.story("submit", "council-budget")
    signed.story("approve", "council-budget", who="Editor")
    second_sign_off(signed)
    caught_among_others(signed, "sign-off-order")


def test_author_of_the_words_left_out_of_the_writers(base):
    settled(base, THREE)
    base.story("approve", "council-budget", who="Editor")
    base.change(base.path_of("council-budget"), "Monday", "Tuesday")
    base.story("save", "council-budget", who="Chief")
    base.story("publish", "council-budget", "--yes", who="Editor")
    path = base.ledger_of("council-budget")
    base.change(path, f',"writers":["{PEOPLE["Chief"]}"]', "")
    base.git("commit", "--quiet", "--all", "--amend", "--no-edit", who="Editor")
    caught(base, "writers-incomplete")


def test_author_of_the_words_hidden_in_an_evil_merge(base):
    settled(base, THREE)
    base.story("approve", "council-budget", who="Editor")
    evil_merge(base, lambda: base.change(base.path_of("council-budget"), "Monday", "Tuesday"), who="Chief")
    assert "changed its words" in base.refused("publish", "council-budget", "--yes", who="Chief")
    base.story("publish", "council-budget", "--yes", who="Editor")
    path = base.ledger_of("council-budget")
    base.change(path, f',"writers":["{PEOPLE["Chief"]}"]', "")
    base.git("commit", "--quiet", "--all", "--amend", "--no-edit", who="Editor")
    caught(base, "writers-incomplete")


# Pictures


@pytest.mark.parametrize("who", ["Reporter", "Editor"])
def test_picture_replaced_after_publication(pictured, who):
    pictured.write("stories/2025/11/hall.png", PICTURE + b"other")
    pictured.commit("better light", who=who)
    caught(pictured, "published-picture-changed")


def test_picture_removed_or_renamed_after_publication(pictured):
    pictured.git("mv", "stories/2025/11/hall.png", "stories/2025/11/other.png")
    pictured.commit()
    caught_among_others(pictured, "published-picture-changed")


def test_picture_turned_into_a_link(pictured):
    (pictured.root / "stories/2025/11/hall.png").unlink()
    (pictured.root / "stories/2025/11/hall.png").symlink_to("/etc/passwd")
    pictured.commit()
    caught_among_others(pictured, "not-a-file", "published-picture-changed")


def test_two_pictures_that_changed_places(pictured):
    pictured.git("switch", "--quiet", "main")
    for name in ("a", "b"):
        pictured.write(f"stories/2025/11/{name}.png", PICTURE + name.encode())
    pictured.at("publish", "two", title="Two", body=f"{BODY}\n![A](a.png) ![B](b.png)\n")
    pictured.git("switch", "--quiet", "-C", "change")
    for name, other in (("a", "b"), ("b", "a")):
        pictured.write(f"stories/2025/11/{name}.png", PICTURE + other.encode())
    pictured.commit()
    caught(pictured, "published-picture-changed")


def test_publication_that_leaves_a_picture_out(pictured):
    pictured.at("edit", "second", title="Second", body=f"{BODY}\n![Hall](hall.png)\n")
    forge(pictured, "second", by="Editor", commit_as="Editor", action="publish", to="publish", assets=None,
          set=published_by(pictured, "second"))  # fmt: skip
    caught(pictured, "published-picture-changed")


@pytest.mark.parametrize("body", [
    "![Yard](yard.png)", "![Yard][y]\n\n[y]: yard.png", "![Yard](./yard.png)", "![Yard](../11/yard.png)", "![Yard](y%61rd.png)",
    "![Yard](yard.png?w=800)", "![Yard](yard.png#x)", "![Yard](<yard.png>)", '<img src="yard.png">', "<IMG SRC=yard.png>",
    '<img alt=">" src="yard.png">', '<div><img " src="yard.png"></div>', '<!--><img src="yard.png"><!-- -->', '<img src="y&#97;rd.png">',
    '<picture><source srcset="yard.png 2x"></picture>', '<video poster="yard.png"></video>', '<div><image src="yard.png"></div>',
    '<img title="<!--" src="yard.png">', '<p title="<!--"><img src="yard.png"></p>', "A note.[^1]\n\n[^1]: ![Yard](yard.png)",
    "A note.[^1]\n\n[^1]: It says\n\n    ![Yard](yard.png)", '<iframe src="yard.png"></iframe>', '<svg><use href="yard.png#x"></use></svg>',
], ids=lambda body: body.replace("\n", " "))  # fmt: skip
def test_picture_named_another_way_and_changed_after_publication(pictured, body):
    pictured.git("switch", "--quiet", "main")
    pictured.write("stories/2025/11/yard.png", PICTURE + b"yard")
    pictured.at("publish", "yard", title="The yard", body=f"{BODY}\n{body}\n")
    pictured.git("switch", "--quiet", "-C", "change")
    pictured.write("stories/2025/11/yard.png", PICTURE + b"another")
    pictured.commit()
    caught(pictured, "published-picture-changed")


def test_picture_of_the_front_matter_changed_after_publication(pictured):
    pictured.git("switch", "--quiet", "main")
    pictured.write("stories/2025/11/yard.png", PICTURE + b"yard")
    pictured.at("publish", "yard", title="The yard", images="[{src: yard.png, alt: Yard, credit: Ana}]")
    pictured.git("switch", "--quiet", "-C", "change")
    pictured.write("stories/2025/11/yard.png", PICTURE + b"another")
    pictured.commit()
    caught(pictured, "published-picture-changed")


def test_picture_of_a_story_not_yet_public_may_change(pictured):
    pictured.write("stories/2025/11/other.png", PICTURE)
    pictured.at("edit", "second", title="Second", body=f"{BODY}\n![Hall](other.png)\n")
    pictured.write("stories/2025/11/other.png", PICTURE + b"2")
    pictured.story("save", "second")
    passes(pictured)
