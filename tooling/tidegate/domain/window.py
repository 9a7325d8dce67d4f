"""Windows in which an environment may be promoted to, or may not, as Argo CD writes them.

A window begins at every moment at which a clock in its time zone shows a time that fits the
schedule, and lasts for its duration, in real time. Where a clock is put back, it shows some times
twice: both begin a window. Where it is put forward, it skips some: those begin when it jumps, so
that no freeze is lost with the hour.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tidegate.domain.schedule import Schedule, parse_duration, parse_schedule

_DAY = timedelta(days=1)
_SIGHT = timedelta(days=5 * 366)  # as far as Argo CD looks for a schedule's next time
_STEPS = 200


@dataclass(frozen=True, slots=True)
class Window:
    """`allow` says whether it opens or closes; `description` is for people."""

    allow: bool
    schedule: Schedule
    duration: timedelta
    zone: ZoneInfo
    description: str = ""

    def ends(self, now: datetime) -> datetime | None:
        """When the window that `now` lies in will be over; None outside."""
        start = self.last_start(now)
        return start + self.duration if start and now < start + self.duration else None

    def last_start(self, now: datetime) -> datetime | None:
        """The latest start that isn't after `now`, if that is no longer ago than it lasts."""
        newest, oldest = _day(now, self.zone) + _DAY, _day(now - self.duration, self.zone) - _DAY
        found: datetime | None = None
        for number in range((newest - oldest).days + 1):
            day = newest - number * _DAY
            starts = _starts(self.schedule, self.zone, day)
            before = bisect_right(starts, now)
            if found is not None:  # the day before may end with the same hour once more
                return max(found, starts[before - 1]) if before else found
            found = starts[before - 1] if before else None
        return found

    def next_start(self, now: datetime) -> datetime | None:
        """The first start after `now`; None where there is none in sight."""
        oldest = _day(now, self.zone) - _DAY
        found: datetime | None = None
        for number in range(_SIGHT.days):
            day = oldest + number * _DAY
            starts = _starts(self.schedule, self.zone, day)
            after = bisect_right(starts, now)
            if found is not None:
                return min(found, starts[after]) if after < len(starts) else found
            found = starts[after] if after < len(starts) else None
        return found


def read_window(
    kind: str, schedule: str, duration: str, time_zone: str = "", description: str = ""
) -> Window:
    """A window as files and Argo CD write it. Raises ValueError for what can't be read."""
    try:
        zone = ZoneInfo(time_zone or "UTC")
    except (OSError, LookupError):
        raise ValueError(f"{time_zone[:80]!r} is no time zone") from None
    allow = kind == "allow"
    return Window(allow, parse_schedule(schedule), parse_duration(duration), zone, description)


class Closing(NamedTuple):
    """Why it is closed: the freeze that ends last, or None where no allowed window is open.
    `opens` is the next moment at which it is open, None where none is in sight."""

    freeze: Window | None
    opens: datetime | None


def opening(moment: datetime | None) -> str:
    """When it opens, in words that follow upon what does."""
    if moment is None:
        return "has no opening in sight"
    return f"opens {moment.astimezone(UTC):%a %Y-%m-%d %H:%M} UTC"


def closing(windows: Sequence[Window], now: datetime) -> Closing | None:
    """Why promotions are closed; None where they are open: outside of every freeze, and, where
    anything is allowed at all, inside of something allowed."""
    if _open(windows, now):
        return None
    ends = [(end, window) for window, end in _active(windows, now) if not window.allow]
    freeze = max(ends, key=lambda pair: pair[0])[1] if ends else None
    return Closing(freeze, _opens(windows, now))


def _opens(windows: Sequence[Window], now: datetime) -> datetime | None:
    moment = now
    for _ in range(_STEPS):
        freezes = [end for window, end in _active(windows, moment) if not window.allow]
        if freezes:
            moment = max(freezes)
        elif _open(windows, moment):
            return moment
        else:
            starts = [w.next_start(moment) for w in windows if w.allow]
            coming = [start for start in starts if start is not None]
            if not coming:
                return None
            moment = min(coming)
        if moment - now > _SIGHT:
            return None
    return None


def _open(windows: Sequence[Window], now: datetime) -> bool:
    active = [window for window, _ in _active(windows, now)]
    if any(not window.allow for window in active):
        return False
    return bool(active) or not any(window.allow for window in windows)


def _active(windows: Iterable[Window], now: datetime) -> Iterator[tuple[Window, datetime]]:
    for window in windows:
        end = window.ends(now)
        if end:
            yield window, end


@lru_cache(maxsize=4096)
def _starts(schedule: Schedule, zone: ZoneInfo, day: date) -> tuple[datetime, ...]:
    """The starts on one day of the zone's calendar, in UTC."""
    if not schedule.fits(day):
        return ()
    begin, clock = datetime.combine(day, time()), _clock(schedule)
    ends = [begin.replace(tzinfo=zone), (begin + _DAY).replace(tzinfo=zone)]
    if len({end.replace(fold=fold).utcoffset() for end in ends for fold in (0, 1)}) == 1:
        midnight = ends[0].astimezone(UTC)
        return tuple([midnight + ahead for ahead in clock])
    return tuple(sorted({at for ahead in clock for at in _moments(begin + ahead, zone)}))


@lru_cache(maxsize=64)
def _clock(schedule: Schedule) -> tuple[timedelta, ...]:
    """The times of a day that fit, from midnight on."""
    times = ((hour, minute) for hour in schedule.hours for minute in schedule.minutes)
    return tuple(timedelta(hours=hour, minutes=minute) for hour, minute in sorted(times))


def _moments(shown: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments, in UTC, at which a clock of the zone shows a time; of a time that it skips,
    the one at which it jumps."""
    first, second = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        yield first
        if second != first:
            yield second
        return
    # Of a time that is skipped, Python gives one moment before the jump and one at or after it.
    offset = second.astimezone(zone).utcoffset()
    before, after = second, first
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    yield after


def _day(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()
