"""What is known of files: the same closures as without it, and nothing of it for granted."""

from __future__ import annotations

import json

import pytest
from tests.adapters.test_kustomize_batch import OVERLAYS, PAIRS
from tests.repository.test_configuration import FILES, snapshot
from tests.support.kustomize import make_app, make_snapshot

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.repository.closure import Closures
from tidegate.repository.configuration import load_configuration
from tidegate.repository.known import Known, load_known


@pytest.mark.parametrize("name", PAIRS)
def test_closures_are_the_same(name: str) -> None:
    tree = make_snapshot(PAIRS[name][0] | PAIRS[name][1])
    known = Known()
    fresh = Closures(tree, known).find(OVERLAYS)
    assert known.grown
    again = load_known(known.dump())
    assert not again.grown
    assert Closures(tree, again).find(OVERLAYS) == fresh
    assert not again.grown


def test_what_is_known_is_not_read() -> None:
    tree = make_snapshot(make_app("shop"))
    known = Known()
    overlays = ["environments/prod/shop"]
    found = Closures(tree, known).find(overlays)

    def refuse(ids: object) -> dict[str, bytes]:
        raise AssertionError(ids)

    blind = Snapshot(tree.revision, tree.entries, refuse)
    assert Closures(blind, load_known(known.dump())).find(overlays) == found


def test_the_same_text_elsewhere_leads_elsewhere() -> None:
    text = "resources: [x.yaml, ../b]\n"
    tree = make_snapshot(
        {
            "a/kustomization.yaml": text,
            "a/x.yaml": "",
            "b/kustomization.yaml": "{}",
            "c/kustomization.yaml": text,
        }
    )
    found = Closures(tree).find(["a", "c"])
    assert not found["a"].problems
    assert [(p.file, p.line, p.key) for p in found["c"].problems] == [
        ("c/kustomization.yaml", 1, "resources[0]")
    ]


def test_mistakes_are_told_again_each_time() -> None:
    tree = make_snapshot({"a/kustomization.yaml": "resources: [https://example.com/x]\n"})
    known = Known()
    first = Closures(tree, known).find(["a"])["a"].problems
    assert first
    assert Closures(tree, load_known(known.dump())).find(["a"])["a"].problems == first


def test_apps_are_the_same_and_wrong_ones_are_wrong_again() -> None:
    tree = snapshot(FILES)
    known = Known()
    fresh = load_configuration(tree, known)
    assert load_configuration(tree, load_known(known.dump())) == fresh
    (path,) = [name for name in FILES if name.endswith("app.yaml")]
    wrong = snapshot(FILES | {path: FILES[path] + "nonsense: 1\n"})
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="nonsense"):
            load_configuration(wrong, known)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"[]", b"3", b"{}", b"\xff", b"[" * 100_000),
        b'{"references": {"a": [1]}, "sound": [], "documents": {}}',
        b'{"references": {"a": [[[1]], [], [], null]}, "sound": [], "documents": {}}',
        b'{"references": {}, "sound": 3, "documents": {}}',
        b'{"references": {}, "sound": [[]], "documents": {}}',
    ],
)
def test_rubbish_is_as_good_as_nothing(data: bytes) -> None:
    known = load_known(data)
    assert json.loads(known.dump()) == {"references": {}, "sound": [], "documents": {}}


@pytest.mark.parametrize(
    "more",
    [
        "gates: [{gate: threshold, metric: nobody, minimum: 1}]\n",
        "gates: [{gate: champion}, {gate: champion}]\n",
    ],
)
def test_what_is_wrong_between_documents_keeps_its_place(more: str) -> None:
    (path,) = [name for name in FILES if name.endswith("app.yaml")]
    tree = snapshot(FILES | {path: FILES[path] + more})
    known, told = Known(), []
    for _ in range(2):
        with pytest.raises(ConfigurationError) as error:
            load_configuration(tree, known)
        told.append(error.value.problems)
        known = load_known(known.dump())
    assert told[0] == told[1]
    assert told[0][0].line > 0


def test_a_metric_that_is_there_twice_keeps_its_place() -> None:
    (path,) = [name for name in FILES if name.endswith("app.yaml")]
    metric = "  - {name: auc, direction: higher}\n"
    text = "".join(line for line in FILES[path].splitlines(True) if "gates" not in line)
    at = text.index("metrics:")
    tree = snapshot(FILES | {path: text[:at] + "metrics:\n" + metric * 2})
    known, told = Known(), []
    for _ in range(2):
        with pytest.raises(ConfigurationError) as error:
            load_configuration(tree, known)
        told.append(error.value.problems)
        known = load_known(known.dump())
    assert told[0] == told[1]
