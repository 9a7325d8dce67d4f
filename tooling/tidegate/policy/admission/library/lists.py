"""Kubernetes' functions on lists: isSorted, sum, min, max, and equality for indexOf."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from tidegate.policy.admission.library.signature import Function, Refused, member

_SUMMABLE = ("int", "uint", "double")
_LEAST = (*_SUMMABLE, "bool", "string", "bytes")
# A function can't return a duration or a time where it may return other things too: sums, minima
# and maxima of those are refused when a policy is read.
_SORTED = (*_LEAST, "duration", "timestamp")
_INT = 2**63


def _key(items: list[Any]) -> Callable[[Any], Any]:
    """What items are compared by: numbers with numbers, everything else only with its like."""
    kinds = {float if type(item) in (int, float) else type(item) for item in items}
    if len(kinds) > 1 or kinds & {dict, list, type(None)}:
        raise Refused("no such overload")
    return bytes if kinds == {bytearray} else _itself


def _itself(item: Any) -> Any:
    # CEL's strings are compared by code points in UTF-8, which is what Python does.
    return item


def is_sorted(items: list[Any]) -> bool:
    """Whether no item is greater than the next."""
    key = _key(items)
    return all(key(a) <= key(b) for a, b in itertools.pairwise(items))


def total(items: list[Any]) -> Any:
    """The sum of numbers."""
    kinds = {type(item) for item in items}
    if len(kinds) > 1 or not kinds <= {int, float}:
        raise Refused("no such overload")
    result = sum(items[1:], items[0]) if items else 0
    if isinstance(result, int) and not -_INT <= result < _INT:
        raise Refused("integer overflow")
    return result


def least(items: list[Any]) -> Any:
    """The smallest item, the first of equals."""
    if not items:
        raise Refused("min called on empty list")
    return min(items, key=_key(items))


def most(items: list[Any]) -> Any:
    """The largest item, the first of equals."""
    if not items:
        raise Refused("max called on empty list")
    return max(items, key=_key(items))


def _same(one: Any, other: Any) -> bool:
    """CEL's equality: true is not 1."""
    return (type(one) is bool) == (type(other) is bool) and bool(one == other)


def first_index(items: list[Any], wanted: Any) -> int:
    """Where the item stands first; -1 where it doesn't."""
    return next((i for i, item in enumerate(items) if _same(item, wanted)), -1)


def last_index(items: list[Any], wanted: Any) -> int:
    """Where the item stands last; -1 where it doesn't."""
    return next((i for i in range(len(items) - 1, -1, -1) if _same(items[i], wanted)), -1)


FUNCTIONS: tuple[Function, ...] = (
    *(member("isSorted", f"list<{kind}>", "bool", is_sorted) for kind in _SORTED),
    *(member("sum", f"list<{kind}>", kind, total) for kind in _SUMMABLE),
    *(member("min", f"list<{kind}>", kind, least) for kind in _LEAST),
    *(member("max", f"list<{kind}>", kind, most) for kind in _LEAST),
)
