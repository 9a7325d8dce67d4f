"""What a pull request is told of each ending."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support import reports as samples
from tests.support.evidence import NOW

from tidegate.domain.ending import Ending
from tidegate.domain.live import Live, LiveState
from tidegate.domain.progress import Stage
from tidegate.domain.rollback import RollbackReport
from tidegate.domain.sync import AppEnding, SyncReport
from tidegate.errors import NotFound
from tidegate.flows.arrival_steps import how_it_ended
from tidegate.flows.deliver import Followed

ERROR = NotFound("no Argo CD is named")


def ended(kind: Live) -> SyncReport:
    report = samples.sync("word")
    first, *_ = report.apps
    state = LiveState(kind, "why")
    clusters = tuple(replace(cluster, state=state) for cluster in first.clusters)
    ending = AppEnding(first.aim, state, clusters, 1.0)
    return replace(report, apps=(ending,))


def back(ending: Ending, *, committed: bool = True) -> RollbackReport:
    report = samples.rollback("word")
    found = next(item for item in report.apps if item.ending is ending and item.after)
    written = samples.written("word") if committed else samples.refused("refused")
    return replace(report, apps=(replace(found, app="shop"),), written=written)


@pytest.mark.parametrize(
    ("done", "stages", "words"),
    [
        (Followed(ended(Live.LIVE)), [Stage.LIVE], "shop to prod: why"),
        (Followed(ended(Live.LIVE), error=ERROR), [Stage.LIVE], "shop to prod: why"),
        (Followed(ended(Live.TIMED_OUT)), [Stage.UNFINISHED], "shop to prod: why"),
        (Followed(ended(Live.UNKNOWN)), [Stage.UNFINISHED], "shop to prod: why"),
        (Followed(ended(Live.FAILED)), [Stage.FAILED], "shop to prod: why"),
        (
            Followed(ended(Live.FAILED), back(Ending.DONE)),
            [Stage.FAILED, Stage.ROLLED_BACK],
            "shop to version 1",
        ),
        (
            Followed(ended(Live.FAILED), back(Ending.DONE, committed=False)),
            [Stage.FAILED, Stage.UNFINISHED],
            "shop was not rolled back: refused",
        ),
        (
            Followed(ended(Live.FAILED), back(Ending.BLOCKED)),
            [Stage.FAILED, Stage.UNFINISHED],
            "shop was not rolled back: blocked",
        ),
        (
            Followed(ended(Live.FAILED), error=ERROR),
            [Stage.FAILED, Stage.UNFINISHED],
            "shop to prod: no Argo CD is named",
        ),
        (Followed(error=ERROR), [Stage.UNFINISHED], "shop to prod: no Argo CD is named"),
        (Followed(), [Stage.UNFINISHED], "shop to prod"),
    ],
)
def test_each_ending_is_told(done: Followed, stages: list[Stage], words: str) -> None:
    steps = how_it_ended("prod", "shop", done, NOW)
    assert [step.stage for step in steps] == stages
    assert steps[-1].words == words
    assert {step.at for step in steps} == {NOW}


def test_the_commit_that_took_it_back_is_named() -> None:
    *_, last = how_it_ended("prod", "shop", Followed(None, back(Ending.DONE)), NOW)
    assert last.revision == samples.REVISION
