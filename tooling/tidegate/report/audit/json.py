"""The audit, as a document for programs."""

from __future__ import annotations

from typing import Any

from tidegate.domain.audit import AuditEntry, AuditReport
from tidegate.report import record


def audit(report: AuditReport) -> dict[str, Any]:
    """An AuditReport."""
    scope = report.scope
    return {
        "apiVersion": record.API,
        "kind": "AuditReport",
        "exitCode": 0,
        "revision": report.revision,
        "since": scope.since.isoformat() if scope.since else None,
        "until": scope.until.isoformat() if scope.until else None,
        "byHand": report.by_hand,
        "entries": [_entry(entry) for entry in report.entries],
    }


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return {
        "deed": entry.deed.value,
        "when": entry.when.isoformat(),
        "revision": entry.revision,
        "environment": entry.environment,
        "app": entry.app,
        "before": entry.before,
        "release": record.release(entry.release) if entry.release else None,
        "evidence": entry.evidence,
        "gates": [
            {"gate": gate.gate, "status": gate.status, "waivers": list(gate.waivers)}
            for gate in entry.gates
        ],
        "author": entry.author,
        "requestedBy": entry.requested_by,
        "approvedBy": list(entry.approved_by),
        "pullRequest": entry.pull_request,
        "reason": entry.reason,
        "proven": entry.proven,
        "direct": entry.direct,
        "remarks": list(entry.remarks),
        "paths": list(entry.paths),
    }
