"""Volume claims (pkg/apis/core/validation: ValidatePersistentVolumeClaimSpec)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.quantity import amount_of
from tidegate.policy.schemas.syntax.grammar import SUBDOMAIN_RULE, is_subdomain
from tidegate.policy.schemas.syntax.reading import part
from tidegate.policy.schemas.syntax.selectors import judge_selector
from tidegate.policy.schemas.syntax.words import MISSING, filled, named, one_of, wrong
from tidegate.policy.schemas.words import choice, shown, suggestion

_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_RECLAIM = ("Retain", "Delete", "Recycle")
_NO_SOURCES = (
    *("accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "storageClassName"),
    *("persistentVolumeReclaimPolicy", "volumeMode", "volumeAttributesClassName"),
)
_BINDING = ("Immediate", "WaitForFirstConsumer")


def judge_claim(spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A PersistentVolumeClaim, or the template of one."""
    yield from judge_selector(spec.get("selector"), (*path, "selector"))
    yield from _judge_modes(spec, path)
    requests = part(spec, "resources", "requests")
    size, where = requests.get("storage"), (*path, "resources", "requests", "storage")
    if size is None:
        yield Flaw(where, f"{MISSING}; expected a size such as 10Gi")
    else:
        amount = amount_of(size)
        if amount is not None and amount <= 0:
            yield wrong(where, size, "more than 0")
    yield from named(spec, "storageClassName", is_subdomain, SUBDOMAIN_RULE, path)
    yield from one_of(spec, "volumeMode", ("Filesystem", "Block"), path)
    yield from filled(spec, ("volumeMode",), path)


def judge_claim_object(data: dict[str, Any]) -> Iterator[Flaw]:
    """A PersistentVolumeClaim."""
    yield from judge_claim(part(data, "spec"), ("spec",))


def judge_volume(data: dict[str, Any]) -> Iterator[Flaw]:
    """A PersistentVolume."""
    spec, path = part(data, "spec"), ("spec",)
    yield from _judge_modes(spec, path)
    capacity = part(spec, "capacity")
    if not capacity:
        yield Flaw((*path, "capacity"), f"{MISSING}; expected a size")
    sources = [key for key in spec if key not in _NO_SOURCES and spec[key] is not None]
    if not sources:
        yield Flaw(path, "names no volume; expected a source such as csi or nfs")
    for key in sources[1:]:
        message = f"is a second source beside {shown(sources[0])}; expected only one"
        yield Flaw((*path, key), message)
    for name, value in capacity.items():
        amount = amount_of(value)
        if amount is not None and amount <= 0:
            yield wrong((*path, "capacity", name), value, "more than 0")
    yield from named(spec, "storageClassName", is_subdomain, SUBDOMAIN_RULE, path)
    yield from one_of(spec, "persistentVolumeReclaimPolicy", _RECLAIM, path)
    yield from one_of(spec, "volumeMode", ("Filesystem", "Block"), path)
    yield from filled(spec, ("volumeMode",), path)


def judge_class(data: dict[str, Any]) -> Iterator[Flaw]:
    """A StorageClass."""
    yield from one_of(data, "reclaimPolicy", ("Delete", "Retain"), ())
    yield from one_of(data, "volumeBindingMode", _BINDING, ())
    yield from filled(data, ("provisioner", "volumeBindingMode"), ())


def _judge_modes(spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    modes, where = spec.get("accessModes"), (*path, "accessModes")
    if not modes:
        yield Flaw(where, f"{MISSING}; expected at least one access mode")
        return
    given = modes if isinstance(modes, list) else []
    for index, mode in enumerate(given):
        if isinstance(mode, str) and mode not in _MODES:
            hint = suggestion(mode, _MODES)
            message = f"is {shown(mode)}; expected {choice(_MODES)}{hint}"
            yield Flaw((*where, index), message)
    if len(given) > 1 and "ReadWriteOncePod" in given:
        yield Flaw(where, "has other modes beside ReadWriteOncePod; expected that one alone")
