"""Every rule survives any shape in any place, in bounded time."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.rules import EXAMPLES, example, prod, rendered

from tidegate.domain.context import RuleContext
from tidegate.domain.delivery import Delivery
from tidegate.domain.image import ImageRef
from tidegate.domain.release import Release
from tidegate.policy.rules import RULES, inspect, judge_overlays
from tidegate.policy.rules.examples import run_example

ENVIRONMENT = prod(
    kubernetes="1.33",
    provides=("Secret/*", "ConfigMap/*/ab*cd"),
    components={"istio": "1.2"},
    compatibility={"istio": ">=1.2 <2", "torch": "((", "framework": "1"},
)
RELEASE = Release(
    "shop", "prod", "m", "3", None, ImageRef("registry.example.com/shop/recommender", "v3")
)
DELIVERY = Delivery("main", ("environments/prod/recommender", "environments/prod/b"))
CONTEXTS = (
    RuleContext(),
    RuleContext(ENVIRONMENT),
    RuleContext(ENVIRONMENT, release=RELEASE),
    RuleContext(delivery=DELIVERY),
)
STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    16**4000,
    float("nan"),
    "",
    "x\n\x1b[2J\u202e" * 200,
    "\ud800",
    [],
    {},
    [None, 1, "a", [[]], {}],
    {"name": {}, "kind": [], "spec": "x", "matchLabels": [1], "metadata": 3},
)


def survives(objects: list[Any], contexts: Iterable[RuleContext] = CONTEXTS) -> None:
    facts = {}
    for context in contexts:
        overlay = rendered(objects, inside=context.environment is not None)
        violations, found = inspect(overlay, context)
        for violation in violations:
            assert violation.rule in RULES
            assert len(violation.message) < 2000
            assert violation.message.isprintable()
        facts[f"environments/prod/{len(facts)}"] = json.loads(json.dumps(found))
    for overlay_name, violation in judge_overlays(facts, {"prod": ENVIRONMENT}):
        assert overlay_name in facts
        assert violation.message.isprintable()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def put(objects: list[Any], path: tuple[Any, ...], value: Any) -> list[Any]:
    changed = copy.deepcopy(objects)
    target: Any = changed
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = value
    return [item for item in changed if isinstance(item, dict)]


@pytest.mark.parametrize("rule", RULES)
def test_anything_may_stand_in_any_place(rule: str) -> None:
    """Each place is looked at in the fullest context, and in one of the others."""
    none, environment, full, delivery = CONTEXTS
    others = cycle((none, environment, delivery))
    objects = example(rule, "fails")
    for number, path in enumerate(places(objects)):
        for value in STRANGE[number % 4 :: 4] if path else ():
            survives(put(objects, path, value), (full, next(others)))


KEYS = sorted(
    {
        part
        for rule in RULES
        for path in places(example(rule, "fails"))
        for part in path
        if isinstance(part, str)
    }
)
KINDS = sorted(
    {
        (item["apiVersion"], item["kind"])
        for folder in EXAMPLES.iterdir()
        for item in example(folder.name, "fails")
    }
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["recommender", "http", "cpu", "100%", "0%", "*", "a/b", "x.y.svc", ">=1 <"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=5),
    ),
    max_leaves=25,
)
shells = st.builds(
    lambda kind, metadata, spec, more: {
        **more,
        "apiVersion": kind[0],
        "kind": kind[1],
        "metadata": metadata,
        "spec": spec,
    },
    st.sampled_from(KINDS),
    values | st.fixed_dictionaries({"name": st.sampled_from(["recommender", "b"])}),
    values,
    st.dictionaries(st.sampled_from(KEYS), values, max_size=2),
)


@given(st.lists(shells, max_size=5))
def test_any_json_in_the_shell_of_an_object(objects: list[Any]) -> None:
    survives(objects)


@given(st.dictionaries(st.text(max_size=9), st.dictionaries(st.text(), values, max_size=3)))
def test_facts_may_have_any_shape(facts: dict[str, dict[str, Any]]) -> None:
    named = {name: {**found, "belongs": ["prod", "a"]} for name, found in facts.items()}
    for key in ("objects", "hosts", "workloads", "cluster"):
        for found in named.values():
            found[key] = list(facts.values())
    for name, _ in judge_overlays({**facts, **named}, {"prod": ENVIRONMENT}):
        assert name in facts


@given(st.lists(values, max_size=4))
def test_examples_may_have_any_shape(documents: list[Any]) -> None:
    ours = [d | {"apiVersion": "tidegate.dev/v1"} for d in documents if isinstance(d, dict)]
    for kind in ("Environment", "Release"):
        run_example([*documents, *(d | {"kind": kind} for d in ours)])


def test_thousands_of_objects_are_not_compared_each_with_each() -> None:
    objects: list[Any] = []
    for number in range(1000):
        for item in example("autoscaler-target", "fails") + example("service-selector", "fails"):
            changed = copy.deepcopy(item)
            changed["metadata"]["name"] = f"n{number}"
            objects.append(changed)
    violations, facts = inspect(rendered(objects), RuleContext(ENVIRONMENT))
    assert len(violations) > 2000
    assert len(json.dumps(facts)) < 200 * len(objects)
