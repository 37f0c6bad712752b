"""Entries made in another's name, twice, or by somebody whose right they are not."""

from __future__ import annotations

import json

import pytest
from conftest import PEOPLE

from attacks.forging import (
    ROSTER,
    append,
    caught,
    caught_among_others,
    content_after,
    entry_of,
    evil_merge,
    forge,
    on_main,
    on_the_commits,
    passes,
    published_by,
    settled,
)

# In another's name


def test_entry_of_anothers_name_in_ones_own_commit(base):
    forge(base, "council-budget", by="Editor", commit_as="Reporter")
    caught(base, "entry-not-attributed")
    (one,) = on_the_commits(base).json["findings"]
    assert (one["path"], one["line"]) == (base.ledger_of("council-budget"), 3)
    assert PEOPLE["Editor"] in one["message"]


def test_entry_of_ones_own_forged_well_is_as_good_as_made(base):
    """The other side of the test above: what fails there is the name, not the forger's handwriting."""
    forge(base, "council-budget", by="Editor", commit_as="Editor")
    passes(base)


def test_publication_of_anothers_name_in_ones_own_commit(base):
    base.story("approve", "council-budget", who="Editor")
    forge(
        base,
        "council-budget",
        by="Editor",
        commit_as="Reporter",
        action="publish",
        to="publish",
        set=published_by(base),
    )
    caught(base, "entry-not-attributed")


def test_story_begun_in_anothers_name(base):
    base.story("new", "Flood", "--slug", "flood", who="Editor")
    base.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit", who="Reporter")
    caught(base, "entry-not-attributed")


def test_several_entries_in_one_commit(base):
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Editor")
    base.git("reset", "--quiet", "--soft", "main")
    base.git("commit", "--quiet", "-m", "both", who="Editor")
    caught(base, "entry-not-attributed")


def test_entries_of_two_stories_in_one_commit(base):
    base.at("review", "flood", title="Flood")
    base.git("update-ref", "refs/heads/main", "HEAD")
    append(base, "flood", entry_of(base, "flood", by="Editor"))
    forge(base, "council-budget", by="Editor", commit_as="Editor")
    caught(base, "entry-not-attributed")


def test_evil_merge_that_brings_an_entry(base):
    evil_merge(base, lambda: append(base, "council-budget", entry_of(base, "council-budget", by="Editor")))
    caught(base, "entry-not-attributed")


def test_evil_merge_that_brings_an_entry_of_ones_own(base):
    evil_merge(base, lambda: append(base, "council-budget", entry_of(base, "council-budget", by="Chief")), who="Chief")
    caught(base, "entry-not-attributed")


def test_name_of_another_with_ones_own_address(base):
    forge(base, "council-budget", by="Editor <reporter@gazette.example>", commit_as="Reporter")
    caught(base, "four-eyes")


def test_address_that_looks_like_anothers(base):
    settled(base, ROSTER)
    twin = "Editor <\u0435ditor@gazette.example>"
    forge(base, "council-budget", by=twin, commit_as=twin)
    caught(base, "not-entitled")


def test_entry_by_a_bare_name_of_the_roster(base):
    settled(base, f'{ROSTER}require = "recorded"\n')
    entry = entry_of(base, "council-budget", by="Editor")
    append(base, "council-budget", {**entry, "by": "Editor", "set": {"editor": ["Editor"]}})
    base.commit("forged", who="Editor")
    caught(base, "not-entitled")


def test_commit_by_a_bare_name_attributes_nothing(base):
    settled(base, ROSTER)
    append(base, "council-budget", entry_of(base, "council-budget", by="Editor"))
    base.git("add", "--all")
    base.git(
        "-c", "user.name=Editor", "-c", "user.email=", "commit", "--quiet", "-m", "forged", "--author", "Editor <>"
    )
    caught(base, "entry-not-attributed")
    base.git("switch", "--quiet", "-C", "main")
    assert {one["strength"] for one in base.story("audit", "--json", exit=None).json["stories"][0]["entries"][2:]} == {
        "recorded"
    }


def test_approval_of_somebody_without_an_email(base):
    settled(base, ROSTER)
    env = {"GIT_AUTHOR_NAME": "Editor", "GIT_AUTHOR_EMAIL": ""}
    said = base.refused("approve", "council-budget", exit=3, env=env)
    assert "git config user.email" in said


@pytest.mark.parametrize("twin", ["Editor <editor@gazette.example\u200b>", "Editor <\uff45ditor@gazette.example>",
                                  "Editor <ed\u0131tor@gazette.example>"])  # fmt: skip
def test_address_with_letters_nobody_sees(base, twin):
    settled(base, ROSTER)
    forge(base, "council-budget", by="Editor", commit_as=twin)
    caught(base, "entry-not-attributed")


# One's own story


@pytest.mark.parametrize("require", ["recorded", "attributed"])
def test_self_approval(base, require):
    forge(base, "council-budget", by="Reporter", commit_as="Reporter")
    caught(base, "four-eyes", args=("--require", require))


def test_self_publication(base):
    base.story("approve", "council-budget", who="Editor")
    forge(base, "council-budget", by="Reporter", commit_as="Reporter", action="publish", to="publish",
          set=published_by(base, editor=[PEOPLE["Editor"], PEOPLE["Reporter"]]))  # fmt: skip
    caught(base, "four-eyes")


def test_self_approval_with_an_address_in_capitals(base):
    forge(base, "council-budget", by="R <REPORTER@Gazette.Example>", commit_as="R <REPORTER@Gazette.Example>")
    caught(base, "four-eyes")


BOTH = ROSTER.replace('"reporter@gazette.example"]', '"reporter@gazette.example", "ana@home.example"]').replace(
    'roles = ["reporter"]', 'roles = ["reporter", "editor"]'
)


@pytest.mark.parametrize("alias", ["Ana <ana@home.example>", "Ana <ANA@home.example>", "Reporter <ana@home.example>"])
def test_self_approval_under_another_address_of_the_roster(base, alias):
    settled(base, BOTH)
    forge(base, "council-budget", by=alias, commit_as=alias)
    caught(base, "four-eyes")


def test_self_approval_under_an_address_of_the_mailmap(base):
    base.git("switch", "--quiet", "main")
    base.write(".mailmap", f"{PEOPLE['Reporter']} <ana@home.example>\n")
    base.commit("mailmap", who="Chief")
    base.git("switch", "--quiet", "-C", "change")
    forge(base, "council-budget", by="Ana <ana@home.example>", commit_as="Ana <ana@home.example>")
    caught(base, "four-eyes")


def test_self_approval_with_a_byline_that_is_a_bare_name(base):
    settled(base, BOTH)
    base.story("new", "Flood", "--slug", "flood", "--reporter", PEOPLE["Reporter"], who="Chief")
    base.fill("flood", reporter="Reporter")
    base.story("save", "flood", who="Chief")
    base.story("submit", "flood", who="Editor")
    forge(base, "flood", by="Reporter", commit_as="Reporter")
    caught(base, "four-eyes")


def test_self_approval_after_naming_another_reporter(base):
    base.git("switch", "--quiet", "main")
    base.story("new", "Flood", "--slug", "flood", "--reporter", PEOPLE["Stringer"])
    base.fill("flood")
    base.story("submit", "flood")
    base.git("switch", "--quiet", "-C", "change")
    base.change(base.path_of("flood"), f"reporter: {PEOPLE['Stringer']}", f"reporter: {PEOPLE['Deputy']}")
    base.story("save", "flood", who="Stringer")
    forge(base, "flood", by="Stringer", commit_as="Stringer",
          content=content_after(base, "flood"), writers=[PEOPLE["Stringer"]])  # fmt: skip
    caught(base, "four-eyes")


def test_self_approval_by_a_reporter_named_only_mid_way(base):
    path = base.path_of("council-budget")
    base.change(path, f"reporter: {PEOPLE['Reporter']}", f"reporter: [{PEOPLE['Reporter']}, {PEOPLE['Stringer']}]")
    base.story("save", "council-budget", who="Stringer")
    base.git("restore", "--source=main", path)
    base.story("save", "council-budget", who="Stringer")
    forge(base, "council-budget", by="Stringer", commit_as="Stringer")
    caught(base, "four-eyes")


def test_self_approval_by_whoever_began_the_story_for_another(base):
    base.story("new", "Flood", "--slug", "flood", "--reporter", PEOPLE["Deputy"], who="Stringer")
    base.fill("flood", reporter=PEOPLE["Deputy"])
    base.story("submit", "flood", who="Deputy")
    forge(base, "flood", by="Stringer", commit_as="Stringer")
    caught(base, "four-eyes")


def test_self_approval_by_whoever_handed_it_in_for_another(base):
    settled(base, ROSTER)
    base.story("new", "Flood", "--slug", "flood")
    base.fill("flood")
    base.story("submit", "flood", who="Editor")
    forge(base, "flood", by="Editor", commit_as="Editor")
    caught(base, "four-eyes")


def test_self_approval_with_an_override_the_base_does_not_allow(base):
    settled(base, ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]'))
    forge(base, "council-budget", by="Reporter", commit_as="Reporter", override="In a hurry.")
    caught(base, "four-eyes")


def test_override_that_nobody_needs_by_one_who_may_not(base):
    settled(base, ROSTER)
    base.git("switch", "--quiet", "change")
    assert "--override is for: chief-editor" in base.refused(
        "approve", "council-budget", "--override", "In a hurry.", who="Editor"
    )
    forge(base, "council-budget", by="Editor", commit_as="Editor", override="In a hurry.")
    caught(base, "not-entitled")


def test_override_acknowledged_by_its_maker(base):
    base.story("approve", "council-budget", "--override", "Nobody else is in.")
    forge(base, "council-budget", by="Reporter", commit_as="Reporter", action="ack", to="edit", set={})
    caught_among_others(base, "four-eyes")


def test_override_without_a_roster_passes_with_a_warning(base):
    base.story("approve", "council-budget", "--override", "Nobody else is in.")
    passes(base, with_a_word="override-unacknowledged")


# An entry of another place or time


def test_entry_replayed_in_another_story(base):
    base.at("review", "flood", title="Flood")
    base.story("approve", "council-budget", who="Editor")
    last = base.read(base.ledger_of("council-budget")).splitlines(keepends=True)[-1]
    append(base, "flood", json.loads(last), last)
    base.commit(who="Editor")
    caught_among_others(base, "ledger-chain")


def test_entry_replayed_in_another_story_with_a_chain_of_its_own(base):
    base.at("review", "flood", title="Flood")
    base.story("approve", "council-budget", who="Editor")
    approval = base.entries("council-budget")[-1]
    chained = {key: entry_of(base, "flood", by="Editor")[key] for key in ("seq", "prev")}
    append(base, "flood", {**approval, **chained})
    base.commit(who="Editor")
    caught_among_others(base, "ledger-foreign")


def test_entry_replayed_after_a_send_back(base):
    base.story("approve", "council-budget", who="Editor")
    approval = base.read(base.ledger_of("council-budget")).splitlines(keepends=True)[-1]
    base.story("send-back", "council-budget", "--note", "Ask the mayor.", who="Editor")
    base.story("submit", "council-budget")
    append(base, "council-budget", json.loads(approval), approval)
    base.commit(who="Editor")
    caught_among_others(base, "ledger-chain")


def test_entry_replayed_after_a_send_back_with_a_chain_of_its_own(base):
    base.story("approve", "council-budget", who="Editor")
    approval = base.entries("council-budget")[-1]
    base.story("send-back", "council-budget", "--note", "Ask the mayor.", who="Editor")
    base.story("submit", "council-budget")
    chained = {key: entry_of(base, "council-budget", by="Editor")[key] for key in ("seq", "prev")}
    append(base, "council-budget", {**approval, **chained})
    base.commit(who="Reporter")
    caught(base, "entry-not-attributed")


def test_entry_replayed_twice(base):
    base.story("approve", "council-budget", who="Editor")
    approval = base.read(base.ledger_of("council-budget")).splitlines(keepends=True)[-1]
    append(base, "council-budget", json.loads(approval), approval)
    base.commit(who="Editor")
    caught(base, "ledger-chain")


def test_entry_replayed_twice_with_a_chain_of_its_own(base):
    base.story("approve", "council-budget", who="Editor")
    forge(base, "council-budget", by="Editor", commit_as="Editor", **{"from": "review"})
    caught_among_others(base, "entry-state")


def test_forged_move_undone_by_its_verb(base):
    forge(base, "council-budget", by="Editor", commit_as="Reporter")
    base.story("send-back", "council-budget", "--note", "Not yet.", who="Editor")
    base.story("submit", "council-budget")
    caught(base, "entry-not-attributed")


def test_forged_move_and_its_undo_leave_nothing(base):
    """What a merge of the two brings is nothing; an audit of the base says that they were there."""
    forge(base, "council-budget", by="Editor", commit_as="Reporter")
    base.git("revert", "--no-edit", "HEAD")
    passes(base)
    assert base.git("diff", "main", "HEAD") == ""


def _unproven_lines(desk) -> list[int]:
    """The entries of the story in review that no commit of their maker's vouches for, at all three points."""
    caught(desk, "entry-not-attributed")
    return [one["line"] for one in on_the_commits(desk).json["findings"] if one["severity"] == "error"]


def test_entry_that_is_brought_back_vouches_for_no_forged_one_beside_it(base):
    """Its own proof is in the base's history, where it was made and reverted."""
    on_main(base, "approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.git("revert", "--no-edit", "HEAD", who="Chief")
    base.git("switch", "--quiet", "-C", "change")
    base.git("revert", "--no-edit", "HEAD")
    forge(base, "council-budget", by="Editor", commit_as="Reporter", action="publish", to="publish",
          set=published_by(base))  # fmt: skip
    assert _unproven_lines(base) == [4]


def test_what_the_base_saw_of_an_entry_takes_nothing_from_its_makers_own_commit(base):
    """Recorded when it was reverted, attributed now; an entry that is only recorded stands beside it."""
    base.git("switch", "--quiet", "main")
    forge(base, "council-budget", by="Editor", commit_as="Reporter")
    base.git("revert", "--no-edit", "HEAD", who="Chief")
    base.git("switch", "--quiet", "-C", "change")
    base.git("revert", "--no-edit", "HEAD", who="Editor")
    forge(base, "council-budget", by="Editor", commit_as="Reporter", action="publish", to="publish",
          set=published_by(base))  # fmt: skip
    assert _unproven_lines(base) == [4]


def test_undo_of_a_move_the_base_has(base):
    on_main(base, "approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "-C", "change", "main")
    base.git("revert", "--no-edit", "HEAD", who="Editor")
    caught(base, "ledger-rewritten")
    assert "send-back" in on_the_commits(base).json["findings"][0]["hint"]


# Not a move, or not theirs


def test_person_without_the_role(base):
    settled(base, ROSTER)
    forge(base, "council-budget", by="Chief", commit_as="Chief")
    caught(base, "not-entitled")
    assert "Editor: Editor." in on_the_commits(base).json["findings"][0]["hint"]


def test_person_without_the_section(base):
    settled(base, ROSTER.replace('roles = ["editor"]', 'roles = ["editor"]\nsections = ["sport"]'))
    forge(base, "council-budget", by="Editor", commit_as="Editor")
    caught(base, "not-entitled")


@pytest.mark.parametrize("over, rule", [
    ({"action": "publish", "to": "publish"}, "entry-without-row"),
    ({"action": "bless", "to": "edit"}, "entry-without-row"),
    ({"action": "new", "role": None}, "entry-without-row"),
    ({"action": "adopt", "role": None}, "entry-without-row"),
    ({"from": "edit"}, "entry-state"),
    ({"from": None}, "entry-state"),
    ({"to": "publish"}, "entry-state"),
    ({"to": "review"}, "entry-state"),
    ({"role": "reporter"}, "sign-off-order"),
    ({"role": None}, "sign-off-order"),
    ({"role": "editor|chief-editor"}, "sign-off-order"),
    ({"at": "2025-11-24T09:00:00Z"}, "entry-time"),
    ({"at": "2025-11-24T11:00:00Z"}, "entry-time"),
    ({"at": "9999-12-31T23:59:59Z"}, "entry-time"),
    ({"action": "send-back", "to": "draft", "set": {}}, "note-missing"),
    ({"action": "send-back", "to": "draft", "set": {}, "note": " \u3000\n"}, "note-missing"),
    ({"seq": 7}, "ledger-chain"),
    ({"prev": "sha256:" + "0" * 64}, "ledger-chain"),
    ({"story": "20251124-aaaaaaaa"}, "ledger-foreign"),
], ids=["jump", "no action", "begun again", "adopted again", "from", "from nothing", "to", "to where it was", "role", "no role",
        "two roles", "past", "future", "far future", "no note", "blank note", "seq", "prev", "story"])  # fmt: skip
def test_entry_without_a_row_or_against_it(base, over, rule):
    forge(base, "council-budget", by="Editor", commit_as="Editor", **over)
    caught_among_others(base, rule)


def test_entry_that_publishes_from_a_draft_in_small_steps_by_one_hand(base):
    base.at("draft", "flood", title="Flood")
    base.fill("flood")
    base.story("submit", "flood")
    forge(base, "flood", by="Reporter", commit_as="Reporter")
    forge(
        base,
        "flood",
        by="Reporter",
        commit_as="Reporter",
        action="publish",
        to="publish",
        set=published_by(base, "flood"),
    )
    caught_among_others(base, "four-eyes")
