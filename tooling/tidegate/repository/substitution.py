"""What Flux adds to the folders that it applies: variables that it replaces, and a namespace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tidegate.domain.manifest import Manifest
from tidegate.domain.snapshot import Snapshot
from tidegate.repository.appliers import FLUX
from tidegate.repository.layers import folder_of

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


def find_substitutions(snapshot: Snapshot, appliers: Iterable[Manifest]) -> Substitutions:
    """What every Kustomization of Flux among these objects of the Snapshot says."""
    folders: dict[str, Addition] = {}
    everywhere = False
    for manifest in appliers:
        spec = manifest.data.get("spec")
        if manifest.id.group != FLUX or not isinstance(spec, dict):
            # kustomize's own, which patches those of Flux.
            everywhere = everywhere or _KEY in str(manifest.data.get("patches", ""))
            continue
        path, replaces = spec.get("path"), bool(spec.get(_KEY))
        everywhere = everywhere or _KEY in str(spec.get("patches", ""))
        everywhere = everywhere or (replaces and path is None)
        if isinstance(path, str):
            folder = folder_of(snapshot, path)
            added = Addition(replaces, bool(spec.get("targetNamespace")))
            folders[folder] = _together([added, folders.get(folder, Addition())])
    return Substitutions(folders, everywhere)


def _together(additions: Iterable[Addition]) -> Addition:
    """What at least one of them adds."""
    found = list(additions)
    return Addition(any(a.substituted for a in found), any(a.namespaced for a in found))
