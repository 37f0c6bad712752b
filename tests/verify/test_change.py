"""What one change may do to one story: every finding of `check_change` at the line, and of the words, that it is about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from making import (
    AT,
    CHIEF_EDITOR,
    EDITOR,
    LEDGER,
    READY,
    REPORTER,
    ROSTER,
    begun,
    forged,
    in_edit,
    judges,
    names,
    published,
    read,
    rewritten,
    the_one,
    walked,
)

from newsroom_cli.model import Severity
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Held
from newsroom_cli.verify.change import StoryChange, check_change, words_not_seen
from newsroom_cli.verify.objections import SignOffContext, object_to
from newsroom_cli.verify.standing import check_record

SUBMITTED = walked(begun(), ("submit", REPORTER))


def changed(before: Held, after: Held, policy=None, **known):
    count = len(after.ledger.entries) if after.ledger else 0
    strengths = dict.fromkeys(range(1, count + 1), "attributed")
    change = StoryChange(before, after, strengths=strengths, **known)
    return list(check_change(change, policy or judges(), require="recorded", now=None))


@pytest.mark.parametrize(
    "held, unseen, unknown, looking_back, told",
    [
        (in_edit(), {3}, set(), False, [(3, Severity.ERROR)]),
        (in_edit(), {3}, set(), True, [(3, Severity.ERROR)]),
        (in_edit(), {3}, {3}, False, []),
        (in_edit(), {3}, {3}, True, [(3, Severity.INFO)]),
        (in_edit(), {2}, set(), False, []),
        (in_edit(), {2}, set(), True, [(2, Severity.INFO)]),
        (in_edit(), {9}, set(), True, []),
        (published(), {3}, set(), False, []),
        (published(), {3}, set(), True, [(3, Severity.INFO)]),
        (published(), {3, 4}, set(), False, [(3, Severity.ERROR)]),
        (published(), {4}, set(), True, []),
    ],
)
def test_a_yes_to_words_that_were_nowhere_is_an_error_until_somebody_says_yes_to_words_that_are_there(
    held, unseen, unknown, looking_back, told
):
    change = StoryChange(Held(), held, unseen=frozenset(unseen), unknown=frozenset(unknown))
    findings = words_not_seen(change, held.ledger, judges().settings.pipeline, looking_back=looking_back)
    assert [(finding.line, finding.severity) for finding in findings] == told


def test_words_of_entries_the_base_has_are_not_looked_for():
    change = StoryChange(in_edit(), in_edit(), unseen=frozenset({3}))
    assert not list(words_not_seen(change, in_edit().ledger, judges().settings.pipeline, looking_back=True))


def test_of_a_ledger_that_cannot_be_read_nothing_further_is_said():
    wrong = forged(SUBMITTED, action="approve", to="edit", by=str(REPORTER), role="editor")
    assert "four-eyes" in names(changed(SUBMITTED, wrong))
    broken = Held(wrong.story, ledger.parse(LEDGER, wrong.ledger.content + b"{}\n"))
    assert names(changed(SUBMITTED, broken)) == []


@pytest.mark.parametrize(
    "before, after, rule",
    [
        (SUBMITTED, Held(SUBMITTED.story), "ledger-removed"),
        (published(), Held(None, published().ledger), "story-removed"),
    ],
)
def test_what_is_gone_is_told_at_its_first_line(before, after, rule):
    assert [(finding.rule, finding.line) for finding in changed(before, after)] == [(rule, 1)]


@pytest.mark.parametrize(
    "kept, says", [(4, ""), (3, "its last entry was taken out"), (2, "its last 2 entries were taken out")]
)
def test_how_many_entries_were_taken_out_is_said(kept, says):
    before = published()
    rows = before.ledger.content.splitlines(keepends=True)
    cut = Held(before.story, ledger.parse(LEDGER, b"".join(rows[:kept])))
    told = [finding.message for finding in changed(before, cut) if finding.rule == "ledger-rewritten"]
    assert told == ([f"{says}; a ledger only grows."] if says else [])


@pytest.mark.parametrize("section, may", [("sport", False), ("local", True)])
def test_a_sign_off_over_a_story_that_goes_with_it_is_judged_by_the_section_it_had(section, may):
    policy = judges(ROSTER.replace('roles = ["editor"]', f'roles = ["editor"]\nsections = ["{section}"]'))
    before = walked(begun(policy), ("submit", REPORTER), by=policy)
    signed = forged(before, action="approve", to="edit", by=str(EDITOR), role="editor")
    assert ("not-entitled" in names(changed(before, Held(None, signed.ledger), policy))) != may


TWO_TAKE_BACK = """
[[pipeline.moves]]
action = "unpublish"
from = ["publish"]
to = "draft"
by = ["editor", "chief-editor"]
note = "required"
"""


def test_a_story_that_one_of_two_took_back_is_with_readers_still_and_keeps_its_date_line():
    policy = judges(TWO_TAKE_BACK)
    public = published(policy, text=READY.replace("lang: en", "lang: en\ndateline: Changzhou"))
    one_signed = walked(public, ("unpublish", EDITOR), by=policy)
    both_signed = walked(one_signed, ("unpublish", CHIEF_EDITOR), by=policy)
    assert one_signed.ledger.state == "publish"
    assert "dateline-changed" in names(changed(public, rewritten(one_signed, "Changzhou", "Wujin"), policy))
    assert "dateline-changed" not in names(changed(public, rewritten(both_signed, "Changzhou", "Wujin"), policy))


@pytest.mark.parametrize(
    "alias, leads",
    [
        ("council-budget", True),
        ("/old/council-budget/", True),
        ("/old/Council-Budget.html", True),
        ("/council-budget/old/", False),
        ("another", False),
    ],
)
def test_an_alias_leads_where_its_last_part_is_the_slug_readers_know(alias, leads):
    public = published()
    text = public.story.text.replace("slug: council-budget", f"slug: budget\naliases: [{alias}]")
    moved = Held(read(text, "stories/2026/11/budget.md"), public.ledger)
    by_slug = [finding for finding in changed(public, moved) if "as council-budget," in finding.message]
    assert bool(by_slug) != leads


# one entry


def objections_to(held: Held, policy=None, **over) -> list[tuple[str, str]]:
    """The rules and messages against one more entry."""
    entry = forged(held, **over).ledger.entries[-1]
    context = SignOffContext(policy or judges(), (REPORTER,), "local", story=held.story)
    found = object_to(entry, held.ledger.entries, held.ledger.record, context)
    return [(objection.rule, objection.message) for objection in found]


APPROVING = {"action": "approve", "to": "edit", "by": str(EDITOR), "role": "editor", "set": {"editor": [str(EDITOR)]}}


def test_terms_of_a_move_that_takes_none_are_objected_to():
    assert objections_to(SUBMITTED, **APPROVING) == []
    assert "entry-set" in [rule for rule, _ in objections_to(SUBMITTED, **APPROVING, terms={"notice": "Wait."})]


def test_an_override_that_lifts_nothing_is_for_those_who_may_lift():
    policy = judges(ROSTER + '\n[trust]\noverride = ["chief-editor"]\n')
    entry = {**APPROVING, "override": "Nobody else is here."}
    assert [rule for rule, _ in objections_to(SUBMITTED, policy, **entry)] == ["not-entitled"]
    by_chief = {**entry, "by": str(CHIEF_EDITOR), "set": {"editor": [str(CHIEF_EDITOR)]}}
    assert objections_to(SUBMITTED, policy, **by_chief) == []


def test_the_keys_that_an_entry_sets_otherwise_are_named_and_no_others():
    wrong = {**APPROVING, "set": {"editor": [str(EDITOR)], "version": 7}}
    assert objections_to(SUBMITTED, **wrong) == [("entry-set", "approve may not set version this way.")]


def test_a_picture_that_lies_nowhere_here_is_named_as_it_is_written():
    away = "../../../../../away.png"
    public = published(assets={away: "a" * 40})
    other = Held(public.story, public.ledger, {away: "b" * 40})
    finding = the_one(
        [
            row
            for row in check_record(other, judges(), now=AT + timedelta(days=1))
            if row.rule == "published-picture-changed"
        ]
    )
    assert f"COMMIT {away}" in finding.hint
