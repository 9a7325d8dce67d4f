"""Gate `window`: now is inside what is allowed, and outside of every freeze."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tidegate.domain.evidence import Evidence, Need
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.window import Window, closing, opening, read_window


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
        opens = opening(closed.opens)
        if closed.freeze:
            why = f": {closed.freeze.description}" if closed.freeze.description else ""
            sentence = f"{name} is frozen{why}; it {opens}"
        else:
            sentence = f"{name} is outside of its allowed windows; it {opens}"
        limit = closed.opens.isoformat() if closed.opens else None
        return GateResult(self.key, Status.FAILED, sentence, evidence.now.isoformat(), limit)


def _window(item: Mapping[str, Any]) -> Window:
    zone, description = item.get("timeZone") or "", item.get("description", "")
    return read_window(item["kind"], item["schedule"], item["duration"], zone, description)
