"""Files of objects beside kustomizations that take part in none: nobody applies them, so that a
check leaves them out, and says how many they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tidegate.domain.snapshot import Snapshot
from tidegate.repository.closure import Closures
from tidegate.repository.layout import KUSTOMIZATIONS
from tidegate.repository.object_files import (
    has_objects,
    is_applicable,
    is_called_manifests,
    may_have_objects,
)
from tidegate.repository.selection import is_internal, is_selected
from tidegate.repository.templates import terraform_folders
from tidegate.repository.yaml import is_readable

# What kustomize and Tidegate itself read there.
_RECORDS = ("release", "hold", "blocks", "app", "environment", "tidegate")
_NOT_OBJECTS = frozenset([*KUSTOMIZATIONS, *(f"{name}.yaml" for name in _RECORDS)])


def is_left_over(path: str, kustomized: Collection[str]) -> bool:
    """Whether a file lies beside a kustomization, or right below one; where it takes part in none
    it is a patch that nobody uses any more, most likely, and applied by nobody."""
    folder = path.rpartition("/")[0]
    return folder in kustomized or folder.rpartition("/")[0] in kustomized


def find_leftovers(
    snapshot: Snapshot,
    closures: Closures,
    paths: Sequence[str] = (),
    changed: Collection[str] | None = None,
) -> tuple[str, ...]:
    """The files of objects below the paths that are left out because no kustomization beside them
    lists them; only those that have `changed`, where that is known."""
    some = snapshot.entries if changed is None else sorted(changed)
    meant = [path for path in some if _is_meant(snapshot, path, paths)]
    if not meant:
        return ()
    # What a kustomization lists that can't be read, nobody knows.
    readable = closures.folders - closures.unreadable
    files = [p for p in meant if p not in closures.listed and is_left_over(p, readable)]
    terraform = terraform_folders(snapshot)
    snapshot.prefetch(path for path in files if is_readable(snapshot, path))

    def holds_objects(path: str) -> bool:
        if not is_readable(snapshot, path):
            return may_have_objects(snapshot, path)
        data = snapshot.read(path)
        return has_objects(path, data) and is_applicable(path, data, terraform)

    return tuple(filter(holds_objects, files))


def _is_meant(snapshot: Snapshot, path: str, paths: Sequence[str]) -> bool:
    """By its name alone."""
    return (
        is_called_manifests(path)
        and path.rpartition("/")[2] not in _NOT_OBJECTS
        and path not in paths
        and is_selected(path, paths)
        and not is_internal(path)
        and snapshot.is_file(path)
    )
