"""Admission policies and their bindings, but for what their expressions say
(pkg/apis/admissionregistration/validation: validateValidatingAdmissionPolicySpec)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_1035_RULE,
    SEGMENT_RULE,
    SUBDOMAIN_RULE,
    VALUE_RULE,
    is_key,
    is_label_1035,
    is_segment,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.resource_rules import (
    judge_conditions,
    judge_matching,
    judge_rules,
)
from tidegate.policy.schemas.syntax.selectors import judge_selector
from tidegate.policy.schemas.syntax.words import MISSING, filled, named, needed, one_of, wrong
from tidegate.policy.schemas.words import choice, shown, suggestion

_SPEC: FieldPath = ("spec",)
_FAILURES = ("Fail", "Ignore")
_REASONS = ("Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge")
_ACTIONS = ("Deny", "Warn", "Audit")
_NOT_FOUND = ("Allow", "Deny")
_REINVOCATIONS = ("Never", "IfNeeded")
_PATCHES = {"ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"}


def judge_policy(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ValidatingAdmissionPolicy."""
    spec = part(data, "spec")
    yield from _judge_either(spec)
    if not spec.get("validations") and not spec.get("auditAnnotations"):
        message = f"{MISSING}; expected at least one, or auditAnnotations"
        yield Flaw((*_SPEC, "validations"), message)
    policy = text(part(data, "metadata").get("name"))
    for item, path in items(spec.get("auditAnnotations"), (*_SPEC, "auditAnnotations")):
        key = text(item.get("key"))
        if key and policy and not is_key(f"{policy}/{key}"):
            yield wrong((*path, "key"), key, VALUE_RULE)
    for item, path in items(spec.get("validations"), (*_SPEC, "validations")):
        yield from needed(item, "expression", path, "an expression")
        yield from one_of(item, "reason", _REASONS, path)
        yield from filled(item, ("reason",), path)
        words = item.get("message")
        if isinstance(words, str) and "\n" in words.strip():
            yield Flaw((*path, "message"), "has several lines; expected one")


def judge_mutating_policy(data: dict[str, Any]) -> Iterator[Flaw]:
    """A MutatingAdmissionPolicy."""
    spec = part(data, "spec")
    yield from _judge_either(spec)
    yield from needed(spec, "reinvocationPolicy", _SPEC, choice(_REINVOCATIONS))
    yield from one_of(spec, "reinvocationPolicy", _REINVOCATIONS, _SPEC)
    if not spec.get("mutations"):
        yield Flaw((*_SPEC, "mutations"), f"{MISSING}; expected at least one")
    for item, path in items(spec.get("mutations"), (*_SPEC, "mutations")):
        kind = text(item.get("patchType"))
        yield from one_of(item, "patchType", tuple(_PATCHES), path)
        yield from filled(item, ("patchType",), path)
        for name, key in _PATCHES.items():
            if name == kind and item.get(key) is None:
                yield Flaw((*path, key), f"{MISSING}; expected it for the type {kind}")
            elif kind in _PATCHES and name != kind and item.get(key) is not None:
                yield Flaw((*path, key), f"is set; expected none for the type {kind}")


def _judge_either(spec: dict[str, Any]) -> Iterator[Flaw]:
    """What policies that validate and that mutate have alike."""
    yield from one_of(spec, "failurePolicy", _FAILURES, _SPEC)
    yield from filled(spec, ("failurePolicy",), _SPEC)
    if not part(spec, "matchConstraints").get("resourceRules"):
        path = (*_SPEC, "matchConstraints", "resourceRules")
        yield Flaw(path, f"{MISSING}; expected at least one rule")
    yield from _judge_constraints(spec, "matchConstraints")
    yield from judge_conditions(spec.get("matchConditions"), (*_SPEC, "matchConditions"))
    for item, path in items(spec.get("variables"), (*_SPEC, "variables")):
        name = text(item.get("name"))
        if not name.isidentifier() or not name.isascii():
            yield wrong((*path, "name"), name, "a name of letters, digits and '_'")
        yield from needed(item, "expression", path, "an expression")
    kind, path = spec.get("paramKind"), (*_SPEC, "paramKind")
    if isinstance(kind, dict):
        for key in ("apiVersion", "kind"):
            yield from needed(kind, key, path)
        yield from named(kind, "apiVersion", _is_version, "group/version, or v1", path)
        rule = LABEL_1035_RULE.replace("lower-case letters", "letters")
        yield from named(kind, "kind", lambda name: is_label_1035(name.lower()), rule, path)


def _is_version(version: str) -> bool:
    group, _, name = version.rpartition("/")
    return is_label_1035(name) and (not group or is_subdomain(group))


def judge_policy_binding(data: dict[str, Any], *, validates: bool) -> Iterator[Flaw]:
    """The binding of a policy that validates, or mutates."""
    spec = part(data, "spec")
    yield from needed(spec, "policyName", _SPEC, "a policy's name")
    yield from named(spec, "policyName", is_subdomain, SUBDOMAIN_RULE, _SPEC)
    yield from _judge_constraints(spec, "matchResources")
    if validates:
        yield from _judge_actions(spec.get("validationActions"), (*_SPEC, "validationActions"))
    reference, path = spec.get("paramRef"), (*_SPEC, "paramRef")
    if isinstance(reference, dict):
        yield from named(reference, "name", is_segment, SEGMENT_RULE, path)
        yield from judge_selector(reference.get("selector"), (*path, "selector"))
        yield from needed(reference, "parameterNotFoundAction", path, choice(_NOT_FOUND))
        yield from one_of(reference, "parameterNotFoundAction", _NOT_FOUND, path)
        given = [key for key in ("name", "selector") if reference.get(key) not in (None, "")]
        if len(given) != 1:
            found = "names nobody" if not given else "has a name and a selector"
            yield Flaw(path, f"{found}; expected name or selector")


def _judge_constraints(spec: dict[str, Any], key: str) -> Iterator[Flaw]:
    constraints, path = mapping(spec.get(key)), (*_SPEC, key)
    yield from judge_matching(constraints, path)
    for rules in ("resourceRules", "excludeResourceRules"):
        yield from judge_rules(constraints.get(rules), (*path, rules))


def _judge_actions(actions: Any, path: FieldPath) -> Iterator[Flaw]:
    if not isinstance(actions, list) or not actions:
        yield Flaw(path, f"{MISSING}; expected {choice(_ACTIONS)}")
        return
    seen: set[str] = set()
    for index, action in enumerate(actions):
        if isinstance(action, str) and action not in _ACTIONS:
            expected = f"{choice(_ACTIONS)}{suggestion(action, _ACTIONS)}"
            yield wrong((*path, index), action, expected)
        elif text(action) in seen:
            yield Flaw((*path, index), f"is {shown(action)}, as an earlier one")
        seen.add(text(action))
    if "Deny" in actions and "Warn" in actions:
        yield Flaw(path, "has both Deny and Warn; expected one of the two")
