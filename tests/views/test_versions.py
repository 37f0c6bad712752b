"""Every version readers had: listed, and shown byte for byte; and stories that update another."""

from __future__ import annotations

import pytest

SLUG = "council-budget"
CHANGE = ("Two libraries", "Three libraries")


def corrected(newsroom):
    """A story with two versions; its file as it went out each time."""
    newsroom.at("publish")
    first = newsroom.read(newsroom.path_of(SLUG))
    newsroom.change(newsroom.path_of(SLUG), *CHANGE)
    newsroom.story("correct", SLUG, "--notice", "Three, not two.", "--yes", who="Editor")
    return first, newsroom.read(newsroom.path_of(SLUG))


def test_versions_are_listed_with_date_person_kind_and_notice(newsroom):
    assert "have not had it" in newsroom.story("versions", newsroom.at("draft", "flood", title="Flood")).err
    corrected(newsroom)
    newsroom.story("unpublish", SLUG, "--note", "the source took it back", who="Editor")
    newsroom.story("publish", SLUG, "--note", "back", who="Chief")
    rows = newsroom.story("versions", SLUG, "--json").json
    assert [(one["version"], one["kind"], one["by"].split()[0]) for one in rows] == [
        (1, "publish", "Editor"),
        (2, "correction", "Editor"),
        (3, "publish", "Chief"),
    ]
    assert (rows[1]["notice"], rows[2]["note"]) == ("Three, not two.", "back")
    assert all(one["commit"] for one in rows)
    assert "Three, not two." in newsroom.story("versions", SLUG).out


def test_a_version_is_shown_byte_for_byte(newsroom):
    first, second = corrected(newsroom)
    assert newsroom.process("show", SLUG, "--version", "1").out == first
    assert newsroom.process("show", SLUG, "--version", "2").out == second
    shown = newsroom.story("show", SLUG, "--version", "1", "--json").json
    assert (shown["version"], shown["fields"]["version"]) == (1, "1")
    assert "Versions are: 1, 2" in newsroom.refused("show", SLUG, "--version", "3")
    newsroom.story("show", SLUG, "--version", "0", exit=2)


def test_a_version_is_found_after_the_story_was_filed_elsewhere(newsroom):
    first, _ = corrected(newsroom)
    path = newsroom.path_of(SLUG)
    newsroom.write("stories/archive/x", "")
    newsroom.git("mv", path, "stories/archive/council-budget.md")
    newsroom.commit("archive")
    assert newsroom.process("show", SLUG, "--version", "1").out == first


def test_a_version_that_is_not_in_this_clone_is_said_so(newsroom, tmp_path):
    corrected(newsroom)
    newsroom.git("clone", "-q", "--depth", "1", f"file://{newsroom.root}", str(tmp_path / "shallow"))
    said = newsroom.process("show", SLUG, "--version", "1", exit=3, cwd=tmp_path / "shallow")
    assert "--unshallow" in said.err


def test_a_version_that_a_squash_left_out_is_not_for_a_deeper_clone(newsroom):
    corrected(newsroom)
    first = newsroom.git("rev-list", "--max-parents=0", "HEAD")
    newsroom.git("reset", "-q", "--soft", first)
    newsroom.commit("squashed")
    said = newsroom.process("show", SLUG, "--version", "1", exit=3).err
    assert "--unshallow" not in said
    assert "A squash leaves out what was between" in said


# Updates


def test_an_update_is_a_new_draft_linked_to_what_readers_have(newsroom):
    newsroom.at("publish")
    newsroom.story("update", SLUG, "Council changes the budget", who="Stringer")
    new = newsroom.story("show", "council-changes-the-budget", "--json").json
    assert (new["state"], new["fields"]["update_of"]) == ("draft", newsroom.id_of(SLUG))
    assert new["reporter"] == ["Stringer <stringer@gazette.example>"]
    assert new["links"] == {"update_of": [SLUG]}
    assert newsroom.story("show", SLUG, "--json").json["links"] == {"updated_by": ["council-changes-the-budget"]}
    assert "updated by" in newsroom.story("show", SLUG).out
    assert newsroom.entries("council-changes-the-budget")[0]["action"] == "update"
    assert newsroom.rules(exit=0) == []
    assert "council-changes-the-budget" in newsroom.refused("update", SLUG, "Once more")


def test_an_update_never_takes_the_embargo_along(newsroom):
    newsroom.at("edit")
    newsroom.story("embargo", SLUG, "2026-01-05T10:00:00Z", who="Editor")
    newsroom.story("publish", SLUG, "--now", "2026-01-05T10:00:00Z", who="Editor")
    newsroom.story("update", SLUG, "More of it", "--slug", "more", "--now", "2026-01-05T11:00:00Z")
    assert "embargo" not in newsroom.story("show", "more", "--json").json["fields"]


@pytest.mark.parametrize("state", ["draft", "edit"])
def test_only_what_readers_have_is_updated(newsroom, state):
    newsroom.at(state)
    assert "is not public" in newsroom.refused("update", SLUG, "More of it")


def test_a_killed_story_is_not_updated(newsroom):
    newsroom.at("publish")
    newsroom.story("kill", SLUG, "--note", "n", "--notice", "Withdrawn.", "--yes", who="Editor")
    assert "was killed" in newsroom.refused("update", SLUG, "More of it")


def linked(newsroom, state):
    """An update in edit of a story in a state, linked by hand as anybody may."""
    newsroom.at(state)
    newsroom.at("edit", "more", title="More of it", update_of=newsroom.id_of(SLUG))
    return newsroom.id_of(SLUG)


def test_an_update_goes_out_with_its_original_and_not_before(newsroom):
    linked(newsroom, "edit")
    for way in ((), ("--at", "2026-01-05T10:00:00Z")):
        assert "which readers do not have" in newsroom.refused("publish", "more", *way, who="Editor")
    newsroom.story("publish", SLUG, who="Editor")
    newsroom.story("publish", "more", who="Editor")
    assert newsroom.rules(exit=0) == []
    newsroom.story("unpublish", SLUG, "--note", "the source took it back", who="Editor")
    assert newsroom.rules(exit=0) == []


def test_a_released_update_waits_for_its_original(newsroom):
    linked(newsroom, "publish")
    newsroom.story("publish", "more", "--at", "2026-01-05T10:00:00Z", who="Editor")
    newsroom.story("unpublish", SLUG, "--note", "the source took it back", who="Editor")
    late = ("--now", "2026-01-05T10:00:00Z")
    said = newsroom.story("release", *late, who="Stringer", exit=1)
    assert "which readers do not have" in said.err
    newsroom.story("publish", SLUG, *late, who="Editor")
    newsroom.story("release", *late, who="Stringer")


def test_an_update_published_past_its_original_is_found(newsroom):
    """The way of a client of one's own: the entry is right in itself, and its original is not public."""
    linked(newsroom, "publish")
    base = newsroom.head
    newsroom.story("publish", "more", who="Editor")
    path, ledger = newsroom.path_of(SLUG), newsroom.ledger_of(SLUG)
    lines = newsroom.read(ledger).splitlines(keepends=True)
    newsroom.write(ledger, "".join(lines[:-1]))
    assert "update-before-original" in newsroom.rules(exit=1)
    newsroom.git("checkout", "-q", "--", path, ledger)
    assert newsroom.rules("--base", base, exit=0) == []


def test_a_version_that_a_squash_left_without_a_file_is_made_of_its_words_and_its_record(newsroom):
    newsroom.at("publish")
    newsroom.git("switch", "-q", "-c", "fix")
    newsroom.change(newsroom.path_of(SLUG), *CHANGE)
    newsroom.story("correct", SLUG, "--notice", "Three, not two.", "--yes", who="Editor")
    second = newsroom.read(newsroom.path_of(SLUG))
    newsroom.story("unpublish", SLUG, "--note", "the source took it back", who="Editor")
    newsroom.git("switch", "-q", "main")
    newsroom.git("merge", "-q", "--squash", "fix")
    newsroom.commit("squash", who="Chief")
    assert newsroom.process("show", SLUG, "--version", "2").out == second


def test_version_is_harmless_on_a_terminal_and_in_actions(newsroom):
    newsroom.at("publish", body="One.\n\n::error::two ##[error]\n")
    raw = newsroom.process("show", SLUG, "--version", "1").out
    assert "\n::error::two ##[error]\n" in raw
    for said in (
        newsroom.process("show", SLUG, "--version", "1", env={"GITHUB_ACTIONS": "true"}).out,
        newsroom.terminal("show", SLUG, "--version", "1")[1],
    ):
        assert "\n: :error::two # #[error]\n" in said
        assert "\n::" not in said
