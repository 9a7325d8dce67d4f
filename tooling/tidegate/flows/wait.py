"""`wait`: until what Git wants of some apps is live, or it is clear why it isn't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.delivery.settling import Patience
from tidegate.domain.application import ApplicationName
from tidegate.domain.configuration import Configuration
from tidegate.domain.control_plane import ControlPlane
from tidegate.domain.sync import Aim, SyncReport
from tidegate.flows.aims import find_commit, read_aims
from tidegate.flows.converge import Convergence
from tidegate.flows.lineage import Ancestry
from tidegate.flows.remember import remember
from tidegate.flows.target import find_environment
from tidegate.ports import Connections, Progress, Watching
from tidegate.repository.configuration import load_configuration
from tidegate.repository.sources import read_origin


@dataclass(frozen=True, slots=True)
class WaitRequest:
    """Which apps, in which environment; `revision` is a commit of the branch, its head where
    None is named."""

    environment: str
    apps: tuple[str, ...]
    revision: str | None = None
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class Course:
    """What is followed into the cluster, read from one Snapshot."""

    environment: str
    aims: tuple[Aim, ...]
    configuration: Configuration

    @property
    def plane(self) -> ControlPlane:
        """Which Argo CD delivers it."""
        return self.configuration.control_plane(self.environment)


def wait(
    request: WaitRequest, connections: Connections, progress: Progress, watching: Watching
) -> SyncReport:
    """How it ended for each app. Raises InputError for what can't be waited for, and
    OutsideError where the branch can't be fetched."""
    course = read_course(request.environment, request.apps, request.revision, connections, progress)
    return follow(course, connections, watching, request.patience)


def read_course(
    environment: str,
    apps: Sequence[str],
    revision: str | None,
    connections: Connections,
    progress: Progress,
) -> Course:
    """What these apps should be, at the branch's head or at an earlier commit of it. Raises
    InputError and OutsideError."""
    repository = connections.repository
    progress(f"fetching {repository.branch} from {repository.remote}")
    snapshot = repository.fetch()
    configuration = load_configuration(snapshot)
    known = find_environment(configuration, environment)
    commit = find_commit(repository, snapshot.revision, revision)
    then = snapshot if commit == snapshot.revision else repository.snapshot(commit)
    # What Git says of Argo CD counts as it is now: an old commit may name an address of old.
    origin = read_origin(snapshot, environment, repository.branch, repository.address())
    aims = read_aims(then, configuration, known, apps, commit, origin)
    return Course(environment, tuple(aims), configuration)


def follow(
    course: Course,
    connections: Connections,
    watching: Watching,
    patience: Patience,
    marks: Mapping[ApplicationName, str] | None = None,
) -> SyncReport:
    """Watches until every app has ended. Raises InputError where nobody says where Argo CD is."""
    applications = connections.applications(course.plane)
    ancestry = Ancestry(connections.repository, course.environment, connections.remaining)
    convergence = Convergence(
        course.environment,
        course.aims,
        applications,
        ancestry,
        project=course.plane.project,
        remaining=connections.remaining,
        date=connections.now,
        watching=watching,
        patience=patience,
    )
    report = SyncReport(course.environment, applications.place, convergence.run(marks))
    return remember(report, ancestry, connections, course.configuration.settings)
