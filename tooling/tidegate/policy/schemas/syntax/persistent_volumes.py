"""Volumes that claims are bound to (pkg/apis/core/validation: ValidatePersistentVolume)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.quantity import amount_of
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_RULE,
    SUBDOMAIN_RULE,
    is_label,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.reading import part
from tidegate.policy.schemas.syntax.scheduling import judge_node_terms
from tidegate.policy.schemas.syntax.storage import judge_modes
from tidegate.policy.schemas.syntax.volumes import judge_driver_name, judge_volume_source
from tidegate.policy.schemas.syntax.words import MISSING, filled, named, needed, one_of, wrong
from tidegate.policy.schemas.words import shown

_PATH: FieldPath = ("spec",)
_RECLAIM = ("Retain", "Delete", "Recycle")
_NO_SOURCES = (
    *("accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "storageClassName"),
    *("persistentVolumeReclaimPolicy", "volumeMode", "volumeAttributesClassName"),
)
# The server looks at these alone.
_SECRETS = (
    *("controllerPublishSecretRef", "nodePublishSecretRef"),
    *("controllerExpandSecretRef", "nodeExpandSecretRef"),
)


def judge_volume(data: dict[str, Any]) -> Iterator[Flaw]:
    """A PersistentVolume."""
    spec = part(data, "spec")
    yield from judge_modes(spec, _PATH)
    yield from _judge_capacity(spec)
    sources = [key for key in spec if key not in _NO_SOURCES and spec[key] is not None]
    if len(sources) > 1 and "flexVolume" in sources:  # the server doesn't count it
        sources.remove("flexVolume")
    if not sources:
        yield Flaw(_PATH, "names no volume; expected a source such as csi or nfs")
    for key in sources[1:]:
        message = f"is a second source beside {shown(sources[0])}; expected only one"
        yield Flaw((*_PATH, key), message)
    for key in sources[:1]:
        source, where = part(spec, key), (*_PATH, key)
        if key == "csi":
            yield from _judge_driver(source, where)
        elif key == "local":
            yield from _judge_local(source, spec, where)
        else:
            yield from judge_volume_source(key, source, where)
    affinity = spec.get("nodeAffinity")
    required = part(spec, "nodeAffinity").get("required")
    if isinstance(affinity, dict) and required is None and "local" not in sources:
        message = f"{MISSING}; expected the nodes that reach the volume"
        yield Flaw((*_PATH, "nodeAffinity", "required"), message)
    if isinstance(required, dict):
        yield from judge_node_terms(required, (*_PATH, "nodeAffinity", "required"))
    if spec.get("volumeAttributesClassName") is not None and "csi" not in sources:
        message = "is set; expected none but for a volume of csi"
        yield Flaw((*_PATH, "volumeAttributesClassName"), message)
    for key in ("storageClassName", "volumeAttributesClassName"):
        yield from named(spec, key, is_subdomain, SUBDOMAIN_RULE, _PATH)
    yield from one_of(spec, "persistentVolumeReclaimPolicy", _RECLAIM, _PATH)
    yield from one_of(spec, "volumeMode", ("Filesystem", "Block"), _PATH)
    yield from filled(spec, ("volumeMode",), _PATH)


def _judge_capacity(spec: dict[str, Any]) -> Iterator[Flaw]:
    capacity, path = part(spec, "capacity"), (*_PATH, "capacity")
    if not capacity:
        yield Flaw(path, f"{MISSING}; expected a size")
    for name, value in capacity.items():
        amount = amount_of(value)
        if name != "storage":
            yield Flaw((*path, name), "is no size of a volume; expected storage alone")
        elif amount is not None and amount <= 0:
            yield wrong((*path, name), value, "more than 0")


def _judge_driver(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from judge_driver_name(source, path)
    yield from filled(source, ("volumeHandle",), path)
    for key in _SECRETS:
        secret, where = source.get(key), (*path, key)
        if isinstance(secret, dict):
            yield from needed(secret, "name", where, "a Secret's name")
            yield from named(secret, "name", is_subdomain, SUBDOMAIN_RULE, where)
            yield from needed(secret, "namespace", where, "the Secret's namespace")
            yield from named(secret, "namespace", is_label, LABEL_RULE, where)


def _judge_local(source: dict[str, Any], spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from filled(source, ("path",), path)
    if ".." in str(source.get("path")).split("/"):
        yield wrong((*path, "path"), source["path"], "a path without '..'")
    if not part(spec, "nodeAffinity").get("required"):
        message = f"{MISSING}; expected the node that has the local volume"
        yield Flaw((*_PATH, "nodeAffinity"), message)
