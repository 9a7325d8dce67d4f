"""The objects that an Application manages, as they are in the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from tidegate.adapters.argocd.cluster.api import ClusterApi
from tidegate.adapters.argocd.fields import Fields, flag, inner, items, text
from tidegate.domain.application import ManagedResource, ResourceName, ResourceState
from tidegate.domain.difference import mask
from tidegate.errors import NotFound


def live(api: ClusterApi, states: Iterator[ResourceState]) -> Iterator[ManagedResource]:
    """Each object, with None where it isn't there; what Git wants of it is not known here."""
    paths: dict[tuple[str, str], str | None] = {}
    for state in states:
        resource = state.resource
        kind = resource.group, resource.kind
        if kind not in paths:
            paths[kind] = _path_of_kind(api, resource)
        path = paths[kind]
        document = _read(api, path, resource) if path is not None else None
        status = inner(document or {}, "status")
        yield ManagedResource(resource, None, document, state.hook, status)


def masked(document: Fields) -> Mapping[str, Any]:
    """A Secret without its values; anything else as it is, but for what the server adds."""
    metadata = {k: v for k, v in inner(document, "metadata").items() if k != "managedFields"}
    return mask({**document, "metadata": metadata})


def _read(api: ClusterApi, path: str, resource: ResourceName) -> Mapping[str, Any] | None:
    place = f"namespaces/{quote(resource.namespace)}/" if resource.namespace else ""
    try:
        document = api.get(path.format(place=place) + f"/{quote(resource.name, safe='')}")
    except NotFound:
        return None
    return masked({"kind": resource.kind, **document})


def _path_of_kind(api: ClusterApi, resource: ResourceName) -> str | None:
    """Where the objects of a kind are, in the version that the server prefers."""
    if not resource.group:
        versions = ["/api/v1"]
    else:
        root = f"/apis/{quote(resource.group, safe='')}"
        try:
            group = api.get(root)
        except NotFound:
            return None
        preferred = text(inner(group, "preferredVersion"), "version")
        others = [text(item, "version") for item in items(group, "versions")]
        versions = [
            f"{root}/{version}" for version in dict.fromkeys([preferred, *others]) if version
        ]
    for version in versions:
        for kind in items(api.get(version), "resources"):
            if text(kind, "kind") == resource.kind and "/" not in text(kind, "name"):
                place = "{place}" if flag(kind, "namespaced") else ""
                return f"{version}/{place}{text(kind, 'name')}"
    return None
