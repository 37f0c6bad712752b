"""What was pushed past every check: an audit of the protected branch finds it afterwards, with its commit."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import BODY, PEOPLE, PICTURE, Desk

from attacks.forging import ROSTER, append, entry_of, forge


def audited(desk: Desk, *args: str, exit: int = 1) -> list[dict[str, Any]]:
    return desk.story("audit", "--json", *args, exit=exit).json["findings"]


def errors(desk: Desk, *args: str, exit: int = 1) -> list[tuple[str, str]]:
    """The errors of an audit, each with the commit that brought it."""
    return [(one["rule"], one["commit"]) for one in audited(desk, *args, exit=exit) if one["severity"] == "error"]


def quietly(desk: Desk, old: str = "Monday", new: str = "Tuesday", slug: str = "harbour-fire") -> str:
    desk.change(desk.path_of(slug), old, new)
    return desk.commit("typo", who="Editor")


def by_hand(desk: Desk, slug: str, old: str, new: str) -> str:
    desk.change(desk.path_of(slug), old, new)
    return desk.commit("by hand", who="Editor")


# Words and pictures


def test_quiet_edit_pushed_directly_is_named_with_its_commit(line):
    commit = quietly(line)
    line.at("draft", "flood", title="Flood")
    assert errors(line) == [("published-words-changed", commit)]
    said = line.story("audit", exit=1)
    assert f"{commit[:8]} {line.path_of('harbour-fire')}:17:1: error[published-words-changed]" in said.out


def test_second_quiet_edit_is_a_finding_of_its_own(line):
    first = quietly(line)
    second = quietly(line, "Tuesday", "Sunday")
    assert errors(line) == [("published-words-changed", first), ("published-words-changed", second)]


def test_quiet_edit_that_was_taken_back_stays_with_the_commit_that_did_so(line):
    commit = quietly(line)
    back = quietly(line, "Tuesday", "Monday")
    (found,) = audited(line, exit=0)
    assert (found["severity"], found["commit"], found["healed"]) == ("info", commit, back)
    assert f"put right by: {back[:8]}" in line.story("audit").out


def test_quiet_edit_covered_by_a_later_merge_is_still_found(line):
    commit = quietly(line)
    line.git("switch", "--quiet", "-c", "side", "HEAD~1")
    line.story("approve", "council-budget", who="Editor")
    line.git("switch", "--quiet", "main")
    line.git("merge", "--quiet", "--no-ff", "-m", "merged", "side", who="Chief")
    assert errors(line) == [("published-words-changed", commit)]


def test_quiet_edit_of_a_merged_branch_names_the_commit_that_wrote_it(line):
    line.git("switch", "--quiet", "-c", "side")
    commit = quietly(line)
    line.git("switch", "--quiet", "main")
    line.git("merge", "--quiet", "--no-ff", "-m", "merged", "side", who="Chief")
    (found,) = audited(line)
    assert (found["commit"], found["landed"]) == (commit, line.head)


def test_words_changed_on_one_branch_and_published_on_another_are_found(line):
    line.git("switch", "--quiet", "-c", "side")
    line.change(line.path_of("council-budget"), "reopen in spring", "close for ever")
    line.story("save", "council-budget")
    line.git("switch", "--quiet", "main")
    line.story("approve", "council-budget", who="Editor")
    line.story("publish", "council-budget", who="Editor")
    line.git("merge", "--quiet", "--no-edit", "side", who="Chief")
    assert [rule for rule, _ in errors(line)] == ["published-words-changed"]


def test_picture_replaced_after_publication_is_found(line):
    line.write("stories/2025/11/hall.png", PICTURE)
    line.at("publish", "hall", title="The hall", body=f"{BODY}\n![Hall](hall.png)\n")
    line.write("stories/2025/11/hall.png", PICTURE + b"other")
    commit = line.commit("better light")
    assert errors(line) == [("published-picture-changed", commit)]


def test_published_file_that_is_removed_or_broken_is_found(line):
    path = line.path_of("harbour-fire")
    line.write(path, "---\nbroken: [\n---\n")
    broken = line.commit("broken")
    line.git("restore", "--source=HEAD~1", path)
    line.commit("mended")
    line.git("rm", "--quiet", path)
    gone = line.commit("gone")
    assert errors(line) == [("yaml-syntax", broken), ("story-removed", gone)]


# Ledgers


def test_ledger_shrunk_and_regrown_later_is_found(line):
    ledger = line.ledger_of("harbour-fire")
    whole = line.read(ledger)
    line.write(ledger, "".join(whole.splitlines(keepends=True)[:-1]))
    line.change(line.path_of("harbour-fire"), "state: publish", "state: edit")
    shrunk = line.commit("shrunk")
    line.write(ledger, whole)
    line.change(line.path_of("harbour-fire"), "state: edit", "state: publish")
    back = line.commit("as if nothing had been")
    found = {one["rule"]: one for one in audited(line)}
    assert found["ledger-rewritten"]["commit"] == shrunk
    assert found["ledger-rewritten"]["healed"] == back
    assert len(line.story("audit", "--json", exit=1).json["stories"][1]["entries"]) == 4


@pytest.mark.parametrize("slug", ["harbour-fire", "flood"])
def test_line_turned_round_by_a_merge_that_leaves_out_what_the_other_side_had(line, slug):
    line.git("branch", "side")
    if slug == "flood":
        line.at("review", "flood", title="Flood")
    else:
        line.story("kill", slug, "--notice", "It was wrong.", "--note", "Wrong.", "--yes", who="Editor")
    ledger = line.ledger_of(slug)
    line.git("switch", "--quiet", "side")
    line.write("notes.txt", "notes\n")
    line.commit("notes")
    line.git("merge", "--quiet", "--no-edit", "-s", "ours", "main", who="Chief")
    line.git("branch", "-f", "main", "side")
    found = audited(line)
    assert {one["rule"] for one in found} == {"ledger-rewritten" if slug == "harbour-fire" else "ledger-removed"}
    assert [one["commit"] for one in found] == [line.head]
    line.git(
        "restore", "--source=HEAD^2", "--", ledger, *([line.path_of(slug)] if slug == "harbour-fire" else ["stories"])
    )
    back = line.commit("back", who="Chief")
    assert [one["healed"] for one in audited(line)] == [back]


def test_ledger_shrunk_and_grown_another_way_is_found_and_stays(line):
    ledger = line.ledger_of("council-budget")
    line.write(ledger, line.read(ledger).splitlines(keepends=True)[0])
    line.change(line.path_of("council-budget"), "state: review", "state: draft")
    shrunk = line.commit("never handed in")
    line.story("submit", "council-budget")
    (found,) = audited(line)
    assert (found["rule"], found["commit"], found["healed"]) == ("ledger-rewritten", shrunk, None)


def test_ledger_rewritten_and_put_back_accuses_nobody_else(line):
    ledger = line.ledger_of("harbour-fire")
    whole = line.read(ledger)
    line.write(ledger, whole.replace("Editor", "Someone"))
    commit = line.commit("rewritten")
    line.write(ledger, whole)
    line.commit("put back", who="Chief")
    assert {one for _, one in errors(line)} == {commit}
    assert "ledger-rewritten" in [rule for rule, _ in errors(line)]


def test_ledger_removed_and_brought_back_is_found(line):
    line.git("rm", "--quiet", line.ledger_of("harbour-fire"))
    commit = line.commit("gone")
    assert {one for _, one in errors(line)} == {commit}
    line.git("revert", "--quiet", "--no-edit", "HEAD", who="Chief")
    found = [one for one in audited(line) if one["severity"] == "error"]
    assert "ledger-removed" in [one["rule"] for one in found]
    assert {(one["commit"], one["healed"]) for one in found} == {(commit, line.head)}


# What is written by hand


@pytest.mark.parametrize(
    "slug, old, new",
    [
        ("council-budget", "state: review", "state: publish"),
        ("harbour-fire", "version: 1", "version: 2"),
        ("harbour-fire", f"editor: {PEOPLE['Editor']}", f"editor: {PEOPLE['Chief']}"),
        ("council-budget", "draft: true\n", ""),
    ],
)
def test_record_key_set_by_hand_that_reached_the_line_is_found(line, slug, old, new):
    commit = by_hand(line, slug, old, new)
    line.at("draft", "flood", title="Flood")
    assert errors(line) == [("record-by-hand", commit)]


def test_forged_move_and_its_undo_on_the_line_stay_an_error(line):
    commit = by_hand(line, "council-budget", "state: review", "state: publish")
    undone = by_hand(line, "council-budget", "state: publish", "state: review")
    (found,) = audited(line)
    assert (found["rule"], found["severity"]) == ("record-by-hand", "error")
    assert (found["commit"], found["healed"]) == (commit, undone)


def test_forged_move_and_its_undo_inside_a_merged_side_branch_are_told(line):
    line.git("switch", "--quiet", "-c", "side")
    commit = by_hand(line, "council-budget", "state: review", "state: publish")
    by_hand(line, "council-budget", "state: publish", "state: review")
    line.git("switch", "--quiet", "main")
    line.git("merge", "--quiet", "--no-ff", "-m", "merged", "side", who="Chief")
    found = audited(line, exit=0)
    assert (found[0]["rule"], found[0]["severity"], found[0]["commit"]) == ("undone-before-merge", "info", commit)
    assert {one["severity"] for one in found} == {"info"}


def test_forged_entry_taken_out_inside_a_merged_side_branch_is_told(line):
    line.git("switch", "--quiet", "-c", "side")
    forge(line, "council-budget", by="Editor", commit_as="Reporter")
    commit = line.head
    line.git("revert", "--quiet", "--no-edit", "HEAD")
    line.git("switch", "--quiet", "main")
    line.git("merge", "--quiet", "--no-ff", "-m", "merged", "side", who="Chief")
    found = audited(line, exit=0)
    assert ("undone-before-merge", commit) in [(one["rule"], one["commit"]) for one in found]
    assert {one["severity"] for one in found} == {"info"}


def test_published_words_changed_and_put_back_inside_a_merged_side_branch_are_told(line):
    line.git("switch", "--quiet", "-c", "side")
    commit = quietly(line)
    quietly(line, "Tuesday", "Monday")
    line.git("switch", "--quiet", "main")
    line.git("merge", "--quiet", "--no-ff", "-m", "merged", "side", who="Chief")
    (found,) = audited(line, exit=0)
    assert (found["rule"], found["commit"]) == ("undone-before-merge", commit)


def test_story_new_in_a_public_state_by_hand_is_found(line, make_story):
    line.write("stories/by-hand.md", make_story(state="publish"))
    commit = line.commit()
    assert errors(line) == [("record-by-hand", commit)]


@pytest.mark.parametrize("where", ["new", "old"])
def test_state_by_hand_in_the_commit_that_brings_the_first_ledger_is_found(gazette, make_story, where):
    """What was there before any ledger is left alone; what that very commit brings or changes is not."""
    gazette.write("stories/old.md", make_story(title="Old"))
    gazette.write("stories/older.md", make_story(title="Older", state="publish"))
    gazette.commit("as sites have them")
    gazette.at("draft", "flood", title="Flood")
    gazette.git("reset", "--quiet", "--soft", "HEAD~2")
    gazette.write(f"stories/{where}.md", make_story(title="By hand", state="publish"))
    gazette.change("stories/older.md", "on Monday", "on Tuesday")
    commit = gazette.commit("all at once")
    assert [(one["rule"], one["path"], one["commit"]) for one in audited(gazette)] == [
        ("record-by-hand", f"stories/{where}.md", commit)
    ]


def test_state_by_hand_in_a_first_commit_with_ledgers_is_found(newsroom, make_story):
    newsroom.at("draft", "flood", title="Flood")
    newsroom.write("stories/imported.md", make_story(title="Imported", state="publish"))
    newsroom.git("add", "--all")
    newsroom.git("checkout", "--quiet", "--orphan", "begun")
    newsroom.git("commit", "--quiet", "-m", "all at once")
    assert errors(newsroom, exit=0) == []
    newsroom.change("stories/imported.md", "state: publish", "state: review")
    commit = newsroom.commit("by hand")
    assert errors(newsroom) == [("record-by-hand", commit)]


# Entries


def test_entry_of_another_name_in_ones_own_commit_is_only_recorded(line):
    forge(line, "council-budget", by="Editor", commit_as="Reporter")
    assert errors(line, exit=0) == []
    assert errors(line, "--require", "attributed") == [("entry-not-attributed", line.head)]


def test_self_approval_is_found(line):
    forge(line, "council-budget", by="Reporter", commit_as="Reporter")
    assert errors(line) == [("four-eyes", line.head)]


def test_self_approval_behind_an_unreadable_version_is_found(line):
    path = line.path_of("council-budget")
    line.change(path, "reporter: Reporter", "reporter: [Stringer <stringer@gazette.example>, Reporter")
    line.change(path, "<reporter@gazette.example>\n", "<reporter@gazette.example>]\n")
    line.commit("both wrote it")
    text = line.read(path)
    line.write(path, "---\nbroken: [\n---\n")
    line.commit("broken")
    line.write(path, re.sub(r"^reporter: .*$", f"reporter: {PEOPLE['Reporter']}", text, flags=re.MULTILINE))
    forge(line, "council-budget", by="Stringer", commit_as="Stringer", content=_hash(line, text))
    assert "four-eyes" in [rule for rule, _ in errors(line)]


def _hash(desk: Desk, text: str) -> str:
    from newsroom_cli.story import frontmatter

    path = desk.path_of("council-budget")
    return frontmatter.content_hash(frontmatter.read_story(path, desk.read(path).encode()))


def test_entry_without_a_row_or_by_somebody_without_the_role_is_found(line):
    line.write("newsroom.toml", ROSTER)
    line.commit("roster", who="Chief")
    forge(line, "council-budget", by="Chief", commit_as="Chief")
    assert errors(line) == [("not-entitled", line.head)]
    forge(line, "council-budget", by="Editor", commit_as="Editor", action="submit", to="review", set={})
    assert [rule for rule, _ in errors(line)] == ["not-entitled", "entry-without-row"]


def test_writer_of_an_earlier_commit_whom_an_entry_leaves_out_is_found(line):
    line.change(line.path_of("council-budget"), "Monday", "Tuesday")
    line.story("save", "council-budget", who="Stringer")
    path = line.path_of("council-budget")
    line.change(path, "Tuesday", "Sunday")
    forge(
        line, "council-budget", by="Editor", commit_as="Editor", content=_hash(line, path), writers=[PEOPLE["Editor"]]
    )
    assert errors(line) == [("writers-incomplete", line.head)]


def test_ids_of_two_stories_swapped_are_found(line):
    one, other = line.path_of("council-budget"), line.path_of("harbour-fire")
    ids = line.id_of("council-budget"), line.id_of("harbour-fire")
    line.change(one, ids[0], ids[1])
    line.change(other, ids[1], ids[0])
    commit = line.commit("swapped")
    assert {one for _, one in errors(line)} == {commit}


def test_second_file_with_one_id_is_found(line):
    text = line.read(line.path_of("harbour-fire"))
    line.write("stories/copy.md", text.replace("slug: harbour-fire", "slug: copy"))
    commit = line.commit("copy")
    assert ("duplicate-id", commit) in errors(line)


def test_slug_of_another_story_taken_as_an_alias_is_found(line):
    line.change(line.path_of("council-budget"), "lang: en", "lang: en\naliases: [harbour-fire]")
    assert ("duplicate-slug", line.commit("alias")) in errors(line)


def _forked(line: Desk, *before: tuple[str, ...], side: tuple[str, ...] = ()) -> None:
    """A branch `side` beside `main`, each with moves of its own; each is (who, *arguments)."""
    line.git("branch", "side")
    for who, *arguments in before:
        line.story(*arguments, who=who)
    line.git("switch", "--quiet", "side")
    if side:
        line.story(*side[1:], who=side[0])
    else:
        line.write("side.txt", "honest\n")
        line.commit("side")
    line.git("switch", "--quiet", "main")


def _taking_theirs(line: Desk, who: str) -> str:
    """A merge of `side` into `main` that takes everything as `side` has it."""
    line.git("merge", "--quiet", "--no-commit", "--no-ff", "-s", "ours", "side", who=who)
    line.git("read-tree", "--reset", "-u", "side")
    return line.commit("Merge branch side", who=who)


def test_entry_of_another_left_out_by_a_merge_is_found(line):
    _forked(line, ("Editor", "approve", "council-budget"), side=("Reporter", "withdraw", "council-budget"))
    assert ("ledger-rewritten", _taking_theirs(line, "Reporter")) in errors(line)


def test_entry_of_ones_own_left_out_by_a_merge_with_what_was_before_is_found(line):
    _forked(line, ("Editor", "approve", "council-budget"))
    assert ("ledger-rewritten", _taking_theirs(line, "Editor")) in errors(line)


def test_entry_of_ones_own_left_out_by_a_merge_that_makes_another_is_found(line):
    _forked(line, ("Editor", "approve", "council-budget"))
    line.git("merge", "--quiet", "--no-commit", "--no-ff", "-s", "ours", "side", who="Editor")
    line.git("read-tree", "--reset", "-u", "side")
    append(line, "council-budget", entry_of(line, "council-budget", by="Editor", note="another"))
    assert ("ledger-rewritten", line.commit("Merge branch side", who="Editor")) in errors(line)


def test_story_that_leaves_its_id_for_another_is_found(line):
    path, story_id = line.path_of("council-budget"), line.id_of("council-budget")
    line.change(path, story_id, "20251124-aaaaaaaa")
    assert ("id-changed", line.commit("another id")) in errors(line)


# Merges and judges


def test_evil_merge_on_the_protected_line_is_found(line):
    line.git("switch", "--quiet", "-c", "side")
    line.write("side.txt", "honest\n")
    line.commit("side")
    line.git("switch", "--quiet", "main")
    line.git("merge", "--quiet", "--no-commit", "--no-ff", "side", who="Chief")
    line.change(line.path_of("harbour-fire"), "Monday", "Tuesday")
    line.change(line.path_of("council-budget"), "state: review", "state: publish")
    commit = line.commit("Merge branch side", who="Chief")
    assert sorted(errors(line)) == [("published-words-changed", commit), ("record-by-hand", commit)]


def test_entry_that_an_evil_merge_brings_is_only_recorded(line):
    line.git("switch", "--quiet", "-c", "side")
    line.write("side.txt", "honest\n")
    line.commit("side")
    line.git("switch", "--quiet", "main")
    line.git("merge", "--quiet", "--no-commit", "--no-ff", "side", who="Editor")
    forge(line, "council-budget", by="Editor", commit_as="Editor")
    assert errors(line, exit=0) == []
    assert errors(line, "--require", "attributed") == [("entry-not-attributed", line.head)]


def test_judges_rewritten_by_the_commit_that_used_them_are_found(line):
    line.write("newsroom.toml", ROSTER)
    line.commit("roster", who="Chief")
    line.write("newsroom.toml", ROSTER.replace('roles = ["chief-editor"]', 'roles = ["chief-editor", "editor"]'))
    forge(line, "council-budget", by="Chief", commit_as="Chief")
    assert sorted(errors(line)) == [("judges-with-stories", line.head), ("not-entitled", line.head)]


def test_judges_rewritten_in_a_merged_branch_that_used_them_are_found(line):
    line.git("switch", "--quiet", "-c", "side")
    line.write(
        "newsroom.toml",
        '[[pipeline.moves]]\naction = "approve"\nfrom = ["review"]\nto = "edit"\nby = ["editor"]\nsets = ["editor"]\n',
    )
    line.commit("pipeline")
    forge(line, "council-budget", by="Reporter", commit_as="Reporter")
    line.git("switch", "--quiet", "main")
    line.git("merge", "--quiet", "--no-ff", "-m", "merged", "side", who="Chief")
    assert {rule for rule, _ in errors(line)} == {"judges-with-stories", "four-eyes"}


@pytest.mark.parametrize("path, text", [
    (".mailmap", "Editor <editor@gazette.example> <reporter@gazette.example>\n"),
    (".newsroom/baseline.jsonl", '["stories/x.md","title-length","title"]\n'),
])  # fmt: skip
def test_mailmap_or_baseline_changed_together_with_stories_is_found(line, path, text):
    line.write(path, text)
    line.change(line.path_of("council-budget"), "Monday", "Tuesday")
    commit = line.commit()
    assert errors(line) == [("judges-with-stories", commit)]


def test_stories_changed_while_the_configuration_cannot_be_read_are_found(line):
    line.write("newsroom.toml", ROSTER)
    line.commit("roster", who="Chief")
    line.write("newsroom.toml", "[[people\n")
    line.commit("broken")
    forge(line, "council-budget", by="Chief", commit_as="Chief")
    assert sorted(errors(line, "HEAD")) == [("configuration-unreadable", line.head), ("not-entitled", line.head)]


def test_ledger_or_story_that_is_a_link_is_found(line):
    path = line.path_of("harbour-fire")
    (line.root / path).unlink()
    (line.root / path).symlink_to("/etc/hostname")
    assert ("not-a-file", line.commit("linked")) in errors(line)


def test_file_that_is_no_ledger_among_the_ledgers_is_found(line):
    line.write(".newsroom/ledger/2025/11/x.jsonl", "{}\n")
    commit = line.commit("stray")
    assert errors(line) == [("ledger-stray", commit)]


def test_squash_of_honest_moves_is_only_recorded(line):
    line.story("approve", "council-budget", who="Editor")
    line.story("publish", "council-budget", who="Editor")
    line.git("reset", "--quiet", "--soft", "HEAD~2")
    line.git("commit", "--quiet", "-m", "squashed", who="Chief")
    assert errors(line, exit=0) == []


def test_several_entries_in_ones_own_commit_are_only_recorded(line):
    line.story("approve", "council-budget", who="Editor")
    line.story("publish", "council-budget", who="Editor")
    line.git("reset", "--quiet", "--soft", "HEAD~2")
    line.git("commit", "--quiet", "-m", "both at once", who="Editor")
    assert errors(line, exit=0) == []
    assert errors(line, "--require", "attributed") == [("entry-not-attributed", line.head)] * 2


# What two pushes do that one may not


def test_self_approval_by_a_reporter_whose_byline_went_in_a_push_before(line):
    line.story("new", "Flood", "--slug", "flood")
    line.fill("flood", reporter=f"[{PEOPLE['Reporter']}, {PEOPLE['Editor']}]")
    line.story("submit", "flood")
    line.change(line.path_of("flood"), f", {PEOPLE['Editor']}", "")
    line.commit("byline")
    assert "is its reporter" in line.refused("approve", "flood", who="Editor")
    said = line.story("approve", "flood", "--dry-run", who="Chief").out
    content = re.search(r'^\+.*"content":"(sha256:[0-9a-f]+)"', said, re.MULTILINE)[1]
    forge(line, "flood", by="Editor", commit_as="Editor", content=content, writers=[PEOPLE["Reporter"]])
    assert errors(line) == [("four-eyes", line.head)]


def test_byline_that_was_another_in_a_draft_bars_nobody_afterwards(line):
    line.story("new", "Flood", "--slug", "flood")
    line.fill("flood", reporter=f"[{PEOPLE['Reporter']}, {PEOPLE['Editor']}]")
    line.story("save", "flood")
    line.fill("flood", reporter=PEOPLE["Reporter"])
    line.story("submit", "flood")
    line.story("approve", "flood", who="Editor")
    assert errors(line, exit=0) == []
