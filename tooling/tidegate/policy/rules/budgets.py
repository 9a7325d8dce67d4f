"""PodDisruptionBudgets: they mean some pods, alone, and leave a drain something to evict."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.policy.rules.autoscalers import least_replicas, owner_of
from tidegate.policy.rules.environments import is_production
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.kinds import SCALABLE
from tidegate.policy.rules.labels import Selector, selector_of
from tidegate.policy.rules.pods import Pods
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule, Setting, Settings
from tidegate.policy.rules.selection import selects_nothing
from tidegate.policy.rules.shapes import at, integer, percent, shown

PDB = "PodDisruptionBudget"
_MATCHED = ("spec", "selector", "matchLabels")
# Of a budget over more workloads than this, nobody needs to know whether it can be kept.
_MOST = 100


def budgets(inventory: Inventory) -> list[tuple[Manifest, Selector]]:
    """The budgets of the overlay that have a selector, with it."""
    return inventory.once("budgets", _budgets)


def _budgets(inventory: Inventory) -> list[tuple[Manifest, Selector]]:
    found = ((m, selector_of(at(m.data, "spec", "selector"))) for m in inventory.of(PDB))
    return [(manifest, selector) for manifest, selector in found if selector is not None]


def is_protected(inventory: Inventory, pods: Pods) -> bool:
    """Whether some budget means these pods."""
    return id(pods) in inventory.once("protected", _protected)


def _protected(inventory: Inventory) -> frozenset[int]:
    asked = {(manifest.id.namespace, selector) for manifest, selector in budgets(inventory)}
    return frozenset(
        id(pods) for namespace, selector in asked for pods in inventory.select(selector, namespace)
    )


def _judge_target(inventory: Inventory) -> Iterator[Found]:
    for manifest, selector in budgets(inventory):
        found = selects_nothing(inventory, manifest, selector, _MATCHED, doing="protects")
        if found:
            yield found


def _judge_satisfiable(inventory: Inventory) -> Iterator[Found]:
    for manifest, selector in budgets(inventory):
        spec = at(manifest.data, "spec")
        most = at(spec, "maxUnavailable")
        if most is not None:
            if integer(most) == 0 or percent(most) == 0:
                message = (
                    f"{title(manifest)} allows maxUnavailable {shown(most)}, "
                    "so that no pod may ever be evicted"
                )
                yield Found(message, manifest.id, ("spec", "maxUnavailable"), inventory.is_whole)
            continue
        meant = inventory.select(selector, manifest.id.namespace)
        least = at(spec, "minAvailable")
        total = _total(inventory, meant)
        if least is None or not total or inventory.has_unknown_pods or len(meant) > _MOST:
            if percent(least) == 100:
                yield _never(manifest, least, "all", certain=inventory.is_whole)
            continue
        needed = _needed(least, total)
        if needed is not None and needed >= total:
            scaled = any(owner_of(inventory, pods) for pods in meant)
            what = f"the autoscaler's minimum of {total}" if scaled else f"all {total}"
            certain = inventory.is_whole and not scaled
            yield _never(manifest, least, what if total > 1 or scaled else "the one", certain)


def _total(inventory: Inventory, meant: tuple[Pods, ...]) -> int | None:
    """How many pods there are at least; None where nobody can say."""
    counts = [least_replicas(inventory, pods) for pods in meant[:_MOST]]
    return sum(c for c in counts if c is not None) if None not in counts else None


def _needed(least: object, total: int) -> int | None:
    share = percent(least)
    return integer(least) if share is None else -(-share * total // 100)


def _never(manifest: Manifest, least: object, what: str, certain: bool) -> Found:
    message = (
        f"{title(manifest)} wants minAvailable {shown(least)}, which is {what} of its pods, "
        "so that none can be evicted"
    )
    return Found(message, manifest.id, ("spec", "minAvailable"), certain)


def _judge_overlap(inventory: Inventory) -> Iterator[Found]:
    first: dict[int, Manifest] = {}
    for manifest, selector in budgets(inventory):
        for pods in inventory.select(selector, manifest.id.namespace):
            other = first.setdefault(id(pods), manifest)
            if other is not manifest and other.id != manifest.id:
                message = (
                    f"{title(manifest)} protects the pods of {title(pods.owner)}, "
                    f"and so does {title(other)}"
                )
                yield Found(message, manifest.id, ("spec", "selector"))
                break


def _judge_unprotected(inventory: Inventory, settings: Settings) -> Iterator[Found]:
    if not is_production(inventory.context.environment, "pdb-missing"):
        return
    for pods in inventory.pods:
        count = least_replicas(inventory, pods) if pods.kind in SCALABLE else None
        if count is None or count < max(2, settings["replicas"]):
            continue
        if not is_protected(inventory, pods):
            message = f"{title(pods.owner)} runs {count} pods or more, and no budget protects them"
            yield Found(message, pods.owner.id)


PDB_TARGET = Rule(
    "pdb-target",
    Severity.DENY,
    "availability",
    why="A budget that means no pods protects none.",
    fix="Give the budget's selector the labels of the pod template.",
    link="https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
    judge=_judge_target,
    about=frozenset({PDB}),
)
PDB_SATISFIABLE = Rule(
    "pdb-satisfiable",
    Severity.DENY,
    "availability",
    why="A budget that never lets a pod go blocks every drain, and so the upgrade of every node.",
    fix="Allow maxUnavailable 1, or run one replica more than minAvailable.",
    link="https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets",
    judge=_judge_satisfiable,
    about=frozenset({PDB}),
)
PDB_OVERLAP = Rule(
    "pdb-overlap",
    Severity.DENY,
    "availability",
    why="The eviction API refuses pods that two budgets mean, and so no node can be drained.",
    fix="Let exactly one budget select these pods.",
    link="https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
    judge=_judge_overlap,
    about=frozenset({PDB}),
)
PDB_MISSING = Rule(
    "pdb-missing",
    Severity.WARN,
    "availability",
    why="Without a budget a drain may evict all pods of a workload at once.",
    fix="Add a PodDisruptionBudget with maxUnavailable 1 that selects the workload's pods.",
    link="https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
    tuned=_judge_unprotected,
    settings={"replicas": Setting("number", 2, "from how many pods on a budget is asked for")},
)
