"""Honest flows, each judged on its commits, on the host's merge checkout and by what it made of `main`."""

from __future__ import annotations

import pytest
from conftest import PEOPLE

from flows.house import (
    House,
    Seat,
    as_it_is,
    conflict_named,
    judged_everywhere,
    made_again,
    merge_commit,
    rebase,
    squash,
)

BUDGET = "council-budget"


def pulled(seat: Seat) -> Seat:
    """A clone on `main`, as the remote has it."""
    seat.git("switch", "--quiet", "main")
    seat.git("pull", "--quiet", "--no-edit", "origin", "main")
    return seat


def written(seat: Seat, slug: str, title: str) -> None:
    """A new story with everything that review needs, not submitted yet."""
    seat.story("new", title, "--slug", slug, "--reporter", PEOPLE["Reporter"])
    seat.fill(slug)
    seat.story("save", slug)


def taught(seat: Seat, old: str, new: str) -> None:
    """A changed text, saved."""
    seat.change(seat.path_of(BUDGET), old, new)
    seat.story("save", BUDGET)


def on_trunk(house: House, seat: Seat) -> None:
    judged_everywhere(house, seat, landing=as_it_is)


def test_trunk_with_three_people(house):
    reporter, editor, chief = pulled(house["Reporter"]), pulled(house["Editor"]), pulled(house["Chief"])
    editor.story("approve", BUDGET)
    on_trunk(house, editor)
    written(pulled(reporter), "flood", "Flood")
    reporter.story("submit", "flood")
    on_trunk(house, reporter)
    pulled(chief).story("publish", BUDGET)
    chief.story("approve", "flood")
    on_trunk(house, chief)
    pulled(editor).story("send-back", "flood", "--note", "Ask the mayor.")
    on_trunk(house, editor)


def test_trunk_where_two_worked_at_once_and_the_second_merges(house):
    reporter, editor = pulled(house["Reporter"]), pulled(house["Editor"])
    written(reporter, "flood", "Flood")
    editor.story("approve", BUDGET)
    on_trunk(house, editor)
    pulled(reporter).story("submit", "flood")
    on_trunk(house, reporter)


@pytest.mark.parametrize("landing", [merge_commit, squash, rebase, as_it_is], ids=lambda one: one.__name__)
def test_story_born_moved_and_published_in_one_pull_request(house, landing):
    reporter, editor = house["Reporter"], house["Editor"]
    reporter.branch("flood")
    written(reporter, "flood", "Flood")
    reporter.story("submit", "flood")
    reporter.push()
    editor.git("fetch", "--quiet", "origin")
    editor.git("switch", "--quiet", "flood")
    editor.story("approve", "flood")
    editor.story("publish", "flood")
    judged_everywhere(house, editor, landing=landing)


@pytest.mark.parametrize("landing", [merge_commit, squash, rebase], ids=lambda one: one.__name__)
def test_moves_of_two_people_landed_by_a_third(house, landing):
    """After a squash the entries on `main` are only recorded, and whatever is judged next lets them be."""
    editor, chief = house["Editor"], house["Chief"]
    editor.branch("budget")
    editor.story("approve", BUDGET)
    editor.push()
    chief.git("fetch", "--quiet", "origin")
    chief.git("switch", "--quiet", "budget")
    chief.story("publish", BUDGET)
    judged_everywhere(house, chief, landing=landing)
    strengths = [one["strength"] for one in pulled(house["Deputy"]).story("log", BUDGET, "--json").json]
    assert strengths[-2:] == (["recorded"] * 2 if landing is squash else ["attributed"] * 2)
    house["Reporter"].branch("next")
    written(house["Reporter"], "flood", "Flood")
    judged_everywhere(house, house["Reporter"], landing=landing)


def test_squashed_story_is_moved_on_by_the_next_pull_request(house):
    editor = house["Editor"]
    editor.branch("budget")
    editor.story("approve", BUDGET)
    judged_everywhere(house, editor, landing=squash)
    editor.branch("budget-again")
    editor.story("publish", BUDGET)
    judged_everywhere(house, editor, landing=squash)


@pytest.mark.parametrize("how", ["merge", "rebase"])
def test_branch_updated_from_the_base_in_between(house, how):
    reporter, editor = house["Reporter"], house["Editor"]
    reporter.branch("flood")
    written(reporter, "flood", "Flood")
    editor.branch("budget")
    editor.story("approve", BUDGET)
    judged_everywhere(house, editor)
    reporter.git("fetch", "--quiet", "origin")
    reporter.git(how, "--quiet", *(["--no-edit"] if how == "merge" else []), "origin/main")
    reporter.story("submit", "flood")
    judged_everywhere(house, reporter)


def test_branch_behind_its_base_in_everything_else(house):
    reporter, editor = house["Reporter"], house["Editor"]
    reporter.branch("flood")
    written(reporter, "flood", "Flood")
    editor.branch("budget")
    editor.story("approve", BUDGET)
    judged_everywhere(house, editor)
    judged_everywhere(house, reporter)


def test_two_texts_of_one_story_merged_on_the_branch(house):
    """Both wrote; the entry that follows names both, and nobody for the merge."""
    reporter, deputy, editor = house["Reporter"], house["Deputy"], house["Editor"]
    reporter.branch("first")
    taught(reporter, "on Monday", "on Tuesday")
    deputy.branch("second")
    taught(deputy, "in spring", "in summer")
    judged_everywhere(house, reporter)
    deputy.git("fetch", "--quiet", "origin")
    deputy.git("merge", "--quiet", "--no-edit", "origin/main")
    judged_everywhere(house, deputy)
    editor.branch("approved")
    editor.story("approve", BUDGET)
    assert sorted(editor.entries(BUDGET)[-1]["writers"]) == [PEOPLE["Deputy"], PEOPLE["Reporter"]]
    judged_everywhere(house, editor)


def test_conflict_in_the_words_settled_in_the_merge(house):
    """Whoever settles two texts wrote what came of it."""
    reporter, deputy, editor = house["Reporter"], house["Deputy"], house["Editor"]
    reporter.branch("first")
    taught(reporter, "on Monday", "on Tuesday")
    deputy.branch("second")
    taught(deputy, "on Monday", "on Wednesday")
    judged_everywhere(house, reporter)
    deputy.git("fetch", "--quiet", "origin")
    deputy.git("merge", "--quiet", "--no-edit", "origin/main", exit=1)
    text = deputy.git("show", f"HEAD:{deputy.path_of(BUDGET)}")
    deputy.write(deputy.path_of(BUDGET), text.replace("on Wednesday", "on Thursday") + "\n")
    deputy.commit("settled")
    deputy.push()
    editor.git("fetch", "--quiet", "origin")
    editor.git("switch", "--quiet", "second")
    editor.story("approve", BUDGET)
    assert PEOPLE["Deputy"] in editor.entries(BUDGET)[-1]["writers"]
    judged_everywhere(house, editor)


@pytest.mark.parametrize("how", ["merge", "rebase"])
def test_two_people_approve_the_same_story_and_one_makes_it_good(house, how):
    editor, chief = house["Editor"], house["Chief"]
    editor.branch("budget")
    editor.story("approve", BUDGET)
    chief.branch("budget-too")
    chief.story("approve", BUDGET)
    judged_everywhere(house, editor)
    conflict_named(house, chief, BUDGET)
    made_again(chief, BUDGET, how=how)
    chief.story("publish", BUDGET)
    judged_everywhere(house, chief)


def test_trunk_where_two_approve_at_once_and_the_second_pulls(house):
    """`git pull` makes the line of `main` lead through the commit that lost; an audit knows whose it was."""
    editor, chief = pulled(house["Editor"]), pulled(house["Chief"])
    editor.story("approve", BUDGET)
    chief.story("approve", BUDGET)
    on_trunk(house, editor)
    chief.git("pull", "--quiet", "--no-rebase", "origin", "main", exit=1)
    chief.story("redo", BUDGET)
    chief.git("commit", "--quiet", "--no-edit")
    chief.story("redo", BUDGET)
    chief.story("publish", BUDGET)
    on_trunk(house, chief)


def test_branch_continued_after_its_squash(house):
    editor = house["Editor"]
    editor.branch("budget")
    editor.story("approve", BUDGET)
    judged_everywhere(house, editor, landing=squash)
    editor.story("publish", BUDGET)
    conflict_named(house, editor, BUDGET)
    made_again(editor, BUDGET, how="merge")
    judged_everywhere(house, editor, landing=squash)
    assert editor.entries(BUDGET)[-1]["action"] == "publish"


def test_branch_continued_after_its_squash_and_rebased(house):
    editor = house["Editor"]
    editor.branch("budget")
    editor.story("approve", BUDGET)
    judged_everywhere(house, editor, landing=squash)
    squashed = editor.head
    editor.story("publish", BUDGET)
    editor.git("fetch", "--quiet", "origin")
    editor.git("rebase", "--quiet", "--onto", "origin/main", squashed)
    judged_everywhere(house, editor)


def test_month_folder_moved(house):
    editor, chief = house["Editor"], house["Chief"]
    editor.branch("budget")
    editor.story("approve", BUDGET)
    editor.story("publish", BUDGET)
    judged_everywhere(house, editor)
    chief.branch("archive")
    (chief.root / "stories/archive").mkdir()
    chief.git("mv", "stories/2025/11", "stories/archive/2025-11")
    chief.commit("archive November")
    judged_everywhere(house, chief)


def test_month_folder_moved_while_somebody_writes_in_it(house):
    reporter, chief = house["Reporter"], house["Chief"]
    reporter.branch("budget")
    taught(reporter, "on Monday", "on Tuesday")
    chief.branch("archive")
    (chief.root / "stories/archive").mkdir()
    chief.git("mv", "stories/2025/11", "stories/archive/2025-11")
    chief.commit("archive November")
    judged_everywhere(house, chief)
    judged_everywhere(house, reporter)


def test_draft_renamed(house):
    reporter = house["Reporter"]
    reporter.branch("flood")
    written(reporter, "flood", "Flood")
    judged_everywhere(house, reporter)
    reporter.branch("frost")
    reporter.git("mv", reporter.path_of("flood"), "stories/frost.md")
    reporter.change("stories/frost.md", "slug: flood", "slug: frost")
    reporter.commit("it froze")
    judged_everywhere(house, reporter)


@pytest.mark.parametrize("landing", [merge_commit, squash], ids=lambda one: one.__name__)
def test_draft_deleted(house, landing):
    reporter = house["Reporter"]
    reporter.branch("flood")
    written(reporter, "flood", "Flood")
    judged_everywhere(house, reporter, landing=landing)
    reporter.branch("no-flood")
    reporter.story("delete", "flood")
    judged_everywhere(house, reporter, landing=landing)


def test_draft_deleted_and_begun_again_under_its_name(house):
    reporter = house["Reporter"]
    reporter.branch("flood")
    reporter.story("new", "Flood", "--slug", "flood")
    judged_everywhere(house, reporter)
    reporter.branch("flood-again")
    reporter.story("delete", "flood")
    reporter.story("new", "Flood", "--slug", "flood")
    judged_everywhere(house, reporter)


def test_typing_error_mended_in_a_second_commit(house):
    reporter = house["Reporter"]
    reporter.branch("budget")
    path = reporter.path_of(BUDGET)
    reporter.change(path, "state: review", "state: publsih")
    reporter.commit("oops")
    reporter.change(path, "state: publsih", "state: review")
    reporter.commit("mended")
    reporter.write(path, "---\ntitle: a: b\n---\n")
    reporter.commit("oops again")
    reporter.git("restore", "--source=origin/main", path)
    reporter.change(path, "on Monday", "on Tuesday")
    reporter.commit("mended again")
    judged_everywhere(house, reporter)


def test_reverted_mistake_followed_by_the_right_verb(house):
    editor = house["Editor"]
    editor.branch("budget")
    editor.story("approve", BUDGET)
    editor.git("revert", "--no-edit", "HEAD")
    editor.story("send-back", BUDGET, "--note", "Ask the mayor.")
    judged_everywhere(house, editor)


def test_reverted_move_brought_back_by_somebody_else(house):
    editor, chief = house["Editor"], house["Chief"]
    editor.branch("budget")
    editor.story("approve", BUDGET)
    approved = editor.head
    judged_everywhere(house, editor, landing=as_it_is)
    pulled(chief).git("revert", "--no-edit", approved)
    chief.push()  # nobody asked for the check
    chief.branch("back")
    chief.git("revert", "--no-edit", "HEAD")
    judged_everywhere(house, chief, earlier=("ledger-rewritten",))


def test_published_text_changed_by_mistake_and_restored_in_the_pull_request(house):
    editor, reporter = house["Editor"], house["Reporter"]
    editor.branch("budget")
    editor.story("approve", BUDGET)
    editor.story("publish", BUDGET)
    judged_everywhere(house, editor)
    reporter.branch("wrong")
    reporter.change(reporter.path_of(BUDGET), "Monday", "Tuesday")
    reporter.commit("quietly")
    reporter.git("restore", "--source=origin/main", reporter.path_of(BUDGET))
    reporter.commit("and back")
    judged_everywhere(house, reporter)


def test_several_stories_at_once_by_one_command(house):
    reporter, editor = house["Reporter"], house["Editor"]
    reporter.branch("two")
    for slug in ("flood", "frost"):
        written(reporter, slug, slug.title())
    reporter.story("submit", "flood", "frost")
    judged_everywhere(house, reporter)
    editor.branch("both")
    editor.story("approve", "flood", "frost", BUDGET)
    judged_everywhere(house, editor, landing=rebase)
