"""Arrivals, as a document for programs."""

from __future__ import annotations

from typing import Any

from tidegate.domain.arrival import Arrival, ArrivalReport
from tidegate.report import record
from tidegate.report.rollback import json as rolled_back
from tidegate.report.sync import json as synced


def arrivals(report: ArrivalReport) -> dict[str, Any]:
    """An ArrivalReport."""
    return {
        "apiVersion": record.API,
        "kind": "ArrivalReport",
        "exitCode": report.exit_code,
        "since": report.since,
        "head": report.head,
        "arrivals": [_arrival(item) for item in report.arrivals],
    }


def _arrival(item: Arrival) -> dict[str, Any]:
    return {
        "environment": item.environment,
        "apps": list(item.apps),
        "sync": synced.sync(item.sync) if item.sync else None,
        "rollback": rolled_back.rollback(item.rollback) if item.rollback else None,
        "error": record.failure(item.error) if item.error else None,
        "notes": list(item.notes),
    }
