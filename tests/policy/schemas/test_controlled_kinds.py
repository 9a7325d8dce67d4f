"""What Argo CD refuses in an Application, and what trainers and Ray do in jobs and clusters."""

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
