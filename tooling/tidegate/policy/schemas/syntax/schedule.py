"""Cron schedules and time zones (github.com/robfig/cron/v3: ParseStandard)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.words import wrong
from tidegate.policy.schemas.words import nearest, shown

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS: tuple[tuple[str, int, int, list[str], int], ...] = (
    ("minute", 0, 59, [], 0),
    ("hour", 0, 23, [], 0),
    ("day of the month", 1, 31, [], 0),
    ("month", 1, 12, _MONTHS, 1),
    ("day of the week", 0, 6, _DAYS, 0),
)
_NAMED = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = re.compile(r"@every (?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+")
_ZONE = re.compile(r"[A-Za-z0-9._+-]+(?:/[A-Za-z0-9._+-]+)*")
_LONGEST_ZONE = 100
_RULE = "five fields: minute, hour, day of the month, month, day of the week"


def judge_schedule(spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A CronJob's `schedule` and `timeZone`."""
    schedule, where = spec.get("schedule"), (*path, "schedule")
    if schedule == "":
        yield Flaw(where, f"is empty; expected {_RULE}")
    elif isinstance(schedule, str):
        if "TZ" in schedule:
            yield wrong(where, schedule, "no time zone in it, but in spec.timeZone")
        else:
            problem = explain(schedule)
            if problem:
                yield Flaw(where, f"is {shown(schedule)}; {problem}")
    yield from judge_zone(spec.get("timeZone"), (*path, "timeZone"))


def judge_zone(zone: object, path: FieldPath) -> Iterator[Flaw]:
    """A time zone's name, where it is one; what is no text, a schema refuses."""
    if isinstance(zone, str):
        near = _mistyped(zone) if _is_zone(zone) else ""
        if near is not None:
            hint = f"; did you mean '{near}'?" if near else ""
            yield wrong(path, zone, f"a time zone such as Europe/Berlin{hint}")


def explain(schedule: str) -> str | None:
    """Why a text is no schedule; None for one that is."""
    if schedule.startswith("@"):
        if schedule in _NAMED or _EVERY.fullmatch(schedule):
            return None
        return "expected one of " + ", ".join(_NAMED)
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        return f"expected {_RULE}"
    for value, (name, low, high, names, first) in zip(fields, _FIELDS, strict=True):
        for part in value.split(","):
            if part and not _is_range(part, low, high, names, first):
                return f"its {name} is {shown(value)}, expected numbers from {low} to {high}"
    return None


def _is_range(part: str, low: int, high: int, names: list[str], first: int) -> bool:
    span, slash, step = part.partition("/")
    if slash and not (_is_number(step) and int(step) > 0):
        return False
    start, dash, end = span.partition("-")
    if start in ("*", "?"):
        return not dash
    begin = _number(start, names, first)
    finish = _number(end, names, first) if dash else high if slash else begin
    if begin is None or finish is None:
        return False
    return low <= begin <= finish <= high


def _number(text: str, names: list[str], first: int) -> int | None:
    if text.lower() in names:
        return names.index(text.lower()) + first
    return int(text) if _is_number(text) else None


def _is_number(text: str) -> bool:
    return 0 < len(text) <= 9 and text.isascii() and text.isdigit()


def _is_zone(zone: str) -> bool:
    """The shape alone, of a length at which a machine may be asked for it."""
    odd = len(zone) > _LONGEST_ZONE or zone.lower() == "local" or ".." in zone
    return not odd and _ZONE.fullmatch(zone) is not None


def _mistyped(zone: str) -> str | None:
    """The zone that was meant. Which ones there are is for the cluster's own database to say: of
    one that this machine's doesn't have, it is sure only where another is nearly the same: in all
    but its capitals, where it is as short as `utc`."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        if "/" in zone:
            return nearest(zone, _zones())
        return next((known for known in _zones() if known.lower() == zone.lower()), None)
    return None


@cache
def _zones() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones())
