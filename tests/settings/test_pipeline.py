"""The pipeline as a table: the default, what a newsroom may replace, what is refused, what a move sets."""

from __future__ import annotations

import tomllib

import pytest

from newsroom_cli.errors import CannotRun
from newsroom_cli.model import Metadata
from newsroom_cli.record.record_effects import Completion, effects
from newsroom_cli.settings.pipeline import default
from newsroom_cli.settings.settings import build


def parsed(toml: str):
    return build({"pipeline": tomllib.loads(toml)}, path="newsroom.toml").pipeline


# The default


def test_a_story_goes_from_draft_over_review_and_edit_to_publish():
    pipeline = default()
    assert pipeline.names == ("draft", "review", "edit", "publish")
    assert pipeline.initial == "draft"
    assert [name for name in pipeline.names if pipeline.is_public(name)] == ["publish"]
    assert not pipeline.is_public(None)
    assert not pipeline.is_public("spiked")


@pytest.mark.parametrize(
    "action, start, end, by, not_by, note",
    [
        ("submit", "draft", "review", ("reporter|editor",), (), "optional"),
        ("withdraw", "review", "draft", ("reporter",), (), "optional"),
        ("approve", "review", "edit", ("editor",), ("reporter",), "optional"),
        ("send-back", "review", "draft", ("editor",), (), "required"),
        ("send-back", "edit", "draft", ("editor",), (), "required"),
        ("publish", "edit", "publish", ("editor",), ("reporter",), "optional"),
    ],
)
def test_the_default_moves_are_the_designs(action, start, end, by, not_by, note):
    move = default().move(action, start)
    assert (move.end(start), move.by, move.not_by, move.note) == (end, by, not_by, note)
    assert move in default().moves_from(start)


@pytest.mark.parametrize(
    "state, actions",
    [
        ("draft", ["submit"]),
        ("review", ["withdraw", "approve", "send-back"]),
        ("edit", ["send-back", "publish"]),
        ("publish", ["unpublish"]),
    ],
)
def test_no_other_move_leaves_a_state(state, actions):
    assert [move.action for move in default().moves_from(state)] == actions
    for action in default().actions:
        move = default().move(action, state)
        assert (move is not None and move.to is not None and not move.needs) == (action in actions)


@pytest.mark.parametrize("action", ["new", "adopt"])
def test_a_story_begins_in_the_initial_state_once(action):
    assert default().move(action, None).begins
    assert [state for state in default().names if default().move(action, state)] == []
    assert default().move("submit", None) is None


@pytest.mark.parametrize("state", ["draft", "review", "edit", "publish"])
def test_an_override_is_acknowledged_in_any_state_and_moves_nothing(state):
    assert default().move("ack", state).end(state) == state


@pytest.mark.parametrize(
    "state, added",
    [
        ("draft", ["id", "title", "slug", "state", "reporter", "lang"]),
        ("review", ["section", "description", "source"]),
        ("edit", ["editor"]),
        ("publish", ["date", "lastmod", "version"]),
    ],
)
def test_a_state_requires_its_own_keys_and_those_of_the_states_before_it(state, added):
    names = default().names
    required = default().required_keys(state)
    assert [key for key, since in required.items() if since == state] == added
    assert set(required.values()) == set(names[: names.index(state) + 1])
    assert set(required) <= set(Metadata.model_fields)


def test_one_place_may_be_open_to_either_of_two_roles():
    assert default().move("submit", "draft").places[0] == ("reporter", "editor")
    assert parsed("[[moves]]\naction='approve'\nfrom=['review']\nto='edit'\nby=['a | b', 'c']").move(
        "approve", "review"
    ).places[0] == ("a", "b")


# A newsroom's own rows


def test_an_empty_table_is_the_default():
    assert parsed("") == parsed("moves = []\n[states]") == default()


def test_a_state_given_without_an_initial_one_replaces_that_states_requirements_only():
    pipeline = parsed("[states.review]\nrequires = ['title', 'dateline']")
    assert pipeline.names == default().names
    assert pipeline.required_keys("review")["dateline"] == "review"
    assert "description" not in pipeline.required_keys("publish")
    assert pipeline.moves == default().moves
    assert pipeline.initial == "draft"


def test_giving_one_key_of_a_state_keeps_its_others():
    pipeline = parsed("[states.publish]\nrequires = ['date']")
    assert pipeline.is_public("publish")


def test_states_with_an_initial_one_among_them_are_the_whole_set():
    pipeline = parsed(
        """
        [states.desk]
        initial = true
        [states.live]
        public = true
        [[moves]]
        action = "publish"
        from = ["desk"]
        to = "live"
        by = ["editor"]
        """
    )
    assert pipeline.names == ("desk", "live")
    assert pipeline.initial == "desk"
    assert [move.action for move in pipeline.moves_from("desk")] == ["publish"]
    assert pipeline.move("new", None)
    assert pipeline.move("ack", "live")


def test_a_move_replaces_the_default_moves_of_its_action():
    pipeline = parsed('[[moves]]\naction="send-back"\nfrom=["edit"]\nto="draft"\nby=["editor"]')
    assert pipeline.move("send-back", "review") is None
    assert pipeline.move("send-back", "edit").note == "optional"
    assert pipeline.move("approve", "review") == default().move("approve", "review")


def test_moves_that_lead_out_of_the_initial_state_are_the_whole_set():
    pipeline = parsed(
        """
        [[moves]]
        action = "submit"
        from = ["draft"]
        to = "review"
        by = ["reporter"]
        [[moves]]
        action = "approve"
        from = ["review"]
        to = "edit"
        by = ["editor"]
        [[moves]]
        action = "publish"
        from = ["edit"]
        to = "publish"
        by = ["editor"]
        """
    )
    assert {move.action for move in pipeline.moves if move.to} == {
        *("submit", "approve", "publish"),
        *("release", "unpublish"),
    }
    assert {"new", "adopt", "ack", "require", "hold", "kill"} < {move.action for move in pipeline.moves if not move.to}


def test_a_fifth_state_and_the_moves_to_it_can_be_added():
    pipeline = parsed(
        """
        [states.legal]
        requires = ["source"]
        [[moves]]
        action = "approve"
        from = ["review"]
        to = "legal"
        by = ["editor"]
        [[moves]]
        action = "clear"
        from = ["legal"]
        to = "edit"
        by = ["lawyer"]
        """
    )
    assert "legal" in pipeline.names
    assert pipeline.move("clear", "legal").end("legal") == "edit"
    assert "clear" in pipeline.actions


@pytest.mark.parametrize(
    "toml, told",
    [
        ("[states.draft]\ninitial = false", "exactly one state with `initial = true`"),
        ("[states.a]\ninitial=true\n[states.b]\ninitial=true\npublic=true", "exactly one state with `initial = true`"),
        ("[states.publish]\npublic = false", "`public = true`"),
        ("[states.review]\nrequire = ['title']", "require"),
        ("[states.review]\nrequires = 'title'", "requires"),
        ("[states.review]\nrequires = ['']", "requires"),
        ("[states.review]\nrequires = [3]", "requires"),
        ("[states]\nreview = 3", "pipeline.states.review: "),
        ("states = 3", ""),
        ("states = []", ""),
        ("moves = 3", ""),
        ("moves = [3]", ""),
        ("moves = {action = 'x'}", ""),
        ("move = []", "move"),
        ("[states.orphan]", "no move leads to orphan"),
        (
            "[states.trap]\n[[moves]]\naction='trap'\nfrom=['edit']\nto='trap'\nby=['editor']",
            "no move leads on from trap",
        ),
        ("[[moves]]\naction='publish'\nfrom=['edit']\nto='nowhere'\nby=['editor']", "no state nowhere"),
        ("[[moves]]\naction='publish'\nfrom=['nowhere']\nto='publish'\nby=['editor']", "no state nowhere"),
        ("[[moves]]\naction='publish'\nfrom=['edit']\nto='publish'", "names nobody"),
        ("[[moves]]\naction='publish'\nfrom=['edit']\nto='publish'\nby=['']", "names nobody"),
        ("[[moves]]\naction='publish'\nto='publish'\nby=['editor']", "from"),
        ("[[moves]]\nfrom=['edit']\nto='publish'\nby=['editor']", "action"),
        ("[[moves]]\naction='x'\nfrom=['edit']\nto='draft'\nby=['editor']\nnot_by=['friends']", "friends"),
        ("[[moves]]\naction='x'\nfrom=['edit']\nto='draft'\nby=['editor']\nsets=['title']", "title"),
        ("[[moves]]\naction='x'\nfrom=['edit']\nto='draft'\nby=['editor']\nnote='maybe'", "note"),
        ("[[moves]]\naction='x'\nfrom=['edit']\nto='draft'\nby=['editor']\nwho='me'", "who"),
        (
            "[[moves]]\naction='x'\nfrom=['edit']\nto='draft'\nby=['e']\n[[moves]]\naction='x'\nfrom=['edit']\nto='review'\nby=['e']",
            "two moves from edit",
        ),
        (
            "[[moves]]\naction='x'\nfrom=['*']\nto='draft'\nby=['e']\n[[moves]]\naction='x'\nfrom=['edit']\nto='review'\nby=['e']",
            "two moves from edit",
        ),
        ("[[moves]]\naction='x'\nfrom=['edit', 'edit']\nto='draft'\nby=['e']", "two moves from edit"),
        ("[states.a]\ninitial=true\n[states.b]\npublic=true", "there is no state"),
    ],
)
def test_a_pipeline_no_story_could_go_through_is_refused_with_the_place(toml, told):
    with pytest.raises(CannotRun) as caught:
        parsed(toml)
    assert told in str(caught.value)


# What a completed move sets

AT, EARLIER = "2026-11-23T10:00:00Z", "2026-11-01T08:00:00Z"
EDITOR, CHIEF = "Editor <editor@gazette.example>", "Chief <chief@gazette.example>"
PUBLIC = {"state": "publish", "editor": [EDITOR], "date": EARLIER, "version": 1, "lastmod": EARLIER}


@pytest.mark.parametrize(
    "action, record, signers, written",
    [
        ("new", {}, [], {"draft": True}),
        ("adopt", {}, [], {"draft": True}),
        ("submit", {"state": "draft", "draft": True}, [EDITOR], {}),
        ("withdraw", {"state": "review", "draft": True}, [EDITOR], {}),
        ("withdraw", {"state": "review", "draft": True, "editor": [EDITOR]}, [CHIEF], {"editor": None}),
        ("approve", {"state": "review", "draft": True}, [EDITOR], {"editor": [EDITOR]}),
        ("approve", {"state": "review", "editor": [EDITOR]}, [CHIEF], {"editor": [EDITOR, CHIEF]}),
        ("approve", {"state": "review", "editor": [EDITOR]}, [EDITOR], {}),
        ("approve", {"state": "review"}, [EDITOR, CHIEF, EDITOR], {"editor": [EDITOR, CHIEF]}),
        ("send-back", {"state": "edit", "draft": True, "editor": [EDITOR]}, [CHIEF], {"editor": None}),
        ("send-back", {"state": "review", "draft": True}, [CHIEF], {}),
        (
            "publish",
            {"state": "edit", "draft": True, "editor": [EDITOR]},
            [CHIEF],
            {"draft": None, "editor": [EDITOR, CHIEF], "date": AT, "lastmod": AT, "version": 1},
        ),
        (
            "publish",
            {"state": "edit", "editor": [EDITOR], "date": EARLIER, "version": 4, "lastmod": EARLIER},
            [EDITOR],
            {"lastmod": AT, "version": 5},
        ),
        ("ack", PUBLIC, [CHIEF], {}),
        ("ack", {"state": "draft", "draft": True, "editor": [EDITOR]}, [CHIEF], {}),
    ],
)
def test_a_move_sets_what_the_folding_table_says(action, record, signers, written):
    pipeline = default()
    move = pipeline.move(action, record.get("state"))
    before = dict(record)
    got = effects(pipeline, move, Completion(record, signers, AT))
    assert got == written
    assert list(got) == list(written), "in the order of the record keys, since the ledger writes it so"
    assert record == before


def test_entering_any_public_state_ends_the_draft_though_its_row_says_nothing():
    pipeline = parsed(
        "[states.early]\npublic = true\n[[moves]]\naction='flash'\nfrom=['review']\nto='early'\nby=['editor']"
    )
    move = pipeline.move("flash", "review")
    assert effects(pipeline, move, Completion({"state": "review", "draft": True}, [EDITOR], AT)) == {"draft": None}


def test_any_return_to_the_initial_state_clears_the_editors():
    pipeline = parsed("[[moves]]\naction='reset'\nfrom=['edit']\nto='draft'\nby=['editor']\nsets=['editor']")
    move = pipeline.move("reset", "edit")
    written = effects(pipeline, move, Completion({"state": "edit", "editor": [EDITOR]}, [CHIEF], AT))
    assert written == {"editor": None}
