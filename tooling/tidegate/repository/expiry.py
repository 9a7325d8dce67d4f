"""When a waiver ends, as people write it, and how far away that may be. All times are UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

_DATE = "2026-03-31"


class Expiry(NamedTuple):
    """The first moment at which it has ended. `day` is there where somebody wrote a date, which
    means the end of it."""

    moment: datetime
    day: date | None


def parse_expiry(text: str) -> Expiry | None:
    """A date, or a time with its zone; None for days and times that don't exist."""
    try:
        if len(text) == len(_DATE):
            day = date.fromisoformat(text)
            return Expiry(datetime.combine(day + timedelta(days=1), time(), UTC), day)
        moment = datetime.fromisoformat(text)
        return Expiry(moment.astimezone(UTC), None) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def latest_allowed(expiry: Expiry, days: int, now: datetime) -> str | None:
    """None where it is at most so many days from now, else the last that would be allowed, in
    the same form: a date counts whole days, a time counts to the second."""
    last = now.astimezone(UTC) + timedelta(days=days)
    if expiry.day is not None:
        return None if expiry.day <= last.date() else last.date().isoformat()
    return None if expiry.moment <= last else f"{last:%Y-%m-%dT%H:%M:%SZ}"
