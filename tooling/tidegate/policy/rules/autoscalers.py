"""Autoscalers of pods, HPA and KEDA alike: what they scale, between which bounds, on what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.index import Places
from tidegate.policy.rules.inventory import Inventory, annotation
from tidegate.policy.rules.kinds import SCALABLE, group_of
from tidegate.policy.rules.pods import Pods
from tidegate.policy.rules.shapes import at, entries, integer, mapping, text

HPA, KEDA = "HorizontalPodAutoscaler", "ScaledObject"
AUTOSCALERS = frozenset({HPA, KEDA})
# In the resources that the metrics API has.
MEASURED = ("cpu", "memory")


@dataclass(frozen=True, slots=True)
class Target:
    """What an autoscaler points at."""

    kind: str
    group: str | None
    name: str
    path: FieldPath


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric that an autoscaler looks at. `kind` is the HPA's type, or `Resource` for KEDA's
    triggers on cpu and memory and `External` for its others; `resource` and `container` are empty
    where there are none; `share` says that the value is a share of the requests."""

    kind: str
    resource: str
    container: str
    share: bool
    data: Mapping[str, Any]
    path: FieldPath


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """An HPA or a ScaledObject."""

    manifest: Manifest
    target: Target | None
    least: int | None
    metrics: tuple[Metric, ...]

    @property
    def namespace(self) -> str:
        """Where it and its target are."""
        return self.manifest.id.namespace


def autoscalers(inventory: Inventory) -> tuple[Autoscaler, ...]:
    """Every autoscaler of the overlay."""
    return inventory.once("autoscalers", _autoscalers)


def _autoscalers(inventory: Inventory) -> tuple[Autoscaler, ...]:
    found = [
        Autoscaler(m, target_of(m, "scaleTargetRef"), _least(m, "minReplicas", 1), _hpa_metrics(m))
        for m in inventory.of(HPA)
    ]
    for manifest in inventory.of(KEDA):
        least = _least(manifest, "minReplicaCount", 0)
        target = target_of(manifest, "scaleTargetRef", default="Deployment")
        found.append(Autoscaler(manifest, target, least, tuple(_triggers(manifest))))
    return tuple(found)


def _least(manifest: Manifest, key: str, default: int) -> int | None:
    value = at(manifest.data, "spec", key)
    return default if value is None else integer(value)


def target_of(manifest: Manifest, key: str, default: str = "") -> Target | None:
    """What the reference under `spec` names; None where it has no kind or no name."""
    reference = mapping(at(manifest.data, "spec", key))
    kind, name = text(reference.get("kind")) or default, text(reference.get("name"))
    if not kind or not name:
        return None
    version = reference.get("apiVersion")
    group = group_of(version) if isinstance(version, str) and version else None
    return Target(kind, group, name, ("spec", key))


def _hpa_metrics(manifest: Manifest) -> tuple[Metric, ...]:
    found = list(_listed_metrics(manifest))
    share = at(manifest.data, "spec", "targetCPUUtilizationPercentage")
    if share is not None:  # autoscaling/v1
        path = ("spec", "targetCPUUtilizationPercentage")
        found.append(Metric("Resource", "cpu", "", True, {}, path))
    return tuple(found)


def _listed_metrics(manifest: Manifest) -> Iterator[Metric]:
    for index, item in entries(manifest.data, "spec", "metrics"):
        kind = text(item.get("type"))
        source = mapping(item.get(kind[:1].lower() + kind[1:])) if len(kind) < 40 else {}
        target = mapping(source.get("target"))
        resource, container = "", ""
        if kind in ("Resource", "ContainerResource"):
            resource, container = text(source.get("name")), text(source.get("container"))
        share = "averageUtilization" in target or "targetAverageUtilization" in source
        path = ("spec", "metrics", index)
        yield Metric(kind, resource, container, share, source, path)


def _triggers(manifest: Manifest) -> Iterator[Metric]:
    for index, item in entries(manifest.data, "spec", "triggers"):
        kind, details = text(item.get("type")), mapping(item.get("metadata"))
        resource = kind if kind in MEASURED else ""
        metric_type = text(item.get("metricType")) or text(details.get("type"))
        container = text(details.get("containerName")) if resource else ""
        share = bool(resource) and metric_type == "Utilization"
        name = "Resource" if resource else "External"
        yield Metric(name, resource, container, share, item, ("spec", "triggers", index))


def scaled(inventory: Inventory, scaler: Autoscaler) -> Pods | None:
    """The pods that an autoscaler scales; None where they aren't here, or not to be seen."""
    target = scaler.target
    return targeted(inventory, target, scaler.namespace) if target else None


def targeted(inventory: Inventory, target: Target, namespace: str) -> Pods | None:
    """The pods of the workload that a target names."""
    found = inventory.pods_by_owner.get((target.kind, target.name))
    return next(iter(found.at(namespace)), None) if found else None


def owner_of(inventory: Inventory, pods: Pods) -> Autoscaler | None:
    """The autoscaler that owns the number of these pods."""
    mine = pods.owner.id
    if mine.kind not in SCALABLE:
        return None
    return next(iter(scalers_of(inventory, mine.kind, mine.name, mine.namespace)), None)


def scalers_of(
    inventory: Inventory, kind: str, name: str, namespace: str
) -> tuple[Autoscaler, ...]:
    """The autoscalers that point at a workload."""
    found = inventory.once("targets", _by_target).get((kind, name))
    return found.at(namespace) if found else ()


def _by_target(inventory: Inventory) -> dict[tuple[str, str], Places[Autoscaler]]:
    index: dict[tuple[str, str], Places[Autoscaler]] = {}
    for scaler in autoscalers(inventory):
        if scaler.target:
            place = index.setdefault((scaler.target.kind, scaler.target.name), Places())
            place.add(scaler.namespace, scaler)
    return index


def takes_over(scaler: Autoscaler, other: Autoscaler) -> bool:
    """Whether a ScaledObject takes an existing HPA as its own, as KEDA's docs describe."""
    if scaler.manifest.id.kind != KEDA or other.manifest.id.kind != HPA:
        return False
    config = at(scaler.manifest.data, "spec", "advanced", "horizontalPodAutoscalerConfig")
    name = text(mapping(config).get("name")) or f"keda-hpa-{scaler.manifest.id.name}"
    asked = annotation(scaler.manifest, "scaledobject.keda.sh/transfer-hpa-ownership")
    return asked == "true" and name == other.manifest.id.name


def least_replicas(inventory: Inventory, pods: Pods) -> int | None:
    """How many of these pods there are at least: the autoscaler's minimum, or the replicas; None
    where nobody can say."""
    if pods.kind not in SCALABLE:
        return None
    scaler = owner_of(inventory, pods)
    return pods.replicas if scaler is None else scaler.least
