"""`diff --live`, from the command line to a small Argo CD and to a cluster's own API."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.support.argocd import fake_argocd, on, refusal, status  # noqa: F401
from tests.support.argocd_cluster import FakeCluster
from tests.support.delivery import Delivery, argo_cd_that_follows  # noqa: F401
from tests.support.gitops import Answer
from tests.support.releases import past  # noqa: F401

from tidegate.repository.schemas import schema

VALIDATOR = Draft202012Validator(schema("report"))
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
NAMED = {"name": "shop", "namespace": "shop-prod"}


def resource(wanted: Any, live: Any, **more: Any) -> dict[str, Any]:
    """An item of Argo CD's managed resources, which has every document as text."""
    shown = wanted or live
    metadata = shown["metadata"]
    wanted_text, live_text = json.dumps(wanted), json.dumps(live)
    return {
        "group": shown["apiVersion"].rpartition("/")[0],
        "kind": shown["kind"],
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "targetState": wanted_text,
        "liveState": live_text,
        "predictedLiveState": wanted_text,
        "normalizedLiveState": live_text,
        **more,
    }


def deployment(replicas: int, **metadata: Any) -> dict[str, Any]:
    spec = {"replicas": replicas, "strategy": {"type": "RollingUpdate"}}
    named = {**NAMED, **metadata}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": named, "spec": spec}


def secret(value: str) -> dict[str, Any]:
    held = base64.b64encode(value.encode()).decode()
    data = {"data": {"key": held}, "stringData": {"plain": value}}
    applied = {APPLIED: json.dumps(data)}
    metadata = {**NAMED, "annotations": applied}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **data}


def service(name: str) -> dict[str, Any]:
    metadata = {**NAMED, "name": name}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": []}}


@pytest.fixture(name="name")
def shipped(delivery: Delivery) -> str:
    delivery.past.ship("shop", "1")
    return delivery.deploy("shop", "1")


def has(delivery: Delivery, name: str, *items: dict[str, Any]) -> None:
    delivery.argocd.below[name, "managed-resources"] = {"items": list(items)}


def diff(delivery: Delivery, *arguments: str, form: str = "json", **environ: str) -> Answer:
    words = ("diff", "shop", "--env", "prod", "--live", "--format", form)
    answer = delivery.tidegate(*words, *arguments, **environ)
    if form == "json":
        assert [e.message for e in VALIDATOR.iter_errors(answer.json)] == []
    return answer


def test_fields_objects_and_what_is_the_same(delivery: Delivery, name: str) -> None:
    live = deployment(9, managedFields=[{}], generation=4, resourceVersion="7")
    has(
        delivery,
        name,
        resource(deployment(3), live),
        resource(service("new"), None),
        resource(None, service("old")),
        resource(service("same"), service("same")),
        resource(service("hook"), None, hook=True),
    )
    answer = diff(delivery, form="text")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        f"{name} on https://kubernetes.default.svc, compared with {delivery.past.head()[:10]}\n"
        "Deployment shop-prod/shop differs\n"
        "    spec.replicas: 9 → 3\n"
        "Service shop-prod/new is not in the cluster\n"
        "Service shop-prod/old is no longer in Git\n"
        "3 objects differ, 1 as Git wants.\n"
    )
    (cluster,) = diff(delivery).json["clusters"]
    assert cluster["objects"][0]["fields"] == [
        {"path": "spec.replicas", "change": "changed", "live": 9, "wanted": 3}
    ]
    marked = diff(delivery, form="markdown").out
    assert "| `spec.replicas` | `9` | `3` |" in marked


def test_no_value_of_a_secret_is_ever_shown(delivery: Delivery, name: str) -> None:
    has(delivery, name, resource(secret("hush-new"), secret("hush-old")))
    for form in ("text", "json", "markdown"):
        answer = diff(delivery, form=form)
        assert answer.code == 0
        assert "data" in answer.out
        for value in ("hush-new", "hush-old"):
            assert value not in answer.out + answer.err
            assert base64.b64encode(value.encode()).decode() not in answer.out


def test_two_versions_of_one_kind_are_one_object(delivery: Delivery, name: str) -> None:
    old = {**deployment(3), "apiVersion": "apps/v1beta1"}
    has(delivery, name, resource(deployment(3), old))
    (cluster,) = diff(delivery).json["clusters"]
    (changed,) = cluster["objects"]
    assert changed["fields"] == [
        {"path": "apiVersion", "change": "changed", "live": "apps/v1beta1", "wanted": "apps/v1"}
    ]


def test_a_controller_that_is_down_is_told(delivery: Delivery, name: str) -> None:
    has(delivery, name, resource(deployment(3), deployment(3)))
    asked = on("GET", f"/applications/{name}$", status(504), times=3)
    delivery.argocd.faults.append(asked)
    answer = diff(delivery)
    (cluster,) = answer.json["clusters"]
    assert (answer.code, cluster["unchanged"]) == (0, 1)
    assert cluster["notes"][0].startswith("this is Argo CD's last comparison of 2026-11-22 10:35")


def test_another_commit_and_a_manifest_that_cannot_be_made(delivery: Delivery, name: str) -> None:
    condition = {"type": "ComparisonError", "message": "kustomize build failed"}
    delivery.status[name] = {"conditions": [condition], "sync": {"status": "Unknown"}}
    has(delivery, name)
    notes = diff(delivery).json["clusters"][0]["notes"]
    assert notes == [
        "Argo CD compared with no commit, not with the head", "kustomize build failed"
    ]  # fmt: skip


def test_what_cannot_be_compared(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    missing = diff(delivery)
    assert (missing.code, missing.json["error"]["type"]) == (3, "NotFound")
    assert diff(delivery, "--against", "HEAD").code == 2
    delivery.argocd.faults.append(on("GET", "", refusal(403, 7, "permission denied"), times=9))
    assert diff(delivery).code == 3
    wrong = delivery.tidegate("diff", "shp", "--env", "prod", "--live")
    assert (wrong.code, "did you mean 'shop'?" in wrong.err) == (2, True)


def test_the_clusters_own_api_names_the_objects(
    delivery: Delivery, name: str, tmp_path: Path
) -> None:
    settings = delivery.past.show("tidegate.yaml").split("\nargocd:")[0]
    more = "\nargocd: {via: kubernetes, context: fake}\n"
    delivery.past.push({"tidegate.yaml": settings + more}, "through the cluster")

    def differ(document: dict[str, Any]) -> None:
        (known,) = document["status"]["resources"]
        document["status"]["resources"] = [
            known,
            {**known, "name": "changed", "status": "OutOfSync"},
            {**known, "name": "gone", "status": "OutOfSync", "requiresPruning": True},
            {**known, "name": "new", "status": "OutOfSync", "health": {"status": "Missing"}},
        ]

    delivery.argocd.change(name, differ)
    with FakeCluster(delivery.argocd) as cluster:
        answer = diff(delivery, KUBECONFIG=str(cluster.kubeconfig(tmp_path)))
    assert answer.code == 0, answer.err
    (found,) = answer.json["clusters"]
    assert {o["name"]: o["change"] for o in found["objects"]} == {
        "changed": "changed", "gone": "removed", "new": "added"
    }  # fmt: skip
    assert (found["compared"], found["unchanged"]) == (False, 1)
    assert "argocd.via: api shows their fields" in found["notes"][-1]
