"""Kinds that CustomResourceDefinitions of the repository describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.location import Location


@dataclass(frozen=True, slots=True)
class CustomKind:
    """One served version of a custom kind. `schema` is its `openAPIV3Schema` as written, `scope`
    is `Namespaced` or `Cluster`, `where` the place of the definition; `convertible` says that
    objects of another version look the same, for no webhook converts them."""

    group: str
    version: str
    kind: str
    plural: str
    schema: Mapping[str, Any]
    scope: str
    where: Location
    convertible: bool = True

    @property
    def api_version(self) -> str:
        """What objects of it have as apiVersion."""
        return f"{self.group}/{self.version}"


@dataclass(frozen=True, slots=True)
class DefinedVersion:
    """A version of a custom kind: whether the cluster takes objects of it, and keeps them so."""

    name: str
    served: bool
    stored: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole CustomResourceDefinition, without its schemas."""

    group: str
    kind: str
    plural: str
    scope: str
    versions: tuple[DefinedVersion, ...]
    where: Location

    @property
    def name(self) -> str:
        """What the API server calls it."""
        return f"{self.plural}.{self.group}"
