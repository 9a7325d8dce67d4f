"""Gate `soak`: the version has been live and healthy in the environment before for so long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from tidegate.domain.evidence import Evidence, Need
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.live import Live
from tidegate.domain.unavailable import Unavailable

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class SoakGate:
    """`least` is how long it has to have been well."""

    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.SOAK})

    key: str
    least: timedelta

    @classmethod
    def configure(cls, key: str, settings: Mapping[str, Any]) -> SoakGate:
        """Settings that fit the schema → the gate."""
        text = str(settings["for"])
        return cls(key, timedelta(**{_UNITS[text[-1]]: int(text[:-1])}))

    def judge(self, evidence: Evidence) -> GateResult:
        """Errored where Argo CD can't be asked; skipped where nothing comes before."""
        before, soak = evidence.environment.previous, evidence.soak
        limit = _shown(self.least)
        if before is None:
            sentence = f"{evidence.environment.name} is the first environment: nothing soaks before"
            return GateResult(self.key, Status.SKIPPED, sentence)
        if soak is None or isinstance(soak, Unavailable):
            reason = soak.reason if soak else f"nobody asked how it is in {before}"
            return GateResult(self.key, Status.ERRORED, reason, limit=limit)
        if soak.digest != evidence.candidate.image.digest:
            sentence = f"{before} runs another image; promote this one there first"
            return GateResult(self.key, Status.FAILED, sentence, soak.digest, limit)
        if soak.kind is Live.UNKNOWN or (soak.kind is Live.LIVE and soak.healthy is None):
            sentence = f"nobody can tell how it is in {before}: {soak.reason}"
            return GateResult(self.key, Status.ERRORED, sentence, limit=limit)
        if soak.kind is not Live.LIVE or soak.healthy is None:
            sentence = f"it is not live in {before}: {soak.reason}"
            return GateResult(self.key, Status.FAILED, sentence, soak.kind.value, limit)
        # By each clock for itself: the commit's age by ours, that of the health by Argo CD's.
        held = max(min(soak.healthy, evidence.now - soak.committed), timedelta())
        if held < self.least:
            sentence = f"live and healthy in {before} for {_shown(held)}, less than {limit}"
            return GateResult(self.key, Status.FAILED, sentence, _shown(held), limit)
        sentence = f"live and healthy in {before} for {_shown(held)}"
        return GateResult(self.key, Status.PASSED, sentence, _shown(held), limit)


def _shown(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    if minutes % 1440 == 0 and minutes:
        return f"{minutes // 1440}d"
    hours, rest = divmod(minutes, 60)
    return f"{hours}h{rest}m" if hours and rest else f"{hours}h" if hours else f"{rest}m"
