"""One sentence about something that isn't there, the same for every rule that looks for it."""

from __future__ import annotations

from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.inventory import Inventory, Missing
from tidegate.policy.rules.rule import Found
from tidegate.policy.rules.shapes import shown
from tidegate.policy.rules.spelling import suggestion


def absent(
    inventory: Inventory,
    manifest: Manifest,
    field: FieldPath,
    kind: str,
    name: str,
    *,
    doing: str = "names",
    namespace: str | None = None,
    certain: bool = True,
) -> Found | None:
    """The mistake of an object that names another which isn't there; None where it is, or where
    nobody can know."""
    place = manifest.id.namespace if namespace is None else namespace
    missing = inventory.missing(kind, place, name)
    if missing is None:
        return None
    return lacking(manifest, field, kind, name, missing, doing=doing, certain=certain)


def lacking(
    manifest: Manifest,
    field: FieldPath,
    kind: str,
    name: str,
    missing: Missing,
    *,
    doing: str = "names",
    certain: bool = True,
) -> Found:
    """The sentence for what is missing."""
    message = (
        f"{title(manifest)} {doing} the {kind} '{shown(name)}', which is not in this overlay"
        f"{suggestion(missing.near)}"
    )
    return Found(message, manifest.id, field, certain and missing.certain)


def title(manifest: Manifest) -> str:
    """`Deployment recommender`."""
    return f"{shown(manifest.id.kind)} {shown(manifest.id.name)}"
