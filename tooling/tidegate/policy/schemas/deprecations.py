"""Fields, labels and annotations that Kubernetes still reads, or silently reads no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.rules import API_DEPRECATED
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.versions import Minor, written

_TEMPLATES: dict[tuple[str, str], FieldPath] = {
    **{("apps", kind): ("spec", "template") for kind in ("Deployment", "StatefulSet")},
    **{("apps", kind): ("spec", "template") for kind in ("DaemonSet", "ReplicaSet")},
    ("", "Pod"): (),
    ("", "ReplicationController"): ("spec", "template"),
    ("batch", "Job"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
}
# Annotations of pods: since when they count for nothing or less, and what counts instead.
_ANNOTATIONS: tuple[tuple[str, Minor, str], ...] = (
    ("seccomp.security.alpha.kubernetes.io/pod", (1, 27), "securityContext.seccompProfile"),
    ("container.seccomp.security.alpha.kubernetes.io/", (1, 27), "securityContext.seccompProfile"),
    ("container.apparmor.security.beta.kubernetes.io/", (1, 30), "securityContext.appArmorProfile"),
    ("scheduler.alpha.kubernetes.io/critical-pod", (1, 16), "priorityClassName"),
)
_NODE_LABELS = {
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
}
_MASTER, _PLANE = "node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane"
_INGRESS_CLASS = "kubernetes.io/ingress.class"


def judge_deprecations(manifest: Manifest, minor: Minor) -> Iterator[Flaw]:
    """What is deprecated inside an object that is none by itself."""
    key = manifest.id.group, manifest.id.kind
    path = _TEMPLATES.get(key)
    if path is not None:
        template = part(manifest.data, *map(str, path))
        yield from _judge_annotations(template, path, minor)
        yield from _judge_pod(part(template, "spec"), (*path, "spec"))
    elif key == ("networking.k8s.io", "Ingress"):
        annotations = part(manifest.data, "metadata", "annotations")
        if _INGRESS_CLASS in annotations and not part(manifest.data, "spec").get(
            "ingressClassName"
        ):
            where = ("metadata", "annotations", _INGRESS_CLASS)
            yield _flaw(where, "is deprecated; spec.ingressClassName says the same")


def _judge_annotations(template: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    for name in part(template, "metadata", "annotations"):
        for begin, since, instead in _ANNOTATIONS:
            if isinstance(name, str) and name.startswith(begin) and minor >= since:
                where = (*path, "metadata", "annotations", name)
                yield _flaw(
                    where, f"is deprecated since Kubernetes {written(since)}; use {instead}"
                )


def _judge_pod(pod: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    if text(pod.get("serviceAccount")) and not text(pod.get("serviceAccountName")):
        yield _flaw((*path, "serviceAccount"), "is deprecated; use serviceAccountName")
    for name in part(pod, "nodeSelector"):
        if name in _NODE_LABELS:
            where = (*path, "nodeSelector", name)
            yield _flaw(where, f"is deprecated; use {_NODE_LABELS[name]}")
        elif name == _MASTER:
            yield _flaw(
                (*path, "nodeSelector", name), f"is gone since Kubernetes 1.24; use {_PLANE}"
            )
    tolerations = list(items(pod.get("tolerations"), (*path, "tolerations")))
    keys = {text(item.get("key")) for item, _ in tolerations}
    everything = any(
        not text(item.get("key")) and item.get("operator") == "Exists" for item, _ in tolerations
    )
    for item, where in tolerations:
        if item.get("key") == _MASTER and _PLANE not in keys and not everything:
            message = f"is '{_MASTER}', a taint that is gone since Kubernetes 1.25; use {_PLANE}"
            yield _flaw((*where, "key"), message)
    for volume, where in items(pod.get("volumes"), (*path, "volumes")):
        if mapping(volume).get("gitRepo") is not None:
            yield _flaw((*where, "gitRepo"), "is deprecated; clone in an init container")


def _flaw(path: FieldPath, message: str) -> Flaw:
    return Flaw(path, message, rule=API_DEPRECATED, severity=Severity.WARN)
