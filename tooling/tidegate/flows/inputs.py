"""Everything that a judgement reads, by object id: what it must be made again for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tidegate.domain.closure import Closure
from tidegate.domain.snapshot import Snapshot
from tidegate.flows.target import Target
from tidegate.repository import layout
from tidegate.repository.closure import Closures

Inputs = Mapping[str, str | None]


def inputs_of(snapshot: Snapshot, targets: Sequence[Target]) -> Mapping[str, Inputs]:
    """For each app, every file and folder that its judgement rests on, with its id; None where
    there is no such path, for a hold that appears must be seen."""
    folders = [layout.overlay_folder(t.environment.name, t.app.name) for t in targets]
    closures = Closures(snapshot).find(folders)
    return {
        target.app.name: {
            path: snapshot.id(path) for path in _paths(snapshot, target, closures[folder])
        }
        for target, folder in zip(targets, folders, strict=True)
    }


def unchanged(snapshot: Snapshot, inputs: Inputs) -> bool:
    """Whether a judgement on these inputs still holds for another Snapshot."""
    return all(snapshot.id(path) == identity for path, identity in inputs.items())


def _paths(snapshot: Snapshot, target: Target, rendered: Closure) -> Iterator[str]:
    app, environment = target.app.name, target.environment
    overlay = layout.overlay_folder(environment.name, app)
    yield layout.SETTINGS
    yield layout.POLICIES  # gate sets and waivers, and what the gate `policy` holds it against
    yield f"{layout.APPS}/{app}"
    yield overlay
    yield from layout.hold_files(environment.name, app)
    for name in snapshot.children(layout.ENVIRONMENTS):
        yield layout.environment_file(name)
    if environment.previous:
        yield layout.release_file(environment.previous, app)
    yield from rendered.directories
    yield from rendered.paths
