"""Applications through the cluster's API: access, refusals, pods, Secrets, and a lost history."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.argocd import cut, drop, on, refusal, slow, status
from tests.support.argocd_answers import application
from tests.support.argocd_worlds import SHOP, FakeWorld, fake_world

from tidegate.adapters.argocd.cluster.access import Access, open_access
from tidegate.adapters.argocd.cluster.api import ClusterApi
from tidegate.adapters.argocd.cluster.applications import ClusterApplications
from tidegate.adapters.argocd.cluster.objects import masked
from tidegate.adapters.argocd.cluster.watch import ClusterWatch
from tidegate.adapters.argocd.cluster.workloads import belongs, pod_of
from tidegate.adapters.argocd.pace import Pace
from tidegate.adapters.argocd.selection import Selection
from tidegate.adapters.http import Http
from tidegate.domain.application import ResourceName, SyncRefused, SyncRequest
from tidegate.domain.difference import MASK
from tidegate.errors import ConflictError, InputError, NotFound, OutsideError, Unreachable

PATH = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[FakeWorld]:
    with fake_world("kubernetes", tmp_path) as found:
        yield found


def api_of(world: FakeWorld, **options: Any) -> ClusterApi:
    access = Access(world.cluster.url, None, lambda: f"Bearer {world.cluster.token}")
    return ClusterApi(access, Http(sleep=lambda _: None, jitter=lambda: 0.0, **options))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (status(401, b"{}", "application/json"), OutsideError),
        (
            status(403, b'{"message": "forbidden: User \\u001b[2J"}', "application/json"),
            OutsideError,
        ),
        (status(404), NotFound),
        (status(409), ConflictError),
        (status(429), Unreachable),
        (status(500, b"{}", "application/json"), Unreachable),
        (status(502, b"<html>", "text/html"), Unreachable),
        (status(200, b"<html>", "text/html"), OutsideError),
        (status(200, b"{", "application/json"), OutsideError),
        (drop, Unreachable),
        (cut(5), Unreachable),
    ],
)
def test_a_refusal_is_the_right_error(world: FakeWorld, fault: Any, error: Any) -> None:
    world.cluster.faults.append(on("GET", "", fault, times=math.inf))
    applications = ClusterApplications(api_of(world))
    for ask in (applications.get, applications.pods, applications.events, applications.windows):
        with pytest.raises(error) as caught:
            ask(SHOP)
        assert world.cluster.token not in f"{caught.value!r} {caught.value.hint}"
        assert caught.value.message.isprintable()


def test_a_refresh_that_the_controller_ignores_ends(world: FakeWorld) -> None:
    world.cluster.refreshes = set()
    applications = ClusterApplications(api_of(world), refresh_timeout=0.5)
    with pytest.raises(Unreachable, match="did not look at") as caught:
        applications.get(SHOP, refresh=True)
    assert "argocd-application-controller" in str(caught.value.hint)


def test_a_refresh_that_is_missed_is_asked_for_in_another_way(world: FakeWorld) -> None:
    world.cluster.refreshes = {"hard"}
    applications = ClusterApplications(api_of(world), before_hard=0.3)
    before = applications.get(SHOP).reconciled
    after = applications.get(SHOP, refresh=True).reconciled
    assert before is not None
    assert after is not None
    assert after > before


def test_a_sync_takes_the_policys_options_and_no_revision(world: FakeWorld) -> None:
    world.argocd.on_sync = lambda document: None
    world.applications.sync(SHOP, SyncRequest(prune=True, info={"a": "b"}))
    operation = world.argocd.document(SHOP.name)["operation"]
    assert operation == {
        "sync": {"prune": True, "dryRun": False, "syncOptions": ["CreateNamespace=true"]},
        "initiatedBy": {"username": "tidegate"},
        "info": [{"name": "a", "value": "b"}],
    }


@pytest.mark.parametrize("code", [403, 404, 503])
def test_a_sync_needs_no_look_at_the_project(world: FakeWorld, code: int) -> None:
    """Then the controller holds it back, where a window forbids it."""
    world.deny()
    world.cluster.faults.append(on("GET", "/appprojects/", status(code), times=math.inf))
    applications = ClusterApplications(api_of(world))
    assert not isinstance(applications.sync(SHOP, SyncRequest()), SyncRefused)
    with pytest.raises(OutsideError):
        applications.windows(SHOP)


def test_a_sync_that_meets_a_change_is_tried_again_and_not_for_ever(world: FakeWorld) -> None:
    conflict = status(409, b'{"message": "the object has been modified"}', "application/json")
    world.cluster.faults.append(on("PATCH", "", conflict, times=2))
    assert not isinstance(world.applications.sync(SHOP, SyncRequest()), SyncRefused)
    world.cluster.faults.append(on("PATCH", "", conflict, times=math.inf))
    with pytest.raises(ConflictError):
        world.applications.sync(SHOP, SyncRequest())


def test_an_operation_is_ended_though_the_controller_writes_meanwhile(world: FakeWorld) -> None:
    world.occupy()
    conflict = status(409, b'{"message": "the object has been modified"}', "application/json")
    world.cluster.faults.append(on("PATCH", "", conflict, times=2))
    world.applications.terminate(SHOP)
    state = world.argocd.document(SHOP.name)["status"]["operationState"]
    assert state["phase"] != "Running"


def test_objects_on_another_cluster_are_not_looked_for_here(world: FakeWorld) -> None:
    def move(document: Any) -> None:
        document["spec"]["destination"]["server"] = "https://elsewhere.example.com"

    world.argocd.change(SHOP.name, move)
    for ask in (world.applications.pods, world.applications.managed):
        with pytest.raises(OutsideError, match="another cluster"):
            ask(SHOP)


def test_secrets_are_masked_wherever_their_values_are(world: FakeWorld) -> None:
    secret = {
        "kind": "Secret",
        "metadata": {
            "name": "db",
            "namespace": "shop-dev",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2"},
            "managedFields": [{"hunter2": 1}],
        },
        "data": {"password": "hunter2"},
        "stringData": {"password": "hunter2"},
    }
    assert "hunter2" not in json.dumps(masked(secret))
    assert masked(secret)["data"] == {"password": MASK}
    listed = {key: value for key, value in secret.items() if key != "kind"}
    world.cluster.objects["/api/v1/namespaces/shop-dev/secrets"] = [listed]

    def add(document: Any) -> None:
        item = {"kind": "Secret", "version": "v1", "namespace": "shop-dev", "name": "db"}
        absent = {"group": "example.com", "kind": "Thing", "namespace": "shop-dev", "name": "x"}
        document["status"]["resources"] += [item, absent]

    world.argocd.change(SHOP.name, add)
    found = {m.resource.kind: m for m in world.applications.managed(SHOP)}
    assert "hunter2" not in str(found["Secret"])
    assert found["Thing"].live is None


def pod(**status_fields: Any) -> Any:
    return {
        "metadata": {"name": "p", "namespace": "n", "uid": "u"},
        "spec": {"containers": [{"image": "a"}, {"image": "b"}]},
        "status": {"phase": "Pending", **status_fields},
    }


def waiting(reason: str, **more: Any) -> Any:
    return {"ready": False, "state": {"waiting": {"reason": reason}}, **more}


@pytest.mark.parametrize(
    ("document", "reason", "health"),
    [
        (pod(), "Pending", "Progressing"),
        (pod(containerStatuses=[waiting("ImagePullBackOff")]), "ImagePullBackOff", "Degraded"),
        (pod(containerStatuses=[waiting("ContainerCreating")]), "ContainerCreating", "Progressing"),
        (pod(initContainerStatuses=[waiting("CrashLoopBackOff")]),
         "Init:CrashLoopBackOff", "Degraded"),
        (pod(containerStatuses=[{"state": {"terminated": {"exitCode": 137}}}]),
         "ExitCode:137", "Progressing"),
        (pod(phase="Failed", reason="Evicted"), "Evicted", "Degraded"),
        (pod(phase="Succeeded"), "Succeeded", "Healthy"),
        (pod(phase="Running", containerStatuses=[{"ready": True}]), "Running", "Progressing"),
        (pod(phase="Running", containerStatuses=[{"ready": True}] * 2), "Running", "Healthy"),
        ({**pod(), "metadata": {"name": "p", "deletionTimestamp": "2026-01-01T00:00:00Z"}},
         "Terminating", "Progressing"),
    ],
)  # fmt: skip
def test_a_pods_reason_is_what_kubectl_shows(document: Any, reason: str, health: str) -> None:
    found = pod_of(document)
    assert (found.reason, found.health.status, found.containers) == (reason, health, 2)


def test_pods_are_an_applications_by_owner_or_by_mark() -> None:
    def owned(kind: str, name: str, version: str = "apps/v1") -> Any:
        owner = {"apiVersion": version, "kind": kind, "name": name, "uid": name}
        return {"metadata": {"name": "p", "namespace": "n", "ownerReferences": [owner]}}

    service = ResourceName("serving.kserve.io", "InferenceService", "n", "model")
    assert belongs(owned("InferenceService", "model", "serving.kserve.io/v1"), "a", {service}, {})
    assert not belongs(
        owned("InferenceService", "other", "serving.kserve.io/v1"), "a", {service}, {}
    )
    tracked = {"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "a:apps/X:n/p"}}}
    assert belongs(tracked, "a", set(), {})
    assert not belongs(tracked, "b", set(), {})
    assert belongs({"metadata": {"labels": {"app.kubernetes.io/instance": "a"}}}, "a", set(), {})
    assert belongs({"metadata": {"name": "p", "namespace": "n"}}, "a",
                   {ResourceName("", "Pod", "n", "p")}, {})  # fmt: skip


def test_a_pod_that_owns_itself_ends_nobodys_patience(world: FakeWorld) -> None:
    for document in world.cluster.objects["/apis/apps/v1/namespaces/shop-dev/replicasets"]:
        document["metadata"]["ownerReferences"][0]["uid"] = document["metadata"]["uid"]
    assert world.applications.pods(SHOP) == []


def watch_of(world: FakeWorld, **options: Any) -> Iterator[Any]:
    selection = Selection("dev")
    options = {"home": "argocd", "pace": Pace(tick=0.1), **options}
    return ClusterWatch(api_of(world), PATH, selection, **options).events()


def test_a_lost_history_begins_anew_and_tells_what_went(world: FakeWorld) -> None:
    world.argocd.put(application("b"))
    events = watch_of(world)
    assert {next(events).application.name.name for _ in range(2)} == {"shop-dev", "b"}
    for _ in range(2):
        world.argocd.delete("b", quietly=True)
        world.argocd.put(application("b"))
        world.cluster.forget()
        world.cluster.end_streams()
        found: list[str] = []
        ends = time.monotonic() + 60
        while len(found) < 2 and time.monotonic() < ends:
            event = next(events)
            found += [event.change.value] if event else []
        assert found == ["DELETED", "ADDED"]


@pytest.mark.parametrize(
    "fault",
    [drop, status(503), refusal(500, 13, "etcd"), slow(600), status(200, b"rub\n", "text/html")],
)
def test_nobody_there_is_told_in_time(world: FakeWorld, fault: Any) -> None:
    world.cluster.faults.append(on("GET", "", fault, times=math.inf))
    watch = ClusterWatch(api_of(world, timeout=0.3), PATH, Selection(), home="argocd", patience=1.0)
    with pytest.raises(OutsideError):
        list(watch.events())


def kubeconfig(folder: Path, **cluster: Any) -> dict[str, str]:
    config = {
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1", **cluster}}],
        "users": [{"name": "u", "user": {"token": "secret-token"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    (folder / "config").write_text(json.dumps(config))
    return {"KUBECONFIG": str(folder / "config")}


def test_a_kubeconfig_says_where_and_who(tmp_path: Path) -> None:
    access = open_access("x", kubeconfig(tmp_path))
    assert access.base == "https://127.0.0.1:1"
    assert access.authorization() == "Bearer secret-token"
    assert access.verify is not None
    assert "secret" not in repr(access)


def test_a_kubeconfig_that_skips_certificates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="insecure-skip-tls-verify"):
        open_access(None, kubeconfig(tmp_path, **{"insecure-skip-tls-verify": True}))


@pytest.mark.parametrize("text", ["", "[]", "\x00", "{", "a: b", "clusters: 5"])
def test_a_broken_kubeconfig_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises((InputError, OutsideError)) as caught:
        open_access(None, {"KUBECONFIG": str(tmp_path / "config")})
    assert caught.value.message.isprintable()


def test_an_unknown_context_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        open_access("nowhere", kubeconfig(tmp_path))
