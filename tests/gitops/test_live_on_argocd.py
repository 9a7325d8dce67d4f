"""From the command line to a real Argo CD and real pods: what is live, what isn't, and why."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.argocd_stack import Stack
from tests.support.gitops import Answer
from tests.support.live_shop import ARGOCD, DENY, NEVER_READY, Shop, open_shop, outcome, record
from tests.support.mlflow_server import (  # noqa: F401
    MlflowStore,
    mlflow_store,
)

pytestmark = pytest.mark.xdist_group("argocd")

AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  maxReplicas: 3
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
"""
# What its controller says once it has them.
MEASURED = [
    {"type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale"},
    {"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound"},
]


@pytest.fixture
def shop(argocd_stack: Stack, tmp_path: Path, mlflow_store: MlflowStore) -> Iterator[Shop]:  # noqa: F811
    with open_shop(argocd_stack, tmp_path, mlflow_store) as made:
        yield made


def test_promotions_become_live_one_after_the_other(shop: Shop) -> None:
    for _ in range(3):
        shop.promote()
        answer = shop.wait()
        assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
        assert shop.images() == {record(shop)}


def test_an_image_laid_over_the_overlay_is_never_live(shop: Shop) -> None:
    """As Argo CD Image Updater does, though the image is ours."""
    shop.promote()
    change = {"spec": {"source": {"kustomize": {"images": [record(shop)]}}}}
    shop.stack.patch(ARGOCD, "Application", shop.name, "argocd", change)
    answer = shop.wait("--timeout", "20s")
    assert (answer.code, outcome(answer)) == (3, "unknown"), answer.out + answer.err
    assert "spec.source.kustomize.images" in answer.out


def test_a_sync_that_is_asked_for_is_waited_for(shop: Shop) -> None:
    shop.promote()
    answer = shop.tidegate("sync", "--wait", "--healthy-for", "1")
    assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
    assert shop.images() == {record(shop)}
    dry = shop.tidegate("sync", "--dry-run")
    assert (dry.code, outcome(dry)) == (0, "waiting"), dry.out + dry.err


def test_an_image_that_never_gets_ready_is_not_live(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    runs = shop.images()
    shop.promote(NEVER_READY)
    answer = shop.wait("--timeout", "30")
    assert answer.code == 3, answer.out + answer.err
    assert outcome(answer) in ("degraded", "timed_out")
    assert "ImagePullBackOff" in answer.out
    assert shop.images() == runs


def test_pods_that_a_quota_forbids_say_so(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    runs = shop.images()
    metadata = {"name": "none", "namespace": shop.name}
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata}
    shop.stack.apply(quota | {"spec": {"hard": {"pods": "0"}}})
    shop.promote()
    answer = shop.wait("--timeout", "30")
    assert (answer.code, outcome(answer)) == (3, "timed_out"), answer.out + answer.err
    assert "FailedCreate" in answer.out
    assert "exceeded quota: none" in answer.out
    assert shop.images() == runs


def test_an_autoscaler_without_metrics_is_waited_for(shop: Shop) -> None:
    """It is Degraded from its first look on: nothing here has metrics, until the test says so."""
    shop.promote()
    base = {
        "apps/shop/base/autoscaler.yaml": AUTOSCALER,
        "apps/shop/base/kustomization.yaml": "resources: [deployment.yaml, autoscaler.yaml]\n",
    }
    shop.world.push(base, "scale it")
    answer = shop.wait("--timeout", "60")
    assert (answer.code, outcome(answer)) == (3, "timed_out"), answer.out + answer.err
    assert "HorizontalPodAutoscaler shop: Degraded" in answer.out
    assert shop.images() == {record(shop)}
    waiting = shop.spawn_wait("--timeout", "120")
    while waiting.poll() is None:
        shop.patch_autoscaler({"conditions": MEASURED})
        time.sleep(0.2)
    out, err = waiting.communicate()
    assert waiting.returncode == 0, out + err


def test_a_manifest_that_the_cluster_refuses_fails(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    runs = shop.images()
    wrong = shop.world.show("apps/shop/base/deployment.yaml") + "\n  replicas: many\n"
    shop.world.push({"apps/shop/base/deployment.yaml": wrong}, "break it")
    shop.promote()
    answer = shop.wait("--timeout", "120")
    assert (answer.code, outcome(answer)) == (3, "failed"), answer.out + answer.err
    assert shop.images() == runs


def test_a_manifest_that_kustomize_refuses_fails(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    runs = shop.images()
    shop.world.push({"apps/shop/base/kustomization.yaml": "resources: [gone.yaml]\n"}, "break it")
    answer = shop.wait("--timeout", "120")
    assert (answer.code, outcome(answer)) == (3, "failed"), answer.out + answer.err
    assert "gone.yaml" in answer.out
    assert shop.images() == runs


def test_a_rollback_is_live_again(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    runs = shop.images()
    shop.promote(NEVER_READY)
    assert shop.wait("--timeout", "20").code == 3
    back = shop.tidegate("rollback", "--reason", "never gets ready")
    assert back.code == 0, back.out + back.err
    answer = shop.wait()
    assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
    assert shop.images() == runs == {record(shop)}


def test_a_promotion_that_is_overtaken_says_so(shop: Shop) -> None:
    first = shop.promote(NEVER_READY)
    waiting = shop.spawn_wait("--revision", first, "--timeout", "120")
    shop.stack.wait_for(lambda: _phase(shop) == "Succeeded")
    second = shop.promote()
    answer = shop.wait()
    assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
    out, err = waiting.communicate(timeout=120)
    overtaken = Answer(waiting.returncode, out, err)
    assert (overtaken.code, outcome(overtaken)) == (3, "superseded"), out + err
    (app,) = overtaken.json["apps"]
    assert app["supersededBy"]["revision"] == second
    late = shop.wait("--revision", first)
    assert (late.code, outcome(late)) == (3, "superseded")
    assert shop.images() == {record(shop)}


def test_a_window_that_is_closed_blocks(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    runs = shop.images()
    shop.apply(syncWindows=[DENY])
    shop.promote()
    answer = shop.wait("--timeout", "60")
    assert (answer.code, outcome(answer)) == (1, "blocked"), answer.out + answer.err
    refused = shop.tidegate("sync", "--wait")
    assert (refused.code, outcome(refused)) == (1, "blocked"), refused.out + refused.err
    assert shop.images() == runs
    shop.apply()
    answer = shop.wait()
    assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
    assert shop.images() == {record(shop)}


def test_a_controller_that_is_down_never_makes_anything_live(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    controller = shop.stack.servers["argocd-application-controller"]
    shop.promote()
    controller.pause()
    try:
        answer = shop.wait("--timeout", "15")
    finally:
        controller.resume()
    assert (answer.code, outcome(answer)) == (3, "unknown"), answer.out + answer.err
    assert shop.wait().code == 0
    assert shop.images() == {record(shop)}


def _phase(shop: Shop) -> str:
    status = shop.stack.application(shop.name, refresh=False).get("status", {})
    return str(status.get("operationState", {}).get("phase", ""))
