"""What controllers refuse in objects of their own kinds."""

from __future__ import annotations

import pytest
import yaml

from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, identify
from tidegate.policy.schemas.cluster import Schemas

SCHEMAS = Schemas("1.33")
SOURCE = "source: {repoURL: 'https://x', path: a}"
DESTINATION = "destination: {server: 'https://y', namespace: a}"
POLICY = f"project: a, {SOURCE}, {DESTINATION}, syncPolicy: {{syncOptions: [%s]}}"


def judge(kind: str, spec: str) -> list[Violation]:
    data = yaml.safe_load(f"{{apiVersion: {kind}, metadata: {{name: a}}, spec: {{{spec}}}}}")
    return list(SCHEMAS.judge_inside(Manifest(identify(data), data), set()))


@pytest.mark.parametrize(
    ("spec", "field", "severity"),
    [
        (f"project: a, {SOURCE}, {DESTINATION}", "", None),
        (f"{SOURCE}, {DESTINATION}", "project", Severity.DENY),
        (f"project: a, {SOURCE}, destination: {{server: x, name: y}}", "destination.name", "Deny"),
        (f"project: a, {SOURCE}, destination: {{namespace: y}}", "destination.server", "Deny"),
        (f"project: a, source: {{path: a}}, {DESTINATION}", "source.repoURL", "Deny"),
        (
            f"project: a, sources: [{{repoURL: a, path: /a}}], {DESTINATION}",
            "sources.0.path",
            "Deny",
        ),
        (POLICY % "CreateNamespace=true, PruneLast=true, New=1", "", None),
        (POLICY % "CreateNamespaces=true", "syncPolicy.syncOptions.0", "Warn"),
        (POLICY % "{CreateNamespace: true}", "syncPolicy.syncOptions.0", "Deny"),
    ],
)
@pytest.mark.parametrize("made", [False, True])
def test_what_argo_cd_refuses(spec: str, field: str, severity: str | None, made: bool) -> None:
    kind, place = "argoproj.io/v1alpha1, kind: Application", "spec"
    if made:
        kind, place = f"{kind}Set", "spec.template.spec"
        spec = f"generators: [], template: {{metadata: {{name: a}}, spec: {{{spec}}}}}"
    found = judge(kind, spec)
    assert [v.severity for v in found] == ([severity] if severity else [])
    assert all(".".join(map(str, v.field)) == f"{place}.{field}" for v in found)


def test_a_patch_may_add_what_is_missing() -> None:
    spec = f"templatePatch: a, template: {{spec: {{{SOURCE}}}}}"
    assert judge("argoproj.io/v1alpha1, kind: ApplicationSet", spec) == []


@pytest.mark.parametrize(
    ("kind", "name", "right"),
    [("PyTorchJob", "pytorch", "pytorch"), ("TFJob", "tf", "tensorflow"),
     ("XGBoostJob", "xgb", "xgboost")],
)  # fmt: skip
def test_a_training_job_has_a_container_of_its_name(kind: str, name: str, right: str) -> None:
    def names(*containers: str) -> list[str]:
        listed = ", ".join(f"{{name: {found}, image: x}}" for found in containers)
        spec = f"{name}ReplicaSpecs: {{Worker: {{template: {{spec: {{containers: [{listed}]}}}}}}}}"
        return [v.field[-1] for v in judge(f"kubeflow.org/v1, kind: {kind}", spec)]

    assert names(right) == names("proxy", right) == []
    assert names("trainer") == ["name"]


@pytest.mark.parametrize(
    ("kind", "around"),
    [("RayCluster", "%s"), ("RayJob", "rayClusterSpec: {%s}"),
     ("RayService", "rayClusterConfig: {%s}")],
)  # fmt: skip
@pytest.mark.parametrize(("least", "count"), [(4, 0), (5, 1)])
def test_workers_of_ray_have_bounds_that_fit(
    kind: str, around: str, least: int, count: int
) -> None:
    group = f"workerGroupSpecs: [{{groupName: a, minReplicas: {least}, maxReplicas: 4}}]"
    found = judge(f"ray.io/v1, kind: {kind}", around % group)
    assert [v.severity for v in found] == [Severity.DENY] * count


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("alert: a, expr: up == 0, for: 5m", {}),
        ("record: a, expr: 1", {}),
        ("record: a, alert: '', expr: up", {}),
        ("alert: a, record: b, expr: up", {"record": "stands beside alert"}),
        ("expr: up", {"alert": "is missing; expected a name under alert or record"}),
        ("alert: a", {"expr": "is missing; expected an expression"}),
        ("record: a, expr: ''", {"expr": "is empty"}),
    ],
)
def test_what_prometheus_refuses_in_a_rule(rule: str, found: dict[str, str]) -> None:
    judged = judge(
        "monitoring.coreos.com/v1, kind: PrometheusRule",
        f"groups: [{{name: g, rules: [{{alert: first, expr: up}}, {{{rule}}}]}}]",
    )
    assert {v.field[-1] for v in judged} == {*found}
    for violation in judged:
        assert violation.field[:-1] == ("spec", "groups", 0, "rules", 1)
        assert found[str(violation.field[-1])] in violation.message


BACKENDS = "backendRefs: [{name: a, port: 80%s}, {name: b, port: 80%s}]"


@pytest.mark.parametrize(
    ("rule", "field", "severity"),
    [
        (BACKENDS % ("", ""), "", None),
        (BACKENDS % (", weight: 0", ""), "", None),
        (BACKENDS % (", weight: 0", ", weight: 1000000"), "", None),
        (BACKENDS % (", weight: 0", ", weight: 0"), "backendRefs.0.weight", "Warn"),
        (BACKENDS % (", weight: 0", ", weight: '0'"), "backendRefs.1.weight", "Deny"),
        (BACKENDS % ("", ", weight: -1"), "backendRefs.1.weight", "Deny"),
        (BACKENDS % (", weight: 1000001", ""), "backendRefs.0.weight", "Deny"),
        ("backendRefs: []", "", None),
        ("filters: [{type: RequestRedirect, requestRedirect: {port: 443}}]", "", None),
        ("timeouts: {request: 10s, backendRequest: 10s}", "", None),
        ("timeouts: {request: 0s, backendRequest: 1h}", "", None),
        ("timeouts: {request: 1m30s, backendRequest: 1500ms}", "", None),
        ("timeouts: {backendRequest: 5s}", "", None),
        ("timeouts: {request: 10}", "timeouts.request", "Deny"),
        ("timeouts: {request: 1.5s}", "timeouts.request", "Deny"),
        ("timeouts: {request: 100000ms}", "timeouts.request", "Deny"),
        ("timeouts: {backendRequest: 10 s}", "timeouts.backendRequest", "Deny"),
        ("timeouts: {request: 200ms, backendRequest: 1s}", "timeouts.backendRequest", "Deny"),
    ],
)
def test_what_the_gateway_api_refuses_in_a_rule(
    rule: str, field: str, severity: str | None
) -> None:
    found = judge("gateway.networking.k8s.io/v1, kind: HTTPRoute", f"rules: [{{{rule}}}]")
    assert [v.severity for v in found] == ([severity] if severity else [])
    assert all(".".join(map(str, v.field)) == f"spec.rules.0.{field}" for v in found)
