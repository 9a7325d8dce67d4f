"""Apps' ways back, decided together on the branch's head, from Git alone.

Request → Snapshot → what ran → what ran before → Draft. No gate is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.draft import Draft
from tidegate.domain.ending import Ending
from tidegate.domain.rollback import Rollback, RollbackRequest
from tidegate.domain.route import Route
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConflictError, TidegateError
from tidegate.flows.going_back import Step, block_time, go_back
from tidegate.flows.hold import author, sentence
from tidegate.flows.message import ROLLBACK, compose, direct_trailers, human_trailers
from tidegate.flows.past import read_past
from tidegate.flows.present import read_present
from tidegate.flows.pull_requests.names import back_branch
from tidegate.flows.route import choose_route
from tidegate.flows.target import require_app, require_environment
from tidegate.ports import Connections, Progress
from tidegate.repository.configuration import load_configuration

_Running = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Decision:
    """Every app's step on a Snapshot, and the way that it goes; the draft has the steps of all
    apps, or there is none."""

    snapshot: Snapshot
    route: Route
    steps: tuple[Step, ...]
    draft: Draft | None


class WayBack:
    """One command's decisions, which remember what ran when they were first made: whoever has
    changed that meanwhile is not undone unseen."""

    def __init__(
        self, request: RollbackRequest, connections: Connections, progress: Progress
    ) -> None:
        self.request = replace(request, reason=sentence(request.reason))
        self.author = author(request.requested_by, connections)
        self.apps = tuple(dict.fromkeys(request.apps))
        self._connections = connections
        self._progress = progress
        self._first: dict[str, tuple[_Running, Step]] = {}

    def decide(self) -> Decision:
        """Fetches the branch and decides on its head."""
        request, repository = self.request, self._connections.repository
        self._progress(f"fetching {repository.branch} from {repository.remote}")
        snapshot = repository.fetch()
        require_environment(snapshot, request.environment)
        for app in self.apps:
            require_app(snapshot, request.environment, app)
        route = choose_route(snapshot, request.environment, request.delivery, emergency=True)
        steps = self._steps(snapshot, self._told() if route.by_pull_request else None)
        ready = [step for step in steps if step.rollback.ending is Ending.DONE]
        if not ready or any(step.rollback.ending.stops for step in steps):
            return Decision(snapshot, route, steps, None)
        edits = {path: data for step in ready for path, data in step.edits.items()}
        message = _message(request, ready, direct=route.direct)
        return Decision(snapshot, route, steps, Draft(snapshot.revision, edits, message))

    def _told(self) -> Snapshot | None:
        """What an earlier run has proposed, if one has."""
        repository = self._connections.repository
        branch = back_branch(self.request.environment, self.apps)
        head = self._connections.branch(branch).head()
        return repository.snapshot(head) if head else None

    def _steps(self, snapshot: Snapshot, told: Snapshot | None) -> tuple[Step, ...]:
        request, connections, apps = self.request, self._connections, self.apps
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
            now = connections.now()
            since = block_time(present, told, now, request.reason) if told else now
            step = go_back(present, past[app], request, self.author, since)
            self._first.setdefault(app, (running, step))
            found[app] = step
        return self._with_unverified(snapshot, [found[app] for app in apps])

    def _with_unverified(self, snapshot: Snapshot, steps: Sequence[Step]) -> tuple[Step, ...]:
        apps = [step.rollback.app for step in steps]
        gates = _unasked(snapshot, self.request.environment, apps)
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


def _message(request: RollbackRequest, steps: Sequence[Step], *, direct: bool) -> str:
    trailers = [
        *(trailer(request.environment, step) for step in steps),
        *direct_trailers(request.environment, direct=direct),
        *human_trailers(request.requested_by, request.reason),
    ]
    shown = [f"{step.rollback.app} {step.arrow}" for step in steps]
    return compose(f"rollback({request.environment})", shown, trailers)
