"""What runs pods and keeps them running (pkg/apis/apps/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import LABEL_RULE, is_label, is_percent
from tidegate.policy.schemas.syntax.pods import ALWAYS, judge_armor, judge_pod, judge_template
from tidegate.policy.schemas.syntax.reading import items, mapping, number, part, text
from tidegate.policy.schemas.syntax.selectors import judge_selector, selects
from tidegate.policy.schemas.syntax.storage import judge_claim
from tidegate.policy.schemas.syntax.words import MISSING, at_least, named, one_of, wrong
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import shown

_SPEC: FieldPath = ("spec",)
_COUNTS = ("replicas", "minReadySeconds")
_STRATEGIES = ("RollingUpdate", "Recreate")
_UPDATES = ("RollingUpdate", "OnDelete")
_NAMED = (1, 36)  # the first version of which it is known that it looks
_MANAGEMENT = ("OrderedReady", "Parallel")


def judge_deployment(spec: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A Deployment."""
    yield from _judge_owner(spec, minor)
    yield from at_least(spec, "revisionHistoryLimit", 0, _SPEC)
    strategy, path = part(spec, "strategy"), (*_SPEC, "strategy")
    yield from one_of(strategy, "type", _STRATEGIES, path)
    rolling = strategy.get("rollingUpdate")
    if strategy.get("type") == "Recreate" and rolling is not None:
        yield Flaw((*path, "rollingUpdate"), "is set; expected none for the type Recreate")
    else:
        rolling, where = mapping(rolling), (*path, "rollingUpdate")
        yield from judge_bounds(rolling, ("maxSurge",), where, capped=False)
        yield from judge_bounds(rolling, ("maxUnavailable",), where)
        if _is_zero(rolling.get("maxUnavailable")) and _is_zero(rolling.get("maxSurge")):
            yield _never_rolls(where)
    deadline = number(spec.get("progressDeadlineSeconds"))
    ready = number(spec.get("minReadySeconds")) or 0
    if deadline is not None and deadline <= ready:
        more = f"more than minReadySeconds, {ready}"
        yield wrong((*_SPEC, "progressDeadlineSeconds"), deadline, more)


def judge_stateful_set(spec: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A StatefulSet, whose claims are volumes of its pods."""
    claims = set()
    path = (*_SPEC, "volumeClaimTemplates")
    for claim, where in items(spec.get("volumeClaimTemplates"), path):
        name = text(part(claim, "metadata").get("name"))
        if not name:
            yield Flaw((*where, "metadata", "name"), f"{MISSING}; expected a volume's name")
        claims.add(name)
        yield from judge_claim(part(claim, "spec"), (*where, "spec"))
    yield from _judge_owner(spec, minor, claims)
    yield from one_of(spec, "podManagementPolicy", _MANAGEMENT, _SPEC)
    if minor >= _NAMED:
        yield from named(spec, "serviceName", is_label, LABEL_RULE, _SPEC)
    yield from at_least(part(spec, "ordinals"), "start", 0, (*_SPEC, "ordinals"))
    retention = part(spec, "persistentVolumeClaimRetentionPolicy")
    for key in ("whenScaled", "whenDeleted"):
        kept = (*_SPEC, "persistentVolumeClaimRetentionPolicy")
        yield from one_of(retention, key, ("Retain", "Delete"), kept)
    update, where = part(spec, "updateStrategy"), (*_SPEC, "updateStrategy")
    yield from one_of(update, "type", _UPDATES, where)
    rolling = part(update, "rollingUpdate")
    if update.get("type") == "OnDelete" and update.get("rollingUpdate") is not None:
        yield Flaw((*where, "rollingUpdate"), "is set; expected none for the type OnDelete")
    yield from at_least(rolling, "partition", 0, (*where, "rollingUpdate"))


def judge_daemon_set(spec: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A DaemonSet."""
    yield from _judge_owner(spec, minor)
    yield from at_least(spec, "revisionHistoryLimit", 0, _SPEC)
    update, path = part(spec, "updateStrategy"), (*_SPEC, "updateStrategy")
    yield from one_of(update, "type", _UPDATES, path)
    if update.get("type") == "OnDelete":
        return  # what is said of rolling is dropped
    rolling, where = part(update, "rollingUpdate"), (*path, "rollingUpdate")
    yield from judge_bounds(rolling, ("maxSurge", "maxUnavailable"), where)
    surge, lost = rolling.get("maxSurge"), rolling.get("maxUnavailable")
    if _is_zero(lost) and (surge is None or _is_zero(surge)):
        yield _never_rolls(where)
    elif surge is not None and not _is_zero(surge) and not _is_zero(lost):
        yield Flaw((*where, "maxSurge"), "is set; expected maxUnavailable to be 0 beside it")


def judge_replica_set(spec: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A ReplicaSet."""
    yield from _judge_owner(spec, minor)


def judge_replication_controller(spec: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A ReplicationController, whose selector is a mapping, and its template's labels by
    default."""
    for key in _COUNTS:
        yield from at_least(spec, key, 0, _SPEC)
    selector, template = spec.get("selector"), mapping(spec.get("template"))
    labels = part(template, "metadata").get("labels")
    if selector and template and not selects({"matchLabels": selector}, labels):
        yield _not_selected(selector, labels, ())
    yield from judge_template(template, (*_SPEC, "template"), minor, ALWAYS)


def judge_bare_pod(data: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A Pod."""
    spec = part(data, "spec")
    if not spec:
        yield Flaw((*_SPEC, "containers"), f"{MISSING}; expected at least one container")
    yield from judge_armor(part(data, "metadata"), ("metadata",))
    yield from judge_pod(spec, _SPEC, minor)
    if spec.get("ephemeralContainers"):
        yield Flaw((*_SPEC, "ephemeralContainers"), "is set; expected none in a pod that is made")


def judge_bounds(
    data: dict[str, Any], keys: tuple[str, ...], path: FieldPath, *, capped: bool = True
) -> Iterator[Flaw]:
    """Numbers or percentages, of at most 100% where they are `capped`."""
    for key in keys:
        value = data.get(key)
        if isinstance(value, str) and not is_percent(value):
            yield wrong((*path, key), value, "a number, or a percentage such as 25%")
        elif isinstance(value, str) and capped and int(value[:-1][:9]) > 100:
            yield wrong((*path, key), value, "at most 100%")
        else:
            yield from at_least(data, key, 0, path)


def _judge_owner(
    spec: dict[str, Any], minor: Minor, claims: set[str] | None = None
) -> Iterator[Flaw]:
    for key in _COUNTS:
        yield from at_least(spec, key, 0, _SPEC)
    selector, template = spec.get("selector"), spec.get("template")
    yield from judge_selector(selector, (*_SPEC, "selector"))
    if isinstance(selector, dict):
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            yield Flaw((*_SPEC, "selector"), "is empty; expected labels that select the pods")
        elif isinstance(template, dict):
            labels = part(template, "metadata").get("labels")
            if not selects(selector, labels):
                yield _not_selected(selector, labels)
    if template is None:
        yield Flaw((*_SPEC, "template"), f"{MISSING}; expected a pod template")
    yield from judge_template(template, (*_SPEC, "template"), minor, ALWAYS, claims or set())


def _not_selected(
    selector: object, labels: object, inner: tuple[str, ...] = ("matchLabels",)
) -> Flaw:
    """At the first label that the template doesn't have so, where there is one."""
    own = labels if isinstance(labels, dict) else {}
    path = (*_SPEC, "selector")
    for key, value in part(selector, *inner).items():
        if own.get(key) != value:
            there = f"has {shown(own[key])} there" if key in own else "has no such label"
            message = f"is {shown(value)}, but the pod template {there}; expected the same"
            return Flaw((*path, *inner, key), message)
    return Flaw(path, "doesn't select the pods of its own template; expected labels that it has")


def _never_rolls(path: FieldPath) -> Flaw:
    return Flaw((*path, "maxUnavailable"), "is 0 as maxSurge is; expected one of them above 0")


def _is_zero(value: object) -> bool:
    if isinstance(value, str):
        return is_percent(value) and not value[:-1].strip("0")
    return number(value) == 0
