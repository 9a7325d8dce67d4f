"""`sync`: asks Argo CD for a sync, and waits for what it comes to."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tidegate.delivery.settling import Patience, together
from tidegate.delivery.sync_windows import find_bar
from tidegate.domain.application import (
    Application,
    ApplicationName,
    Operation,
    Refusal,
    SyncRefused,
    SyncRequest,
)
from tidegate.domain.live import Bar, Live, LiveState
from tidegate.domain.sync import (
    APP_LABEL,
    ENVIRONMENT_LABEL,
    Aim,
    AppEnding,
    ClusterEnding,
    SyncReport,
)
from tidegate.errors import NotFound, TidegateError
from tidegate.flows.converge import NOT_THERE
from tidegate.flows.parallel import each
from tidegate.flows.wait import Course, follow, read_course
from tidegate.ports import Applications, Connections, Progress, Watching

# The name under which Argo CD keeps our mark with the operation.
_MARK = "tidegate"
_DRY_SECONDS, _PAUSE = 60.0, 0.5


@dataclass(frozen=True, slots=True)
class AppSync:
    """Which apps to sync, and how; without `wait` it is only asked for."""

    environment: str
    apps: tuple[str, ...]
    wait: bool = False
    prune: bool = False
    dry_run: bool = False
    patience: Patience = field(default_factory=Patience)


def sync(
    request: AppSync, connections: Connections, progress: Progress, watching: Watching
) -> SyncReport:
    """How it ended for each app. Raises InputError for what can't be synced, NotFound for an app
    without an Application, and OutsideError where Git or Argo CD can't be asked."""
    course = read_course(request.environment, request.apps, None, connections, progress)
    applications = connections.applications(course.plane)
    found = _applications(course, applications)
    mark = secrets.token_hex(8)
    wanted = SyncRequest(request.prune, request.dry_run, {_MARK: mark})
    progress(f"asking {applications.place} to sync")

    def ask(application: Application) -> ClusterEnding:
        state = _ask(applications, application.name, wanted, connections.now)
        if request.dry_run and state.kind is Live.WAITING:
            state = _dry_results(applications, application.name, mark, connections)
        ending = _ending(application, state)
        watching(application.labels[APP_LABEL], ending)
        return ending

    chosen = [item for items in found.values() for item in items]
    asked = dict(zip([item.name for item in chosen], each(chosen, ask), strict=True))
    endings = {
        aim.app.name: _app(aim, [asked[item.name] for item in found[aim.app.name]])
        for aim in course.aims
    }
    if request.wait and not request.dry_run:
        going = tuple(
            aim for aim in course.aims if endings[aim.app.name].state.kind is Live.WAITING
        )
        if going:
            marks = {name: mark for name, e in asked.items() if not _is_busy(e.state)}
            rest = replace(course, aims=going)
            report = follow(rest, connections, watching, request.patience, marks)
            endings |= {ending.aim.app.name: ending for ending in report.apps}
    waited = request.wait and not request.dry_run
    ordered = tuple(endings[aim.app.name] for aim in course.aims)
    return SyncReport(course.environment, applications.place, ordered, waited=waited)


_BUSY = "another sync is under way"


def _applications(
    course: Course, applications: Applications
) -> Mapping[str, Sequence[Application]]:
    """Each app's Applications, one a cluster."""
    listed = applications.list(
        project=course.plane.project, selector={ENVIRONMENT_LABEL: course.environment}
    )
    found: dict[str, list[Application]] = {aim.app.name: [] for aim in course.aims}
    for item in listed:
        if item.labels.get(APP_LABEL, "") in found:
            found[item.labels[APP_LABEL]].append(item)
    missing = [app for app, items in found.items() if not items]
    if missing:
        raise NotFound(
            f"{', '.join(missing)} in {course.environment}: {NOT_THERE}",
            hint="bootstrap Argo CD with environments/bootstrap.yaml; an ApplicationSet looks for "
            "new releases every three minutes",
        )
    return found


def _ask(
    applications: Applications,
    name: ApplicationName,
    wanted: SyncRequest,
    date: Callable[[], datetime],
) -> LiveState:
    try:
        answer = applications.sync(name, wanted)
        if not isinstance(answer, SyncRefused):
            return LiveState(Live.WAITING, "a sync is asked for")
        if answer.why is Refusal.BUSY:
            return LiveState(Live.WAITING, f"{_BUSY}: {answer.message}")
        bar = find_bar(applications.windows(name), date(), asked=True) or Bar(answer.message)
        return LiveState(Live.BLOCKED, bar.reason, sure=True, until=bar.until)
    except TidegateError as error:
        return LiveState(Live.UNKNOWN, f"the sync can't be asked for: {error.message}", sure=True)


def _is_busy(state: LiveState) -> bool:
    return state.reason.startswith(_BUSY)


def _dry_results(
    applications: Applications, name: ApplicationName, mark: str, connections: Connections
) -> LiveState:
    """What a sync would do, object by object."""
    until = connections.remaining() - _DRY_SECONDS
    while connections.remaining() > max(until, 1.0):
        try:
            last = applications.get(name).operation
        except TidegateError as error:
            return LiveState(Live.UNKNOWN, error.message, sure=True)
        if last is not None and last.finished is not None and mark in last.info.values():
            return _would(last)
        connections.wait(_PAUSE)
    return LiveState(Live.UNKNOWN, "the dry run did not end in time", sure=True)


def _would(last: Operation) -> LiveState:
    lines = tuple(
        f"{r.resource.kind} {r.resource.name}: {r.message or r.status or r.phase}"
        for r in last.results
    )
    if last.phase != "Succeeded":
        reason = f"dry run: the sync would fail: {last.message or last.phase}"
        return LiveState(Live.FAILED, reason, lines, sure=True)
    return LiveState(Live.WAITING, "dry run: the sync would succeed", lines)


def _ending(application: Application, state: LiveState) -> ClusterEnding:
    return ClusterEnding(application.name, application.destination, application.revision, state)


def _app(aim: Aim, clusters: Sequence[ClusterEnding]) -> AppEnding:
    return AppEnding(aim, together(c.state for c in clusters), tuple(clusters), 0.0)
