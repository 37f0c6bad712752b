"""Ledgers written by another hand than `story`'s: lines, bytes and places."""

from __future__ import annotations

import json

import pytest
from conftest import PEOPLE

from attacks.forging import (
    append,
    caught,
    caught_among_others,
    entry_of,
    forge,
    line_of,
    not_judged,
    on_main,
    passes,
    published_by,
)


@pytest.mark.parametrize("slug", ["council-budget", "harbour-fire"])
@pytest.mark.parametrize(
    "change, rules",
    [
        (lambda rows: rows[:-1], {"ledger-rewritten", "record-by-hand"}),
        (lambda rows: [rows[0]], {"ledger-rewritten", "record-by-hand"}),
        (lambda rows: [rows[-1], *rows[:-1]], {"ledger-rewritten", "ledger-chain"}),
        (lambda rows: [*rows[:-1], rows[-1].replace('Z","', 'Z","note":"another","')], {"ledger-rewritten", "ledger-line"}),
        (lambda rows: [*rows, rows[-1]], {"ledger-chain"}),
        (lambda rows: [*rows, "not json\n"], {"ledger-line"}),
        (lambda rows: [*rows, "\n"], {"ledger-line"}),
        (lambda rows: [*rows[:-1], rows[-1][:-1]], {"ledger-rewritten", "ledger-line"}),
        (lambda rows: [row.replace("\n", "\r\n") for row in rows], {"ledger-rewritten", "ledger-line"}),
        (lambda rows: ["\ufeff", *rows], {"ledger-rewritten", "ledger-line"}),
        (lambda rows: [row.rstrip("\n") for row in rows], {"ledger-rewritten", "ledger-line"}),
    ],
    ids=["truncated", "cut to one", "reordered", "rewritten", "last line twice", "broken", "blank line",
         "no final newline", "CRLF", "byte order mark", "on one line"],
)  # fmt: skip
def test_ledger_truncated_reordered_rewritten_or_with_other_line_ends(base, slug, change, rules):
    path = base.ledger_of(slug)
    base.write(path, "".join(change(base.read(path).splitlines(keepends=True))))
    base.commit(who="Editor")
    caught(base, *rules)
    caught(base, *rules, args=("--require", "recorded"))


def test_ledger_rewritten_with_a_chain_of_its_own(base):
    path, story = base.ledger_of("council-budget"), base.path_of("council-budget")
    first = json.loads(base.read(path).splitlines()[0])
    first["by"] = PEOPLE["Stringer"]
    base.write(path, line_of(first))
    base.change(story, "state: review", "state: draft")
    base.commit()
    caught(base, "ledger-rewritten", args=("--require", "recorded"))
    assert base.rules(exit=0) == []  # alone, nothing shows


@pytest.mark.parametrize("slug", ["council-budget", "harbour-fire"])
def test_ledger_emptied(base, slug):
    base.write(base.ledger_of(slug), "")
    base.commit()
    caught(base, "ledger-line", "ledger-rewritten")


@pytest.mark.parametrize("slug, rules", [
    ("council-budget", {"ledger-removed", "ledger-missing"}), ("harbour-fire", {"ledger-removed", "ledger-missing"}),
])  # fmt: skip
def test_ledger_removed(base, slug, rules):
    base.git("rm", "--quiet", base.ledger_of(slug))
    base.commit()
    caught(base, *rules)


def test_ledger_removed_with_its_story(base):
    base.git("rm", "--quiet", base.ledger_of("council-budget"), base.path_of("council-budget"))
    base.commit()
    caught(base, "ledger-removed")


def test_all_ledgers_hidden_by_a_submodule(base):
    base.git("rm", "--quiet", "-r", ".newsroom")
    base.git("update-index", "--add", "--cacheinfo", f"160000,{base.head},.newsroom")
    base.git("commit", "--quiet", "-m", "module")
    caught(base, "ledger-removed", "ledger-missing", "not-a-file")


@pytest.mark.parametrize("place", ["elsewhere.jsonl", "2025/11/20251124-AAAAAAAA.jsonl", "2025/11/note.txt",
                                   "2024/01/20251124-aaaaaaaa.jsonl", "20251124-aaaaaaaa.jsonl"])  # fmt: skip
def test_ledger_at_a_wrong_path(base, place):
    base.write(f".newsroom/ledger/{place}", base.read(base.ledger_of("council-budget")))
    base.commit()
    caught(base, "ledger-stray")


def test_ledger_moved_away(base):
    base.git("mv", base.ledger_of("council-budget"), ".newsroom/ledger/elsewhere.jsonl")
    base.commit()
    caught(base, "ledger-missing", "ledger-removed", "ledger-stray")


def test_ledger_turned_into_a_link(base, tmp_path):
    ledger = base.root / base.ledger_of("council-budget")
    ledger.rename(tmp_path / "elsewhere")
    ledger.symlink_to(tmp_path / "elsewhere")
    base.commit()
    caught(base, "not-a-file", "ledger-missing", "ledger-removed")


def test_folder_of_ledgers_turned_into_a_link(base):
    base.git("mv", ".newsroom/ledger", "ledger")
    (base.root / ".newsroom/ledger").symlink_to("../ledger")
    base.commit()
    caught(base, "not-a-file", "ledger-missing", "ledger-removed")


# One well-made entry, in another handwriting


def reversed_keys(entry):
    return line_of(dict(reversed(entry.items())))


def twice(entry):
    return line_of(entry) * 2


@pytest.mark.parametrize(
    "hand",
    [
        reversed_keys,
        lambda entry: json.dumps(entry, ensure_ascii=False) + "\n",
        lambda entry: line_of(entry).replace("Editor", "\\u0045ditor"),
        lambda entry: line_of(entry).replace("{", '{"by":"Chief <chief@gazette.example>",', 1),
        lambda entry: line_of(entry).replace('"to":', '"to":"publish","to":'),
        lambda entry: line_of(entry).replace("}", "} ", 1),
        lambda entry: line_of({**entry, "note": ""}),
        lambda entry: line_of({**entry, "writers": []}),
        lambda entry: line_of(entry).replace(f'"seq":{entry["seq"]}', f'"seq":{entry["seq"]}.0'),
        lambda entry: line_of(entry).replace(f'"seq":{entry["seq"]}', f'"seq":"{entry["seq"]}"'),
        lambda entry: line_of(entry).replace(f'"seq":{entry["seq"]}', '"seq":NaN'),
        lambda entry: line_of(entry).replace(f'"seq":{entry["seq"]}', '"seq":1e400'),
        lambda entry: line_of(entry).replace(f'"seq":{entry["seq"]}', f'"seq":{"9" * 5000}'),
        lambda entry: line_of(entry).replace('"set":{', f'"set":{{"x":{"[" * 5000}{"]" * 5000},'),
        lambda entry: line_of({**entry, "at": entry["at"].replace("Z", "+00:00")}),
        lambda entry: line_of({**entry, "at": "2025-02-30T10:00:00Z"}),
        lambda entry: line_of({**entry, "at": entry["at"].replace("2025", "２０２５")}),
        lambda entry: line_of({**entry, "by": "<>"}),
        lambda entry: line_of({**entry, "labels": ["urgent"]}),
        lambda entry: line_of(entry).replace("\n", "\r\n"),
        lambda entry: line_of(entry).replace("\n", "\u2028"),
        lambda entry: line_of(entry).replace("\n", "\0\n"),
        twice,
    ],
    ids=["order of keys", "spaces", "unicode escapes", "duplicate key at the start", "duplicate key", "space at the end",
         "empty field", "empty list", "number with a point", "number as text", "NaN", "infinite", "huge number", "nested deeply",
         "offset", "no such day", "full-width digits", "nobody", "unknown field", "CRLF", "U+2028 for a newline", "NUL", "twice"],
)  # fmt: skip
def test_entry_in_another_handwriting(base, hand):
    entry = entry_of(base, "council-budget", by="Editor")
    append(base, "council-budget", entry, hand(entry))
    base.commit(who="Editor")
    caught_among_others(base, "ledger-chain" if hand is twice else "ledger-line")


@pytest.mark.parametrize("version", ["2", "10", "9" * 400])
def test_ledger_of_a_format_to_come(base, version):
    path = base.ledger_of("council-budget")
    base.write(path, base.read(path) + f'{{"v":{version},"seq":3}}\n')
    base.commit()
    not_judged(base, "newer")


# Entries that set what is not theirs


@pytest.mark.parametrize("over", [
    {"set": {"editor": [PEOPLE["Chief"]]}},
    {"set": {"editor": [PEOPLE["Editor"]], "version": 1}},
    {"set": {"editor": [PEOPLE["Editor"]], "title": "Another"}},
    {"set": {"editor": [PEOPLE["Editor"]], "draft": None}},
    {"set": {"editor": [PEOPLE["Editor"]], "state": "publish"}},
    {"set": {"editor": [PEOPLE["Editor"]], "id": "20251124-aaaaaaaa"}},
    {"set": {"editor": PEOPLE["Editor"]}},
    {"set": {"editor": [PEOPLE["Editor"], PEOPLE["Editor"]]}},
    {"set": {}},
], ids=["another", "version", "title", "draft", "state", "id", "text for a list", "twice", "nothing"])  # fmt: skip
def test_set_with_keys_or_values_its_row_does_not_allow(base, over):
    forge(base, "council-budget", by="Editor", commit_as="Editor", **over)
    caught_among_others(base, "entry-set")


@pytest.mark.parametrize("value", [True, 1.0, "1"])
def test_version_that_only_looks_like_a_number(base, value):
    base.story("approve", "council-budget", who="Editor")
    forge(base, "council-budget", by="Editor", commit_as="Editor", action="publish", to="publish",
          set=published_by(base, version=value))  # fmt: skip
    caught_among_others(base, "ledger-line")


def test_draft_set_to_a_number(base):
    base.at("draft", "flood", title="Flood")
    base.change(base.ledger_of("flood"), '"draft":true', '"draft":1')
    base.change(base.path_of("flood"), "draft: true", "draft: 1")
    base.commit()
    caught_among_others(base, "ledger-line")


def test_first_entry_that_leads_to_a_later_state(base):
    base.at("draft", "flood", title="Flood")
    base.change(base.ledger_of("flood"), '"to":"draft"', '"to":"publish"')
    base.change(base.path_of("flood"), "state: draft", "state: publish")
    base.commit()
    caught_among_others(base, "entry-state")


def test_union_merge_of_two_ledgers(base):
    base.write(".gitattributes", "*.jsonl merge=union\n*.md merge=union\n")
    base.commit()
    base.story("approve", "council-budget", who="Editor")
    on_main(base, "approve", "council-budget", who="Chief")
    base.git("merge", "--quiet", "-m", "both", "main")
    caught(base, "ledger-rewritten", "duplicate-key", "ledger-chain")


def test_note_of_several_lines_stays_in_its_line(base):
    base.story("send-back", "council-budget", "--note", 'One\n{"v":1}\n\u2028two "three"\\', who="Editor")
    passes(base)
    assert base.read(base.ledger_of("council-budget")).count("\n") == 3
