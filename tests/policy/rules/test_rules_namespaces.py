"""Objects alone in a namespace, of which all that they mean is in another one."""

from __future__ import annotations

import pytest
from tests.support.rules import findings

from tidegate.domain.finding import Severity

WEB = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: runner
      containers: [{name: c, image: x, envFrom: [{secretRef: {name: token}}]}]
      volumes: [{name: v, persistentVolumeClaim: {claimName: weights}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
"""
# Kind, version, name, and the rest of an object in the namespace `place`.
OBJECTS = [
    (
        "HorizontalPodAutoscaler",
        "autoscaling/v2",
        "a",
        "scaleTargetRef: {kind: Deployment, name: web}",
    ),
    ("ScaledObject", "keda.sh/v1alpha1", "a", "scaleTargetRef: {name: web}"),
    ("PodDisruptionBudget", "policy/v1", "a", "selector: {matchLabels: {app: web}}"),
    ("NetworkPolicy", "networking.k8s.io/v1", "a", "podSelector: {matchLabels: {app: web}}"),
    ("ServiceMonitor", "monitoring.coreos.com/v1", "a", "selector: {matchLabels: {app: web}}"),
    (
        "Ingress",
        "networking.k8s.io/v1",
        "a",
        "rules: [{http: {paths: [{backend: {service: {name: web, port: {number: 80}}}}]}}]",
    ),
    ("Secret", "v1", "token", ""),
    ("ExternalSecret", "external-secrets.io/v1", "token", ""),
    ("PersistentVolumeClaim", "v1", "weights", ""),
    ("ServiceAccount", "v1", "runner", ""),
]


def told(text: str) -> list[str]:
    found = findings(text, rule="wrong-namespace", environment=None)
    assert all((v.severity, v.field[-1]) == (Severity.WARN, "namespace") for v in found)
    return [v.message for v in found]


def put(kind: str, api: str, name: str, spec: str, place: str, more: str = "") -> str:
    head = f"apiVersion: {api}, kind: {kind}, metadata: {{name: {name}, namespace: {place}{more}}}"
    return f"---\n{{{head}, spec: {{{spec}}}}}\n"


@pytest.mark.parametrize(("kind", "api", "name", "spec"), OBJECTS)
def test_what_is_alone_in_another_namespace(kind: str, api: str, name: str, spec: str) -> None:
    (message,) = told(WEB + put(kind, api, name, spec, "shops"))
    assert message.startswith(f"{kind} {name} is in the namespace 'shops', and ")
    assert message.endswith("is in 'shop'")
    assert told(WEB + put(kind, api, name, spec, "shop")) == []
    # Pods of its namespace are here, or in none that anybody wrote.
    for place in ("shops", '""'):
        pods = WEB.replace("namespace: shop", f"namespace: {place}").replace("name: web", "name: b")
        assert told(WEB + pods + put(kind, api, name, spec, "shops")) == []


def test_what_may_be_meant_so() -> None:
    copied = ', annotations: {reflector.v1.k8s.emberstack.com/reflection-allowed: "true"}'
    assert told(WEB + put("Secret", "v1", "token", "", "vault", copied)) == []
    everywhere = "selector: {matchLabels: {app: web}}, namespaceSelector: {any: true}"
    assert told(WEB + put("ServiceMonitor", "a/v1", "a", everywhere, "monitoring")) == []
    assert told(WEB + put("NetworkPolicy", "a/v1", "a", "podSelector: {}", "other")) == []
    both = put("Secret", "v1", "token", "", "one") + put("Secret", "v1", "token", "", "two")
    assert told(WEB + both) == []
