"""What a Tidegate repository has to check: overlays, and Argo CD's own objects."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tidegate.domain.snapshot import Snapshot
from tidegate.repository import layout
from tidegate.repository.closure import Closures

_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Target:
    """An overlay's folder, or a plain file of manifests. `delivery` where it holds Argo CD's own
    objects: of every environment, where `environment` is None."""

    path: str
    plain: bool = False
    environment: str | None = None
    app: str | None = None
    delivery: bool = False


def find_overlays(snapshot: Snapshot) -> Iterator[Target]:
    """The overlays of a Tidegate repository's apps."""
    for environment in _environments(snapshot):
        for app in snapshot.children(f"{layout.ENVIRONMENTS}/{environment}"):
            folder = layout.overlay_folder(environment, app)
            known = layout.app_file(app) in snapshot
            if known and layout.overlay_file(snapshot, environment, app):
                yield Target(folder, environment=environment, app=app)


def find_delivery(snapshot: Snapshot, closures: Closures) -> Iterator[Target]:
    """Argo CD's own objects: `environments/` where it is a kustomization, and each
    `environments/<env>/argocd` that this one doesn't include."""
    included: Collection[str] = ()
    if _is_kustomization(snapshot, layout.ENVIRONMENTS):
        included = closures.find([layout.ENVIRONMENTS])[layout.ENVIRONMENTS].directories
        yield Target(layout.ENVIRONMENTS, delivery=True)
    for environment in _environments(snapshot):
        folder = layout.argocd_folder(environment)
        # An app may be called `argocd`; then the folder is its overlay.
        if folder in included or layout.app_file(layout.ARGOCD) in snapshot:
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
        return (target.path,)
    found = closures.find([target.path])[target.path]
    folders = (folder for folder in found.directories if folder != layout.ENVIRONMENTS)
    return (*folders, *found.paths)


def _environments(snapshot: Snapshot) -> Iterator[str]:
    for environment in snapshot.children(layout.ENVIRONMENTS):
        if layout.environment_file(environment) in snapshot:
            yield environment


def _is_kustomization(snapshot: Snapshot, folder: str) -> bool:
    return any(path in snapshot for path in layout.kustomization_files(folder))
