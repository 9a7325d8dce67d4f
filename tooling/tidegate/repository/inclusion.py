"""Which kustomizations stand for themselves, and which are there to be included."""

from __future__ import annotations

import re
from collections.abc import Collection

from tidegate.domain.snapshot import Snapshot
from tidegate.repository.closure import Closures
from tidegate.repository.layout import kustomization_files
from tidegate.repository.yaml import is_readable

_COMPONENT = re.compile(rb"^kind:\s*[\"']?Component\b", re.MULTILINE)


def included(closures: Closures, folders: Collection[str]) -> frozenset[str]:
    """Every folder that one of these kustomizations includes."""
    return frozenset(
        directory
        for overlay, closure in closures.find(folders).items()
        for directory in closure.directories
        if directory != overlay
    )


def is_component(snapshot: Snapshot, folder: str) -> bool:
    """Whether the folder's kustomization says of itself that it never stands alone."""
    file = next((path for path in kustomization_files(folder) if snapshot.is_file(path)), None)
    if file is None or not is_readable(snapshot, file):
        return False
    return bool(_COMPONENT.search(snapshot.read(file)))
