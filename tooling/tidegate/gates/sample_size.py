"""Gate `sample_size`: the evaluation rests on enough examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tidegate.domain.evidence import Evidence, Need, Unavailable
from tidegate.domain.gate import GateResult, Status
from tidegate.gates.measure import measured, number


@dataclass(frozen=True, slots=True)
class SampleSize:
    """`metric` holds the count; `mlflow.models.evaluate` logs it as `example_count`."""

    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.RUN})

    key: str
    metric: str
    minimum: int

    @classmethod
    def configure(cls, key: str, settings: Mapping[str, Any]) -> SampleSize:
        """Settings that fit the schema → the gate."""
        return cls(key, settings.get("metric", "example_count"), settings["minimum"])

    def judge(self, evidence: Evidence) -> GateResult:
        """A count that isn't a whole number is broken evidence."""
        count = measured(evidence.run, self.metric)
        if isinstance(count, Unavailable):
            return GateResult(self.key, Status.ERRORED, count.reason)
        if count < 0 or count != int(count):
            sentence = f"{self.metric} is {number(count)}, which is no number of examples"
            return GateResult(self.key, Status.ERRORED, sentence)
        size = int(count)
        if size < self.minimum:
            sentence = f"evaluated on {size} examples, fewer than the required {self.minimum}"
            return GateResult(self.key, Status.FAILED, sentence, size, self.minimum)
        sentence = f"evaluated on {size} examples, at least {self.minimum} as required"
        return GateResult(self.key, Status.PASSED, sentence, size, self.minimum)
