"""The same verdict as a real API server: every function, every feature, and thousands of objects
with something changed."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.admission import (
    FOLDER,
    custom_kinds,
    differences,
    documents,
    judge,
    load,
    policy,
    read,
    said,
    spoken,
)
from tests.support.apiserver import ApiServer, apiserver, missing, start  # noqa: F401
from tests.support.expressions import REFUSED
from tests.support.kustomize import make_snapshot
from tests.support.mutations import mutations
from tests.support.probes import KNOWN, objects, policies

from tidegate.domain.finding import Severity
from tidegate.policy.admission import AdmissionEngine
from tidegate.policy.admission.defaults import complete
from tidegate.policy.admission.resources import Resources
from tidegate.repository.admission import read_admission

pytestmark = pytest.mark.xdist_group("apiserver")

ROOT = Path(__file__).parents[3]
MUTATIONS = 4000
_SOON_SECONDS, _LATEST_SECONDS = 60, 300
_LACKING = "no params found for policy binding"
SPACES: Mapping[str, dict[str, Any]] = {
    name: {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    for name, labels in {
        "prod": {"tidegate.dev/environment": "prod"},
        "dev": {"tidegate.dev/environment": "dev"},
        "plain": {},
        "parameters": {},
        "probes": {"level": "one"},
    }.items()
}


@pytest.fixture(scope="module")
def server(apiserver: ApiServer) -> ApiServer:  # noqa: F811
    return furnished(apiserver)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[ApiServer]:
    """A server that has never had other policies: one whose parameters are of a kind that policies
    used before, and have stopped using, may never see them again."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with start(tmp_path) as running:
        yield furnished(running)


def furnished(server: ApiServer) -> ApiServer:
    for item in (*SPACES.values(), *documents("definitions.yaml")):
        server.send(item, dry_run=False)
    return server


def test_every_function_gives_what_it_gives_there(server: ApiServer) -> None:
    probes = list(policies())
    load(server, probes)
    engine = AdmissionEngine(read(yaml.safe_dump_all(probes)))
    assert engine.problems == ()
    wrong, compared = set(), 0
    recorded = {}
    for item in objects():
        answer = said(server.send(item, "probes"))
        assert answer is not None, item
        ours = spoken(judge(engine, item, SPACES["probes"]), Severity.WARN)
        name = item["metadata"]["name"]
        recorded[name] = sorted(message for _, message in answer[0])
        compared += len(ours)
        wrong |= {(name, _number(message)) for _, message in ours ^ answer[0]}
    assert {case for case in wrong if case not in KNOWN} == set()
    assert compared > 3000
    kept = json.loads((FOLDER / "recorded-functions.json").read_text("utf-8"))
    assert kept == recorded, "run python -m tests.support.record"


def test_every_feature_decides_as_it_does_there(server: ApiServer) -> None:
    text = (FOLDER / "policies.yaml").read_text("utf-8")
    load(server, list(yaml.safe_load_all(text)))
    engine = AdmissionEngine(read(text), custom_kinds())
    assert engine.problems == ()
    counts, differing = _compare(server, engine, documents("samples.yaml"), MUTATIONS)
    assert differing[:5] == []
    # Else the comparison would prove little.
    assert counts["taken"] > 1000
    assert counts["denied"] > 100
    assert counts["warnings"] > 2000


def test_objects_are_completed_as_they_are_there(server: ApiServer) -> None:
    load(server, [])
    resources = Resources(custom_kinds())
    wrong = []
    for item in documents("samples.yaml"):
        answer = server.send(item)
        if not answer.accepted:
            continue
        resource = resources.find(item["apiVersion"], item["kind"])
        namespace = "default" if resource.namespaced else ""
        wrong += differences(complete(item, resource, namespace), answer.body)
    assert wrong == []


@pytest.mark.parametrize("expression", [case.expression for case in REFUSED if case.there])
def test_what_is_refused_here_is_refused_there(server: ApiServer, expression: str) -> None:
    item = next(yaml.safe_load_all(policy([expression])))
    assert AdmissionEngine(read(policy([expression]))).problems
    assert server.send(item).status == 422


def test_the_house_s_own_policies_decide_as_they_do_there(fresh: ApiServer) -> None:
    folder = ROOT / "policies" / "admission"
    if not folder.is_dir():
        pytest.skip("there are no policies in policies/admission")
    files = {
        path.relative_to(ROOT).as_posix(): path.read_bytes() for path in folder.rglob("*.yaml")
    }
    admission = read_admission(make_snapshot(files))
    engine = AdmissionEngine(admission)
    assert engine.problems == ()
    loaded, samples = [], []
    for path, data in sorted(files.items()):
        name = path.rpartition("/")[2]
        items = [item for item in yaml.safe_load_all(data) if item]
        if name in ("passes.yaml", "fails.yaml"):
            samples += items
        elif name != "kustomization.yaml":
            loaded += items
    for item in loaded:
        space = item["metadata"].get("namespace")
        if space:
            metadata = {"name": space}
            fresh.send(
                {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}, dry_run=False
            )
    load(fresh, [item for item in loaded if item["kind"] != "Namespace"])
    samples = [item for item in samples if item.get("kind") != "List"]
    # Rules for files alone pass every object that has a uid, as all do on the server.
    apart = {p.name for p in admission.policies if "metadata.uid" in str(p)}
    counts, differing = _compare(fresh, engine, samples, MUTATIONS, apart)
    assert differing[:5] == []
    assert counts["taken"] + counts["denied"] > 1000


def _compare(
    server: ApiServer,
    engine: AdmissionEngine,
    samples: list[Any],
    number: int,
    apart: Collection[str] = (),
) -> tuple[Counter[str], list[Any]]:
    counts: Counter[str] = Counter()
    differing: list[Any] = []
    cases = [(item, space) for item in samples for space in ("prod", "dev", "plain")]
    cases += [
        (item, ("prod", "dev", "plain")[index % 3])
        for index, item in enumerate(mutations(samples, number))
    ]
    soon, latest = time.monotonic() + _SOON_SECONDS, time.monotonic() + _LATEST_SECONDS
    for item, space in cases:
        found = [v for v in judge(engine, item, SPACES[space]) if v.rule not in apart]
        ours = spoken(found, Severity.WARN), spoken(found, Severity.DENY)
        answer = said(server.send(item, space))
        while answer and not _same(answer, ours, apart):
            # Parameters reach a server that is short of time later than policies: it says so.
            lacking = answer[1] is not None and _LACKING in answer[1][1]
            if time.monotonic() > (latest if lacking else soon):
                break
            time.sleep(0.5)
            answer = said(server.send(item, space))
        if answer is None:
            counts["invalid"] += 1
            continue
        warnings, denial = answer
        if denial and denial[0] in apart:
            continue
        counts["taken" if denial is None else "denied"] += 1
        counts["warnings"] += len({w for w in warnings if w[0] not in apart})
        if not _same(answer, ours, apart):
            differing.append((space, item, ours, answer))
    return counts, differing


def _same(
    answer: tuple[set[tuple[str, str]], tuple[str, str] | None],
    ours: tuple[set[tuple[str, str]], set[tuple[str, str]]],
    apart: Collection[str],
) -> bool:
    warnings, denial = {w for w in answer[0] if w[0] not in apart}, answer[1]
    if denial and denial[0] in apart:
        return True
    warned, denied = ours
    # Of several parameters that a policy breaks with, one is told here.
    same = warned <= warnings and {p for p, _ in warned} == {p for p, _ in warnings}
    return same and (denial in denied if denial else not denied)


def _number(message: str) -> int:
    return int(message.partition(":")[0])
