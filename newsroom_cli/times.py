"""Points in time as text: RFC 3339 with offset, in seconds; times typed and shown in the newsroom's zone."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(\.\d+)? ?([Zz]|[+-]\d\d:?\d\d)",
    re.ASCII,
)
"""Day, minute, second, fraction and zone; looser than RFC 3339 in that seconds and the zone's colon may be left out."""
_LEDGER_TIME = re.compile(r"\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d:\d\dZ", re.ASCII)  # 24:00 is a time to Python 3.13
NO_TIME = timedelta(0)
TOLERANCE = timedelta(minutes=10)
"""How far clocks may differ: an entry against the one before it, and against whoever checks."""


@lru_cache(4096)
def parse_ledger_time(text: str) -> datetime:
    """Parse a time as ledgers write it (`format_ledger_time`); raises ValueError for every other form."""
    if _LEDGER_TIME.fullmatch(text) is None:
        raise ValueError("is no time in UTC and whole seconds")
    return datetime.fromisoformat(text)


@lru_cache(4096)
def parse_instant(text: str) -> datetime:
    """Parse a date with time and offset (RFC 3339, section 5.6; seconds may be left out).

    Raises ValueError, in words that follow the key's name, when the time or the zone is missing or no
    calendar has such a day.
    """
    with suppress(ValueError):
        return parse_ledger_time(text)
    match = _RFC3339.fullmatch(text.strip())
    if match is None:
        raise ValueError("needs a date, a time and a zone, as in 2026-11-23T18:00:00+08:00")
    day, minute, second, fraction, zone = match.groups()
    offset = "+00:00" if zone in "Zz" else zone
    try:
        return datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{fraction or ''}{offset}")
    except ValueError:
        raise ValueError(f"is {text.strip()}, which no calendar has") from None


def as_instant(value: object) -> datetime | None:
    """Return the instant that a value names as `parse_instant` reads it; None where it is none."""
    with suppress(ValueError):
        return parse_instant(str(value))
    return None


_TYPED = re.compile(r"(?:(\d{4}-\d\d-\d\d)[Tt ])?(\d?\d):(\d\d)(?::(\d\d))?", re.ASCII)
"""A time without a zone, as people type it: a day where it is not today, hour and minute, perhaps seconds."""


def parse_typed(text: str, zone: tzinfo, now: datetime) -> datetime:
    """Parse a time as a person types it: RFC 3339, or a date and a time or a time today in a zone.

    Raises ValueError, in words that follow the text, for what is no time, and for one the clock of the zone skips or
    shows twice; then both readings are named.
    """
    if _RFC3339.fullmatch(text.strip()):
        return parse_instant(text)
    match = _TYPED.fullmatch(text.strip())
    if match is None:
        raise ValueError("is not a time")
    day, hour, minute, second = match.groups()
    try:
        plain = datetime.fromisoformat(f"{day or _in(now, zone).date()}T{hour:0>2}:{minute}:{second or '00'}")
    except ValueError:
        raise ValueError("is not a time any calendar has") from None
    readings = [plain.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    if readings[0].utcoffset() != readings[1].utcoffset():
        first, other = (format_with_offset(reading.astimezone(UTC), zone) for reading in readings)
        raise ValueError(f"is skipped or shown twice as the clocks change; say {first} or {other}")
    return readings[0]


def round_up(moment: datetime) -> datetime:
    """Round a moment up to a whole second, in UTC, so that what waits until then ends no earlier.

    Raises ValueError, in words that follow the time as typed, where that is beyond what a calendar has.
    """
    try:
        exact = moment.astimezone(UTC)
        return exact.replace(microsecond=0) + timedelta(seconds=1 if exact.microsecond else 0)
    except OverflowError:
        raise ValueError("is beyond what a calendar has in UTC") from None


def format_ledger_time(moment: datetime) -> str:
    """Format an instant as ledgers write it: UTC, whole seconds, `Z`."""
    return _in(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_with_offset(moment: datetime, zone: tzinfo) -> str:
    """Format an instant as front matter writes it: RFC 3339 with the newsroom's offset, whole seconds."""
    return _in(moment, zone).isoformat(timespec="seconds")


def format_for_people(text: object, zone: tzinfo) -> str:
    """Return a record's time as front matter writes it in a zone; any other text is returned as it is."""
    moment = as_instant(text)
    return format_with_offset(moment, zone) if moment else str(text)


def format_local(moment: datetime, zone: tzinfo) -> str:
    """Format an instant for people, in the newsroom's zone: 2026-11-23 18:00 +0800."""
    return _in(moment, zone).strftime("%Y-%m-%d %H:%M %z")


def _in(moment: datetime, zone: tzinfo) -> datetime:
    """Return the moment in a zone; unchanged where the zone's calendar ends before it."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment
