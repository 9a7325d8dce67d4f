"""KEDA's ScaledObject and ScaledJob (apis/keda/v1alpha1: its definitions and its webhook)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, mapping, number, part
from tidegate.policy.schemas.syntax.words import at_least, wrong
from tidegate.policy.schemas.words import in_quotes, shown

_PATH: FieldPath = ("spec",)
_MOST = 100  # what KEDA takes where nobody says


def judge_scaled(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ScaledObject or ScaledJob."""
    spec = part(data, "spec")
    for key in ("minReplicaCount", "maxReplicaCount", "idleReplicaCount"):
        yield from at_least(spec, key, 0, _PATH)
    least = number(spec.get("minReplicaCount")) or 0
    most = number(spec.get("maxReplicaCount"))
    most = _MOST if most is None else most
    if least > most >= 0:
        yield wrong((*_PATH, "minReplicaCount"), least, f"at most maxReplicaCount, {most}")
    idle = number(spec.get("idleReplicaCount"))
    # KEDA reads a 0 that is said as 1 here, and one that isn't as 0.
    bound = 0 if spec.get("minReplicaCount") is None else max(least, 1)
    if idle is not None and idle >= bound:
        expected = f"less than minReplicaCount, {bound}"
        yield wrong((*_PATH, "idleReplicaCount"), idle, expected)
    for trigger, path in items(spec.get("triggers"), (*_PATH, "triggers")):
        for key, value in mapping(trigger.get("metadata")).items():
            if value is not None and not isinstance(value, str):
                simple = isinstance(value, bool | int | float)
                fix = in_quotes(value) if simple else None
                message = f"is {shown(value)}; expected text"
                yield Flaw((*path, "metadata", key), message, fix)
