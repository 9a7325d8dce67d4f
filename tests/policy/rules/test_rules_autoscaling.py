"""Rules about autoscalers and disruption budgets."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.rules import PROD, findings, messages, prod, said

from tidegate.domain.app import Environment
from tidegate.domain.finding import Severity


def workload(
    name: str = "web",
    kind: str = "Deployment",
    replicas: int | None = None,
    requests: str = "{cpu: 1, memory: 1Gi}",
    more: str = "",
    api: str = "apps/v1",
) -> str:
    count = "" if replicas is None else f"\n  replicas: {replicas}"
    return f"""---
apiVersion: {api}
kind: {kind}
metadata: {{name: {name}, namespace: a}}
spec:{count}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
        - {{name: main, image: x, resources: {{requests: {requests}}}}}
{more}
"""


def hpa(
    target: str = "web",
    kind: str = "Deployment",
    name: str = "web",
    metrics: str = "[]",
    api: str = "apps/v1",
    least: int = 2,
    namespace: str = "a",
) -> str:
    return f"""---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  scaleTargetRef: {{apiVersion: {api}, kind: {kind}, name: {target}}}
  minReplicas: {least}
  maxReplicas: 9
  metrics: {metrics}
"""


def scaled(name: str = "web", trigger: str = "{type: kafka}", more: str = "") -> str:
    return f"""---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {{name: {name}, namespace: a{more}}}
spec: {{scaleTargetRef: {{name: web}}, triggers: [{trigger}]}}
"""


CUSTOM = """---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llm, namespace: a}
spec: {predictor: {model: {modelFormat: {name: huggingface}}}}
"""
HELM = """---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop, namespace: a}
spec: {chart: {spec: {chart: web}}}
"""


def test_a_target_is_looked_for_in_the_group_that_is_named() -> None:
    """Deployments have not been in `extensions` since Kubernetes 1.16."""
    (message,) = messages(workload() + hpa(api="extensions/v1beta1"), rule="autoscaler-target")
    assert message.endswith("in the group 'extensions', where it is not; did you mean 'apps/v1'?")
    assert messages(workload() + hpa(api="apps/v1beta1"), rule="autoscaler-target") == []
    # It is the Deployment that is written wrongly then, and told.
    for old in ("extensions/v1beta1", "v1"):
        text = workload().replace("apiVersion: apps/v1", f"apiVersion: {old}") + hpa()
        assert messages(text, rule="autoscaler-target") == []


TARGET = "autoscaler-target"


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (workload() + hpa(), [], []),
        (
            workload() + hpa("wbe"),
            ["HorizontalPodAutoscaler web scales the Deployment 'wbe', which is not in this "
             "overlay; did you mean 'web'?"],
            [Severity.DENY],
        ),
        (
            workload() + hpa("search"),
            ["HorizontalPodAutoscaler web scales the Deployment 'search', which is not in this "
             "overlay"],
            [Severity.WARN],  # it may be in another folder
        ),
        (
            hpa(),
            ["HorizontalPodAutoscaler web scales the Deployment 'web', which is not in this "
             "overlay"],
            [],  # a folder without Deployments has them elsewhere
        ),
        (
            workload(kind="StatefulSet") + hpa(),
            ["HorizontalPodAutoscaler web scales the Deployment 'web', but that is a StatefulSet"],
            [Severity.DENY],
        ),
        (
            workload() + hpa(kind="Deploymnet"),
            ["HorizontalPodAutoscaler web scales the Deploymnet 'web', but that is a Deployment"],
            [Severity.DENY],
        ),
        (
            workload() + hpa(api="v1"),
            ["HorizontalPodAutoscaler web looks for Deployment web in the group '', where it is "
             "not; did you mean 'apps/v1'?"],
            [Severity.DENY],
        ),
        (
            workload(kind="DaemonSet") + hpa(kind="DaemonSet"),
            ["HorizontalPodAutoscaler web scales a DaemonSet, which has no replicas to scale"],
            [Severity.DENY],
        ),
        # In other namespaces, of kinds that nobody knows, or made by a controller.
        (workload() + hpa(kind="InferenceService", api="serving.kserve.io/v1beta1"), [], []),
        (workload() + CUSTOM + hpa("llm-predictor"), [], []),
        (
            workload() + CUSTOM + hpa("search"),
            ["HorizontalPodAutoscaler web scales the Deployment 'search', which is not in this "
             "overlay"],
            [],  # an operator makes some
        ),
        (
            workload() + CUSTOM + hpa("wbe"),
            ["HorizontalPodAutoscaler web scales the Deployment 'wbe', which is not in this "
             "overlay; did you mean 'web'?"],
            [Severity.DENY],
        ),
        (workload() + HELM + hpa("search"), [], []),
        (workload(kind="Rollout", api="argoproj.io/v1alpha1")
         + hpa(kind="Rollout", api="argoproj.io/v1alpha1"), [], []),
    ],
)  # fmt: skip
def test_targets(text: str, inside: list[str], outside: list[Severity]) -> None:
    assert messages(text, rule=TARGET) == inside
    assert [v.severity for v in findings(text, rule=TARGET, environment=None)] == outside


def test_a_target_that_the_cluster_provides() -> None:
    text = workload() + hpa("search")
    for pattern, quiet in (
        ("Deployment/search", True),
        ("Deployment/a/sea*", True),
        ("Deployment/b/search", False),
        ("StatefulSet/search", False),
        ("Deployment/searc", False),
    ):
        found = messages(text, rule=TARGET, environment=prod(provides=(pattern,)))
        assert (found == []) is quiet, pattern


def test_a_target_in_another_namespace_is_not_the_target() -> None:
    (message,) = messages(workload() + hpa(namespace="b"), rule=TARGET)
    assert message.endswith("which is not in this overlay")
    assert messages((workload() + hpa()).replace(", namespace: a", ""), rule=TARGET) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (hpa(), 0),
        (hpa() + hpa(name="other"), 1),
        (hpa() + hpa(name="other", namespace="b"), 0),
        (hpa() + hpa("search", name="other"), 0),
        (hpa() + scaled(), 1),
        (scaled() + scaled("other"), 1),
        (
            hpa()
            + scaled(
                more=", annotations: {scaledobject.keda.sh/transfer-hpa-ownership: 'true'}"
            ).replace(
                "spec: {",
                "spec: {advanced: {horizontalPodAutoscalerConfig: {name: web}}, ",
            ),
            0,
        ),
    ],
)
def test_two_autoscalers(text: str, count: int) -> None:
    assert len(findings(workload() + text, rule="autoscaler-conflict")) == count


def vpa(mode: str = "Auto", policy: str = "[]") -> str:
    return f"""---
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {{name: web, namespace: a}}
spec:
  targetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  updatePolicy: {{updateMode: {mode}}}
  resourcePolicy: {{containerPolicies: {policy}}}
"""


SHARE = (
    "[{type: Resource, resource: {name: %s, target: {type: Utilization, averageUtilization: 6}}}]"
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (vpa() + hpa(metrics=SHARE % "cpu"), 1),
        (vpa() + hpa(), 1),  # without metrics an HPA scales on CPU
        (vpa("'Off'") + hpa(), 0),
        (vpa("Off") + hpa(), 0),  # which YAML reads as false
        (vpa(policy="[{containerName: '*', controlledResources: [memory]}]") + hpa(), 0),
        (vpa(policy="[{containerName: '*', mode: 'Off'}]") + hpa(), 0),
        (vpa(policy="[{containerName: main, controlledResources: [memory]}]") + hpa(), 1),
        (vpa() + hpa(metrics="[{type: External, external: {metric: {name: x}}}]"), 0),
        (vpa() + scaled(), 0),
        (vpa() + scaled(trigger="{type: memory, metricType: Utilization}"), 1),
        (vpa(), 0),
    ],
)
def test_vertical_and_horizontal(text: str, count: int) -> None:
    assert len(findings(workload() + text, rule="autoscaler-vpa-conflict")) == count


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (workload(replicas=3) + hpa(), [Severity.DENY], [Severity.WARN]),
        (workload(replicas=3) + scaled(), [Severity.DENY], [Severity.WARN]),
        (workload() + hpa(), [], []),
        (workload(replicas=0) + hpa(), [], []),
        (workload(replicas=3) + hpa("other"), [], []),
    ],
)
def test_replicas(text: str, inside: list[Severity], outside: list[Severity]) -> None:
    rule = "autoscaler-replicas"
    assert [v.severity for v in findings(text, rule=rule)] == inside
    assert [v.severity for v in findings(text, rule=rule, environment=None)] == outside


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (workload(requests="{cpu: 1}") + hpa(metrics=SHARE % "cpu"), 0),
        (workload(requests="{memory: 1Gi}") + hpa(metrics=SHARE % "cpu"), 1),
        (workload(requests="{memory: 1Gi}") + hpa(), 1),
        (workload(requests="{memory: 1Gi}") + hpa(metrics=SHARE % "memory"), 0),
        (workload(requests="{memory: 1Gi}, limits: {cpu: 2}") + hpa(), 0),
        (workload(requests="{}") + hpa(metrics="[{type: Pods, pods: {metric: {name: x}}}]"), 0),
        (workload(requests="{}") + scaled(trigger="{type: cpu, metricType: Utilization}"), 1),
        (workload(requests="{}") + scaled(trigger="{type: cpu, metadata: {type: Utilization}}"), 1),
        (workload(requests="{}") + scaled(trigger="{type: cpu, metricType: AverageValue}"), 0),
        (workload(more="        - {name: side, image: x}") + hpa(), 1),
        (workload(more="      initContainers: [{name: init, image: x}]") + hpa(), 0),
        (
            workload(more="      initContainers: [{name: s, image: x, restartPolicy: Always}]")
            + hpa(),
            1,
        ),
        (workload(requests="{}", more="      resources: {requests: {cpu: 1}}") + hpa(), 0),
        (
            workload(requests="{}")
            + hpa()
            + "---\n{apiVersion: v1, kind: LimitRange, metadata: {name: d, namespace: a}, "
            "spec: {limits: [{type: Container, defaultRequest: {cpu: 1}}]}}\n",
            0,
        ),
    ],
)
def test_requests(text: str, count: int) -> None:
    assert len(findings(text, rule="autoscaler-requests")) == count


def test_all_containers_without_a_request_are_named() -> None:
    text = workload(more="        - {name: a, image: x}\n        - {name: b, image: x}") + hpa()
    (found,) = findings(text, rule="autoscaler-requests")
    assert found.message == (
        "HorizontalPodAutoscaler web scales on a share of the requested cpu, but containers a and "
        "b of Deployment web request none"
    )
    assert found.field == ("spec", "template", "spec", "containers", 1)


@pytest.mark.parametrize(
    ("metric", "count"),
    [
        ("{type: Resource, resource: {name: m, target: {type: AverageValue, averageValue: 1}}}", 0),
        ("{type: Resource, resource: {name: cpu, target: {type: Value, value: 1}}}", 1),
        ("{type: Resource, resource: {name: cpu, target: {type: Utilization, value: 1}}}", 1),
        ("{type: Resource, resource: {name: cpu, target: {type: Utilization}}}", 1),
        ("{type: Pods, pods: {metric: {name: x}, target: {type: Utilization}}}", 1),
        ("{type: Pods, pods: {metric: {}, target: {type: AverageValue, averageValue: 1}}}", 0),
        ("{type: External, external: {metric: {name: x}, target: {type: Value, value: 1}}}", 0),
        ("{type: Object, object: {metric: {name: x}, target: {type: Value, averageValue: 1}}}", 1),
        ("{type: Nonsense, nonsense: {target: {type: Value}}}", 0),
        ("{type: Resource, resource: {name: cpu, targetAverageUtilization: 5}}", 0),
    ],
)  # fmt: skip
def test_target_types(metric: str, count: int) -> None:
    text = workload() + hpa(metrics=f"[{metric}]")
    assert len(findings(text, rule="autoscaler-target-type")) == count


@pytest.mark.parametrize(
    ("trigger", "count"),
    [
        ("{type: cpu, metricType: Utilization}", 0),
        ("{type: cpu, metricType: Value}", 1),
        ("{type: prometheus, metricType: Value}", 0),
        ("{type: prometheus, metricType: Utilization}", 1),
        ("{type: prometheus}", 0),
    ],
)
def test_metric_types_of_triggers(trigger: str, count: int) -> None:
    text = workload() + scaled(trigger=trigger)
    assert len(findings(text, rule="autoscaler-target-type")) == count


@pytest.mark.parametrize(("name", "near"), [("mempry", "; did you mean 'memory'?"), ("gpu", "")])
def test_resources_that_nobody_measures(name: str, near: str) -> None:
    (message,) = messages(workload() + hpa(metrics=SHARE % name), rule="autoscaler-resource-metric")
    assert message == (
        f"HorizontalPodAutoscaler web scales on the resource '{name}', and only cpu and memory "
        f"are measured as resources{near}"
    )


def pdb(body: str, name: str = "web", app: str = "web") -> str:
    return f"""---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: {name}, namespace: a}}
spec: {{{body}, selector: {{matchLabels: {{app: {app}}}}}}}
"""


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        (workload(replicas=3) + pdb("maxUnavailable: 1"), []),
        (workload(replicas=3) + pdb("maxUnavailable: 10%"), []),  # a share is rounded up
        (workload(replicas=3) + pdb("maxUnavailable: 0"), [Severity.DENY]),
        (workload(replicas=3) + pdb("maxUnavailable: 0%"), [Severity.DENY]),
        (workload(replicas=3) + pdb("minAvailable: 2"), []),
        (workload(replicas=3) + pdb("minAvailable: 3"), [Severity.DENY]),
        (workload(replicas=3) + pdb("minAvailable: 9"), [Severity.DENY]),
        (workload(replicas=3) + pdb("minAvailable: 100%"), [Severity.DENY]),
        (workload(replicas=3) + pdb("minAvailable: 60%"), []),
        (workload(replicas=3) + pdb("minAvailable: 70%"), [Severity.DENY]),
        (workload(replicas=0) + pdb("minAvailable: 1"), []),
        (workload() + pdb("minAvailable: 1"), [Severity.DENY]),  # one is what nothing means
        # At its minimum the autoscaler leaves nothing to evict, above it it does.
        (workload() + hpa(least=2) + pdb("minAvailable: 2"), [Severity.WARN]),
        (workload() + hpa(least=3) + pdb("minAvailable: 2"), []),
        (workload(kind="DaemonSet") + pdb("minAvailable: 1"), []),
        (CUSTOM + pdb("minAvailable: 1"), []),
        (CUSTOM + pdb("minAvailable: 100%"), [Severity.DENY]),
        (workload(replicas=3) + pdb("minAvailable: 3", app="other"), []),
        (
            workload(replicas=3) + workload("b", replicas=2).replace("app: b", "app: web")
            + pdb("minAvailable: 3"),
            [],
        ),
    ],
)  # fmt: skip
def test_budgets_that_can_never_be_kept(text: str, inside: list[Severity]) -> None:
    rule = "pdb-satisfiable"
    assert [v.severity for v in findings(text, rule=rule)] == inside
    outside = [v.severity for v in findings(text, rule=rule, environment=None)]
    assert outside == [Severity.WARN] * len(inside)


@pytest.mark.parametrize(
    ("text", "environment", "count"),
    [
        (workload(replicas=2), PROD, 1),
        (workload(replicas=1), PROD, 0),
        (workload() + hpa(least=2), PROD, 1),
        (workload(replicas=2) + pdb("maxUnavailable: 1"), PROD, 0),
        (workload(replicas=2), None, 0),
        (workload(replicas=2), Environment("dev", "candidate", None), 0),
        (workload(replicas=2), Environment("production-eu", None, "dev"), 1),
        (workload(replicas=2), prod(said("pdb-missing", replicas=3)), 0),
        (
            workload(replicas=2),
            Environment("staging", None, "dev", rules=(said("pdb-missing"),)),
            1,
        ),
        (workload(replicas=2), prod(said("pdb-missing", "Off")), 0),
    ],
)
def test_budgets_that_are_missing(text: str, environment: Any, count: int) -> None:
    assert len(findings(text, rule="pdb-missing", environment=environment)) == count


def test_budgets_that_overlap() -> None:
    two = pdb("maxUnavailable: 1") + pdb("minAvailable: 1", "other")
    assert len(findings(workload(replicas=3) + two, rule="pdb-overlap")) == 1
    apart = pdb("maxUnavailable: 1") + pdb("minAvailable: 1", "other", "b")
    both = workload(replicas=3) + workload("b", replicas=3)
    assert findings(both + apart, rule="pdb-overlap") == []


CREDENTIALS = (
    "---\n{apiVersion: v1, kind: Secret, metadata: {name: rabbit}, stringData: {host: x}}\n"
    "---\n{apiVersion: keda.sh/v1alpha1, kind: TriggerAuthentication, metadata: {name: a}, "
    "spec: {secretTargetRef: [{parameter: host, name: %s, key: %s}]}}\n"
)


@pytest.mark.parametrize(
    ("name", "key", "inside", "outside"),
    [
        ("rabbit", "host", [], []),
        ("rabit", "host", ["name"], ["name"]),
        ("rabbit", "hosts", ["key"], ["key"]),
        ("other", "host", ["name"], ["name"]),  # the Secret that is here has no other use
    ],
)
def test_credentials_of_triggers(
    name: str, key: str, inside: list[str], outside: list[str]
) -> None:
    text = CREDENTIALS % (name, key)
    rule = "keda-authentication"
    assert [v.field[-1] for v in findings(text, rule=rule)] == inside
    assert [v.field[-1] for v in findings(text, rule=rule, environment=None)] == outside
    assert findings(text.split("---")[2], rule=rule, environment=None) == []
