"""What can still be looked at of an overlay that can't be rendered: the folders that it includes
and that can, and the files of objects that it lists."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tidegate.domain.snapshot import Snapshot
from tidegate.repository.closure import Closures
from tidegate.repository.inclusion import is_component
from tidegate.repository.kustomization_file import KustomizationFile
from tidegate.repository.object_files import is_applicable
from tidegate.repository.targets import Part, Target
from tidegate.repository.templates import terraform_folders
from tidegate.repository.yaml import FILE_SIZE_LIMIT

# A kustomization of these alone leaves what it gathers as it is, and adds nothing to it.
_GATHERING = frozenset({"apiversion", "kind", "metadata", "resources", "bases"})
# What changes fields of objects that are there already.
_CHANGING = frozenset(
    {
        *("patches", "patchesstrategicmerge", "patchesjson6902", "replacements", "vars"),
        *("transformers", "components", "configurations", "images", "replicas"),
    }
)


def find_parts(
    snapshot: Snapshot, closures: Closures, broken: Iterable[str], seen: Collection[str]
) -> list[Target]:
    """The parts of these overlays, whose closures were found, but for what was `seen` as a part
    of others, and for templates and such; by path."""
    found: dict[str, Part] = {}
    plain: set[str] = set()
    terraform = terraform_folders(snapshot)
    for overlay in broken:
        left = [(overlay, Part())]
        met = {overlay}
        while left:
            folder, above = left.pop()
            file = closures.kustomization(folder)
            part = _below(above, file)
            applied = {path for path in file.objects if _applies(snapshot, path, terraform)}
            plain |= applied
            for path in applied:
                found[path] = _both(found.get(path, part), part._replace(alone=True))
            fresh = {entry.path for entry in file.directories} - met
            met |= fresh
            for path in fresh:
                if is_component(snapshot, path) or closures.find([path])[path].problems:
                    left.append((path, part))
                else:
                    found[path] = _both(found.get(path, part), part)
    return [
        Target(path, plain=path in plain, part=found[path])
        for path in sorted(found)
        if path not in seen
    ]


def _applies(snapshot: Snapshot, path: str, terraform: Collection[str]) -> bool:
    large = snapshot.entries[path].size > FILE_SIZE_LIMIT  # which is told where it is looked at
    return large or is_applicable(path, snapshot.read(path), terraform)


def _below(above: Part, file: KustomizationFile) -> Part:
    """What becomes of what a kustomization includes, for all that is done around it."""
    here = Part(
        alone=not file.keys <= _GATHERING,
        unfinished=bool(file.keys & _CHANGING),
        namespaced="namespace" in file.keys,
    )
    return _both(above, here)


def _both(one: Part, other: Part) -> Part:
    return Part(
        one.alone or other.alone,
        one.unfinished or other.unfinished,
        one.namespaced or other.namespaced,
    )
