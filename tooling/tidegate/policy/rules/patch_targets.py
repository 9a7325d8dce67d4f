"""Entries of a kustomization's `patches` that change nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.domain.patch_target import PatchTarget
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import shown
from tidegate.policy.rules.spelling import is_slip, nearest_name, suggestion

_MOST = 200  # more than any kustomization that a person wrote


def _judge(inventory: Inventory) -> Iterator[Found]:
    for entry in inventory.context.patches[:_MOST]:
        if any(_fits(entry, manifest) for manifest in inventory.manifests):
            continue
        field = ("patches", entry.position)
        alike = [m.id.name for m in inventory.manifests if entry.kind in ("", m.id.kind)]
        if entry.name and alike:
            what = f"'{shown(entry.name)}'"
            what = f"the {shown(entry.kind)} {what}" if entry.kind else what
            near = nearest_name(entry.name, alike)
            near = near if is_slip(entry.name, near) else None  # of no name that has grown since
        else:
            what = f"objects of the kind {shown(entry.kind)}"
            near = nearest_name(entry.kind, inventory.kinds)
        message = (
            f"patches is for {what}, of which this overlay has none: it changes nothing"
            f"{suggestion(near)}"
        )
        yield Found(message, None, field)


def _fits(entry: PatchTarget, manifest: Manifest) -> bool:
    """Whether the entry may have chosen the object; its name has grown since, perhaps."""
    return entry.kind in ("", manifest.id.kind) and entry.name in manifest.id.name


PATCH_TARGET = Rule(
    "patch-target",
    Severity.WARN,
    "gitops",
    why="kustomize says nothing of a patch whose target fits no object: nothing is patched.",
    fix="Name the kind and the object as the base does, or remove the patch.",
    link="https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/",
    judge=_judge,
)
