"""`story check --base`: what merging a change would bring, judged by the base's roster, pipeline and rules."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest
from conftest import BODY, PEOPLE, PICTURE, Desk, story_text

ROSTER = """
[[people]]
name = "Reporter"
emails = ["reporter@gazette.example"]
roles = ["reporter"]

[[people]]
name = "Editor"
emails = ["editor@gazette.example"]
roles = ["editor"]

[[people]]
name = "Chief"
emails = ["chief@gazette.example"]
roles = ["chief-editor"]

[trust]
override = ["chief-editor"]
"""


FIELDS = [
    "v",
    "seq",
    "prev",
    "story",
    "action",
    "from",
    "to",
    "by",
    "role",
    "at",
    "content",
    "assets",
    "writers",
    "set",
    "override",
    "note",
    "sig",
]


def _base(desk: Desk) -> None:
    desk.write("README.md", "# Harbour Gazette\n")
    desk.commit("begin")
    desk.at("review", "council-budget")
    desk.at("publish", "harbour-fire", title="Fire in the harbour")
    desk.git("switch", "--quiet", "-c", "change")


@pytest.fixture
def base(made) -> Desk:
    """`main` with a story in review and a published one; the working tree is on the branch `change`."""
    return made("base", _base)


def settled(desk: Desk, configuration: str) -> Desk:
    """Give `main` a configuration and begin the branch `change` again from there."""
    desk.git("switch", "--quiet", "main")
    desk.write("newsroom.toml", configuration)
    desk.commit("configuration", who="Chief")
    desk.git("switch", "--quiet", "-C", "change")
    return desk


def on_main(desk: Desk, *args: str, who: str) -> None:
    """Take a move on `main` while the branch stands still."""
    desk.git("switch", "--quiet", "main")
    desk.story(*args, who=who)
    desk.git("switch", "--quiet", "change")


def judged(desk: Desk, *args: str, exit: int = 1) -> list[str]:
    return desk.rules("--base", "main", *args, exit=exit)


def found(desk: Desk, rule: str, *args: str) -> dict[str, Any]:
    rows = [one for one in desk.findings("--base", "main", *args) if one["rule"] == rule]
    assert len(rows) == 1, rows
    return rows[0]


def forge(desk: Desk, slug: str, *, by: str, commit_as: str, **over: Any) -> None:
    """Append a well-formed entry without asking `story`, write the state into the file, and commit both."""
    path, ledger = desk.path_of(slug), desk.ledger_of(slug)
    last_line = desk.read(ledger).splitlines()[-1]
    last = json.loads(last_line)
    now = desk.tick().strftime("%Y-%m-%dT%H:%M:%SZ")
    entry = {
        "v": 1,
        "seq": last["seq"] + 1,
        "prev": "sha256:" + hashlib.sha256(last_line.encode()).hexdigest(),
        "story": last["story"],
        "action": "approve",
        "from": last["to"],
        "to": "edit",
        "by": PEOPLE.get(by, by),
        "role": "editor",
        "at": now,
        "content": last["content"],
        "assets": last.get("assets"),
        "set": {"editor": [PEOPLE.get(by, by)]},
        **over,
    }
    entry = {key: entry[key] for key in FIELDS if entry.get(key) not in (None, {}, [])}
    desk.write(ledger, desk.read(ledger) + json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")
    text = re.sub(r"^state: .*$", f"state: {entry['to']}", desk.read(path), flags=re.MULTILINE)
    for key, value in entry.get("set", {}).items():
        shown = value[0] if isinstance(value, list) and len(value) == 1 else value
        shown = f"[{', '.join(value)}]" if isinstance(shown, list) else shown
        line = "" if value is None else f"{key}: {shown}\n"
        text, times = re.subn(rf"^{key}:.*\n", line, text, flags=re.MULTILINE)
        if not times and line:
            text = text.replace("\nstate: ", f"\n{line}state: ", 1)
    desk.write(path, text)
    desk.commit("forged", who=commit_as)


# What passes


def test_honest_pull_request_passes(base):
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Chief")
    base.at("publish", "flood", title="Flood")
    said = base.story("check", "--base", "main")
    assert said.err == "checked 2 of 3 stories: nothing found\n"
    assert said.out == ""


def test_one_move_passes_and_only_its_story_is_checked(base):
    base.story("approve", "council-budget", who="Editor")
    assert base.story("check", "--base", "main").err == "checked 1 of 2 stories: nothing found\n"


def test_nothing_changed_is_success(base):
    assert base.story("check", "--base", "main").err == "checked 0 of 2 stories: nothing found\n"
    assert base.story("check", "--base", "HEAD").err == "checked 0 of 2 stories: nothing found\n"


def test_change_of_other_files_is_success(base):
    base.write("README.md", "# Other\n")
    base.write("notes/x.md", "no story\n")
    base.commit()
    assert base.story("check", "--base", "main").err == "checked 0 of 2 stories: nothing found\n"


def test_branch_behind_its_base_passes(base):
    on_main(base, "approve", "council-budget", who="Editor")
    assert judged(base, exit=0) == []
    base.story("new", "Flood", "--slug", "flood")
    assert judged(base, exit=0) == []


def test_branch_updated_from_the_base_by_a_merge_passes(base):
    base.story("new", "Flood", "--slug", "flood")
    on_main(base, "approve", "council-budget", who="Editor")
    base.git("merge", "--quiet", "--no-edit", "main")
    base.story("publish", "council-budget", who="Editor")
    assert judged(base, exit=0) == []


def test_branch_rebased_on_the_base_passes(base):
    base.story("new", "Flood", "--slug", "flood")
    on_main(base, "approve", "council-budget", who="Editor")
    base.git("rebase", "--quiet", "main")
    assert judged(base, exit=0) == []


def test_hosts_merge_checkout_is_judged_against_its_first_parent(base):
    stale = base.git("rev-parse", "main")
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.story("new", "Flood", "--slug", "flood")
    base.story("new", "Frost", "--slug", "frost")
    base.git("reset", "--quiet", "--soft", "HEAD~2")
    base.git("commit", "--quiet", "-m", "a squash of two, checked when it was merged", who="Chief")
    base.git("switch", "--quiet", "--detach", "main")
    base.git("merge", "--quiet", "--no-ff", "-m", "Merge change into main", "change", who="Chief")
    base.git("update-ref", "refs/remotes/origin/main", "main")
    on_host = {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_BASE_REF": "main"}
    assert base.story("check", "--base", stale, env=on_host).err == "checked 1 of 4 stories: nothing found\n"
    assert base.story("check", "--base", "main", env=on_host).err == "checked 1 of 4 stories: nothing found\n"
    gitlab = {"CI_MERGE_REQUEST_EVENT_TYPE": "merged_result", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
    assert base.story("check", "--base", stale, env=gitlab).err == "checked 1 of 4 stories: nothing found\n"
    assert "entry-not-attributed" in base.story("check", "--base", stale, exit=1).out


def test_merge_of_ones_own_does_not_pass_for_the_hosts(base):
    """A pull request whose last commit is a merge does not choose its own base."""
    base.git("switch", "--quiet", "-c", "evil")
    base.change(base.path_of("council-budget"), "state: review", "state: edit")
    base.commit("by hand")
    base.git("switch", "--quiet", "change")
    base.write("x.txt", "x\n")
    base.commit()
    base.git("switch", "--quiet", "evil")
    base.git("merge", "--quiet", "--no-edit", "change")
    assert base.git("rev-parse", "HEAD^2") == base.git("rev-parse", "change")
    assert "record-by-hand" in judged(base)


def test_squash_passes_as_recorded_and_not_as_attributed(base):
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Editor")
    base.git("reset", "--quiet", "--soft", "main")
    base.git("commit", "--quiet", "-m", "squashed", who="Chief")
    assert judged(base) == ["entry-not-attributed"]
    assert judged(base, "--require", "recorded", exit=0) == []


def test_option_does_not_ask_less_than_the_base_configures(base):
    settled(base, '[trust]\nrequire = "attributed"\n')
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Editor")
    base.git("reset", "--quiet", "--soft", "main")
    base.git("commit", "--quiet", "-m", "squashed", who="Chief")
    assert judged(base, "--require", "recorded") == ["entry-not-attributed"]


def test_option_may_ask_more_than_the_base_configures(base):
    settled(base, '[trust]\nrequire = "recorded"\n')
    base.story("approve", "council-budget", who="Editor")
    base.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit", who="Chief")
    assert judged(base, exit=0) == []
    assert judged(base, "--require", "attributed") == ["entry-not-attributed"]


def test_several_slugs_at_once_are_each_attributed(base):
    base.at("review", "flood", title="Flood")
    base.story("approve", "flood", "council-budget", who="Editor")
    assert judged(base, exit=0) == []


def test_mistake_mended_in_a_later_commit_is_no_finding(base):
    path = base.path_of("council-budget")
    base.change(path, "state: review", "state: publish")
    base.commit("a mistake")
    base.change(path, "state: publish", "state: review")
    base.commit("mended")
    base.write(path, "---\nbroken: [\n---\n")
    base.commit("another")
    base.git("restore", "--source=main", path)
    base.commit("mended too")
    assert judged(base, exit=0) == []


def test_trouble_that_the_base_has_already_is_not_the_changes(base):
    base.git("switch", "--quiet", "main")
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.commit("quietly")
    base.git("switch", "--quiet", "-C", "change")
    base.story("approve", "council-budget", who="Editor")
    assert judged(base, exit=0) == []


def test_base_may_be_any_name_of_a_commit(base, tmp_path):
    base.story("approve", "council-budget", who="Editor")
    commit = base.git("rev-parse", "main")
    base.git("tag", "v1", "main")
    for name in (commit, commit[:10], "refs/heads/main", "v1", "HEAD~1", "main^{commit}"):
        assert base.rules("--base", name, exit=0) == []
    base.git("clone", "--quiet", "--branch", "change", str(base.root), str(tmp_path / "clone"))
    clone = Desk(tmp_path / "clone", now=base.now)
    assert clone.rules("--base", "origin/main", exit=0) == []


def test_base_is_checked_in_a_bare_repository_too(base, tmp_path):
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.commit()
    base.git("clone", "--quiet", "--bare", "--branch", "change", str(base.root), str(tmp_path / "bare.git"))
    assert Desk(tmp_path / "bare.git", now=base.now).rules("--base", "main") == ["published-words-changed"]


def test_working_tree_does_not_count(base):
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.write("newsroom.toml", "unknown = 1\n")
    assert judged(base, exit=0) == []


def test_draft_may_be_renamed_and_any_story_moved(base):
    base.at("draft", "flood", title="Flood")
    base.git("mv", base.path_of("flood"), "stories/frost.md")
    base.change("stories/frost.md", "slug: flood", "slug: frost")
    base.git("mv", base.path_of("harbour-fire"), "stories/harbour-fire.md")
    base.commit()
    assert judged(base, exit=0) == []


# What by hand was written


@pytest.mark.parametrize("slug, old, new", [
    ("council-budget", "state: review", "state: publish"),
    ("council-budget", "state: review", "state: edit"),
    ("harbour-fire", "state: publish", "state: draft"),
    ("harbour-fire", "version: 1", "version: 2"),
    ("council-budget", "draft: true\n", ""),
    ("harbour-fire", f"editor: {PEOPLE['Editor']}", f"editor: {PEOPLE['Chief']}"),
])  # fmt: skip
def test_record_key_moved_by_hand_is_found(base, slug, old, new):
    base.change(base.path_of(slug), old, new)
    base.commit(who="Editor")
    assert "record-by-hand" in judged(base)
    assert "record-by-hand" in judged(base, "--require", "recorded")


def test_new_story_in_state_publish_by_hand_is_found(base, make_story):
    base.write("stories/by-hand.md", make_story(state="publish", draft="false"))
    base.commit(who="Editor")
    assert "record-by-hand" in judged(base)


def test_hand_written_draft_is_no_error(base, make_story):
    base.write("stories/by-hand.md", make_story())
    base.commit()
    assert judged(base, exit=0) == []


def test_missing_metadata_is_found_in_what_the_change_brings(base):
    base.change(base.path_of("council-budget"), "section: local\n", "")
    base.commit()
    assert found(base, "required-section")["path"] == base.path_of("council-budget")


def test_published_words_changed_are_found(base):
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.commit(who="Editor")
    assert judged(base) == ["published-words-changed"]


def test_words_changed_after_a_publication_in_the_same_change_are_found(base):
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Editor")
    base.change(base.path_of("council-budget"), "Monday", "Tuesday")
    base.commit()
    assert judged(base) == ["published-words-changed"]


def test_text_on_one_side_and_publication_on_the_other_merge_clean_and_are_found(base):
    base.git("switch", "--quiet", "main")
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "-C", "change")
    base.change(base.path_of("council-budget"), "reopen in spring", "close for ever")
    base.story("save", "council-budget")
    on_main(base, "publish", "council-budget", who="Editor")
    assert judged(base) == ["published-words-changed"]
    base.git("merge", "--quiet", "--no-edit", "main")
    assert judged(base) == ["published-words-changed"]


def test_publication_on_the_branch_and_text_on_the_base_merge_clean_and_are_found(base):
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.change(base.path_of("council-budget"), "reopen in spring", "close for ever")
    base.story("save", "council-budget")
    base.git("switch", "--quiet", "change")
    assert judged(base) == ["published-words-changed"]


# Pictures


def _pictured(desk: Desk) -> None:
    _base(desk)
    desk.git("switch", "--quiet", "main")
    desk.write("stories/2025/11/hall.png", PICTURE)
    desk.at("publish", "hall", title="The hall", body=f"{BODY}\n![Hall](hall.png)\n")
    desk.git("switch", "--quiet", "-C", "change")


@pytest.fixture
def pictured(made) -> Desk:
    """The same with a published story that has a picture."""
    return made("pictured", _pictured)


def test_picture_replaced_after_publication_is_found_though_no_story_changed(pictured):
    pictured.write("stories/2025/11/hall.png", PICTURE + b"other")
    pictured.commit("better light")
    assert judged(pictured) == ["published-picture-changed"]
    assert found(pictured, "published-picture-changed")["path"] == "stories/2025/11/hall.md"


def test_picture_removed_or_renamed_after_publication_is_found(pictured):
    pictured.git("mv", "stories/2025/11/hall.png", "stories/2025/11/other.png")
    pictured.commit()
    assert "published-picture-changed" in judged(pictured)


def test_picture_turned_into_a_link_is_found(pictured):
    (pictured.root / "stories/2025/11/hall.png").unlink()
    (pictured.root / "stories/2025/11/hall.png").symlink_to("/etc/passwd")
    pictured.commit()
    assert {"not-a-file", "published-picture-changed"} <= set(judged(pictured))


def test_two_pictures_that_changed_places_are_found(pictured):
    pictured.git("switch", "--quiet", "main")
    for name in ("a", "b"):
        pictured.write(f"stories/2025/11/{name}.png", PICTURE + name.encode())
    pictured.at("publish", "two", title="Two", body=f"{BODY}\n![A](a.png) ![B](b.png)\n")
    pictured.git("switch", "--quiet", "-C", "change")
    for name, other in (("a", "b"), ("b", "a")):
        pictured.write(f"stories/2025/11/{name}.png", PICTURE + other.encode())
    pictured.commit()
    assert judged(pictured) == ["published-picture-changed"]


def test_publication_that_does_not_sign_the_picture_is_found(pictured):
    pictured.at("edit", "second", title="Second", body=f"{BODY}\n![Hall](hall.png)\n")
    forge(pictured, "second", by="Editor", commit_as="Editor", action="publish", to="publish", assets=None,
          set=published_by(pictured))  # fmt: skip
    assert "published-picture-changed" in judged(pictured)


def test_unpublished_storys_picture_may_change(pictured):
    pictured.write("stories/2025/11/other.png", PICTURE)
    pictured.at("edit", "second", title="Second", body=f"{BODY}\n![Hall](other.png)\n")
    pictured.write("stories/2025/11/other.png", PICTURE + b"2")
    pictured.story("save", "second")
    assert judged(pictured, exit=0) == []


# The ledger only grows


def published_by(desk: Desk) -> dict[str, Any]:
    when = desk.now.replace(second=desk.now.second + 1).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"draft": None, "date": when, "lastmod": when, "version": 1}


def test_revert_of_a_move_is_found_and_the_hint_names_the_verbs(base):
    on_main(base, "approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "-C", "change", "main")
    base.git("revert", "--no-edit", "HEAD", who="Editor")
    rewritten = found(base, "ledger-rewritten")
    assert rewritten["path"] == base.ledger_of("council-budget")
    assert "send-back" in rewritten["hint"]


def test_move_and_its_revert_within_one_change_are_nothing(base):
    base.story("approve", "council-budget", who="Editor")
    base.git("revert", "--no-edit", "HEAD", who="Editor")
    assert judged(base, exit=0) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[:-1],
        lambda rows: [rows[0]],
        lambda rows: [],
        lambda rows: [*rows[:-1], rows[-1].replace("Editor", "Stringer")],
        lambda rows: [rows[-1], *rows[:-1]],
        lambda rows: [*rows, "not json\n"],
        lambda rows: [*rows[:-1], rows[-1][:-1]],
        lambda rows: [row.replace("\n", "\r\n") for row in rows],
    ],
    ids=["cut", "cut to one", "emptied", "edited", "reordered", "broken", "no final newline", "CRLF"],
)
@pytest.mark.parametrize("require", ["recorded", "attributed"])
def test_ledger_that_does_not_continue_the_bases_is_found(base, change, require):
    path = base.ledger_of("harbour-fire")
    base.write(path, "".join(change(base.read(path).splitlines(keepends=True))))
    base.commit(who="Editor")
    rows = [one for one in base.findings("--base", "main", "--require", require) if one["path"] == path]
    assert {one["rule"] for one in rows} & {"ledger-rewritten", "ledger-line", "ledger-chain"}


def test_ledger_rewritten_with_a_chain_of_its_own_is_found(base):
    path, story = base.ledger_of("council-budget"), base.path_of("council-budget")
    first = json.loads(base.read(path).splitlines()[0])
    first["by"] = PEOPLE["Stringer"]
    base.write(path, json.dumps(first, ensure_ascii=False, separators=(",", ":")) + "\n")
    base.change(story, "state: review", "state: draft")
    base.commit()
    assert "ledger-rewritten" in judged(base, "--require", "recorded")
    assert base.rules(exit=0) == []  # alone, nothing shows


@pytest.mark.parametrize("with_story", [False, True])
def test_ledger_that_is_removed_is_found(base, with_story):
    paths = [base.ledger_of("council-budget"), *([base.path_of("council-budget")] if with_story else [])]
    ledger = paths[0]
    base.git("rm", "--quiet", *paths)
    base.commit()
    removed = found(base, "ledger-removed")
    assert removed["path"] == ledger
    assert "git restore" in removed["hint"]


def test_ledger_that_is_moved_away_is_found(base):
    path = base.ledger_of("council-budget")
    base.git("mv", path, ".newsroom/ledger/elsewhere.jsonl")
    base.commit()
    assert {"ledger-removed", "ledger-stray"} <= set(judged(base))


def test_ledger_turned_into_a_link_is_found(base, tmp_path):
    ledger = base.root / base.ledger_of("council-budget")
    ledger.rename(tmp_path / "elsewhere")
    ledger.symlink_to(tmp_path / "elsewhere")
    base.commit()
    assert "not-a-file" in judged(base)


def test_story_turned_into_a_link_is_found(base):
    story = base.root / base.path_of("council-budget")
    story.unlink()
    story.symlink_to("/etc/passwd")
    base.commit()
    assert "not-a-file" in judged(base)


def test_published_story_that_is_removed_is_found_with_the_way_back(base):
    path = base.path_of("harbour-fire")
    base.git("rm", "--quiet", path)
    base.commit(who="Editor")
    removed = found(base, "story-removed")
    assert f"git restore --source=BASE {path}" in removed["hint"]


@pytest.mark.parametrize("name", ["notes/harbour-fire.md", "stories/harbour-fire.markdown", "stories/harbour-fire.txt"])
def test_published_story_moved_out_of_sight_is_found(base, name):
    (base.root / "notes").mkdir()
    base.git("mv", base.path_of("harbour-fire"), name)
    base.commit(who="Editor")
    assert "story-removed" in judged(base)


def test_story_never_public_may_go_and_its_ledger_stays(base):
    base.git("rm", "--quiet", base.path_of("council-budget"))
    base.commit()
    assert judged(base, exit=0) == []


def test_draft_never_submitted_may_go_with_its_ledger(base):
    base.git("switch", "--quiet", "main")
    base.at("draft", "flood", title="Flood")
    base.git("switch", "--quiet", "-C", "change")
    base.story("delete", "flood")
    assert judged(base, exit=0) == []


def test_path_keeps_its_id_and_a_story_is_not_washed_by_adopting_it_anew(base):
    path, ledger = base.path_of("council-budget"), base.ledger_of("council-budget")
    text = re.sub(r"^(id|state|draft|slug): .*\n", "", base.read(path), flags=re.MULTILINE)
    base.git("rm", "--quiet", path, ledger)
    base.commit()
    base.write(path, text.replace("Reporter <reporter@", "Stringer <stringer@"))
    base.story("submit", "council-budget", who="Stringer")
    base.story("approve", "council-budget", who="Reporter")
    assert {"ledger-removed", "id-changed"} <= set(judged(base))


def test_copy_that_shares_an_id_is_found(base):
    base.write("stories/copy.md", base.read(base.path_of("harbour-fire")).replace("slug: harbour-fire", "slug: copy"))
    base.commit()
    assert "duplicate-id" in judged(base)


def test_twin_of_a_slug_the_base_has_is_found(base, make_story):
    base.write("stories/Council-Budget.md", make_story())
    base.commit()
    assert "duplicate-slug" in judged(base)


# Who made the entry


def test_entry_forged_in_anothers_name_is_not_attributed(base):
    forge(base, "council-budget", by="Editor", commit_as="Reporter")
    assert judged(base) == ["entry-not-attributed"]
    one = found(base, "entry-not-attributed")
    assert (one["path"], one["line"]) == (base.ledger_of("council-budget"), 3)
    assert PEOPLE["Editor"] in one["message"]


def test_entry_of_ones_own_forged_well_is_as_good_as_made(base):
    """The other side of the test above: what fails there is the name, not the forger's handwriting."""
    forge(base, "council-budget", by="Editor", commit_as="Editor")
    assert judged(base, exit=0) == []


def test_story_begun_in_anothers_name_is_not_attributed(base):
    base.story("new", "Flood", "--slug", "flood", who="Editor")
    base.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit", who="Reporter")
    assert judged(base) == ["entry-not-attributed"]


def test_two_entries_in_one_commit_are_not_attributed(base):
    base.story("approve", "council-budget", who="Editor")
    base.story("publish", "council-budget", who="Editor")
    base.git("reset", "--quiet", "--soft", "main")
    base.git("commit", "--quiet", "-m", "both", who="Editor")
    assert judged(base) == ["entry-not-attributed"]


def test_entry_brought_by_a_merge_itself_is_not_attributed(base):
    base.story("approve", "council-budget", who="Editor")
    text, ledger = base.read(base.path_of("council-budget")), base.read(base.ledger_of("council-budget"))
    base.git("reset", "--quiet", "--hard", "main")
    base.write("x.txt", "x\n")
    base.commit()
    base.git("switch", "--quiet", "-c", "side", "main")
    base.write("y.txt", "y\n")
    base.commit()
    base.git("switch", "--quiet", "change")
    base.git("merge", "--quiet", "--no-commit", "--no-ff", "side")
    base.write(base.path_of("council-budget"), text)
    base.write(base.ledger_of("council-budget"), ledger)
    base.git("add", "--all")
    base.git("commit", "--quiet", "-m", "merge", who="Reporter")
    assert judged(base) == ["entry-not-attributed"]


def test_mailmap_of_the_change_makes_nobody_somebody_else(base):
    base.write(".mailmap", f"{PEOPLE['Editor']} <reporter@gazette.example>\n")
    base.commit("mailmap")
    forge(base, "council-budget", by="Editor", commit_as="Reporter")
    assert "entry-not-attributed" in judged(base)
    assert "judges-with-stories" in judged(base)


def test_mailmap_of_the_base_counts(base):
    base.git("switch", "--quiet", "main")
    base.write(".mailmap", f"{PEOPLE['Editor']} <private@home.example>\n")
    base.commit("mailmap", who="Chief")
    base.git("switch", "--quiet", "-C", "change")
    forge(base, "council-budget", by="Editor", commit_as="E. <private@home.example>")
    assert judged(base, exit=0) == []


@pytest.mark.parametrize("require", ["recorded", "attributed"])
def test_self_approval_is_found(base, require):
    forge(base, "council-budget", by="Reporter", commit_as="Reporter")
    assert judged(base, "--require", require) == ["four-eyes"]


def test_self_approval_under_another_case_of_the_address_is_found(base):
    forge(base, "council-budget", by="R <REPORTER@Gazette.Example>", commit_as="R <REPORTER@Gazette.Example>")
    assert judged(base) == ["four-eyes"]


def test_reporter_of_the_base_who_left_the_file_is_still_the_reporter(base):
    base.git("switch", "--quiet", "main")
    base.story("new", "Flood", "--slug", "flood", "--reporter", PEOPLE["Stringer"])
    base.fill("flood")
    base.story("submit", "flood")
    base.git("switch", "--quiet", "-C", "change")
    base.change(base.path_of("flood"), f"reporter: {PEOPLE['Stringer']}", f"reporter: {PEOPLE['Deputy']}")
    base.story("save", "flood", who="Stringer")
    forge(base, "flood", by="Stringer", commit_as="Stringer",
          content=content_after(base, "flood"), writers=[PEOPLE["Stringer"]])  # fmt: skip
    assert judged(base) == ["four-eyes"]


def test_reporter_named_only_in_between_is_still_a_reporter(base):
    path = base.path_of("council-budget")
    base.change(path, f"reporter: {PEOPLE['Reporter']}", f"reporter: [{PEOPLE['Reporter']}, {PEOPLE['Stringer']}]")
    base.story("save", "council-budget", who="Stringer")
    base.git("restore", "--source=main", path)
    base.story("save", "council-budget", who="Stringer")
    forge(base, "council-budget", by="Stringer", commit_as="Stringer")
    assert judged(base) == ["four-eyes"]


def content_after(desk: Desk, slug: str) -> str:
    """The hash of a story's content as `story` itself would sign it."""
    out = desk.story("approve", slug, "--dry-run", who="Editor").out
    return re.search(r'^\+.*"content":"(sha256:[0-9a-f]+)"', out, re.MULTILINE)[1]


def test_text_author_who_leaves_themselves_out_of_the_writers_is_found(base):
    settled(
        base,
        """
[[pipeline.moves]]
action = "publish"
from = ["edit"]
to = "publish"
by = ["editor"]
not_by = ["reporter", "text-authors"]
sets = ["editor", "date", "version", "lastmod"]
""",
    )
    base.story("approve", "council-budget", who="Editor")
    base.change(base.path_of("council-budget"), "Monday", "Tuesday")
    base.story("save", "council-budget", who="Chief")
    said = base.refused("publish", "council-budget", "--yes", who="Chief")
    assert "changed its words" in said
    out = base.story("publish", "council-budget", "--dry-run", "--yes", who="Editor").out
    content = re.search(r'^\+.*"action":"publish".*"content":"(sha256:[0-9a-f]+)"', out, re.MULTILINE)[1]
    forge(base, "council-budget", by="Chief", commit_as="Chief", action="publish", to="publish", content=content,
          set={"draft": None, "editor": [PEOPLE["Editor"], PEOPLE["Chief"]], **{k: v for k, v in published_by(base).items() if k != "draft"}})  # fmt: skip
    assert judged(base) != []


# Who may


def test_person_without_the_role_is_not_entitled(base):
    settled(base, ROSTER)
    forge(base, "council-budget", by="Chief", commit_as="Chief")
    assert judged(base) == ["not-entitled"]
    assert "Editor: Editor." in found(base, "not-entitled")["hint"]


def test_stranger_whom_the_branch_itself_adds_is_not_entitled_by_the_bases_roster(base):
    settled(base, ROSTER)
    base.write(
        "newsroom.toml",
        ROSTER.replace('"editor@gazette.example"', '"editor@gazette.example", "stringer@gazette.example"'),
    )
    base.commit("roster", who="Stringer")
    base.story("approve", "council-budget", who="Stringer")
    assert {"not-entitled", "judges-with-stories"} <= set(judged(base))


def test_roster_changed_on_its_own_is_only_said(base):
    settled(base, ROSTER)
    base.write("newsroom.toml", ROSTER.replace('roles = ["chief-editor"]', 'roles = ["chief-editor", "editor"]'))
    base.commit("roster", who="Chief")
    (one,) = base.findings("--base", "main", exit=0)
    assert (one["rule"], one["severity"]) == ("judges-changed", "info")


@pytest.mark.parametrize(
    "added",
    [
        '[rules]\ndescription-length = "off"\n',
        '[pipeline.states.review]\nrequires = ["section"]\n',
        '[[people]]\nname = "A"\nemails = ["a@gazette.example"]\n',
        '[trust]\nrequire = "recorded"\n',
    ],
    ids=["rules", "pipeline", "people", "trust"],
)
@pytest.mark.parametrize("where", ["newsroom.toml", "pyproject.toml"])
def test_judges_do_not_change_together_with_stories(base, added, where):
    if where == "pyproject.toml":
        added = re.sub(r"^(\[+)", r"\1tool.newsroom.", added, flags=re.MULTILINE)
    base.write(where, added)
    base.commit("judges", who="Chief")
    base.story("new", "Flood", "--slug", "flood")
    assert "judges-with-stories" in judged(base)


def test_other_settings_may_change_together_with_stories(base):
    base.write(
        "newsroom.toml", 'name = "Gazette"\nlanguage = "de"\n[sections]\nlocal = "Local"\n[limits]\ntitle = 100\n'
    )
    base.commit("settings", who="Chief")
    base.story("new", "Flood", "--slug", "flood")
    assert judged(base, exit=0) == []


def test_mailmap_does_not_change_together_with_stories(base):
    base.write(".mailmap", f"{PEOPLE['Editor']} <private@home.example>\n")
    base.commit("mailmap", who="Chief")
    base.story("new", "Flood", "--slug", "flood")
    assert judged(base) == ["judges-with-stories"]


def test_trust_of_the_branch_does_not_make_a_forgery_recorded(base):
    base.write("newsroom.toml", '[trust]\nrequire = "recorded"\n')
    base.commit("trust")
    forge(base, "council-budget", by="Editor", commit_as="Reporter")
    assert "entry-not-attributed" in judged(base)


def test_override_by_somebody_the_base_gives_no_right_to_is_found(base):
    settled(base, ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]'))
    forge(base, "council-budget", by="Reporter", commit_as="Reporter", override="In a hurry.")
    assert judged(base) == ["four-eyes"]


def test_override_without_a_roster_passes_with_a_warning(base):
    base.story("approve", "council-budget", "--override", "Nobody else is in.")
    (one,) = base.findings("--base", "main", exit=0)
    assert (one["rule"], one["severity"]) == ("override-unacknowledged", "warning")


@pytest.mark.parametrize(
    "over, rule",
    [
        ({"action": "publish", "to": "publish"}, "entry-without-row"),
        ({"action": "bless", "to": "edit"}, "entry-without-row"),
        ({"from": "edit"}, "entry-state"),
        ({"to": "publish"}, "entry-state"),
        ({"set": {"editor": [PEOPLE["Chief"]]}}, "entry-set"),
        ({"set": {"editor": [PEOPLE["Editor"]], "version": 1}}, "entry-set"),
        ({"set": {}}, "entry-set"),
        ({"role": "reporter"}, "sign-off-order"),
        ({"role": None}, "sign-off-order"),
        ({"at": "2025-11-24T09:00:00Z"}, "entry-time"),
        ({"at": "2025-11-24T11:00:00Z"}, "entry-time"),
        ({"action": "send-back", "to": "draft", "set": {}}, "note-missing"),
        ({"seq": 7}, "ledger-chain"),
        ({"prev": "sha256:" + "0" * 64}, "ledger-chain"),
        ({"v": 1, "story": "20251124-aaaaaaaa"}, "ledger-foreign"),
    ],
    ids=["jump", "no action", "from", "to", "set another", "set more", "set nothing", "role", "no role", "past", "future",
         "no note", "seq", "prev", "story"],
)  # fmt: skip
def test_entry_that_is_no_legal_move_is_found(base, over, rule):
    forge(base, "council-budget", by="Editor", commit_as="Editor", **over)
    assert rule in judged(base)


def test_new_ledger_that_begins_in_a_later_state_is_found(base):
    base.at("draft", "flood", title="Flood")
    path = base.ledger_of("flood")
    base.change(path, '"to":"draft"', '"to":"publish"')
    base.change(base.path_of("flood"), "state: draft", "state: publish")
    base.commit()
    assert "entry-state" in judged(base, "--require", "recorded")


def test_entry_that_signs_other_words_than_those_published_is_found(base):
    base.at("edit", "flood", title="Flood")
    forge(base, "flood", by="Editor", commit_as="Editor", action="publish", to="publish", content="sha256:" + "0" * 64,
          set=published_by(base))  # fmt: skip
    assert "published-words-changed" in judged(base)


# Conflicts


def test_two_moves_of_one_story_conflict_and_the_hint_says_how_to_go_on(base):
    base.story("approve", "council-budget", who="Editor")
    on_main(base, "approve", "council-budget", who="Chief")
    said = base.story("check", "--base", "main", "--format", "json", exit=1)
    rows = {one["path"]: one for one in said.json["findings"]}
    assert {one["rule"] for one in rows.values()} == {"merge-conflict"}
    assert "story redo SLUG" in rows[base.ledger_of("council-budget")]["hint"]
    assert re.search(r"checked 0 of \d+ stories: \d errors?", said.err)


def test_conflict_elsewhere_is_a_finding_too(base):
    base.write("README.md", "# One\n")
    base.commit()
    base.git("switch", "--quiet", "main")
    base.write("README.md", "# Other\n")
    base.commit()
    base.git("switch", "--quiet", "change")
    assert found(base, "merge-conflict")["path"] == "README.md"


def test_merge_driver_of_the_change_does_not_join_two_moves(base):
    base.write(".gitattributes", "* merge=union\n")
    base.commit()
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.write(".gitattributes", "* merge=union\n")
    base.commit()
    base.story("approve", "council-budget", who="Chief")
    base.git("switch", "--quiet", "change")
    assert set(judged(base)) & {"merge-conflict", "ledger-chain", "duplicate-key"}


# When it cannot be known


def test_shallow_clone_could_not_run_and_names_fetch_depth(base, tmp_path):
    base.story("approve", "council-budget", who="Editor")
    base.git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{base.root}", str(tmp_path / "clone"))
    clone = Desk(tmp_path / "clone", now=base.now)
    said = clone.story("check", "--base", "origin/main", exit=3).err
    assert "shallow" in said
    assert "fetch-depth: 0" in said


@pytest.mark.parametrize(
    "name", ["origin/main", "no-such-branch", "0" * 40, "-x", "--all", "main..change", "main:README.md"]
)
def test_missing_base_could_not_run_and_names_fetch_depth(base, name):
    said = base.refused("check", f"--base={name}", exit=3)
    assert "fetch-depth: 0" in said


def test_empty_base_is_not_taken_for_no_base(base):
    """`--base "$TARGET"` with an empty variable must not pass as a check of the whole newsroom."""
    base.refused("check", "--base=", exit=3)


def test_branch_and_tag_of_one_name_could_not_run(base):
    base.git("tag", "main", "HEAD~1")
    assert "refs/heads/main" in base.refused("check", "--base", "main", exit=3)
    assert base.rules("--base", "refs/heads/main", exit=0) == []


def test_unrelated_history_could_not_run(base):
    base.git("switch", "--quiet", "--orphan", "alone")
    base.write("x.txt", "x\n")
    base.commit()
    assert "no history in common" in base.refused("check", "--base", "main", exit=3)


def test_graft_file_could_not_run(base):
    (base.root / ".git/info").mkdir(exist_ok=True)
    (base.root / ".git/info/grafts").write_text(f"{base.head}\n", "utf-8")
    base.story("check", "--base", "main", exit=3)


def test_replaced_objects_do_not_lead_astray(base):
    good = base.head
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    bad = base.commit()
    base.git("replace", bad, good)
    assert judged(base) == ["published-words-changed"]


def test_repository_without_a_commit_could_not_run(newsroom):
    assert "no commit" in newsroom.refused("check", "--base", "main", exit=3)


@pytest.mark.parametrize("text", ["unknown = 1\n", "[[[\n", "[trust]\nrequire = 'much'\n"])
def test_configuration_of_the_base_that_cannot_be_read_could_not_run(base, text):
    settled(base, text)
    base.git("rm", "--quiet", "newsroom.toml")
    base.commit("mended")
    assert "newsroom.toml" in base.refused("check", "--base", "main", exit=3)


def test_change_that_breaks_the_configuration_does_not_pass(base):
    base.write("newsroom.toml", "unknown = 1\n")
    base.commit()
    assert base.story("check", "--base", "main", exit=None).exit in (1, 3)


def test_ledger_of_another_format_version_does_not_pass(base):
    path = base.ledger_of("council-budget")
    base.write(path, base.read(path) + '{"v":2,"seq":3}\n')
    base.commit()
    base.story("check", "--base", "main", exit=3)


def test_unreadable_story_is_a_finding(base):
    base.write(base.path_of("council-budget"), "---\ntitle: a: b\n---\n")
    base.commit()
    assert found(base, "yaml-syntax")["path"] == "stories/2025/11/council-budget.md"


def test_submodule_in_a_storys_place_is_found(base):
    base.git("update-index", "--add", "--cacheinfo", f"160000,{base.head},stories/module.md")
    base.git("commit", "--quiet", "-m", "module")
    assert "not-a-file" in judged(base)


# What it looks like


def test_annotations_of_a_change(base):
    path = base.path_of("council-budget")
    base.change(path, "state: review", "state: publish")
    base.commit()
    lines = base.story("check", "--base", "main", "--format", "github", exit=1).out.splitlines()
    number = base.read(path).splitlines().index("state: publish") + 1
    assert any(
        one.startswith(f"::error file={path},line={number},col=1,title=record-by-hand::state says") for one in lines
    )
    assert all(one.startswith(("::error file=", "::warning file=", "::notice file=")) for one in lines)


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_check_of_a_base_always_says_how_many_of_how_many(base, form):
    assert base.story("check", "--base", "main", "--format", form).err == "checked 0 of 2 stories: nothing found\n"
    base.story("approve", "council-budget", who="Editor")
    assert base.story("check", "--base", "main", "--format", form).err == "checked 1 of 2 stories: nothing found\n"


def test_check_of_a_base_works_as_a_process_of_its_own(base):
    base.story("approve", "council-budget", who="Editor")
    assert base.process("check", "--base", "main").err == "checked 1 of 2 stories: nothing found\n"
    base.change(base.path_of("council-budget"), "state: edit", "state: publish")
    base.commit()
    assert "error[record-by-hand]" in base.process("check", "--base", "main", exit=1).out


def hide(desk: Desk) -> None:
    """Put a story with a state written by hand on the branch that is to be merged."""
    desk.write("stories/2025/11/evil.md", story_text(title="Evil", state="publish"))
    desk.commit("evil")


def test_tag_that_is_named_like_the_base_does_not_hide_the_change(base):
    base.git("update-ref", "refs/remotes/origin/main", "main")
    hide(base)
    assert "record-by-hand" in base.story("check", "--base", "origin/main", exit=1).out
    base.git("tag", "origin/main", "HEAD")
    said = base.refused("check", "--base", "origin/main", exit=3)
    assert "--base refs/remotes/origin/main" in said
    assert "record-by-hand" in base.story("check", "--base", "refs/remotes/origin/main", exit=1).out


def test_merge_at_the_head_of_a_branch_is_not_taken_for_the_hosts(base):
    base.git("update-ref", "refs/remotes/origin/main", "main")
    base.git("branch", "side")
    hide(base)
    base.git("switch", "--quiet", "side")
    base.commit("nothing") if base.git("status", "--porcelain") else base.git("commit", "--allow-empty", "-qm", "x")
    base.git("switch", "--quiet", "change")
    base.git("merge", "--quiet", "--no-ff", "-m", "looks like the host's", "side")
    on_host = {"GITHUB_REF": "refs/pull/1/merge", "GITHUB_BASE_REF": "main"}
    assert "record-by-hand" in base.story("check", "--base", "origin/main", env=on_host, exit=1).out


@pytest.mark.parametrize("name", ["evil.markdown", "evil.MD"])
def test_story_with_another_ending_is_found(base, name):
    base.write(f"stories/2025/11/{name}", story_text(title="Evil", state="publish"))
    base.commit("evil")
    assert judged(base) == ["story-file-name"]
    assert "story-file-name" in base.rules()


def test_folder_of_stories_that_becomes_a_link_is_found(base):
    base.git("mv", "stories", "real")
    (base.root / "stories").symlink_to("real")
    base.commit("link")
    assert "not-a-file" in judged(base)


def test_record_key_in_a_file_that_was_not_taken_in_is_found(base):
    base.write("stories/2025/11/evil.md", story_text(title="Evil", draft="false", version="1"))
    base.commit("evil")
    assert set(judged(base)) - {"not-adopted"} == {"record-by-hand"}
    assert sorted(one["key"] for one in base.findings("--base", "main") if one["key"] in ("draft", "version"))


def test_id_that_is_written_with_escapes_is_found(base):
    path = base.path_of("council-budget")
    story_id = base.id_of("council-budget")
    base.change(path, f"id: {story_id}", f'id: "{story_id[:8]}\\x2d{story_id[9:]}"')
    base.commit("hide the id")
    assert "id-shape" in judged(base)


def test_findings_of_the_record_cannot_be_left_out_by_an_option(base):
    hide(base)
    said = base.story("check", "--base", "main", "--ignore", "record-by-hand", "--select", "title-length", exit=1)
    assert "record-by-hand" in said.out


def test_log_goes_through_merges(base):
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.story("new", "Flood", "--slug", "flood")
    base.git("merge", "--quiet", "--no-ff", "-m", "merge", "change")
    assert [one["strength"] for one in base.story("log", "council-budget", "--json").json] == ["attributed"] * 3


def test_words_saved_beside_an_entry_are_not_of_its_writers(base):
    base.git("switch", "--quiet", "-c", "ana", "main")
    base.change(base.path_of("council-budget"), "Two libraries", "Three libraries")
    base.story("save", "council-budget", who="Stringer")
    base.git("switch", "--quiet", "change")
    base.story("approve", "council-budget", who="Editor")
    base.git("merge", "--quiet", "--no-ff", "-m", "merge", "ana")
    assert judged(base, exit=0) == []


def test_writer_before_a_folder_was_moved_is_still_named_and_the_mover_is_none(base):
    base.change(base.path_of("council-budget"), "Two libraries", "Three libraries")
    base.story("save", "council-budget", who="Stringer")
    (base.root / "stories/2025/12").mkdir()
    base.git("mv", base.path_of("council-budget"), "stories/2025/12/council-budget.md")
    base.git("commit", "--quiet", "-m", "december", who="Chief")
    base.story("approve", "council-budget", who="Editor")
    assert base.entries("council-budget")[-1]["writers"] == [PEOPLE["Stringer"]]
    assert judged(base, exit=0) == []


def test_draft_deleted_and_begun_again_under_its_name_is_no_change_of_id(base):
    base.git("switch", "--quiet", "main")
    base.story("new", "Flood", "--slug", "flood")
    base.git("switch", "--quiet", "-c", "again")
    base.story("delete", "flood")
    base.story("new", "Flood", "--slug", "flood")
    assert judged(base, exit=0) == []


def test_reverted_move_may_be_brought_back_by_somebody_else(base):
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.git("merge", "--quiet", "--ff-only", "change")
    approved = base.head
    base.git("revert", "--no-edit", "HEAD", who="Stringer")
    base.git("switch", "--quiet", "-c", "back")
    base.git("restore", f"--source={approved}", ".")
    base.commit("bring it back", who="Chief")
    assert judged(base, exit=0) == []
