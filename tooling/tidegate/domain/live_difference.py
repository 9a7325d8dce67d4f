"""How what Git wants differs from what a cluster has, as Argo CD compares the two."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.application import ApplicationName
from tidegate.domain.difference import ObjectChange


@dataclass(frozen=True, slots=True)
class ClusterDifference:
    """One Application. `objects` lead from what the cluster has to what Git wants: one that is
    ADDED isn't there yet, one that is REMOVED is no longer in Git. Where `compared` is False, only
    the objects are known, not their fields. `revision` is what Argo CD compared with, `notes` why
    that may not be the newest."""

    application: ApplicationName
    destination: str
    revision: str
    objects: tuple[ObjectChange, ...]
    unchanged: int
    compared: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveDiffReport:
    """An app in an environment, on each of its clusters; `revision` is the branch's head."""

    app: str
    environment: str
    revision: str
    clusters: tuple[ClusterDifference, ...]
