"""Changed paths → what has to be looked at again: all that uses them, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tidegate.domain.changes import Changes
from tidegate.domain.snapshot import Snapshot
from tidegate.repository import layout
from tidegate.repository.closure import Closures
from tidegate.repository.kustomization_file import KustomizationFile
from tidegate.repository.overrides import is_override
from tidegate.repository.targets import Target


def affected(
    snapshot: Snapshot, closures: Closures, targets: Sequence[Target], changes: Changes
) -> list[Target]:
    """Those of the targets for which something that takes part has changed, come or gone."""
    paths = changes.paths
    if any(path == layout.SETTINGS or path.startswith("policies/") for path in paths):
        return list(targets)
    released = _released(changes)
    overridden = frozenset(path.rpartition("/")[0] for path in paths if is_override(path))
    concerned = _concerned(snapshot, paths)
    touched = closures.using((t.path for t in targets if not t.plain), concerned)
    return [
        target
        for target in targets
        if not paths.isdisjoint((*deciding(target), *_beside(target)))
        or target.folder in overridden
        or (target.plain and not paths.isdisjoint((target.path, *target.links)))
        or (target.delivery and target.environment in released)
        or target.path in touched
    ]


def deciding(target: Target) -> tuple[str, ...]:
    """The files that decide what is found in an overlay without taking part in its rendering."""
    if target.environment is None or target.app is None:
        return ()
    return (
        layout.environment_file(target.environment),
        layout.app_file(target.app),
        layout.release_file(target.environment, target.app),
    )


def _released(changes: Changes) -> frozenset[str | None]:
    """The environments of which other folders have a release now, and None for all together: what
    Argo CD's own objects are held against. What a release says is nothing to them."""
    found: set[str | None] = set()
    for path in changes.moved:
        if path.startswith(f"{layout.ENVIRONMENTS}/"):
            environment = path.split("/")[1]
            if path.endswith("/release.yaml") or path == layout.environment_file(environment):
                found |= {environment, None}
    return frozenset(found)


def _beside(target: Target) -> tuple[str, ...]:
    """The records in an overlay's folder that nothing else of it depends on."""
    if target.environment is None or target.app is None:
        return ()
    return (
        layout.app_hold(target.environment, target.app),
        layout.blocks_file(target.environment, target.app),
    )


def _concerned(
    snapshot: Snapshot, paths: frozenset[str]
) -> Callable[[str, KustomizationFile], bool]:
    """Whether something that a folder's kustomization reads, or misses, is among these paths."""
    # A folder that has gone is told by the files that were in it.
    gone = frozenset(folder for path in paths if path not in snapshot for folder in above(path))
    # A second kustomization file in a folder takes part in nothing, and breaks it.
    written = frozenset(
        path.rpartition("/")[0] for path in paths if path.endswith(layout.KUSTOMIZATIONS)
    )

    def concerned(folder: str, file: KustomizationFile) -> bool:
        if folder in written or not paths.isdisjoint(file.paths):
            return True
        return not (paths.isdisjoint(file.missing) and gone.isdisjoint(file.missing))

    return concerned


def above(path: str) -> list[str]:
    """Every folder that a path lies in, the outermost first."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
