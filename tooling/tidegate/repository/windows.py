"""Windows as files write them: what of them Argo CD couldn't read either."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tidegate.errors import Problem
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
    if gate.get("gate") != "window":
        return
    readers = _readers()
    for index, window in enumerate(gate.get("windows", ())):
        for key, read in readers.items():
            text = window.get(key)
            if text is None:
                continue
            try:
                read(text)
            except ValueError as error:
                place = (*path, "windows", index, key)
                yield document.problem(place, str(error), _EXPECTED[key])


def _readers() -> Mapping[str, Callable[[str], object]]:
    # Few files have windows, and what reads them takes a hundredth of a second to load.
    from zoneinfo import ZoneInfo

    from tidegate.domain.schedule import parse_duration, parse_schedule

    def zone(text: str) -> ZoneInfo:
        try:
            return ZoneInfo(text or "UTC")
        except (ValueError, OSError, LookupError):
            raise ValueError(f"is {text[:80]!r}, which is no time zone") from None

    return {"schedule": parse_schedule, "duration": parse_duration, "timeZone": zone}
