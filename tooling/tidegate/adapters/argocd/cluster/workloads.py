"""Kubernetes' own pods → `Pod`, and which of them are an Application's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from tidegate.adapters.argocd.fields import Fields, inner, items, number, text, words
from tidegate.domain.application import Health, Pod, ResourceName

_TRACKING = "argocd.argoproj.io/tracking-id"
_INSTANCE = "app.kubernetes.io/instance"
# What makes pods, and what is made in between: their group, version and plural.
OWNERS = (
    ("apps", "v1", "replicasets", "ReplicaSet"),
    ("apps", "v1", "deployments", "Deployment"),
    ("apps", "v1", "statefulsets", "StatefulSet"),
    ("apps", "v1", "daemonsets", "DaemonSet"),
    ("batch", "v1", "jobs", "Job"),
)
_FAILURES = frozenset(
    {"CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName"}
    | {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
)


class Owned(NamedTuple):
    """An object that may own others."""

    resource: ResourceName
    document: Fields


def belongs(
    pod: Fields, application: str, managed: Collection[ResourceName], between: Mapping[str, Owned]
) -> bool:
    """Whether a pod is below an Application: one of its objects, owned by one over any steps, or
    marked as its own. `between` has by uid what owns pods."""
    document, seen = pod, set[str]()
    name = ResourceName("", "Pod", *_place(pod))
    while True:
        if name in managed or _is_marked(document, application):
            return True
        owner = _controller(document)
        if owner is None or text(owner, "uid") in seen:
            return False
        seen.add(text(owner, "uid"))
        found = between.get(text(owner, "uid"))
        if found is None:  # of a kind that isn't looked up, such as an InferenceService
            return _named(owner, name.namespace) in managed
        name, document = found


def pod_of(document: Fields) -> Pod:
    """What a pod's object shows, with the reason that kubectl would show."""
    status, metadata = inner(document, "status"), inner(document, "metadata")
    states = items(status, "containerStatuses")
    containers = items(inner(document, "spec"), "containers")
    reason = _reason(document, states)
    ready = sum(state.get("ready") is True for state in states)
    owner = _controller(document)
    namespace, name = _place(document)
    return Pod(
        resource=ResourceName("", "Pod", namespace, name),
        images=tuple(text(container, "image") for container in containers),
        health=_health(reason, text(status, "phase"), ready == len(containers)),
        reason=reason,
        ready=ready,
        containers=len(containers),
        owner=_named(owner, namespace) if owner is not None else None,
        restarts=sum(number(state, "restartCount") for state in states),
        uid=text(metadata, "uid"),
    )


def _reason(pod: Fields, states: Sequence[Fields]) -> str:
    if inner(pod, "metadata").get("deletionTimestamp") is not None:
        return "Terminating"
    status = inner(pod, "status")
    reason = text(status, "reason") or text(status, "phase")
    for found in _troubles(items(status, "initContainerStatuses")):
        return f"Init:{found}"
    return next(_troubles(states), reason)


def _troubles(states: Sequence[Fields]) -> Iterator[str]:
    for state in states:
        now = inner(state, "state")
        waiting, ended = inner(now, "waiting"), inner(now, "terminated")
        if text(waiting, "reason"):
            yield text(waiting, "reason")
        elif ended and number(ended, "exitCode") != 0:
            yield text(ended, "reason") or f"ExitCode:{number(ended, 'exitCode')}"


def _health(reason: str, phase: str, ready: bool) -> Health:
    """As Argo CD judges a pod."""
    if reason.removeprefix("Init:") in _FAILURES or phase == "Failed":
        return Health("Degraded", reason)
    if phase == "Succeeded" or (phase == "Running" and ready):
        return Health("Healthy")
    return Health("Progressing")


def _controller(document: Fields) -> Fields | None:
    owners = items(inner(document, "metadata"), "ownerReferences")
    return next((o for o in owners if o.get("controller") is True), next(iter(owners), None))


def _named(owner: Fields, namespace: str) -> ResourceName:
    group, separator, _ = text(owner, "apiVersion").partition("/")
    return ResourceName(
        group if separator else "", text(owner, "kind"), namespace, text(owner, "name")
    )


def _is_marked(document: Fields, application: str) -> bool:
    metadata = inner(document, "metadata")
    tracking = words(metadata, "annotations").get(_TRACKING, "")
    if tracking:
        return tracking.partition(":")[0] == application
    return words(metadata, "labels").get(_INSTANCE) == application


def _place(document: Fields) -> tuple[str, str]:
    metadata = inner(document, "metadata")
    return text(metadata, "namespace"), text(metadata, "name")
