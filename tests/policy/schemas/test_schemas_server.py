"""What schemas and our own rules say of manifests, right and wrong, as a real API server says it:
each is sent as a server-side dry run with `fieldValidation=Strict`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support import ruled
from tests.support.apiserver import ApiServer, apiserver  # noqa: F401
from tests.support.definitions import SLIPS, definition, slipped
from tests.support.kustomize import make_snapshot
from tests.support.mutations import mutations
from tests.support.refusals import refusals

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest, identify
from tidegate.policy.schemas.cluster import Schemas
from tidegate.repository.crds import read_custom_kinds
from tidegate.repository.layout import DEFINITIONS

pytestmark = pytest.mark.xdist_group("apiserver")

ROOT = Path(__file__).parents[2] / "repos"
DIFFERENCES = ROOT.parent / "support" / "differences.yaml"
MUTATIONS = 2500
# The server doesn't have the kind, or panicked and closed the connection.
NO_ANSWER = (404, 500)
# It reads a list of numbers as bytes, and gives a LimitRange a name of its own.
STRICTER = ("is an empty list; expected text", "LimitRange : metadata.name is missing")
OF_APPS = (
    *("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob"),
    *("Service", "Ingress", "NetworkPolicy", "ConfigMap", "Secret", "PersistentVolumeClaim"),
    *("HorizontalPodAutoscaler", "PodDisruptionBudget", "ServiceAccount", "Role", "RoleBinding"),
)
SPEC: Mapping[str, Any] = {
    "size": "small",
    "port": "http",
    "limits": {"cpu": "1"},
    "tags": ["a", "b"],
    "parts": [{"name": "x", "weight": 1}, {"name": "y"}],
    "anything": {"a": [1]},
    "object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}},
}
GADGET: Mapping[str, Any] = {
    "apiVersion": "tests.tidegate.dev/v1",
    "kind": "Gadget",
    "metadata": {"name": "a"},
    "spec": SPEC,
}
GADGET_SLIPS: list[Mapping[str, Any]] = [
    {"size": "Small"},
    {"size": "x" * 21},
    {"size": 1},
    {"size": None},
    {"colour": "red"},
    {"replicas": -1},
    {"replicas": 101},
    {"replicas": 1.5},
    {"replicas": 1.0},
    {"replicas": None},
    {"port": 80},
    {"port": 1.5},
    {"port": {}},
    {"limits": {"cpu": 1}},
    {"limits": []},
    {"tags": ["a", "a"]},
    {"tags": "a"},
    {"parts": [{"name": "x"}, {"name": "x"}]},
    {"parts": [{"weight": 1}]},
    {"parts": [{"name": "x", "colour": "red"}]},
    {"object": {"kind": "ConfigMap"}},
    {"object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"labels": {"a": 1}}}},
    {"anything": 1},
]


@pytest.fixture(scope="module")
def server(apiserver: ApiServer) -> ApiServer:  # noqa: F811
    return apiserver


def schemas(server: ApiServer) -> Schemas:
    """Those of the server's own version, and of the kind that the tests define."""
    found = server.client.get("/version").json()
    files = {f"{DEFINITIONS}/gadgets.yaml": yaml.safe_dump(definition())}
    version = f"{found['major']}.{found['minor']}".rstrip("+")
    return Schemas(version, read_custom_kinds(make_snapshot(files)))


def refused(schemas: Schemas, item: Mapping[str, Any]) -> list[str]:
    manifest = Manifest(identify(item), item)
    return [v.message for v in schemas.judge(manifest) if v.severity is Severity.DENY]


def samples() -> Iterator[dict[str, Any]]:
    for path in sorted((ROOT / "manifests").glob("*.yaml")):
        for item in yaml.safe_load_all(path.read_text("utf-8")):
            if item:
                item.get("metadata", {}).pop("namespace", None)
                yield item


def differences(server: ApiServer, items: Iterator[Mapping[str, Any]]) -> tuple[list[str], int]:
    """Where the two don't agree, and how many the server refused."""
    known, wrong, refusals = schemas(server), [], 0
    for item in items:
        answer = server.send(item)
        if answer.status in NO_ANSWER:
            continue
        said = refused(known, item)
        refusals += not answer.accepted
        if bool(said) == answer.accepted:
            wrong.append(f"{identify(item)}: {said} / {answer.status} {answer.message[:500]}")
    return wrong, refusals


def test_next_to_nothing_is_refused_here_that_is_taken_there(server: ApiServer) -> None:
    """And of what is refused there, most is refused here: what comes through is counted."""
    sound = [item for item in samples() if server.send(item).accepted]
    assert len(sound) > 60
    known = schemas(server)
    alarms, missed = [], Counter[str]()
    agreed = 0
    for item in mutations(sound, MUTATIONS):
        answer = server.send(item)
        if answer.status in NO_ANSWER:
            continue
        said = refused(known, item)
        if bool(said) != answer.accepted:
            agreed += 1
        elif said:
            alarms += [f"{identify(item)}: {message}" for message in said]
        else:
            missed[str(item["kind"])] += 1
    assert [alarm for alarm in alarms if not any(words in alarm for words in STRICTER)] == []
    assert agreed > 0.9 * MUTATIONS
    assert sum(missed[kind] for kind in OF_APPS) < 0.01 * MUTATIONS


def test_samples_are_judged_as_they_are_there(server: ApiServer) -> None:
    wrong, _ = differences(server, samples())
    assert wrong == []


def test_each_rule_beyond_the_schemas_is_the_servers_own(server: ApiServer) -> None:
    """Each object that breaks one is refused, and its twin that keeps it is taken."""
    for case in refusals():
        assert not server.send(case.refused).accepted, case
        answer = server.send(case.accepted)
        assert answer.accepted, (answer.message, case)


def test_known_differences_are_still_there(server: ApiServer) -> None:
    """Those that the docs name: what is refused here alone, and what is refused there alone."""
    known = schemas(server)
    found = yaml.safe_load(DIFFERENCES.read_text("utf-8"))
    for item in found["stricter"]:
        assert (server.send(item).accepted, bool(refused(known, item))) == (True, True), item
    for item in found["laxer"]:
        assert (server.send(item).accepted, bool(refused(known, item))) == (False, False), item


def test_definitions_are_judged_as_they_are_there(server: ApiServer) -> None:
    wrong, refusals = differences(server, (slipped(path, value) for path, value, _, _ in SLIPS))
    assert wrong == []
    assert refusals == len(SLIPS)
    assert server.send(definition()).accepted


def test_custom_resources_are_judged_as_they_are_there(server: ApiServer) -> None:
    assert server.send(definition(), dry_run=False).accepted
    try:
        _established(server)
        items: list[Mapping[str, Any]] = [GADGET]
        items += [{**GADGET, "spec": {**SPEC, **slip}} for slip in GADGET_SLIPS]
        wrong, refusals = differences(server, iter(items))
    finally:
        server.send(definition(), dry_run=False, method="DELETE")
    assert wrong == []
    assert refusals > 15


def test_rules_of_definitions_decide_as_they_do_there(server: ApiServer) -> None:
    assert server.send(ruled.definition(), dry_run=False).accepted
    try:
        _established(server, ruled.ruled({}))
        for case in (*ruled.CASES, *ruled.ALTERNATIVES):
            answer = server.send(ruled.ruled(case.spec, case.name))
            assert answer.accepted is not bool(case.words), (case, answer.message)
            assert case.words in answer.message
        wait, until = (server.send(ruled.ruled(spec)).accepted for spec in ruled.UNJUDGED)
        assert (wait, until) == (False, False)
    finally:
        server.send(ruled.definition(), dry_run=False, method="DELETE")


def _established(server: ApiServer, item: Mapping[str, Any] = GADGET) -> None:
    for _ in range(600):
        if server.send(item).status != 404:
            return
        server.client.get("/readyz")
    raise AssertionError("the kind is not served")
