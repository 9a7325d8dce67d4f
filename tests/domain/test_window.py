"""Windows over changes of daylight saving, and against a scan of every minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.schedule import Schedule, parse_duration, parse_schedule
from tidegate.domain.window import Window, closing

MINUTE = timedelta(minutes=1)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
         "America/St_Johns", "America/Havana", "Pacific/Apia")  # fmt: skip


def window(kind: str, schedule: str, duration: str, zone: str = "UTC", why: str = "") -> Window:
    length = parse_duration(duration)
    return Window(kind == "allow", parse_schedule(schedule), length, ZoneInfo(zone), why)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spans(item: Window, first: str, last: str) -> list[str]:
    """When it is active, minute by minute, in UTC."""
    moment, found, inside = at(first), [], False
    while moment <= at(last):
        active = item.ends(moment) is not None
        if active != inside:
            found.append(f"{'+' if active else '-'}{moment:%d %H:%M}")
        inside, moment = active, moment + MINUTE
    return found


@pytest.mark.parametrize(
    ("schedule", "duration", "zone", "first", "last", "expected"),
    [
        # Berlin, 2026-03-29: from 02:00 (+1) to 03:00 (+2) at 01:00 UTC.
        ("0 1 * * *", "1h", "Europe/Berlin", "2026-03-28T20:00", "2026-03-29T06:00",
         ["+29 00:00", "-29 01:00"]),
        ("30 2 * * *", "1h", "Europe/Berlin", "2026-03-28T20:00", "2026-03-29T06:00",
         ["+29 01:00", "-29 02:00"]),  # half past two is skipped: at the jump
        ("0 22 * * *", "8h", "Europe/Berlin", "2026-03-28T20:00", "2026-03-29T12:00",
         ["+28 21:00", "-29 05:00"]),  # eight hours, whatever clocks show
        # Berlin, 2026-10-25: from 03:00 (+2) to 02:00 (+1) at 01:00 UTC.
        ("30 2 * * *", "15m", "Europe/Berlin", "2026-10-24T20:00", "2026-10-25T06:00",
         ["+25 00:30", "-25 00:45", "+25 01:30", "-25 01:45"]),  # which is shown twice
        ("0 22 * * *", "8h", "Europe/Berlin", "2026-10-24T16:00", "2026-10-25T12:00",
         ["+24 20:00", "-25 04:00"]),
        # New York, 2026-03-08: from 02:00 (-5) to 03:00 (-4) at 07:00 UTC.
        ("15 2 * * *", "30m", "America/New_York", "2026-03-08T00:00", "2026-03-08T12:00",
         ["+08 07:00", "-08 07:30"]),
        ("0 0 * * sun", "24h", "America/New_York", "2026-03-08T00:00", "2026-03-09T12:00",
         ["+08 05:00", "-09 05:00"]),
        # New York, 2026-11-01: from 02:00 (-4) to 01:00 (-5) at 06:00 UTC.
        ("0 1 * * *", "30m", "America/New_York", "2026-11-01T00:00", "2026-11-01T12:00",
         ["+01 05:00", "-01 05:30", "+01 06:00", "-01 06:30"]),
        ("0 1 * * *", "1h", "America/New_York", "2026-11-01T00:00", "2026-11-01T12:00",
         ["+01 05:00", "-01 07:00"]),
        # Lord Howe, half an hour: 2026-04-04 15:00 UTC, from 02:00 (+11) to 01:30 (+10:30).
        ("45 1 * * *", "10m", "Australia/Lord_Howe", "2026-04-04T12:00", "2026-04-04T18:00",
         ["+04 14:45", "-04 14:55", "+04 15:15", "-04 15:25"]),
        # And 2026-10-03 15:30 UTC, from 02:00 (+10:30) to 02:30 (+11).
        ("15 2 * * *", "20m", "Australia/Lord_Howe", "2026-10-03T12:00", "2026-10-03T18:00",
         ["+03 15:30", "-03 15:50"]),
        ("30 2 * * *", "20m", "Australia/Lord_Howe", "2026-10-03T12:00", "2026-10-03T18:00",
         ["+03 15:30", "-03 15:50"]),
    ],
)  # fmt: skip
def test_changes_of_daylight_saving(
    schedule: str, duration: str, zone: str, first: str, last: str, expected: list[str]
) -> None:
    assert spans(window("deny", schedule, duration, zone), first, last) == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_every_day_has_a_start_in_every_year(zone: str) -> None:
    item = window("deny", "20 2 * * *", "1h", zone)
    moment, starts = at("2026-01-01T00:00"), []
    while (start := item.next_start(moment)) and start < at("2027-01-01T12:00"):
        starts.append(start)
        moment = start
    assert len({start.astimezone(ZoneInfo(zone)).date() for start in starts}) >= 365


def fits(schedule: Schedule, shown: datetime) -> bool:
    by_clock = shown.minute in schedule.minutes and shown.hour in schedule.hours
    return by_clock and schedule.fits(shown.date())


def shown_at(moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """What the clock shows in a minute: one time, or all that it jumps over with it."""
    now = moment.astimezone(zone).replace(tzinfo=None)
    before = (moment - MINUTE).astimezone(zone).replace(tzinfo=None)
    yield now
    while now - before > MINUTE:
        before += MINUTE
        yield before


def scan(item: Window, moment: datetime) -> bool:
    """Whether a start lies in the minutes before."""
    begin = moment.replace(second=0, microsecond=0)
    while moment - begin < item.duration:
        if any(fits(item.schedule, shown) for shown in shown_at(begin, item.zone)):
            return True
        begin -= MINUTE
    return False


def words(least: int, most: int) -> st.SearchStrategy[str]:
    number = st.integers(least, most)
    return st.one_of(
        st.just("*"),
        number.map(str),
        st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}"),
        st.tuples(number, st.integers(1, 30)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
        st.lists(number, min_size=1, max_size=3).map(lambda many: ",".join(map(str, many))),
    )


DATES, WEEKDAYS = st.just("*") | words(1, 28), st.just("*") | words(0, 6)
SCHEDULES = st.tuples(words(0, 59), words(0, 23), DATES, words(1, 12), WEEKDAYS).map(" ".join)
# Near each change of the zones above, and anywhere.
MOMENTS = st.one_of(
    st.sampled_from(
        ["2026-03-29T01:00", "2026-10-25T01:00", "2026-03-08T07:00", "2026-11-01T06:00",
         "2026-04-04T15:00", "2026-10-03T15:30", "2011-12-30T10:00", "2010-11-07T02:31",
         "2026-03-08T05:00", "2026-11-01T05:00"]
    ).map(at),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(
        lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
    ),
)  # fmt: skip
AROUND = st.integers(-4 * 3600, 4 * 3600).map(lambda seconds: timedelta(seconds=seconds))
WINDOWS = st.builds(
    lambda allow, schedule, minutes, zone: Window(
        allow, parse_schedule(schedule), timedelta(minutes=minutes), ZoneInfo(zone)
    ),
    st.booleans(),
    SCHEDULES,
    st.integers(1, 36 * 60),
    st.sampled_from(ZONES),
)


@given(WINDOWS, MOMENTS, AROUND)
def test_active_as_a_scan_of_every_minute_says(
    item: Window, moment: datetime, around: timedelta
) -> None:
    now = moment + around
    assert (item.ends(now) is not None) == scan(item, now)


@given(WINDOWS, MOMENTS, AROUND)
def test_the_next_start_is_the_first_minute_that_fits(
    item: Window, moment: datetime, around: timedelta
) -> None:
    now = moment + around
    start, minute = item.next_start(now), now.replace(second=0, microsecond=0) + MINUTE
    for _ in range(2 * 24 * 60):
        if any(fits(item.schedule, shown) for shown in shown_at(minute, item.zone)):
            assert start == minute
            return
        minute += MINUTE
    assert start is None or start >= minute


def open_by_scan(windows: list[Window], now: datetime) -> bool:
    active = [item for item in windows if scan(item, now)]
    if any(not item.allow for item in active):
        return False
    return any(item.allow for item in active) or not any(item.allow for item in windows)


@settings(max_examples=25)
@given(st.lists(WINDOWS, min_size=1, max_size=2), MOMENTS, AROUND)
def test_the_opening_is_the_first_open_moment(
    windows: list[Window], moment: datetime, around: timedelta
) -> None:
    now = moment + around
    closed = closing(windows, now)
    assert (closed is None) == open_by_scan(windows, now)
    if closed is None or closed.opens is None:
        return
    assert open_by_scan(windows, closed.opens)
    # All ends and starts lie on whole minutes.
    minute = now.replace(second=0, microsecond=0) + MINUTE
    for _ in range(40):
        if minute >= closed.opens:
            return
        assert not open_by_scan(windows, minute)
        minute += MINUTE


def test_the_exact_moments() -> None:
    item = window("deny", "0 12 * * *", "1h")
    tick = timedelta(microseconds=1)
    noon = at("2026-05-01T12:00")
    assert item.ends(noon - tick) is None
    assert item.ends(noon) == noon + timedelta(hours=1)
    assert item.ends(noon + timedelta(hours=1) - tick) is not None
    assert item.ends(noon + timedelta(hours=1)) is None


@pytest.mark.parametrize(
    ("windows", "opens"),
    [
        ([("deny", "0 12 1 5 *", "1h")], "2026-05-01T13:00"),
        # Freezes that overlap, and one that begins as another ends.
        ([("deny", "0 12 1 5 *", "1h"), ("deny", "30 12 1 5 *", "2h")], "2026-05-01T14:30"),
        ([("deny", "0 12 1 5 *", "1h"), ("deny", "0 13 1 5 *", "1h")], "2026-05-01T14:00"),
        # After the freeze nothing is allowed until the next morning.
        ([("deny", "0 12 1 5 *", "1h"), ("allow", "0 9 * * *", "3h")], "2026-05-02T09:00"),
        ([("allow", "0 9 * * mon", "1h")], "2026-05-04T09:00"),
        ([("allow", "0 9 29 2 *", "1h")], "2028-02-29T09:00"),
        # Never: frozen every minute, for a minute.
        ([("deny", "* * * * *", "1m")], None),
        ([("deny", "* * * * *", "100h"), ("allow", "* * * * *", "1m")], None),
    ],
)
def test_when_it_opens(windows: list[tuple[str, str, str]], opens: str | None) -> None:
    closed = closing([window(*item) for item in windows], at("2026-05-01T12:30"))
    assert closed is not None
    assert closed.opens == (at(opens) if opens else None)


def test_the_freeze_that_ends_last_is_named() -> None:
    short = window("deny", "0 12 * * *", "1h", why="short")
    long = window("deny", "0 11 * * *", "4h", why="long")
    closed = closing([short, long], at("2026-05-01T12:30"))
    assert closed is not None
    assert closed.freeze is long
