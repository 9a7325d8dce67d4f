"""A merge, as a document for programs."""

from __future__ import annotations

from typing import Any

from tidegate.domain.merging import MergeReport
from tidegate.report import record
from tidegate.report.merging import words
from tidegate.report.pull_requests.json import pull_request
from tidegate.report.verification import json as verified


def merging(report: MergeReport) -> dict[str, Any]:
    """A MergeReport."""
    verification = report.verification
    return {
        "apiVersion": record.API,
        "kind": "MergeReport",
        "outcome": words.outcome(report),
        "exitCode": report.exit_code,
        "pullRequest": pull_request(report.pull_request),
        "verification": verified.verification(verification) if verification else None,
        "approvals": [
            {
                "environment": item.environment,
                "app": item.app,
                "status": item.result.status.value,
                "message": item.result.sentence,
            }
            for item in report.approvals
        ],
        "obstacles": list(report.obstacles),
        "merged": report.merged,
        "error": record.failure(report.error) if report.error else None,
        "notes": list(report.notes),
    }
