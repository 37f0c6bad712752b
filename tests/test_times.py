"""Points in time: what is read, and how they are written."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom_cli.times import format_ledger_time, format_local, format_with_offset, parse_instant, round_up

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T18:00:00+08:00",
        "2026-11-23T10:00:00Z",
        "2026-11-23t10:00:00z",
        "2026-11-23 18:00:00 +0800",
        "2026-11-23 18:00:00 +08:00",
        "2026-11-23T18:00+08:00",
        "2026-11-23T10:00:00.000000Z",
        "  2026-11-23T10:00:00Z  ",
    ],
)
def test_one_instant_is_read_in_every_way_it_is_written(text):
    assert parse_instant(text) == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-23",
        "2026-11-23T18:00:00",
        "18:00:00+08:00",
        "23.11.2026 18:00 +08:00",
        "2026-11-23T18+08:00",
        "2026-11-23T18:00:00+8",
        "2026-11-23T18:00:00 Asia/Shanghai",
        "２０２６-11-23T18:00:00Z",
        "2026-11-23T18:00:00Z\nid: x",
        "2026-W48-1T18:00:00Z",
        "2026-11-23T180000.0Z",
        "tomorrow",
    ],
)
def test_a_date_without_time_and_zone_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"^needs a date, a time and a zone, as in 2026-"):
        parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "2025-14-07T00:00:00Z",
        "2025-02-30T00:00:00Z",
        "2025-00-10T00:00:00Z",
        "2025-01-01T25:00:00Z",
        "2025-01-01T10:60:00Z",
        "0000-01-01T00:00:00Z",
        "2025-01-01T10:00:00+99:00",
    ],
)
def test_a_day_no_calendar_has_is_refused_in_words(text):
    with pytest.raises(ValueError, match="which no calendar has"):
        parse_instant(text)


def test_ledgers_write_utc_in_whole_seconds():
    moment = datetime(2026, 11, 23, 18, 0, 0, 999999, tzinfo=timezone(timedelta(hours=8)))
    assert format_ledger_time(moment) == "2026-11-23T10:00:00Z"


def test_front_matter_writes_the_newsrooms_offset():
    assert format_with_offset(parse_instant("2026-11-23T10:00:00.5Z"), SHANGHAI) == "2026-11-23T18:00:00+08:00"


def test_people_read_the_newsrooms_time():
    assert format_local(parse_instant("2026-11-23T10:00:00Z"), SHANGHAI) == "2026-11-23 18:00 +0800"


def test_the_offset_is_the_zones_of_that_day():
    berlin = ZoneInfo("Europe/Berlin")
    assert format_with_offset(parse_instant("2026-07-01T10:00:00Z"), berlin).endswith("+02:00")
    assert format_with_offset(parse_instant("2026-12-01T10:00:00Z"), berlin).endswith("+01:00")


MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001  hypothesis wants naive bounds
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, SHANGHAI, ZoneInfo("America/New_York")]),
    allow_imaginary=False,
)


@given(MOMENTS)
def test_what_is_written_is_read_back_as_the_same_second(moment):
    second = moment.astimezone(UTC).replace(microsecond=0)
    assert parse_instant(format_ledger_time(moment)) == second
    assert parse_instant(format_with_offset(moment, SHANGHAI)) == second


@given(st.text(max_size=40))
def test_any_text_is_an_instant_or_a_value_error(text):
    with contextlib.suppress(ValueError):
        assert parse_instant(text).tzinfo is not None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_an_instant_at_the_edge_of_the_calendar_can_still_be_shown(text, zone):
    try:
        moment = parse_instant(text)
    except ValueError:
        return  # to refuse it is as good
    assert format_local(moment, ZoneInfo(zone))
    assert format_with_offset(moment, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("2026-11-23T18:00:00+08:00", "2026-11-23T10:00:00Z"),
        ("2026-11-23T10:00:00.000001Z", "2026-11-23T10:00:01Z"),
        ("2026-12-31T23:59:59.5Z", "2027-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_what_waits_for_part_of_a_second_waits_for_all_of_it(said, means):
    assert format_ledger_time(round_up(parse_instant(said))) == means


@pytest.mark.parametrize("said", ["9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59.5Z", "0001-01-01T00:00:00+08:00"])
def test_what_no_calendar_has_in_utc_is_refused(said):
    with pytest.raises(ValueError, match="beyond what a calendar has"):
        round_up(parse_instant(said))
