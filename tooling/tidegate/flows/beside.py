"""Overlays → what is wrong around them, in files that nobody renders."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from tidegate.domain.finding import Finding, Severity, Violation
from tidegate.domain.location import Location
from tidegate.domain.text import nearest
from tidegate.errors import ConfigurationError, Problem
from tidegate.flows.problem_findings import find_problem
from tidegate.repository import layout, overrides
from tidegate.repository.targets import Target

if TYPE_CHECKING:
    from tidegate.domain.configuration import Configuration
    from tidegate.domain.snapshot import Snapshot
    from tidegate.repository.known import Known
    from tidegate.repository.readings import Readings

APP_MISSING, ARGOCD_OVERRIDE, RECORD = "app-missing", "argocd-override", "record"

_GENERATOR = (
    "https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Git/"
)


def judge_beside(
    snapshot: Snapshot,
    configuration: Configuration,
    targets: Sequence[Target],
    known: Known,
    readings: Readings,
) -> Iterator[Finding]:
    """Everything that the files around these targets have wrong. Records that are `known` to be
    sound aren't read again; `readings` are those that were read for something else."""
    folders: set[str] = set()
    for target in targets:
        yield from _without_app(snapshot, configuration, target)
        yield from _broken_records(snapshot, target, known, readings)
        folder = target.folder
        if folder not in folders and (target.app or target.delivery):
            folders.add(folder)
            yield from _overrides(snapshot, target, folder)


def judge_holds(snapshot: Snapshot, environments: Collection[str]) -> Iterator[Finding]:
    """Holds of whole environments that can't be read."""
    for environment in sorted(environments):
        path = layout.environment_hold(environment)
        if path not in snapshot:
            continue
        from tidegate.repository.hold import read_hold

        target = Target(f"{layout.ENVIRONMENTS}/{environment}", environment=environment)
        for problem in _problems(partial(read_hold, snapshot, path, whole=True)):
            yield find_problem(RECORD, problem, target)


def _broken_records(
    snapshot: Snapshot, target: Target, known: Known, readings: Readings
) -> Iterator[Finding]:
    """A release, hold or block that can't be read stops every promotion of the app, and every
    rollback: whoever breaks one is told now."""
    environment, app = target.environment, target.app
    if environment is None or app is None or "/" in app:
        return
    release = layout.release_file(environment, app)
    hold, blocks = layout.app_hold(environment, app), layout.blocks_file(environment, app)
    there = [path for path in (release, hold, blocks) if path in snapshot]
    marks = {path: f"{path} {snapshot.id(path)}" for path in there}
    unknown = [path for path in there if marks[path] not in known.sound]
    if not unknown:
        return
    # Loaded where there is something to read.
    from tidegate.repository.block import read_blocks
    from tidegate.repository.hold import read_hold
    from tidegate.repository.release import read_release

    readers: Mapping[str, Callable[[], object]] = {
        release: partial(read_release, snapshot, environment, app, readings),
        hold: partial(read_hold, snapshot, hold, whole=False),
        blocks: partial(read_blocks, snapshot, environment, app),
    }
    for path in unknown:
        problems = _problems(readers[path])
        yield from (find_problem(RECORD, problem, target) for problem in problems)
        if not problems:
            known.sound.add(marks[path])


def _problems(read: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        read()
    except ConfigurationError as error:
        return error.problems
    return ()


def _overrides(snapshot: Snapshot, target: Target, folder: str) -> Iterator[Finding]:
    """Argo CD heeds these in the very folder that it applies, and nowhere below: a chart that a
    kustomization inflates lies there."""
    for name in snapshot.children(folder):
        path = f"{folder}/{name}"
        if overrides.is_override(path) and not snapshot.is_directory(path):
            violation = Violation(
                ARGOCD_OVERRIDE, Severity.DENY, overrides.MESSAGE, fix=overrides.FIX
            )
            where = Location(path, 1, 1)
            yield target.finding(violation, where)


def _without_app(
    snapshot: Snapshot, configuration: Configuration, target: Target
) -> Iterator[Finding]:
    """An overlay that belongs to no app: its release, which Argo CD applies, or its kustomization,
    which nobody does."""
    environment, app = target.environment, target.app
    if environment is None or app is None or app in configuration.apps:
        return
    place = layout.release_file(environment, app)
    applied = place in snapshot
    if applied and "/" in app:
        message = "lies too deep for an app's release, and Argo CD applies its folder all the same"
        fix = f"move the folder to {layout.ENVIRONMENTS}/{environment}/"
    else:
        what = "Argo CD applies this folder all the same" if applied else "no promotion comes here"
        message = f"{layout.app_file(app)} does not exist, and {what}"
        near = nearest(app, configuration.apps)
        meant = f"call the folder as the app is called (did you mean '{near}'?), " if near else ""
        fix = f"{meant}add {layout.app_file(app)}, or remove the folder"
    severity = Severity.DENY if applied else Severity.WARN
    kustomization = layout.overlay_file(snapshot, environment, app)
    where = Location(place if applied else kustomization or target.path, 1, 1)
    violation = Violation(APP_MISSING, severity, message, fix=fix, link=_GENERATOR)
    yield target.finding(violation, where)
