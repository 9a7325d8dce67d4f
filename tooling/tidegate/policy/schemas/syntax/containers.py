"""Containers of a pod (pkg/apis/core/validation: validateContainers)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.environment import judge_environment
from tidegate.policy.schemas.syntax.grammar import LABEL_RULE, is_label, is_outside
from tidegate.policy.schemas.syntax.images import judge_image_name
from tidegate.policy.schemas.syntax.pod_settings import judge_users
from tidegate.policy.schemas.syntax.ports import judge_container_ports
from tidegate.policy.schemas.syntax.probes import judge_probes
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.resources import judge_resources
from tidegate.policy.schemas.syntax.restarts import judge_restarts
from tidegate.policy.schemas.syntax.volumes import judge_mounts
from tidegate.policy.schemas.syntax.words import filled, needed, one_of, wrong
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import shown

_RESTARTS = ("Always", "Never", "OnFailure")
_PULLS = ("Always", "IfNotPresent", "Never")
_MESSAGES = ("File", "FallbackToLogsOnError")
_RESIZES = ("NotRequired", "RestartContainer")
_UNMASKED = (1, 33)  # before, the server drops it, unless it is told not to
_PROC = ("Default", "Unmasked")
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")


def judge_containers(
    pod: dict[str, Any], path: FieldPath, minor: Minor, volumes: set[str]
) -> Iterator[Flaw]:
    """Every container of a pod, init containers among them."""
    if pod.get("containers") == []:
        yield Flaw((*path, "containers"), "is empty; expected at least one container")
    masked = minor >= _UNMASKED and pod.get("hostUsers") is not False
    seen: set[str] = set()
    for key in ("initContainers", "containers"):
        for container, where in items(pod.get(key), (*path, key)):
            name = container.get("name")
            if name == "":
                yield Flaw((*where, "name"), "is empty; expected a name")
            elif isinstance(name, str):
                if not is_label(name):
                    yield wrong((*where, "name"), name, LABEL_RULE)
                elif name in seen:
                    message = f"is {shown(name)}, as an earlier container of the pod"
                    yield Flaw((*where, "name"), message)
                seen.add(name)
            ends = key == "initContainers" and container.get("restartPolicy") != "Always"
            yield from _judge(container, where, minor, volumes, ends=ends)
            if masked and part(container, "securityContext").get("procMount") == "Unmasked":
                message = "is 'Unmasked'; expected it with hostUsers: false alone"
                yield Flaw((*where, "securityContext", "procMount"), message)


def _judge(
    container: dict[str, Any], path: FieldPath, minor: Minor, volumes: set[str], *, ends: bool
) -> Iterator[Flaw]:
    yield from _judge_image(container, path)
    if "ports" in container:
        yield from judge_container_ports(container, path)
    if "env" in container or "envFrom" in container:
        yield from judge_environment(container, path, minor)
    if "resources" in container:
        yield from judge_resources(container["resources"], (*path, "resources"))
    yield from judge_probes(container, path, plain=ends)
    if "volumeMounts" in container or "volumeDevices" in container:
        yield from judge_mounts(container, path, volumes)
    yield from one_of(container, "imagePullPolicy", _PULLS, path)
    if "restartPolicy" in container:
        yield from one_of(container, "restartPolicy", _RESTARTS, path)
        yield from filled(container, ("restartPolicy",), path)
    yield from judge_restarts(container, path, minor)
    resized: set[str] = set()
    for item, where in items(container.get("resizePolicy"), (*path, "resizePolicy")):
        yield from one_of(item, "resourceName", ("cpu", "memory"), where)
        yield from one_of(item, "restartPolicy", _RESIZES, where)
        yield from filled(item, ("resourceName", "restartPolicy"), where)
        name = text(item.get("resourceName"))
        if name in resized:
            yield Flaw((*where, "resourceName"), f"is {shown(name)}, as an earlier policy")
        resized.add(name)
    yield from one_of(container, "terminationMessagePolicy", _MESSAGES, path)
    if "securityContext" in container:
        yield from _judge_security(container["securityContext"], (*path, "securityContext"))


def _judge_image(container: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    image = container.get("image")
    if not image:
        yield from needed(container, "image", path, "an image")
    elif isinstance(image, str) and not image.strip():
        yield Flaw((*path, "image"), "is blank; expected an image")
    elif isinstance(image, str) and image.split() != [image]:
        yield wrong((*path, "image"), image, "an image without blanks")
    elif isinstance(image, str):
        yield from judge_image_name(image, (*path, "image"))


def _judge_security(context: Any, path: FieldPath) -> Iterator[Flaw]:
    data = mapping(context)
    if "procMount" in data:
        yield from one_of(data, "procMount", _PROC, path)
        yield from filled(data, ("procMount",), path)
    yield from judge_users(data, path)
    for key in ("seccompProfile", "appArmorProfile"):
        yield from judge_profile(data.get(key), (*path, key))
    if data.get("allowPrivilegeEscalation") is False:
        where = (*path, "allowPrivilegeEscalation")
        capabilities = mapping(data.get("capabilities")).get("add")
        added = capabilities if isinstance(capabilities, list) else []
        if data.get("privileged") is True:
            yield Flaw(where, "is false; expected true for a privileged container")
        elif "CAP_SYS_ADMIN" in added:
            yield Flaw(where, "is false; expected true where CAP_SYS_ADMIN is added")


def judge_profile(profile: Any, path: FieldPath) -> Iterator[Flaw]:
    """A profile of seccomp or AppArmor, of a container or of a whole pod."""
    data = mapping(profile)
    if not data:
        return
    yield from one_of(data, "type", _PROFILES, path)
    yield from filled(data, ("type",), path)
    kind, file = text(data.get("type")), data.get("localhostProfile")
    if kind == "Localhost" and (file is None or path[-1] == "appArmorProfile"):
        yield from needed(data, "localhostProfile", path, "the profile's file")
    elif kind == "Localhost" and is_outside(text(file)):
        yield wrong((*path, "localhostProfile"), file, "a path below the node's own, without '..'")
    if kind in ("RuntimeDefault", "Unconfined") and data.get("localhostProfile") is not None:
        yield Flaw((*path, "localhostProfile"), f"is set; expected none for {kind}")
