"""What a record may tell otherwise than the evidence of now: what only time moves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tidegate.flows.verification.record import retell

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SCAN = {"scanner": "trivy", "database": "2026-05-01T00:00:00+00:00", "packages": 9,
        "vulnerabilities": {"LOW": 1}}  # fmt: skip
OLDER = {**SCAN, "database": "2026-04-30T00:00:00+00:00", "vulnerabilities": {}}


def evidence(made_by: Any = None, **measured: Any) -> dict[str, Any]:
    gates = [{"gate": gate, "status": "passed", "measured": m} for gate, m in measured.items()]
    return {"gates": gates, "metrics": {"auc": 0.9}, **({"scan": made_by} if made_by else {})}


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (evidence(SCAN, scan="LOW"), evidence(OLDER, scan="NONE")),
        (evidence(SCAN, scan="LOW"), evidence({**SCAN, "scanner": "trivy 0"}, scan="LOW")),
        (evidence(soak="26h"), evidence(soak="1d")),
        (evidence(soak="26h5m"), evidence(soak="24h59m")),
        (evidence(SCAN, scan="LOW", soak="2d"), evidence(OLDER, scan="LOW", soak="30m")),
    ],
)
def test_what_time_moves_is_as_it_was_told(made: dict[str, Any], told: dict[str, Any]) -> None:
    assert retell(made, told, NOW) == told


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (evidence(threshold=0.9), evidence(threshold=0.99)),
        (evidence(SCAN, scan="LOW"), evidence({**SCAN, "vulnerabilities": {}}, scan="NONE")),
        (evidence(SCAN, scan="LOW"), evidence(SCAN, scan="NONE")),
        (evidence(SCAN), evidence({**OLDER, "database": "2026-05-02T00:00:00+00:00"})),
        (evidence(SCAN), evidence({**OLDER, "database": "yesterday"})),
        (evidence(SCAN), evidence({**OLDER, "database": "2026-04-30T00:00:00"})),
        (evidence(SCAN), evidence({**OLDER, "more": 1})),
        (evidence(SCAN), evidence(["no", "scan"])),
        (evidence(soak="26h"), evidence(soak="for ever")),
        (evidence(soak="26h"), evidence(soak={"a": 1})),
        (evidence(soak="26h"), {"gates": ["soak"]}),
        (evidence(soak="26h"), {"gates": "soak"}),
        (evidence(soak="26h"), {"gates": []}),
    ],
)
def test_all_else_is_as_it_is_now(made: dict[str, Any], told: dict[str, Any]) -> None:
    assert retell(made, told, NOW) == made
