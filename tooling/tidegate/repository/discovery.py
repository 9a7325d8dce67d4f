"""What there is to check below a folder: overlays, Argo CD's own objects, and plain files of
manifests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import InputError
from tidegate.repository import layout
from tidegate.repository.closure import Closures
from tidegate.repository.inclusion import included, is_component
from tidegate.repository.plain_files import PlainFiles, find_plain
from tidegate.repository.selection import is_below, is_meant, is_selected
from tidegate.repository.targets import Target, find_delivery, find_overlays, places


def is_tidegate(snapshot: Snapshot) -> bool:
    """Whether the folder is a Tidegate repository."""
    environments = snapshot.children(layout.ENVIRONMENTS)
    return any(layout.environment_file(name) in snapshot for name in environments)


@dataclass(frozen=True, slots=True)
class Discovery:
    """What there is to check. `passed_over` are files with objects that nobody applies as they
    stand, `large` such of JSON as may have some and are too large to tell, `loose` symbolic links
    that lead to no file here, `submodules` other repositories within this one, `misnamed`
    kustomizations that kustomize doesn't find, `unused` components that no kustomization includes,
    and `idle` those of the paths that lead to nothing."""

    targets: list[Target]
    passed_over: tuple[str, ...] = ()
    large: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()
    misnamed: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
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
    plain = PlainFiles()
    unused: tuple[str, ...] = ()
    if not ours:
        plain = find_plain(snapshot, closures, paths)
        roots, unused = _roots(snapshot, closures, paths)
        found = [*roots, *plain.targets]
    elif paths:
        extra = [p for p in paths if not any(is_below(o, [p]) or is_below(p, [o]) for o in ours)]
        if extra:
            plain = find_plain(snapshot, closures, extra)
            roots, unused = _roots(snapshot, closures, extra)
            found += [t for t in roots if t.path not in named]
            found += plain.targets
    leading = [(t, named.get(t.path) or places(t, closures)) for t in found]
    wanted = [target for target, there in leading if not paths or is_meant(there, paths)]
    wanted.sort(key=lambda target: target.path)
    idle = [path for path in paths if not any(is_meant(there, [path]) for _, there in leading)]
    left_out = (
        *(plain.passed_over, plain.large, plain.loose),
        *(plain.submodules, plain.misnamed, unused),
    )
    idle = [path for path in idle if not any(path in some for some in left_out)]
    return Discovery(wanted, *left_out, tuple(idle if paths or found else [""]))


def _roots(
    snapshot: Snapshot, closures: Closures, paths: Sequence[str]
) -> tuple[list[Target], tuple[str, ...]]:
    """Kustomizations that no other one includes, and components, none of which stands alone."""
    wanted = (path for path in closures.kustomizations if is_selected(path, paths))
    own = list(dict.fromkeys(path.rpartition("/")[0] for path in wanted))
    used = included(closures, own)
    free = [folder for folder in own if folder not in used]
    parts = {folder: is_component(snapshot, folder) for folder in free}
    unused = tuple(folder for folder, part in parts.items() if part)
    return [Target(folder) for folder, part in parts.items() if not part], unused
