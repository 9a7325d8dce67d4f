"""The document that an object was written in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Data
from itertools import islice
from typing import Any

from tidegate.domain.location import Location
from tidegate.domain.manifest import Manifest
from tidegate.repository.provenance.agreement import agrees
from tidegate.repository.provenance.nodes import Mapping, Scalar
from tidegate.repository.provenance.setters import place
from tidegate.repository.provenance.sources import Entry, Sources

_CANDIDATES = 20
_SEARCHED = 1_000


def find_object(
    sources: Sources, files: Iterable[str], manifest: Manifest, names: Sequence[str]
) -> tuple[str, Entry] | None:
    """The file and the document of an object that is in one of the files: by its kind and one of
    its names, or as the only one of its kind."""
    several = list(islice(files, _SEARCHED))
    if not manifest.id.name:
        found_at = _find_nameless(sources, several, manifest)
        if found_at is not None:
            return found_at
    for file in several:
        objects = sources.objects(file)
        for name in names:
            found = objects.by_name.get((manifest.id.kind, name))
            if found:
                return file, _best(found, manifest)
    if len(several) != 1:
        return None
    objects = sources.objects(several[0])
    alike = objects.by_kind.get(manifest.id.kind, [])
    if not alike and len(objects.by_name) == 1:  # a patch may have changed the kind
        alike = next(iter(objects.by_name.values()))
    if len(alike) == 1:
        return several[0], alike[0]
    around = f"-{manifest.id.name}-"
    parts = [entry for entry in alike[:_SEARCHED] if entry.name and f"-{entry.name}-" in around]
    return (several[0], max(parts, key=lambda entry: len(entry.name))) if parts else None


def _find_nameless(
    sources: Sources, files: Iterable[str], manifest: Manifest
) -> tuple[str, Entry] | None:
    """Of the objects of its kind with such a name, or none, the one that says what it says; else
    the first of them."""
    metadata = manifest.data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Data) else None
    nearest: tuple[str, Entry] | None = None
    for file in files:
        for entry in sources.objects(file).by_kind.get(manifest.id.kind, [])[:_SEARCHED]:
            if not _is_called(entry, name):
                continue
            if agrees(entry.root, manifest.data):
                return file, entry
            nearest = nearest or (file, entry)
    return nearest


def _is_called(entry: Entry, name: Any) -> bool:
    metadata = entry.root.get("metadata")
    said = metadata.get("name") if isinstance(metadata, Mapping) else None
    if name is None:
        return said is None or (isinstance(said, Scalar) and said.null)
    return agrees(said, name)


def object_place(file: str, root: Mapping) -> Location:
    """The line that says what an object is."""
    kind = root.pair("kind")
    return place(file, kind[0] if kind else root)


def _best(entries: Sequence[Entry], manifest: Manifest) -> Entry:
    """Of several with one name, the one that is most surely it."""
    if len(entries) == 1:
        return entries[0]

    def rank(entry: Entry) -> tuple[bool, bool, bool]:
        return (
            entry.group == manifest.id.group,
            entry.namespace == manifest.id.namespace,
            agrees(entry.root, manifest.data),
        )

    return max(entries[:_CANDIDATES], key=rank)
