"""The Namespace object around each object, as the cluster will have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.domain.manifest import Manifest, Object, Rendered

# The label by which Argo CD marks the namespaces that it makes for an environment.
ENVIRONMENT_LABEL = "tidegate.dev/environment"
_NAME_LABEL = "kubernetes.io/metadata.name"


class Namespaces:
    """An overlay's namespaces: those that it holds itself, and those that are made for it."""

    def __init__(self, rendered: Rendered) -> None:
        self._environment = rendered.environment
        self._known: dict[str, Object] = {
            manifest.id.name: manifest.data
            for manifest in rendered.manifests
            if manifest.id[:2] == ("v1", "Namespace")
        }
        self._made: dict[str, Object] = {}

    def of(self, manifest: Manifest) -> Object:
        """The Namespace of an object; the one called `default` where it names none."""
        name = manifest.id.namespace or "default"
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Object:
        found = self._known.get(name, {}).get("metadata")
        metadata: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
        own = metadata.get("labels")
        labels = {**(own if isinstance(own, Mapping) else {}), _NAME_LABEL: name}
        if self._environment:
            labels[ENVIRONMENT_LABEL] = self._environment
        return {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {**metadata, "name": name, "labels": labels},
        }
