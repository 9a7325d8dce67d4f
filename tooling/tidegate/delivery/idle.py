"""Whether nothing has to run: an app that was scaled to zero is live without a pod."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tidegate.domain.application import ManagedResource

_KNATIVE_SCALE = ("autoscaling.knative.dev/min-scale", "autoscaling.knative.dev/minScale")


def is_idle(managed: Iterable[ManagedResource], digest: str) -> bool:
    """Whether something in the cluster carries the digest, and all that does wants no pods."""
    carrying = [item.live for item in managed if item.live and digest in json.dumps(item.live)]
    return bool(carrying) and all(map(_wants_none, carrying))


def _wants_none(live: Mapping[str, Any]) -> bool:
    kind, spec = live.get("kind"), _mapping(live.get("spec"))
    if kind == "CronJob":
        return True
    if kind == "InferenceService":
        return _mapping(spec.get("predictor")).get("minReplicas") == 0
    if kind == "Service" and str(live.get("apiVersion", "")).startswith("serving.knative.dev/"):
        metadata = _mapping(_mapping(spec.get("template")).get("metadata"))
        notes = _mapping(metadata.get("annotations"))
        return all(str(notes.get(key, "0")) == "0" for key in _KNATIVE_SCALE)
    return spec.get("replicas") == 0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
