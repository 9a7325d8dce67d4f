"""Parts of objects whose types nobody has checked: what isn't as expected counts as not there,
because the schema has said so already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath

_NOTHING: dict[str, Any] = {}


def mapping(value: Any) -> dict[str, Any]:
    """The mapping; an empty one for anything else. Not to be changed."""
    return value if isinstance(value, dict) else _NOTHING


def part(value: Any, *keys: str) -> dict[str, Any]:
    """The mapping at a path of keys; an empty one where there is none."""
    for key in keys:
        value = mapping(value).get(key)
    return mapping(value)


def items(value: Any, path: FieldPath) -> Iterator[tuple[dict[str, Any], FieldPath]]:
    """Each mapping of a list, with its path; an empty one for null, as the server reads it."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            if item is None:
                yield _NOTHING, (*path, index)
            elif isinstance(item, dict):
                yield item, (*path, index)


def text(value: Any) -> str:
    """The text; empty for anything else."""
    return value if isinstance(value, str) else ""


def number(value: Any) -> int | None:
    """The whole number; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None
