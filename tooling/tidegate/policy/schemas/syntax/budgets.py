"""Quotas and limit ranges (pkg/apis/core/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.quantity import amount_of
from tidegate.policy.schemas.syntax.reading import items, mapping, part
from tidegate.policy.schemas.syntax.resources import judge_amount
from tidegate.policy.schemas.syntax.words import wrong
from tidegate.policy.schemas.words import shown

_ORDER = (("min", "max"), ("min", "default"), ("defaultRequest", "default"), ("default", "max"))


def judge_quota(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ResourceQuota."""
    for name, value in part(data, "spec", "hard").items():
        yield from judge_amount(value, ("spec", "hard", name))


def judge_limit_range(data: dict[str, Any]) -> Iterator[Flaw]:
    """A LimitRange, whose limits must be in order."""
    for item, path in items(part(data, "spec").get("limits"), ("spec", "limits")):
        for low, high in _ORDER:
            limits = mapping(item.get(high))
            for name, value in mapping(item.get(low)).items():
                least, most = amount_of(value), amount_of(limits.get(name))
                if least is not None and most is not None and least > most:
                    yield wrong((*path, low, name), value, f"at most {high}, {shown(limits[name])}")
