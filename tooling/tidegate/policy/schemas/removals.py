"""APIs that Kubernetes has taken away or is about to, and what to use instead.

From Kubernetes' deprecated API migration guide, and from the warnings of a real server (1.36) with
every API switched on. What went within the versions that there are schemas for is held against
those by a test.
"""

from __future__ import annotations

from typing import NamedTuple

from tidegate.policy.schemas.versions import Minor


class Removal(NamedTuple):
    """An API: since when it is deprecated, when it went (None: nobody said), what there is
    instead."""

    deprecated: Minor
    gone: Minor | None
    instead: str


GUIDE = "https://kubernetes.io/docs/reference/using-api/deprecation-guide/"

_WORKLOADS = "Deployment DaemonSet StatefulSet ReplicaSet ControllerRevision"
_RBAC = "Role RoleBinding ClusterRole ClusterRoleBinding"
_WEBHOOKS = "MutatingWebhookConfiguration ValidatingWebhookConfiguration"
_POLICIES = "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding"
_FLOWS = "FlowSchema PriorityLevelConfiguration"
_REVIEWS = (
    "SubjectAccessReview LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview"
)
_CLAIMS = "ResourceClaim ResourceClaimTemplate"
_DEVICES = f"DeviceClass ResourceSlice {_CLAIMS}"
_MUTATIONS = "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding"
_SECURITY = "Pod Security Admission (labels on the namespace)"
_SLICES = "discovery.k8s.io/v1 EndpointSlice"

# (group/version, kinds, deprecated in 1.x, gone in 1.x or 0, instead: `=` for the same kind there)
_TABLE: tuple[tuple[str, str, int, int, str], ...] = (
    ("extensions/v1beta1", "Deployment DaemonSet ReplicaSet", 9, 16, "=apps/v1"),
    ("extensions/v1beta1", "NetworkPolicy", 9, 16, "=networking.k8s.io/v1"),
    ("extensions/v1beta1", "Ingress", 14, 22, "=networking.k8s.io/v1"),
    ("extensions/v1beta1", "PodSecurityPolicy", 10, 16, _SECURITY),
    ("apps/v1beta1", _WORKLOADS, 9, 16, "=apps/v1"),
    ("apps/v1beta2", _WORKLOADS, 9, 16, "=apps/v1"),
    ("batch/v2alpha1", "CronJob", 8, 21, "=batch/v1"),
    ("batch/v1beta1", "CronJob", 21, 25, "=batch/v1"),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", 22, 25, "=autoscaling/v2"),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", 23, 26, "=autoscaling/v2"),
    ("policy/v1beta1", "PodDisruptionBudget", 21, 25, "=policy/v1"),
    ("policy/v1beta1", "PodSecurityPolicy", 21, 25, _SECURITY),
    ("networking.k8s.io/v1beta1", "Ingress IngressClass", 19, 22, "=networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", "IPAddress ServiceCIDR", 34, 37, "=networking.k8s.io/v1"),
    ("rbac.authorization.k8s.io/v1alpha1", _RBAC, 17, 23, "=rbac.authorization.k8s.io/v1"),
    ("rbac.authorization.k8s.io/v1beta1", _RBAC, 17, 22, "=rbac.authorization.k8s.io/v1"),
    ("admissionregistration.k8s.io/v1beta1", _WEBHOOKS, 16, 22, "=admissionregistration.k8s.io/v1"),
    (
        "admissionregistration.k8s.io/v1alpha1",
        _POLICIES,
        29,
        32,
        "=admissionregistration.k8s.io/v1",
    ),
    ("admissionregistration.k8s.io/v1beta1", _POLICIES, 31, 34, "=admissionregistration.k8s.io/v1"),
    (
        "admissionregistration.k8s.io/v1alpha1",
        _MUTATIONS,
        35,
        38,
        "=admissionregistration.k8s.io/v1",
    ),
    (
        "apiextensions.k8s.io/v1beta1",
        "CustomResourceDefinition",
        16,
        22,
        "=apiextensions.k8s.io/v1",
    ),
    ("apiregistration.k8s.io/v1beta1", "APIService", 19, 22, "=apiregistration.k8s.io/v1"),
    ("authentication.k8s.io/v1beta1", "TokenReview", 19, 22, "=authentication.k8s.io/v1"),
    ("authorization.k8s.io/v1beta1", _REVIEWS, 19, 22, "=authorization.k8s.io/v1"),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", 19, 22, "=certificates.k8s.io/v1"),
    ("coordination.k8s.io/v1beta1", "Lease", 19, 22, "=coordination.k8s.io/v1"),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", 21, 25, "=discovery.k8s.io/v1"),
    ("events.k8s.io/v1beta1", "Event", 22, 25, "=events.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta1", _FLOWS, 23, 26, "=flowcontrol.apiserver.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta2", _FLOWS, 26, 29, "=flowcontrol.apiserver.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta3", _FLOWS, 29, 32, "=flowcontrol.apiserver.k8s.io/v1"),
    ("node.k8s.io/v1beta1", "RuntimeClass", 22, 25, "=node.k8s.io/v1"),
    ("scheduling.k8s.io/v1alpha1", "PriorityClass", 14, 23, "=scheduling.k8s.io/v1"),
    ("scheduling.k8s.io/v1beta1", "PriorityClass", 14, 22, "=scheduling.k8s.io/v1"),
    ("settings.k8s.io/v1alpha1", "PodPreset", 18, 20, "an admission webhook of your own"),
    ("auditregistration.k8s.io/v1alpha1", "AuditSink", 18, 19, "the API server's audit webhook"),
    (
        "storage.k8s.io/v1beta1",
        "CSIDriver CSINode StorageClass VolumeAttachment",
        *(19, 22, "=storage.k8s.io/v1"),
    ),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", 24, 27, "=storage.k8s.io/v1"),
    ("storage.k8s.io/v1alpha1", "VolumeAttributesClass", 32, 35, "=storage.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", "VolumeAttributesClass", 34, 37, "=storage.k8s.io/v1"),
    ("resource.k8s.io/v1alpha2", _CLAIMS, 31, 31, "=resource.k8s.io/v1"),
    ("resource.k8s.io/v1alpha3", _DEVICES, 34, 34, "=resource.k8s.io/v1"),
    ("resource.k8s.io/v1beta1", _DEVICES, 35, 38, "=resource.k8s.io/v1"),
    ("resource.k8s.io/v1beta2", _DEVICES, 36, 39, "=resource.k8s.io/v1"),
    ("v1", "ComponentStatus", 19, 0, "the components' own health endpoints"),
    ("v1", "Endpoints", 33, 0, _SLICES),
)

REMOVALS: dict[tuple[str, str], Removal] = {
    (version, kind): Removal(
        (1, deprecated),
        (1, gone) if gone else None,
        f"{instead[1:]} {kind}" if instead.startswith("=") else instead,
    )
    for version, kinds, deprecated, gone, instead in _TABLE
    for kind in kinds.split()
}
