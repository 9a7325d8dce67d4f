"""Secrets that external-secrets makes: the keys that each will have, where that is certain."""

from __future__ import annotations

from tidegate.domain.manifest import Manifest
from tidegate.policy.rules.hearsay import Hearsay, Makers
from tidegate.policy.rules.index import Places
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.provisions import provided
from tidegate.policy.rules.shapes import at, entries, mapping, sequence, text

_GROUPS = frozenset({"external-secrets.io"})
_SECRET, _KIND = "Secret", "ExternalSecret"
# Other policies fill a Secret of somebody else's, or make none.
_OWNING = ("", "Owner")


def made_keys(inventory: Inventory, namespace: str, name: str) -> tuple[Manifest, list[str]] | None:
    """The ExternalSecret that alone makes a Secret, and the Secret's keys; None where there is
    none, where somebody else may fill the Secret too, or where only the store knows the keys."""
    places = inventory.once("targets of ExternalSecrets", _by_target).get(name)
    makers = places.at(namespace) if places else ()
    if len(makers) != 1 or inventory.find(_SECRET, namespace, name):
        return None
    keys = _keys(makers[0])
    return (makers[0], keys) if keys and not _is_shared(inventory, namespace, name) else None


def _by_target(inventory: Inventory) -> dict[str, Places[Manifest]]:
    found: dict[str, Places[Manifest]] = {}
    for manifest in inventory.of(_KIND, groups=_GROUPS):
        target = text(at(manifest.data, "spec", "target", "name")) or manifest.id.name
        found.setdefault(target, Places()).add(manifest.id.namespace, manifest)
    return found


def _keys(manifest: Manifest) -> list[str]:
    """The keys of its Secret; none where the store, a template or a variable decides on them."""
    spec = mapping(manifest.data.get("spec"))
    target = mapping(spec.get("target"))
    open_ = spec.get("dataFrom") or target.get("template") or target.get("manifest")
    if open_ or text(target.get("creationPolicy")) not in _OWNING:
        return []
    keys = [text(item.get("secretKey")) for _, item in entries(spec, "data")]
    whole = len(keys) == len(sequence(spec.get("data")))
    return keys if whole and all(keys) and not any("$" in k or "{{" in k for k in keys) else []


def _is_shared(inventory: Inventory, namespace: str, name: str) -> bool:
    """Whether somebody beside ExternalSecrets may write the Secret: a chart, the cluster, a
    controller, a program that is told its name."""
    environment = inventory.context.environment
    patterns = environment.cluster.provides if environment else ()
    return (
        bool(inventory.releases)
        or provided(patterns, _SECRET, namespace, name)
        or inventory.once("makers of Secrets", _makers).may_make(name)
        or inventory.once("hearsay of Secrets", _hearsay).says(name)
    )


def _makers(inventory: Inventory) -> Makers:
    return Makers(inventory.makers)


def _hearsay(inventory: Inventory) -> Hearsay:
    others = [m for m in inventory.manifests if (m.id.group, m.id.kind) != (*_GROUPS, _KIND)]
    return Hearsay(others, inventory.pods)
