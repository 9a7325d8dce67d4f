"""Labels, and selectors of labels as Kubernetes reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tidegate.policy.rules.shapes import mapping, scalar, sequence, shown

Labels = Mapping[str, str]

# Labels that a controller or the program itself puts on running pods: no template has them.
RUNTIME_LABELS = frozenset(
    {
        *("pod-template-hash", "controller-revision-hash", "rollouts-pod-template-hash"),
        *("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "job-name"),
        *("batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid"),
        *("controller-uid", "batch.kubernetes.io/job-completion-index", "deployment"),
        *("deploymentconfig", "role", "spilo-role", "cnpg.io/instanceRole", "vault-active"),
        *("vault-initialized", "vault-sealed", "vault-perf-standby", "vault-version"),
        *("redisfailovers-role", "leader", "service.istio.io/canonical-name"),
        *("service.istio.io/canonical-revision", "security.istio.io/tlsMode"),
    }
)

# The operators that labels fulfil by not being there.
_WITHOUT = ("NotIn", "DoesNotExist")


class Selector(NamedTuple):
    """What a label selector asks: pairs that must be there, and expressions (key, operator,
    values)."""

    pairs: tuple[tuple[str, str], ...]
    expressions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it selects everything."""
        return not self.pairs and not self.expressions

    @property
    def is_open(self) -> bool:
        """Whether it asks for nothing that an object must have: it means all but a few, whoever
        makes them."""
        return not self.pairs and all(asked in _WITHOUT for _, asked, _ in self.expressions)

    def matches(self, labels: Labels) -> bool:
        """Whether an object with these labels, once it runs, is selected."""
        for key, value in self.pairs:
            if labels.get(key) != value and key not in RUNTIME_LABELS:
                return False
        return all(_holds(labels, *expression) for expression in self.expressions)

    def __str__(self) -> str:
        parts = [f"{shown(key)}={shown(value)}" for key, value in self.pairs[:5]]
        for key, operator, values in self.expressions[:5]:
            rest = f" ({', '.join(map(shown, values[:5]))})" if values else ""
            parts.append(f"{shown(key)} {shown(operator)}{rest}")
        return ", ".join(parts)


def _holds(labels: Labels, key: str, operator: str, values: tuple[str, ...]) -> bool:
    if key in RUNTIME_LABELS:
        return True
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    return True  # no operator of Kubernetes': the schema says so


def labels_of(value: object) -> Labels:
    """The labels, numbers and such as text; for their types the schemas care."""
    found = mapping(value)
    if all(isinstance(v, str) for v in found.values()) and all(isinstance(k, str) for k in found):
        return found
    return {
        key: scalar(v)
        for key, v in found.items()
        if isinstance(key, str) and isinstance(v, str | int | float)
    }


def plain_selector(value: object) -> Selector | None:
    """A Service's selector, which is but labels; None where there is none."""
    found = labels_of(value)
    return Selector(tuple(found.items())) if found else None


def selector_of(value: object) -> Selector | None:
    """A LabelSelector; None where there is none, or none that can be read."""
    if not isinstance(value, dict):
        return None
    expressions = []
    for item in sequence(value.get("matchExpressions")):
        found = mapping(item)
        key, operator = found.get("key"), found.get("operator")
        if not isinstance(key, str) or not isinstance(operator, str):
            return None
        values = tuple(v for v in sequence(found.get("values")) if isinstance(v, str))
        expressions.append((key, operator, values))
    return Selector(tuple(labels_of(value.get("matchLabels")).items()), tuple(expressions))
