"""Quotas and limit ranges (pkg/apis/core/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.quantity import amount_of
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.resources import judge_amount
from tidegate.policy.schemas.syntax.words import one_of, wrong
from tidegate.policy.schemas.words import shown

_TYPES = ("Container", "Pod", "PersistentVolumeClaim")
_COUNTED = (
    *("pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"),
    *("persistentvolumeclaims", "services.nodeports", "services.loadbalancers"),
)
_ORDER = (("min", "max"), ("min", "default"), ("defaultRequest", "default"), ("default", "max"))


def judge_quota(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ResourceQuota."""
    for name, value in part(data, "spec", "hard").items():
        whole = name in _COUNTED or str(name).startswith("count/")
        yield from judge_amount(value, ("spec", "hard", name), whole=whole)


def judge_limit_range(data: dict[str, Any]) -> Iterator[Flaw]:
    """A LimitRange, whose limits must be in order."""
    for item, path in items(part(data, "spec").get("limits"), ("spec", "limits")):
        if "/" not in text(item.get("type")):
            yield from one_of(item, "type", _TYPES, path)
        for key in ("default", "defaultRequest"):
            if item.get("type") == "Pod" and item.get(key):
                yield Flaw((*path, key), "is set; expected none for the type Pod")
        for low, high in _ORDER:
            limits = mapping(item.get(high))
            for name, value in mapping(item.get(low)).items():
                least, most = amount_of(value), amount_of(limits.get(name))
                if least is not None and most is not None and least > most:
                    yield wrong((*path, low, name), value, f"at most {high}, {shown(limits[name])}")
