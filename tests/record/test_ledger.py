"""Lines <-> entries: how a line is written, what breaks a ledger, what it folds to, which sign-offs count."""

from __future__ import annotations

import hashlib
import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import EDITOR, LEDGER, STORY_ID, entry_of, front, in_edit, published, rewritten, take, the_one

from newsroom_cli.errors import CannotRun
from newsroom_cli.record.entries import Entry, hash_line, serialise
from newsroom_cli.record.ledger import (
    Ledger,
    disagreements,
    fold,
    ledgers_in_months,
    parse,
    path_of,
    record_in_file,
    sign_offs_that_count,
)
from newsroom_cli.settings.pipeline import Move, default

HASH = "sha256:" + "0" * 64


def entry(**over) -> Entry:
    told = {
        "seq": 1,
        "story": STORY_ID,
        "action": "new",
        "to": "draft",
        "by": "Reporter <reporter@gazette.example>",
        "at": "2026-11-23T10:02:11Z",
        "content": HASH,
    }
    return Entry(**{**told, **over})


# A line


def test_a_line_is_written_just_so():
    full = entry(
        seq=3,
        prev="sha256:" + "a" * 64,
        action="approve",
        from_="review",
        to="edit",
        by="李伟 <li@gazette.example>",
        role="editor",
        assets={"images/hall.jpg": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"},
        writers=("Ana Ruiz <ana@gazette.example>",),
        set={"editor": ["李伟 <li@gazette.example>"]},
        override="alone tonight",
        note='said "yes"\n<b>',
        via="review:github 4711@3f2a91c",
        sig="-----BEGIN-----",
    )
    assert (
        serialise(full)
        == (
            '{"v":1,"seq":3,"prev":"sha256:' + "a" * 64 + '","story":"20261123-k3v9w2q8","action":"approve",'
            '"from":"review","to":"edit","by":"李伟 <li@gazette.example>","role":"editor","at":"2026-11-23T10:02:11Z",'
            '"content":"sha256:'
            + "0"
            * 64
            + '","assets":{"images/hall.jpg":"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"},'
            '"writers":["Ana Ruiz <ana@gazette.example>"],"set":{"editor":["李伟 <li@gazette.example>"]},'
            '"override":"alone tonight","note":"said \\"yes\\"\\n<b>","via":"review:github 4711@3f2a91c","sig":"-----BEGIN-----"}\n'
        ).encode()
    )


def test_empty_keys_are_left_out_of_a_line():
    assert (
        serialise(entry())
        == (
            '{"v":1,"seq":1,"story":"20261123-k3v9w2q8","action":"new","to":"draft",'
            '"by":"Reporter <reporter@gazette.example>","at":"2026-11-23T10:02:11Z","content":"' + HASH + '"}\n'
        ).encode()
    )


def test_a_key_that_is_cleared_is_written_as_null():
    assert b'"set":{"draft":null}' in serialise(entry(set={"draft": None}))


def test_a_line_stays_one_line_whatever_its_note_holds():
    line = serialise(entry(note="a\nb\rc\u2028d\x85e\0f"))
    assert line.count(b"\n") == 1
    assert line.endswith(b"}\n")
    assert parse(LEDGER, line).entries[0].note == "a\nb\rc\u2028d\x85e\0f"


@pytest.mark.parametrize("via", ["x" * 200, "import:docx sha256:…", "review:github 4711@3f2a91c", "导" * 200])
def test_how_an_entry_came_here_is_kept_and_chained(via):
    line = serialise(entry(via=via))
    ledger = parse(LEDGER, line)
    assert not ledger.findings
    assert ledger.entries[0].via == via
    assert hash_line(line) != hash_line(serialise(entry()))


@pytest.mark.parametrize("via", ["x" * 201, "a\nb", "a\tb", "a\rb", "a\x1b[31m", "a\u202eb", "a\u2028b", "a\0b"])
def test_how_an_entry_came_here_is_one_short_line(via):
    (found,) = parse(LEDGER, serialise(entry(via=via))).findings
    assert found.rule == "ledger-line"
    assert "via is not one line of at most 200 characters" in found.message


def test_prev_is_the_sha256_of_the_line_above_without_its_newline():
    line = serialise(entry())
    assert hash_line(line) == "sha256:" + hashlib.sha256(line[:-1]).hexdigest() == hash_line(line[:-1])


def test_a_ledgers_path_comes_from_the_storys_id():
    assert path_of("20261123-k3v9w2q8") == ".newsroom/ledger/2026/11/23/20261123-k3v9w2q8.jsonl"


# A whole ledger


def test_a_story_taken_all_the_way_has_a_ledger_that_is_read_back_unbroken():
    ledger = published().ledger
    again = parse(LEDGER, ledger.content)
    assert not again.findings
    assert again.entries == ledger.entries
    assert [one.action for one in again.entries] == ["new", "submit", "approve", "publish"]
    assert [one.seq for one in again.entries] == [1, 2, 3, 4]
    lines = ledger.content.splitlines(keepends=True)
    assert [one.prev for one in again.entries] == [None, *(hash_line(line) for line in lines[:-1])]
    assert b"".join(serialise(one) for one in again.entries) == ledger.content


@pytest.mark.parametrize("tail", [b"", b"\n", b"{}\n", b"{}", b'{"v":1,'])
def test_a_ledger_read_on_from_a_part_of_it_is_the_ledger_read_at_once(tail):
    content = published().ledger.content + tail
    lines = content.splitlines(keepends=True)
    for number in range(len(lines) + 1):
        above = parse(LEDGER, b"".join(lines[:number]))
        assert parse(LEDGER, content, above) == parse(LEDGER, content)
    assert parse(LEDGER, lines[0], parse(LEDGER, content)) == parse(LEDGER, lines[0])


def test_an_entry_appended_continues_the_chain():
    ledger = Ledger(LEDGER).with_entry(entry())
    assert ledger.next_link() == (2, hash_line(ledger.content))
    assert Ledger(LEDGER).next_link() == (1, None)


LINES = in_edit().ledger.content.splitlines(keepends=True)


def changed(number: int, **over) -> bytes:
    """One of the lines with other values, written as `story` writes it."""
    return serialise(entry_of(LINES[number], **over))


@pytest.mark.parametrize(
    "content, rule, line, kept",
    [
        (b"", "ledger-line", 1, 0),
        (b"\n", "ledger-line", 1, 0),
        (b"".join(LINES)[:-1], "ledger-line", 3, 3),
        (b"".join(LINES)[:-20], "ledger-line", 3, 2),
        (b"".join(LINES[:2]) + b'{"v":1', "ledger-line", 3, 2),
        (b"".join(LINES) + b"\n", "ledger-line", 4, 3),
        (LINES[0] + b"\n" + LINES[1], "ledger-line", 2, 1),
        (LINES[0] + b"not json\n", "ledger-line", 2, 1),
        (LINES[0] + b"[1]\n", "ledger-line", 2, 1),
        (LINES[0] + b"{}\n", "ledger-line", 2, 1),
        (LINES[0] + b"\xff\xfe\n", "ledger-line", 2, 1),
        (b"\xef\xbb\xbf" + LINES[0], "ledger-line", 1, 0),
        (b"".join(LINES).replace(b"\n", b"\r\n"), "ledger-line", 1, 0),
        (LINES[0].replace(b'{"v":1', b'{"v":1,"extra":1'), "ledger-line", 1, 0),
        (LINES[0].replace(b'"seq":1', b'"seq": 1'), "ledger-line", 1, 0),
        (LINES[0].replace(b'"v":1,"seq":1', b'"seq":1,"v":1'), "ledger-line", 1, 0),
        (LINES[0].replace(b'"seq":1', b'"seq":1,"seq":1'), "ledger-line", 1, 0),
        (LINES[0].replace(b'"seq":1', b'"seq":1.0'), "ledger-line", 1, 0),
        (LINES[0].replace(b'"seq":1', b'"seq":"1"'), "ledger-line", 1, 0),
        (LINES[0].replace(b"Reporter <", b"\\u0052eporter <"), "ledger-line", 1, 0),
        (LINES[0].replace(b"}\n", b',"note":""}\n'), "ledger-line", 1, 0),
        (LINES[0].replace(b"T10:00:00Z", b"T10:00:00+00:00"), "ledger-line", 1, 0),
        (LINES[0].replace(b"2026-11-23T10", b"2026-13-23T10"), "ledger-line", 1, 0),
        (LINES[0].replace(b"Reporter <reporter@gazette.example>", b"<>"), "ledger-line", 1, 0),
        (LINES[0].replace(STORY_ID.encode(), b"../../../x"), "ledger-line", 1, 0),
        (LINES[0] + LINES[2], "ledger-chain", 2, 1),
        (LINES[0] + LINES[2] + LINES[1], "ledger-chain", 2, 1),
        (LINES[1] + LINES[0] + LINES[2], "ledger-chain", 1, 0),
        (LINES[0] + LINES[0], "ledger-chain", 2, 1),
        (b"".join(LINES[1:]), "ledger-chain", 1, 0),
        (LINES[0] + changed(1, note="edited") + LINES[2], "ledger-chain", 3, 2),
        (LINES[0] + changed(1, seq=3), "ledger-chain", 2, 1),
        (LINES[0] + changed(1, prev=HASH), "ledger-chain", 2, 1),
        (changed(0, prev=HASH), "ledger-chain", 1, 0),
        (changed(0, story="20261123-aaaaaaaa"), "ledger-foreign", 1, 0),
        (LINES[0] + changed(1, story="20261123-aaaaaaaa"), "ledger-foreign", 2, 1),
    ],
)  # fmt: skip
def test_a_ledger_that_is_not_as_written_is_one_finding_at_its_line(content, rule, line, kept):
    ledger = parse(LEDGER, content)
    finding = the_one(ledger.findings)
    assert (finding.rule, finding.line, finding.path) == (rule, line, LEDGER)
    assert LEDGER in finding.hint
    assert len(ledger.entries) == kept
    assert ledger.content == content


@pytest.mark.parametrize(
    "content, told",
    [
        (LINES[0].replace(b'{"v":1', b'{"v":1,"extra":1'), "unknown field extra"),
        (b"".join(LINES)[:-1], "cut off"),
        (LINES[0] + LINES[2], "does not continue"),
        (changed(0, story="20261123-aaaaaaaa"), "20261123-aaaaaaaa"),
        (b"nonsense\n", "not JSON"),
    ],
)
def test_the_finding_says_what_is_wrong_with_the_line(content, told):
    assert told in the_one(parse(LEDGER, content).findings).message


@pytest.mark.parametrize("version", [b"2", b"10", b"999999999999999999999"])
def test_a_ledger_of_a_later_format_cannot_be_run(version):
    with pytest.raises(CannotRun, match="newer than this") as caught:
        parse(LEDGER, LINES[0].replace(b'{"v":1', b'{"v":' + version))
    assert caught.value.hint
    assert caught.value.status == 3


def test_one_later_line_of_a_later_format_is_enough():
    with pytest.raises(CannotRun):
        parse(LEDGER, LINES[0] + LINES[1].replace(b'{"v":1', b'{"v":2'))


# Folding


def test_folding_is_the_union_of_all_sets_and_where_the_last_entry_leads():
    assert in_edit().ledger.record == {
        "id": STORY_ID,
        "state": "edit",
        "draft": True,
        "editor": ["Editor <editor@gazette.example>"],
    }
    assert published().ledger.record == {
        "id": STORY_ID,
        "state": "publish",
        "editor": ["Editor <editor@gazette.example>"],
        "date": "2026-11-23T10:03:00Z",
        "version": 1,
        "lastmod": "2026-11-23T10:03:00Z",
        "address": "/local/2026/11/council-budget/",
    }


def test_null_clears_what_an_earlier_entry_set():
    entries = [entry(set={"draft": True, "version": 1}), entry(seq=2, to="publish", set={"draft": None})]
    assert fold(entries) == {"id": STORY_ID, "state": "publish", "version": 1}
    assert fold([]) == {}


def test_folding_on_is_folding_all_at_once():
    entries = published().ledger.entries
    for cut in range(len(entries) + 1):
        assert fold(entries[cut:], fold(entries[:cut])) == fold(entries)


def test_the_ledger_knows_its_last_move_and_what_readers_got():
    ledger = published().ledger
    assert ledger.state == "publish"
    assert ledger.moved == ledger.entries[3]
    assert ledger.signed_for_readers(default()) == ledger.entries[3]
    assert in_edit().ledger.signed_for_readers(default()) is None
    assert Ledger(LEDGER).state is None


# The record in the file


def test_the_file_writes_times_in_the_newsrooms_zone_and_one_editor_as_text():
    record = published().ledger.record
    assert record_in_file(record, ZoneInfo("Asia/Shanghai")) == {
        "id": STORY_ID,
        "state": "publish",
        "editor": "Editor <editor@gazette.example>",
        "date": "2026-11-23T18:03:00+08:00",
        "version": 1,
        "lastmod": "2026-11-23T18:03:00+08:00",
        "address": "/local/2026/11/council-budget/",
    }
    two = record_in_file({"editor": ["A <a@x.example>", "B <b@x.example>"], "draft": None}, ZoneInfo("UTC"))
    assert two == {"editor": ["A <a@x.example>", "B <b@x.example>"], "draft": None}


@pytest.mark.parametrize(
    "lines, record, keys",
    [
        (["state: edit"], {"state": "edit"}, []),
        (["state: edit"], {"state": "review"}, ["state"]),
        (["state: edit"], {}, ["state"]),
        ([], {"state": "edit"}, ["state"]),
        (["state:"], {}, []),
        (["state: ''"], {}, ["state"]),
        (["draft: true"], {"draft": True}, []),
        (["draft: 'true'"], {"draft": True}, []),
        (["draft: yes"], {"draft": True}, ["draft"]),
        (["draft: True"], {"draft": True}, ["draft"]),
        (["draft: false"], {}, ["draft"]),
        (["version: 2"], {"version": 2}, []),
        (["version: 02"], {"version": 2}, ["version"]),
        (["version: [2]"], {"version": 2}, ["version"]),
        (["editor: A <a@x.example>"], {"editor": ["A <a@x.example>"]}, []),
        (["editor: [A <a@x.example>]"], {"editor": ["A <a@x.example>"]}, []),
        (["editor: A"], {"editor": ["A <a@x.example>"]}, ["editor"]),
        (["editor: [B, A]"], {"editor": ["A", "B"]}, ["editor"]),
        (["editor: [A, ~]"], {"editor": ["A"]}, ["editor"]),
        (["editor: {A: B}"], {"editor": ["A"]}, ["editor"]),
        (["date: 2026-11-23T18:00:00+08:00"], {"date": "2026-11-23T10:00:00Z"}, []),
        (["date: 2026-11-23 10:00:00 +00:00"], {"date": "2026-11-23T10:00:00Z"}, []),
        (["date: 2026-11-23T18:00:01+08:00"], {"date": "2026-11-23T10:00:00Z"}, ["date"]),
        (["date: 2026-11-23"], {"date": "2026-11-23T10:00:00Z"}, ["date"]),
        (["date: [x]", "id: y"], {"date": "2026-11-23T10:00:00Z"}, ["id", "date"]),
        (["pubstatus: canceled"], {}, ["pubstatus"]),
        (["embargo: until-further-notice"], {}, ["embargo"]),
        (["corrections: [x]", "publish_at: x"], {}, ["corrections", "publish_at"]),
        (["title: x", "due: y", "assignee: z", "slug: w"], {}, []),
    ],
)
def test_every_record_key_must_say_what_the_ledger_says(lines, record, keys):
    assert [key for key, _, _ in disagreements(front(*lines), record)] == keys


# Sign-offs


def sign_off(seq: int, by: str, **over) -> Entry:
    by = f"{by} <{by}@gazette.example>"
    return entry(seq=seq, **{"action": "publish", "from_": "edit", "to": "edit", "by": by, "role": "editor", **over})


def row(*by: str) -> Move:
    return Move.model_validate({"action": "publish", "from": ["edit"], "to": "publish", "by": by})


MOVED = entry(seq=2, action="approve", from_="review", to="edit")
A, B = sign_off(3, "a"), sign_off(4, "b")
OTHER = "sha256:" + "1" * 64


@pytest.mark.parametrize(
    "entries, content, assets, signers",
    [
        ([], HASH, {}, []),
        ([MOVED], HASH, {}, []),
        ([MOVED, A], HASH, {}, ["a"]),
        ([MOVED, A, B], HASH, {}, ["a", "b"]),
        ([A, MOVED, B], HASH, {}, ["b"]),
        ([MOVED, A, B], OTHER, {}, []),
        ([MOVED, A, B], HASH, {"x.jpg": "1"}, []),
        ([MOVED, A, sign_off(4, "b", content=OTHER)], OTHER, {}, ["b"]),
        ([MOVED, A, sign_off(4, "b", assets={"x.jpg": "1"})], HASH, {"x.jpg": "1"}, ["b"]),
        ([MOVED, A, entry(seq=4, action="ack", from_="edit", to="edit"), B], HASH, {}, ["a", "b"]),
        ([MOVED, A, B, entry(seq=5, action="publish", from_="edit", to="publish")], HASH, {}, []),
    ],
)
def test_a_sign_off_counts_until_its_move_completes_for_what_it_signed(entries, content, assets, signers):
    three = row("editor", "editor", "editor")
    assert [one.actor.name for one in sign_offs_that_count(entries, three, (content, assets, {}))] == signers


LEGAL = sign_off(4, "l", role="legal")


@pytest.mark.parametrize(
    "by, entries, signers",
    [
        (["editor"], [A], []),
        (["editor", "legal"], [A], ["a"]),
        (["editor", "legal"], [A, LEGAL], ["a"]),
        (["editor", "legal", "science"], [A, LEGAL], ["a", "l"]),
        (["editor", "science", "sports"], [A, LEGAL], ["a"]),
        (["editor", "science", "sports"], [A, LEGAL, sign_off(5, "s", role="science")], ["a", "s"]),
        (["legal", "editor", "science"], [A, LEGAL], ["l"]),
        (["editor|legal", "science"], [LEGAL], ["l"]),
    ],
)
def test_each_sign_off_fills_the_place_of_its_role_and_the_last_place_completes(by, entries, signers):
    assert [one.actor.name for one in sign_offs_that_count(entries, row(*by), (HASH, {}, {}))] == signers


# Properties

KEYS = st.sampled_from(
    ["v", "seq", "prev", "story", "action", "from", "to", "by", "role", "at", "content", "set", "note", "x"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
HONEST = b"".join(LINES)


@st.composite
def damaged(draw) -> bytes:
    """A real ledger with some of its bytes replaced."""
    content = bytearray(HONEST)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        content[at : at + draw(st.integers(0, 30))] = draw(st.binary(max_size=10))
    return bytes(content)


@st.composite
def reworded(draw) -> bytes:
    """A real first line with other JSON in some of its fields."""
    held = json.loads(LINES[0])
    held.update(draw(st.dictionaries(KEYS.filter(lambda key: key != "v"), JSON, max_size=4)))
    return (
        json.dumps(held, ensure_ascii=draw(st.booleans()), separators=(",", ":")).encode("utf-8", "surrogatepass")
        + b"\n"
    )


@given(
    st.one_of(st.binary(max_size=200), damaged(), reworded(), JSON.map(lambda one: json.dumps(one).encode() + b"\n"))
)
def test_any_bytes_are_a_ledger_or_one_finding_or_a_later_format(content):
    try:
        ledger = parse(LEDGER, content)
    except CannotRun:
        assert b'{"v":' in content
        return
    assert len(ledger.findings) <= 1
    if not ledger.findings:
        assert b"".join(serialise(one) for one in ledger.entries) == content
    assert isinstance(fold(ledger.entries), dict)


@given(damaged())
def test_no_damage_to_a_ledger_goes_unnoticed_but_at_its_end(content):
    try:
        ledger = parse(LEDGER, content)
    except CannotRun:
        return
    if content != HONEST and not ledger.findings:
        last = serialise(ledger.entries[-1])
        assert HONEST.startswith((content, content.removesuffix(last)))


@given(
    st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=2),
    st.text(min_size=1, max_size=20),
    st.sampled_from([{}, {"draft": True}, {"draft": None, "version": 2}, {"editor": ["A <a@x.example>"]}]),
)
def test_an_entry_is_read_back_as_it_was_written(assets, note, written):
    made = entry(assets=assets, note=note, set=written)
    assert parse(LEDGER, serialise(made)).entries == (made,)


def test_line_end_of_another_system_is_named_with_the_way_out():
    (found,) = parse(LEDGER, b"".join(LINES).replace(b"\n", b"\r\n")).findings
    assert found.message == "the line ends in CR LF; a ledger's end in LF alone."
    assert ".newsroom/** -text" in found.hint


def test_a_story_that_was_killed_is_held_to_the_words_it_was_killed_with():
    reworded = rewritten(published(), "on Monday", "on Tuesday")
    killed = take(reworded, "kill", EDITOR, note="Wrong.", terms={"notice": "Withdrawn."}).ledger
    assert killed.binding_entry(default()) is killed.entries[-1]
    assert published().ledger.binding_entry(default()).action == "publish"
    assert in_edit().ledger.binding_entry(default()) is None


def test_ledgers_in_the_folders_of_months_are_one_finding_that_counts_them():
    one, two = (f".newsroom/ledger/2026/11/20261123-{name}.jsonl" for name in ("aaaaaaaa", "bbbbbbbb"))
    assert [found.message.partition(" in ")[0] for found in ledgers_in_months([one])] == ["this ledger is"]
    assert [found.message.partition(" in ")[0] for found in ledgers_in_months([two, one, one])] == [
        "this ledger and 1 more are"
    ]
    assert list(ledgers_in_months([LEDGER, ".newsroom/ledger/2026/11/202611notes.jsonl"])) == []
