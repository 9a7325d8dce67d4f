"""What has held for long enough, on a clock that is passed in."""

from __future__ import annotations

import pytest
from tests.support.observations import (
    LATER,
    OLD_IMAGE,
    after,
    application,
    lineage,
    operation,
    pod,
    seen,
)

from tidegate.delivery.live import judge
from tidegate.delivery.settling import Patience, Settling, settle, together
from tidegate.domain.application import Condition, Health
from tidegate.domain.live import Live, LiveState, Observation, Relation

PATIENCE = Patience(healthy=10.0, trouble=30.0)
PROGRESSING = seen(health=Health("Progressing", since=after(4)))
# Healthy since just now, by Argo CD's clock: nothing is proven by that alone.
HEALTHY = seen(health=Health("Healthy", since=after(5)))
UNHEARD = seen(health=HEALTHY.application.health, revision=LATER, lineage=lineage(Relation.UNKNOWN))
DEGRADED = seen(health=Health("Degraded", since=after(6)))


def follow(*steps: tuple[float, Observation]) -> Settling:
    settling: Settling | None = None
    for now, observation in steps:
        settling = settle(settling, judge(observation), observation, now)
    assert settling is not None
    return settling


def kind_at(settling: Settling, now: float) -> Live | None:
    ending = settling.ending(now, PATIENCE)
    return ending.kind if ending else None


def test_health_has_to_hold() -> None:
    settling = follow((0, PROGRESSING), (5, HEALTHY))
    assert kind_at(settling, 14.9) is None
    assert kind_at(settling, 15.0) is Live.LIVE
    assert settling.ending(5, Patience(healthy=0.0)) is not None


def test_a_relapse_begins_anew() -> None:
    settling = follow((0, HEALTHY), (8, PROGRESSING), (9, HEALTHY))
    assert kind_at(settling, 18.9) is None
    assert kind_at(settling, 19.0) is Live.LIVE


def test_a_relapse_between_two_events_begins_anew() -> None:
    """Argo CD may tell of two changes in one event: its time of the change gives it away."""
    again = seen(health=Health("Healthy", since=after(12)), reconciled=after(12))
    settling = follow((0, PROGRESSING), (1, HEALTHY), (8, again))
    assert kind_at(settling, 17.9) is None
    assert kind_at(settling, 18.0) is Live.LIVE


def test_a_commit_that_nobody_knows_yet_stops_the_count_only_for_so_long() -> None:
    """Others push every few seconds, and Git is asked for each commit a moment later."""
    settling = follow((0, PROGRESSING), (1, HEALTHY), (3, UNHEARD), (6, HEALTHY), (8, UNHEARD))
    assert kind_at(settling, 20.0) is None
    settling = settle(settling, judge(HEALTHY), HEALTHY, 10.0)
    assert kind_at(settling, 10.9) is None
    assert kind_at(settling, 11.0) is Live.LIVE


def test_what_argo_cds_clock_has_proven_stays_proven_behind_an_unknown_commit() -> None:
    long = seen(health=HEALTHY.application.health, reconciled=after(86400))
    assert kind_at(follow((0, long), (1, UNHEARD), (2, long)), 2.0) is Live.LIVE


@pytest.mark.parametrize(
    "after_all",
    [
        seen(health=Health("Healthy", since=after(7))),
        seen(operation=operation(started=after(2)), health=HEALTHY.application.health),
    ],
    ids=["another change of health", "another sync"],
)
def test_what_happened_behind_an_unknown_commit_begins_anew(after_all: Observation) -> None:
    settling = follow((0, PROGRESSING), (1, HEALTHY), (3, UNHEARD), (6, after_all))
    assert kind_at(settling, 15.9) is None
    assert kind_at(settling, 16.0) is Live.LIVE


def test_a_sync_between_two_events_begins_anew() -> None:
    again = seen(operation=operation(started=after(2)), health=HEALTHY.application.health)
    settling = follow((0, PROGRESSING), (1, HEALTHY), (8, again))
    assert kind_at(settling, 17.9) is None
    assert kind_at(settling, 18.0) is Live.LIVE


def test_an_app_that_has_been_healthy_all_day_is_live_at_once() -> None:
    """By Argo CD's own clock, whatever ours says."""
    long = seen(health=Health("Healthy", since=after(5)), reconciled=after(86400))
    assert kind_at(follow((0, long)), 0.0) is Live.LIVE
    assert kind_at(follow((0, PROGRESSING), (1, long)), 1.0) is None


def test_clocks_that_differ_change_nothing() -> None:
    for ours in (-1e6, 0.0, 1e9):
        settling = follow((ours, PROGRESSING), (ours + 1, HEALTHY))
        assert kind_at(settling, ours + 10.9) is None
        assert kind_at(settling, ours + 11.0) is Live.LIVE


def test_trouble_may_pass() -> None:
    settling = follow((0, PROGRESSING), (5, DEGRADED))
    assert kind_at(settling, 34.9) is None
    assert kind_at(settling, 35.0) is Live.DEGRADED
    assert kind_at(follow((0, DEGRADED), (20, PROGRESSING)), 300.0) is None
    broken = seen(sync="Unknown", conditions=(Condition("ComparisonError", "no such field"),))
    assert kind_at(follow((0, broken)), 29.0) is None
    assert kind_at(follow((0, broken)), 30.0) is Live.FAILED


def test_a_failed_sync_ends_at_once() -> None:
    operation = application().operation
    assert operation is not None
    failed = seen(operation=type(operation)("Failed", "no", operation.revision, None, after(3)))
    assert kind_at(follow((0, failed)), 0.0) is Live.FAILED


def test_pods_that_cannot_start_are_remembered_of_ours_alone() -> None:
    stuck = pod(reason="ImagePullBackOff", health=Health("Degraded", "back-off"))
    ours = seen(health=Health("Progressing"), pods=(stuck,))
    theirs = seen(health=Health("Progressing"), pods=(pod(OLD_IMAGE, reason="CrashLoopBackOff"),))
    assert follow((0, ours)).state.stuck
    assert any("ImagePullBackOff" in line for line in follow((0, ours)).state.details)
    assert not follow((0, theirs)).state.stuck


def test_an_app_on_several_clusters_is_live_where_all_are() -> None:
    def of(*kinds: Live) -> Live:
        return together([LiveState(kind, "") for kind in kinds]).kind

    assert of(Live.LIVE, Live.LIVE) is Live.LIVE
    assert of(Live.LIVE, Live.WAITING) is Live.WAITING
    assert of(Live.WAITING, Live.FAILED) is Live.FAILED
    assert of(Live.LIVE, Live.UNKNOWN) is Live.UNKNOWN
    assert of(Live.FAILED, Live.SUPERSEDED) is Live.SUPERSEDED
