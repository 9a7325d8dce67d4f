"""What Flux and Argo CD lay over a folder when they apply it: nobody renders that offline, so that
it has to be named."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tidegate.domain.manifest import Manifest, mapping
from tidegate.domain.snapshot import Snapshot
from tidegate.repository.appliers import ARGOCD, FLUX
from tidegate.repository.links import Unresolvable, resolve

_FLUX_KEYS = (
    *("components", "patches", "patchesStrategicMerge", "patchesJson6902", "images"),
    *("targetNamespace", "namePrefix", "nameSuffix", "commonMetadata"),
)
# They say how kustomize is to run, and which of a folder's files count: all of them are read.
_HARMLESS = frozenset({"version", "kubeVersion", "apiVersions", "ignoreMissingComponents"})
_RECURSE = "recurse"
_TEMPLATE = "{{"


class Layer(NamedTuple):
    """What a file lays over a folder of the repository, by the keys that say so. Where only Argo
    CD can tell which folder that is, it is one below `folder`."""

    file: str
    folder: str
    keys: tuple[str, ...]


def find_layers(snapshot: Snapshot, appliers: Iterable[Manifest]) -> tuple[Layer, ...]:
    """Everything that is laid over folders that are here, by file."""
    found: dict[Layer, None] = {}
    for manifest in appliers:
        for path, keys in _laid(manifest):
            folder = folder_of(snapshot, path) if isinstance(path, str) and keys else None
            if folder is not None and snapshot.is_directory(folder):
                found[Layer(manifest.origin or "", folder, tuple(keys))] = None
    return tuple(sorted(found))


def folder_of(snapshot: Snapshot, path: str) -> str:
    """The folder that a path means to who applies it, whether it is here or not; behind a link the
    one that it leads to, and of a template the one that all of its folders lie in."""
    fixed, template, _ = path.partition(_TEMPLATE)
    fixed = fixed.rpartition("/")[0] if template else fixed
    folder = posixpath.normpath(fixed.strip("/") or ".").removeprefix(".")
    try:
        return resolve(snapshot, folder).path
    except Unresolvable:
        return folder


def _laid(manifest: Manifest) -> Iterator[tuple[object, list[str]]]:
    """Each path that an object has applied, and what it lays over that."""
    group, kind = manifest.id.group, manifest.id.kind
    spec = mapping(manifest.data.get("spec"))
    if (group, kind) == (FLUX, "Kustomization"):
        yield spec.get("path", ""), [key for key in _FLUX_KEYS if spec.get(key)]
    elif group == ARGOCD and kind in ("Application", "ApplicationSet"):
        patched = ["templatePatch"] if "source" in str(spec.get("templatePatch")) else []
        made = mapping(mapping(spec.get("template")).get("spec")) if kind[11:] else spec
        several = made.get("sources")
        for source in (made.get("source"), *(several if isinstance(several, list) else ())):
            yield mapping(source).get("path"), [*_overrides(mapping(source)), *patched]


def _overrides(source: Mapping[str, Any]) -> Iterator[str]:
    for tool in ("kustomize", "directory"):
        settings = mapping(source.get(tool))
        keys = (key for key, value in settings.items() if value and key not in _HARMLESS)
        yield from (f"{tool}.{key}" for key in keys if key != _RECURSE)
    yield from (tool for tool in ("helm", "plugin") if source.get(tool))
