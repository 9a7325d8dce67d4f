"""Gates' answers: one result a gate, one verdict a candidate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tidegate.domain.waiver import Waiver


class Status(StrEnum):
    """`errored` (the evidence is missing or broken) blocks just as `failed` does."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    SKIPPED = "skipped"
    WAIVED = "waived"

    @property
    def blocks(self) -> bool:
        """Whether a promotion with this result is refused."""
        return self in (Status.FAILED, Status.ERRORED)


@dataclass(frozen=True, slots=True)
class GateResult:
    """`gate` is the gate's key, `sentence` one sentence for people; `measured` and `limit` are in
    the metric's own unit. `details` are further lines, such as one a vulnerability; `waivers`
    those without which the answer would be worse."""

    gate: str
    status: Status
    sentence: str
    measured: float | int | str | None = None
    limit: float | int | str | None = None
    details: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """All results, in the order in which the gates are configured."""

    results: tuple[GateResult, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing blocks."""
        return not any(result.status.blocks for result in self.results)

    @property
    def blocking(self) -> tuple[GateResult, ...]:
        """The results that block."""
        return tuple(result for result in self.results if result.status.blocks)
