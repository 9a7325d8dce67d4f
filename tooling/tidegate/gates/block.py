"""Whether somebody has blocked the version in the environment: asked always."""

from __future__ import annotations

from datetime import UTC

from tidegate.domain.evidence import Evidence
from tidegate.domain.gate import GateResult, Status

KEY = "block"


def judge_block(evidence: Evidence) -> GateResult | None:
    """Failed for a blocked version; None for any other."""
    version, image = evidence.candidate.version, evidence.candidate.image
    for block in evidence.blocks:
        if block.stops(version.model, version.version, image):
            what = f"version {version.version}"
            if block.digest:
                what = f"this image of {what}"
            app, environment = evidence.app.name, evidence.environment.name
            sentence = (
                f"{what} is blocked in {environment} by {block.by} "
                f"since {block.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC: {block.reason}"
            )
            lift = f"tidegate release {app} --env {environment} --version {version.version}"
            return GateResult(KEY, Status.FAILED, sentence, details=(f"to lift it: {lift}",))
    return None
