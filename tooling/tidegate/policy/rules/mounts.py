"""What pods are given by name: ConfigMaps, Secrets, claims, service accounts, each with the field
that names it, and the keys that are asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tidegate.domain.manifest import FieldPath
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.pods import Container, Pods
from tidegate.policy.rules.shapes import entries, mapping, text

CONFIG_MAP, SECRET, CLAIM = "ConfigMap", "Secret", "PersistentVolumeClaim"


class Need(NamedTuple):
    """Something that pods need: `keys` are those that must be in it, each with its field."""

    pods: Pods
    kind: str
    name: str
    path: FieldPath
    doing: str
    optional: bool = False
    keys: tuple[tuple[str, FieldPath], ...] = ()


def needs(inventory: Inventory) -> tuple[Need, ...]:
    """Everything that the overlay's pods are given by name."""
    return inventory.once("needs", lambda found: tuple(_needs(found)))


def _needs(inventory: Inventory) -> Iterator[Need]:
    for pods in inventory.pods:
        for container in pods.containers:
            yield from _environment(pods, container)
        for index, volume in entries(pods.spec, "volumes"):
            yield from _volume(pods, volume, (*pods.spec_path, "volumes", index))
        for index, item in entries(pods.spec, "imagePullSecrets"):
            path = (*pods.spec_path, "imagePullSecrets", index, "name")
            yield Need(pods, SECRET, text(item.get("name")), path, "pulls images with")


def _environment(pods: Pods, container: Container) -> Iterator[Need]:
    for index, item in entries(container.data, "envFrom"):
        for key, kind in (("configMapRef", CONFIG_MAP), ("secretRef", SECRET)):
            source = mapping(item.get(key))
            path = (*container.path, "envFrom", index, key, "name")
            yield _need(pods, kind, source, path, "takes its environment from")
    for index, item in entries(container.data, "env"):
        for key, kind in (("configMapKeyRef", CONFIG_MAP), ("secretKeyRef", SECRET)):
            source = mapping(mapping(item.get("valueFrom")).get(key))
            path = (*container.path, "env", index, "valueFrom", key)
            asked = text(source.get("key"))
            keys = ((asked, (*path, "key")),) if asked else ()
            yield _need(pods, kind, source, (*path, "name"), "takes a variable from", keys)


def _need(
    pods: Pods,
    kind: str,
    source: Mapping[str, Any],
    path: FieldPath,
    doing: str,
    keys: tuple[tuple[str, FieldPath], ...] = (),
    name: str = "name",
) -> Need:
    optional = source.get("optional") is True
    return Need(pods, kind, text(source.get(name)), path, doing, optional, keys)


def _volume(pods: Pods, volume: Mapping[str, Any], path: FieldPath) -> Iterator[Need]:
    yield from _files(pods, volume, path)
    for index, source in entries(volume.get("projected"), "sources"):
        yield from _files(pods, source, (*path, "projected", "sources", index), projected=True)
    claim = mapping(volume.get("persistentVolumeClaim"))
    where = (*path, "persistentVolumeClaim", "claimName")
    yield Need(pods, CLAIM, text(claim.get("claimName")), where, "mounts")


def _files(
    pods: Pods, source: Mapping[str, Any], path: FieldPath, *, projected: bool = False
) -> Iterator[Need]:
    naming = "name" if projected else "secretName"
    for key, kind, name in (("configMap", CONFIG_MAP, "name"), ("secret", SECRET, naming)):
        found = source.get(key)
        if not isinstance(found, dict):
            continue
        keys = tuple(
            (asked, (*path, key, "items", index, "key"))
            for index, item in entries(found, "items")
            if (asked := text(item.get("key")))
        )
        yield _need(pods, kind, found, (*path, key, name), "mounts", keys, name)
