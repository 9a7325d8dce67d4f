"""What transformMap and transformMapEntry become, which the CEL library checks and can't run."""

from __future__ import annotations

from typing import Any

from tidegate.policy.admission.library.signature import Function, Refused, plain


def insert(entries: dict[Any, Any], key: Any, value: Any) -> dict[Any, Any]:
    """The map with one entry more."""
    return insert_all(entries, {key: value})


def insert_all(entries: dict[Any, Any], more: dict[Any, Any]) -> dict[Any, Any]:
    """The map with more entries. Raises Refused for a key that is there."""
    for key in more:
        if key in entries:
            raise Refused(f"insert failed: key {key} already exists")
    return {**entries, **more}


# They have no result, for they are known where they run alone: nobody can write them.
FUNCTIONS: tuple[Function, ...] = (
    plain("cel.@mapInsert", "map any any", "", insert),
    plain("cel.@mapInsert", "map map", "", insert_all),
)
