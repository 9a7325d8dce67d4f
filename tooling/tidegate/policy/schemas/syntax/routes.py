"""The Gateway API's routes (the enums and rules of its CustomResourceDefinitions)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, part
from tidegate.policy.schemas.syntax.words import MISSING, one_of

_PATHS = ("Exact", "PathPrefix", "RegularExpression")
_VALUES = ("Exact", "RegularExpression")


def judge_route(data: dict[str, Any]) -> Iterator[Flaw]:
    """An HTTPRoute, GRPCRoute, TCPRoute, TLSRoute or UDPRoute."""
    for rule, path in items(part(data, "spec").get("rules"), ("spec", "rules")):
        for match, where in items(rule.get("matches"), (*path, "matches")):
            yield from one_of(part(match, "path"), "type", _PATHS, (*where, "path"))
            for key in ("headers", "queryParams"):
                for item, place in items(match.get(key), (*where, key)):
                    yield from one_of(item, "type", _VALUES, place)
        for backend, where in items(rule.get("backendRefs"), (*path, "backendRefs")):
            yield from _judge_backend(backend, where)
        for item, where in items(rule.get("filters"), (*path, "filters")):
            mirrored = part(item, "requestMirror", "backendRef")
            if mirrored:
                yield from _judge_backend(mirrored, (*where, "requestMirror", "backendRef"))


def _judge_backend(backend: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    group, kind = backend.get("group") or "", backend.get("kind", "Service")
    if (group, kind) == ("", "Service") and backend.get("port") is None:
        yield Flaw((*path, "port"), f"{MISSING}; expected a port of the Service")
