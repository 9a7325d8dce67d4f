"""How a release ended in the cluster, as steps that its pull request is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tidegate.domain.ending import Ending
from tidegate.domain.live import Live
from tidegate.domain.progress import Stage, Step
from tidegate.domain.rollback import RollbackReport
from tidegate.domain.sync import AppEnding
from tidegate.domain.text import one_line
from tidegate.errors import TidegateError
from tidegate.flows.deliver import Followed, failure_was_seen


def how_it_ended(environment: str, app: str, done: Followed, now: datetime) -> tuple[Step, ...]:
    """Live or not, taken back or kept from it; at least one step."""
    place = f"{app} to {environment}"
    endings = [item for item in (done.sync.apps if done.sync else ()) if item.aim.app.name == app]
    steps = [
        Step(_stage(item), f"{place}: {one_line(item.state.reason, 200)}", now) for item in endings
    ]
    if done.rollback:
        steps += _back(app, done.rollback, now)
    if done.error and not any(step.stage is Stage.LIVE for step in steps):
        steps.append(_kept(place, done.error, now))
    if not steps:
        steps.append(Step(Stage.UNFINISHED, place, now))
    return tuple(steps)


def _stage(ending: AppEnding) -> Stage:
    if ending.state.kind is Live.LIVE:
        return Stage.LIVE
    return Stage.FAILED if failure_was_seen(ending) else Stage.UNFINISHED


def _back(app: str, report: RollbackReport, now: datetime) -> Iterator[Step]:
    receipt = report.written.receipt
    for item in report.apps:
        if item.app != app:
            continue
        error = item.error or report.error
        if item.after and (
            item.ending is Ending.ALREADY or (item.ending is Ending.DONE and receipt)
        ):
            words = f"{app} to version {item.after.version}"
            yield Step(Stage.ROLLED_BACK, words, now, receipt.revision if receipt else None)
        elif error:
            yield _kept(f"{app} was not rolled back", error, now)
        else:
            yield Step(Stage.UNFINISHED, f"{app} was not rolled back: {item.ending.value}", now)


def _kept(what: str, error: TidegateError, now: datetime) -> Step:
    return Step(Stage.UNFINISHED, f"{what}: {one_line(error.message, 200)}", now)
