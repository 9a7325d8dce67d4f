"""Objects as the API server completes them, and nothing that isn't known."""

from __future__ import annotations

import copy
import datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.support.admission import FOLDER, custom_kinds, differences, documents
from tests.support.mutations import mutations

from tidegate.policy.admission.defaults import complete
from tidegate.policy.admission.resources import Resources, pluralise
from tidegate.policy.admission.values import plain

RESOURCES = Resources(custom_kinds())
SAMPLES = documents("samples.yaml")
RECORDED = list(yaml.safe_load_all((FOLDER / "recorded-samples.yaml").read_text("utf-8")))


def completed(item: dict[str, Any], namespace: str = "default") -> dict[str, Any]:
    resource = RESOURCES.find(str(item.get("apiVersion")), str(item.get("kind")))
    return complete(item, resource, namespace if resource.namespaced else "")


@pytest.mark.parametrize(
    ("item", "recorded"),
    [pair for pair in zip(SAMPLES, RECORDED, strict=True) if pair[1]],
    ids=lambda item: f"{item['kind']}-{item['metadata']['name']}",
)
def test_samples_are_completed_as_a_real_server_did(
    item: dict[str, Any], recorded: dict[str, Any]
) -> None:
    before = copy.deepcopy(item)
    assert differences(completed(item), recorded) == []
    assert item == before


def test_completing_twice_changes_nothing() -> None:
    for item in mutations(SAMPLES, 500):
        once = completed(item)
        assert completed(once) == once


def test_broken_objects_are_completed_as_far_as_they_go() -> None:
    for item in SAMPLES:
        for key in list(item):
            for value in (None, [], {}, "x", 1, [None], [1], {"a": None}):
                completed({**item, key: value})
        spec = item.get("spec")
        for key in spec or ():
            for value in (None, [], {}, "x", 1, [None], [1], {"a": None}, {"template": []}):
                completed({**item, "spec": {**spec, key: value}})


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (2**63, float(2**63)),
        (10**400, float("inf")),
        (datetime.date(2024, 1, 2), "2024-01-02"),
        ("a\0b", "a\ufffdb"),
        ("\ud800", "?"),
        ({1: "x", None: "y", "\ud800": "z"}, {"1": "x", "None": "y", "?": "z"}),
        ((1, [None]), [1, [None]]),
        (b"x", "b'x'"),
    ],
)
def test_values_fit_what_c_can_hold(value: object, kept: object) -> None:
    assert plain({"a": value}, typed=False) == {"a": kept}


def test_custom_resources_keep_what_is_empty() -> None:
    item = {"apiVersion": "x.dev/v1", "kind": "Y", "spec": {"a": None, "b": "", "c": [], "d": 0}}
    assert completed(item)["spec"] == item["spec"]


def test_kinds_have_regular_plurals() -> None:
    kinds = {
        "Ingress": "ingresses",
        "NetworkPolicy": "networkpolicies",
        "Gateway": "gateways",
        "Endpoints": "endpoints",
        "Deployment": "deployments",
        "Mesh": "meshes",
    }
    assert {kind: pluralise(kind) for kind in kinds} == kinds


def test_definitions_name_plural_and_scope() -> None:
    ox = RESOURCES.find("tests.tidegate.dev/v1", "Ox")
    assert (ox.plural, ox.namespaced) == ("oxen", False)
    teapot = RESOURCES.find("tests.tidegate.dev/v1", "Teapot")
    assert teapot.equivalents == (("tests.tidegate.dev", "v1alpha1"),)
    unknown = RESOURCES.find("x.dev/v1", "ClusterThing")
    assert (unknown.plural, unknown.namespaced) == ("clusterthings", False)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["spec", "template", "metadata", "labels", "x"]), inner)
    ),
    max_leaves=12,
)


@given(st.sampled_from(SAMPLES), _JSON)
def test_anything_may_stand_where_a_spec_should(item: dict[str, Any], value: Any) -> None:
    completed({**item, "spec": value})
    completed({**item, "metadata": value})
