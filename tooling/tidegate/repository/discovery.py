"""What there is to check below a folder: overlays, Argo CD's own objects, and plain files of
manifests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import InputError
from tidegate.repository import layout
from tidegate.repository.closure import Closures
from tidegate.repository.inclusion import included, is_component, kustomizations
from tidegate.repository.leftovers import is_left_over
from tidegate.repository.object_files import (
    SUFFIXES,
    has_objects,
    is_applicable,
    may_have_objects,
)
from tidegate.repository.selection import is_below, is_internal, is_meant, is_selected
from tidegate.repository.targets import Target, find_delivery, find_overlays, places
from tidegate.repository.templates import terraform_folders
from tidegate.repository.yaml import FILE_SIZE_LIMIT


def is_tidegate(snapshot: Snapshot) -> bool:
    """Whether the folder is a Tidegate repository."""
    environments = snapshot.children(layout.ENVIRONMENTS)
    return any(layout.environment_file(name) in snapshot for name in environments)


@dataclass(frozen=True, slots=True)
class Discovery:
    """What there is to check. `passed_over` are files with objects that nobody applies as they
    stand, and `idle` those of the paths that lead to nothing."""

    targets: list[Target]
    passed_over: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


def discover(snapshot: Snapshot, closures: Closures, paths: Sequence[str] = ()) -> list[Target]:
    """The targets alone of `explore`."""
    return explore(snapshot, closures, paths).targets


def explore(snapshot: Snapshot, closures: Closures, paths: Sequence[str] = ()) -> Discovery:
    """Everything to check below the paths (all of it, where there are none), by path.

    In a Tidegate repository the overlays of its environments and what Argo CD applies them with;
    elsewhere each kustomization that no other includes, and each file with objects that takes
    part in none. Raises InputError for a path that isn't there.
    """
    for path in paths:
        if path and path not in snapshot:
            raise InputError(f"{path} is not there, or Git ignores it")
    found = list(find_overlays(snapshot, closures))
    if is_tidegate(snapshot):
        found += find_delivery(snapshot, closures)
    named = {target.path: places(target, closures) for target in found}
    ours = [place for found_at in named.values() for place in found_at]
    passed_over: list[str] = []
    if not ours:
        plain, passed_over = _plain(snapshot, closures, paths)
        found = [*_roots(snapshot, closures, paths), *plain]
    elif paths:
        extra = [p for p in paths if not any(is_below(o, [p]) or is_below(p, [o]) for o in ours)]
        if extra:
            plain, passed_over = _plain(snapshot, closures, extra)
            found += [t for t in _roots(snapshot, closures, extra) if t.path not in named]
            found += plain
    leading = [(target, named.get(target.path, (target.path,))) for target in found]
    wanted = [target for target, there in leading if not paths or is_meant(there, paths)]
    wanted.sort(key=lambda target: target.path)
    idle = [path for path in paths if not any(is_meant(there, [path]) for _, there in leading)]
    return Discovery(wanted, tuple(passed_over), tuple(p for p in idle if p not in passed_over))


def _roots(snapshot: Snapshot, closures: Closures, paths: Sequence[str]) -> Iterator[Target]:
    """Kustomizations that no other one includes; a Component never stands alone."""
    wanted = (path for path in kustomizations(snapshot) if is_selected(path, paths))
    own = list(dict.fromkeys(path.rpartition("/")[0] for path in wanted))
    used = included(closures, own)
    for folder in own:
        if folder not in used and not is_component(snapshot, folder):
            yield Target(folder)


def _plain(
    snapshot: Snapshot, closures: Closures, paths: Sequence[str]
) -> tuple[list[Target], list[str]]:
    """The files to check, and those of objects that are passed over."""
    kustomized = {path.rpartition("/")[0] for path in kustomizations(snapshot)}
    used = closures.listed(kustomized)
    named = set(paths)
    files = [
        path
        for path in snapshot.entries
        if path.endswith(SUFFIXES)
        and snapshot.is_file(path)
        and is_selected(path, paths)
        and (path in named or not (path in used or is_left_over(path, kustomized)))
        and (path in named or not is_internal(path))
    ]
    small = [path for path in files if snapshot.entries[path].size <= FILE_SIZE_LIMIT]
    large = [path for path in files if snapshot.entries[path].size > FILE_SIZE_LIMIT]
    terraform = terraform_folders(snapshot)
    snapshot.prefetch(small)
    found: list[str] = []
    passed_over: list[str] = []
    for path in small:
        if has_objects(path, data := snapshot.read(path)):
            applied = path in named or is_applicable(path, data, terraform)
            (found if applied else passed_over).append(path)
    # Nobody reads these any further; as targets they are told, and not passed over.
    found += [path for path in large if may_have_objects(snapshot, path)]
    return [Target(path, plain=True) for path in found], passed_over
