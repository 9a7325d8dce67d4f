"""Whether the target's own record can be trusted: asked always, of every candidate."""

from __future__ import annotations

from tidegate.domain.evidence import Evidence
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.release import disagreements

KEY = "record"


def judge_record(evidence: Evidence) -> GateResult | None:
    """Errored where somebody edited the overlay or the release by hand; None where both agree."""
    if evidence.champion is None or evidence.overlay is None:
        return None
    found = disagreements(evidence.champion, evidence.overlay)
    if not found:
        return None
    sentence = (
        "the overlay and its release.yaml disagree, so one was edited by hand; "
        "revert that edit, then promote again"
    )
    return GateResult(KEY, Status.ERRORED, sentence, details=found)
