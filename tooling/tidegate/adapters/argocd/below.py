"""What Argo CD's API says of the things below an Application → domain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tidegate.adapters.argocd.documents import health, pairs, resource
from tidegate.adapters.argocd.fields import (
    Fields,
    flag,
    inner,
    items,
    number,
    parse,
    text,
    texts,
    time,
)
from tidegate.domain.application import (
    ClusterEvent,
    ManagedResource,
    Pod,
    SyncWindow,
    SyncWindows,
)


def pods(tree: Fields) -> tuple[Pod, ...]:
    """The pods of a resource tree."""
    nodes = items(tree, "nodes")
    return tuple(_pod(n) for n in nodes if text(n, "kind") == "Pod" and not text(n, "group"))


def managed(answer: Fields) -> tuple[ManagedResource, ...]:
    """What Argo CD compares: the object as it would be after a sync, and as it is, both without
    what it was told to ignore."""
    return tuple(
        ManagedResource(
            resource(item),
            _either(item, "predictedLiveState", "targetState"),
            _either(item, "normalizedLiveState", "liveState"),
            flag(item, "hook"),
            status=_status(_either(item, "liveState", "normalizedLiveState")),
        )
        for item in items(answer, "items")
    )


def windows(answer: Fields) -> SyncWindows:
    """An Application's sync windows."""
    return SyncWindows(
        flag(answer, "canSync"),
        tuple(window(item) for item in items(answer, "activeWindows")),
        tuple(window(item) for item in items(answer, "assignedWindows")),
    )


def window(item: Fields) -> SyncWindow:
    """One sync window, of the API's answer or of a project."""
    return SyncWindow(
        text(item, "kind"),
        text(item, "schedule"),
        text(item, "duration"),
        flag(item, "manualSync"),
        text(item, "timeZone"),
    )


def events(answer: Fields) -> tuple[ClusterEvent, ...]:
    """Kubernetes' events, the last one last."""
    found = [_event(item) for item in items(answer, "items")]
    return tuple(sorted(found, key=lambda event: event.last.timestamp() if event.last else 0.0))


def _pod(node: Fields) -> Pod:
    info, parent = pairs(node, "info"), next(iter(items(node, "parentRefs")), None)
    ready, _, containers = info.get("Containers", "").partition("/")
    restarts = _count(info.get("Restart Count", ""))
    return Pod(
        resource=resource(node),
        images=texts(node, "images"),
        health=health(inner(node, "health")),
        reason=info.get("Status Reason", ""),
        ready=_count(ready),
        containers=_count(containers),
        owner=resource(parent) if parent is not None else None,
        restarts=restarts or 0,
        uid=text(node, "uid"),
    )


def _count(digits: str) -> int | None:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _either(item: Fields, first: str, second: str) -> Mapping[str, Any] | None:
    """A document inside the document; `null` is how Argo CD writes that there is none."""
    for key in (first, second):
        value = item.get(key)
        if value is None or value in ("", "null"):
            continue
        if not isinstance(value, str):
            value = ""
        return parse(value, f"'{key}' in an answer of Argo CD")
    return None


def _status(document: Fields | None) -> Fields:
    """What is compared goes without it."""
    return inner(document or {}, "status")


def _event(item: Fields) -> ClusterEvent:
    return ClusterEvent(
        text(item, "type"),
        text(item, "reason"),
        text(item, "message"),
        time(item, "lastTimestamp")
        or _exact(inner(item, "series").get("lastObservedTime"))
        or _exact(item.get("eventTime"))
        or time(inner(item, "metadata"), "creationTimestamp"),
    )


def _exact(value: object) -> datetime | None:
    """A time to the microsecond, which is text or, in other versions, seconds and nanoseconds."""
    if isinstance(value, dict):
        seconds = number(value, "seconds")
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**33 else None
    return time({"time": value}, "time")
