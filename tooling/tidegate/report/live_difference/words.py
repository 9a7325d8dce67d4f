"""Sentences about a cluster that differs from Git, which every form of report shares."""

from __future__ import annotations

from tidegate.domain.difference import Change, ObjectChange
from tidegate.domain.live_difference import ClusterDifference
from tidegate.domain.text import one_line
from tidegate.report.difference import tally

_SHOWN = 10
_WORDS = {
    Change.ADDED: "is not in the cluster",
    Change.REMOVED: "is no longer in Git",
    Change.CHANGED: "differs",
}


def title(item: ObjectChange) -> str:
    """`Deployment shop/recommender differs`."""
    return f"{one_line(str(item.id))} {_WORDS[item.change]}"


def heading(cluster: ClusterDifference) -> str:
    """Which Application, where, and at which commit."""
    where = f" on {one_line(cluster.destination)}" if cluster.destination else ""
    at = one_line(cluster.revision)[:_SHOWN] or "no commit"
    return f"{one_line(cluster.application.name)}{where}, compared with {at}"


def closing(cluster: ClusterDifference) -> str:
    """How much there is of both."""
    return tally(len(cluster.objects), cluster.unchanged, "as Git wants")
