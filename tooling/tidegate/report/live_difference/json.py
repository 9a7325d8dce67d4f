"""A LiveDiffReport as JSON."""

from __future__ import annotations

from typing import Any

from tidegate.domain.live_difference import ClusterDifference, LiveDiffReport
from tidegate.report import record


def live_difference(report: LiveDiffReport) -> dict[str, Any]:
    """Of `diff --live`."""
    return {
        "apiVersion": record.API,
        "kind": "LiveDiffReport",
        "exitCode": 0,
        "app": report.app,
        "environment": report.environment,
        "revision": report.revision,
        "clusters": [_cluster(cluster) for cluster in report.clusters],
    }


def _cluster(cluster: ClusterDifference) -> dict[str, Any]:
    return {
        "application": cluster.application.name,
        "project": cluster.application.project,
        "destination": cluster.destination,
        "revision": cluster.revision,
        "compared": cluster.compared,
        "unchanged": cluster.unchanged,
        "objects": [record.changed(item, "live", "wanted") for item in cluster.objects],
        "notes": list(cluster.notes),
    }
