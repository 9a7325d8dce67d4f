"""`promote`: the straight line from a request to a commit, run again when others were faster.

Request → Snapshot → Candidates → Evidence → Verdicts → Plan → Receipt
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tidegate.domain.promotion import (
    AppReport,
    Outcome,
    Plan,
    Promotion,
    PromotionReport,
    Receipt,
    Request,
)
from tidegate.errors import TidegateError, Unreachable
from tidegate.flows.backoff import Backoff
from tidegate.flows.judgement import Judged, Judgement
from tidegate.flows.plan import diff, make_plan
from tidegate.ports import Connections, Progress

_TRIES = 200
# Lost races in a row without a winner to be seen.
_STILL = 10


def evaluate(request: Request, connections: Connections, progress: Progress) -> PromotionReport:
    """The verdicts alone: nothing is planned or written."""
    judgement = Judgement(request, connections, progress)
    judgement.make()
    return _verdicts(request, judgement)


def promote(
    request: Request, connections: Connections, progress: Progress, *, dry_run: bool = False
) -> PromotionReport:
    """The whole line. Raises InputError for a wrong request or configuration, and OutsideError
    where the branch can't be fetched; what comes after the judgement is in the report."""
    judgement = Judgement(request, connections, progress)
    judged = judgement.make()
    ready = _ready(request, judged)
    if dry_run or not ready:
        return _stopped(request, judgement, judged, ready)
    try:
        with connections.repository.alone() as waited:
            if waited:
                judged = judgement.make()
            return _publish(request, judgement, judged, connections, progress)
    except TidegateError as error:
        # The verdict may have taken long to reach; it is told although it came to nothing.
        return replace(_verdicts(request, judgement), error=error)


def _publish(
    request: Request,
    judgement: Judgement,
    judged: Sequence[Judged],
    connections: Connections,
    progress: Progress,
) -> PromotionReport:
    """Commits and pushes what is ready; after a lost race waits, judges on the new head, and
    tries again, so long as there is something ready and time left."""
    repository, backoff = connections.repository, Backoff()
    before, still = connections.remaining(), 0
    while ready := _ready(request, judged):
        started = connections.remaining()
        plan = make_plan(ready, request)
        progress(f"pushing to {repository.branch} of {repository.remote}")
        commit = repository.commit(judgement.revision, plan.edits, plan.message)
        moved = repository.push(commit)
        if moved is None:
            return _promoted(request, judgement, judged, plan, commit, connections)
        now = connections.remaining()
        pause = backoff.pause(
            attempt=started - now, landed=judgement.landed + 1, since=before - now
        )
        if backoff.tries >= _TRIES or pause >= now:
            raise Unreachable(
                f"{repository.branch} moved before each of {backoff.tries} pushes; "
                "nothing was committed",
                hint="run the same command again, or give it more time with --timeout SECONDS",
            )
        progress(f"others were faster ({moved.reason}); trying again in {pause:.1f} s")
        connections.wait(pause)
        before = started
        judged = judgement.make()
        still = 0 if judgement.landed else still + 1
        if still >= _STILL:
            raise Unreachable(
                f"{repository.remote} says that {repository.branch} moves ({moved.reason}), but it "
                f"stood still for {still} pushes; nothing was committed",
                hint="another push may hold it, or one that crashed has left the branch's .lock "
                "file there: ask who owns the remote",
            )
    return _stopped(request, judgement, judged, ())


def _ready(request: Request, judged: Sequence[Judged]) -> tuple[Promotion, ...]:
    """What may be committed now: everything that passed, or nothing where one did not."""
    passed = tuple(item for item in judged if isinstance(item, Promotion))
    return passed if request.keep_going or not _stopping(judged) else ()


def _stopping(judged: Sequence[Judged]) -> bool:
    stops = (Outcome.BLOCKED, Outcome.ERROR, Outcome.CONFLICT)
    return any(isinstance(item, AppReport) and item.outcome in stops for item in judged)


def _stopped(
    request: Request,
    judgement: Judgement,
    judged: Sequence[Judged],
    ready: Sequence[Promotion],
) -> PromotionReport:
    """Nothing was committed: a dry run, nothing to do, or somebody's gate says no."""
    outcome = Outcome.PLANNED if ready else Outcome.HELD_BACK
    apps = tuple(_report(item, outcome) if isinstance(item, Promotion) else item for item in judged)
    report = PromotionReport(
        request.target, judgement.revision, apps, keep_going=request.keep_going
    )
    if not ready:
        return report
    plan = make_plan(ready, request)
    return replace(report, plan=plan, diff=diff(judgement.snapshot, plan.edits))


def _promoted(
    request: Request,
    judgement: Judgement,
    judged: Sequence[Judged],
    plan: Plan,
    commit: str,
    connections: Connections,
) -> PromotionReport:
    apps = tuple(
        _report(item, Outcome.PROMOTED) if isinstance(item, Promotion) else item for item in judged
    )
    repository = connections.repository
    receipt = Receipt(commit, repository.remote, repository.branch)
    report = PromotionReport(plan.environment, judgement.revision, apps, receipt, plan)
    changes = diff(judgement.snapshot, plan.edits)
    return replace(report, diff=changes, keep_going=request.keep_going)


def _verdicts(request: Request, judgement: Judgement) -> PromotionReport:
    apps = tuple(
        _report(item, Outcome.PASSED) if isinstance(item, Promotion) else item
        for item in judgement.judged
    )
    return PromotionReport(request.target, judgement.revision, apps)


def _report(promotion: Promotion, outcome: Outcome) -> AppReport:
    return AppReport(
        promotion.app, outcome, promotion.candidate, promotion.champion, promotion.verdict
    )
