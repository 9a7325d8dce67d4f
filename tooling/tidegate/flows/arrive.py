"""`deliver`: what commits brought to the branch, followed into the clusters, and taken back where
it was seen to fail.

since..head → the releases that changed → each environment in its order → ArrivalReport; the pull
requests that brought them are told in between.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tidegate.delivery.settling import Patience
from tidegate.domain.arrival import Arrival, ArrivalReport
from tidegate.domain.configuration import Configuration
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import InputError
from tidegate.flows.aims import find_commit
from tidegate.flows.arrival_comments import ArrivalComments
from tidegate.flows.deliver import Errand, Followed, follow_through
from tidegate.flows.progress_comment import Write
from tidegate.flows.target import find_environment
from tidegate.ports import Connections, Progress, Repository, Watching
from tidegate.repository import layout
from tidegate.repository.configuration import load_configuration

_WHOLE = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


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
    pull request that brought it. Where the branch hasn't the commit, or not any more, every release
    is followed, and none taken back. What goes wrong in one environment is in its part of the
    report, and stops no other. Raises InputError for what names no commit and for an environment
    that isn't there, and OutsideError where the branch can't be fetched."""
    repository = connections.repository
    progress(f"fetching {repository.branch} from {repository.remote}")
    head = repository.fetch()
    configuration = load_configuration(head)
    if request.environment is not None:
        find_environment(configuration, request.environment)
    since = _base(repository, head.revision, request.since)
    if since is None:
        # Nobody can tell what these commits brought: what fails may have failed for long.
        request = replace(request, go_back=False)
    before = repository.snapshot(since) if since else None
    changed = _changed(before, head, configuration)
    comments = ArrivalComments(configuration.settings, head.revision, connections, write)
    arrivals = []
    for name, apps in changed.items():
        if request.environment in (None, name):
            notes = comments.begin(configuration.environments[name], apps)
            done = _follow(name, apps, request, connections, progress, watching)
            notes += comments.end(name, apps, done)
            arrivals.append(Arrival(name, apps, done.sync, done.rollback, done.error, notes))
    return ArrivalReport(since, head.revision, tuple(arrivals))


def _base(repository: Repository, head: str, revision: str) -> str | None:
    """The commit in full. None for a whole id that the branch hasn't: pipelines have it from their
    provider, which says zeros of a new branch, and what was there of one that was forced. Raises
    InputError for anything shorter, which somebody wrote and mistook, and OutsideError where a
    shallow clone's past can't be had."""
    if not _WHOLE.fullmatch(revision):
        return find_commit(repository, head, revision)
    if not revision.strip("0"):
        return None
    with contextlib.suppress(InputError):
        return find_commit(repository, head, revision)
    repository.deepen()  # a shallow clone may only not know it
    with contextlib.suppress(InputError):
        return find_commit(repository, head, revision)
    return None


def _changed(
    before: Snapshot | None, after: Snapshot, configuration: Configuration
) -> Mapping[str, tuple[str, ...]]:
    """The apps with another release than before, by environment in the order of promotion; where
    nothing was before, all that have one."""
    found: dict[str, tuple[str, ...]] = {}
    for environment in configuration.in_order():
        paths = {app: layout.release_file(environment.name, app) for app in configuration.apps}
        apps = [
            app
            for app, path in sorted(paths.items())
            if path in after and (before is None or before.id(path) != after.id(path))
        ]
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
