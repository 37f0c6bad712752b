"""What a pull request, a push and an audit have to say alike: words that are nowhere, merges that lose, judges."""

from __future__ import annotations

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


# Writers


def test_writer_of_an_earlier_push_whom_an_entry_leaves_out(base):
    base.git("switch", "--quiet", "main")
    saved(base, who="Stringer")
    base.git("switch", "--quiet", "-C", "change")
    base.story("approve", "council-budget", who="Editor")
    path = base.ledger_of("council-budget")
    base.change(path, f',"writers":["{PEOPLE["Stringer"]}"]', "")
    base.git("commit", "--quiet", "--all", "--amend", "--no-edit", who="Editor")
    caught(base, "writers-incomplete")


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


def test_baseline_nobody_can_read_is_an_error_of_an_audit_too(line):
    line.write(".newsroom/baseline.jsonl", "not json\n")
    commit = line.commit("baseline", who="Chief")
    assert errors(line) == [("configuration-unreadable", commit)]


def test_id_without_a_ledger_that_is_changed_is_found_by_an_audit_too(line, make_story):
    line.write("stories/by-hand.md", make_story(id="20251124-aaaaaaaa"))
    line.commit("by hand")
    line.change("stories/by-hand.md", "20251124-aaaaaaaa", "20251124-bbbbbbbb")
    assert ("id-changed", line.commit("another id")) in errors(line)
