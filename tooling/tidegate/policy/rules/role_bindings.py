"""Role bindings: the role that they give, and the service accounts that they give it to."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import absent, title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, entries, mapping, shown, text
from tidegate.policy.rules.spelling import is_slip, nearest_name, suggestion

_KINDS = ("RoleBinding", "ClusterRoleBinding")
_OTHER_KIND = {"Role": "ClusterRole", "ClusterRole": "Role"}
_BUILT_IN = frozenset({"admin", "cluster-admin", "edit", "view"})
_RBAC = frozenset({"rbac.authorization.k8s.io"})


def _judge_role(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(*_KINDS, groups=_RBAC):
        reference = mapping(at(manifest.data, "roleRef"))
        kind, name = text(reference.get("kind")), text(reference.get("name"))
        mixed = _mixed_up(inventory, manifest, kind, name)
        if mixed:
            yield mixed
            continue
        if kind == "ClusterRole" and not inventory.names(kind, ""):
            continue  # cluster roles are mostly the platform's
        if kind in ("Role", "ClusterRole"):
            found = absent(
                inventory,
                manifest,
                ("roleRef", "name"),
                kind,
                name,
                doing="gives",
                namespace="" if kind == "ClusterRole" else None,
                certain=kind == "Role",
            )
            if found:
                yield found


def _mixed_up(inventory: Inventory, manifest: Manifest, kind: str, name: str) -> Found | None:
    """A role that is here as the other kind alone, which nobody gives: it was meant."""
    other = _OTHER_KIND.get(kind)
    if other is None or name in _BUILT_IN or name.startswith("system:"):
        return None
    here = _find(inventory, manifest, other, name)
    if not here or _find(inventory, manifest, kind, name):
        return None
    if inventory.may_exist(kind, "" if kind == "ClusterRole" else manifest.id.namespace, name):
        return None
    for binding in inventory.of(*_KINDS, groups=_RBAC):
        if (at(binding.data, "roleRef", "kind"), at(binding.data, "roleRef", "name")) == (
            other,
            name,
        ):
            return None  # so the binding may well mean another one, of somebody else
    message = (
        f"{title(manifest)} gives the {kind} '{shown(name)}', which is not in this overlay; "
        f"did you mean the {other} of that name?"
    )
    return Found(message, manifest.id, ("roleRef", "kind"))


def _find(inventory: Inventory, manifest: Manifest, kind: str, name: str) -> list[Manifest]:
    place = "" if kind == "ClusterRole" else manifest.id.namespace
    found = inventory.find(kind, place, name)
    return [role for role in found if role.id.group in _RBAC]


def _judge_subject(inventory: Inventory) -> Iterator[Found]:
    places = {manifest.id.namespace for manifest in inventory.of("ServiceAccount")}
    for manifest in inventory.of(*_KINDS, groups=_RBAC):
        for index, subject in entries(manifest.data, "subjects"):
            if subject.get("kind") != "ServiceAccount":
                continue
            place = text(subject.get("namespace")) or manifest.id.namespace
            own = manifest.id.namespace
            if place not in places and "" not in places and place != own:
                # An account of another overlay, or of a namespace that is mistyped.
                yield from _elsewhere(inventory, manifest, index, text(subject.get("name")), place)
                continue
            found = absent(
                inventory,
                manifest,
                ("subjects", index, "name"),
                "ServiceAccount",
                text(subject.get("name")),
                doing="gives a role to",
                namespace=place,
                certain=inventory.is_whole,
            )
            if found:
                yield found


def _elsewhere(
    inventory: Inventory, manifest: Manifest, index: int, name: str, place: str
) -> Iterator[Found]:
    places = [m.id.namespace for m in inventory.of("ServiceAccount") if m.id.name == name]
    near = nearest_name(place, places)
    if is_slip(place, near):
        message = (
            f"{title(manifest)} gives a role to the ServiceAccount {shown(name)} of the namespace "
            f"'{shown(place)}'{suggestion(near)}"
        )
        yield Found(message, manifest.id, ("subjects", index, "namespace"))


BINDING_ROLE = Rule(
    "rolebinding-role",
    Severity.DENY,
    "security",
    why="A binding to a role that doesn't exist gives nothing, until somebody makes that role.",
    fix="Add the role, or declare it under cluster.provides.",
    link="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding",
    judge=_judge_role,
    about=frozenset(_KINDS),
)
BINDING_SUBJECT = Rule(
    "rolebinding-subject",
    Severity.WARN,
    "security",
    why="Rights of an account that doesn't exist are had by whoever makes one of that name.",
    fix="Name a ServiceAccount of the overlay, with its namespace.",
    link="https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
    judge=_judge_subject,
    about=frozenset(_KINDS),
)
