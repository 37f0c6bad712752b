"""What a pull request, a push and an audit have to say alike: words that are nowhere, merges that lose, judges."""

from __future__ import annotations

import pytest
from conftest import PEOPLE, Desk

from attacks.forging import ROSTER, caught, findings_of, forge, on_main, on_the_commits, passes, settled
from attacks.test_audit import audited, errors

JUDGED = ROSTER.replace("[trust]", '[trust]\njudges = ["chief-editor"]')


def saved(desk: Desk, old: str = "Monday", new: str = "Tuesday", *, who: str = "Reporter") -> None:
    desk.change(desk.path_of("council-budget"), old, new)
    desk.story("save", "council-budget", who=who)


# Words that are nowhere


def test_yes_to_old_words_rebased_onto_new_ones(base):
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    saved(base)
    base.git("switch", "--quiet", "change")
    base.git("rebase", "--quiet", "main", who="Editor")
    caught(base, "words-not-seen")
    base.story("publish", "council-budget", "--yes", who="Editor")
    passes(base)


def test_yes_to_words_written_by_hand(base):
    forge(base, "council-budget", by="Editor", commit_as="Editor", content="sha256:" + "0" * 64)
    caught(base, "words-not-seen")


def test_yes_to_pictures_that_were_nowhere(base):
    forge(base, "council-budget", by="Editor", commit_as="Editor", assets={"hall.png": "0" * 40})
    caught(base, "words-not-seen")


def test_yes_to_old_words_merged_with_new_ones_names_who_changed_them(base):
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    saved(base)
    base.git("switch", "--quiet", "change")
    for _ in range(2):
        said = on_the_commits(base)
        (one,) = said.json["findings"]
        assert (said.exit, one["rule"], one["severity"]) == (0, "words-changed-beside", "warning")
        assert PEOPLE["Reporter"] in one["message"]
        base.git("merge", "--quiet", "--no-edit", "main", who="Editor")


def test_audit_finds_words_that_are_nowhere_until_somebody_passes_those_there_are(line):
    forge(line, "council-budget", by="Editor", commit_as="Editor", content="sha256:" + "0" * 64)
    commit = line.head
    assert errors(line) == [("words-not-seen", commit)]
    line.story("publish", "council-budget", "--yes", who="Editor")
    (found,) = audited(line, exit=0)
    assert (found["severity"], found["commit"], found["healed"]) == ("info", commit, line.head)


def test_move_that_is_nobody_elses_yes_may_be_of_words_that_a_rebase_left_nowhere(line):
    line.at("draft", "flood", title="Flood")
    line.git("switch", "--quiet", "-c", "mine")
    line.story("submit", "flood")
    line.git("switch", "--quiet", "main")
    line.change(line.path_of("flood"), "Monday", "Tuesday")
    line.story("save", "flood", who="Stringer")
    line.git("rebase", "--quiet", "main", "mine")
    assert findings_of(line.story("check", "--base", "main", "--format", "json")) == set()
    line.git("switch", "--quiet", "-C", "main")
    assert [(one["rule"], one["severity"]) for one in audited(line, exit=0)] == [("words-not-seen", "info")]


# Honest ways to the same words

WAYS = ["squash", "rebase", "cherry-pick", "amend", "merge"]


@pytest.mark.parametrize("moves", ["submit-mend-save", "approve-save"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("where", ["trunk", "branch"])
def test_honest_way_is_no_error(line, moves, way, where):
    if moves == "submit-mend-save":
        line.at("draft", "flood", title="Flood")
    slug, start = ("flood", line.head) if moves == "submit-mend-save" else ("council-budget", line.head)
    line.git("switch", "--quiet", "-c", "work")
    if moves == "submit-mend-save":
        line.change(line.path_of(slug), "Monday", "Tuesday")
        line.story("submit", slug)
    else:
        line.story("approve", slug, who="Editor")
    line.change(line.path_of(slug), "Two libraries", "Three libraries")
    line.story("save", slug)
    landed(line, way, start)
    if where == "branch":
        line.git("switch", "--quiet", "main")
        line.git("merge", "--quiet", "--no-ff", "-m", "merged", "work", who="Chief")
    else:
        line.git("branch", "--quiet", "-f", "main", "work")
        line.git("switch", "--quiet", "main")
    said = line.story("check", "--base", start, "--require", "recorded", "--format", "json", exit=None)
    weak = {"entry-not-attributed"} if way in ("squash", "amend") else set()
    assert findings_of(said, "error") <= weak, said.all
    assert errors(line, exit=0) == []


def landed(desk: Desk, way: str, start: str) -> None:
    """Bring the branch `work` onto what `main` became meanwhile, one way or another."""
    if way == "squash":
        desk.git("reset", "--quiet", "--soft", start)
        desk.git("commit", "--quiet", "-m", "squashed", who="Chief")
    elif way == "amend":
        desk.git("commit", "--quiet", "--amend", "--reset-author", "-m", "mine", who="Chief")
    else:
        desk.git("switch", "--quiet", "main")
        desk.write("notes.txt", "meanwhile\n")
        desk.commit("meanwhile")
        desk.git("switch", "--quiet", "work")
        if way == "merge":
            desk.git("merge", "--quiet", "--no-edit", "main")
        elif way == "rebase":
            desk.git("rebase", "--quiet", "main", who="Chief")
        else:
            desk.git("switch", "--quiet", "--detach", "main")
            desk.git("cherry-pick", f"{start}..work", who="Chief")
            desk.git("switch", "--quiet", "-C", "work")


# Writers


def test_pull_with_rebase_of_two_peoples_words_accuses_nobody(line):
    line.at("draft", "flood", title="Flood")
    line.git("switch", "--quiet", "-c", "mine")
    line.change(line.path_of("flood"), "Two libraries", "Three libraries")
    line.story("save", "flood")
    line.story("submit", "flood")
    line.git("switch", "--quiet", "main")
    line.change(line.path_of("flood"), "Monday", "Tuesday")
    line.story("save", "flood", who="Stringer")
    line.git("rebase", "--quiet", "main", "mine")
    assert findings_of(line.story("check", "--base", "main", "--format", "json")) == set()
    line.git("switch", "--quiet", "-C", "main")
    assert errors(line, exit=0) == []


def test_writer_of_an_earlier_push_whom_an_entry_leaves_out(base):
    base.git("switch", "--quiet", "main")
    saved(base, who="Stringer")
    base.git("switch", "--quiet", "-C", "change")
    base.story("approve", "council-budget", who="Editor")
    path = base.ledger_of("council-budget")
    base.change(path, f',"writers":["{PEOPLE["Stringer"]}"]', "")
    base.git("commit", "--quiet", "--all", "--amend", "--no-edit", who="Editor")
    caught(base, "writers-incomplete")


# The ways out of changed words


def test_published_words_restored_and_saved_end_in_a_green_audit(line):
    path = line.path_of("harbour-fire")
    line.change(path, "Monday", "Tuesday")
    commit = line.commit("typo", who="Editor")
    line.git("restore", "--source=HEAD~1", path)
    line.story("save", "harbour-fire")
    (found,) = audited(line, exit=0)
    assert (found["rule"], found["severity"], found["commit"]) == ("published-words-changed", "info", commit)


def test_published_words_corrected_afterwards_end_in_a_green_audit(line):
    line.change(line.path_of("harbour-fire"), "Monday", "Tuesday")
    line.commit("typo", who="Editor")
    line.story("correct", "harbour-fire", "--notice", "It was Tuesday.", "--yes", who="Editor")
    assert errors(line, exit=0) == []


# Merges


def test_foxtrot_merge_that_drops_an_approval(base):
    """The line is turned round: the branch merges main, and keeps its own side."""
    base.write("notes.txt", "x\n")
    base.commit("notes")
    on_main(base, "approve", "council-budget", who="Editor")
    old = base.git("rev-parse", "main")
    base.git("merge", "--quiet", "--no-edit", "-s", "ours", "main")
    assert findings_of(on_the_commits(base), "error") == {"ledger-rewritten"}
    base.git("branch", "--quiet", "-f", "main", "change")
    assert [rule for rule, _ in errors(base, "main")] == ["ledger-rewritten"]
    assert findings_of(base.story("check", "--base", old, "--format", "json", exit=1), "error") == {"ledger-rewritten"}


def test_foxtrot_merge_that_drops_a_publication_for_a_move_of_its_own(base):
    base.story("withdraw", "council-budget")
    on_main(base, "approve", "council-budget", who="Editor")
    on_main(base, "publish", "council-budget", who="Editor")
    base.git("merge", "--quiet", "--no-edit", "-s", "ours", "main")
    base.git("branch", "--quiet", "-f", "main", "change")
    found = errors(base, "main")
    assert ("ledger-rewritten", base.head) in found


def test_approval_of_another_branch_merged_away(base):
    base.git("switch", "--quiet", "-c", "editors")
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "change")
    base.write("notes.txt", "x\n")
    base.commit("notes")
    base.git("merge", "--quiet", "--no-edit", "-s", "ours", "editors")
    caught(base, "ledger-rewritten")
    base.git("switch", "--quiet", "-C", "main", "change")
    assert errors(base) == [("ledger-rewritten", base.git("rev-parse", "change"))]


def test_entry_reverted_and_brought_back_in_one_push(base):
    on_main(base, "approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "-C", "change", "main")
    base.git("revert", "--no-edit", "HEAD")
    reverted = base.head
    base.git("revert", "--no-edit", "HEAD")
    caught(base, "ledger-rewritten")
    base.git("switch", "--quiet", "-C", "main")
    assert ("ledger-rewritten", reverted) in errors(base)


# Judges


def test_reporter_who_makes_herself_editor_on_the_line(base):
    settled(base, JUDGED)
    base.git("switch", "--quiet", "main")
    base.change("newsroom.toml", 'roles = ["reporter"]', 'roles = ["reporter", "editor"]')
    commit = base.commit("me too")
    assert errors(base) == [("judges-not-entitled", commit)]
    base.story("new", "Flood", "--slug", "flood", "--reporter", PEOPLE["Stringer"], who="Chief")
    base.fill("flood", reporter=PEOPLE["Stringer"])
    base.story("save", "flood", who="Chief")
    base.story("submit", "flood", who="Editor")
    base.story("approve", "flood", who="Reporter")
    assert errors(base) == [("judges-not-entitled", commit), ("not-entitled", base.head)]


def test_judges_changed_by_whom_they_name_are_in_force_from_then_on(base):
    settled(base, JUDGED)
    base.git("switch", "--quiet", "main")
    base.change("newsroom.toml", 'roles = ["reporter"]', 'roles = ["reporter", "editor"]')
    base.commit("me too")
    base.change("newsroom.toml", "[trust]", "[trust]\narchive = []")
    base.commit("as it is", who="Chief")
    base.story("new", "Flood", "--slug", "flood", "--reporter", PEOPLE["Stringer"], who="Chief")
    base.fill("flood", reporter=PEOPLE["Stringer"])
    base.story("save", "flood", who="Chief")
    base.story("submit", "flood", who="Editor")
    base.story("approve", "flood", who="Reporter")
    assert [rule for rule, _ in errors(base)] == ["judges-not-entitled"]


def test_baseline_nobody_can_read_is_an_error_of_an_audit_too(line):
    line.write(".newsroom/baseline.jsonl", "not json\n")
    commit = line.commit("baseline", who="Chief")
    assert errors(line) == [("configuration-unreadable", commit)]


def test_id_without_a_ledger_that_is_changed_is_found_by_an_audit_too(line, make_story):
    line.write("stories/by-hand.md", make_story(id="20251124-aaaaaaaa"))
    line.commit("by hand")
    line.change("stories/by-hand.md", "20251124-aaaaaaaa", "20251124-bbbbbbbb")
    assert ("id-changed", line.commit("another id")) in errors(line)
