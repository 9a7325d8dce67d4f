"""Observations of an Application that is live, and ways in which it isn't, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tidegate.domain.application import (
    Application,
    ApplicationName,
    Condition,
    Health,
    Operation,
    Pod,
    ResourceName,
    ResourceResult,
    ResourceState,
)
from tidegate.domain.live import Bar, Goal, Lineage, Live, Observation, Relation, Standing
from tidegate.domain.source import Origin, same_address

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
REVISION, LATER, EARLIER = "b" * 40, "c" * 40, "a" * 40
DIGEST, OTHER = "sha256:" + "b" * 64, "sha256:" + "a" * 64
NAME = "registry.example.com/shop/model"
IMAGE, OLD_IMAGE = f"{NAME}:2@{DIGEST}", f"{NAME}:1@{OTHER}"
FOLDER = "environments/prod/shop"
REPOSITORY = "https://git.example.com/models.git"
ORIGIN = Origin("main", frozenset({same_address(REPOSITORY)}), frozenset({"kustomize.namespace"}))
GOAL = Goal(REVISION, NAME, DIGEST, FOLDER, ORIGIN)
SIDECAR = "docker.io/envoyproxy/envoy:v1.33"


def after(seconds: float) -> datetime:
    """A time of Argo CD's, seconds after the sync began."""
    return START + timedelta(seconds=seconds)


def operation(**changes: Any) -> Operation:
    """A sync of our revision that ended well three seconds after it began."""
    usual = Operation("Succeeded", "successfully synced", REVISION, START, after(3))
    return replace(usual, **changes)


def application(**changes: Any) -> Application:
    """One that is Synced, Healthy, and runs our image."""
    usual = Application(
        name=ApplicationName("shop-prod", "prod"),
        repository=REPOSITORY,
        paths=(FOLDER,),
        target_revision="main",
        automated=True,
        revision=REVISION,
        sync="Synced",
        health=Health("Healthy", since=after(5)),
        requested=False,
        operation=operation(),
        reconciled=after(5),
        images=(IMAGE,),
        labels={"tidegate.dev/app": "shop", "tidegate.dev/environment": "prod"},
    )
    return replace(usual, **changes)


def seen(**changes: Any) -> Observation:
    """One that is live: changes are of the Application, or of the observation itself."""
    own = {
        key: changes.pop(key)
        for key in (
            "lineage",
            "refreshed",
            "asked",
            "pods",
            "standing",
            "barred",
            "tried",
            "halved",
            "goal",
        )
        if key in changes
    }
    now = application(**changes)
    usual = Observation(now, GOAL, Lineage(now.revision, Relation.OURS), START)
    return replace(usual, **own)


def pod(image: str = IMAGE, reason: str = "Running", number: int = 0, **changes: Any) -> Pod:
    """A pod of the app's."""
    usual = Pod(
        resource=ResourceName("", "Pod", "shop-prod", f"shop-{number}"),
        images=(image,),
        health=Health("Healthy"),
        reason=reason,
        ready=1 if reason == "Running" else 0,
        containers=1,
        owner=None,
    )
    return replace(usual, **changes)


def lineage(relation: Relation, revision: str = LATER) -> Lineage:
    """Git's word about a commit."""
    return Lineage(revision, relation, revision, "3", "Ann")


ROLLOUT = tuple(pod(IMAGE if n < 3 else OLD_IMAGE, number=n) for n in range(5))
_BROKEN = Condition("ComparisonError", "kustomize build failed: no such field")
_BLIND = Condition("ComparisonError", "rpc error: code = Unavailable desc = connection refused")
_HOOK = ResourceResult(
    ResourceName("batch", "Job", "shop-prod", "smoke"), "", "Failed", "exit code 1", "PostSync"
)

_DEPLOYMENT = ResourceState(
    ResourceName("apps", "Deployment", "shop-prod", "shop"), "Synced", Health("Degraded")
)
_AUTOSCALER = ResourceState(
    ResourceName("autoscaling", "HorizontalPodAutoscaler", "shop-prod", "shop"),
    "Synced",
    Health("Degraded", "failed to get cpu utilization"),
)
_CRASHING = pod(reason="CrashLoopBackOff", health=Health("Degraded"))

# Every case of docs/live.md by its name there, with its answer.
CASES: Mapping[str, tuple[Observation, Live]] = {
    "Synced at our commit, Healthy, our image alone": (seen(), Live.LIVE),
    "a later commit still carries our digest": (
        seen(revision=LATER, lineage=lineage(Relation.OURS)),
        Live.LIVE,
    ),
    "our commit rendered no change: the last sync is an older one": (
        seen(operation=operation(revision=EARLIER, finished=after(-90))),
        Live.LIVE,
    ),
    "never synced by an operation, and as Git wants it": (seen(operation=None), Live.LIVE),
    "self-heal put single objects right": (
        seen(operation=operation(partial=True, automated=True)),
        Live.LIVE,
    ),
    "scaled to zero": (seen(images=(), standing=Standing(idle=True)), Live.LIVE),
    "scaled to zero beside another container": (
        seen(images=(SIDECAR,), standing=Standing(idle=True)),
        Live.LIVE,
    ),
    "another registry's name, our digest": (
        seen(images=(f"mirror.example.com/m:2@{DIGEST}",)),
        Live.LIVE,
    ),
    "the same repository under another form of its address": (
        seen(repository="git@git.example.com:Models/"),
        Live.LIVE,
    ),
    "the branch by its whole name, or as the default": (
        seen(target_revision="refs/heads/main"),
        Live.LIVE,
    ),
    "an override that Git itself asks for": (seen(overrides=("kustomize.namespace",)), Live.LIVE),
    "only pods that are being deleted run the old image": (
        seen(images=(IMAGE, OLD_IMAGE), pods=(pod(), pod(OLD_IMAGE, "Terminating", 1))),
        Live.LIVE,
    ),
    "only pods that are over have the old image": (
        seen(
            images=(IMAGE, OLD_IMAGE),
            pods=(
                pod(),
                pod(OLD_IMAGE, "Completed", 1, owner=ResourceName("batch", "Job", "", "nightly")),
                pod(OLD_IMAGE, "Evicted", 2),
            ),
        ),
        Live.LIVE,
    ),
    "a later commit carries another digest": (
        seen(revision=LATER, lineage=lineage(Relation.OTHER)),
        Live.SUPERSEDED,
    ),
    "Argo CD was told to skip it": (seen(skipped=True), Live.WAITING),
    "our refresh is not answered": (seen(refreshed=None), Live.WAITING),
    "compared before our refresh": (seen(refreshed=after(60)), Live.WAITING),
    "at a commit before ours": (
        seen(revision=EARLIER, lineage=lineage(Relation.BEFORE, EARLIER)),
        Live.WAITING,
    ),
    "at a commit that this branch hasn't": (
        seen(revision=LATER, lineage=lineage(Relation.UNKNOWN)),
        Live.WAITING,
    ),
    "a branch's name for a revision": (
        seen(revision="main", lineage=lineage(Relation.UNKNOWN, "main")),
        Live.WAITING,
    ),
    "a sync is asked for": (seen(requested=True), Live.WAITING),
    "a sync runs": (seen(operation=operation(phase="Running", finished=None)), Live.WAITING),
    "the sync that we asked for has not begun": (seen(asked="mark"), Live.WAITING),
    "Succeeded, while still OutOfSync": (seen(sync="OutOfSync"), Live.WAITING),
    "OutOfSync, and automated sync is off": (
        seen(sync="OutOfSync", automated=False, operation=None),
        Live.WAITING,
    ),
    "sync status Unknown at our commit": (seen(sync="Unknown"), Live.WAITING),
    "not compared since the sync ended": (seen(reconciled=after(2)), Live.WAITING),
    "the old image beside ours": (
        seen(images=(IMAGE, OLD_IMAGE), pods=ROLLOUT, health=Health("Progressing")),
        Live.WAITING,
    ),
    "the old image beside ours, both under a mirror's name": (
        seen(images=(f"mirror.example.com/m:2@{DIGEST}", f"mirror.example.com/m:1@{OTHER}")),
        Live.WAITING,
    ),
    "Healthy, while the old image still runs": (seen(images=(OLD_IMAGE,)), Live.WAITING),
    "somebody's own image instead of ours": (seen(images=("evil:1",)), Live.WAITING),
    "no pod at all, and nothing says that none is wanted": (seen(images=()), Live.WAITING),
    "Progressing": (seen(health=Health("Progressing")), Live.WAITING),
    "Missing": (seen(health=Health("Missing")), Live.WAITING),
    "health not known": (seen(health=Health(None)), Live.WAITING),
    "the sync failed, after its retries": (
        seen(operation=operation(phase="Failed", message="one or more tasks failed")),
        Live.FAILED,
    ),
    "a hook failed": (
        seen(operation=operation(phase="Failed", message="hook failed", results=(_HOOK,))),
        Live.FAILED,
    ),
    "a dry run failed": (
        seen(operation=operation(phase="Failed", message="is invalid", dry_run=True)),
        Live.LIVE,
    ),
    "a hook failed, and a later commit rendered no change": (
        seen(
            revision=LATER,
            lineage=lineage(Relation.OURS),
            operation=operation(phase="Failed", message="hook failed", results=(_HOOK,)),
            tried=True,
        ),
        Live.FAILED,
    ),
    "a hook failed, and somebody synced single objects after that": (
        seen(operation=operation(partial=True), halved=True),
        Live.FAILED,
    ),
    "the overlay can't be rendered": (
        seen(
            sync="Unknown",
            revision="main",
            conditions=(_BROKEN,),
            lineage=lineage(Relation.UNKNOWN, "main"),
        ),
        Live.FAILED,
    ),
    "Argo CD can't reach Git or the cluster": (
        seen(sync="Unknown", conditions=(_BLIND,)),
        Live.UNKNOWN,
    ),
    "the sync could not reach the cluster": (
        seen(operation=operation(phase="Error", message="dial tcp: i/o timeout")),
        Live.UNKNOWN,
    ),
    "the Application itself is not valid": (
        seen(sync="Unknown", conditions=(Condition("InvalidSpecError", "no such cluster"),)),
        Live.UNKNOWN,
    ),
    "the Application is being deleted": (seen(deleting=True), Live.UNKNOWN),
    "the Application renders another overlay": (
        seen(paths=("environments/staging/shop",)),
        Live.UNKNOWN,
    ),
    "the Application has no source": (seen(paths=(), repository=""), Live.UNKNOWN),
    "the Application renders what a source hydrator writes": (
        seen(paths=(), repository="", hydrated=True),
        Live.UNKNOWN,
    ),
    "the overlay isn't the first of several sources": (
        seen(paths=("more", FOLDER)),
        Live.UNKNOWN,
    ),
    "the Application reads another repository": (
        seen(repository="https://git.example.com/fork.git"),
        Live.UNKNOWN,
    ),
    "the Application follows another branch or a tag": (
        seen(target_revision="v1"),
        Live.UNKNOWN,
    ),
    "the Application is pinned to a commit": (seen(target_revision=REVISION), Live.UNKNOWN),
    "the Application overrides what kustomize renders": (
        seen(overrides=("kustomize.images",)),
        Live.UNKNOWN,
    ),
    "the Application renders with another tool": (seen(overrides=("helm",)), Live.UNKNOWN),
    "Degraded": (seen(health=Health("Degraded", "progress deadline exceeded")), Live.DEGRADED),
    "Degraded: what runs our pods": (
        seen(health=Health("Degraded"), resources=(_DEPLOYMENT, _AUTOSCALER), pods=(pod(),)),
        Live.DEGRADED,
    ),
    "Degraded: an autoscaler that has no metrics yet": (
        seen(health=Health("Degraded"), resources=(_AUTOSCALER,), pods=(pod(),)),
        Live.WAITING,
    ),
    "Degraded: an autoscaler, and our pods crash": (
        seen(health=Health("Degraded"), resources=(_AUTOSCALER,), pods=(_CRASHING,)),
        Live.DEGRADED,
    ),
    "Degraded: nobody says what, and our pods run": (
        seen(health=Health("Degraded"), pods=(pod(),)),
        Live.WAITING,
    ),
    "Suspended: a rollout that is paused": (
        seen(health=Health("Suspended", "CanaryPauseStep"), images=(IMAGE, OLD_IMAGE)),
        Live.SUSPENDED,
    ),
    "OutOfSync, and a sync window is closed": (
        seen(sync="OutOfSync", operation=None, barred=Bar("a sync window denies it")),
        Live.BLOCKED,
    ),
}
