"""Autoscalers, disruption budgets and priorities (pkg/apis/{autoscaling,policy,scheduling})."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.quantity import amount_of
from tidegate.policy.schemas.syntax.grammar import LABEL_RULE, SEGMENT_RULE, is_label, is_segment
from tidegate.policy.schemas.syntax.reading import items, mapping, number, part, text
from tidegate.policy.schemas.syntax.resources import RESOURCE_RULE, is_resource, judge_amount
from tidegate.policy.schemas.syntax.selectors import judge_selector
from tidegate.policy.schemas.syntax.words import (
    MISSING,
    at_least,
    filled,
    named,
    needed,
    one_of,
    wrong,
)
from tidegate.policy.schemas.syntax.workloads import judge_bounds
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import choice

_PATH: FieldPath = ("spec",)
_SOURCES = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}
_TARGETS = ("Utilization", "Value", "AverageValue")
_POLICIES = ("Pods", "Percent")
_SELECT = ("Max", "Min", "Disabled")
_EVICTIONS = ("IfHealthyBudget", "AlwaysAllow")
_GROUP_ASKED = (1, 36)
# The last version of which it is known that its gate HPAScaleToZero is off by default.
_NEVER_ZERO = (1, 36)
_ZERO = "set minReplicas to 1, or let KEDA scale to zero (minReplicaCount: 0)"


def judge_autoscaler(data: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A HorizontalPodAutoscaler, of any version."""
    spec = part(data, "spec")
    yield from at_least(spec, "maxReplicas", 1, _PATH)
    most, least = number(spec.get("maxReplicas")), number(spec.get("minReplicas"))
    yield from _judge_least(spec, minor)
    if most is not None and least is not None and most >= 1 and least > most:
        yield wrong((*_PATH, "minReplicas"), least, f"at most maxReplicas, {most}")
    target, where = part(spec, "scaleTargetRef"), (*_PATH, "scaleTargetRef")
    for key in ("kind", "name"):
        if key in target:
            yield from needed(target, key, where)
            yield from named(target, key, is_segment, SEGMENT_RULE, where)
    version = text(target.get("apiVersion"))
    if target and minor >= _GROUP_ASKED and not version:
        yield Flaw((*where, "apiVersion"), f"{MISSING}; expected one such as apps/v1")
    elif target and minor >= _GROUP_ASKED and target.get("kind") != "ReplicationController":
        group, slash, rest = version.partition("/")
        if not group or not slash or "/" in rest:
            yield wrong((*where, "apiVersion"), version, "a group with its version, as apps/v1")
    yield from at_least(spec, "targetCPUUtilizationPercentage", 1, _PATH)
    for item, inner in items(spec.get("metrics"), (*_PATH, "metrics")):
        yield from _judge_metric(item, inner)
    for key in ("scaleUp", "scaleDown"):
        rules, inner = part(spec, "behavior", key), (*_PATH, "behavior", key)
        yield from at_least(rules, "stabilizationWindowSeconds", 0, inner, 3600)
        yield from one_of(rules, "selectPolicy", _SELECT, inner)
        yield from filled(rules, ("selectPolicy",), inner)
        yield from judge_amount(rules.get("tolerance"), (*inner, "tolerance"))
        if rules.get("policies") == []:
            yield Flaw((*inner, "policies"), "is empty; expected at least one policy")
        for item, place in items(rules.get("policies"), (*inner, "policies")):
            yield from one_of(item, "type", _POLICIES, place)
            yield from filled(item, ("type",), place)
            yield from at_least(item, "value", 1, place)
            yield from at_least(item, "periodSeconds", 1, place, 1800)


def _judge_least(spec: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """None at all only where the API server is told so, and by a metric that needs no pods."""
    where, kinds = (*_PATH, "minReplicas"), []
    for item, _ in items(spec.get("metrics"), ()):
        kinds.append(text(item.get("type")))
    if number(spec.get("minReplicas")) != 0:
        yield from at_least(spec, "minReplicas", 1, _PATH)
    elif not {"Object", "External"} & {*kinds}:
        message = "is 0; expected at least 1 without a metric of the type Object or External"
        yield Flaw(where, message)
    elif minor <= _NEVER_ZERO:
        yield Flaw(where, "is 0; expected at least 1 (the gate HPAScaleToZero is off)", _ZERO)


def judge_budget(data: dict[str, Any]) -> Iterator[Flaw]:
    """A PodDisruptionBudget."""
    spec = part(data, "spec")
    yield from judge_bounds(spec, ("minAvailable", "maxUnavailable"), _PATH)
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        yield Flaw((*_PATH, "maxUnavailable"), "is set beside minAvailable; expected one of them")
    yield from one_of(spec, "unhealthyPodEvictionPolicy", _EVICTIONS, _PATH)
    yield from filled(spec, ("unhealthyPodEvictionPolicy",), _PATH)
    yield from judge_selector(spec.get("selector"), (*_PATH, "selector"))


def _judge_metric(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    kind = text(item.get("type"))
    if item.get("type") == "":
        yield Flaw((*path, "type"), "is empty; expected a kind of metric")
    yield from one_of(item, "type", tuple(_SOURCES), path)
    own = _SOURCES.get(kind)
    if own is None:
        return
    given = [key for key in _SOURCES.values() if item.get(key) is not None]
    if own not in given:
        yield Flaw((*path, own), f"{MISSING}; expected the metric, for the type is {kind}")
        return
    for key in given:
        if key != own:
            yield Flaw((*path, key), f"is set; expected {own} alone, for the type is {kind}")
    yield from _judge_source(part(item, own), (*path, own))
    target = part(item, own, "target")
    yield from _judge_target(target, (*path, own, "target"), kind)


def _judge_source(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """What is measured, and of whom."""
    for key in ("name", "container"):
        if source.get(key) == "":
            yield Flaw((*path, key), f"is empty; expected a {key}")
    yield from named(source, "container", is_label, LABEL_RULE, path)
    name = source.get("name")
    if "container" in source and isinstance(name, str) and not is_resource(name):
        yield wrong((*path, "name"), name, RESOURCE_RULE)
    metric, described = part(source, "metric"), part(source, "describedObject")
    version = described.get("apiVersion")
    if isinstance(version, str) and version.count("/") > 1:
        yield wrong((*path, "describedObject", "apiVersion"), version, "group/version, or v1")
    for inner, keys, where in (
        (metric, ("name",), (*path, "metric")),
        (described, ("kind", "name"), (*path, "describedObject")),
    ):
        for key in keys:
            if inner.get(key) == "":
                yield Flaw((*where, key), f"is empty; expected a {key}")
            yield from named(inner, key, is_segment, SEGMENT_RULE, where)


def _judge_target(target: dict[str, Any], path: FieldPath, kind: str) -> Iterator[Flaw]:
    if target.get("type") == "":
        yield Flaw((*path, "type"), f"is empty; expected {choice(_TARGETS)}")
    yield from one_of(target, "type", _TARGETS, path)
    yield from at_least(target, "averageUtilization", 1, path)
    for key in ("value", "averageValue"):
        amount = amount_of(target.get(key))
        if amount is not None and amount <= 0:
            yield wrong((*path, key), target[key], "more than 0")
    value, average = target.get("value"), target.get("averageValue")
    utilization = target.get("averageUtilization")
    if kind in ("Resource", "ContainerResource"):
        if utilization is None and average is None:
            message = f"{MISSING}; expected averageUtilization or averageValue"
            yield Flaw((*path, "averageUtilization"), message)
        elif utilization is not None and average is not None:
            message = "is set beside averageUtilization; expected one of them"
            yield Flaw((*path, "averageValue"), message)
    elif kind == "Pods" and amount_of(average) is None and average is None:
        yield Flaw((*path, "averageValue"), f"{MISSING}; expected the value for each pod")
    elif kind in ("Object", "External") and value is None and average is None:
        yield Flaw((*path, "value"), f"{MISSING}; expected value or averageValue")
    elif kind == "External" and value is not None and average is not None:
        yield Flaw((*path, "value"), "is set beside averageValue; expected one of them")


def judge_priority(data: dict[str, Any]) -> Iterator[Flaw]:
    """A PriorityClass."""
    name = text(mapping(data.get("metadata")).get("name"))
    value = number(data.get("value"))
    if name.startswith("system-"):
        yield wrong(
            ("metadata", "name"), name, "a name without 'system-', which is Kubernetes' own"
        )
    elif value is not None and value > 10**9:
        yield wrong(("value",), value, "at most 1000000000")
    yield from one_of(data, "preemptionPolicy", ("PreemptLowerPriority", "Never"), ())
