"""`story whoami`: who acts here, what they may do, what waits for them, and whether they can sign."""

from __future__ import annotations

import subprocess

import making
import pytest
from conftest import PEOPLE, Desk
from making import (
    CHIEF_EDITOR,
    DESK_CHIEF,
    EDITOR,
    REPORTER,
    ROSTER,
    STRANGER,
    THREE_REVIEWS,
    act,
    after,
    begun,
    in_edit,
    judges,
    published,
    take,
    walked,
)
from rich.cells import cell_len
from signers import public
from test_golden import pinned, screen

from newsroom_cli import ssh_keys
from newsroom_cli.model import Ident
from newsroom_cli.people.new_person import roles_asked, untakeable_actions
from newsroom_cli.workflow import rights
from newsroom_cli.workflow.case import Case
from newsroom_cli.workflow.obstacles import actions_open_to

KEYED = """
[signing]
required = {required}
[[people]]
name = "Editor"
emails = ["editor@gazette.example"]
roles = ["editor"]
keys = [{{ key = "{key}"{more} }}]
"""
LAWYER = Ident("Lawyer", "lawyer@gazette.example")
LEGAL = '\n[[people]]\nname = "Lawyer"\nemails = ["lawyer@gazette.example"]\nroles = ["legal"]\n'
TWO_REVIEWS = THREE_REVIEWS.replace('"desk-chief", ', "")
AT = act("approve", EDITOR).at


def waiting(held, actor, toml: str = "") -> list[str]:
    return actions_open_to(actor, Case.of(held), judges(toml), at=AT)


# What waits for whom, by the verifier


@pytest.mark.parametrize("toml", ["", ROSTER])
@pytest.mark.parametrize(
    "steps, waits",
    [
        ([], {"Reporter": ["submit"], "Editor": []}),
        ([("submit", REPORTER)], {"Reporter": [], "Editor": ["approve"], "Chief Editor": ["approve"]}),
        (
            [("submit", REPORTER), ("approve", EDITOR)],
            {"Reporter": [], "Editor": ["publish"], "Chief Editor": ["publish"]},
        ),
        ([("submit", REPORTER), ("approve", EDITOR), ("publish", EDITOR)], {"Reporter": [], "Editor": []}),
        ([("submit", REPORTER), ("send-back", EDITOR)], {"Reporter": ["submit"], "Editor": []}),
    ],
)
def test_story_waits_for_whoever_can_take_it_on(toml, steps, waits):
    by = judges(toml)
    held = walked(begun(by), *steps, by=by)
    people = {one.name: one for one in (REPORTER, EDITOR, CHIEF_EDITOR)}
    assert {name: actions_open_to(people[name], Case.of(held), by, at=AT) for name in waits} == waits


def test_nothing_waits_for_a_stranger_to_the_roster():
    by = judges(ROSTER)
    for held in (begun(by), walked(begun(by), ("submit", REPORTER), by=by), in_edit(by)):
        assert actions_open_to(STRANGER, Case.of(held), by, at=AT) == []


def test_story_waits_for_the_next_signer_alone():
    toml = ROSTER + THREE_REVIEWS
    by = judges(toml)
    held = in_edit(by)
    assert [name.name for name in (EDITOR, DESK_CHIEF, CHIEF_EDITOR) if waiting(held, name, toml)] == [
        "Editor",
        "Desk Chief",
        "Chief Editor",
    ]
    held = after(held, take(held, "publish", EDITOR, by))
    assert [name.name for name in (EDITOR, DESK_CHIEF, CHIEF_EDITOR) if waiting(held, name, toml)] == [
        "Desk Chief",
        "Chief Editor",
    ]


@pytest.mark.parametrize("toml", ["", ROSTER + LEGAL], ids=["no roster", "roster"])
def test_story_that_asks_for_one_more_role_waits_for_whoever_can_give_it(toml):
    by = judges(toml)
    held = in_edit(by)
    held = after(held, take(held, "require", EDITOR, by, role="legal"))
    held = after(held, take(held, "publish", EDITOR, by))
    assert waiting(held, LAWYER, toml) == ["publish"]
    assert waiting(held, EDITOR, toml) == []


def test_override_waits_for_another_person():
    held = walked(begun(), ("submit", REPORTER))
    held = after(held, take(held, "approve", REPORTER, override="Alone."))
    assert waiting(held, REPORTER) == []
    assert waiting(held, EDITOR) == ["publish", "ack"]


def test_section_of_another_does_not_wait():
    toml = ROSTER.replace('roles = ["editor"]\n', 'roles = ["editor"]\nsections = ["sport"]\n')
    by = judges(toml)
    held = walked(begun(by), ("submit", REPORTER), by=by)
    assert waiting(held, EDITOR, toml) == []
    assert waiting(held, CHIEF_EDITOR, toml) == ["approve"]


def test_story_without_a_ledger_or_with_a_broken_one_waits_for_nobody():
    held = begun()
    assert waiting(type(held)(held.story, None), REPORTER) == []
    assert waiting(published(), REPORTER) == []


# What a role is for


def test_actions_by_role_are_the_pipelines():
    by = judges(ROSTER)
    assert rights.actions_by_role(by, REPORTER) == {"reporter": ["update", "submit", "withdraw"]}
    assert rights.actions_by_role(by, STRANGER) == {}
    assert set(rights.actions_by_role(judges(), STRANGER)) == {"reporter", "editor"}
    assert rights.list_actions_not_on_own(by.settings) == ["approve", "publish", "require", "schedule", "correct"]


def test_roles_a_newsroom_asks_for_and_what_nobody_can_do():
    settings = judges(ROSTER + THREE_REVIEWS + '[trust]\njudges = ["owner"]').settings
    assert roles_asked(settings) == ("reporter", "editor", "desk-chief", "chief-editor", "owner")
    assert untakeable_actions(settings) == ()
    assert untakeable_actions(judges(ROSTER.replace('"editor", ', "").replace('"editor"', '"x"')).settings) == (
        "approve",
        "send-back",
        "publish",
        *("hold", "resume", "spike", "restore", "embargo", "schedule", "correct", "unpublish", "kill"),
    )
    assert untakeable_actions(judges().settings) == ()


# Signing


def signing(toml: str, setup: rights.Setup, who=EDITOR) -> rights.Signing:
    by = judges(toml)
    return rights.Signing.of(setup, by.person(who), by.settings, at=AT)


READY = rights.Setup(ssh_keys.parse(public("Editor")))


@pytest.mark.parametrize(
    "required, needed",
    [("true", True), ("false", False), ('["editor"]', True), ('["reporter"]', False), ("[]", False)],
)
def test_signing_is_needed_by_whom_the_newsroom_says(required, needed):
    toml = KEYED.format(required=required, key=public("Editor"), more="")
    assert signing(toml, READY) == rights.Signing(needed, "", "")


@pytest.mark.parametrize(
    "setup, more, missing",
    [
        (rights.Setup(None, "leads nowhere", "git config"), "", "leads nowhere"),
        (rights.Setup(ssh_keys.parse(public("Editor 2"))), "", "does not know this key"),
        (READY, ', valid_until = "2020-01-01T00:00:00Z"', "not valid now"),
        (READY, ', valid_from = "2030-01-01T00:00:00Z"', "not valid now"),
        (READY, ', valid_until = "2026-11-23T09:59:59Z"', "not valid now"),
    ],
)
def test_what_keeps_somebody_from_signing_is_named_with_the_next_step(setup, more, missing):
    found = signing(KEYED.format(required="true", key=public("Editor"), more=more), setup)
    assert missing in found.missing
    assert found.next_step


def test_stranger_with_a_key_is_told_to_get_onto_the_roster():
    assert (
        "story people add"
        in signing(KEYED.format(required="true", key=public("Editor"), more=""), READY, STRANGER).next_step
    )


# The command


@pytest.fixture
def desk(gazette) -> Desk:
    gazette.write(
        "newsroom.toml",
        '[[people]]\nname = "Editor"\nemails = ["editor@gazette.example", "e@home.example"]\nroles = ["editor"]\n\n[[people]]\nname = "Reporter"\nemails = ["reporter@gazette.example"]\nroles = ["reporter"]\n',
    )
    gazette.commit("configure")
    return gazette


def sign_with(desk: Desk, *more: tuple[str, str]) -> str:
    """Give this repository's git a key of its own; its public half."""
    file = desk.root.parent / "home" / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingkey", str(file)), *more):
        desk.git("config", name, value)
    return file.with_suffix(".pub").read_text("utf-8").strip()


def test_json_has_the_keys_it_promises(desk):
    said = desk.story("whoami", "--json", who="Editor").json
    assert list(said) == [
        "identity",
        "roster",
        "person",
        "roles",
        "sections",
        "actions",
        "not_on_own",
        "override",
        "signing",
        "stories",
    ]
    assert (said["identity"], said["roster"], said["person"]) == (PEOPLE["Editor"], True, "Editor")
    assert said["roles"] == ["editor"]
    assert said["actions"]["editor"][:2] == ["submit", "approve"]
    assert list(said["signing"]) == ["required", "ready", "key", "missing", "next"]
    assert said["stories"] is None


def test_alias_is_the_person(desk):
    assert desk.story("whoami", "--json", who="E. <E@HOME.example>").json["person"] == "Editor"
    assert desk.story("whoami", "--json", who="Editor <editor@elsewhere.example>").json["person"] is None


def test_look_alike_and_invisible_letters_are_another_person(desk):
    for email in ("еditor@gazette.example", "editor@gazette.example\u200b"):
        said = desk.story("whoami", "--json", who=f"Editor <{email}>").json
        assert (said["person"], said["roles"]) == (None, [])


def test_stranger_to_the_roster_is_told_what_that_means(desk):
    said = desk.story("whoami", who="Stringer")
    assert "you are not on it" in said.out
    assert "Only people on the roster act" in said.err


def test_without_a_roster_any_role_is_ones_own(newsroom):
    said = newsroom.story("whoami", "--json").json
    assert (said["roster"], said["person"], said["roles"]) == (False, None, None)
    assert "any, never on your own story" in newsroom.story("whoami").out


def test_stories_that_wait_are_listed(desk):
    desk.at("review", "fire", title="Fire")
    desk.at("draft", "flood", title="Flood")
    desk.write("stories/broken.md", "---\ntitle: a: b\n---\n")
    said = desk.story("whoami", "--stories", "--json", who="Editor").json["stories"]
    assert [(one["slug"], one["state"], one["actions"]) for one in said] == [("fire", "review", ["approve"])]
    said = desk.story("whoami", "--stories", "--json").json["stories"]
    assert [(one["slug"], one["actions"]) for one in said] == [("flood", ["submit"])]
    assert "No story waits for you." in desk.story("whoami", "--stories", who="Stringer").err


def test_every_action_that_waits_can_be_taken(desk):
    desk.at("review", "fire", title="Fire")
    desk.at("edit", "flood", title="Flood")
    for one in desk.story("whoami", "--stories", "--json", who="Editor").json["stories"]:
        for action in one["actions"]:
            desk.story(action, one["slug"], "--dry-run", who="Editor")


def test_story_on_an_unmerged_branch_waits_with_its_branch(desk, tmp_path):
    desk.git("clone", "--quiet", str(desk.root), str(tmp_path / "clone"))
    clone = Desk(tmp_path / "clone", now=desk.now)
    desk.git("switch", "--quiet", "-c", "fire")
    desk.at("review", "fire", title="Fire")
    clone.git("fetch", "--quiet")
    said = clone.story("whoami", "--stories", "--json", who="Editor").json["stories"]
    assert [(one["slug"], one["branch"]) for one in said] == [("fire", "origin/fire")]


def test_picture_that_changed_after_a_sign_off_waits_for_the_first_again(desk):
    desk.write(
        "newsroom.toml",
        f'{desk.read("newsroom.toml")}\n[[people]]\nname = "Chief"\nemails = ["chief@gazette.example"]\nroles = ["chief-editor"]\n{TWO_REVIEWS}',
    )
    desk.commit("two sign")
    desk.at("draft", "fire", title="Fire")
    desk.fill(
        "fire",
        body="Words of Monday.\n\n![The hall](hall.png)\n",
        images="[{src: hall.png, alt: The hall, credit: Chief}]",
    )
    desk.write("stories/2025/11/hall.png", "one")
    desk.story("submit", "fire")
    desk.story("approve", "fire", who="Editor")
    desk.story("publish", "fire", who="Editor")
    assert [one["slug"] for one in desk.story("whoami", "--stories", "--json", who="Chief").json["stories"]] == ["fire"]
    desk.write("stories/2025/11/hall.png", "two")
    assert desk.story("whoami", "--stories", "--json", who="Chief").json["stories"] == []
    assert [one["slug"] for one in desk.story("whoami", "--stories", "--json", who="Editor").json["stories"]] == [
        "fire"
    ]


def test_key_of_git_is_found_on_the_roster(desk):
    public = sign_with(desk)
    said = desk.story("whoami", "--json", who="Editor").json["signing"]
    assert (said["ready"], said["missing"]) == (False, "The roster does not know this key")
    assert public.startswith(said["key"])
    desk.change("newsroom.toml", '["editor"]\n', f'["editor"]\nkeys = [{{ key = "{public}" }}]\n')
    said = desk.story("whoami", "--json", who="Editor").json["signing"]
    assert (said["required"], said["ready"], said["next"]) == (False, True, None)
    assert "not asked for; ready" in desk.story("whoami", who="Editor").out


@pytest.mark.parametrize("how", ["private", "public", "literal", "key::", "~"])
def test_key_is_named_as_git_lets_it_be(desk, how):
    public = sign_with(desk)
    file = desk.root.parent / "home" / "id"
    value = {
        "private": str(file),
        "public": f"{file}.pub",
        "literal": public,
        "key::": f"key::{public}",
        "~": "~/id.pub",
    }[how]
    desk.git("config", "user.signingkey", value)
    assert public.startswith(desk.story("whoami", "--json").json["signing"]["key"])


@pytest.mark.parametrize(
    "settings, missing",
    [
        ([("user.signingkey", "/nowhere/id.pub")], "names /nowhere/id.pub, and no key is there"),
        ([("gpg.ssh.program", "/nowhere/ssh-keygen")], "ssh-keygen is not there"),
    ],
)
def test_what_git_lacks_to_sign_is_said(desk, settings, missing):
    sign_with(desk, *settings)
    assert missing in desk.story("whoami", "--json").json["signing"]["missing"]


def test_private_key_is_never_printed(desk):
    sign_with(desk)
    (desk.root.parent / "home" / "id.pub").unlink()
    said = desk.story("whoami", "--json")
    private = (desk.root.parent / "home" / "id").read_text("utf-8").splitlines()[1]
    assert private not in said.all
    assert "has no public key beside it" in said.json["signing"]["missing"]


def test_whoami_changes_nothing_and_works_where_nothing_can_be_written(desk, tmp_path):
    before = desk.everything()
    desk.story("whoami", "--stories")
    assert desk.everything() == before
    desk.git("switch", "--quiet", "--detach")
    desk.story("whoami", "--stories")
    desk.git("clone", "--quiet", "--bare", str(desk.root), str(tmp_path / "bare.git"))
    assert Desk(tmp_path / "bare.git").story("whoami", "--stories", "--json").json["person"] == "Reporter"


def test_nobody_is_said_with_the_way(desk):
    nobody = {f"GIT_{role}_{what}": None for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    assert "git config user.email" in desk.refused("whoami", exit=3, env=nobody)


def test_whoami_fits_sixty_columns(desk):
    desk.at("review", "wujin", title="武进区部署全国两会前安全生产工作", lang="zh-Hans")
    sign_with(desk)
    status, said = desk.terminal("whoami", "--stories", who="Editor", columns=60)
    assert status == 0
    assert max(cell_len(line) for line in said.splitlines()) <= 60
    assert "as editor  submit, approve, send-back, publish," in said
    assert "…" not in said


SCREENS = {"whoami": "Editor", "whoami-stranger": "Stringer"}


@pytest.mark.parametrize("name", SCREENS)
def test_screen_is_what_it_was(desk, request, name):
    desk.at("review", "fire", title="Fire")
    pinned(request, f"screen-{name}.txt", screen(desk.story("whoami", "--stories", who=SCREENS[name])))


def test_screen_without_a_roster_is_what_it_was(newsroom, request):
    newsroom.at("review", "fire", title="Fire")
    pinned(request, "screen-whoami-no-roster.txt", screen(newsroom.story("whoami", "--stories", who="Editor")))


def test_a_story_that_cannot_be_read_keeps_nobody_from_being_told(newsroom):
    slug = newsroom.at("edit")
    newsroom.story("require", slug, "legal", who="Editor")
    newsroom.write(newsroom.path_of(slug), "---\nbroken: [\n---\n")
    newsroom.commit("broken")
    assert "Editor" in newsroom.story("whoami", who="Editor").out


def test_a_section_of_ones_own_is_what_waits_and_no_other():
    toml = ROSTER.replace('roles = ["editor"]\n', 'roles = ["editor"]\nsections = ["sport"]\n')
    policy = judges(toml)
    local = walked(begun(policy), ("submit", REPORTER), by=policy)
    sport = walked(
        begun(policy, text=making.READY.replace("section: local", "section: sport")), ("submit", REPORTER), by=policy
    )
    assert waiting(local, EDITOR, toml) == []
    assert waiting(sport, EDITOR, toml) == ["approve"]
