"""One sentence about a selector that selects no pods, the same for every rule that has one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.labels import RUNTIME_LABELS, Labels, Selector
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found
from tidegate.policy.rules.shapes import entries, sequence, shown
from tidegate.policy.rules.spelling import is_slip, nearest_name

_MOST = 50


def selects_nothing(
    inventory: Inventory,
    manifest: Manifest,
    selector: Selector | None,
    field: FieldPath,
    *,
    doing: str = "selects",
) -> Found | None:
    """The mistake of a selector that means no pod of the overlay; None where it means some, and
    where pods may come from elsewhere."""
    if selector is None or selector.is_open or inventory.has_unknown_pods:
        return None
    namespace = manifest.id.namespace
    if inventory.select(selector, namespace):
        return None
    templates = [pods.labels for pods in islice(inventory.pods_at(namespace), _MOST)]
    if not templates:
        return None  # an overlay without pods is about those of another
    if not inventory.is_whole and _of_others(inventory, selector, templates):
        return None
    near = nearest_pair(selector, templates)
    message = (
        f"{title(manifest)} {doing} pods with {selector}, and no pod of this overlay has "
        f"{'that label' if len(selector.pairs) == 1 else 'these labels'}"
    )
    if near:
        (key, value), ours = near
        message += f"; did you mean {shown(key)}={shown(value)}?"
        slip = is_slip(ours[1], value) if key == ours[0] else is_slip(ours[0], key)
    else:
        slip = False
    whole = inventory.is_whole and not _may_be_added(selector, templates)
    path = (*field, near[1][0]) if near and near[1][0] in dict(selector.pairs) else field
    return Found(message, manifest.id, path, whole or slip)


def nearest_pair(
    selector: Selector, templates: Iterable[Labels]
) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """The label that was probably meant, and the pair of the selector that was written instead."""
    known = list(islice(templates, _MOST))
    for key, value in selector.pairs:
        if key in RUNTIME_LABELS or any(labels.get(key) == value for labels in known):
            continue
        values = dict.fromkeys(labels[key] for labels in known if key in labels)
        near = nearest_name(value, values)
        if near:
            return (key, near), (key, value)
        keys = [k for labels in known for k, v in labels.items() if v == value]
        other = nearest_name(key, keys) or (keys[0] if keys else None)
        if other:
            return (other, value), (key, value)
    return None


def _of_others(inventory: Inventory, selector: Selector, templates: Iterable[Labels]) -> bool:
    """Whether a program that is here makes pods, and the selector speaks of labels that no
    template has: those of the pods that it makes."""
    keys = {key for labels in templates for key in labels}
    spoken = {key for key, _ in selector.pairs} | {key for key, _, _ in selector.expressions}
    return not keys & spoken and inventory.once("makes pods", _makes_pods)


_WORKLOADS = {"*", "pods", "deployments", "statefulsets", "daemonsets", "replicasets", "jobs"}


def _makes_pods(inventory: Inventory) -> bool:
    """Whether a role lets somebody make pods, or what makes them."""
    return any(
        {"create", "*"} & set(_texts(rule, "verbs")) and _WORKLOADS & set(_texts(rule, "resources"))
        for role in inventory.of("Role", "ClusterRole")
        for _, rule in entries(role.data, "rules")
    )


def _texts(rule: Mapping[str, Any], key: str) -> list[str]:
    return [item for item in sequence(rule.get(key)) if isinstance(item, str)]


def _may_be_added(selector: Selector, templates: Iterable[Labels]) -> bool:
    """Whether pods fit but for keys that no template has: the program may set such labels."""
    known = list(islice(templates, _MOST))
    for labels in known:
        rest = [(k, v) for k, v in selector.pairs if labels.get(k) != v]
        if len(rest) < len(selector.pairs) and not any(k in t for k, _ in rest for t in known):
            return True
    return False
