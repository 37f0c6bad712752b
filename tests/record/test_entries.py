"""One line of a ledger: what it must be, read and written."""

from __future__ import annotations

import json

import pytest
from making import REPORTER, begun

from newsroom_cli.record.entries import NotAnEntry, parse_line, serialise

LINE = begun(assets={"a.png": "a" * 40, "b.png": "b" * 40}).ledger.content.rstrip(b"\n")


def with_values(**over: object) -> bytes:
    return json.dumps({**json.loads(LINE), **over}, ensure_ascii=False, separators=(",", ":")).encode()


def test_a_line_is_read_and_written_again_as_it_was():
    assert serialise(parse_line(LINE, "")) == LINE + b"\n"


@pytest.mark.parametrize(
    "over, name",
    [
        ({"assets": {"a.png": 1, "b.png": "b" * 40}}, "assets"),
        ({"assets": {"a.png": "a" * 40, "b.png": None}}, "assets"),
        ({"writers": [str(REPORTER), 7]}, "writers"),
        ({"writers": [None, str(REPORTER)]}, "writers"),
        ({"seq": 0}, "seq"),
        ({"seq": -1}, "seq"),
        ({"seq": "1"}, "seq"),
    ],
)
def test_a_value_that_cannot_be_is_named_by_its_key(over, name):
    whole = {key: json.loads(LINE).get(key) for key in json.loads(LINE)}
    line = with_values(**over)
    if "writers" in over:  # stands behind the assets
        fields = {}
        for key, value in whole.items():
            fields[key] = value
            if key == "assets":
                fields["writers"] = over["writers"]
        line = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    with pytest.raises(NotAnEntry, match=f"the entry's {name} is not what it must be"):
        parse_line(line, "")


def test_text_that_is_no_utf8_is_not_written():
    entry = parse_line(LINE, "")._replace(note="half a pair: \ud800")
    with pytest.raises(UnicodeEncodeError):
        serialise(entry)


@pytest.mark.parametrize(
    "other", [LINE.replace(b'{"v":1', b'{ "v":1'), LINE.replace(b'"v":1,', b'"v":1, '), LINE + b" "]
)
def test_the_same_values_in_other_bytes_are_no_line_of_ours(other):
    with pytest.raises(NotAnEntry):
        parse_line(other, "")


@pytest.mark.parametrize(
    "made", [{"draft": 1}, {"draft": "true"}, {"version": True}, {"version": 1.0}, {"version": "1"}]
)
def test_what_only_looks_like_the_value_of_a_key_is_none(made):
    line = serialise(parse_line(LINE, "")._replace(set=made)).rstrip(b"\n")
    with pytest.raises(NotAnEntry, match="sets what is no value of its key"):
        parse_line(line, "")
    assert parse_line(serialise(parse_line(LINE, "")._replace(set={"draft": True, "version": 2}))[:-1], "")


def test_a_line_of_nothing_but_our_format_is_no_entry_and_no_later_format():
    with pytest.raises(NotAnEntry):
        parse_line(b'{"v":1}', "")
