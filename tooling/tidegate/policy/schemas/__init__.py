"""Holds manifests against the API server's own schemas, strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest
from tidegate.policy.schemas.explanation import explain
from tidegate.policy.schemas.library import known_versions, library, refuse_unknown
from tidegate.policy.schemas.removals import LINK, instead, removal

__all__ = [
    "DEPRECATED",
    "SCHEMA",
    "SCHEMA_RULES",
    "UNKNOWN_KIND",
    "Schemas",
    "default_version",
    "known_versions",
    "refuse_unknown",
]

SCHEMA, REMOVED, DEPRECATED = "schema", "api-removed", "api-deprecated"
UNKNOWN_KIND = "unknown-kind"
SCHEMA_RULES = (SCHEMA, REMOVED, DEPRECATED, UNKNOWN_KIND)
_MOST = 50


def default_version() -> str:
    """The newest version that there are schemas of."""
    return known_versions()[-1]


class Schemas:
    """The schemas of one Kubernetes version, such as `1.33`. Raises InputError for another."""

    def __init__(self, version: str) -> None:
        self._library = library(version)
        self._minor = int(version.partition(".")[2])

    def knows(self, api_version: str, kind: str) -> bool:
        """Whether something can be said of such objects."""
        return (api_version, kind) in self._library or removal(api_version, kind) is not None

    def judge(self, manifest: Manifest) -> Iterator[Violation]:
        """Everything that a strict API server would refuse in the object's shape; nothing for a
        kind without a schema."""
        api, kind = manifest.id[:2]
        known = (api, kind) in self._library
        yield from _head(manifest, named=known)
        ending = self._ending(manifest)
        if ending:
            yield ending
        if not known:
            return
        validator = self._library.validator((api, kind))
        data = _without_nulls(manifest.data)
        if validator.is_valid(data):
            return
        for number, error in enumerate(validator.iter_errors(data)):
            if number >= _MOST:
                return
            for field, message, fix in explain(error, self._library.properties):
                yield Violation(SCHEMA, Severity.DENY, message, manifest.id, field, fix)

    def _ending(self, manifest: Manifest) -> Violation | None:
        api, kind = manifest.id[:2]
        known = removal(api, kind)
        if known is None or self._minor < known.deprecated:
            return None
        if self._minor >= known.gone:
            message = f"{kind} of {api} is gone since Kubernetes 1.{known.gone}"
            rule, severity = REMOVED, Severity.DENY
        else:
            message = f"{kind} of {api} will be gone from Kubernetes 1.{known.gone} on"
            rule, severity = DEPRECATED, Severity.WARN
        fix = instead(known, kind)
        return Violation(rule, severity, message, manifest.id, ("apiVersion",), fix, LINK)


def _head(manifest: Manifest, *, named: bool) -> Iterator[Violation]:
    """What makes it an object at all: of kinds that nobody knows, some files for tools look like
    objects and have no name."""
    for name, value in (("apiVersion", manifest.id.api_version), ("kind", manifest.id.kind)):
        if not value:
            message = (
                f"the object has no {name}" if name not in manifest.data else f"{name} is no text"
            )
            yield Violation(SCHEMA, Severity.DENY, message, manifest.id, (name,), f"add {name}:")
    metadata = manifest.data.get("metadata")
    found = metadata if isinstance(metadata, Mapping) else {}
    if named and not (found.get("name") or found.get("generateName")):
        message = "the object has no name"
        yield Violation(SCHEMA, Severity.DENY, message, manifest.id, ("metadata",), "add name:")


def _without_nulls(value: Any) -> Any:
    """The API server drops fields that are null before it looks at anything."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
