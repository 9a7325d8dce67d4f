"""Kinds → the API server's resources: plural, scope, and other versions of the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.domain.custom_kind import CustomKind

_CLUSTER = {
    "": {"ComponentStatus", "Namespace", "Node", "PersistentVolume"},
    "admissionregistration.k8s.io": {
        *("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"),
        *("MutatingWebhookConfiguration", "ValidatingAdmissionPolicy"),
        *("ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration"),
    },
    "apiextensions.k8s.io": {"CustomResourceDefinition"},
    "apiregistration.k8s.io": {"APIService"},
    "authentication.k8s.io": {"SelfSubjectReview", "TokenReview"},
    "authorization.k8s.io": {
        *("SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"),
    },
    "certificates.k8s.io": {"CertificateSigningRequest", "ClusterTrustBundle"},
    "flowcontrol.apiserver.k8s.io": {"FlowSchema", "PriorityLevelConfiguration"},
    "networking.k8s.io": {"IngressClass", "IPAddress", "ServiceCIDR"},
    "node.k8s.io": {"RuntimeClass"},
    "policy": {"PodSecurityPolicy"},
    "rbac.authorization.k8s.io": {"ClusterRole", "ClusterRoleBinding"},
    "resource.k8s.io": {"DeviceClass", "ResourceSlice"},
    "scheduling.k8s.io": {"PriorityClass"},
    "storage.k8s.io": {
        *("CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"),
    },
}
_NAMESPACED = (
    "apps",
    "autoscaling",
    "batch",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
)
BUILT_IN = frozenset((*_CLUSTER, *_NAMESPACED))
# Custom kinds of a whole cluster whose names don't begin with Cluster.
_CUSTOM = {"EC2NodeClass", "GatewayClass", "NodeClaim", "NodePool"}
_SAME = (
    (("autoscaling", "v1"), ("autoscaling", "v2")),
    (("", "v1"), ("events.k8s.io", "v1")),
)
_SAME_KINDS = ("HorizontalPodAutoscaler", "Event")


@dataclass(frozen=True, slots=True)
class Resource:
    """What an object is to the API server. `equivalents` are the other groups and versions under
    which it serves the same objects."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    built_in: bool
    equivalents: tuple[tuple[str, str], ...] = ()

    @property
    def exempt(self) -> bool:
        """Policies are never asked about policies: nobody could take back a wrong one."""
        return self.group == "admissionregistration.k8s.io"


class Resources:
    """The kinds that are known: Kubernetes' own, and custom ones by their definitions."""

    def __init__(self, custom: Iterable[CustomKind] = ()) -> None:
        self._custom: dict[tuple[str, str], list[CustomKind]] = {}
        for kind in custom:
            self._custom.setdefault((kind.group, kind.kind), []).append(kind)

    def find(self, api_version: str, kind: str, *, namespaced: bool = True) -> Resource:
        """The resource of a kind; `namespaced` is believed of a kind that nobody knows."""
        group, _, version = api_version.rpartition("/")
        built_in = group in BUILT_IN
        served = self._custom.get((group, kind), ())
        plural = served[0].plural if served else pluralise(kind)
        if served:
            scoped = served[0].scope != "Cluster"
        elif built_in:
            scoped = kind not in _CLUSTER.get(group, ())
        else:
            scoped = namespaced and not kind.startswith("Cluster") and kind not in _CUSTOM
        # With a webhook only the cluster knows what another version looks like.
        others = [(group, own.version) for own in served if own.convertible]
        if kind in _SAME_KINDS:
            others += [v for pair in _SAME if (group, version) in pair for v in pair]
        same = tuple(other for other in others if other != (group, version))
        return Resource(group, version, kind, plural, scoped, built_in, same)


def pluralise(kind: str) -> str:
    """The regular plural, in lower case."""
    name = kind.lower()
    if name == "endpoints":
        return name
    if name.endswith("y") and name[-2:-1] not in ("a", "e", "i", "o", "u"):
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")
