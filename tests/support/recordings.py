"""What a real Argo CD 3.5.1 said, frame by frame (tests/repos/argocd), as Applications.

Read by a reader of its own, so that the rule's tests don't rest on the adapter's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tidegate.domain.application import (
    Application,
    ApplicationName,
    Condition,
    Health,
    Operation,
    ResourceName,
    ResourceResult,
    ResourceState,
)

FOLDER = Path(__file__).parents[1] / "repos" / "argocd"
OLD, OURS = "sha256:" + "a" * 64, "sha256:" + "b" * 64
IMAGE = "registry.example.com/recommender"


def frames(name: str) -> list[tuple[float, Application]]:
    """A stream's frames, with the seconds since the refresh was asked for."""
    lines = [
        json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]
    return [(line["seconds"], read(line["frame"]["result"]["application"])) for line in lines]


def single(name: str) -> Application:
    """An answer with one Application."""
    return read(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


def read(data: Mapping[str, Any]) -> Application:
    """Argo CD's JSON → Application."""
    metadata, spec, status = data["metadata"], data["spec"], data["status"]
    return Application(
        name=ApplicationName(metadata["name"], spec["project"]),
        repository=spec["source"]["repoURL"],
        path=spec["source"]["path"],
        target_revision=spec["source"]["targetRevision"],
        automated="automated" in spec.get("syncPolicy", {}),
        revision=status["sync"].get("revision", ""),
        sync=status["sync"]["status"],
        health=_health(status["health"]),
        requested="operation" in data,
        operation=_operation(status.get("operationState")),
        reconciled=_time(status.get("reconciledAt")),
        images=tuple(status["summary"].get("images", ())),
        resources=tuple(
            ResourceState(_name(r), r.get("status", ""), _health(r.get("health", {})))
            for r in status.get("resources", ())
        ),
        conditions=tuple(Condition(c["type"], c["message"]) for c in status.get("conditions", ())),
        labels=metadata["labels"],
    )


def _operation(state: Mapping[str, Any] | None) -> Operation | None:
    if state is None:
        return None
    result = state.get("syncResult", {})
    return Operation(
        phase=state["phase"],
        message=state.get("message", ""),
        revision=result.get("revision") or state["operation"].get("sync", {}).get("revision"),
        started=_time(state.get("startedAt")),
        finished=_time(state.get("finishedAt")),
        results=tuple(
            ResourceResult(
                _name(r), r.get("status", ""), r.get("hookPhase", ""), r.get("message", "")
            )
            for r in result.get("resources", ())
        ),
    )


def _health(data: Mapping[str, Any]) -> Health:
    since = _time(data.get("lastTransitionTime"))
    return Health(data.get("status"), data.get("message", ""), since)


def _name(data: Mapping[str, Any]) -> ResourceName:
    return ResourceName(
        data.get("group", ""), data["kind"], data.get("namespace", ""), data["name"]
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
