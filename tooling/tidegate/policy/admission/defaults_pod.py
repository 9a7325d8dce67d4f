"""What the API server adds to pods and to templates of pods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.policy.admission.quantities import canonical, canonical_map

Fields = dict[str, Any]

_POD: Fields = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "terminationGracePeriodSeconds": 30,
    "schedulerName": "default-scheduler",
}
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_REPOSITORY = re.compile(
    r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*", re.ASCII
)
_NOT_READY = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def mappings(value: Any, key: str) -> Iterator[Fields]:
    """Those items of a list under a key that are mappings."""
    items = value.get(key) if isinstance(value, dict) else None
    if isinstance(items, list):
        yield from (item for item in items if isinstance(item, dict))


def mapping(value: Fields, key: str) -> Fields | None:
    """The mapping under a key."""
    found = value.get(key)
    return found if isinstance(found, dict) else None


def fill(fields: Fields, defaults: Fields) -> None:
    """Adds what isn't there."""
    for key, value in defaults.items():
        fields.setdefault(key, value)


def complete_template(owner: Fields) -> None:
    """Completes the template of pods under `template`."""
    template = owner.setdefault("template", {})
    if isinstance(template, dict):
        template.setdefault("metadata", {})
        spec = mapping(template, "spec")
        if spec is not None:
            complete_pod(spec)


def complete_pod(spec: Fields) -> None:
    """Completes a pod's spec in place."""
    fill(spec, _POD)
    spec.setdefault("securityContext", {})
    account = spec.get("serviceAccountName", spec.get("serviceAccount"))
    if account is not None:
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for key in ("initContainers", "containers", "ephemeralContainers"):
        for container in mappings(spec, key):
            _container(container)
    for volume in mappings(spec, "volumes"):
        _volume(volume)
    if "overhead" in spec:
        spec["overhead"] = canonical_map(spec["overhead"])


def complete_bare_pod(spec: Fields) -> None:
    """What only pods get that no controller makes: from admission, and from their own defaults."""
    for key in ("initContainers", "containers"):
        for container in mappings(spec, key):
            resources = mapping(container, "resources") or {}
            limits = mapping(resources, "limits")
            if limits:
                requests = resources.setdefault("requests", {})
                if isinstance(requests, dict):
                    fill(requests, limits)
            if spec.get("hostNetwork") is True:
                for port in mappings(container, "ports"):
                    port.setdefault("hostPort", port.get("containerPort"))
    spec.setdefault("enableServiceLinks", True)
    tolerations = spec.setdefault("tolerations", [])
    if isinstance(tolerations, list):
        for key in _NOT_READY:
            if not any(_tolerates(item, key) for item in tolerations):
                effect = {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
                tolerations.append({"key": key, **effect})
    if "priorityClassName" not in spec:
        fill(spec, {"priority": 0, "preemptionPolicy": "PreemptLowerPriority"})


def complete_claim(spec: Fields) -> None:
    """Completes a PersistentVolumeClaim's spec in place."""
    spec.setdefault("volumeMode", "Filesystem")
    resources = spec.setdefault("resources", {})
    _resources(resources)


def _tolerates(toleration: Any, key: str) -> bool:
    if not isinstance(toleration, dict) or toleration.get("effect") not in (None, "NoExecute"):
        return False
    return toleration.get("key") == key or (
        toleration.get("key") is None and toleration.get("operator") == "Exists"
    )


def _container(container: Fields) -> None:
    fill(
        container,
        {
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
            "imagePullPolicy": _pull_policy(container.get("image")),
        },
    )
    for port in mappings(container, "ports"):
        port.setdefault("protocol", "TCP")
    for variable in mappings(container, "env"):
        source = mapping(variable, "valueFrom") or {}
        _reference(source)
    _resources(container.setdefault("resources", {}))
    for key in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = mapping(container, key)
        if probe is not None:
            fill(probe, _PROBE)
            _handler(probe)
    for hook in (mapping(container, "lifecycle") or {}).values():
        if isinstance(hook, dict):
            _handler(hook)


def _reference(source: Fields) -> None:
    field, resource = mapping(source, "fieldRef"), mapping(source, "resourceFieldRef")
    if field is not None:
        field.setdefault("apiVersion", "v1")
    if resource is not None:
        resource["divisor"] = canonical(resource.get("divisor", "0"))


def _handler(handler: Fields) -> None:
    http, grpc, sleep = (mapping(handler, key) for key in ("httpGet", "grpc", "sleep"))
    if http is not None:
        fill(http, {"path": "/", "scheme": "HTTP"})
    if grpc is not None:
        grpc.setdefault("service", "")
    if sleep is not None:
        sleep.setdefault("seconds", 0)


def _resources(resources: Any) -> None:
    if isinstance(resources, dict):
        for key in ("limits", "requests"):
            if key in resources:
                resources[key] = canonical_map(resources[key])


def _pull_policy(image: Any) -> str:
    """Always for `latest`, said or not; what can't be read as an image is not `latest`."""
    if not isinstance(image, str):
        return "IfNotPresent"
    name, _, digest = image.partition("@")
    head, _, last = name.rpartition("/")
    base, _, tag = last.partition(":")
    repository = f"{head}/{base}" if head else base
    host, slash, path = repository.partition("/")
    if slash and ("." in host or ":" in host or host == "localhost" or host.lower() != host):
        repository = path
    if not _REPOSITORY.fullmatch(repository):
        return "IfNotPresent"
    return "Always" if tag == "latest" or not (tag or digest) else "IfNotPresent"


def _volume(volume: Fields) -> None:
    if volume.keys() <= {"name"}:
        volume["emptyDir"] = {}
    for key in ("configMap", "secret", "downwardAPI", "projected"):
        source = mapping(volume, key)
        if source is not None:
            source.setdefault("defaultMode", 420)
            for item in mappings(source, "items"):
                _reference(item)
    for source in mappings(volume.get("projected"), "sources"):
        token = mapping(source, "serviceAccountToken")
        if token is not None:
            token.setdefault("expirationSeconds", 3600)
        for item in mappings(source.get("downwardAPI"), "items"):
            _reference(item)
    directory, path = mapping(volume, "emptyDir"), mapping(volume, "hostPath")
    if directory and "sizeLimit" in directory:
        directory["sizeLimit"] = canonical(directory["sizeLimit"])
    if path is not None:
        path.setdefault("type", "")
    template = mapping(mapping(volume, "ephemeral") or {}, "volumeClaimTemplate")
    if template is not None:
        template.setdefault("metadata", {})
        spec = mapping(template, "spec")
        if spec is not None:
            complete_claim(spec)
