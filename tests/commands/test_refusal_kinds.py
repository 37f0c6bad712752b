"""The three refusals, each on its screen: no such state or action, no such move from here, not your right."""

from __future__ import annotations

import pytest
from conftest import PEOPLE, Desk, roster
from test_golden import pinned, screen

MOVES = (("submit",), ("withdraw",), ("approve",), ("send-back", "-m", "No."), ("publish",), ("ack",))
ROSTER = f"""\
{roster(Reporter="reporter editor", Editor="editor", Deputy="editor")}\
sections = ["sport"]
"""
WHO = {"": ("Reporter",), ROSTER: ("Reporter", "Deputy", "Stringer")}
NO_SUCH, NOT_YOURS = "There is no ", (" is not ", "nobody can ")


def _desk(desk: Desk, toml: str) -> None:
    desk.write("newsroom.toml", toml)
    desk.commit("configure", who="Chief")
    for state in ("draft", "review", "edit", "publish"):
        desk.at(state, f"in-{state}", title=f"In {state}")


@pytest.fixture(params=["", ROSTER], ids=["no roster", "roster"])
def desk(request, made) -> tuple[Desk, str]:
    return made(f"kinds {request.param}", lambda one: _desk(one, request.param)), request.param


def told(desk: Desk, who: str, state: str, *move: str):
    return desk.story(move[0], f"in-{state}", *move[1:], "--dry-run", who=who, exit=None)


def test_screen_of_every_verb_in_every_state_is_what_it_was(desk, request):
    newsroom, toml = desk
    before, text = newsroom.everything(), ""
    for who in WHO[toml]:
        for state in ("draft", "review", "edit", "publish"):
            for move in MOVES:
                said = told(newsroom, who, state, *move)
                text += f"{who}$ story {move[0]} in-{state}\n"
                text += screen(said) if said.exit else "[exit 0]\n"
    assert newsroom.everything() == before
    pinned(request, f"screen-refusals{'-roster' if toml else ''}.txt", text)


def test_no_such_move_and_not_your_right_are_told_apart_by_every_verb(desk):
    newsroom, toml = desk
    kinds = set()
    for who in WHO[toml]:
        for state in ("draft", "review", "edit", "publish"):
            for move in MOVES:
                said = told(newsroom, who, state, *move)
                if said.exit == 0:
                    continue
                is_no_move = NO_SUCH in said.err
                is_not_theirs = any(words in said.err for words in NOT_YOURS)
                assert (said.exit, is_no_move + is_not_theirs) == (1, 1), said.err
                hint = said.err.partition("Hint: ")[2]
                assert hint.startswith(
                    ("From ", "Nothing leads on") if is_no_move else ("Ask ", "Editor: ", "Reporter")
                )
                kinds.add(is_no_move)
    assert kinds == {True, False}


@pytest.mark.parametrize(
    "args, words",
    [
        (("aprove", "x"), "Did you mean 'approve'"),
        (("people", "ad"), "Did you mean 'add'?"),
        (("list", "--state", "reviw"), "There is no state reviw."),
        (("check", "--for", "reviw"), "There is no state reviw."),
        (("schema", "--for", "reviw"), "There is no state reviw."),
    ],
)
def test_unknown_state_or_action_is_wrong_usage(newsroom, args, words):
    assert words in newsroom.story(*args, exit=2).err


def test_action_the_newsroom_does_not_have_is_wrong_usage_with_those_it_has(newsroom):
    moves = "".join(
        f'[[pipeline.moves]]\naction = "{action}"\nfrom = ["{start}"]\nto = "{to}"\nby = ["editor"]\n'
        for action, start, to in (
            ("submit", "draft", "review"),
            ("approve", "review", "edit"),
            ("publish", "edit", "publish"),
        )
    )
    newsroom.write("newsroom.toml", moves)
    newsroom.commit()
    newsroom.at("review")
    said = newsroom.refused("withdraw", "council-budget", exit=2)
    assert "There is no action withdraw." in said
    assert "submit, approve, publish" in said


def refused(newsroom: Desk, who: str, *args: str) -> str:
    return newsroom.refused(*args, who=who).partition("Hint: ")[2]


def test_who_is_barred_is_not_among_those_to_ask(newsroom):
    newsroom.write("newsroom.toml", ROSTER)
    newsroom.commit("configure", who="Chief")
    newsroom.at("review")
    assert refused(newsroom, "Reporter", "approve", "council-budget") == "Ask another person: Editor.\n"


def test_nobody_else_to_ask_is_said_with_the_way_on(newsroom):
    newsroom.write("newsroom.toml", ROSTER.partition('[[people]]\nname = "Editor"')[0])
    newsroom.commit("configure", who="Chief")
    newsroom.at("review")
    said = refused(newsroom, "Reporter", "approve", "council-budget")
    assert said == "Ask another person (nobody else on the roster may: story people add).\n"
    newsroom.write("newsroom.toml", ROSTER.partition('[[people]]\nname = "Editor"')[0].replace(', "editor"', ""))
    newsroom.commit("no editor", who="Chief")
    said = refused(newsroom, "Reporter", "approve", "council-budget")
    assert said == "Editor: nobody on the roster (story people add).\n"


def test_name_of_the_roster_cannot_write_to_the_terminal(newsroom):
    newsroom.write("newsroom.toml", ROSTER.replace('"Editor"', '"Ed\\u001b[31mitor\\u202e"'))
    newsroom.commit("configure", who="Chief")
    newsroom.at("review")
    for said in (
        newsroom.refused("approve", "council-budget", who="Stringer"),
        newsroom.story("people").out,
        newsroom.story("whoami", who="Editor").all,
    ):
        assert "\\x1b" in said
        assert "\x1b" not in said
        assert "\u202e" not in said


def test_stranger_is_told_that_they_are_not_on_the_roster(newsroom):
    newsroom.write("newsroom.toml", ROSTER)
    newsroom.commit("configure", who="Chief")
    newsroom.at("review")
    assert f"{PEOPLE['Stringer']} is not on the roster." in newsroom.refused(
        "approve", "council-budget", who="Stringer"
    )
