"""`status`: what runs where, as Git has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tidegate.domain.app import App, Environment
from tidegate.domain.commit import Commit
from tidegate.domain.history import Standing, StatusReport
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.waiver import Waiver
from tidegate.errors import TidegateError
from tidegate.flows.message import REQUESTED_BY
from tidegate.flows.target import find_app, find_environment, read_target
from tidegate.gates.record import disagreements
from tidegate.ports import Connections, Progress
from tidegate.repository.configuration import load_configuration
from tidegate.repository.layout import ENVIRONMENTS, overlay_folder, release_file
from tidegate.repository.waivers import read_waivers


def status(
    app: str | None, environment: str | None, connections: Connections, progress: Progress
) -> StatusReport:
    """Every app in every environment where it has an overlay, or the ones asked for."""
    repository = connections.repository
    progress(f"fetching {repository.branch} from {repository.remote}")
    snapshot = repository.fetch()
    configuration = load_configuration(snapshot)
    now = connections.now()
    waivers = read_waivers(snapshot, configuration, now)
    apps = [find_app(configuration, app)] if app else list(configuration.apps.values())
    chosen = (
        [find_environment(configuration, environment)]
        if environment
        else list(configuration.in_order())
    )
    pattern = f"{ENVIRONMENTS}/{environment or '*'}/{app or '*'}/release.yaml"
    latest = _latest(repository.history(snapshot.revision, [pattern]))
    return StatusReport(
        snapshot.revision,
        now,
        tuple(e.name for e in chosen),
        tuple(
            _with_waivers(standing, waivers)
            for standing in _standings(snapshot, apps, chosen, latest)
        ),
    )


def _latest(commits: Sequence[Commit]) -> Mapping[str, Commit]:
    """The newest commit that changed each path; they come newest first."""
    found: dict[str, Commit] = {}
    for commit in commits:
        for path in commit.blobs:
            found.setdefault(path, commit)
    return found


def _standings(
    snapshot: Snapshot,
    apps: Sequence[App],
    environments: Sequence[Environment],
    latest: Mapping[str, Commit],
) -> Iterator[Standing]:
    for app in apps:
        for environment in environments:
            if overlay_folder(environment.name, app.name) in snapshot:
                commit = latest.get(release_file(environment.name, app.name))
                yield _standing(snapshot, app, environment, commit)


def _with_waivers(standing: Standing, waivers: Sequence[Waiver]) -> Standing:
    found = (waiver for waiver in waivers if waiver.reaches(standing.app, standing.environment))
    return replace(standing, waivers=tuple(found))


def _standing(
    snapshot: Snapshot, app: App, environment: Environment, commit: Commit | None
) -> Standing:
    try:
        target = read_target(snapshot, app, environment)
    except TidegateError as error:
        return Standing(
            app.name, environment.name, None, None, None, None, None, None, (), (), error.message
        )
    release = target.champion
    known = commit if release else None
    return Standing(
        app=app.name,
        environment=environment.name,
        release=release,
        overlay=target.overlay,
        since=known.committed if known else None,
        author=known.author if known else None,
        requested_by=next(iter(known.said(REQUESTED_BY)), None) if known else None,
        revision=known.revision if known else None,
        holds=target.holds,
        edited=disagreements(release, target.overlay) if release else (),
        problem=None,
        blocks=target.blocks,
    )
