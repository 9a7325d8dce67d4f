"""An Argo CD Application as it was seen at one moment, and what can be asked of it.

The words for sync status, health status and operation phase are Argo CD's own; a word that a later
version adds is kept as it came. Times are aware of their zone, and as exact as Argo CD writes them:
to the second.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

# Argo CD's own words that decide something: of sync and health, and of an operation's phase.
SYNCED = "Synced"
HEALTHY, DEGRADED, SUSPENDED, MISSING = "Healthy", "Degraded", "Suspended", "Missing"
RUNNING, TERMINATING, SUCCEEDED, FAILED, ERROR = (
    *("Running", "Terminating", "Succeeded"),
    *("Failed", "Error"),
)


@dataclass(frozen=True, slots=True, order=True)
class ApplicationName:
    """Which Application. Without its project Argo CD answers 403 for one that isn't there, so the
    project is always sent; `namespace` is None for Argo CD's own."""

    name: str
    project: str
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """`status` is Argo CD's word; None where it has none for that kind."""

    status: str | None
    message: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class ResourceName:
    """An object in the cluster; `group` and `namespace` may be empty."""

    group: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class ResourceState:
    """One object that the Application manages. `sync` is empty where Argo CD compares nothing."""

    resource: ResourceName
    sync: str
    health: Health
    hook: bool = False
    requires_pruning: bool = False


@dataclass(frozen=True, slots=True)
class ResourceResult:
    """What an operation did to one object: `status` is Synced, SyncFailed, Pruned, PruneSkipped or
    empty; `phase` that of the hook, or of the object while it gets ready."""

    resource: ResourceName
    status: str
    phase: str
    message: str
    hook: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """The last sync, running or finished. `revision` is the commit that it applied, or is
    applying; `info` what whoever asked for it wrote on it. A dry run applied nothing; a `partial`
    one single objects alone, without hooks."""

    phase: str
    message: str
    revision: str | None
    started: datetime | None
    finished: datetime | None
    info: Mapping[str, str] = field(default_factory=dict)
    results: tuple[ResourceResult, ...] = ()
    retries: int = 0
    automated: bool = False
    dry_run: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """What Argo CD complains of, such as a ComparisonError."""

    type: str
    message: str


@dataclass(frozen=True, slots=True)
class Application:
    """`revision` is what Argo CD last compared with: a commit, the branch's name where manifests
    could not be made, or empty. `paths` are the folders that it renders, `overrides` what is laid
    over the first of them (see `source.overrides`), and `hydrated` says that what it renders is
    written by Argo CD itself; `skipped`, that an annotation keeps Argo CD from looking at it.
    `requested` says that a sync is asked for or under way (`.operation` is set). `images` are those
    of all pods, as they run. `deployed` is the commit of the last whole sync that succeeded; None
    where nobody says."""

    name: ApplicationName
    repository: str
    paths: tuple[str, ...]
    target_revision: str
    automated: bool
    revision: str
    sync: str
    health: Health
    requested: bool
    operation: Operation | None
    reconciled: datetime | None
    images: tuple[str, ...] = ()
    resources: tuple[ResourceState, ...] = ()
    conditions: tuple[Condition, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    destination: str = ""
    deleting: bool = False
    deployed: str | None = None
    overrides: tuple[str, ...] = ()
    hydrated: bool = False
    skipped: bool = False

    def elsewhere(self, folder: str) -> str:
        """What it renders, where that isn't the folder; empty where it is, or nobody can tell."""
        rendered = [posixpath.normpath(path) for path in self.paths]
        return "" if folder in rendered else ", ".join(rendered)


class Change(StrEnum):
    """What a watch says of an Application. A watch begins with one ADDED for each that is there."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class ApplicationEvent:
    """One frame of a watch."""

    change: Change
    application: Application


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod below the Application. `reason` is what kubectl shows as its status, such as Running,
    ImagePullBackOff or CrashLoopBackOff; `ready` and `containers` count; `owner` is the
    ReplicaSet, StatefulSet or Job that made it; `uid` tells it from others of its name."""

    resource: ResourceName
    images: tuple[str, ...]
    health: Health
    reason: str
    ready: int | None
    containers: int | None
    owner: ResourceName | None
    restarts: int = 0
    uid: str = ""


@dataclass(frozen=True, slots=True)
class ManagedResource:
    """What the cluster would have after a sync, and what it has, as plain data; None where there
    is none. `status` is that of what it has, which nobody compares. Argo CD masks the values of
    Secrets itself; what comes by another way is masked too."""

    resource: ResourceName
    wanted: Mapping[str, Any] | None
    live: Mapping[str, Any] | None
    hook: bool = False
    status: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SyncWindow:
    """A sync window of the project, as Argo CD writes it."""

    kind: str
    schedule: str
    duration: str
    manual: bool
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class SyncWindows:
    """Whether a sync may run now, the windows that are open or closed now, and all of them."""

    may_sync: bool
    active: tuple[SyncWindow, ...] = ()
    assigned: tuple[SyncWindow, ...] = ()


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """A Kubernetes event about one object: why a pod isn't scheduled, say."""

    type: str
    reason: str
    message: str
    last: datetime | None


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """A sync to ask for. The revision is never said: with automated sync on, Argo CD takes its
    branch's head and refuses anything else. `info` is kept in the operation's state."""

    prune: bool = False
    dry_run: bool = False
    info: Mapping[str, str] = field(default_factory=dict)


class Refusal(StrEnum):
    """Why Argo CD didn't take a sync, where that is no failure."""

    WINDOW = "window"  # a sync window forbids it
    BUSY = "busy"  # another operation is under way


@dataclass(frozen=True, slots=True)
class SyncRefused:
    """A sync that was not taken, with Argo CD's own words."""

    why: Refusal
    message: str
