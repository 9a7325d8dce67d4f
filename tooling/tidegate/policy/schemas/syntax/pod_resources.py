"""Requests and limits of a whole pod (pkg/apis/core/validation: validatePodResources)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.quantity import amount_of
from tidegate.policy.schemas.syntax.reading import items, mapping, part
from tidegate.policy.schemas.syntax.resources import judge_resources
from tidegate.policy.schemas.syntax.words import wrong
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import choice, shown

_RESOURCES = (1, 34)  # before, the server drops them, unless it is told not to
_NAMES = ("cpu", "memory")
_HUGE = "hugepages-"


def judge_pod_resources(pod: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """What a pod asks for as a whole, and that its containers together fit into it."""
    if minor < _RESOURCES:
        return
    own, where = mapping(pod["resources"]), (*path, "resources")
    if own.get("claims"):
        yield Flaw((*where, "claims"), "is set; expected claims of containers alone")
    for kind in ("limits", "requests"):
        for name in part(own, kind):
            if name not in _NAMES and not str(name).startswith(_HUGE):
                expected = f"{choice(_NAMES)} for a whole pod"
                yield Flaw((*where, kind, name), f"is no resource of pods; expected {expected}")
    yield from judge_resources(own, where)
    limits, requests = part(own, "limits"), part(own, "requests")
    for name, total in _totals(pod).items():
        kind = "requests" if name in requests else "limits"
        most = amount_of(part(own, kind).get(name))
        if most is not None and most < total:
            least = f"at least what its containers request together, {total:f}"
            yield wrong((*where, kind, name), part(own, kind)[name], least)
    for key in ("initContainers", "containers"):
        for container, inner in items(pod.get(key), (*path, key)):
            for name, value in part(container, "resources", "limits").items():
                most, limit = amount_of(limits.get(name)), amount_of(value)
                if most is not None and limit is not None and limit > most:
                    place = (*inner, "resources", "limits", name)
                    yield wrong(place, value, f"at most the pod's own, {shown(limits[name])}")


def _totals(pod: dict[str, Any]) -> dict[str, Decimal]:
    """What the containers that run at one time request, where that is most: those that stay and
    all sidecars, or an init container and the sidecars before it."""
    running: defaultdict[str, Decimal] = defaultdict(Decimal)
    most: defaultdict[str, Decimal] = defaultdict(Decimal)
    for key in ("initContainers", "containers"):
        for container, _ in items(pod.get(key), ()):
            stays = key == "containers" or container.get("restartPolicy") == "Always"
            for name, amount in _requested(container).items():
                if stays:
                    running[name] += amount
                most[name] = max(most[name], running[name] + (0 if stays else amount))
    return most


def _requested(container: dict[str, Any]) -> dict[str, Decimal]:
    """A limit counts as the request where there is no other."""
    found = {}
    for kind in ("limits", "requests"):
        for name, value in part(container, "resources", kind).items():
            amount = amount_of(value)
            if amount is not None:
                found[name] = amount
    return found
