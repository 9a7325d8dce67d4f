"""What says who applies which folder, and how: Flux's Kustomizations and Argo CD's Applications,
in whichever file they lie."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator

from tidegate.domain.manifest import Manifest
from tidegate.domain.snapshot import SYMLINK, Snapshot
from tidegate.errors import ConfigurationError
from tidegate.repository.layout import ENVIRONMENTS, argocd_folder
from tidegate.repository.links import Unresolvable, resolve
from tidegate.repository.rendered import read_plain
from tidegate.repository.selection import is_internal
from tidegate.repository.yaml import FILE_SIZE_LIMIT, decode, is_readable

FLUX, ARGOCD = "kustomize.toolkit.fluxcd.io", "argoproj.io"

_FLUX, _ARGOCD = FLUX.encode(), ARGOCD.encode()
_APPLICATION = re.compile(rb"^kind:\s*[\"']?Application(?:Set)?\b", re.MULTILINE)
_SUFFIXES = (".yaml", ".yml")


def read_appliers(snapshot: Snapshot, among: Iterable[str]) -> tuple[Manifest, ...]:
    """Every object of those files that speak of either; what can't be read says nothing."""
    found: list[Manifest] = []
    for path, data in snapshot.scan(_files(snapshot, among)):
        if _FLUX in data or (_ARGOCD in data and _APPLICATION.search(data)):
            with contextlib.suppress(ConfigurationError):
                found += read_plain(path, decode(path, data, FILE_SIZE_LIMIT))
    return tuple(found)


def speaks_of_flux(snapshot: Snapshot, paths: Iterable[str]) -> bool:
    """Whether one of these files, as far as they are there, may say something of Flux's."""
    return any(_FLUX in data for _, data in snapshot.scan(_files(snapshot, paths)))


def delivery_files(snapshot: Snapshot) -> Iterator[str]:
    """Where a Tidegate repository has Argo CD's objects: beside its environments, which is what
    starts them, and in each one's own folder."""
    for name in snapshot.children(ENVIRONMENTS):
        yield f"{ENVIRONMENTS}/{name}"
        yield from snapshot.files(argocd_folder(name))


def _files(snapshot: Snapshot, among: Iterable[str]) -> list[str]:
    """Those that may be read, and what links lead to that isn't called as they are."""
    found = []
    for path in among:
        if not path.lower().endswith(_SUFFIXES) or path not in snapshot or is_internal(path):
            continue
        file = path
        if snapshot.entries[path].mode == SYMLINK:
            with contextlib.suppress(Unresolvable):
                aim = resolve(snapshot, path).path
                file = path if aim.lower().endswith(_SUFFIXES) else aim
        if is_readable(snapshot, file):
            found.append(file)
    return found
