"""What is there without the overlay: what Kubernetes puts into every namespace, and what an
environment declares under `cluster.provides`."""

from __future__ import annotations

from collections.abc import Iterable

_EVERYWHERE = frozenset(
    {
        *(("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")),
        *(("ConfigMap", "istio-ca-root-cert"), ("ConfigMap", "openshift-service-ca.crt")),
        *(("ServiceAccount", "builder"), ("ServiceAccount", "deployer")),
        *(("Service", "kubernetes"), ("Gateway", "mesh")),
        *(("ClusterRole", "admin"), ("ClusterRole", "edit"), ("ClusterRole", "view")),
        ("ClusterRole", "cluster-admin"),
        # OpenShift's own.
        *(("ClusterRole", "cluster-reader"), ("ClusterRole", "cluster-monitoring-view")),
        *(("ClusterRole", "basic-user"), ("ClusterRole", "self-provisioner")),
        *(("ClusterRole", "monitoring-edit"), ("ClusterRole", "monitoring-rules-view")),
        *(("ClusterRole", "monitoring-rules-edit"), ("ClusterRole", "registry-viewer")),
    }
)


def provided(patterns: Iterable[str], kind: str, namespace: str, name: str) -> bool:
    """Whether the object is there without the overlay. A pattern is `Kind/name`, which holds in
    any namespace, or `Kind/namespace/name`; `*` stands for any part of a name."""
    if (kind, name) in _EVERYWHERE or (kind == "ClusterRole" and name.startswith("system:")):
        return True
    for pattern in patterns:
        known, _, rest = pattern.partition("/")
        if known != kind:
            continue
        place, slash, wanted = rest.partition("/")
        if not slash:
            place, wanted = "*", rest
        if wildcard(wanted, name) and (not namespace or wildcard(place, namespace)):
            return True
    return False


def wildcard(pattern: str, text: str) -> bool:
    """Whether a text is as the pattern says, in which `*` stands for anything; in linear time."""
    if "*" not in pattern:
        return pattern == text
    first, *middle, last = pattern.split("*")
    if not text.startswith(first) or len(text) < len(first) + len(last):
        return False
    start, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, start, end)
        if found < 0:
            return False
        start = found + len(part)
    return text.endswith(last)
