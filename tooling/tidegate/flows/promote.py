"""`promote`: the straight line from a request to a commit, run again when others were faster.

Request → Snapshot → Candidates → Evidence → Verdicts → Plan → Receipt, or pull requests
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tidegate.domain.app import Delivery
from tidegate.domain.draft import Draft
from tidegate.domain.promotion import (
    AppReport,
    Outcome,
    Plan,
    Promotion,
    PromotionReport,
    Receipt,
    Request,
)
from tidegate.domain.proposed import ProposalReport
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import TidegateError
from tidegate.flows.judgement import Judged, Judgement
from tidegate.flows.plan import diff, make_plan
from tidegate.flows.publish import publish
from tidegate.flows.pull_requests.promotions import Ground, Proposals, Write
from tidegate.flows.target import choose_delivery, find_environment, is_direct
from tidegate.ports import Connections, Progress


def evaluate(request: Request, connections: Connections, progress: Progress) -> PromotionReport:
    """The verdicts alone: nothing is planned or written."""
    judgement = Judgement(request, connections, progress)
    judgement.make()
    return _verdicts(request, judgement)


def promote(
    request: Request,
    connections: Connections,
    progress: Progress,
    write: Write,
    *,
    dry_run: bool = False,
) -> PromotionReport | ProposalReport:
    """The whole line: to a commit, or to a pull request whose text `write` makes. Raises InputError
    for a wrong request or configuration, and OutsideError where the branch can't be fetched; what
    comes after the judgement is in the report."""
    judgement = Judgement(request, connections, progress)

    def decide() -> _Decision:
        judged = judgement.make()
        place = find_environment(judgement.configuration, request.target)
        plan = _plan(request, judged, direct=is_direct(place, request))
        return _Decision(judgement.snapshot, tuple(judged), plan)

    decision = decide()
    environment = find_environment(judgement.configuration, request.target)
    if choose_delivery(environment, request) is Delivery.PULL_REQUEST:
        ground = Ground(request, judgement.snapshot, judgement.configuration, environment)
        return _propose(ground, decision, Proposals(ground, connections, progress, write), dry_run)
    if dry_run or decision.plan is None:
        return _report(request, decision, Outcome.PLANNED)
    try:
        decision, receipt = publish(decision, decide, connections, progress)
    except TidegateError as error:
        # The verdict may have taken long to reach; it is told although it came to nothing.
        return replace(_verdicts(request, judgement), error=error)
    return _report(request, decision, Outcome.PROMOTED, receipt)


def _propose(
    ground: Ground, decision: _Decision, proposals: Proposals, dry_run: bool
) -> ProposalReport:
    """Pull requests for what a commit would hold now, and order among those that are open."""
    ready = decision.plan.promotions if decision.plan else ()
    ended = [item for item in decision.judged if isinstance(item, AppReport)]
    outcome = Outcome.PASSED if decision.plan else Outcome.HELD_BACK
    made = proposals.propose(ready, dry_run=dry_run)
    made += proposals.settle(ended, made, dry_run=dry_run)
    return ProposalReport(
        PromotionReport(
            ground.request.target,
            decision.snapshot.revision,
            tuple(_app(item, outcome) for item in decision.judged),
            keep_going=ground.request.keep_going,
        ),
        tuple(made),
    )


@dataclass(frozen=True, slots=True)
class _Decision:
    """What is to be committed on a Snapshot, and why; `plan` is None where nothing is."""

    snapshot: Snapshot
    judged: tuple[Judged, ...]
    plan: Plan | None

    @property
    def draft(self) -> Draft | None:
        """The plan, on the head that it was judged on."""
        if self.plan is None:
            return None
        return Draft(self.snapshot.revision, self.plan.edits, self.plan.message)


def _plan(request: Request, judged: Sequence[Judged], *, direct: bool) -> Plan | None:
    """What may be committed now: everything that passed, or nothing where one did not."""
    passed = [item for item in judged if isinstance(item, Promotion)]
    ready = passed if request.keep_going or not _stopping(judged) else []
    return make_plan(ready, request, direct=direct) if ready else None


def _stopping(judged: Sequence[Judged]) -> bool:
    stops = (Outcome.BLOCKED, Outcome.ERROR, Outcome.CONFLICT)
    return any(isinstance(item, AppReport) and item.outcome in stops for item in judged)


def _report(
    request: Request, decision: _Decision, outcome: Outcome, receipt: Receipt | None = None
) -> PromotionReport:
    """How it ended: `outcome` is that of the apps that the plan is for. Without a plan nothing
    was to be done, or somebody's gate says no."""
    plan = decision.plan
    ready = outcome if plan else Outcome.HELD_BACK
    return PromotionReport(
        request.target,
        decision.snapshot.revision,
        tuple(_app(item, ready) for item in decision.judged),
        receipt,
        plan,
        diff(decision.snapshot, plan.edits) if plan else "",
        request.keep_going,
    )


def _verdicts(request: Request, judgement: Judgement) -> PromotionReport:
    apps = tuple(_app(item, Outcome.PASSED) for item in judgement.judged)
    return PromotionReport(request.target, judgement.revision, apps)


def _app(item: Judged, outcome: Outcome) -> AppReport:
    if isinstance(item, AppReport):
        return item
    return AppReport(item.app, outcome, item.candidate, item.champion, item.verdict)
