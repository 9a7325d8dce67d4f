"""Kubeflow's training jobs (training-operator: pkg/webhooks) and Ray's clusters (KubeRay:
controllers/ray/utils/validation.go)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, number, part, text
from tidegate.policy.schemas.words import shown

# The container that is the training; others may lie beside it.
_CONTAINERS = {"pytorch": "pytorch", "tf": "tensorflow", "xgb": "xgboost"}


def judge_job(data: dict[str, Any], *, name: str) -> Iterator[Flaw]:
    """A training job, by the beginning of its `…ReplicaSpecs`."""
    wanted = _CONTAINERS[name]
    key = f"{name}ReplicaSpecs"
    replicas = part(part(data, "spec"), key)
    for role in replicas:
        spec = part(part(part(replicas, role), "template"), "spec")
        containers = [text(item.get("name")) for item, _ in items(spec.get("containers"), ())]
        if containers and wanted not in containers:
            said = ", ".join(map(shown, containers))
            path: FieldPath = ("spec", key, role, "template", "spec", "containers", 0, "name")
            yield Flaw(path, f"is {said}; expected a container called '{wanted}', the training")


def judge_ray_cluster(data: dict[str, Any]) -> Iterator[Flaw]:
    """A RayCluster."""
    yield from _judge_cluster(part(data, "spec"), ("spec",))


def judge_ray_job(data: dict[str, Any]) -> Iterator[Flaw]:
    """A RayJob's own cluster."""
    yield from _judge_cluster(
        part(part(data, "spec"), "rayClusterSpec"), ("spec", "rayClusterSpec")
    )


def judge_ray_service(data: dict[str, Any]) -> Iterator[Flaw]:
    """A RayService's cluster."""
    path = ("spec", "rayClusterConfig")
    yield from _judge_cluster(part(part(data, "spec"), "rayClusterConfig"), path)


def _judge_cluster(spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    for group, where in items(spec.get("workerGroupSpecs"), (*path, "workerGroupSpecs")):
        least, most = number(group.get("minReplicas")), number(group.get("maxReplicas"))
        if least is not None and most is not None and least > most:
            expected = f"at most maxReplicas, {shown(most)}"
            yield Flaw((*where, "minReplicas"), f"is {shown(least)}; expected {expected}")
