"""The files of plain manifests below the paths of a command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.snapshot import SUBMODULE, SYMLINK, Snapshot
from tidegate.repository.closure import Closures
from tidegate.repository.layout import KUSTOMIZATIONS
from tidegate.repository.leftovers import is_left_over
from tidegate.repository.links import TARGET_LIMIT, Unresolvable, resolve
from tidegate.repository.object_files import (
    has_objects,
    is_applicable,
    is_called_manifests,
    is_json,
    is_kustomization,
    may_have_objects,
)
from tidegate.repository.selection import is_internal, is_selected
from tidegate.repository.targets import Target
from tidegate.repository.templates import terraform_folders
from tidegate.repository.yaml import is_readable


@dataclass(frozen=True, slots=True)
class PlainFiles:
    """The files to check; those of objects that nobody applies as they stand; JSON that may be of
    objects and is too large to tell; the links that lead to no file of the repository; the
    submodules, whose files are another's; and kustomizations that aren't called as such."""

    targets: tuple[Target, ...] = ()
    passed_over: tuple[str, ...] = ()
    large: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()
    misnamed: tuple[str, ...] = ()


def find_plain(snapshot: Snapshot, closures: Closures, paths: Sequence[str]) -> PlainFiles:
    """Every file below the paths (all of it, where there are none) that takes part in no
    kustomization, and isn't beside one. What a link leads to is looked at where it lies."""
    used = closures.listed
    named = set(paths)
    meant = [
        path
        for path in snapshot.entries
        if is_called_manifests(path)
        and is_selected(path, paths)
        and (path in named or not (path in used or is_left_over(path, closures.folders)))
        and (path in named or not is_internal(path))
    ]
    files: dict[str, tuple[str, ...]] = {path: () for path in meant if snapshot.is_file(path)}
    links, loose = _follow(snapshot, meant)
    aims = {
        aim: tuple(by) for aim, by in links.items() if aim not in used or named.intersection(by)
    }
    files |= aims
    named.update(aim for aim, by in aims.items() if named.intersection(by))
    small = [path for path in files if is_readable(snapshot, path)]
    terraform = terraform_folders(snapshot)
    snapshot.prefetch(small)
    found: list[str] = []
    passed_over: list[str] = []
    misnamed: list[str] = []
    for path in small:
        if has_objects(path, data := snapshot.read(path)):
            applied = path in named or is_applicable(path, data, terraform)
            (found if applied else passed_over).append(path)
        elif is_kustomization(data) and path.rpartition("/")[2] not in KUSTOMIZATIONS:
            misnamed.append(path)
    large = [
        path
        for path in files
        if not is_readable(snapshot, path) and may_have_objects(snapshot, path)
    ]
    # Nobody reads these any further; as targets they are told, and not passed over.
    found += [path for path in large if path in named or not is_json(path)]
    return PlainFiles(
        tuple(Target(path, plain=True, links=files[path]) for path in found),
        tuple(passed_over),
        tuple(path for path in large if path not in named and is_json(path)),
        tuple(loose),
        tuple(
            path
            for path, entry in snapshot.entries.items()
            if entry.mode == SUBMODULE and is_selected(path, paths)
        ),
        tuple(misnamed),
    )


def _follow(snapshot: Snapshot, paths: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The files that the links among the paths lead to, each with those links; and the links that
    lead to none."""
    links = [path for path in paths if snapshot.entries[path].mode == SYMLINK]
    snapshot.read_many(link for link in links if snapshot.entries[link].size <= TARGET_LIMIT)
    found: dict[str, list[str]] = {}
    loose: list[str] = []
    for link in links:
        aim = _aim(snapshot, link)
        if aim is None:
            loose.append(link)
        else:
            found.setdefault(aim, []).append(link)
    return found, loose


def _aim(snapshot: Snapshot, link: str) -> str | None:
    try:
        aim = resolve(snapshot, link).path
    except Unresolvable:
        return None
    return aim if snapshot.is_file(aim) else None
