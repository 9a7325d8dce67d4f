"""Devices that a pod claims (pkg/apis/core/validation: validatePodResourceClaims)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_RULE,
    SUBDOMAIN_RULE,
    is_label,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.reading import items, part, text
from tidegate.policy.schemas.syntax.words import filled, named
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import shown, suggestion

_CLAIMS = (1, 34)  # before, the server drops them, unless it is told not to
_SOURCES = ("resourceClaimName", "resourceClaimTemplateName")


def judge_resource_claims(pod: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """A pod's claims, and that its containers use no others."""
    if minor < _CLAIMS:
        return
    names: set[str] = set()
    for item, where in items(pod.get("resourceClaims"), (*path, "resourceClaims")):
        name = text(item.get("name"))
        if name in names:
            yield Flaw((*where, "name"), f"is {shown(name)}, as an earlier claim of the pod")
        names.add(name)
        given = [key for key in _SOURCES if item.get(key) is not None]
        if not given:
            yield Flaw(where, f"names no claim; expected {' or '.join(_SOURCES)}")
        for key in given:
            yield from named(item, key, is_subdomain, SUBDOMAIN_RULE, where)
            yield from filled(item, (key,), where)
        for key in given[1:]:
            yield Flaw((*where, key), f"is set beside {given[0]}; expected one of them")
    for kind in ("initContainers", "containers"):
        for container, inner in items(pod.get(kind), (*path, kind)):
            claims = part(container, "resources").get("claims")
            yield from _judge_used(claims, names, (*inner, "resources", "claims"))


def _judge_used(claims: Any, names: set[str], path: FieldPath) -> Iterator[Flaw]:
    """A container's claims: of each either everything, or single requests."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for item, where in items(claims, path):
        name, request = text(item.get("name")), text(item.get("request"))
        yield from filled(item, ("name",), where)
        yield from named(item, "request", is_label, LABEL_RULE, where)
        if name and name not in names:
            message = f"is {shown(name)}, and the pod has no such claim{suggestion(name, names)}"
            yield Flaw((*where, "name"), message)
        elif request in seen[name] or "" in seen[name] or (seen[name] and not request):
            yield Flaw(where, f"is {shown(name)}, as an earlier claim of the container")
        seen[name].add(request)
