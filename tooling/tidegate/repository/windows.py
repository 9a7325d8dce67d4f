"""Windows as files write them: what of them Argo CD couldn't read either."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from tidegate.domain.schedule import parse_duration, parse_schedule
from tidegate.errors import Problem
from tidegate.repository.consistency import problem_at
from tidegate.repository.yaml import Document, KeyPath

_EXPECTED = {
    "schedule": "minute, hour, day of month, month and day of week, such as 0 22 * * 5",
    "duration": "hours, minutes and seconds, such as 8h or 1h30m",
    "timeZone": "a name of the time zone database, such as Europe/Berlin",
}


def window_problems(
    document: Document, path: KeyPath, gate: Mapping[str, Any]
) -> Iterator[Problem]:
    """Schedules, durations and time zones of a gate at `path` that can't be read."""
    for index, window in enumerate(gate.get("windows", ()) if gate.get("gate") == "window" else ()):
        for key, read in _READERS.items():
            text = window.get(key)
            if text is None:
                continue
            try:
                read(text)
            except ValueError as error:
                place = (*path, "windows", index, key)
                yield problem_at(document, place, str(error), _EXPECTED[key])


def _zone(text: str) -> ZoneInfo:
    """Raises ValueError where there is no such time zone."""
    try:
        return ZoneInfo(text or "UTC")
    except (ValueError, OSError, LookupError):
        raise ValueError(f"is {text[:80]!r}, which is no time zone") from None


_READERS: Mapping[str, Callable[[str], object]] = {
    "schedule": parse_schedule,
    "duration": parse_duration,
    "timeZone": _zone,
}
