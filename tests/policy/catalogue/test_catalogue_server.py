"""The policies as they are, on a real API server: it says what we say, in the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from tests.support.apiserver import Answer, ApiServer, missing, start
from tests.support.catalogue import (
    ADMISSION,
    ENVIRONMENTS,
    EXAMPLES,
    FOLDER,
    ROOT,
    judge,
    load,
    namespace,
)

from tidegate.domain.finding import Severity
from tidegate.policy.admission.engine import AdmissionEngine

pytestmark = pytest.mark.xdist_group("apiserver")

ENGINE = AdmissionEngine(ADMISSION)
SAID = re.compile(
    r"^299 - \"Validation failed for ValidatingAdmissionPolicy '(?P<policy>[^']+)' "
    r"with binding '[^']+': (?P<message>.*)\"$"
)
DENIED = re.compile(r"ValidatingAdmissionPolicy '(?P<policy>[^']+)' with binding")
# What only files can be asked: the API server has given everything a uid when policies see it.
ONLY_FILES = {"secret-in-git"}
ONLY_FILES_CLUSTER_WIDE = {"rbac-wildcards", "rbac-cluster-admin"}
# Its examples are Rollouts, which this server doesn't serve: of its own kinds it refuses the same
# before it asks any policy.
REFUSED_ANYWAY = {"gpu-limits"}
BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
_ROUNDS = 30


@dataclass(frozen=True)
class Case:
    """An object, where it is judged, and the answers of both."""

    data: Mapping[str, Any]
    environment: str
    expected: Mapping[str, str] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)


def case(data: Mapping[str, Any], environment: str) -> Case:
    first: dict[str, str] = {}
    severities: dict[str, Severity] = {}
    cluster_wide = data["kind"].startswith("Cluster")
    for violation in judge(ENGINE, data, environment):
        rule = violation.rule
        if rule in ONLY_FILES or (cluster_wide and rule in ONLY_FILES_CLUSTER_WIDE):
            continue
        first.setdefault(rule, violation.message)
        severities[rule] = violation.severity
    return Case(data, environment, first, severities)


def objects() -> Iterator[tuple[Mapping[str, Any], str]]:
    """Every example, in each environment, and careful people's manifests."""
    for name, examples in EXAMPLES.items():
        for example in examples:
            if name in REFUSED_ANYWAY and example.expected.value == "fails":
                continue
            data = example.manifest.data
            for environment in ["prod"] if "namespace" in data["metadata"] else ENVIRONMENTS:
                yield data, environment
    for data in load(ROOT / "tests" / "repos" / "manifests" / "sane.yaml"):
        yield {**data, "metadata": {**data["metadata"], "namespace": ""}}, "prod"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server of its own: the policies would be in the way of every other test."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with start(tmp_path_factory.mktemp("catalogue"), "--allow-privileged=true") as running:
        create(running, *map(namespace, ENVIRONMENTS), namespace("prod", "recommender-prod"))
        labelled = namespace("prod", "default")
        assert running.send(labelled, dry_run=False, method="PUT").accepted
        for path in sorted(
            (FOLDER / "parameters").glob("*.yaml"), key=lambda p: p.stem != "namespace"
        ):
            if path.stem != "kustomization":
                create(running, *load(path))
        for path in sorted(FOLDER.glob("*/policy.yaml")):
            create(running, *load(path))
        yield running


def create(server: ApiServer, *items: Mapping[str, Any]) -> None:
    for item in items:
        answer = server.send(item, item["metadata"].get("namespace", ""), dry_run=False)
        assert answer.accepted, answer.message
        assert not answer.warnings, answer.warnings


def ask(server: ApiServer, case: Case) -> Answer:
    data = dict(case.data)
    place = data["metadata"].get("namespace") or f"catalogue-{case.environment}"
    if not data["kind"].startswith("Cluster"):
        data["metadata"] = {**data["metadata"], "namespace": place}
    elif "namespace" in data["metadata"]:
        data["metadata"] = {k: v for k, v in data["metadata"].items() if k != "namespace"}
    return server.send(data, place)


def warned(answer: Answer) -> dict[str, str]:
    found = (SAID.match(warning) for warning in answer.warnings)
    return {
        match["policy"]: match["message"].replace('\\"', '"').replace("\\\\", "\\")
        for match in found
        if match
    }


def agrees(server: ApiServer, case: Case) -> str | None:
    """What is unlike in the two answers; the server names but one of those that refuse."""
    answer = ask(server, case)
    deny = {name for name, severity in case.severities.items() if severity is Severity.DENY}
    warn = {name for name, severity in case.severities.items() if severity is Severity.WARN}
    if not answer.accepted:
        match = DENIED.search(answer.message)
        if match is None:
            return f"refused: {answer.message[:300]}"
        said = f": {case.expected.get(match['policy'])}" in answer.message
        return None if match["policy"] in deny and said else f"{answer.message[:300]} {deny}"
    if deny:
        return f"accepted in spite of {deny}"
    expected = {name: case.expected[name] for name in warn}
    return None if warned(answer) == expected else f"{warned(answer)} != {expected}"


def disagreements(server: ApiServer, cases: list[Case]) -> dict[str, str]:
    """Asks until the server has taken notice of every policy, or never will."""
    left = cases
    found: list[tuple[Case, str]] = []
    for _ in range(_ROUNDS):
        answers = [(item, agrees(server, item)) for item in left]
        found = [(item, unlike) for item, unlike in answers if unlike]
        if not found:
            break
        left = [item for item, _ in found]
    return {
        f"{item.data['kind']} {item.data['metadata']['name']} in {item.environment}": unlike
        for item, unlike in found
    }


def test_the_server_agrees_with_every_verdict(server: ApiServer) -> None:
    cases = [case(data, environment) for data, environment in objects()]
    assert len(cases) > 500
    assert disagreements(server, cases) == {}


def test_the_server_agrees_with_every_word(server: ApiServer) -> None:
    """With every binding a warning, the server tells all at once."""
    for binding in ADMISSION.bindings:
        found = server.client.get(f"{BINDINGS}/{binding.name}").json()
        found["spec"]["validationActions"] = ["Warn"]
        answer = server.send(found, dry_run=False, method="PUT")
        assert answer.accepted, answer.message
    cases = [case(data, environment) for data, environment in objects()]
    warnings = [
        Case(
            item.data, item.environment, item.expected, dict.fromkeys(item.expected, Severity.WARN)
        )
        for item in cases
    ]
    assert disagreements(server, warnings) == {}


def test_what_the_server_refuses_anyway_is_refused(server: ApiServer) -> None:
    for name in REFUSED_ANYWAY:
        for example in EXAMPLES[name]:
            if example.expected.value == "fails":
                known = {"apiVersion": "apps/v1", "kind": "Deployment"}
                answer = ask(server, Case({**example.manifest.data, **known}, "prod"))
                assert answer.status == 422, name


def test_a_secret_that_argo_cd_brings_from_git_is_seen_on_the_server_too(
    server: ApiServer,
) -> None:
    for example in EXAMPLES["secret-in-git"]:
        tracked = yaml.safe_load(example.text)
        tracked["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "shop:/Secret:x/y"}
        answer = ask(server, Case(tracked, "prod"))
        said = f"{answer.message} {warned(answer)}"
        assert ("secret-in-git" in said) == (example.expected.value == "fails")
