"""What a Tidegate repository has to check: overlays, and Argo CD's own objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tidegate.domain.finding import Finding, Violation
from tidegate.domain.location import Location
from tidegate.domain.snapshot import Snapshot
from tidegate.repository import layout
from tidegate.repository.closure import Closures
from tidegate.repository.inclusion import included, is_component

_SUFFIXES = (".yaml", ".yml", ".json")


class Part(NamedTuple):
    """What is known of something that is looked at in place of the overlay around it, which can't
    be rendered: that it belongs to others, which aren't seen (`alone`), that some of its fields
    would have been changed (`unfinished`), or given a namespace."""

    alone: bool = False
    unfinished: bool = False
    namespaced: bool = False


_WHOLE = Part()


@dataclass(frozen=True, slots=True)
class Target:
    """An overlay's folder, or a plain file of manifests. `delivery` where it holds Argo CD's own
    objects: of every environment, where `environment` is None. `links` lead to a plain file."""

    path: str
    plain: bool = False
    environment: str | None = None
    app: str | None = None
    delivery: bool = False
    links: tuple[str, ...] = ()
    part: Part = _WHOLE

    @property
    def folder(self) -> str:
        """The folder that it is, or lies in."""
        return self.path.rpartition("/")[0] if self.plain else self.path

    def finding(self, violation: Violation, where: Location) -> Finding:
        """A mistake in it, at the place that set it."""
        return Finding(self.path, violation, where, self.environment, self.app)


def find_overlays(snapshot: Snapshot, closures: Closures) -> Iterator[Target]:
    """The overlays of a Tidegate repository's apps; every other folder that has a release, for
    Argo CD applies it all the same; and every other kustomization in the place of an overlay that
    none of these includes."""
    own: dict[str, Target] = {}
    strays: dict[str, Target] = {}
    for environment, deployed in release_folders(snapshot).items():
        names = snapshot.children(f"{layout.ENVIRONMENTS}/{environment}")
        for app in dict.fromkeys((*names, *deployed)):
            folder = layout.overlay_folder(environment, app)
            target = Target(folder, environment=environment, app=app)
            if app in deployed:
                own[folder] = target
            elif layout.overlay_file(snapshot, environment, app):
                if has_app(snapshot, app):
                    own[folder] = target
                elif app != layout.ARGOCD:
                    strays[folder] = target
    yield from own.values()
    if strays:
        used = included(closures, [*own, *strays, *_whole(snapshot)])
        for folder, target in strays.items():
            if folder not in used and not is_component(snapshot, folder):
                yield target


def release_folders(snapshot: Snapshot) -> dict[str, set[str]]:
    """Each environment's folders that have a release, by their paths in it. An ApplicationSet's
    star means slashes too, so that a release counts however deep it lies."""
    found: dict[str, set[str]] = {name: set() for name in _environments(snapshot)}
    top = f"{layout.ENVIRONMENTS}/"
    for path in snapshot.entries:
        if path.endswith("/release.yaml") and path.startswith(top):
            environment, _, inside = path.removeprefix(top).partition("/")
            folder = inside.rpartition("/")[0]
            if folder and environment in found:
                found[environment].add(folder)
    return found


def has_app(snapshot: Snapshot, app: str) -> bool:
    """Whether there is an app of this name."""
    return "/" not in app and layout.app_file(app) in snapshot


def find_delivery(snapshot: Snapshot, closures: Closures) -> Iterator[Target]:
    """Argo CD's own objects: `environments/` where it is a kustomization, and each
    `environments/<env>/argocd` that this one doesn't include."""
    whole = _whole(snapshot)
    used = included(closures, whole)
    yield from (Target(folder, delivery=True) for folder in whole)
    for environment in _environments(snapshot):
        folder = layout.argocd_folder(environment)
        # An app may be called `argocd`; then the folder is its overlay, as it is with a release.
        taken = has_app(snapshot, layout.ARGOCD) or f"{folder}/release.yaml" in snapshot
        if taken or folder in used:
            continue
        if _is_kustomization(snapshot, folder):
            yield Target(folder, environment=environment, delivery=True)
            continue
        for name in snapshot.children(folder):
            path = f"{folder}/{name}"
            if name.endswith(_SUFFIXES) and snapshot.is_file(path):
                yield Target(path, plain=True, environment=environment, delivery=True)


def places(target: Target, closures: Closures) -> tuple[str, ...]:
    """The folders and files by which a target may be named. One that stands for all of
    `environments/` isn't meant by every overlay in there, but by what it is made of."""
    if not target.delivery or target.plain:
        return (target.path, *target.links)
    found = closures.find([target.path])[target.path]
    folders = (folder for folder in found.directories if folder != layout.ENVIRONMENTS)
    return (*folders, *found.paths)


def _environments(snapshot: Snapshot) -> Iterator[str]:
    for environment in snapshot.children(layout.ENVIRONMENTS):
        if layout.environment_file(environment) in snapshot:
            yield environment


def _whole(snapshot: Snapshot) -> list[str]:
    """`environments/`, where it is a kustomization itself."""
    return [layout.ENVIRONMENTS] if _is_kustomization(snapshot, layout.ENVIRONMENTS) else []


def _is_kustomization(snapshot: Snapshot, folder: str) -> bool:
    return layout.kustomization_file(snapshot, folder) is not None
