"""The sample apps, rendered by the real kustomize as Argo CD will render them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.xdist_group("samples")  # they share what was rendered

REPOSITORY = Path(__file__).parents[2]
OVERLAYS = [
    path.parent.relative_to(REPOSITORY)
    for path in sorted(REPOSITORY.glob("environments/*/*/kustomization.yaml"))
    if path.parent.name != "argocd"
]
VERSION = "app.kubernetes.io/version"
BINARIES = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

Manifest = dict[str, Any]

STATEFUL_SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  selector: {matchLabels: {app: store}}
  serviceName: store
  template:
    metadata: {labels: {app: store}}
    spec: {containers: [{name: store, image: "registry.example.com/store:1"}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""


@cache
def render(folder: Path) -> list[Manifest]:
    kustomize, kubectl = (shutil.which(n, path=BINARIES) for n in ("kustomize", "kubectl"))
    if kustomize is None and kubectl is None:
        pytest.skip("there is no kustomize and no kubectl here")
    command = [kustomize, "build"] if kustomize else [str(kubectl), "kustomize"]
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr
    return list(yaml.safe_load_all(done.stdout))


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] == kind]


def test_there_are_two_apps_in_three_environments() -> None:
    assert len(OVERLAYS) == 6


@pytest.mark.parametrize("overlay", OVERLAYS, ids=str)
def test_an_overlay_is_complete_and_stays_in_its_namespace(overlay: Path) -> None:
    manifests = render(REPOSITORY / overlay)
    _, environment, app = overlay.parts
    assert {m["metadata"]["namespace"] for m in manifests} == {f"{app}-{environment}"}
    assert {m["metadata"]["labels"]["app.kubernetes.io/name"] for m in manifests} == {app}
    assert "set-by-replacement" not in yaml.safe_dump_all(manifests)
    [deployment] = of_kind(manifests, "Deployment")
    [service] = of_kind(manifests, "Service")
    pod = deployment["spec"]["template"]
    for selector in [
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        *(b["spec"]["selector"]["matchLabels"] for b in of_kind(manifests, "PodDisruptionBudget")),
    ]:
        assert selector.items() <= pod["metadata"]["labels"].items()
        assert VERSION not in selector
    assert pod["metadata"]["labels"][VERSION] == "unreleased"


@pytest.mark.parametrize("overlay", OVERLAYS, ids=str)
def test_replicas_have_one_owner(overlay: Path) -> None:
    manifests = render(REPOSITORY / overlay)
    [deployment] = of_kind(manifests, "Deployment")
    scalers = of_kind(manifests, "HorizontalPodAutoscaler")
    assert ("replicas" in deployment["spec"]) == (not scalers)
    least = scalers[0]["spec"]["minReplicas"] if scalers else deployment["spec"]["replicas"]
    # A budget over a single pod would block the drain of its node.
    assert bool(of_kind(manifests, "PodDisruptionBudget")) == (least > 1)
    for scaler in scalers:
        assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
        assert scaler["spec"]["minReplicas"] < scaler["spec"]["maxReplicas"]


@pytest.mark.parametrize("overlay", OVERLAYS, ids=str)
def test_pods_are_restricted(overlay: Path) -> None:
    [deployment] = of_kind(render(REPOSITORY / overlay), "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    [container] = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert not container["image"].endswith(":latest")


def test_environments_differ() -> None:
    for app in ("digits", "recommender"):
        rendered = [
            yaml.safe_dump_all(render(REPOSITORY / overlay)).replace(overlay.parts[1], "")
            for overlay in OVERLAYS
            if overlay.name == app
        ]
        assert len(set(rendered)) == 3


def test_the_version_label_leaves_volume_claim_templates_alone(tmp_path: Path) -> None:
    for name in ("apps", "environments"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    overlay = tmp_path / "environments" / "dev" / "digits"
    (overlay / "store.yaml").write_text(STATEFUL_SET)
    file = overlay / "kustomization.yaml"
    file.write_text(file.read_text().replace("resources:\n", "resources:\n  - store.yaml\n", 1))
    [store] = of_kind(render(overlay), "StatefulSet")
    assert store["spec"]["template"]["metadata"]["labels"][VERSION] == "unreleased"
    assert "labels" not in store["spec"]["volumeClaimTemplates"][0]["metadata"]
