"""The rule that says when a promotion is really live (docs/live.md), as a function of what was
seen at one moment.

Each condition is a question of its own, asked in order: the first that isn't met is the answer.
Times are compared among Argo CD's own alone, never with our clock.
"""

from __future__ import annotations

from collections.abc import Callable

from tidegate.delivery.images import is_ours, judge_images
from tidegate.delivery.origin import find_stray
from tidegate.delivery.trouble import DELETED, SKIPPED, blind, runs_badly, unready
from tidegate.domain.application import (
    DEGRADED,
    ERROR,
    FAILED,
    HEALTHY,
    RUNNING,
    SUCCEEDED,
    SUSPENDED,
    SYNCED,
    TERMINATING,
    Operation,
)
from tidegate.domain.live import Live, LiveState, Look, Observation, Relation

_SHOWN = 8
# What Argo CD writes is exact to the second, so that two of its times are a second off at most.
_RESOLUTION = 1.0
_COMPARISON, _SPECIFICATION = "ComparisonError", "InvalidSpecError"


def judge(seen: Observation) -> LiveState:
    """What one Application is, as it was seen. Pure: the same observation, the same answer."""
    for question in _QUESTIONS:
        state = question(seen)
        if state is not None:
            return state
    return _live(seen)


def _deleted(seen: Observation) -> LiveState | None:
    if seen.application.deleting:
        return LiveState(Live.UNKNOWN, DELETED, sure=True)
    return None


def _astray(seen: Observation) -> LiveState | None:
    """It renders something else: even where our very image runs, it isn't what was promoted."""
    reason = find_stray(seen.application, seen.goal.folder, seen.goal.origin)
    return LiveState(Live.UNKNOWN, reason) if reason else None


def _superseded(seen: Observation) -> LiveState | None:
    """Argo CD has gone on to a later commit with another image: ours will never run."""
    later = seen.lineage
    if later.relation is not Relation.OTHER:
        return None
    what = f"version {later.version}" if later.version else "another image"
    whose = f" by {later.author}" if later.author else ""
    commit = short(later.commit or later.revision)
    reason = f"{commit}{whose} brought {what} meanwhile"
    return LiveState(Live.SUPERSEDED, reason, sure=True, successor=later)


def _skipped(seen: Observation) -> LiveState | None:
    """Whatever it shows is of before. To ask Argo CD for a refresh would only block."""
    return _waiting(SKIPPED) if seen.application.skipped else None


def _unrefreshed(seen: Observation) -> LiveState | None:
    """Before Argo CD has answered us once, what it shows may be from before our commit."""
    compared = seen.application.reconciled
    if seen.refreshed is not None and compared is not None and compared >= seen.refreshed:
        return None
    reason = "Argo CD has not compared it with Git since it was asked to"
    return _waiting(reason, Look.REFRESH)


def _uncompared(seen: Observation) -> LiveState | None:
    """Argo CD can't tell what it should run, or not whether that runs: it may be our manifest, or
    something that Argo CD itself depends on. Either may pass."""
    for condition in seen.application.conditions:
        if condition.type == _COMPARISON and not blind(condition.message):
            reason = f"Argo CD can't render it: {condition.message}"
            return LiveState(Live.FAILED, reason, unrendered=True)
        if condition.type in (_COMPARISON, _SPECIFICATION):
            return LiveState(Live.UNKNOWN, f"Argo CD can't see it: {condition.message}")
    return None


def _elsewhere(seen: Observation) -> LiveState | None:
    """Argo CD is at a commit that isn't ours, or at none."""
    revision, branch = seen.application.revision, seen.application.target_revision
    if seen.lineage.relation is Relation.BEFORE:
        reason = f"Argo CD is at {short(revision)}, which is before the commit; it follows {branch}"
        return _waiting(reason, Look.REFRESH)
    if seen.lineage.relation is Relation.UNKNOWN:
        at = f"at {short(revision)}, which this branch hasn't" if revision else "at no commit yet"
        return _waiting(f"Argo CD is {at}; it follows {branch}", Look.REFRESH)
    return None


def _under_way(seen: Observation) -> LiveState | None:
    operation = seen.application.operation
    running = operation is not None and operation.phase in (RUNNING, TERMINATING)
    if not (seen.application.requested or running):
        return None
    if operation is None or not running:
        return _waiting("a sync is about to begin")
    again = f", retry {operation.retries}" if operation.retries else ""
    doing = "ending the sync" if operation.phase == TERMINATING else "syncing"
    words = f": {operation.message}" if operation.message else ""
    return _waiting(f"{doing}{again}{words}", Look.PODS, details=_results(operation))


def _unanswered(seen: Observation) -> LiveState | None:
    operation = seen.application.operation
    if seen.asked is None or (operation and seen.asked in operation.info.values()):
        return None
    return _waiting("the sync that was asked for has not begun")


def _failed(seen: Observation) -> LiveState | None:
    """The last sync failed, at the very commit that counts. Argo CD won't try it again."""
    operation, now = seen.application.operation, seen.application
    if operation is None or operation.phase == SUCCEEDED or operation.dry_run:
        return None
    if operation.revision is None and now.sync == SYNCED:
        return None
    if operation.revision not in (None, now.revision):
        return None
    if operation.phase not in (FAILED, ERROR):
        return _waiting(f"the sync is in the phase {operation.phase or 'without a name'}")
    reason = f"the sync failed: {operation.message or operation.phase}"
    if blind(operation.message):
        return LiveState(Live.UNKNOWN, reason, details=_results(operation))
    sure = operation.revision is not None
    return LiveState(Live.FAILED, reason, details=_results(operation), sure=sure)


def _out_of_sync(seen: Observation) -> LiveState | None:
    now, operation = seen.application, seen.application.operation
    if now.sync == SYNCED:
        return None
    differing = [r for r in now.resources if r.sync not in ("", SYNCED)]
    names = tuple(f"{r.resource.kind} {r.resource.name} is {r.sync}" for r in differing)[:_SHOWN]
    if now.sync != "OutOfSync":
        word = now.sync or "not known"
        return _waiting(f"its sync status is {word}", Look.REFRESH, details=names)
    if seen.barred:
        return LiveState(Live.BLOCKED, seen.barred.reason, names, until=seen.barred.until)
    if operation and operation.phase == SUCCEEDED and operation.revision == now.revision:
        return _waiting("synced, but not yet as Git wants it", Look.REFRESH, details=names)
    if not now.automated:
        return _waiting("automated sync is off, so that somebody has to sync it", details=names)
    return _waiting("the automated sync has not begun", Look.WINDOWS, details=names)


def _not_compared_since(seen: Observation) -> LiveState | None:
    """Health and images may still be those from before the sync."""
    operation, compared = seen.application.operation, seen.application.reconciled
    if operation is None or operation.finished is None:
        return None
    if compared is not None and compared >= operation.finished:
        return None
    return _waiting("synced; Argo CD has not looked at it since", Look.REFRESH)


def _hook_failed(seen: Observation) -> LiveState | None:
    """A later commit that renders no change leaves nothing to sync: a smoke test that failed is
    never run again, and all that it was to test looks well."""
    operation = seen.application.operation
    if operation is None or operation.phase not in (FAILED, ERROR) or not seen.tried:
        return None
    if operation.dry_run:
        return None
    if not any(result.hook and result.phase in (FAILED, ERROR) for result in operation.results):
        return None
    at, words = short(operation.revision or ""), operation.message or operation.phase
    reason = f"the sync of {at} failed, and nothing was synced since: {words}"
    return LiveState(Live.FAILED, reason, details=_results(operation), sure=True)


def _halved(seen: Observation) -> LiveState | None:
    """Whatever failed in the whole sync, hooks above all, hides behind one of single objects."""
    if not seen.halved:
        return None
    reason = "somebody synced single objects, without hooks, and no whole sync of it has succeeded"
    return LiveState(Live.FAILED, reason)


def _ill(seen: Observation) -> LiveState | None:
    """Degraded and suspended Applications, whichever of our pods run by now. Where nothing that
    runs pods is degraded, it may mend itself: an autoscaler is, until it gets its first metrics."""
    health = seen.application.health
    if health.status not in (DEGRADED, SUSPENDED):
        return None
    kind = Live.DEGRADED if health.status == DEGRADED else Live.SUSPENDED
    details = unready(seen.application, seen.pods)
    words = health.message or (details[0] if details else f"its health is {health.status}")
    if kind is Live.DEGRADED and not runs_badly(seen.application, seen.pods):
        return _waiting(
            f"beside the pods something is degraded: {words}", Look.PODS, details=details
        )
    others = tuple(line for line in details if line != words)
    return LiveState(kind, words, details=others, wants=frozenset({Look.PODS}))


def _not_healthy(seen: Observation) -> LiveState | None:
    health = seen.application.health
    if health.status == HEALTHY:
        return None
    details = unready(seen.application, seen.pods)
    word = f"{health.status or 'not known'}{': ' + health.message if health.message else ''}"
    return _waiting(f"its health is {word}", Look.PODS, details=details)


_QUESTIONS: tuple[Callable[[Observation], LiveState | None], ...] = (
    _deleted,
    _astray,
    _superseded,
    _skipped,
    _unrefreshed,
    _uncompared,
    _elsewhere,
    _under_way,
    _unanswered,
    _failed,
    _out_of_sync,
    _not_compared_since,
    _hook_failed,
    _halved,
    _ill,
    judge_images,
    _not_healthy,
)


def _live(seen: Observation) -> LiveState:
    now = seen.application
    runs = any(is_ours(image, seen.goal) for image in now.images)
    reason = "live and healthy" if runs else "live, and scaled to zero"
    begins = [now.health.since, now.operation.finished if now.operation else None]
    known = [when for when in begins if when is not None]
    proven = 0.0
    if now.health.since is not None and now.reconciled is not None:
        proven = max(0.0, (now.reconciled - max(known)).total_seconds() - _RESOLUTION)
    return LiveState(Live.LIVE, reason, proven=proven)


def _waiting(reason: str, *wants: Look, details: tuple[str, ...] = ()) -> LiveState:
    return LiveState(Live.WAITING, reason, details=details, wants=frozenset(wants))


def _results(operation: Operation) -> tuple[str, ...]:
    """What the sync has not done yet, or could not do: hooks too."""
    lines = []
    for result in operation.results:
        if result.phase in ("", SUCCEEDED) and result.status in ("", "Synced", "Pruned"):
            continue
        what = f"{result.hook} hook " if result.hook else ""
        state = result.phase or result.status
        line = f"{what}{result.resource.kind} {result.resource.name}: {state}"
        lines.append(f"{line}: {result.message}" if result.message else line)
    return tuple(lines[:_SHOWN])


def short(revision: str) -> str:
    """A commit as people know it; a branch's name as it is."""
    whole = len(revision) == 40 and all(c in "0123456789abcdef" for c in revision)
    return revision[:10] if whole else revision
