"""Which requests webhooks and admission policies are asked about
(pkg/apis/admissionregistration/validation: validateRuleWithOperations, validateMatchResources)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import KEY_RULE, SEGMENT_RULE, is_key, is_segment
from tidegate.policy.schemas.syntax.reading import items, text
from tidegate.policy.schemas.syntax.selectors import judge_selector
from tidegate.policy.schemas.syntax.words import MISSING, filled, needed, one_of, wrong
from tidegate.policy.schemas.words import choice, shown, suggestion

_OPERATIONS = ("CREATE", "UPDATE", "DELETE", "CONNECT", "*")
_SCOPES = ("Cluster", "Namespaced", "*")
_POLICIES = ("Exact", "Equivalent")
_SELECTORS = ("namespaceSelector", "objectSelector")


def judge_matching(data: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """What a webhook and the `matchConstraints` of a policy have alike."""
    yield from one_of(data, "matchPolicy", _POLICIES, path)
    yield from filled(data, ("matchPolicy",), path)
    for key in _SELECTORS:
        yield from judge_selector(data.get(key), (*path, key))


def judge_rules(rules: Any, path: FieldPath) -> Iterator[Flaw]:
    """Rules that each name operations, groups, versions and resources."""
    for rule, where in items(rules, path):
        for key in ("operations", "apiGroups", "apiVersions", "resources"):
            yield from _judge_names(rule.get(key), key, (*where, key))
        names = rule.get("resourceNames")
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str) and not is_segment(name):
                yield wrong((*where, "resourceNames", index), name, SEGMENT_RULE)
        yield from one_of(rule, "scope", _SCOPES, where)
        yield from filled(rule, ("scope",), where)


def judge_conditions(conditions: Any, path: FieldPath) -> Iterator[Flaw]:
    """Expressions that must be true for a request to count."""
    seen: set[str] = set()
    for item, where in items(conditions, path):
        name = text(item.get("name"))
        if name in seen:
            yield Flaw((*where, "name"), f"is {shown(name)}, as an earlier condition")
        elif not is_key(name):
            yield wrong((*where, "name"), name, KEY_RULE)
        seen.add(name)
        yield from needed(item, "expression", where, "an expression")


def _judge_names(names: Any, key: str, path: FieldPath) -> Iterator[Flaw]:
    if not isinstance(names, list) or not names:
        yield Flaw(path, f"{MISSING if names is None else 'is empty'}; expected some, or '*'")
        return
    if key == "resources":
        yield from _judge_resources([str(name) for name in names], path)
    elif "*" in names and len(names) > 1:
        yield Flaw(path, "has others beside '*'; expected '*' alone")
    for index, name in enumerate(names):
        if name == "" and key != "apiGroups":  # where it is the core group
            yield Flaw((*path, index), "is empty; expected a name, or '*'")
        elif key == "operations" and isinstance(name, str) and name not in _OPERATIONS:
            expected = f"{choice(_OPERATIONS)}{suggestion(name, _OPERATIONS)}"
            yield wrong((*path, index), name, expected)


def _judge_resources(names: list[str], path: FieldPath) -> Iterator[Flaw]:
    """What is in a wildcard already, as far as the server looks: at what comes after it."""
    if "*/*" in names and len(names) > 1:
        yield Flaw(path, "has others beside '*/*'; expected '*/*' alone")
        return
    for index, name in enumerate(names):
        resource, slash, subresource = name.partition("/")
        whole = {f"{resource}/*", f"*/{subresource}"} if slash else {"*"}
        for wildcard in sorted(whole - {name}):
            if wildcard in names[:index]:
                message = f"is {shown(name)}, which '{wildcard[:100]}' before it has"
                yield Flaw((*path, index), f"{message}; expected only one of them")
