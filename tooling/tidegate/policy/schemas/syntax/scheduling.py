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
    SUBDOMAIN_RULE,
    VALUE_RULE,
    is_key,
    is_label,
    is_subdomain,
    is_value,
)
from tidegate.policy.schemas.syntax.metadata import judge_label_map
from tidegate.policy.schemas.syntax.reading import items, mapping, number, part, text
from tidegate.policy.schemas.syntax.selectors import judge_expression, judge_selector
from tidegate.policy.schemas.syntax.words import at_least, filled, named, needed, one_of, wrong
from tidegate.policy.schemas.versions import Minor

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_UNSATISFIABLE = ("DoNotSchedule", "ScheduleAnyway")
_POLICIES = ("nodeAffinityPolicy", "nodeTaintsPolicy")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
# The last version of which it is known that tolerations don't compare numbers by default.
_NEVER_COMPARED = (1, 36)
_NUMBERS = ("Gt", "Lt")


def judge_scheduling(pod: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """A pod's node selector, tolerations, affinity and spread."""
    yield from judge_label_map(pod.get("nodeSelector"), (*path, "nodeSelector"))
    yield from judge_tolerations(pod.get("tolerations"), (*path, "tolerations"), minor)
    seen: set[tuple[str, str]] = set()
    for item, where in items(
        pod.get("topologySpreadConstraints"), (*path, "topologySpreadConstraints")
    ):
        yield from _judge_spread(item, where, seen)
    if isinstance(pod.get("affinity"), dict):
        yield from _judge_affinity(pod["affinity"], (*path, "affinity"))


def _judge_toleration(item: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    operator, key = text(item.get("operator")), text(item.get("key"))
    yield from named(item, "key", is_key, KEY_RULE, path)
    known = ("Exists", "Equal") if minor <= _NEVER_COMPARED else ("Exists", "Equal", *_NUMBERS)
    yield from one_of(item, "operator", known, path)
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
    yield from _judge_keys(item, "matchLabelKeys", path)
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
    if isinstance(nodes.get(_REQUIRED), dict):
        yield from judge_node_terms(nodes[_REQUIRED], (*where, _REQUIRED))
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


def judge_node_terms(required: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """Terms of which a node must fit one."""
    terms, where = required.get("nodeSelectorTerms"), (*path, "nodeSelectorTerms")
    if terms == []:
        yield Flaw(where, "is empty; expected at least one term")
    for term, inner in items(terms, where):
        yield from _judge_term(term, inner)


def judge_tolerations(value: Any, path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """The taints of nodes that pods put up with."""
    for item, where in items(value, path):
        yield from _judge_toleration(item, where, minor)


def _judge_keys(term: dict[str, Any], field: str, path: FieldPath) -> Iterator[Flaw]:
    """Labels of the pod itself, which are added to a selector that is there."""
    keys = term.get(field)
    if not isinstance(keys, list) or not keys:
        return
    if term.get("labelSelector") is None:
        yield Flaw((*path, field), "is set without labelSelector; expected it too")
    for index, key in enumerate(keys):
        if isinstance(key, str) and not is_key(key):
            yield wrong((*path, field, index), key, KEY_RULE)


def _judge_term(term: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    for item, where in items(term.get("matchExpressions"), (*path, "matchExpressions")):
        yield from judge_expression(item, where, _NUMBERS)
    for item, where in items(term.get("matchFields"), (*path, "matchFields")):
        yield from _judge_field(item, where)


def _judge_field(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A node by its name, which is the only field that there is."""
    key, values = item.get("key"), item.get("values")
    if isinstance(key, str) and key != "metadata.name":
        yield wrong((*path, "key"), key, "metadata.name")
    yield from needed(item, "operator", path, "an operator")
    yield from one_of(item, "operator", ("In", "NotIn"), path)
    given = values if isinstance(values, list) else []
    if len(given) != 1:
        yield Flaw((*path, "values"), f"has {len(given)} values; expected one node's name")
    for index, value in enumerate(given):
        if isinstance(value, str) and not is_subdomain(value):
            yield wrong((*path, "values", index), value, SUBDOMAIN_RULE)


def _judge_pods(term: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    if term.get("topologyKey") == "":
        yield Flaw((*path, "topologyKey"), "is empty; expected a node label's key")
    yield from named(term, "topologyKey", is_key, KEY_RULE, path)
    spaces = term.get("namespaces")
    for index, space in enumerate(spaces if isinstance(spaces, list) else ()):
        if isinstance(space, str) and not is_label(space):
            yield wrong((*path, "namespaces", index), space, LABEL_RULE)
    for field in ("matchLabelKeys", "mismatchLabelKeys"):
        yield from _judge_keys(term, field, path)
    for key in ("labelSelector", "namespaceSelector"):
        yield from judge_selector(term.get(key), (*path, key))
