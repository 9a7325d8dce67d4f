"""The cluster's way against a real API server with Argo CD's own definitions; the test plays the
controller."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.apiserver import TOKEN, ApiServer, missing, start
from tests.support.argocd_answers import application
from tests.support.argocd_stack.installation import kinds, kinds_folder

from tidegate.adapters.argocd.cluster.access import Access
from tidegate.adapters.argocd.cluster.api import ClusterApi
from tidegate.adapters.argocd.cluster.applications import ClusterApplications
from tidegate.adapters.http import Http
from tidegate.domain.application import ApplicationName, Change, SyncRefused, SyncRequest
from tidegate.errors import NotFound, OutsideError

NAMESPACE = "contract-cluster"
PATH = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/applications"
SHOP = ApplicationName("shop-dev", "dev")
MERGE = {"Content-Type": "application/merge-patch+json"}
_REFRESH = "argocd.argoproj.io/refresh"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server of its own: others' tests expect no kinds of Argo CD's."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with start(tmp_path_factory.mktemp("apiserver")) as server:
        yield server


@pytest.fixture
def server(fresh: ApiServer) -> ApiServer:
    folder = kinds_folder()
    if folder is None:
        pytest.skip("no definitions of Argo CD's kinds: name their folder in ARGOCD_CRDS")
    client = fresh.client
    for kind in kinds(folder):
        client.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json=kind)
    client.post("/api/v1/namespaces", json={"metadata": {"name": NAMESPACE}})
    ends = time.monotonic() + 60
    while not client.get(PATH).is_success:
        assert time.monotonic() < ends
        time.sleep(0.1)
    for name, project in (("shop-dev", "dev"), ("other", "prod")):
        document = application(name, project=project, namespace=NAMESPACE)
        for field in ("managedFields", "creationTimestamp"):
            document["metadata"].pop(field)
        kind = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
        client.delete(f"{PATH}/{name}")
        assert client.post(PATH, json={**kind, **document}).status_code == 201
    return fresh


def applications_of(server: ApiServer, token: str = TOKEN) -> ClusterApplications:
    trust = ssl.create_default_context()
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    access = Access(str(server.client.base_url).rstrip("/"), trust, lambda: f"Bearer {token}")
    return ClusterApplications(ClusterApi(access, Http(verify=trust)), namespace=NAMESPACE)


def following(events: Iterator[Any]) -> Any:
    ends = time.monotonic() + 60
    for event in events:
        if event is not None:
            return event
        assert time.monotonic() < ends, "nothing came"
    raise AssertionError("a watch never ends by itself")


def play_controller(server: ApiServer) -> None:
    """Takes the refresh's annotation off, once."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        metadata = server.client.get(f"{PATH}/shop-dev").json()["metadata"]
        if _REFRESH in metadata.get("annotations", {}):
            gone = {"metadata": {"annotations": {_REFRESH: None}}}
            done = {**gone, "status": {"reconciledAt": "2027-01-01T00:00:00Z"}}
            server.client.patch(f"{PATH}/shop-dev", headers=MERGE, content=json.dumps(done))
            return
        time.sleep(0.05)


def test_applications_are_listed_synced_refreshed_and_watched(server: ApiServer) -> None:
    applications = applications_of(server)
    assert [a.name for a in applications.list(project="dev")] == [SHOP]
    assert applications.may("sync", "dev")
    events = applications.watch(project="dev")
    assert following(events).change is Change.ADDED
    begun = applications.sync(SHOP, SyncRequest(info={"tidegate": "nonce"}))
    assert not isinstance(begun, SyncRefused)
    assert begun.requested
    assert begun.operation is None
    assert isinstance(applications.sync(SHOP, SyncRequest()), SyncRefused)
    assert following(events).application.requested
    controller = threading.Thread(target=play_controller, args=(server,))
    controller.start()
    refreshed = applications.get(SHOP, refresh=True)
    controller.join()
    assert refreshed.reconciled is not None
    assert refreshed.reconciled.year == 2027
    assert list(applications.pods(SHOP)) == []
    assert [m.live for m in applications.managed(SHOP)] == [None]
    server.client.delete(f"{PATH}/shop-dev")
    last = following(events)
    while last.change is Change.MODIFIED:
        last = following(events)
    assert last.change is Change.DELETED
    with pytest.raises(NotFound):
        applications.get(SHOP)


def test_a_token_that_the_server_refuses_is_told_and_not_shown(server: ApiServer) -> None:
    with pytest.raises(OutsideError, match="Unauthorized") as caught:
        applications_of(server, "wrong-token").list()
    assert "wrong-token" not in f"{caught.value!r}"
