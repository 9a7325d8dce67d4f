"""The Prometheus operator's monitors and rules (its CustomResourceDefinitions' patterns)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, part
from tidegate.policy.schemas.syntax.words import wrong

_PARTS = "".join(f"(?:[0-9]+{unit})?" for unit in ("y", "w", "d", "h", "m", "s", "ms"))
_DURATION = re.compile(rf"0|(?=[0-9]){_PARTS}")
_RULE = "a duration such as 30s, 5m or 1h30m"


def judge_monitor(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ServiceMonitor or PodMonitor."""
    for key in ("endpoints", "podMetricsEndpoints"):
        for item, path in items(part(data, "spec").get(key), ("spec", key)):
            yield from _judge_durations(item, ("interval", "scrapeTimeout"), path)


def judge_rules(data: dict[str, Any]) -> Iterator[Flaw]:
    """A PrometheusRule."""
    for group, path in items(part(data, "spec").get("groups"), ("spec", "groups")):
        yield from _judge_durations(group, ("interval",), path)
        for item, where in items(group.get("rules"), (*path, "rules")):
            yield from _judge_durations(item, ("for", "keep_firing_for"), where)


def _judge_durations(
    data: dict[str, Any], keys: tuple[str, ...], path: FieldPath
) -> Iterator[Flaw]:
    for key in keys:
        value = data.get(key)
        fits = not isinstance(value, str) or not value or _DURATION.fullmatch(value)
        if not fits or isinstance(value, int):
            yield wrong((*path, key), value, _RULE)
