"""What the API server adds to HorizontalPodAutoscalers, and how it turns v1 into v2."""

from __future__ import annotations

from typing import Any

from tidegate.policy.admission.defaults_pod import Fields, fill, mapping, mappings
from tidegate.policy.admission.quantities import canonical

_UP = {
    "stabilizationWindowSeconds": 0,
    "selectPolicy": "Max",
    "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15},
    ],
}
_DOWN = {
    "selectPolicy": "Max",
    "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
}
_CPU = 80
# Annotations in which v1 keeps what it has no fields for.
_KEPT = "autoscaling.alpha.kubernetes.io/"


def complete_autoscaler(data: Fields) -> None:
    """Completes a HorizontalPodAutoscaler in place."""
    spec = data.setdefault("spec", {})
    if not isinstance(spec, dict):
        return
    spec.setdefault("minReplicas", 1)
    if data.get("apiVersion") == "autoscaling/v1":
        spec.setdefault("targetCPUUtilizationPercentage", _CPU)
        data["status"] = {"currentReplicas": 0, "desiredReplicas": 0}
        return
    spec.setdefault("metrics", [_cpu(_CPU)])
    for metric in mappings(spec, "metrics"):
        for source in metric.values():
            target = mapping(source, "target") if isinstance(source, dict) else None
            for key in ("value", "averageValue"):
                if target and key in target:
                    target[key] = canonical(target[key])
    behavior = mapping(spec, "behavior")
    if behavior is not None:
        for key, defaults in (("scaleUp", _UP), ("scaleDown", _DOWN)):
            direction = behavior.setdefault(key, {})
            if isinstance(direction, dict):
                fill(direction, defaults)
    data["status"] = {"desiredReplicas": 0, "currentMetrics": None}


def to_v2(data: Fields) -> Fields | None:
    """A completed v1 as v2; None where v2 may have more than can be seen."""
    metadata = data.get("metadata") or {}
    notes = metadata.get("annotations") or {}
    spec = data.get("spec")
    if not isinstance(notes, dict) or not isinstance(spec, dict):
        return None
    if any(str(key).startswith(_KEPT) for key in notes):
        return None
    kept = {k: v for k, v in spec.items() if k != "targetCPUUtilizationPercentage"}
    result = {**data, "apiVersion": "autoscaling/v2", "spec": kept}
    kept["metrics"] = [_cpu(spec.get("targetCPUUtilizationPercentage", _CPU))]
    result["status"] = {"desiredReplicas": 0, "currentMetrics": None}
    return result


def _cpu(percent: Any) -> Fields:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}
