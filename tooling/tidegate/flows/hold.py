"""`hold` and `release`: the files that keep an app or an environment as it is, as commits or
pull requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tidegate.domain.draft import Draft
from tidegate.domain.ending import Ending, Written
from tidegate.domain.hold import Hold
from tidegate.domain.holding import HoldReport, HoldRequest, Place
from tidegate.domain.promotion import Receipt
from tidegate.domain.proposed import Proposed
from tidegate.domain.route import Route
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.story import HoldStory
from tidegate.domain.text import one_line
from tidegate.errors import ConflictError, InputError, TidegateError
from tidegate.flows.endings import ending_of, first_error
from tidegate.flows.holding import Edits, hold_place, release_place
from tidegate.flows.message import HOLD, LIFT, compose, direct_trailers, human_trailers
from tidegate.flows.plan import diff
from tidegate.flows.publish import publish
from tidegate.flows.pull_requests.holds import Wish, Write, propose_hold
from tidegate.flows.route import choose_route
from tidegate.flows.target import require_app, require_environment
from tidegate.ports import Connections, Progress
from tidegate.repository.moment import format_moment

_LONGEST_NAME, _LONGEST_REASON = 200, 1000


def hold(
    request: HoldRequest,
    connections: Connections,
    progress: Progress,
    write: Write,
    *,
    dry_run: bool = False,
) -> HoldReport:
    """Holds apps, or their environment, by one commit, or by a pull request whose text `write`
    makes; the same hold again is nothing. Another's hold that is active stays, which is a
    conflict. Raises InputError for a wrong request, and OutsideError where the branch can't be
    fetched."""
    wanted = Hold(
        by=author(request.requested_by, connections),
        reason=sentence(request.reason),
        until=request.until,
        whole=not request.apps,
    )
    now = connections.now()
    if wanted.until and not wanted.active(now):
        raise InputError(f"a hold until {format_moment(wanted.until)} is over already")

    def change(snapshot: Snapshot, app: str | None) -> tuple[Place, Edits]:
        return hold_place(snapshot, request.environment, app, wanted, now)

    return _carry_out("hold", request, change, connections, progress, write, dry_run=dry_run)


def release(
    request: HoldRequest,
    connections: Connections,
    progress: Progress,
    write: Write,
    *,
    dry_run: bool = False,
) -> HoldReport:
    """Lifts the holds of apps, or of their environment, whoever's they are, and the blocks of
    the request's version; where nothing is held, nothing is done. Raises as `hold` does."""
    sentence(request.reason)

    def change(snapshot: Snapshot, app: str | None) -> tuple[Place, Edits]:
        return release_place(snapshot, request.environment, app, request.version)

    return _carry_out("release", request, change, connections, progress, write, dry_run=dry_run)


def author(requested_by: str | None, connections: Connections) -> str:
    """Who it is that writes: the human behind a bot, or Git's own user. Raises InputError."""
    named = one_line(requested_by or "", _LONGEST_NAME)
    return named or one_line(connections.repository.identity(), _LONGEST_NAME)


def sentence(reason: str) -> str:
    """The reason in one line. Raises InputError where it says nothing."""
    words = one_line(reason, _LONGEST_REASON)
    if not words:
        raise InputError("--reason says nothing", hint="say why: others will read it")
    return words


@dataclass(frozen=True, slots=True)
class _Decision:
    """Every place's change on a Snapshot, and the way that it goes; the draft has those of all,
    or there is none."""

    snapshot: Snapshot
    route: Route
    places: tuple[Place, ...]
    draft: Draft | None = field(default=None)


_Change = Callable[[Snapshot, str | None], tuple[Place, Edits]]


def _carry_out(
    verb: str,
    request: HoldRequest,
    change: _Change,
    connections: Connections,
    progress: Progress,
    write: Write,
    *,
    dry_run: bool,
) -> HoldReport:
    def decide() -> _Decision:
        return _decide(verb, request, change, connections, progress)

    decision, receipt, error = decide(), None, None
    if decision.route.by_pull_request:
        wish = _wish(verb, request, decision, connections)
        proposals = propose_hold(wish, connections, progress, write, dry_run=dry_run)
        return _report(verb, request, decision, None, first_error(proposals), proposals)
    if decision.draft and not dry_run:
        try:
            decision, receipt = publish(decision, decide, connections, progress)
        except TidegateError as failure:
            error = failure
    return _report(verb, request, decision, receipt, error)


def _decide(
    verb: str,
    request: HoldRequest,
    change: _Change,
    connections: Connections,
    progress: Progress,
) -> _Decision:
    repository, environment = connections.repository, request.environment
    progress(f"fetching {repository.branch} from {repository.remote}")
    snapshot = repository.fetch()
    require_environment(snapshot, environment)
    # Whoever stops something isn't stopped; what lets it go on can wait for a review.
    route = choose_route(snapshot, environment, request.delivery, emergency=verb == "hold")
    places: list[Place] = []
    edits: dict[str, bytes | None] = {}
    for app in dict.fromkeys(request.apps) or [None]:
        if app is not None:
            require_app(snapshot, environment, app)
        try:
            place, made = change(snapshot, app)
            edits |= made
        except TidegateError as error:
            conflict = isinstance(error, ConflictError)
            ending = Ending.CONFLICT if conflict else Ending.ERROR
            place = Place(app, ending, error=error)
        places.append(place)
    if not edits or any(place.ending.stops for place in places):
        return _Decision(snapshot, route, tuple(places))
    message = _message(verb, request, places, direct=route.direct)
    draft = Draft(snapshot.revision, edits, message)
    return _Decision(snapshot, route, tuple(places), draft)


def _wish(verb: str, request: HoldRequest, decision: _Decision, connections: Connections) -> Wish:
    draft = decision.draft
    done = [place for place in decision.places if place.ending is Ending.DONE]
    story = HoldStory(
        verb=verb,
        environment=request.environment,
        places=tuple(sorted(done, key=lambda place: place.app or "")),
        by=author(request.requested_by, connections),
        reason=sentence(request.reason),
    )
    apps = tuple(sorted(set(request.apps)))
    stopped = any(place.ending.stops for place in decision.places)
    return Wish(story, apps, decision.snapshot, decision.route, draft, stopped)


def _report(
    verb: str,
    request: HoldRequest,
    decision: _Decision,
    receipt: Receipt | None,
    error: TidegateError | None,
    proposals: Sequence[Proposed] = (),
) -> HoldReport:
    draft = decision.draft
    changes = diff(decision.snapshot, draft.edits) if draft else ""
    revision = decision.snapshot.revision
    written = Written(revision, draft, changes, receipt, error, tuple(proposals))
    ending = ending_of(written)
    places = tuple(
        replace(place, ending=ending) if place.ending is Ending.DONE else place
        for place in decision.places
    )
    return HoldReport(verb, request.environment, places, written)


def _message(verb: str, request: HoldRequest, places: list[Place], *, direct: bool) -> str:
    changed = [place for place in places if place.ending is Ending.DONE]
    steps = [place.app or "the whole environment" for place in changed]
    if request.until:
        steps = [f"{step} until {format_moment(request.until)}" for step in steps]
    trailers = [
        *(trailer(request.environment, place) for place in changed),
        *direct_trailers(request.environment, direct=direct),
        *human_trailers(request.requested_by, request.reason),
    ]
    return compose(f"{verb}({request.environment})", steps, trailers)


def trailer(environment: str, place: Place) -> str:
    """What a commit says of a place that it holds or lets go."""
    name = f"{environment}/{place.app}" if place.app else environment
    if place.after:
        return f"{HOLD}: {name}"
    return f"{LIFT}: {name}" + "".join(f" {block.version}" for block in place.lifted)
