"""What comes after a promotion's commit, or a rollback's: it is followed into the cluster, and
taken back where it was seen to fail."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tidegate.delivery.settling import Patience
from tidegate.domain.delivery_report import DeliveryReport
from tidegate.domain.ending import Ending
from tidegate.domain.live import Live
from tidegate.domain.promotion import Outcome, PromotionReport
from tidegate.domain.rollback import RollbackReport, RollbackRequest
from tidegate.domain.sync import AppEnding, SyncReport
from tidegate.errors import TidegateError
from tidegate.flows.rollback import take_back
from tidegate.flows.target import find_environment
from tidegate.flows.wait import follow, read_course
from tidegate.ports import Connections, Progress, Watching
from tidegate.repository.configuration import load_configuration

_FOLLOWED = (Outcome.PROMOTED, Outcome.ALREADY)
_GONE_BACK = (Ending.DONE, Ending.ALREADY)


def require_argocd(environment: str, connections: Connections) -> None:
    """Raises InputError where nobody says which Argo CD delivers the environment: better before
    the commit than after."""
    configuration = load_configuration(connections.repository.fetch())
    find_environment(configuration, environment)
    connections.applications(configuration.control_plane(environment))


def deliver(
    report: PromotionReport,
    connections: Connections,
    progress: Progress,
    watching: Watching,
    patience: Patience,
    *,
    go_back: bool = False,
) -> DeliveryReport:
    """How the apps ended in the cluster: those that were promoted, and those that were there
    already. With `go_back`, those that failed are rolled back. Never raises: the commit is made."""
    apps = tuple(app.app for app in report.apps if app.outcome in _FOLLOWED)
    if report.error or not apps:
        return DeliveryReport(report)
    revision = report.receipt.revision if report.receipt else None
    done = follow_through(
        Errand(report.environment, apps, revision, patience, go_back=go_back),
        connections,
        progress,
        watching,
    )
    return DeliveryReport(report, done.sync, done.rollback, done.error)


@dataclass(frozen=True, slots=True)
class Errand:
    """What is followed, from which commit on (the head, where it is None), and whether what fails
    is taken back."""

    environment: str
    apps: tuple[str, ...]
    revision: str | None
    patience: Patience
    go_back: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """How it ended in the cluster, how what failed was taken back, and what kept either from being
    done."""

    sync: SyncReport | None = None
    rollback: RollbackReport | None = None
    error: TidegateError | None = None


def follow_through(
    errand: Errand, connections: Connections, progress: Progress, watching: Watching
) -> Followed:
    """Follows apps into the cluster, and takes back what was seen to fail there. Never raises."""
    endings: SyncReport | None = None
    try:
        course = read_course(
            errand.environment, errand.apps, errand.revision, connections, progress
        )
        endings = follow(course, connections, watching, errand.patience)
        failed = [ending for ending in endings.apps if failure_was_seen(ending)]
        if not (errand.go_back and failed):
            return Followed(endings)
        return Followed(endings, _go_back(endings, failed, connections, progress))
    except TidegateError as error:
        return Followed(endings, error=error)


def deliver_back(
    report: RollbackReport,
    connections: Connections,
    progress: Progress,
    watching: Watching,
    patience: Patience,
) -> RollbackReport:
    """How the apps ended in the cluster: those that went back, and those that had before. Never
    raises: the commit is made, whoever can't see what comes of it."""
    apps = tuple(app.app for app in report.apps if app.ending in _GONE_BACK)
    if report.exit_code or not apps:
        return report
    receipt = report.written.receipt
    revision = receipt.revision if receipt else None
    try:
        course = read_course(report.environment, apps, revision, connections, progress)
        return replace(report, sync=follow(course, connections, watching, patience))
    except TidegateError as error:
        return replace(report, unseen=error)


def failure_was_seen(ending: AppEnding) -> bool:
    """Whether a cluster was seen to fail with what we brought. What nobody could see is no
    reason to go back, and neither is a rollout that is only slow, nor what can't be rendered:
    that brought nothing, and a later commit of somebody else's may be to blame."""
    states = [cluster.state for cluster in ending.clusters]
    return any(
        (state.kind in (Live.FAILED, Live.DEGRADED) and not state.unrendered)
        or (state.kind is Live.TIMED_OUT and state.stuck)
        for state in states
    )


def _go_back(
    endings: SyncReport,
    failed: list[AppEnding],
    connections: Connections,
    progress: Progress,
) -> RollbackReport:
    """A rollback of those whose digest the branch's head still carries. Where a rollback fails too,
    another release is hardly the reason: what else ran is not used up unseen."""
    reasons = "; ".join(f"{e.aim.app.name}: {e.state.reason}" for e in failed)
    request = RollbackRequest(
        endings.environment,
        tuple(ending.aim.app.name for ending in failed),
        f"not live: {reasons}"[:400],
        expected={ending.aim.app.name: ending.aim.goal.digest for ending in failed},
        once=True,
    )
    return take_back(request, connections, progress)
