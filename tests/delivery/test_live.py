"""The rule of docs/live.md: its cases, recorded streams, and what no case may break."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import recordings
from tests.support.observations import (
    CASES,
    DIGEST,
    EARLIER,
    IMAGE,
    LATER,
    OLD_IMAGE,
    REVISION,
    ROLLOUT,
    after,
    operation,
    pod,
    seen,
)

from tidegate.delivery.images import judge_images
from tidegate.delivery.live import judge
from tidegate.domain.application import (
    Application,
    Condition,
    Health,
    ResourceName,
    ResourceState,
)
from tidegate.domain.live import (
    Bar,
    Goal,
    Lineage,
    Live,
    LiveState,
    Look,
    Observation,
    Relation,
    Standing,
)

PAGE = Path(__file__).parents[2] / "docs" / "live.md"
GOAL_REVISION = "9ca759b5d637390edd8fa184bf26d65bb66e7143"


@pytest.mark.parametrize("name", CASES)
def test_each_case_of_the_page(name: str) -> None:
    observation, expected = CASES[name]
    assert judge(observation).kind is expected


def test_the_page_has_every_case_and_no_other() -> None:
    rows = [line.strip("| \n").split(" | ") for line in PAGE.read_text("utf-8").splitlines()]
    table = [(row[0], row[-1].strip("`")) for row in rows if len(row) == 3 and row[0] != "seen"]
    known = [(name, kind.value) for name, (_, kind) in CASES.items()]
    assert table == known


def follow(
    name: str, goal: Goal, relations: dict[str, Relation], refreshed_at: float = 0.0
) -> list[LiveState]:
    """A recorded stream, judged frame by frame; the refresh was answered by the first frame that
    came after it."""
    states, refreshed = [], None
    for seconds, application in recordings.frames(name):
        if refreshed is None and seconds > refreshed_at:
            refreshed = application.reconciled
        relation = relations.get(application.revision, Relation.UNKNOWN)
        lineage = Lineage(application.revision, relation)
        states.append(judge(Observation(application, goal, lineage, refreshed)))
    return states


def test_a_promotion_is_live_at_its_very_last_frame() -> None:
    goal = Goal(GOAL_REVISION, recordings.IMAGE, recordings.OURS)
    states = follow("stream-promotion", goal, {GOAL_REVISION: Relation.OURS, **_before()})
    assert [state.kind for state in states] == [*[Live.WAITING] * 12, Live.LIVE]
    assert states[9].reason.startswith("synced, but not yet as Git wants it")
    assert states[10].reason.startswith("synced; Argo CD has not looked at it since")
    assert states[11].reason == "the rollout is under way"


def test_an_intruder_is_never_live() -> None:
    at = "fd2c35a6"
    frames = recordings.frames("stream-selfheal")
    revision = next(a.revision for _, a in frames if a.revision.startswith(at))
    goal = Goal(revision, recordings.IMAGE, recordings.OURS)
    states = follow("stream-selfheal", goal, {revision: Relation.OURS}, refreshed_at=-2.0)
    intruded = [
        state
        for state, (_, application) in zip(states, frames, strict=True)
        if "evil:1" in application.images
    ]
    assert intruded
    assert Live.LIVE not in {state.kind for state in intruded}
    assert states[-1].kind is Live.LIVE
    assert states[0].kind is Live.LIVE


def test_unknown_at_the_new_commit_is_a_failure_and_never_live() -> None:
    frames = recordings.frames("stream-sync-fails")
    revision = frames[-1][1].revision
    goal = Goal(revision, recordings.IMAGE, recordings.OURS)
    states = follow("stream-sync-fails", goal, {revision: Relation.OURS, **_before(frames)})
    assert states[-1].kind is Live.FAILED
    assert "expected numeric" in states[-1].reason
    assert Live.LIVE not in {state.kind for state in states}


def test_mended_without_a_new_sync_is_live() -> None:
    frames = recordings.frames("stream-sync-fixed")
    revision = frames[-1][1].revision
    goal = Goal(revision, recordings.IMAGE, recordings.OURS)
    states = follow("stream-sync-fixed", goal, {revision: Relation.OURS})
    assert [state.kind is Live.LIVE for state in states] == [False, False, True]


def test_a_broken_overlay_shows_the_branch_for_a_revision() -> None:
    frames = recordings.frames("stream-manifest-error")
    goal = Goal("f" * 40, recordings.IMAGE, recordings.OURS)
    states = follow("stream-manifest-error", goal, _before(frames))
    assert frames[-1][1].revision == "main"
    assert states[-1].kind is Live.FAILED
    assert "kustomize build" in states[-1].reason
    assert not states[-1].sure


def test_what_never_carried_our_digest_may_have_failed_in_its_hooks() -> None:
    """As after a rollback: the version that failed before it replaced anything is gone."""
    failed, _ = CASES["a hook failed, and a later commit rendered no change"]
    assert judge(replace(failed, tried=False)).kind is Live.LIVE


def test_a_server_that_ended_is_started_again() -> None:
    """Its pod shows as Completed for a moment, as that of a Job does for good."""
    owner = ResourceName("apps", "ReplicaSet", "shop-prod", "shop-1")
    pods = (pod(), pod(OLD_IMAGE, "Completed", 1, owner=owner))
    assert judge(seen(images=(IMAGE, OLD_IMAGE), pods=pods)).kind is Live.WAITING


def test_what_mended_a_failed_sync_needs_no_other() -> None:
    refused = operation(phase="Failed", message="Deployment is invalid")
    now = seen(revision=LATER, lineage=Lineage(LATER, Relation.OURS), operation=refused, tried=True)
    assert judge(now).kind is Live.LIVE


def test_a_commit_that_renders_no_change_is_live() -> None:
    application = recordings.single("app-no-change-commit")
    assert application.operation is not None
    assert application.operation.revision != application.revision
    goal = Goal(application.revision, recordings.IMAGE, recordings.OURS)
    lineage = Lineage(application.revision, Relation.OURS)
    state = judge(Observation(application, goal, lineage, application.reconciled))
    assert state.kind is Live.LIVE
    assert state.proven == 12.0  # thirteen seconds since the sync, less the resolution


def _before(frames: list[tuple[float, Application]] | None = None) -> dict[str, Relation]:
    known = frames or recordings.frames("stream-promotion")
    return {known[0][1].revision: Relation.BEFORE}


def test_a_rollout_is_counted() -> None:
    state = judge(seen(images=(IMAGE, OLD_IMAGE), pods=ROLLOUT, health=Health("Progressing")))
    assert state.running == (3, 5)
    assert "3 of 5 pods run it" in state.reason


def test_pods_that_are_not_ready_do_not_count() -> None:
    pods = (pod(), pod(reason="ContainerCreating", number=1), pod(OLD_IMAGE, "Terminating", 2))
    state = judge_images(seen(images=(IMAGE, OLD_IMAGE), pods=(*pods, pod(OLD_IMAGE, number=3))))
    assert state is not None
    assert state.running == (1, 3)


def test_what_else_would_tell_more() -> None:
    assert Look.REFRESH in judge(seen(reconciled=after(2))).wants
    assert Look.MANAGED in judge(seen(images=())).wants
    assert Look.WINDOWS in judge(seen(sync="OutOfSync", operation=None)).wants
    assert Look.PODS in judge(seen(health=Health("Progressing"))).wants
    assert judge(seen()).wants == frozenset()


def test_a_tag_alone_is_not_our_digest() -> None:
    assert judge(seen(images=(f"{IMAGE.partition('@')[0]}",))).kind is Live.WAITING


def test_who_overtook_us_is_said() -> None:
    lineage = Lineage(LATER, Relation.OTHER, LATER, "3", "Ann")
    state = judge(seen(revision=LATER, lineage=lineage))
    assert state.reason == "cccccccccc by Ann brought version 3 meanwhile"
    assert state.successor == lineage


_TIMES = st.sampled_from([None, after(-90), after(2), after(3), after(5), after(60)])
_ANY = st.builds(
    seen,
    revision=st.sampled_from([REVISION, LATER, EARLIER, "main", ""]),
    sync=st.sampled_from(["Synced", "OutOfSync", "Unknown", "", "Newer"]),
    health=st.builds(
        Health,
        st.sampled_from(["Healthy", "Progressing", "Degraded", "Suspended", "Missing", "", None]),
        since=_TIMES,
    ),
    requested=st.booleans(),
    operation=st.none()
    | st.builds(
        operation,
        phase=st.sampled_from(["Running", "Succeeded", "Failed", "Error", "Terminating", ""]),
        revision=st.sampled_from([REVISION, LATER, EARLIER, None]),
        finished=_TIMES,
        info=st.sampled_from([{}, {"tidegate": "mark"}]),
    ),
    reconciled=_TIMES,
    images=st.lists(st.sampled_from([IMAGE, OLD_IMAGE, "evil:1"]), unique=True).map(tuple),
    conditions=st.sampled_from([(), (Condition("ComparisonError", "no"),)]),
    deleting=st.booleans(),
    automated=st.booleans(),
    lineage=st.builds(Lineage, st.just(REVISION), st.sampled_from(Relation)),
    refreshed=_TIMES,
    asked=st.sampled_from([None, "mark"]),
    pods=st.sampled_from([None, (), ROLLOUT, (pod(),)]),
    standing=st.builds(Standing, idle=st.booleans()),
    barred=st.sampled_from([None, Bar("a window")]),
)


@given(_ANY)
def test_never_live_while_any_condition_is_false(what: Observation) -> None:
    if judge(what).kind is not Live.LIVE:
        return
    now, last = what.application, what.application.operation
    assert what.lineage.relation is Relation.OURS
    assert what.refreshed is not None
    assert now.reconciled is not None
    assert now.reconciled >= what.refreshed
    assert (now.sync, now.health.status, now.requested) == ("Synced", "Healthy", False)
    assert not now.deleting
    assert not now.conditions
    assert OLD_IMAGE not in now.images or _leave(what)
    assert what.standing.idle or any(DIGEST in image for image in now.images)
    if last is not None:
        assert last.phase not in ("Running", "Terminating")
        assert last.phase == "Succeeded" or last.revision != now.revision
        assert last.finished is None or now.reconciled >= last.finished
    assert what.asked is None or (last is not None and what.asked in last.info.values())


def _leave(what: Observation) -> bool:
    old = [p for p in what.pods or () if OLD_IMAGE in p.images]
    return bool(old) and all(p.reason == "Terminating" for p in old)


@given(_ANY)
def test_a_condition_that_fails_takes_live_away(what: Observation) -> None:
    """From whatever is live, each single thing that breaks makes it something else."""
    if judge(what).kind is not Live.LIVE:
        return
    now = what.application
    for broken in (
        replace(what, refreshed=None),
        replace(what, lineage=Lineage(REVISION, Relation.BEFORE)),
        replace(what, lineage=Lineage(REVISION, Relation.UNKNOWN)),
        replace(what, lineage=Lineage(REVISION, Relation.OTHER)),
        replace(what, application=replace(now, requested=True)),
        replace(what, application=replace(now, sync="OutOfSync")),
        replace(what, application=replace(now, health=Health("Progressing"))),
        replace(what, application=replace(now, reconciled=None)),
        replace(what, application=replace(now, images=(OLD_IMAGE,)), pods=None),
        replace(what, application=replace(now, images=("evil:1",)), standing=Standing()),
    ):
        assert judge(broken).kind is not Live.LIVE


@pytest.mark.parametrize(
    ("paths", "kind"),
    [
        (("./environments/prod/shop/",), Live.LIVE),
        (("environments/prod/shop", "charts/values"), Live.LIVE),
        (("charts/values", "environments/prod/shop"), Live.UNKNOWN),
        ((), Live.UNKNOWN),  # what is hydrated or rendered from a chart has none
        (("environments/prod/shop2",), Live.UNKNOWN),
        (("environments/prod/shop/../search",), Live.UNKNOWN),
    ],
)
def test_only_our_own_overlay_counts(paths: tuple[str, ...], kind: Live) -> None:
    seen, _ = CASES["Synced at our commit, Healthy, our image alone"]
    application = replace(seen.application, paths=paths)
    assert judge(replace(seen, application=application)).kind is kind


def test_what_cannot_make_the_pods_is_asked_for_where_none_is_ours() -> None:
    refused = "Deployment shop: FailedCreate: exceeded quota: gpus"
    old = seen(images=(OLD_IMAGE,), pods=(pod(OLD_IMAGE),))
    assert {Look.REFRESH, Look.MANAGED} <= judge(old).wants
    assert judge(replace(old, standing=Standing(refused=(refused,)))).details == (refused,)
    assert Look.MANAGED not in judge(replace(old, pods=None)).wants
    under_way = seen(images=(IMAGE, OLD_IMAGE), pods=(pod(), pod(OLD_IMAGE, number=1)))
    assert Look.MANAGED not in judge(under_way).wants


def test_a_reason_is_not_told_twice() -> None:
    ill = ResourceState(ResourceName("apps", "Deployment", "shop", "shop"), "", Health("Suspended"))
    state = judge(seen(health=Health("Suspended"), resources=(ill,)))
    assert (state.kind, state.reason) == (Live.SUSPENDED, "Deployment shop: Suspended")
    assert state.details == ()


def test_what_argo_cd_skips_is_named_and_not_asked_for() -> None:
    state = judge(seen(skipped=True, refreshed=None))
    assert "skip-reconcile" in state.reason
    assert state.wants == frozenset()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"overrides": ("kustomize.images",)}, "Argo CD Image Updater"),
        ({"repository": "https://u:secret@h/x"}, "repoURL is h/x, which"),
        ({"target_revision": "v1"}, "let it follow main"),
        ({"paths": ()}, "its spec.source has no path"),
        ({"hydrated": True}, "spec.sourceHydrator"),
    ],
)
def test_what_is_astray_says_what_to_do(changes: dict[str, Any], words: str) -> None:
    state = judge(seen(**changes))
    assert state.kind is Live.UNKNOWN
    assert words in state.reason
    assert "secret" not in state.reason
