"""Watching until every app has ended, on a clock of the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.evidence import APP
from tests.support.observations import (
    EARLIER,
    GOAL,
    IMAGE,
    LATER,
    OLD_IMAGE,
    REVISION,
    ROLLOUT,
    after,
    application,
    operation,
    pod,
)
from tests.support.replay import Event, Prompt, Replay, Told

from tidegate.delivery.settling import Patience
from tidegate.domain.application import (
    Application,
    ApplicationName,
    ClusterEvent,
    Condition,
    Health,
    ManagedResource,
    ResourceName,
    ResourceResult,
    ResourceState,
    SyncWindow,
    SyncWindows,
)
from tidegate.domain.live import Lineage, Live, Relation
from tidegate.domain.sync import Aim, AppEnding, SyncReport
from tidegate.errors import Unreachable
from tidegate.flows.converge import Convergence

OLD = application(
    revision=EARLIER,
    images=(OLD_IMAGE,),
    operation=operation(revision=EARLIER),
    reconciled=after(-9),
)
SYNCING = application(
    sync="OutOfSync",
    images=(OLD_IMAGE,),
    operation=operation(phase="Running", message="waiting for hooks", finished=None),
    reconciled=after(1),
)
ROLLING = application(images=(IMAGE, OLD_IMAGE), health=Health("Progressing", since=after(4)))
DONE = application(reconciled=after(6), health=Health("Healthy", since=after(6)))
PROMOTION: list[Event] = [(0, OLD), (1.5, SYNCING), (4.5, ROLLING), (6.5, DONE)]


OURS_TOO = "d" * 40


class Words:
    """Git's word, from a table."""

    def __init__(self, relations: dict[str, Relation] | None = None) -> None:
        self._relations = {
            REVISION: Relation.OURS,
            EARLIER: Relation.BEFORE,
            LATER: Relation.OTHER,
            **(relations or {}),
        }

    def carries(self, revision: str, aim: Aim) -> bool:
        return revision in (REVISION, OURS_TOO)

    def of(self, revision: str, aim: Aim) -> Lineage:
        relation = self._relations.get(revision, Relation.UNKNOWN)
        return Lineage(revision, relation, revision, "3", "Ann")


def aim(name: str = "shop") -> Aim:
    return Aim(replace(APP, name=name), "shop-model", "2", GOAL)


def run(
    argo: Replay,
    *,
    healthy: float = 0.0,
    apps: Sequence[str] = ("shop",),
    told: Told | None = None,
    relations: dict[str, Relation] | None = None,
) -> tuple[AppEnding, ...]:
    convergence = Convergence(
        "prod",
        [aim(name) for name in apps],
        argo,
        Words(relations),
        remaining=argo.remaining,
        date=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC),
        watching=told or Told(),
        patience=Patience(healthy=healthy),
        looks=Prompt(),
    )
    return convergence.run()


def one(argo: Replay, **more: Any) -> AppEnding:
    (ending,) = run(argo, **more)
    return ending


def named(now: Application, app: str, cluster: str = "") -> Application:
    labels = {"tidegate.dev/app": app, "tidegate.dev/environment": "prod"}
    name = ApplicationName(f"{app}-prod{cluster}", "prod")
    return replace(now, name=name, labels=labels, destination=cluster)


def test_a_promotion_becomes_live_at_the_event_that_makes_it_true() -> None:
    told = Told()
    argo = Replay(PROMOTION, pods_there={DONE.name: ROLLOUT})
    ending = one(argo, told=told)
    assert (ending.state.kind, ending.seconds) == (Live.LIVE, 6.5)
    assert ending.advice("prod") is None
    words = [reason for _, _, reason in told.lines]
    assert any("syncing: waiting for hooks" in text for text in words)
    assert any("3 of 5 pods run it" in text for text in words)
    assert told.lines[-1] == ("shop", "live", "live and healthy")


def test_health_has_to_hold_and_be_confirmed_meanwhile() -> None:
    argo = Replay(PROMOTION)
    ending = one(argo, healthy=10.0)
    assert (ending.state.kind, ending.seconds) == (Live.LIVE, 16.5)
    assert argo.refreshes[-1] >= 15.5


def test_a_controller_that_dies_meanwhile_is_never_live() -> None:
    """Its last good word stands for ever, and the API answers."""

    class Dying(Replay):
        def get(self, name: ApplicationName, *, refresh: bool = False) -> Application:
            if refresh and self.now > 7:
                raise Unreachable("no answer within 60 s")
            return super().get(name, refresh=refresh)

    ending = one(Dying(PROMOTION, time=120.0), healthy=10.0)
    assert ending.state.kind in (Live.UNKNOWN, Live.TIMED_OUT)


def test_what_nobody_answers_is_unknown_in_time() -> None:
    silent = Unreachable("no answer within 60 s")
    argo = Replay([(0, DONE)], time=60.0, silent=silent)
    ending = one(argo)
    assert ending.state.kind is Live.UNKNOWN
    assert "no answer within 60 s" in ending.state.reason
    assert argo.remaining() >= 0


def test_a_watch_that_dies_is_unknown() -> None:
    argo = Replay(PROMOTION, lost=(5.0, Unreachable("argocd.example.com does not answer")))
    ending = one(argo)
    assert ending.state.kind is Live.UNKNOWN
    assert "does not answer" in ending.state.reason
    assert SyncReport("prod", "", (ending,)).exit_code == 3


def test_an_argo_cd_that_cannot_be_listed_is_unknown() -> None:
    class Down(Replay):
        def list(self, **_: object) -> Sequence[Application]:  # type: ignore[override]
            raise Unreachable("connection refused")

    ending = one(Down([]))
    assert (ending.state.kind, ending.clusters) == (Live.UNKNOWN, ())
    assert "connection refused" in ending.state.reason


def test_an_application_that_comes_late() -> None:
    ending = one(Replay([(100.0, DONE)]))
    assert (ending.state.kind, ending.seconds) == (Live.LIVE, 101.0)


def test_an_application_that_never_comes() -> None:
    ending = one(Replay([]))
    assert ending.state.kind is Live.UNKNOWN
    assert "docs/going-live.md" in ending.state.reason
    assert ending.seconds == 200.0


def test_a_rollout_that_never_ends_times_out_and_says_why() -> None:
    stuck = pod(reason="ImagePullBackOff", health=Health("Degraded", "Back-off pulling image"))
    ending = one(Replay(PROMOTION[:3], time=60.0, pods_there={DONE.name: [stuck]}))
    assert ending.state.kind is Live.TIMED_OUT
    assert ending.state.stuck
    assert any("ImagePullBackOff: Back-off pulling image" in d for d in ending.state.details)


def test_a_pod_that_no_node_takes_says_so() -> None:
    waiting = pod(reason="Pending", health=Health("Progressing"))
    happening = ClusterEvent("Warning", "FailedScheduling", "insufficient nvidia.com/gpu", None)
    argo = Replay(
        PROMOTION[:3], time=60.0, pods_there={DONE.name: [waiting]}, happenings=[happening]
    )
    ending = one(argo)
    assert any("FailedScheduling: insufficient nvidia.com/gpu" in d for d in ending.state.details)
    assert not ending.state.stuck


def test_degraded_has_to_last() -> None:
    ill = application(health=Health("Degraded", "progress deadline exceeded", after(7)))
    ending = one(Replay([*PROMOTION[:3], (7.0, ill)]))
    assert (ending.state.kind, ending.seconds) == (Live.DEGRADED, 37.0)
    recovered = one(Replay([*PROMOTION[:3], (7.0, ill), (20.0, DONE)]))
    assert recovered.state.kind is Live.LIVE


def test_an_autoscaler_without_metrics_is_waited_for_as_long_as_there_is_time() -> None:
    name = ResourceName("autoscaling", "HorizontalPodAutoscaler", "shop-prod", "shop")
    state = ResourceState(name, "Synced", Health("Degraded", "unable to get metrics"))
    ill = application(health=Health("Degraded", since=after(7)), resources=(state,))
    there = {DONE.name: [pod()]}
    ending = one(Replay([*PROMOTION[:3], (7.0, ill)], time=200.0, pods_there=there))
    assert ending.state.kind is Live.TIMED_OUT
    assert not ending.state.stuck
    assert "unable to get metrics" in ending.state.reason
    mended = one(Replay([*PROMOTION[:3], (7.0, ill), (100.0, DONE)], pods_there=there))
    assert (mended.state.kind, mended.seconds) == (Live.LIVE, 100.0)


def test_a_failed_sync_ends_at_once() -> None:
    failed = application(
        sync="OutOfSync", operation=operation(phase="Failed", message="Deployment is invalid")
    )
    ending = one(Replay([(0, OLD), (3.0, failed)]))
    assert (ending.state.kind, ending.seconds) == (Live.FAILED, 3.0)
    assert "Deployment is invalid" in ending.state.reason
    assert ending.advice("prod") is not None


def test_a_broken_overlay_and_a_blind_argo_cd() -> None:
    def broken(message: str) -> Application:
        condition = Condition("ComparisonError", message)
        return replace(OLD, revision="main", sync="Unknown", conditions=(condition,))

    bad = one(Replay([(0, OLD), (2.0, broken("kustomize build failed"))]))
    assert (bad.state.kind, bad.seconds) == (Live.FAILED, 32.0)
    blind = one(Replay([(0, OLD), (2.0, broken("rpc error: code = Unavailable"))]))
    assert blind.state.kind is Live.UNKNOWN


def test_overtaken_by_another_version() -> None:
    overtaken = replace(SYNCING, revision=LATER)
    ending = one(Replay([(0, OLD), (2.0, overtaken)]))
    assert (ending.state.kind, ending.seconds) == (Live.SUPERSEDED, 2.0)
    assert "by Ann brought version 3" in ending.state.reason


def test_overtaken_by_a_commit_that_still_carries_our_digest() -> None:
    later = replace(DONE, revision=LATER, operation=operation(revision=LATER))
    ending = one(Replay([(0, OLD), (2.0, later)]), relations={LATER: Relation.OURS})
    assert ending.state.kind is Live.LIVE


def test_a_closed_window_blocks() -> None:
    barred = replace(OLD, revision=REVISION, sync="OutOfSync", operation=None)
    window = SyncWindow("deny", "0 8 * * *", "9h", manual=False)
    argo = Replay([(0, barred)], windows_there=SyncWindows(False, (window,), (window,)))
    ending = one(argo)
    assert ending.state.kind is Live.BLOCKED
    assert "deny '0 8 * * *' for 9h; it opens Sun 2026-03-01 17:00 UTC" in ending.state.reason
    assert ending.state.until == datetime(2026, 3, 1, 17, tzinfo=UTC)
    assert SyncReport("prod", "", (ending,)).exit_code == 1


def test_scaled_to_zero() -> None:
    live = {"kind": "Deployment", "spec": {"replicas": 0, "image": IMAGE}}
    zero = ManagedResource(ResourceName("apps", "Deployment", "shop", "shop"), live, live)
    ending = one(Replay([(0, OLD), (2.0, replace(DONE, images=()))], managed_there=[zero]))
    assert ending.state.kind is Live.LIVE
    assert "scaled to zero" in ending.state.reason


def test_several_apps_on_one_stream_and_one_that_is_nobodys() -> None:
    story = [
        (t, named(now, app)) for t, now in PROMOTION[:3] for app in ("shop", "search", "other")
    ]
    failed = application(sync="OutOfSync", operation=operation(phase="Failed", message="no"))
    story += [(7.0, named(DONE, "shop")), (8.0, named(failed, "search"))]
    shop, search = run(Replay(story), apps=("shop", "search"))
    assert (shop.state.kind, shop.seconds) == (Live.LIVE, 7.0)
    assert (search.state.kind, search.seconds) == (Live.FAILED, 8.0)


def test_a_smoke_test_that_failed_is_not_hidden_by_somebody_elses_commit() -> None:
    smoke = ResourceResult(
        ResourceName("batch", "Job", "shop-prod", "smoke"), "", "Failed", "exit code 1", "PostSync"
    )
    last = operation(phase="Failed", message="hook failed", results=(smoke,), finished=after(5))
    now = replace(DONE, revision=OURS_TOO, operation=last)
    ending = one(Replay([(0, OLD), (7, now)]), relations={OURS_TOO: Relation.OURS})
    assert ending.state.kind is Live.FAILED
    assert ending.state.reason.startswith("the sync of bbbbbbbbbb failed, and nothing was synced")
    assert ending.state.details == ("PostSync hook Job smoke: Failed: exit code 1",)
    ours = replace(now, operation=replace(last, revision=EARLIER))
    ending = one(Replay([(0, OLD), (7, ours)]), relations={OURS_TOO: Relation.OURS})
    assert ending.state.kind is Live.LIVE


def synced_in_part(**changes: Any) -> Application:
    last = operation(partial=True, started=after(8), finished=after(9))
    return replace(DONE, reconciled=after(9), operation=last, **changes)


@pytest.mark.parametrize(
    ("deployed", "expected"),
    [(EARLIER, Live.FAILED), (REVISION, Live.LIVE), ("f" * 40, Live.LIVE), (None, Live.LIVE)],
    ids=["of another image", "of ours", "of a commit that Git hasn't", "kept nowhere"],
)
def test_a_sync_of_single_objects_hides_no_whole_one_that_failed(
    deployed: str | None, expected: Live
) -> None:
    """It had ended before anybody waited; the last whole sync that succeeded was that."""
    now = synced_in_part(deployed=deployed)
    assert one(Replay([(0, now)]), healthy=2.0).state.kind is expected


def test_a_history_from_before_the_last_sync_tells_nothing() -> None:
    """A watch leaves it out, and nothing newer is answered."""

    class Stale(Replay):
        def get(self, name: ApplicationName, *, refresh: bool = False) -> Application:
            return before

    before = replace(OLD, deployed=EARLIER)
    assert one(Stale([(0, before), (7, synced_in_part())])).state.kind is Live.LIVE


def test_a_cluster_that_fails_while_another_is_waited_for_is_not_live() -> None:
    first, second = named(DONE, "shop", "-a"), named(ROLLING, "shop", "-b")
    crash = replace(first, health=Health("Degraded", since=after(20)), reconciled=after(20))
    events = [(0, first), (0, second), (20, crash), (100, named(DONE, "shop", "-b"))]
    ending = one(Replay(events))
    assert ending.state.kind is Live.DEGRADED
    gone = replace(first, deleting=True)
    ending = one(Replay([(0, first), (0, second), (20, gone), (100, named(DONE, "shop", "-b"))]))
    assert ending.state.kind is Live.UNKNOWN


def test_an_app_on_two_clusters_is_live_when_both_are() -> None:
    story = [(t, named(now, "shop", c)) for t, now in PROMOTION[:3] for c in ("-a", "-b")]
    story += [(7.0, named(DONE, "shop", "-a")), (30.0, named(DONE, "shop", "-b"))]
    ending = one(Replay(story))
    assert (ending.state.kind, ending.seconds) == (Live.LIVE, 30.0)
    assert [cluster.destination for cluster in ending.clusters] == ["-a", "-b"]
    alone = one(Replay(story[:-1], time=60.0))
    assert alone.state.kind is Live.TIMED_OUT


def test_an_application_that_is_deleted() -> None:
    ending = one(Replay([(0, OLD), (2.0, replace(OLD, deleting=True))]))
    assert (ending.state.kind, ending.seconds) == (Live.UNKNOWN, 2.0)


@pytest.mark.parametrize("minutes", [-300, 300])
def test_a_clock_of_argo_cds_that_differs_changes_nothing(minutes: int) -> None:
    def moved(now: Application) -> Application:
        shift = after(60 * minutes) - after(0)
        last = now.operation
        if last is not None:
            ended = last.finished + shift if last.finished else None
            last = replace(last, started=None, finished=ended)
        since = now.health.since + shift if now.health.since else None
        compared = now.reconciled + shift if now.reconciled else None
        health = replace(now.health, since=since)
        return replace(now, operation=last, reconciled=compared, health=health)

    ending = one(Replay([(t, moved(now)) for t, now in PROMOTION]), healthy=10.0)
    assert (ending.state.kind, ending.seconds) == (Live.LIVE, 16.5)


def test_a_list_that_nobody_answers_is_left_to_the_watch() -> None:
    """Argo CD's server is restarted just when the waiting begins."""

    class Restarting(Replay):
        def list(self, **chosen: Any) -> Sequence[Application]:
            if self.now == 0:
                self.now = 0.5
                raise Unreachable("no connection")
            return super().list(**chosen)

    ending = one(Restarting(PROMOTION))
    assert (ending.state.kind, ending.seconds) == (Live.LIVE, 6.5)
    gone = Restarting([], time=30.0)
    assert one(gone).state.reason == "nothing could be seen of it: no connection"
