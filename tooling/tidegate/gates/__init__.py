"""The gates, one a file, and the judge that asks them.

A gate is a frozen dataclass of its settings: `NEEDS` names the evidence that it looks at,
`configure` builds it from checked settings, `judge` is a pure function of evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Protocol

from tidegate.domain.app import GateSpec
from tidegate.domain.evidence import Evidence, Need
from tidegate.domain.gate import GateResult, Status, Verdict
from tidegate.gates.approval import Approval
from tidegate.gates.block import judge_block
from tidegate.gates.champion import Champion
from tidegate.gates.hold import judge_hold
from tidegate.gates.order import Order
from tidegate.gates.policy import Policy
from tidegate.gates.record import judge_record
from tidegate.gates.render import Render
from tidegate.gates.sample_size import SampleSize
from tidegate.gates.scan import ScanGate
from tidegate.gates.soak import SoakGate
from tidegate.gates.threshold import Threshold
from tidegate.gates.waiver import waive
from tidegate.gates.window import WindowGate


class Gate(Protocol):
    """What every gate has."""

    NEEDS: ClassVar[frozenset[Need]]

    @classmethod
    def configure(cls, key: str, settings: Mapping[str, Any]) -> Gate:
        """The gate with its settings, which fit its schema."""

    def judge(self, evidence: Evidence) -> GateResult:
        """The answer; never raises for evidence that is missing or broken."""


GATES: Mapping[str, type[Gate]] = {
    "threshold": Threshold,
    "champion": Champion,
    "sample_size": SampleSize,
    "order": Order,
    "scan": ScanGate,
    "render": Render,
    "policy": Policy,
    "window": WindowGate,
    "soak": SoakGate,
    "approval": Approval,
}


def needs(specs: Iterable[GateSpec]) -> frozenset[Need]:
    """The evidence that some of these gates look at."""
    wanted: frozenset[Need] = frozenset()
    for spec in specs:
        wanted |= GATES[spec.gate].NEEDS
    return wanted


def judge(specs: Iterable[GateSpec], evidence: Evidence) -> Verdict:
    """Asks every gate, and first what no configuration can switch off and nobody can waive:
    whether somebody holds the target or has blocked the version there, and whether its own
    record is to be trusted."""
    always = (judge_hold(evidence), judge_block(evidence), judge_record(evidence))
    results = [_ask(spec, evidence) for spec in specs]
    return Verdict((*(result for result in always if result), *results))


def _ask(spec: GateSpec, evidence: Evidence) -> GateResult:
    try:
        result = GATES[spec.gate].configure(spec.key, spec.settings).judge(evidence)
        return waive(spec, result, evidence)
    except Exception as error:  # noqa: BLE001 a gate that crashes must block, whatever the reason
        sentence = f"the gate itself broke ({type(error).__name__}); please report this"
        return GateResult(spec.key, Status.ERRORED, sentence)
