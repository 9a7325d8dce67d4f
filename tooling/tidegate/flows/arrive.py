"""`deliver`: what commits brought to the branch, followed into the clusters, and taken back where
it was seen to fail.

since..head → the releases that changed → each environment in its order → ArrivalReport; the pull
requests that brought them are told in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.delivery.settling import Patience
from tidegate.domain.arrival import Arrival, ArrivalReport
from tidegate.domain.configuration import Configuration
from tidegate.domain.snapshot import Snapshot
from tidegate.flows.aims import find_commit
from tidegate.flows.arrival_comments import ArrivalComments
from tidegate.flows.deliver import Errand, Followed, follow_through
from tidegate.flows.progress_comment import Write
from tidegate.flows.target import find_environment
from tidegate.ports import Connections, Progress, Watching
from tidegate.repository import layout
from tidegate.repository.configuration import load_configuration


@dataclass(frozen=True, slots=True)
class ArrivalRequest:
    """Everything that changed since a commit of the branch, or in one environment alone."""

    since: str
    environment: str | None = None
    patience: Patience = field(default_factory=Patience)
    go_back: bool = False


def arrive(
    request: ArrivalRequest,
    connections: Connections,
    progress: Progress,
    watching: Watching,
    write: Write,
) -> ArrivalReport:
    """How every release that changed ended in the cluster; `write` makes the comment below the
    pull request that brought it. What goes wrong in one environment is
    in its part of the report, and stops no other. Raises InputError for a commit or environment
    that isn't there, and OutsideError where the branch can't be fetched."""
    repository = connections.repository
    progress(f"fetching {repository.branch} from {repository.remote}")
    head = repository.fetch()
    configuration = load_configuration(head)
    if request.environment is not None:
        find_environment(configuration, request.environment)
    since = find_commit(repository, head.revision, request.since)
    changed = _changed(repository.snapshot(since), head, configuration)
    comments = ArrivalComments(configuration.settings, head.revision, connections, write)
    arrivals = []
    for name, apps in changed.items():
        if request.environment in (None, name):
            notes = comments.begin(configuration.environments[name], apps)
            done = _follow(name, apps, request, connections, progress, watching)
            notes += comments.end(name, apps, done)
            arrivals.append(Arrival(name, apps, done.sync, done.rollback, done.error, notes))
    return ArrivalReport(since, head.revision, tuple(arrivals))


def _changed(
    before: Snapshot, after: Snapshot, configuration: Configuration
) -> Mapping[str, tuple[str, ...]]:
    """The apps with another release than before, by environment in the order of promotion."""
    found: dict[str, tuple[str, ...]] = {}
    for environment in configuration.in_order():
        paths = {app: layout.release_file(environment.name, app) for app in configuration.apps}
        apps = [a for a, p in sorted(paths.items()) if p in after and before.id(p) != after.id(p)]
        if apps:
            found[environment.name] = tuple(apps)
    return found


def _follow(
    environment: str,
    apps: tuple[str, ...],
    request: ArrivalRequest,
    connections: Connections,
    progress: Progress,
    watching: Watching,
) -> Followed:
    errand = Errand(environment, apps, None, request.patience, go_back=request.go_back)
    return follow_through(errand, connections, progress, watching)
