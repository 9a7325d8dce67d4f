"""Times on the command line: a length from now, or a time with its zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tidegate.errors import InputError

_LENGTH = re.compile(r"([1-9][0-9]{0,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = "such as 2026-01-01, 2026-01-01T08:00:00Z, or 90d, 12h, 2w for so long ago"
_AHEAD = "such as 2d, 6h or 30m from now, or 2099-11-30T08:00:00Z"


def read_past(option: str, text: str, now: datetime) -> datetime:
    """`90d` ago, midnight of a day in UTC, or the time itself. Raises InputError."""
    length = _length(text)
    is_day = len(text) == len("2026-01-01") and text.count("-") == 2
    return _read(option, f"{text}T00:00:00Z" if is_day else text, now, length and -length, _AGO)


def read_future(option: str, text: str, now: datetime) -> datetime:
    """`2d` from now, to the minute, or the time itself, to the second. Raises InputError."""
    length = _length(text)
    moment = _read(option, text, now, length, _AHEAD)
    return moment.replace(second=0 if length else moment.second, microsecond=0)


def _length(text: str) -> timedelta | None:
    found = _LENGTH.fullmatch(text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def _read(option: str, text: str, now: datetime, length: timedelta | None, hint: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if length is None else now + length
        if moment.tzinfo is None:
            raise InputError(f"{option} {text!r} has no time zone", hint=hint)
        # Near both ends of the calendar there are times that have no equal in UTC.
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(f"{option} {text!r} is no time", hint=hint) from None
    return moment
