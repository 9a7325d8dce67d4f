"""Which parameter objects a binding gives its policy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tidegate.domain.admission import Binding, Parameter, ParameterKind, Selector
from tidegate.domain.manifest import identify
from tidegate.policy.admission.defaults import complete
from tidegate.policy.admission.resources import Resources

_DENIED = "no params found for policy binding with `Deny` parameterNotFoundAction"
_NO_NAMESPACE = (
    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
)
_NAMESPACED_REFERENCE = "paramRef.namespace must not be provided for a cluster-scoped `paramKind`"


class Misconfigured(Exception):
    """The binding gives no parameters where it must; the text is the API server's."""


class Parameters:
    """All parameter objects, completed once."""

    def __init__(self, parameters: Iterable[Parameter], resources: Resources) -> None:
        self._resources = resources
        self._known: dict[ParameterKind, dict[tuple[str, str], Any]] = {}
        for parameter in parameters:
            found = identify(parameter.data)
            resource = resources.find(
                found.api_version, found.kind, namespaced=bool(found.namespace)
            )
            namespace = (found.namespace or "default") if resource.namespaced else ""
            data = complete(parameter.data, resource, namespace)
            kind = ParameterKind(found.api_version, found.kind)
            self._known.setdefault(kind, {})[namespace, found.name] = data

    def follows_namespace(self, kind: ParameterKind | None, binding: Binding) -> bool:
        """Whether the parameters depend on the namespace of the object."""
        reference = binding.parameter
        return bool(kind and reference and not reference.namespace and self._namespaced(kind))

    def given(self, kind: ParameterKind | None, binding: Binding, namespace: str) -> list[Any]:
        """What the policy is evaluated with, once for each; [None] where it takes none. Raises
        Misconfigured."""
        reference = binding.parameter
        if kind is None or reference is None:
            return [None]
        where = ""
        if self._namespaced(kind):
            where = reference.namespace or namespace
            if not where:
                raise Misconfigured(_NO_NAMESPACE)
        elif reference.namespace:
            raise Misconfigured(_NAMESPACED_REFERENCE)
        known = self._known.get(kind, {})
        if reference.name is not None:
            found = [known[where, reference.name]] if (where, reference.name) in known else []
        else:
            selector = reference.selector or Selector()
            found = [
                data
                for (place, _), data in known.items()
                if place == where and selector.selects(labels_of(data))
            ]
        if not found and reference.required:
            raise Misconfigured(_DENIED)
        return found

    def has(self, kind: ParameterKind, name: str) -> bool:
        """Whether there is such an object in any namespace."""
        return any(found == name for _, found in self._known.get(kind, {}))

    def _namespaced(self, kind: ParameterKind) -> bool:
        known = self._known.get(kind, {})
        hint = not known or any(namespace for namespace, _ in known)
        return self._resources.find(kind.api_version, kind.kind, namespaced=hint).namespaced


def labels_of(data: Any) -> dict[str, str]:
    """An object's labels; those that are no text are left out."""
    metadata = data.get("metadata") if isinstance(data, dict) else None
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    if not isinstance(labels, dict):
        return {}
    return {key: value for key, value in labels.items() if isinstance(value, str)}
