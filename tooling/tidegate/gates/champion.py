"""Gate `champion`: the candidate is no worse than what runs in the environment now."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from tidegate.domain.app import Direction
from tidegate.domain.evidence import Evidence, Need
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.unavailable import Unavailable
from tidegate.gates.measure import exact, measured, number, with_unit


@dataclass(frozen=True, slots=True)
class Champion:
    """`absolute` is in the metric's own unit, `relative` a share of the champion's value; at most
    one is set. The champion is what the environment's release says at HEAD."""

    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.RUN, Need.CHAMPION_RUN})

    key: str
    metric: str
    absolute: float | None
    relative: float | None

    @classmethod
    def configure(cls, key: str, settings: Mapping[str, Any]) -> Champion:
        """Settings that fit the schema → the gate."""
        margin = settings.get("margin", {})
        return cls(key, settings["metric"], margin.get("absolute"), margin.get("relative"))

    def judge(self, evidence: Evidence) -> GateResult:
        """Compares decimal values: 0.80 allows a loss of 0.05 down to 0.75, itself included."""
        candidate = measured(evidence.run, self.metric)
        if isinstance(candidate, Unavailable):
            return GateResult(self.key, Status.ERRORED, candidate.reason)
        if evidence.champion is None:
            sentence = f"nothing runs in {evidence.environment.name} yet: there is no champion"
            return GateResult(self.key, Status.SKIPPED, sentence, candidate)
        champion = measured(evidence.champion_run, self.metric)
        if isinstance(champion, Unavailable):
            sentence = f"the champion, version {evidence.champion.version}: {champion.reason}"
            return GateResult(self.key, Status.ERRORED, sentence, candidate)
        metric = evidence.app.metric(self.metric)
        if metric is None:
            sentence = f"the app does not declare the metric '{self.metric}'"
            return GateResult(self.key, Status.ERRORED, sentence, candidate)
        margin = self._margin(champion)
        if metric.direction is Direction.HIGHER:
            limit = exact(champion) - margin
            passed = exact(candidate) >= limit
        else:
            limit = exact(champion) + margin
            passed = exact(candidate) <= limit
        ours = with_unit(evidence.app, self.metric, candidate, champion)
        theirs = with_unit(evidence.app, self.metric, champion, candidate)
        who = f"version {evidence.champion.version}"
        if not passed:
            sentence = (
                f"{self.metric} is {ours}, worse than the {theirs} of the champion, "
                f"{who}{self._allowed()}"
            )
            return GateResult(self.key, Status.FAILED, sentence, candidate, _number(limit))
        sentence = f"{self.metric} is {ours}; the champion, {who}, has {theirs}{self._allowed()}"
        return GateResult(self.key, Status.PASSED, sentence, candidate, _number(limit))

    def _margin(self, champion: float) -> Decimal:
        if self.relative is not None:
            return abs(exact(champion)) * exact(self.relative)
        return exact(self.absolute or 0.0)

    def _allowed(self) -> str:
        if self.relative:
            return f" (a loss of {number(self.relative * 100)} % is allowed)"
        if self.absolute:
            return f" (a loss of {number(self.absolute)} is allowed)"
        return ""


def _number(limit: Decimal) -> float | None:
    """The limit as JSON can hold it; None where it is beyond every float."""
    value = float(limit)
    return value if math.isfinite(value) else None
