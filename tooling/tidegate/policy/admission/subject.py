"""An object on its way to the API server: what policies see of it, made once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from tidegate.domain.manifest import Manifest, Object
from tidegate.policy.admission.defaults import complete
from tidegate.policy.admission.defaults_scaling import to_v2
from tidegate.policy.admission.environment import running
from tidegate.policy.admission.matching import OPERATION, Version
from tidegate.policy.admission.parameters import labels_of
from tidegate.policy.admission.resources import Resource
from tidegate.policy.admission.source import alias
from tidegate.policy.admission.values import plain

_NAME_LABEL = "kubernetes.io/metadata.name"


def namespace_of(manifest: Manifest, namespace: Object | None) -> Object | None:
    """The namespace that an object will be in, as far as it can be told."""
    if namespace is not None or not manifest.id.namespace:
        return namespace
    return {"metadata": {"name": manifest.id.namespace}}


class Subject:
    """An object that policies are asked about."""

    def __init__(
        self,
        manifest: Manifest,
        resource: Resource,
        namespace: Object | None,
        request: Iterable[str],
    ) -> None:
        self.manifest = manifest
        self.resource = resource
        self.name = manifest.id.name
        self.labels = labels_of(manifest.data)
        self._own_namespace = (resource.group, resource.kind) == ("", "Namespace")
        self._namespace: dict[str, Any] | None = None
        self.namespace = ""
        if self._own_namespace:
            self.namespace = self.name
        elif resource.namespaced:
            self._namespace = _completed(namespace or {"metadata": {"name": "default"}})
            self.namespace = self._namespace["metadata"]["name"]
        self._request = request
        self._objects: dict[Version, dict[str, Any] | None] = {}
        self._activations: dict[tuple[Version, int], Any] = {}

    def scope_labels(self, keys: Set[str]) -> tuple[tuple[str, str], ...] | None:
        """Those of the labels that namespace selectors look at which have one of the keys; None
        for objects of the whole cluster."""
        if self._own_namespace:
            labels = {**self.labels, _NAME_LABEL: self.name}
        elif self._namespace is not None:
            labels = labels_of(self._namespace)
        else:
            return None
        return tuple(sorted(item for item in labels.items() if item[0] in keys))

    def activation(self, version: Version, parameter: Any) -> Any:
        """What expressions are evaluated with; None where only the cluster knows what the object
        looks like in that version."""
        key = version, id(parameter)
        if key not in self._activations:
            data = self._object(version)
            self._activations[key] = data and self._activate(data, version, parameter)
        return self._activations[key]

    def _object(self, version: Version) -> dict[str, Any] | None:
        if version not in self._objects:
            own = self.resource.group, self.resource.version
            data = complete(
                self.manifest.data,
                self.resource,
                self.namespace if self.resource.namespaced else "",
            )
            self._objects[own] = data
            if version != own:
                self._objects[version] = self._converted(data, version)
        return self._objects[version]

    def _converted(self, data: dict[str, Any], version: Version) -> dict[str, Any] | None:
        if version == ("autoscaling", "v2"):
            return to_v2(data)
        if self.resource.built_in:
            return None
        return {**data, "apiVersion": "/".join(version)}

    def _activate(self, data: dict[str, Any], version: Version, parameter: Any) -> Any:
        values = {
            "object": data,
            "oldObject": None,
            "conditionObject": None,
            "namespaceObject": self._namespace,
            "params": parameter,
        }
        if self._request:
            fields = self._fields(version)
            for field in self._request:
                if field in fields:
                    values[alias(field) if field else "request"] = fields[field]
        return running().Activation(values)

    def _fields(self, version: Version) -> Mapping[str, Any]:
        """The request's fields; those that are empty are not there."""
        resource = self.resource
        own = resource.group, resource.version
        request: dict[str, Any] = {"operation": OPERATION, "dryRun": False}
        for prefix, (group, number) in (("", version), ("request", own)):
            kind = {"group": group, "version": number, "kind": resource.kind}
            plural = {"group": group, "version": number, "resource": resource.plural}
            request["requestKind" if prefix else "kind"] = kind
            request["requestResource" if prefix else "resource"] = plural
        if self.name:
            request["name"] = self.name
        if self.namespace:
            request["namespace"] = self.namespace
        parts = {
            f"{outer}.{inner}": value
            for outer, fields in request.items()
            if isinstance(fields, dict)
            for inner, value in fields.items()
        }
        return {"": request, **request, **parts}


def _completed(namespace: Object) -> dict[str, Any]:
    """A Namespace as policies see it."""
    result = plain(namespace, typed=True)
    metadata = result.get("metadata")
    metadata = result["metadata"] = dict(metadata) if isinstance(metadata, dict) else {}
    metadata["name"] = str(metadata.get("name") or "default")
    metadata["labels"] = {**labels_of(namespace), _NAME_LABEL: metadata["name"]}
    result["spec"] = {"finalizers": ["kubernetes"]}
    result["status"] = {"phase": "Active"}
    return {key: result[key] for key in ("metadata", "spec", "status")}
