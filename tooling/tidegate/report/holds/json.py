"""What was held or released, as a document for programs."""

from __future__ import annotations

from typing import Any

from tidegate.domain.holding import HoldReport, Place
from tidegate.report import record
from tidegate.report.pull_requests.json import proposed


def holds(report: HoldReport) -> dict[str, Any]:
    """A HoldReport, of `hold` and `release`."""
    return {
        "apiVersion": record.API,
        "kind": "HoldReport",
        "verb": report.verb,
        "outcome": report.ending.value,
        "exitCode": report.exit_code,
        "environment": report.environment,
        "places": [_place(place) for place in report.places],
        **record.written(report.written),
        "pullRequests": [proposed(item) for item in report.written.proposals],
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "app": place.app,
        "outcome": place.ending.value,
        "before": record.hold(place.before) if place.before else None,
        "after": record.hold(place.after) if place.after else None,
        "unreadable": place.unreadable,
        "lifted": [record.block(block) for block in place.lifted],
        "error": record.failure(place.error) if place.error else None,
    }
