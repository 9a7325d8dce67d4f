"""What a check looks at: of all there is, what was asked for, and what a change concerns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.domain.text import some_of
from tidegate.errors import InputError
from tidegate.flows.changed import find_changed
from tidegate.repository import layout
from tidegate.repository.appliers import delivery_files, read_appliers
from tidegate.repository.discovery import Discovery, explore
from tidegate.repository.layers import Layer, find_layers

if TYPE_CHECKING:
    from tidegate.domain.check import CheckRequest, Scene
    from tidegate.ports import WorkTree
    from tidegate.repository.closure import Closures
    from tidegate.repository.substitution import Substitutions
    from tidegate.repository.targets import Target

_KNOWN = 20


@dataclass(frozen=True, slots=True)
class Scope:
    """The `targets` to look at, among all that was discovered; what Flux and Argo CD lay over
    folders, and what Flux adds to them, where it may be the one that applies them, as it surely is
    where a folder that it names is here. `concerned` takes those out of some targets that the
    change concerns, if only a change is looked at."""

    discovery: Discovery
    targets: list[Target]
    layers: tuple[Layer, ...]
    substitutions: Substitutions | None
    applied_by_flux: bool
    concerned: Callable[[Sequence[Target]], list[Target]]


def find_scope(
    request: CheckRequest,
    scene: Scene,
    closures: Closures,
    work_tree: WorkTree,
    *,
    tidegate: bool,
) -> Scope:
    """What is to be looked at in a Tidegate repository, or in any other. Raises InputError where
    an app or environment is asked for that isn't there."""
    snapshot = scene.snapshot
    discovery = explore(snapshot, closures, request.paths)
    appliers = read_appliers(snapshot, delivery_files(snapshot) if tidegate else snapshot.entries)
    substitutions = None
    if not tidegate:  # there, Argo CD applies everything, and replaces nothing
        from tidegate.repository.substitution import find_substitutions

        substitutions = find_substitutions(snapshot, appliers)

    def concerned(targets: Sequence[Target]) -> list[Target]:
        if scene.changed is None:
            return list(targets)
        return find_changed(targets, snapshot, closures, scene.changed, substitutions, work_tree)

    targets = concerned(_asked_for(discovery.targets, request))
    if request.shard is not None:
        which, of = request.shard
        targets = targets[which - 1 :: of]
    layers = tuple(find_layers(snapshot, appliers))
    folders = substitutions.folders if substitutions else ()
    flux = any(map(snapshot.is_directory, folders))
    return Scope(discovery, targets, layers, substitutions, flux, concerned)


def is_later_part(request: CheckRequest) -> bool:
    """Whether another one of several parts tells what is to be told once."""
    return request.shard is not None and request.shard[0] > 1


def whole_holds(scope: Scope, request: CheckRequest, scene: Scene) -> set[str]:
    """The environments whose own hold is looked at; the first of several parts does that."""
    if is_later_part(request):
        return set()
    asked = _asked_for(scope.discovery.targets, request)
    return {
        target.environment
        for target in asked
        if target.environment
        and (
            scene.changed is None
            or layout.environment_hold(target.environment) in scene.changed.paths
        )
    }


def _asked_for(targets: Sequence[Target], request: CheckRequest) -> list[Target]:
    chosen = [
        target
        for target in targets
        if request.environment in (None, target.environment) and request.app in (None, target.app)
    ]
    if not chosen and targets and (request.environment or request.app):
        asked = " ".join(word for word in (request.app, request.environment) if word)
        environments = {t.environment for t in targets if t.environment}
        apps = {t.app for t in targets if t.app and request.environment in (None, t.environment)}
        wrong = request.environment not in (None, *environments)
        thing, known = ("environments", environments) if wrong else ("apps", apps)
        hint = f"{thing} with overlays: {some_of(sorted(known), _KNOWN) or 'none'}"
        raise InputError(f"nothing to check for {asked}", hint=hint)
    return chosen
