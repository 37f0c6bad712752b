"""A person put into TOML text and taken out of it: every other byte stays."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom_cli.errors import CannotRun
from newsroom_cli.people.roster_file import RosterFile

TOOL = ("tool", "newsroom")
NEW = {"name": "New", "emails": ["new@gazette.example"], "roles": ["editor"]}
BLOCK = '[[people]]\nname = "New"\nemails = ["new@gazette.example"]\nroles = ["editor"]\n'
A = '[[people]] # first\nname = "A"\nemails = ["a@gazette.example"]\n'
B = "[[people]]\nname='B'\nemails = [\n  'b@gazette.example', # home\n]\n# sections = []\n"
TRUST = '# Who may what\n[trust]\nrequire = "recorded" # c\n'
PROJECT = '[project]\nname = "x"\n\n[tool.newsroom]\nname = "S" # c\n\n[tool.newsroom.trust]\nrequire = "recorded"\n\n[tool.ruff]\nx = 1\n'


def file(text: str, table: tuple[str, ...] = ()) -> RosterFile:
    return RosterFile("newsroom.toml", text, table)


def people(text: str, table: tuple[str, ...] = ()) -> list[str]:
    content = tomllib.loads(text)
    for name in table:
        content = content[name]
    return [one["name"] for one in content.get("people", [])]


@pytest.mark.parametrize(
    "before, after",
    [
        ("", BLOCK),
        ('name = "x"\n', f'name = "x"\n\n{BLOCK}'),
        ('name = "x"', f'name = "x"\n\n{BLOCK}'),
        ('name = "x"\n\n', f'name = "x"\n\n{BLOCK}'),
        (f"{A}", f"{A}\n{BLOCK}"),
        (f"{A}\n{B}", f"{A}\n{B}\n{BLOCK}"),
        (f"{A}\n{TRUST}", f"{A}\n{BLOCK}\n{TRUST}"),
        (f"{A}{TRUST}", f"{A}\n{BLOCK}\n{TRUST}"),
        (f"{A}\n{B}\n{TRUST}\n{B.replace('B', 'C')}", f"{A}\n{B}\n{TRUST}\n{B.replace('B', 'C')}\n{BLOCK}"),
        (f"{A}[[people.keys]]\nkey = 'k'\n\n{TRUST}", f"{A}[[people.keys]]\nkey = 'k'\n\n{BLOCK}\n{TRUST}"),
        ("[sections]\nlocal = 'L'\n\n# [[people]]\n# name = ''\n", f"[sections]\nlocal = 'L'\n\n# [[people]]\n# name = ''\n\n{BLOCK}"),
    ],
)  # fmt: skip
def test_person_is_put_behind_the_last_one(before, after):
    assert file(before).with_person(NEW) == after


@pytest.mark.parametrize("before", ["", 'name = "x"\n', A, f"{A}\n{B}", f"{A}\n{TRUST}", f"{TRUST}\n{A}\n[sections]\n"])
def test_person_who_joins_and_leaves_leaves_no_trace(before):
    after = file(before).with_person(NEW)
    assert file(after).without(len(people(before))) == before


@pytest.mark.parametrize(
    "before, number, after",
    [
        (A, 0, ""),
        (f"{A}\n{B}", 0, B),
        (f"{A}\n{B}", 1, A),
        (f"{A}\n{B}\n{TRUST}", 0, f"{B}\n{TRUST}"),
        (f"{A}\n{B}\n{TRUST}", 1, f"{A}\n{TRUST}"),
        (f"{A}{B}{TRUST}", 1, f"{A}{TRUST}".replace(TRUST, f"# sections = []\n{TRUST}")),
        (f"# the chief\n{A}\n{TRUST}", 0, f"# the chief\n\n{TRUST}"),
        (f"{A}[[people.keys]]\nkey = 'k'\n\n{TRUST}", 0, TRUST),
        (f"{A}\n{TRUST}\n{B}", 1, f"{A}\n{TRUST}"),
    ],
)
def test_person_is_taken_out_with_their_lines_and_no_others(before, number, after):
    assert file(before).without(number) == after


def test_line_ends_stay():
    text = f"{A}\n{TRUST}".replace("\n", "\r\n")
    after = file(text).with_person(NEW)
    assert after == f"{A}\n{BLOCK}\n{TRUST}".replace("\n", "\r\n")
    assert file(after).without(1) == text


def test_person_in_pyproject_goes_behind_the_newsrooms_tables():
    after = file(PROJECT, TOOL).with_person(NEW)
    block = BLOCK.replace("[[people]]", "[[tool.newsroom.people]]")
    assert after == PROJECT.replace("\n[tool.ruff]", f"\n{block}\n[tool.ruff]")
    assert file(after, TOOL).without(0) == PROJECT


@pytest.mark.parametrize(
    "text", ["people = []\n", 'people = [{name = "A"}]\n[trust]\n', 'people = [\n  {name = "A"},\n]\n']
)
def test_roster_written_as_one_value_is_edited_by_hand(text):
    with pytest.raises(CannotRun, match="does not edit") as refused:
        file(text).with_person(NEW)
    assert "by hand" in refused.value.hint
    with pytest.raises(CannotRun, match="does not edit"):
        file(text).without(0)


@pytest.mark.parametrize(
    "text, table",
    [
        ('[tool]\nnewsroom = {name = "x"}\n', TOOL),
        ('text = """\n[[people]]\n"""\n[[people]]\nname = "A"\n', ()),
        ("[tool.newsroom]\npeople.x = 1\n", TOOL),
        ('name = """\n[[people]]\nname = 1\n\n[x]\n"""\n', ()),
    ],
)  # fmt: skip
def test_what_is_written_in_a_way_of_its_own_is_left_alone(text, table):
    with pytest.raises(CannotRun, match="does not edit"):
        file(text, table).with_person(NEW) and file(text, table).without(0)


def test_name_that_would_break_toml_is_written_so_that_it_does_not():
    name = 'Ana "the\\" #]]\' Ruiz 李 😀'
    assert people(file(A).with_person({**NEW, "name": name})) == ["A", name]


KEYS = st.sampled_from(
    ["name = 'x'\n", "# words\n", "\n", "[sections]\nlocal = 'L'\n", A, B, TRUST, "[limits]\ntitle = 3\n"]
)


@given(st.lists(KEYS, max_size=8), st.sampled_from(["\n", "\r\n"]), st.text(max_size=20))
def test_whatever_the_file_a_person_is_added_and_removed_without_another_change(parts, newline, name):
    text = "".join(parts).replace("\n", newline)
    try:
        tomllib.loads(text)
    except ValueError:
        return
    name = "".join(one for one in name if one.isprintable()) or "x"
    after = file(text).with_person({**NEW, "name": name})
    assert people(after) == [*people(text), name]
    left = [line for line in after.split("\n") if line.strip()]
    for line in (line for line in text.split("\n") if line.strip()):
        left = left[left.index(line) + 1 :]
    assert people(file(after).without(len(people(text)))) == people(text)
    for number in range(len(people(text))):
        assert len(people(file(text).without(number))) == len(people(text)) - 1
