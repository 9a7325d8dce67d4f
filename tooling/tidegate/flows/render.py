"""`render` and `diff`: what an overlay of the work tree renders to, and what changed about it."""

from __future__ import annotations

from tidegate.domain.difference import DiffReport, compare
from tidegate.domain.manifest import Broken, Manifest, Rendered
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import nearest
from tidegate.errors import ConfigurationError, InputError
from tidegate.flows.known import recall, remember
from tidegate.ports import Progress, Viewing
from tidegate.repository import layout
from tidegate.repository.closure import Closures
from tidegate.repository.rendered import read


def render(app: str, environment: str, connections: Viewing, progress: Progress) -> Rendered:
    """An overlay's objects, as they would be applied. Raises InputError where there is no such
    overlay, and ConfigurationError where it can't be rendered."""
    snapshot = connections.work_tree.snapshot()
    return _render(snapshot, app, environment, connections, progress)


def diff(
    app: str, environment: str, against: str, connections: Viewing, progress: Progress
) -> DiffReport:
    """How the overlay in the work tree differs from the one at a revision. One that isn't there
    on one side has no objects there; InputError where it is on neither."""
    tree = connections.work_tree
    now, before = tree.snapshot(), tree.at(against)
    folder = layout.overlay_folder(environment, app)
    if not (now.is_directory(folder) or before.is_directory(folder)):
        raise _no_overlay(now, app, environment)
    old: tuple[Manifest, ...] = ()
    new: tuple[Manifest, ...] = ()
    if before.is_directory(folder):
        try:
            old = _render(before, app, environment, connections, progress).manifests
        except ConfigurationError as error:  # where Git shows it: `git show REVISION:FILE`
            there = [p._replace(file=f"{against}:{p.file}") for p in error.problems]
            raise ConfigurationError(there) from None
    if now.is_directory(folder):
        new = _render(now, app, environment, connections, progress).manifests
    objects, unchanged = compare(old, new)
    return DiffReport(app, environment, before.revision, objects, unchanged)


def _render(
    snapshot: Snapshot, app: str, environment: str, connections: Viewing, progress: Progress
) -> Rendered:
    folder = layout.overlay_folder(environment, app)
    if not snapshot.is_directory(folder):
        raise _no_overlay(snapshot, app, environment)
    progress(f"rendering {folder}")
    cache, place = connections.cache, connections.work_tree.place
    known = recall(cache, place)
    closures = Closures(snapshot, known).find([folder])
    remember(cache, place, known)
    (built,) = connections.builder().build(snapshot, closures.values())
    if isinstance(built, Broken):
        raise ConfigurationError(built.problems)
    return Rendered(folder, read(built), environment, app)


def _no_overlay(snapshot: Snapshot, app: str, environment: str) -> InputError:
    environments = [
        name
        for name in snapshot.children(layout.ENVIRONMENTS)
        if snapshot.is_file(layout.environment_file(name))
    ]
    if environment not in environments:
        near = nearest(environment, environments)
        hint = (
            f"did you mean '{near}'?" if near else "known: " + (", ".join(environments) or "none")
        )
        return InputError(f"there is no environment {environment!r}", hint=hint)
    apps = [
        name
        for name in snapshot.children(f"{layout.ENVIRONMENTS}/{environment}")
        if name != layout.ARGOCD and layout.overlay_file(snapshot, environment, name)
    ]
    near = nearest(app, apps)
    hint = f"did you mean '{near}'?" if near else "known: " + (", ".join(apps) or "none")
    return InputError(f"{app!r} has no overlay in {environment}", hint=hint)
