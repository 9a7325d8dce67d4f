"""matchConstraints, matchResources and label selectors → the domain's values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.domain.admission import MatchResources, Requirement, ResourceRule, Selector


def match_resources(data: Mapping[str, Any]) -> MatchResources:
    """What a policy or a binding is about, from data that fits the schema."""
    return MatchResources(
        tuple(_rule(item) for item in data.get("resourceRules", ())),
        tuple(_rule(item) for item in data.get("excludeResourceRules", ())),
        selector(data.get("namespaceSelector", {})),
        selector(data.get("objectSelector", {})),
        data.get("matchPolicy") == "Exact",
    )


def selector(data: Mapping[str, Any]) -> Selector:
    """A label selector, from data that fits the schema."""
    labels = data.get("matchLabels", {})
    equal = tuple(
        Requirement(key, "In", frozenset({value})) for key, value in sorted(labels.items())
    )
    return Selector(
        equal
        + tuple(
            Requirement(item["key"], item["operator"], frozenset(item.get("values", ())))
            for item in data.get("matchExpressions", ())
        )
    )


def _rule(data: Mapping[str, Any]) -> ResourceRule:
    return ResourceRule(
        frozenset(data["apiGroups"]),
        frozenset(data["apiVersions"]),
        tuple(data["resources"]),
        frozenset(data["operations"]),
        data.get("scope", "*"),
        frozenset(data.get("resourceNames", ())),
    )
