"""Whether what stands in a file is what was rendered."""

from __future__ import annotations

from collections.abc import Mapping as Data
from typing import Any

from tidegate.repository.provenance.nodes import Mapping, Node, Scalar, Sequence

_BUDGET = 5_000
_TRUE = frozenset({"true", "yes", "on", "y"})
_FALSE = frozenset({"false", "no", "off", "n"})
# Mappings that every patch passes through on its way to what it says.
STRUCTURE = frozenset({"spec", "metadata", "template", "jobTemplate"})


def written(value: Any) -> str | None:
    """A rendered scalar as it is most often written; None for mappings, lists and null."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def agrees(node: Node | None, value: Any) -> bool:
    """Whether a node and everything in it is the rendered value. Far too much is never."""
    return _Comparison().same(node, value)


def touches(node: Node | None, value: Any, field: str) -> bool:
    """Whether a mapping says something itself that was rendered, two levels deep at most, and
    isn't only passed through."""
    if field in STRUCTURE or not isinstance(node, Mapping) or not isinstance(value, Data):
        return False
    for name, (_, inner) in node.own().items():
        rendered = value.get(name)
        if isinstance(inner, Scalar) and same_scalar(inner, rendered):
            return True
        if isinstance(inner, Mapping) and isinstance(rendered, Data):
            own = inner.own()
            if any(
                isinstance(deep, Scalar) and same_scalar(deep, rendered.get(key))
                for key, (_, deep) in own.items()
            ):
                return True
    return False


def same_scalar(node: Scalar, value: Any) -> bool:
    """Whether a scalar was rendered as this value, whatever its quotes."""
    if value is None:
        return node.null
    if isinstance(value, str):
        return node.text == value
    if isinstance(value, bool):
        return node.text.lower() in (_TRUE if value else _FALSE)
    if not isinstance(value, int | float):
        return False
    if node.text == str(value):
        return True
    try:
        return _number(node.text) == value
    except (ValueError, OverflowError):
        return False


def _number(text: str) -> int | float:
    short = text[:40].replace("_", "")
    try:
        return int(short, 0)
    except ValueError:
        return float(short)


class _Comparison:
    """One comparison, which ends after so many values: nodes may hold themselves."""

    def __init__(self) -> None:
        self._left = _BUDGET

    def same(self, node: Node | None, value: Any) -> bool:
        self._left -= 1
        if self._left < 0 or node is None:
            return False
        if isinstance(node, Scalar):
            return same_scalar(node, value)
        if isinstance(node, Sequence):
            if not isinstance(value, list | tuple) or len(value) != len(node.items):
                return False
            return all(
                self.same(item, inner) for item, inner in zip(node.items, value, strict=True)
            )
        if not isinstance(value, Data):
            return False
        names = {name for name in node.names() if not name.startswith("$")}
        return len(names) == len(value) and all(
            name in names and self.same(node.get(name), inner) for name, inner in value.items()
        )
