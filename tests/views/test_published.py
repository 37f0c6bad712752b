"""`story verify-published`: what readers have is, words and pictures, what was signed for them."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest
from conftest import BODY, PICTURE, Desk


@pytest.fixture
def out(made) -> Desk:
    """A newsroom with two published stories, one of them with a picture, and one in review."""

    def make(desk: Desk) -> None:
        desk.write("stories/2025/11/hall.png", PICTURE)
        desk.at("publish", "hall", title="The hall", body=f"{BODY}\n![Hall](hall.png)\n")
        desk.at("publish", "harbour-fire", title="Fire in the harbour")
        desk.at("review", "council-budget")

    return made("published", make)


def rows(desk: Desk, *args: str, exit: int = 0) -> dict[str, dict[str, Any]]:
    return {one["slug"]: one for one in desk.story("verify-published", "--json", *args, exit=exit).json}


def wrong(desk: Desk, *args: str) -> dict[str, list[str]]:
    """What is not as signed, by slug."""
    found = {slug: [one["rule"] for one in row["findings"]] for slug, row in rows(desk, *args, exit=1).items()}
    return {slug: rules for slug, rules in found.items() if rules}


def test_every_public_story_is_a_line_with_who_signed_it(out):
    said = out.story("verify-published")
    assert [line.split() for line in said.out.splitlines()] == [
        ["SLUG", "V", "SIGNED", "BY", "STRENGTH", "DIFFERS"],
        ["hall", "1", "2025-11-24", "Editor", "attributed", "ok"],
        ["harbour-fire", "1", "2025-11-24", "Editor", "attributed", "ok"],
    ]
    assert said.err == "verified 2 published stories: as signed\n"


def test_row_has_the_entry_that_signed_it_and_its_commit(out):
    row = rows(out)["hall"]
    signed = out.story("log", "hall", "--json").json[-1]
    assert {key: row[key] for key in ("by", "at", "commit", "strength")} == {
        key: signed[key] for key in ("by", "at", "commit", "strength")
    }
    assert (row["version"], row["ok"], row["findings"], row["path"]) == (1, True, [], out.path_of("hall"))


def test_nothing_published_is_success(gazette):
    gazette.at("review")
    assert gazette.story("verify-published").err == "verified 0 published stories: as signed\n"


def test_a_killed_story_is_no_published_one_unless_its_file_hides_that(out):
    out.story("kill", "hall", "--note", "court", "--notice", "Withdrawn.", who="Editor")
    said = out.story("verify-published")
    assert (said.err, "hall" in said.out) == ("verified 1 published story: as signed\n", False)
    assert list(rows(out, "HEAD")) == ["harbour-fire"]
    out.change(out.path_of("hall"), "pubstatus: canceled\n", "")
    assert wrong(out) == {"hall": ["record-by-hand"]}


def test_words_that_are_not_those_signed_are_found(out):
    out.change(out.path_of("harbour-fire"), "Monday", "Tuesday")
    assert wrong(out) == {"harbour-fire": ["published-words-changed"]}
    said = out.story("verify-published", exit=1)
    assert said.out.splitlines()[2].endswith("attributed  words")
    assert said.err == "verified 2 published stories: 1 not as signed; story check says more\n"


def test_reformatting_is_as_signed(out):
    path = out.path_of("harbour-fire")
    out.write(path, out.read(path).replace("\n", "\r\n"))
    assert all(row["ok"] for row in rows(out).values())


@pytest.mark.parametrize("content", [PICTURE + b"other", None])
def test_picture_that_is_another_or_gone_is_found(out, content):
    path = out.root / "stories/2025/11/hall.png"
    path.unlink() if content is None else path.write_bytes(content)
    assert wrong(out) == {"hall": ["published-picture-changed"]}
    out.commit("committed, too")
    assert wrong(out) == {"hall": ["published-picture-changed"]}


def test_state_that_says_publish_without_an_entry_is_found(out, make_story):
    out.change(out.path_of("council-budget"), "state: review", "state: publish")
    out.write("stories/by-hand.md", make_story(state="publish", slug="by-hand"))
    assert wrong(out) == {"council-budget": ["record-by-hand"], "by-hand": ["record-by-hand"]}


def test_state_that_says_draft_of_a_public_ledger_is_found(out):
    out.change(out.path_of("harbour-fire"), "state: publish", "state: draft")
    assert wrong(out) == {"harbour-fire": ["record-by-hand"]}


def test_missing_ledger_is_found(out):
    (out.root / out.ledger_of("harbour-fire")).unlink()
    assert wrong(out) == {"harbour-fire": ["ledger-missing"]}
    assert "no ledger" in out.story("verify-published", exit=1).out


def test_broken_chain_is_found(out):
    ledger = out.ledger_of("harbour-fire")
    out.write(ledger, "".join(out.read(ledger).splitlines(keepends=True)[1:]))
    assert wrong(out) == {"harbour-fire": ["ledger-chain"]}
    assert "broken ledger" in out.story("verify-published", exit=1).out


def test_file_that_is_gone_or_cannot_be_read_is_found(out):
    (out.root / out.path_of("hall")).unlink()
    path = out.path_of("harbour-fire")
    out.write(path, out.read(path).replace("title: Fire", "title: Fire: in"))
    story = out.path_of("council-budget")
    out.write(story, out.read(story).replace("title: Council", "title: Council: in"))
    assert sorted(rule for rules in wrong(out).values() for rule in rules) == ["story-removed", "yaml-syntax"]


def test_copy_that_claims_the_same_id_is_found(out):
    text = out.read(out.path_of("harbour-fire"))
    out.write("stories/copy.md", text.replace("slug: harbour-fire", "slug: copy"))
    assert wrong(out)["copy"] == ["published-words-changed", "duplicate-id"]


def test_publication_signed_by_the_reporter_is_found(out):
    ledger = out.ledger_of("harbour-fire")
    *above, last = out.read(ledger).splitlines(keepends=True)
    out.write(ledger, "".join(above) + last.replace('"by":"Editor <editor@', '"by":"Reporter <reporter@'))
    assert wrong(out) == {"harbour-fire": ["four-eyes", "entry-set"]}


def test_revision_may_be_named_and_the_working_tree_does_not_count_then(out):
    out.change(out.path_of("harbour-fire"), "Monday", "Tuesday")
    assert all(row["ok"] for row in rows(out, "HEAD").values())
    out.commit("typo")
    assert wrong(out, "HEAD") == {"harbour-fire": ["published-words-changed"]}
    assert all(row["ok"] for row in rows(out, "HEAD~1").values())


def test_bare_repository_is_verified_too(out, tmp_path):
    out.git("clone", "--quiet", "--bare", str(out.root), str(tmp_path / "bare.git"))
    assert [row["ok"] for row in rows(Desk(tmp_path / "bare.git", now=out.now)).values()] == [True, True]
    out.change(out.path_of("harbour-fire"), "Monday", "Tuesday")
    out.commit("typo")
    out.git("push", "--quiet", str(tmp_path / "bare.git"), "main")
    assert wrong(Desk(tmp_path / "bare.git", now=out.now)) == {"harbour-fire": ["published-words-changed"]}


def test_squashed_publication_is_recorded_and_as_signed(out):
    tree = out.git("rev-parse", "HEAD^{tree}")
    out.git("reset", "--quiet", "--hard", out.git("commit-tree", tree, "-m", "all in one"))
    assert {row["strength"] for row in rows(out).values()} == {"recorded"}


def test_publication_that_is_not_committed_is_said_to_be(out):
    story, ledger = out.path_of("harbour-fire"), out.ledger_of("harbour-fire")
    texts = out.read(story), out.read(ledger)
    out.git("reset", "--quiet", "--hard", out.git("log", "--format=%H", "-1", "--skip=1", "--", ledger))
    out.write(story, texts[0])
    out.write(ledger, texts[1])
    assert "not committed" in out.story("verify-published").out
    assert rows(out)["harbour-fire"]["strength"] is None


def test_many_stories_are_verified_on_every_core(out, monkeypatch):
    from newsroom_cli.check import parallel

    monkeypatch.setattr(parallel, "_PARALLEL_FROM", 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    out.change(out.path_of("harbour-fire"), "Monday", "Tuesday")
    assert wrong(out) == {"harbour-fire": ["published-words-changed"]}


def test_shallow_clone_and_missing_history_are_not_verified(out, tmp_path):
    out.git("clone", "--quiet", "--depth", "1", f"file://{out.root}", str(tmp_path / "shallow"))
    assert "shallow" in Desk(tmp_path / "shallow", now=out.now).refused("verify-published", exit=3)
    shutil.rmtree(out.root / ".git/objects/pack", ignore_errors=True)
    blob = out.git("rev-parse", f"HEAD:{out.ledger_of('hall')}")
    (out.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert "not in this repository" in out.story("verify-published", exit=3).err


def test_revision_that_is_none_is_not_verified(out):
    assert "There is no revision nowhere here." in out.refused("verify-published", "nowhere", exit=3)
