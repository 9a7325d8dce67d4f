"""Claims that name the volume that they want, and can never have it."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, listed, scalar, shown, text, texts
from tidegate.policy.schemas.quantity import amount_of

_CLAIM, _VOLUME = "PersistentVolumeClaim", "PersistentVolume"
_CORE = frozenset({""})
_SIZE: FieldPath = ("spec", "resources", "requests", "storage")


def _judge(inventory: Inventory) -> Iterator[Found]:
    for claim in inventory.of(_CLAIM, groups=_CORE):
        name = text(at(claim.data, "spec", "volumeName"))
        for volume in inventory.find(_VOLUME, "", name)[:1] if name else ():
            for field, message in _misfits(claim, volume):
                yield Found(f"{title(claim)} {message}", claim.id, field)


def _misfits(claim: Manifest, volume: Manifest) -> Iterator[tuple[FieldPath, str]]:
    """Why a claim isn't bound to the volume that it names."""
    had = texts(at(volume.data, "spec", "accessModes"))
    wanted = texts(at(claim.data, "spec", "accessModes"))
    strange = [mode for mode in wanted if mode not in had]
    if strange and had:
        yield (
            ("spec", "accessModes"),
            f"wants {listed(strange)} of {title(volume)}, which has {listed(had)}",
        )
    size, capacity = (
        at(claim.data, *map(str, _SIZE)),
        at(volume.data, "spec", "capacity", "storage"),
    )
    asked, there = amount_of(scalar(size)), amount_of(scalar(capacity))
    if asked is not None and there is not None and asked > there:
        had_size = f"{title(volume)}, which has {shown(scalar(capacity))}"
        yield _SIZE, f"wants {shown(scalar(size))} of {had_size}"
    classes = [at(manifest.data, "spec", "storageClassName") for manifest in (claim, volume)]
    # Where a claim says nothing, the cluster's default counts.
    if isinstance(classes[0], str) and classes[0] != text(classes[1]):
        yield (
            ("spec", "storageClassName"),
            f"is of the class '{shown(classes[0])}', and {title(volume)} of "
            f"'{shown(text(classes[1]))}'",
        )
    owner = at(volume.data, "spec", "claimRef")
    ids = [text(at(owner, key)) for key in ("namespace", "name")]
    ours = [claim.id.namespace or ids[0], claim.id.name]
    if ids[1] and ids != ours:
        kept = "/".join(filter(None, ids))
        yield ("spec", "volumeName"), f"wants {title(volume)}, which is kept for '{shown(kept)}'"


CLAIM_VOLUME = Rule(
    "claim-volume",
    Severity.DENY,
    "configuration",
    why="A claim that doesn't fit the volume that it names is never bound, and its pods wait.",
    fix="Give both the same class, the claim's modes to the volume, and it no less space.",
    link="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reserving-a-persistentvolume",
    judge=_judge,
    about=frozenset({_CLAIM}),
)
