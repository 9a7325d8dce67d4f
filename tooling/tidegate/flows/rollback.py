"""`rollback`: a commit to what ran before, decided from Git alone.

Request → Snapshot → what ran → what ran before → Draft → Receipt. No gate is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.draft import Draft
from tidegate.domain.ending import Ending, Written
from tidegate.domain.promotion import Receipt
from tidegate.domain.rollback import Rollback, RollbackReport, RollbackRequest
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConflictError, TidegateError
from tidegate.flows.going_back import Step, go_back
from tidegate.flows.hold import author, sentence
from tidegate.flows.message import ROLLBACK, compose, human_trailers
from tidegate.flows.past import read_past
from tidegate.flows.plan import diff
from tidegate.flows.present import read_present
from tidegate.flows.publish import publish
from tidegate.flows.target import require_app, require_environment
from tidegate.ports import Connections, Progress
from tidegate.repository.configuration import load_configuration

_Running = tuple[str | None, str | None]


def rollback(
    request: RollbackRequest, connections: Connections, progress: Progress, *, dry_run: bool = False
) -> RollbackReport:
    """Takes apps back to the release before, or to the version asked for: all of them in one
    commit, or none. Raises InputError for a wrong request, and OutsideError where the branch or
    its history can't be had; what else goes wrong is in the report."""
    rollbacks = _Rollbacks(request, connections, progress)
    decision, receipt, error = rollbacks.decide(), None, None
    if decision.draft and not dry_run:
        try:
            decision, receipt = publish(decision, rollbacks.decide, connections, progress)
        except TidegateError as failure:
            error = failure
    return _report(request, decision, receipt, error)


@dataclass(frozen=True, slots=True)
class _Decision:
    """Every app's step on a Snapshot; the draft has those of all, or there is none."""

    snapshot: Snapshot
    steps: tuple[Step, ...]
    draft: Draft | None


class _Rollbacks:
    """One command's decisions, which remember what ran when they were first made: whoever has
    changed that meanwhile is not undone unseen."""

    def __init__(
        self, request: RollbackRequest, connections: Connections, progress: Progress
    ) -> None:
        self._request = replace(request, reason=sentence(request.reason))
        self._author = author(request.requested_by, connections)
        self._connections = connections
        self._progress = progress
        self._first: dict[str, tuple[_Running, Step]] = {}

    def decide(self) -> _Decision:
        """Fetches the branch and decides on its head."""
        request, repository = self._request, self._connections.repository
        self._progress(f"fetching {repository.branch} from {repository.remote}")
        snapshot = repository.fetch()
        require_environment(snapshot, request.environment)
        apps = list(dict.fromkeys(request.apps))
        for app in apps:
            require_app(snapshot, request.environment, app)
        steps = self._steps(snapshot, apps)
        ready = [step for step in steps if step.rollback.ending is Ending.DONE]
        if not ready or any(step.rollback.ending.stops for step in steps):
            return _Decision(snapshot, steps, None)
        edits = {path: data for step in ready for path, data in step.edits.items()}
        return _Decision(snapshot, steps, Draft(snapshot.revision, edits, _message(request, ready)))

    def _steps(self, snapshot: Snapshot, apps: Sequence[str]) -> tuple[Step, ...]:
        request, connections = self._request, self._connections
        found: dict[str, Step] = {}
        presents = {}
        for app in apps:
            try:
                presents[app] = read_present(snapshot, request.environment, app)
            except TidegateError as error:
                found[app] = Step(Rollback(app, Ending.ERROR, error=error))
        self._progress("reading what ran before")
        images = {app: present.entry for app, present in presents.items()}
        past = read_past(connections.repository, snapshot.revision, request.environment, images)
        for app, present in presents.items():
            running = present.running
            first = self._first.get(app)
            if first and first[0] != running:
                found[app] = _overtaken(app, request.environment, running, first[1])
                continue
            if running[1] != request.expected.get(app, running[1]):
                found[app] = _overtaken(app, request.environment, running, None)
                continue
            step = go_back(present, past[app], request, self._author, connections.now())
            self._first.setdefault(app, (running, step))
            found[app] = step
        return self._with_unverified(snapshot, [found[app] for app in apps])

    def _with_unverified(self, snapshot: Snapshot, steps: Sequence[Step]) -> tuple[Step, ...]:
        apps = [step.rollback.app for step in steps]
        gates = _unasked(snapshot, self._request.environment, apps)
        return tuple(_unverified(step, gates) if step.edits else step for step in steps)


def _unasked(
    snapshot: Snapshot, environment: str, apps: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """For each app, the gates that a promotion of it would ask."""
    try:
        configuration = load_configuration(snapshot)
    except TidegateError:
        # A slip in somebody's gate must not stop whoever has to go back.
        return dict.fromkeys(apps, ("the gates, whose configuration can't be read",))
    place = configuration.environments[environment]
    gates = {app: configuration.gates(configuration.apps[app], place) for app in apps}
    return {app: [f"gate {spec.key}" for spec in specs] for app, specs in gates.items()}


def _unverified(step: Step, gates: Mapping[str, Sequence[str]]) -> Step:
    rollback = step.rollback
    image = f"whether {rollback.after.image} is still there" if rollback.after else ""
    return replace(step, rollback=replace(rollback, unverified=(*gates[rollback.app], image)))


def _overtaken(app: str, environment: str, running: _Running, first: Step | None) -> Step:
    """What runs is something else by now: our own wish, come true by another's hand, or not."""
    wanted = first.rollback.after if first else None
    if first and wanted and running == (wanted.version, wanted.image.digest):
        return Step(replace(first.rollback, ending=Ending.ALREADY))
    error = ConflictError(
        f"{app} in {environment} was changed by somebody else meanwhile: "
        f"it runs version {running[0] or 'unknown'} now",
        hint="look at it with `tidegate history`, then run the command again",
    )
    return Step(Rollback(app, Ending.CONFLICT, error=error))


def trailer(environment: str, step: Step) -> str:
    """What a commit says of one app's way back."""
    return f"{ROLLBACK}: {environment}/{step.rollback.app} {step.trail}"


def _message(request: RollbackRequest, steps: Sequence[Step]) -> str:
    trailers = [trailer(request.environment, step) for step in steps]
    human = human_trailers(request.requested_by, request.reason)
    shown = [f"{step.rollback.app} {step.arrow}" for step in steps]
    return compose(f"rollback({request.environment})", shown, [*trailers, *human])


def _report(
    request: RollbackRequest,
    decision: _Decision,
    receipt: Receipt | None,
    error: TidegateError | None,
) -> RollbackReport:
    draft = decision.draft
    ending = Ending.DONE if receipt else Ending.PLANNED if draft else Ending.HELD_BACK
    apps = tuple(
        replace(step.rollback, ending=ending)
        if step.rollback.ending is Ending.DONE
        else step.rollback
        for step in decision.steps
    )
    changes = diff(decision.snapshot, draft.edits) if draft else ""
    written = Written(decision.snapshot.revision, draft, changes, receipt, error)
    return RollbackReport(request.environment, apps, written)
