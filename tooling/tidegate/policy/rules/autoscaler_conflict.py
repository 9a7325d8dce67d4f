"""Two masters of one number: autoscalers that share a target, and replicas beside them."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.policy.rules.autoscaler_target import VPA
from tidegate.policy.rules.autoscalers import (
    AUTOSCALERS,
    HPA,
    KEDA,
    MEASURED,
    autoscalers,
    owner_of,
    scalers_of,
    takes_over,
    target_of,
)
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, entries, listed, shown, text, texts

# Of more autoscalers of one workload nobody needs to hear.
_MOST = 50


def _judge_conflict(inventory: Inventory) -> Iterator[Found]:
    for scaler in autoscalers(inventory):
        target = scaler.target
        if target is None:
            continue
        peers = scalers_of(inventory, target.kind, target.name, scaler.namespace)
        for other in peers[:_MOST]:
            if other is scaler:
                break
            if scaler.manifest.id == other.manifest.id or takes_over(scaler, other):
                continue  # one object written twice, which is another rule's to say
            message = (
                f"{title(scaler.manifest)} scales {shown(target.kind)} {shown(target.name)}, "
                f"and so does {title(other.manifest)}"
            )
            yield Found(message, scaler.manifest.id, (*target.path, "name"))
            break


def _judge_vertical(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(VPA):
        target = target_of(manifest, "targetRef")
        mode = at(manifest.data, "spec", "updatePolicy", "updateMode")
        if target is None or mode in ("Off", False):  # unquoted, YAML reads Off as false
            continue
        sized = _sized(manifest.data)
        place = manifest.id.namespace
        for scaler in scalers_of(inventory, target.kind, target.name, place)[:_MOST]:
            measured = {m.resource for m in scaler.metrics if m.resource in MEASURED}
            if not scaler.metrics and scaler.manifest.id.kind == HPA:
                measured = {"cpu"}  # what an HPA without metrics scales on
            both = sorted(measured & sized)
            if both:
                message = (
                    f"{title(manifest)} sets the {listed(both)} of {shown(target.kind)} "
                    f"{shown(target.name)}, on which {title(scaler.manifest)} scales it"
                )
                yield Found(message, manifest.id, ("spec", "targetRef", "name"))
                break


def _sized(data: object) -> set[str]:
    """The resources that a VPA may set on some container."""
    named: set[str] = set()
    rest = {"cpu", "memory"}
    for _, policy in entries(data, "spec", "resourcePolicy", "containerPolicies"):
        controlled = set(texts(policy.get("controlledResources"))) or {"cpu", "memory"}
        if policy.get("mode") in ("Off", False):
            controlled = set()
        if text(policy.get("containerName")) == "*":
            rest = controlled
        else:
            named |= controlled
    return named | rest


def _judge_replicas(inventory: Inventory) -> Iterator[Found]:
    for pods in inventory.pods:
        replicas = at(pods.owner.data, "spec", "replicas")
        if replicas is None or replicas == 0:  # 0 switches an HPA off, on purpose
            continue
        scaler = owner_of(inventory, pods)
        if scaler:
            message = (
                f"{title(pods.owner)} sets replicas to {shown(replicas)}, but "
                f"{title(scaler.manifest)} owns that number"
            )
            yield Found(message, pods.owner.id, ("spec", "replicas"), inventory.is_whole)


AUTOSCALER_CONFLICT = Rule(
    "autoscaler-conflict",
    Severity.DENY,
    "autoscaling",
    why="Two autoscalers of one workload each undo what the other does; KEDA makes an HPA too.",
    fix="Keep one of them, with all the metrics; an HPA takes the largest of its answers.",
    link="https://keda.sh/docs/latest/concepts/scaling-deployments/",
    judge=_judge_conflict,
    about=AUTOSCALERS,
)
VERTICAL_CONFLICT = Rule(
    "autoscaler-vpa-conflict",
    Severity.DENY,
    "autoscaling",
    why="A VPA that changes requests moves the very share on which the other autoscaler scales.",
    fix="Let the VPA only recommend (updateMode: 'Off'), or scale on something else.",
    link="https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/known-limitations.md",
    judge=_judge_vertical,
    about=frozenset({VPA}),
)
AUTOSCALER_REPLICAS = Rule(
    "autoscaler-replicas",
    Severity.DENY,
    "autoscaling",
    why="Each sync sets the number back to what Git says, and takes pods away under load.",
    fix="Remove `replicas` from the workload; the autoscaler's minimum is the floor.",
    link="https://argo-cd.readthedocs.io/en/stable/user-guide/best_practices/#leaving-room-for-imperativeness",
    judge=_judge_replicas,
    about=frozenset({HPA, KEDA}),
)
