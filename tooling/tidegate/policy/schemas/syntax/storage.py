"""Volume claims and their classes (pkg/apis/core/validation: ValidatePersistentVolumeClaimSpec,
pkg/apis/storage/validation: ValidateStorageClass)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.quantity import amount_of
from tidegate.policy.schemas.syntax.grammar import KEY_RULE, SUBDOMAIN_RULE, is_key, is_subdomain
from tidegate.policy.schemas.syntax.reading import items, part, text
from tidegate.policy.schemas.syntax.selectors import judge_selector
from tidegate.policy.schemas.syntax.words import MISSING, filled, named, needed, one_of, wrong
from tidegate.policy.schemas.words import choice, shown, suggestion

_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_FROM = ("dataSource", "dataSourceRef")
_COPIED = (
    *((None, "PersistentVolumeClaim"), ("", "PersistentVolumeClaim")),
    ("snapshot.storage.k8s.io", "VolumeSnapshot"),
)
_BINDING = ("Immediate", "WaitForFirstConsumer")


def judge_claim(spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A PersistentVolumeClaim, or the template of one."""
    yield from judge_selector(spec.get("selector"), (*path, "selector"))
    yield from judge_modes(spec, path)
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
    yield from named(spec, "volumeAttributesClassName", is_subdomain, SUBDOMAIN_RULE, path)
    for key in _FROM:
        if isinstance(spec.get(key), dict):
            yield from _judge_source(spec[key], (*path, key))
    given = [spec.get(key) for key in _FROM if spec.get(key) is not None]
    if len(given) > 1 and not part(spec, _FROM[1]).get("namespace") and given[0] != given[1]:
        yield Flaw((*path, _FROM[1]), f"differs from {_FROM[0]}; expected the same, or one alone")


def _judge_source(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """What a claim is filled from: another claim, or an object of a group."""
    for key in ("kind", "name"):
        yield from needed(source, key, path)
    kind, group = source.get("kind"), source.get("apiGroup")
    if kind and not group and kind != "PersistentVolumeClaim":
        yield Flaw((*path, "apiGroup"), f"{MISSING}; expected the group of a {shown(kind)}")
    yield from named(source, "apiGroup", is_subdomain, SUBDOMAIN_RULE, path)


def judge_claim_object(data: dict[str, Any]) -> Iterator[Flaw]:
    """A PersistentVolumeClaim."""
    spec, path = part(data, "spec"), ("spec",)
    source = spec.get("dataSource") if spec.get("dataSourceRef") is None else None
    if isinstance(source, dict) and (source.get("apiGroup"), source.get("kind")) not in _COPIED:
        message = "is neither a claim nor a VolumeSnapshot; expected it as dataSourceRef"
        fix = "the server drops it, and the volume is empty"
        yield Flaw((*path, "dataSource"), message, fix, severity=Severity.WARN)
        spec = {**spec, "dataSource": None}
    yield from judge_claim(spec, path)


def judge_class(data: dict[str, Any]) -> Iterator[Flaw]:
    """A StorageClass."""
    yield from one_of(data, "reclaimPolicy", ("Delete", "Retain"), ())
    yield from one_of(data, "volumeBindingMode", _BINDING, ())
    yield from filled(data, ("provisioner", "volumeBindingMode"), ())
    provisioner = text(data.get("provisioner"))
    if provisioner and not is_key(provisioner.lower()):
        yield wrong(("provisioner",), provisioner, KEY_RULE)
    for term, path in items(data.get("allowedTopologies"), ("allowedTopologies",)):
        yield from _judge_topology(term, path)


def _judge_topology(term: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """Labels of nodes, each key and each value once."""
    seen: set[str] = set()
    rules = (*path, "matchLabelExpressions")
    for item, where in items(term.get("matchLabelExpressions"), rules):
        key, values = item.get("key"), item.get("values")
        if isinstance(key, str) and not is_key(key):
            yield wrong((*where, "key"), key, KEY_RULE)
        elif text(key) in seen:
            yield Flaw((*where, "key"), f"is {shown(key)}, as an earlier one of the term")
        seen.add(text(key))
        if values == []:
            yield Flaw((*where, "values"), "is empty; expected at least one value")
        given: set[str] = set()
        for index, value in enumerate(values if isinstance(values, list) else ()):
            if text(value) in given:
                yield Flaw((*where, "values", index), f"is {shown(value)}, as an earlier one")
            given.add(text(value))


def judge_modes(spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """How a volume may be mounted."""
    modes, where = spec.get("accessModes"), (*path, "accessModes")
    if not modes:
        yield Flaw(where, f"{MISSING}; expected at least one access mode")
        return
    given = modes if isinstance(modes, list) else []
    for index, mode in enumerate(given):
        if mode is None or (isinstance(mode, str) and mode not in _MODES):
            hint = suggestion(mode or "", _MODES)
            message = f"is {shown(mode)}; expected {choice(_MODES)}{hint}"
            yield Flaw((*where, index), message)
    if "ReadWriteOncePod" in given and any(mode != "ReadWriteOncePod" for mode in given):
        yield Flaw(where, "has other modes beside ReadWriteOncePod; expected that one alone")
