"""Label selectors (k8s.io/apimachinery/pkg/apis/meta/v1/validation), and whether they select."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import KEY_RULE, VALUE_RULE, is_key, is_value
from tidegate.policy.schemas.syntax.metadata import judge_label_map
from tidegate.policy.schemas.syntax.reading import items, mapping, text
from tidegate.policy.schemas.syntax.words import needed, one_of, wrong

_WITH, _WITHOUT = ("In", "NotIn"), ("Exists", "DoesNotExist")


def judge_selector(selector: Any, path: FieldPath) -> Iterator[Flaw]:
    """A label selector by itself."""
    if not isinstance(selector, dict):
        return
    yield from judge_label_map(selector.get("matchLabels"), (*path, "matchLabels"))
    for item, where in items(selector.get("matchExpressions"), (*path, "matchExpressions")):
        yield from judge_expression(item, where)


def judge_expression(
    item: dict[str, Any], path: FieldPath, extra: tuple[str, ...] = ()
) -> Iterator[Flaw]:
    """One expression; `extra` operators want one number, as those for nodes do."""
    operator, values = text(item.get("operator")), item.get("values") or []
    key = item.get("key")
    if isinstance(key, str) and not is_key(key):
        yield wrong((*path, "key"), key, KEY_RULE)
    yield from needed(item, "operator", path, "an operator")
    yield from one_of(item, "operator", (*_WITH, *_WITHOUT, *extra), path)
    if not isinstance(values, list):
        return
    if operator in _WITH and not values:
        yield Flaw((*path, "values"), f"is empty; expected values for {operator}")
    if operator in _WITHOUT and values:
        yield Flaw((*path, "values"), f"has values; expected none for {operator}")
    if operator in extra and len(values) != 1:
        yield Flaw((*path, "values"), f"has {len(values)} values; expected one for {operator}")
    for index, value in enumerate(values):
        if isinstance(value, str) and not is_value(value):
            yield wrong((*path, "values", index), value, VALUE_RULE)


def selects(selector: Any, labels: Any) -> bool:
    """Whether a selector matches labels. One that can't be understood does."""
    found, wanted = mapping(labels), mapping(selector)
    for key, value in mapping(wanted.get("matchLabels")).items():
        if (found.get(key) or "" if key in found else None) != (value or ""):
            return False
    return all(_holds(item, found) for item, _ in items(wanted.get("matchExpressions"), ()))


def _holds(item: dict[str, Any], labels: dict[str, Any]) -> bool:
    key, operator = item.get("key"), item.get("operator")
    if not isinstance(key, str):
        return True
    values = item.get("values")
    given = values if isinstance(values, list) else []
    if operator == "In":
        return key in labels and labels[key] in given
    if operator == "NotIn":
        return key not in labels or labels[key] not in given
    if operator == "Exists":
        return key in labels
    return operator != "DoesNotExist" or key not in labels
