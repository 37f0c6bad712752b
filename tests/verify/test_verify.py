"""Before and after -> findings: what a tree says of itself, and what a change may not do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import (
    AT,
    CHIEF_EDITOR,
    DESK_CHIEF,
    EDITOR,
    LEDGER,
    PATH,
    READY,
    REPORTER,
    ROSTER,
    STORY_ID,
    STRANGER,
    THREE_REVIEWS,
    after,
    begun,
    forged,
    front,
    in_edit,
    judges,
    names,
    published,
    read,
    rewritten,
    take,
    the_one,
    walked,
)
from signers import public, sign

from newsroom_cli.errors import NotYourRight
from newsroom_cli.model import Finding, Ident, Severity
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger
from newsroom_cli.record.entries import Entry, serialise
from newsroom_cli.record.ledger import Held, Ledger
from newsroom_cli.verify.change import StoryChange, check_change
from newsroom_cli.verify.objections import Kind, SignOffContext, object_to, open_overrides, reporters_of
from newsroom_cli.verify.signed import signature_flaw
from newsroom_cli.verify.standing import check_record

NOW = AT + timedelta(hours=1)
LATE = "2026-11-23T10:30:00Z"
AUTHORS = """
[[pipeline.moves]]
action = "approve"
from = ["review"]
to = "edit"
by = ["editor"]
not_by = ["reporter", "text-authors", "earlier-signers"]
sets = ["editor"]

[[pipeline.moves]]
action = "publish"
from = ["edit"]
to = "publish"
by = ["editor"]
not_by = ["text-authors"]
sets = ["editor", "date", "version", "lastmod"]
"""


def said(held: Held, by: Policy | None = None, *, now=NOW) -> list[Finding]:
    """Everything one tree's story and ledger say against themselves."""
    return list(check_record(held, by or judges(), now=now))


def change(
    before: Held, then: Held, by: Policy | None = None, *, require="recorded", weak=None, **seen
) -> list[Finding]:
    """Everything against one change; entries count as attributed but for those of `weak`."""
    count = len(then.ledger.entries) if then.ledger else 0
    strengths = {**dict.fromkeys(range(1, count + 1), "attributed"), **(weak or {})}
    return list(
        check_change(StoryChange(before, then, strengths=strengths, **seen), by or judges(), require=require, now=NOW)
    )


NOTHING = Held()


# One tree by itself


@pytest.mark.parametrize("held", [begun(), in_edit(), published()], ids=["draft", "edit", "publish"])
def test_a_story_moved_by_its_verbs_has_no_findings(held):
    assert said(held) == []
    assert said(held, judges(ROSTER)) == []
    assert change(NOTHING, held) == []


@pytest.mark.parametrize(
    "lines, rule, severity, key",
    [
        (["title: A"], "not-adopted", Severity.INFO, "id"),
        (["title: A", "state: draft"], "not-adopted", Severity.INFO, "id"),
        (["title: A", "id:"], "not-adopted", Severity.INFO, "id"),
        (["title: A", "state: publish"], "record-by-hand", Severity.ERROR, "state"),
        (["title: A", "state: review"], "record-by-hand", Severity.ERROR, "state"),
        (["title: A", f"id: {STORY_ID}"], "ledger-missing", Severity.ERROR, "id"),
        (["title: A", f"id: {STORY_ID}", "state: publish"], "ledger-missing", Severity.ERROR, "id"),
        (["title: A", "id: [x]"], "ledger-missing", Severity.ERROR, "id"),
    ],
)
def test_a_story_without_a_ledger_says_how_it_gets_one(lines, rule, severity, key):
    finding = the_one(said(Held(front(*lines))))
    assert (finding.rule, finding.severity, finding.key) == (rule, severity, key)
    assert "story adopt" in finding.hint


def test_of_the_record_keys_only_a_draft_may_be_true_without_a_ledger():
    assert names(said(Held(front("title: A", "draft: true")))) == ["not-adopted"]
    assert names(said(Held(front("title: A", "pubstatus: true")))) == ["record-by-hand", "not-adopted"]
    assert names(said(Held(front("title: A", "draft: false")))) == ["record-by-hand", "not-adopted"]


@pytest.mark.parametrize(
    "old, new, key",
    [
        ("state: publish", "state: draft", "state"),
        ("state: publish\n", "", "state"),
        (f"editor: {EDITOR}", f"editor: {CHIEF_EDITOR}", "editor"),
        (f"editor: {EDITOR}", f"editor: [{EDITOR}, {CHIEF_EDITOR}]", "editor"),
        (f"editor: {EDITOR}\n", "", "editor"),
        ("version: 1", "version: 2", "version"),
        ("date: 2026-11-23T10:03:00+00:00", "date: 2026-11-23T10:03:01+00:00", "date"),
        ("date: 2026-11-23T10:03:00+00:00", "date: 2026-11-23", "date"),
        ("state: publish", "state: publish\npubstatus: canceled", "pubstatus"),
        ("state: publish", "state: publish\ndraft: true", "draft"),
        ("state: publish", "state: publish\nembargo: until-further-notice", "embargo"),
        (f"id: {STORY_ID}", "id: 20261123-aaaaaaaa", "id"),
    ],
)
def test_a_record_key_written_by_hand_is_found_with_the_way_back(old, new, key):
    finding = the_one(said(rewritten(published(), old, new)))
    assert (finding.rule, finding.key, finding.severity) == ("record-by-hand", key, Severity.ERROR)
    assert finding.path == PATH
    assert key in finding.hint


def test_times_are_compared_as_instants():
    same = rewritten(published(), "date: 2026-11-23T10:03:00+00:00", "date: 2026-11-23T18:03:00+08:00")
    assert said(same) == []


@pytest.mark.parametrize(
    "old, new",
    [
        ("on Monday", "on Tuesday"),
        ("title: Council passes", "title: Council rejects"),
        ("section: local", "section: sport"),
        ("lang: en", "lang: en\ntags: [budget]"),
        ("lang: en", "lang: en\nexpires: 2026-12-01T00:00:00Z"),
        (f"reporter: {REPORTER}", f"reporter: [{REPORTER}, {STRANGER}]"),
    ],
)
def test_published_words_are_those_their_publisher_signed(old, new):
    finding = the_one(said(rewritten(published(), old, new)))
    assert finding.rule == "published-words-changed"
    assert str(EDITOR) in finding.message
    assert finding.severity is Severity.ERROR
    assert "restore" in finding.hint


@pytest.mark.parametrize(
    "old, new",
    [
        ("title: Council passes the 2027 budget", "title: 'Council passes the 2027 budget' # quoted"),
        ("lang: en", "lang: en\ndue: tomorrow\nassignee: Ana"),
        ("lang: en", "lang: en\ntags:"),
        ("on Monday.\n", "on Monday."),
    ],
)
def test_reformatting_a_published_story_is_no_finding(old, new):
    assert said(rewritten(published(), old, new)) == []


PICTURED = READY.replace("source:", "images: [{src: hall.jpg, alt: a, credit: b}]\nsource:")


@pytest.mark.parametrize(
    "assets, told",
    [
        ({"hall.jpg": "1"}, ""),
        ({"hall.jpg": "2"}, "is not the one"),
        ({}, "is missing"),
        ({"hall.jpg": "1", "other.jpg": "3"}, "other.jpg"),
    ],
)
def test_published_pictures_are_those_their_publisher_signed(assets, told):
    held = published(text=PICTURED, assets={"hall.jpg": "1"})
    findings = said(Held(held.story, held.ledger, assets))
    assert names(findings) == (["published-picture-changed"] if told else [])
    assert told in "".join(one.message for one in findings)


def test_before_publication_words_may_change():
    assert said(rewritten(in_edit(), "on Monday", "on Tuesday")) == []


def test_public_words_are_watched_though_the_row_sets_no_version():
    quiet = judges(
        "[pipeline.states.publish]\nrequires = []\n"
        "[[pipeline.moves]]\naction='publish'\nfrom=['edit']\nto='publish'\nby=['editor']\nnot_by=['reporter']\n"
    )
    held = walked(in_edit(quiet), ("publish", EDITOR), by=quiet)
    assert said(held, quiet) == []
    assert "published-words-changed" in names(said(rewritten(held, "on Monday", "on Tuesday"), quiet))


@pytest.mark.parametrize(
    "content, rule",
    [
        (b"", "ledger-line"),
        (b"not json\n", "ledger-line"),
        (published().ledger.content[:-1], "ledger-line"),
        (b"".join(published().ledger.content.splitlines(keepends=True)[1:]), "ledger-chain"),
        (published().ledger.content.replace(STORY_ID.encode(), b"20261123-aaaaaaaa"), "ledger-foreign"),
    ],
)
def test_a_broken_ledger_is_all_that_is_said(content, rule):
    broken = Held(published().story, ledger.parse(LEDGER, content))
    assert names(said(broken)) == [rule]


def test_a_ledger_whose_story_is_gone_is_still_judged():
    held = forged(in_edit(), action="publish", to="publish", by=str(REPORTER), role="editor", set={"version": 1})
    assert said(Held(None, held.ledger)) != []
    assert said(Held(None, in_edit().ledger)) == []
    assert said(NOTHING) == []


@pytest.mark.parametrize("minutes, late", [(0, False), (9, False), (11, True), (600, True)])
def test_an_entry_may_be_ten_minutes_ahead_of_the_checkers_clock(minutes, late):
    now = published().ledger.entries[-1].moment - timedelta(minutes=minutes)
    rules = names(said(published(), now=now))
    assert ("entry-time" in rules) == late


@pytest.mark.parametrize("minutes, wrong", [(0, False), (5, False), (10, False), (11, True), (600, True)])
def test_an_entry_may_be_ten_minutes_earlier_than_the_one_above_it(minutes, wrong):
    held = begun()
    at = held.ledger.entries[0].moment - timedelta(minutes=minutes)
    then = forged(held, action="submit", to="review", role="reporter", at=at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert ("entry-time" in names(said(Held(None, then.ledger)))) == wrong


# Entries no verb wrote

EARLY = walked(begun(), ("submit", REPORTER))
SET_PUBLISH = {"draft": None, "editor": [str(EDITOR)], "date": LATE, "lastmod": LATE, "version": 1}


@pytest.mark.parametrize(
    "held, over, rule",
    [
        (EARLY, {"action": "publish", "to": "publish", "set": SET_PUBLISH}, "entry-without-row"),
        (EARLY, {"action": "vanish", "to": "review"}, "entry-without-row"),
        (EARLY, {"action": "new", "to": "draft", "from_": "review"}, "entry-without-row"),
        (EARLY, {"action": "approve", "from_": "edit", "to": "publish"}, "entry-state"),
        (EARLY, {"action": "new", "from_": None, "to": "draft"}, "entry-state"),
        (EARLY, {"action": "approve", "to": "publish", "by": str(EDITOR), "role": "editor"}, "entry-state"),
        (EARLY, {"action": "approve", "to": "edit", "by": str(EDITOR), "role": "editor"}, "entry-set"),
        (
            EARLY,
            {
                "action": "approve",
                "to": "edit",
                "by": str(EDITOR),
                "role": "editor",
                "set": {"editor": [str(STRANGER)]},
            },
            "entry-set",
        ),
        (
            EARLY,
            {
                "action": "approve",
                "to": "edit",
                "by": str(EDITOR),
                "role": "editor",
                "set": {"editor": [str(EDITOR)], "state": "publish"},
            },
            "entry-set",
        ),
        (
            EARLY,
            {
                "action": "approve",
                "to": "edit",
                "by": str(EDITOR),
                "role": "editor",
                "set": {"editor": [str(EDITOR)], "pubstatus": "canceled"},
            },
            "entry-set",
        ),
        (EARLY, {"action": "send-back", "to": "draft", "by": str(EDITOR), "role": "editor"}, "note-missing"),
        (
            EARLY,
            {"action": "send-back", "to": "draft", "by": str(EDITOR), "role": "editor", "note": " "},
            "note-missing",
        ),
        (EARLY, {"action": "approve", "to": "edit", "role": "editor", "set": {"editor": [str(REPORTER)]}}, "four-eyes"),
        (
            EARLY,
            {
                "action": "approve",
                "to": "edit",
                "by": "Somebody <REPORTER@gazette.example>",
                "role": "editor",
                "set": {"editor": ["Somebody <REPORTER@gazette.example>"]},
            },
            "four-eyes",
        ),
        (
            EARLY,
            {"action": "approve", "to": "edit", "role": "editor", "set": {"editor": [str(REPORTER)]}, "override": " "},
            "four-eyes",
        ),
        (in_edit(), {"action": "publish", "to": "publish", "role": "editor", "set": SET_PUBLISH}, "four-eyes"),
        (
            in_edit(),
            {
                "action": "publish",
                "to": "publish",
                "by": str(EDITOR),
                "role": "editor",
                "set": {**SET_PUBLISH, "date": "2026-11-01T00:00:00Z"},
            },
            "entry-set",
        ),
        (
            in_edit(),
            {
                "action": "publish",
                "to": "publish",
                "by": str(EDITOR),
                "role": "editor",
                "set": {**SET_PUBLISH, "version": 2},
            },
            "entry-set",
        ),
    ],
)
def test_an_entry_written_by_hand_is_found_in_the_tree_and_in_the_change(held, over, rule):
    then = forged(held, **over)
    assert not then.ledger.findings, "the chain is right; only what the entry says is not"
    for findings in (said(Held(None, then.ledger)), change(held, then)):
        finding = next(one for one in findings if one.rule == rule)
        assert (finding.path, finding.line, finding.severity) == (LEDGER, len(then.ledger.entries), Severity.ERROR)


@pytest.mark.parametrize("action", ["submit", "approve", "publish", "ack"])
def test_a_ledger_begins_with_new_or_adopt(action):
    first = Entry(
        seq=1, story=STORY_ID, action=action, to="publish", by=str(EDITOR), role="editor", at=LATE, content="sha256:0",
        set={"version": 1},
    )  # fmt: skip
    held = Held(read(READY), Ledger(LEDGER).with_entry(first))
    assert "entry-without-row" in names(said(held))
    assert "entry-without-row" in names(change(NOTHING, held))


@pytest.mark.parametrize(
    "over",
    [
        {"set": {"version": "many"}},
        {"set": {"version": [1]}},
        {"set": {"version": True}},
        {"set": {"editor": 5}},
        {"set": {"editor": "text"}},
        {"set": {"editor": {"a": 1}}},
        {"set": {"editor": [None, 5]}},
        {"set": {"date": 5}},
        {"set": {"date": []}},
        {"set": {"lastmod": {"a": []}}},
        {"set": {"state": 5}},
        {"set": {"state": ["draft"]}},
        {"set": {"id": None}},
        {"set": {"corrections": 1, "draft": "x", "embargo": [1]}},
        {"writers": ("",)},
        {"writers": ("A <b",)},
        {"writers": ("<>",)},
        {"at": "0001-01-01T00:00:00Z"},
        {"at": "9999-12-31T23:59:59Z"},
        {"role": ""},
        {"override": "x", "note": "y", "sig": "z"},
        {"content": ""},
        {"assets": {"": ""}},
        {"by": "A\nB <a@x.example>"},
    ],
)
@pytest.mark.parametrize("toml", ["", AUTHORS], ids=["default", "own"])
def test_whatever_a_forged_entry_holds_is_a_finding_never_a_traceback(over, toml):
    held = forged(begun(), **{"action": "submit", "to": "review", "role": "reporter", **over})
    for action, to in (("approve", "edit"), ("publish", "publish")):
        held = forged(held, action=action, to=to, from_=held.ledger.state, by=str(EDITOR), role="editor", at=LATE)
    by = judges(toml)
    findings = [*said(held, by), *change(begun(), held, by)]
    assert [one for one in findings if one.severity is Severity.ERROR]


def test_a_byline_shared_later_does_not_undo_an_earlier_approval():
    held = walked(in_edit(), ("send-back", EDITOR))
    shared = rewritten(held, f"reporter: {REPORTER}", f"reporter: [{REPORTER}, {EDITOR}]")
    assert said(shared) == [], "the editor was no reporter when they approved"
    with pytest.raises(NotYourRight, match="their own story"):
        walked(shared, ("submit", REPORTER), ("approve", EDITOR))


def test_a_rosters_change_does_not_undo_what_was_done_under_the_old_one():
    held = published(judges(ROSTER))
    without_editor = judges(ROSTER.replace('roles = ["editor"]', 'roles = ["photographer"]'))
    assert said(held, without_editor) == []


def test_a_pipelines_change_does_not_undo_what_was_done_under_the_old_one():
    assert said(published(), judges(THREE_REVIEWS)) == []


# Sign-offs


def signing(held: Held, actor: Ident, role: str, **over) -> Held:
    return forged(held, action="publish", to="edit", by=str(actor), role=role, at=LATE, **over)


@pytest.mark.parametrize(
    "signed, rules",
    [
        ([(EDITOR, "editor")], []),
        ([(EDITOR, "editor"), (DESK_CHIEF, "desk-chief")], []),
        ([(DESK_CHIEF, "desk-chief")], ["sign-off-order"]),
        ([(EDITOR, "editor"), (CHIEF_EDITOR, "chief-editor")], ["sign-off-order"]),
        ([(EDITOR, "editor"), (EDITOR, "desk-chief")], ["not-entitled", "four-eyes"]),
        ([(CHIEF_EDITOR, "editor"), (CHIEF_EDITOR, "desk-chief")], ["four-eyes"]),
        ([(EDITOR, "desk-chief")], ["sign-off-order"]),
        ([(STRANGER, "editor")], ["not-entitled"]),
        ([(REPORTER, "editor")], ["not-entitled", "four-eyes"]),
        ([(EDITOR, "")], ["sign-off-order"]),
    ],
)
def test_sign_offs_are_judged_one_by_one(signed, rules):
    by = judges(ROSTER + THREE_REVIEWS)
    before = held = in_edit(by)
    for actor, role in signed:
        held = signing(held, actor, role)
    assert names(change(before, held, by)) == rules


def test_a_sign_off_where_one_is_enough_is_wrong_when_it_comes_and_no_fault_of_the_past():
    then = forged(EARLY, action="approve", to="review", by=str(EDITOR), role="editor")
    assert names(change(EARLY, then)) == ["entry-state"]
    assert said(Held(None, then.ledger)) == []


def test_a_move_of_three_is_not_completed_by_two():
    by = judges(ROSTER + THREE_REVIEWS)
    before = in_edit(by)
    held = signing(before, EDITOR, "editor")
    wanted = {**SET_PUBLISH, "editor": [str(EDITOR), str(DESK_CHIEF)]}
    held = forged(held, action="publish", to="publish", by=str(DESK_CHIEF), role="desk-chief", set=wanted, at=LATE)
    finding = the_one(change(before, held, by))
    assert finding.rule == "entry-state"
    assert "chief-editor still to sign" in finding.message


def test_sign_offs_on_other_words_do_not_count_towards_a_move():
    by = judges(ROSTER + THREE_REVIEWS)
    before = in_edit(by)
    held = signing(before, EDITOR, "editor", content="sha256:" + "1" * 64)
    held = signing(held, DESK_CHIEF, "desk-chief")
    assert names(change(before, held, by)) == ["sign-off-order"]


def test_an_acknowledgement_by_the_overrides_maker_is_found():
    held = walked(begun(), ("submit", REPORTER))
    held = after(held, take(held, "approve", REPORTER, override="alone tonight"))
    own = forged(held, action="ack", to="edit", role="editor", at=LATE)
    assert "four-eyes" in names(change(held, own))
    others = forged(held, action="ack", to="edit", by=str(EDITOR), role="editor", at=LATE)
    assert change(held, others) == []
    assert open_overrides(own.ledger.entries, judges()) == [held.ledger.entries[-1]]
    assert open_overrides(others.ledger.entries, judges()) == []


def test_each_of_two_who_lifted_four_eyes_acknowledges_the_others():
    text = READY.replace(f"reporter: {REPORTER}", f"reporter: [{REPORTER}, {EDITOR}]")
    held = walked(begun(text=text), ("submit", REPORTER))
    for action, actor in (("approve", REPORTER), ("publish", EDITOR)):
        held = after(held, take(held, action, actor, override="alone tonight"))
    both = list(held.ledger.entries[-2:])
    assert open_overrides(held.ledger.entries, judges()) == both
    for actor, left in ((REPORTER, both[:1]), (EDITOR, both[1:])):
        then = forged(held, action="ack", to="publish", by=str(actor), role="editor", at=LATE)
        assert change(held, then) == []
        assert open_overrides(then.ledger.entries, judges()) == left
    last = forged(then, action="ack", to="publish", by=str(REPORTER), role="editor", at=LATE)
    assert change(held, last) == []
    assert open_overrides(last.ledger.entries, judges()) == []


def test_whoever_signed_an_earlier_move_of_the_same_name_is_an_earlier_signer():
    by = judges(
        ROSTER
        + "[[pipeline.moves]]\naction='approve'\nfrom=['review']\nto='edit'\nby=['editor']\nsets=['editor']\n"
        + "[[pipeline.moves]]\naction='approve'\nfrom=['edit']\nto='publish'\nby=['editor']\n"
        + "not_by=['earlier-signers']\nsets=['editor', 'date', 'version', 'lastmod']\n"
    )
    held = walked(begun(by), ("submit", REPORTER), ("approve", EDITOR), by=by)
    with pytest.raises(NotYourRight, match="signed an earlier move"):
        take(held, "approve", EDITOR, by)
    assert take(held, "approve", DESK_CHIEF, by).entry.to == "publish"


def test_an_objection_is_one_of_three_kinds():
    held = walked(begun(), ("submit", REPORTER))
    around = SignOffContext(judges(ROSTER), reporters_of(held.story, held.ledger.entries))

    def kinds(**over) -> set[Kind]:
        then = forged(held, at=LATE, **over)
        return {one.kind for one in object_to(then.ledger.entries[-1], held.ledger.entries, held.ledger.record, around)}

    assert kinds(action="publish", to="publish") == {Kind.NO_SUCH_MOVE}
    assert kinds(action="approve", to="edit", role="editor", set={"editor": [str(REPORTER)]}) == {Kind.NOT_YOUR_RIGHT}
    assert kinds(action="approve", to="publish", by=str(EDITOR), role="editor") == {Kind.WRONG_RECORD}


# A change: the base's judges


def test_an_override_in_a_change_is_for_those_the_base_names():
    by = judges(ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]'))
    before = walked(begun(by), ("submit", REPORTER), by=by)
    then = forged(
        before, action="approve", to="edit", role="editor", set={"editor": [str(REPORTER)]}, override="x", at=LATE
    )
    assert names(change(before, then, by)) == ["four-eyes"]
    allowed = judges(
        ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor"]') + "[trust]\noverride = ['reporter']\n"
    )
    assert change(before, then, allowed) == []


def test_the_bases_roster_decides_not_the_changes():
    before = walked(begun(), ("submit", REPORTER))
    then = walked(before, ("approve", STRANGER))
    assert change(before, then) == []
    assert names(change(before, then, judges(ROSTER))) == ["not-entitled"]


SECTIONED = (
    ROSTER
    + """
[[people]]
name = "Local Editor"
emails = ["local@gazette.example"]
roles = ["editor"]
sections = ["local"]

[[people]]
name = "Sport Editor"
emails = ["sport@gazette.example"]
roles = ["editor"]
sections = ["sport"]
"""
)
LOCAL_EDITOR = Ident("Local Editor", "local@gazette.example")
SPORT_EDITOR = Ident("Sport Editor", "sport@gazette.example")


def test_an_entry_is_judged_by_the_section_of_the_words_it_names():
    by = judges(SECTIONED)
    before = walked(begun(by), ("submit", REPORTER), by=by)
    approved = walked(before, ("approve", LOCAL_EDITOR), by=by)
    moved = rewritten(approved, "section: local", "section: sport")
    then = walked(moved, ("publish", SPORT_EDITOR), by=by)
    assert change(before, then, by) == []
    in_between = walked(rewritten(approved, "section: local", "section: sport"), ("publish", SPORT_EDITOR), by=by)
    assert change(rewritten(before, "section: local", "section: culture"), in_between, by) != []
    words = {then.ledger.entries[2].content: "local"}
    assert list(check_change(StoryChange(before, then, sections=words), by, require="recorded", now=NOW)) == []


def test_an_entry_over_words_of_a_section_that_is_not_its_makers_is_refused_though_the_story_ends_in_theirs():
    by = judges(SECTIONED)
    before = walked(begun(by), ("submit", REPORTER), by=by)
    forged_early = forged(
        before,
        action="approve",
        to="edit",
        by=str(SPORT_EDITOR),
        role="editor",
        set={"editor": [str(SPORT_EDITOR)]},
        at=LATE,
    )
    then = rewritten(forged_early, "section: local", "section: sport")
    assert names(change(before, then, by)) == ["not-entitled"]


def test_handing_in_counts_as_reporting_in_whatever_role_until_the_story_goes_back():
    by = judges(ROSTER)
    before = walked(begun(by), ("submit", EDITOR), by=by)
    own = forged(
        before, action="approve", to="edit", by=str(EDITOR), role="editor", set={"editor": [str(EDITOR)]}, at=LATE
    )
    assert names(change(before, own, by)) == ["four-eyes"]
    anew = walked(
        begun(by), ("submit", EDITOR), ("withdraw", REPORTER), ("submit", REPORTER), ("approve", EDITOR), by=by
    )
    assert change(begun(by), anew, by) == []
    assert "four-eyes" in names(said(own, by))
    assert said(anew, by) == []


def test_taking_ones_name_off_the_byline_does_not_help():
    text = READY.replace(f"reporter: {REPORTER}", f"reporter: [{REPORTER}, {EDITOR}]")
    before = walked(begun(text=text), ("submit", REPORTER))
    renamed = rewritten(before, f"reporter: [{REPORTER}, {EDITOR}]", f"reporter: {REPORTER}")
    then = walked(renamed, ("approve", EDITOR))
    assert names(change(before, then)) == ["four-eyes"]


def test_putting_somebody_on_the_byline_counts_too():
    before = walked(begun(), ("submit", REPORTER))
    then = walked(before, ("approve", EDITOR))
    named = rewritten(then, f"reporter: {REPORTER}", f"reporter: [{REPORTER}, {EDITOR}]")
    assert "four-eyes" in names(change(before, named))


def test_a_story_and_its_whole_way_may_come_in_one_change():
    assert change(NOTHING, published()) == []
    assert names(change(NOTHING, published(), judges(THREE_REVIEWS))) == ["entry-state"]


# A change: ledgers only grow


def lines_of(held: Held) -> list[bytes]:
    return held.ledger.content.splitlines(keepends=True)


def with_ledger(held: Held, content: bytes) -> Held:
    return Held(held.story, ledger.parse(LEDGER, content), held.assets)


@pytest.mark.parametrize("require", ["recorded", "attributed"])
def test_a_ledger_that_only_grew_is_in_order(require):
    assert change(in_edit(), published(), require=require) == []
    assert change(published(), published(), require=require) == []


def test_a_ledger_cut_back_is_a_rewritten_one():
    finding = the_one(change(published(), with_ledger(published(), b"".join(lines_of(published())[:2]))))
    assert (finding.rule, finding.line) == ("ledger-rewritten", 3)
    assert "restore" in finding.hint


def test_a_ledger_with_an_older_line_edited_is_a_rewritten_one():
    held = published()
    again = walked(begun(), ("submit", REPORTER), ("approve", CHIEF_EDITOR), ("publish", EDITOR))
    finding = the_one(change(held, again))
    assert (finding.rule, finding.line) == ("ledger-rewritten", 3)


def test_reformatting_a_ledger_rewrites_it():
    held = published()
    assert names(change(held, with_ledger(held, held.ledger.content.replace(b"\n", b"\r\n")))) == ["ledger-rewritten"]


@pytest.mark.parametrize(
    "before, then, rules",
    [
        (begun(), NOTHING, []),
        (begun(), Held(None, begun().ledger), []),
        (begun(), Held(begun().story), ["ledger-removed"]),
        (in_edit(), NOTHING, ["ledger-removed"]),
        (in_edit(), Held(None, in_edit().ledger), []),
        (in_edit(), Held(in_edit().story), ["ledger-removed"]),
        (published(), NOTHING, ["ledger-removed", "story-removed"]),
        (published(), Held(None, published().ledger), ["story-removed"]),
        (Held(front("title: A")), NOTHING, []),
    ],
)
def test_what_may_go_and_what_may_not(before, then, rules):
    assert names(change(before, then)) == rules


def test_a_story_that_was_ever_public_may_not_go():
    again = judges("[[pipeline.moves]]\naction='recall'\nfrom=['publish']\nto='draft'\nby=['editor']\n")
    before = walked(published(again), ("recall", EDITOR), by=again)
    assert before.ledger.state == "draft"
    assert "story-removed" in names(change(before, Held(None, before.ledger), again))


# A change: how well its entries are attributed


@pytest.mark.parametrize(
    "require, strength, found",
    [
        ("recorded", "recorded", False),
        ("recorded", "attributed", False),
        ("attributed", "recorded", True),
        ("attributed", "attributed", False),
    ],
)
def test_a_new_entry_must_be_as_strong_as_the_base_requires(require, strength, found):
    findings = change(in_edit(), published(), require=require, weak={4: strength})
    assert names(findings) == (["entry-not-attributed"] if found else [])
    for one in findings:
        assert one.line == 4
        assert strength in one.message


def test_an_entry_nobody_vouches_for_is_only_recorded():
    weak = list(check_change(StoryChange(in_edit(), published()), judges(), require="attributed", now=NOW))
    assert names(weak) == ["entry-not-attributed"]


def test_entries_the_base_holds_are_not_judged_again():
    strengths = {1: "recorded", 2: "recorded", 3: "recorded", 4: "attributed"}
    assert change(in_edit(), published(), require="attributed", weak=strengths) == []


@pytest.mark.parametrize("seen", ["recorded", "attributed"])
def test_whatever_its_commit_says_an_entry_is_signed_by_its_signature_alone(seen):
    assert names(change(in_edit(), published(), require="signed", weak={4: seen})) == ["entry-not-signed"]
    there = signed_by("Editor", published())
    assert change(in_edit(), there, keyed(), require="signed", weak={4: seen}) == []
    assert names(change(in_edit(), there, require="recorded")) == ["signature-wrong"]


def test_entry_without_a_signature_is_not_signed():
    assert signature_flaw(published().ledger.entries[-1], keyed()) == "is missing."


def keyed(**times: str) -> Policy:
    """The roster with the editor's key."""
    whose = 'name = "Editor"\n'
    return judges(ROSTER.replace(whose, f'{whose}keys = [{{ key = "{public("Editor")}"{times.get("Editor", "")} }}]\n'))


def signed_by(name: str, held: Held) -> Held:
    """A story whose last entry is signed with somebody's key."""
    *lines, last = held.ledger.content.splitlines(keepends=True)
    sig = sign(last.rstrip(b"\n"), name)
    entry = held.ledger.entries[-1]._replace(sig=sig)
    return Held(held.story, ledger.parse(held.ledger.path, b"".join([*lines, serialise(entry)])), held.assets)


@pytest.mark.parametrize(
    "times, then, now",
    [
        ("", True, True),
        (', valid_from = "2026-11-23T10:30:00Z"', False, False),
        (', valid_until = "2026-11-23T10:30:00Z"', True, False),
        (', valid_until = "2026-11-23T10:00:00Z"', False, False),
        (f', valid_until = "2026-11-23T10:30:00Z" }}, {{ key = "{public("Editor")}"', True, True),
        (
            f', valid_until = "2026-11-23T10:30:00Z" }}, {{ key = "{public("Editor")}", valid_from = "2026-11-23T11:00:00Z"',
            True,
            True,
        ),
    ],
)
def test_key_has_to_be_valid_at_the_entrys_time_and_for_a_new_one_now(times, then, now):
    entry = signed_by("Editor", published()).ledger.entries[-1]
    late = entry.moment + timedelta(hours=2)
    assert (signature_flaw(entry, keyed(Editor=times)) == "") is then
    assert (signature_flaw(entry, keyed(Editor=times), now=late) == "") is now


# A change: what the commits in between say


def test_somebody_named_reporter_only_in_between_counts():
    before = walked(begun(), ("submit", REPORTER))
    then = walked(before, ("approve", EDITOR))
    assert change(before, then, reporters=(CHIEF_EDITOR,)) == []
    assert names(change(before, then, reporters=(Ident("E", "EDITOR@gazette.example"),))) == ["four-eyes"]


@pytest.mark.parametrize(
    "named, seen, left_out",
    [
        ((), (), False),
        ((), (EDITOR,), True),
        ((EDITOR,), (EDITOR,), False),
        ((EDITOR,), (Ident("E", "EDITOR@Gazette.example"),), False),
        ((EDITOR,), (EDITOR, STRANGER), True),
        ((EDITOR, STRANGER), (EDITOR,), False),
    ],
)
def test_an_entry_names_everybody_whose_commits_changed_the_words(named, seen, left_out):
    before = begun()
    changed = rewritten(before, "on Monday", "on Tuesday")
    then = after(changed, take(changed, "submit", REPORTER, writers=named))
    findings = change(before, then, writers={2: seen})
    assert names(findings) == (["writers-incomplete"] if left_out else [])
    assert [one.line for one in findings] == ([2] if left_out else [])


def test_words_changed_and_changed_back_need_no_writer():
    before = begun()
    then = after(before, take(before, "submit", REPORTER))
    assert change(before, then, writers={2: (EDITOR,)}) == []


# Who counts as reporter


def test_reporters_are_the_named_the_maker_and_whoever_signed_as_one():
    held = walked(begun(maker=DESK_CHIEF), ("submit", REPORTER), ("withdraw", STRANGER))
    assert reporters_of(held.story, held.ledger.entries) == (REPORTER, DESK_CHIEF, STRANGER)
    assert reporters_of(None, held.ledger.entries) == (DESK_CHIEF, REPORTER, STRANGER)
    assert reporters_of(held.story, ()) == (REPORTER,)


# Properties

SCALARS = (
    st.none() | st.booleans() | st.integers(-2, 3) | st.text(max_size=6) | st.sampled_from([LATE, "draft", "publish"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
OVER = st.fixed_dictionaries(
    {},
    optional={
        "action": st.sampled_from(["new", "adopt", "submit", "withdraw", "approve", "send-back", "publish", "ack", "x"]),
        "to": st.sampled_from(["draft", "review", "edit", "publish", "x"]),
        "by": st.sampled_from([str(REPORTER), str(EDITOR), "Somebody", "<a@x.example>"]),
        "role": st.sampled_from(["reporter", "editor", "x"]),
        "at": st.sampled_from([LATE, "2020-01-01T00:00:00Z", "2036-01-01T00:00:00Z"]),
        "set": st.fixed_dictionaries(
            {},
            optional={
                **dict.fromkeys(("editor", "date", "lastmod", "state", "id", "x"), ANYTHING),
                "version": st.none() | st.integers(-2, 3),
                "draft": st.none() | st.booleans(),
            },
        ),
        "writers": st.lists(st.text(max_size=8), max_size=2).map(tuple),
        "override": st.text(max_size=3),
        "note": st.text(max_size=3),
        "assets": st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=1),
    },
)  # fmt: skip


@given(st.lists(OVER, min_size=1, max_size=4), st.sampled_from(["", ROSTER, THREE_REVIEWS, AUTHORS]))
def test_no_forged_entries_break_the_verifier(entries, toml):
    before = held = walked(begun(), ("submit", REPORTER))
    for over in entries:
        held = forged(held, **over)
    assert not held.ledger.findings
    seen = dict.fromkeys(range(1, 8), (EDITOR,))
    for one in [*said(held, judges(toml)), *change(before, held, judges(toml), writers=seen)]:
        assert one.message
        assert one.path in {PATH, LEDGER}
