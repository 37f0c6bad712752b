"""`story people`, `people add`, `people remove`: the roster, edited in place, one commit of the configuration alone."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
from commands.test_refusals import hook, unprivileged
from conftest import Desk
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from signers import public
from test_golden import pinned, screen

from newsroom_cli.errors import WrongUsage
from newsroom_cli.people.new_person import Wish, make_person
from newsroom_cli.settings.settings import Key, Settings

ADD = ("people", "add", "Ana Ruiz", "--email", "ana@gazette.example", "--role", "reporter")
CHIEF = '[[people]]\nname = "Chief"\nemails = ["chief@gazette.example"]\nroles = ["editor", "chief-editor"]\n'
REPORTER = '[[people]]\nname = "Reporter"\nemails = ["reporter@gazette.example"]\nroles = ["reporter"]\n'
KEY = public("Editor")
TWICE = CHIEF + "\n" + CHIEF.replace("chief@", "second@")


@pytest.fixture
def desk(gazette) -> Desk:
    """A newsroom with a roster of two."""
    gazette.write(
        "newsroom.toml", f'# ours\nname = "Gazette" # the house\n\n{CHIEF}\n{REPORTER}\n[limits]\ntitle = 99\n'
    )
    gazette.commit("configure", who="Chief")
    return gazette


def roster(desk: Desk) -> list[dict]:
    return desk.story("people", "--json").json


# Listing


def test_no_roster_is_said_with_what_it_means(newsroom):
    said = newsroom.story("people")
    assert said.out == ""
    assert "anybody may give any role, but nobody passes their own story" in said.err
    assert "story people add" in said.err
    assert newsroom.story("people", "--json").json == []


def test_roster_is_listed_by_name_with_everything_said_of_each(desk):
    desk.change(
        "newsroom.toml",
        '["reporter"]\n',
        f'["reporter"]\nsections = ["local"]\nkeys = [{{ key = "{KEY}", valid_until = "2020-01-01T00:00:00Z" }}]\n'
        'logins = ["GitHub:Reporter", "forge.example:r"]\n',
    )
    said = desk.story("people").out
    assert said.index("Chief") < said.index("Reporter")
    for words in (
        "chief@gazette.example",
        "editor, chief-editor",
        "local",
        "SHA256:",
        "until 2020-01-01",
        "not valid now",
        "github:reporter",
    ):
        assert words in said
    (chief, reporter) = roster(desk)
    assert list(chief) == ["name", "emails", "roles", "sections", "keys", "logins"]
    assert chief == {
        "name": "Chief",
        "emails": ["chief@gazette.example"],
        "roles": ["editor", "chief-editor"],
        "sections": [],
        "keys": [],
        "logins": [],
    }
    assert reporter["logins"] == ["github:reporter", "forge.example:r"]
    (one,) = reporter["keys"]
    assert list(one) == ["key", "fingerprint", "valid_from", "valid_until", "valid"]
    assert (one["key"], one["valid_from"], one["valid_until"], one["valid"]) == (
        KEY,
        None,
        "2020-01-01T00:00:00+00:00",
        False,
    )


def test_logins_of_others_stay_when_somebody_joins_and_leaves(desk):
    desk.change("newsroom.toml", '["reporter"]\n', '["reporter"]\nlogins = [ "github:R" ] # hers\n')
    desk.commit("logins")
    before = desk.read("newsroom.toml")
    desk.story(*ADD)
    assert 'logins = [ "github:R" ] # hers\n' in desk.read("newsroom.toml")
    desk.story("people", "remove", "Ana Ruiz")
    assert desk.read("newsroom.toml") == before


@pytest.mark.parametrize(
    "key, why",
    [
        ('key = "hello"', "people.1.keys.0.key: is no public key we know"),
        (
            f'key = "{KEY}", valid_from = 2020-01-01T00:00:00',
            "people.1.keys.0.valid_from: needs a date, a time and a zone",
        ),
        (f'key = "{KEY}", valid_until = ""', "people.1.keys.0.valid_until: needs a date, a time and a zone"),
    ],
)
def test_key_that_is_none_and_a_time_without_a_zone_are_said_with_their_place(desk, key, why):
    desk.change("newsroom.toml", '["reporter"]\n', f'["reporter"]\nkeys = [{{ {key} }}]\n')
    assert why in desk.refused("people", exit=3)


def test_roster_is_right_in_sixty_columns_with_chinese_names(desk):
    desk.change("newsroom.toml", '"Reporter"', '"武进区部署全国两会前安全生产工作记者站的一位同事"')
    desk.change("newsroom.toml", '["reporter"]\n', f'["reporter"]\nkeys = [{{ key = "{KEY}" }}]\n')
    status, said = desk.terminal("people", columns=60)
    assert status == 0
    assert "…" not in said
    assert max(cell_len(line) for line in said.splitlines()) <= 60


def test_roster_is_read_in_a_bare_repository(desk, tmp_path):
    desk.git("clone", "--quiet", "--bare", str(desk.root), str(tmp_path / "bare.git"))
    bare = Desk(tmp_path / "bare.git")
    assert [one["name"] for one in roster(bare)] == ["Chief", "Reporter"]
    assert "bare repository" in bare.story(*ADD, exit=3).err
    assert "bare repository" in bare.story("people", "remove", "Chief", exit=3).err


# Adding


def test_person_is_added_in_a_commit_of_the_configuration_alone(desk):
    before = desk.read("newsroom.toml")
    desk.write("other.txt", "staged\n")
    desk.git("add", "other.txt")
    said = desk.story(*ADD, "--email", "ANA@Home.example", "--role", "editor", "--section", "local", who="Chief")
    assert desk.files_of() == ["newsroom.toml"]
    assert desk.git("log", "-1", "--format=%s") == "people: add Ana Ruiz <ana@gazette.example>"
    assert desk.git("diff", "--cached", "--name-only") == "other.txt"
    after = desk.read("newsroom.toml")
    block = '\n[[people]]\nname = "Ana Ruiz"\nemails = ["ana@gazette.example", "ana@home.example"]\nroles = ["reporter", "editor"]\nsections = ["local"]\n'
    assert after == before.replace("\n[limits]", f"{block}\n[limits]")
    assert "Added Ana Ruiz: newsroom.toml (" in said.err
    assert "in a pull request of its own, without stories" in said.err
    assert said.out == ""


def test_first_person_makes_the_file_and_is_told_what_it_means(gazette):
    said = gazette.story(*ADD)
    assert (
        gazette.read("newsroom.toml")
        == '[[people]]\nname = "Ana Ruiz"\nemails = ["ana@gazette.example"]\nroles = ["reporter"]\n'
    )
    assert "From now on roles decide" in said.err
    assert "Nobody on the roster may approve, send-back, publish" in said.err
    assert "not yet" not in said.err


def test_first_commit_of_a_repository_can_be_its_roster(newsroom):
    newsroom.story(*ADD)
    assert newsroom.files_of() == ["newsroom.toml"]


def test_who_may_pass_a_changed_roster_is_named(desk):
    assert "[trust] judges names no role" in desk.story(*ADD, who="Chief").err
    desk.write("newsroom.toml", f'{desk.read("newsroom.toml")}[trust]\njudges = ["chief-editor"]\n')
    desk.commit("judges")
    said = desk.story("people", "remove", "Ana Ruiz", who="Chief").err
    assert "Who may pass it (chief-editor): Chief." in said


def test_person_who_is_there_already_is_nothing_to_do(desk):
    desk.story(*ADD, "--role", "editor")
    head = desk.head
    said = desk.story(*ADD[:3], "--role", "editor", "--role", "reporter", "--email", "ANA@gazette.EXAMPLE ")
    assert "nothing to do" in said.err
    assert desk.head == head


@pytest.mark.parametrize(
    "more", [("--role", "editor"), ("--email", "b@gazette.example"), ("--section", "local"), ("--key", KEY)]
)
def test_person_who_is_there_otherwise_is_refused_with_the_way(desk, more):
    desk.story(*ADD)
    said = desk.refused(*ADD, *more)
    assert "ana@gazette.example is Ana Ruiz's already." in said
    assert "people remove ana@gazette.example" in said


def test_address_of_another_person_is_refused(desk):
    assert "chief@gazette.example is Chief's already." in desk.refused(*ADD, "--email", "CHIEF@gazette.example")


def test_dry_run_shows_the_commit_and_makes_none(desk):
    before = desk.everything()
    said = desk.story(*ADD, "--dry-run")
    assert "Would commit newsroom.toml:" in said.out
    assert '+name = "Ana Ruiz"' in said.out
    assert desk.everything() == before
    said = desk.story("people", "remove", "Reporter", "--dry-run")
    assert '-name = "Reporter"' in said.out
    assert desk.everything() == before


@pytest.mark.parametrize(
    "args, words",
    [
        (("", "--email", "a@x.example", "--role", "r"), "A name is not empty"),
        (("  ", "--email", "a@x.example", "--role", "r"), "A name is not empty"),
        (("Ana\nRuiz", "--email", "a@x.example", "--role", "r"), "control or invisible"),
        (("Ana\x1b[31m", "--email", "a@x.example", "--role", "r"), "control or invisible"),
        (("Ana\u202eziuR", "--email", "a@x.example", "--role", "r"), "control or invisible"),
        (("Ana\u200b", "--email", "a@x.example", "--role", "r"), "control or invisible"),
        (("Ana\udce9", "--email", "a@x.example", "--role", "r"), "control or invisible"),
        (("Ana <ana>", "--email", "a@x.example", "--role", "r"), "holds no <"),
        (("ana@x.example", "--email", "a@x.example", "--role", "r"), "is an e-mail, not a name"),
        (("Ana", "--email", "", "--role", "r"), "is not an e-mail"),
        (("Ana", "--email", "ana", "--role", "r"), "is not an e-mail"),
        (("Ana", "--email", "a na@x.example", "--role", "r"), "is not an e-mail"),
        (("Ana", "--email", "a@x.example, b@x.example", "--role", "r"), "is not an e-mail"),
        (("Ana", "--email", "Ana <a@x.example>", "--role", "r"), "is not an e-mail"),
        (("Ana", "--email", "a\u200b@x.example", "--role", "r"), "is not an e-mail"),
        (("Ana", "--email", "a\x00@x.example", "--role", "r"), "is not an e-mail"),
        (("Ana", "--email", "a@x.example", "--role", " "), "A role is not empty"),
        (("Ana", "--email", "a@x.example", "--role", "a\x07"), "control or invisible"),
        (("Ana", "--email", "a@x.example", "--role", "r", "--key", "nowhere.pub"), "neither a file"),
        (("Ana", "--email", "a@x.example", "--role", "r", "--key", "README.md"), "holds no key"),
        (("Ana", "--email", "a@x.example", "--role", "r", "--from", "2026-01-01"), "Give it with --key"),
        (("Ana", "--email", "a@x.example", "--role", "r", "--key", KEY, "--from", "soon"), "needs a date"),
        (("Ana", "--email", "a@x.example", "--role", "r", "--key", KEY, "--from", "2026-02-30"), "no calendar"),
        (("Ana", "--email", "a@x.example", "--role", "r", "--key", KEY, "--from", "2026-02-02", "--until", "2026-02-01"), "before it begins"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_wrong_usage_and_changes_nothing(desk, args, words):
    said = desk.refused("people", "add", *args, exit=2)
    assert words in said
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\u200b]", said)


@pytest.mark.parametrize("left_out", ["--email", "--role"])
def test_person_needs_an_email_and_a_role(desk, left_out):
    at = ADD.index(left_out)
    said = desk.story(*ADD[:at], *ADD[at + 2 :], exit=2)
    assert left_out in said.err


def test_unknown_section_is_wrong_usage_where_sections_are_listed(desk):
    desk.write("newsroom.toml", f'{desk.read("newsroom.toml")}[sections]\nlocal = "Local"\n')
    desk.commit()
    assert "There is no section lokal." in desk.refused(*ADD, "--section", "lokal", exit=2)
    desk.story(*ADD, "--section", "local")


@pytest.mark.parametrize(
    "name, email, role, words",
    [
        ("Chief", "other@gazette.example", "editor", "is the name of another person too"),
        ("CHIEF", "other@gazette.example", "editor", "looks like Chief"),
        ("\uff23hief", "other@gazette.example", "editor", "looks like Chief"),
        ("Сhief", "other@gazette.example", "editor", "mixes Cyrillic and Latin letters"),
        ("Ana", "сhief@gazette.example", "editor", "has letters outside ASCII"),
        ("Ana", "a@gazette.example", "editr", "did you mean editor?"),
    ],
)
def test_what_is_odd_is_done_and_said(desk, name, email, role, words):
    said = desk.story("people", "add", name, "--email", email, "--role", role, who="Chief")
    assert "Warning: " in said.err
    assert words in said.err
    assert [one["name"] for one in roster(desk)].count(name) == 1 + (name == "Chief")


@pytest.mark.parametrize("name", ['Ana "the\\" Ruiz', "Ana 'x' ]] #", "李伟", "O'Neil, Ana (desk)", "علی\u200cرضا"])
def test_name_is_kept_as_it_is(desk, name):
    desk.story("people", "add", name, "--email", "ana@gazette.example", "--role", "editor")
    assert name in [one["name"] for one in roster(desk)]
    desk.story("people", "remove", name)
    assert name not in [one["name"] for one in roster(desk)]


# Keys


def test_key_is_given_as_a_file_or_as_itself(desk, tmp_path):
    file = tmp_path / "id.pub"
    file.write_text(f"{KEY} ana@desk\n", "utf-8")
    desk.story(
        *ADD,
        "--key",
        str(file),
        "--key",
        public("Editor 2"),
        "--from",
        "2026-01-01",
        "--until",
        "2027-01-01T00:00:00+08:00",
    )
    keys = tomllib.loads(desk.read("newsroom.toml"))["people"][2]["keys"]
    assert keys == [
        {"key": one, "valid_from": "2026-01-01T00:00:00+00:00", "valid_until": "2027-01-01T00:00:00+08:00"}
        for one in (KEY, public("Editor 2"))
    ]


@pytest.mark.parametrize("text", ["{}", "{} ana@desk", "  {}\n", "# a comment\n{} with spaces in it\n\n"])
def test_key_is_read_without_its_comment(text):
    wish = Wish("Ana", ["ana@gazette.example"], ["reporter"], keys=[text.format(KEY)])
    assert make_person(wish, Settings()).keys == (Key(key=KEY),)


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "holds no key"),
        ("# only a comment\n", "holds no key"),
        (f"{KEY}\n{KEY}\n", "holds 2 lines"),
        ("b3BlbnNzaC1rZXktdjEA", "neither a file"),
        (f'no-pty,command="x" {KEY}', "no public key we know"),
        (KEY[:-20], "cut off"),
        ("-----BEGIN EC PRIVATE KEY-----", "is a private key"),
    ],
)
def test_what_is_no_public_key_is_refused_and_says_why(text, why):
    with pytest.raises(WrongUsage, match=why):
        make_person(Wish("Ana", ["ana@gazette.example"], ["reporter"], keys=[text]), Settings())


@given(st.text())
def test_any_text_given_as_a_key_is_refused_in_words_that_do_not_repeat_it(text):
    with pytest.raises(WrongUsage) as refused:
        make_person(Wish("Ana", ["ana@gazette.example"], ["reporter"], keys=[f"{text} {'x' * 20}"]), Settings())
    assert "x" * 20 not in str(refused.value)


@pytest.mark.parametrize("how", ["file", "itself"])
def test_private_key_is_refused_and_never_printed(desk, tmp_path, how):
    file = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)
    text = file.read_text("utf-8")
    said = desk.refused(*ADD, "--key", str(file) if how == "file" else text, exit=2)
    assert "is a private key" in said
    assert "ends in .pub" in said
    for line in text.splitlines()[1:-1]:
        assert line not in said


def test_body_of_a_private_key_is_never_printed(desk):
    body = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW"
    assert body not in desk.refused(*ADD, "--key", body, exit=2)


# Removing


@pytest.mark.parametrize("who", ["Reporter", "reporter@gazette.example", "REPORTER@Gazette.example"])
def test_person_is_removed_by_name_or_email(desk, who):
    before = desk.read("newsroom.toml")
    said = desk.story("people", "remove", who, who="Chief")
    assert desk.read("newsroom.toml") == before.replace(f"{REPORTER}\n", "")
    assert desk.files_of() == ["newsroom.toml"]
    assert "Removed Reporter: newsroom.toml (" in said.err
    assert desk.git("log", "-1", "--format=%s") == "people: remove Reporter <reporter@gazette.example>"


def test_last_person_may_go_with_a_warning(desk):
    desk.story("people", "remove", "Reporter")
    said = desk.story("people", "remove", "Chief")
    assert "without a roster anybody may give any role" in said.err
    assert roster(desk) == []


def test_name_of_two_people_is_wrong_usage(desk):
    desk.write("newsroom.toml", TWICE)
    desk.commit()
    said = desk.refused("people", "remove", "Chief", exit=2)
    assert "is the name of 2 people" in said
    assert "second@gazette.example" in said
    desk.story("people", "remove", "second@gazette.example")
    assert desk.read("newsroom.toml") == CHIEF


def test_nobody_of_that_name_suggests_a_near_one(desk):
    assert "Did you mean Reporter?" in desk.refused("people", "remove", "Reporterr")
    assert "story people lists" in desk.refused("people", "remove", "zzz")


def test_nobody_can_be_removed_from_no_roster(gazette):
    assert "There is no roster" in gazette.refused("people", "remove", "Ana")


def test_person_with_keys_stays_unless_asked_again(desk):
    desk.story(*ADD, "--key", KEY)
    said = desk.refused("people", "remove", "Ana Ruiz")
    assert "roles = [] and a valid_until" in said
    desk.story("people", "remove", "Ana Ruiz", "--yes")
    assert "Ana Ruiz" not in desk.read("newsroom.toml")


def test_entries_of_who_left_stay_in_order(desk):
    desk.change("newsroom.toml", '["reporter"]', '["reporter", "editor"]')
    desk.commit("roles")
    desk.at("review")
    desk.story("approve", "council-budget", who="Chief")
    desk.story("people", "remove", "Chief")
    assert desk.rules(exit=0) == []


# The file


@pytest.mark.parametrize("how", ["changed", "staged", "new"])
def test_uncommitted_configuration_is_refused_and_says_how(desk, how):
    if how == "new":
        desk.git("rm", "--quiet", "--cached", "newsroom.toml")
        desk.git("commit", "--quiet", "-m", "x")
    else:
        desk.write("newsroom.toml", f"{desk.read('newsroom.toml')}slug = 60\n")
    if how == "staged":
        desk.git("add", "newsroom.toml")
    for args in (ADD, ("people", "remove", "Chief")):
        said = desk.refused(*args)
        assert "newsroom.toml has uncommitted changes." in said
        assert "git commit newsroom.toml" in said


def test_configuration_that_is_read_only_is_refused(desk):
    (desk.root / "newsroom.toml").chmod(0o444)
    said = desk.refused(*ADD, exit=3)
    assert "newsroom.toml is read-only." in said
    assert "chmod u+w" in said


def test_folder_that_may_not_be_written_leaves_everything_as_it_was(desk):
    prefix, before = unprivileged(), desk.everything()
    desk.root.chmod(0o555)
    command = [*prefix, sys.executable, "-m", "newsroom_cli", *ADD]
    done = subprocess.run(command, cwd=desk.root, env=desk.whole_environment("Chief"), capture_output=True, text=True)
    desk.root.chmod(0o755)
    assert done.returncode == 3, done.stderr
    assert "cannot be written" in done.stderr
    assert desk.everything() == before


@pytest.mark.parametrize("args", [ADD, ("people", "remove", "Reporter")])
def test_hook_that_says_no_leaves_everything_as_it_was(desk, args):
    hook(desk, "pre-commit", "exit 1")
    assert "Git did not make the commit" in desk.refused(*args, exit=3)


@pytest.mark.parametrize("args", [ADD, ("people", "remove", "Reporter")])
def test_nothing_is_written_on_a_detached_head_or_by_nobody(desk, args):
    nobody = {f"GIT_{role}_{what}": None for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    assert "Git does not know who you are." in desk.refused(*args, exit=3, env=nobody)
    desk.git("switch", "--quiet", "--detach")
    assert "detached" in desk.refused(*args, exit=3)


def test_configuration_with_windows_line_ends_keeps_them(desk):
    text = desk.read("newsroom.toml").replace("\n", "\r\n")
    desk.write("newsroom.toml", text)
    desk.commit("windows")
    desk.story(*ADD)
    assert b"\r\n" in (after := (desk.root / "newsroom.toml").read_bytes())
    assert after.count(b"\n") == after.count(b"\r\n")
    desk.story("people", "remove", "Ana Ruiz")
    assert desk.read("newsroom.toml") == text


def test_roster_in_pyproject_is_edited_there(gazette):
    text = f'[project]\nname = "x" # c\n\n[tool.newsroom]\nlanguage = "de"\n\n{CHIEF.replace("[[people]]", "[[tool.newsroom.people]]")}\n[tool.ruff]\nline-length = 99\n\n[tool.ruff.lint]\nselect = ["ALL"]\n'
    gazette.write("pyproject.toml", text)
    gazette.commit()
    gazette.story(*ADD)
    assert gazette.files_of() == ["pyproject.toml"]
    assert [one["name"] for one in roster(gazette)] == ["Ana Ruiz", "Chief"]
    gazette.story("people", "remove", "Ana Ruiz")
    assert gazette.read("pyproject.toml") == text


def test_pyproject_of_something_else_is_left_alone(gazette):
    gazette.write("pyproject.toml", '[project]\nname = "newsroom"\n')
    gazette.commit()
    gazette.story(*ADD)
    assert gazette.files_of() == ["newsroom.toml"]


def test_roster_written_as_one_value_is_edited_by_hand(gazette):
    text = 'people = [\n  { name = "Chief", emails = ["chief@gazette.example"], roles = ["editor"] }, # the chief\n]\n'
    gazette.write("newsroom.toml", text)
    gazette.commit()
    before = gazette.git("rev-parse", "HEAD")
    for verb in (ADD, ("people", "remove", "Chief")):
        refused = gazette.story(*verb, exit=3).err
        assert "its people are written in a way that `story` does not edit" in refused
        assert "Change its [[people]] by hand" in refused
    assert gazette.read("newsroom.toml") == text
    assert gazette.git("rev-parse", "HEAD") == before


def test_configuration_as_init_writes_it_can_be_added_to(newsroom):
    newsroom.story("init")
    newsroom.commit("init")
    before = newsroom.read("newsroom.toml")
    newsroom.story(*ADD)
    assert newsroom.read("newsroom.toml").startswith(before)
    assert [one["name"] for one in roster(newsroom)] == ["Ana Ruiz"]


def test_roster_changed_with_a_story_is_refused_by_the_base(desk):
    desk.git("branch", "base")
    desk.story(*ADD, who="Chief")
    assert desk.rules("--base", "base", exit=0) == []
    desk.at("draft")
    assert "judges-with-stories" in desk.rules("--base", "base")


# No roster, as check says it


def test_missing_roster_is_one_info_that_changes_no_exit_status(newsroom):
    newsroom.at("publish")
    said = newsroom.story("check", "--fail-level", "warning")
    assert said.out.count("info[no-roster]") == 1
    assert said.err == "checked 1 of 1 stories: 1 info\n"
    assert "no-roster" not in newsroom.story("check", newsroom.path_of("council-budget")).out


@pytest.mark.parametrize(
    "path, text, line",
    [
        ("newsroom.toml", "# c\n", 1),
        ("pyproject.toml", '[project]\nname = "x"\n\n[tool.newsroom.limits]\ntitle = 99\n', 4),
    ],
)
def test_missing_roster_is_said_where_it_would_stand(newsroom, path, text, line):
    newsroom.at("draft")
    newsroom.write(path, text)
    (found,) = [
        one for one in newsroom.story("check", "--format", "json").json["findings"] if one["rule"] == "no-roster"
    ]
    assert (found["path"], found["line"]) == (path, line)


def test_missing_roster_is_never_in_the_baseline(newsroom):
    newsroom.at("draft")
    assert "no baseline is needed" in newsroom.story("check", "--write-baseline").err


# Screens


SCREENS = {
    "people": (["people"], "Chief"),
    "people-add": ([*ADD, "--key", KEY], "Chief"),
    "people-remove": (["people", "remove", "Reporter"], "Chief"),
    "people-there": (["people", "add", "Chief", "--email", "chief@gazette.example", "--role", "editor"], "Chief"),
}


@pytest.mark.parametrize("name", SCREENS)
def test_screen_is_what_it_was(desk, request, name):
    args, who = SCREENS[name]
    pinned(request, f"screen-{name}.txt", screen(desk.story(*args, exit=None, who=who)))


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_help_is_what_it_was(newsroom, request, verb):
    pinned(request, f"help-people-{verb}.txt", newsroom.process("people", verb, "--help", env={"COLUMNS": "80"}).out)


def test_person_arguments_are_an_email_or_a_name_one_person_has(desk):
    desk.at("draft")
    for who in ("Reporter", "reporter@gazette.example", "REPORTER@GAZETTE.EXAMPLE"):
        assert len(desk.story("list", "--reporter", who, "--json").json) == 1
    desk.story("new", "Flood", "--slug", "flood", "--reporter", "CHIEF@gazette.example")
    assert "reporter: Chief <CHIEF@gazette.example>" in desk.read(desk.path_of("flood"))
    desk.write("newsroom.toml", TWICE)
    assert "several people" in desk.refused("list", "--reporter", "Chief", exit=2)
    assert "several people" in desk.refused("new", "Fire", "--reporter", "Chief", exit=2)


JUDGED = """
[trust]
judges = ["chief-editor"]
override = ["chief-editor"]

[[people]]
name = "Chief"
emails = ["chief@gazette.example"]
roles = ["chief-editor", "editor"]

[[people]]
name = "Reporter"
emails = ["reporter@gazette.example"]
roles = ["reporter"]
"""


def test_roster_is_changed_only_by_who_may_change_the_judges(newsroom):
    newsroom.write("newsroom.toml", JUDGED)
    newsroom.commit("roster")
    asked = ("people", "add", "Stringer", "--email", "stringer@gazette.example", "--role", "reporter")
    said = newsroom.refused(*asked)
    assert "may not change the roster; that is for chief-editor." in said
    assert "Ask one of them: Chief." in said
    assert "may not change the roster" in newsroom.refused("people", "remove", "Chief")
    newsroom.story(*asked, who="Chief")


def test_last_one_who_may_change_the_judges_stays(newsroom):
    newsroom.write("newsroom.toml", JUDGED)
    newsroom.commit("roster")
    said = newsroom.refused("people", "remove", "Chief", who="Chief")
    assert "Chief is the last whom [trust] judges names: nobody else is chief-editor." in said
    assert "story people add" in said
    newsroom.story("people", "remove", "Reporter", who="Chief")


def test_one_of_two_who_may_change_the_judges_may_go(newsroom):
    newsroom.write("newsroom.toml", JUDGED)
    newsroom.commit("roster")
    newsroom.story(
        *("people", "add", "Deputy", "--email", "deputy@gazette.example", "--role", "chief-editor"), who="Chief"
    )
    newsroom.story("people", "remove", "Deputy", who="Chief")
    assert "Deputy" not in newsroom.read("newsroom.toml")
