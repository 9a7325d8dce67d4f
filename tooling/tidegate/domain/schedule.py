"""Cron schedules and durations, as Argo CD reads them in its sync windows.

Argo CD parses with robfig/cron: five fields (minute, hour, day of month, month, day of week), with
lists, ranges, steps, `?` for `*`, names of months and days; no `@daily` and the like. What that
accepts is accepted here, and means the same; docs/adr/0016 has the few things that are not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_LENGTHS = dict(zip(range(1, 13), (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))
_NUMBER = re.compile(r"\+?([0-9]+)")
_LARGEST = 2**63 - 1
_DURATION = re.compile(r"[-+]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_PART = re.compile(r"([0-9]*)\.?([0-9]*)(ns|us|µs|μs|ms|s|m|h)")
_NANOSECONDS = {
    **dict.fromkeys(("us", "µs", "μs"), 10**3),
    **{"ns": 1, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9},
}


class _Bounds(NamedTuple):
    name: str
    least: int
    most: int
    names: Mapping[str, int]


_FIELDS = (
    _Bounds("minute", 0, 59, {}),
    _Bounds("hour", 0, 23, {}),
    _Bounds("day-of-month", 1, 31, {}),
    _Bounds("month", 1, 12, {name: n for n, name in enumerate(_MONTHS, start=1)}),
    _Bounds("day-of-week", 0, 6, {name: n for n, name in enumerate(_DAYS)}),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The minutes that fit. `either` says that a day fits by its date or by its weekday: where
    neither of the two fields is a bare star. Sundays are 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    dates: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def fits(self, day: date) -> bool:
        """Whether some minute of the day may fit."""
        if day.month not in self.months:
            return False
        by_date, by_weekday = day.day in self.dates, day.isoweekday() % 7 in self.weekdays
        return by_date or by_weekday if self.either else by_date and by_weekday

    @property
    def comes(self) -> bool:
        """Whether any minute of any year fits: 30 February never comes."""
        dated = any(date <= _LENGTHS[month] for month in self.months for date in self.dates)
        days = (dated or bool(self.weekdays)) if self.either else (dated and bool(self.weekdays))
        return bool(self.minutes and self.hours and self.months and days)


def parse_schedule(text: str) -> Schedule:
    """The schedule that the text says. Raises ValueError, with the field and its place."""
    if text.startswith(("TZ=", "CRON_TZ=")):
        raise ValueError("names a time zone, which belongs under timeZone")
    if text.startswith("@"):
        raise ValueError(f"is {text[:40]!r}, and Argo CD takes no such names: five fields")
    fields = [(match.start() + 1, match[0]) for match in re.finditer(r"\S+", text)]
    if len(fields) != len(_FIELDS):
        raise ValueError(f"has {len(fields)} fields, not five: minute hour date month weekday")
    sets, stars = [], []
    for (column, word), bounds in zip(fields, _FIELDS, strict=True):
        values, star = _field(word, bounds, column)
        sets.append(values)
        stars.append(star)
    minutes, hours, dates, months, weekdays = sets
    schedule = Schedule(minutes, hours, dates, months, weekdays, not (stars[2] or stars[4]))
    if not schedule.comes:
        raise ValueError("never comes: no year has such a minute")
    return schedule


def parse_duration(text: str) -> timedelta:
    """A duration as Go writes it, such as `1h30m`, to the microsecond. Raises ValueError for what
    is none, and for one that isn't longer than nothing."""
    if not _DURATION.fullmatch(text):
        raise ValueError("is no duration, such as 8h or 1h30m")
    total = Fraction(0)
    for whole, part, unit in _PART.findall(text):
        number = int(whole or "0") + Fraction(int(part or "0"), 10 ** len(part))
        total += number * _NANOSECONDS[unit]
    if total > _LARGEST:
        raise ValueError("is longer than any that Argo CD takes")
    length = timedelta(microseconds=int(total / 1000))
    if text.startswith("-") or not length:
        raise ValueError("is no longer than nothing, so the window never is")
    return length


def _field(word: str, bounds: _Bounds, column: int) -> tuple[frozenset[int], bool]:
    """The values of one field, and whether a bare star is among them."""
    values: set[int] = set()
    starred = False
    for match in re.finditer("[^,]+", word):
        try:
            found, star = _range(match[0], bounds)
        except ValueError as error:
            place = column + match.start()
            raise ValueError(
                f"has {match[0][:40]!r} in its {bounds.name} field, at character {place}: {error}"
            ) from None
        values.update(found)
        starred = starred or star
    return frozenset(values), starred


def _range(word: str, bounds: _Bounds) -> tuple[range, bool]:
    """One item of a list: a number, a range, or either with a step."""
    span, *steps = word.split("/")
    first, *others = span.split("-")
    if len(steps) > 1:
        raise ValueError("it has more than one '/'")
    step = _number(steps[0], {}) if steps else 1
    if first in ("*", "?"):
        low, high, star = bounds.least, bounds.most, step <= 1
    elif len(others) > 1:
        raise ValueError("it has more than one '-'")
    else:
        low = _number(first, bounds.names)
        high = _number(others[0], bounds.names) if others else (bounds.most if steps else low)
        star = False
    if low < bounds.least:
        raise ValueError(f"{low} is below {bounds.least}")
    if high > bounds.most:
        raise ValueError(f"{high} is above {bounds.most}")
    if low > high:
        turned = f"{low}-{bounds.most},{bounds.least}-{high}"
        raise ValueError(f"it ends before it begins; write {turned}")
    if step == 0:
        raise ValueError("a step is at least 1")
    return range(low, high + 1, step), star


def _number(word: str, names: Mapping[str, int]) -> int:
    if word.lower() in names:
        return names[word.lower()]
    digits = _NUMBER.fullmatch(word)
    # Of very many digits Python takes long to make a number, and Go takes none at all.
    if not digits or len(digits[1].lstrip("0")) > 19 or int(digits[1]) > _LARGEST:
        raise ValueError(f"{word[:40]!r} is no number" + (" or name" if names else ""))
    return int(digits[1])
