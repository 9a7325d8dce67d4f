"""What is known of the rules across objects without loading them, which takes a twentieth of a
second: what they are called, and whether those that compare overlays have anything to compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The fact about an environment itself, which one overlay is enough to show.
CLUSTER = "cluster"
RULE_NAMES = (
    "autoscaler-target",
    "autoscaler-metric-object",
    "keda-authentication",
    "autoscaler-conflict",
    "autoscaler-vpa-conflict",
    "autoscaler-replicas",
    "autoscaler-resource-metric",
    "autoscaler-target-type",
    "autoscaler-requests",
    "autoscaler-container",
    "pdb-target",
    "pdb-satisfiable",
    "pdb-overlap",
    "pdb-missing",
    "probe-port",
    "spread-selector",
    "workload-selector",
    "volume-mount",
    "configmap-exists",
    "secret-exists",
    "pvc-exists",
    "serviceaccount-exists",
    "configuration-key",
    "mistyped-name",
    "wrong-namespace",
    "claim-volume",
    "service-selector",
    "service-port",
    "statefulset-service",
    "networkpolicy-target",
    "networkpolicy-port",
    "ingress-backend",
    "route-backend",
    "gateway-reference",
    "gateway-host",
    "istio-destination",
    "istio-weights",
    "istio-subset",
    "istio-subset-labels",
    "rollout-reference",
    "servicemonitor-target",
    "podmonitor-target",
    "monitoring-missing",
    "rolebinding-role",
    "rolebinding-subject",
    "duplicate-object",
    "namespace-pinned",
    "cluster-scoped-object",
    "release-agrees",
    "image-entry",
    "patch-target",
    "application-automated",
    "application-project",
    "application-revision",
    "application-missing",
    "application-twice",
    "applicationset-files",
    "applicationset-missing-key",
    "applicationset-deletion",
    "project-cluster-kinds",
    "project-sync-window",
    "project-source",
    "project-role",
    "compatibility",
    "requirements",
    "cluster-compatibility",
    "object-owner",
    "host-owner",
    "weaker-availability",
    "weaker-resources",
    "weaker-security",
    "weaker-image",
)


def comparable(facts: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether `judge_overlays` could find anything in facts by overlay: whatever but CLUSTER they
    are about, one overlay's agree with themselves."""
    return sum(1 for of_one in facts.values() if of_one) > 1 or any(
        CLUSTER in of_one for of_one in facts.values()
    )
