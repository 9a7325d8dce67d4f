"""When a waiver ends, and how far away that may be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.repository.expiry import Expiry, latest_allowed, parse_expiry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2900, 1, 1), timezones=st.just(UTC))
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31", datetime(2026, 4, 1, tzinfo=UTC)),
        ("2024-02-29", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2026-12-31", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-03-31T18:00:00Z", datetime(2026, 3, 31, 18, tzinfo=UTC)),
        ("2026-03-31 18:00:00Z", datetime(2026, 3, 31, 18, tzinfo=UTC)),
        ("2026-03-31T18:00Z", datetime(2026, 3, 31, 18, tzinfo=UTC)),
        ("2026-03-31T18:00:00.5Z", datetime(2026, 3, 31, 18, 0, 0, 500_000, tzinfo=UTC)),
        # The hour that summer time skips in Europe is an hour like any other in UTC.
        ("2026-03-29T02:30:00+01:00", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("2026-03-31T23:59:59-23:59", datetime(2026, 4, 1, 23, 58, 59, tzinfo=UTC)),
    ],
)
def test_what_people_write(text: str, moment: datetime) -> None:
    found = parse_expiry(text)
    assert found is not None
    assert found.moment == moment
    assert (found.day is not None) == (len(text) == 10)


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2025-02-29", "2026-13-01", "2026-00-10", "2026-03-31T18:00:00", "9999-12-31",
     "2026-03-31T25:00:00Z", "2026-03-31T18:60:00Z", "2026-03-31T18:00:00+24:00", "tomorrow", "",
     "0001-01-01T00:00:00+23:00", "2026-03-3१", "2026-03-31\n"],
)  # fmt: skip
def test_days_and_times_that_do_not_exist(text: str) -> None:
    assert parse_expiry(text) is None


@pytest.mark.parametrize(
    ("text", "days", "last"),
    [
        ("2026-05-30", 90, None),
        ("2026-05-31", 90, "2026-05-30"),
        ("2026-05-30T12:00:00Z", 90, None),
        ("2026-05-30T12:00:01Z", 90, "2026-05-30T12:00:00Z"),
        ("2026-05-30T14:00:00+02:00", 90, None),
        ("2026-05-30T12:00:00-02:00", 90, "2026-05-30T12:00:00Z"),
        ("2026-03-02", 1, None),
        ("2026-03-03", 1, "2026-03-02"),
        ("2020-01-01", 1, None),
    ],
)
def test_the_last_that_is_allowed(text: str, days: int, last: str | None) -> None:
    expiry = parse_expiry(text)
    assert expiry is not None
    assert latest_allowed(expiry, days, NOON) == last
    elsewhere = NOON.astimezone(timezone(timedelta(hours=13)))
    assert latest_allowed(expiry, days, elsewhere) == last


@given(MOMENTS, st.integers(1, 90), st.integers(-400, 400))
def test_a_date_counts_whole_days(now: datetime, days: int, away: int) -> None:
    day = now.date() + timedelta(days=away)
    expiry = parse_expiry(day.isoformat())
    assert expiry == Expiry(datetime(day.year, day.month, day.day, tzinfo=UTC)
                            + timedelta(days=1), day)  # fmt: skip
    assert (latest_allowed(expiry, days, now) is None) == (away <= days)


@given(MOMENTS, OFFSETS, st.integers(1, 90), st.integers(-100, 100))
def test_a_time_counts_to_the_microsecond(
    now: datetime, zone: timezone, days: int, away: int
) -> None:
    moment = now + timedelta(days=days, microseconds=away)
    expiry = parse_expiry(moment.astimezone(zone).isoformat())
    assert expiry == Expiry(moment, None)
    assert (latest_allowed(expiry, days, now) is None) == (away <= 0)


@given(MOMENTS, st.integers(1, 90), st.dates(date(2000, 1, 1), date(2999, 12, 31)))
def test_what_is_named_as_the_last_is_allowed(now: datetime, days: int, day: date) -> None:
    for text in (day.isoformat(), f"{day.isoformat()}T18:00:00Z"):
        expiry = parse_expiry(text)
        assert expiry is not None
        last = latest_allowed(expiry, days, now)
        if last is not None:
            named = parse_expiry(last)
            assert named is not None
            assert latest_allowed(named, days, now) is None
            assert named.moment < expiry.moment
