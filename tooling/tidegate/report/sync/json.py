"""A SyncReport as JSON."""

from __future__ import annotations

from typing import Any

from tidegate.domain.live import LiveState
from tidegate.domain.sync import AppEnding, ClusterEnding, SyncReport
from tidegate.report import record


def sync(report: SyncReport) -> dict[str, Any]:
    """Of `wait` and `sync`, and what `promote --wait` adds."""
    return {
        "apiVersion": record.API,
        "kind": "SyncReport",
        "outcome": report.outcome.value,
        "exitCode": report.exit_code,
        "environment": report.environment,
        "place": report.place,
        "waited": report.waited,
        "apps": [_app(ending, report.environment) for ending in report.apps],
        "warnings": list(report.warnings),
    }


def _app(ending: AppEnding, environment: str) -> dict[str, Any]:
    goal = ending.aim.goal
    return {
        "app": ending.aim.app.name,
        "model": ending.aim.model,
        "version": ending.aim.version,
        "image": {"name": goal.image, "tag": None, "digest": goal.digest},
        "revision": goal.revision,
        **_state(ending.state),
        "advice": ending.advice(environment),
        "seconds": round(ending.seconds, 1),
        "clusters": [_cluster(cluster) for cluster in ending.clusters],
        "notes": list(ending.notes),
    }


def _cluster(cluster: ClusterEnding) -> dict[str, Any]:
    return {
        "application": cluster.name.name,
        "project": cluster.name.project,
        "destination": cluster.destination,
        "revision": cluster.revision,
        **_state(cluster.state),
    }


def _state(state: LiveState) -> dict[str, Any]:
    later = state.successor
    return {
        "outcome": state.kind.value,
        "reason": state.reason,
        "details": list(state.details),
        "until": state.until.isoformat() if state.until else None,
        "pods": {"running": state.running[0], "wanted": state.running[1]}
        if state.running
        else None,
        "supersededBy": {
            "revision": later.commit or later.revision,
            "version": later.version,
            "author": later.author,
        }
        if later
        else None,
    }
