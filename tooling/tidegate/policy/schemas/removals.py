"""APIs that are gone or going, and what to use instead.

Source: Kubernetes' «Deprecated API Migration Guide».
"""

from __future__ import annotations

from dataclasses import dataclass

LINK = "https://kubernetes.io/docs/reference/using-api/deprecation-guide/"


@dataclass(frozen=True, slots=True)
class Removal:
    """An API of some kinds: `deprecated` since a minor version and `gone` from another on (the
    numbers behind `1.`), with what to use `instead`, None where nothing takes its place."""

    api_version: str
    kinds: tuple[str, ...]
    deprecated: int
    gone: int
    instead: str | None


_WORKLOADS = ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet", "ControllerRevision")
_RBAC = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
_HOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_VAP = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
_FLOW = ("FlowSchema", "PriorityLevelConfiguration")

REMOVALS = (
    Removal("extensions/v1beta1", ("DaemonSet", "Deployment", "ReplicaSet"), 8, 16, "apps/v1"),
    Removal("extensions/v1beta1", ("NetworkPolicy",), 9, 16, "networking.k8s.io/v1"),
    Removal("extensions/v1beta1", ("Ingress",), 14, 22, "networking.k8s.io/v1"),
    Removal("extensions/v1beta1", ("PodSecurityPolicy",), 11, 16, None),
    Removal("apps/v1beta1", _WORKLOADS, 9, 16, "apps/v1"),
    Removal("apps/v1beta2", _WORKLOADS, 9, 16, "apps/v1"),
    Removal(
        "networking.k8s.io/v1beta1", ("Ingress", "IngressClass"), 19, 22, "networking.k8s.io/v1"
    ),
    Removal("rbac.authorization.k8s.io/v1alpha1", _RBAC, 17, 22, "rbac.authorization.k8s.io/v1"),
    Removal("rbac.authorization.k8s.io/v1beta1", _RBAC, 17, 22, "rbac.authorization.k8s.io/v1"),
    Removal(
        "admissionregistration.k8s.io/v1beta1", _HOOKS, 16, 22, "admissionregistration.k8s.io/v1"
    ),
    Removal(
        "admissionregistration.k8s.io/v1alpha1", _VAP, 28, 33, "admissionregistration.k8s.io/v1"
    ),
    Removal(
        "admissionregistration.k8s.io/v1beta1", _VAP, 30, 34, "admissionregistration.k8s.io/v1"
    ),
    Removal(
        "apiextensions.k8s.io/v1beta1",
        ("CustomResourceDefinition",),
        16,
        22,
        "apiextensions.k8s.io/v1",
    ),
    Removal("apiregistration.k8s.io/v1beta1", ("APIService",), 19, 22, "apiregistration.k8s.io/v1"),
    Removal(
        "certificates.k8s.io/v1beta1",
        ("CertificateSigningRequest",),
        19,
        22,
        "certificates.k8s.io/v1",
    ),
    Removal("coordination.k8s.io/v1beta1", ("Lease",), 19, 22, "coordination.k8s.io/v1"),
    Removal("scheduling.k8s.io/v1beta1", ("PriorityClass",), 14, 22, "scheduling.k8s.io/v1"),
    Removal("scheduling.k8s.io/v1alpha1", ("PriorityClass",), 14, 17, "scheduling.k8s.io/v1"),
    Removal(
        "storage.k8s.io/v1beta1",
        ("CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"),
        19,
        22,
        "storage.k8s.io/v1",
    ),
    Removal("batch/v1beta1", ("CronJob",), 21, 25, "batch/v1"),
    Removal("batch/v2alpha1", ("CronJob",), 8, 21, "batch/v1"),
    Removal("discovery.k8s.io/v1beta1", ("EndpointSlice",), 21, 25, "discovery.k8s.io/v1"),
    Removal("events.k8s.io/v1beta1", ("Event",), 19, 25, "events.k8s.io/v1"),
    Removal("policy/v1beta1", ("PodDisruptionBudget",), 21, 25, "policy/v1"),
    Removal("policy/v1beta1", ("PodSecurityPolicy",), 21, 25, None),
    Removal("node.k8s.io/v1beta1", ("RuntimeClass",), 22, 25, "node.k8s.io/v1"),
    Removal("autoscaling/v2beta1", ("HorizontalPodAutoscaler",), 22, 25, "autoscaling/v2"),
    Removal("autoscaling/v2beta2", ("HorizontalPodAutoscaler",), 23, 26, "autoscaling/v2"),
    Removal("storage.k8s.io/v1beta1", ("CSIStorageCapacity",), 24, 27, "storage.k8s.io/v1"),
    Removal(
        "flowcontrol.apiserver.k8s.io/v1beta1", _FLOW, 23, 26, "flowcontrol.apiserver.k8s.io/v1"
    ),
    Removal(
        "flowcontrol.apiserver.k8s.io/v1beta2", _FLOW, 26, 29, "flowcontrol.apiserver.k8s.io/v1"
    ),
    Removal(
        "flowcontrol.apiserver.k8s.io/v1beta3", _FLOW, 29, 32, "flowcontrol.apiserver.k8s.io/v1"
    ),
)

_BY_KIND = {(item.api_version, kind): item for item in REMOVALS for kind in item.kinds}


def removal(api_version: str, kind: str) -> Removal | None:
    """What is known of the end of an API."""
    return _BY_KIND.get((api_version, kind))


def instead(item: Removal, kind: str) -> str:
    """What to do about it."""
    if item.instead:
        return f"use {item.instead}; its fields may differ"
    if kind == "PodSecurityPolicy":
        return "use Pod Security admission (labels of the namespace), or an admission policy"
    return "nothing takes its place"
