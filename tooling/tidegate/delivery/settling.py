"""From one judgement after another to an ending: what has held for long enough.

The time that passes is taken from a clock of ours that only ever goes on, in seconds; Argo CD's
own times are in the judgements already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tidegate.delivery.images import is_ours
from tidegate.delivery.trouble import is_stuck
from tidegate.domain.application import SYNCED
from tidegate.domain.live import GRAVITY, Live, LiveState, Observation, Relation


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds something has to hold: health, before an Application is live, and trouble
    that may pass, before it is believed."""

    healthy: float = 10.0
    trouble: float = 30.0


@dataclass(frozen=True, slots=True)
class Settling:
    """A judgement, and since when it holds. `health_since` is Argo CD's own time of the last
    change of health: another one means that it changed in between, seen or not; `synced` is when
    the last sync began, just after which health may be old. `watched` says that it was seen on its
    way: then only what we saw ourselves counts as held. `paused` is the one that goes on where
    nothing has changed but the commit, and nobody knows that one yet.
    """

    state: LiveState
    since: float
    health_since: datetime | None
    synced: datetime | None
    watched: bool = False
    paused: Settling | None = None

    def ending(self, now: float, patience: Patience) -> LiveState | None:
        """The judgement, once it has held for long enough; None while there is hope or doubt."""
        state, held = self.state, now - self.since
        if state.kind is Live.WAITING:
            return None
        if state.kind is Live.LIVE:
            proven = 0.0 if self.watched else state.proven
            return state if max(held, proven) >= patience.healthy else None
        return state if state.sure or held >= patience.trouble else None


def settle(before: Settling | None, state: LiveState, seen: Observation, now: float) -> Settling:
    """The next judgement: it holds since the first one of its kind in a row."""
    last, health_since = seen.application.operation, seen.application.health.since
    synced = last.started if last else None
    state = replace(state, stuck=any(_is_stuck(seen)))
    watched = before is not None and before.watched
    if before is not None and _is_in_doubt(state, seen):
        paused = before if before.state.kind is Live.LIVE else before.paused
        return Settling(state, now, health_since, synced, watched, paused)
    earlier = before.paused or before if before is not None else None
    unchanged = earlier is not None and (earlier.health_since, earlier.synced) == (
        health_since,
        synced,
    )
    same = earlier is not None and earlier.state.kind is state.kind
    holds = same and (state.kind is not Live.LIVE or unchanged)
    since = earlier.since if earlier is not None and holds else now
    on_its_way = seen.refreshed is not None and state.kind is not Live.LIVE
    return Settling(state, since, health_since, synced, on_its_way or watched)


def _is_in_doubt(state: LiveState, seen: Observation) -> bool:
    """Whether Argo CD is at a commit that was pushed so lately that Git wasn't asked for it yet.
    On a branch that many push to, that is often so, and says nothing against what runs."""
    now, unknown = seen.application, seen.lineage.relation is Relation.UNKNOWN
    return state.kind is Live.WAITING and unknown and now.sync == SYNCED and not now.requested


def together(states: Iterable[LiveState]) -> LiveState:
    """One for all clusters: live where every one of them is, else what counts most."""
    return min(states, key=lambda state: GRAVITY.index(state.kind))


def _is_stuck(seen: Observation) -> Iterable[bool]:
    for pod in seen.pods or ():
        yield is_stuck(pod) and any(is_ours(image, seen.goal) for image in pod.images)
