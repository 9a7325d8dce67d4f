"""The Gateway API's routes (the enums and rules of its CustomResourceDefinitions)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, number, part, text
from tidegate.policy.schemas.syntax.words import MISSING, at_least, one_of, wrong

_PATHS = ("Exact", "PathPrefix", "RegularExpression")
_VALUES = ("Exact", "RegularExpression")
# GEP-2257: narrower than what Go reads.
_DURATION = re.compile(r"(?:[0-9]{1,5}(?:h|m|s|ms)){1,4}")
_STEP = re.compile(r"([0-9]+)(ms|[hms])")
_MILLISECONDS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_HEAVIEST = 1_000_000


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
        yield from _judge_weights(rule.get("backendRefs"), (*path, "backendRefs"))
        yield from _judge_timeouts(part(rule, "timeouts"), (*path, "timeouts"))
        for item, where in items(rule.get("filters"), (*path, "filters")):
            mirrored = part(item, "requestMirror", "backendRef")
            if mirrored:
                yield from _judge_backend(mirrored, (*where, "requestMirror", "backendRef"))


def _judge_backend(backend: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    group, kind = backend.get("group") or "", backend.get("kind", "Service")
    if (group, kind) == ("", "Service") and backend.get("port") is None:
        yield Flaw((*path, "port"), f"{MISSING}; expected a port of the Service")
    elif not group and kind == "InferencePool":
        message = (
            f"{MISSING}; expected 'inference.networking.k8s.io', the group of an InferencePool"
        )
        yield Flaw((*path, "group"), message)


def _judge_weights(backends: Any, path: FieldPath) -> Iterator[Flaw]:
    weights = []
    for backend, where in items(backends, path):
        yield from at_least(backend, "weight", 0, where, _HEAVIEST)
        weights.append(number(backend.get("weight", 1)))
    if weights and not any(weight != 0 for weight in weights):
        message = "is 0, as is every weight of the rule: no backend gets a request"
        yield Flaw((*path, 0, "weight"), message, severity=Severity.WARN)


def _judge_timeouts(timeouts: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    for key in ("request", "backendRequest"):
        value = text(timeouts.get(key))
        if value and not _DURATION.fullmatch(value):
            yield wrong((*path, key), value, "a duration such as 500ms, 10s or 1h30m")
    whole, inner = (_milliseconds(timeouts.get(key)) for key in ("request", "backendRequest"))
    # A request without an end is written as 0s.
    if whole and inner and inner > whole:
        most = f"at most request, {timeouts['request']}"
        yield wrong((*path, "backendRequest"), timeouts["backendRequest"], most)


def _milliseconds(value: object) -> int | None:
    """Milliseconds; None for what is no duration, or isn't said."""
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        return None
    return sum(int(amount) * _MILLISECONDS[unit] for amount, unit in _STEP.findall(value))
