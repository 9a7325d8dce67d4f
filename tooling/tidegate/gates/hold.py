"""Whether somebody holds the app or the environment: asked always, of every candidate."""

from __future__ import annotations

from tidegate.domain.evidence import Evidence
from tidegate.domain.gate import GateResult, Status

KEY = "hold"


def judge_hold(evidence: Evidence) -> GateResult | None:
    """Failed while a hold is active; None where there is none."""
    for hold in evidence.holds:
        if hold.active(evidence.now):
            what = evidence.environment.name if hold.whole else evidence.app.name
            until = f" until {hold.until:%Y-%m-%d %H:%M %Z}" if hold.until else ""
            sentence = f"{what} is held by {hold.by}{until}: {hold.reason}"
            return GateResult(KEY, Status.FAILED, sentence)
    return None
