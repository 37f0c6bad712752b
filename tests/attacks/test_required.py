"""A role that a story was made to ask for does not go away unseen, and nobody publishes without it."""

from __future__ import annotations

import pytest
from conftest import PEOPLE, Desk, roster

from attacks.forging import forge

ROSTER = roster(Reporter="reporter", Editor="editor", Chief="legal", Deputy="editor")
SLUG = "council-budget"


def _base(desk: Desk) -> None:
    desk.write("newsroom.toml", ROSTER)
    desk.commit("people")
    desk.at("edit")
    desk.story("require", SLUG, "legal", who="Editor")
    desk.git("switch", "--quiet", "-c", "change")


@pytest.fixture
def base(made) -> Desk:
    """`main` with a story in edit that asks for a lawyer; the working tree is on the branch `change`."""
    return made("asks", _base)


def judged(desk: Desk, exit: int = 1) -> list[str]:
    return desk.rules("--base", "main", exit=exit)


def public(desk: Desk, who: str) -> dict[str, object]:
    """What a completed publish would set, at the time of the entry to come."""
    at = desk.now.replace(second=desk.now.second + 1).strftime("%Y-%m-%dT%H:%M:%SZ")
    named = [PEOPLE["Editor"], *([PEOPLE[who]] if who != "Editor" else [])]
    return {
        "draft": None,
        "editor": named,
        "date": at,
        "version": 1,
        "lastmod": at,
        "address": f"/local/2025/11/{SLUG}/",
    }


def forged(desk: Desk, by: str, action: str, **over: object) -> None:
    role = {"Chief": "legal", "Reporter": "reporter"}.get(by, "editor")
    forge(desk, SLUG, by=by, commit_as=by, **{"action": action, "to": "edit", "role": role, **over})


def test_the_honest_way_passes(base):
    base.story("publish", SLUG, who="Editor")
    base.story("publish", SLUG, who="Chief")
    assert judged(base, exit=0) == []


def test_the_line_that_asks_is_taken_out_of_the_ledger(base):
    ledger = base.ledger_of(SLUG)
    base.write(ledger, "".join(base.read(ledger).splitlines(keepends=True)[:-1]))
    base.commit("tidy", who="Editor")
    base.story("publish", SLUG, who="Editor")
    assert judged(base) == ["ledger-rewritten"]


def test_published_without_the_role(base):
    forged(base, "Editor", "publish", to="publish", set=public(base, "Editor"))
    assert judged(base) == ["entry-state"]


def test_the_roles_place_is_filled_by_another_editor(base):
    base.story("publish", SLUG, who="Editor")
    forged(base, "Deputy", "publish", to="publish", set=public(base, "Deputy"))
    assert judged(base) == ["sign-off-order"]


def test_the_roles_place_is_filled_by_one_who_has_it_not(base):
    base.story("publish", SLUG, who="Editor")
    forged(base, "Deputy", "publish", role="legal", to="publish", set=public(base, "Deputy"))
    assert judged(base) == ["not-entitled"]


@pytest.mark.parametrize("by, role, rules", [
    ("Stringer", "editor", ["not-entitled"]),
    ("Chief", "legal", ["sign-off-order"]),
    ("Reporter", "editor", ["four-eyes", "not-entitled"]),
])  # fmt: skip
def test_taken_back_by_one_who_may_not(base, by, role, rules):
    forged(base, by, "require", role=role, set={"require": None})
    assert judged(base) == rules


def test_a_stranger_asks_for_a_role(base):
    base.git("switch", "--quiet", "-C", "change", "main~1")
    base.git("branch", "--force", "main", "change")
    forged(base, "Stringer", "require", set={"require": ["legal"]})
    assert judged(base) == ["not-entitled"]


@pytest.mark.parametrize("action", ["ack", "publish"])
def test_taken_back_under_another_verb(base, action):
    forged(base, "Editor", action, set={"require": None})
    assert "entry-set" in judged(base)


def test_another_role_is_put_in_its_place(base):
    forged(base, "Editor", "require", set={"require": ["editor"]})
    assert judged(base) == ["entry-set"]


def test_a_role_nobody_has_is_asked_for(base):
    forged(base, "Editor", "require", set={"require": ["legal", "nobody"]})
    assert judged(base) == ["entry-set"]


def test_signed_by_the_role_then_changed(base):
    """The lawyer passed other words than those that go out."""
    base.story("publish", SLUG, who="Editor")
    signed = base.entries(SLUG)[-1]["content"]
    base.change(base.path_of(SLUG), "on Monday", "on Tuesday")
    base.story("save", SLUG, who="Editor")
    forged(base, "Chief", "publish", to="publish", set=public(base, "Chief"), content=signed)
    assert "published-words-changed" in judged(base)
