"""Gate `render`: every change that isn't the promotion's own is found."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.evidence import IMAGE, OTHER, ask, evidence, spec

from tidegate.domain.gate import GateResult, Status
from tidegate.domain.rendering import Rendering
from tidegate.domain.unavailable import Unavailable

LABEL = "app.kubernetes.io/version"
OLD = f"{IMAGE.name}:v1@{OTHER}"
NEW = str(IMAGE)


def deployment(image: str = OLD, version: str = "1") -> dict[str, Any]:
    labels = {"app": "shop", LABEL: version}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "namespace": "shop", "labels": dict(labels)},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "shop"}},
            "template": {
                "metadata": {"labels": dict(labels)},
                "spec": {
                    "initContainers": [{"name": "fetch", "image": image}],
                    "containers": [
                        {"name": "model", "image": image, "args": ["a", "b"]},
                        {"name": "sidecar", "image": "proxy:1"},
                    ],
                },
            },
        },
    }


def judge(before: list[Any], after: list[Any], images: set[str] | None = None) -> GateResult:
    rendering = Rendering(tuple(before), tuple(after), frozenset(images or {NEW}), 9)
    return ask(spec("render"), evidence(rendering=rendering))


def change(path: tuple[str | int, ...], value: object) -> GateResult:
    """A promotion that also changes one more thing; `...` removes it."""
    after = deployment(NEW, "2")
    place: Any = after
    for part in path[:-1]:
        place = place[part]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return judge([deployment()], [after])


TEMPLATE = ("spec", "template", "spec")
CONTAINERS = (*TEMPLATE, "containers")


def test_images_and_version_labels_may_change() -> None:
    result = judge([deployment()], [deployment(NEW, "2")])
    assert result.status is Status.PASSED
    assert result.measured == 1


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("spec", "replicas"), 2, "spec.replicas"),
        (("spec", "replicas"), "1", "spec.replicas"),  # 1 and "1" are different to Kubernetes
        (("spec", "replicas"), True, "spec.replicas"),  # though Python takes them for equal
        (("spec", "replicas"), 1.0, "spec.replicas"),
        (("spec", "replicas"), None, "spec.replicas"),
        (("spec", "replicas"), ..., "spec.replicas"),
        (("spec", "paused"), False, "spec.paused"),
        (("spec", "strategy"), {"type": "Recreate"}, "spec.strategy.type"),
        (("spec", "strategy"), {}, "spec.strategy"),
        (("spec", "selector", "matchLabels", LABEL), "2", "spec.selector.matchLabels"),
        (("metadata", "labels", "app"), "other", "metadata.labels.app"),
        (("metadata", "annotations"), {LABEL: "2"}, "metadata.annotations"),
        (("metadata", "finalizers"), ["x"], "metadata.finalizers"),
        ((*CONTAINERS, 0, "args"), ["b", "a"], "containers[0].args[0]"),
        ((*CONTAINERS, 0, "args"), ["a"], "containers[0].args"),
        ((*CONTAINERS, 0, "name"), "other", "containers[0].name"),
        ((*CONTAINERS, 1, "image"), "proxy:2", "containers[1].image"),
        ((*CONTAINERS, 1, "image"), NEW, "containers[1].image"),
        ((*CONTAINERS, 0, "image"), "evil.example.com/shop/model:v2", "containers[0].image"),
        ((*CONTAINERS, 0, "image"), f"{IMAGE.name}/x:v2", "containers[0].image"),
        ((*CONTAINERS, 0, "image"), None, "containers[0].image"),
        ((*CONTAINERS, 0, "image"), ..., "containers[0].image"),
        ((*CONTAINERS,), [], "containers"),
        ((*TEMPLATE, "image"), NEW, "spec.template.spec.image"),
        ((*TEMPLATE, "initContainers", 0, "command"), ["sh"], "initContainers[0].command"),
        (("spec", "template", LABEL), "2", f"spec.template.{LABEL}"),
        (("data",), {"image": NEW}, "data.image"),
    ],
)
def test_every_other_change_is_found(
    path: tuple[str | int, ...], value: object, words: str
) -> None:
    result = change(path, value)
    assert result.status is Status.FAILED
    assert result.details[0].startswith("Deployment shop: ")
    assert words in result.details[0]


def test_the_first_version_label_may_make_its_map() -> None:
    before, after = deployment(), deployment(NEW, "2")
    del before["metadata"]["labels"]
    after["metadata"]["labels"] = {LABEL: "2"}
    assert judge([before], [after]).status is Status.PASSED
    after["metadata"]["labels"]["more"] = "x"
    assert judge([before], [after]).details == ("Deployment shop: metadata.labels.more changes",)


def test_labels_of_volume_claim_templates_cannot_change_in_a_cluster() -> None:
    before, after = deployment(), deployment(NEW, "2")
    for item, version in ((before, "1"), (after, "2")):
        item["spec"]["volumeClaimTemplates"] = [{"metadata": {"labels": {LABEL: version}}}]
    result = judge([before], [after])
    assert result.status is Status.FAILED
    assert "volumeClaimTemplates[0]" in result.details[0]


def test_objects_that_appear_or_disappear_are_found() -> None:
    extra = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token"}}
    one, two = deployment(), deployment(NEW, "2")
    assert judge([one], [two, extra]).details == ("Secret token appears",)
    assert judge([one, extra], [two]).details == ("Secret token disappears",)


@pytest.mark.parametrize("where", [0, 1])
def test_no_object_hides_behind_another_of_the_same_id(where: int) -> None:
    ours, evil = deployment(NEW, "2"), deployment(NEW, "2")
    evil["spec"]["template"]["spec"]["hostNetwork"] = True
    after = [ours, ours]
    after[where] = evil
    assert judge([deployment(), deployment()], after).status is Status.FAILED
    assert judge([deployment()], [ours, evil]).details == ("Deployment shop appears",)
    assert judge([deployment()], [ours, ours]).details == ("Deployment shop appears",)
    assert judge([deployment()] * 2, [ours]).details == ("Deployment shop disappears",)


def test_objects_are_told_apart_by_kind_and_namespace() -> None:
    other = copy.deepcopy(deployment())
    other["metadata"]["namespace"] = "elsewhere"
    result = judge([deployment(), other], [other, deployment(NEW, "2")])
    assert result.status is Status.PASSED


@pytest.mark.parametrize("item", [{}, {"metadata": None}, {"metadata": "x"}, {"kind": ["a"]}])
def test_objects_of_no_shape_break_nothing(item: dict[str, Any]) -> None:
    assert judge([], [item]).status is Status.FAILED
    assert judge([item], [item]).status is Status.PASSED


def test_a_promotion_that_reaches_no_container_fails() -> None:
    result = judge([deployment()], [deployment()], {OLD, "b:2", "a:1"})
    assert result.status is Status.FAILED
    assert NEW in result.sentence
    assert result.details == ("a:1", "b:2", OLD)


@pytest.mark.parametrize("broken", [None, Unavailable("kustomize failed")])
def test_no_rendering_is_errored(broken: Unavailable | None) -> None:
    result = ask(spec("render"), evidence(rendering=broken))
    assert result.status is Status.ERRORED


SCALARS = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "1", "x"])
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
    ),
    max_leaves=6,
)


def same(one: Any, two: Any) -> bool:
    """Whether two values are the same JSON."""
    if type(one) is not type(two):
        return False
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[k], two[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two)


@given(TREES, TREES)
def test_whatever_differs_is_found(old: Any, new: Any) -> None:
    result = judge([deployment() | {"data": old}], [deployment(NEW, "2") | {"data": new}])
    assert (result.status is Status.PASSED) == same(old, new)
