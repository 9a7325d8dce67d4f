"""Probes and lifecycle hooks (pkg/apis/core/validation: validateProbe, validateHandler)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import HEADER_RULE, is_header
from tidegate.policy.schemas.syntax.ports import judge_port
from tidegate.policy.schemas.syntax.reading import items, mapping, number
from tidegate.policy.schemas.syntax.words import MISSING, at_least, filled, named, one_of, wrong

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_HOOKS = ("postStart", "preStop")
_HOOK_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
_SECONDS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "failureThreshold")


def judge_probes(container: dict[str, Any], path: FieldPath, *, plain: bool) -> Iterator[Flaw]:
    """Every probe and hook of a container; `plain` for one that ends before the others start."""
    for name in _PROBES:
        probe = container.get(name)
        if not isinstance(probe, dict):
            continue
        if plain:
            yield Flaw((*path, name), "is set; expected none for an init container that ends")
        else:
            yield from _judge_probe(name, probe, (*path, name))
    lifecycle = container.get("lifecycle")
    if isinstance(lifecycle, dict):
        if plain:
            yield Flaw(
                (*path, "lifecycle"), "is set; expected none for an init container that ends"
            )
            return
        for name in _HOOKS:
            hook = lifecycle.get(name)
            if isinstance(hook, dict):
                yield from _judge_handler(hook, (*path, "lifecycle", name), _HOOK_HANDLERS)


def _judge_probe(name: str, probe: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from _judge_handler(probe, path, _HANDLERS)
    for key in _SECONDS:
        yield from at_least(probe, key, 0, path)
    successes = number(probe.get("successThreshold"))
    if successes is not None:
        if successes < 0:
            yield wrong((*path, "successThreshold"), successes, "0 or more")
        elif name != "readinessProbe" and successes > 1:
            yield wrong((*path, "successThreshold"), successes, f"1 for a {name}")
    grace = number(probe.get("terminationGracePeriodSeconds"))
    if grace is not None:
        where = (*path, "terminationGracePeriodSeconds")
        if name == "readinessProbe":
            yield Flaw(where, "is set; expected none for a readinessProbe, which ends nothing")
        elif grace < 1:
            yield wrong(where, grace, "at least 1")


def _judge_handler(
    data: dict[str, Any], path: FieldPath, handlers: tuple[str, ...]
) -> Iterator[Flaw]:
    given = [key for key in handlers if data.get(key) is not None]
    if not given:
        yield Flaw(path, f"has no handler; expected one of {', '.join(handlers)}")
    for key in given[1:]:
        yield Flaw((*path, key), f"is a second handler beside {given[0]}; expected only one")
    for key in given[:1]:
        handler = mapping(data.get(key))
        where = (*path, key)
        if key == "exec":
            if not handler.get("command"):
                yield Flaw((*where, "command"), f"{MISSING}; expected a command")
        elif key != "sleep":  # which is held against the pod's grace period
            yield from judge_port(handler.get("port"), (*where, "port"), names=key != "grpc")
            if key == "httpGet":
                yield from one_of(handler, "scheme", ("HTTP", "HTTPS"), where)
                for header, inner in items(handler.get("httpHeaders"), (*where, "httpHeaders")):
                    yield from named(header, "name", is_header, HEADER_RULE, inner)
                    yield from filled(header, ("name",), inner)
