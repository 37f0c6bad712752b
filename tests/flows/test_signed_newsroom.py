"""A newsroom that signs: nothing an honest person does with git makes an entry of theirs less than signed."""

from __future__ import annotations

import pytest
from signers import configure, public, signing_newsroom, signing_roster, write_key

SLUG = "council-budget"


@pytest.fixture
def signed(newsroom, tmp_path):
    """A newsroom that signs everything and asks for it, with a branch for one story, published there."""
    signing_newsroom(newsroom, tmp_path, signing_roster() + '\n[trust]\nrequire = "signed"\n')
    newsroom.git("switch", "--quiet", "-c", "story")
    newsroom._at("publish", SLUG, title="Council passes the budget")
    return newsroom


def accepted(desk, base: str = "main") -> None:
    """The change is taken, every entry of it is signed, and an audit and what readers have say so too."""
    assert desk.rules("--base", base, exit=0) == []
    everything = ["signed"] * len(desk.entries(SLUG))
    assert strengths(desk) == everything
    assert audited(desk) == everything
    assert desk.story("verify-published", "--json").json[0]["strength"] == "signed"


def strengths(desk) -> list[str]:
    return [one["strength"] for one in desk.story("log", SLUG, "--json").json]


def audited(desk, *args: str) -> list[str]:
    """What an audit that finds no error says of each entry."""
    found = desk.story("audit", "--json", *args).json
    assert found["findings"] == [one for one in found["findings"] if one["severity"] == "info"]
    (story,) = [one for one in found["stories"] if one["slug"] == SLUG]
    return [one["strength"] for one in story["entries"]]


def ahead(desk) -> None:
    """Somebody else's work on main."""
    desk.git("switch", "--quiet", "main")
    desk.write("README.md", "# Harbour Gazette\n")
    desk.commit("read me", who="Chief")


def test_branch_is_taken_as_it_is(signed):
    accepted(signed)


def test_squash_by_another_with_a_message_of_their_own(signed):
    base = signed.git("rev-parse", "main")
    ahead(signed)
    signed.git("merge", "--quiet", "--squash", "story", who="Chief")
    signed.commit("Council story (#12)", who="Chief")
    accepted(signed, base)


def test_rebase_by_another(signed):
    ahead(signed)
    signed.git("switch", "--quiet", "story")
    signed.git("rebase", "--quiet", "main", who="Chief")
    accepted(signed)


def test_cherry_pick_by_another_that_loses_the_author(signed):
    ahead(signed)
    base = signed.git("rev-parse", "main")
    for commit in signed.git("rev-list", "--reverse", "main..story").split():
        signed.git("cherry-pick", "--no-commit", commit, who="Chief")
        signed.commit("picked", who="Chief")
    accepted(signed, base)


def test_merge_commit_and_the_merge_checkout_of_a_host(signed):
    ahead(signed)
    signed.git("merge", "--quiet", "--no-ff", "-m", "Merge", "story", who="Chief")
    accepted(signed, "HEAD^1")


def test_branch_that_was_updated_from_the_base_in_between(signed):
    ahead(signed)
    signed.git("switch", "--quiet", "story")
    signed.git("merge", "--quiet", "--no-edit", "main")
    accepted(signed)


def test_going_on_after_the_squash(signed):
    ahead(signed)
    signed.git("merge", "--quiet", "--squash", "story", who="Chief")
    signed.commit("squashed", who="Chief")
    signed.story("new", "The next story", "--slug", "next-story")
    assert signed.rules("--base", "HEAD~1", exit=0) == []
    assert strengths(signed) == ["signed"] * 4


def test_somebody_leaves_and_what_they_signed_stays(signed):
    signed.git("switch", "--quiet", "main")
    signed.git("merge", "--quiet", "story")
    configure(signed, signing_roster(Editor=', valid_until = "2025-12-01T00:00:00Z"'))
    later = "2026-06-01T00:00:00Z"
    assert signed.rules("--now", later, exit=0) == []
    assert strengths(signed) == ["signed"] * 4
    configure(signed, signing_roster(without=("Editor",)))
    assert signed.rules("--now", later, exit=0) == []
    assert strengths(signed) == ["signed", "signed", "attributed", "attributed"]
    assert audited(signed, "--now", later) == ["signed"] * 4


def test_new_key_beside_the_old_one(signed):
    signed.git("switch", "--quiet", "main")
    signed.git("merge", "--quiet", "story")
    write_key(signed.keyring, "Editor 2").rename(signed.keyring / "Editor")
    (signed.keyring / "Editor 2.pub").rename(signed.keyring / "Editor.pub")
    both = f'valid_until = "2025-11-24T10:30:00Z" }}, {{ key = "{public("Editor 2")}"'
    configure(signed, signing_roster(Editor=f", {both}"))
    signed.now = signed.now.replace(hour=11)
    signed._at("edit", "next-story", title="The next story")
    assert signed.rules("--base", "HEAD~3", exit=0) == []
    assert strengths(signed) == ["signed"] * 4
