"""The work of the rules across objects grows with the overlay, not with its square."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest
from tests.support.rules import PROD, rendered

from tidegate.domain.context import RuleContext
from tidegate.domain.manifest import Rendered
from tidegate.policy.rules import inspect

_KINDS = {
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "VerticalPodAutoscaler": "autoscaling.k8s.io/v1",
    "Deployment": "apps/v1",
    "PodDisruptionBudget": "policy/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "Ingress": "networking.k8s.io/v1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
    "PodMonitor": "monitoring.coreos.com/v1",
    "DestinationRule": "networking.istio.io/v1",
    "VirtualService": "networking.istio.io/v1",
    "Gateway": "networking.istio.io/v1",
    "ServiceEntry": "networking.istio.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "Role": "rbac.authorization.k8s.io/v1",
}


def made(kind: str, name: str, namespace: str, spec: Any, **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "labels": {"app": "shared"}}
    return {
        "apiVersion": _KINDS.get(kind, "v1"),
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
        **more,
    }


def neighbours(i: int, place: str, labels: dict[str, str]) -> Iterator[dict[str, Any]]:
    """One app that has a label in common with all the others; the first few have mistakes."""
    own, name = {"matchLabels": labels}, f"app-{i}"
    other = f"absent-{i}" if i < 5 else name
    container = {
        "name": "server",
        "image": "server",
        "ports": [{"name": "http", "containerPort": 8080}],
        "envFrom": [{"configMapRef": {"name": other}}],
        "readinessProbe": {"httpGet": {"port": "http"}},
    }
    template = {
        "metadata": {"labels": {"app": "shared", "own": f"x{i}"}},
        "spec": {"containers": [container], "topologySpreadConstraints": [{"labelSelector": own}]},
    }
    yield made("Deployment", name, place, {"selector": own, "template": template, "replicas": 3})
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    yield made("Service", name, place, {"selector": labels, "ports": ports})
    yield made("PodDisruptionBudget", name, place, {"maxUnavailable": 1, "selector": own})
    yield made("NetworkPolicy", name, place, {"podSelector": own})
    yield made("ServiceMonitor", name, place, {"selector": own, "endpoints": [{"port": "metric"}]})
    yield made("PodMonitor", name, place, {"selector": own, "podMetricsEndpoints": [{"port": "x"}]})
    subset = {"name": "v1", "labels": {"version": f"v{i}"}}
    yield made("DestinationRule", name, place, {"host": name, "subsets": [subset]})
    host = f"{name}.example.com"
    routes = [{"route": [{"destination": {"host": name, "subset": "v1"}}]}]
    spec = {"hosts": [host], "gateways": ["one/front"], "http": routes}
    yield made("VirtualService", name, place, spec)
    yield made("ServiceEntry", name, place, {"hosts": [f"{name}.example.org"]})
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    yield made("HorizontalPodAutoscaler", name, place, {"scaleTargetRef": target})
    yield made("VerticalPodAutoscaler", name, place, {"targetRef": target})
    subjects = [{"kind": "ServiceAccount", "name": other}]
    yield made("Role", name, place, None)
    role = {"kind": "Role", "name": other}
    yield made("RoleBinding", name, place, None, subjects=subjects, roleRef=role)
    yield made("ConfigMap", name, place, None)
    yield made("ServiceAccount", name, place, None)


def overlay(count: int, shape: str) -> Rendered:
    objects: list[dict[str, Any]] = []
    for i in range(count):
        labels = {"app": "shared"}
        if shape == "labels of their own":
            labels["nobody"] = f"has-{i}"
        objects += neighbours(i, f"n{i}" if shape == "namespaces of their own" else "one", labels)
    hosts = [f"app-{i}.example.com" for i in range(count)]
    objects.append(made("Gateway", "front", "one", {"servers": [{"hosts": hosts[5:]}]}))
    return rendered(objects)


def steps(overlay: Rendered) -> int:
    """How many functions are called, built-in ones too, to find everything."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        inspect(overlay, RuleContext(PROD))
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize(
    "shape", ["one label for all", "labels of their own", "namespaces of their own"]
)
def test_four_times_the_apps_are_no_more_than_some_times_the_work(shape: str) -> None:
    small, large = steps(overlay(60, shape)), steps(overlay(240, shape))
    assert large < 7 * small, f"{small} and {large}: 4 is in proportion, 16 is the square"
