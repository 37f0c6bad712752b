"""What one person may do, and what keeps them from signing, without git."""

from __future__ import annotations

import pytest
from making import AT, CHIEF_EDITOR, EDITOR, REPORTER, ROSTER, STRANGER, judges
from signers import public

from newsroom_cli import ssh_keys
from newsroom_cli.workflow.rights import Setup, Signing, actions_by_role, list_actions_not_on_own

WITH_KEY = 'name = "Editor"\nkeys = [{{ key = "{}"{} }}]\n'


def signing(name: str, key: str = "Editor", times: str = "") -> Signing:
    """What keeps somebody from signing with a key, where the roster has the Editor's."""
    policy = judges(ROSTER.replace('name = "Editor"\n', WITH_KEY.format(public("Editor"), times)))
    person = next((one for one in policy.settings.people if one.name == name), None)
    return Signing.of(Setup(ssh_keys.parse(public(key))), person, policy.settings, at=AT)


OTHER_KEY = "Have it put among your keys in the configuration, in a pull request of its own."


@pytest.mark.parametrize(
    "name, key, times, missing, way",
    [
        ("Editor", "Editor", "", "", ""),
        ("Editor", "Editor 2", "", "The roster does not know this key", OTHER_KEY),
        ("Editor", "Editor", ', valid_until = "2026-01-01T00:00:00Z"', "The roster says that this key is not valid now", OTHER_KEY),
        ("Nobody", "Editor", "", "The roster does not know this key",
         "Have yourself put on the roster: story people add NAME --email E --role ROLE --key FILE"),
    ],
)  # fmt: skip
def test_who_cannot_sign_yet_is_told_what_to_do_about_it(name, key, times, missing, way):
    found = signing(name, key, times)
    assert (found.missing, found.next_step) == (missing, way)


def test_a_role_comes_with_the_actions_that_ask_for_it():
    policy = judges(ROSTER)
    assert list(actions_by_role(policy, REPORTER)) == ["reporter"]
    assert {"submit", "withdraw"} <= set(actions_by_role(policy, REPORTER)["reporter"])
    assert "approve" not in actions_by_role(policy, REPORTER)["reporter"]
    assert {"approve", "publish"} <= set(actions_by_role(policy, EDITOR)["editor"])
    assert set(actions_by_role(policy, CHIEF_EDITOR)) <= {"editor", "desk-chief", "chief-editor"}
    assert actions_by_role(policy, STRANGER) == {}
    assert set(actions_by_role(judges(), STRANGER)) == {"reporter", "editor"}


def test_what_nobody_does_to_their_own_story_is_what_rows_bar_reporters_from():
    barred = list_actions_not_on_own(judges().settings)
    assert {"approve", "publish"} <= set(barred)
    assert not {"submit", "withdraw", "send-back"} & set(barred)
