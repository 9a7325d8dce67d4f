"""The Prometheus operator's monitors and rules (its CustomResourceDefinitions' patterns)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, part
from tidegate.policy.schemas.syntax.words import MISSING, needed, wrong

_PARTS = "".join(f"(?:[0-9]+{unit})?" for unit in ("y", "w", "d", "h", "m", "s", "ms"))
_DURATION = re.compile(rf"0|(?=[0-9]){_PARTS}")
_STEP = re.compile(r"([0-9]{1,15})(ms|[ywdhms])")
_SECONDS = {
    "y": 31_536_000.0,
    "w": 604_800.0,
    "d": 86_400.0,
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 0.001,
}
_RULE = "a duration such as 30s, 5m or 1h30m"


def judge_monitor(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ServiceMonitor or PodMonitor."""
    for key in ("endpoints", "podMetricsEndpoints"):
        for item, path in items(part(data, "spec").get(key), ("spec", key)):
            yield from _judge_durations(item, ("interval", "scrapeTimeout"), path)
            interval, timeout = _seconds(item.get("interval")), _seconds(item.get("scrapeTimeout"))
            if interval and timeout and timeout > interval:
                most = f"at most interval, {item['interval']}"
                yield wrong((*path, "scrapeTimeout"), item["scrapeTimeout"], most)


def judge_rules(data: dict[str, Any]) -> Iterator[Flaw]:
    """A PrometheusRule."""
    for group, path in items(part(data, "spec").get("groups"), ("spec", "groups")):
        yield from _judge_durations(group, ("interval",), path)
        for item, where in items(group.get("rules"), (*path, "rules")):
            yield from _judge_durations(item, ("for", "keep_firing_for"), where)
            yield from _judge_rule(item, where)


def _judge_rule(rule: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """What Prometheus asks of a rule (model/rulefmt: RuleNode.Validate)."""
    alert, record = rule.get("alert"), rule.get("record")
    if alert and record:
        yield Flaw((*path, "record"), "stands beside alert; expected one of the two")
    elif not alert and not record:
        yield Flaw((*path, "alert"), f"{MISSING}; expected a name under alert or record")
    yield from needed(rule, "expr", path, "an expression in PromQL")


def _seconds(value: object) -> float | None:
    """Seconds; None for what is no duration, or isn't said."""
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        return None
    return sum(float(amount) * _SECONDS[unit] for amount, unit in _STEP.findall(value))


def _judge_durations(
    data: dict[str, Any], keys: tuple[str, ...], path: FieldPath
) -> Iterator[Flaw]:
    for key in keys:
        value = data.get(key)
        fits = not isinstance(value, str) or not value or _DURATION.fullmatch(value)
        if not fits or isinstance(value, int):
            yield wrong((*path, key), value, _RULE)
