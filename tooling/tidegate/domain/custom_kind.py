"""A kind that a CustomResourceDefinition of the repository describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.location import Location


@dataclass(frozen=True, slots=True)
class CustomKind:
    """One served version of a custom kind. `schema` is its `openAPIV3Schema` as written, `scope`
    is `Namespaced` or `Cluster`, `where` the place of the definition."""

    group: str
    version: str
    kind: str
    schema: Mapping[str, Any]
    scope: str
    where: Location

    @property
    def api_version(self) -> str:
        """What objects of it have as apiVersion."""
        return f"{self.group}/{self.version}"
