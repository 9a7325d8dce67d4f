"""An object as the API server completes it before it asks any policy."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from tidegate.domain.manifest import Object
from tidegate.policy.admission.defaults_network import (
    complete_ingress,
    complete_policy,
    complete_service,
)
from tidegate.policy.admission.defaults_pod import (
    Fields,
    complete_bare_pod,
    complete_claim,
    complete_pod,
    complete_template,
    fill,
    mapping,
    mappings,
)
from tidegate.policy.admission.defaults_scaling import complete_autoscaler
from tidegate.policy.admission.quantities import canonical_map
from tidegate.policy.admission.resources import Resource
from tidegate.policy.admission.values import plain

_QUARTER = "25%"
_NOBODY = "00000000-0000-0000-0000-000000000000"  # who made the job is known to the server alone
_RBAC = "rbac.authorization.k8s.io"


def complete(data: Object, resource: Resource, namespace: str) -> Fields:
    """A copy, normalised and with the defaults of its kind. `namespace` is empty for the kinds of
    a whole cluster."""
    result = plain(data, typed=resource.built_in)
    metadata = result.get("metadata")
    if not isinstance(metadata, dict):
        metadata = result["metadata"] = {}
    if namespace:
        metadata["namespace"] = namespace
    complete_kind = _KINDS.get((resource.group, resource.kind)) if resource.built_in else None
    if complete_kind:
        complete_kind(result)
    return result


def _spec(data: Fields) -> Fields:
    spec = data.setdefault("spec", {})
    return spec if isinstance(spec, dict) else {}


def _deployment(data: Fields) -> None:
    spec = _spec(data)
    fill(spec, {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600})
    strategy = spec.setdefault("strategy", {})
    _rolling(strategy, {"maxUnavailable": _QUARTER, "maxSurge": _QUARTER})
    complete_template(spec)
    data["status"] = {}


def _rolling(strategy: Any, defaults: Fields) -> None:
    if not isinstance(strategy, dict):
        return
    strategy["type"] = strategy.get("type") or "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        update = strategy.setdefault("rollingUpdate", {})
        if isinstance(update, dict):
            fill(update, defaults)


def _stateful_set(data: Fields) -> None:
    spec = _spec(data)
    retention = {"whenDeleted": "Retain", "whenScaled": "Retain"}
    fill(
        spec,
        {"replicas": 1, "revisionHistoryLimit": 10, "podManagementPolicy": "OrderedReady"},
    )
    kept = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    if isinstance(kept, dict):
        fill(kept, retention)
    _rolling(spec.setdefault("updateStrategy", {}), {"partition": 0})
    complete_template(spec)
    for claim in mappings(spec, "volumeClaimTemplates"):
        fill(claim, {"apiVersion": "v1", "kind": "PersistentVolumeClaim"})
        complete_claim(_spec(claim))
        claim["status"] = {"phase": "Pending"}
    data["status"] = {"replicas": 0, "availableReplicas": 0}


def _daemon_set(data: Fields) -> None:
    spec = _spec(data)
    spec.setdefault("revisionHistoryLimit", 10)
    _rolling(spec.setdefault("updateStrategy", {}), {"maxUnavailable": 1, "maxSurge": 0})
    complete_template(spec)
    notes = data["metadata"].setdefault("annotations", {})
    if isinstance(notes, dict):
        notes["deprecated.daemonset.template.generation"] = "1"
    numbers = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled")
    data["status"] = dict.fromkeys((*numbers, "numberReady"), 0)


def _replica_set(data: Fields) -> None:
    spec = _spec(data)
    spec.setdefault("replicas", 1)
    complete_template(spec)
    data["status"] = {"replicas": 0}


def _job(data: Fields) -> None:
    spec = _spec(data)
    _job_spec(spec)
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    policy = "Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed"
    fill(
        spec,
        {
            "parallelism": 1,
            "backoffLimit": 2**31 - 1 if "backoffLimitPerIndex" in spec else 6,
            "completionMode": "NonIndexed",
            "suspend": False,
            "manualSelector": False,
            "podReplacementPolicy": policy,
        },
    )
    if spec["manualSelector"] is not True:
        _job_labels(data, spec)
    data["status"] = {}


def _job_labels(data: Fields, spec: Fields) -> None:
    """The labels by which a job knows its pods."""
    name = data["metadata"].get("name", "")
    own = {"batch.kubernetes.io/controller-uid": _NOBODY, "controller-uid": _NOBODY}
    own |= {"batch.kubernetes.io/job-name": name, "job-name": name}
    template = spec.get("template")
    metadata = template.get("metadata") if isinstance(template, dict) else None
    if isinstance(metadata, dict):
        labels = metadata.setdefault("labels", {})
        if isinstance(labels, dict):
            labels.update(own)
            if "labels" not in data["metadata"]:
                data["metadata"]["labels"] = dict(labels)
    spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": _NOBODY}}


def _job_spec(spec: Fields) -> None:
    complete_template(spec)


def _cron_job(data: Fields) -> None:
    spec = _spec(data)
    history = {"successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1}
    fill(spec, {"concurrencyPolicy": "Allow", "suspend": False, **history})
    job = mapping(spec, "jobTemplate")
    if job is not None:
        job.setdefault("metadata", {})
        _job_spec(_spec(job))
    data["status"] = {}


def _pod(data: Fields) -> None:
    spec = _spec(data)
    complete_pod(spec)
    complete_bare_pod(spec)


def _claim(data: Fields) -> None:
    complete_claim(_spec(data))
    data["status"] = {"phase": "Pending"}


def _volume(data: Fields) -> None:
    spec = _spec(data)
    fill(spec, {"persistentVolumeReclaimPolicy": "Retain", "volumeMode": "Filesystem"})
    spec["capacity"] = canonical_map(spec.get("capacity"))
    path = mapping(spec, "hostPath")
    if path is not None:
        path.setdefault("type", "")


def _secret(data: Fields) -> None:
    data.setdefault("type", "Opaque")
    texts = data.pop("stringData", None)
    if isinstance(texts, dict):
        held = data.setdefault("data", {})
        if isinstance(held, dict):
            for key, text in texts.items():
                held[key] = base64.b64encode(str(text).encode()).decode()


def _role(data: Fields) -> None:
    data.setdefault("rules", None)  # which Go never leaves out


def _role_binding(data: Fields) -> None:
    for subject in mappings(data, "subjects"):
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", _RBAC)
    reference = mapping(data, "roleRef")
    if reference is not None and not reference.get("apiGroup"):
        reference["apiGroup"] = _RBAC


def _limits(data: Fields) -> None:
    _spec(data).setdefault("limits", None)
    for limit in mappings(_spec(data), "limits"):
        names = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
        for name in names:
            if name in limit:
                limit[name] = canonical_map(limit[name])
        if limit.get("type") != "Container":
            continue
        for name, sources in (("default", ("max",)), ("defaultRequest", ("default", "min"))):
            for source in sources:
                for key, value in (mapping(limit, source) or {}).items():
                    limit.setdefault(name, {}).setdefault(key, value)


def _quota(data: Fields) -> None:
    spec = _spec(data)
    if "hard" in spec:
        spec["hard"] = canonical_map(spec["hard"])
    data["status"] = {}


def _storage_class(data: Fields) -> None:
    fill(data, {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"})


def _priority_class(data: Fields) -> None:
    fill(data, {"preemptionPolicy": "PreemptLowerPriority", "value": 0})


def _namespace(data: Fields) -> None:
    metadata = data["metadata"]
    labels = metadata.setdefault("labels", {})
    if isinstance(labels, dict) and metadata.get("name"):
        labels["kubernetes.io/metadata.name"] = metadata["name"]
    _spec(data).setdefault("finalizers", ["kubernetes"])
    data["status"] = {"phase": "Active"}


def _budget(data: Fields) -> None:
    _spec(data)
    numbers = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    data["status"] = dict.fromkeys(numbers, 0)


_KINDS: Mapping[tuple[str, str], Callable[[Fields], None]] = {
    ("", "Namespace"): _namespace,
    ("", "LimitRange"): _limits,
    ("", "PersistentVolume"): _volume,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "ReplicationController"): _replica_set,
    ("", "ResourceQuota"): _quota,
    ("", "Secret"): _secret,
    ("", "Service"): complete_service,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "StatefulSet"): _stateful_set,
    ("autoscaling", "HorizontalPodAutoscaler"): complete_autoscaler,
    ("batch", "CronJob"): _cron_job,
    ("batch", "Job"): _job,
    ("networking.k8s.io", "Ingress"): complete_ingress,
    ("networking.k8s.io", "NetworkPolicy"): complete_policy,
    ("policy", "PodDisruptionBudget"): _budget,
    (_RBAC, "ClusterRole"): _role,
    (_RBAC, "ClusterRoleBinding"): _role_binding,
    (_RBAC, "Role"): _role,
    (_RBAC, "RoleBinding"): _role_binding,
    ("scheduling.k8s.io", "PriorityClass"): _priority_class,
    ("storage.k8s.io", "StorageClass"): _storage_class,
}
