"""Admission policies and their bindings, but for what their expressions say
(pkg/apis/admissionregistration/validation: validateValidatingAdmissionPolicySpec)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import SUBDOMAIN_RULE, is_subdomain
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.resource_rules import (
    judge_conditions,
    judge_matching,
    judge_rules,
)
from tidegate.policy.schemas.syntax.words import MISSING, filled, named, needed, one_of, wrong
from tidegate.policy.schemas.words import choice, shown, suggestion

_SPEC: FieldPath = ("spec",)
_FAILURES = ("Fail", "Ignore")
_REASONS = ("Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge")
_ACTIONS = ("Deny", "Warn", "Audit")
_NOT_FOUND = ("Allow", "Deny")


def judge_policy(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ValidatingAdmissionPolicy."""
    spec = part(data, "spec")
    yield from one_of(spec, "failurePolicy", _FAILURES, _SPEC)
    yield from filled(spec, ("failurePolicy",), _SPEC)
    if not part(spec, "matchConstraints").get("resourceRules"):
        path = (*_SPEC, "matchConstraints", "resourceRules")
        yield Flaw(path, f"{MISSING}; expected at least one rule")
    yield from _judge_constraints(spec, "matchConstraints")
    if not spec.get("validations") and not spec.get("auditAnnotations"):
        message = f"{MISSING}; expected at least one, or auditAnnotations"
        yield Flaw((*_SPEC, "validations"), message)
    yield from judge_conditions(spec.get("matchConditions"), (*_SPEC, "matchConditions"))
    for item, path in items(spec.get("variables"), (*_SPEC, "variables")):
        name = text(item.get("name"))
        if not name.isidentifier() or not name.isascii():
            yield wrong((*path, "name"), name, "a name of letters, digits and '_'")
        yield from needed(item, "expression", path, "an expression")
    for item, path in items(spec.get("validations"), (*_SPEC, "validations")):
        yield from needed(item, "expression", path, "an expression")
        yield from one_of(item, "reason", _REASONS, path)
        yield from filled(item, ("reason",), path)
        words = item.get("message")
        if isinstance(words, str) and "\n" in words.strip():
            yield Flaw((*path, "message"), "has several lines; expected one")
    kind, path = spec.get("paramKind"), (*_SPEC, "paramKind")
    if isinstance(kind, dict):
        for key in ("apiVersion", "kind"):
            yield from needed(kind, key, path)


def judge_policy_binding(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ValidatingAdmissionPolicyBinding."""
    spec = part(data, "spec")
    yield from needed(spec, "policyName", _SPEC, "a policy's name")
    yield from named(spec, "policyName", is_subdomain, SUBDOMAIN_RULE, _SPEC)
    yield from _judge_constraints(spec, "matchResources")
    yield from _judge_actions(spec.get("validationActions"), (*_SPEC, "validationActions"))
    reference, path = spec.get("paramRef"), (*_SPEC, "paramRef")
    if isinstance(reference, dict):
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
