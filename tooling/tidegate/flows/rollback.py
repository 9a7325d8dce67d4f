"""`rollback`: to what ran before, by a commit or by a pull request.

Request → WayBack → Draft → Receipt, or a pull request. It needs Git alone, unless somebody has to
say yes to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tidegate.domain.app import Delivery
from tidegate.domain.ending import Ending, Written
from tidegate.domain.promotion import Receipt
from tidegate.domain.proposed import Proposed
from tidegate.domain.rollback import RollbackReport, RollbackRequest
from tidegate.errors import InputError, TidegateError
from tidegate.flows.endings import ending_of, first_error
from tidegate.flows.plan import diff
from tidegate.flows.publish import publish
from tidegate.flows.pull_requests.rollbacks import Write, propose_back
from tidegate.flows.way_back import Decision, WayBack
from tidegate.ports import Connections, Progress


def rollback(
    request: RollbackRequest,
    connections: Connections,
    progress: Progress,
    write: Write,
    *,
    wait: bool = False,
    dry_run: bool = False,
) -> RollbackReport:
    """Takes apps back to the release before, or to the version asked for: all of them in one
    commit or pull request, whose text `write` makes, or none. `wait` says that somebody wants to
    see it live. Raises InputError for a wrong request, and OutsideError where the branch or its
    history can't be had; what else goes wrong is in the report."""
    way = WayBack(request, connections, progress)
    decision = way.decide()
    if not decision.route.by_pull_request:
        return _commit(way, decision, connections, progress, dry_run=dry_run)
    if wait:
        raise InputError(
            f"--wait follows a commit, and {request.environment} is delivered by pull request",
            hint="leave it out, and use `tidegate wait` after the merge; in an emergency, --direct "
            "commits at once",
        )
    proposals = propose_back(way, decision, connections, progress, write, dry_run=dry_run)
    return _report(request, decision, None, first_error(proposals), proposals)


def take_back(
    request: RollbackRequest, connections: Connections, progress: Progress
) -> RollbackReport:
    """The same by a commit, at once and for whoever is asleep. Raises as `rollback` does."""
    way = WayBack(replace(request, delivery=Delivery.COMMIT), connections, progress)
    return _commit(way, way.decide(), connections, progress, dry_run=False)


def _commit(
    way: WayBack,
    decision: Decision,
    connections: Connections,
    progress: Progress,
    *,
    dry_run: bool,
) -> RollbackReport:
    receipt, error = None, None
    if decision.draft and not dry_run:
        try:
            decision, receipt = publish(decision, way.decide, connections, progress)
        except TidegateError as failure:
            error = failure
    return _report(way.request, decision, receipt, error)


def _report(
    request: RollbackRequest,
    decision: Decision,
    receipt: Receipt | None,
    error: TidegateError | None,
    proposals: Sequence[Proposed] = (),
) -> RollbackReport:
    draft = decision.draft
    changes = diff(decision.snapshot, draft.edits) if draft else ""
    revision = decision.snapshot.revision
    written = Written(revision, draft, changes, receipt, error, tuple(proposals))
    ending = ending_of(written)
    apps = tuple(
        replace(step.rollback, ending=ending)
        if step.rollback.ending is Ending.DONE
        else step.rollback
        for step in decision.steps
    )
    return RollbackReport(request.environment, apps, written)
