"""What was rolled back, as a document for programs."""

from __future__ import annotations

from typing import Any

from tidegate.domain.rollback import Rollback, RollbackReport
from tidegate.report import record
from tidegate.report.pull_requests.json import proposed
from tidegate.report.sync.json import sync


def rollback(report: RollbackReport) -> dict[str, Any]:
    """A RollbackReport."""
    return {
        "apiVersion": record.API,
        "kind": "RollbackReport",
        "outcome": report.ending.value,
        "exitCode": report.exit_code,
        "environment": report.environment,
        "apps": [_app(app) for app in report.apps],
        **record.written(report.written),
        "pullRequests": [proposed(item) for item in report.written.proposals],
        "sync": sync(report.sync) if report.sync else None,
        "error": record.failure(report.error) if report.error else None,
    }


def _app(item: Rollback) -> dict[str, Any]:
    return {
        "app": item.app,
        "outcome": item.ending.value,
        "from": record.overlay(item.before) if item.before else None,
        "to": record.release(item.after) if item.after else None,
        "revision": item.since,
        "block": record.block(item.block) if item.block else None,
        "hold": record.hold(item.hold) if item.hold else None,
        "unverified": list(item.unverified),
        "notes": list(item.notes),
        "error": record.failure(item.error) if item.error else None,
    }
