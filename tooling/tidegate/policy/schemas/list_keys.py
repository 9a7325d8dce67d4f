"""Lists whose items must differ (`x-kubernetes-list-type`), as a keyword of jsonschema-rs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

KEYS = "x-tidegate-list-keys"


class ListKeys:
    """The value is the keys that tell items apart; none for items that are values themselves."""

    def __init__(self, parent: dict[str, Any], value: Any, path: list[str | int]) -> None:  # noqa: ARG002 jsonschema-rs's shape
        self._keys: list[str] = value

    def validate(self, instance: Any) -> None:
        """Raises ValueError with the position of the first item that was there before."""
        for position in self._repeated(instance):
            raise ValueError(str(position))

    def iter_errors(self, instance: Any) -> Iterator[ValueError]:
        """One error for each item that was there before."""
        for position in self._repeated(instance):
            yield ValueError(str(position))

    def _repeated(self, instance: Any) -> Iterator[int]:
        seen = set()
        for position, item in enumerate(instance if isinstance(instance, list) else ()):
            key = self._identity(item)
            if key is not None and key in seen:
                yield position
            seen.add(key)

    def _identity(self, item: Any) -> str | None:
        if not self._keys:
            return json.dumps(item, sort_keys=True, default=str)
        if not isinstance(item, dict):
            return None
        return json.dumps([item.get(key) for key in self._keys], sort_keys=True, default=str)
