"""`argocd.via: kubernetes` on a real cluster: a service account with a role, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.argocd_stack import Stack
from tests.support.live_shop import DENY, NEVER_READY, Shop, open_shop, outcome, record
from tests.support.mlflow_server import MlflowStore, mlflow_store, mlflow_template  # noqa: F401

pytestmark = pytest.mark.xdist_group("argocd")

ACCOUNT = "tidegate"
_RBAC = "rbac.authorization.k8s.io"
# What docs/configuration.md asks for.
_ARGOCD_RULES = [
    {
        "apiGroups": ["argoproj.io"],
        "resources": ["applications"],
        "verbs": ["get", "list", "watch", "patch"],
    },
    {"apiGroups": ["argoproj.io"], "resources": ["appprojects"], "verbs": ["get"]},
    {"apiGroups": ["apps"], "resources": ["statefulsets"], "verbs": ["list"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["list"]},
]
_APP_RULES = [
    {"apiGroups": [""], "resources": ["pods", "events"], "verbs": ["list"]},
    {
        "apiGroups": ["apps"],
        "resources": ["deployments", "replicasets", "statefulsets", "daemonsets"],
        "verbs": ["get", "list"],
    },
    {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["list"]},
]


def kubeconfig(stack: Stack, namespace: str, folder: Path) -> Path:
    """A file for an account that may look at the app and ask for its syncs."""
    account = {"name": ACCOUNT, "namespace": "argocd"}
    stack.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    for place, rules in (("argocd", _ARGOCD_RULES), (namespace, _APP_RULES)):
        metadata = {"name": f"{ACCOUNT}-{namespace}", "namespace": place}
        stack.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place}},
            {
                "apiVersion": f"{_RBAC}/v1",
                "kind": "Role",
                "metadata": metadata,
                "rules": rules,
            },
            {
                "apiVersion": f"{_RBAC}/v1",
                "kind": "RoleBinding",
                "metadata": metadata,
                "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": metadata["name"]},
                "subjects": [{"kind": "ServiceAccount", **account}],
            },
        )
    path = f"/api/v1/namespaces/argocd/serviceaccounts/{ACCOUNT}/token"
    answer = stack.kubernetes.client.post(path, json={"spec": {"expirationSeconds": 3600}})
    token = answer.raise_for_status().json()["status"]["token"]
    (authority,) = stack.folder.glob("**/apiserver.crt")
    cluster = {"server": stack.kubernetes.url, "certificate-authority": str(authority)}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": cluster}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"token": token}}],
    }
    file = folder / "account-kubeconfig"
    file.write_text(yaml.safe_dump(document), "utf-8")
    return file


@pytest.fixture(scope="module")
def stack(argocd_stack: Stack) -> Stack:
    return argocd_stack


@pytest.fixture
def shop(stack: Stack, tmp_path: Path, mlflow_store: MlflowStore) -> Iterator[Shop]:  # noqa: F811
    with open_shop(stack, tmp_path, mlflow_store) as made:
        settings = made.world.show("tidegate.yaml").replace("plainText: true", "via: kubernetes")
        made.world.push({"tidegate.yaml": settings}, "no API of Argo CD's")
        file = kubeconfig(stack, made.name, tmp_path)
        yield replace(made, environ={"KUBECONFIG": str(file)})


def test_an_account_is_all_that_it_takes(shop: Shop) -> None:
    shop.promote()
    answer = shop.wait()
    assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
    assert shop.images() == {record(shop)}
    shown = shop.tidegate("status")
    assert shown.code == 0, shown.out + shown.err
    (app,) = shown.json["apps"]
    (cluster,) = app["live"]
    assert (cluster["sync"], cluster["health"]) == ("Synced", "Healthy")
    assert [running["version"] for running in cluster["running"]] == ["1"]
    shop.promote()
    answer = shop.tidegate("sync", "--wait", "--healthy-for", "1")
    assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
    assert shop.images() == {record(shop)}


def test_what_never_gets_ready_is_not_live(shop: Shop) -> None:
    shop.promote(NEVER_READY)
    answer = shop.wait("--timeout", "30")
    assert answer.code == 3, answer.out + answer.err
    assert outcome(answer) in ("degraded", "timed_out")
    assert "ImagePullBackOff" in answer.out


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
    shop.apply(syncWindows=[{**DENY, "kind": "allow"}])
    answer = shop.wait()
    assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
    assert shop.images() == {record(shop)}


def test_a_controller_that_is_down_is_unknown(shop: Shop) -> None:
    shop.promote()
    controller: Any = shop.stack.servers["argocd-application-controller"]
    controller.pause()
    try:
        answer = shop.wait("--timeout", "15")
    finally:
        controller.resume()
    assert (answer.code, outcome(answer)) == (3, "unknown"), answer.out + answer.err
    assert shop.wait().code == 0
