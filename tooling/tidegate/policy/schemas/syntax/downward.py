"""What pods tell their containers of themselves, in variables and in files
(pkg/apis/core/validation: validateObjectFieldSelector, validateContainerResourceFieldSelector,
validateDownwardAPIVolumeFile)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.quantity import amount_of
from tidegate.policy.schemas.syntax.reading import items, mapping, text
from tidegate.policy.schemas.syntax.words import MISSING, wrong
from tidegate.policy.schemas.words import choice, shown, suggestion

VARIABLES = (
    *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName"),
    *("spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP"),
    "status.podIPs",
)
_FILES = (
    *("metadata.name", "metadata.namespace", "metadata.uid"),
    *("metadata.labels", "metadata.annotations"),
)
_RESOURCES = tuple(
    f"{kind}.{name}"
    for kind in ("limits", "requests")
    for name in ("cpu", "memory", "ephemeral-storage")
)
_CPU_DIVISORS = (Decimal("0.001"), Decimal(1))
_DIVISORS = (
    *(Decimal(1000**power) for power in range(7)),
    *(Decimal(1024**power) for power in range(1, 7)),
)
_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['[^']*'\]")
_SOURCES = ("fieldRef", "resourceFieldRef")


def judge_files(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """The files of a volume, but for where they lie."""
    for item, where in items(source.get("items"), (*path, "items")):
        given = [key for key in _SOURCES if item.get(key) is not None]
        if not given:
            yield Flaw(where, f"names no source; expected {' or '.join(_SOURCES)}")
        elif len(given) > 1:
            yield Flaw((*where, given[1]), f"is a second source beside {given[0]}; expected one")
        elif given == ["fieldRef"]:
            yield from judge_field(mapping(item["fieldRef"]), (*where, "fieldRef"), _FILES)
        else:
            reference, inner = mapping(item["resourceFieldRef"]), (*where, "resourceFieldRef")
            if not text(reference.get("containerName")):
                yield Flaw((*inner, "containerName"), f"{MISSING}; expected a container's name")
            yield from judge_resource(reference, inner)


def judge_field(
    reference: dict[str, Any], path: FieldPath, fields: Collection[str]
) -> Iterator[Flaw]:
    """A field of the pod: one of `fields`, a single label, or a single annotation."""
    field, version = reference.get("fieldPath"), text(reference.get("apiVersion"))
    if version not in ("", "v1"):
        yield wrong((*path, "apiVersion"), version, "v1")
    if field == "":
        yield Flaw((*path, "fieldPath"), "is empty; expected a field such as metadata.name")
    elif isinstance(field, str) and field not in fields and not _SUBSCRIPT.fullmatch(field):
        hint = suggestion(field, fields)
        expected = "a field such as metadata.name or metadata.labels['app']"
        yield Flaw((*path, "fieldPath"), f"is {shown(field)}; expected {expected}{hint}")


def judge_resource(reference: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A container's request or limit, in units of a divisor."""
    name = reference.get("resource")
    if name == "":
        yield Flaw((*path, "resource"), "is empty; expected one such as limits.memory")
    elif isinstance(name, str) and name not in _RESOURCES and ".hugepages-" not in name:
        hint = suggestion(name, _RESOURCES)
        yield Flaw((*path, "resource"), f"is {shown(name)}; expected {choice(_RESOURCES)}{hint}")
    divisor = amount_of(reference.get("divisor"))
    cpu = text(name).endswith(".cpu")
    if divisor and divisor not in (_CPU_DIVISORS if cpu else _DIVISORS):
        expected = "1 or 1m" if cpu else "1, or one unit such as 1Mi"
        yield wrong((*path, "divisor"), reference["divisor"], expected)
