"""The places of this repository's own overlays, by the text of the lines."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from tests.support.provenance import Stage, stage

ROOT = Path(__file__).parents[3]
OVERLAY = "environments/prod/recommender/kustomization.yaml"
DEPLOYMENT = "apps/recommender/base/deployment.yaml"
HPA = "apps/components/autoscaling/horizontalpodautoscaler.yaml"
AUTOSCALING = "apps/components/autoscaling/kustomization.yaml"
AVAILABILITY = "apps/components/high-availability/"
CONTAINER = "spec/template/spec/containers/0"


@cache
def prod() -> Stage:
    paths = [*(ROOT / "apps").rglob("*.yaml"), *(ROOT / "environments").rglob("*.yaml")]
    files = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}
    return stage(files, "environments/prod/recommender")


@pytest.mark.parametrize(
    ("name", "field", "file", "text"),
    [
        ("HorizontalPodAutoscaler", "spec/minReplicas", OVERLAY, "value: 6"),
        ("HorizontalPodAutoscaler", "spec/maxReplicas", OVERLAY, "value: 20"),
        ("HorizontalPodAutoscaler", "spec/metrics", HPA, "metrics:"),
        ("HorizontalPodAutoscaler", "spec/metrics/0", HPA, "- type: Resource"),
        (
            *("HorizontalPodAutoscaler", "spec/metrics/0/resource/target/averageUtilization"),
            *(HPA, "averageUtilization: 65"),
        ),
        (
            *("HorizontalPodAutoscaler", "spec/behavior/scaleDown/policies/0/value"),
            *(HPA, "value: 1"),
        ),
        ("HorizontalPodAutoscaler", "spec/scaleTargetRef/name", AUTOSCALING,
         "- spec.scaleTargetRef.name"),
        ("HorizontalPodAutoscaler", "metadata/name", AUTOSCALING, "- metadata.name"),
        ("HorizontalPodAutoscaler", "metadata/namespace", OVERLAY, "namespace: recommender-prod"),
        ("HorizontalPodAutoscaler", "", HPA, "kind: HorizontalPodAutoscaler"),
        ("Deployment", f"{CONTAINER}/image", OVERLAY, 'newTag: "unreleased"'),
        ("Deployment", f"{CONTAINER}/imagePullPolicy", DEPLOYMENT, "imagePullPolicy: IfNotPresent"),
        ("Deployment", f"{CONTAINER}/resources", OVERLAY, "value:"),
        ("Deployment", f"{CONTAINER}/resources/requests/cpu", OVERLAY, 'cpu: "2"'),
        ("Deployment", f"{CONTAINER}/resources/limits/cpu", OVERLAY, "limits:"),
        ("Deployment", f"{CONTAINER}/readinessProbe", DEPLOYMENT, "readinessProbe:"),
        ("Deployment", f"{CONTAINER}/readinessProbe/exec", DEPLOYMENT, "readinessProbe:"),
        ("Deployment", f"{CONTAINER}/workingDir", DEPLOYMENT, "- name: model-server"),
        ("Deployment", f"{CONTAINER}/envFrom/0/configMapRef/name", DEPLOYMENT, "name: recommender"),
        ("Deployment", f"{CONTAINER}/securityContext/capabilities/drop/0", DEPLOYMENT,
         "drop: [ALL]"),
        ("Deployment", "spec/replicas", DEPLOYMENT, "spec:"),
        ("Deployment", "spec/template/spec/volumes/0/emptyDir/sizeLimit", DEPLOYMENT,
         "sizeLimit: 256Mi"),
        (
            *("Deployment", "spec/template/spec/topologySpreadConstraints/0/whenUnsatisfiable"),
            *(OVERLAY, "value: DoNotSchedule"),
        ),
        (
            *("Deployment", "spec/template/spec/topologySpreadConstraints/1/whenUnsatisfiable"),
            *(AVAILABILITY + "spread.yaml", "whenUnsatisfiable: ScheduleAnyway"),
        ),
        (
            *("Deployment", "spec/template/spec/topologySpreadConstraints/1"),
            *(AVAILABILITY + "spread.yaml", "- topologyKey: kubernetes.io/hostname"),
        ),
        (
            "Deployment",
            "spec/template/metadata/labels/app.kubernetes.io~1version",
            OVERLAY,
            'app.kubernetes.io/version: "unreleased"',
        ),
        ("Deployment", "metadata/labels/owner", DEPLOYMENT, "labels:"),
        ("PodDisruptionBudget", "spec/maxUnavailable", AVAILABILITY + "poddisruptionbudget.yaml",
         "maxUnavailable: 1"),
        ("ConfigMap", "data/LOG_LEVEL", OVERLAY, "- LOG_LEVEL=warning"),
        ("ConfigMap", "data/PORT", "apps/recommender/base/kustomization.yaml", "- PORT=8080"),
        ("ConfigMap", "", "apps/recommender/base/kustomization.yaml", "- name: recommender"),
        ("ServiceMonitor", "spec/endpoints/0/interval",
         "apps/components/monitoring/servicemonitor.yaml", "interval: 30s"),
        ("Service", "spec/ports/0/targetPort", "apps/recommender/base/service.yaml",
         "targetPort: http"),
    ],
)  # fmt: skip
def test_prods_recommender(name: str, field: str, file: str, text: str) -> None:
    assert prod().line(name, field) == (file, text)


def test_every_field_of_every_object_has_a_place_in_the_repository() -> None:
    here = prod()
    for manifest in here.manifests:
        for field in fields(manifest.data):
            where = here.locator.find(here.overlay, manifest, field)
            assert here.snapshot.is_file(where.file)
            lines = here.snapshot.read(where.file).decode().splitlines()
            assert where.column <= len(lines[where.line - 1])


def fields(data: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner: list[tuple[str | int, object]] = []
    if isinstance(data, dict):
        inner = list(data.items())
    elif isinstance(data, list):
        inner = list(enumerate(data))
    return [path, *(found for key, value in inner for found in fields(value, (*path, key)))]
