"""Gate `threshold`: the candidate's metric lies within fixed limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tidegate.domain.evidence import Evidence, Need
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.unavailable import Unavailable
from tidegate.gates.measure import exact, measured, with_unit


@dataclass(frozen=True, slots=True)
class Threshold:
    """`minimum` and `maximum` are inclusive, in the metric's own unit; None means no limit."""

    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.RUN})

    key: str
    metric: str
    minimum: float | None
    maximum: float | None

    @classmethod
    def configure(cls, key: str, settings: Mapping[str, Any]) -> Threshold:
        """Settings that fit the schema → the gate."""
        return cls(key, settings["metric"], settings.get("minimum"), settings.get("maximum"))

    def judge(self, evidence: Evidence) -> GateResult:
        """Compares decimal values, so that a limit of 0.9 lets 0.9 pass."""
        value = measured(evidence.run, self.metric)
        if isinstance(value, Unavailable):
            return GateResult(self.key, Status.ERRORED, value.reason)
        shown = with_unit(evidence.app, self.metric, value)
        if self.minimum is not None and exact(value) < exact(self.minimum):
            shown = with_unit(evidence.app, self.metric, value, self.minimum)
            least = with_unit(evidence.app, self.metric, self.minimum, value)
            sentence = f"{self.metric} is {shown}, below the least allowed {least}"
            return GateResult(self.key, Status.FAILED, sentence, value, self.minimum)
        if self.maximum is not None and exact(value) > exact(self.maximum):
            shown = with_unit(evidence.app, self.metric, value, self.maximum)
            most = with_unit(evidence.app, self.metric, self.maximum, value)
            sentence = f"{self.metric} is {shown}, above the most allowed {most}"
            return GateResult(self.key, Status.FAILED, sentence, value, self.maximum)
        limit = self.minimum if self.minimum is not None else self.maximum
        return GateResult(self.key, Status.PASSED, self._passed(evidence, shown), value, limit)

    def _passed(self, evidence: Evidence, shown: str) -> str:
        limits = []
        if self.minimum is not None:
            limits.append(f"at least {with_unit(evidence.app, self.metric, self.minimum)}")
        if self.maximum is not None:
            limits.append(f"at most {with_unit(evidence.app, self.metric, self.maximum)}")
        return f"{self.metric} is {shown}, {' and '.join(limits)} as required"
