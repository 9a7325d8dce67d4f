"""What a check has left out, or can't see, said at its end: nothing is skipped in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tidegate.domain.examined import Examined
from tidegate.domain.text import count, one_line, some_of
from tidegate.flows.scope import is_later_part
from tidegate.repository.changes import above
from tidegate.repository.layout import KUSTOMIZATIONS
from tidegate.repository.leftovers import find_leftovers
from tidegate.repository.selection import is_selected

if TYPE_CHECKING:
    from tidegate.domain.check import CheckRequest, Scene
    from tidegate.domain.manifest import Broken
    from tidegate.flows.scope import Scope
    from tidegate.repository.closure import Closures
    from tidegate.repository.layers import Layer
    from tidegate.repository.targets import Target

_LISTED = 5
_NAME_IT = "name one to have it checked"
_PASSED_OVER = f"of objects left out, taken for templates, patches or parts of tests; {_NAME_IT}"
_LARGE = f"of more than 4 MiB left out, which may hold objects; {_NAME_IT}"
_LOOSE = "left out, leading to no file that Tidegate reads"
_SUBMODULES = "left out; each is checked by a command of its own"
_MISNAMED = f"left out, which kustomize doesn't find under such a name; call it {KUSTOMIZATIONS[0]}"
_UNUSED = "left out, which no kustomization includes"
_LAID = "what Flux or Argo CD lays over folders when it applies them isn't rendered"


def find_notes(
    scope: Scope,
    request: CheckRequest,
    scene: Scene,
    results: Mapping[str, Examined | Broken],
) -> tuple[str, ...]:
    """The sentences about a check of this scope, which came to these results; the first of several
    parts has most."""
    discovery, targets = scope.discovery, scope.targets
    notes: list[str] = []
    every = discovery.targets
    if len(targets) != len(every):
        seen = f"{len(targets)} of {count(len(every), 'overlay')}"
        notes.append(
            f"rules that compare overlays have seen {seen}; a check of everything sees all"
        )
    empty = [target.path for target in targets if _is_empty(results[target.path])]
    if empty:
        notes.append(f"{count(len(empty), 'overlay')} rendered to no object: {_listed(empty)}")
    if is_later_part(request):
        return tuple(notes)
    for paths, thing, why in (
        (discovery.passed_over, "file", _PASSED_OVER),
        (discovery.large, "JSON file", _LARGE),
        (discovery.loose, "symbolic link", _LOOSE),
        (discovery.submodules, "submodule", _SUBMODULES),
        (discovery.misnamed, "kustomization", _MISNAMED),
        (discovery.unused, "component", _UNUSED),
    ):
        meant = [path for path in paths if not scene.changed or path in scene.changed.paths]
        if meant:
            notes.append(f"{count(len(meant), thing)} {why}: {_listed(meant)}")
    laid = list(dict.fromkeys(_laid(scope.layers, request, scene, targets)))
    if laid:
        notes.append(f"{_LAID}: {_listed(laid)}")
    if discovery.idle:
        notes.append(f"nothing is to be checked in {_listed(discovery.idle)}")
    return tuple(notes)


def count_leftovers(
    request: CheckRequest, scene: Scene, closures: Closures, targets: Sequence[Target]
) -> int:
    """How many files the request would mean, were they listed; the first of several parts counts
    them all."""
    if is_later_part(request):
        return 0
    some = request.environment or request.app
    paths = [target.path for target in targets] if some else request.paths
    if some and not paths:
        return 0
    changed = None if scene.changed is None else scene.changed.paths
    return len(find_leftovers(scene.snapshot, closures, paths, changed))


def _is_empty(found: Examined | Broken) -> bool:
    """Whether there is nothing in an overlay that anybody could have looked at."""
    return isinstance(found, Examined) and not found.inspection.objects


def _laid(
    layers: Sequence[Layer], request: CheckRequest, scene: Scene, targets: Sequence[Target]
) -> Iterator[str]:
    """What is laid over one of the targets, or whose own file is meant."""
    folders = {around for target in targets for around in (*above(target.path), target.path)}
    for layer in layers:
        if scene.changed is not None:
            own = layer.file in scene.changed.paths
        else:
            own = is_selected(layer.file, request.paths)
        if own or layer.folder in folders or (targets and not layer.folder):
            yield f"{layer.file} ({', '.join(layer.keys)})"


def _listed(paths: Sequence[str]) -> str:
    return some_of([one_line(path or ".", 200) for path in paths], _LISTED)
