"""A Reconciliation as JSON."""

from __future__ import annotations

from typing import Any

from tidegate.domain.reconciliation import Reconciliation
from tidegate.report import record


def reconciliation(report: Reconciliation) -> dict[str, Any]:
    """Of `reconcile`."""
    return {
        "apiVersion": record.API,
        "kind": "ReconciliationReport",
        "exitCode": report.exit_code,
        "revision": report.revision,
        "compared": report.compared,
        "disagreements": [
            {
                "app": item.app,
                "environment": item.environment,
                "place": item.place.value,
                "git": item.git,
                "other": item.other,
                "reason": item.reason,
                "fixed": item.fixed,
            }
            for item in report.disagreements
        ],
        "unknown": list(report.unknown),
    }
