"""Time and life after publication, without git: sequences that go wrong elsewhere, and any sequence at all."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import (
    AT,
    CHIEF_EDITOR,
    DESK_CHIEF,
    EDITOR,
    READY,
    REPORTER,
    ROSTER,
    STORY_ID,
    STRANGER,
    THREE_PEOPLE,
    THREE_REVIEWS,
    after,
    begun,
    forged,
    in_edit,
    judges,
    names,
    published,
    rewritten,
    take,
)

from newsroom_cli.errors import NoSuchMove, NotReady, NotYourRight, Refusal, WrongUsage
from newsroom_cli.model import Ident, Severity
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.ledger import Held, disagreements
from newsroom_cli.record.stops import in_force
from newsroom_cli.story import frontmatter
from newsroom_cli.times import format_ledger_time
from newsroom_cli.verify.change import StoryChange, check_change
from newsroom_cli.verify.standing import check_followup, check_record
from newsroom_cli.workflow.visibility import Sight, find_sight

THREE = judges(ROSTER + THREE_REVIEWS)
NOW = AT + timedelta(hours=12)
NOTICE = {"kind": "correction", "notice": "On Tuesday, not on Monday."}


def minutes(number: int) -> str:
    return format_ledger_time(AT + timedelta(minutes=number))


def did(held: Held, action: str, who=EDITOR, by: Policy | None = None, **more) -> Held:
    return after(held, take(held, action, who, by, **{"note": "As agreed.", **more}))


def planned(at: int = 120, **more) -> Held:
    return did(in_edit(), "schedule", terms={"publish_at": minutes(at)}, **more)


NIGHT = Ident("Night", "night@gazette.example")
OTHERS = judges(ROSTER + f'[[people]]\nname = "Night"\nemails = ["{NIGHT.email}"]\nroles = ["editor"]\n' + THREE_PEOPLE)
"""Three reviews of a story that a fourth person approved."""


def signed_by(held: Held, action: str, *people: Ident, by: Policy, **more) -> Held:
    for who in people:
        held = did(held, action, who, by, **more)
    return held


def out(by: Policy = THREE, first: Ident = EDITOR) -> Held:
    """A story three people signed."""
    return signed_by(in_edit(by), "publish", first, DESK_CHIEF, CHIEF_EDITOR, by=by)


def reworded(held: Held, old: str = "on Monday", new: str = "on Tuesday") -> Held:
    return rewritten(held, old, new)


# Corrections by several


def test_a_correction_waits_for_the_signers_of_publish():
    held = reworded(out())
    for who, waiting in ((EDITOR, 2), (DESK_CHIEF, 1)):
        step = take(held, "correct", who, THREE, terms=NOTICE)
        assert (len(step.waiting), step.entry.set, step.entry.terms) == (waiting, {}, NOTICE)
        held = after(held, step)
        assert find_sight(held, THREE.settings.pipeline, AT + timedelta(hours=1)) is Sight.NOTHING
    done = take(held, "correct", CHIEF_EDITOR, THREE, terms=NOTICE)
    assert (done.waiting, done.entry.set["version"]) == ((), 2)
    assert done.entry.set["corrections"] == [
        {"number": 1, "version": 2, "date": done.entry.at, "kind": "correction", "notice": NOTICE["notice"]}
    ]
    assert clean(after(held, done), THREE)


def test_who_signed_a_publication_may_sign_its_correction():
    held = reworded(out(OTHERS, NIGHT))
    held = signed_by(held, "correct", NIGHT, DESK_CHIEF, CHIEF_EDITOR, by=OTHERS, terms=NOTICE)
    assert held.ledger.record["version"] == 2
    assert clean(held, OTHERS)


def test_who_signed_a_publication_or_took_it_back_may_sign_the_next():
    held = did(out(OTHERS, NIGHT), "unpublish", NIGHT, OTHERS)
    held = signed_by(reworded(held), "publish", NIGHT, DESK_CHIEF, CHIEF_EDITOR, by=OTHERS)
    assert held.ledger.record["version"] == 2
    assert clean(held, OTHERS)


def test_who_approved_a_publication_does_not_sign_it():
    with pytest.raises(NotYourRight, match="signed an earlier move"):
        take(in_edit(OTHERS), "publish", EDITOR, OTHERS)


@pytest.mark.parametrize("other", [{**NOTICE, "notice": "Tuesday."}, {**NOTICE, "kind": "clarification"}])
def test_who_signs_another_notice_begins_anew(other):
    held = did(reworded(out()), "correct", EDITOR, THREE, terms=NOTICE)
    with pytest.raises(NotYourRight, match="next signed by editor"):
        take(
            held,
            "correct",
            DESK_CHIEF,
            judges(ROSTER.replace('["editor", "desk-chief"]', '["desk-chief"]') + THREE_REVIEWS),
            terms=other,
        )
    assert len(take(held, "correct", DESK_CHIEF, THREE, terms=other).waiting) == 2


def test_a_change_in_between_lapses_the_sign_offs_of_a_correction():
    held = did(reworded(out()), "correct", EDITOR, THREE, terms=NOTICE)
    held = reworded(held, "on Tuesday", "on Wednesday")
    assert len(take(held, "correct", EDITOR, THREE, terms=NOTICE).waiting) == 2


def test_the_sign_offs_of_one_correction_do_not_count_for_the_next():
    held = reworded(out())
    for who in (EDITOR, DESK_CHIEF, CHIEF_EDITOR):
        held = did(held, "correct", who, THREE, terms=NOTICE)
    again = reworded(reworded(held, "on Tuesday", "on Friday"), "on Friday", "on Sunday")
    step = take(again, "correct", EDITOR, THREE, terms=NOTICE)
    assert len(step.waiting) == 2
    assert take(held, "correct", EDITOR, THREE, terms=NOTICE).entry is None


def test_a_role_asked_for_signs_corrections_and_schedules_too():
    by = judges(ROSTER)
    held = did(in_edit(by), "require", DESK_CHIEF, by, role="chief-editor")
    assert take(held, "schedule", EDITOR, by, terms={"publish_at": minutes(120)}).waiting == ("chief-editor",)
    held = did(did(held, "publish", EDITOR, by), "publish", CHIEF_EDITOR, by)
    assert take(reworded(held), "correct", EDITOR, by, terms=NOTICE).waiting == ("chief-editor",)


def test_four_eyes_hold_for_corrections_and_can_be_lifted():
    held = reworded(published())
    with pytest.raises(NotYourRight):
        take(held, "correct", REPORTER, terms=NOTICE)
    step = take(held, "correct", REPORTER, terms=NOTICE, override="alone at night")
    assert step.entry.override == "alone at night"


@pytest.mark.parametrize("terms", [{}, {"kind": "correction"}, {"kind": "correction", "notice": " \n"}])
def test_a_correction_tells_readers(terms):
    with pytest.raises(WrongUsage, match="notice"):
        take(reworded(published()), "correct", EDITOR, terms=terms)


@pytest.mark.parametrize("verb", ["correct", "kill", "unpublish"])
@pytest.mark.parametrize("character", ["\x1b", "\u202e", "\u2066", "\ufeff"])
def test_a_notice_with_what_nobody_sees_is_wrong_usage_and_found(verb, character):
    held = reworded(published()) if verb == "correct" else published()
    terms = {"notice": f"On {character}Tuesday."} | ({"kind": "correction"} if verb == "correct" else {})
    with pytest.raises(WrongUsage, match=rf"U\+{ord(character):04X}"):
        take(held, verb, EDITOR, note="n", terms=terms)
    bad = forged(held, action=verb, by=str(EDITOR), role="editor", note="n", terms=terms)
    assert "entry-set" in names(
        check_change(StoryChange(held, bad), judges(), require="recorded", now=AT + timedelta(hours=2))
    )


@pytest.mark.parametrize("notice", [None, "", " ", "\t \n", "\u3000"])
@pytest.mark.parametrize(
    "verb, flaw", [("correct", "needs a notice"), ("kill", "needs a notice"), ("unpublish", "empty notice")]
)
def test_a_forged_notice_of_blanks_is_none(verb, flaw, notice):
    held = reworded(published()) if verb == "correct" else published()
    honest = did(held, verb, terms=NOTICE if verb == "correct" else {"notice": NOTICE["notice"]}).ledger.entries[-1]
    terms = {key: value for key, value in {**honest.terms, "notice": notice}.items() if value is not None}
    made = dict(honest.set)
    if "corrections" in made:
        made["corrections"] = [{**made["corrections"][-1], "notice": notice}]
    then = forged(held, **{**honest._asdict(), "terms": terms, "set": made})
    said = [
        *check_change(StoryChange(held, then), judges(), require="recorded", now=NOW),
        *check_record(Held(None, then.ledger), judges(), now=NOW),
    ]
    if verb == "unpublish" and notice is None:
        assert said == []
    else:
        assert names(said) == ["entry-set"] * 2
        assert all(flaw in one.message for one in said)


@pytest.mark.parametrize("taken_back", ["", "unpublish", "kill"])
def test_what_follows_a_story_that_readers_have_no_more_is_found(taken_back):
    original = published()
    if taken_back:
        terms = {"notice": NOTICE["notice"]} if taken_back == "kill" else {}
        original = did(original, taken_back, terms=terms)
    held = in_edit(
        text=READY.replace(STORY_ID, "20261123-aaaaaaaa").replace("lang: en", f"lang: en\nupdate_of: {STORY_ID}")
    )
    follows = did(held, "publish", minute=30)
    found = list(check_followup(follows, original.ledger, judges().settings.pipeline))
    assert names(found) == (["update-before-original"] if taken_back else [])


@pytest.mark.parametrize("minute", [4, 13])
def test_what_followed_a_story_while_readers_had_it_stays_in_order_after_its_end(minute):
    follows = did(in_edit(text=READY.replace("lang: en", "lang: en\nupdate_of: 20261122-aaaaaaaa")), "publish")
    original = did(published(), "kill", minute=minute, terms={"notice": NOTICE["notice"]})
    assert list(check_followup(follows, original.ledger, judges().settings.pipeline)) == []


@pytest.mark.parametrize("minute, early", [(3, False), (13, False), (14, True)])
def test_what_follows_a_story_may_be_public_as_much_earlier_as_two_clocks_differ(minute, early):
    follows = did(in_edit(text=READY.replace("lang: en", "lang: en\nupdate_of: 20261122-aaaaaaaa")), "publish")
    original = did(in_edit(), "publish", minute=minute)
    found = list(check_followup(follows, original.ledger, judges().settings.pipeline))
    assert names(found) == (["update-before-original"] if early else [])


@pytest.mark.parametrize("had, now, says, way", [
    ("HARBOUR", "HILLTOWN", "was 'HARBOUR' when the story went out", "Write `dateline: HARBOUR`."),
    ("HARBOUR", "", "was 'HARBOUR' when the story went out", "Write `dateline: HARBOUR`."),
    ("", "HILLTOWN", "went out without a date line", "Take `dateline` out."),
])  # fmt: skip
def test_a_date_line_is_that_of_the_day_it_went_out_and_the_way_back_is_said(had, now, says, way):
    had, now = (f"lang: en\ndateline: {place}" if place else "lang: en" for place in (had, now))
    before = published(text=READY.replace("lang: en", had))
    changes = check_change(StoryChange(before, reworded(before, had, now)), judges(), require="recorded", now=NOW)
    (found,) = [one for one in changes if one.rule == "dateline-changed"]
    assert says in found.message
    assert found.hint == way


def test_a_correction_is_of_a_kind_the_agencies_know():
    with pytest.raises(NoSuchMove, match="of no kind erratum") as refused:
        take(reworded(published()), "correct", EDITOR, terms={**NOTICE, "kind": "erratum"})
    assert "correction, clarification, update, refile" in refused.value.hint


def test_a_correction_keeps_rules_and_date_line():
    with pytest.raises(NotReady, match="not ready"):
        take(reworded(published(), "description: Taxes", "description: ''\nx: Taxes"), "correct", EDITOR, terms=NOTICE)
    moved = reworded(published(), "lang: en", "lang: en\ndateline: HARBOUR")
    with pytest.raises(NotReady):
        take(moved, "correct", EDITOR, terms=NOTICE, public=published().story)


# Schedules


@pytest.mark.parametrize("changed", [reworded, lambda held: held._replace(assets={"a.jpg": "0" * 40})])
def test_a_change_voids_the_schedule_and_signing_again_mends_it(changed):
    held = changed(planned())
    assert names(check_record(held, judges(), now=AT + timedelta(hours=1))) == ["schedule-void"]
    with pytest.raises(NoSuchMove, match="void"):
        take(held, "release", STRANGER, minute=121)
    held = did(held, "schedule", terms={"publish_at": minutes(130)})
    assert take(held, "release", STRANGER, minute=131).entry.set["date"] == minutes(130)


def test_a_story_that_is_published_from_its_first_state_names_its_editor_when_it_is_scheduled():
    by = judges(
        "[pipeline.states.draft]\ninitial=true\n[pipeline.states.publish]\npublic=true\n"
        "[[pipeline.moves]]\naction='publish'\nfrom=['draft']\nto='publish'\nby=['editor']\n"
        "not_by=['reporter']\nsets=['editor', 'date', 'version', 'lastmod']\n"
    )
    held = did(begun(by), "schedule", by=by, terms={"publish_at": minutes(120)})
    assert held.ledger.record["editor"] == [str(EDITOR)]
    assert take(held, "release", STRANGER, by, minute=121).entry.to == "publish"


def test_a_schedule_is_moved_by_whoever_set_it():
    moved = take(planned(), "schedule", EDITOR, terms={"publish_at": minutes(130)}, minute=10)
    assert moved.entry.set == {"publish_at": minutes(130)}


def test_a_schedule_set_again_on_the_same_terms_is_done():
    held = planned()
    assert take(held, "schedule", EDITOR, terms={"publish_at": minutes(120)}, minute=10).entry is None
    assert take(reworded(held), "schedule", EDITOR, terms={"publish_at": minutes(120)}, minute=10).entry is not None


@pytest.mark.parametrize(
    ("verb", "terms", "says"),
    [
        ("schedule", {"publish_at": minutes(120)}, "is scheduled for that time already, by Editor"),
        ("embargo", {"embargo": minutes(120)}, "is under that embargo already, by Editor"),
    ],
)
def test_a_time_that_somebody_else_set_is_not_set_again(verb, terms, says):
    held = did(in_edit(), verb, terms=terms)
    with pytest.raises(NoSuchMove, match=says):
        take(held, verb, CHIEF_EDITOR, terms=terms, minute=10)
    assert take(held, verb, EDITOR, terms=terms, minute=10).entry is None


def test_an_embargo_extended_by_whoever_set_it_is_theirs_as_it_is_now():
    held = did(did(in_edit(), "embargo", terms={"embargo": minutes(60)}), "embargo", terms={"embargo": minutes(120)})
    assert take(held, "embargo", EDITOR, terms={"embargo": minutes(120)}, minute=10).entry is None


def test_an_embargo_that_somebody_else_lifted_is_not_lifted_again():
    assert take(in_edit(), "embargo", EDITOR, terms={}).entry is None
    held = did(did(in_edit(), "embargo", terms={"embargo": minutes(120)}), "embargo", terms={})
    assert take(held, "embargo", EDITOR, terms={}).entry is None
    with pytest.raises(NoSuchMove, match="is under no embargo already"):
        take(held, "embargo", CHIEF_EDITOR, terms={})


def test_a_role_asked_for_after_scheduling_voids_it():
    by = judges(ROSTER)
    held = did(in_edit(by), "schedule", EDITOR, by, terms={"publish_at": minutes(120)})
    held = did(held, "require", DESK_CHIEF, by, role="chief-editor")
    with pytest.raises(NoSuchMove, match="a role was asked for"):
        take(held, "release", STRANGER, by, minute=121)


@pytest.mark.parametrize("minute, goes", [(119, False), (120, True), (10_000, True)])
def test_a_release_is_not_before_its_time(minute, goes):
    if goes:
        step = take(planned(), "release", STRANGER, minute=minute)
        assert (step.entry.set["date"], step.entry.at, step.entry.role) == (minutes(120), minutes(minute), None)
        return
    with pytest.raises(NoSuchMove, match="Its time is 2026-11-23T12:00:00"):
        take(planned(), "release", STRANGER, minute=minute)


def test_a_story_scheduled_and_embargoed_needs_both_times():
    held = did(in_edit(), "embargo", terms={"embargo": minutes(120)})
    with pytest.raises(NoSuchMove, match="before its embargo ends") as refused:
        take(held, "schedule", EDITOR, terms={"publish_at": minutes(119)}, minute=10)
    assert "story embargo council-budget --lift" in refused.value.hint
    held = did(held, "schedule", terms={"publish_at": minutes(120)})
    with pytest.raises(NoSuchMove, match="ends after the time it is scheduled for"):
        take(held, "embargo", EDITOR, terms={"embargo": minutes(121)}, minute=10)


# Embargoes


def test_an_embargo_is_extended_and_lifted_and_never_quietly_shortened():
    held = did(in_edit(), "embargo", terms={"embargo": minutes(120)})
    with pytest.raises(NoSuchMove, match="lift that first"):
        take(held, "embargo", EDITOR, terms={"embargo": minutes(60)}, minute=10)
    held = did(held, "embargo", terms={"embargo": "until-further-notice"})
    with pytest.raises(NoSuchMove, match="lift that first"):
        take(held, "embargo", EDITOR, terms={"embargo": minutes(60)}, minute=10)
    held = did(held, "embargo", terms={})
    assert take(held, "publish", EDITOR, minute=30).entry.to == "publish"
    held = did(held, "embargo", terms={"embargo": minutes(60)})
    assert held.ledger.record["embargo"] == minutes(60)


@pytest.mark.parametrize(
    "end, minute, stops",
    [
        (None, 0, False),
        ("", 0, False),
        (minutes(10), 9, True),
        (minutes(10), 10, False),
        ("until-further-notice", 10**6, True),
        ("until Tuesday", 0, True),
        ("until Tuesday", 10**6, True),
    ],
)
def test_an_embargo_stops_until_its_end_and_always_where_that_cannot_be_read(end, minute, stops):
    assert in_force(end, AT + timedelta(minutes=minute)) is stops


@pytest.mark.parametrize("minute", [0, 10])
def test_an_embargo_in_the_past_is_refused(minute):
    with pytest.raises(NoSuchMove, match="is past"):
        take(in_edit(), "embargo", EDITOR, terms={"embargo": minutes(minute)}, minute=10)


def test_eighteen_in_shanghai_is_ten_utc():
    held = did(in_edit(), "embargo", terms={"embargo": minutes(120)})
    text = held.story.text
    shanghai = judges('timezone = "Asia/Shanghai"')
    there = did(in_edit(shanghai), "embargo", by=shanghai, terms={"embargo": minutes(120)})
    assert "embargo: 2026-11-23T20:00:00+08:00" in there.story.text
    assert "embargo: 2026-11-23T12:00:00+00:00" in text
    assert list(disagreements(there.story, held.ledger.record)) == []


# Clocks


@pytest.mark.parametrize("timed", [True, False])
def test_where_a_time_decides_what_readers_get_no_clock_is_ahead(timed):
    held = did(in_edit(), "embargo", terms={"embargo": minutes(120)}) if timed else in_edit()
    held = did(held, "publish", minute=120)
    found = [one.rule for one in check_record(held, judges(), now=AT + timedelta(minutes=115))]
    assert found == (["entry-time"] if timed else [])


def test_a_release_forged_early_is_found_by_the_checkers_clock():
    held = planned()
    step = take(held, "release", STRANGER, minute=121)
    assert "entry-time" in names(check_record(after(held, step), judges(), now=AT + timedelta(minutes=119)))
    early = forged(held, action="release", to="publish", at=minutes(119), set={**step.entry.set})
    assert "entry-without-row" in names(
        list(check_change(StoryChange(held, early), judges(), require="recorded", now=AT + timedelta(hours=3)))
    )


# Life after publication


def test_unpublish_keeps_the_first_date_and_counts_on():
    held = published()
    first = held.ledger.record["date"]
    held = did(held, "unpublish")
    assert {key: held.ledger.record.get(key) for key in ("state", "pubstatus", "draft", "version")} == {
        "state": "edit",
        "pubstatus": "withheld",
        "draft": True,
        "version": 1,
    }
    held = did(did(held, "hold"), "resume")
    assert held.ledger.record["pubstatus"] == "withheld"  # readers had it, and have it no more
    held = did(held, "publish", minute=50)
    record = held.ledger.record
    assert (record["date"], record["version"], record.get("pubstatus"), record.get("draft")) == (first, 2, None, None)


@pytest.mark.parametrize(
    "verb",
    ["publish", "correct", "unpublish", "hold", "spike", "embargo", "schedule", "release", "send-back", "submit"],
)
def test_nothing_leads_on_from_kill(verb):
    held = did(published(), "kill", terms={"notice": "Withdrawn."})
    terms = {"correct": NOTICE, "embargo": {"embargo": minutes(90)}, "schedule": {"publish_at": minutes(90)}}.get(
        verb, {}
    )
    with pytest.raises(NoSuchMove):
        take(reworded(held) if verb == "correct" else held, verb, DESK_CHIEF, note="n", terms=terms, minute=60)


def test_spike_takes_a_story_off_the_schedule():
    held = did(planned(), "spike")
    assert held.ledger.record.get("publish_at") is None
    held = did(held, "restore")
    with pytest.raises(NoSuchMove, match="not scheduled"):
        take(held, "release", STRANGER, minute=130)


# What refusals say

SHANGHAI = judges('timezone = "Asia/Shanghai"\n' + ROSTER)
DUE, DUE_HERE = "2026-11-29T00:00:00Z", "2026-11-29T08:00:00+08:00"


def refusal(held: Held, action: str, who=EDITOR, by: Policy = SHANGHAI, **more) -> str:
    """All that a refused action says."""
    with pytest.raises(Refusal) as refused:
        take(held, action, who, by, **{"note": "n", **more})
    return f"{refused.value.message} {refused.value.hint}"


def test_refusals_tell_times_in_the_newsrooms_zone():
    scheduled = did(in_edit(SHANGHAI), "schedule", by=SHANGHAI, terms={"publish_at": DUE})
    embargoed = did(in_edit(SHANGHAI), "embargo", by=SHANGHAI, terms={"embargo": DUE})
    later, sooner = {"embargo": "2026-11-30T00:00:00Z"}, {"embargo": "2026-11-28T00:00:00Z"}
    for said in (
        refusal(scheduled, "send-back"),
        refusal(scheduled, "release", STRANGER),
        refusal(scheduled, "embargo", terms=later),
        refusal(embargoed, "publish"),
        refusal(embargoed, "embargo", terms=sooner),
        refusal(in_edit(SHANGHAI), "embargo", terms={"embargo": DUE}, minute=60 * 24 * 7),
    ):
        assert DUE_HERE in said
        assert DUE not in said


def test_where_nothing_leads_on_what_stops_the_story_is_said():
    held = did(in_edit(SHANGHAI), "hold", by=SHANGHAI)
    held = did(held, "resume", by=SHANGHAI)
    held = did(held, "schedule", by=SHANGHAI, terms={"publish_at": DUE})
    held = did(held, "hold", by=SHANGHAI)
    said = refusal(held, "submit", REPORTER)
    assert "Nothing leads on from edit. It is on hold. Let it go on: story resume council-budget." in said
    assert f"It is scheduled for {DUE_HERE}. Take it off the schedule: story deschedule council-budget." in said
    held = did(in_edit(SHANGHAI), "embargo", by=SHANGHAI, terms={"embargo": DUE})
    held = did(held, "schedule", by=SHANGHAI, terms={"publish_at": DUE})
    assert "story embargo council-budget --lift." in refusal(held, "approve")


def test_an_embargo_without_an_end_is_lifted_before_a_time_is_signed():
    held = did(in_edit(SHANGHAI), "embargo", by=SHANGHAI, terms={"embargo": "until-further-notice"})
    said = refusal(held, "schedule", terms={"publish_at": DUE})
    assert said.endswith("its embargo has no end. Lift it: story embargo council-budget --lift")


def test_who_signs_another_time_is_told_which_the_others_signed():
    by = judges(
        'timezone = "Asia/Shanghai"\n' + ROSTER.replace('["editor", "desk-chief"]', '["desk-chief"]') + THREE_REVIEWS
    )
    held = did(in_edit(by), "schedule", EDITOR, by, terms={"publish_at": DUE})
    said = refusal(held, "schedule", DESK_CHIEF, by, terms={"publish_at": "2026-11-30T00:00:00Z"})
    assert f"not by desk-chief. Editor signed it on publish_at {DUE_HERE}." in said


# Pipelines of a newsroom's own


STRAIGHT = """
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
sets = ["editor"]

[[pipeline.moves]]
action = "publish"
from = ["*"]
to = "publish"
by = ["editor"]
sets = ["date", "version", "lastmod"]
"""


def test_hold_and_embargo_stop_a_publish_row_that_says_nothing_of_them():
    own = judges(STRAIGHT)
    held = begun(own)
    for stop, terms, way_out in (("hold", {}, "resume"), ("embargo", {"embargo": "until-further-notice"}, "embargo")):
        held = did(held, stop, by=own, terms=terms)
        with pytest.raises(NoSuchMove):
            take(held, "publish", EDITOR, own, minute=20)
        held = did(held, way_out, by=own)
    held = did(did(held, "submit", REPORTER, own), "approve", by=own)
    held = did(held, "schedule", by=own, terms={"publish_at": minutes(120)})
    held = did(held, "release", STRANGER, own, minute=121)
    held = did(held, "unpublish", by=own, minute=122)
    assert held.ledger.state == "edit"
    assert clean(held, own, minute=130)


def test_a_pipeline_of_public_states_alone_has_no_verbs_for_others():
    own = judges(
        '[pipeline.states.live]\ninitial = true\npublic = true\n[[pipeline.moves]]\naction = "publish"\nfrom = ["live"]\nto = "live"\nby = ["editor"]\nsets = ["date", "version", "lastmod"]\n'
    )
    there = {move.action for move in own.settings.pipeline.moves}
    assert not there & {"hold", "spike", "embargo", "schedule", "release", "unpublish", "correct"}
    assert {move.action for move in own.settings.pipeline.moves if move.begins} == {"new", "adopt", "update"}


# Any sequence at all

WAYS = [
    *(
        ("submit", {}),
        ("withdraw", {}),
        ("approve", {}),
        ("send-back", {}),
        ("publish", {}),
        ("hold", {}),
        ("resume", {}),
    ),
    *(("spike", {}), ("restore", {}), ("deschedule", {}), ("release", {}), ("unpublish", {}), ("embargo", {})),
    *(("embargo", {"embargo": 5}), ("schedule", {"publish_at": 3}), ("schedule", {"publish_at": 30})),
    *(
        ("correct", NOTICE),
        ("kill", {"notice": "Withdrawn."}),
        ("unpublish", {"notice": "It is checked."}),
        ("write", {}),
    ),
]


@given(
    st.lists(st.tuples(st.sampled_from(WAYS), st.sampled_from([REPORTER, EDITOR, CHIEF_EDITOR])), max_size=14),
    st.booleans(),
)
def test_whatever_the_workflow_allows_the_verifier_passes(ways, with_roster):
    by = judges(ROSTER) if with_roster else judges()
    start = held = begun(by)
    for minute, ((verb, terms), who) in enumerate(ways, 1):
        if verb == "write":
            held = held._replace(story=rewritten(held, " passed", " then passed").story)
            continue
        ends = {key: minutes(minute + value) if isinstance(value, int) else value for key, value in terms.items()}
        with suppress(Refusal, WrongUsage):
            held = did(held, verb, who, by, terms=ends, minute=minute)
    found = check_change(StoryChange(start, held), by, require="recorded", now=AT + timedelta(hours=2))
    assert [one.rule for one in found if one.severity is Severity.ERROR] == []
    found = check_record(held, by, now=AT + timedelta(hours=2))
    assert {one.rule for one in found if one.severity is Severity.ERROR} <= {"published-words-changed"}
    again = frontmatter.read_story(held.story.path, held.story.text.encode())
    assert list(disagreements(again, held.ledger.record)) == []


def clean(held: Held, by: Policy, *, minute: int = 60) -> bool:
    """Whether nothing is wrong with a story's record."""
    return [
        one.rule for one in check_record(held, by, now=AT + timedelta(minutes=minute)) if one.severity is Severity.ERROR
    ] == []
