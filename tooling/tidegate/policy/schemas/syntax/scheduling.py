"""Where pods may run (pkg/apis/core/validation: ValidateTolerations, validateAffinity,
validateTopologySpreadConstraints)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    KEY_RULE,
    LABEL_RULE,
    VALUE_RULE,
    is_key,
    is_label,
    is_value,
)
from tidegate.policy.schemas.syntax.metadata import judge_label_map
from tidegate.policy.schemas.syntax.reading import items, mapping, number, part, text
from tidegate.policy.schemas.syntax.selectors import judge_expression, judge_selector
from tidegate.policy.schemas.syntax.words import at_least, filled, named, one_of, wrong

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_UNSATISFIABLE = ("DoNotSchedule", "ScheduleAnyway")
_POLICIES = ("nodeAffinityPolicy", "nodeTaintsPolicy")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_NUMBERS = ("Gt", "Lt")


def judge_scheduling(pod: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A pod's node selector, tolerations, affinity and spread."""
    yield from judge_label_map(pod.get("nodeSelector"), (*path, "nodeSelector"))
    for item, where in items(pod.get("tolerations"), (*path, "tolerations")):
        yield from _judge_toleration(item, where)
    seen: set[tuple[str, str]] = set()
    for item, where in items(
        pod.get("topologySpreadConstraints"), (*path, "topologySpreadConstraints")
    ):
        yield from _judge_spread(item, where, seen)
    if isinstance(pod.get("affinity"), dict):
        yield from _judge_affinity(pod["affinity"], (*path, "affinity"))


def _judge_toleration(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    operator, key = text(item.get("operator")), text(item.get("key"))
    yield from named(item, "key", is_key, KEY_RULE, path)
    yield from one_of(item, "operator", ("Exists", "Equal", *_NUMBERS), path)
    yield from one_of(item, "effect", _EFFECTS, path)
    if not key and operator in ("", "Equal"):
        yield Flaw((*path, "operator"), "must be Exists where there is no key")
    if operator == "Exists" and text(item.get("value")):
        yield wrong((*path, "value"), item["value"], "no value for the operator Exists")
    if operator in ("", "Equal"):
        yield from named(item, "value", is_value, VALUE_RULE, path)
    seconds = item.get("tolerationSeconds")
    if seconds is not None and item.get("effect") != "NoExecute":
        yield Flaw((*path, "tolerationSeconds"), "is set; expected none but for NoExecute")


def _judge_spread(
    item: dict[str, Any], path: FieldPath, seen: set[tuple[str, str]]
) -> Iterator[Flaw]:
    yield from at_least(item, "maxSkew", 1, path)
    yield from one_of(item, "whenUnsatisfiable", _UNSATISFIABLE, path)
    for key in _POLICIES:
        yield from one_of(item, key, ("Honor", "Ignore"), path)
    yield from filled(item, ("topologyKey", "whenUnsatisfiable", *_POLICIES), path)
    yield from judge_selector(item.get("labelSelector"), (*path, "labelSelector"))
    if item.get("matchLabelKeys") and item.get("labelSelector") is None:
        yield Flaw((*path, "matchLabelKeys"), "is set without labelSelector; expected it too")
    domains, action = number(item.get("minDomains")), text(item.get("whenUnsatisfiable"))
    if domains is not None:
        yield from at_least(item, "minDomains", 1, path)
        if action == "ScheduleAnyway":
            yield Flaw((*path, "minDomains"), "is set; expected none for ScheduleAnyway")
    pair = (text(item.get("topologyKey")), action)
    if pair in seen and all(pair):
        yield Flaw(path, f"has the topologyKey and whenUnsatisfiable of an earlier one: {pair[0]}")
    seen.add(pair)


def _judge_affinity(affinity: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    nodes, where = part(affinity, "nodeAffinity"), (*path, "nodeAffinity")
    required = nodes.get(_REQUIRED)
    if isinstance(required, dict):
        terms = (*where, _REQUIRED, "nodeSelectorTerms")
        if required.get("nodeSelectorTerms") == []:
            yield Flaw(terms, "is empty; expected at least one term")
        for term, inner in items(required.get("nodeSelectorTerms"), terms):
            yield from _judge_term(term, inner)
    for item, inner in items(nodes.get(_PREFERRED), (*where, _PREFERRED)):
        yield from at_least(item, "weight", 1, inner, 100)
        yield from _judge_term(mapping(item.get("preference")), (*inner, "preference"))
    for kind in ("podAffinity", "podAntiAffinity"):
        pods, where = part(affinity, kind), (*path, kind)
        for item, inner in items(pods.get(_REQUIRED), (*where, _REQUIRED)):
            yield from _judge_pods(item, inner)
        for item, inner in items(pods.get(_PREFERRED), (*where, _PREFERRED)):
            yield from at_least(item, "weight", 1, inner, 100)
            own = (*inner, "podAffinityTerm")
            yield from _judge_pods(mapping(item.get("podAffinityTerm")), own)


def _judge_term(term: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    for item, where in items(term.get("matchExpressions"), (*path, "matchExpressions")):
        yield from judge_expression(item, where, _NUMBERS)


def _judge_pods(term: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    if term.get("topologyKey") == "":
        yield Flaw((*path, "topologyKey"), "is empty; expected a node label's key")
    yield from named(term, "topologyKey", is_key, KEY_RULE, path)
    spaces = term.get("namespaces")
    for index, space in enumerate(spaces if isinstance(spaces, list) else ()):
        if isinstance(space, str) and not is_label(space):
            yield wrong((*path, "namespaces", index), space, LABEL_RULE)
    for key in ("labelSelector", "namespaceSelector"):
        yield from judge_selector(term.get(key), (*path, key))
