"""Cron fields and Go durations, as Argo CD's own libraries read them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tidegate.domain.schedule import parse_duration, parse_schedule


@pytest.mark.parametrize(
    ("text", "minutes", "hours"),
    [
        ("0 22 * * *", {0}, {22}),
        ("  5\t 7 * * ?  ", {5}, {7}),
        ("*/20 0-2 * * *", {0, 20, 40}, {0, 1, 2}),
        ("50/4 20-23/2 * * *", {50, 54, 58}, {20, 22}),
        ("05,+7,,9 00 * * *", {5, 7, 9}, {0}),
        ("?/30 3 * * *", {0, 30}, {3}),
        ("*/99 3 * * *", {0}, {3}),
        # Argo CD reads no further after a star.
        ("*-5 *-x * * *", set(range(60)), set(range(24))),
    ],
)
def test_minutes_and_hours(text: str, minutes: set[int], hours: set[int]) -> None:
    schedule = parse_schedule(text)
    assert (schedule.minutes, schedule.hours) == (minutes, hours)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0 0 13 * *", [13]),
        ("0 0 * * FRI", [6, 13, 20, 27]),
        ("0 0 * * 5,sun", [1, 6, 8, 13, 15, 20, 22, 27, 29]),
        # Either of the two, where both are limited.
        ("0 0 13 * mon", [2, 9, 13, 16, 23, 30]),
        # Both, where one of them is a star; a star with a step is none.
        ("0 0 1-7 * ?", [1, 2, 3, 4, 5, 6, 7]),
        ("0 0 */2 * mon", [1, 2, 3, 5, 7, 9, 11, 13, 15, 16, 17, 19, 21, 23, 25, 27, 29, 30, 31]),
        ("0 0 */1 * mon", [2, 9, 16, 23, 30]),
        ("0 0 * Jan-Mar/2 *", list(range(1, 32))),
        ("0 0 * feb *", []),
    ],
)
def test_days_of_march_2026(text: str, days: list[int]) -> None:
    schedule = parse_schedule(text)
    assert [day for day in range(1, 32) if schedule.fits(date(2026, 3, day))] == days


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "0 fields"),
        ("0 22 * *", "4 fields"),
        ("0 0 22 * * *", "6 fields"),
        ("@daily", "Argo CD takes no such names"),
        ("@every 1h", "Argo CD takes no such names"),
        ("TZ=Europe/Berlin 0 22 * * *", "belongs under timeZone"),
        ("CRON_TZ=UTC 0 22 * * *", "belongs under timeZone"),
        ("60 22 * * *", "'60' in its minute field, at character 1: 60 is above 59"),
        ("0 24 * * *", "'24' in its hour field, at character 3: 24 is above 23"),
        ("0 1,2,25 * * *", "'25' in its hour field, at character 7"),
        ("0 0 0 * *", "day-of-month field, at character 5: 0 is below 1"),
        ("0 0 * 13 *", "month field, at character 7: 13 is above 12"),
        ("0 0 * * 7", "day-of-week field, at character 9: 7 is above 6"),
        ("0 0 * * fri-mon", "ends before it begins; write 5-6,0-1"),
        ("0 0 * * monday", "'monday' is no number or name"),
        ("mon 0 * * *", "'mon' is no number"),
        ("0 0 L * *", "'L' is no number"),
        ("0 0 * * 1#2", "'1#2' is no number or name"),
        ("-1 0 * * *", "'' is no number"),
        ("1-2-3 0 * * *", "more than one '-'"),
        ("1/2/3 0 * * *", "more than one '/'"),
        ("*/0 0 * * *", "at least 1"),
        ("٣ 0 * * *", "is no number"),
        ("1_0 0 * * *", "is no number"),
        (f"{'9' * 100_000} 0 * * *", "is no number"),
        ("0 0 30 feb *", "never comes"),
        ("0 0 31 4,6,9,11 *", "never comes"),
        (", 0 * * *", "never comes"),
    ],
)
def test_what_is_no_schedule(text: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_schedule(text)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("8h", 28800), ("1h30m", 5400), ("30m1h", 5400), ("1.5h", 5400), (".5m", 30), ("1.h", 3600),
        ("+2m", 120), ("90s", 90), ("100ms", 0.1), ("7µs", 7e-6), ("7μs", 7e-6), ("7us", 7e-6),
        ("7000ns", 7e-6), ("2562047h", 2562047 * 3600),
    ],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", "8", "h", "1d", "1w", "1h ", " 1h", "1h 30m", ".h", "1e3s", "0", "0h", "-1h", "1ns",
     "2562048h", "1_0h", "٣h", "1H"],
)  # fmt: skip
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError):
        parse_duration(text)
