"""What wants no pods, by its kind, and what can't make them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.observations import DIGEST, IMAGE

from tidegate.delivery.standing import stand
from tidegate.delivery.trouble import blind
from tidegate.domain.application import ManagedResource, ResourceName


def managed(kind: str, spec: dict[str, Any], api: str = "apps/v1") -> ManagedResource:
    live = {"apiVersion": api, "kind": kind, "spec": {"image": IMAGE, **spec}}
    return ManagedResource(ResourceName("", kind, "shop", "shop"), None, live)


@pytest.mark.parametrize(
    ("item", "idle"),
    [
        (managed("Deployment", {"replicas": 0}), True),
        (managed("Deployment", {"replicas": 1}), False),
        (managed("Deployment", {}), False),
        (managed("CronJob", {}, "batch/v1"), True),
        (managed("InferenceService", {"predictor": {"minReplicas": 0}}), True),
        (managed("InferenceService", {"predictor": {}}), False),
        (managed("Service", {"template": {}}, "serving.knative.dev/v1"), True),
        (managed("Service", {"template": []}, "serving.knative.dev/v1"), True),
        (
            managed(
                "Service",
                {
                    "template": {
                        "metadata": {"annotations": {"autoscaling.knative.dev/min-scale": "1"}}
                    }
                },
                "serving.knative.dev/v1",
            ),
            False,
        ),
        (managed("Rollout", {"replicas": 0}, "argoproj.io/v1alpha1"), True),
    ],
)
def test_by_kind(item: ManagedResource, idle: bool) -> None:
    assert stand([item], DIGEST).idle is idle


def test_something_has_to_carry_the_digest_and_all_of_it_counts() -> None:
    zero, one = managed("Deployment", {"replicas": 0}), managed("StatefulSet", {"replicas": 1})
    assert not stand([], DIGEST).idle
    assert not stand([zero], "sha256:" + "0" * 64).idle
    assert not stand([zero, one], DIGEST).idle
    absent = ManagedResource(ResourceName("", "Deployment", "shop", "shop"), {"spec": {}}, None)
    assert not stand([absent], DIGEST).idle


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("rpc error: code = Unavailable desc = connection error", True),
        ("failed to list refs: authentication required", True),
        ("dial tcp 10.0.0.1:443: i/o timeout", True),
        ("ssh: connect to host git.example.com port 22: Connection timed out", True),
        ("dial tcp 10.0.0.1:443: connect: no route to host", True),
        ("lookup git.example.com: Temporary failure in name resolution", True),
        ("etcdserver: request timed out", True),
        ("net/http: request canceled (Client.Timeout exceeded while awaiting headers)", True),
        ('failed calling webhook "v.kserve.io": no endpoints available for service "kserve"', True),
        (
            "tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
            True,
        ),
        ("rpc error: code = Unknown desc = `kustomize build .` failed exit status 1", False),
        (".spec.replicas: expected numeric (int or float), got string", False),
        ("one or more objects failed to apply, reason: Deployment is invalid", False),
    ],
)
def test_what_says_that_argo_cd_cannot_see(message: str, expected: bool) -> None:
    assert blind(message) is expected


QUOTA = 'pods "shop-1" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1'


def said(*conditions: object) -> ManagedResource:
    name = ResourceName("apps", "Deployment", "shop", "shop")
    status = {"conditions": list(conditions)}
    return ManagedResource(name, None, {"spec": {"image": IMAGE}}, status=status)


def test_what_cannot_make_its_pods_says_why() -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}
    failing = said({"type": "Available", "status": "True"}, failure | {"message": QUOTA})
    assert stand([failing], DIGEST).refused == (f"Deployment shop: FailedCreate: {QUOTA}",)
    assert stand([failing], "sha256:" + "0" * 64).refused == ()
    assert stand([said(failure | {"status": "False"})], DIGEST).refused == ()
    assert stand([said("no condition", None)], DIGEST).refused == ()
