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
from tidegate.domain.live import GRAVITY, Live, LiveState, Observation


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds something has to hold: health, before an Application is live, and trouble
    that may pass, before it is believed."""

    healthy: float = 10.0
    trouble: float = 30.0


@dataclass(frozen=True, slots=True)
class Settling:
    """A judgement, and since when it holds. `health_since` is Argo CD's own time of the last
    change of health: another one means that it changed in between, seen or not. `watched` says
    that it was seen on its way: then only what we saw ourselves counts as held."""

    state: LiveState
    since: float
    health_since: datetime | None
    watched: bool = False

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
    changed = seen.application.health.since
    state = replace(state, stuck=any(_is_stuck(seen)))
    same = (
        before is not None
        and before.state.kind is state.kind
        and (state.kind is not Live.LIVE or before.health_since == changed)
    )
    since = before.since if before is not None and same else now
    on_its_way = seen.refreshed is not None and state.kind is not Live.LIVE
    return Settling(state, since, changed, on_its_way or (before is not None and before.watched))


def together(states: Iterable[LiveState]) -> LiveState:
    """One for all clusters: live where every one of them is, else what counts most."""
    return min(states, key=lambda state: GRAVITY.index(state.kind))


def _is_stuck(seen: Observation) -> Iterable[bool]:
    for pod in seen.pods or ():
        yield is_stuck(pod) and any(is_ours(image, seen.goal) for image in pod.images)
