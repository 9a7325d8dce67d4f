"""`status`: what runs where: as Git has it, as the registry's aliases name it, and live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tidegate.domain.app import App, Environment
from tidegate.domain.commit import Commit
from tidegate.domain.configuration import Configuration
from tidegate.domain.release import disagreements
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.source import Origin
from tidegate.domain.standing import Standing, StatusReport
from tidegate.domain.waiver import Waiver
from tidegate.errors import TidegateError
from tidegate.flows.claim import asked_for
from tidegate.flows.known import recall, recall_readings, remember, remember_readings
from tidegate.flows.outlook import Outlook, find_sources, look_out
from tidegate.flows.target import Target, find_app, find_environment, read_targets
from tidegate.flows.versions import Versions
from tidegate.ports import Connections, Progress, Repository
from tidegate.repository.configuration import load_configuration
from tidegate.repository.layout import ENVIRONMENTS, overlay_folder, release_file
from tidegate.repository.sources import read_origin
from tidegate.repository.waivers import read_waivers

_Targets = Mapping[str, Target | TidegateError]


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """One app or all, one environment or all; `offline` asks Git alone."""

    app: str | None = None
    environment: str | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """What Git has: the report of it, and what else that was read from. `origins` say where each
    environment's Applications may take their manifests from; none of them `offline`."""

    report: StatusReport
    configuration: Configuration
    versions: Versions
    origins: Mapping[str, Origin] = field(default_factory=dict)


def status(request: StatusRequest, connections: Connections, progress: Progress) -> StatusReport:
    """Every app in every environment where it has an overlay, or the ones asked for. Raises
    InputError for an unknown one, and OutsideError where the branch can't be fetched; what else
    can't be had is in the report."""
    ground = read_ground(request, connections, progress)
    if request.offline:
        return ground.report
    progress("asking the model registry and Argo CD")
    return lay_over(ground, look(ground, connections))


def read_ground(request: StatusRequest, connections: Connections, progress: Progress) -> Ground:
    """What the branch's head has. Raises InputError and OutsideError."""
    repository = connections.repository
    progress(f"fetching {repository.branch} from {repository.remote}")
    snapshot = repository.fetch()
    known = recall(connections.cache, connections.place)
    configuration = load_configuration(snapshot, known)
    remember(connections.cache, connections.place, known)
    now = connections.now()
    waivers = read_waivers(snapshot, configuration, now)
    apps, chosen = list(configuration.apps.values()), list(configuration.in_order())
    if request.app:
        apps = [find_app(configuration, request.app)]
    if request.environment:
        chosen = [find_environment(configuration, request.environment)]
    pattern = f"{ENVIRONMENTS}/*/{request.app or '*'}/release.yaml"
    commits = repository.history(snapshot.revision, [pattern])
    targets = {e.name: _targets(snapshot, apps, e, connections) for e in chosen}
    standings = _standings(apps, chosen, targets, _latest(commits))
    report = StatusReport(
        snapshot.revision,
        now,
        tuple(e.name for e in chosen),
        tuple(_with_waivers(standing, waivers) for standing in standings),
        offline=request.offline,
    )
    versions = Versions(repository, commits)
    for standing in report.standings:
        if standing.release:
            versions.add(standing.release)
    origins = {} if request.offline else _origins(snapshot, report, repository)
    return Ground(report, configuration, versions, origins)


def look(ground: Ground, connections: Connections) -> Outlook:
    """What is seen beside Git, of what answers in time."""
    sources, nowhere = find_sources(ground.report, ground.configuration, connections)
    settings = ground.configuration.settings
    outlook = look_out(ground.report, settings, sources, connections)
    return replace(outlook, unknown=(*nowhere, *outlook.unknown))


def lay_over(ground: Ground, outlook: Outlook) -> StatusReport:
    """What Git has, with what was seen beside it."""
    report = ground.report
    ground.versions.learn(outlook.digests(report.standings, ground.versions))
    standings = tuple(
        outlook.over(standing, ground.versions, ground.origins.get(standing.environment))
        for standing in report.standings
    )
    return replace(report, standings=standings, unknown=outlook.unknown)


def _origins(
    snapshot: Snapshot, report: StatusReport, repository: Repository
) -> Mapping[str, Origin]:
    """Those of the environments that have releases."""
    address = repository.address()
    places = dict.fromkeys(s.environment for s in report.standings if s.release)
    return {name: read_origin(snapshot, name, repository.branch, address) for name in places}


def _latest(commits: Sequence[Commit]) -> Mapping[str, Commit]:
    """The newest commit that changed each path; they come newest first."""
    found: dict[str, Commit] = {}
    for commit in commits:
        for path in commit.blobs:
            found.setdefault(path, commit)
    return found


def _targets(
    snapshot: Snapshot, apps: Sequence[App], environment: Environment, connections: Connections
) -> _Targets:
    """Those of the apps that have an overlay there."""
    cache, place = connections.cache, connections.place
    there = [app for app in apps if overlay_folder(environment.name, app.name) in snapshot]
    readings = recall_readings(cache, place, environment.name)
    found = read_targets(snapshot, there, environment, readings)
    remember_readings(cache, place, environment.name, readings, snapshot)
    return found


def _standings(
    apps: Sequence[App],
    environments: Sequence[Environment],
    targets: Mapping[str, _Targets],
    latest: Mapping[str, Commit],
) -> Iterator[Standing]:
    for app in apps:
        for environment in environments:
            target = targets[environment.name].get(app.name)
            if target is not None:
                commit = latest.get(release_file(environment.name, app.name))
                yield _standing(app, environment, target, commit)


def _with_waivers(standing: Standing, waivers: Sequence[Waiver]) -> Standing:
    found = (waiver for waiver in waivers if waiver.reaches(standing.app, standing.environment))
    return replace(standing, waivers=tuple(found))


def _standing(
    app: App, environment: Environment, target: Target | TidegateError, commit: Commit | None
) -> Standing:
    if isinstance(target, TidegateError):
        return Standing(
            app.name, environment.name, None, None, None, None, None, None, (), (), target.message
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
        requested_by=asked_for(known, environment.name, app.name) if known else None,
        revision=known.revision if known else None,
        holds=target.holds,
        edited=disagreements(release, target.overlay) if release else (),
        problem=None,
        blocks=target.blocks,
    )
