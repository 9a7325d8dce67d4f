"""Files whose names are nearly ones that are read: nobody would notice that they say nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import Problem
from tidegate.repository import layout

_SUFFIXES = (".yaml", ".yml")


def misnamed(snapshot: Snapshot) -> Iterator[Problem]:
    """A Problem for each file that has another suffix, or other capitals, than the file that
    would be read: a hold in `hold.yml` would hold nothing."""
    for folder, wanted in _folders(snapshot):
        for name in snapshot.children(folder):
            if name in wanted or not name.lower().endswith(_SUFFIXES):
                continue
            path = f"{folder}/{name}" if folder else name
            if snapshot.is_directory(path):
                continue
            stem = name.rpartition(".")[0]
            # What a gate set is called is its owner's affair: there only the suffix can be wrong.
            near = (right for right in wanted if right == f"{stem.lower()}.yaml")
            meant = f"{stem}.yaml" if folder == layout.GATE_SETS else next(near, name)
            if meant != name:
                message = "is not read under this name"
                yield Problem.whole(path, message, expected=f"'{meant}'")


def _folders(snapshot: Snapshot) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each folder with files that are read, and what those are called."""
    yield "", (layout.SETTINGS,)
    yield layout.GATE_SETS, ()
    for app in snapshot.children(layout.APPS):
        yield f"{layout.APPS}/{app}", ("app.yaml",)
    for environment in snapshot.children(layout.ENVIRONMENTS):
        folder = f"{layout.ENVIRONMENTS}/{environment}"
        yield folder, ("environment.yaml", "hold.yaml")
        for app in snapshot.children(folder):
            yield f"{folder}/{app}", ("release.yaml", "hold.yaml", "blocks.yaml")
