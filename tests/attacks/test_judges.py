"""A change that brings its own judges."""

from __future__ import annotations

import json
import re

import pytest
from conftest import PEOPLE

from attacks.forging import ROSTER, caught, caught_among_others, forge, on_main, on_the_commits, passes, settled

TABLES = {
    "rules": '[rules]\ndescription-length = "off"\n',
    "pipeline states": '[pipeline.states.review]\nrequires = ["section"]\n',
    "pipeline moves": '[[pipeline.moves]]\naction = "approve"\nfrom = ["review"]\nto = "edit"\nby = ["editor"]\nsets = ["editor"]\n',
    "people": '[[people]]\nname = "A"\nemails = ["a@gazette.example"]\n',
    "trust": '[trust]\nrequire = "recorded"\n',
    "override": '[trust]\noverride = ["reporter"]\n',
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("where", ["newsroom.toml", "pyproject.toml"])
def test_judges_changed_in_the_same_change(base, table, where):
    text = TABLES[table]
    if where == "pyproject.toml":
        text = re.sub(r"^(\[+)", r"\1tool.newsroom.", text, flags=re.MULTILINE)
    base.write(where, text)
    base.commit("judges", who="Chief")
    base.story("new", "Flood", "--slug", "flood")
    caught(base, "judges-with-stories")


def test_configuration_moved_to_the_other_file_in_the_same_change(base):
    settled(base, ROSTER)
    base.git("rm", "--quiet", "newsroom.toml")
    base.write("pyproject.toml", '[tool.newsroom.trust]\noverride = ["reporter"]\n')
    base.commit("moved")
    base.story("new", "Flood", "--slug", "flood")
    caught_among_others(base, "judges-with-stories")


def test_mailmap_changed_in_the_same_change(base):
    base.write(".mailmap", f"{PEOPLE['Editor']} <private@home.example>\n")
    base.commit("mailmap", who="Chief")
    base.story("new", "Flood", "--slug", "flood")
    caught(base, "judges-with-stories")


def test_mailmap_of_the_change_makes_nobody_somebody_else(base):
    base.write(".mailmap", f"{PEOPLE['Editor']} <reporter@gazette.example>\n")
    base.commit("mailmap")
    forge(base, "council-budget", by="Editor", commit_as="Reporter")
    caught(base, "entry-not-attributed", "judges-with-stories")


def test_public_state_renamed_so_that_nobody_sees_a_quiet_edit(base):
    online = """
[pipeline.states.draft]
initial = true
[pipeline.states.review]
[pipeline.states.edit]
[pipeline.states.online]
public = true

[[pipeline.moves]]
action = "publish"
from = ["draft", "review", "edit"]
to = "online"
by = ["editor"]

[[pipeline.moves]]
action = "submit"
from = ["draft"]
to = "review"
by = ["reporter"]

[[pipeline.moves]]
action = "approve"
from = ["review"]
to = "edit"
by = ["editor"]
"""
    base.write("newsroom.toml", online)
    base.commit("online")
    caught(base, "configuration-strands")


def test_mailmap_that_takes_an_editors_address(base):
    settled(base, ROSTER)
    base.write(".mailmap", f"{PEOPLE['Reporter']} <editor@gazette.example>\n")
    base.commit("mailmap")
    caught(base, "configuration-strands")
    base.git("switch", "--quiet", "main")
    base.git("merge", "--quiet", "--ff-only", "change")
    base.git("switch", "--quiet", "-C", "change")
    base.story("approve", "council-budget", who="Editor")
    passes(base)


def test_mailmap_of_the_base_counts(base):
    base.git("switch", "--quiet", "main")
    base.write(".mailmap", f"{PEOPLE['Editor']} <private@home.example>\n")
    base.commit("mailmap", who="Chief")
    base.git("switch", "--quiet", "-C", "change")
    forge(base, "council-budget", by="Editor", commit_as="E. <private@home.example>")
    passes(base)


def test_baseline_changed_in_the_same_change(base):
    base.change(base.path_of("council-budget"), "section: local\n", "")
    base.write(
        ".newsroom/baseline.jsonl", json.dumps([base.path_of("council-budget"), "required-section", "section"]) + "\n"
    )
    base.commit("baseline")
    caught(base, "judges-with-stories", "required-section")


@pytest.mark.parametrize(
    "rule", ["published-words-changed", "record-by-hand", "required-section", "yaml-syntax", "four-eyes"]
)
def test_baseline_of_the_base_that_lets_a_forgery_be(base, rule):
    base.git("switch", "--quiet", "main")
    rows = sorted(json.dumps([base.path_of(slug), rule, key]) for slug in ("council-budget", "harbour-fire")
                  for key in ("", "state", "section"))  # fmt: skip
    base.write(".newsroom/baseline.jsonl", "\n".join(rows) + "\n")
    base.commit("baseline", who="Chief")
    base.git("switch", "--quiet", "-C", "change")
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.change(base.path_of("council-budget"), "state: review", "state: publish")
    base.change(base.path_of("council-budget"), "section: local\n", "")
    base.commit()
    caught_among_others(base, "published-words-changed", "record-by-hand", "required-section")


@pytest.mark.parametrize("setting", [
    '[rules]\nrecord-by-hand = "off"\n', '[rules]\npublished-words-changed = "info"\n', '[rules]\nfour-eyes = "warning"\n',
    '[rules.states.publish]\npublished-words-changed = "off"\n', '[rules.sections.local]\nentry-not-attributed = "off"\n',
])  # fmt: skip
def test_rule_of_the_record_lowered_by_the_base(base, setting):
    settled(base, setting)
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.change(base.path_of("council-budget"), "state: review", "state: publish")
    base.commit()
    said = on_the_commits(base)
    assert said.exit == 3 or {"published-words-changed", "record-by-hand"} <= {
        one["rule"] for one in said.json["findings"]
    }
    assert said.exit in (1, 3)


def test_findings_of_the_record_left_out_by_an_option(base):
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.commit()
    caught(base, "published-words-changed", args=("--ignore", "published-words-changed", "--select", "title-length"))


def test_finding_silenced_by_the_story_itself(base):
    base.change(
        base.path_of("council-budget"), "state: review", "state: publish\ncheck-ignore: {record-by-hand: it is fine}"
    )
    base.commit()
    caught_among_others(base, "record-by-hand", "check-ignore")


def test_trust_of_the_branch_does_not_make_a_forgery_recorded(base):
    base.write("newsroom.toml", '[trust]\nrequire = "recorded"\n')
    base.commit("trust")
    forge(base, "council-budget", by="Editor", commit_as="Reporter")
    caught(base, "entry-not-attributed", "judges-with-stories")


def test_option_that_asks_less_than_the_base(base):
    settled(base, '[trust]\nrequire = "attributed"\n')
    forge(base, "council-budget", by="Editor", commit_as="Reporter")
    caught(base, "entry-not-attributed", args=("--require", "recorded"))


def test_stranger_whom_the_branch_itself_adds_to_the_roster(base):
    settled(base, ROSTER)
    own = ROSTER.replace('"editor@gazette.example"', '"editor@gazette.example", "stringer@gazette.example"')
    base.write("newsroom.toml", own)
    base.commit("roster", who="Stringer")
    base.story("approve", "council-budget", who="Stringer")
    caught(base, "not-entitled", "judges-with-stories")


def test_branch_forked_from_an_old_roster(base):
    settled(base, ROSTER)
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.write("newsroom.toml", ROSTER.replace('roles = ["editor"]', 'roles = ["reporter"]'))
    base.commit("the Editor left the desk", who="Chief")
    base.git("switch", "--quiet", "change")
    caught(base, "not-entitled")


def test_branch_forked_before_there_was_a_roster(base):
    base.story("approve", "council-budget", who="Stringer")
    base.git("switch", "--quiet", "main")
    base.write("newsroom.toml", ROSTER)
    base.commit("roster", who="Chief")
    base.git("switch", "--quiet", "change")
    caught(base, "not-entitled")


def test_branch_forked_from_an_old_pipeline(base):
    base.story("approve", "council-budget", who="Editor")
    base.git("switch", "--quiet", "main")
    base.write("newsroom.toml", TABLES["pipeline moves"].replace('["editor"]\nsets', '["desk-chief"]\nsets'))
    base.commit("pipeline", who="Chief")
    base.git("switch", "--quiet", "change")
    caught(base, "sign-off-order")


def test_roster_changed_on_its_own_is_only_said(base):
    settled(base, ROSTER)
    base.write("newsroom.toml", ROSTER.replace('roles = ["chief-editor"]', 'roles = ["chief-editor", "editor"]'))
    base.commit("roster", who="Chief")
    passes(base, with_a_word="judges-changed")


def test_moves_that_two_people_made_of_one_story(base):
    base.story("approve", "council-budget", who="Editor")
    on_main(base, "approve", "council-budget", who="Chief")
    rows = {one["path"]: one["rule"] for one in on_the_commits(base).json["findings"]}
    assert rows[base.ledger_of("council-budget")] == "merge-conflict"


BROKEN = ["not json\n", '["a.md","title-length"]\n', '{"a": 1}\n', "[" * 20_000 + "\n"]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_baseline_that_cannot_be_read(base, text):
    base.write(".newsroom/baseline.jsonl", text)
    base.commit("baseline", who="Chief")
    caught(base, "configuration-unreadable")


def test_baseline_of_the_base_that_cannot_be_read_silences_nothing_and_can_be_mended(base):
    base.git("switch", "--quiet", "main")
    base.write(".newsroom/baseline.jsonl", "not json\n")
    base.commit("baseline", who="Chief")
    base.git("switch", "--quiet", "-C", "change")
    base.git("rm", "--quiet", ".newsroom/baseline.jsonl")
    base.commit("mended", who="Chief")
    passes(base, with_a_word="judges-changed")
    base.git("switch", "--quiet", "-C", "change", "main")
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.commit("typo")
    caught(base, "published-words-changed")
