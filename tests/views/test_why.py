"""`story why`: everything between a story and a state, and who can take it away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import Desk
from making import (
    AT,
    CHIEF_EDITOR,
    DESK_CHIEF,
    EDITOR,
    READY,
    REPORTER,
    ROSTER,
    THREE_REVIEWS,
    after,
    begun,
    in_edit,
    judges,
    published,
    read,
    rewritten,
    take,
    walked,
)
from rich.cells import cell_len
from test_golden import pinned

from newsroom_cli.record.ledger import Held, parse
from newsroom_cli.settings.pipeline import default
from newsroom_cli.workflow.case import Case
from newsroom_cli.workflow.obstacles import ahead, next_public

DESK = judges(ROSTER)
REVIEWS = judges(ROSTER + THREE_REVIEWS)


def said(held: Held, by=DESK, target: str = "publish", **more) -> list[tuple[str, str, tuple[str, ...]]]:
    case = replace(Case.of(held), **more)
    return [(one.kind, one.message, one.who) for one in ahead(case, by, target, at=AT.replace(day=24))]


def kinds(held: Held, by=DESK, target: str = "publish", **more) -> list[str]:
    return [kind for kind, _, _ in said(held, by, target, **more)]


EDITORS = ("Editor", "Desk Chief", "Chief Editor")


@pytest.mark.parametrize(
    "steps, moves",
    [
        ([], [("submit to review", ("Reporter", *EDITORS)), ("approve to edit", EDITORS), ("publish to publish", EDITORS)]),
        ([("submit", REPORTER)], [("approve to edit", EDITORS), ("publish to publish", EDITORS)]),
        ([("submit", REPORTER), ("approve", EDITOR)], [("publish to publish", EDITORS)]),
        ([("submit", REPORTER), ("approve", EDITOR), ("publish", EDITOR)], []),
    ],
)  # fmt: skip
def test_every_move_on_the_way_is_named_with_who_can_make_it(steps, moves):
    held = walked(begun(DESK), *steps, by=DESK)
    assert said(held) == [("move", message, who) for message, who in moves]


def test_a_story_where_it_is_asked_for_has_nothing_in_its_way():
    assert said(published(DESK)) == []
    assert said(in_edit(DESK), target="edit") == []


def test_the_way_back_is_a_way_too():
    assert [message for _, message, _ in said(in_edit(DESK), target="review")] == [
        "send-back to draft", "submit to review",
    ]  # fmt: skip


def test_where_no_move_leads_there_it_says_so():
    toml = ROSTER + '[[pipeline.moves]]\naction = "unpublish"\nfrom = ["publish"]\nby = ["editor"]\n'
    by = judges(toml)
    assert said(published(by), by, target="edit")[0] == ("move", "no move leads from publish to edit", ())


@pytest.mark.parametrize("state, target", [("draft", "publish"), ("edit", "publish"), ("publish", "publish")])
def test_the_next_public_state_is_meant_where_none_is_named(state, target):
    assert next_public(default(), state) == target


def test_what_is_missing_is_named_with_the_state_that_needs_it_and_not_what_a_move_writes():
    bare = READY.replace("section: local\n", "").replace("source: Harbour Gazette", "source:")
    found = said(begun(DESK, text=bare.replace("description: Taxes stay flat; two libraries reopen.\n", "")))
    assert [message for kind, message, _ in found if kind == "missing"] == [
        "description is missing; required from review", "section is missing; required from review",
        "source is empty; required from review",
    ]  # fmt: skip


def test_what_only_a_later_state_minds_is_found_on_the_way_to_it():
    text = READY.replace("source:", "images: [{src: hall.jpg}]\nsource:")
    held = Held(begun(DESK, text=text).story, begun(DESK, text=text).ledger, {"hall.jpg": "1"})
    assert "finding" in kinds(held)
    assert "finding" not in kinds(held, target="edit")


def test_sign_offs_given_are_told_and_those_still_open_name_who_can_give_them():
    held = walked(in_edit(REVIEWS), ("publish", EDITOR), by=REVIEWS)
    assert said(held, REVIEWS) == [
        ("sign-off", "publish as desk-chief (signed: Editor)", ("Desk Chief", "Chief Editor")),
        ("sign-off", "publish as chief-editor", ("Chief Editor",)),
    ]


def test_whoever_signed_already_is_not_asked_again():
    held = walked(in_edit(REVIEWS), ("publish", DESK_CHIEF), by=REVIEWS)
    assert said(held, REVIEWS)[0] == ("sign-off", "publish as desk-chief (signed: Desk Chief)", ("Chief Editor",))


def test_a_place_nobody_can_give_says_so():
    held = walked(in_edit(REVIEWS), ("publish", CHIEF_EDITOR), by=REVIEWS)
    assert said(held, REVIEWS)[1] == ("sign-off", "publish as chief-editor; nobody else on the roster can", ())


def test_a_lapsed_sign_off_says_whose_it_was_and_whose_change_lapsed_it():
    held = rewritten(walked(in_edit(REVIEWS), ("publish", EDITOR), by=REVIEWS), "on Monday", "on Tuesday")
    assert said(held, REVIEWS, writers=(REPORTER,))[0] == (
        "lapsed", "Editor signed publish as editor, then Reporter changed the words", ("Editor",)
    )  # fmt: skip
    assert kinds(held, REVIEWS) == ["lapsed", "sign-off", "sign-off", "sign-off"]


def test_a_changed_picture_lapses_and_is_named_as_one():
    text = READY.replace("source:", "images: [{src: hall.jpg, alt: a, credit: b}]\nsource:")
    held = walked(in_edit(REVIEWS, text=text, assets={"hall.jpg": "1"}), ("publish", EDITOR), by=REVIEWS)
    held = Held(held.story, held.ledger, {"hall.jpg": "2"})
    assert "then somebody changed a picture" in said(held, REVIEWS)[0][1]


def test_a_change_that_a_later_entry_names_is_its_writers():
    held = walked(in_edit(REVIEWS), ("publish", EDITOR), by=REVIEWS)
    held = rewritten(held, "on Monday", "on Tuesday")
    held = after(held, take(held, "require", CHIEF_EDITOR, REVIEWS, role="reporter", writers=(DESK_CHIEF,)))
    assert "then Desk Chief changed the words" in said(held, REVIEWS)[0][1]


def test_words_put_back_lapse_nothing():
    assert kinds(walked(in_edit(REVIEWS), ("publish", EDITOR), by=REVIEWS), REVIEWS) == ["sign-off", "sign-off"]


@pytest.mark.parametrize("not_by, who", [
    ("['reporter']", EDITORS), ("['reporter', 'earlier-signers']", ("Desk Chief", "Chief Editor")),
    ("['text-authors']", ("Editor", "Chief Editor")),
])  # fmt: skip
def test_whom_the_row_bars_is_not_named(not_by, who):
    by = judges(
        ROSTER + "[[pipeline.moves]]\naction='publish'\nfrom=['edit']\nto='publish'\nby=['editor']\n"
        f"not_by={not_by}\nsets=['date','version','lastmod','editor']\n"
    )
    assert said(in_edit(by), by, writers=(DESK_CHIEF,))[0][2] == who


def test_a_role_asked_for_is_in_the_way():
    held = in_edit(DESK)
    held = after(held, take(held, "require", EDITOR, DESK, role="desk-chief"))
    assert [message for _, message, _ in said(held)] == ["publish as editor", "publish as desk-chief"]


def test_without_a_roster_nobody_is_named():
    assert {who for _, _, who in said(begun(judges()), judges())} == {()}


def test_a_section_narrows_who_can():
    by = judges(ROSTER.replace('roles = ["editor"]', 'roles = ["editor"]\nsections = ["sport"]'))
    assert said(walked(begun(by), ("submit", REPORTER), by=by), by)[0][2] == ("Desk Chief", "Chief Editor")


def test_an_override_waits_for_whoever_may_acknowledge_it():
    by = judges(
        ROSTER.replace('roles = ["reporter"]', 'roles = ["reporter", "editor", "chief-editor"]')
        + "[trust]\noverride = ['chief-editor']\n"
    )
    held = walked(begun(by), ("submit", REPORTER), by=by)
    held = after(held, take(held, "approve", REPORTER, by, override="alone"))
    assert said(held, by, target="edit") == [
        ("override", "four eyes were lifted at approve by Reporter: story ack", ("Chief Editor",))
    ]


def test_what_is_not_committed_is_in_the_way():
    assert kinds(in_edit(DESK), uncommitted=True)[0] == "uncommitted"


def test_a_record_that_is_not_in_order_comes_first():
    held = rewritten(in_edit(DESK), "state: edit", "state: publish")
    assert said(held)[0] == ("record", "state says publish, the ledger edit; only `story` writes it", ())


def test_a_broken_ledger_is_all_there_is_to_say():
    held = in_edit(DESK)
    broken = parse(held.ledger.path, held.ledger.content.replace(b'"seq":2', b'"seq":9'))
    assert kinds(Held(held.story, broken)) == ["record"]


def test_a_story_that_is_not_taken_in_is_adopted_first():
    found = said(Held(read(READY.replace(READY.split("\n")[1] + "\n", "")), None))
    assert found[0][1].startswith("not taken in yet: story adopt stories/")


@pytest.mark.parametrize(
    "keys, says",
    [
        ('"require":["hold"],', None),
        ('"hold":true,', "is on hold. Let it go on: story resume council-budget"),
        ('"pubstatus":"canceled",', "is spiked. Bring it back: story restore council-budget"),
        ('"publish_at":"2026-11-23T10:00:00Z",', None),
        (
            '"embargo":"until-further-notice",',
            "is under embargo (until-further-notice). Wait, or lift it: story embargo council-budget --lift",
        ),
    ],
)
def test_a_flag_stops_a_story_beside_its_state(keys, says):
    held = in_edit(DESK)
    line = held.ledger.content.replace(b'"set":{"editor"', b'"set":{%s"editor"' % keys.encode())
    flags = [message for kind, message, _ in said(Held(held.story, parse(held.ledger.path, line))) if kind == "flag"]
    assert flags == ([says] if says else [])


# Going out at a time

DUE = {"publish_at": "2026-11-29T00:00:00Z"}
SHANGHAI = judges('timezone = "Asia/Shanghai"\n' + ROSTER + THREE_REVIEWS)


def signed_for_a_time(*people, by=SHANGHAI) -> Held:
    held = in_edit(by)
    for person in people:
        held = after(held, take(held, "schedule", person, by, terms=DUE))
    return held


def test_a_scheduled_story_needs_nothing_but_its_time():
    held = signed_for_a_time(EDITOR, DESK_CHIEF, CHIEF_EDITOR)
    told = "scheduled for 2026-11-29T08:00:00+08:00; "
    assert said(held, SHANGHAI) == [("time", told + "it goes out by itself", ())]
    late = ahead(Case.of(held), SHANGHAI, "publish", at=AT.replace(day=29))
    assert late[0].message == told + "its time has come: story release"


def test_what_else_stops_a_scheduled_story_is_said_beside_its_time():
    held = signed_for_a_time(EDITOR, DESK_CHIEF, CHIEF_EDITOR)
    held = after(held, take(held, "hold", EDITOR, SHANGHAI, note="law"))
    assert kinds(held, SHANGHAI) == ["flag", "time"]


def test_a_scheduled_story_comes_off_the_schedule_before_it_goes_elsewhere():
    held = signed_for_a_time(EDITOR, DESK_CHIEF, CHIEF_EDITOR)
    assert said(held, SHANGHAI, target="draft")[0][1].endswith(
        "Take it off the schedule: story deschedule council-budget"
    )


def test_a_void_schedule_waits_for_its_signers():
    held = rewritten(signed_for_a_time(EDITOR, DESK_CHIEF, CHIEF_EDITOR), "on Monday", "on Tuesday")
    first, *others = said(held, SHANGHAI)
    assert first[1].startswith("its schedule is void: the words changed since it was signed.")
    assert [kind for kind, _, _ in others] == ["sign-off"] * 3


def test_signatures_for_a_time_are_told_and_who_is_next():
    held = signed_for_a_time(EDITOR, DESK_CHIEF)
    message = "schedule for 2026-11-29T08:00:00+08:00 as chief-editor (signed: Editor, Desk Chief)"
    assert said(held, SHANGHAI) == [("sign-off", message, ("Chief Editor",))]


def test_who_signs_publication_after_a_time_means_publication():
    held = signed_for_a_time(EDITOR, DESK_CHIEF)
    held = after(held, take(held, "publish", EDITOR, SHANGHAI))
    assert said(held, SHANGHAI)[0][1] == "publish as desk-chief (signed: Editor)"


# After publication


def test_an_unpublished_story_is_withheld_and_says_since_when():
    by = judges('timezone = "Asia/Shanghai"\n' + ROSTER)
    held = walked(published(by), ("unpublish", EDITOR), by=by)
    assert said(held, by)[0] == (
        "flag", "is withheld: Editor took it from readers (unpublish) at 2026-11-23T18:04:00+08:00", ()
    )  # fmt: skip
    assert kinds(held, by, target="draft") == ["move"]
    assert said(walked(held, ("publish", EDITOR), by=by), by) == []


@pytest.mark.parametrize("taken", ["unpublish", "kill"])
def test_an_update_whose_original_readers_have_no_more_names_it(newsroom, taken):
    newsroom.at("publish")
    newsroom.story("update", "council-budget", "Council budget falls", "--slug", "fall")
    newsroom.fill("fall", body="It fell on Tuesday.\n")
    newsroom.story("submit", "fall")
    newsroom.story("approve", "fall", who="Editor")
    assert newsroom.story("show", "fall", "--json").json["missing"] == {"publish": []}
    notice = ("--notice", "Withdrawn.") if taken == "kill" else ()
    newsroom.story(taken, "council-budget", "--note", "wrong", *notice, who="Editor")
    first = newsroom.story("why", "fall", "--json", exit=1).json[0]
    assert first["message"].startswith("is an update of council-budget, which readers do not have.")
    assert "for publish  still needs the story it updates, with readers" in newsroom.story("show", "fall").out


# Through the command


def test_why_exits_1_with_reasons_and_0_without(newsroom):
    newsroom.at("publish")
    assert newsroom.story("why", "council-budget").out == "council-budget: nothing is in the way of publish.\n"
    newsroom.at("draft", "flood", title="Flood")
    assert newsroom.story("why", "flood", exit=1).out == (
        "Flood\nflood, draft; in the way of publish:\n"
        "move  submit to review\nmove  approve to edit\nmove  publish to publish\n"
    )
    assert newsroom.story("why", "flood", "--for", "draft").out.endswith("in the way of draft.\n")


def test_why_as_json_is_a_list_of_kind_message_and_who(newsroom):
    newsroom.at("edit")
    newsroom.change(newsroom.path_of("council-budget"), "on Monday", "on Tuesday")
    assert newsroom.story("why", "council-budget", "--json", exit=1).json == [
        {"kind": "uncommitted", "message": "changed since the last commit: story save council-budget", "who": []},
        {"kind": "move", "message": "publish to publish", "who": []},
    ]
    newsroom.git("checkout", "--quiet", ".")
    newsroom.story("publish", "council-budget", who="Editor")
    assert newsroom.story("why", "council-budget", "--json").json == []


def test_an_unknown_state_is_wrong_usage(newsroom):
    newsroom.at("edit")
    assert "draft, review, edit, publish" in newsroom.refused("why", "council-budget", "--for", "bin", exit=2)


def test_why_names_whose_commit_lapsed_a_sign_off(newsroom):
    newsroom.at("edit")
    newsroom.story("require", "council-budget", "legal", who="Editor")
    newsroom.story("publish", "council-budget", who="Editor")
    newsroom.change(newsroom.path_of("council-budget"), "on Monday", "on Tuesday")
    newsroom.story("save", "council-budget", who="Stringer")
    first = newsroom.story("why", "council-budget", "--json", exit=1).json[0]
    assert first["message"] == "Editor signed publish as editor, then Stringer changed the words"


def test_why_looks_in_a_bare_repository_too(newsroom, tmp_path):
    newsroom.at("edit")
    newsroom.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    said = Desk(tmp_path / "bare.git", newsroom.now).story("why", "council-budget", exit=1)
    assert "publish to publish" in said.out


def test_why_needs_no_identity(newsroom):
    newsroom.at("edit")
    newsroom.change(newsroom.path_of("council-budget"), "on Monday", "on Tuesday")
    nobody = {f"GIT_{role}_{what}": None for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    assert "uncommitted" in newsroom.story("why", "council-budget", exit=1, env=nobody).out


def test_why_writes_nothing(newsroom):
    newsroom.at("edit")
    before = newsroom.everything()
    newsroom.story("why", "council-budget", exit=1)
    assert newsroom.everything() == before


def test_hostile_words_are_harmless(newsroom):
    newsroom.at("edit", title='"::error::x \\e[31m"')
    said = newsroom.story("why", "council-budget", exit=1).out
    assert "\x1b" not in said
    assert not said.startswith("::")


def test_why_fits_sixty_columns_with_chinese_titles(newsroom, request):
    newsroom.at(
        "edit",
        "wujin",
        title="武进区部署全国两会前安全生产工作，各板块排查隐患，确保责任到人、措施到位",
        lang="zh-Hans",
    )
    newsroom.story("require", "wujin", "法务", who="Editor")
    newsroom.story("publish", "wujin", who="Editor")
    newsroom.change(newsroom.path_of("wujin"), "Two libraries", "两家图书馆")
    newsroom.story("save", "wujin", who="Stringer")
    status, said = newsroom.terminal("why", "wujin", columns=60)
    assert status == 1
    assert max(cell_len(line) for line in said.splitlines()) <= 60
    pinned(request, "screen-why-60.txt", said)


def test_an_update_waits_for_its_original_only_on_its_way_to_readers():
    held = in_edit(DESK)
    original = "20261101-aaaaaaaa"
    assert any(original in message for _, message, _ in said(held, original=original))
    assert not any(original in message for _, message, _ in said(held, target="draft", original=original))


def test_nothing_but_the_move_is_in_the_way_back_of_a_story_that_has_its_editor():
    held = in_edit(DESK)
    assert held.story.metadata.editor
    assert kinds(held, target="draft") == ["move"]
