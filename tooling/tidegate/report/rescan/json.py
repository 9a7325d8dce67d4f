"""A RescanReport, as a document for programs."""

from __future__ import annotations

from typing import Any

from tidegate.domain.rescan import Rescanned, RescannedEnvironment, RescanReport
from tidegate.domain.waiver import Waiver
from tidegate.report import record
from tidegate.report.rescan import words


def rescan(report: RescanReport) -> dict[str, Any]:
    """Of `rescan`."""
    return {
        "apiVersion": record.API,
        "kind": "RescanReport",
        "outcome": words.outcome(report),
        "exitCode": report.exit_code,
        "revision": report.revision,
        "environments": [_environment(item) for item in report.environments],
    }


def _environment(item: RescannedEnvironment) -> dict[str, Any]:
    return {
        "environment": item.name,
        "releases": [_release(release) for release in item.releases],
        "unasked": list(item.unasked),
        "unreadable": list(item.unreadable),
        "endingWaivers": [_waiver(waiver) for waiver in item.ending],
        "issue": item.issue,
        "note": item.note,
    }


def _release(item: Rescanned) -> dict[str, Any]:
    return {
        "app": item.app,
        "version": item.version,
        "image": record.image(item.image),
        "status": item.result.status.value,
        "sentence": item.result.sentence,
        "details": list(item.result.details),
        "waivers": [waiver.id for waiver in item.result.waivers],
        "then": dict(item.then) if item.then is not None else None,
        "database": item.database,
    }


def _waiver(item: Waiver) -> dict[str, Any]:
    return {
        "id": item.id,
        "subject": item.subject.value,
        "name": item.name,
        "approvedBy": item.approved_by,
        "ticket": item.ticket,
        "expires": item.expires.isoformat(),
    }
