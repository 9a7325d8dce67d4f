"""What autoscalers point at: it exists, can be scaled, and is of the group that they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.autoscalers import HPA, KEDA, Target, target_of
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.kinds import NOT_SCALABLE, SCALABLE
from tidegate.policy.rules.references import absent, title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, entries, mapping, shown, text
from tidegate.policy.rules.spelling import nearest_name, suggestion

VPA = "VerticalPodAutoscaler"
_AUTHENTICATION = "TriggerAuthentication"
_VERTICAL = SCALABLE | {"DaemonSet", "Job", "CronJob"}


def _judge_target(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(HPA, KEDA, VPA):
        vertical = manifest.id.kind == VPA
        key = "targetRef" if vertical else "scaleTargetRef"
        default = "Deployment" if manifest.id.kind == KEDA else ""
        target = target_of(manifest, key, default)
        if target:
            yield from _wrong_target(
                inventory, manifest, target, _VERTICAL if vertical else SCALABLE
            )


_GONE = frozenset({"", "extensions"})
_CONTROLLER = "ReplicationController"


def _wrong_target(
    inventory: Inventory, manifest: Manifest, target: Target, scalable: frozenset[str]
) -> Iterator[Found]:
    name = (*target.path, "name")
    if target.kind in NOT_SCALABLE and target.kind not in scalable:
        message = f"{title(manifest)} scales a {target.kind}, which has no replicas to scale"
        yield Found(message, manifest.id, (*target.path, "kind"))
        return
    if target.kind not in scalable:
        yield from _mistyped_kind(inventory, manifest, target, scalable)
        return
    here = inventory.find(target.kind, manifest.id.namespace, target.name)
    if here:
        group = here[0].id.group
        # The vertical one looks at the kind of Kubernetes' own workloads alone.
        known = (group, "extensions") if manifest.id.kind == VPA else (group,)
        # Of a workload with an apiVersion that is gone, that is told.
        gone = target.group == "apps" and group in _GONE and target.kind != _CONTROLLER
        if target.group is not None and target.group not in known and not gone:
            message = (
                f"{title(manifest)} looks for {target.kind} {shown(target.name)} in the group "
                f"'{shown(target.group)}', where it is not; did you mean "
                f"'{shown(here[0].id.api_version)}'?"
            )
            yield Found(message, manifest.id, (*target.path, "apiVersion"))
        return
    other = _of_other_kind(inventory, manifest, target, scalable)
    if other is None:
        found = absent(inventory, manifest, name, target.kind, target.name, doing="scales")
        if found:
            yield found
    elif not inventory.may_exist(target.kind, manifest.id.namespace, target.name):
        yield _but_that_is(manifest, target, other)


def _of_other_kind(
    inventory: Inventory, manifest: Manifest, target: Target, scalable: frozenset[str]
) -> str | None:
    for kind in sorted(scalable - {target.kind}):
        if inventory.find(kind, manifest.id.namespace, target.name):
            return kind
    return None


def _but_that_is(manifest: Manifest, target: Target, kind: str) -> Found:
    message = (
        f"{title(manifest)} scales the {shown(target.kind)} '{shown(target.name)}', "
        f"but that is a {kind}"
    )
    return Found(message, manifest.id, (*target.path, "kind"))


def _mistyped_kind(
    inventory: Inventory, manifest: Manifest, target: Target, scalable: frozenset[str]
) -> Iterator[Found]:
    """A kind that nobody knows, where what has the name here is of a known one."""
    if target.kind in inventory.kinds or (target.group and target.group not in ("apps", "")):
        return
    other = _of_other_kind(inventory, manifest, target, scalable)
    if other:
        yield _but_that_is(manifest, target, other)


def _judge_authentication(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(KEDA, "ScaledJob"):
        for index, trigger in entries(manifest.data, "spec", "triggers"):
            reference = mapping(trigger.get("authenticationRef"))
            kind = text(reference.get("kind")) or _AUTHENTICATION
            if kind != _AUTHENTICATION:
                continue
            field = ("spec", "triggers", index, "authenticationRef", "name")
            found = absent(
                inventory, manifest, field, kind, text(reference.get("name")), doing="uses"
            )
            if found:
                yield found

    for manifest in inventory.of(_AUTHENTICATION):
        for key, named in (("secretTargetRef", "Secret"), ("configMapTargetRef", "ConfigMap")):
            for index, item in entries(manifest.data, "spec", key):
                yield from _parameter(inventory, manifest, item, named, ("spec", key, index))


def _parameter(
    inventory: Inventory, manifest: Manifest, item: Mapping[str, Any], kind: str, path: FieldPath
) -> Iterator[Found]:
    """A credential of a Secret or ConfigMap that isn't there, or doesn't have it."""
    name, key = text(item.get("name")), text(item.get("key"))
    found = absent(inventory, manifest, (*path, "name"), kind, name, doing="takes a value from")
    if found:
        yield found
    place = manifest.id.namespace
    here = inventory.find(kind, place, name)
    keys = [k for m in here for part in ("data", "stringData") for k in mapping(m.data.get(part))]
    if len(here) == 1 and keys and key not in keys and not inventory.may_exist(kind, place, name):
        message = (
            f"{title(manifest)} wants the key '{shown(key)}' of {kind} {shown(name)}, "
            f"which does not have it{suggestion(nearest_name(key, keys))}"
        )
        yield Found(message, manifest.id, (*path, "key"))


def _judge_object(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(HPA):
        for index, metric in entries(manifest.data, "spec", "metrics"):
            reference = at(metric, "object", "describedObject")
            kind, name = text(at(reference, "kind")), text(at(reference, "name"))
            if kind not in _DESCRIBED:
                continue
            field = ("spec", "metrics", index, "object", "describedObject", "name")
            found = absent(inventory, manifest, field, kind, name, doing="measures")
            if found:
                yield found


# Namespaced kinds that metrics are about and that a folder with an HPA has.
_DESCRIBED = frozenset({"Service", "Ingress", "Deployment", "StatefulSet", "Pod", "HTTPRoute"})

AUTOSCALER_TARGET = Rule(
    "autoscaler-target",
    Severity.DENY,
    "autoscaling",
    why="An autoscaler whose target doesn't exist does nothing, and says so only in its status.",
    fix="Name the workload exactly as it is rendered: kind, name, and API group.",
    link="https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/",
    judge=_judge_target,
    about=frozenset({HPA, KEDA, VPA}),
)
KEDA_AUTHENTICATION = Rule(
    "keda-authentication",
    Severity.DENY,
    "autoscaling",
    why="A trigger without its credentials can't be asked, and so nothing scales.",
    fix="Add what is named, or declare it under cluster.provides.",
    link="https://keda.sh/docs/latest/concepts/authentication/",
    judge=_judge_authentication,
    about=frozenset({KEDA, "ScaledJob", _AUTHENTICATION}),
)
METRIC_OBJECT = Rule(
    "autoscaler-metric-object",
    Severity.DENY,
    "autoscaling",
    why="A metric of an object that doesn't exist has no value, and so nothing scales.",
    fix="Name the object that the metric describes, as it is rendered.",
    link="https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/",
    judge=_judge_object,
    about=frozenset({HPA}),
)
