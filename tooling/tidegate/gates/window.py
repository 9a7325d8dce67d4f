"""Gate `window`: now is inside what is allowed, and outside of every freeze."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from tidegate.domain.evidence import Evidence, Need
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.schedule import parse_duration, parse_schedule
from tidegate.domain.window import Window, closing


@dataclass(frozen=True, slots=True)
class WindowGate:
    """`windows` are those of the environment, in the file's order."""

    NEEDS: ClassVar[frozenset[Need]] = frozenset()

    key: str
    windows: tuple[Window, ...]

    @classmethod
    def configure(cls, key: str, settings: Mapping[str, Any]) -> WindowGate:
        """Settings that fit the schema, with schedules, durations and zones that can be read."""
        return cls(key, tuple(_window(item) for item in settings["windows"]))

    def judge(self, evidence: Evidence) -> GateResult:
        """Looks at the clock that came with the evidence."""
        name = evidence.environment.name
        closed = closing(self.windows, evidence.now)
        if closed is None:
            return GateResult(self.key, Status.PASSED, f"{name} is open to promotions now")
        opens = f"opens {_shown(closed.opens)}" if closed.opens else "has no opening in sight"
        if closed.freeze:
            why = f": {closed.freeze.description}" if closed.freeze.description else ""
            sentence = f"{name} is frozen{why}; it {opens}"
        else:
            sentence = f"{name} is outside of its allowed windows; it {opens}"
        limit = closed.opens.isoformat() if closed.opens else None
        return GateResult(self.key, Status.FAILED, sentence, evidence.now.isoformat(), limit)


def _window(item: Mapping[str, Any]) -> Window:
    return Window(
        item["kind"] == "allow",
        parse_schedule(item["schedule"]),
        parse_duration(item["duration"]),
        ZoneInfo(item.get("timeZone") or "UTC"),
        item.get("description", ""),
    )


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%a %Y-%m-%d %H:%M} UTC"
