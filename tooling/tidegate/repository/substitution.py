"""What Flux adds to the folders that it applies: variables that it replaces, and a namespace."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tidegate.domain.manifest import Manifest
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.repository.rendered import read_plain
from tidegate.repository.selection import is_internal
from tidegate.repository.yaml import FILE_SIZE_LIMIT, decode

_GROUP = b"kustomize.toolkit.fluxcd.io"
_KEY = "postBuild"


class Addition(NamedTuple):
    """What Flux adds to what a folder renders to."""

    substituted: bool = False
    namespaced: bool = False


@dataclass(frozen=True, slots=True)
class Substitutions:
    """What Flux adds, by the folder that it applies; `everywhere` where a patch gives variables to
    Kustomizations that nobody names here."""

    folders: Mapping[str, Addition]
    everywhere: bool = False

    def of(self, folder: str) -> Addition:
        """What is added to what a folder renders to: the nearest folder that Flux applies, it or
        one around it, decides. What none of them leads to may be a component of any."""
        near = folder
        while near and near not in self.folders:
            near = near.rpartition("/")[0]
        found = [self.folders[near]] if near in self.folders else self.folders.values()
        return _together([*found, Addition(substituted=self.everywhere)])


def speaks_of_flux(snapshot: Snapshot, paths: Iterable[str]) -> bool:
    """Whether one of these files, as far as they are there, may be one that `find_substitutions`
    reads."""
    return any(True for _ in _texts(snapshot, paths))


def find_substitutions(snapshot: Snapshot) -> Substitutions:
    """What every Kustomization of Flux in the Snapshot says; what can't be read says nothing."""
    folders: dict[str, Addition] = {}
    everywhere = False
    for manifest in _manifests(snapshot):
        spec = manifest.data.get("spec")
        if manifest.id.kind != "Kustomization" or not isinstance(spec, dict):
            # kustomize's own, which patches those of Flux.
            everywhere = everywhere or _KEY in str(manifest.data.get("patches", ""))
            continue
        path, replaces = spec.get("path"), bool(spec.get(_KEY))
        everywhere = everywhere or _KEY in str(spec.get("patches", ""))
        everywhere = everywhere or (replaces and path is None)
        if isinstance(path, str):
            folder = posixpath.normpath(path.strip("/") or ".").removeprefix(".")
            added = Addition(replaces, bool(spec.get("targetNamespace")))
            folders[folder] = _together([added, folders.get(folder, Addition())])
    return Substitutions(folders, everywhere)


def _together(additions: Iterable[Addition]) -> Addition:
    """What at least one of them adds."""
    found = list(additions)
    return Addition(any(a.substituted for a in found), any(a.namespaced for a in found))


def _manifests(snapshot: Snapshot) -> Iterator[Manifest]:
    """Every object of the files that speak of Flux's Kustomizations."""
    for path, data in _texts(snapshot, snapshot.entries):
        with contextlib.suppress(ConfigurationError):
            yield from read_plain(path, decode(path, data, FILE_SIZE_LIMIT))


def _texts(snapshot: Snapshot, among: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Those of the files that speak of Flux's Kustomizations."""
    paths = [
        path
        for path in among
        if path.lower().endswith((".yaml", ".yml"))
        and snapshot.is_file(path)
        and snapshot.entries[path].size <= FILE_SIZE_LIMIT
        and not is_internal(path)
    ]
    for path, data in snapshot.scan(paths):
        if _GROUP in data:
            yield path, data
