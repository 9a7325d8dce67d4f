"""Whether the target's own record can be trusted: asked always, of every candidate."""

from __future__ import annotations

from tidegate.domain.evidence import Evidence
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.release import OverlayState, Release

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


def disagreements(release: Release, overlay: OverlayState) -> tuple[str, ...]:
    """Each thing that the overlay says otherwise than the release beside it."""
    pairs = (
        ("image", overlay.repository, release.image.name),
        ("tag", overlay.tag, release.image.tag),
        ("digest", overlay.digest, release.image.digest),
        ("version label", overlay.version, release.version),
    )
    return tuple(
        f"{what}: the overlay says {ours or 'nothing'}, the release {theirs or 'nothing'}"
        for what, ours, theirs in pairs
        if ours != theirs
    )
