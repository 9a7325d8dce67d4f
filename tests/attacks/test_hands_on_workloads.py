"""Hand edits that leave the app's image somewhere, and have another one serve."""

from __future__ import annotations

import pytest
from tests.support.mlflow_server import mlflow_template  # noqa: F401
from tests.support.proposals import Proposals

pytestmark = pytest.mark.xdist_group("proposals")

FOLDER = "environments/staging/shop"
OVERLAY = f"{FOLDER}/kustomization.yaml"
BASE = "apps/shop/base/deployment.yaml"
IMAGE = "registry.example.com/shop/shop"

POD = "/spec/template/spec"
LABEL = "/spec/template/metadata/labels/app.kubernetes.io~1version"
RENAMED = f"""\
      - {{op: replace, path: {POD}/containers/0, value: {{name: modell, image: evil.example/x:1}}}}
      - op: add
        path: {POD}/initContainers
        value: [{{name: keep, image: '{IMAGE}', command: ["true"]}}]
"""
MOUNTED = f"""\
      - op: add
        path: {POD}/volumes
        value: [{{name: app, image: {{reference: "evil.example/x:1"}}}}]
      - {{op: add, path: {POD}/containers/0/command, value: [/app/evil]}}
"""
SECOND = """\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {app}}}}}
  template:
    metadata: {{labels: {{app: {app}}}}}
    spec: {{containers: [{{name: model, image: 'example.com/x:1'}}]}}
"""
ASLEEP = f"""\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: shop}}
spec:
  suspend: true
  schedule: "0 0 1 1 *"
  jobTemplate: {{spec: {{template: {{spec: {{containers: [{{name: model, image: {IMAGE}}}]}}}}}}}}
---
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{selector: {{app: {app}}}}}
"""


def patched(proposals: Proposals, steps: str, field: str = "patches") -> dict[str, str]:
    target = "  - target: {group: apps, version: v1, kind: Deployment, name: shop}\n"
    text = f"{field}:\n{target}    patch: |-\n{steps}"
    return {OVERLAY: proposals.show(OVERLAY) + text}


def added(proposals: Proposals, manifest: str) -> dict[str, str]:
    overlay = proposals.show(OVERLAY).replace("resources:\n", "resources:\n  - more.yaml\n")
    return {OVERLAY: overlay, f"{FOLDER}/more.yaml": manifest}


def test_a_container_is_renamed_and_runs_another_image(proposals: Proposals) -> None:
    head = proposals.commit(patched(proposals, RENAMED))
    text = f"shop would not run {IMAGE} any more, in spec.template.spec.containers[].image"
    proposals.refused(head, text, OVERLAY)


def test_the_workload_sleeps_while_another_one_answers(proposals: Proposals) -> None:
    awake = SECOND.format(kind="StatefulSet", name="shop", app="shop")
    head = proposals.commit({BASE: ASLEEP + awake})
    proposals.refused(head, f"Deployment shop-staging/shop would not run {IMAGE} any more", BASE)
    proposals.refused(head, f"StatefulSet shop-staging/shop would answer for {IMAGE}", BASE)


def test_another_workload_answers_beside_it(proposals: Proposals) -> None:
    second = SECOND.format(kind="Deployment", name="shop-b", app="shop")
    head = proposals.commit(added(proposals, second))
    proposals.refused(head, f"Deployment shop-staging/shop-b would answer for {IMAGE}")


def test_the_service_leads_elsewhere(proposals: Proposals) -> None:
    base = proposals.commit(added(proposals, SERVICE.format(name="shop", app="shop")))
    led_away = SERVICE.format(name="shop", app="other")
    head = proposals.commit({f"{FOLDER}/more.yaml": led_away}, on=base)
    answer = proposals.verify(head, base=base)
    assert answer.code == 1
    (objection,) = answer.json["objections"]
    assert f"Service shop-staging/shop would not lead to {IMAGE}" in objection["message"]


def test_an_image_is_mounted_over_the_models(proposals: Proposals) -> None:
    head = proposals.commit(patched(proposals, MOUNTED))
    proposals.refused(head, "would mount evil.example/x:1 instead of nothing", OVERLAY)


def test_an_image_outside_of_containers_is_another(proposals: Proposals) -> None:
    """KServe has one in its own field, which a configuration tells kustomize of."""
    service = f"""\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: shop}}
spec: {{predictor: {{model: {{modelFormat: {{name: sklearn}}, image: {IMAGE}}}}}}}
"""
    fields = "images:\n  - {path: spec/predictor/model/image, kind: InferenceService}\n"
    overlay = proposals.show(OVERLAY) + "configurations: [images.yaml]\n"
    files = {BASE: service, OVERLAY: overlay, f"{FOLDER}/images.yaml": fields}
    base = proposals.commit(files)
    steps = "      - {op: replace, path: /spec/predictor/model/image, value: 'evil.example/x:1'}\n"
    text = f"patches:\n  - target: {{kind: InferenceService}}\n    patch: |-\n{steps}"
    head = proposals.commit({OVERLAY: overlay + text}, on=base)
    answer = proposals.verify(head, base=base)
    assert answer.code == 1, answer.out
    (objection,) = answer.json["objections"]
    assert f"would run evil.example/x:1 instead of {IMAGE}:" in objection["message"]


@pytest.mark.parametrize(
    "step",
    [
        f"{{op: replace, path: {LABEL}, value: '99'}}",
        f"{{op: remove, path: {LABEL}}}",
    ],
)
def test_a_patch_says_another_version(proposals: Proposals, step: str) -> None:
    head = proposals.commit(patched(proposals, f"      - {step}\n", "patchesJson6902"))
    proposals.refused(head, "say version", OVERLAY)
