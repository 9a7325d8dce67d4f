"""How strong a workload is, in a few words that can be compared: facts for `weaker`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.image import ImageRef
from tidegate.policy.rules.autoscalers import least_replicas, owner_of
from tidegate.policy.rules.budgets import is_protected
from tidegate.policy.rules.facts import write_id
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.kinds import SCALABLE
from tidegate.policy.rules.pods import Container, Pods
from tidegate.policy.rules.shapes import at, integer, mapping, sequence, text

_MOST = 200
# One letter for each strength of a container, and of a workload as a whole.
READINESS, LIVENESS = "r", "l"
MEMORY_LIMIT, MEMORY_REQUEST, CPU_REQUEST = "m", "M", "c"
NON_ROOT, READ_ONLY, NO_ESCALATION, DROPS_ALL = "n", "o", "e", "d"
SECCOMP, UNPRIVILEGED, DIGEST = "s", "u", "g"
BUDGET, SPREAD, OWN_HOST, NO_TOKEN, RELEASED = "B", "S", "H", "T", "R"


def collect_workloads(inventory: Inventory) -> Any:
    """Each workload's id, template path, least number of pods, its autoscaler's id and most, its
    letters, and its containers' names, paths and letters."""
    return [_workload(inventory, pods) for pods in _workloads(inventory)][:_MOST] or None


def _workloads(inventory: Inventory) -> Iterator[Pods]:
    return (pods for pods in inventory.pods if pods.kind in SCALABLE | {"DaemonSet"})


def _workload(inventory: Inventory, pods: Pods) -> list[Any]:
    scaler = owner_of(inventory, pods)
    owner: list[Any] | None = None
    if scaler:
        keda = scaler.manifest.id.kind == "ScaledObject"
        key = "maxReplicaCount" if keda else "maxReplicas"
        most = integer(at(scaler.manifest.data, "spec", key))
        owner = [write_id(scaler.manifest.id), most]
    letters = "".join(_letters(inventory, pods))
    containers = [
        [container.name, list(container.path), "".join(_container(pods, container))]
        for container in pods.running
    ]
    least = least_replicas(inventory, pods)
    return [write_id(pods.owner.id), list(pods.path), least, owner, letters, containers[:_MOST]]


def _letters(inventory: Inventory, pods: Pods) -> Iterator[str]:
    spec = pods.spec
    if is_protected(inventory, pods):
        yield BUDGET
    if sequence(spec.get("topologySpreadConstraints")) or at(spec, "affinity", "podAntiAffinity"):
        yield SPREAD
    if not any(spec.get(key) is True for key in ("hostNetwork", "hostPID", "hostIPC")):
        yield OWN_HOST
    if _has_no_token(inventory, pods):
        yield NO_TOKEN
    if inventory.context.release is not None:
        yield RELEASED


def _has_no_token(inventory: Inventory, pods: Pods) -> bool:
    said = pods.spec.get("automountServiceAccountToken")
    if said is not None:
        return said is False
    name = text(pods.spec.get("serviceAccountName")) or "default"
    accounts = inventory.find("ServiceAccount", pods.owner.id.namespace, name)
    return any(a.data.get("automountServiceAccountToken") is False for a in accounts)


def _container(pods: Pods, container: Container) -> Iterator[str]:
    data = container.data
    for key, letter in (("readinessProbe", READINESS), ("livenessProbe", LIVENESS)):
        if mapping(data.get(key)):
            yield letter
    limits, requests = at(data, "resources", "limits"), at(data, "resources", "requests")
    if at(limits, "memory") is not None:
        yield MEMORY_LIMIT + MEMORY_REQUEST
    elif at(requests, "memory") is not None:
        yield MEMORY_REQUEST
    if at(requests, "cpu") is not None or at(limits, "cpu") is not None:
        yield CPU_REQUEST
    yield from _security(mapping(pods.spec.get("securityContext")), data)
    try:
        image = ImageRef.parse(text(data.get("image")))
    except ValueError:
        return
    if image.digest:
        yield DIGEST


def _security(pod: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[str]:
    """What the container's security context says, or else its pod's."""
    own = mapping(data.get("securityContext"))
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is True:
        yield NON_ROOT
    if own.get("readOnlyRootFilesystem") is True:
        yield READ_ONLY
    if own.get("allowPrivilegeEscalation") is False:
        yield NO_ESCALATION
    if any(item == "ALL" for item in sequence(at(own, "capabilities", "drop"))):
        yield DROPS_ALL
    profile = at(own, "seccompProfile", "type") or at(pod, "seccompProfile", "type")
    if profile in ("RuntimeDefault", "Localhost"):
        yield SECCOMP
    if own.get("privileged") is not True:
        yield UNPRIVILEGED
