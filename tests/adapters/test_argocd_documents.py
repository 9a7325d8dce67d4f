"""Argo CD's JSON → domain: whole, with holes, of wrong types, and hostile."""

from __future__ import annotations

import contextlib
import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import recordings
from tests.support.argocd_answers import IMAGE, REVISION, application

from tidegate.adapters.argocd import below, documents, fields
from tidegate.domain.application import (
    ApplicationName,
    Health,
    ResourceName,
    ResourceState,
    SyncWindow,
)
from tidegate.errors import OutsideError

HOSTILE = "\x1b[2J\u202e<script>`$(id)`\n::error::\ud800" + "x" * 100_000


def read(document: Any) -> Any:
    return documents.application(document, "argocd")


def test_an_application_is_read_whole() -> None:
    found = read(application("shop-dev", labels={"a": "b"}))
    assert found.name == ApplicationName("shop-dev", "dev")
    assert (found.paths, found.target_revision) == (("environments/dev/shop",), "main")
    assert found.automated
    assert (found.revision, found.sync, found.images) == (REVISION, "Synced", (IMAGE,))
    assert found.health == Health("Healthy", "", datetime(2026, 11, 22, 10, 34, 42, tzinfo=UTC))
    assert found.reconciled == datetime(2026, 11, 22, 10, 35, 8, tzinfo=UTC)
    deployment = ResourceName("apps", "Deployment", "shop-dev", "shop")
    assert found.resources == (ResourceState(deployment, "Synced", Health("Healthy")),)
    assert found.operation is not None
    assert (found.operation.phase, found.operation.revision) == ("Succeeded", REVISION)
    assert found.operation.automated
    assert not found.requested
    assert not found.deleting
    assert found.labels == {"a": "b"}


def test_what_a_real_one_answered() -> None:
    found = recordings.single("app-synced-healthy")
    assert found.name == ApplicationName("recommender-dev", "default")
    assert (found.sync, found.health.status) == ("Synced", "Healthy")
    assert found.operation is not None
    assert [r.status for r in found.operation.results] == ["Synced", "Synced"]
    later = recordings.single("app-no-change-commit")
    assert later.operation is not None
    assert later.revision != later.operation.revision
    assert found.operation.partial  # self-heal's: of one Deployment
    assert found.deployed == found.revision
    assert not later.operation.partial
    assert later.deployed == later.operation.revision
    tree = below.pods(recordings.answer("resource-tree"))
    assert [(p.reason, p.ready, p.containers) for p in tree] == [("Running", 1, 1)] * 2
    assert {p.owner.kind for p in tree if p.owner} == {"ReplicaSet"}
    windows = below.windows(recordings.answer("syncwindows-deny")["body"])
    assert not windows.may_sync
    assert windows.active == (SyncWindow("deny", "* * * * *", "1h", False),)
    _, broken = recordings.frames("stream-manifest-error")[-1]
    assert broken.sync == "Unknown"
    assert broken.conditions[0].type == "ComparisonError"


@pytest.mark.parametrize("empty", [{}, {"metadata": None, "spec": None, "status": None}])
def test_what_is_missing_is_empty(empty: Any) -> None:
    found = read(empty)
    assert found.name == ApplicationName("", "default")
    assert (found.sync, found.revision, found.operation, found.reconciled) == ("", "", None, None)
    assert found.health == Health(None)


@pytest.mark.parametrize(
    "edit",
    [
        {"status": {"sync": "Synced"}},
        {"status": {"sync": {"status": True}}},
        {"status": {"reconciledAt": "yesterday"}},
        {"status": {"reconciledAt": 5}},
        {"status": {"resources": {"a": 1}}},
        {"status": {"resources": ["a"]}},
        {"status": {"summary": {"images": [1]}}},
        {"status": {"operationState": {"operation": {}, "retryCount": 1.5}}},
        {"metadata": {"name": ["a"]}},
        {"metadata": {"labels": {"a": 1}}},
        {"spec": {"source": []}},
    ],
)
def test_a_wrong_type_is_an_error_that_names_the_field(edit: Any) -> None:
    with pytest.raises(OutsideError, match="makes no sense") as caught:
        read(edit)
    assert caught.value.message.isprintable()


def test_hostile_text_stays_text_and_is_bounded() -> None:
    document = application("shop-dev")
    document["status"]["operationState"]["message"] = HOSTILE
    document["status"]["conditions"] = [{"type": HOSTILE, "message": HOSTILE}]
    document["status"]["health"] = {"status": HOSTILE}
    found = read(document)
    assert found.operation is not None
    assert found.operation.message.startswith("\x1b[2J")
    assert len(found.operation.message) == len(found.conditions[0].type) == 4_000


@pytest.mark.parametrize(
    ("policy", "automated"),
    [({}, False), ({"automated": {}}, True), ({"automated": {"enabled": False}}, False),
     ({"automated": {"enabled": True}}, True), ({"automated": None}, False)],
)  # fmt: skip
def test_automated_sync_can_be_switched_off(policy: Any, automated: bool) -> None:
    document = application("shop-dev")
    document["spec"]["syncPolicy"] = policy
    assert read(document).automated is automated


def test_the_history_of_whole_syncs_is_read_where_it_is_shown() -> None:
    document = application("shop-dev")
    assert read(document).deployed is None
    document["status"]["history"] = [{"revision": "a"}, {"revision": "b"}]
    assert read(document).deployed == "b"
    document["spec"]["sources"] = [{"chart": "base"}, document["spec"].pop("source")]
    document["status"]["history"] = [{"revisions": ["1.2.3", "c"]}]
    assert read(document).deployed == "c"


def test_of_several_sources_the_first_with_a_folder_counts() -> None:
    document = application("shop-dev")
    chart = {"repoURL": "https://charts.example.com", "chart": "base", "targetRevision": "1.2.3"}
    more = {"repoURL": "x", "path": "more", "targetRevision": "other"}
    document["spec"]["sources"] = [chart, document["spec"].pop("source"), more]
    revisions = ["1.2.3", "a", "b"]
    document["status"]["sync"] = {"status": "Synced", "revisions": revisions}
    document["status"]["operationState"]["syncResult"] = {"revisions": revisions}
    found = read(document)
    assert found.paths == ("environments/dev/shop", "more")
    assert (found.revision, found.target_revision) == ("a", "main")
    assert found.operation is not None
    assert found.operation.revision == "a"
    document["status"]["sync"]["revisions"] = ["1.2.3"]
    assert read(document).revision == ""


def test_several_sources_count_before_a_single_one() -> None:
    document = application("shop-dev")
    document["spec"]["sources"] = [{**document["spec"]["source"], "targetRevision": "other"}]
    assert read(document).target_revision == "other"


def test_what_is_laid_over_the_folder_is_read() -> None:
    document = application("shop-dev")
    assert (read(document).overrides, read(document).hydrated) == ((), False)
    document["spec"]["source"]["kustomize"] = {"images": ["a=b:1"], "namePrefix": ""}
    assert read(document).overrides == ("kustomize.images",)
    del document["spec"]["source"]
    document["spec"]["sourceHydrator"] = {"syncSource": {"path": "environments/dev/shop"}}
    assert (read(document).paths, read(document).hydrated) == ((), True)


@pytest.mark.parametrize(
    ("value", "skipped"),
    [("true", True), ("1", True), ("T", True), ("false", False), ("yes", False)],
)
def test_whether_argo_cd_skips_it_is_read_as_go_does(value: str, skipped: bool) -> None:
    document = application("shop-dev")
    document["metadata"]["annotations"]["argocd.argoproj.io/skip-reconcile"] = value
    assert read(document).skipped is skipped


def test_another_namespace_than_argo_cds_own_is_kept() -> None:
    found = read(application("shop-dev", namespace="teams"))
    assert found.name == ApplicationName("shop-dev", "dev", "teams")


def test_managed_resources_are_what_argo_cd_compares() -> None:
    item = {
        "kind": "ConfigMap",
        "name": "a",
        "targetState": '{"data": {"a": "1"}}',
        "liveState": "null",
        "normalizedLiveState": "null",
        "predictedLiveState": '{"data": {"a": "2"}}',
    }
    gone = {"kind": "ConfigMap", "name": "b", "targetState": "null", "liveState": "{}"}
    first, second = below.managed({"items": [item, gone]})
    assert (first.wanted, first.live) == ({"data": {"a": "2"}}, None)
    assert (second.wanted, second.live) == (None, {})
    with pytest.raises(OutsideError):
        below.managed({"items": [{**item, "predictedLiveState": "{"}]})


def test_pods_say_what_kubectl_would() -> None:
    node = {
        "kind": "Pod",
        "name": "a",
        "uid": "u",
        "info": [
            {"name": "Status Reason", "value": "CrashLoopBackOff"},
            {"name": "Containers", "value": "0/2"},
            {"name": "Restart Count", "value": "7"},
        ],
    }
    custom = {**node, "group": "example.com"}
    odd = {"kind": "Pod", "name": "b", "info": [{"name": "Containers", "value": "some/²"}]}
    first, second = below.pods({"nodes": [node, custom, odd]})
    assert (first.reason, first.ready, first.containers, first.restarts, first.uid) == (
        *("CrashLoopBackOff", 0, 2, 7),
        "u",
    )
    assert (second.ready, second.containers, second.owner) == (None, None, None)


def test_events_are_in_order_whichever_time_they_have() -> None:
    times: list[dict[str, Any]] = [
        {"eventTime": {"seconds": 1_800_000_000, "nanos": 5}, "reason": "d"},
        {"lastTimestamp": "2026-01-02T00:00:00Z", "reason": "c"},
        {"eventTime": "2026-01-01T00:00:00.123456Z", "lastTimestamp": None, "reason": "b"},
        {"reason": "a"},
    ]
    found = below.events({"items": times})
    assert "".join(event.reason for event in found) == "abcd"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"\xff", b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}"]
)
def test_what_is_no_object_is_no_answer(body: bytes) -> None:
    with pytest.raises(OutsideError, match=r"^it is no JSON"):
        fields.parse(body, "it")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
PLACES = [
    *("metadata", "metadata.labels", "spec", "spec.syncPolicy.automated", "operation"),
    *("status.sync", "status.health", "status.operationState", "status.operationState.syncResult"),
    *("status.resources", "status.summary.images", "status.conditions"),
]


@given(st.sampled_from(PLACES), JSON)
def test_whatever_comes_is_read_or_refused(place: str, value: Any) -> None:
    document = copy.deepcopy(application("shop-dev"))
    *parents, last = place.split(".")
    inner = document
    for key in parents:
        inner = inner[key]
    inner[last] = value
    with contextlib.suppress(OutsideError):
        read(json.loads(json.dumps(document)))


def test_a_managed_object_s_status_is_of_what_is_there_and_not_of_what_is_compared() -> None:
    """Argo CD leaves the status out of what it compares."""
    name = {"group": "apps", "kind": "Deployment", "namespace": "shop", "name": "shop"}
    states = {
        "liveState": '{"spec": {"replicas": 1}, "status": {"replicas": 1}}',
        "normalizedLiveState": '{"spec": {"replicas": 1}}',
        "targetState": "null",
    }
    (found,) = below.managed({"items": [name | states]})
    assert (found.live, found.status) == ({"spec": {"replicas": 1}}, {"replicas": 1})
    (absent,) = below.managed({"items": [name | {"liveState": "null"}]})
    assert (absent.live, absent.status) == (None, {})
