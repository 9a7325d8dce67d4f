"""Argo Rollouts' Rollout (pkg/apis/rollouts/validation)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, number, part
from tidegate.policy.schemas.syntax.selectors import judge_selector
from tidegate.policy.schemas.syntax.words import at_least, wrong

_SPEC: FieldPath = ("spec",)
_CANARY: FieldPath = ("spec", "strategy", "canary")
_DURATION = re.compile(r"[0-9]{1,18}|(?:[0-9]{0,9}\.?[0-9]{1,9}(?:ns|us|µs|μs|ms|s|m|h)){1,9}")


def judge_rollout(data: dict[str, Any]) -> Iterator[Flaw]:
    """A Rollout, but for its pods."""
    spec = part(data, "spec")
    for key in ("replicas", "minReadySeconds", "revisionHistoryLimit"):
        yield from at_least(spec, key, 0, _SPEC)
    yield from judge_selector(spec.get("selector"), (*_SPEC, "selector"))
    strategy = part(spec, "strategy")
    if strategy.get("canary") is not None and strategy.get("blueGreen") is not None:
        message = "is set beside canary; expected one of them"
        yield Flaw((*_SPEC, "strategy", "blueGreen"), message)
    canary = part(strategy, "canary")
    most = number(part(canary, "trafficRouting").get("maxTrafficWeight")) or 100
    for step, path in items(canary.get("steps"), (*_CANARY, "steps")):
        yield from at_least(step, "setWeight", 0, path, most)
        duration = part(step, "pause").get("duration")
        if isinstance(duration, str) and not _DURATION.fullmatch(duration):
            where = (*path, "pause", "duration")
            yield wrong(where, duration, "seconds, or a duration such as 90s, 10m or 1h30m")
