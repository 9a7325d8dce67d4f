"""Volumes of a pod, and where its containers mount them (pkg/apis/core/validation:
ValidateVolumes, ValidateVolumeMounts)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from functools import partial
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax import volume_files
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_RULE,
    SUBDOMAIN_RULE,
    is_label,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.metadata import judge_labels
from tidegate.policy.schemas.syntax.reading import items, part, text
from tidegate.policy.schemas.syntax.resources import judge_amount
from tidegate.policy.schemas.syntax.storage import judge_claim
from tidegate.policy.schemas.syntax.words import MISSING, filled, named, needed, one_of, wrong
from tidegate.policy.schemas.words import choice, shown, suggestion

_DRIVER = 63
_HOST_TYPES = (
    *("DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket"),
    *("CharDevice", "BlockDevice"),
)
_PULLS = ("Always", "IfNotPresent", "Never")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")
_BLOCKS = ("persistentVolumeClaim", "ephemeral")
_SHARED = ("HostToContainer", "Bidirectional")
_PROPAGATION = ("None", *_SHARED)


def judge_volumes(pod: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A pod's volumes. One without a source is an empty folder."""
    seen: set[str] = set()
    for item, where in items(pod.get("volumes"), (*path, "volumes")):
        name = item.get("name")
        if name == "":
            yield Flaw((*where, "name"), "is empty; expected a name")
        elif isinstance(name, str):
            if not is_label(name):
                yield wrong((*where, "name"), name, LABEL_RULE)
            elif name in seen:
                yield Flaw((*where, "name"), f"is {shown(name)}, as an earlier volume of the pod")
            seen.add(name)
        yield from _judge_source(item, where)


def volume_names(pod: dict[str, Any]) -> set[str]:
    """What containers can mount."""
    return {text(item.get("name")) for item, _ in items(pod.get("volumes"), ())}


def judge_mounts(container: dict[str, Any], path: FieldPath, volumes: set[str]) -> Iterator[Flaw]:
    """A container's mounts and devices, against the volumes that there are."""
    used: set[str] = set()
    for item, where in items(container.get("volumeMounts"), (*path, "volumeMounts")):
        yield from _judge_name(item, where, volumes)
        target = item.get("mountPath")
        if target == "":
            yield Flaw((*where, "mountPath"), "is empty; expected a path")
        elif isinstance(target, str):
            if target in used:
                message = f"is {shown(target)}, as an earlier mount of the container"
                yield Flaw((*where, "mountPath"), message)
            used.add(target)
        for key in ("subPath", "subPathExpr"):
            yield from _judge_inner(item, key, where)
        if text(item.get("subPath")) and text(item.get("subPathExpr")):
            yield Flaw((*where, "subPathExpr"), "is set beside subPath; expected one of them")
        if "mountPropagation" in item:
            yield from one_of(item, "mountPropagation", _PROPAGATION, where)
            yield from filled(item, ("mountPropagation",), where)
        if "recursiveReadOnly" in item:
            yield from _judge_recursive(item, where)
    devices: set[str] = set()
    for item, where in items(container.get("volumeDevices"), (*path, "volumeDevices")):
        yield from _judge_name(item, where, volumes)
        yield from filled(item, ("devicePath",), where)
        if ".." in text(item.get("devicePath")).split("/"):
            yield wrong((*where, "devicePath"), item["devicePath"], "a path without '..'")
        name = text(item.get("name"))
        if name and name in devices:
            yield Flaw((*where, "name"), f"is {shown(name)}, as an earlier device")
        devices.add(name)


def judge_devices(pod: dict[str, Any], path: FieldPath, claims: Set[str]) -> Iterator[Flaw]:
    """Devices are of volumes that are claimed; `claims` are those that the pod's owner adds."""
    sources = {text(item.get("name")): item for item, _ in items(pod.get("volumes"), ())}
    for key in ("initContainers", "containers"):
        for container, inner in items(pod.get(key), (*path, key)):
            for item, where in items(container.get("volumeDevices"), (*inner, "volumeDevices")):
                name = text(item.get("name"))
                volume = sources.get(name)
                if volume and name not in claims and not any(map(volume.get, _BLOCKS)):
                    expected = f"a volume with {choice(_BLOCKS)}"
                    yield wrong((*where, "name"), name, expected)


def _judge_recursive(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from one_of(item, "recursiveReadOnly", _RECURSIVE, path)
    yield from filled(item, ("recursiveReadOnly",), path)
    if item["recursiveReadOnly"] in _RECURSIVE[1:] and item.get("readOnly") is not True:
        message = "is set; expected readOnly: true beside it"
        yield Flaw((*path, "recursiveReadOnly"), message)
    elif item["recursiveReadOnly"] in _RECURSIVE[1:] and item.get("mountPropagation") in _SHARED:
        message = f"is set beside mountPropagation: {item['mountPropagation']}; expected None there"
        yield Flaw((*path, "recursiveReadOnly"), message)


def _judge_name(item: dict[str, Any], path: FieldPath, volumes: set[str]) -> Iterator[Flaw]:
    name = item.get("name")
    if name == "":
        yield Flaw((*path, "name"), "is empty; expected a volume's name")
    elif isinstance(name, str) and name not in volumes:
        hint = suggestion(name, volumes)
        yield Flaw((*path, "name"), f"is {shown(name)}, and the pod has no such volume{hint}")


def _judge_inner(item: dict[str, Any], key: str, path: FieldPath) -> Iterator[Flaw]:
    inner = text(item.get(key))
    if inner.startswith("/"):
        yield wrong((*path, key), inner, "a path inside the volume, without '/' first")
    elif ".." in inner.split("/"):
        yield wrong((*path, key), inner, "a path without '..'")


def _judge_source(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    given = [key for key, value in item.items() if key != "name" and value is not None]
    for key in given[1:]:
        message = f"is a second source beside {shown(given[0])}; expected only one"
        yield Flaw((*path, key), message)
    for key in given[:1]:
        source, where = item[key], (*path, key)
        if isinstance(source, dict):
            yield from judge_volume_source(key, source, where)


def judge_volume_source(kind: str, source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A source of a kind that pods and PersistentVolumes have alike."""
    judge = _KINDS.get(kind)
    if judge is not None:
        yield from judge(source, path)


def _judge_claim(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    if source.get("claimName") == "":
        yield Flaw((*path, "claimName"), "is empty; expected a claim's name")


def _judge_host_path(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    target = source.get("path")
    if target == "":
        yield Flaw((*path, "path"), "is empty; expected a path")
    elif isinstance(target, str) and ".." in target.split("/"):
        yield wrong((*path, "path"), target, "a path without '..'")
    yield from one_of(source, "type", _HOST_TYPES, path)


def _judge_nfs(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from filled(source, ("server",), path)
    target = source.get("path")
    if isinstance(target, str) and not target.startswith("/"):
        yield wrong((*path, "path"), target, "a path with '/' first")


def judge_driver_name(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """The name of a CSI driver, which may have capitals."""
    driver = source.get("driver")
    if isinstance(driver, str) and (len(driver) > _DRIVER or not is_subdomain(driver.lower())):
        yield wrong((*path, "driver"), driver, f"a driver's name: {SUBDOMAIN_RULE}")


def _judge_driver(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from judge_driver_name(source, path)
    secret, where = source.get("nodePublishSecretRef"), (*path, "nodePublishSecretRef")
    if isinstance(secret, dict):
        yield from needed(secret, "name", where, "a Secret's name")
        yield from named(secret, "name", is_subdomain, SUBDOMAIN_RULE, where)


def _judge_ephemeral(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    claim, where = source.get("volumeClaimTemplate"), (*path, "volumeClaimTemplate")
    if claim is None:
        yield Flaw(where, f"{MISSING}; expected a claim")
    metadata = part(claim, "metadata")
    for key in metadata:
        if key not in ("labels", "annotations"):
            message = "is set; expected labels and annotations alone"
            yield Flaw((*where, "metadata", key), message)
    yield from judge_labels(metadata, (*where, "metadata"))
    spec = part(claim).get("spec")
    if isinstance(spec, dict):
        yield from judge_claim(spec, (*where, "spec"))


def _judge_empty_dir(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from judge_amount(source.get("sizeLimit"), (*path, "sizeLimit"))
    medium = text(source.get("medium"))
    if medium not in ("", "Memory", "HugePages") and not medium.startswith("HugePages-"):
        yield wrong((*path, "medium"), medium, "'Memory', 'HugePages' or nothing")


def _judge_rest(keys: tuple[str, ...], source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from filled(source, keys, path)


def _judge_image(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from one_of(source, "pullPolicy", _PULLS, path)


_KINDS: Mapping[str, Callable[[dict[str, Any], FieldPath], Iterator[Flaw]]] = {
    "configMap": volume_files.judge_config_map,
    "secret": volume_files.judge_secret,
    "downwardAPI": volume_files.judge_downward,
    "projected": volume_files.judge_projected,
    "persistentVolumeClaim": _judge_claim,
    "hostPath": _judge_host_path,
    "nfs": _judge_nfs,
    "csi": _judge_driver,
    "ephemeral": _judge_ephemeral,
    "emptyDir": _judge_empty_dir,
    "image": _judge_image,
    **{
        kind: partial(_judge_rest, keys)
        for kind, keys in (
            ("awsElasticBlockStore", ("volumeID",)),
            ("azureDisk", ("diskName", "diskURI")),
            ("azureFile", ("secretName", "shareName")),
            ("cinder", ("volumeID",)),
            ("flexVolume", ("driver",)),
            ("gcePersistentDisk", ("pdName",)),
            ("glusterfs", ("endpoints", "path")),
            ("iscsi", ("targetPortal", "iqn")),
            ("portworxVolume", ("volumeID",)),
            ("rbd", ("image",)),
            ("vsphereVolume", ("volumePath",)),
        )
    },
}
