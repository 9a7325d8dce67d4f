"""What the objects in the cluster that carry our digest say of their pods: that there need be none,
for an app that was scaled to zero is live without one, or that nobody may make them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tidegate.domain.application import ManagedResource
from tidegate.domain.live import Standing
from tidegate.domain.manifest import mapping

_KNATIVE_SCALE = ("autoscaling.knative.dev/min-scale", "autoscaling.knative.dev/minScale")
_REFUSED = "ReplicaFailure"


def stand(managed: Iterable[ManagedResource], digest: str) -> Standing:
    """What those among them that carry the digest say."""
    carrying = [item for item in managed if item.live and digest in json.dumps(item.live)]
    idle = bool(carrying) and all(_wants_none(item.live or {}) for item in carrying)
    return Standing(idle, tuple(words for item in carrying for words in _refusals(item)))


def _refusals(item: ManagedResource) -> Iterator[str]:
    """Why a Deployment or a Rollout can't make its pods: a quota, an account that isn't there, a
    policy that refuses them. Other kinds don't say."""
    conditions = item.status.get("conditions")
    for condition in conditions if isinstance(conditions, list) else ():
        said = mapping(condition)
        if said.get("type") == _REFUSED and said.get("status") == "True":
            what = f"{item.resource.kind} {item.resource.name}"
            yield f"{what}: {said.get('reason')}: {said.get('message')}"


def _wants_none(live: Mapping[str, Any]) -> bool:
    kind, spec = live.get("kind"), mapping(live.get("spec"))
    if kind == "CronJob":
        return True
    if kind == "InferenceService":
        return mapping(spec.get("predictor")).get("minReplicas") == 0
    if kind == "Service" and str(live.get("apiVersion", "")).startswith("serving.knative.dev/"):
        metadata = mapping(mapping(spec.get("template")).get("metadata"))
        notes = mapping(metadata.get("annotations"))
        return all(str(notes.get(key, "0")) == "0" for key in _KNATIVE_SCALE)
    return spec.get("replicas") == 0
