"""A StatusReport as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tidegate.domain.standing import Sighting, Standing, StatusReport
from tidegate.report import record, waivers


def status(report: StatusReport) -> dict[str, Any]:
    """Of `status`."""
    return {
        "apiVersion": record.API,
        "kind": "StatusReport",
        "exitCode": 0,
        "revision": report.revision,
        "environments": list(report.environments),
        "offline": report.offline,
        "apps": [_standing(standing, report.now) for standing in report.standings],
        "unknown": list(report.unknown),
    }


def _standing(standing: Standing, now: datetime) -> dict[str, Any]:
    alias, sightings = standing.alias, standing.sightings
    return {
        "app": standing.app,
        "environment": standing.environment,
        "release": record.release(standing.release) if standing.release else None,
        "overlay": record.overlay(standing.overlay) if standing.overlay else None,
        "since": standing.since.isoformat() if standing.since else None,
        "author": standing.author,
        "requestedBy": standing.requested_by,
        "revision": standing.revision,
        "holds": [{**record.hold(hold), "active": hold.active(now)} for hold in standing.holds],
        "waivers": [
            waivers.record(waiver, active=waiver.active(now)) for waiver in standing.waivers
        ],
        "blocks": [record.block(block) for block in standing.blocks],
        "edited": list(standing.edited),
        "problem": standing.problem,
        "alias": {"name": alias.name, "version": alias.version} if alias else None,
        "live": None if sightings is None else [_sighting(item) for item in sightings],
        "disagreements": list(standing.disagreements),
    }


def _sighting(item: Sighting) -> dict[str, Any]:
    return {
        "application": item.application.name,
        "project": item.application.project,
        "destination": item.destination,
        "revision": item.revision,
        "sync": item.sync,
        "health": item.health,
        "phase": item.phase,
        "running": [{"version": r.version, "digest": r.digest} for r in item.running],
    }
