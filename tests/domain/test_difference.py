from __future__ import annotations

from typing import Any

import pytest

from tidegate.domain.difference import MASK, Change, FieldChange, compare, mask
from tidegate.domain.manifest import Manifest, identify


def manifest(data: dict[str, Any]) -> Manifest:
    return Manifest(identify(data), data)


def item(kind: str = "Deployment", name: str = "shop", **fields: Any) -> Manifest:
    return manifest({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **fields})


def fields(old: dict[str, Any], new: dict[str, Any], kind: str = "Deployment") -> list[FieldChange]:
    changes, _ = compare([item(kind, **old)], [item(kind, **new)])
    return [field for change in changes for field in change.fields]


@pytest.mark.parametrize(
    ("old", "new", "path", "change"),
    [
        ({"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, "spec.replicas", Change.CHANGED),
        ({"spec": {}}, {"spec": {"replicas": 2}}, "spec.replicas", Change.ADDED),
        ({"spec": {"replicas": 1}}, {"spec": {}}, "spec.replicas", Change.REMOVED),
        ({"spec": {"a": True}}, {"spec": {"a": 1}}, "spec.a", Change.CHANGED),
        (
            {"spec": {"c": [{"name": "x", "image": "a"}, {"name": "y", "image": "b"}]}},
            {"spec": {"c": [{"name": "y", "image": "b"}, {"name": "x", "image": "z"}]}},
            "spec.c[x].image",
            Change.CHANGED,
        ),
        ({"spec": {"a": [1, 2]}}, {"spec": {"a": [1, 3]}}, "spec.a[1]", Change.CHANGED),
        ({"spec": {"a": [1, 2]}}, {"spec": {"a": [1]}}, "spec.a", Change.CHANGED),
        (
            {"l": {"app.kubernetes.io/version": "1"}},
            {"l": {"app.kubernetes.io/version": "2"}},
            "l[app.kubernetes.io/version]",
            Change.CHANGED,
        ),
    ],
)
def test_each_field_that_differs_is_named(
    old: dict[str, Any], new: dict[str, Any], path: str, change: Change
) -> None:
    assert [(f.path, f.change) for f in fields(old, new)] == [(path, change)]


def test_objects_come_and_go_and_stay() -> None:
    before = [item(name="gone"), item(name="same"), item("Service", "web", spec={"a": 1})]
    after = [item("Service", "web", spec={"a": 2}), item(name="same"), item(name="new")]
    changes, same = compare(before, after)
    assert [(c.id.name, c.change) for c in changes] == [
        ("gone", Change.REMOVED),
        ("new", Change.ADDED),
        ("web", Change.CHANGED),
    ]
    assert same == 1


def test_objects_of_one_id_do_not_hide_each_other() -> None:
    changes, same = compare([item(spec=1)], [item(spec=1), item(spec=2)])
    assert [change.change for change in changes] == [Change.ADDED]
    assert same == 1


def test_a_generated_object_is_the_same_under_its_new_hash() -> None:
    old = item("ConfigMap", "settings-2g6c8cbkkk", data={"level": "info"})
    new = item("ConfigMap", "settings-6862c6gcgb", data={"level": "debug"})
    (change,), same = compare([old], [new])
    assert (change.id.name, same) == ("settings-6862c6gcgb", 0)
    assert [f.path for f in change.fields] == ["metadata.name", "data.level"]
    changes, _ = compare([item("Service", "a-2g6c8cbkkk")], [item("Service", "a-6862c6gcgb")])
    assert [change.change for change in changes] == [Change.REMOVED, Change.ADDED]


def test_the_values_of_secrets_are_never_told() -> None:
    found = fields({"data": {"key": "b2xk"}}, {"data": {"key": "bmV3", "more": "eA=="}}, "Secret")
    assert [(f.path, f.old, f.new) for f in found] == [
        ("data.key", MASK, MASK),
        ("data.more", None, MASK),
    ]
    whole = fields({"stringData": {"a": "hush"}}, {"stringData": ["hush"]}, "Secret")
    assert "hush" not in repr(whole)
    dotted = fields({"data": {"tls.key": "hush"}}, {"data": {"tls.key": "hush2"}}, "Secret")
    assert [(f.path, f.old, f.new) for f in dotted] == [("data[tls.key]", MASK, MASK)]
    copied = {"name": "shop", "annotations": {"example.com/applied": "hush"}}
    for old, new in ((copied, {"name": "shop"}), ({"name": "shop"}, copied)):
        noted = fields({"metadata": old}, {"metadata": new}, "Secret")
        assert noted
        assert "hush" not in repr(noted)
    kept = {"name": "shop", "annotations": {"example.com/applied": "hush2"}}
    (noted,) = fields({"metadata": copied}, {"metadata": kept}, "Secret")
    assert (noted.path, noted.old) == ("metadata.annotations[example.com/applied]", MASK)
    assert mask({"kind": "Secret", "data": {"a": "x"}, "type": "t"}) == {
        "kind": "Secret",
        "data": {"a": MASK},
        "type": "t",
    }
    applied = "kubectl.kubernetes.io/last-applied-configuration"
    assert mask({"kind": "Secret", "metadata": {"annotations": {applied: "x", "b": "c"}}}) == {
        "kind": "Secret",
        "metadata": {"annotations": {applied: MASK, "b": "c"}},
    }
