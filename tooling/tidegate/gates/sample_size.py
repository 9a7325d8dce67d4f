"""Gate `sample_size`: the evaluation rests on enough examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tidegate.domain.evidence import Evidence, Need
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.text import count
from tidegate.domain.unavailable import Unavailable
from tidegate.gates.measure import measured, number

# MLflow keeps floating-point numbers: beyond this, not every whole number is one.
_COUNTABLE = 2**53


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
        value = measured(evidence.run, self.metric)
        if isinstance(value, Unavailable):
            return GateResult(self.key, Status.ERRORED, value.reason)
        if not 0 <= value <= _COUNTABLE or value != int(value):
            sentence = f"{self.metric} is {number(value)}, which is no number of examples"
            return GateResult(self.key, Status.ERRORED, sentence)
        size = int(value)
        examples = f"evaluated on {count(size, 'example')}"
        if size < self.minimum:
            sentence = f"{examples}, fewer than the required {self.minimum}"
            return GateResult(self.key, Status.FAILED, sentence, size, self.minimum)
        sentence = f"{examples}, at least {self.minimum} as required"
        return GateResult(self.key, Status.PASSED, sentence, size, self.minimum)
